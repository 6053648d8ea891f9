"""`user_studio`: a small design studio in Oakland with checking, savings and a credit card.

Its whole life is simulated day by day from a fixed first day, so that the past is the same whenever one looks;
a history is the end of that life up to today. Amounts are integer cents inside.
"""

import dataclasses
import random
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from plaid_sandbox.histories import studio_bank
from plaid_sandbox.histories.patterns import CARD, CHECKING, SAVINGS
from plaid_sandbox.histories.plan import Details, History, HistoryOrder, PlannedAccount, PlannedRow, Profile
from plaid_sandbox.histories.studio_calendar import Happening, business_day, happenings_of_month, months

_FIRST_DAY = date(2020, 1, 1)
_LOOK_AHEAD = timedelta(days=10)
_OPENING = {CHECKING: 2_640_000, SAVINGS: 4_000_000, CARD: 0}
"""From the bank's viewpoint, in cents."""

_DRAW_CENTS = 280_000
_DRAW_DAYS = (1, 15)
_DRAW_FLOOR = 1_200_000
_CASH_ENOUGH, _CASH_PLENTY = 4_500_000, 9_000_000
_BONUS_FROM = 3_600_000
_BONUS_CENTS = 900_000
_SAVE_DAY = 10
_SAVE_LEAST, _SAVE_MOST, _SAVE_ABOVE, _SAVE_STEP = 50_000, 400_000, 2_200_000, 50_000
_SAVINGS_ENOUGH = 9_000_000
_CUSHION = 1_250_000
_TOP_UP_CENTS = 800_000
_SAME_DAY_SHARE = 0.6
_STATEMENT_DAY = 5
_PAYMENT_DAY = 22
_PART_PAID_MONTHS = (2, 8)
_CARD_RATE_PER_MONTH = Decimal("0.0155")
_SAVINGS_RATE_PER_MONTH = Decimal("0.00175")

ACCOUNTS = (
    PlannedAccount(
        key=CHECKING,
        name="Business Checking",
        official_name="Platypus Business Complete Checking",
        mask="4402",
        type="depository",
        subtype="checking",
        holder_category="business",
    ),
    PlannedAccount(
        key=SAVINGS,
        name="Business Savings",
        official_name="Platypus Business Premier Savings",
        mask="4410",
        type="depository",
        subtype="savings",
        holder_category="business",
    ),
    PlannedAccount(
        key=CARD,
        name="Business Card",
        official_name="Platypus Ink Business Credit Card",
        mask="7731",
        type="credit",
        subtype="credit card",
        limit=Decimal(25000),
        holder_category="business",
    ),
)


