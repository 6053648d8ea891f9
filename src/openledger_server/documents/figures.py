"""How figures and days are written for people: accounting style, US English."""

from datetime import date, datetime

from openledger_server.base.money import digits_of
from openledger_server.reports.types import Period

NOTHING = "–"
"""What stands where a figure is zero."""
_SYMBOLS = {"USD": "$", "CAD": "$", "AUD": "$", "NZD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "INR": "₹"}
_DECEMBER = 12


def amount_text(amount_minor: int, currency: str, *, with_symbol: bool = False) -> str:
    """Return minor units as "1,234.50", negative ones as "(1,234.50)", zero as a dash."""
    if amount_minor == 0 and not with_symbol:
        return NOTHING
    symbol = _SYMBOLS.get(currency, "") if with_symbol else ""
    text = f"{symbol}{_grouped(abs(amount_minor), digits_of(currency))}"
    return f"({text})" if amount_minor < 0 else text


def _grouped(amount_minor: int, digits: int) -> str:
    whole, part = divmod(amount_minor, 10**digits)
    return f"{whole:,}.{part:0{digits}d}" if digits else f"{whole:,}"


def percent_text(tenths: int) -> str:
    """Return tenths of a percent as "12.5%", negative ones in parentheses."""
    whole, part = divmod(abs(tenths), 10)
    text = f"{whole:,}.{part}%"
    return f"({text})" if tenths < 0 else text


def percent_change(now_minor: int, before_minor: int) -> int | None:
    """Return the change in tenths of a percent, half away from zero; None where a percentage would mislead.

    From nothing, from a negative figure or across zero there is no meaningful percentage.
    """
    if before_minor <= 0 or now_minor < 0:
        return None
    scaled = (now_minor - before_minor) * 2000
    return (abs(scaled) + before_minor) // (2 * before_minor) * (1 if scaled >= 0 else -1)


def day_text(day: date) -> str:
    """Return "November 25, 2026"."""
    return f"{day:%B} {day.day}, {day.year}"


def short_day(day: date) -> str:
    """Return "Nov 25, 2026"."""
    return f"{day:%b} {day.day}, {day.year}"


def instant_words(at: datetime) -> str:
    """Return "Nov 25, 2026, 19:40 UTC"; `at` is aware and in UTC."""
    return f"{short_day(at.date())}, {at:%H:%M} UTC"


def period_words(period: Period) -> str:
    """Return "For the year ended December 31, 2025", "For the month of May 2026" or the first and the last day."""
    last = period.last_day
    if _is_month(period):
        return f"For the month of {period.since:%B} {period.since.year}"
    if _is_year(period):
        return f"For the year ended {day_text(last)}"
    if period.since == last:
        return f"For {day_text(last)}"
    return f"{day_text(period.since)} to {day_text(last)}"


def period_label(period: Period) -> str:
    """Return the heading of a column: "2025", "May 2026" or "Jan 1 – Nov 25, 2026"."""
    last = period.last_day
    if _is_month(period):
        return f"{period.since:%b} {period.since.year}"
    if period.since.month == 1 and _is_year(period):
        return str(last.year)
    if period.since == last:
        return short_day(last)
    if (period.since.year, period.since.month) == (last.year, last.month):
        return f"{period.since:%b} {period.since.day}–{last.day}, {last.year}"
    if period.since.year == last.year:
        return f"{period.since:%b} {period.since.day} – {short_day(last)}"
    return f"{short_day(period.since)} – {short_day(last)}"


def _is_month(period: Period) -> bool:
    return period.since.day == 1 and period.until.day == 1 and _months(period) == 1


def _is_year(period: Period) -> bool:
    return period.since.day == 1 and period.until.day == 1 and _months(period) == _DECEMBER


def _months(period: Period) -> int:
    return (period.until.year - period.since.year) * _DECEMBER + period.until.month - period.since.month
