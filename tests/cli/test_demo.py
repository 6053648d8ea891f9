"""`openledger demo`, whole: what it prints, that a second run goes on with the first one's data, and what it serves."""

import json
import signal
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import httpx

from tests.support.command import bare_environment, run_openledger

HISTORY_MIN = 1500


def test_summary_as_one_document_and_again_from_the_same_data(kept_data_dir: Path) -> None:
    arguments = ("demo", "--exit", "--json", "--data-dir", str(kept_data_dir), "--port", "0")
    first = run_openledger(*arguments, timeout_s=280)
    assert first.returncode == 0, first.stderr
    document = json.loads(first.stdout)
    assert document["base_url"].startswith("http://127.0.0.1:")
    assert {row["accountSubtype"] for row in document["accounts"]} >= {"checking", "savings", "credit card"}
    counts = document["counts"]
    assert counts["synced"] >= HISTORY_MIN
    assert counts["categorized"] + counts["to_review"] + counts["pending"] == counts["total"]
    assert len(document["balance_check"]) == len(document["accounts"])
    assert all(
        Decimal(check["bank_balance"]) == Decimal(check["ledger_balance"]) for check in document["balance_check"]
    )

    again = json.loads(run_openledger(*arguments).stdout)
    for kept in ("developer_id", "api_key", "entity_id", "counts"):
        assert again[kept] == document[kept]
    assert [row["id"] for row in again["accounts"]] == [row["id"] for row in document["accounts"]]
    assert (kept_data_dir / "demo.json").stat().st_mode & 0o777 == 0o600


def test_tables_then_the_web_app_until_a_signal(kept_data_dir: Path) -> None:
    command = [sys.executable, "-m", "openledger_server.cli", "demo", "--data-dir", str(kept_data_dir), "--port", "0"]
    environment = bare_environment(COLUMNS="120")
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as demo:
        try:
            assert demo.stderr is not None
            said = []
            for line in demo.stderr:
                said.append(line)
                if line.startswith("Open "):
                    break
            text = "".join(said)
            for title in ("Linked accounts", "Profit and loss", "Balance sheet", "Proof: the books against the bank"):
                assert title in text
            assert "DIFFERS" not in text
            base_url = said[-1].split()[1]
            session = httpx.get(f"{base_url}/demo/session", trust_env=False).json()
            assert session["token_type"] == "Bearer"
            page = httpx.get(base_url, trust_env=False)
            assert page.headers["content-type"].startswith("text/html")
            demo.send_signal(signal.SIGINT)
            assert demo.wait(60) == 0
        finally:
            demo.kill()
