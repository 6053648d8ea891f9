"""Keeping one item in step with the bank: fetch everything since the cursor, then store, judge and book it at once."""

import logging
from datetime import datetime, timedelta

from openledger_server.access import store as access
from openledger_server.banking import store as banking
from openledger_server.banking.connection import SYNCABLE, event_of
from openledger_server.banking.feed import FeedError
from openledger_server.banking.lifecycle import store as lifecycle
from openledger_server.banking.rows import ItemRow, SyncRun
from openledger_server.banking.types import BankAccountFact, ItemEvent, ItemHealth, ItemId, UpdateStatus
from openledger_server.base import db
from openledger_server.base.db import WriteConnection
from openledger_server.base.errors import ConflictError
from openledger_server.bookkeeping.opening import set_opening_balances
from openledger_server.bookkeeping.post import post_bank_transactions
from openledger_server.workflows.announce_sync import announce_sync
from openledger_server.workflows.connection_events import note, note_failure
from openledger_server.workflows.judge_transactions import judge_transactions
from openledger_server.workflows.link_item import access_token_of, add_bank_accounts
from openledger_server.workflows.services import Services
from openledger_server.workflows.store_rows import store_rows
from openledger_server.workflows.sync_changes import Changes, fetch_changes

_LOGGER = logging.getLogger(__name__)

# While history is still arriving we ask again after 1, 2, 4 … seconds, at most every five minutes.
_POLL_FIRST_S = 1
_POLL_MAX_S = 300
# A bank account that joins an item later brings its history within minutes; until a day has passed its opening balance
# is corrected along with it.
_JOINING = timedelta(days=1)
# A token is replaced within seconds. Whoever began longer ago than this was killed on the way.
_TOKEN_CHANGE_MAX = timedelta(minutes=2)


class NotSyncedError(ConflictError):
    """The connection is paused or has ended, so it is not synced."""

    code = "CONNECTION_NOT_SYNCED"

    def __init__(self) -> None:
        super().__init__("This bank connection is paused or has ended, so it is not synced.")


async def sync_item(services: Services, *, entity_id: int, item_id: ItemId, attempt: int = 0) -> SyncRun:
    """Bring one item up to date and return the record of it.

    Everything the bank has changed since the stored cursor is fetched first, without touching the database; then rows,
    judgements, journal entries and the new cursor are written in one transaction. Killed at any instant, the next sync
    starts from the old cursor and ends in the same state. `attempt` counts earlier syncs that found no whole history.

    Raises:
        FeedError: if the provider fails; the item remembers why, rows and cursor stay as they were.
        NotSyncedError: if the item is paused or has ended, be it while the bank was asked; nothing is stored then.
        UnknownItemError: if the entity has no such item.
    """
    started_at = services.now()
    async with db.read_entity(services.pool, entity_id=entity_id) as conn:
        item = await banking.item(conn, entity_id=entity_id, item_id=item_id)
    if item.state not in SYNCABLE:
        raise NotSyncedError
    access_token = access_token_of(services, item, entity_id=entity_id)
    try:
        changes = await fetch_changes(services.feed, access_token, cursor=item.sync_cursor)
        changes.health = await _health(services, access_token)
        bank_accounts = await _missing_accounts(services, access_token, changes, entity_id=entity_id)
    except FeedError as exc:
        await _record_failure(services, item, exc, entity_id=entity_id, started_at=started_at)
        raise
    async with db.write_entity(services.pool, entity_id=entity_id) as conn:
        await access.hold_books(conn, entity_id=entity_id)
        locked = await banking.lock_item(conn, entity_id=entity_id, item_id=item_id)
        if locked.state not in SYNCABLE:
            raise NotSyncedError
        if locked.sync_cursor != item.sync_cursor:
            # Another run got here first. What we fetched starts from an old cursor; the next sync will see the rest.
            await services.queue.enqueue_sync(conn, entity_id=entity_id, item_id=item_id)
            changes = Changes(first_cursor=locked.sync_cursor, next_cursor=locked.sync_cursor)
        run = await _store(
            services, conn, locked, changes, bank_accounts, entity_id=entity_id, started_at=started_at, attempt=attempt
        )
    _LOGGER.info(
        "Item synced",
        extra={
            "action": "item.synced",
            "item_id": item_id,
            "added": run.added,
            "modified": run.modified,
            "removed": run.removed,
            "pages": run.pages,
        },
    )
    return run


async def _health(services: Services, access_token: str) -> ItemHealth | None:
    """Return when the provider last spoke with the bank; not worth failing for."""
    try:
        return await services.feed.item_health(access_token)
    except FeedError:
        return None


async def _missing_accounts(
    services: Services, access_token: str, changes: Changes, *, entity_id: int
) -> tuple[BankAccountFact, ...]:
    """Return the item's whole account list if a row names an account we do not know, else nothing."""
    async with db.read_entity(services.pool, entity_id=entity_id) as conn:
        known = {row.provider_account_id for row in await banking.bank_accounts(conn, entity_id=entity_id)}
    if all(mark.provider_account_id in known for mark in changes.upserted.values()):
        return ()
    return await services.feed.bank_accounts(access_token)


