"""What a month brings the design studio, whatever its balances: drawn from the seed and the month alone."""

import random
from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache

from plaid_sandbox.histories import studio_bank, studio_card
from plaid_sandbox.histories.happenings import (
    Happening,
    business_day,
    draw_of,
    habit_in,
    posting_day,
    standing_in,
)
from plaid_sandbox.histories.patterns import CARD, CHECKING
from plaid_sandbox.histories.plan import Details

_PAYDAY_ANCHOR = date(2020, 1, 3)
_PAYDAY_EVERY = 14
_NET_PAY_CENTS = 561_384
_PAY_TAX_CENTS = 245_517
_CHECK_DAY, _CHECK_CENTS = 23, 22_000
_WIRE_MONTHS = (2, 5, 8, 11)
_TRIP_ODDS, _ABROAD_ODDS, _REFUND_ODDS, _FULL_REFUND_ODDS = 0.65, 0.4, 0.55, 0.7


@lru_cache(maxsize=512)
def happenings_of_month(seed: int, month: date) -> tuple[Happening, ...]:
    """Return all that happens in a month."""
    found = [
        standing_in(_draw(seed, standing.key, month), standing, month)
        for standing in (*studio_bank.STANDING, *studio_card.STANDING)
        if month.month in standing.months
    ]
    for habit in (*studio_bank.HABITS, *studio_card.HABITS):
        found.extend(habit_in(_draw(seed, habit.key, month), habit, month))
    found.extend(_two_equal_coffees(_draw(seed, "two coffees", month), month))
    found.extend(_payroll(month))
    found.extend(_trip(_draw(seed, "trip", month), month))
    found.extend(_abroad(_draw(seed, "abroad", month), month))
    found.extend(_refund(_draw(seed, "refund", month), found, month))
    check_day = business_day(month.replace(day=_CHECK_DAY), 0)
    found.append(Happening("cleaning", CHECKING, _CHECK_CENTS, check_day, check_day, studio_bank.CLEANING_CHECK))
    return tuple(found)


def _draw(seed: int, key: str, month: date) -> random.Random:
    return draw_of(seed, "studio", key, month)


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
        return Happening(f"trip {key}", CARD, cents, day, posting_day(draw, CARD, day), details)

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
