"""Two ways things come back: on a day of the month, or a few times a month."""

from dataclasses import dataclass

from plaid_sandbox.histories.plan import Details

CHECKING, SAVINGS, CARD = "checking", "savings", "card"
EVERY_MONTH = tuple(range(1, 13))


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Something that happens on a given day of certain months, for about the same amount."""

    key: str
    account_key: str
    day: int
    cents: int
    """Plaid's sign: positive = out."""
    details: Details
    months: tuple[int, ...] = EVERY_MONTH
    spread: float = 0.0
    """How far the amount may stray, as a share of it."""
    late_days: int = 0
    """How many days later it may happen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Habit:
    """Something that happens a few times a month, for an amount between two bounds or from a price list."""

    key: str
    account_key: str
    times: tuple[int, int]
    details: tuple[Details, ...]
    cents: tuple[int, int] = (0, 0)
    prices: tuple[int, ...] = ()
    odds: float = 1.0
    """Chance that it happens at all in a month."""
    has_reference: bool = False
    """Each row's text ends with its own reference code."""
