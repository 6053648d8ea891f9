"""All SQL of closed periods."""

from datetime import date, datetime

from openledger_server.base.db import ReadConnection, WriteConnection
from openledger_server.ledger.periods.types import Because, PeriodAction, PeriodEvent, PeriodRole
from openledger_server.ledger.types import Actor, ActorKind


async def closed_through(conn: ReadConnection, *, entity_id: int) -> date | None:
    """Return the last day of the closed period, or None if nothing is closed."""
    cursor = await conn.execute(
        """
        SELECT closed_through FROM period_event
         WHERE entity_id = %(entity_id)s AND action IN ('close', 'reopen') ORDER BY number DESC LIMIT 1
        """,
        {"entity_id": entity_id},
    )
    row = await cursor.fetchone()
    return None if row is None else row[0]


async def add_period_event(
    conn: WriteConnection,
    action: PeriodAction,
    *,
    entity_id: int,
    through: date | None,
    batch: int | None,
    because: Because,
    by: Actor,
    now: datetime,
) -> None:
    """Append to the log of periods. `batch` None means the last one appended. The books must be held."""
    await conn.execute(
        """
        INSERT INTO period_event (entity_id, number, action, closed_through, batch, role, reason, actor_kind, actor_id,
                                  actor_name, created_at)
        SELECT %(entity_id)s,
               1 + coalesce((SELECT max(v.number) FROM period_event AS v WHERE v.entity_id = %(entity_id)s), 0),
               %(action)s, %(through)s,
               coalesce(%(batch)s::bigint,
                        (SELECT max(b.batch) FROM ledger_batch AS b WHERE b.entity_id = %(entity_id)s), 0),
               %(role)s, %(reason)s, %(actor_kind)s, %(actor_id)s, %(actor_name)s, %(now)s
        """,
        {
            "entity_id": entity_id,
            "action": action.value,
            "through": through,
            "batch": batch,
            "role": because.role.value,
            "reason": because.reason,
            "actor_kind": by.kind.value,
            "actor_id": by.id,
            "actor_name": by.name,
            "now": now,
        },
    )


async def period_events(conn: ReadConnection, *, entity_id: int) -> list[PeriodEvent]:
    """Return everything done to the entity's periods, newest first."""
    cursor = await conn.execute(
        """
        SELECT number, action, closed_through, batch, role, reason, actor_kind, actor_id, actor_name, created_at
          FROM period_event WHERE entity_id = %(entity_id)s ORDER BY number DESC
        """,
        {"entity_id": entity_id},
    )
    return [
        PeriodEvent(
            number=row[0],
            action=PeriodAction(row[1]),
            closed_through=row[2],
            batch=row[3],
            because=Because(role=PeriodRole(row[4]), reason=row[5]),
            actor=Actor(kind=ActorKind(row[6]), id=row[7], name=row[8]),
            created_at=row[9],
        )
        for row in await cursor.fetchall()
    ]
