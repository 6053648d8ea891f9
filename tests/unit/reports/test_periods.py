"""Periods, what they are compared with, and their steps."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openledger_server.reports import periods
from openledger_server.reports.periods import Comparison, PeriodError, TooManyColumnsError, compared_periods
from openledger_server.reports.types import Period


def period(since: str, until: str) -> Period:
    return Period(since=date.fromisoformat(since), until=date.fromisoformat(until))


@pytest.mark.parametrize(
    ("asked", "comparison", "expected"),
    [
        (("2026-03-01", "2026-04-01"), "previous_period", [("2026-02-01", "2026-03-01")]),
        (("2026-01-01", "2026-04-01"), "previous_period", [("2025-10-01", "2026-01-01")]),
        (("2026-03-10", "2026-03-20"), "previous_period", [("2026-02-28", "2026-03-10")]),
        (("2028-02-01", "2028-03-01"), "previous_year", [("2027-02-01", "2027-03-01")]),
        (("2028-02-29", "2028-03-01"), "previous_year", [("2027-02-28", "2027-03-01")]),
        (("2027-02-01", "2027-03-01"), "previous_year", [("2026-02-01", "2026-03-01")]),
        (
            ("2026-01-15", "2026-03-02"),
            "months",
            [("2026-01-15", "2026-02-01"), ("2026-02-01", "2026-03-01"), ("2026-03-01", "2026-03-02")],
        ),
        (
            ("2025-11-15", "2026-04-02"),
            "quarters",
            [("2025-11-15", "2026-01-01"), ("2026-01-01", "2026-04-01"), ("2026-04-01", "2026-04-02")],
        ),
    ],
)
def test_what_a_period_is_compared_with(
    asked: tuple[str, str], comparison: str, expected: list[tuple[str, str]]
) -> None:
    assert compared_periods(period(*asked), Comparison(comparison)) == tuple(period(*each) for each in expected)


def test_too_many_columns_and_too_early_days_are_refused() -> None:
    with pytest.raises(TooManyColumnsError):
        compared_periods(period("2020-01-01", "2026-01-01"), Comparison.MONTHS)
    with pytest.raises(PeriodError):
        compared_periods(period("1900-01-01", "2026-01-01"), Comparison.PREVIOUS_PERIOD)
    with pytest.raises(PeriodError):
        compared_periods(period("1900-02-03", "9990-01-01"), Comparison.PREVIOUS_PERIOD)
    with pytest.raises(PeriodError):
        compared_periods(period("1900-01-01", "1900-02-01"), Comparison.PREVIOUS_YEAR)


@pytest.mark.parametrize(
    ("day", "month", "start"),
    [
        ("2028-02-29", 1, "2028-01-01"),
        ("2028-02-29", 3, "2027-03-01"),
        ("2028-03-01", 3, "2028-03-01"),
        ("2026-06-30", 7, "2025-07-01"),
    ],
)
def test_the_fiscal_year_of_a_day(day: str, month: int, start: str) -> None:
    assert periods.fiscal_year_start(date.fromisoformat(day), month=month) == date.fromisoformat(start)


def test_without_any_wish_it_is_the_fiscal_year_up_to_today() -> None:
    asked = periods.requested_period(
        today=date(2026, 3, 5), month=None, year=None, start_date=None, end_date=None, fiscal_year_month=7
    )
    assert asked == period("2025-07-01", "2026-03-06")


@given(st.dates(date(1990, 1, 1), date(2040, 1, 1)), st.integers(1, 900))
def test_steps_cover_a_period_without_gap_or_overlap(since: date, length: int) -> None:
    whole = Period(since=since, until=since + timedelta(days=length))
    for steps in (periods.days_of(whole), periods.weeks_of(whole), periods.months_of(whole)):
        assert (steps[0].since, steps[-1].until) == (whole.since, whole.until)
        assert [step.until for step in steps[:-1]] == [step.since for step in steps[1:]]
    assert all(step.since.weekday() == 0 for step in periods.weeks_of(whole)[1:])
    assert all(step.since.day == 1 for step in periods.months_of(whole)[1:])
