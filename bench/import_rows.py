"""Import a long history into one entity, and compare with the bare database path for the very same rows.

End to end: fetched over HTTP from the sandbox bank, decoded, stored, categorised, posted; one sync, one transaction.
Bare path: the resulting rows of the same tables, binary COPY to a temporary table, INSERT ... SELECT, one transaction.
Peak memory is that of the importing process. The two reports are timed on the imported books.
"""

import argparse
import asyncio
import json
import resource
import statistics
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime

from psycopg import sql

from openledger_server.banking import store as banking
from openledger_server.base import db
from openledger_server.base.db import Pool, new_pool
from openledger_server.ledger import store as ledger
from openledger_server.reports.balance_sheet import balance_sheet
from openledger_server.reports.income_statement import income_statement
from openledger_server.reports.types import Period
from openledger_server.workflows.link_item import HISTORY_DAYS, access_token_of, link_item
from openledger_server.workflows.services import Services
from openledger_server.workflows.sync_item import sync_item
from tests.support.database import Database, fresh_database, make_template, throwaway_server
from tests.support.entities import open_entity
from tests.support.sandbox import running_sandbox
from tests.support.services import wired_services

_COPIED_FIRST = ("ledger_account", "item", "bank_account")
_MEASURED = ("bank_transaction", "categorization", "journal_entry", "posting", "booking")
_REPORT_REPEATS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """Rows per second are bank transactions; each is one row here and four or five in the database."""

    rows: int
    import_s: float
    import_rows_per_s: float
    fetch_only_s: float
    bare_s: float
    bare_rows_per_s: float
    ratio: float
    peak_memory_mib: float
    income_statement_ms: float
    balance_sheet_ms: float


async def measure(rows: int) -> Result:
    """Run the comparison once with `rows` bank transactions."""
    with throwaway_server() as facts:
        make_template(facts)
        with fresh_database(facts) as database, running_sandbox() as sandbox:
            async with new_pool(database.app_dsn) as pool, wired_services(pool, sandbox.base_url) as services:
                return await _measure(services, database, rows)


async def _measure(services: Services, database: Database, rows: int) -> Result:
    entity_id = await open_entity(services.pool, database)
    token = await services.feed.sandbox_public_token(
        institution_id="ins_109508", username=f"user_history_{rows}", days_requested=HISTORY_DAYS
    )
    linked = await link_item(services, entity_id=entity_id, public_token=token)
    started = time.perf_counter()
    run = await sync_item(services, entity_id=entity_id, item_id=linked[0].item_id)
    import_s = time.perf_counter() - started
    peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    assert run.added == rows, f"asked for {rows} rows, got {run.added}"
    bare_s = await _bare(services.pool, database, entity_id)
    return Result(
        rows=rows,
        import_s=import_s,
        import_rows_per_s=rows / import_s,
        fetch_only_s=await _fetch_only(services, entity_id),
        bare_s=bare_s,
        bare_rows_per_s=rows / bare_s,
        ratio=bare_s / import_s,
        peak_memory_mib=peak_mib,
        income_statement_ms=await _median_ms(lambda: _income_statement(services.pool, entity_id)),
        balance_sheet_ms=await _median_ms(lambda: _balance_sheet(services.pool, entity_id)),
    )


async def _fetch_only(services: Services, entity_id: int) -> float:
    """Return how long it takes to fetch and decode the same pages and do nothing with them."""
    async with db.read_entity(services.pool, entity_id=entity_id) as conn:
        [item] = await banking.items(conn, entity_id=entity_id)
    token = access_token_of(services, item, entity_id=entity_id)
    started = time.perf_counter()
    async for _ in services.feed.transaction_pages(token, cursor=""):
        pass
    return time.perf_counter() - started


async def _bare(pool: Pool, database: Database, entity_id: int) -> float:
    """Copy one entity's rows to another one, rows in memory first, and return the seconds from the first COPY on."""
    other_id = await open_entity(pool, database)
    tables = {name: await _read(pool, entity_id, name) for name in (*_COPIED_FIRST, *_MEASURED)}
    async with db.write_entity(pool, entity_id=other_id) as conn:
        for name in _COPIED_FIRST:
            await _insert(conn, name, *tables[name], entity_id=other_id, where=sql.SQL("ON CONFLICT DO NOTHING"))
        # The other entity has a chart of its own with other ids; the measured rows refer to the first one's.
    started = time.perf_counter()
    async with db.write_entity(pool, entity_id=other_id) as conn:
        for name in _MEASURED:
            await _insert(conn, name, *tables[name], entity_id=other_id, where=sql.SQL(""))
    return time.perf_counter() - started


Columns = list[tuple[str, str, int]]
"""(name, type, oid)"""


