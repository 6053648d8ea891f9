"""Lives made of standing matters, habits and takings: a person or a small business, told by data alone.

As with the studio, a whole life is lived day by day from a fixed first day, so that the past is the same whenever one
looks. Spare money is swept away every month and a shortage filled up, so that no bank account of deposits runs dry.
"""

import random
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache

from plaid_sandbox.histories.happenings import Happening, business_day, draw_of, habit_in, months, standing_in
from plaid_sandbox.histories.patterns import CARD, CHECKING, SAVINGS, Habit, Standing
from plaid_sandbox.histories.plan import Details, History, HistoryOrder, PlannedAccount, PlannedRow, Profile

_FIRST_DAY = date(2021, 1, 1)
_LOOK_AHEAD = timedelta(days=10)
_STATEMENT_DAY, _PAYMENT_DAY, _SWEEP_DAY = 4, 21, 12
_STEP = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Takings:
    """Money that comes in for every day of business, a few days later."""

    key: str
    account_key: str
    weekdays: tuple[int, ...]
    """Days of business, Monday = 0."""
    cents: tuple[int, int]
    """Least and most per day; positive."""
    lag_days: int
    details: Details


@dataclass(frozen=True, slots=True, kw_only=True)
class Persona:
    """A life. Amounts in cents."""

    key: str
    accounts: tuple[PlannedAccount, ...]
    opening: Mapping[str, int]
    standing: tuple[Standing, ...]
    habits: tuple[Habit, ...]
    takings: tuple[Takings, ...] = ()
    keep: int
    """What stays on checking when spare money is swept away."""
    floor: int
    """Below this checking is filled up."""
    swept: Details
    """How checking words the sweep; with savings among the bank accounts the money arrives there, else it leaves."""
    swept_in: Details | None = None
    filled: Details
    """How checking words being filled up, from savings if they hold enough, else from outside."""
    filled_out: Details | None = None
    paid: Details
    """How checking words the payment of the card."""
    paid_in: Details

    def profile(self) -> Profile:
        """Return the user who lives this life."""
        return Profile(accounts=self.accounts, build=lambda order: _build(self, order), grows=True)


class _Life:
    def __init__(self, persona: Persona, seed: int) -> None:
        self.persona, self.seed = persona, seed
        self.held = dict(persona.opening)
        self.due: defaultdict[date, list[Happening]] = defaultdict(list)
        self.past: list[Happening] = []
        self.statement = 0

    def expect(self, happening: Happening) -> None:
        self.due[happening.posted_on].append(happening)

    def live(self, today: date) -> None:
        self._post(today)
        for happening in self._decisions(today):
            self.expect(happening)
        self._post(today)

    def _post(self, today: date) -> None:
        for happening in self.due.pop(today, []):
            sign = 1 if happening.account_key == CARD else -1
            self.held[happening.account_key] += sign * happening.cents
            self.past.append(happening)

    def _decisions(self, today: date) -> Iterator[Happening]:
        persona, held = self.persona, self.held[CHECKING]
        if CARD in self.held:
            yield from self._card(today)
        if today.day == _SWEEP_DAY and held > persona.keep + _STEP:
            cents = (held - persona.keep) // _STEP * _STEP
            yield Happening("sweep", CHECKING, cents, today, today, persona.swept)
            if SAVINGS in self.held and persona.swept_in is not None:
                arrival = business_day(today, 1)
                yield Happening("swept in", SAVINGS, -cents, today, arrival, persona.swept_in)
        elif held < persona.floor:
            cents = (persona.keep - held) // _STEP * _STEP
            if self.held.get(SAVINGS, 0) > cents and persona.filled_out is not None:
                yield Happening("filled out", SAVINGS, cents, today, today, persona.filled_out)
            yield Happening("fill", CHECKING, -cents, today, today, persona.filled)

    def _card(self, today: date) -> Iterator[Happening]:
        if today.day == _STATEMENT_DAY:
            self.statement = max(0, self.held[CARD])
        if today == business_day(today.replace(day=_PAYMENT_DAY), 0) and self.statement:
            arrival = today + timedelta(days=random.Random(f"{self.seed}/card/{today}").randint(1, 3))
            yield Happening("card payment", CHECKING, self.statement, today, today, self.persona.paid)
            yield Happening("card payment in", CARD, -self.statement, arrival, arrival, self.persona.paid_in)


@lru_cache(maxsize=2_048)
def _month(persona_key: str, seed: int, month: date) -> tuple[Happening, ...]:
    persona = _KNOWN[persona_key]
    found = [
        standing_in(draw_of(seed, persona_key, standing.key, month), standing, month)
        for standing in persona.standing
        if month.month in standing.months
    ]
    for habit in persona.habits:
        found.extend(habit_in(draw_of(seed, persona_key, habit.key, month), habit, month))
    for takings in persona.takings:
        found.extend(_takings(draw_of(seed, persona_key, takings.key, month), takings, month))
    return tuple(found)


def _takings(draw: random.Random, takings: Takings, month: date) -> Iterator[Happening]:
    day = month
    while day.month == month.month:
        if day.weekday() in takings.weekdays:
            cents, arrival = draw.randint(*takings.cents), business_day(day, takings.lag_days)
            yield Happening(f"{takings.key} {day}", takings.account_key, -cents, arrival, arrival, takings.details)
        day += timedelta(days=1)


_KNOWN: dict[str, Persona] = {}


def known(persona: Persona) -> Persona:
    """Make a persona known by its key, which months are remembered under, and return it."""
    _KNOWN[persona.key] = persona
    return persona


def _build(persona: Persona, order: HistoryOrder) -> History:
    life = _Life(persona, order.seed)
    for month in months(_FIRST_DAY, order.today + _LOOK_AHEAD):
        for happening in _month(persona.key, order.seed, month):
            life.expect(happening)
    day = _FIRST_DAY
    while day <= order.today:
        life.live(day)
        day += timedelta(days=1)
    to_come = [one for coming in life.due.values() for one in coming if one.occurred_on <= order.today]
    rows = [_planned(one) for one in [*life.past, *to_come] if one.posted_on >= order.since]
    return History(rows=rows, current={key: Decimal(cents).scaleb(-2) for key, cents in life.held.items()})


def _planned(happening: Happening) -> PlannedRow:
    return PlannedRow(
        key=f"{happening.key}/{happening.occurred_on}",
        account_key=happening.account_key,
        amount=Decimal(happening.cents).scaleb(-2),
        occurred_on=happening.occurred_on,
        posted_on=happening.posted_on,
        details=happening.details,
    )
