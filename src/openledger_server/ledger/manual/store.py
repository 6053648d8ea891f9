"""All SQL of the entries that people write."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from psycopg import errors as pg
from psycopg import sql
from psycopg.rows import class_row

from openledger_server.base.db import ReadConnection, WriteConnection
from openledger_server.ledger.manual.types import (
    EntryContent,
    EntryExternalIdTakenError,
    EntryState,
    Line,
    ManualEntry,
    ManualEntryId,
    UnknownManualEntryError,
    stored_metadata,
)
from openledger_server.ledger.types import JournalEntryId, LedgerAccountId, Posting


class EntryTable(StrEnum):
    """Where entries that people write are kept, each with its lines in a table beside it."""

    MANUAL = "manual_entry"
    RECURRING = "recurring_entry"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredLines:
    """The lines of one entry, column by column."""

    accounts: list[int]
    amounts: list[int]
    currencies: list[str]
    memos: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _ManualEntryRow(StoredLines):
    id: int
    revision: int
    journal_entry_id: int | None
    state: str
    dated: date
    description: str
    note: str
    metadata: dict[str, Any]
    external_id: str | None
    content_sha256: bytes
    request_sha256: bytes
    created_at: datetime
    updated_at: datetime
    recurring_entry_id: int | None
    occurs_on: date | None


_QUERY = """
    SELECT m.id, m.revision, m.journal_entry_id, m.state, m.dated, m.description, m.note, m.metadata, m.external_id,
           m.content_sha256, m.request_sha256, m.created_at, m.updated_at, l.accounts, l.amounts, l.currencies, l.memos,
           m.recurring_entry_id, m.occurs_on
      FROM manual_entry AS m
     CROSS JOIN LATERAL (
       SELECT array_agg(ledger_account_id ORDER BY line) AS accounts, array_agg(amount_minor ORDER BY line) AS amounts,
              array_agg(currency ORDER BY line) AS currencies, array_agg(memo ORDER BY line) AS memos
         FROM manual_entry_line AS n WHERE n.entity_id = m.entity_id AND n.manual_entry_id = m.id) AS l
     WHERE m.entity_id = %(entity_id)s
"""


async def manual_entry(conn: ReadConnection, *, entity_id: int, manual_entry_id: ManualEntryId) -> ManualEntry:
    """Return one entry, deleted ones too.

    Raises:
        UnknownManualEntryError: if the entity has none of that id.
    """
    query = _QUERY + " AND m.id = %(id)s"
    found = await _found(conn, query, {"entity_id": entity_id, "id": manual_entry_id})
    if not found:
        raise UnknownManualEntryError
    return found[0]


async def manual_entries(
    conn: ReadConnection,
    *,
    entity_id: int,
    limit: int,
    before: tuple[date, int] | None = None,
    state: EntryState | None = None,
    ledger_account_id: int | None = None,
    ids: Sequence[int] | None = None,
) -> list[ManualEntry]:
    """Return up to `limit` entries that were not taken back, newest first, beginning after the position (date, id)."""
    query = _QUERY + " AND m.state <> 'deleted'"
    if before is not None:
        query += " AND (m.dated, m.id) < (%(dated)s, %(before_id)s)"
    if state is not None:
        query += " AND m.state = %(state)s"
    if ledger_account_id is not None:
        query += """
            AND EXISTS (SELECT FROM manual_entry_line AS n WHERE n.entity_id = m.entity_id
                           AND n.manual_entry_id = m.id AND n.ledger_account_id = %(ledger_account_id)s)"""
    if ids is not None:
        query += " AND m.id = ANY(%(ids)s)"
    query += " ORDER BY m.dated DESC, m.id DESC LIMIT %(limit)s"
    return await _found(
        conn,
        query,
        {
            "entity_id": entity_id,
            "limit": limit,
            "dated": before and before[0],
            "before_id": before and before[1],
            "state": state and state.value,
            "ledger_account_id": ledger_account_id,
            "ids": None if ids is None else list(ids),
        },
    )


async def entry_by_external_id(conn: ReadConnection, *, entity_id: int, external_id: str) -> ManualEntry | None:
    """Return the entry that a caller calls so and that was not taken back, if there is one."""
    query = _QUERY + " AND m.external_id = %(external_id)s AND m.state <> 'deleted'"
    found = await _found(conn, query, {"entity_id": entity_id, "external_id": external_id})
    return found[0] if found else None


async def entry_by_request(
    conn: ReadConnection, *, entity_id: int, request_sha256: bytes, since: datetime
) -> ManualEntry | None:
    """Return the entry that the same request made since `since`, unless it was taken back meanwhile."""
    query = (
        _QUERY
        + """
          AND m.request_sha256 = %(sha256)s AND m.created_at > %(since)s AND m.state <> 'deleted'
        ORDER BY m.created_at DESC LIMIT 1"""
    )
    found = await _found(conn, query, {"entity_id": entity_id, "sha256": request_sha256, "since": since})
    return found[0] if found else None


async def add_manual_entry(conn: WriteConnection, entry: ManualEntry, *, entity_id: int) -> None:
    """Store a new entry; its journal entry, if it has one, must be in the books already.

    Raises:
        EntryExternalIdTakenError: if its external id is in use.
    """
    content = entry.content
    try:
        await conn.execute(
            """
            INSERT INTO manual_entry (entity_id, id, revision, journal_entry_id, state, dated, description, note,
                                      metadata, external_id, content_sha256, request_sha256, created_at, updated_at,
                                      recurring_entry_id, occurs_on)
            VALUES (%(entity_id)s, %(id)s, %(revision)s, %(journal_entry_id)s, %(state)s, %(dated)s, %(description)s,
                    %(note)s, %(metadata)s::jsonb, %(external_id)s, %(content_sha256)s, %(request_sha256)s,
                    %(created_at)s, %(updated_at)s, %(recurring_entry_id)s, %(occurs_on)s)
            """,
            {
                "entity_id": entity_id,
                "id": entry.id,
                "recurring_entry_id": entry.recurring_entry_id,
                "occurs_on": entry.occurs_on,
                "external_id": content.external_id,
                "content_sha256": entry.content_sha256,
                "request_sha256": entry.request_sha256,
                "created_at": entry.created_at,
                **_changeable(entry),
            },
        )
    except pg.UniqueViolation as exc:
        raise EntryExternalIdTakenError from exc
    await replace_lines(conn, entry.content.lines, EntryTable.MANUAL, entity_id=entity_id, entry_id=entry.id)


async def store_manual_entry(conn: WriteConnection, entry: ManualEntry, *, entity_id: int) -> None:
    """Store an entry's new state and lines."""
    await conn.execute(
        """
        UPDATE manual_entry
           SET revision = %(revision)s, journal_entry_id = %(journal_entry_id)s, state = %(state)s, dated = %(dated)s,
               description = %(description)s, note = %(note)s, metadata = %(metadata)s::jsonb,
               updated_at = %(updated_at)s
         WHERE entity_id = %(entity_id)s AND id = %(id)s
        """,
        {"entity_id": entity_id, "id": entry.id, **_changeable(entry)},
    )
    await replace_lines(conn, entry.content.lines, EntryTable.MANUAL, entity_id=entity_id, entry_id=entry.id)


