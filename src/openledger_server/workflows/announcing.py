"""Telling an entity's developer what happened: written in the transaction that makes it so, delivered by jobs."""

from typing import Any

from openledger_server.banking.rows import ItemRow
from openledger_server.base.db import WriteConnection
from openledger_server.base.ids import new_id
from openledger_server.webhooks.outgoing import store as outgoing
from openledger_server.webhooks.outgoing.types import EventType
from openledger_server.workflows.services import Services


async def announce(
    services: Services, conn: WriteConnection, event: EventType, *, entity_id: int, data: dict[str, Any]
) -> None:
    """Write a message to the outbox, with a delivery for each endpoint that wants it; none if nobody does.

    `data` holds ids and counts, never names, amounts of single rows, or anything secret.
    """
    now = services.now()
    message_id = new_id()
    body = message_body(
        event, now_text=now.isoformat().replace("+00:00", "Z"), data={"entityId": str(entity_id), **data}
    )
    for developer_id, endpoint_id in await outgoing.announce(
        conn, message_id=message_id, event_type=event.value, body=body, now=now
    ):
        await services.queue.enqueue_delivery(
            conn, developer_id=developer_id, message_id=message_id, endpoint_id=endpoint_id
        )


def message_body(event: EventType, *, now_text: str, data: dict[str, Any]) -> dict[str, Any]:
    """Return a message in the form that all of them have."""
    return {"type": event.value, "timestamp": now_text, "data": data}


def connection_facts(item: ItemRow) -> dict[str, Any]:
    """Return what each message about a connection says of it."""
    return {
        "connectionId": str(item.id),
        "institutionId": item.institution_id,
        "institutionName": item.institution_name,
    }
