"""All SQL of webhooks to developers. Their tenant is the developer; `announce` alone is called for an entity."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from openledger_server.base.db import ReadConnection, WriteConnection
from openledger_server.base.vault import Sealed
from openledger_server.webhooks.outgoing.types import DeliveryRow, EndpointRow, UnknownEndpointError

_ENDPOINT_QUERY = """
    SELECT developer_id, id, url, description, event_types, secret_ciphertext, secret_key_id, old_secret_ciphertext,
           old_secret_key_id, old_secret_until, created_at, disabled_at
      FROM webhook_endpoint WHERE developer_id = %(developer_id)s
"""


async def announce(
    conn: WriteConnection, *, message_id: int, event_type: str, body: dict[str, Any], now: datetime
) -> list[tuple[int, int]]:
    """Write a message about the transaction's entity to its developer's outbox.

    Returns (developer, endpoint) for each delivery to be made; nothing is written if nobody wants this type.
    """
    cursor = await conn.execute(
        "SELECT developer_id, endpoint_id FROM announce(%s, %s, %s, %s)", (message_id, event_type, Jsonb(body), now)
    )
    return [(row[0], row[1]) for row in await cursor.fetchall()]


async def add_endpoint(
    conn: WriteConnection,
    *,
    developer_id: int,
    endpoint_id: int,
    url: str,
    description: str,
    event_types: Sequence[str],
    secret: Sealed,
    now: datetime,
) -> None:
    """Store an endpoint."""
    await conn.execute(
        "INSERT INTO webhook_endpoint (developer_id, id, url, description, event_types, secret_ciphertext,"
        " secret_key_id, created_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
        (developer_id, endpoint_id, url, description, list(event_types), secret.ciphertext, secret.key_id, now),
    )


async def endpoints(conn: ReadConnection, *, developer_id: int) -> list[EndpointRow]:
    """Return the developer's endpoints, oldest first."""
    query = _ENDPOINT_QUERY + " ORDER BY id"
    async with conn.cursor(row_factory=class_row(EndpointRow)) as cursor:
        await cursor.execute(query, {"developer_id": developer_id})
        return await cursor.fetchall()


async def endpoint(conn: ReadConnection, *, developer_id: int, endpoint_id: int) -> EndpointRow:
    """Return one endpoint.

    Raises:
        UnknownEndpointError: if the developer has none of that id.
    """
    query = _ENDPOINT_QUERY + " AND id = %(id)s"
    async with conn.cursor(row_factory=class_row(EndpointRow)) as cursor:
        await cursor.execute(query, {"developer_id": developer_id, "id": endpoint_id})
        row = await cursor.fetchone()
    if row is None:
        raise UnknownEndpointError
    return row


async def delete_endpoint(conn: WriteConnection, *, developer_id: int, endpoint_id: int) -> bool:
    """Delete an endpoint with its deliveries; return whether there was one."""
    cursor = await conn.execute(
        "DELETE FROM webhook_endpoint WHERE developer_id = %s AND id = %s", (developer_id, endpoint_id)
    )
    return cursor.rowcount == 1


async def rotate_secret(
    conn: WriteConnection, secret: Sealed, *, developer_id: int, endpoint_id: int, old_until: datetime
) -> None:
    """Sign with another secret from now on, and with the one before too until `old_until`."""
    await conn.execute(
        "UPDATE webhook_endpoint SET old_secret_ciphertext = secret_ciphertext, old_secret_key_id = secret_key_id,"
        " old_secret_until = %s, secret_ciphertext = %s, secret_key_id = %s WHERE developer_id = %s AND id = %s",
        (old_until, secret.ciphertext, secret.key_id, developer_id, endpoint_id),
    )


async def disable_endpoint(conn: WriteConnection, *, developer_id: int, endpoint_id: int, now: datetime) -> None:
    """Send nothing more to an endpoint; it said that it is gone."""
    await conn.execute(
        "UPDATE webhook_endpoint SET disabled_at = %s WHERE developer_id = %s AND id = %s",
        (now, developer_id, endpoint_id),
    )


async def add_message(
    conn: WriteConnection,
    *,
    developer_id: int,
    message_id: int,
    endpoint_id: int,
    event_type: str,
    body: dict[str, Any],
    now: datetime,
) -> None:
    """Write a message for one endpoint that is about no entity."""
    await conn.execute(
        "INSERT INTO webhook_message (developer_id, id, event_type, body, created_at) VALUES (%s, %s, %s, %s, %s)",
        (developer_id, message_id, event_type, Jsonb(body), now),
    )
    await conn.execute(
        "INSERT INTO webhook_delivery (developer_id, message_id, endpoint_id) VALUES (%s, %s, %s)",
        (developer_id, message_id, endpoint_id),
    )


async def deliveries(
    conn: ReadConnection,
    *,
    developer_id: int,
    endpoint_id: int | None = None,
    message_id: int | None = None,
    after: tuple[int, int] | None = None,
    limit: int = 1,
) -> list[DeliveryRow]:
    """Return up to `limit` deliveries, newest message first.

    Only those of one endpoint or message, if named, and after a position (message, endpoint) in that order.
    """
    query = """
        SELECT d.message_id, d.endpoint_id, m.entity_id, m.event_type, m.body, m.created_at, d.state, d.attempts,
               d.last_attempt_at, d.last_status, d.last_error, d.delivered_at
          FROM webhook_delivery AS d
          JOIN webhook_message AS m ON m.developer_id = d.developer_id AND m.id = d.message_id
         WHERE d.developer_id = %(developer_id)s
           AND (%(endpoint_id)s::bigint IS NULL OR d.endpoint_id = %(endpoint_id)s)
           AND (%(message_id)s::bigint IS NULL OR d.message_id = %(message_id)s)
           AND (%(after_message)s::bigint IS NULL OR d.message_id < %(after_message)s
                OR (d.message_id = %(after_message)s AND d.endpoint_id > %(after_endpoint)s))
         ORDER BY d.message_id DESC, d.endpoint_id LIMIT %(limit)s
    """
    given = {
        "developer_id": developer_id,
        "endpoint_id": endpoint_id,
        "message_id": message_id,
        "after_message": None if after is None else after[0],
        "after_endpoint": None if after is None else after[1],
        "limit": limit,
    }
    async with conn.cursor(row_factory=class_row(DeliveryRow)) as cursor:
        await cursor.execute(query, given)
        return await cursor.fetchall()


async def record_attempt(
    conn: WriteConnection,
    *,
    developer_id: int,
    message_id: int,
    endpoint_id: int,
    state: str,
    status: int | None,
    error: str | None,
    now: datetime,
) -> None:
    """Store how an attempt went."""
    await conn.execute(
        "UPDATE webhook_delivery SET attempts = attempts + 1, state = %s, last_attempt_at = %s, last_status = %s,"
        " last_error = %s, delivered_at = CASE WHEN %s = 'delivered' THEN %s::timestamptz END"
        " WHERE developer_id = %s AND message_id = %s AND endpoint_id = %s",
        (state, now, status, error, state, now, developer_id, message_id, endpoint_id),
    )


async def await_again(conn: WriteConnection, *, developer_id: int, message_id: int, endpoint_id: int) -> bool:
    """Make a delivery that failed or was made wait again; return whether there is such a one."""
    cursor = await conn.execute(
        "UPDATE webhook_delivery SET state = 'waiting', attempts = 0"
        " WHERE developer_id = %s AND message_id = %s AND endpoint_id = %s",
        (developer_id, message_id, endpoint_id),
    )
    return cursor.rowcount == 1
