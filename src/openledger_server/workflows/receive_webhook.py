"""The provider's webhooks: proved, stored and queued at once; handled by a job, all of an item's together."""

import logging
from typing import Any, cast

import orjson

from openledger_server.banking import store as banking
from openledger_server.banking.lifecycle import store as lifecycle
from openledger_server.banking.rows import ItemRow
from openledger_server.banking.types import ItemEvent, ItemId, ItemNotice
from openledger_server.base import db
from openledger_server.base.db import WriteConnection
from openledger_server.base.ids import new_id
from openledger_server.webhooks.incoming import store as incoming
from openledger_server.workflows.connection_events import note
from openledger_server.workflows.services import Services

_LOGGER = logging.getLogger(__name__)


async def receive_webhook(services: Services, body: bytes, *, signature: str | None) -> None:
    """Store a webhook that is proved to be the provider's and ask for it to be handled.

    The same delivery again is stored and handled once. One about an item that we do not know is logged.

    Raises:
        NoticeSignatureError: if the provider did not send it; nothing is stored.
        FeedError: if that cannot be found out now.
    """
    proven = await services.feed.proven_notice(body, signature=signature, now=services.now())
    notice = proven.notice
    async with services.pool.connection() as plain, plain.transaction():
        conn = cast("WriteConnection", plain)  # no tenant yet: the one function called here finds it
        stored = await incoming.receive(
            conn,
            webhook_id=new_id(),
            provider_item_id=notice.provider_item_id,
            kind=notice.kind,
            code=notice.code,
            body=orjson.loads(body),
            signed_sha256=proven.signed_sha256,
            now=services.now(),
        )
        if stored.is_new and stored.entity_id is not None and stored.item_id is not None:
            await services.queue.enqueue_notices(conn, entity_id=stored.entity_id, item_id=ItemId(stored.item_id))
    _LOGGER.info(
        "Webhook received" if stored.item_id is not None else "Webhook about no item of ours",
        extra={
            "action": "webhook.received",
            "kind": notice.kind,
            "code": notice.code,
            "item_id": stored.item_id,
            "is_new": stored.is_new,
        },
    )


async def handle_webhooks(services: Services, *, entity_id: int, item_id: ItemId) -> int:
    """Apply all stored webhooks of an item, in the order in which they came, and return how many there were.

    However many ask for a sync, one is queued.

    Raises:
        UnknownItemError: if the item is gone.
    """
    wants_sync = False
    async with db.write_entity(services.pool, entity_id=entity_id) as conn:
        await banking.lock_item(conn, entity_id=entity_id, item_id=item_id)
        taken = await incoming.take_waiting(conn, entity_id=entity_id, item_id=item_id, now=services.now())
        for webhook in taken:
            notice = services.feed.notice_of(webhook.body)
            if notice.event is None:
                _LOGGER.info("Webhook asks for nothing", extra={"action": "webhook.ignored", "code": notice.code})
                continue
            await _apply(services, conn, notice, notice.event, entity_id=entity_id, item_id=item_id)
            wants_sync = wants_sync or notice.wants_sync
        if wants_sync:
            await services.queue.enqueue_sync(conn, entity_id=entity_id, item_id=item_id)
    return len(taken)


async def _apply(
    services: Services,
    conn: WriteConnection,
    notice: ItemNotice,
    event: ItemEvent,
    *,
    entity_id: int,
    item_id: ItemId,
) -> None:
    if event is ItemEvent.EXPIRES:
        await _set_end(conn, notice, entity_id=entity_id, item_id=item_id)
    elif event is ItemEvent.REPAIRED:
        await lifecycle.set_end(
            conn, entity_id=entity_id, item_id=item_id, consent_expires_at=None, disconnect_at=None, reason=None
        )
    elif event is ItemEvent.NEW_ACCOUNTS:
        await lifecycle.set_new_accounts_available(conn, entity_id=entity_id, item_id=item_id, are_available=True)
    elif event is ItemEvent.ACCOUNT_REVOKED:
        await _unlink(services, conn, notice, entity_id=entity_id, item_id=item_id)
    item = await banking.item(conn, entity_id=entity_id, item_id=item_id)
    await note(services, conn, item, event, entity_id=entity_id, code=_code(notice, item))


def _code(notice: ItemNotice, item: ItemRow) -> str | None:
    """Return the provider's word for what is wrong, if the notice is about something wrong."""
    if notice.kind == "ITEM" and notice.code == "ERROR":
        return notice.reason
    return notice.code if notice.event is ItemEvent.REVOKED else item.error_code


async def _set_end(conn: WriteConnection, notice: ItemNotice, *, entity_id: int, item_id: ItemId) -> None:
    is_consent = notice.code == "PENDING_EXPIRATION"
    ends: dict[str, Any] = {
        "consent_expires_at": notice.ends_at if is_consent else None,
        "disconnect_at": None if is_consent else notice.ends_at,
        "reason": notice.reason or notice.code,
    }
    await lifecycle.set_end(conn, entity_id=entity_id, item_id=item_id, **ends)


async def _unlink(
    services: Services, conn: WriteConnection, notice: ItemNotice, *, entity_id: int, item_id: ItemId
) -> None:
    rows = await banking.bank_accounts(conn, entity_id=entity_id, item_id=item_id)
    named = [row.id for row in rows if row.provider_account_id == notice.provider_account_id]
    await lifecycle.unlink_bank_accounts(conn, named, entity_id=entity_id, reason="revoked", now=services.now())
