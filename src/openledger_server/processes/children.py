"""Our own programs that run beside the API: started, waited for, started again when they end, stopped in order."""

import logging
import queue
import signal
import subprocess
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import IO

from openledger_server.processes.launching import end, launch

_log = logging.getLogger(__name__)

_BACKOFF_FIRST_S = 0.5
_BACKOFF_MAX_S = 30.0
_STEADY_S = 60.0
"""A child that lived this long starts again with the shortest pause."""
_LINES_KEPT = 1000


class ChildError(Exception):
    """A child process did not become ready; the message holds what it said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildPlan:
    """How to run one child."""

    name: str
    command: tuple[str, ...]
    """The program's absolute path, then its arguments; no secrets, everybody can read them."""
    environment: Mapping[str, str]
    ready_mark: str
    """The first line on standard output that contains this says that the child is ready."""
    ready_timeout_s: float = 60.0
    stop_patience_s: float = 20.0
    """Between asking it to end and killing it."""


class Child:
    """One child process. Use it from one thread that lives as long as the child should."""

    def __init__(self, plan: ChildPlan, *, errors: IO[bytes] | None = None) -> None:
        """Remember the plan; nothing starts yet. `errors` takes what the child writes, else it goes where ours goes."""
        self._plan = plan
        self._errors = errors
        self._process: subprocess.Popen[bytes] | None = None
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._started_s = 0.0
        self._restart_at_s: float | None = None
        self._pause_s = _BACKOFF_FIRST_S

    @property
    def pid(self) -> int | None:
        """The child's process number, if it was started and not stopped."""
        return None if self._process is None else self._process.pid

    @property
    def command(self) -> tuple[str, ...]:
        """What is run: the program, then its arguments."""
        return self._plan.command

    def change_command(self, command: tuple[str, ...]) -> None:
        """Use another command when the child has to be started again, for example with the port it was given."""
        self._plan = replace(self._plan, command=command)

    def start(self) -> str:
        """Start the child and wait until it is ready; return the line with which it said so.

        Raises:
            ChildError: if it ends or stays silent instead. It is stopped then.
        """
        self.begin()
        return self.wait_ready()

    def begin(self) -> None:
        """Start the child without waiting; `wait_ready` comes later."""
        self._lines = queue.SimpleQueue()
        self._spawn(self._lines)

    def wait_ready(self) -> str:
        """Wait until the child that `begin` started is ready; return the line with which it said so.

        Raises:
            ChildError: if it ends or stays silent instead. It is stopped then.
        """
        lines = self._lines
        deadline = time.monotonic() + self._plan.ready_timeout_s
        said: list[str] = []
        while True:
            try:
                line = lines.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                self.stop()
                raise ChildError(
                    f"The {self._plan.name} was not ready after {self._plan.ready_timeout_s:g} s."
                ) from None
            if line is None:
                status = self.stop()
                raise ChildError(f"The {self._plan.name} ended with status {status}. {' '.join(said[-5:])}".rstrip())
            if self._plan.ready_mark in line:
                return line
            said.append(line)

    def _spawn(self, lines: queue.SimpleQueue[str | None] | None) -> None:
        self._process = launch(
            self._plan.command,
            death_signal=signal.SIGTERM,
            environment=self._plan.environment,
            output=subprocess.PIPE,
            errors=self._errors,
        )
        self._started_s = time.monotonic()
        self._restart_at_s = None
        reader = threading.Thread(
            target=_read_lines, args=(self._process, lines), name=f"reads {self._plan.name}", daemon=True
        )
        reader.start()

    def check(self) -> bool:
        """Look after the child; call this every second or so. Return whether it was started again now.

        It is started again after half a second, then after pauses that double up to 30 s. Nobody waits for it.
        """
        if self._process is None or self._process.poll() is None:
            return False
        now_s = time.monotonic()
        if self._restart_at_s is None:
            if now_s - self._started_s >= _STEADY_S:
                self._pause_s = _BACKOFF_FIRST_S
            self._restart_at_s = now_s + self._pause_s
            self._pause_s = min(self._pause_s * 2, _BACKOFF_MAX_S)
            facts = {"action": "child.ended", "child": self._plan.name, "status": self._process.returncode}
            _log.warning("A child process ended and will be started again", extra=facts)
        if now_s < self._restart_at_s:
            return False
        self._spawn(None)
        return True

    def stop(self) -> int | None:
        """Ask the child to end, kill it if it does not, and return its exit status. May be called twice."""
        if self._process is None:
            return None
        status = end(self._process, signals=((signal.SIGTERM, self._plan.stop_patience_s),))
        self._process = None
        return status


def _read_lines(process: subprocess.Popen[bytes], lines: queue.SimpleQueue[str | None] | None) -> None:
    """Read all that the child prints, so that it never waits for a reader; keep the first few for who starts it."""
    assert process.stdout is not None  # asked for when it was started
    kept = 0
    with process.stdout as stream:
        for line in stream:
            if lines is not None and kept < _LINES_KEPT:
                lines.put(line.decode(errors="replace").rstrip())
                kept += 1
    if lines is not None:
        lines.put(None)  # the end
