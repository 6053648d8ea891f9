"""What many seeds share: a database, a sandbox bank over HTTP, and the server's own wiring between them.

Each seed is an entity of its own in it, with its own logins at the bank and its own clock, and leaves an empty queue.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

import psycopg

from openledger_server.base.db import new_pool
from openledger_server.processes.connection_facts import ConnectionFacts
from openledger_server.workflows.services import Services
from tests.support.database import Database, fresh_database
from tests.support.sandbox import RunningSandbox, running_sandbox
from tests.support.services import wired_services

_CONNECTIONS_MAX = 12
PAGE_SIZE = 20
"""Rows a page: a first import has several pages, so that they can fail and change one by one."""
_SANDBOX_OPTIONS = ("--login-days", "0")


@dataclass(frozen=True, slots=True)
class World:
    """Where lives are lived, one after the other."""

    database: Database
    sandbox: RunningSandbox
    services: Services

    def forget_jobs(self) -> None:
        """Empty the queue, so that no life finds jobs or workers of another."""
        with psycopg.connect(self.database.owner_dsn) as owner:
            owner.execute("TRUNCATE procrastinate_jobs, procrastinate_workers CASCADE")


@asynccontextmanager
async def opened_world(facts: ConnectionFacts, sandbox: RunningSandbox) -> AsyncIterator[World]:
    """Lend a world around a new database and a bank that runs."""
    with fresh_database(facts) as database:
        async with (
            new_pool(database.app_dsn, size_max=_CONNECTIONS_MAX) as pool,
            wired_services(pool, sandbox.base_url, page_size=PAGE_SIZE) as services,
        ):
            yield World(database, sandbox, services)


@contextmanager
def simulated_bank() -> Iterator[RunningSandbox]:
    """Run a sandbox bank whose logins do not end by themselves, which the auditor would not foresee."""
    with running_sandbox(options=_SANDBOX_OPTIONS) as sandbox:
        yield sandbox
