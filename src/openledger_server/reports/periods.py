"""Which days a report covers, and which it is compared with."""

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta
from enum import StrEnum

from openledger_server.base.errors import InvalidError
from openledger_server.reports.types import Period

_YEAR_MIN, _YEAR_MAX = 1900, 9998
_MONTHS = 12
_QUARTER = 3
COLUMNS_MAX = 36
"""At most so many columns stand side by side."""


class PeriodError(InvalidError):
    """Month, year or dates do not make a period."""

    code = "INVALID_PERIOD"


class TooManyColumnsError(InvalidError):
    """The comparison asked for has more columns than a report can show."""

    code = "TOO_MANY_COLUMNS"


class Comparison(StrEnum):
    """What stands beside the period itself."""

    PREVIOUS_PERIOD = "previous_period"
    """The period just before, equally long; whole months before whole months."""
    PREVIOUS_YEAR = "previous_year"
    """The same days a year earlier; 29 February becomes the 28th."""
    MONTHS = "months"
    """Each month of the period, cut at its ends."""
    QUARTERS = "quarters"
    """Each calendar quarter of the period, cut at its ends."""


def month_period(year: int, month: int) -> Period:
    """Return one calendar month.

    Raises:
        PeriodError: if there is no such month.
    """
    if not (1 <= month <= _MONTHS and _YEAR_MIN <= year <= _YEAR_MAX):
        raise PeriodError("month must be 1 to 12 and year between 1900 and 9998.")
    return Period(since=date(year, month, 1), until=_months_later(date(year, month, 1), 1))


def requested_period(
    *,
    today: date,
    month: int | None,
    year: int | None,
    start_date: date | None,
    end_date: date | None,
    fiscal_year_month: int = 1,
) -> Period:
    """Return the period a caller asked for.

    Dates (end inclusive) win over month and year; a month without a year is in the current one; a year alone is the
    whole calendar year; nothing at all is the current fiscal year up to today.

    Raises:
        PeriodError: if only one date is given, they are in the wrong order, or there is no such month.
    """
    if (start_date is None) != (end_date is None):
        raise PeriodError("startDate and endDate go together.")
    if start_date is not None and end_date is not None:
        return dates_period(start_date, end_date)
    if month is not None:
        return month_period(today.year if year is None else year, month)
    if year is not None:
        return Period(since=month_period(year, 1).since, until=month_period(year, _MONTHS).until)
    return Period(since=fiscal_year_start(today, month=fiscal_year_month), until=today + timedelta(days=1))


def dates_period(first: date, last: date) -> Period:
    """Return the period from one day to another, both included.

    Raises:
        PeriodError: if they are in the wrong order or too far away.
    """
    if last < first:
        raise PeriodError("endDate is before startDate.")
    if last.year > _YEAR_MAX or first.year < _YEAR_MIN:
        raise PeriodError("Dates must be between 1900 and 9998.")
    return Period(since=first, until=last + timedelta(days=1))


def fiscal_year_start(day: date, *, month: int) -> date:
    """Return the first day of the fiscal year that `day` is in, when fiscal years begin on the first of `month`."""
    year = day.year if day.month >= month else day.year - 1
    return date(year, month, 1)


def months_before(day: date, months: int) -> date:
    """Return the first day of the month that lies so many months before the one that `day` is in.

    Raises:
        PeriodError: if that is before all time.
    """
    return _months_later(day.replace(day=1), -months)


def compared_periods(period: Period, comparison: Comparison | None) -> tuple[Period, ...]:
    """Return the periods that stand beside `period`, in the order in which they are shown.

    Raises:
        TooManyColumnsError: if months or quarters would be more than 36.
        PeriodError: if the period before would begin before the year 1900.
    """
    if comparison is None:
        return ()
    if comparison is Comparison.PREVIOUS_PERIOD:
        return (_checked(_previous(period)),)
    if comparison is Comparison.PREVIOUS_YEAR:
        return (
            _checked(
                Period(
                    since=_months_later(period.since, -_MONTHS),
                    until=_months_later(period.last_day, -_MONTHS) + timedelta(days=1),
                )
            ),
        )
    columns = tuple(_pieces(period, 1 if comparison is Comparison.MONTHS else _QUARTER))
    if len(columns) > COLUMNS_MAX:
        raise TooManyColumnsError(f"That would be {len(columns)} columns; {COLUMNS_MAX} is the most.")
    return columns


def weeks_of(period: Period) -> tuple[Period, ...]:
    """Return the weeks of a period, Monday first, cut at its ends."""
    starts = [period.since]
    monday = period.since + timedelta(days=7 - period.since.weekday())
    while monday < period.until:
        starts.append(monday)
        monday += timedelta(days=7)
    return _between(starts, period.until)


def days_of(period: Period) -> tuple[Period, ...]:
    """Return the days of a period."""
    length = (period.until - period.since).days
    return _between([period.since + timedelta(days=number) for number in range(length)], period.until)


def months_of(period: Period) -> tuple[Period, ...]:
    """Return the months of a period, cut at its ends."""
    return tuple(_pieces(period, 1))


def _between(starts: list[date], until: date) -> tuple[Period, ...]:
    return tuple(Period(since=start, until=stop) for start, stop in zip(starts, [*starts[1:], until], strict=True))


def _pieces(period: Period, months: int) -> Iterator[Period]:
    since = period.since
    while since < period.until:
        first = date(since.year, since.month - (since.month - 1) % months, 1)
        until = min(_months_later(first, months), period.until)
        yield Period(since=since, until=until)
        since = until


def _previous(period: Period) -> Period:
    if period.since.day == period.until.day == 1:
        months = (period.until.year - period.since.year) * _MONTHS + period.until.month - period.since.month
        return Period(since=_months_later(period.since, -months), until=period.since)
    try:
        return Period(since=period.since - (period.until - period.since), until=period.since)
    except OverflowError as exc:
        raise PeriodError("There is no period before that one.") from exc


def _checked(period: Period) -> Period:
    if period.since.year < _YEAR_MIN:
        raise PeriodError("The period to compare with would begin before 1900.")
    return period


def _months_later(day: date, months: int) -> date:
    """Return the same day of a later or earlier month; the last of the month if there is no such day."""
    number = day.year * _MONTHS + day.month - 1 + months
    year, month = number // _MONTHS, number % _MONTHS + 1
    if year < 1:
        raise PeriodError("There is no period before that one.")
    return date(year, month, min(day.day, monthrange(year, month)[1]))
