"""`openledger verify`, `period` and `rates` on a real database."""

import json
import subprocess
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import psycopg
import pytest

from openledger_server.base import db
from openledger_server.base.db import Pool
from openledger_server.base.ids import new_id
from openledger_server.ledger import store as ledger
from openledger_server.ledger.types import JournalEntry, JournalEntryId, Posting
from tests.support.command import run_openledger
from tests.support.database import Database
from tests.support.entities import open_entity

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(database: Database) -> Run:
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return run_openledger(
            *arguments,
            OPENLEDGER_DATABASE_URL=database.app_dsn,
            OPENLEDGER_DATABASE_OWNER_URL=database.owner_dsn,
        )

    return run


async def test_verify_says_whether_the_books_are_sound_and_where_not(pool: Pool, database: Database, run: Run) -> None:
    entity_id = await open_entity(pool, database)
    async with db.write_entity(pool, entity_id=entity_id) as conn:
        [one, other, *_] = await ledger.ledger_accounts(conn, entity_id=entity_id)
        lunch = JournalEntry(
            id=JournalEntryId(new_id()),
            dated=date(2026, 1, 31),
            source_ref="test:1",
            description="Lunch",
            postings=(Posting(one.id, 1250, "USD"), Posting(other.id, -1250, "USD")),
        )
        await ledger.append_entries(conn, [lunch], entity_id=entity_id, now=datetime(2026, 2, 1, tzinfo=UTC))
    sound = run("verify", "--json")
    assert sound.returncode == 0, sound.stderr
    [answer] = json.loads(sound.stdout)["entities"]
    assert (answer["entity_id"], answer["ok"], answer["faults"]) == (str(entity_id), True, [])
    assert run("verify", "--entity", str(entity_id), "--expect", answer["head"]).returncode == 0
    with psycopg.connect(database.owner_dsn) as owner:
        owner.execute("UPDATE journal_entry SET description = 'Dinner'")
    broken = run("verify")
    assert broken.returncode == 1
    assert "every batch of the journal fits its digest: not so for batch 1" in broken.stdout
    assert run("verify", "--expect", "1:ab").returncode == 1
    assert "There is no entity 5." in run("verify", "--entity", "5").stderr


async def test_periods_are_closed_and_rates_loaded_from_a_terminal(
    pool: Pool, database: Database, run: Run, tmp_path: Path
) -> None:
    entity = ("--entity", str(await open_entity(pool, database)))
    why = ("--role", "accountant", "--reason", "Filed.")
    closed = run("period", "close", *entity, "--through", "2025-12-31", *why)
    assert (closed.returncode, closed.stdout.splitlines()[0]) == (0, "Closed through 2025-12-31.")
    refused = run("period", "reopen", *entity, "--role", "bookkeeper", "--reason", "Oops.")
    assert (refused.returncode, "Only an owner" in refused.stderr) == (1, True)
    assert run("period", "reopen", *entity, "--role", "king", "--reason", "x").returncode == 1
    reopened = json.loads(run("period", "reopen", *entity, *why, "--json").stdout)
    assert [event["action"] for event in reopened["events"]] == ["reopen", "close"]
    file = tmp_path / "rates.csv"
    file.write_text("Currency,Date,Rate\neur,2026-01-01,1.0850\nJPY,2026-01-01,0.0067\n", encoding="utf-8")
    loaded = json.loads(run("rates", "load", str(file), *entity, "--json").stdout)
    assert loaded == {"rates": 2, "changed": 2, "booked": 0, "still_held": 0}
    file.write_text("currency,date,rate\nEUR,2026-01-01,abc\n", encoding="utf-8")
    assert "Line 2 is not a currency, a date and a rate." in run("rates", "load", str(file), *entity).stderr
