"""Identifiers made by the application: 63-bit integers that grow with time."""

import secrets
import threading
import time
from datetime import UTC, datetime

_EPOCH_MS = int(datetime(2020, 1, 1, tzinfo=UTC).timestamp() * 1000)
_RANDOM_BITS = 22
_lock = threading.Lock()
_last = 0


def new_id() -> int:
    """Return a fresh identifier: 41 bits of milliseconds since 2020, then 22 random bits.

    It fits PostgreSQL's bigint, sorts by time of creation, needs no round trip, and cannot be counted through. One
    process never gives the same one twice. A clash needs two processes that make ids for one table and one entity in
    the same millisecond; the primary key then refuses the second, and the unit of work is tried again.
    """
    return new_ids(1)[0]


def new_ids(count: int) -> range:
    """Return `count` consecutive fresh identifiers, for bulk inserts."""
    global _last  # noqa: PLW0603 - the one piece of state that keeps a process from repeating itself
    now_ms = time.time_ns() // 1_000_000 - _EPOCH_MS
    drawn = now_ms << _RANDOM_BITS | secrets.randbits(_RANDOM_BITS)
    with _lock:
        start = max(drawn, _last + 1)
        _last = start + count - 1
    return range(start, start + count)
