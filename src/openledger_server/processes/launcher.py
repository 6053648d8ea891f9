"""A script, standard library only, that ties a child's life to its parent's, gives up root, and becomes the child.

`python -I -S launcher.py PARENT_PID DEATH_SIGNAL UID GID PROGRAM ARGUMENT...`; a UID of -1 keeps the user.

It replaces `preexec_fn`, which is unsafe beside threads. It runs as the parent's user until it gives that up itself, so
neither the interpreter nor this file has to be readable for the user the program ends up as.
"""

import ctypes
import os
import sys

_PR_SET_PDEATHSIG = 1
_EXIT_CANNOT_RUN = 127


def _give_up_root(uid: int, gid: int) -> None:
    if uid < 0:
        return
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)


def _die_with_parent(parent_pid: int, death_signal: int) -> None:
    """Ask the kernel for `death_signal` when the parent ends. Elsewhere than on Linux there is no such thing."""
    if sys.platform != "linux":
        return
    # After the change of user, which would clear it; exec of an ordinary program keeps it.
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, death_signal, 0, 0, 0)
    if os.getppid() != parent_pid:  # the parent ended before we asked
        os._exit(0)


def main(arguments: list[str]) -> None:
    """Become the program; on failure say why on standard error and exit with 127."""
    parent_pid, death_signal, uid, gid = (int(argument) for argument in arguments[:4])
    command = arguments[4:]
    try:
        _give_up_root(uid, gid)
        _die_with_parent(parent_pid, death_signal)
        os.execv(command[0], command)  # noqa: S606  # the caller gives the program and its arguments, no shell is near
    except OSError as exc:
        sys.stderr.write(f"cannot run {command[0]}: {exc.strerror}\n")
        sys.stderr.flush()
        os._exit(_EXIT_CANNOT_RUN)


if __name__ == "__main__":
    main(sys.argv[1:])
