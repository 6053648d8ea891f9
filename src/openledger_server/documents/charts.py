"""Charts as SVG: revenue and expenses by month, cash over time, spending by category.

The React components draw the same pictures from the same figures (`packages/accounting-react/src/chart`).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from xml.sax.saxutils import escape

from openledger_server.base.money import digits_of
from openledger_server.documents.figures import amount_text, short_day
from openledger_server.documents.types import Chart
from openledger_server.reports.listings.types import CashPosition, Flow, Spending

_WIDTH, _HEIGHT = 540.0, 165.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 46.0, 6.0, 20.0, 20.0
_REVENUE, _EXPENSES, _PROFIT, _GRID, _TEXT = "#2a8c7a", "#c9d3dc", "#17212b", "#e3e8ec", "#5a6673"
_TICKS = 4
_LABELS_MAX = 13
_BARS_MAX = 8
_STEPS = (1, 2, 5, 10)
_NOT_IN_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class _Scale:
    """From figures to heights: `low` and `high` are round figures that hold zero and all others between them."""

    low: int
    high: int
    step: int

    def y(self, value: int) -> float:
        share = (value - self.low) / (self.high - self.low)
        return _HEIGHT - _BOTTOM - share * (_HEIGHT - _TOP - _BOTTOM)

    @property
    def ticks(self) -> range:
        return range(self.low, self.high + 1, self.step)


def profit_chart(months: Sequence[Flow], *, currency: str) -> Chart | None:
    """Return revenue and expenses as bars and profit as a line, by month; None if there is nothing to see."""
    figures = [figure for each in months for figure in (each.revenue_minor, each.expenses_minor, each.profit_minor)]
    if len(months) < 2 or not any(figures):  # noqa: PLR2004 - one month is no course
        return None
    scale = _scale(figures)
    slot = (_WIDTH - _LEFT - _RIGHT) / len(months)
    bar = min(slot * 0.32, 18.0)
    parts = _frame(scale, currency)
    parts += _key([("Revenue", _REVENUE), ("Expenses", _EXPENSES), ("Profit", _PROFIT)])
    points = []
    for index, month in enumerate(months):
        center = _LEFT + slot * (index + 0.5)
        parts.append(_bar(center - bar - 0.5, bar, month.revenue_minor, scale, _REVENUE))
        parts.append(_bar(center + 0.5, bar, month.expenses_minor, scale, _EXPENSES))
        points.append((center, scale.y(month.profit_minor)))
    parts.append(_line(points, _PROFIT))
    parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2" fill="{_PROFIT}"/>' for x, y in points]
    parts += _days([month.period.since for month in months], [x for x, _ in points], by_month=True)
    revenue, profit = sum(each.revenue_minor for each in months), sum(each.profit_minor for each in months)
    return _chart(
        "Revenue, expenses and profit by month",
        f"Revenue {_money(revenue, currency)} and profit {_money(profit, currency)} over {len(months)} months.",
        parts,
    )


def cash_chart(cash: CashPosition) -> Chart | None:
    """Return the cash of all accounts together as a line over time; None if there is nothing to see."""
    totals = [point.total_minor for point in cash.points]
    if len(totals) < 2 or not any(totals):  # noqa: PLR2004 - one point is no line
        return None
    scale = _scale(totals)
    step = (_WIDTH - _LEFT - _RIGHT - 12) / (len(totals) - 1)
    points = [(_LEFT + 6 + step * index, scale.y(total)) for index, total in enumerate(totals)]
    floor = scale.y(max(scale.low, 0))
    area = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    parts = _frame(scale, cash.currency)
    parts.append(
        f'<polygon points="{points[0][0]:.1f},{floor:.1f} {area} {points[-1][0]:.1f},{floor:.1f}" fill="{_REVENUE}" '
        'fill-opacity="0.12"/>'
    )
    parts.append(_line(points, _REVENUE))
    parts.append(f'<circle cx="{points[-1][0]:.1f}" cy="{points[-1][1]:.1f}" r="2.6" fill="{_REVENUE}"/>')
    parts += _days([point.day for point in cash.points], [x for x, _ in points], by_month=False)
    return _chart(
        "Cash over time",
        f"From {_money(totals[0], cash.currency)} on {short_day(cash.points[0].day)} to "
        f"{_money(totals[-1], cash.currency)} on {short_day(cash.points[-1].day)}.",
        parts,
    )


def spending_chart(spending: Spending) -> Chart | None:
    """Return the largest expenses as bars, one below the other; None if nothing was spent."""
    lines = [line for line in spending.lines if line.amount_minor > 0][:_BARS_MAX]
    if not lines:
        return None
    row, left, right = 19.0, 150.0, 84.0
    longest = lines[0].amount_minor
    parts = []
    for index, line in enumerate(lines):
        y = row * index + 6
        width = max(line.amount_minor / longest * (_WIDTH - left - right), 1.0)
        parts.append(_words(left - 8, y + 9, _short(line.name), anchor="end", fill=_PROFIT))
        parts.append(f'<rect x="{left}" y="{y:.1f}" width="{width:.1f}" height="12" rx="2" fill="{_REVENUE}"/>')
        parts.append(_words(left + width + 6, y + 9, amount_text(line.amount_minor, spending.currency)))
    largest = ", ".join(f"{line.name} {_money(line.amount_minor, spending.currency)}" for line in lines[:3])
    return _chart("Largest expenses", f"{largest}.", parts, height=row * len(lines) + 8)


def _chart(title: str, description: str, parts: Sequence[str], *, height: float = _HEIGHT) -> Chart:
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH:g} {height:g}" width="{_WIDTH:g}" '
        f'height="{height:g}" role="img" font-family="Libertinus Serif, serif" font-size="8">'
        f"<title>{_xml(title)}</title><desc>{_xml(description)}</desc>{''.join(parts)}</svg>"
    )
    return Chart(title=title, description=f"{title}. {description}", svg=svg)


def _scale(figures: Sequence[int]) -> _Scale:
    low, high = min(0, *figures), max(0, *figures)
    rough = max((high - low) // _TICKS, 1)
    unit = 10 ** (len(str(rough)) - 1)
    step = next(unit * factor for factor in _STEPS if unit * factor >= rough)
    return _Scale(low=low // step * step, high=-(-high // step) * step or step, step=step)


def _frame(scale: _Scale, currency: str) -> list[str]:
    parts = []
    for tick in scale.ticks:
        y = scale.y(tick)
        colour = _TEXT if tick == 0 else _GRID
        parts.append(
            f'<line x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="{colour}" '
            'stroke-width="0.6"/>'
        )
        parts.append(_words(_LEFT - 6, y + 2.6, compact(tick, currency), anchor="end"))
    return parts


def _key(names: Sequence[tuple[str, str]]) -> list[str]:
    parts, x = [], _LEFT
    for name, colour in names:
        parts.append(f'<rect x="{x}" y="3" width="8" height="8" rx="1.5" fill="{colour}"/>')
        parts.append(_words(x + 12, 10, name))
        x += 62
    return parts


def _bar(x: float, width: float, value: int, scale: _Scale, colour: str) -> str:
    top, bottom = sorted((scale.y(value), scale.y(0)))
    return f'<rect x="{x:.1f}" y="{top:.1f}" width="{width:.1f}" height="{bottom - top:.1f}" rx="1" fill="{colour}"/>'


def _line(points: Sequence[tuple[float, float]], colour: str) -> str:
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.3" stroke-linejoin="round"/>'


def _days(days: Sequence[date], places: Sequence[float], *, by_month: bool) -> list[str]:
    """Return labels under the axis, as many as fit; the year where it begins or changes."""
    every = -(-len(days) // _LABELS_MAX)
    shown = list(zip(days, places, strict=True))[::every]
    years = [None, *(day.year for day, _ in shown)]
    parts = []
    for (day, x), (before, year) in zip(shown, pairwise(years), strict=True):
        text = f"{day:%b}" if by_month else f"{day:%b} {day.day}"
        parts.append(_words(x, _HEIGHT - 8, f"{text} {year}" if year != before else text, anchor="middle"))
    return parts


def _words(x: float, y: float, text: str, *, anchor: str = "start", fill: str = _TEXT) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{fill}">{_xml(text)}</text>'


def compact(amount_minor: int, currency: str) -> str:
    """Return a round figure in few characters: "40k", "-1.5M"; minor units in, major units shown."""
    major = amount_minor / 10 ** digits_of(currency)
    for size, letter in ((1e9, "B"), (1e6, "M"), (1e3, "k")):
        if abs(major) >= size:
            return f"{major / size:g}{letter}"
    return f"{major:g}"


def _money(amount_minor: int, currency: str) -> str:
    return amount_text(amount_minor, currency, with_symbol=True)


def _short(text: str) -> str:
    return text if len(text) <= 30 else f"{text[:29]}…"  # noqa: PLR2004 - what fits beside the bars


def _xml(text: str) -> str:
    return escape(_NOT_IN_XML.sub(" ", text))
