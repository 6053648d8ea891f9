"""Starting one child process so that it never outlives its parent, and ending it."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

_LAUNCHER = Path(__file__).with_name("launcher.py")
_KEEP_USER = -1


@dataclass(frozen=True, slots=True)
class User:
    """The user and group, by number, that a child runs as."""

    uid: int
    gid: int


def launch(
    command: Sequence[str],
    *,
    death_signal: signal.Signals,
    user: User | None = None,
    environment: Mapping[str, str] | None = None,
    directory: Path | None = None,
    output: IO[bytes] | int | None = None,
    errors: IO[bytes] | int | None = None,
    source: IO[bytes] | None = None,
) -> subprocess.Popen[bytes]:
    """Start `command` (absolute path first) in a session of its own, so that the terminal's Ctrl-C does not reach it.

    `death_signal` is what the child gets when the thread that called this function ends (Linux); call it from a thread
    that lives as long as the child should. `user` is who to become, which takes root. `output` and `errors`
    take standard output and standard error, without them the child shares ours; `source` is its standard input, else
    that is empty.
    """
    keep = User(_KEEP_USER, _KEEP_USER)
    numbers = (os.getpid(), int(death_signal), (user or keep).uid, (user or keep).gid)
    return subprocess.Popen(  # noqa: S603  # the command is ours, no shell is near
        [sys.executable, "-I", "-S", str(_LAUNCHER), *(str(number) for number in numbers), *command],
        stdin=subprocess.DEVNULL if source is None else source,
        stdout=output,
        stderr=errors,
        env=None if environment is None else dict(environment),
        cwd=directory,
        start_new_session=True,
    )


def end(process: subprocess.Popen[bytes], *, signals: Sequence[tuple[signal.Signals, float]]) -> int:
    """End and reap a child: send each signal in turn and wait its number of seconds; return the exit status.

    The last resort, after all of `signals`, is to kill it.
    """
    for number, patience_s in signals:
        if process.poll() is not None:
            break
        process.send_signal(number)
        try:
            process.wait(patience_s)
        except subprocess.TimeoutExpired:
            continue
    if process.poll() is None:
        process.kill()
    return process.wait()
