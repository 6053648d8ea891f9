"""Changing and taking out a transaction of the list, be it a bank's or a person's."""

from dataclasses import dataclass, replace

from openledger_server.banking import store as banking
from openledger_server.banking.types import BankTransactionId
from openledger_server.base import db
from openledger_server.base.errors import ConflictError, InvalidError
from openledger_server.bookkeeping import store as bookkeeping
from openledger_server.bookkeeping.listing import ListedTransaction
from openledger_server.ledger.manual import store as manual
from openledger_server.ledger.manual.types import EntryContent, Line, ManualEntryId, UnknownManualEntryError
from openledger_server.ledger.types import LedgerAccountId
from openledger_server.workflows.annotate import annotate
from openledger_server.workflows.exclude_transaction import exclude
from openledger_server.workflows.manual_entries import Desk, change_entry, delete_entry
from openledger_server.workflows.services import Services
from openledger_server.workflows.set_category import set_category


class BankSideFixedError(InvalidError):
    """One of the two accounts of a bank transaction is the bank account's own, which the bank decides."""

    code = "BANK_SIDE_IS_FIXED"


class SeveralLinesError(ConflictError):
    """The entry has several lines on the side that is to be changed."""

    code = "ENTRY_HAS_SEVERAL_LINES"

    def __init__(self) -> None:
        super().__init__("This entry has several lines on that side. Change it under /v1/journal-entries.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """What is to be different; None: as it is."""

    debit: LedgerAccountId | None = None
    credit: LedgerAccountId | None = None
    description: str | None = None


async def take_out(services: Services, *, desk: Desk, transaction_id: BankTransactionId, reason: str) -> str:
    """Reverse an entry that a person wrote, or exclude a bank transaction; say in a sentence what was done.

    Raises:
        UnknownBankTransactionError: if the entity has no transaction of that id.
    """
    try:
        await delete_entry(services, desk=desk, manual_entry_id=ManualEntryId(transaction_id), reason=reason)
    except UnknownManualEntryError:
        await exclude(
            services,
            desk=desk,
            bank_transaction_ids=[transaction_id],
            reason=reason or "Taken out of the books by hand.",
        )
        return "The bank transaction is left out of the books. It can be taken back in."
    return "The transaction is taken back. The journal shows it and its reversal."


async def edit(services: Services, wanted: Edit, *, desk: Desk, transaction_id: BankTransactionId) -> None:
    """Let a transaction say something else; saying what it says already changes nothing.

    Raises:
        UnknownManualEntryError: if the entity has no transaction of that id.
        UnknownLedgerAccountError: if an account is none of its chart.
        BankSideFixedError, SeveralLinesError: if this cannot be changed here.
    """
    entity_id = desk.entity_id
    async with db.read_entity(services.pool, entity_id=entity_id) as conn:
        found = await bookkeeping.listed_transactions(conn, entity_id=entity_id, limit=1, ids=[transaction_id])
        bank_accounts = await banking.bank_accounts(conn, entity_id=entity_id)
        if not found:
            entry = await manual.manual_entry(conn, entity_id=entity_id, manual_entry_id=ManualEntryId(transaction_id))
    if not found:
        await change_entry(services, _edited(entry.content, wanted), desk=desk, manual_entry_id=entry.id)
        return
    row = found[0]
    own = next(bank.ledger_account_id for bank in bank_accounts if bank.id == row.bank_account_id)
    chosen = _category_of(row, wanted, own=LedgerAccountId(own))
    if wanted.description is not None:
        await annotate(services, desk=desk, transaction_id=row.id, description=wanted.description)
    if chosen is not None and chosen != row.ledger_account_id:
        await set_category(
            services, entity_id=entity_id, bank_transaction_id=row.id, ledger_account_id=chosen, by=desk.by
        )


def _category_of(row: ListedTransaction, wanted: Edit, *, own: LedgerAccountId) -> LedgerAccountId | None:
    """Return the category that an edit chooses, None if it chooses none."""
    bank_side, category = (wanted.debit, wanted.credit) if row.amount > 0 else (wanted.credit, wanted.debit)
    if bank_side not in {None, own}:
        side = "debit" if row.amount > 0 else "credit"
        raise BankSideFixedError(f"The {side} account of this bank transaction is the bank account's own.")
    return category


def _edited(before: EntryContent, wanted: Edit) -> EntryContent:
    lines = before.lines
    for account, is_debit in ((wanted.debit, True), (wanted.credit, False)):
        if account is not None:
            lines = _moved(lines, account, is_debit=is_debit)
    description = before.description if wanted.description is None else wanted.description
    return replace(before, lines=lines, description=description)


def _moved(lines: tuple[Line, ...], account: LedgerAccountId, *, is_debit: bool) -> tuple[Line, ...]:
    side = [line for line in lines if (line.posting.amount_minor > 0) == is_debit]
    if len(side) > 1:
        raise SeveralLinesError
    return tuple(
        replace(line, posting=replace(line.posting, ledger_account_id=account)) if line in side else line
        for line in lines
    )
