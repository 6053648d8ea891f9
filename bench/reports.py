"""Time reports on one entity's books of growing size, beside hledger, ledger and beancount on the same journal.

Books: two years of entries of two postings each, between one bank account and sixty categories, appended through the
ledger's own door. Ours are repeated calls on a warm database, each in a transaction of its own. Theirs is
one run of the program from the exported file, which they read anew each time: that is how they work. "startup" is the
same run on an empty file. A program that is not installed, or takes too long, is named as such.
"""

import argparse
import asyncio
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import psycopg

from openledger_server.base import db
from openledger_server.base.db import Pool, new_pool
from openledger_server.base.ids import new_ids
from openledger_server.ledger import store as ledger
from openledger_server.ledger.types import JournalEntry, JournalEntryId, LedgerAccountId, LedgerAccountType, Posting
from openledger_server.reports.balance_sheet import balance_sheets
from openledger_server.reports.exports.journal import JournalFormat, journal_lines
from openledger_server.reports.income_statement import income_statements
from openledger_server.reports.listings.general_ledger import general_ledger
from openledger_server.reports.listings.store import Place
from openledger_server.reports.periods import months_of
from openledger_server.reports.types import Period, View
from tests.support.database import Database, fresh_database, make_template, throwaway_server
from tests.support.entities import open_entity

SIZES = (10_000, 100_000, 1_000_000)
REPEATS = 30
BATCH = 20_000
FIRST, DAYS = date(2024, 1, 1), 731
# In the middle of a month, where monthly totals alone do not do.
AS_OF = date(2025, 12, 17)
YEAR = Period(since=date(2025, 1, 1), until=date(2026, 1, 1))
USD = View(currency="USD")
TIMEOUT_S = 600
_EMPTY = "2024-01-01 open Assets:Bank\n"


