"""What may happen in a month: standing matters on their day, habits a few times, each with the day it posts."""

import dataclasses
import random
import string
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from plaid_sandbox.histories.patterns import CARD, CHECKING, Habit, Standing
from plaid_sandbox.histories.plan import Details

_CARD_LAG_DAYS = (1, 1, 1, 2, 2, 3)
_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Happening:
    """One bank transaction to be: `cents` with Plaid's sign, on the day it happens and the day it posts."""

    key: str
    account_key: str
    cents: int
    occurred_on: date
    posted_on: date
    details: Details


def months(first: date, last: date) -> Iterator[date]:
    """Yield the first day of every month from that of `first` to that of `last`."""
    month = first.replace(day=1)
    while month <= last:
        yield month
        month += timedelta(days=monthrange(month.year, month.month)[1])


def business_day(day: date, days_later: int) -> date:
    """Return the day so many business days later; with 0 the day itself or the next Monday."""
    while day.weekday() >= _SATURDAY:
        day += timedelta(days=1)
    for _ in range(days_later):
        day += timedelta(days=1)
        while day.weekday() >= _SATURDAY:
            day += timedelta(days=1)
    return day


def draw_of(seed: int, life: str, key: str, month: date) -> random.Random:
    """Return the source of chance for one thing in one month of a life."""
    return random.Random(f"{seed}/{life}/{key}/{month:%Y-%m}")


def posting_day(draw: random.Random, account_key: str, day: date) -> date:
    """Return when a bank transaction of this day posts: a card takes days, checking is quick."""
    if account_key == CARD:
        return business_day(day, draw.choice(_CARD_LAG_DAYS))
    return business_day(day, 0)


def standing_in(draw: random.Random, standing: Standing, month: date) -> Happening:
    """Return what a standing matter brings in a month."""
    day = month.replace(day=standing.day) + timedelta(days=draw.randint(0, standing.late_days))
    if standing.account_key == CHECKING:
        day = business_day(day, 0)
    cents = standing.cents
    if standing.spread:
        cents = round(cents * (1 + draw.uniform(-standing.spread, standing.spread)))
    posted_on = posting_day(draw, standing.account_key, day)
    return Happening(standing.key, standing.account_key, cents, day, posted_on, standing.details)


def habit_in(draw: random.Random, habit: Habit, month: date) -> Iterator[Happening]:
    """Yield what a habit brings in a month."""
    if draw.random() > habit.odds:
        return
    for index in range(draw.randint(*habit.times)):
        day = month.replace(day=draw.randint(1, monthrange(month.year, month.month)[1]))
        if habit.account_key == CHECKING:
            day = business_day(day, 0)
        cents = draw.choice(habit.prices) if habit.prices else draw.randint(*habit.cents)
        details = draw.choice(habit.details)
        if habit.has_reference:
            details = dataclasses.replace(details, name=details.name + _reference(draw))
        posted_on = posting_day(draw, habit.account_key, day)
        yield Happening(f"{habit.key} {month:%m}.{index}", habit.account_key, cents, day, posted_on, details)


def _reference(draw: random.Random) -> str:
    return "".join(draw.choices(string.ascii_uppercase + string.digits, k=9))
