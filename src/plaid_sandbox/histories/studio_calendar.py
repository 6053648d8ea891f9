"""What a month brings the design studio, whatever its balances: drawn from the seed and the month alone."""

import dataclasses
import random
import string
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from plaid_sandbox.histories import studio_bank, studio_card
from plaid_sandbox.histories.patterns import CARD, CHECKING, Habit, Standing
from plaid_sandbox.histories.plan import Details

_PAYDAY_ANCHOR = date(2020, 1, 3)
_PAYDAY_EVERY = 14
_NET_PAY_CENTS = 561_384
_PAY_TAX_CENTS = 245_517
_CARD_LAG_DAYS = (1, 1, 1, 2, 2, 3)
_CHECK_DAY, _CHECK_CENTS = 23, 22_000
_WIRE_MONTHS = (2, 5, 8, 11)
_SATURDAY = 5
_TRIP_ODDS, _ABROAD_ODDS, _REFUND_ODDS, _FULL_REFUND_ODDS = 0.65, 0.4, 0.55, 0.7


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


@lru_cache(maxsize=512)
def happenings_of_month(seed: int, month: date) -> tuple[Happening, ...]:
    """Return all that happens in a month."""
    found = [
        _standing(_draw(seed, standing.key, month), standing, month)
        for standing in (*studio_bank.STANDING, *studio_card.STANDING)
        if month.month in standing.months
    ]
    for habit in (*studio_bank.HABITS, *studio_card.HABITS):
        found.extend(_habit(_draw(seed, habit.key, month), habit, month))
    found.extend(_two_equal_coffees(_draw(seed, "two coffees", month), month))
    found.extend(_payroll(month))
    found.extend(_trip(_draw(seed, "trip", month), month))
    found.extend(_abroad(_draw(seed, "abroad", month), month))
    found.extend(_refund(_draw(seed, "refund", month), found, month))
    check_day = business_day(month.replace(day=_CHECK_DAY), 0)
    found.append(Happening("cleaning", CHECKING, _CHECK_CENTS, check_day, check_day, studio_bank.CLEANING_CHECK))
    return tuple(found)


def _draw(seed: int, key: str, month: date) -> random.Random:
    return random.Random(f"{seed}/studio/{key}/{month:%Y-%m}")


def _posting(draw: random.Random, account_key: str, day: date) -> date:
    """Return when a bank transaction of this day posts: a card takes days, checking is quick."""
    if account_key == CARD:
        return business_day(day, draw.choice(_CARD_LAG_DAYS))
    return business_day(day, 0)


def _standing(draw: random.Random, standing: Standing, month: date) -> Happening:
    day = month.replace(day=standing.day) + timedelta(days=draw.randint(0, standing.late_days))
    if standing.account_key == CHECKING:
        day = business_day(day, 0)
    cents = standing.cents
    if standing.spread:
        cents = round(cents * (1 + draw.uniform(-standing.spread, standing.spread)))
    posted_on = _posting(draw, standing.account_key, day)
    return Happening(standing.key, standing.account_key, cents, day, posted_on, standing.details)


def _habit(draw: random.Random, habit: Habit, month: date) -> Iterator[Happening]:
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
        posted_on = _posting(draw, habit.account_key, day)
        yield Happening(f"{habit.key} {month:%m}.{index}", habit.account_key, cents, day, posted_on, details)


def _reference(draw: random.Random) -> str:
    return "".join(draw.choices(string.ascii_uppercase + string.digits, k=9))


def _two_equal_coffees(draw: random.Random, month: date) -> Iterator[Happening]:
    """Yield two real purchases that look exactly alike: same day, shop and amount."""
    day = month.replace(day=draw.randint(2, 26))
    posted_on = business_day(day, 1)
    for index in range(2):
        yield Happening(
            f"equal coffee {index}", CARD, studio_card.COFFEE_CENTS, day, posted_on, studio_card.COFFEE_COUNTER
        )


def _payroll(month: date) -> Iterator[Happening]:
    """Yield net pay every other Friday and the taxes on it the same day."""
    day = _PAYDAY_ANCHOR
    while day < month:
        day += timedelta(days=_PAYDAY_EVERY)
    while (day.year, day.month) == (month.year, month.month):
        yield Happening("net pay", CHECKING, _NET_PAY_CENTS, day, day, studio_bank.PAYROLL)
        yield Happening("pay tax", CHECKING, _PAY_TAX_CENTS, day, day, studio_bank.PAYROLL_TAX)
        day += timedelta(days=_PAYDAY_EVERY)


def _trip(draw: random.Random, month: date) -> Iterator[Happening]:
    """Yield a trip to a client in most months: a flight booked ahead, a hotel, dinners, rides."""
    if draw.random() > _TRIP_ODDS:
        return
    destination = draw.choice(studio_card.DESTINATIONS)
    start = month.replace(day=draw.randint(10, 24))
    nights = draw.randint(2, 3)

    def spend(key: str, cents: int, day: date, details: Details) -> Happening:
        return Happening(f"trip {key}", CARD, cents, day, _posting(draw, CARD, day), details)

    yield spend("flight", draw.randint(23_800, 58_900), start - timedelta(days=draw.randint(5, 9)), destination.flight)
    yield spend("hotel", nights * draw.randint(18_900, 31_500), start + timedelta(days=nights), destination.hotel)
    for night in range(nights):
        day = start + timedelta(days=night)
        yield spend(f"dinner {night}", draw.randint(2_400, 11_800), day, draw.choice(destination.dinners))
        yield spend(f"ride {night}", draw.randint(1_400, 5_600), day, studio_card.TRIP_RIDE)


def _abroad(draw: random.Random, month: date) -> Iterator[Happening]:
    """Yield a wire from a foreign client with its fee, or a foreign purchase with its fee."""
    day = business_day(month.replace(day=draw.randint(4, 25)), 0)
    if month.month in _WIRE_MONTHS:
        cents = draw.randrange(420_000, 780_000, 2_500)
        yield Happening("wire in", CHECKING, -cents, day, day, studio_bank.WIRE_IN)
        yield Happening("wire fee", CHECKING, 1_500, day, day, studio_bank.WIRE_FEE)
    elif draw.random() < _ABROAD_ODDS:
        cents, posted_on = draw.randint(1_900, 7_900), business_day(day, 1)
        yield Happening("foreign purchase", CARD, cents, day, posted_on, studio_card.FOREIGN_PURCHASE)
        yield Happening("foreign fee", CARD, round(cents * 0.03), day, posted_on, studio_bank.FOREIGN_FEE)


def _refund(draw: random.Random, found: list[Happening], month: date) -> Iterator[Happening]:
    """Yield money back for a purchase of the same month, whole or in part, in half of the months."""
    candidates = [one for one in found if one.key.split(" ")[0] in {"amazon", "office", "hardware"}]
    if draw.random() > _REFUND_ODDS or not candidates:
        return
    bought = draw.choice(candidates)
    cents = bought.cents if draw.random() < _FULL_REFUND_ODDS else bought.cents // 2
    day = bought.posted_on + timedelta(days=draw.randint(4, 11))
    yield Happening(f"refund {month:%Y-%m}", CARD, -cents, day, business_day(day, 1), bought.details)
