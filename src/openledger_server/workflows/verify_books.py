"""Checking an entity's books from end to end: every rule, every total, every digest."""

import logging
from dataclasses import dataclass
from datetime import datetime

from openledger_server.base import db
from openledger_server.base.db import DATABASE_FAILURES, Pool, ReadConnection
from openledger_server.bookkeeping import store as bookkeeping
from openledger_server.bookkeeping.invariants import BOOKKEEPING_INVARIANTS
from openledger_server.bookkeeping.types import HoldReason
from openledger_server.bookkeeping.verification import store as kept
from openledger_server.ledger.invariants import LEDGER_INVARIANTS, Violation, violations
from openledger_server.ledger.verification import ChainHead, check_chain
from openledger_server.reports.ties import BALANCE_SHEET_BALANCES, NET_INCOME_TIES, broken_ties

_LOGGER = logging.getLogger(__name__)

CHAIN_IS_WHOLE = "every batch of the journal fits its digest"
CHAIN_HAS_THE_ANCHOR = "the journal still contains the batch that was noted elsewhere"
CHECKS = (
    *LEDGER_INVARIANTS,
    *BOOKKEEPING_INVARIANTS,
    BALANCE_SHEET_BALANCES,
    NET_INCOME_TIES,
    CHAIN_IS_WHOLE,
)
"""All checks, by the sentence that has to be true."""
_ENTITIES_AT_ONCE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What checking one entity's books came to."""

    entity_id: int
    verified_at: datetime
    violations: tuple[Violation, ...]
    """What should not be; empty when the books are sound."""
    head: ChainHead
    held: dict[HoldReason, int]
    """Bank transactions that wait, which is no fault of the books."""

    @property
    def is_sound(self) -> bool:
        """Return whether every check found nothing."""
        return not self.violations


@dataclass(frozen=True, slots=True)
class Anchor:
    """The end of a digest chain as it was noted elsewhere."""

    batch: int
    sha256: bytes


async def verify_books(pool: Pool, *, entity_id: int, now: datetime, anchor: Anchor | None = None) -> Verification:
    """Check one entity's books at one instant and return what is wrong; nothing is changed.

    With an `anchor`, the end of the chain as somebody noted it, also that the journal still contains that.
    """
    async with db.read_entity(pool, entity_id=entity_id) as conn:
        return await _verified(conn, entity_id=entity_id, now=now, anchor=anchor)


async def _verified(conn: ReadConnection, *, entity_id: int, now: datetime, anchor: Anchor | None) -> Verification:
    found = await violations(conn, LEDGER_INVARIANTS | BOOKKEEPING_INVARIANTS, entity_id=entity_id)
    found += [Violation(*tie) for tie in await broken_ties(conn, entity_id=entity_id, today=now.date())]
    chain = await check_chain(conn, entity_id=entity_id, anchor_batch=None if anchor is None else anchor.batch)
    if chain.broken_batch is not None:
        found.append(Violation(CHAIN_IS_WHOLE, f"batch {chain.broken_batch}"))
    if anchor is not None and chain.anchor != anchor.sha256:
        found.append(Violation(CHAIN_HAS_THE_ANCHOR, f"batch {anchor.batch}"))
    return Verification(
        entity_id=entity_id,
        verified_at=now,
        violations=tuple(found),
        head=chain.head,
        held=await bookkeeping.held_counts(conn, entity_id=entity_id),
    )


async def verify_all(pool: Pool, *, now: datetime) -> int:
    """Check the books of every entity, keep and log what each came to, and return how many are not sound.

    The log is a place apart from the database: the end of each chain stands there, to be compared with later.
    """
    broken, after_id = 0, 0
    while ids := await kept.entities_to_verify(pool, after_id=after_id, limit=_ENTITIES_AT_ONCE):
        for entity_id in ids:
            try:
                done = await verify_books(pool, entity_id=entity_id, now=now)
                async with db.write_entity(pool, entity_id=entity_id) as conn:
                    await kept.store_verification(
                        conn,
                        entity_id=entity_id,
                        verified_at=now,
                        findings=[(one.invariant, one.subject) for one in done.violations],
                        head_batch=done.head.batch,
                        head_sha256=done.head.sha256,
                    )
            except DATABASE_FAILURES:
                _LOGGER.exception("Unable to verify", extra={"action": "books.unverified", "entity_id": entity_id})
                continue
            _log(done)
            broken += not done.is_sound
        after_id = ids[-1]
    return broken


def _log(done: Verification) -> None:
    extra = {
        "action": "books.verified" if done.is_sound else "books.broken",
        "entity_id": done.entity_id,
        "batch": done.head.batch,
        "sha256": None if done.head.sha256 is None else done.head.sha256.hex(),
    }
    if done.is_sound:
        _LOGGER.info("Books verified", extra=extra)
    else:
        checks = sorted({one.invariant for one in done.violations})
        _LOGGER.error("Books are not sound", extra={**extra, "checks": checks})
