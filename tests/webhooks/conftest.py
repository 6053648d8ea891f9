"""A served application over a fresh database, with the sandbox bank that sends it webhooks."""

from collections.abc import AsyncIterator, Iterator

import pytest

from openledger_server.base.db import Pool
from tests.support.database import Database
from tests.support.live import Live, live_api
from tests.support.sandbox import RunningSandbox, running_sandbox
from tests.support.services import wired_services


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    with running_sandbox() as running:
        yield running


@pytest.fixture
async def live(pool: Pool, database: Database, sandbox: RunningSandbox) -> AsyncIterator[Live]:
    async with wired_services(pool, sandbox.base_url) as services, live_api(services, database, sandbox) as live:
        yield live
        sandbox.control("DELETE", "/faults")
        sandbox.control("DELETE", "/webhooks/faults")
