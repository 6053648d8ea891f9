"""Recognising accounts and rows of a bank that is linked again."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from openledger_server.banking.relink import ChosenAccount, duplicate_of, predecessors, successors
from openledger_server.banking.rows import BankAccountRow, OrphanRow
from openledger_server.banking.types import (
    BankAccountFact,
    BankAccountId,
    BankTransactionFact,
    BankTransactionId,
    ItemId,
    ReportedBalance,
)

NOW = datetime(2026, 5, 1, tzinfo=UTC)


def row(number: int = 1, *, name: str = "Checking", mask: str | None = "0000", **more: object) -> BankAccountRow:
    given: dict[str, object] = {
        "id": BankAccountId(number),
        "item_id": ItemId(7),
        "provider_account_id": f"old {number}",
        "name": name,
        "official_name": None,
        "mask": mask,
        "type": "depository",
        "subtype": "checking",
        "currency": "USD",
        "ledger_account_id": 100 + number,
        "reported_current": None,
        "reported_available": None,
        "reported_limit": None,
        "reported_at": None,
        "settled_count": 0,
        "pending_count": 0,
        "linked_at": NOW,
        "provider_item_id": "item",
        "institution_id": "ins_1",
        "institution_name": "Bank",
        "item_state": "disconnected",
        "history_complete_at": NOW,
        "last_synced_at": NOW,
        "error_code": None,
        "error_message": None,
        **more,
    }
    return BankAccountRow(**given)  # type: ignore[arg-type]  # a table of values for one constructor


def fact(
    name: str = "Checking", mask: str | None = "0000", subtype: str = "checking", persistent: str | None = None
) -> BankAccountFact:
    return BankAccountFact(
        provider_account_id="new",
        name=name,
        official_name=None,
        mask=mask,
        type="depository",
        subtype=subtype,
        currency="USD",
        reported_balance=ReportedBalance(current=None, available=None, limit=None),
        persistent_account_id=persistent,
    )


@pytest.mark.parametrize(
    ("new", "old", "is_same"),
    [
        (fact(), row(), True),
        (fact(name="CHECKING "), row(), True),
        (fact(name="Everyday"), row(), True),
        (fact(mask="1111"), row(), False),
        (fact(name="Savings", subtype="savings"), row(), False),
        (fact(mask=None), row(mask=None), True),
        (fact(name="Everyday", mask=None), row(mask=None), False),
        (fact(name="Other", mask="9", persistent="p"), row(persistent_account_id="p"), True),
        (fact(persistent="p"), row(persistent_account_id="q"), False),
        (fact(), row(currency="EUR"), False),
        (fact(), row(institution_id="ins_2"), False),
        (fact(), row(item_state="healthy"), False),
        (fact(), row(item_state="healthy", unlinked_at=NOW), True),
        (fact(), row(item_state="error"), True),
        (fact(), row(item_state="login_required"), False),
    ],
)
def test_which_account_continues_which(new: BankAccountFact, old: BankAccountRow, is_same: bool) -> None:  # noqa: FBT001 - a table
    assert predecessors([new], [old], institution_id="ins_1") == ({"new": old} if is_same else {})


def test_an_account_that_fits_two_is_left_to_a_person() -> None:
    assert predecessors([fact()], [row(1), row(2)], institution_id="ins_1") == {}


def test_a_duplicate_is_a_linked_account_of_the_same_bank_name_and_mask() -> None:
    linked, ended = row(1, item_state="login_required"), row(2)
    wanted = [ChosenAccount(name="checking", mask="0000")]
    assert duplicate_of(wanted, [ended, linked], institution_id="ins_1") is linked
    assert duplicate_of(wanted, [ended], institution_id="ins_1") is None
    assert duplicate_of(wanted, [linked], institution_id="ins_2") is None
    assert duplicate_of([ChosenAccount(name="checking", mask=None)], [linked], institution_id="ins_1") is None


def bank_transaction(provider_id: str, *, pending: bool = False, text: str = "Coffee  #12") -> BankTransactionFact:
    return BankTransactionFact(
        provider_transaction_id=provider_id,
        provider_account_id="new",
        pending_provider_id=None,
        amount=Decimal("-3.50"),
        currency="USD",
        dated=date(2026, 4, 1),
        authorized_on=None,
        is_pending=pending,
        description=text,
        merchant_name=None,
        merchant_entity_id=None,
        payment_channel=None,
        provider_category=None,
        provider_category_version=None,
        provider_confidence=None,
        check_number=None,
        raw=b"{}",
    )


def orphan(number: int) -> OrphanRow:
    return OrphanRow(
        id=BankTransactionId(number),
        bank_account_id=BankAccountId(1),
        dated=date(2026, 4, 1),
        amount=Decimal("-3.5"),
        currency="USD",
        description="COFFEE #12",
        is_pending=False,
        is_live=True,
    )


def test_equal_rows_are_taken_over_one_for_one() -> None:
    """Two coffees were there, three come: two are the same ones, the third is new."""
    facts = [bank_transaction("a"), bank_transaction("b"), bank_transaction("c")]
    found = successors(facts, [orphan(1), orphan(2)], bank_account_ids={"new": BankAccountId(1)})
    assert found == {1: "a", 2: "b"}


def test_other_words_other_accounts_and_pending_rows_are_not_taken_over() -> None:
    facts = [bank_transaction("a", text="Tea"), bank_transaction("b", pending=True)]
    assert successors(facts, [orphan(1)], bank_account_ids={"new": BankAccountId(1)}) == {}
    assert successors([bank_transaction("c")], [orphan(1)], bank_account_ids={"new": BankAccountId(2)}) == {}
