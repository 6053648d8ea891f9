"""Bringing the books in line with bank facts and judgements."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from openledger_server.banking.types import BankTransactionId
from openledger_server.base.batches import in_batches
from openledger_server.base.db import WriteConnection
from openledger_server.base.ids import new_ids
from openledger_server.bookkeeping import entries, store
from openledger_server.bookkeeping.types import Bookable, BookingChange
from openledger_server.ledger import store as ledger
from openledger_server.ledger.types import MACHINE, Actor, JournalEntry, JournalEntryId


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """How many journal entries were appended to record rows, and how many to take entries back."""

    recorded: int
    reversed: int


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
    otherwise. Called again without a change it appends nothing.
    """
    recorded = taken_back = 0
    for batch in in_batches(bank_transaction_ids):
        appended = await _post_batch(conn, batch, entity_id=entity_id, now=now, by=by)
        reversals = sum(1 for entry in appended if entry.reverses_id is not None)
        recorded, taken_back = recorded + len(appended) - reversals, taken_back + reversals
    return Posted(recorded=recorded, reversed=taken_back)


async def _post_batch(
    conn: WriteConnection,
    bank_transaction_ids: Sequence[BankTransactionId],
    *,
    entity_id: int,
    now: datetime,
    by: Actor,
) -> list[JournalEntry]:
    rows = await store.bookables(conn, bank_transaction_ids, entity_id=entity_id)
    ids = iter(new_ids(2 * len(rows)))
    appended: list[JournalEntry] = []
    changes: list[BookingChange] = []
    for row in rows:
        made = _bring_in_line(row, ids)
        if made is not None:
            appended.extend(made[0])
            changes.append(made[1])
    await ledger.append_entries(conn, appended, entity_id=entity_id, now=now, by=by)
    await store.store_bookings(conn, changes, entity_id=entity_id)
    return appended


def _bring_in_line(row: Bookable, ids: Iterator[int]) -> tuple[list[JournalEntry], BookingChange] | None:
    desired = entries.desired_booking(row)
    if desired == row.booked:
        return None
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
                reason=row.reason,
            )
        )
    state = desired or row.booked
    assert state is not None
    change = BookingChange(
        bank_transaction_id=row.bank_transaction_id, revision=revision, journal_entry_id=live_id, booking=state
    )
    return made, change
