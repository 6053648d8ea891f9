"""Checking the digest chain of an entity's journal against its entries."""

from dataclasses import dataclass

from openledger_server.base.db import ReadConnection
from openledger_server.ledger.digests import FIRST_DIGEST, Batch, batch_digest
from openledger_server.ledger.posting import store
from openledger_server.ledger.types import RecordedEntry


@dataclass(frozen=True, slots=True)
class ChainHead:
    """The last link of a chain. Kept elsewhere, it shows later whether the end of the chain was cut off or replaced."""

    batch: int
    """0 while nothing is posted."""
    sha256: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainCheck:
    """What looking at the whole chain came to."""

    head: ChainHead
    broken_batch: int | None
    """The first batch that does not fit its digest; None when all do."""
    anchor: bytes | None
    """The digest of the batch that was asked for; None if there is none such."""


async def check_chain(conn: ReadConnection, *, entity_id: int, anchor_batch: int | None = None) -> ChainCheck:
    """Recompute every digest of an entity's journal and return the first batch that does not fit.

    The cost grows with the whole journal; memory with the largest batch.
    """
    links = await store.batches(conn, entity_id=entity_id)
    expected = {link.batch: link for link in links}
    walk = _Walk(entity_id, expected)
    async for batch, entry in store.entries_by_batch(conn, entity_id=entity_id):
        walk.see(batch, entry)
        if walk.broken is not None:
            break
    walk.end()
    last = links[-1] if links else None
    if walk.broken is None and last is not None and walk.number != last.batch:
        walk.broken = walk.number + 1
    anchored = expected.get(anchor_batch) if anchor_batch is not None else None
    return ChainCheck(
        head=ChainHead(0, None) if last is None else ChainHead(last.batch, last.sha256),
        broken_batch=walk.broken,
        anchor=None if anchored is None else anchored.sha256,
    )


class _Walk:
    """Goes along the chain entry by entry; stops at the first link that does not fit."""

    def __init__(self, entity_id: int, links: dict[int, Batch]) -> None:
        self.number = 0
        """The last batch that was looked at and fits."""
        self.broken: int | None = None
        self._digest = FIRST_DIGEST
        self._entity_id = entity_id
        self._links = links
        self._batch = 0
        self._entries: list[RecordedEntry] = []

    def see(self, batch: int, entry: RecordedEntry | None) -> None:
        if batch != self._batch:
            self.end()
            self._batch, self._entries = batch, []
        if self.broken is None and entry is None:
            self.broken = batch
        if entry is not None:
            self._entries.append(entry)

    def end(self) -> None:
        """Look at the batch whose entries are all here."""
        if self.broken is not None or not self._entries:
            return
        link = self._links.get(self._batch)
        if self._batch != self.number + 1 or link is None:
            self.broken = self.number + 1
            return
        self._digest = batch_digest(
            self._digest,
            self._entries,
            entity_id=self._entity_id,
            batch=self._batch,
            appended_at=link.appended_at,
        )
        self._entries = []
        if self._digest != link.sha256:
            self.broken = self._batch
        else:
            self.number = self._batch
