"""Fixtures of the API's tests: the sandbox bank, and the application over it."""

from collections.abc import AsyncIterator, Iterator

import pytest

from openledger_server.base.db import Pool
from openledger_server.workflows.services import Services
from tests.support.api import Api, open_api
from tests.support.database import Database
from tests.support.sandbox import RunningSandbox, running_sandbox
from tests.support.services import wired_services


@pytest.fixture(scope="session")
def sandbox() -> Iterator[RunningSandbox]:
    """One sandbox bank for all of them; its history is there at once."""
    with running_sandbox() as running:
        yield running


@pytest.fixture
async def services(pool: Pool, sandbox: RunningSandbox) -> AsyncIterator[Services]:
    """The services over a fresh database."""
    async with wired_services(pool, sandbox.base_url) as opened:
        yield opened


@pytest.fixture
async def api(services: Services, database: Database, sandbox: RunningSandbox) -> AsyncIterator[Api]:
    """The application over a fresh database."""
    async with open_api(services, database, link_proxy_url=sandbox.base_url) as opened:
        yield opened


@pytest.fixture(scope="module")
async def studio(
    shared_pool: Pool, shared_database: Database, sandbox: RunningSandbox
) -> AsyncIterator[tuple[Api, str]]:
    """The application with one entity whose bank is linked and imported; for tests that change little."""
    async with (
        wired_services(shared_pool, sandbox.base_url) as services,
        open_api(services, shared_database, link_proxy_url=sandbox.base_url) as api,
    ):
        entity_id = await api.create_entity("Lantern Design Studio LLC", externalId="studio")
        await api.link(sandbox, entity_id)
        await api.sync(entity_id)
        yield api, entity_id
