"""Keeping one item in step with the bank: fetch everything since the cursor, then store, judge and book it at once."""

import logging
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from openledger_server.access import store as access
from openledger_server.banking import store as banking
from openledger_server.banking.feed import FeedError, FeedFault, PaginationMutatedError
from openledger_server.banking.rows import ItemRow, PriorRow, SyncRun
from openledger_server.banking.types import (
    BankAccountFact,
    BankAccountId,
    BankTransactionFact,
    BankTransactionId,
    ItemId,
    ItemState,
    UpdateStatus,
)
from openledger_server.base import db
from openledger_server.base.db import WriteConnection
from openledger_server.bookkeeping.opening import set_opening_balances
from openledger_server.bookkeeping.post import post_bank_transactions
from openledger_server.categorization import store as categorization
from openledger_server.workflows.judge_transactions import judge_transactions
from openledger_server.workflows.link_item import access_token_of, add_bank_accounts
from openledger_server.workflows.services import Services

_LOGGER = logging.getLogger(__name__)

RESTARTS_MAX = 3
_STATE_BY_FAULT = {
    FeedFault.LOGIN_REQUIRED: ItemState.LOGIN_REQUIRED,
    FeedFault.GONE: ItemState.ERROR,
    FeedFault.CONFIGURATION: ItemState.ERROR,
}
# While history is still arriving we ask again after 1, 2, 4 … seconds, at most every five minutes.
_POLL_FIRST_S = 1
_POLL_MAX_S = 300


@dataclass(slots=True)
class Changes:
    """All changes of one loop, folded: the last word on each row counts."""

    upserted: dict[str, BankTransactionFact] = field(default_factory=dict)
    removed: dict[str, None] = field(default_factory=dict)
    bank_accounts: dict[str, BankAccountFact] = field(default_factory=dict)
    first_cursor: str = ""
    next_cursor: str = ""
    update_status: UpdateStatus = UpdateStatus.UNKNOWN
    pages: int = 0
    restarts: int = 0

    @property
    def is_snapshot(self) -> bool:
        """Whether these are all rows the bank has, not changes since some earlier state."""
        return self.first_cursor == "" and self.pages > 0 and self.update_status is UpdateStatus.HISTORICAL


async def sync_item(services: Services, *, entity_id: int, item_id: ItemId, attempt: int = 0) -> SyncRun:
    """Bring one item up to date and return the record of it.

    Everything the bank has changed since the stored cursor is fetched first, without touching the database; then rows,
    judgements, journal entries and the new cursor are written in one transaction. Killed at any instant, the next sync
    starts from the old cursor and ends in the same state. `attempt` counts earlier syncs that found no whole history.

    Raises:
        FeedError: if the provider fails; the item remembers why, rows and cursor stay as they were.
        UnknownItemError: if the entity has no such item.
    """
    started_at = services.now()
    async with db.read_entity(services.pool, entity_id=entity_id) as conn:
        item = await banking.item(conn, entity_id=entity_id, item_id=item_id)
    access_token = access_token_of(services, item, entity_id=entity_id)
    try:
        changes = await _fetch(services, access_token, cursor=item.sync_cursor)
        bank_accounts = await _missing_accounts(services, access_token, changes, entity_id=entity_id)
    except FeedError as exc:
        await _record_failure(services, item, exc, entity_id=entity_id, started_at=started_at)
        raise
    async with db.write_entity(services.pool, entity_id=entity_id) as conn:
        await access.hold_books(conn, entity_id=entity_id)
        locked = await banking.lock_item(conn, entity_id=entity_id, item_id=item_id)
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


async def _fetch(services: Services, access_token: str, *, cursor: str) -> Changes:
    """Return all changes since `cursor`; if the data change meanwhile, start again from there, not from the middle."""
    restarts = 0
    while True:
        changes = Changes(first_cursor=cursor, next_cursor=cursor, restarts=restarts)
        try:
            async for page in services.feed.transaction_pages(access_token, cursor=cursor):
                _fold(changes, page.upserted, page.removed)
                changes.bank_accounts.update({fact.provider_account_id: fact for fact in page.bank_accounts})
                changes.next_cursor, changes.update_status = page.next_cursor or cursor, page.update_status
                changes.pages += 1
        except PaginationMutatedError:
            restarts += 1
            if restarts > RESTARTS_MAX:
                raise
            continue
        return changes


def _fold(changes: Changes, upserted: Iterable[BankTransactionFact], removed: Iterable[str]) -> None:
    for fact in upserted:
        changes.upserted[fact.provider_transaction_id] = fact
        changes.removed.pop(fact.provider_transaction_id, None)
    for provider_transaction_id in removed:
        changes.upserted.pop(provider_transaction_id, None)
        changes.removed[provider_transaction_id] = None


