"""All SQL of developers, API keys and entities."""

from dataclasses import dataclass
from datetime import datetime

import psycopg
from psycopg import errors as pg
from psycopg.rows import class_row

from openledger_server.access.idempotency.types import KEPT
from openledger_server.access.types import Entity, EntityDetails, EntityStatus, EntityType, UnknownEntityError
from openledger_server.base.db import ReadConnection, WriteConnection
from openledger_server.base.errors import ConflictError


class ExternalIdTakenError(ConflictError):
    """Another entity of the developer has this external id."""

    code = "EXTERNAL_ID_TAKEN"


@dataclass(frozen=True, slots=True, kw_only=True)
class _EntityRow:
    id: int
    developer_id: int
    external_id: str | None
    legal_name: str
    tin: str | None
    us_state: str | None
    entity_type: str | None
    phone_number: str | None
    status: str
    base_currency: str
    fiscal_year_start_month: int
    time_zone: str
    chart_template: str
    created_at: datetime
    updated_at: datetime


_ENTITY_QUERY = """
    SELECT id, developer_id, external_id, legal_name, tin, us_state, entity_type, phone_number, status, base_currency,
           fiscal_year_start_month, time_zone, chart_template, created_at, updated_at
      FROM entity
"""


def add_developer(
    owner_dsn: str, *, developer_id: int, name: str, api_key_id: int, key_sha256: bytes, label: str, now: datetime
) -> None:
    """Store a developer with a first API key. Only the schema's owner may: the server itself makes no developers."""
    with psycopg.connect(owner_dsn) as conn:
        conn.execute(
            "INSERT INTO developer (id, name, created_at) VALUES (%(id)s, %(name)s, %(now)s)",
            {"id": developer_id, "name": name, "now": now},
        )
        conn.execute(
            """
            INSERT INTO api_key (developer_id, id, key_sha256, label, created_at)
            VALUES (%(developer_id)s, %(id)s, %(sha256)s, %(label)s, %(now)s)
            """,
            {"developer_id": developer_id, "id": api_key_id, "sha256": key_sha256, "label": label, "now": now},
        )


async def add_api_key(
    conn: WriteConnection, *, developer_id: int, api_key_id: int, key_sha256: bytes, label: str, now: datetime
) -> None:
    """Store the hash of a further key of a developer."""
    await conn.execute(
        """
        INSERT INTO api_key (developer_id, id, key_sha256, label, created_at)
        VALUES (%(developer_id)s, %(id)s, %(sha256)s, %(label)s, %(now)s)
        """,
        {"developer_id": developer_id, "id": api_key_id, "sha256": key_sha256, "label": label, "now": now},
    )


async def api_key_hashes(conn: ReadConnection, *, developer_id: int) -> list[bytes]:
    """Return the hashes of the developer's keys that are not revoked."""
    cursor = await conn.execute(
        "SELECT key_sha256 FROM api_key WHERE developer_id = %(developer_id)s AND revoked_at IS NULL",
        {"developer_id": developer_id},
    )
    return [row[0] for row in await cursor.fetchall()]


async def developer_name(conn: ReadConnection, *, developer_id: int) -> str:
    """Return a developer's name, or "" if there is no such developer."""
    cursor = await conn.execute("SELECT name FROM developer WHERE id = %(id)s", {"id": developer_id})
    row = await cursor.fetchone()
    return "" if row is None else str(row[0])


async def entity_developer_id(conn: ReadConnection, *, entity_id: int) -> int | None:
    """Return whose entity this is, or None if there is no such entity."""
    cursor = await conn.execute("SELECT developer_id FROM entity WHERE id = %(id)s", {"id": entity_id})
    row = await cursor.fetchone()
    return None if row is None else int(row[0])