async def _read(pool: Pool, entity_id: int, table: str) -> tuple[Columns, list[tuple[object, ...]]]:
    async with db.read_entity(pool, entity_id=entity_id) as conn:
        cursor = await conn.execute(
            """
            SELECT attname, format_type(atttypid, atttypmod), atttypid::int FROM pg_attribute
             WHERE attrelid = %s::regclass AND attnum > 1 AND NOT attisdropped ORDER BY attnum
            """,
            (table,),
        )
        columns: Columns = [(row[0], row[1], row[2]) for row in await cursor.fetchall()]
        # Codes and roles of the chart are unique; the copy keeps its own accounts beside the copied ones.
        shown = sql.SQL(", ").join(_shown(table, name) for name, _, _ in columns)
        binary = conn.cursor(binary=True)
        await binary.execute(
            sql.SQL("SELECT {} FROM {} WHERE entity_id = %s").format(shown, sql.Identifier(table)), (entity_id,)
        )
        return columns, await binary.fetchall()


def _shown(table: str, column: str) -> sql.Composable:
    if table == "ledger_account" and column == "code":
        return sql.SQL("code + 100000")
    if table == "ledger_account" and column == "system_role":
        return sql.SQL("NULL")
    if table == "journal_entry" and column == "batch":
        return sql.SQL("1")  # they come in one piece
    if column == "raw":
        return sql.SQL("raw::text")
    return sql.Identifier(column)


async def _insert(
    conn: db.WriteConnection,
    table: str,
    columns: Columns,
    rows: list[tuple[object, ...]],
    *,
    entity_id: int,
    where: sql.SQL,
) -> None:
    names = sql.SQL(", ").join(sql.Identifier(name) for name, _, _ in columns)
    types = sql.SQL(", ").join(
        sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(_type(type_))) for name, type_, _ in columns
    )
    staged = sql.Identifier(f"staged_{table}")
    await conn.execute(sql.SQL("CREATE TEMPORARY TABLE {} ({}) ON COMMIT DROP").format(staged, types))
    async with conn.cursor() as cursor:
        async with cursor.copy(sql.SQL("COPY {} FROM STDIN (FORMAT BINARY)").format(staged)) as copy:
            copy.set_types([_type(type_) for _, type_, _ in columns])
            for row in rows:
                await copy.write_row(row)
        picked = sql.SQL(", ").join(
            sql.SQL("{}::{}").format(sql.Identifier(name), sql.SQL(type_)) for name, type_, _ in columns
        )
        await cursor.execute(
            sql.SQL("INSERT INTO {} (entity_id, {}) SELECT {}, {} FROM {} {}").format(
                sql.Identifier(table), names, sql.Literal(entity_id), picked, staged, where
            )
        )


def _type(type_: str) -> str:
    return "text" if type_ == "jsonb" else type_.split("(", maxsplit=1)[0]


async def _income_statement(pool: Pool, entity_id: int) -> None:
    today = datetime.now(UTC).date()
    period = Period(since=date(today.year - 1, 1, 1), until=date(today.year, 1, 1))
    async with db.read_entity(pool, entity_id=entity_id) as conn:
        statement = await income_statement(conn, entity_id=entity_id, period=period, currency="USD")
    assert statement.total_expenses_minor, "the benchmark's history spends money"


async def _balance_sheet(pool: Pool, entity_id: int) -> None:
    async with db.read_entity(pool, entity_id=entity_id) as conn:
        sheet = await balance_sheet(conn, entity_id=entity_id, as_of=datetime.now(UTC).date(), currency="USD")
        assert await ledger.ledger_accounts(conn, entity_id=entity_id)
    assert sheet.total_assets_minor, "the benchmark's account holds money"


async def _median_ms(call: Callable[[], Awaitable[None]]) -> float:
    times = []
    for _ in range(_REPORT_REPEATS):
        started = time.perf_counter()
        await call()
        times.append((time.perf_counter() - started) * 1000)
    return statistics.median(times)


def main() -> None:
    """Print the comparison as text, or as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    result = asyncio.run(measure(arguments.rows))
    if arguments.json:
        print(json.dumps(asdict(result)))
        return
    print(f"import of {result.rows:,} bank transactions into one entity")
    print(f"  end to end         {result.import_s:8.2f} s   {result.import_rows_per_s:10,.0f} rows/s")
    print(f"    fetch and decode {result.fetch_only_s:8.2f} s   (the part before the database)")
    print(f"  bare database path {result.bare_s:8.2f} s   {result.bare_rows_per_s:10,.0f} rows/s")
    print(f"  ratio              {result.ratio:8.0%}     of the bare path's speed")
    print(f"  peak memory        {result.peak_memory_mib:8.0f} MiB")
    print(f"  income statement   {result.income_statement_ms:8.2f} ms  (a year, median of {_REPORT_REPEATS})")
    print(f"  balance sheet      {result.balance_sheet_ms:8.2f} ms")


if __name__ == "__main__":
    main()
