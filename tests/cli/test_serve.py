"""A whole server, the way people run it: what it survives, and that it leaves nothing behind."""

import os
import signal
import sys
from pathlib import Path

import httpx
import pytest

from tests.support.command import RunningCommand, run_openledger, serving
from tests.support.waiting import wait_until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks at processes through /proc")


def processes_of(data_dir: Path) -> dict[str, int]:
    """Return the processes that belong to a data directory, by kind."""
    found = {}
    marks = {"postgres": "-D", "sandbox": "plaid_sandbox", "worker": "worker", "serve": "serve"}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            arguments = (entry / "cmdline").read_bytes().decode(errors="replace").split("\0")
            environment = (entry / "environ").read_bytes().decode(errors="replace")
        except OSError:
            continue
        is_ours = any(str(data_dir) in argument for argument in arguments) or f"={data_dir}\0" in environment
        for kind, mark in marks.items():
            if is_ours and mark in arguments:
                found[kind] = int(entry.name)
    return found


def is_ready(server: RunningCommand) -> bool:
    try:
        return httpx.get(f"{server.base_url}/health/ready", trust_env=False, timeout=30).status_code == 200
    except httpx.HTTPError:
        return False


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ready_then_stopped_by_a_signal_with_nothing_left(kept_data_dir: Path, number: signal.Signals) -> None:
    with serving(kept_data_dir, "--sandbox") as server:
        assert httpx.get(f"{server.base_url}/health/live", trust_env=False).status_code == 200
        assert is_ready(server)
        assert set(processes_of(kept_data_dir)) == {"postgres", "sandbox", "worker", "serve"}
        assert server.stop(number) == 0
    assert processes_of(kept_data_dir) == {}
    assert "Traceback" not in (kept_data_dir.parent / "serve.log").read_text()


def test_killed_server_leaves_nothing_running_and_starts_again(kept_data_dir: Path) -> None:
    with serving(kept_data_dir, "--sandbox") as server:
        before = processes_of(kept_data_dir)
        server.process.kill()
        server.process.wait()
        wait_until(lambda: processes_of(kept_data_dir) == {}, timeout_s=40, what="the children's end")
    assert len(before) == 4
    with serving(kept_data_dir, "--sandbox") as server:
        assert is_ready(server)


@pytest.mark.parametrize("kind", ["postgres", "worker", "sandbox"])
def test_killed_part_is_started_again(kept_data_dir: Path, kind: str) -> None:
    with serving(kept_data_dir, "--sandbox") as server:
        before = processes_of(kept_data_dir)
        os.kill(before[kind], signal.SIGKILL)
        wait_until(lambda: processes_of(kept_data_dir).get(kind, before[kind]) != before[kind], what="a restart")
        wait_until(lambda: is_ready(server), what="readiness")
        # A worker that loses its database may end and be started again as well; nothing else goes along.
        may_go = {kind, "worker"} if kind == "postgres" else {kind}
        others = {name: pid for name, pid in before.items() if name not in may_go}
        assert others.items() <= processes_of(kept_data_dir).items()
        wait_until(lambda: processes_of(kept_data_dir).keys() == before.keys(), what="every part")
        assert server.stop() == 0


def test_api_alone_on_a_database_of_ones_own(kept_data_dir: Path, postgres_urls: dict[str, str]) -> None:
    elsewhere = kept_data_dir.with_name("api-only")
    with serving(elsewhere, "--sandbox", "--no-worker", environment=postgres_urls) as server:
        assert is_ready(server)
        assert set(processes_of(elsewhere)) == {"sandbox", "serve"}
    assert not (elsewhere / "postgres").exists()


def test_taken_port_is_told(kept_data_dir: Path) -> None:
    with serving(kept_data_dir, "--sandbox") as server:
        port = server.base_url.rpartition(":")[2]
        second = run_openledger("serve", "--sandbox", "--data-dir", str(kept_data_dir), "--port", port)
    assert second.returncode == 1
    assert "Choose another --port" in second.stderr
    assert "Traceback" not in second.stderr


def test_two_servers_share_one_data_directory(kept_data_dir: Path) -> None:
    """The second finds the first one's database, and takes it over when the first ends."""
    with serving(kept_data_dir, "--sandbox") as first, serving(kept_data_dir, "--sandbox", "--no-worker") as second:
        assert is_ready(second)
        assert first.stop() == 0
        wait_until(lambda: is_ready(second), timeout_s=60, what="the take-over")
        assert second.stop() == 0
    assert processes_of(kept_data_dir) == {}