@dataclass(frozen=True, slots=True)
class Times:
    """What thirty calls took. The best one says what the work is, the median what others added to it."""

    best_ms: float
    median_ms: float

    def __str__(self) -> str:
        return f"{self.best_ms:.1f} ({self.median_ms:.1f}) ms"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ours:
    """How long reports take on books of `postings` postings."""

    postings: int
    append_s: float
    balance_sheet: Times
    income_by_month: Times
    ledger_page: Times
    """Fifty postings of the bank account with running balance, from the middle of the last month."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Theirs:
    """Seconds of one program on the same journal; None = not installed or stopped after ten minutes."""

    program: str
    postings: int
    startup_s: float | None
    balance_sheet_s: float | None
    income_by_month_s: float | None


async def measure(sizes: Sequence[int], *, programs_max: int) -> tuple[list[Ours], list[Theirs]]:
    """Measure every size in a database of its own."""
    ours: list[Ours] = []
    theirs: list[Theirs] = []
    with throwaway_server() as facts:
        make_template(facts)
        for postings in sizes:
            with fresh_database(facts) as database:
                async with new_pool(database.app_dsn) as pool:
                    entity_id = await open_entity(pool, database)
                    append_s = await _append(pool, entity_id, postings)
                    _settle(database)
                    ours.append(await _ours(pool, entity_id, postings, append_s))
                    _say(_line(ours[-1]))
                    if postings <= programs_max:
                        theirs += await _theirs(pool, entity_id, postings)
    return ours, theirs


async def _append(pool: Pool, entity_id: int, postings: int) -> float:
    dice = random.Random(7)
    async with db.read_entity(pool, entity_id=entity_id) as conn:
        chart = await ledger.ledger_accounts(conn, entity_id=entity_id)
    bank = next(account.id for account in chart if account.subtype == "Bank")
    others = [a.id for a in chart if a.type in {LedgerAccountType.EXPENSE, LedgerAccountType.REVENUE}][:60]
    started = time.perf_counter()
    for first in range(0, postings // 2, BATCH):
        count = min(BATCH, postings // 2 - first)
        async with db.write_entity(pool, entity_id=entity_id) as conn:
            entries = list(_entries(dice, count, first=first, bank=bank, others=others))
            await ledger.append_entries(conn, entries, entity_id=entity_id, now=datetime.now(UTC))
    return time.perf_counter() - started


def _entries(
    dice: random.Random, count: int, *, first: int, bank: LedgerAccountId, others: Sequence[LedgerAccountId]
) -> Iterator[JournalEntry]:
    for number, id_ in enumerate(new_ids(count), start=first):
        amount = dice.randint(100, 500_000) * dice.choice((1, -1, -1))
        yield JournalEntry(
            id=JournalEntryId(id_),
            dated=FIRST + timedelta(days=dice.randrange(DAYS)),
            source_ref=f"bench:{number}",
            description=f"Entry {number} of the benchmark",
            postings=(Posting(bank, amount, "USD"), Posting(dice.choice(others), -amount, "USD")),
        )


def _settle(database: Database) -> None:
    """Do what autovacuum does within minutes, so that index-only scans are what they are on a real server."""
    with psycopg.connect(database.owner_dsn, autocommit=True) as owner:
        owner.execute("VACUUM ANALYZE posting")
        owner.execute("VACUUM ANALYZE journal_entry")
        owner.execute("VACUUM ANALYZE ledger_account_month")
        owner.execute("VACUUM ANALYZE ledger_account_day")


async def _ours(pool: Pool, entity_id: int, postings: int, append_s: float) -> Ours:
    async def sheet() -> None:
        async with db.read_entity(pool, entity_id=entity_id) as conn:
            [found] = await balance_sheets(conn, entity_id=entity_id, days=[AS_OF], view=USD)
        assert found.total_assets_minor

    async def income() -> None:
        async with db.read_entity(pool, entity_id=entity_id) as conn:
            found = await income_statements(conn, entity_id=entity_id, periods=months_of(YEAR), view=USD)
        assert len(found) == 12

    async with db.read_entity(pool, entity_id=entity_id) as conn:
        bank = next(one for one in await ledger.ledger_accounts(conn, entity_id=entity_id) if one.subtype == "Bank")

    async def page() -> None:
        place = Place(code=bank.code, dated=AS_OF, journal_entry_id=1, line=1)
        async with db.read_entity(pool, entity_id=entity_id) as conn:
            found = await general_ledger(conn, entity_id=entity_id, period=YEAR, view=USD, after=place, limit=50)
        assert sum(len(account.rows) for account in found.accounts) == 50

    return Ours(
        postings=postings,
        append_s=append_s,
        balance_sheet=await _times(sheet),
        income_by_month=await _times(income),
        ledger_page=await _times(page),
    )


async def _times(call: Callable[[], Awaitable[None]]) -> Times:
    times = []
    for _ in range(REPEATS):
        started = time.perf_counter()
        await call()
        times.append((time.perf_counter() - started) * 1000)
    return Times(min(times), statistics.median(times))


async def _theirs(pool: Pool, entity_id: int, postings: int) -> list[Theirs]:
    with tempfile.TemporaryDirectory(prefix="openledger-bench-") as name:
        directory = Path(name)
        for format_ in (JournalFormat.HLEDGER, JournalFormat.BEANCOUNT):
            with (directory / f"books.{format_.suffix}").open("w", encoding="utf-8") as file:
                async with db.read_entity(pool, entity_id=entity_id) as conn:
                    async for line in journal_lines(conn, format_, entity_id=entity_id):
                        file.write(line + "\n")
        return [_measured(program, directory, postings) for program in _PROGRAMS]


def _hledger(file: Path, report: str) -> list[str]:
    if report == "balance sheet":
        return ["hledger", "-f", str(file), "balancesheet", "-e", (AS_OF + timedelta(days=1)).isoformat()]
    return ["hledger", "-f", str(file), "incomestatement", "-M", "-p", "2025"]


def _ledger(file: Path, report: str) -> list[str]:
    if report == "balance sheet":
        end = (AS_OF + timedelta(days=1)).isoformat()
        return ["ledger", "--args-only", "-f", str(file), "-e", end, "balance", "^Assets", "^Liabilities", "^Equity"]
    # ledger has no statement with months as columns; a register by month holds the same figures.
    span = ["-b", "2025-01-01", "-e", "2026-01-01"]
    return ["ledger", "--args-only", "-f", str(file), *span, "--monthly", "register", "^Income", "^Expenses"]


_BEANCOUNT = """
import sys, datetime
from beancount import loader
from beancount.core import realization, data
from beancount.ops import summarize
entries, errors, options = loader.load_file(sys.argv[1])
assert not errors, errors[:2]
if sys.argv[2] == "balance sheet":
    realization.realize(summarize.truncate(entries, datetime.date.fromisoformat(sys.argv[3])))
