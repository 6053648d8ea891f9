"""How the queue is doing, in numbers."""

from dataclasses import dataclass

from openledger_server.base.db import Pool

OVERDUE_S = 60
_WORKER_SILENCE_S = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueHealth:
    """Counts of jobs and workers at one instant."""

    waiting: int
    """Due, and not yet taken."""
    overdue: int
    """Waiting for more than a minute."""
    running: int
    stalled: int
    """Running at a worker that has been silent for half a minute."""
    failed: int
    """Given up after all attempts."""
    workers: int
    """Heard of within the last half minute."""


async def queue_health(pool: Pool) -> QueueHealth:
    """Return the queue's numbers, across all tenants. `pool` must be open."""
    async with pool.connection() as conn:
        cursor = await conn.execute(
            """
            WITH worker AS (
              SELECT id FROM procrastinate_workers WHERE last_heartbeat > now() - %(silence_s)s * interval '1 second'
            ), job AS (
              SELECT status, worker_id,
                     coalesce(scheduled_at, (SELECT max(event.at) FROM procrastinate_events AS event
                                              WHERE event.job_id = job.id AND event.type::text LIKE 'deferred%%'))
                     AS due_at
                FROM procrastinate_jobs AS job WHERE status IN ('todo', 'doing', 'failed')
            )
            SELECT count(*) FILTER (WHERE status = 'todo' AND (due_at IS NULL OR due_at <= now())),
                   count(*) FILTER (WHERE status = 'todo' AND due_at < now() - %(overdue_s)s * interval '1 second'),
                   count(*) FILTER (WHERE status = 'doing'),
                   count(*) FILTER (WHERE status = 'doing' AND worker_id NOT IN (SELECT id FROM worker)
                                       OR status = 'doing' AND worker_id IS NULL),
                   count(*) FILTER (WHERE status = 'failed'),
                   (SELECT count(*) FROM worker)
              FROM job
            """,
            {"silence_s": _WORKER_SILENCE_S, "overdue_s": OVERDUE_S},
        )
        row = await cursor.fetchone()
    assert row is not None  # an aggregate always has one row
    waiting, overdue, running, stalled, failed, workers = row
    return QueueHealth(
        waiting=waiting, overdue=overdue, running=running, stalled=stalled, failed=failed, workers=workers
    )
