"""`openledger webhooks`: the log of Plaid's webhooks, and handling them again."""

import json
import subprocess

import psycopg

from tests.support.command import run_openledger
from tests.support.database import Database

STORED = """
INSERT INTO received_webhook (id, provider_item_id, kind, code, body, signed_sha256, received_at, state, handled_at)
VALUES (77, 'unknown', 'ITEM', 'ERROR', '{"secret": "text"}', decode(repeat('00', 32), 'hex'), now(), 'ignored', now())
"""


def test_the_log_is_listed_without_what_it_says(database: Database) -> None:

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return run_openledger(
            "webhooks",
            *arguments,
            OPENLEDGER_DATABASE_URL=database.app_dsn,
            OPENLEDGER_DATABASE_OWNER_URL=database.owner_dsn,
        )

    empty = run("list")
    assert (empty.returncode, empty.stdout) == (0, "No webhook was received.\n")
    with psycopg.connect(database.owner_dsn) as owner:
        owner.execute(STORED.encode())
    listed = run("list", "--json")
    (one,) = json.loads(listed.stdout)["webhooks"]
    assert (one["id"], one["code"], one["state"], one["connection_id"]) == ("77", "ERROR", "ignored", None)
    assert "secret" not in listed.stdout
    replayed = run("replay", "--id", "77", "--json")
    assert json.loads(replayed.stdout) == {"replayed": 1, "connections": 0}
    assert run("replay").returncode == 1
    assert run("replay", "--id", "5").returncode == 1
