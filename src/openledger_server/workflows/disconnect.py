"""Ending connections: the provider is told first, and told again until it confirms; then our access is erased."""

import logging

from openledger_server.banking import store as banking
from openledger_server.banking.connection import ENDED
from openledger_server.banking.lifecycle import store as lifecycle
from openledger_server.banking.rows import BankAccountRow, ItemRow
from openledger_server.banking.store import UnknownBankAccountError
from openledger_server.banking.types import BankAccountId, ItemEvent, ItemId
from openledger_server.base import db
from openledger_server.base.db import WriteConnection
from openledger_server.workflows.connection_events import note
from openledger_server.workflows.link_item import access_token_of
from openledger_server.workflows.services import Services

_LOGGER = logging.getLogger(__name__)


async def disconnect(services: Services, *, entity_id: int, item_id: ItemId) -> ItemRow:
    """End a connection; its rows and the books stay. Asking again changes nothing.

    From this moment nothing is synced. A job tells the provider, and erases the access once that is confirmed.

    Raises:
        UnknownItemError: if the entity has no such connection.
    """
    async with db.write_entity(services.pool, entity_id=entity_id) as conn:
        item = await banking.lock_item(conn, entity_id=entity_id, item_id=item_id)
        await _disconnect(services, conn, item, entity_id=entity_id)
        return await banking.item(conn, entity_id=entity_id, item_id=item_id)


async def unlink_bank_account(services: Services, *, entity_id: int, bank_account_id: BankAccountId) -> BankAccountRow:
    """Stop feeding one bank account; its rows and books stay. With its last account the connection ends.

    Raises:
        UnknownBankAccountError: if the entity has no such bank account, or it is unlinked already.
    """
    async with db.write_entity(services.pool, entity_id=entity_id) as conn:
        found = [row for row in await _linked(conn, entity_id=entity_id) if row.id == bank_account_id]
        if not found:
            raise UnknownBankAccountError
        item = await banking.lock_item(conn, entity_id=entity_id, item_id=found[0].item_id)
        await lifecycle.unlink_bank_accounts(
            conn, [bank_account_id], entity_id=entity_id, reason="user", now=services.now()
        )
        if not any(row.item_id == item.id for row in await _linked(conn, entity_id=entity_id)):
            await _disconnect(services, conn, item, entity_id=entity_id)
    return found[0]


async def _linked(conn: WriteConnection, *, entity_id: int) -> list[BankAccountRow]:
    return [row for row in await banking.bank_accounts(conn, entity_id=entity_id) if row.unlinked_at is None]


async def _disconnect(services: Services, conn: WriteConnection, item: ItemRow, *, entity_id: int) -> None:
    if item.state in ENDED and item.sealed_access_token is None:
        return
    rows = await banking.bank_accounts(conn, entity_id=entity_id, item_id=item.id)
    await lifecycle.unlink_bank_accounts(
        conn, [row.id for row in rows], entity_id=entity_id, reason="disconnected", now=services.now()
    )
    await note(services, conn, item, ItemEvent.DISCONNECT, entity_id=entity_id)
    await services.queue.enqueue_removal(conn, entity_id=entity_id, item_id=item.id)


async def remove_item(services: Services, *, entity_id: int, item_id: ItemId) -> None:
    """Give up an item's access at the provider, then erase our token. Without the token that could never be done.

    Raises:
        FeedError: if the provider has not confirmed it; the token stays, and this has to be tried again.
        UnknownItemError: if the entity has no such item.
    """
    async with db.read_entity(services.pool, entity_id=entity_id) as conn:
        item = await banking.item(conn, entity_id=entity_id, item_id=item_id)
    if item.state not in ENDED or item.sealed_access_token is None:
        return
    await services.feed.remove_item(access_token_of(services, item, entity_id=entity_id))
    async with db.write_entity(services.pool, entity_id=entity_id) as writing:
        item = await banking.lock_item(writing, entity_id=entity_id, item_id=item_id)
        await note(services, writing, item, ItemEvent.REMOVED, entity_id=entity_id, code=item.error_code)
        await lifecycle.store_token(writing, None, entity_id=entity_id, item_id=item_id)
    _LOGGER.info("Item removed at the provider", extra={"action": "item.removed", "item_id": item_id})
