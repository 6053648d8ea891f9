"""All SQL that reads the journal page by page."""

from collections.abc import Sequence

from psycopg.rows import TupleRow

from openledger_server.base.db import ReadConnection
from openledger_server.ledger.journal.types import JournalFilter, JournalRow, UnknownJournalEntryError
from openledger_server.ledger.types import (
    Actor,
    ActorKind,
    EntryKind,
    JournalEntry,
    JournalEntryId,
    LedgerAccountId,
    Posting,
)

_QUERY = """
    SELECT e.id, e.dated, e.source_ref, e.description, e.reverses_id, e.created_at, r.id, p.accounts, p.amounts,
           p.currencies, e.kind, e.reason, e.note, e.actor_kind, e.actor_id, e.actor_name
      FROM journal_entry AS e
      LEFT JOIN journal_entry AS r ON r.entity_id = e.entity_id AND r.reverses_id = e.id
     CROSS JOIN LATERAL (
       SELECT array_agg(ledger_account_id ORDER BY line) AS accounts, array_agg(amount_minor ORDER BY line) AS amounts,
              array_agg(currency ORDER BY line) AS currencies
         FROM posting AS q WHERE q.entity_id = e.entity_id AND q.journal_entry_id = e.id) AS p
     WHERE e.entity_id = %(entity_id)s
"""


async def journal_page(conn: ReadConnection, *, entity_id: int, wanted: JournalFilter, limit: int) -> list[JournalRow]:
    """Return up to `limit` entries of the journal, newest first: by date, then by when they were made."""
    query = _QUERY
    if wanted.after is not None:
        query += " AND (e.dated, e.id) < (%(after_dated)s, %(after_id)s)"
    if wanted.since is not None:
        query += " AND e.dated >= %(since)s"
    if wanted.until is not None:
        query += " AND e.dated < %(until)s"
    if wanted.kind is not None:
        query += " AND e.kind = %(kind)s"
    if wanted.ledger_account_id is not None:
        query += """
            AND e.id IN (SELECT journal_entry_id FROM posting
                          WHERE entity_id = %(entity_id)s AND ledger_account_id = %(ledger_account_id)s)"""
    query += " ORDER BY e.dated DESC, e.id DESC LIMIT %(limit)s"
    cursor = await conn.execute(
        query,
        {
            "entity_id": entity_id,
            "limit": limit,
            "after_dated": wanted.after and wanted.after[0],
            "after_id": wanted.after and wanted.after[1],
            "since": wanted.since,
            "until": wanted.until,
            "kind": wanted.kind,
            "ledger_account_id": wanted.ledger_account_id,
        },
    )
    return [_journal_row(row) for row in await cursor.fetchall()]


async def journal_row(conn: ReadConnection, *, entity_id: int, journal_entry_id: int) -> JournalRow:
    """Return one entry of the journal.

    Raises:
        UnknownJournalEntryError: if the entity has none of that id.
    """
    query = _QUERY + " AND e.id = %(id)s"
    cursor = await conn.execute(query, {"entity_id": entity_id, "id": journal_entry_id})
    row = await cursor.fetchone()
    if row is None:
        raise UnknownJournalEntryError
    return _journal_row(row)


def _journal_row(row: TupleRow) -> JournalRow:
    return JournalRow(
        entry=JournalEntry(
            id=JournalEntryId(row[0]),
            dated=row[1],
            source_ref=row[2],
            description=row[3],
            reverses_id=row[4],
            kind=EntryKind(row[10]),
            reason=row[11],
            note=row[12],
            postings=tuple(
                Posting(LedgerAccountId(account), amount, currency)
                for account, amount, currency in zip(row[7], row[8], row[9], strict=True)
            ),
        ),
        by=Actor(kind=ActorKind(row[13]), id=row[14], name=row[15]),
        created_at=row[5],
        reversed_by_id=row[6],
    )


async def memos(
    conn: ReadConnection, journal_entry_ids: Sequence[JournalEntryId], *, entity_id: int
) -> dict[int, Sequence[str]]:
    """Return what people wrote beside the lines of their entries that stand, by journal entry, in the lines' order."""
    cursor = await conn.execute(
        """
        SELECT m.journal_entry_id, array_agg(n.memo ORDER BY n.line)
          FROM manual_entry AS m
          JOIN manual_entry_line AS n ON n.entity_id = m.entity_id AND n.manual_entry_id = m.id
         WHERE m.entity_id = %(entity_id)s AND m.journal_entry_id = ANY(%(ids)s)
         GROUP BY m.journal_entry_id
        """,
        {"entity_id": entity_id, "ids": list(journal_entry_ids)},
    )
    return {row[0]: row[1] for row in await cursor.fetchall()}
