"""A sandbox that is stopped, killed and started again."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.plaid_sandbox.conftest import change, new_link_token, synced
from tests.support.sandbox import ready_url, running_sandbox, sandbox_process

ROW = {"op": "add", "account": "checking", "amount": "7.25", "date": "2026-01-05", "name": "KEPT"}


def test_restart_keeps_tokens_items_and_change_logs(tmp_path: Path) -> None:
    with running_sandbox(data_dir=tmp_path) as first:
        token = first.linked_access_token("user_studio")
        cursor = synced(first, token)["cursor"]
        change(first, token, ROW)
        whole = synced(first, token)["added"]
        link_token = new_link_token(first)
        first.control("POST", "/clock", advance_s=60)
        items = first.control("GET", "/items")
    with running_sandbox(data_dir=tmp_path) as second:
        assert synced(second, token)["added"] == whole
        assert [row["name"] for row in synced(second, token, cursor)["added"]] == ["KEPT"]
        assert second.control("GET", "/items") == items
        assert second.control("GET", "/clock")["offset_s"] == 60
        assert second.link(link_token)["public_token"]
        assert second.linked_access_token("user_studio") != token


def test_kill_loses_nothing_that_was_answered(tmp_path: Path) -> None:
    with running_sandbox(data_dir=tmp_path) as first:
        token = first.linked_access_token("user_good")
        change(first, token, ROW)
        whole = synced(first, token)["added"]
        os.kill(first.pid, signal.SIGKILL)
    with running_sandbox(data_dir=tmp_path) as second:
        assert synced(second, token)["added"] == whole


def test_same_seed_gives_same_rows_and_ids_other_seed_others() -> None:
    seen = []
    for seed in (5, 5, 6, None, None):
        with running_sandbox(seed=seed) as one:
            seen.append(synced(one, one.linked_access_token("user_studio"))["added"])
    assert seen[0] == seen[1]
    ids = [{row["transaction_id"] for row in rows} for rows in seen]
    assert not ids[0] & ids[2]
    assert not ids[3] & ids[4]
    facts = [[(row["date"], row["name"], row["amount"]) for row in rows] for rows in seen]
    assert facts[0] != facts[2]
    assert facts[3] == facts[4]


@pytest.mark.parametrize("wanted", [signal.SIGTERM, signal.SIGINT])
def test_signal_ends_it_cleanly_even_while_a_call_hangs(wanted: signal.Signals) -> None:
    with sandbox_process() as process:
        base_url = ready_url(process)
        httpx.post(f"{base_url}/_control/faults", json={"path": "/item/get", "hang": True})
        with pytest.raises(httpx.ReadTimeout):
            httpx.post(f"{base_url}/item/get", json={"access_token": "x"}, timeout=0.3)
        process.send_signal(wanted)
        assert process.wait(10) == 0


def test_taken_port_is_said_in_one_line() -> None:
    with running_sandbox() as first:
        port = first.base_url.rpartition(":")[2]
        command = [sys.executable, "-m", "plaid_sandbox", "--port", port]
        second = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert (second.returncode, second.stdout) == (1, "")
    assert second.stderr == f"plaid-sandbox cannot listen on 127.0.0.1:{port}: Address already in use\n"
