"""The server's own wiring around a test database and a running sandbox bank."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from openledger_server.base.db import Pool
from openledger_server.base.vault import KEY_BYTES, Vault
from openledger_server.jobs.queue import DatabaseQueue, new_queue_app
from openledger_server.plaid.client import PlaidFeed, PlaidSettings
from openledger_server.workflows.services import Services
from tests.support.sandbox import CLIENT_ID, SECRET


@asynccontextmanager
async def wired_services(
    pool: Pool, plaid_url: str, *, feed: PlaidFeed | None = None, **plaid: Any
) -> AsyncIterator[Services]:
    """Lend services that talk to the Plaid at `plaid_url`; jobs are enqueued but nobody runs them.

    `plaid` goes to its settings. `feed` is for those who keep one, because making it takes a while.
    """
    app = new_queue_app()
    async with app.open_async(pool):
        yield Services(
            pool=pool,
            feed=feed or feed_of(plaid_url, **plaid),
            queue=DatabaseQueue(app),
            vault=Vault({"test": b"k" * KEY_BYTES}, "test"),
            now=lambda: datetime.now(UTC),
        )


def feed_of(plaid_url: str, **plaid: Any) -> PlaidFeed:
    """Return a feed from the Plaid at `plaid_url`; `plaid` goes to its settings."""
    return PlaidFeed(PlaidSettings(host=plaid_url, client_id=CLIENT_ID, secret=SECRET, is_sandbox=True, **plaid))