async def _store(
    services: Services,
    conn: WriteConnection,
    item: ItemRow,
    changes: Changes,
    new_accounts: tuple[BankAccountFact, ...],
    *,
    entity_id: int,
    started_at: datetime,
    attempt: int,
) -> SyncRun:
    now = services.now()
    if new_accounts:
        await add_bank_accounts(conn, new_accounts, entity_id=entity_id, item_id=item.id, services=services)
    outcome = await store_rows(conn, changes, entity_id=entity_id, now=now)
    touched = outcome.touched
    changes.forget_facts()
    await banking.update_reported_balances(conn, changes.bank_accounts.values(), entity_id=entity_id, now=now)
    touched += await judge_transactions(conn, touched, entity_id=entity_id, now=now)
    await post_bank_transactions(conn, touched, entity_id=entity_id, now=now)
    is_complete = changes.update_status is UpdateStatus.HISTORICAL
    await _set_openings(conn, item, entity_id=entity_id, now=now)
    if item.history_complete_at is None and not is_complete:
        await services.queue.enqueue_sync(
            conn,
            entity_id=entity_id,
            item_id=item.id,
            delay_s=min(_POLL_FIRST_S << min(attempt, 10), _POLL_MAX_S),
            attempt=attempt + 1,
        )
    await lifecycle.set_item_synced(
        conn,
        entity_id=entity_id,
        item_id=item.id,
        sync_cursor=changes.next_cursor,
        is_history_complete=is_complete,
        now=now,
    )
    if changes.health is not None:
        await lifecycle.set_item_health(conn, changes.health, entity_id=entity_id, item_id=item.id)
    is_whole = is_complete or item.history_complete_at is not None
    await note(services, conn, item, ItemEvent.SYNCED if is_whole else ItemEvent.SYNCED_PARTLY, entity_id=entity_id)
    counts = outcome.counts
    run = SyncRun(
        item_id=item.id,
        started_at=started_at,
        finished_at=services.now(),
        pages=changes.pages,
        restarts=changes.restarts,
        added=counts["added"],
        modified=counts["modified"],
        removed=counts["removed"],
        unchanged=counts["unchanged"],
        skipped=counts["skipped"],
        error_code=None,
    )
    await banking.add_sync_run(conn, run, entity_id=entity_id)
    await announce_sync(services, conn, item, run, outcome, entity_id=entity_id, is_whole=is_whole)
    return run


async def _set_openings(conn: WriteConnection, item: ItemRow, *, entity_id: int, now: datetime) -> None:
    """Correct the opening balances of accounts whose history is still arriving."""
    complete_at = item.history_complete_at
    open_ = [
        row
        for row in await banking.bank_accounts(conn, entity_id=entity_id, item_id=item.id)
        if row.unlinked_at is None
        and (complete_at is None or (row.linked_at > complete_at and now < row.linked_at + _JOINING))
    ]
    if not open_:
        return
    first_dates = await banking.first_booked_dates(conn, entity_id=entity_id)
    await set_opening_balances(conn, open_, entity_id=entity_id, first_dates=first_dates, now=now)


async def _record_failure(
    services: Services, item: ItemRow, exc: FeedError, *, entity_id: int, started_at: datetime
) -> None:
    """Remember why a sync failed, unless it only met a token that is being replaced."""
    async with db.write_entity(services.pool, entity_id=entity_id) as conn:
        locked = await banking.lock_item(conn, entity_id=entity_id, item_id=item.id)
        event = event_of(exc.fault, provider_code=exc.provider_code)
        has_changed = item.access_token_ciphertext != locked.access_token_ciphertext
        if has_changed or token_is_changing(locked, now=services.now()):
            event = ItemEvent.FAILED_FOR_NOW
            await services.queue.enqueue_sync(conn, entity_id=entity_id, item_id=item.id, delay_s=_POLL_FIRST_S)
        await note_failure(services, conn, locked, event, exc, entity_id=entity_id)
        await lifecycle.set_item_attempted(conn, entity_id=entity_id, item_id=item.id, now=services.now())
        run = SyncRun(
            item_id=item.id,
            started_at=started_at,
            finished_at=services.now(),
            pages=0,
            restarts=0,
            added=0,
            modified=0,
            removed=0,
            unchanged=0,
            skipped=0,
            error_code=exc.provider_code,
        )
        await banking.add_sync_run(conn, run, entity_id=entity_id)


def token_is_changing(item: ItemRow, *, now: datetime) -> bool:
    """Return whether somebody is replacing the item's token right now, so that the stored one may be dead already."""
    since = item.token_changing_since
    return since is not None and now < since + _TOKEN_CHANGE_MAX
