"""What every deed needs from the outside, wired by main."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from openledger_server.banking.feed import BankFeed
from openledger_server.banking.types import ItemId
from openledger_server.base.db import Pool, WriteConnection
from openledger_server.base.vault import Vault
from openledger_server.categorization.advice.types import AdviceDesk
from openledger_server.webhooks.outgoing.sender import WebhookSender


class JobQueue(Protocol):
    """Durable work for later, enqueued in the caller's transaction: rolled back with it, never lost after it."""

    async def enqueue_sync(
        self, conn: WriteConnection, *, entity_id: int, item_id: ItemId, delay_s: int = 0, attempt: int = 0
    ) -> None:
        """Ask for a sync of one item after `delay_s` seconds; `attempt` counts how often the history was not ready."""
        ...

    async def enqueue_audit(self, conn: WriteConnection, *, entity_id: int, item_id: ItemId, delay_s: int = 0) -> None:
        """Ask for one item to be compared with the bank after `delay_s` seconds; asking often asks once."""
        ...

    async def enqueue_notices(self, conn: WriteConnection, *, entity_id: int, item_id: ItemId) -> None:
        """Ask for an item's stored webhooks to be handled; asking often while one waits asks once."""
        ...

    async def enqueue_removal(self, conn: WriteConnection, *, entity_id: int, item_id: ItemId) -> None:
        """Ask for an item's access to be given up at the provider, tried until it is done."""
        ...

    async def enqueue_advice(self, conn: WriteConnection, *, entity_id: int) -> None:
        """Ask for a language model to be asked about an entity's open rows; asking often while one waits asks once."""
        ...

    async def enqueue_delivery(
        self, conn: WriteConnection, *, developer_id: int, message_id: int, endpoint_id: int
    ) -> None:
        """Ask for a message to be sent to one endpoint."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """The database, the bank feed, the queue, the key ring, the clock, and the ways in and out for webhooks."""

    pool: Pool
    feed: BankFeed
    queue: JobQueue
    vault: Vault
    now: Callable[[], datetime]
    """The current instant, aware, UTC."""
    notice_url: str | None = None
    """Where the provider is to send its webhooks; None: nowhere, the sweep alone keeps items in step."""
    sender: WebhookSender = field(default_factory=WebhookSender)
    """Sends webhooks to developers."""
    advice: AdviceDesk | None = None
    """A language model to ask about rows nobody is sure of; None: nothing is ever asked."""
