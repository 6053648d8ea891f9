"""Connections, transactions and tenant scope. One request or job step is one transaction, committed at the edge."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import LiteralString, NewType

from psycopg import AsyncConnection, OperationalError, sql
from psycopg.rows import TupleRow
from psycopg_pool import AsyncConnectionPool, PoolClosed, PoolTimeout

Connection = AsyncConnection[TupleRow]
ReadConnection = NewType("ReadConnection", Connection)
"""A connection inside a transaction that may only read."""
WriteConnection = NewType("WriteConnection", ReadConnection)
"""A connection inside a transaction that may write; good wherever a read connection is."""

Pool = AsyncConnectionPool[Connection]

DATABASE_FAILURES: tuple[type[Exception], ...] = (OperationalError, PoolTimeout, PoolClosed)
"""What is raised when the database cannot be reached, is shutting down, or breaks off a statement; waiting may help."""

APP_ROLE = "openledger_app"
_CONNECT_TIMEOUT_S = 10
_STATEMENT_TIMEOUT_MS = 120_000
_POOL_TIMEOUT_S = 10.0


def new_pool(dsn: str, *, size_max: int = 8) -> Pool:
    """Return a closed pool of connections that act as the role without rights to bypass tenant isolation.

    `dsn` is a libpq connection string. Open the pool before use. A connection that cannot be had within 10 s raises
    `psycopg_pool.PoolTimeout`.
    """
    return AsyncConnectionPool(
        dsn,
        min_size=1,
        max_size=size_max,
        timeout=_POOL_TIMEOUT_S,
        open=False,
        kwargs={"connect_timeout": _CONNECT_TIMEOUT_S},
        configure=become_app_role,
        check=AsyncConnectionPool.check_connection,
    )


async def become_app_role(conn: Connection) -> None:
    """Give up the login role's rights on this connection and bound the time of its statements."""
    # Set here and not in the pool's `kwargs`, which the job queue takes for a connection of its own and adds it to.
    await conn.set_autocommit(True)
    await conn.execute(
        sql.SQL("SET ROLE {}; SET statement_timeout = {}; SET idle_in_transaction_session_timeout = {}").format(
            sql.Identifier(APP_ROLE), sql.Literal(_STATEMENT_TIMEOUT_MS), sql.Literal(_STATEMENT_TIMEOUT_MS)
        )
    )


@asynccontextmanager
async def read_entity(pool: Pool, *, entity_id: int) -> AsyncIterator[ReadConnection]:
    """Open a read-only transaction that sees only this entity's rows, at one instant."""
    async with _transaction(
        pool, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", "app.entity_id", entity_id
    ) as conn:
        yield conn


@asynccontextmanager
async def write_entity(pool: Pool, *, entity_id: int) -> AsyncIterator[WriteConnection]:
    """Open a transaction that sees and writes only this entity's rows; commits at the end, rolls back on error."""
    async with _transaction(pool, "BEGIN", "app.entity_id", entity_id) as conn:
        yield WriteConnection(conn)


@asynccontextmanager
async def read_developer(pool: Pool, *, developer_id: int) -> AsyncIterator[ReadConnection]:
    """Open a read-only transaction that sees one developer's own rows and entities, at one instant."""
    async with _transaction(
        pool, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", "app.developer_id", developer_id
    ) as conn:
        yield conn


@asynccontextmanager
async def write_developer(pool: Pool, *, developer_id: int) -> AsyncIterator[WriteConnection]:
    """Open a transaction that sees and writes one developer's own rows and entities."""
    async with _transaction(pool, "BEGIN", "app.developer_id", developer_id) as conn:
        yield WriteConnection(conn)


async def enter_entity(conn: WriteConnection, *, entity_id: int) -> None:
    """Let the rest of a developer's transaction also see and write the rows of one of the developer's entities."""
    await conn.execute(sql.SQL("SET LOCAL app.entity_id = {}").format(sql.Literal(str(int(entity_id)))))


@asynccontextmanager
async def attempt(conn: WriteConnection) -> AsyncIterator[None]:
    """Take back what is written inside if it raises, and let the rest of the transaction go on."""
    async with conn.transaction():
        yield


@asynccontextmanager
async def rehearsal(conn: WriteConnection, *, only: bool) -> AsyncIterator[None]:
    """Take back whatever is written inside, if it is `only` to be tried; what it raises is raised all the same."""
    if not only:
        yield
        return
    async with conn.transaction(force_rollback=True):
        yield


@asynccontextmanager
async def _transaction(
    pool: Pool, begin: LiteralString, setting: LiteralString, tenant_id: int
) -> AsyncIterator[ReadConnection]:
    # BEGIN and SET LOCAL go in one round trip. SET LOCAL and not set_config(): the former is what a sharded
    # PostgreSQL (Citus) hands on to its workers. SET takes no parameter, hence the literal of a checked integer.
    opening = sql.SQL("{}; SET LOCAL {} = {}").format(
        sql.SQL(begin), sql.SQL(setting), sql.Literal(str(int(tenant_id)))
    )
    async with pool.connection() as conn:  # the pool commits when this block ends well, else rolls back
        await conn.execute(opening)
        yield ReadConnection(conn)
