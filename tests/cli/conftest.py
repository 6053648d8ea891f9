"""Data directories for the command."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from openledger_server.processes.connection_facts import ConnectionFacts
from tests.support.database import fresh_database, reachable_directory


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """A place for a data directory, which is not there yet."""
    with reachable_directory() as directory:
        yield directory / "data"


@pytest.fixture(scope="module")
def kept_data_dir() -> Iterator[Path]:
    """The same for all tests of a module, one after the other."""
    with reachable_directory() as directory:
        yield directory / "data"


@pytest.fixture
def postgres_urls(postgres: ConnectionFacts) -> Iterator[dict[str, str]]:
    """The settings that lead a server to an empty database that is not its own."""
    with fresh_database(postgres, template="template1") as database:
        yield {"OPENLEDGER_DATABASE_URL": database.app_dsn, "OPENLEDGER_DATABASE_OWNER_URL": database.owner_dsn}
