"""From errors to answers: the one table of category, status and code, and the handlers that use it."""

import logging
import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from openledger_server.banking.feed import FeedError, FeedFault
from openledger_server.base.db import DATABASE_FAILURES
from openledger_server.base.errors import (
    ConflictError,
    InvalidError,
    NotAllowedError,
    NotAuthenticatedError,
    NotFoundError,
    OpenLedgerError,
    TooLargeError,
    TooManyError,
    UpstreamError,
)

_LOGGER = logging.getLogger(__name__)

_STATUS_BY_CATEGORY: Final[Mapping[type[OpenLedgerError], int]] = {
    InvalidError: 400,
    NotAuthenticatedError: 401,
    NotAllowedError: 403,
    NotFoundError: 404,
    ConflictError: 409,
    TooLargeError: 413,
    TooManyError: 429,
}
_CODE_BY_STATUS: Final[Mapping[int, tuple[str, str]]] = {
    400: ("INVALID_JSON", "The body cannot be read as JSON."),
    404: ("NOT_FOUND", "There is nothing at this address."),
    405: ("METHOD_NOT_ALLOWED", "This address does not know that method."),
    413: ("TOO_LARGE", "The body is larger than 1 MiB."),
}
_RETRY_AFTER_S = 5
_RETRY_AFTER_SLOW_S = 60
_SLOW_FAULTS = frozenset({FeedFault.RATE_LIMITED, FeedFault.BANK_DOWN})
_FIELD = re.compile(r"[A-Za-z0-9_\-]{1,64}")
_FIELDS_NAMED_MAX = 10
_PLACES = frozenset({"body", "query", "header", "path"})


class ErrorBody(BaseModel):
    """What every failed request is answered with."""

    error: str = Field(description="A sentence that says what happened and what to do.")
    code: str = Field(description="A stable code to act upon.", examples=["ENTITY_NOT_FOUND"])
    message: str = Field(description="The same sentence as `error`.")
    request_id: str = Field(description="Names this request in the server's log.", examples=["req_3f9c1a7be2d04856"])
    details: dict[str, str] | None = Field(default=None, description="Ids to act upon; with some codes only.")


_DESCRIPTIONS: Final[Mapping[int, str]] = {
    400: "The request cannot be understood or breaks a rule",
    401: "The access token or API key is missing, wrong or expired",
    403: "Known, but not yours to do",
    404: "No such thing, or not yours",
    409: "Contradicts what is stored",
    422: "The idempotency key came with another request before",
    429: "Asked more often than allowed; try again after `Retry-After` seconds",
    500: "Our fault",
    502: "The bank's side failed; trying again does not help",
    503: "Something we depend on does not answer; try again after `Retry-After` seconds",
}


def failures(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the `responses` of a route: these statuses and those any route may answer, all with the same body."""
    named: dict[int | str, dict[str, Any]] = {
        status: {"model": ErrorBody, "description": _DESCRIPTIONS[status]} for status in sorted({*statuses, 500, 503})
    }
    return named | {"default": {"model": ErrorBody, "description": "Any other failure"}}


def error_answer(
    scope: Mapping[str, Any],
    *,
    status: int,
    code: str,
    message: str,
    headers: Mapping[str, str] | None = None,
    details: Mapping[str, str] | None = None,
) -> Response:
    """Return the answer for a failure of the request that `scope` belongs to."""
    body = ErrorBody(
        error=message,
        code=code,
        message=message,
        request_id=request_id_of(scope),
        details=None if details is None else dict(details),
    )
    content = orjson.dumps(body.model_dump(exclude_none=True))
    return Response(content, status_code=status, headers=headers, media_type="application/json")


def request_id_of(scope: Mapping[str, Any]) -> str:
    """Return the id that the outermost middleware gave the request."""
    return str(scope.get("state", {}).get("request_id", "req_unknown"))


def install(app: FastAPI) -> None:
    """Teach the application to answer errors."""
    app.add_exception_handler(OpenLedgerError, _on_our_error)
    app.add_exception_handler(RequestValidationError, _on_invalid_request)
    app.add_exception_handler(HTTPException, _on_http_error)
    for failure in DATABASE_FAILURES:
        app.add_exception_handler(failure, _on_database_failure)


async def _on_our_error(request: Request, exc: Exception) -> Response:
    assert isinstance(exc, OpenLedgerError)
    status, headers = _status_of(exc), {}
    if status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        headers["Retry-After"] = str(_RETRY_AFTER_SLOW_S)
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        is_slow = isinstance(exc, FeedError) and exc.fault in _SLOW_FAULTS
        headers["Retry-After"] = str(_RETRY_AFTER_SLOW_S if is_slow else _RETRY_AFTER_S)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        provider_code = exc.provider_code if isinstance(exc, FeedError) else None
        _LOGGER.warning(
            "Request failed on our side or upstream",
            extra={
                "action": "request.failed",
                "code": exc.error_code,
                "provider_code": provider_code,
                "request_id": request_id_of(request.scope),
            },
        )
    return error_answer(
        request.scope, status=status, code=exc.error_code, message=exc.message, headers=headers, details=exc.details
    )


def _status_of(exc: OpenLedgerError) -> int:
    if isinstance(exc, UpstreamError):
        return 503 if exc.is_retryable else 502
    for category, status in _STATUS_BY_CATEGORY.items():
        if isinstance(exc, category):
            return status
    return 500


async def _on_invalid_request(request: Request, exc: Exception) -> Response:
    assert isinstance(exc, RequestValidationError)
    errors = exc.errors()
    if any(error["type"] == "json_invalid" for error in errors):
        return error_answer(request.scope, status=400, code="INVALID_JSON", message="The body is not valid JSON.")
    return error_answer(request.scope, status=400, code="INVALID_REQUEST", message=_what_is_wrong(errors))


def _what_is_wrong(errors: Sequence[Any]) -> str:
    """Return a sentence that names the fields and what was expected, and never what was sent."""
    parts = [f"{_field_name(error['loc'])}: {error['msg']}" for error in errors[:_FIELDS_NAMED_MAX]]
    return "The request is not valid. " + "; ".join(parts) + "."


def _field_name(location: Sequence[Any]) -> str:
    names = [str(part) for part in location if part not in _PLACES]
    if not names:
        return "body"
    return ".".join(name if _FIELD.fullmatch(name) else "?" for name in names)


async def _on_http_error(request: Request, exc: Exception) -> Response:
    assert isinstance(exc, HTTPException)
    code, message = _CODE_BY_STATUS.get(exc.status_code, ("INTERNAL", "The request failed."))
    return error_answer(request.scope, status=exc.status_code, code=code, message=message, headers=exc.headers)


async def _on_database_failure(request: Request, exc: Exception) -> Response:
    return database_failed_answer(request.scope, exc)


def database_failed_answer(scope: Mapping[str, Any], exc: Exception) -> Response:
    """Return the answer when the database cannot be reached, and log it."""
    _LOGGER.error(
        "Database failed",
        extra={"action": "database.failed", "error": type(exc).__name__, "request_id": request_id_of(scope)},
    )
    return error_answer(
        scope,
        status=503,
        code="DATABASE_UNAVAILABLE",
        message="The database does not answer. Try again in a few seconds.",
        headers={"Retry-After": str(_RETRY_AFTER_S)},
    )


def unexpected_answer(scope: Mapping[str, Any]) -> Response:
    """Return the answer for an error nobody thought of."""
    return error_answer(
        scope, status=500, code="INTERNAL", message="Something went wrong on our side. The request id names it."
    )
