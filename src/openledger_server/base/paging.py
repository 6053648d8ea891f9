"""Opaque cursors for lists that are read page by page."""

import base64
import binascii

from openledger_server.base.errors import InvalidError

PAGE_SIZE_DEFAULT = 50
PAGE_SIZE_MAX = 100


class CursorError(InvalidError):
    """The cursor is not one we gave out; start again without it."""

    code = "INVALID_CURSOR"


class PageSizeError(InvalidError):
    """The page size is not between 1 and 100."""

    code = "INVALID_PAGE_SIZE"


def encode_cursor(*parts: str) -> str:
    """Return a cursor that holds `parts` (none of which contains a bar)."""
    return base64.urlsafe_b64encode("|".join(parts).encode()).decode().rstrip("=")


def decode_cursor(cursor: str, *, parts: int) -> tuple[str, ...]:
    """Return what `encode_cursor` put in.

    Raises:
        CursorError: if it does not decode to exactly `parts` parts.
    """
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError) as exc:
        raise CursorError("The cursor is not one that this server gave out.") from exc
    found = tuple(text.split("|"))
    if len(found) != parts:
        raise CursorError("The cursor is not one that this server gave out.")
    return found


def checked_page_size(page_size: int | None) -> int:
    """Return the page size to use.

    Raises:
        PageSizeError: if it is below 1 or above 100.
    """
    if page_size is None:
        return PAGE_SIZE_DEFAULT
    if not 1 <= page_size <= PAGE_SIZE_MAX:
        raise PageSizeError(f"pageSize must be between 1 and {PAGE_SIZE_MAX}.")
    return page_size