else:
    months = {}
    for entry in data.filter_txns(entries):
        if entry.date.year == 2025:
            months.setdefault(entry.date.month, []).append(entry)
    for month in months.values():
        realization.realize(month)
"""


def _beancount(file: Path, report: str) -> list[str]:
    return [sys.executable, "-c", _BEANCOUNT, str(file), report, (AS_OF + timedelta(days=1)).isoformat()]


_PROGRAMS = {"hledger": _hledger, "ledger": _ledger, "beancount": _beancount}


def _measured(program: str, directory: Path, postings: int) -> Theirs:
    is_beancount = program == "beancount"
    file = directory / ("books.beancount" if is_beancount else "books.journal")
    empty = directory / f"empty.{file.suffix}"
    empty.write_text(_EMPTY if is_beancount else "")
    command = _PROGRAMS[program]
    return Theirs(
        program=program,
        postings=postings,
        startup_s=_seconds(command(empty, "balance sheet")),
        balance_sheet_s=_seconds(command(file, "balance sheet")),
        income_by_month_s=_seconds(command(file, "income by month")),
    )


def _seconds(command: Sequence[str]) -> float | None:
    if shutil.which(command[0]) is None:
        return None
    started = time.perf_counter()
    try:
        answer = subprocess.run(
            command,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            timeout=TIMEOUT_S,
            check=False,
            # beancount would keep what it parsed beside the file, and the second run would not be one.
            env={**os.environ, "BEANCOUNT_DISABLE_LOAD_CACHE": "1"},
        )
    except subprocess.TimeoutExpired:
        return None
    assert answer.returncode == 0, answer.stderr.decode()[-500:]
    return time.perf_counter() - started


def _line(one: Ours) -> str:
    return (
        f"{one.postings:>12,} {one.balance_sheet!s:>18} {one.income_by_month!s:>18} {one.ledger_page!s:>18}"
        f"   appended at {one.postings / one.append_s:,.0f} postings/s"
    )


def _their_line(one: Theirs) -> str:
    def text(seconds: float | None) -> str:
        return "      missing" if seconds is None else f"{seconds:11.2f} s"

    return (
        f"{one.postings:>12,} {text(one.balance_sheet_s)}    {text(one.income_by_month_s)}"
        f"      startup {text(one.startup_s).strip():>8}   {one.program}"
    )


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def main() -> None:
    """Print the comparison as text, or as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--postings", type=int, nargs="+", default=list(SIZES), help="sizes of the books")
    parser.add_argument("--programs-max", type=int, default=1_000_000, help="largest books the other programs get")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    ours, theirs = asyncio.run(measure(arguments.postings, programs_max=arguments.programs_max))
    if arguments.json:
        print(json.dumps({"ours": [asdict(one) for one in ours], "theirs": [asdict(one) for one in theirs]}))
        return
    print("reports on one entity's books")
    print(f"{'postings':>12} {'balance sheet':>18} {'income, 12 months':>18} {'ledger page':>18}   best (median)")
    for one in ours:
        print(_line(one))
    print("other programs on the same journal")
    for each in theirs:
        print(_their_line(each))


if __name__ == "__main__":
    main()
