"""Fixtures every test may use: a PostgreSQL for the run, migrated databases, pools that act as the server's role."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest

from openledger_server.base.db import Pool, new_pool
from openledger_server.processes.connection_facts import ConnectionFacts
from tests.support.database import Database, fresh_database, make_template, throwaway_server


@pytest.fixture(scope="session")
def postgres() -> Iterator[ConnectionFacts]:
    """One server for the whole run, which loses everything when it stops."""
    with throwaway_server() as facts:
        make_template(facts)
        yield facts


@pytest.fixture
def database(postgres: ConnectionFacts) -> Iterator[Database]:
    """A migrated, empty database for one test."""
    with fresh_database(postgres) as fresh:
        yield fresh


@pytest.fixture(scope="module")
def shared_database(postgres: ConnectionFacts) -> Iterator[Database]:
    """A migrated database for all tests of one module, for those that need much in it and change little."""
    with fresh_database(postgres) as fresh:
        yield fresh


@pytest.fixture
async def pool(database: Database) -> AsyncIterator[Pool]:
    """Connections to `database` in the role that the server works as."""
    async with _opened(database) as opened:
        yield opened


@pytest.fixture(scope="module")
async def shared_pool(shared_database: Database) -> AsyncIterator[Pool]:
    """Connections to `shared_database` in the role that the server works as."""
    async with _opened(shared_database) as opened:
        yield opened


@asynccontextmanager
async def _opened(database: Database) -> AsyncIterator[Pool]:
    pool = new_pool(database.app_dsn, size_max=4)
    await pool.open()
    try:
        yield pool
    finally:
        await pool.close()
