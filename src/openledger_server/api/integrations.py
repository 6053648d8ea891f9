"""Integrations in the words of older clients: the bank connections of an entity, for there are no others."""

from fastapi import APIRouter

from openledger_server.api.auth import EntityScope
from openledger_server.api.context import Context
from openledger_server.api.errors import failures
from openledger_server.api.wire import Wire
from openledger_server.banking import store as banking
from openledger_server.base import db

router = APIRouter(prefix="/v1/integrations", tags=["Integrations"], responses=failures(400, 401, 404))


class Integration(Wire):
    """A connection to something outside."""

    id: str
    status: str
    type: str


class Integrations(Wire):
    """All of an entity's connections."""

    connections: list[Integration]
    count: int


@router.get("/status", summary="List connections to other systems")
async def get_integrations_status(context: Context, entity_id: EntityScope) -> Integrations:
    """Return the entity's bank connections; `/v1/connections` says more of them. There are no other integrations."""
    async with db.read_entity(context.services.pool, entity_id=entity_id) as conn:
        items = await banking.items(conn, entity_id=entity_id)
    return Integrations(
        connections=[Integration(id=str(item.id), status=item.state, type="plaid") for item in items],
        count=len(items),
    )
