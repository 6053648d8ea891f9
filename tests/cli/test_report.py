"""`openledger report`: reports as files for scripts."""

import csv
import subprocess
from datetime import UTC, date, datetime
from pathlib import Path

import openpyxl
import pypdf

from openledger_server.base import db
from openledger_server.base.db import Pool
from openledger_server.base.ids import new_id
from openledger_server.ledger import store as ledger
from openledger_server.ledger.types import JournalEntry, JournalEntryId, Posting
from tests.support.command import run_openledger
from tests.support.database import Database
from tests.support.entities import open_entity


async def test_a_report_is_written_in_each_format(pool: Pool, database: Database, tmp_path: Path) -> None:
    """2026-05-01 meals 4.50, owner's equity -4.50."""
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

    def run(name: str, file: str, *options: str) -> subprocess.CompletedProcess[str]:
        return run_openledger(
            "report",
            str(entity_id),
            name,
            "--output",
            str(tmp_path / file),
            *options,
            OPENLEDGER_DATABASE_URL=database.app_dsn,
            OPENLEDGER_DATABASE_OWNER_URL=database.owner_dsn,
        )

    assert run("financial-statements", "pack.pdf", "--year", "2026").returncode == 0
    assert "Income Statement" in pypdf.PdfReader(tmp_path / "pack.pdf").pages[0].extract_text()
    assert run("income-statement", "month.csv", "--year", "2026", "--month", "5").returncode == 0
    with (tmp_path / "month.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["Account"]: row["May 2026"] for row in csv.DictReader(file)}
    assert (rows["Meals"], rows["Net income"]) == ("4.50", "-4.50")
    days = ("--start", "2026-05-01", "--end", "2026-05-31", "--compare", "previous-year")
    assert run("balance-sheet", "sheet.xlsx", *days).returncode == 0
    assert openpyxl.load_workbook(tmp_path / "sheet.xlsx").sheetnames == ["Balance sheet"]
    refused = run("financial-statements", "pack.csv")
    assert refused.returncode == 1
    assert "pdf or xlsx" in refused.stderr
    assert not (tmp_path / "pack.csv").exists()
