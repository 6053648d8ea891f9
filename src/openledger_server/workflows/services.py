"""What every deed needs from the outside, wired by main."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from openledger_server.banking.feed import BankFeed
from openledger_server.banking.types import ItemId
from openledger_server.base.db import Pool, WriteConnection
from openledger_server.base.vault import Vault


class JobQueue(Protocol):
    """Durable work for later, enqueued in the caller's transaction: rolled back with it, never lost after it."""

    async def enqueue_sync(
        self, conn: WriteConnection, *, entity_id: int, item_id: ItemId, delay_s: int = 0, attempt: int = 0
    ) -> None:
        """Ask for a sync of one item after `delay_s` seconds; `attempt` counts how often the history was not ready."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """The database, the bank feed, the queue, the key ring and the clock."""

    pool: Pool
    feed: BankFeed
    queue: JobQueue
    vault: Vault
    now: Callable[[], datetime]
    """The current instant, aware, UTC."""
