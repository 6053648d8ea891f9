"""Identifiers in Plaid's shapes."""

import hashlib
import secrets
import string
import uuid

_ALPHABET = (string.ascii_letters + string.digits).encode()
# Every byte is turned into one of 62 characters; the slight bias of 256 over 62 does no harm here.
_TABLE = bytes(_ALPHABET[value % len(_ALPHABET)] for value in range(256))
LONG_ID_LENGTH = 37
REQUEST_ID_LENGTH = 15


def derived_id(*parts: object) -> str:
    """Return 37 mixed-case alphanumerics that depend on the parts only."""
    text = "\x1f".join(map(str, parts)).encode()
    return hashlib.shake_128(text).digest(LONG_ID_LENGTH).translate(_TABLE).decode("ascii")


def request_id() -> str:
    """Return a fresh request id of 15 mixed-case alphanumerics."""
    return secrets.token_bytes(REQUEST_ID_LENGTH).translate(_TABLE).decode("ascii")


def token(kind: str) -> str:
    """Return a fresh token such as `access-sandbox-<uuid>`."""
    return f"{kind}-sandbox-{uuid.uuid4()}"
