"""All SQL of notes and attachments."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row

from openledger_server.banking.types import BankTransactionId
from openledger_server.base.db import ReadConnection, WriteConnection
from openledger_server.bookkeeping.annotations.types import Attachment, AttachmentId, Note


@dataclass(frozen=True, slots=True, kw_only=True)
class _AttachmentRow:
    id: int
    transaction_id: int
    name: str
    url: str | None
    media_type: str
    size_bytes: int | None
    sha256: bytes | None
    external_id: str | None
    added_at: datetime


async def notes(
    conn: ReadConnection, bank_transaction_ids: Sequence[BankTransactionId], *, entity_id: int
) -> dict[BankTransactionId, Note]:
    """Return what people wrote beside these bank transactions, for those beside which they did."""
    cursor = await conn.execute(
        """
        SELECT bank_transaction_id, description, note FROM transaction_note
         WHERE entity_id = %(entity_id)s AND bank_transaction_id = ANY(%(ids)s)
        """,
        {"entity_id": entity_id, "ids": list(bank_transaction_ids)},
    )
    return {BankTransactionId(row[0]): Note(row[1], row[2]) for row in await cursor.fetchall()}


async def store_note(
    conn: WriteConnection, note: Note, *, entity_id: int, bank_transaction_id: BankTransactionId, now: datetime
) -> None:
    """Store what a person wrote beside a bank transaction, in place of what was there."""
    await conn.execute(
        """
        INSERT INTO transaction_note (entity_id, bank_transaction_id, description, note, updated_at)
        VALUES (%(entity_id)s, %(id)s, %(description)s, %(note)s, %(now)s)
        ON CONFLICT (entity_id, bank_transaction_id) DO UPDATE
          SET description = excluded.description, note = excluded.note, updated_at = excluded.updated_at
        """,
        {
            "entity_id": entity_id,
            "id": bank_transaction_id,
            "description": note.description,
            "note": note.note,
            "now": now,
        },
    )


async def attachments(
    conn: ReadConnection, transaction_ids: Sequence[int], *, entity_id: int
) -> dict[int, list[Attachment]]:
    """Return the attachments of these transactions, be they a bank's or a person's, oldest first."""
    async with conn.cursor(row_factory=class_row(_AttachmentRow)) as cursor:
        await cursor.execute(
            """
            SELECT id, coalesce(bank_transaction_id, manual_entry_id) AS transaction_id, name, url, media_type,
                   size_bytes, sha256, external_id, added_at
              FROM attachment
             WHERE entity_id = %(entity_id)s
               AND (bank_transaction_id = ANY(%(ids)s) OR manual_entry_id = ANY(%(ids)s))
             ORDER BY id
            """,
            {"entity_id": entity_id, "ids": list(transaction_ids)},
        )
        rows = await cursor.fetchall()
    found: dict[int, list[Attachment]] = {}
    for row in rows:
        found.setdefault(row.transaction_id, []).append(_attachment(row))
    return found


async def add_attachment(
    conn: WriteConnection, attachment: Attachment, *, entity_id: int, is_manual_entry: bool
) -> None:
    """Store where a document is."""
    owner = attachment.transaction_id
    await conn.execute(
        """
        INSERT INTO attachment (entity_id, id, bank_transaction_id, manual_entry_id, name, url, media_type, size_bytes,
                                sha256, external_id, added_at)
        VALUES (%(entity_id)s, %(id)s, %(bank_transaction_id)s, %(manual_entry_id)s, %(name)s, %(url)s,
                %(media_type)s, %(size_bytes)s, %(sha256)s, %(external_id)s, %(added_at)s)
        """,
        {
            "entity_id": entity_id,
            "id": attachment.id,
            "bank_transaction_id": None if is_manual_entry else owner,
            "manual_entry_id": owner if is_manual_entry else None,
            "name": attachment.name,
            "url": attachment.url,
            "media_type": attachment.media_type,
            "size_bytes": attachment.size_bytes,
            "sha256": attachment.sha256,
            "external_id": attachment.external_id,
            "added_at": attachment.added_at,
        },
    )


async def remove_attachment(
    conn: WriteConnection, *, entity_id: int, transaction_id: int, attachment_id: AttachmentId
) -> bool:
    """Forget where a document is; return whether the transaction had it."""
    cursor = await conn.execute(
        """
        DELETE FROM attachment
         WHERE entity_id = %(entity_id)s AND id = %(id)s
           AND coalesce(bank_transaction_id, manual_entry_id) = %(transaction_id)s
        """,
        {"entity_id": entity_id, "id": attachment_id, "transaction_id": transaction_id},
    )
    return cursor.rowcount == 1


async def carry_over(
    conn: WriteConnection, moves: Mapping[BankTransactionId, BankTransactionId], *, entity_id: int
) -> None:
    """Give the settled row (value) the note and the attachments of the pending row (key) that it replaces."""
    parameters = {"entity_id": entity_id, "pending": list(moves.keys()), "settled": list(moves.values())}
    await conn.execute(
        """
        INSERT INTO transaction_note (entity_id, bank_transaction_id, description, note, updated_at)
        SELECT n.entity_id, t.settled_id, n.description, n.note, n.updated_at
          FROM unnest(%(pending)s::bigint[], %(settled)s::bigint[]) AS t (pending_id, settled_id)
          JOIN transaction_note AS n ON n.entity_id = %(entity_id)s AND n.bank_transaction_id = t.pending_id
        ON CONFLICT (entity_id, bank_transaction_id) DO NOTHING
        """,
        parameters,
    )
    await conn.execute(
        """
        UPDATE attachment AS a SET bank_transaction_id = t.settled_id
          FROM unnest(%(pending)s::bigint[], %(settled)s::bigint[]) AS t (pending_id, settled_id)
         WHERE a.entity_id = %(entity_id)s AND a.bank_transaction_id = t.pending_id
        """,
        parameters,
    )


def _attachment(row: _AttachmentRow) -> Attachment:
    return Attachment(
        id=AttachmentId(row.id),
        transaction_id=row.transaction_id,
        name=row.name,
        url=row.url,
        media_type=row.media_type,
        size_bytes=row.size_bytes,
        sha256=row.sha256,
        external_id=row.external_id,
        added_at=row.added_at,
    )
