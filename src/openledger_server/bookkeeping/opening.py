"""Opening balances: what a bank account held before its first imported row, so that books and bank agree."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from openledger_server.banking.balances import expected_ledger_balance
from openledger_server.banking.rows import BankAccountRow
from openledger_server.banking.types import LIABILITY_TYPES, BankAccountId
from openledger_server.base.db import ReadConnection, WriteConnection
from openledger_server.base.ids import new_ids
from openledger_server.base.money import minor_units
from openledger_server.bookkeeping import entries, store
from openledger_server.bookkeeping.types import OpeningBalance, WantedOpening
from openledger_server.ledger import store as ledger
from openledger_server.ledger.periods import store as periods
from openledger_server.ledger.periods.types import first_open_day
from openledger_server.ledger.types import (
    MACHINE,
    Actor,
    JournalEntry,
    JournalEntryId,
    LedgerAccountId,
    SystemRole,
)
from openledger_server.ledger.valuation import RateMissingError

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

    The opening balance is what the bank reports less everything booked since, and less what waits to be booked; it is
    dated the day before the books begin, or on the first open day if that one is closed. One that the user gave is
    taken instead, and a difference to the bank shows as such. An account in a currency without an exchange rate for
    that day gets none, or keeps the one it has, until the rate is loaded. Call it while history is still arriving; once
    the history is complete the opening balance stays as it is.
    """
    totals = await ledger.account_totals(conn, entity_id=entity_id, since=None, until=_FAR_FUTURE)
    booked = {(total.ledger_account_id, total.currency): total.net_minor for total in totals}
    stored = await store.opening_balances(conn, entity_id=entity_id)
    waiting = await waiting_minor(conn, entity_id=entity_id)
    changed = 0
    for bank_account in bank_accounts:
        before = stored.get(bank_account.id)
        amount_minor = given_opening_minor(bank_account)
        if amount_minor is None:
            expected = expected_ledger_balance(bank_account)
            if expected is None:
                continue
            bank = LedgerAccountId(bank_account.ledger_account_id)
            ledger_balance = booked.get((bank, bank_account.currency), 0)
            amount_minor = expected - (ledger_balance - (before.amount_minor if before else 0)) - waiting.get(bank, 0)
        natural = first_dates.get(bank_account.id, now.date()) - timedelta(days=1)
        changed += await set_opening_balance(
            conn, bank_account, before, amount_minor=amount_minor, natural=natural, entity_id=entity_id, now=now
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
    natural: date,
    entity_id: int,
    now: datetime,
    held_by: LedgerAccountId | None = None,
    by: Actor = MACHINE,
) -> bool:
    """Put an opening balance in the place of the one `before`, and return whether that changed anything.

    It is dated on `natural`, or on the first open day if that one is closed; a given opening balance on the day before
    the one that was chosen with it. `held_by` is the ledger account of the one before, if that is not the present one.
    Without a rate for its day it is noted as wanted and the one before stands, which keeps its old day if it has to
    move to another ledger account; `set_wanted_openings` puts it right once the rate is loaded.
    """
    bank = LedgerAccountId(bank_account.ledger_account_id)
    if bank_account.opening_given is not None and bank_account.history_start_on is not None:
        natural = bank_account.history_start_on - timedelta(days=1)
    closed_through = await periods.closed_through(conn, entity_id=entity_id)
    dated = first_open_day(natural, closed_through=closed_through)
    is_moved = held_by is not None and held_by != bank
    if before is not None and before.amount_minor == amount_minor and before.dated in {natural, dated} and not is_moved:
        await _note(conn, before, None, entity_id=entity_id, bank_account_id=bank_account.id)
        return False
    back_on = None if before is None else first_open_day(before.dated, closed_through=closed_through)
    equity = await ledger.system_account(conn, entity_id=entity_id, role=SystemRole.OPENING_BALANCES)
    # One that moves to another ledger account cannot stay behind for want of a rate; its old day has one.
    days = [dated, back_on] if is_moved and back_on is not None else [dated]
    wanted = WantedOpening(amount_minor, natural)
    for day in days:
        made, after = _replaced(
            bank_account,
            before,
            amount_minor=amount_minor,
            dated=day,
            back_on=back_on,
            equity=equity,
            held_by=held_by or bank,
        )
        try:
            await ledger.append_entries(conn, made, entity_id=entity_id, now=now, by=by)
        except RateMissingError:
            continue
        noted = after if day == dated else replace(after, wanted=wanted)
        await store.store_opening_balance(conn, noted, entity_id=entity_id, bank_account_id=bank_account.id)
        return True
    if before is not None:
        await _note(conn, before, wanted, entity_id=entity_id, bank_account_id=bank_account.id)
    return False


async def set_wanted_openings(
    conn: WriteConnection, bank_accounts: Sequence[BankAccountRow], *, entity_id: int, now: datetime
) -> int:
    """Book the opening balances of these accounts that waited for an exchange rate, and return how many changed.

    Those that were given are looked at even if nothing says that they wait: what somebody gave is what should stand.
    """
    stored = await store.opening_balances(conn, entity_id=entity_id)
    changed = 0
    for bank_account in bank_accounts:
        before = stored.get(bank_account.id)
        if before is None:
            continue
        given = given_opening_minor(bank_account)
        wanted = before.wanted or (None if given is None else WantedOpening(given, before.dated))
        if wanted is not None:
            changed += await set_opening_balance(
                conn,
                bank_account,
                before,
                amount_minor=wanted.amount_minor,
                natural=wanted.on,
                entity_id=entity_id,
                now=now,
            )
    return changed


async def _note(
    conn: WriteConnection,
    before: OpeningBalance,
    wanted: WantedOpening | None,
    *,
    entity_id: int,
    bank_account_id: BankAccountId,
) -> None:
    """Note beside the opening balance that stands which one should stand, if that is news."""
    if before.wanted != wanted:
        noted = replace(before, wanted=wanted)
        await store.store_opening_balance(conn, noted, entity_id=entity_id, bank_account_id=bank_account_id)


async def waiting_minor(conn: ReadConnection, *, entity_id: int) -> dict[LedgerAccountId, int]:
    """Return what the ledger balance of each bank account will change by once the rows that wait are booked."""
    found: dict[LedgerAccountId, int] = defaultdict(int)
    waiting = await store.held_ids(conn, entity_id=entity_id)
    for row in await store.bookables(conn, waiting, entity_id=entity_id) if waiting else ():
        desired = entries.desired_booking(row)
        for sign, booking in ((1, desired), (-1, row.booked)):
            if booking is not None:
                found[booking.bank] += sign * booking.inflow_minor
    return found


def _replaced(
    bank_account: BankAccountRow,
    before: OpeningBalance | None,
    *,
    amount_minor: int,
    dated: date,
    back_on: date | None,
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
                dated=back_on or before.dated,
                amount_minor=-before.amount_minor,
                currency=bank_account.currency,
                bank=held_by,
                equity=equity,
                description=f"Reversal: opening balance of {bank_account.name}",
                reason="Older history arrived, the bank reports another balance, or somebody chose so.",
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
                reason="What the bank reports, less everything booked since."
                if bank_account.opening_given is None
                else "Somebody gave this opening balance.",
            )
        )
    return made, OpeningBalance(revision=revision, journal_entry_id=live_id, dated=dated, amount_minor=amount_minor)
