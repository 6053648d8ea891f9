"""Questions to the operating system about processes we did not start."""

import os
import signal
import time
from pathlib import Path

_PROC = Path("/proc")
_POLL_S = 0.02


def is_visible() -> bool:
    """Return whether this system shows its processes under /proc (Linux does)."""
    return (_PROC / "self" / "cwd").is_symlink()


def pids_working_in(directory: Path) -> list[int]:
    """Return the processes whose working directory is `directory`; those that already ended (zombies) are left out.

    A process of another user is seen by root only. Without /proc the answer is empty.
    """
    if not is_visible():
        return []
    wanted = str(directory.resolve())
    return [
        int(entry.name) for entry in _PROC.iterdir() if entry.name.isdigit() and _working_directory(entry) == wanted
    ]


def _working_directory(entry: Path) -> str | None:
    try:
        # A directory that was removed meanwhile is shown with this mark behind its name.
        return str((entry / "cwd").readlink()).removesuffix(" (deleted)")
    except OSError:  # it ended, is a zombie, or is somebody else's
        return None


def is_alive(pid: int) -> bool:
    """Return whether a process (or the zombie of one) has this number."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def end_all_in(directory: Path, *, number: signal.Signals, patience_s: float) -> list[int]:
    """Send a signal to every process that works in `directory`; return those that are still there after the wait."""
    deadline = time.monotonic() + patience_s
    left = pids_working_in(directory)
    for pid in left:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            continue
    while left and time.monotonic() < deadline:
        time.sleep(_POLL_S)
        left = pids_working_in(directory)
    return left