async def _missing_accounts(
    services: Services, access_token: str, changes: Changes, *, entity_id: int
) -> tuple[BankAccountFact, ...]:
    """Return the item's whole account list if a row names an account we do not know, else nothing."""
    async with db.read_entity(services.pool, entity_id=entity_id) as conn:
        known = {row.provider_account_id for row in await banking.bank_accounts(conn, entity_id=entity_id)}
    if all(fact.provider_account_id in known for fact in changes.upserted.values()):
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
    counts, touched = await _store_rows(conn, changes, entity_id=entity_id, now=now)
    changes.upserted.clear()  # they are in the database now; a long history is much memory
    await banking.update_reported_balances(conn, changes.bank_accounts.values(), entity_id=entity_id, now=now)
    touched += await judge_transactions(conn, touched, entity_id=entity_id, now=now)
    await post_bank_transactions(conn, touched, entity_id=entity_id, now=now)
    is_complete = changes.update_status is UpdateStatus.HISTORICAL
    if item.history_complete_at is None:
        await _set_openings(conn, item, entity_id=entity_id, now=now)
        if not is_complete:
            await services.queue.enqueue_sync(
                conn,
                entity_id=entity_id,
                item_id=item.id,
                delay_s=min(_POLL_FIRST_S << min(attempt, 10), _POLL_MAX_S),
                attempt=attempt + 1,
            )
    await banking.set_item_synced(
        conn,
        entity_id=entity_id,
        item_id=item.id,
        sync_cursor=changes.next_cursor,
        is_history_complete=is_complete,
        now=now,
    )
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
        error_code=None,
    )
    await banking.add_sync_run(conn, run, entity_id=entity_id)
    return run


async def _store_rows(
    conn: WriteConnection, changes: Changes, *, entity_id: int, now: datetime
) -> tuple[Counter[str], list[BankTransactionId]]:
    """Write the rows, move people's decisions from pending to settled rows, keep counts; return what was touched."""
    facts = list(changes.upserted.values())
    # A settled row takes the place of its pending one whether or not the bank also names that in `removed`.
    replaced = {fact.pending_provider_id for fact in facts if fact.pending_provider_id and not fact.is_pending}
    accounts = {row.provider_account_id: row.id for row in await banking.bank_accounts(conn, entity_id=entity_id)}
    gone = {*changes.removed, *(replaced - changes.upserted.keys())}
    if changes.is_snapshot:
        gone.update(await _vanished(conn, facts, accounts, entity_id=entity_id))
    prior = await banking.prior_rows(conn, [*changes.upserted, *gone], entity_id=entity_id)
    written = await banking.upsert_bank_transactions(
        conn, facts, entity_id=entity_id, bank_account_ids=accounts, now=now
    )
    removed = await banking.remove_bank_transactions(conn, sorted(gone), entity_id=entity_id, now=now)
    ids = {row.provider_transaction_id: row.id for row in written}
    moves = {
        prior[fact.pending_provider_id].id: ids[fact.provider_transaction_id]
        for fact in facts
        if fact.pending_provider_id in prior and fact.provider_transaction_id in ids
    }
    if moves:
        await categorization.carry_decisions_over(conn, moves, entity_id=entity_id)
    await _count(conn, changes, ids, prior, [row.provider_transaction_id for row in removed], accounts, entity_id)
    added = sum(1 for provider_id in ids if provider_id not in prior or not prior[provider_id].is_live)
    counts = Counter(added=added, modified=len(ids) - added, removed=len(removed), unchanged=len(facts) - len(written))
    return counts, [*ids.values(), *(row.id for row in removed)]


async def _vanished(
    conn: WriteConnection,
    facts: list[BankTransactionFact],
    accounts: dict[str, BankAccountId],
    *,
    entity_id: int,
) -> list[str]:
    """Return our live rows that a snapshot of the bank no longer has.

    When reading starts anew (a cursor was lost or refused), rows taken back meanwhile are not named as removed; they
    are just not there. Accounts without a row in the snapshot, and days before an account's first one, say nothing.
    """
    covered: dict[BankAccountId, date] = {}
    for fact in facts:
        bank_account_id = accounts[fact.provider_account_id]
        covered[bank_account_id] = min(fact.dated, covered.get(bank_account_id, fact.dated))
    present = [fact.provider_transaction_id for fact in facts]
    return await banking.live_rows_except(conn, present, since=covered, entity_id=entity_id)


async def _count(
    conn: WriteConnection,
    changes: Changes,
    written: dict[str, BankTransactionId],
    prior: dict[str, PriorRow],
    removed: list[str],
    accounts: dict[str, BankAccountId],
    entity_id: int,
) -> None:
    """Keep each bank account's number of live settled and pending rows."""
    deltas: dict[BankAccountId, list[int]] = {}

    def add(bank_account_id: BankAccountId, *, is_pending: bool, by: int) -> None:
        deltas.setdefault(bank_account_id, [0, 0])[int(is_pending)] += by

    for provider_id in (*written, *removed):
        before = prior.get(provider_id)
        if before is not None and before.is_live:
            add(before.bank_account_id, is_pending=before.is_pending, by=-1)
    for provider_id in written:
        fact = changes.upserted[provider_id]
        add(accounts[fact.provider_account_id], is_pending=fact.is_pending, by=1)
    if deltas:
        await banking.count_rows(
            conn, {key: (settled, pending) for key, (settled, pending) in deltas.items()}, entity_id=entity_id
        )


async def _set_openings(conn: WriteConnection, item: ItemRow, *, entity_id: int, now: datetime) -> None:
    await set_opening_balances(
        conn,
        await banking.bank_accounts(conn, entity_id=entity_id, item_id=item.id),
        entity_id=entity_id,
        first_dates=await banking.first_settled_dates(conn, entity_id=entity_id),
        now=now,
    )


async def _record_failure(
    services: Services, item: ItemRow, exc: FeedError, *, entity_id: int, started_at: datetime
) -> None:
    async with db.write_entity(services.pool, entity_id=entity_id) as conn:
        await banking.set_item_failed(
            conn,
            entity_id=entity_id,
            item_id=item.id,
            state=_STATE_BY_FAULT.get(exc.fault),
            error_code=exc.provider_code,
            message=exc.message,
        )
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
            error_code=exc.provider_code,
        )
        await banking.add_sync_run(conn, run, entity_id=entity_id)
