"""Developers' webhooks: their endpoints, and sending one message to one of them."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from http import HTTPStatus

import orjson

from openledger_server.base import db
from openledger_server.base.errors import NotFoundError
from openledger_server.base.ids import new_id
from openledger_server.webhooks.outgoing import signing, store
from openledger_server.webhooks.outgoing.sender import DeliveryError
from openledger_server.webhooks.outgoing.types import EndpointRow, EventType, UnknownEndpointError
from openledger_server.workflows.announcing import message_body
from openledger_server.workflows.services import Services

_LOGGER = logging.getLogger(__name__)
SECRET_OVERLAP = timedelta(hours=24)
"""How long after a rotation the secret before it signs too."""


class UnknownDeliveryError(NotFoundError):
    """There is no such delivery."""

    code = "WEBHOOK_DELIVERY_NOT_FOUND"

    def __init__(self) -> None:
        super().__init__("There is no such delivery.")


async def add_endpoint(
    services: Services, *, developer_id: int, url: str, description: str, event_types: Sequence[str]
) -> tuple[EndpointRow, str]:
    """Store an endpoint and return it with its secret, which can be seen only now.

    Raises:
        EndpointUrlError: if webhooks cannot be sent to `url`.
    """
    services.sender.check_url(url)
    endpoint_id, secret = new_id(), signing.new_secret()
    sealed = services.vault.seal(secret, context=_context(developer_id, endpoint_id))
    async with db.write_developer(services.pool, developer_id=developer_id) as conn:
        await store.add_endpoint(
            conn,
            developer_id=developer_id,
            endpoint_id=endpoint_id,
            url=url,
            description=description,
            event_types=event_types,
            secret=sealed,
            now=services.now(),
        )
        return await store.endpoint(conn, developer_id=developer_id, endpoint_id=endpoint_id), secret


async def rotate_secret(services: Services, *, developer_id: int, endpoint_id: int) -> tuple[str, datetime]:
    """Give an endpoint a new secret and return it with the time until which the old one signs too.

    Raises:
        UnknownEndpointError: if the developer has no such endpoint.
    """
    secret, old_until = signing.new_secret(), services.now() + SECRET_OVERLAP
    sealed = services.vault.seal(secret, context=_context(developer_id, endpoint_id))
    async with db.write_developer(services.pool, developer_id=developer_id) as conn:
        await store.endpoint(conn, developer_id=developer_id, endpoint_id=endpoint_id)
        await store.rotate_secret(conn, sealed, developer_id=developer_id, endpoint_id=endpoint_id, old_until=old_until)
    return secret, old_until


async def delete_endpoint(services: Services, *, developer_id: int, endpoint_id: int) -> None:
    """Delete an endpoint; what was not delivered yet never will be.

    Raises:
        UnknownEndpointError: if the developer has no such endpoint.
    """
    async with db.write_developer(services.pool, developer_id=developer_id) as conn:
        if not await store.delete_endpoint(conn, developer_id=developer_id, endpoint_id=endpoint_id):
            raise UnknownEndpointError


async def send_test(services: Services, *, developer_id: int, endpoint_id: int) -> int:
    """Queue a message that says nothing to one endpoint and return the message's id.

    Raises:
        UnknownEndpointError: if the developer has no such endpoint.
    """
    now, message_id = services.now(), new_id()
    body = message_body(EventType.WEBHOOK_TEST, now_text=now.isoformat().replace("+00:00", "Z"), data={})
    async with db.write_developer(services.pool, developer_id=developer_id) as conn:
        await store.endpoint(conn, developer_id=developer_id, endpoint_id=endpoint_id)
        await store.add_message(
            conn,
            developer_id=developer_id,
            message_id=message_id,
            endpoint_id=endpoint_id,
            event_type=EventType.WEBHOOK_TEST.value,
            body=body,
            now=now,
        )
        await services.queue.enqueue_delivery(
            conn, developer_id=developer_id, message_id=message_id, endpoint_id=endpoint_id
        )
    return message_id


async def send_again(services: Services, *, developer_id: int, message_id: int, endpoint_id: int) -> None:
    """Queue a message again for an endpoint, whatever became of it before; it keeps its id.

    Raises:
        UnknownDeliveryError: if there is no such delivery.
    """
    async with db.write_developer(services.pool, developer_id=developer_id) as conn:
        if not await store.await_again(conn, developer_id=developer_id, message_id=message_id, endpoint_id=endpoint_id):
            raise UnknownDeliveryError
        await services.queue.enqueue_delivery(
            conn, developer_id=developer_id, message_id=message_id, endpoint_id=endpoint_id
        )


async def deliver(
    services: Services, *, developer_id: int, message_id: int, endpoint_id: int, is_last: bool = False
) -> None:
    """Send a message to an endpoint, signed now; `is_last`: a failure is final.

    A message may arrive twice, if we are killed between the answer and its record; receivers know it by its id.

    Raises:
        DeliveryError: if it did not arrive and is to be tried again.
    """
    async with db.read_developer(services.pool, developer_id=developer_id) as conn:
        found = await store.deliveries(conn, developer_id=developer_id, endpoint_id=endpoint_id, message_id=message_id)
        if not found or found[0].state != "waiting":
            return
        endpoint = await store.endpoint(conn, developer_id=developer_id, endpoint_id=endpoint_id)
    status, error = None, None
    if endpoint.disabled_at is not None:
        error = "the endpoint is disabled"
    else:
        try:
            status = await _post(services, endpoint, found[0].body, message_id=message_id)
        except DeliveryError as exc:
            error = exc.message
    is_delivered = status is not None and 200 <= status < 300  # noqa: PLR2004 - every success of HTTP
    is_gone = status == HTTPStatus.GONE or endpoint.disabled_at is not None
    state = "delivered" if is_delivered else "failed" if is_last or is_gone else "waiting"
    now = services.now()
    async with db.write_developer(services.pool, developer_id=developer_id) as writing:
        await store.record_attempt(
            writing,
            developer_id=developer_id,
            message_id=message_id,
            endpoint_id=endpoint_id,
            state=state,
            status=status,
            error=error,
            now=now,
        )
        if status == HTTPStatus.GONE:
            await store.disable_endpoint(writing, developer_id=developer_id, endpoint_id=endpoint_id, now=now)
    _LOGGER.info("Webhook sent", extra={"action": "webhook.sent", "state": state, "status": status, "error": error})
    if state == "waiting":
        raise DeliveryError(error or f"answered {status}")


async def _post(services: Services, endpoint: EndpointRow, message: object, *, message_id: int) -> int:
    now = services.now()
    sealed = [endpoint.secret, endpoint.old_secret(now)]
    context = _context(endpoint.developer_id, endpoint.id)
    opened = [services.vault.open(one, context=context) for one in sealed if one is not None]
    body = orjson.dumps(message)
    headers = signing.headers_of(body.decode(), message_id=f"msg_{message_id}", secrets_=opened, now=now)
    return await services.sender.post(endpoint.url, body=body, headers=headers)


def _context(developer_id: int, endpoint_id: int) -> str:
    return f"webhook_secret:{developer_id}:{endpoint_id}"
