"""Reading the JSON body of a request."""

from typing import Any

import orjson
from starlette.requests import Request

from plaid_sandbox.errors import PlaidError

_BODY_BYTES_MOST = 2_000_000


async def json_object(request: Request) -> dict[str, Any]:
    """Return the request's body.

    Raises:
        PlaidError: `INVALID_HEADERS`, or `INVALID_BODY` for anything but a JSON object of bearable size.
    """
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type != "application/json":
        raise PlaidError("INVALID_HEADERS")
    data = bytearray()
    async for part in request.stream():
        data += part
        if len(data) > _BODY_BYTES_MOST:
            raise PlaidError("INVALID_BODY", "the body is too large")
    try:
        body = orjson.loads(bytes(data))
    except orjson.JSONDecodeError as error:
        raise PlaidError("INVALID_BODY") from error
    if not isinstance(body, dict):
        raise PlaidError("INVALID_BODY", "the body must be a JSON object")
    return body