class _Life:
    """The studio's bank accounts as the days go by."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.held = dict(_OPENING)
        self.due: defaultdict[date, list[Happening]] = defaultdict(list)
        self.past: list[Happening] = []
        self.statement_cents = 0
        self.unpaid_cents = 0

    def expect(self, happening: Happening) -> None:
        """Put something in the diary, on the day it reaches the bank account."""
        self.due[happening.posted_on].append(happening)

    def live(self, today: date) -> None:
        """Let one day pass: first what was due, then what the owner decides on seeing the balances."""
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
        yield from self._draws(today)
        yield from self._savings(today)
        yield from self._card(today)
        if (today + timedelta(days=1)).day == 1:
            cents = _share(self.held[SAVINGS], _SAVINGS_RATE_PER_MONTH)
            yield _same_day("interest earned", SAVINGS, -cents, today, studio_bank.INTEREST_EARNED)

    def _draws(self, today: date) -> Iterator[Happening]:
        cash = self.held[CHECKING] + self.held[SAVINGS]
        if today.day in _DRAW_DAYS and self.held[CHECKING] > _DRAW_FLOOR and cash > _CASH_ENOUGH:
            yield _same_day("draw", CHECKING, _DRAW_CENTS, today, studio_bank.OWNER_DRAW)
        if today.day == _DRAW_DAYS[-1] + 1 and self.held[CHECKING] > _BONUS_FROM and cash > _CASH_PLENTY:
            yield _same_day("extra draw", CHECKING, _BONUS_CENTS, today, studio_bank.OWNER_DRAW)

    def _savings(self, today: date) -> Iterator[Happening]:
        spare = self.held[CHECKING] - _SAVE_ABOVE
        if today.day == _SAVE_DAY and self.held[CHECKING] > _CUSHION + _SAVE_LEAST:
            most = _SAVE_LEAST if self.held[SAVINGS] > _SAVINGS_ENOUGH else _SAVE_MOST
            cents = max(_SAVE_LEAST, min(most, spare // _SAVE_STEP * _SAVE_STEP))
            yield _same_day("to savings", CHECKING, cents, today, studio_bank.TO_SAVINGS)
            arrival = (
                today
                if random.Random(f"{self.seed}/leg/{today}").random() < _SAME_DAY_SHARE
                else business_day(today, 1)
            )
            yield Happening("from checking", SAVINGS, -cents, today, arrival, studio_bank.FROM_CHECKING)
        elif self.held[CHECKING] < _CUSHION and self.held[SAVINGS] > _TOP_UP_CENTS:
            yield _same_day("to checking", SAVINGS, _TOP_UP_CENTS, today, studio_bank.TO_CHECKING)
            yield _same_day("from savings", CHECKING, -_TOP_UP_CENTS, today, studio_bank.FROM_SAVINGS)

    def _card(self, today: date) -> Iterator[Happening]:
        if today.day == _STATEMENT_DAY:
            self.statement_cents = max(0, self.held[CARD])
            if self.unpaid_cents:
                cents = _share(self.unpaid_cents, _CARD_RATE_PER_MONTH)
                self.unpaid_cents = 0
                yield _same_day("interest charged", CARD, cents, today, studio_bank.INTEREST_CHARGED)
        if today == business_day(today.replace(day=_PAYMENT_DAY), 0) and self.statement_cents:
            part = self.statement_cents * 6 // 10 if today.month in _PART_PAID_MONTHS else self.statement_cents
            self.unpaid_cents = self.statement_cents - part
            arrival = today + timedelta(days=random.Random(f"{self.seed}/card/{today}").randint(2, 3))
            yield _same_day("card payment", CHECKING, part, today, studio_bank.CARD_PAYMENT_OUT)
            yield Happening("card payment received", CARD, -part, arrival, arrival, studio_bank.CARD_PAYMENT_IN)


def _same_day(key: str, account_key: str, cents: int, day: date, details: Details) -> Happening:
    return Happening(key, account_key, cents, day, day, details)


def _share(cents: int, rate: Decimal) -> int:
    """Return a share of an amount, rounded to the nearest cent."""
    return int((cents * rate).to_integral_value())


def _build(order: HistoryOrder) -> History:
    life = _Life(order.seed)
    for month in months(_FIRST_DAY, order.today + _LOOK_AHEAD):
        for happening in happenings_of_month(order.seed, month):
            life.expect(happening)
    day = _FIRST_DAY
    while day < order.today:
        life.live(day)
        day += timedelta(days=1)
    life.live(order.today)
    current = {key: Decimal(cents).scaleb(-2) for key, cents in life.held.items()}
    to_come = [one for happenings in life.due.values() for one in happenings if one.occurred_on <= order.today]
    rows = [_planned(one) for one in [*life.past, *to_come] if one.posted_on >= order.since]
    return History(rows=_with_check_numbers(rows), current=current)


def _planned(happening: Happening) -> PlannedRow:
    return PlannedRow(
        key=f"{happening.key}/{happening.occurred_on}",
        account_key=happening.account_key,
        amount=Decimal(happening.cents).scaleb(-2),
        occurred_on=happening.occurred_on,
        posted_on=happening.posted_on,
        details=happening.details,
    )


def _with_check_numbers(rows: list[PlannedRow]) -> list[PlannedRow]:
    """Return the rows with paper checks numbered by their month, so that a number never changes."""
    numbered = []
    for row in rows:
        if row.details != studio_bank.CLEANING_CHECK:
            numbered.append(row)
            continue
        number = str(1000 + (row.occurred_on.year - _FIRST_DAY.year) * 12 + row.occurred_on.month)
        details = dataclasses.replace(row.details, name=f"CHECK {number}", check_number=number)
        numbered.append(dataclasses.replace(row, details=details))
    return numbered


PROFILE = Profile(accounts=ACCOUNTS, build=_build, grows=True)
