from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from openledger_server.banking.types import BankTransactionId
from openledger_server.bookkeeping.entries import desired_booking, entry_for, reversal_of
from openledger_server.bookkeeping.types import Bookable
from openledger_server.ledger.types import (
    JournalEntry,
    JournalEntryId,
    LedgerAccountId,
    Posting,
    UnbalancedEntryError,
)

BANK, EXPENSE = LedgerAccountId(1), LedgerAccountId(2)
PURCHASE = Bookable(
    bank_transaction_id=BankTransactionId(7),
    is_live=True,
    is_pending=False,
    dated=date(2026, 2, 28),
    amount=Decimal("-50.00"),
    currency="USD",
    description="STAPLES",
    bank_ledger_account_id=BANK,
    bank_currency="USD",
    category_ledger_account_id=EXPENSE,
    reason="The bank's category.",
    revision=0,
    journal_entry_id=None,
    booked=None,
)


def recorded(row: Bookable) -> JournalEntry:
    booking = desired_booking(row)
    assert booking is not None
    return entry_for(
        booking,
        journal_entry_id=JournalEntryId(1),
        bank_transaction_id=row.bank_transaction_id,
        revision=1,
        description="",
    )


def test_money_out_credits_the_bank_and_debits_the_category() -> None:
    assert recorded(PURCHASE).postings == (Posting(BANK, -5000, "USD"), Posting(EXPENSE, 5000, "USD"))


def test_money_in_debits_the_bank() -> None:
    assert recorded(replace(PURCHASE, amount=Decimal(2000))).postings[0] == Posting(BANK, 200000, "USD")


def test_a_reversal_takes_back_every_posting_on_the_same_day() -> None:
    booking = desired_booking(PURCHASE)
    assert booking is not None
    entry = recorded(PURCHASE)
    back = reversal_of(booking, journal_entry_id=JournalEntryId(2), reverses_id=entry.id, description="")
    assert back.dated == entry.dated
    assert [line.amount_minor for line in back.postings] == [-line.amount_minor for line in entry.postings]


@pytest.mark.parametrize(
    "row",
    [
        replace(PURCHASE, is_pending=True),
        replace(PURCHASE, is_live=False),
        replace(PURCHASE, amount=Decimal(0)),
        replace(PURCHASE, amount=Decimal("0.005")),
        replace(PURCHASE, currency="EUR"),
        replace(PURCHASE, currency="BTC", bank_currency="BTC"),
    ],
)
def test_what_the_books_cannot_state_exactly_is_not_booked(row: Bookable) -> None:
    assert desired_booking(row) is None


@pytest.mark.parametrize(
    "postings",
    [
        (),
        (Posting(BANK, 1, "USD"),),
        (Posting(BANK, 1, "USD"), Posting(EXPENSE, -2, "USD")),
        (Posting(BANK, 1, "USD"), Posting(EXPENSE, -1, "EUR")),
        (Posting(BANK, 0, "USD"), Posting(EXPENSE, 0, "USD")),
    ],
)
def test_an_entry_that_does_not_balance_cannot_exist(postings: tuple[Posting, ...]) -> None:
    with pytest.raises(UnbalancedEntryError):
        JournalEntry(id=JournalEntryId(1), dated=date(2026, 1, 1), source_ref="x", description="", postings=postings)
