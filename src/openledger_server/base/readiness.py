"""Whether the database can be used right now, as the server's own role sees it."""

from psycopg import errors as pg

from openledger_server.base.db import Pool
from openledger_server.base.migrate import shipped_migrations


async def missing_migrations(pool: Pool, *, timeout_s: float) -> list[str]:
    """Return the names of migrations that the database lacks; all of them if it was never migrated.

    Raises:
        DATABASE_FAILURES: if no connection can be had within `timeout_s`.
    """
    shipped = shipped_migrations()
    async with pool.connection(timeout=timeout_s) as conn:
        try:
            cursor = await conn.execute("SELECT name FROM schema_migration")
        except (pg.UndefinedTable, pg.InsufficientPrivilege):
            return shipped
        known = {row[0] for row in await cursor.fetchall()}
    return [name for name in shipped if name not in known]
