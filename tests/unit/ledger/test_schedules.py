"""The days on which something comes again."""

import calendar
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openledger_server.ledger.recurring.types import Frequency, Schedule, ScheduleError


def schedule(starts_on: date, frequency: str = "monthly", every: int = 1, ends_on: date | None = None) -> Schedule:
    return Schedule(frequency=Frequency(frequency), every=every, starts_on=starts_on, ends_on=ends_on)


@pytest.mark.parametrize(
    ("frequency", "every", "starts_on", "days"),
    [
        ("monthly", 1, "2026-01-31", ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30"]),
        ("monthly", 3, "2025-11-30", ["2025-11-30", "2026-02-28", "2026-05-30", "2026-08-30"]),
        ("weekly", 1, "2026-12-28", ["2026-12-28", "2027-01-04", "2027-01-11", "2027-01-18"]),
        ("weekly", 2, "2028-02-22", ["2028-02-22", "2028-03-07", "2028-03-21", "2028-04-04"]),
        ("yearly", 1, "2028-02-29", ["2028-02-29", "2029-02-28", "2030-02-28", "2031-02-28"]),
        ("yearly", 4, "2028-02-29", ["2028-02-29", "2032-02-29", "2036-02-29", "2040-02-29"]),
    ],
)
def test_days(frequency: str, every: int, starts_on: str, days: list[str]) -> None:
    found = schedule(date.fromisoformat(starts_on), frequency, every).preview(0, count=4)
    assert [day.isoformat() for day in found] == days


def test_the_last_day_is_included() -> None:
    some = schedule(date(2026, 1, 15), ends_on=date(2026, 3, 15))
    assert some.preview(0, count=12) == [date(2026, 1, 15), date(2026, 2, 15), date(2026, 3, 15)]
    assert some.occurrence(3) is None
    assert some.first_from(date(2026, 3, 16)) == 3


def test_impossible_schedules_are_refused() -> None:
    with pytest.raises(ScheduleError):
        schedule(date(2026, 1, 2), ends_on=date(2026, 1, 1))
    for every in (0, -1, 101):
        with pytest.raises(ScheduleError):
            schedule(date(2026, 1, 1), every=every)


DAYS = st.dates(date(1950, 1, 1), date(2150, 1, 1))


@given(DAYS, st.sampled_from(Frequency), st.integers(1, 100), st.integers(0, 200))
def test_days_keep_their_order_and_their_day(starts_on: date, frequency: Frequency, every: int, number: int) -> None:
    some = schedule(starts_on, frequency.value, every)
    day, following = some.occurrence(number), some.occurrence(number + 1)
    if day is None or following is None:
        assert following is None
        return
    assert day < following
    if frequency is Frequency.WEEKLY:
        assert following - day == timedelta(weeks=every)
    else:
        assert day.day == min(starts_on.day, calendar.monthrange(day.year, day.month)[1])


@given(DAYS, st.sampled_from(Frequency), st.integers(1, 100), DAYS)
def test_the_first_from_a_day_is_the_first(starts_on: date, frequency: Frequency, every: int, day: date) -> None:
    some = schedule(starts_on, frequency.value, every)
    number = some.first_from(day)
    found = some.occurrence(number)
    assert found is None or found >= day
    before = some.occurrence(number - 1) if number else None
    assert before is None or before < day
