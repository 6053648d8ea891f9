"""All SQL of what the checks of the books found."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from openledger_server.base.db import Pool, ReadConnection, WriteConnection

_FINDINGS_KEPT = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredVerification:
    """What the last check of an entity's books came to."""

    verified_at: datetime
    is_sound: bool
    findings: list[dict[str, str]]
    """The first hundred, each with `check` and `subject`."""
    head_batch: int
    head_sha256: bytes | None


async def entities_to_verify(pool: Pool, *, after_id: int, limit: int) -> list[int]:
    """Return up to `limit` ids of entities above `after_id`, across tenants, lowest first."""
    async with pool.connection() as conn:
        cursor = await conn.execute("SELECT entity_id FROM entities_to_verify(%s, %s)", (after_id, limit))
        return [row[0] for row in await cursor.fetchall()]


async def store_verification(
    conn: WriteConnection,
    *,
    entity_id: int,
    verified_at: datetime,
    findings: Sequence[tuple[str, str]],
    head_batch: int,
    head_sha256: bytes | None,
) -> None:
    """Keep what a check found, as (check, subject), in place of what the one before did."""
    kept = [{"check": check, "subject": subject} for check, subject in findings[:_FINDINGS_KEPT]]
    await conn.execute(
        """
        INSERT INTO books_verification (entity_id, verified_at, is_sound, findings, head_batch, head_sha256)
        VALUES (%(entity_id)s, %(verified_at)s, %(is_sound)s, %(findings)s, %(head_batch)s, %(head_sha256)s)
        ON CONFLICT (entity_id) DO UPDATE
          SET verified_at = excluded.verified_at, is_sound = excluded.is_sound, findings = excluded.findings,
              head_batch = excluded.head_batch, head_sha256 = excluded.head_sha256
        """,
        {
            "entity_id": entity_id,
            "verified_at": verified_at,
            "is_sound": not findings,
            "findings": Jsonb(kept),
            "head_batch": head_batch,
            "head_sha256": head_sha256,
        },
    )


async def last_verification(conn: ReadConnection, *, entity_id: int) -> StoredVerification | None:
    """Return what the last check found; None if there was none yet."""
    async with conn.cursor(row_factory=class_row(StoredVerification)) as cursor:
        await cursor.execute(
            """
            SELECT verified_at, is_sound, findings, head_batch, head_sha256 FROM books_verification
             WHERE entity_id = %(entity_id)s
            """,
            {"entity_id": entity_id},
        )
        return await cursor.fetchone()
