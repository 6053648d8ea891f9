"""Opening balances: what a bank account held before its first imported row, so that books and bank agree."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from openledger_server.banking.balances import expected_ledger_balance
from openledger_server.banking.rows import BankAccountRow
from openledger_server.banking.types import LIABILITY_TYPES, BankAccountId
from openledger_server.base.db import WriteConnection
from openledger_server.base.ids import new_ids
from openledger_server.base.money import minor_units
from openledger_server.bookkeeping import entries, store
from openledger_server.bookkeeping.types import OpeningBalance
from openledger_server.ledger import store as ledger
from openledger_server.ledger.types import (
    MACHINE,
    Actor,
    JournalEntry,
    JournalEntryId,
    LedgerAccountId,
    SystemRole,
)

_FAR_FUTURE = date(9999, 1, 1)


async def set_opening_balances(
    conn: WriteConnection,
    bank_accounts: Sequence[BankAccountRow],
    *,
    entity_id: int,
    first_dates: Mapping[BankAccountId, date],
    now: datetime,
) -> int:
    """Post, or correct by reversal, the opening balance of these accounts, and return how many changed.

    The opening balance is what the bank reports less everything booked since; it is dated the day before the books
    begin. One that the user gave is taken instead, and a difference to the bank shows as such. Call it while history is
    still arriving; once the history is complete the opening balance stays as it is.
    """
    totals = await ledger.account_totals(conn, entity_id=entity_id, since=None, until=_FAR_FUTURE)
    booked = {(total.ledger_account_id, total.currency): total.net_minor for total in totals}
    stored = await store.opening_balances(conn, entity_id=entity_id)
    changed = 0
    for bank_account in bank_accounts:
        before = stored.get(bank_account.id)
        amount_minor = given_opening_minor(bank_account)
        if amount_minor is None:
            expected = expected_ledger_balance(bank_account)
            if expected is None:
                continue
            ledger_balance = booked.get((LedgerAccountId(bank_account.ledger_account_id), bank_account.currency), 0)
            amount_minor = expected - (ledger_balance - (before.amount_minor if before else 0))
        dated = first_dates.get(bank_account.id, now.date()) - timedelta(days=1)
        changed += await set_opening_balance(
            conn, bank_account, before, amount_minor=amount_minor, dated=dated, entity_id=entity_id, now=now
        )
    return changed


def given_opening_minor(bank_account: BankAccountRow) -> int | None:
    """Return the opening balance that the user gave, debit-positive in minor units, or None if it is to be computed."""
    if bank_account.opening_given is None:
        return None
    minor = minor_units(bank_account.opening_given, bank_account.currency)
    return -minor if bank_account.type in LIABILITY_TYPES else minor


async def set_opening_balance(
    conn: WriteConnection,
    bank_account: BankAccountRow,
    before: OpeningBalance | None,
    *,
    amount_minor: int,
    dated: date,
    entity_id: int,
    now: datetime,
    held_by: LedgerAccountId | None = None,
    by: Actor = MACHINE,
) -> bool:
    """Put an opening balance in the place of the one `before`, and return whether that changed anything.

    `held_by` is the ledger account that the one before was posted to, if it is not the present one. A given opening
    balance is as of the day that was chosen with it, whatever `dated` says.
    """
    bank = LedgerAccountId(bank_account.ledger_account_id)
    if bank_account.opening_given is not None and bank_account.history_start_on is not None:
        dated = bank_account.history_start_on - timedelta(days=1)
    is_moved = held_by is not None and held_by != bank
    if before is not None and (before.amount_minor, before.dated) == (amount_minor, dated) and not is_moved:
        return False
    equity = await ledger.system_account(conn, entity_id=entity_id, role=SystemRole.OPENING_BALANCES)
    made, after = _replaced(
        bank_account, before, amount_minor=amount_minor, dated=dated, equity=equity, held_by=held_by or bank
    )
    await ledger.append_entries(conn, made, entity_id=entity_id, now=now, by=by)
    await store.store_opening_balance(conn, after, entity_id=entity_id, bank_account_id=bank_account.id)
    return True


def _replaced(
    bank_account: BankAccountRow,
    before: OpeningBalance | None,
    *,
    amount_minor: int,
    dated: date,
    equity: LedgerAccountId,
    held_by: LedgerAccountId,
) -> tuple[list[JournalEntry], OpeningBalance]:
    ids = iter(new_ids(2))
    bank = LedgerAccountId(bank_account.ledger_account_id)
    made: list[JournalEntry] = []
    if before is not None and before.journal_entry_id is not None:
        made.append(
            entries.opening_entry(
                journal_entry_id=JournalEntryId(next(ids)),
                source_ref=f"reversal:{before.journal_entry_id}",
                dated=before.dated,
                amount_minor=-before.amount_minor,
                currency=bank_account.currency,
                bank=held_by,
                equity=equity,
                description=f"Reversal: opening balance of {bank_account.name}",
                reverses_id=before.journal_entry_id,
            )
        )
    revision = (before.revision if before else 0) + 1
    live_id = None
    if amount_minor != 0:
        live_id = JournalEntryId(next(ids))
        made.append(
            entries.opening_entry(
                journal_entry_id=live_id,
                source_ref=entries.opening_source_ref(bank_account.id, revision),
                dated=dated,
                amount_minor=amount_minor,
                currency=bank_account.currency,
                bank=bank,
                equity=equity,
                description=f"Opening balance of {bank_account.name}",
            )
        )
    return made, OpeningBalance(revision=revision, journal_entry_id=live_id, dated=dated, amount_minor=amount_minor)
