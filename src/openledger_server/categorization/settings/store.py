"""All SQL of an entity's settings."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from openledger_server.base.db import ReadConnection, WriteConnection
from openledger_server.ledger.types import LedgerAccountId


@dataclass(frozen=True, slots=True, kw_only=True)
class Floors:
    """From how sure on a machine's choice is booked, and shown; None: as measured."""

    auto_post: float | None = None
    suggest: float | None = None


async def floors(conn: ReadConnection, *, entity_id: int) -> Floors:
    """Return the entity's floors; those of an entity that never set any are None."""
    cursor = await conn.execute(
        """
        SELECT auto_post_floor::float8, suggest_floor::float8 FROM categorization_settings
         WHERE entity_id = %(entity_id)s
        """,
        {"entity_id": entity_id},
    )
    row = await cursor.fetchone()
    return Floors() if row is None else Floors(auto_post=row[0], suggest=row[1])


async def store_floors(conn: WriteConnection, wanted: Floors, *, entity_id: int, now: datetime) -> None:
    """Store the entity's floors."""
    await conn.execute(
        """
        INSERT INTO categorization_settings (entity_id, auto_post_floor, suggest_floor, updated_at)
        VALUES (%(entity_id)s, %(auto_post)s, %(suggest)s, %(now)s)
        ON CONFLICT (entity_id) DO UPDATE
          SET auto_post_floor = excluded.auto_post_floor, suggest_floor = excluded.suggest_floor,
              updated_at = excluded.updated_at
        """,
        {"entity_id": entity_id, "auto_post": wanted.auto_post, "suggest": wanted.suggest, "now": now},
    )


async def mapping(conn: ReadConnection, *, entity_id: int) -> dict[str, LedgerAccountId]:
    """Return where the entity wants kinds of rows other than the template does, by code."""
    cursor = await conn.execute(
        "SELECT code, ledger_account_id FROM category_mapping WHERE entity_id = %(entity_id)s",
        {"entity_id": entity_id},
    )
    return {row[0]: LedgerAccountId(row[1]) for row in await cursor.fetchall()}


async def store_mapping(
    conn: WriteConnection, wanted: Mapping[str, LedgerAccountId | None], *, entity_id: int, now: datetime
) -> None:
    """Store where these kinds of rows belong; None: where the template says. Others stay as they are."""
    await conn.execute(
        "DELETE FROM category_mapping WHERE entity_id = %(entity_id)s AND code = ANY(%(codes)s)",
        {"entity_id": entity_id, "codes": [code for code, account in wanted.items() if account is None]},
    )
    placed = {code: account for code, account in wanted.items() if account is not None}
    await conn.execute(
        """
        INSERT INTO category_mapping AS m (entity_id, code, ledger_account_id, updated_at)
        SELECT %(entity_id)s, code, ledger_account_id, %(now)s
          FROM unnest(%(codes)s::text[], %(accounts)s::bigint[]) AS t (code, ledger_account_id)
        ON CONFLICT (entity_id, code) DO UPDATE
          SET ledger_account_id = excluded.ledger_account_id, updated_at = excluded.updated_at
          WHERE m.ledger_account_id <> excluded.ledger_account_id
        """,
        {"entity_id": entity_id, "codes": list(placed), "accounts": list(placed.values()), "now": now},
    )
