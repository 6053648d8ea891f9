"""Waiting in tests, always with an end."""

import time
from collections.abc import Callable


def wait_until(is_so: Callable[[], bool], *, timeout_s: float = 20.0, what: str = "it") -> float:
    """Wait until `is_so()`, return how many seconds that took; fail the test after `timeout_s`."""
    started_s = time.monotonic()
    while not is_so():
        if time.monotonic() - started_s > timeout_s:
            raise AssertionError(f"{what} did not happen within {timeout_s} s")
        time.sleep(0.02)
    return time.monotonic() - started_s
