"""All SQL of received webhooks."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from openledger_server.base.db import Pool, WriteConnection

_CODE_LENGTH_MAX = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """Where a webhook went; no entity if we know no such item."""

    entity_id: int | None
    item_id: int | None
    is_new: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedWebhook:
    """A stored webhook, as operators and the handler see it."""

    id: int
    entity_id: int | None
    item_id: int | None
    kind: str
    code: str
    body: dict[str, Any]
    received_at: datetime
    repeats: int
    state: str
    handled_at: datetime | None


async def receive(
    conn: WriteConnection,
    *,
    webhook_id: int,
    provider_item_id: str,
    kind: str,
    code: str,
    body: dict[str, Any],
    signed_sha256: bytes,
    now: datetime,
) -> Stored:
    """Store a verified webhook; one that is stored already is only counted."""
    cursor = await conn.execute(
        "SELECT entity_id, item_id, is_new FROM receive_webhook(%s, %s, %s, %s, %s, %s, %s)",
        (
            webhook_id,
            provider_item_id[:_CODE_LENGTH_MAX],
            kind[:_CODE_LENGTH_MAX],
            code[:_CODE_LENGTH_MAX],
            Jsonb(body),
            signed_sha256,
            now,
        ),
    )
    row = await cursor.fetchone()
    assert row is not None
    return Stored(entity_id=row[0], item_id=row[1], is_new=row[2])


async def take_waiting(conn: WriteConnection, *, entity_id: int, item_id: int, now: datetime) -> list[ReceivedWebhook]:
    """Return an item's unhandled webhooks in the order in which they came, marked as handled by this transaction."""
    async with conn.cursor(row_factory=class_row(ReceivedWebhook)) as cursor:
        await cursor.execute(
            """
            UPDATE received_webhook SET state = 'done', handled_at = %(now)s
             WHERE entity_id = %(entity_id)s AND item_id = %(item_id)s AND state = 'waiting'
            RETURNING id, entity_id, item_id, kind, code, body, received_at, repeats, state, handled_at
            """,
            {"entity_id": entity_id, "item_id": item_id, "now": now},
        )
        return sorted(await cursor.fetchall(), key=lambda row: row.id)


async def prune(pool: Pool, *, older_than: datetime) -> int:
    """Forget received webhooks and sent messages of before `older_than`, across tenants; return how many."""
    async with pool.connection() as conn:
        cursor = await conn.execute("SELECT prune_webhooks(%s)", (older_than,))
        row = await cursor.fetchone()
    return 0 if row is None else int(row[0])


def listed(owner_dsn: str, *, since: datetime | None, webhook_id: int | None, limit: int) -> list[ReceivedWebhook]:
    """Return stored webhooks of all tenants, newest first. Only the schema's owner may: this is for operators."""
    with psycopg.connect(owner_dsn, row_factory=class_row(ReceivedWebhook)) as conn:
        return conn.execute(
            """
            SELECT id, entity_id, item_id, kind, code, body, received_at, repeats, state, handled_at
              FROM received_webhook
             WHERE (%(since)s::timestamptz IS NULL OR received_at >= %(since)s)
               AND (%(id)s::bigint IS NULL OR id = %(id)s)
             ORDER BY received_at DESC, id DESC LIMIT %(limit)s
            """,
            {"since": since, "id": webhook_id, "limit": limit},
        ).fetchall()


def make_waiting(owner_dsn: str, webhook_ids: list[int]) -> set[tuple[int, int]]:
    """Let stored webhooks be handled again and return the (entity, item) pairs they are about.

    Those of items that we did not know when they came are looked up anew.
    """
    with psycopg.connect(owner_dsn) as conn:
        conn.execute(
            """
            UPDATE received_webhook AS r SET entity_id = i.entity_id, item_id = i.id
              FROM item AS i
             WHERE r.id = ANY(%(ids)s) AND r.entity_id IS NULL AND i.provider_item_id = r.provider_item_id
            """,
            {"ids": webhook_ids},
        )
        rows = conn.execute(
            """
            UPDATE received_webhook SET state = 'waiting', handled_at = NULL
             WHERE id = ANY(%(ids)s) AND entity_id IS NOT NULL
            RETURNING entity_id, item_id
            """,
            {"ids": webhook_ids},
        ).fetchall()
    return {(row[0], row[1]) for row in rows}
