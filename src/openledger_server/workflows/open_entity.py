"""Opening an entity's books: the entity and its chart of accounts come into being together."""

import contextlib
from dataclasses import dataclass

from openledger_server.access import store as access
from openledger_server.access.types import Entity, EntityDetails, UnknownEntityError
from openledger_server.base import db
from openledger_server.base.db import WriteConnection
from openledger_server.base.ids import new_id
from openledger_server.ledger import store as ledger
from openledger_server.ledger.chart import ChartTemplate, template
from openledger_server.workflows.services import Services


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedEntity:
    """The entity, and whether it was made now or was there already."""

    entity: Entity
    is_new: bool


async def open_entity(
    services: Services, details: EntityDetails, *, developer_id: int, creation_sha256: bytes | None = None
) -> OpenedEntity:
    """Make an entity with the chart its details name, or return the developer's entity of the same external id.

    So a blind retry with an external id, or with the same idempotency key (`creation_sha256` is its digest), changes
    nothing, whatever else it says.
    """
    entity_id, now = new_id(), services.now()
    async with db.write_developer(services.pool, developer_id=developer_id) as conn:
        is_new = await access.add_entity(
            conn, details, entity_id=entity_id, developer_id=developer_id, now=now, creation_sha256=creation_sha256
        )
        if not is_new:
            return OpenedEntity(entity=await _known(conn, details, developer_id, creation_sha256), is_new=False)
        await db.enter_entity(conn, entity_id=entity_id)
        await ledger.open_chart(
            conn, entity_id=entity_id, accounts=template(ChartTemplate(details.chart_template)), now=now
        )
        return OpenedEntity(entity=await access.entity(conn, entity_id=entity_id), is_new=True)


async def _known(
    conn: WriteConnection, details: EntityDetails, developer_id: int, creation_sha256: bytes | None
) -> Entity:
    """Return the entity that was there: its external id names it, else the request that made it."""
    if details.external_id is not None:
        with contextlib.suppress(UnknownEntityError):
            return await access.entity_by_external_id(conn, developer_id=developer_id, external_id=details.external_id)
    assert creation_sha256 is not None, "only an external id or a creation can clash"
    return await access.entity_by_creation(conn, developer_id=developer_id, creation_sha256=creation_sha256)
