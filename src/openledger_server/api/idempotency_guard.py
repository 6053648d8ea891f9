"""Around every write: two requests with one idempotency key are one, and the second gets the first one's answer."""

import logging
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import parse_qsl

from fastapi import Response
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from openledger_server.access import tokens
from openledger_server.access.idempotency import store
from openledger_server.access.idempotency.types import (
    Claim,
    KeptAnswer,
    KeyInUseError,
    KeyReusedError,
    key_digest,
    request_digest,
)
from openledger_server.access.types import Claims
from openledger_server.api.auth import subject_of
from openledger_server.api.context import ApiContext
from openledger_server.api.errors import database_failed_answer, error_answer, request_id_of
from openledger_server.api.idempotency import HEADER, IdempotencyKeyError, checked_key
from openledger_server.base import db
from openledger_server.base.db import DATABASE_FAILURES

_LOGGER = logging.getLogger(__name__)

_WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_PREFIX = "/v1/"
# Tokens run out, so an answer with one is not repeated; asking for another one changes nothing.
_TOKENS = ("/v1/auth/", "/v1/developers/auth/", "/v1/entities/auth/", "/v1/entity/auth/")
_MEDIA_TYPE = "application/json"
_RETRY_AFTER_S = "1"
_SUCCESS = 2
REPLAYED = "Idempotency-Replayed"
_REFUSALS: tuple[type[Exception], ...] = (
    HTTPException,
    IdempotencyKeyError,
    KeyReusedError,
    KeyInUseError,
    *DATABASE_FAILURES,
)


@dataclass(slots=True)
class _Caught:
    """An answer on its way out: held back while it may be one to keep, else passed on at once."""

    send: Send
    start: Message | None = None
    chunks: list[bytes] = field(default_factory=list)
    is_held: bool = False

    async def take(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            media_type = Headers(raw=message["headers"]).get("content-type", "")
            self.is_held = media_type.startswith(_MEDIA_TYPE)
            self.start = message
        elif self.is_held and message["type"] == "http.response.body":
            self.chunks.append(message.get("body", b""))
        if not self.is_held:
            await self.send(message)

    def kept(self) -> KeptAnswer | None:
        """Return the answer if it is one to keep: the request did something and says so in JSON."""
        if self.start is None or not self.is_held or self.start["status"] // 100 != _SUCCESS:
            return None
        return KeptAnswer(status=self.start["status"], media_type=_MEDIA_TYPE, body=b"".join(self.chunks))

    async def let_go(self) -> None:
        if self.is_held and self.start is not None:
            await self.send(self.start)
            await self.send({"type": "http.response.body", "body": b"".join(self.chunks), "more_body": False})


class IdempotencyGuard:
    """Answers a repeated request with what the first one was answered with, for 24 hours.

    Keys belong to one caller: a developer or an entity's token. Only answers of requests that did something are kept;
    one that was refused changed nothing and may be sent again with the same key.
    """

    def __init__(self, app: ASGIApp, *, context: ApiContext) -> None:
        """Wrap `app`, which answers with what `context` offers."""
        self._app = app
        self._context = context

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        key = Headers(scope=scope).get(HEADER) if _is_keyed_write(scope) else None
        claims = None if key is None else self._claims(scope)
        if key is None or claims is None:
            await self._app(scope, receive, send)
            return
        try:
            body = await _body(receive)
            claim = _claim(scope, claims, key=checked_key(key) or "", body=body)
            async with db.write_developer(self._context.services.pool, developer_id=claim.developer_id) as conn:
                known = await store.claim(conn, claim, self._context.services.vault, now=self._context.services.now())
        except _REFUSALS as exc:
            await _refusal(scope, exc)(scope, receive, send)
            return
        if known is not None:
            headers = {REPLAYED: "true"}
            answer = Response(known.body, status_code=known.status, media_type=known.media_type, headers=headers)
            await answer(scope, receive, send)
            return
        await self._answer(scope, _replaying(body, receive), send, claim)

    def _claims(self, scope: Scope) -> Claims | None:
        """Return who asks; None if the request will be refused anyway."""
        kind, _, credentials = Headers(scope=scope).get("authorization", "").partition(" ")
        if kind.lower() != "bearer":
            return None
        try:
            return tokens.verified(self._context.token_keys, credentials.strip(), now=self._context.services.now())
        except (tokens.InvalidTokenError, tokens.TokenExpiredError):
            return None

    async def _answer(self, scope: Scope, receive: Receive, send: Send, claim: Claim) -> None:
        caught = _Caught(send)
        try:
            await self._app(scope, receive, caught.take)
        finally:
            await self._settle(scope, claim, caught.kept())
        await caught.let_go()

    async def _settle(self, scope: Scope, claim: Claim, answer: KeptAnswer | None) -> None:
        """Keep the answer, or give the key free. If the database fails now, the claim runs out by itself."""
        try:
            async with db.write_developer(self._context.services.pool, developer_id=claim.developer_id) as conn:
                if answer is None:
                    await store.release(conn, claim)
                else:
                    await store.keep_answer(conn, claim, answer, self._context.services.vault)
        except DATABASE_FAILURES as exc:
            _LOGGER.warning(
                "Unable to keep an answer",
                extra={
                    "action": "idempotency.not_kept",
                    "error": type(exc).__name__,
                    "request_id": request_id_of(scope),
                },
            )


def _is_keyed_write(scope: Scope) -> bool:
    if scope["type"] != "http" or scope["method"] not in _WRITES:
        return False
    path: str = scope["path"]
    return path.startswith(_PREFIX) and not path.startswith(_TOKENS)


def _claim(scope: Scope, claims: Claims, *, key: str, body: bytes) -> Claim:
    query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    # Which entity the older header names is part of what is asked for.
    named = Headers(scope=scope).get("x-entity-id")
    if named is not None:
        query.append(("x-entity-id", named))
    return Claim(
        developer_id=claims.developer_id,
        key_sha256=key_digest(subject=subject_of(claims), key=key),
        request_sha256=request_digest(method=scope["method"], path=scope["path"], query=query, body=body),
    )


async def _body(receive: Receive) -> bytes:
    chunks: list[bytes] = []
    while True:
        message = await receive()
        chunks.append(message.get("body", b""))
        if message["type"] != "http.request" or not message.get("more_body", False):
            return b"".join(chunks)


def _replaying(body: bytes, receive: Receive) -> Receive:
    """Return a way to receive the body that was read already, and then whatever comes."""
    is_given = False

    async def replaying() -> Message:
        nonlocal is_given
        if is_given:
            return await receive()
        is_given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replaying


def _refusal(scope: Scope, exc: Exception) -> Response:
    if isinstance(exc, KeyReusedError):
        return error_answer(scope, status=HTTPStatus.UNPROCESSABLE_ENTITY, code=exc.error_code, message=exc.message)
    if isinstance(exc, KeyInUseError):
        headers = {"Retry-After": _RETRY_AFTER_S}
        return error_answer(
            scope, status=HTTPStatus.CONFLICT, code=exc.error_code, message=exc.message, headers=headers
        )
    if isinstance(exc, IdempotencyKeyError):
        return error_answer(scope, status=HTTPStatus.BAD_REQUEST, code=exc.error_code, message=exc.message)
    if isinstance(exc, HTTPException):
        return error_answer(scope, status=413, code="TOO_LARGE", message="The body is larger than 1 MiB.")
    return database_failed_answer(scope, exc)
