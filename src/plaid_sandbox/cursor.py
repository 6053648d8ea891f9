"""The opaque cursor of `/transactions/sync`: where in an item's change log a client stands."""

import base64
import binascii
import hashlib
import struct
from dataclasses import dataclass

from plaid_sandbox.errors import PlaidError

_LAYOUT = struct.Struct(">8s8sIIIH")
_CHECK_BYTES = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """A place in one stream of one item. A loop runs from `base` to `head`; `position` says how far it came."""

    item_id: str
    stream: str
    """Empty for the whole item, else the bank account the stream is for."""
    base: int
    position: int
    head: int
    pages: int = 0
    """Pages served in this loop so far."""

    @property
    def is_in_loop(self) -> bool:
        """Whether more pages follow, so that a change of the log meanwhile is an error."""
        return self.pages > 0


def start(item_id: str, stream: str) -> Cursor:
    """Return the cursor before all changes, which the wire writes as the empty string."""
    return Cursor(item_id=item_id, stream=stream, base=0, position=0, head=0)


def encode(cursor: Cursor) -> str:
    """Return the cursor as base64 text."""
    packed = _LAYOUT.pack(
        _tag(cursor.item_id), _tag(cursor.stream), cursor.base, cursor.position, cursor.head, cursor.pages
    )
    return base64.b64encode(packed + _check(packed)).decode("ascii")


def decode(text: str, *, item_id: str, stream: str) -> Cursor:
    """Return the cursor written as `text` for this item and stream.

    Raises:
        PlaidError: `INVALID_FIELD` if it is damaged or belongs to another item or stream.
    """
    if not text:
        return start(item_id, stream)
    try:
        data = base64.b64decode(text, validate=True)
        packed, check = data[:-_CHECK_BYTES], data[-_CHECK_BYTES:]
        item_tag, stream_tag, base, position, head, pages = _LAYOUT.unpack(packed)
    except (binascii.Error, ValueError, struct.error) as error:
        raise _foreign() from error
    if check != _check(packed) or item_tag != _tag(item_id) or stream_tag != _tag(stream):
        raise _foreign()
    return Cursor(item_id=item_id, stream=stream, base=base, position=position, head=head, pages=pages)


def pages_before(text: str) -> int:
    """Return how many pages of its loop a cursor text has behind it; 0 for anything that is no cursor."""
    try:
        packed = base64.b64decode(text, validate=True)[:-_CHECK_BYTES]
        return int(_LAYOUT.unpack(packed)[-1])
    except (binascii.Error, ValueError, struct.error):
        return 0


def _foreign() -> PlaidError:
    return PlaidError("INVALID_FIELD", "cursor not associated with access_token")


def _tag(text: str) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=8).digest()


def _check(packed: bytes) -> bytes:
    return hashlib.blake2b(packed, digest_size=_CHECK_BYTES).digest()
