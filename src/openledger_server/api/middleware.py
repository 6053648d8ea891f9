"""Around every request: an id, one line in the log, security headers, a bound on the body, a last net for errors."""

import logging
import re
import secrets
import time
import traceback
from collections.abc import Callable
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from openledger_server.api.errors import error_answer, request_id_of, unexpected_answer

_LOGGER = logging.getLogger(__name__)

BODY_BYTES_MAX = 1024 * 1024
_DRAIN_BYTES_MAX = 32 * 1024 * 1024
_DRAIN_S = 10.0
_REQUEST_ID = re.compile(r"[A-Za-z0-9_\-]{1,64}")
_PATH_LENGTH_MAX = 200
_HSTS = "max-age=31536000"
_API_POLICY = "default-src 'none'; frame-ancestors 'none'"


class RequestRecord:
    """Outermost: gives the request its id and, when it is answered, a line in the log and the headers all share.

    The line holds method, path, status and time, never the query string, headers or bodies.
    """

    def __init__(self, app: ASGIApp, *, is_https: bool, clock: Callable[[], float] = time.perf_counter) -> None:
        """Wrap `app`. `is_https`: browsers reach us by https and are told to keep to it."""
        self._app = app
        self._is_https = is_https
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _accepted_id(scope) or f"req_{secrets.token_hex(8)}"
        scope.setdefault("state", {})["request_id"] = request_id
        started_at, status = self._clock(), 0

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                self._complete(MutableHeaders(scope=message), request_id)
            await send(message)

        try:
            await self._app(scope, receive, send_with_headers)
        finally:
            _record(scope, status=status, duration_ms=round((self._clock() - started_at) * 1000, 1))

    def _complete(self, headers: MutableHeaders, request_id: str) -> None:
        headers["X-Request-Id"] = request_id
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("Referrer-Policy", "no-referrer")
        # Pages (the web app, the docs, Link's dialog) bring their own policy and may be framed as it says.
        if headers.get("content-type", "").startswith("application/json"):
            headers.setdefault("Content-Security-Policy", _API_POLICY)
            headers.setdefault("Cache-Control", "no-store")
        if self._is_https:
            headers.setdefault("Strict-Transport-Security", _HSTS)


def _accepted_id(scope: Scope) -> str | None:
    given = Headers(scope=scope).get("x-request-id", "")
    return given if _REQUEST_ID.fullmatch(given) else None


def _record(scope: Scope, *, status: int, duration_ms: float) -> None:
    state: dict[str, Any] = scope["state"]
    _LOGGER.info(
        "Request answered",
        extra={
            "action": "http.request",
            "method": scope["method"],
            "path": scope["path"][:_PATH_LENGTH_MAX],
            "status": status,
            "duration_ms": duration_ms,
            "request_id": state["request_id"],
            "developer_id": state.get("developer_id"),
            "entity_id": state.get("entity_id"),
        },
    )


class Guard:
    """Innermost: refuses bodies above 1 MiB, chunked ones included, and answers errors that nobody thought of."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap `app`."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if _declared_length(scope) > BODY_BYTES_MAX:
            await _drain(scope, receive)
            await _too_large(scope)(scope, receive, send)
            return
        await self._serve(scope, _limited(receive), send)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        has_started = False

        async def watched_send(message: Message) -> None:
            nonlocal has_started
            has_started = True
            await send(message)

        try:
            await self._app(scope, receive, watched_send)
        except Exception as exc:  # noqa: BLE001 - the last net: whatever it is, the caller gets an answer
            _record_unexpected(scope, exc)
            if not has_started:
                await unexpected_answer(scope)(scope, receive, send)


def _declared_length(scope: Scope) -> int:
    text = Headers(scope=scope).get("content-length", "")
    return int(text) if text.isascii() and text.isdigit() else 0


def _too_large(scope: Scope) -> ASGIApp:
    return error_answer(scope, status=413, code="TOO_LARGE", message="The body is larger than 1 MiB.")


async def _drain(scope: Scope, receive: Receive) -> None:
    """Read and forget a body, within bounds, so that a sender who reads only after writing gets the answer."""
    if Headers(scope=scope).get("expect"):
        return
    read, ends_at = 0, time.monotonic() + _DRAIN_S
    while read < _DRAIN_BYTES_MAX and time.monotonic() < ends_at:
        message = await receive()
        read += len(message.get("body", b""))
        if message["type"] != "http.request" or not message.get("more_body", False):
            return


def _limited(receive: Receive) -> Receive:
    received = 0

    async def limited() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > BODY_BYTES_MAX:
            raise HTTPException(413)
        return message

    return limited


def _record_unexpected(scope: Scope, exc: Exception) -> None:
    """Log where an error came from. Its text is left out: it may hold what the caller sent or what is stored."""
    frames = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(exc.__traceback__)]
    _LOGGER.error(
        "Unexpected error",
        extra={
            "action": "request.crashed",
            "error": type(exc).__name__,
            "frames": frames[-20:],
            "request_id": request_id_of(scope),
        },
    )
