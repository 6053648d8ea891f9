"""The sandbox as an ASGI application: Plaid's endpoints at the root, Link and control beside them."""

import asyncio
import hmac
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from plaid_sandbox import control_routes, faults, link_files, link_sessions
from plaid_sandbox.bodies import json_object
from plaid_sandbox.call import Call
from plaid_sandbox.config import SandboxConfig
from plaid_sandbox.cursor import pages_before
from plaid_sandbox.endpoints import ENDPOINTS
from plaid_sandbox.errors import PlaidError
from plaid_sandbox.faults import Fault
from plaid_sandbox.fields import check
from plaid_sandbox.ids import request_id
from plaid_sandbox.request_table import REQUESTS
from plaid_sandbox.sandbox import Sandbox, open_sandbox
from plaid_sandbox.timers import tick
from plaid_sandbox.webhook_sender import Sender

LINK_ROOT = "/link/v2/stable"
_HTML_502 = "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"


def create_app(config: SandboxConfig | None = None) -> Starlette:
    """Return a sandbox ready to serve; its parts are at `app.state.sandbox`."""
    sandbox = open_sandbox(config or SandboxConfig())

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        sender = asyncio.create_task(Sender(sandbox, tick).run())
        yield
        sender.cancel()
        await asyncio.gather(sender, return_exceptions=True)
        sandbox.store.close()

    routes = [
        Route("/health", _health, methods=["GET"]),
        *(Route(path, _plaid, methods=["POST"]) for path in ENDPOINTS),
        *(Route(f"{LINK_ROOT}/session/{step}", _link_step, methods=["POST"]) for step in link_sessions.REQUESTS),
        *(Route(f"{LINK_ROOT}/{name}", _link_file, methods=["GET"]) for name in link_files.FILES),
        *control_routes.routes(),
    ]
    app = Starlette(
        routes=routes,
        lifespan=lifespan,
        exception_handlers={
            PlaidError: _plaid_error,
            HTTPException: _not_found,
            ClientDisconnect: _nobody_there,
            Exception: _internal_error,
        },
    )
    app.state.sandbox = sandbox
    return app


def _json(body: Any, *, status: int = 200) -> Response:
    data = body if isinstance(body, bytes) else orjson.dumps(body)
    return Response(data, status_code=status, media_type="application/json")


async def _health(_: Request) -> Response:
    return _json({"status": "ok"})


# Plaid's endpoints.


async def _plaid(request: Request) -> Response:
    sandbox: Sandbox = request.app.state.sandbox
    path, identity = request.url.path, request_id()
    body = await json_object(request)
    item_id = _item_id(sandbox, body)
    fault = sandbox.faults.strike(path=path, item_id=item_id, page=_page(body))
    if fault is not None:
        broken = await _struck(fault, identity)
        if broken is not None:
            return broken
    _authenticate(sandbox, request, body)
    check(REQUESTS[path], body)
    sandbox.rate_limiter.pass_or_refuse(
        sandbox.settings.rate_limits, path=path, item_id=item_id, now=sandbox.clock.now().timestamp()
    )
    answer = ENDPOINTS[path](Call(sandbox=sandbox, body=body, request_id=identity))
    data = answer if isinstance(answer, bytes) else orjson.dumps({**answer, "request_id": identity})
    if fault is not None and fault.drop is not None:
        data = orjson.dumps(faults.without(orjson.loads(data), fault.drop))
    return _json(data)


def _authenticate(sandbox: Sandbox, request: Request, body: dict[str, Any]) -> None:
    """Accept client id and secret, each from its header or from the body.

    Raises:
        PlaidError: `MISSING_FIELDS` or `INVALID_API_KEYS`.
    """
    given = {
        "client_id": request.headers.get("plaid-client-id") or body.get("client_id"),
        "secret": request.headers.get("plaid-secret") or body.get("secret"),
    }
    missing = [name for name, value in given.items() if value is None]
    if missing:
        raise PlaidError("MISSING_FIELDS", f"the following required fields are missing: {', '.join(missing)}")
    right = {"client_id": sandbox.config.client_id, "secret": sandbox.config.secret}
    for name, value in given.items():
        if not hmac.compare_digest(str(value).encode(), right[name].encode()):
            raise PlaidError("INVALID_API_KEYS")


def _item_id(sandbox: Sandbox, body: dict[str, Any]) -> str | None:
    access_token = body.get("access_token")
    item = sandbox.store.item_by_token(access_token) if isinstance(access_token, str) else None
    return None if item is None else str(item["item_id"])


def _page(body: dict[str, Any]) -> int:
    """Return which page of its loop a sync call asks for, from 1."""
    cursor = body.get("cursor")
    return 1 + (pages_before(cursor) if isinstance(cursor, str) else 0)


async def _struck(fault: Fault, identity: str) -> Response | None:
    """Return the broken answer a fault asks for, or `None` if the call goes on."""
    if fault.hang:
        await asyncio.sleep(faults.HANG_S)
    if fault.delay_s:
        await asyncio.sleep(fault.delay_s)
    if fault.body is not None:
        return Response(fault.body, status_code=fault.status or 200, media_type=fault.content_type)
    if fault.error_code is not None:
        error = PlaidError(fault.error_code, fault.error_message)
        return _json(error.body(request_id=identity), status=fault.status or error.status)
    if fault.status is None:
        return None
    if fault.status <= HTTPStatus.INTERNAL_SERVER_ERROR:
        code = "INTERNAL_SERVER_ERROR" if fault.status == HTTPStatus.INTERNAL_SERVER_ERROR else "INVALID_FIELD"
        return _json(PlaidError(code).body(request_id=identity), status=fault.status)
    # Above 500 a proxy speaks, not Plaid.
    return Response(_HTML_502, status_code=fault.status, media_type="text/html")


# Link.


async def _link_step(request: Request) -> Response:
    step = request.url.path.rpartition("/")[2]
    body = await json_object(request)
    try:
        check(link_sessions.REQUESTS[step], body)
        answer = link_sessions.answer(request.app.state.sandbox, step, body)
    except PlaidError as error:
        if "quiet" not in request.query_params:
            raise
        # The dialog asks for refusals as 200: a browser logs every other status as an error of the page.
        answer = {"error": error.body(request_id=request_id())}
    return _json({**answer, "request_id": request_id()})


async def _link_file(request: Request) -> Response:
    return link_files.response(request.url.path.rpartition("/")[2])


# Errors.


async def _plaid_error(_: Request, error: Exception) -> Response:
    if not isinstance(error, PlaidError):
        raise error
    return _json(error.body(request_id=request_id()), status=error.status)


async def _not_found(_: Request, __: Exception) -> Response:
    error = PlaidError("NOT_FOUND")
    return _json(error.body(request_id=request_id()), status=error.status)


async def _nobody_there(_: Request, __: Exception) -> Response:
    # The client was killed while it was asking; whatever is answered reaches nobody.
    return Response(status_code=HTTPStatus.BAD_REQUEST)


async def _internal_error(_: Request, __: Exception) -> Response:
    error = PlaidError("INTERNAL_SERVER_ERROR")
    return _json(error.body(request_id=request_id()), status=error.status)
