"""`openledger export`: the journal for other programs."""

import subprocess
from datetime import UTC, date, datetime
from pathlib import Path

from openledger_server.base import db
from openledger_server.base.db import Pool
from openledger_server.base.ids import new_id
from openledger_server.ledger import store as ledger
from openledger_server.ledger.types import JournalEntry, JournalEntryId, Posting
from tests.support.command import run_openledger
from tests.support.database import Database
from tests.support.entities import open_entity
from tests.support.tools import hledger_check


async def test_a_journal_is_written(pool: Pool, database: Database, tmp_path: Path) -> None:
    entity_id = await open_entity(pool, database)
    async with db.write_entity(pool, entity_id=entity_id) as conn:
        codes = {account.code: account.id for account in await ledger.ledger_accounts(conn, entity_id=entity_id)}
        entry = JournalEntry(
            id=JournalEntryId(new_id()),
            dated=date(2026, 5, 1),
            source_ref="test:1",
            description="Coffee",
            postings=(Posting(codes[6350], 450, "USD"), Posting(codes[3100], -450, "USD")),
        )
        await ledger.append_entries(conn, [entry], entity_id=entity_id, now=datetime.now(UTC))

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return run_openledger(
            "export",
            *arguments,
            OPENLEDGER_DATABASE_URL=database.app_dsn,
            OPENLEDGER_DATABASE_OWNER_URL=database.owner_dsn,
        )

    path = tmp_path / "books.journal"
    assert run(str(entity_id), "--output", str(path)).returncode == 0
    hledger_check(path)
    assert "2026-05-01 * (test:1) Coffee\n    Expenses:Expense:6350-Meals  4.50 USD\n" in path.read_text()
    assert run(str(entity_id), "--format", "csv").stdout.splitlines()[1].endswith(",4.50,,4.50,USD")
    assert run("1").returncode == 1
