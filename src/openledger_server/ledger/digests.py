"""The chain of digests over an entity's journal, computed apart from the database, which computes it when it appends.

A batch's digest is SHA-256 over the digest of the batch before (32 zero bytes for the first) and a text: one line for
the batch, then one for each of its entries in the order of their ids, joined by line feeds. A line is a JSON array,
written with ", " between its items and no escapes but those JSON demands. So anybody can check the chain.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from openledger_server.ledger.types import RecordedEntry

FIRST_DIGEST = bytes(32)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """One link of the chain as the database keeps it."""

    batch: int
    entries: int
    sha256: bytes
    appended_at: datetime


def batch_digest(
    previous: bytes, entries: Sequence[RecordedEntry], *, entity_id: int, batch: int, appended_at: datetime
) -> bytes:
    """Return the digest of one batch, whose entries come in the order of their ids."""
    lines = [_json([entity_id, batch, len(entries), _microseconds(appended_at)]), *map(_entry_line, entries)]
    return hashlib.sha256(previous + "\n".join(lines).encode()).digest()


def _entry_line(recorded: RecordedEntry) -> str:
    entry, actor = recorded.entry, recorded.actor
    return _json(
        [
            entry.id,
            entry.dated.isoformat(),
            entry.source_ref,
            entry.description,
            entry.reverses_id,
            entry.kind.value,
            actor.kind.value,
            actor.id,
            actor.name,
            entry.reason,
            entry.note,
            _microseconds(recorded.recorded_at),
            [
                [line, one.ledger_account_id, one.amount_minor, one.currency, one.base_minor, _rate_text(one.rate)]
                for line, one in enumerate(entry.postings, start=1)
            ],
        ]
    )


def _rate_text(rate: object) -> str | None:
    return None if rate is None else f"{rate:f}"


def _microseconds(instant: datetime) -> int:
    return (instant - _EPOCH) // _MICROSECOND


def _json(items: Iterable[object]) -> str:
    return json.dumps(items, ensure_ascii=False)
