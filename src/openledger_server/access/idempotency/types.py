"""What is kept of a request that carries an idempotency key."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta

from openledger_server.base.errors import ConflictError, InvalidError

KEPT = timedelta(hours=24)
CLAIMED = timedelta(minutes=2)
"""Nothing that takes a key takes longer; somebody who was killed leaves the key to the next after that."""


class KeyReusedError(InvalidError):
    """The idempotency key was used for another request: send a new key with each new request."""

    code = "IDEMPOTENCY_KEY_REUSED"

    def __init__(self) -> None:
        super().__init__("This Idempotency-Key came with another request before. Send a new key with each new request.")


class KeyInUseError(ConflictError):
    """The first request with this key is still at it. Wait a moment and send it again."""

    code = "IDEMPOTENCY_KEY_IN_USE"

    def __init__(self) -> None:
        super().__init__("A request with this Idempotency-Key is being answered right now. Try again in a moment.")


@dataclass(frozen=True, slots=True)
class Claim:
    """A request that carries a key: whose it is, and digests of the key and of everything it asks for."""

    developer_id: int
    key_sha256: bytes
    request_sha256: bytes


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """What the first request was answered with."""

    status: int
    media_type: str
    body: bytes = field(repr=False)


def key_digest(*, subject: str, key: str) -> bytes:
    """Return the digest under which a key of one caller is kept; callers cannot meet each other's."""
    return hashlib.sha256(f"key\n{subject}\n{key}".encode()).digest()


def request_digest(*, method: str, path: str, query: Iterable[tuple[str, str]], body: bytes) -> bytes:
    """Return a digest of everything a request asks for; the order of its query does not matter."""
    digest = hashlib.sha256()
    for part in (method, path, *(f"{name}={value}" for name, value in sorted(query))):
        digest.update(f"{len(part)}:{part}\n".encode())
    digest.update(body)
    return digest.digest()
