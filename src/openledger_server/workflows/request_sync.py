"""Asking for a sync of all an entity's banks, now."""

from openledger_server.banking import store as banking
from openledger_server.banking.connection import SYNCABLE
from openledger_server.banking.types import ItemId
from openledger_server.base import db
from openledger_server.workflows.services import Services
from openledger_server.workflows.sync_item import NotSyncedError


async def request_sync(services: Services, *, entity_id: int) -> int:
    """Queue a sync of each item that is in use and return how many there are; asking twice queues one."""
    async with db.write_entity(services.pool, entity_id=entity_id) as conn:
        linked = [item for item in await banking.items(conn, entity_id=entity_id) if item.state in SYNCABLE]
        for item in linked:
            await services.queue.enqueue_sync(conn, entity_id=entity_id, item_id=item.id)
    return len(linked)


async def request_item_sync(services: Services, *, entity_id: int, item_id: ItemId) -> None:
    """Queue a sync of one item; asking twice queues one.

    Raises:
        UnknownItemError: if the entity has no such item.
        NotSyncedError: if it is paused or has ended.
    """
    async with db.write_entity(services.pool, entity_id=entity_id) as conn:
        item = await banking.lock_item(conn, entity_id=entity_id, item_id=item_id)
        if item.state not in SYNCABLE:
            raise NotSyncedError
        await services.queue.enqueue_sync(conn, entity_id=entity_id, item_id=item_id)
