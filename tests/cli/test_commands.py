import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import psycopg
import pytest

from openledger_server.commands.doctor import judge_clock, judge_queue
from openledger_server.jobs.health import QueueHealth
from openledger_server.processes.embedded_postgres import running_postgres
from tests.support.command import run_openledger

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize("command", [("serve", "--sandbox"), ("demo", "--exit")])
def test_sandbox_with_live_keys_is_refused_before_anything_starts(data_dir: Path, command: tuple[str, ...]) -> None:
    answer = run_openledger(*command, "--data-dir", str(data_dir), PLAID_ENV="production", PLAID_SECRET="s3cret")
    assert answer.returncode == 2
    assert "the sandbox is on while Plaid keys that may be live are set" in answer.stderr
    assert "Traceback" not in answer.stderr
    assert "s3cret" not in answer.stderr
    assert answer.stdout == ""
    assert not data_dir.exists()


@pytest.mark.parametrize("command", ["serve", "worker"])
def test_without_any_bank_there_is_nothing_to_serve(data_dir: Path, command: str) -> None:
    answer = run_openledger(command, "--data-dir", str(data_dir))
    assert answer.returncode == 2
    assert "PLAID_CLIENT_ID" in answer.stderr
    assert not data_dir.exists()


def test_database_that_does_not_answer_is_told(data_dir: Path) -> None:
    nowhere = "postgresql://user:hidden@127.0.0.1:1/none"
    answer = run_openledger("migrate", "--data-dir", str(data_dir), OPENLEDGER_DATABASE_URL=nowhere)
    assert answer.returncode == 1
    assert "Connection refused" in answer.stderr
    assert "Traceback" not in answer.stderr
    assert "hidden" not in answer.stderr


def test_administration_on_the_embedded_database(kept_data_dir: Path) -> None:
    at = ("--data-dir", str(kept_data_dir))
    applied = json.loads(run_openledger("migrate", *at, "--json").stdout)["applied"]
    assert applied[0].startswith("0001_")
    assert run_openledger("migrate", *at).stdout == "The schema is up to date.\n"

    ada = json.loads(run_openledger("developer", "create", "Ada", *at, "--json").stdout)
    assert ada.keys() == {"developer_id", "api_key"}
    grace = run_openledger("developer", "create", "Grace", *at)
    assert grace.stdout.startswith("developer id  ")
    assert run_openledger("developer", "create", "", *at).returncode == 1

    with running_postgres(kept_data_dir) as facts, psycopg.connect(facts.owner_dsn()) as conn:
        stored = conn.execute("SELECT d.id::text, k.*::text FROM developer d JOIN api_key k ON k.developer_id = d.id")
        rows = stored.fetchall()
    assert ada["developer_id"] in {row[0] for row in rows}
    assert len(rows) == 2
    assert ada["api_key"] not in str(rows)


def test_doctor_finds_a_new_directory_well_but_no_bank(data_dir: Path) -> None:
    answer = run_openledger("doctor", "--data-dir", str(data_dir), "--json")
    assert answer.returncode == 1
    checks = {check["name"]: check for check in json.loads(answer.stdout)["checks"]}
    assert {name for name, check in checks.items() if check["status"] == "failed"} == {"plaid"}
    assert "PLAID_CLIENT_ID" in checks["plaid"]["advice"]
    assert not data_dir.exists()


def test_doctor_says_what_to_do(kept_data_dir: Path) -> None:
    at = ("--data-dir", str(kept_data_dir))
    run_openledger("migrate", *at)
    assert run_openledger("doctor", "--sandbox", *at).returncode == 0
    (kept_data_dir / "keys" / "postgres.json").chmod(0o644)
    answer = run_openledger("doctor", "--sandbox", *at, COLUMNS="300")
    assert answer.returncode == 1
    assert f"chmod 600 {kept_data_dir}/keys/postgres.json" in answer.stderr


@pytest.mark.parametrize(
    ("skew", "status"),
    [
        (timedelta(0), "ok"),
        (timedelta(seconds=59), "ok"),
        (timedelta(seconds=-61), "failed"),
        (timedelta(days=1), "failed"),
    ],
)
def test_clock_may_differ_by_a_minute(skew: timedelta, status: str) -> None:
    assert judge_clock(format_datetime(NOW, usegmt=True), NOW + skew).status == status


@pytest.mark.parametrize("header", [None, "", "yesterday"])
def test_answer_without_a_date_says_nothing_about_the_clock(header: str | None) -> None:
    assert judge_clock(header, NOW).status == "skipped"


@pytest.mark.parametrize(
    ("counts", "status"),
    [
        ({}, "ok"),
        ({"waiting": 3, "workers": 1}, "ok"),
        ({"waiting": 3, "overdue": 1, "workers": 1}, "ok"),
        ({"waiting": 3, "overdue": 1}, "failed"),
        ({"running": 1, "stalled": 1, "workers": 1}, "failed"),
    ],
)
def test_queue_is_well_while_somebody_works(counts: dict[str, int], status: str) -> None:
    nothing = {"waiting": 0, "overdue": 0, "running": 0, "stalled": 0, "failed": 0, "workers": 0}
    assert judge_queue(QueueHealth(**{**nothing, **counts})).status == status
