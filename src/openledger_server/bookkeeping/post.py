"""Bringing the books in line with bank facts and judgements."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from openledger_server.banking.types import BankTransactionId
from openledger_server.base.batches import in_batches
from openledger_server.base.db import ReadConnection, WriteConnection
from openledger_server.base.ids import new_ids
from openledger_server.bookkeeping import entries, holding, store
from openledger_server.bookkeeping.exchanges.settle import settle_exchanges
from openledger_server.bookkeeping.holding import Gate
from openledger_server.bookkeeping.types import Bookable, Booking, BookingChange, HoldReason
from openledger_server.ledger import store as ledger
from openledger_server.ledger.periods import store as periods
from openledger_server.ledger.rates import store as rates
from openledger_server.ledger.types import MACHINE, Actor, JournalEntry, JournalEntryId


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """How many journal entries were appended to record rows, how many to take entries back, and which rows wait."""

    recorded: int
    reversed: int
    held: dict[BankTransactionId, HoldReason]
    """Rows that cannot be booked as they should be yet; what was booked before still stands."""
    held_corrections: frozenset[BankTransactionId]
    """Those of them that are booked, in a closed period, and should be booked differently."""


async def post_bank_transactions(
    conn: WriteConnection,
    bank_transaction_ids: Sequence[BankTransactionId],
    *,
    entity_id: int,
    now: datetime,
    by: Actor = MACHINE,
) -> Posted:
    """Book what is not booked yet among these rows, and correct by reversal what is booked differently.

    Whatever the history of a row, afterwards exactly one live entry stands for it if it should be booked, and none
    otherwise. A row whose day is closed, or for whose currency no rate is known, is held: nothing changes in the books,
    the reason is kept, and posting it again later books it. Called again without a change it appends nothing.
    """
    recorded = taken_back = 0
    held: dict[BankTransactionId, HoldReason] = {}
    corrections: set[BankTransactionId] = set()
    for batch in in_batches(bank_transaction_ids):
        done = await _post_batch(conn, batch, entity_id=entity_id, now=now, by=by)
        recorded, taken_back = recorded + done.recorded, taken_back + done.reversed
        await settle_exchanges(conn, batch, entity_id=entity_id, now=now)
        held |= done.held
        corrections |= done.held_corrections
    return Posted(recorded=recorded, reversed=taken_back, held=held, held_corrections=frozenset(corrections))


async def post_held(conn: WriteConnection, *, entity_id: int, now: datetime, by: Actor = MACHINE) -> Posted:
    """Book the rows that wait, as far as they can be booked by now."""
    waiting = await store.held_ids(conn, entity_id=entity_id)
    return await post_bank_transactions(conn, waiting, entity_id=entity_id, now=now, by=by)


async def _post_batch(
    conn: WriteConnection,
    bank_transaction_ids: Sequence[BankTransactionId],
    *,
    entity_id: int,
    now: datetime,
    by: Actor,
) -> Posted:
    rows = await store.bookables(conn, bank_transaction_ids, entity_id=entity_id)
    desired = {row.bank_transaction_id: entries.desired_booking(row) for row in rows}
    gate = await open_gate(conn, [one for one in desired.values() if one is not None], entity_id=entity_id)
    ids = iter(new_ids(2 * len(rows)))
    appended: list[JournalEntry] = []
    changes: list[BookingChange] = []
    held: dict[BankTransactionId, HoldReason] = {}
    for row in rows:
        wanted = desired[row.bank_transaction_id]
        hold = holding.hold_reason(row, wanted, gate=gate)
        if hold is not None:
            held[row.bank_transaction_id] = hold
        elif wanted != row.booked:
            made, change = _bring_in_line(row, wanted, ids, gate=gate)
            appended.extend(made)
            changes.append(change)
        if wanted is None and entries.cannot_be_stated(row):
            held.setdefault(row.bank_transaction_id, HoldReason.NOT_REPRESENTABLE)
    await ledger.append_entries(conn, appended, entity_id=entity_id, now=now, by=by)
    await store.store_bookings(conn, changes, entity_id=entity_id)
    freed = [row.bank_transaction_id for row in rows if row.hold and row.bank_transaction_id not in held]
    await store.store_holds(conn, held, freed, entity_id=entity_id, now=now)
    reversals = sum(1 for entry in appended if entry.reverses_id is not None)
    return Posted(
        recorded=len(appended) - reversals,
        reversed=reversals,
        held=held,
        held_corrections=frozenset(
            row.bank_transaction_id
            for row in rows
            if row.booked is not None and held.get(row.bank_transaction_id) is HoldReason.PERIOD_CLOSED
        ),
    )


async def open_gate(conn: ReadConnection, bookings: Sequence[Booking], *, entity_id: int) -> Gate:
    """Return what decides whether these bookings can be made now: closed days, and rates that are missing."""
    base_currency = await ledger.base_currency(conn, entity_id=entity_id)
    wanted = {(one.currency, one.dated) for one in bookings if one.currency != base_currency}
    known = await rates.rates_on(conn, wanted, entity_id=entity_id)
    return Gate(
        closed_through=await periods.closed_through(conn, entity_id=entity_id),
        unrated=frozenset(wanted - known.keys()),
    )


def _bring_in_line(
    row: Bookable, desired: Booking | None, ids: Iterator[int], *, gate: Gate
) -> tuple[list[JournalEntry], BookingChange]:
    made: list[JournalEntry] = []
    if row.booked is not None:
        assert row.journal_entry_id is not None
        made.append(
            entries.reversal_of(
                row.booked,
                journal_entry_id=JournalEntryId(next(ids)),
                reverses_id=row.journal_entry_id,
                description=row.description,
                reason=entries.why_taken_back(row, desired),
                dated=holding.reversal_day(row, row.booked, gate=gate),
            )
        )
    revision, live_id = row.revision, None
    if desired is not None:
        revision, live_id = row.revision + 1, JournalEntryId(next(ids))
        made.append(
            entries.entry_for(
                desired,
                journal_entry_id=live_id,
                bank_transaction_id=row.bank_transaction_id,
                revision=revision,
                description=row.description,
                reason=entries.why_recorded(row),
            )
        )
    state = desired or row.booked
    assert state is not None
    change = BookingChange(
        bank_transaction_id=row.bank_transaction_id, revision=revision, journal_entry_id=live_id, booking=state
    )
    return made, change
