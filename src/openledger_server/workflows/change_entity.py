"""Changing what is said about an entity, and deleting it with everything that is kept for it."""

import logging
from collections.abc import Callable

from openledger_server.access import store as access
from openledger_server.access.types import Entity, EntityDetails, UnknownEntityError
from openledger_server.banking import store as banking
from openledger_server.base import db
from openledger_server.base.errors import ConflictError
from openledger_server.workflows.link_item import access_token_of
from openledger_server.workflows.services import Services

_LOGGER = logging.getLogger(__name__)


class EntityInUseError(ConflictError):
    """A bank was linked while the entity was being deleted. Nothing is lost; delete it again."""

    code = "ENTITY_IN_USE"


async def change_entity(
    services: Services, change: Callable[[EntityDetails], EntityDetails], *, entity_id: int
) -> Entity:
    """Apply `change` to what is stored about an entity and return the entity as it is then.

    Raises:
        UnknownEntityError: if there is no such entity.
        ExternalIdTakenError: if another entity of the developer has the external id.
    """
    async with db.write_entity(services.pool, entity_id=entity_id) as conn:
        before = await access.lock_entity(conn, entity_id=entity_id)
        await access.update_entity(conn, change(before.details), entity_id=entity_id, now=services.now())
        return await access.entity(conn, entity_id=entity_id)


async def delete_entity(services: Services, *, developer_id: int, entity_id: int) -> None:
    """Give up the entity's access to its banks, then delete all that is kept for it. Cannot be undone.

    If the provider fails nothing is deleted, and trying again goes on where it stopped.

    Raises:
        UnknownEntityError: if the developer has no such entity.
        FeedError: if the provider did not take back an access.
        EntityInUseError: if a bank was linked meanwhile.
    """
    async with db.read_entity(services.pool, entity_id=entity_id) as conn:
        items = await banking.items(conn, entity_id=entity_id)
    for item in items:
        if item.sealed_access_token is None:
            continue  # given up before
        await services.feed.remove_item(access_token_of(services, item, entity_id=entity_id))
    async with db.write_developer(services.pool, developer_id=developer_id) as conn:
        await db.enter_entity(conn, entity_id=entity_id)
        # In the order of a sync: the books, the items, and the entity itself last: after that nobody else writes here.
        await access.hold_books(conn, entity_id=entity_id)
        for item in await banking.items(conn, entity_id=entity_id):
            await banking.lock_item(conn, entity_id=entity_id, item_id=item.id)
        await access.lock_entity(conn, entity_id=entity_id)
        if {item.id for item in await banking.items(conn, entity_id=entity_id)} != {item.id for item in items}:
            raise EntityInUseError("A bank was being linked meanwhile. Delete the entity again.")
        if not await access.delete_entity(conn, entity_id=entity_id):
            raise UnknownEntityError
    _LOGGER.info("Entity deleted", extra={"action": "entity.deleted", "entity_id": entity_id, "items": len(items)})
