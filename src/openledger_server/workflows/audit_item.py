"""Comparing an item with the bank: our rows of the last 60 days with its list, our balances with what it reports."""

import logging
from datetime import date, timedelta

from openledger_server.access import store as access
from openledger_server.banking import store as banking
from openledger_server.banking.audits import store as auditing
from openledger_server.banking.audits.comparing import differences
from openledger_server.banking.audits.types import Audit, AuditedBalance, AuditedRow, Difference, DifferenceKind
from openledger_server.banking.connection import SYNCABLE
from openledger_server.banking.feed import PaginationMutatedError
from openledger_server.banking.lifecycle import store as lifecycle
from openledger_server.banking.rows import ItemRow
from openledger_server.banking.types import BankAccountFact, ItemId
from openledger_server.base import db
from openledger_server.base.db import WriteConnection
from openledger_server.reconciliation.balances import balance_checks
from openledger_server.webhooks.outgoing.types import EventType
from openledger_server.workflows.announce_sync import announce_gaps
from openledger_server.workflows.announcing import announce, connection_facts
from openledger_server.workflows.link_item import access_token_of
from openledger_server.workflows.services import Services
from openledger_server.workflows.sync_item import NotSyncedError, sync_item

_LOGGER = logging.getLogger(__name__)

DAYS = 60
_RESTARTS_MAX = 3


async def audit_item(services: Services, *, entity_id: int, item_id: ItemId) -> Audit:
    """Sync an item, compare it with the bank, store and return the report.

    What differs is looked at a second time after another sync, because the bank may have got news in between. If rows
    still differ, and did not the last time, the whole history is read again, which brings our rows in step with the
    bank's; the next audit shows whether it did. Nothing else is changed.

    Raises:
        FeedError: if the provider fails.
        NotSyncedError: if the item is paused or has ended, or its history has not arrived yet.
        UnknownItemError: if the entity has no such item.
    """
    started_at = services.now()
    last_day = started_at.date() + timedelta(days=1)
    first_day = last_day - timedelta(days=DAYS)
    await sync_item(services, entity_id=entity_id, item_id=item_id)
    token = await _access_token(services, entity_id=entity_id, item_id=item_id)
    theirs, facts = await _banks_view(services, token, first_day, last_day)
    found, count = await _compared(services, theirs, first_day, last_day, entity_id=entity_id, item_id=item_id)
    if found:
        await sync_item(services, entity_id=entity_id, item_id=item_id)
        theirs, facts = await _banks_view(services, token, first_day, last_day)
        found, count = await _compared(services, theirs, first_day, last_day, entity_id=entity_id, item_id=item_id)
    async with db.write_entity(services.pool, entity_id=entity_id) as conn:
        await access.hold_books(conn, entity_id=entity_id)
        item = await banking.lock_item(conn, entity_id=entity_id, item_id=item_id)
        if item.state not in SYNCABLE:
            raise NotSyncedError
        now = services.now()
        await banking.update_reported_balances(conn, facts, entity_id=entity_id, now=now)
        audit = Audit(
            item_id=item_id,
            started_at=started_at,
            finished_at=now,
            first_day=first_day,
            last_day=last_day,
            rows_here=count,
            rows_there=len(theirs),
            differences=found,
            balances=await _balances(conn, entity_id=entity_id, item_id=item_id),
            reads_again=bool(found) and await _is_new(conn, entity_id=entity_id, item_id=item_id),
        )
        await _store(services, conn, item, audit, entity_id=entity_id)
    return audit


async def _access_token(services: Services, *, entity_id: int, item_id: ItemId) -> str:
    async with db.read_entity(services.pool, entity_id=entity_id) as conn:
        item = await banking.item(conn, entity_id=entity_id, item_id=item_id)
    if item.history_complete_at is None:
        raise NotSyncedError
    return access_token_of(services, item, entity_id=entity_id)


