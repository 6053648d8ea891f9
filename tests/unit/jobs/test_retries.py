from datetime import UTC, datetime

import pytest
from procrastinate.jobs import Job

from openledger_server.banking.feed import FeedError, FeedFault
from openledger_server.jobs.retries import BackOff


def wait_s(fault: FeedFault, *, attempts: int) -> float | None:
    """Return how long a job that failed so often waits, or None if it gives up."""
    job = Job(id=1, queue="q", lock=None, queueing_lock=None, task_name="t", attempts=attempts)
    failure = FeedError("It failed.", fault=fault, provider_code="X")
    now = datetime.now(UTC)
    decision = BackOff().get_retry_decision(exception=failure, job=job)
    if decision is None:
        return None
    assert decision.retry_at is not None
    return (decision.retry_at - now).total_seconds()


@pytest.mark.parametrize(
    ("fault", "least_s", "most_s"),
    [
        (FeedFault.RETRY_SOON, 2, 4),
        (FeedFault.NOT_READY, 5, 9),
        (FeedFault.RATE_LIMITED, 60, 91),
        (FeedFault.BANK_DOWN, 3600, 5401),
    ],
)
def test_the_first_wait_is_that_of_the_failure(fault: FeedFault, least_s: float, most_s: float) -> None:
    waits = [wait_s(fault, attempts=0) or 0.0 for _ in range(50)]
    assert all(least_s - 0.5 <= wait <= most_s for wait in waits), waits


def test_waits_double_have_jitter_and_end() -> None:
    for attempts in range(12):
        least = min(60 * 2**attempts, 6 * 3600)
        wait = wait_s(FeedFault.RATE_LIMITED, attempts=attempts)
        assert wait is not None
        assert least - 0.5 <= wait <= least * 1.5 + 1
    assert wait_s(FeedFault.RATE_LIMITED, attempts=12) is None
    assert len({round(wait_s(FeedFault.BANK_DOWN, attempts=0) or 0) for _ in range(50)}) > 1


@pytest.mark.parametrize("fault", [FeedFault.LOGIN_REQUIRED, FeedFault.GONE, FeedFault.CONFIGURATION])
def test_what_waiting_does_not_cure_is_not_tried_again(fault: FeedFault) -> None:
    assert wait_s(fault, attempts=0) is None
