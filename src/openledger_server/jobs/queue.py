"""The durable queue: procrastinate on our own database, so that a job and the rows that ask for it commit together."""

import random
from datetime import datetime
from typing import cast

from procrastinate import App, PsycopgConnector

from openledger_server.banking.types import ItemId
from openledger_server.base.db import Pool, WriteConnection

SYNC_ITEM = "sync_item"
AUDIT_ITEM = "audit_item"
HANDLE_WEBHOOKS = "handle_webhooks"
REMOVE_ITEM = "remove_item"
DELIVER_WEBHOOK = "deliver_webhook"
ASK_ADVISOR = "ask_advisor"


def new_queue_app() -> App:
    """Return a queue without tasks, good for enqueuing; call `open_async` with the pool before use."""
    return App(connector=PsycopgConnector())


class DatabaseQueue:
    """Implements `workflows.services.JobQueue`."""

    def __init__(self, app: App) -> None:
        """Enqueue into `app`, which must be open."""
        self._app = app

    async def enqueue_sync(
        self, conn: WriteConnection, *, entity_id: int, item_id: ItemId, delay_s: int = 0, attempt: int = 0
    ) -> None:
        """Ask for a sync of one item; one that already waits and is due is not asked for twice."""
        lock = lock_of(item_id)
        if delay_s == 0 and await _is_waiting(conn, lock=lock, task=SYNC_ITEM):
            return
        schedule = {"seconds": delay_s} if delay_s else None
        await self._app.configure_task(SYNC_ITEM, lock=lock, schedule_in=schedule, connection=conn).defer_async(
            entity_id=entity_id, item_id=item_id, attempt=attempt
        )

    async def enqueue_audit(self, conn: WriteConnection, *, entity_id: int, item_id: ItemId, delay_s: int = 0) -> None:
        """Ask for one item to be compared with the bank; it is not synced meanwhile. One that waits is enough."""
        if await _is_waiting(conn, lock=lock_of(item_id), task=AUDIT_ITEM, even_later=delay_s > 0):
            return
        schedule = {"seconds": delay_s} if delay_s else None
        await self._app.configure_task(
            AUDIT_ITEM, lock=lock_of(item_id), schedule_in=schedule, connection=conn
        ).defer_async(entity_id=entity_id, item_id=item_id)

    async def enqueue_notices(self, conn: WriteConnection, *, entity_id: int, item_id: ItemId) -> None:
        """Ask for an item's stored webhooks to be handled; a job that waits already will see this one's too."""
        lock = f"webhooks:{item_id}"
        if not await _is_waiting(conn, lock=lock, task=HANDLE_WEBHOOKS):
            await self._app.configure_task(HANDLE_WEBHOOKS, lock=lock, connection=conn).defer_async(
                entity_id=entity_id, item_id=item_id
            )

    async def enqueue_removal(self, conn: WriteConnection, *, entity_id: int, item_id: ItemId) -> None:
        """Ask for an item to be removed at the provider; one job at a time, whenever it is due."""
        lock = f"removal:{item_id}"
        if not await _is_waiting(conn, lock=lock, task=REMOVE_ITEM, even_later=True):
            await self._app.configure_task(REMOVE_ITEM, lock=lock, connection=conn).defer_async(
                entity_id=entity_id, item_id=item_id
            )

    async def enqueue_advice(self, conn: WriteConnection, *, entity_id: int) -> None:
        """Ask for a language model to be asked about an entity's open rows; a job that waits will see these too."""
        lock = f"advice:{entity_id}"
        if not await _is_waiting(conn, lock=lock, task=ASK_ADVISOR, even_later=True):
            await self._app.configure_task(ASK_ADVISOR, lock=lock, connection=conn).defer_async(entity_id=entity_id)

    async def enqueue_delivery(
        self, conn: WriteConnection, *, developer_id: int, message_id: int, endpoint_id: int
    ) -> None:
        """Ask for a message to be sent to one endpoint."""
        await self._app.configure_task(DELIVER_WEBHOOK, connection=conn).defer_async(
            developer_id=developer_id, message_id=message_id, endpoint_id=endpoint_id
        )


def lock_of(item_id: ItemId) -> str:
    """Return the lock under which at most one job per item runs, across all processes."""
    return f"item:{item_id}"


async def _is_waiting(conn: WriteConnection, *, lock: str, task: str, even_later: bool = False) -> bool:
    cursor = await conn.execute(
        """
        SELECT EXISTS (SELECT FROM procrastinate_jobs
                        WHERE lock = %(lock)s AND task_name = %(task)s AND status = 'todo'
                          AND (%(even_later)s OR scheduled_at IS NULL OR scheduled_at <= now()))
        """,
        {"lock": lock, "task": task, "even_later": even_later},
    )
    row = await cursor.fetchone()
    return row is not None and bool(row[0])


async def stale_items(pool: Pool, *, synced_before: datetime) -> list[tuple[int, ItemId]]:
    """Return (entity, item) of all items not synced since `synced_before`, across tenants."""
    async with pool.connection() as conn:
        cursor = await conn.execute("SELECT entity_id, item_id FROM items_to_sync(%s)", (synced_before,))
        return [(row[0], ItemId(row[1])) for row in await cursor.fetchall()]


async def enqueue_stale(pool: Pool, queue: DatabaseQueue, *, synced_before: datetime) -> int:
    """Ask for a sync of every item that was not synced since `synced_before`; return how many there were."""
    stale = await stale_items(pool, synced_before=synced_before)
    async with pool.connection() as conn, conn.transaction():
        for entity_id, item_id in stale:
            await queue.enqueue_sync(cast("WriteConnection", conn), entity_id=entity_id, item_id=item_id)
    return len(stale)


async def enqueue_audits(pool: Pool, queue: DatabaseQueue, *, audited_before: datetime, spread_s: int) -> int:
    """Ask for an audit of every item whose last one is older, spread over `spread_s` seconds; return how many."""
    async with pool.connection() as conn, conn.transaction():
        cursor = await conn.execute("SELECT entity_id, item_id FROM items_to_audit(%s)", (audited_before,))
        found = await cursor.fetchall()
        for entity_id, item_id in found:
            await queue.enqueue_audit(
                cast("WriteConnection", conn),
                entity_id=entity_id,
                item_id=ItemId(item_id),
                delay_s=random.randint(1, spread_s),  # noqa: S311 - jitter
            )
    return len(found)


async def enqueue_removals(pool: Pool, queue: DatabaseQueue) -> int:
    """Ask once more for every item to be removed whose removal the provider has not confirmed; return how many."""
    async with pool.connection() as conn, conn.transaction():
        cursor = await conn.execute("SELECT entity_id, item_id FROM items_to_remove()")
        found = await cursor.fetchall()
        for entity_id, item_id in found:
            await queue.enqueue_removal(cast("WriteConnection", conn), entity_id=entity_id, item_id=ItemId(item_id))
    return len(found)


async def enqueue_notices_of(pool: Pool, queue: DatabaseQueue, items: set[tuple[int, int]]) -> None:
    """Ask for the stored webhooks of these (entity, item) pairs to be handled."""
    async with pool.connection() as conn, conn.transaction():
        for entity_id, item_id in sorted(items):
            await queue.enqueue_notices(cast("WriteConnection", conn), entity_id=entity_id, item_id=ItemId(item_id))