async def entities_of_transaction(conn: ReadConnection, *, transaction_id: int) -> list[int]:
    """Return which of this transaction's developer's entities have a transaction of that id; one or none, mostly."""
    cursor = await conn.execute(
        "SELECT entity_id FROM entities_of_transaction(%(transaction_id)s)", {"transaction_id": transaction_id}
    )
    return [int(row[0]) for row in await cursor.fetchall()]


async def entity(conn: ReadConnection, *, entity_id: int) -> Entity:
    """Return one entity that this transaction may see.

    Raises:
        UnknownEntityError: if there is none.
    """
    query = _ENTITY_QUERY + " WHERE id = %(id)s"
    return await _one(conn, query=query, parameters={"id": entity_id})


async def entity_by_external_id(conn: ReadConnection, *, developer_id: int, external_id: str) -> Entity:
    """Return the developer's entity of this external id.

    Raises:
        UnknownEntityError: if there is none.
    """
    query = _ENTITY_QUERY + " WHERE developer_id = %(developer_id)s AND external_id = %(external_id)s"
    return await _one(conn, query=query, parameters={"developer_id": developer_id, "external_id": external_id})


async def entity_by_creation(conn: ReadConnection, *, developer_id: int, creation_sha256: bytes) -> Entity:
    """Return the developer's entity that a request with this digest of its idempotency key made.

    Raises:
        UnknownEntityError: if there is none.
    """
    query = _ENTITY_QUERY + " WHERE developer_id = %(developer_id)s AND creation_sha256 = %(creation)s"
    return await _one(conn, query=query, parameters={"developer_id": developer_id, "creation": creation_sha256})


async def hold_books(conn: WriteConnection, *, entity_id: int) -> None:
    """Wait until nobody else writes this entity's books, then hold them until the transaction ends.

    Two banks of one entity may be synced at once: each must see the other's rows to find transfers between them, and
    both add to the same monthly totals. Readers are not held up, nor are rows that only refer to the entity.
    """
    await conn.execute("SELECT id FROM entity WHERE id = %(entity_id)s FOR NO KEY UPDATE", {"entity_id": entity_id})


async def lock_entity(conn: WriteConnection, *, entity_id: int) -> Entity:
    """Return one entity and hold it until the transaction ends.

    Raises:
        UnknownEntityError: if there is none.
    """
    query = _ENTITY_QUERY + " WHERE id = %(id)s FOR UPDATE"
    return await _one(conn, query=query, parameters={"id": entity_id})


async def _one(conn: ReadConnection, *, query: str, parameters: dict[str, object]) -> Entity:
    async with conn.cursor(row_factory=class_row(_EntityRow)) as cursor:
        await cursor.execute(query, parameters)
        row = await cursor.fetchone()
    if row is None:
        raise UnknownEntityError
    return _entity(row)


async def entities(
    conn: ReadConnection, *, developer_id: int, after_id: int, limit: int, external_id: str | None = None
) -> list[Entity]:
    """Return up to `limit` of the developer's entities with ids above `after_id`, oldest first."""
    query = (
        _ENTITY_QUERY
        + """
         WHERE developer_id = %(developer_id)s AND id > %(after_id)s
           AND (%(external_id)s::text IS NULL OR external_id = %(external_id)s)
         ORDER BY id LIMIT %(limit)s
        """
    )
    parameters = {"developer_id": developer_id, "after_id": after_id, "limit": limit, "external_id": external_id}
    async with conn.cursor(row_factory=class_row(_EntityRow)) as cursor:
        await cursor.execute(query, parameters)
        return [_entity(row) for row in await cursor.fetchall()]


async def entity_count(conn: ReadConnection, *, developer_id: int) -> int:
    """Return how many entities the developer has."""
    cursor = await conn.execute(
        "SELECT count(*) FROM entity WHERE developer_id = %(developer_id)s", {"developer_id": developer_id}
    )
    row = await cursor.fetchone()
    assert row is not None
    return int(row[0])


