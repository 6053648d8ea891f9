"""The command `openledger` as people run it: a process of its own."""

import contextlib
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

READY = "openledger ready on "
_START_TIMEOUT_S = 120.0
_STOP_TIMEOUT_S = 60.0
_OURS = ("OPENLEDGER_", "PLAID_")


def bare_environment(**more: str) -> dict[str, str]:
    """Return our environment without any setting of the server, and with `more`."""
    return {name: value for name, value in os.environ.items() if not name.startswith(_OURS)} | more


def run_openledger(*arguments: str, timeout_s: float = 120.0, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "openledger_server.cli", *arguments],
        env=bare_environment(**environment),
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
    )


@dataclass(frozen=True)
class RunningCommand:
    """A server started with `openledger serve`."""

    process: subprocess.Popen[str]
    base_url: str

    def stop(self, number: signal.Signals = signal.SIGINT) -> int:
        """Send a signal and return the exit status."""
        self.process.send_signal(number)
        return self.process.wait(_STOP_TIMEOUT_S)


@contextlib.contextmanager
def serving(data_dir: Path, *arguments: str, environment: Mapping[str, str] | None = None) -> Iterator[RunningCommand]:
    """Run `openledger serve` on a free port for the length of a block; its log goes to `data_dir`/../serve.log."""
    command = [sys.executable, "-m", "openledger_server.cli", "serve", "--data-dir", str(data_dir), "--port", "0"]
    log = data_dir.parent / "serve.log"
    with log.open("a", encoding="utf-8") as errors:
        process = subprocess.Popen(
            [*command, *arguments],
            env=bare_environment(**(environment or {})),
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
    try:
        line = _first_line(process)
        if not line.startswith(READY):
            raise AssertionError(f"the server did not start, it said {line!r}\n{log.read_text()[-4000:]}")
        yield RunningCommand(process, line.removeprefix(READY).strip())
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(_STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        if process.stdout is not None:
            process.stdout.close()


def _first_line(process: subprocess.Popen[str]) -> str:
    """Return the first line of standard output, "" if the program ends or stays silent."""
    assert process.stdout is not None
    lines: queue.SimpleQueue[str] = queue.SimpleQueue()
    threading.Thread(target=lambda stream: lines.put(stream.readline()), args=(process.stdout,), daemon=True).start()
    try:
        return lines.get(timeout=_START_TIMEOUT_S)
    except queue.Empty:
        return ""
