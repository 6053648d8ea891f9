"""When a failed job is tried again."""

import random

from procrastinate import BaseRetryStrategy, RetryDecision
from procrastinate.jobs import Job

from openledger_server.banking.feed import FeedError, FeedFault

_FIRST_S = {
    FeedFault.RETRY_SOON: 2,
    FeedFault.NOT_READY: 5,
    FeedFault.RATE_LIMITED: 60,
    FeedFault.BANK_DOWN: 3600,
}
_OTHERWISE_FIRST_S = 5
_WAIT_MAX_S = 6 * 3600
_ATTEMPTS_MAX = 12


class BackOff(BaseRetryStrategy):
    """Wait longer after each failure, by the kind of failure, with jitter; give up after twelve attempts.

    Giving up loses nothing: the sweep asks for the item again later, and the stored cursor has not moved.
    """

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        """Return how long to wait, or None to give up."""
        if job.attempts >= _ATTEMPTS_MAX or (isinstance(exception, FeedError) and not exception.is_retryable):
            return None
        first_s = (
            _FIRST_S.get(exception.fault, _OTHERWISE_FIRST_S)
            if isinstance(exception, FeedError)
            else _OTHERWISE_FIRST_S
        )
        wait_s = min(first_s * 2**job.attempts, _WAIT_MAX_S)
        return RetryDecision(retry_in={"seconds": round(wait_s * random.uniform(1.0, 1.5))})  # noqa: S311 - jitter


class Patience(BaseRetryStrategy):
    """Never give up, whatever the failure: for what must not be left undone. At most six hours between attempts."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision:
        """Return how long to wait."""
        del exception
        wait_s = min(_OTHERWISE_FIRST_S * 2 ** min(job.attempts, 20), _WAIT_MAX_S)
        return RetryDecision(retry_in={"seconds": round(wait_s * random.uniform(1.0, 1.5))})  # noqa: S311 - jitter


DELIVERY_WAITS_S = (5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)
"""Between the attempts to deliver a webhook: about three days in all, as standardwebhooks.com proposes."""


class DeliverySchedule(BaseRetryStrategy):
    """Try again after 5 seconds, then after 5 minutes, half an hour, 2, 5, 10, 14, 20 and 24 hours, with jitter."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        """Return how long to wait, or None to give up."""
        del exception
        if job.attempts >= len(DELIVERY_WAITS_S):
            return None
        wait_s = DELIVERY_WAITS_S[job.attempts]
        return RetryDecision(retry_in={"seconds": round(wait_s * random.uniform(1.0, 1.2))})  # noqa: S311 - jitter