async def add_entity(
    conn: WriteConnection,
    details: EntityDetails,
    *,
    entity_id: int,
    developer_id: int,
    now: datetime,
    creation_sha256: bytes | None = None,
) -> bool:
    """Store a new entity and return True; False if the developer has one of this external id or creation already.

    `creation_sha256` is the digest of the idempotency key, which names one entity for 24 hours. A request that stores
    the same at the same time is waited for.
    """
    if creation_sha256 is not None:
        await conn.execute(
            """
            UPDATE entity SET creation_sha256 = NULL
             WHERE developer_id = %(developer_id)s AND creation_sha256 = %(creation)s AND created_at < %(kept_since)s
            """,
            {"developer_id": developer_id, "creation": creation_sha256, "kept_since": now - KEPT},
        )
    cursor = await conn.execute(
        """
        INSERT INTO entity (id, developer_id, external_id, legal_name, tin, us_state, entity_type, phone_number, status,
                            base_currency, fiscal_year_start_month, time_zone, chart_template,
                            creation_sha256, created_at, updated_at)
        VALUES (%(id)s, %(developer_id)s, %(external_id)s, %(legal_name)s, %(tin)s, %(us_state)s, %(entity_type)s,
                %(phone_number)s, %(status)s, %(base_currency)s, %(fiscal_year_start_month)s, %(time_zone)s,
                %(chart_template)s, %(creation)s, %(now)s, %(now)s)
        ON CONFLICT DO NOTHING
        """,
        {
            "id": entity_id,
            "developer_id": developer_id,
            "creation": creation_sha256,
            "now": now,
            **_columns(details),
        },
    )
    return cursor.rowcount == 1


async def update_entity(conn: WriteConnection, details: EntityDetails, *, entity_id: int, now: datetime) -> None:
    """Replace what is said about an entity.

    Raises:
        ExternalIdTakenError: if another entity of the developer has the external id.
    """
    try:
        await conn.execute(
            """
            UPDATE entity
               SET external_id = %(external_id)s, legal_name = %(legal_name)s, tin = %(tin)s, us_state = %(us_state)s,
                   entity_type = %(entity_type)s, phone_number = %(phone_number)s, status = %(status)s,
                   base_currency = %(base_currency)s, fiscal_year_start_month = %(fiscal_year_start_month)s,
                   time_zone = %(time_zone)s, updated_at = %(now)s
             WHERE id = %(id)s
            """,
            {"id": entity_id, "now": now, **_columns(details)},
        )
    except pg.UniqueViolation as exc:
        raise ExternalIdTakenError("Another of your entities has this externalId.") from exc


async def delete_entity(conn: WriteConnection, *, entity_id: int) -> bool:
    """Delete an entity of this transaction's developer with everything that hangs on it; False if there is none."""
    cursor = await conn.execute("SELECT delete_entity(%(id)s)", {"id": entity_id})
    row = await cursor.fetchone()
    return row is not None and bool(row[0])


def _columns(details: EntityDetails) -> dict[str, object]:
    return {
        "external_id": details.external_id,
        "legal_name": details.legal_name,
        "tin": details.tin,
        "us_state": details.us_state,
        "entity_type": details.entity_type.value if details.entity_type else None,
        "phone_number": details.phone_number,
        "status": details.status.value,
        "base_currency": details.base_currency,
        "fiscal_year_start_month": details.fiscal_year_start_month,
        "time_zone": details.time_zone,
        "chart_template": details.chart_template,
    }


def _entity(row: _EntityRow) -> Entity:
    return Entity(
        id=row.id,
        developer_id=row.developer_id,
        details=EntityDetails(
            external_id=row.external_id,
            legal_name=row.legal_name,
            tin=row.tin,
            us_state=row.us_state,
            entity_type=EntityType(row.entity_type) if row.entity_type else None,
            phone_number=row.phone_number,
            status=EntityStatus(row.status),
            base_currency=row.base_currency,
            fiscal_year_start_month=row.fiscal_year_start_month,
            time_zone=row.time_zone,
            chart_template=row.chart_template,
        ),
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
