"""All SQL of recurring entries."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from psycopg.rows import class_row

from openledger_server.base.db import Pool, ReadConnection, WriteConnection
from openledger_server.ledger.manual.store import EntryTable, StoredLines, lines_of, replace_lines
from openledger_server.ledger.manual.types import EntryContent, stored_metadata
from openledger_server.ledger.recurring.types import (
    Frequency,
    RecurringEntry,
    RecurringEntryId,
    Schedule,
    UnknownRecurringEntryError,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _RecurringRow(StoredLines):
    id: int
    description: str
    note: str
    metadata: dict[str, Any]
    frequency: str
    every: int
    starts_on: date
    ends_on: date | None
    next_number: int
    makes_drafts: bool
    paused_at: datetime | None
    problem: str
    request_sha256: bytes
    created_at: datetime
    updated_at: datetime


_QUERY = """
    SELECT r.id, r.description, r.note, r.metadata, r.frequency, r.every, r.starts_on, r.ends_on, r.next_number,
           r.makes_drafts, r.paused_at, r.problem, r.request_sha256, r.created_at, r.updated_at, l.accounts, l.amounts,
           l.currencies, l.memos
      FROM recurring_entry AS r
     CROSS JOIN LATERAL (
       SELECT array_agg(ledger_account_id ORDER BY line) AS accounts, array_agg(amount_minor ORDER BY line) AS amounts,
              array_agg(currency ORDER BY line) AS currencies, array_agg(memo ORDER BY line) AS memos
         FROM recurring_entry_line AS n WHERE n.entity_id = r.entity_id AND n.recurring_entry_id = r.id) AS l
     WHERE r.entity_id = %(entity_id)s AND r.deleted_at IS NULL
"""


async def recurring_entries(conn: ReadConnection, *, entity_id: int) -> list[RecurringEntry]:
    """Return all of an entity's recurring entries, oldest first."""
    query = _QUERY + " ORDER BY r.id"
    return await _found(conn, query, {"entity_id": entity_id})


async def recurring_entry(
    conn: ReadConnection, *, entity_id: int, recurring_entry_id: RecurringEntryId
) -> RecurringEntry:
    """Return one recurring entry.

    Raises:
        UnknownRecurringEntryError: if the entity has none of that id.
    """
    query = _QUERY + " AND r.id = %(id)s"
    found = await _found(conn, query, {"entity_id": entity_id, "id": recurring_entry_id})
    if not found:
        raise UnknownRecurringEntryError
    return found[0]


async def recurring_by_request(
    conn: ReadConnection, *, entity_id: int, request_sha256: bytes, since: datetime
) -> RecurringEntry | None:
    """Return the recurring entry that the same request made since `since`, if there is one."""
    query = _QUERY + " AND r.request_sha256 = %(sha256)s AND r.created_at > %(since)s ORDER BY r.id DESC LIMIT 1"
    found = await _found(conn, query, {"entity_id": entity_id, "sha256": request_sha256, "since": since})
    return found[0] if found else None


async def store_recurring_entry(conn: WriteConnection, entry: RecurringEntry, *, entity_id: int) -> None:
    """Store a recurring entry with its lines, in place of what was there."""
    content, schedule = entry.content, entry.schedule
    await conn.execute(
        """
        INSERT INTO recurring_entry (entity_id, id, description, note, metadata, frequency, every, starts_on, ends_on,
                                     next_number, next_on, makes_drafts, paused_at, problem, request_sha256,
                                     created_at, updated_at)
        VALUES (%(entity_id)s, %(id)s, %(description)s, %(note)s, %(metadata)s::jsonb, %(frequency)s, %(every)s,
                %(starts_on)s, %(ends_on)s, %(next_number)s, %(next_on)s, %(makes_drafts)s, %(paused_at)s,
                %(problem)s, %(request_sha256)s, %(created_at)s, %(updated_at)s)
        ON CONFLICT (entity_id, id) DO UPDATE
          SET description = excluded.description, note = excluded.note, metadata = excluded.metadata,
              frequency = excluded.frequency, every = excluded.every, starts_on = excluded.starts_on,
              ends_on = excluded.ends_on, next_number = excluded.next_number, next_on = excluded.next_on,
              makes_drafts = excluded.makes_drafts, paused_at = excluded.paused_at, problem = excluded.problem,
              updated_at = excluded.updated_at
        """,
        {
            "entity_id": entity_id,
            "id": entry.id,
            "description": content.description,
            "note": content.note,
            "metadata": stored_metadata(content.metadata),
            "frequency": schedule.frequency.value,
            "every": schedule.every,
            "starts_on": schedule.starts_on,
            "ends_on": schedule.ends_on,
            "next_number": entry.next_number,
            "next_on": entry.next_on,
            "makes_drafts": entry.makes_drafts,
            "paused_at": entry.paused_at,
            "problem": entry.problem,
            "request_sha256": entry.request_sha256,
            "created_at": entry.created_at,
            "updated_at": entry.updated_at,
        },
    )
    await replace_lines(conn, content.lines, EntryTable.RECURRING, entity_id=entity_id, entry_id=entry.id)


async def delete_recurring_entry(
    conn: WriteConnection, *, entity_id: int, recurring_entry_id: RecurringEntryId, now: datetime
) -> None:
    """Let nothing more come of it; what it made stays. Doing so again changes nothing."""
    await conn.execute(
        """
        UPDATE recurring_entry SET deleted_at = coalesce(deleted_at, %(now)s)
         WHERE entity_id = %(entity_id)s AND id = %(id)s
        """,
        {"entity_id": entity_id, "id": recurring_entry_id, "now": now},
    )


async def last_made_on(conn: ReadConnection, *, entity_id: int, recurring_entry_id: RecurringEntryId) -> date | None:
    """Return the latest day for which it made an entry, taken back or not."""
    cursor = await conn.execute(
        """
        SELECT max(occurs_on) FROM manual_entry
         WHERE entity_id = %(entity_id)s AND recurring_entry_id = %(id)s
        """,
        {"entity_id": entity_id, "id": recurring_entry_id},
    )
    row = await cursor.fetchone()
    return None if row is None else row[0]


async def due(pool: Pool, *, today: date) -> list[tuple[int, RecurringEntryId]]:
    """Return (entity, recurring entry) of everything that is due, across tenants."""
    async with pool.connection() as conn:
        cursor = await conn.execute(
            "SELECT entity_id, recurring_entry_id FROM recurring_entries_due(%(today)s)", {"today": today}
        )
        return [(row[0], RecurringEntryId(row[1])) for row in await cursor.fetchall()]


async def _found(conn: ReadConnection, query: str, parameters: dict[str, object]) -> list[RecurringEntry]:
    async with conn.cursor(row_factory=class_row(_RecurringRow)) as cursor:
        await cursor.execute(query, parameters)
        return [_recurring_entry(row) for row in await cursor.fetchall()]


def _recurring_entry(row: _RecurringRow) -> RecurringEntry:
    return RecurringEntry(
        id=RecurringEntryId(row.id),
        content=EntryContent(
            dated=row.starts_on, description=row.description, lines=lines_of(row), note=row.note, metadata=row.metadata
        ),
        schedule=Schedule(
            frequency=Frequency(row.frequency), every=row.every, starts_on=row.starts_on, ends_on=row.ends_on
        ),
        next_number=row.next_number,
        makes_drafts=row.makes_drafts,
        paused_at=row.paused_at,
        problem=row.problem,
        request_sha256=row.request_sha256,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