async def _banks_view(
    services: Services, access_token: str, first_day: date, last_day: date
) -> tuple[dict[str, AuditedRow], tuple[BankAccountFact, ...]]:
    for _ in range(_RESTARTS_MAX):
        try:
            rows = await services.feed.rows_between(access_token, first_day=first_day, last_day=last_day)
        except PaginationMutatedError:
            continue
        facts = await services.feed.bank_accounts(access_token)
        return {row.provider_transaction_id: row for row in rows}, facts
    rows = await services.feed.rows_between(access_token, first_day=first_day, last_day=last_day)
    return {row.provider_transaction_id: row for row in rows}, await services.feed.bank_accounts(access_token)


async def _compared(
    services: Services,
    theirs: dict[str, AuditedRow],
    first_day: date,
    last_day: date,
    *,
    entity_id: int,
    item_id: ItemId,
) -> tuple[tuple[Difference, ...], int]:
    """Return the differences of the accounts that are linked, and how many rows we have on these days."""
    async with db.read_entity(services.pool, entity_id=entity_id) as conn:
        ours = await auditing.audited_rows(
            conn, list(theirs), entity_id=entity_id, item_id=item_id, first_day=first_day, last_day=last_day
        )
        accounts = await banking.bank_accounts(conn, entity_id=entity_id, item_id=item_id)
    linked = {row.provider_account_id for row in accounts if row.unlinked_at is None}
    asked = {key: row for key, row in theirs.items() if row.provider_account_id in linked}
    count = sum(1 for row in ours.values() if first_day <= row.dated <= last_day)
    return differences(ours, asked, first_day=first_day, last_day=last_day), count


async def _balances(conn: WriteConnection, *, entity_id: int, item_id: ItemId) -> tuple[AuditedBalance, ...]:
    return tuple(
        AuditedBalance(
            bank_account_id=check.bank_account.id,
            currency=check.bank_account.currency,
            reported_minor=check.reported_minor,
            ledger_minor=check.ledger_minor,
        )
        for check in await balance_checks(conn, entity_id=entity_id)
        if check.bank_account.item_id == item_id and check.bank_account.unlinked_at is None
    )


async def _is_new(conn: WriteConnection, *, entity_id: int, item_id: ItemId) -> bool:
    """Return whether the audit before found no rows that differ, so that reading again was not tried yet."""
    before = await auditing.audits(conn, entity_id=entity_id, item_id=item_id, limit=1)
    return not before or not before[0].has_row_differences


async def _store(services: Services, conn: WriteConnection, item: ItemRow, audit: Audit, *, entity_id: int) -> None:
    await auditing.add_audit(conn, audit, entity_id=entity_id)
    if audit.reads_again:
        await lifecycle.restart_history(conn, entity_id=entity_id, item_id=item.id)
        await services.queue.enqueue_sync(conn, entity_id=entity_id, item_id=item.id)
    await announce_gaps(services, conn, item, entity_id=entity_id)
    if audit.differences:
        data = {
            **connection_facts(item),
            "missingHere": audit.count(DifferenceKind.MISSING_HERE),
            "missingThere": audit.count(DifferenceKind.MISSING_THERE),
            "differing": audit.count(DifferenceKind.DIFFERS),
            "readsAgain": audit.reads_again,
        }
        await announce(services, conn, EventType.BANK_AUDIT_DIFFERS, entity_id=entity_id, data=data)
    _LOGGER.log(
        logging.INFO if audit.is_clean else logging.WARNING,
        "Item audited",
        extra={
            "action": "item.audited",
            "item_id": item.id,
            "differences": len(audit.differences),
            "balances_differing": audit.balances_differing,
        },
    )


async def request_audit(services: Services, *, entity_id: int, item_id: ItemId) -> None:
    """Ask for an audit now.

    Raises:
        UnknownItemError: if the entity has no such item.
        NotSyncedError: if the item is paused or has ended.
    """
    async with db.write_entity(services.pool, entity_id=entity_id) as conn:
        item = await banking.lock_item(conn, entity_id=entity_id, item_id=item_id)
        if item.state not in SYNCABLE:
            raise NotSyncedError
        await services.queue.enqueue_audit(conn, entity_id=entity_id, item_id=item_id)
