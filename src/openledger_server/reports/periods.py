"""Which days a report covers."""

from datetime import date, timedelta

from openledger_server.base.errors import InvalidError
from openledger_server.reports.types import Period

_YEAR_MIN, _YEAR_MAX = 1900, 9998
_MONTHS = 12


class PeriodError(InvalidError):
    """Month, year or dates do not make a period."""

    code = "INVALID_PERIOD"


def month_period(year: int, month: int) -> Period:
    """Return one calendar month.

    Raises:
        PeriodError: if there is no such month.
    """
    if not (1 <= month <= _MONTHS and _YEAR_MIN <= year <= _YEAR_MAX):
        raise PeriodError("month must be 1 to 12 and year between 1900 and 9998.")
    return Period(since=date(year, month, 1), until=_next_month(year, month))


def requested_period(
    *, today: date, month: int | None, year: int | None, start_date: date | None, end_date: date | None
) -> Period:
    """Return the period a caller asked for.

    Dates (end inclusive) win over month and year; a month without a year is in the current one; a year alone is the
    whole year; nothing at all is the current year up to today.

    Raises:
        PeriodError: if only one date is given, they are in the wrong order, or there is no such month.
    """
    if (start_date is None) != (end_date is None):
        raise PeriodError("startDate and endDate go together.")
    if start_date is not None and end_date is not None:
        if end_date < start_date:
            raise PeriodError("endDate is before startDate.")
        if end_date.year > _YEAR_MAX:
            raise PeriodError("endDate is too far in the future.")
        return Period(since=start_date, until=end_date + timedelta(days=1))
    if month is not None:
        return month_period(year or today.year, month)
    if year is not None:
        return Period(since=month_period(year, 1).since, until=month_period(year, _MONTHS).until)
    return Period(since=date(today.year, 1, 1), until=today + timedelta(days=1))


def _next_month(year: int, month: int) -> date:
    return date(year + 1, 1, 1) if month == _MONTHS else date(year, month + 1, 1)
