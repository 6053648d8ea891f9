"""Applying what happens to a connection: its new state, the reason, and who is told."""

import logging
from typing import Any, Final

from openledger_server.banking.connection import next_state
from openledger_server.banking.feed import FeedError
from openledger_server.banking.lifecycle import store as lifecycle
from openledger_server.banking.rows import ItemRow
from openledger_server.banking.types import ItemEvent, ItemState
from openledger_server.base.db import WriteConnection
from openledger_server.webhooks.outgoing.types import EventType
from openledger_server.workflows.announcing import announce, connection_facts
from openledger_server.workflows.services import Services

_LOGGER = logging.getLogger(__name__)

_GOOD: Final = frozenset(
    {
        *(ItemEvent.LINKED, ItemEvent.SYNCED, ItemEvent.SYNCED_PARTLY, ItemEvent.REPAIRED),
        *(ItemEvent.PAUSED, ItemEvent.RESUMED, ItemEvent.DISCONNECT, ItemEvent.REMOVED),
    }
)
_SENTENCES: Final = {
    ItemEvent.LOGIN_REQUIRED: "The bank asks the account holder to log in again.",
    ItemEvent.BANK_DOWN: "The bank is not answering. We try again later.",
    ItemEvent.RATE_LIMITED: "Plaid asks us to slow down. We try again in a minute or two.",
    ItemEvent.REVOKED: "The account holder withdrew the permission at the bank. Link the bank again.",
    ItemEvent.REFUSED: "The connection to the bank has ended. Link the bank again.",
}
_TOLD: Final = {
    ItemState.LOGIN_REQUIRED: EventType.BANK_NEEDS_LOGIN,
    ItemState.EXPIRING: EventType.BANK_EXPIRING,
    ItemState.REVOKED: EventType.BANK_DISCONNECTED,
    ItemState.DISCONNECTED: EventType.BANK_DISCONNECTED,
    ItemState.ERROR: EventType.BANK_DISCONNECTED,
}


async def note(
    services: Services,
    conn: WriteConnection,
    item: ItemRow,
    event: ItemEvent,
    *,
    entity_id: int,
    code: str | None = None,
    message: str | None = None,
) -> ItemState:
    """Apply an event to an item that this transaction holds, and return its new state.

    `code` is the provider's own word for what went wrong. Developers are told of a new state once, when it begins.
    """
    before = ItemState(item.state)
    after = next_state(before, event)
    if after is ItemState.HEALTHY and item.ends_at is not None and event is not ItemEvent.REPAIRED:
        after = next_state(after, ItemEvent.EXPIRES)
    if event in _GOOD:
        code, message = None, None
    elif after is before and event is not ItemEvent.FAILED_FOR_NOW:
        code, message = item.error_code or code, item.error_message or message
    elif event in _SENTENCES:
        message = message or _SENTENCES[event]
    await lifecycle.set_item_state(
        conn,
        entity_id=entity_id,
        item_id=item.id,
        state=after,
        error_code=code if after is not ItemState.EXPIRING else None,
        error_message=message if after is not ItemState.EXPIRING else None,
        now=services.now(),
    )
    if after is not before:
        await _changed(services, conn, item, before, after, entity_id=entity_id, code=code)
    return after


async def note_failure(
    services: Services, conn: WriteConnection, item: ItemRow, event: ItemEvent, exc: FeedError, *, entity_id: int
) -> ItemState:
    """Apply a failure of the feed."""
    return await note(services, conn, item, event, entity_id=entity_id, code=exc.provider_code, message=exc.message)


async def _changed(
    services: Services,
    conn: WriteConnection,
    item: ItemRow,
    before: ItemState,
    after: ItemState,
    *,
    entity_id: int,
    code: str | None,
) -> None:
    _LOGGER.info(
        "Connection changed",
        extra={"action": "item.changed", "item_id": item.id, "before": before.value, "after": after.value},
    )
    if after is ItemState.REVOKED:
        # The provider goes on billing for the item until it is removed there.
        await services.queue.enqueue_removal(conn, entity_id=entity_id, item_id=item.id)
    event = _TOLD.get(after)
    if event is None:
        return
    data: dict[str, Any] = {**connection_facts(item), "status": after.value, "reason": code}
    if after is ItemState.EXPIRING:
        data |= {
            "endsAt": None if item.ends_at is None else item.ends_at.isoformat().replace("+00:00", "Z"),
            "reason": item.disconnect_reason,
        }
    await announce(services, conn, event, entity_id=entity_id, data=data)
