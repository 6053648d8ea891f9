"""The worker: takes jobs off the queue, and does what the clock asks for."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from procrastinate import App, JobContext

from openledger_server.access.idempotency import store as idempotency
from openledger_server.access.idempotency.types import KEPT
from openledger_server.banking.feed import FeedError
from openledger_server.banking.store import UnknownItemError
from openledger_server.banking.types import ItemId
from openledger_server.base import db
from openledger_server.jobs.queue import (
    ASK_ADVISOR,
    AUDIT_ITEM,
    DELIVER_WEBHOOK,
    HANDLE_WEBHOOKS,
    REMOVE_ITEM,
    SYNC_ITEM,
    DatabaseQueue,
    enqueue_audits,
    enqueue_removals,
    enqueue_stale,
    new_queue_app,
)
from openledger_server.jobs.retries import DELIVERY_WAITS_S, BackOff, DeliverySchedule, Patience
from openledger_server.webhooks.incoming import store as incoming
from openledger_server.webhooks.outgoing.types import UnknownEndpointError
from openledger_server.workflows.ask_advisor import ask_advisor
from openledger_server.workflows.audit_item import audit_item
from openledger_server.workflows.deliver_webhook import deliver
from openledger_server.workflows.disconnect import remove_item
from openledger_server.workflows.receive_webhook import handle_webhooks
from openledger_server.workflows.recurring_entries import make_due_entries
from openledger_server.workflows.services import Services
from openledger_server.workflows.sync_item import NotSyncedError, sync_item
from openledger_server.workflows.verify_books import verify_all

_LOGGER = logging.getLogger(__name__)

_POLL_S = 1.0
_HEARTBEAT_S = 5.0
_STALLED_S = 15.0
_SHUTDOWN_S = 20.0
_SWEEP_AGE = timedelta(hours=4)
_AUDIT_AGE = timedelta(hours=24)
_AUDIT_SPREAD_S = 900
_WEBHOOKS_KEPT = timedelta(days=30)


async def run_worker(services: Services, *, concurrency: int = 4) -> None:
    """Work until a signal asks to stop; running jobs get 20 s to end, then go back to the queue.

    `services.pool` must be open. Any number of workers may run on one database.
    """
    app = new_worker_app(services)
    async with app.open_async(services.pool):
        _LOGGER.info("Worker started", extra={"action": "worker.started"})
        await app.run_worker_async(
            concurrency=concurrency,
            fetch_job_polling_interval=_POLL_S,
            update_heartbeat_interval=_HEARTBEAT_S,
            stalled_worker_timeout=_STALLED_S,
            shutdown_graceful_timeout=_SHUTDOWN_S,
            delete_jobs="successful",
        )


def new_worker_app(services: Services) -> App:
    """Return the queue with all tasks, wired to `services`."""
    app = new_queue_app()
    queue = DatabaseQueue(app)

    @app.task(name=SYNC_ITEM, retry=BackOff())
    async def _sync(*, entity_id: int, item_id: int, attempt: int = 0) -> None:
        await _sync_once(services, entity_id=entity_id, item_id=ItemId(item_id), attempt=attempt)
        if services.advice is not None:
            async with db.write_entity(services.pool, entity_id=entity_id) as conn:
                await queue.enqueue_advice(conn, entity_id=entity_id)

    @app.task(name=ASK_ADVISOR, retry=BackOff())
    async def _advise(*, entity_id: int) -> None:
        await ask_advisor(services, entity_id=entity_id)

    @app.periodic(cron="*/10 * * * * *")
    @app.task(name="retry_stalled_jobs", retry=BackOff(), queueing_lock="retry_stalled_jobs")
    async def _retry_stalled(timestamp: int) -> None:  # noqa: ARG001 - procrastinate passes it
        # A worker that was killed leaves its job marked as running, and the job's lock taken.
        for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=_STALLED_S):
            await app.job_manager.retry_job(job)
            _LOGGER.warning("Stalled job goes back to the queue", extra={"action": "job.retried", "job_id": job.id})

    @app.periodic(cron="*/15 * * * *")
    @app.task(name="sweep_items", retry=BackOff(), queueing_lock="sweep_items")
    async def _sweep(timestamp: int) -> None:  # noqa: ARG001 - procrastinate passes it
        await enqueue_stale(services.pool, queue, synced_before=services.now() - _SWEEP_AGE)
        await enqueue_removals(services.pool, queue)

    @app.periodic(cron="7,22,37,52 * * * *")
    @app.task(name="audit_items", retry=BackOff(), queueing_lock="audit_items")
    async def _audits(timestamp: int) -> None:  # noqa: ARG001 - procrastinate passes it
        # Each item has its own time of the day, so that the banks are not all asked at once.
        await enqueue_audits(services.pool, queue, audited_before=services.now() - _AUDIT_AGE, spread_s=_AUDIT_SPREAD_S)

    @app.periodic(cron="17 3 * * *")
    @app.task(name="prune_webhooks", retry=BackOff(), queueing_lock="prune_webhooks")
    async def _prune(timestamp: int) -> None:  # noqa: ARG001 - procrastinate passes it
        await incoming.prune(services.pool, older_than=services.now() - _WEBHOOKS_KEPT)

    @app.periodic(cron="7 * * * *")
    @app.task(name="make_recurring_entries", retry=BackOff(), queueing_lock="make_recurring_entries")
    async def _make_recurring(timestamp: int) -> None:  # noqa: ARG001 - procrastinate passes it
        await make_due_entries(services)

    @app.periodic(cron="41 * * * *")
    @app.task(name="prune_idempotent_requests", retry=BackOff(), queueing_lock="prune_idempotent_requests")
    async def _prune_answers(timestamp: int) -> None:  # noqa: ARG001 - procrastinate passes it
        await idempotency.prune(services.pool, older_than=services.now() - KEPT)

    @app.periodic(cron="41 2 * * *")
    @app.task(name="verify_books", retry=BackOff(), queueing_lock="verify_books")
    async def _verify(timestamp: int) -> None:  # noqa: ARG001 - procrastinate passes it
        await verify_all(services.pool, now=services.now())

    _add_connection_tasks(app, services)
    return app


def _add_connection_tasks(app: App, services: Services) -> None:
    @app.task(name=AUDIT_ITEM, retry=BackOff())
    async def _audit(*, entity_id: int, item_id: int) -> None:
        with _is_no_failure(item_id):
            await audit_item(services, entity_id=entity_id, item_id=ItemId(item_id))

    @app.task(name=HANDLE_WEBHOOKS, retry=BackOff())
    async def _handle(*, entity_id: int, item_id: int) -> None:
        try:
            await handle_webhooks(services, entity_id=entity_id, item_id=ItemId(item_id))
        except UnknownItemError:
            _LOGGER.info("Item is gone, its webhooks with it", extra={"action": "item.gone", "item_id": item_id})

    @app.task(name=REMOVE_ITEM, retry=Patience())
    async def _remove(*, entity_id: int, item_id: int) -> None:
        try:
            await remove_item(services, entity_id=entity_id, item_id=ItemId(item_id))
        except UnknownItemError:
            _LOGGER.info("Item is gone already", extra={"action": "item.gone", "item_id": item_id})

    @app.task(name=DELIVER_WEBHOOK, retry=DeliverySchedule(), pass_context=True)
    async def _deliver(context: JobContext, *, developer_id: int, message_id: int, endpoint_id: int) -> None:
        is_last = context.job.attempts >= len(DELIVERY_WAITS_S)
        try:
            await deliver(
                services,
                developer_id=developer_id,
                message_id=message_id,
                endpoint_id=endpoint_id,
                is_last=is_last,
            )
        except UnknownEndpointError:
            _LOGGER.info("Endpoint is gone", extra={"action": "webhook.dropped", "endpoint_id": endpoint_id})


async def _sync_once(services: Services, *, entity_id: int, item_id: ItemId, attempt: int) -> None:
    with _is_no_failure(item_id):
        await sync_item(services, entity_id=entity_id, item_id=item_id, attempt=attempt)


@contextmanager
def _is_no_failure(item_id: int) -> Iterator[None]:
    """Let a job end well that could do nothing for a reason that trying again does not cure."""
    try:
        yield
    except UnknownItemError:
        _LOGGER.info("Item is gone, nothing to sync", extra={"action": "item.gone", "item_id": item_id})
    except NotSyncedError:
        _LOGGER.info("Item is paused or has ended", extra={"action": "item.not_synced", "item_id": item_id})
    except FeedError as exc:
        # What waiting does not cure stays on the item for people to see; the job itself is done.
        if exc.is_retryable:
            raise
        _LOGGER.warning(
            "Unable to sync item",
            extra={"action": "item.sync_refused", "item_id": item_id, "provider_code": exc.provider_code},
        )
