"""`openledger connections`: an operator sees and steers the connections of all tenants."""

import base64
import json
import subprocess
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from openledger_server.banking.types import ItemId
from openledger_server.base.db import Pool
from openledger_server.base.vault import KEY_BYTES
from openledger_server.workflows.link_item import link_item
from openledger_server.workflows.sync_item import sync_item
from tests.support.command import run_openledger
from tests.support.database import Database
from tests.support.entities import open_entity
from tests.support.sandbox import running_sandbox
from tests.support.services import wired_services

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
async def connection(database: Database, pool: Pool, data_dir: Path) -> AsyncIterator[tuple[Run, int]]:
    """A synced connection, and the command on its database with its keys and its bank."""
    (data_dir / "keys").mkdir(parents=True)
    ring = {"current": "test", "keys": {"test": base64.b64encode(b"k" * KEY_BYTES).decode()}}
    (data_dir / "keys" / "encryption.json").write_text(json.dumps(ring))
    with running_sandbox() as sandbox:
        async with wired_services(pool, sandbox.base_url) as services:
            entity_id = await open_entity(pool, database)
            token = await services.feed.sandbox_public_token(
                institution_id="ins_109508", username="user_history_20", days_requested=730
            )
            item_id = (await link_item(services, entity_id=entity_id, public_token=token))[0].item_id
            await sync_item(services, entity_id=entity_id, item_id=ItemId(item_id))

        def run(*arguments: str) -> subprocess.CompletedProcess[str]:
            return run_openledger(
                "connections",
                *arguments,
                OPENLEDGER_DATA_DIR=str(data_dir),
                OPENLEDGER_DATABASE_URL=database.app_dsn,
                OPENLEDGER_DATABASE_OWNER_URL=database.owner_dsn,
                OPENLEDGER_SANDBOX="true",
                OPENLEDGER_PLAID_URL=sandbox.base_url,
            )

        yield run, item_id


def test_connections_are_listed_shown_and_steered(database: Database, connection: tuple[Run, int]) -> None:
    run, item_id = connection
    (listed,) = json.loads(run("list", "--json").stdout)["connections"]
    assert (listed["connection_id"], listed["state"], listed["bank_accounts"]) == (str(item_id), "healthy", 1)
    assert run("list", "--status", "error").stdout == "There is no such connection.\n"
    shown = run("show", str(item_id))
    assert "healthy" in shown.stdout
    assert "access" not in shown.stdout
    assert run("show", "5").returncode == 1
    assert run("pause", str(item_id)).stdout.startswith("Paused")
    refused = run("sync", str(item_id))
    assert (refused.returncode, "paused" in refused.stderr) == (1, True)
    assert run("resume", str(item_id)).returncode == 0
    assert json.loads(run("sync", str(item_id), "--json").stdout)["connection_id"] == str(item_id)
    assert run("refresh", str(item_id)).returncode == 0
    assert run("disconnect", str(item_id)).stdout.startswith("Ended")
    with psycopg.connect(database.owner_dsn) as owner:
        found = owner.execute("SELECT task_name, count(*) FROM procrastinate_jobs GROUP BY 1").fetchall()
        states = owner.execute("SELECT state FROM item").fetchall()
    jobs = {str(name): int(count) for name, count in found}
    assert (jobs["remove_item"], states) == (1, [("disconnecting",)])
    assert jobs["sync_item"] >= 1


def test_an_audit_is_made_now_and_says_what_differs(database: Database, connection: tuple[Run, int]) -> None:
    run, item_id = connection
    clean = run("audit", str(item_id))
    assert (clean.returncode, clean.stdout.splitlines()[-1]) == (0, "Everything agrees.")
    with psycopg.connect(database.owner_dsn) as owner:
        owner.execute(
            "UPDATE bank_transaction SET dated = %s, provider_transaction_id = 'invented'"
            " WHERE id = (SELECT max(id) FROM bank_transaction)",
            (datetime.now(UTC).date(),),
        )
    found = json.loads(run("audit", str(item_id), "--json").stdout)
    assert [one["kind"] for one in found["differences"]][-1] == "missing_there"
    assert (found["is_clean"], found["reads_again"]) == (False, True)
