"""Journal entries from bank facts: pure functions, no database."""

from datetime import date

from openledger_server.banking.types import BankAccountId, BankTransactionId
from openledger_server.base.money import NotRepresentableError, UnknownCurrencyError, minor_units
from openledger_server.bookkeeping.types import Bookable, Booking, Share
from openledger_server.ledger.types import EntryKind, JournalEntry, JournalEntryId, LedgerAccountId, Posting


def desired_booking(row: Bookable) -> Booking | None:
    """Return how a bank transaction should be booked now, or None if it should not be.

    Not booked are rows that the bank took back, pending rows, rows of amount zero, rows that are left out, and
    rows that cannot be stated exactly in the books: an unknown currency, another currency than the bank account's,
    digits below the smallest unit. The latter wait and show as a difference between bank and books.
    """
    if not row.is_live or row.is_pending or row.is_excluded or row.amount == 0 or row.currency != row.bank_currency:
        return None
    try:
        inflow_minor = minor_units(row.amount, row.currency)
        split = tuple(Share(account, minor_units(amount, row.currency)) for account, amount in row.split)
    except (NotRepresentableError, UnknownCurrencyError):
        return None
    return Booking(
        dated=row.post_on or row.dated,
        inflow_minor=inflow_minor,
        currency=row.currency,
        bank=row.bank_ledger_account_id,
        category=split[0].category if split else row.category_ledger_account_id,
        split=split,
    )


def cannot_be_stated(row: Bookable) -> bool:
    """Return whether a row should be in the books but they cannot state it."""
    is_wanted = row.is_live and not row.is_pending and not row.is_excluded and row.amount != 0
    return is_wanted and desired_booking(row) is None


def why_recorded(row: Bookable) -> str:
    """Return, in a sentence for people, why a row is booked as it is."""
    if row.post_on is None or row.post_on == row.dated:
        return row.reason
    return f"{row.reason} Its own day, {row.dated.isoformat()}, is in a closed period."


def why_taken_back(row: Bookable, desired: Booking | None) -> str:
    """Return, in a sentence for people, why the present entry of a row is taken back; `desired` comes in its place."""
    if row.is_before_start:
        return "The books of this bank account begin later than it."
    if not row.is_live:
        return "The bank took this transaction back."
    if row.is_excluded:
        by_rule = f"Left out of the books. {row.reason}"
        return by_rule if row.is_excluded_by_rule else "Left out of the books by a person."
    if desired is None:
        return "The bank changed this transaction; it is not booked as it is now."
    assert row.booked is not None
    if (desired.dated, desired.inflow_minor, desired.currency) != (
        row.booked.dated,
        row.booked.inflow_minor,
        row.booked.currency,
    ):
        return "The bank changed this transaction."
    return f"Booked to another account: {row.reason}"


def entry_for(
    booking: Booking,
    *,
    journal_entry_id: JournalEntryId,
    bank_transaction_id: BankTransactionId,
    revision: int,
    description: str,
    reason: str = "",
) -> JournalEntry:
    """Return the journal entry that records one settled bank transaction.

    Money in debits the bank account's ledger account and credits the category; money out the reverse. The same holds
    for liabilities: a purchase on a card credits the card's account.
    """
    return JournalEntry(
        id=journal_entry_id,
        dated=booking.dated,
        source_ref=f"bank_transaction:{bank_transaction_id}:{revision}",
        description=description,
        kind=EntryKind.BANK_TRANSACTION,
        reason=reason,
        postings=(
            Posting(booking.bank, booking.inflow_minor, booking.currency),
            *(Posting(share.category, -share.inflow_minor, booking.currency) for share in booking.shares),
        ),
    )


def reversal_of(
    booking: Booking,
    *,
    journal_entry_id: JournalEntryId,
    reverses_id: JournalEntryId,
    description: str,
    reason: str = "",
    dated: date | None = None,
) -> JournalEntry:
    """Return the entry that takes back the entry of `booking`.

    It has the same date, so that no period shows either, unless that is closed and `dated` names another day.
    """
    return JournalEntry(
        id=journal_entry_id,
        dated=dated or booking.dated,
        source_ref=f"reversal:{reverses_id}",
        description=f"Reversal: {description}",
        kind=EntryKind.REVERSAL,
        reason=reason,
        postings=(
            Posting(booking.bank, -booking.inflow_minor, booking.currency),
            *(Posting(share.category, share.inflow_minor, booking.currency) for share in booking.shares),
        ),
        reverses_id=reverses_id,
    )


def opening_entry(
    *,
    journal_entry_id: JournalEntryId,
    source_ref: str,
    dated: date,
    amount_minor: int,
    currency: str,
    bank: LedgerAccountId,
    equity: LedgerAccountId,
    description: str,
    reason: str = "",
    reverses_id: JournalEntryId | None = None,
) -> JournalEntry:
    """Return the entry that puts a bank account's money before the first imported row against equity.

    `amount_minor` is debit-positive on the bank account's ledger account, so it is negative for money owed.
    """
    return JournalEntry(
        id=journal_entry_id,
        dated=dated,
        source_ref=source_ref,
        description=description,
        kind=EntryKind.OPENING_BALANCE if reverses_id is None else EntryKind.REVERSAL,
        reason=reason,
        postings=(Posting(bank, amount_minor, currency), Posting(equity, -amount_minor, currency)),
        reverses_id=reverses_id,
    )


def opening_source_ref(bank_account_id: BankAccountId, revision: int) -> str:
    """Return the source_ref of the opening entry of one revision."""
    return f"opening_balance:{bank_account_id}:{revision}"
