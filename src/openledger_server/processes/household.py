"""Several processes as one: looked after together, and stopped in the opposite order of their start."""

import contextlib
import logging
import os
import signal
from collections.abc import Iterator
from types import FrameType
from typing import NoReturn, Protocol

_log = logging.getLogger(__name__)

_EXIT_HURRIED = 130


class Member(Protocol):
    """Something that runs beside us."""

    def check(self) -> bool:
        """Look after it without waiting; return whether it had to be started again; raise if that is hopeless."""

    def stop(self) -> object:
        """Stop it and wait for that; do nothing if it does not run."""


class Household:
    """The processes of one server. Use it from the main thread only: children end with the thread that made them."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._members: list[Member] = []

    def add(self, member: Member) -> None:
        """Take on a member that is about to start, so that it is stopped even if its start is interrupted."""
        self._members.append(member)

    def check(self) -> None:
        """Look after all of them; call this every second or so.

        Raises:
            Exception: of a member that cannot be helped; then stop.
        """
        for member in self._members:
            member.check()

    def stop(self) -> None:
        """Stop all of them, the last one first; a member that fails to stop does not keep the others running."""
        while self._members:
            member = self._members.pop()
            try:
                member.stop()
            except Exception:  # noqa: BLE001  # told, and the others must still be stopped
                _log.exception("Unable to stop a process", extra={"action": "process.stop_failed"})


class StopRequested(BaseException):  # like KeyboardInterrupt, a wish and not an error
    """The terminal or the system asked us to end."""


@contextlib.contextmanager
def stops_on_signals() -> Iterator[None]:
    """Turn the first SIGINT or SIGTERM in this block into `StopRequested`; the second one ends us at once.

    Ending at once is safe: the kernel then tells every child to end, and PostgreSQL to shut down cleanly.
    """

    def hurry(_number: int, _frame: FrameType | None) -> NoReturn:
        os._exit(_EXIT_HURRIED)

    def ask(_number: int, _frame: FrameType | None) -> NoReturn:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, hurry)
        raise StopRequested

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