def _changeable(entry: ManualEntry) -> dict[str, object]:
    return {
        "revision": entry.revision,
        "journal_entry_id": entry.journal_entry_id,
        "state": entry.state.value,
        "dated": entry.content.dated,
        "description": entry.content.description,
        "note": entry.content.note,
        "metadata": stored_metadata(entry.content.metadata),
        "updated_at": entry.updated_at,
    }


async def replace_lines(
    conn: WriteConnection, lines: Sequence[Line], table: EntryTable, *, entity_id: int, entry_id: int
) -> None:
    """Store the lines of an entry that a person wrote, in place of those that were there."""
    names = {"lines": sql.Identifier(f"{table}_line"), "entry": sql.Identifier(f"{table}_id")}
    given = {
        "entity_id": entity_id,
        "id": entry_id,
        "accounts": [line.posting.ledger_account_id for line in lines],
        "amounts": [line.posting.amount_minor for line in lines],
        "currencies": [line.posting.currency for line in lines],
        "memos": [line.memo for line in lines],
    }
    await conn.execute(
        sql.SQL("DELETE FROM {lines} WHERE entity_id = %(entity_id)s AND {entry} = %(id)s").format(**names), given
    )
    await conn.execute(
        sql.SQL(
            """
            INSERT INTO {lines} (entity_id, {entry}, line, ledger_account_id, amount_minor, currency, memo)
            SELECT %(entity_id)s, %(id)s, t.line, t.account, t.amount, t.currency, t.memo
              FROM unnest(%(accounts)s::bigint[], %(amounts)s::bigint[], %(currencies)s::text[], %(memos)s::text[])
                   WITH ORDINALITY AS t (account, amount, currency, memo, line)
            """
        ).format(**names),
        given,
    )


def lines_of(row: StoredLines) -> tuple[Line, ...]:
    """Return the lines of an entry as they were written."""
    return tuple(
        Line(Posting(LedgerAccountId(account), amount, currency), memo)
        for account, amount, currency, memo in zip(row.accounts, row.amounts, row.currencies, row.memos, strict=True)
    )


async def _found(conn: ReadConnection, query: str, parameters: dict[str, object]) -> list[ManualEntry]:
    async with conn.cursor(row_factory=class_row(_ManualEntryRow)) as cursor:
        await cursor.execute(query, parameters)
        return [_manual_entry(row) for row in await cursor.fetchall()]


def _manual_entry(row: _ManualEntryRow) -> ManualEntry:
    return ManualEntry(
        id=ManualEntryId(row.id),
        revision=row.revision,
        journal_entry_id=None if row.journal_entry_id is None else JournalEntryId(row.journal_entry_id),
        state=EntryState(row.state),
        content=EntryContent(
            dated=row.dated,
            description=row.description,
            lines=lines_of(row),
            note=row.note,
            metadata=row.metadata,
            external_id=row.external_id,
        ),
        content_sha256=row.content_sha256,
        request_sha256=row.request_sha256,
        created_at=row.created_at,
        updated_at=row.updated_at,
        recurring_entry_id=row.recurring_entry_id,
        occurs_on=row.occurs_on,
    )
