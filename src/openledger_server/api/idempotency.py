"""The header by which a caller says that two requests are one."""

from typing import Annotated

from fastapi import Depends, Header

from openledger_server.base.errors import InvalidError

HEADER = "Idempotency-Key"
_LENGTH_MAX = 255


class IdempotencyKeyError(InvalidError):
    """The header is not 1 to 255 visible ASCII characters."""

    code = "INVALID_IDEMPOTENCY_KEY"

    def __init__(self) -> None:
        super().__init__(f"Idempotency-Key must be 1 to {_LENGTH_MAX} visible ASCII characters.")


def checked_key(text: str | None) -> str | None:
    """Return the key that the header names, or None if there is no such header.

    Raises:
        IdempotencyKeyError: if it is no key.
    """
    if text is None:
        return None
    key = text.strip()
    if not 1 <= len(key) <= _LENGTH_MAX or not key.isascii() or not key.isprintable():
        raise IdempotencyKeyError
    return key


async def idempotency_key(
    text: Annotated[
        str | None,
        Header(alias=HEADER, description="Makes this request and its retries one, for 24 hours."),
    ] = None,
) -> str | None:
    """Return the request's idempotency key."""
    return checked_key(text)


IdempotencyKey = Annotated[str | None, Depends(idempotency_key)]
