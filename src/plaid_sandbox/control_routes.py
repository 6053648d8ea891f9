"""The addresses of the control endpoints, `/_control/...`: never part of Plaid."""

from collections.abc import Awaitable, Callable
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from plaid_sandbox import control, item_deeds, webhook_control
from plaid_sandbox.bodies import json_object
from plaid_sandbox.errors import PlaidError
from plaid_sandbox.sandbox import Sandbox

Endpoint = Callable[[Request], Awaitable[Response]]


def _reading(handle: Callable[[Sandbox, Request], dict[str, Any]]) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        return Response(orjson.dumps(handle(request.app.state.sandbox, request)), media_type="application/json")

    return endpoint


def _taking(handle: Callable[[Sandbox, Request, dict[str, Any]], dict[str, Any]]) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        body = await json_object(request)
        answer = handle(request.app.state.sandbox, request, body)
        return Response(orjson.dumps(answer), media_type="application/json")

    return endpoint


def _webhooks(sandbox: Sandbox, request: Request) -> dict[str, Any]:
    after = request.query_params.get("after", "0")
    if not after.isdecimal():
        raise PlaidError("INVALID_FIELD", "after must be a whole number")
    return webhook_control.list_webhooks(sandbox, after=int(after), item_id=request.query_params.get("item_id"))


def _deed(sandbox: Sandbox, request: Request, body: dict[str, Any]) -> dict[str, Any]:
    item = control.item_or_404(sandbox, request.path_params["item_id"])
    deed = request.path_params["deed"]
    if deed not in item_deeds.REQUESTS:
        raise PlaidError("NOT_FOUND", f"no deed {deed}; there are: {', '.join(item_deeds.REQUESTS)}")
    return item_deeds.do(sandbox, item, deed, body)


def _send_webhook(sandbox: Sandbox, request: Request, body: dict[str, Any]) -> dict[str, Any]:
    return webhook_control.send_any(sandbox, control.item_or_404(sandbox, request.path_params["item_id"]), body)


def _resend(sandbox: Sandbox, request: Request, body: dict[str, Any]) -> dict[str, Any]:
    return webhook_control.resend(sandbox, request.path_params["webhook_id"], body)


def routes() -> list[Route]:
    """Return all control endpoints."""
    items, webhooks = "/_control/items", "/_control/webhooks"
    get, post, delete = ["GET"], ["POST"], ["DELETE"]
    return [
        Route(items, _reading(lambda box, _: control.list_items(box)), methods=get),
        Route(
            items + "/{item_id}/transactions",
            _reading(lambda box, request: control.list_rows(box, request.path_params["item_id"])),
            methods=get,
        ),
        Route(
            items + "/{item_id}/changes",
            _taking(lambda box, request, body: control.change_rows(box, request.path_params["item_id"], body)),
            methods=post,
        ),
        Route(items + "/{item_id}/webhook", _taking(_send_webhook), methods=post),
        Route(items + "/{item_id}/{deed}", _taking(_deed), methods=post),
        Route(webhooks, _reading(_webhooks), methods=get),
        Route(webhooks, _reading(lambda box, _: webhook_control.clear_log(box)), methods=delete),
        Route(webhooks + "/faults", _reading(lambda box, _: webhook_control.list_faults(box)), methods=get),
        Route(webhooks + "/faults", _reading(lambda box, _: webhook_control.clear_faults(box)), methods=delete),
        Route(webhooks + "/faults", _taking(lambda box, _, body: webhook_control.add_fault(box, body)), methods=post),
        Route(webhooks + "/release", _taking(lambda box, _, body: webhook_control.release(box, body)), methods=post),
        Route(webhooks + "/rotate_key", _taking(lambda box, _, body: webhook_control.rotate(box, body)), methods=post),
        Route(webhooks + "/{webhook_id:int}/resend", _taking(_resend), methods=post),
        Route(
            "/_control/institutions/{institution_id}",
            _taking(lambda box, request, body: control.change_health(box, request.path_params["institution_id"], body)),
            methods=post,
        ),
        Route("/_control/settings", _reading(lambda box, _: control.show_settings(box)), methods=get),
        Route("/_control/settings", _taking(lambda box, _, body: control.change_settings(box, body)), methods=post),
        Route("/_control/clock", _reading(lambda box, _: control.show_clock(box)), methods=get),
        Route("/_control/clock", _taking(lambda box, _, body: control.move_clock(box, body)), methods=post),
        Route("/_control/faults", _reading(lambda box, _: control.list_faults(box)), methods=get),
        Route("/_control/faults", _reading(lambda box, _: control.clear_faults(box)), methods=delete),
        Route("/_control/faults", _taking(lambda box, _, body: control.add_fault(box, body)), methods=post),
    ]
