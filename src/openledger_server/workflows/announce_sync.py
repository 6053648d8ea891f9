"""What developers are told of a sync: that it ended, which rows came, changed or went, and where balances disagree."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from openledger_server.banking.lifecycle import store as lifecycle
from openledger_server.banking.rows import ItemRow, SyncRun
from openledger_server.banking.types import BankTransactionId
from openledger_server.base.db import WriteConnection
from openledger_server.reconciliation.balances import balance_checks
from openledger_server.webhooks.outgoing.types import EventType
from openledger_server.workflows.announcing import announce, connection_facts
from openledger_server.workflows.services import Services

IDS_MAX = 500
"""Ids named in one message; whoever needs more asks the API for the list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncOutcome:
    """What a sync did to the rows."""

    counts: Counter[str]
    touched: list[BankTransactionId]
    created: list[BankTransactionId]
    updated: list[BankTransactionId]
    removed: list[BankTransactionId]


async def announce_sync(
    services: Services,
    conn: WriteConnection,
    item: ItemRow,
    run: SyncRun,
    outcome: SyncOutcome,
    *,
    entity_id: int,
    is_whole: bool,
) -> None:
    """Write the messages about a sync that is being stored."""
    for event, ids in (
        (EventType.TRANSACTIONS_CREATED, outcome.created),
        (EventType.TRANSACTIONS_UPDATED, outcome.updated),
        (EventType.TRANSACTIONS_REMOVED, outcome.removed),
    ):
        if ids:
            await _announce_rows(services, conn, item, event, ids, entity_id=entity_id)
    data = {
        **connection_facts(item),
        "isHistoryComplete": is_whole,
        "added": run.added,
        "modified": run.modified,
        "removed": run.removed,
    }
    await announce(services, conn, EventType.BANK_SYNC_COMPLETED, entity_id=entity_id, data=data)
    if is_whole:
        await announce_gaps(services, conn, item, entity_id=entity_id)


async def _announce_rows(
    services: Services,
    conn: WriteConnection,
    item: ItemRow,
    event: EventType,
    ids: Sequence[BankTransactionId],
    *,
    entity_id: int,
) -> None:
    data = {
        **connection_facts(item),
        "count": len(ids),
        "transactionIds": [str(row_id) for row_id in ids[:IDS_MAX]],
        "isTruncated": len(ids) > IDS_MAX,
    }
    await announce(services, conn, event, entity_id=entity_id, data=data)


async def announce_gaps(services: Services, conn: WriteConnection, item: ItemRow, *, entity_id: int) -> None:
    """Tell of each account whose balances differ, once for each new difference."""
    told = {}
    for check in await balance_checks(conn, entity_id=entity_id):
        row, gap = check.bank_account, check.difference_minor or 0
        if row.item_id != item.id or row.unlinked_at is not None or gap == row.told_gap_minor:
            continue
        told[row.id] = gap
        if gap:
            data = {
                **connection_facts(item),
                "bankAccountId": str(row.id),
                "currency": row.currency,
                "differenceMinor": gap,
            }
            await announce(services, conn, EventType.BALANCE_GAP_DETECTED, entity_id=entity_id, data=data)
    if told:
        await lifecycle.set_told_gaps(conn, told, entity_id=entity_id)
