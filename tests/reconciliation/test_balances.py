"""Bank against books, as arithmetic.

account   type        bank says   books say (debit > 0)   seen from the bank
checking  depository  120.50      120.50                  120.50 = 120.50
card      credit      75.10 owed  -75.10                  75.10  = 75.10
savings   depository  10.00       7.00                    10.00  - 7.00 = 3.00
broken    depository  nothing     5.00                    unknown
"""

from datetime import UTC, datetime
from decimal import Decimal

from openledger_server.banking.rows import BankAccountRow
from openledger_server.banking.types import BankAccountId, ItemId
from openledger_server.ledger.types import AccountTotal, LedgerAccountId
from openledger_server.reconciliation.balances import compare

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def bank_account(
    number: int, *, type_: str = "depository", current: str | None, currency: str = "USD"
) -> BankAccountRow:
    return BankAccountRow(
        id=BankAccountId(number),
        item_id=ItemId(1),
        provider_account_id=f"p{number}",
        name=f"Account {number}",
        official_name=None,
        mask=None,
        type=type_,
        subtype=None,
        currency=currency,
        ledger_account_id=100 + number,
        reported_current=None if current is None else Decimal(current),
        reported_available=None,
        reported_limit=None,
        reported_at=NOW,
        settled_count=0,
        pending_count=0,
        linked_at=NOW,
        provider_item_id="item",
        institution_id=None,
        institution_name=None,
        item_state="healthy",
        history_complete_at=NOW,
        last_synced_at=NOW,
        error_code=None,
        error_message=None,
    )


def total(number: int, net_minor: int, currency: str = "USD") -> AccountTotal:
    return AccountTotal(
        ledger_account_id=LedgerAccountId(100 + number),
        currency=currency,
        debits_minor=max(net_minor, 0),
        credits_minor=max(-net_minor, 0),
        base_debits_minor=max(net_minor, 0),
        base_credits_minor=max(-net_minor, 0),
    )


def test_money_held_and_money_owed_are_both_positive_from_the_banks_view() -> None:
    checks = compare(
        [bank_account(1, current="120.50"), bank_account(2, type_="credit", current="75.10")],
        [total(1, 12050), total(2, -7510)],
    )
    assert [(check.reported_minor, check.ledger_minor, check.is_equal) for check in checks] == [
        (12050, 12050, True),
        (7510, 7510, True),
    ]


def test_difference_is_what_the_bank_has_more() -> None:
    (check,) = compare([bank_account(3, current="10.00")], [total(3, 700)])
    assert (check.difference_minor, check.is_equal) == (300, False)


def test_unknown_reported_balance_equals_nothing() -> None:
    (check,) = compare([bank_account(4, current=None)], [total(4, 500)])
    assert (check.reported_minor, check.ledger_minor, check.difference_minor, check.is_equal) == (
        None,
        500,
        None,
        False,
    )


def test_account_without_postings_holds_nothing() -> None:
    (check,) = compare([bank_account(5, current="0")], [])
    assert (check.reported_minor, check.ledger_minor, check.is_equal) == (0, 0, True)


def test_postings_in_another_currency_do_not_count() -> None:
    (check,) = compare([bank_account(6, current="500", currency="JPY")], [total(6, 999), total(6, 500, "JPY")])
    assert check.is_equal
