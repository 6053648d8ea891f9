"""Webhooks: those that Plaid sends to this server, and those that this server sends to developers."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Header, Path, Query, Request
from pydantic import Field

from openledger_server.access.types import parse_id
from openledger_server.api.auth import DeveloperCaller
from openledger_server.api.context import Context
from openledger_server.api.errors import failures
from openledger_server.api.wire import Name, Text, Wire
from openledger_server.base import db
from openledger_server.base.paging import CursorError, checked_page_size, decode_cursor, encode_cursor
from openledger_server.webhooks.outgoing import store as outgoing
from openledger_server.webhooks.outgoing.types import DeliveryRow, EndpointRow, EventType, UnknownEndpointError
from openledger_server.workflows import deliver_webhook as deeds
from openledger_server.workflows.receive_webhook import receive_webhook

router = APIRouter(prefix="/v1/webhooks", tags=["Webhooks"])

_CURSOR_KIND = "d"
_URL_LENGTH_MAX = 2000
_ID_LENGTH_MAX = 64


class Received(Wire):
    """The webhook is stored."""

    received: bool


class NewEndpoint(Wire):
    """Where to send what."""

    url: Annotated[Name, Field(max_length=_URL_LENGTH_MAX)] = Field(description="An https address.")
    description: Text = ""
    event_types: list[EventType] = Field(default=[], description="Empty: all, those of later versions included.")


class Endpoint(Wire):
    """Where webhooks are sent."""

    id: str
    url: str
    description: str
    event_types: list[str]
    created_at: datetime
    disabled_at: datetime | None = Field(description="Set when it answered 410 Gone.")
    old_secret_until: datetime | None = Field(description="Until then messages carry the older signature too.")


class EndpointWithSecret(Endpoint):
    """An endpoint just made, with the secret that is shown now and never again."""

    secret: str


class Endpoints(Wire):
    """All endpoints."""

    endpoints: list[Endpoint]


class NewSecret(Wire):
    """A secret that is shown now and never again."""

    secret: str
    old_secret_until: datetime


class Queued(Wire):
    """A message is on its way."""

    success: bool
    message_id: str


class Delivery(Wire):
    """One message on its way to one endpoint."""

    message_id: str
    endpoint_id: str
    entity_id: str | None
    event_type: str
    state: str = Field(description="waiting, delivered or failed")
    attempts: int
    created_at: datetime
    last_attempt_at: datetime | None
    last_status: int | None = Field(description="The HTTP status of the last answer.")
    last_error: str | None
    delivered_at: datetime | None


class Deliveries(Wire):
    """One page of the delivery log, newest first."""

    deliveries: list[Delivery]
    next_cursor: str | None
    has_more: bool


EndpointId = Annotated[str, Path(max_length=_ID_LENGTH_MAX, description="The endpoint's id.")]
MessageId = Annotated[str, Path(max_length=_ID_LENGTH_MAX, description="As in `webhook-id`.")]


@router.post("/plaid", summary="Receive a webhook of Plaid's", responses=failures(400, 401, 502))
async def receive_plaid_webhook(
    request: Request,
    context: Context,
    signature: Annotated[str | None, Header(alias="Plaid-Verification", description="Plaid's signature.")] = None,
) -> Received:
    """Only for Plaid: verify, store, queue. Anything but 200 makes Plaid send it again for up to a day."""
    await receive_webhook(context.services, await request.body(), signature=signature)
    return Received(received=True)


@router.post("/endpoints", summary="Add an endpoint", responses=failures(400, 401, 403))
async def add_webhook_endpoint(body: NewEndpoint, context: Context, claims: DeveloperCaller) -> EndpointWithSecret:
    """Send the events of all your entities to an address, signed as standardwebhooks.com describes."""
    row, secret = await deeds.add_endpoint(
        context.services,
        developer_id=claims.developer_id,
        url=body.url,
        description=body.description,
        event_types=[event.value for event in body.event_types],
    )
    return EndpointWithSecret(**_endpoint(row).model_dump(), secret=secret)


@router.get("/endpoints", summary="List endpoints", responses=failures(401, 403))
async def list_webhook_endpoints(context: Context, claims: DeveloperCaller) -> Endpoints:
    """Return the addresses that webhooks are sent to."""
    async with db.read_developer(context.services.pool, developer_id=claims.developer_id) as conn:
        rows = await outgoing.endpoints(conn, developer_id=claims.developer_id)
    return Endpoints(endpoints=[_endpoint(row) for row in rows])


@router.delete("/endpoints/{endpoint_id}", summary="Delete an endpoint", responses=failures(401, 403, 404))
async def delete_webhook_endpoint(endpoint_id: EndpointId, context: Context, claims: DeveloperCaller) -> Received:
    """Send nothing more there; what was not delivered yet never will be."""
    await deeds.delete_endpoint(context.services, developer_id=claims.developer_id, endpoint_id=_number(endpoint_id))
    return Received(received=True)


@router.post("/endpoints/{endpoint_id}/rotate-secret", summary="Replace a secret", responses=failures(401, 403, 404))
async def rotate_webhook_secret(endpoint_id: EndpointId, context: Context, claims: DeveloperCaller) -> NewSecret:
    """Give an endpoint a new secret. For a day messages carry the signatures of both, so receivers can change over."""
    secret, old_until = await deeds.rotate_secret(
        context.services, developer_id=claims.developer_id, endpoint_id=_number(endpoint_id)
    )
    return NewSecret(secret=secret, old_secret_until=old_until)


@router.post("/endpoints/{endpoint_id}/test", summary="Send a test message", responses=failures(401, 403, 404))
async def test_webhook_endpoint(endpoint_id: EndpointId, context: Context, claims: DeveloperCaller) -> Queued:
    """Queue a message of type webhook.test; the delivery log tells how it went."""
    message_id = await deeds.send_test(
        context.services, developer_id=claims.developer_id, endpoint_id=_number(endpoint_id)
    )
    return Queued(success=True, message_id=_message_id(message_id))


@router.get("/deliveries", summary="List deliveries", responses=failures(400, 401, 403))
async def list_webhook_deliveries(
    context: Context,
    claims: DeveloperCaller,
    endpoint: Annotated[str | None, Query(alias="endpointId", max_length=_ID_LENGTH_MAX)] = None,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
    page_size: Annotated[int | None, Query(alias="pageSize", description="1 to 100.")] = None,
) -> Deliveries:
    """Return what was sent and how it went, newest first; the log is kept for 30 days."""
    size = checked_page_size(page_size)
    async with db.read_developer(context.services.pool, developer_id=claims.developer_id) as conn:
        found = await outgoing.deliveries(
            conn,
            developer_id=claims.developer_id,
            endpoint_id=None if endpoint is None else _number(endpoint),
            after=_position(cursor),
            limit=size + 1,
        )
    page, has_more = found[:size], len(found) > size
    last = page[-1] if has_more else None
    return Deliveries(
        deliveries=[_delivery(row) for row in page],
        next_cursor=None if last is None else encode_cursor(_CURSOR_KIND, str(last.message_id), str(last.endpoint_id)),
        has_more=has_more,
    )


@router.post(
    "/deliveries/{message_id}/{endpoint_id}/retry", summary="Send a message again", responses=failures(401, 403, 404)
)
async def retry_webhook_delivery(
    message_id: MessageId, endpoint_id: EndpointId, context: Context, claims: DeveloperCaller
) -> Queued:
    """Queue a message again, whatever became of it; it keeps its id, so receivers know it."""
    number = parse_id(message_id.removeprefix("msg_"))
    if number is None:
        raise deeds.UnknownDeliveryError
    await deeds.send_again(
        context.services, developer_id=claims.developer_id, message_id=number, endpoint_id=_number(endpoint_id)
    )
    return Queued(success=True, message_id=_message_id(number))


def _number(text: str) -> int:
    number = parse_id(text)
    if number is None:
        raise UnknownEndpointError
    return number


def _message_id(number: int) -> str:
    return f"msg_{number}"


def _endpoint(row: EndpointRow) -> Endpoint:
    return Endpoint(
        id=str(row.id),
        url=row.url,
        description=row.description,
        event_types=row.event_types,
        created_at=row.created_at,
        disabled_at=row.disabled_at,
        old_secret_until=row.old_secret_until,
    )


def _delivery(row: DeliveryRow) -> Delivery:
    return Delivery(
        message_id=_message_id(row.message_id),
        endpoint_id=str(row.endpoint_id),
        entity_id=None if row.entity_id is None else str(row.entity_id),
        event_type=row.event_type,
        state=row.state,
        attempts=row.attempts,
        created_at=row.created_at,
        last_attempt_at=row.last_attempt_at,
        last_status=row.last_status,
        last_error=row.last_error,
        delivered_at=row.delivered_at,
    )


def _position(cursor: str | None) -> tuple[int, int] | None:
    if cursor is None:
        return None
    kind, message, endpoint = decode_cursor(cursor, parts=3)
    message_id, endpoint_id = parse_id(message), parse_id(endpoint)
    if kind != _CURSOR_KIND or message_id is None or endpoint_id is None:
        raise CursorError("The cursor is not one that this server gave out.")
    return message_id, endpoint_id
