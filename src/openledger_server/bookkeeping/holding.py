"""Which bank transactions have to wait before they can be booked: pure functions, no database.

Nothing is dated into a closed period behind an accountant's back, and nothing is valued at a guessed rate. Such a row
waits, with its reason, where people see it, until the period is reopened, somebody decides to book it on the first open
day, or the rate is loaded.
"""

from dataclasses import dataclass
from datetime import date

from openledger_server.bookkeeping.types import Bookable, Booking, HoldReason
from openledger_server.ledger.periods.types import is_closed
from openledger_server.ledger.valuation import RateKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """What decides whether a booking can be made now."""

    closed_through: date | None
    unrated: frozenset[RateKey]
    """(currency, day) pairs for which no rate is known."""


def hold_reason(row: Bookable, desired: Booking | None, *, gate: Gate) -> HoldReason | None:
    """Return why a row cannot be booked as `desired` now, or None if it can or is already."""
    if desired == row.booked:
        return None
    days = [] if desired is None else [desired.dated]
    if row.booked is not None:
        days.append(reversal_day(row, row.booked, gate=gate))
    if any(is_closed(day, closed_through=gate.closed_through) for day in days):
        return HoldReason.PERIOD_CLOSED
    if desired is not None and (desired.currency, desired.dated) in gate.unrated:
        return HoldReason.RATE_MISSING
    return None


def reversal_day(row: Bookable, booked: Booking, *, gate: Gate) -> date:
    """Return on which day the present entry of a row would be taken back: its own, else the one decided for the row."""
    is_shut = is_closed(booked.dated, closed_through=gate.closed_through)
    return row.post_on if is_shut and row.post_on is not None else booked.dated
