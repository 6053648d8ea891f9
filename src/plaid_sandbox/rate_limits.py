"""Plaid's rate limits, counted over the last minute of the sandbox's clock.

Source: Plaid's page on rate limit errors.
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

from plaid_sandbox.errors import PlaidError
from plaid_sandbox.settings import RateLimitTable

WINDOW_S = 60.0


@dataclass(frozen=True, slots=True)
class Limit:
    """How many calls a minute are let through, and the error code for those that are not."""

    per_item: int | None
    per_client: int
    item_code: str
    client_code: str | None = None


_SANDBOX = {
    "/accounts/balance/get": Limit(25, 100, "BALANCE_LIMIT", "ACCOUNTS_BALANCE_GET_LIMIT"),
    "/accounts/get": Limit(100, 5_000, "ACCOUNTS_LIMIT"),
    "/institutions/get": Limit(None, 10, "INSTITUTIONS_GET_LIMIT"),
    "/institutions/get_by_id": Limit(None, 400, "INSTITUTIONS_GET_BY_ID_LIMIT"),
    "/item/get": Limit(40, 5_000, "ITEM_GET_LIMIT"),
    "/item/remove": Limit(100, 500, "RATE_LIMIT"),
    "/transactions/get": Limit(80, 1_000, "TRANSACTIONS_LIMIT"),
    "/transactions/recurring/get": Limit(20, 1_000, "RATE_LIMIT"),
    "/transactions/refresh": Limit(2, 100, "TRANSACTIONS_REFRESH_LIMIT"),
    "/transactions/sync": Limit(50, 1_000, "TRANSACTIONS_SYNC_LIMIT"),
    "/sandbox/transactions/create": Limit(2, 50, "RATE_LIMIT"),
}
_PRODUCTION = {
    "/accounts/balance/get": Limit(5, 1_200, "BALANCE_LIMIT", "ACCOUNTS_BALANCE_GET_LIMIT"),
    "/accounts/get": Limit(15, 15_000, "ACCOUNTS_LIMIT"),
    "/institutions/get": Limit(None, 50, "INSTITUTIONS_GET_LIMIT"),
    "/institutions/get_by_id": Limit(None, 400, "INSTITUTIONS_GET_BY_ID_LIMIT"),
    "/item/get": Limit(15, 5_000, "ITEM_GET_LIMIT"),
    "/item/remove": Limit(30, 2_000, "RATE_LIMIT"),
    "/transactions/get": Limit(30, 20_000, "TRANSACTIONS_LIMIT"),
    "/transactions/recurring/get": Limit(20, 1_000, "RATE_LIMIT"),
    "/transactions/refresh": Limit(2, 100, "TRANSACTIONS_REFRESH_LIMIT"),
    "/transactions/sync": Limit(50, 2_500, "TRANSACTIONS_SYNC_LIMIT"),
}
TABLES: Mapping[RateLimitTable, Mapping[str, Limit]] = {
    "none": {},
    "refresh": {"/transactions/refresh": _SANDBOX["/transactions/refresh"]},
    "sandbox": _SANDBOX,
    "production": _PRODUCTION,
}


class RateLimiter:
    """Remembers when each endpoint was called in the last minute, for each item and altogether."""

    def __init__(self) -> None:
        self._calls: dict[tuple[str, str | None], deque[float]] = {}

    def pass_or_refuse(self, table: RateLimitTable, *, path: str, item_id: str | None, now: float) -> None:
        """Count a call.

        Raises:
            PlaidError: the endpoint's rate limit error; a refused call is not counted.
        """
        limit = TABLES[table].get(path)
        if limit is None:
            return
        of_client = self._recent((path, None), now)
        of_item = self._recent((path, item_id), now) if item_id is not None and limit.per_item is not None else None
        if of_item is not None and limit.per_item is not None and len(of_item) >= limit.per_item:
            raise PlaidError(limit.item_code)
        if len(of_client) >= limit.per_client:
            raise PlaidError(limit.client_code or limit.item_code)
        of_client.append(now)
        if of_item is not None:
            of_item.append(now)

    def _recent(self, key: tuple[str, str | None], now: float) -> deque[float]:
        calls = self._calls.setdefault(key, deque())
        # The clock may have been moved back: what then lies in the future is forgotten as well.
        while calls and not now - WINDOW_S < calls[0] <= now:
            calls.popleft()
        return calls
