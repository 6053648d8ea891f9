"""Charts: well-formed pictures whose shapes follow the figures."""

from datetime import date
from xml.etree import ElementTree as ET

import pytest

from openledger_server.documents.charts import cash_chart, compact, profit_chart, spending_chart
from openledger_server.documents.types import Chart
from openledger_server.reports.listings.types import CashPoint, CashPosition, Flow, Spending, SpendingLine
from openledger_server.reports.types import Period
from tests.support.statements import HOSTILE

SVG = "{http://www.w3.org/2000/svg}"


def month(number: int, revenue: int, expenses: int) -> Flow:
    period = Period(since=date(2026, number, 1), until=date(2026, number + 1, 1))
    return Flow(period=period, revenue_minor=revenue, expenses_minor=expenses, cash_minor=0)


def shapes(chart: Chart | None, tag: str) -> list[ET.Element]:
    assert chart is not None
    return ET.fromstring(chart.svg).findall(f".//{SVG}{tag}")  # noqa: S314 - made by us a moment ago


def test_bars_are_as_high_as_their_figures() -> None:
    chart = profit_chart([month(1, 100_000, 50_000), month(2, 200_000, 300_000)], currency="USD")
    heights = [float(bar.get("height", 0)) for bar in shapes(chart, "rect") if float(bar.get("width", 0)) > 8]
    unit = heights[0] / 100
    assert [height / unit for height in heights] == pytest.approx([100, 50, 200, 300], rel=0.01)
    assert chart is not None
    assert "profit ($500.00)" in chart.description.lower()


def test_a_loss_hangs_below_the_line() -> None:
    chart = profit_chart([month(1, -100_000, 0), month(2, 100_000, 0)], currency="USD")
    below, above = [
        bar for bar in shapes(chart, "rect") if float(bar.get("width", 0)) > 8 and bar.get("fill") == "#2a8c7a"
    ]
    zero = float(above.get("y", 0)) + float(above.get("height", 0))
    assert float(below.get("y", 0)) == pytest.approx(zero, abs=0.2)


def test_nothing_to_see_is_no_chart() -> None:
    assert profit_chart([month(1, 0, 0), month(2, 0, 0)], currency="USD") is None
    assert profit_chart([month(1, 100, 0)], currency="USD") is None
    period = Period(since=date(2026, 1, 1), until=date(2026, 2, 1))
    assert spending_chart(spent(period)) is None
    assert cash_chart(CashPosition(period=period, currency="USD", accounts=(), points=())) is None


def spent(period: Period, *lines: tuple[str, int]) -> Spending:
    return Spending(
        period=period,
        before=period,
        currency="USD",
        lines=tuple(
            SpendingLine(id=None, name=name, amount_minor=amount, before_minor=0, postings_count=1, postings=None)
            for name, amount in lines
        ),
        total_minor=0,
        total_before_minor=0,
    )


def test_hostile_names_stay_words() -> None:
    period = Period(since=date(2026, 1, 1), until=date(2026, 2, 1))
    chart = spending_chart(spent(period, ("<script>\x00&\ud800", 200), (HOSTILE, 100), ("refund", -5)))
    texts = [text.text for text in shapes(chart, "text")]
    assert texts[0] == "<script> & "
    assert len(shapes(chart, "rect")) == 2


def test_the_line_of_cash_goes_where_the_cash_goes() -> None:
    points = tuple(
        CashPoint(day=date(2026, 1, day), total_minor=total, by_account=())
        for day, total in ((1, 0), (2, 500), (3, -500))
    )
    period = Period(since=date(2026, 1, 1), until=date(2026, 1, 4))
    chart = cash_chart(CashPosition(period=period, currency="USD", accounts=(), points=points))
    [line] = shapes(chart, "polyline")
    first, second, third = [float(pair.split(",")[1]) for pair in (line.get("points") or "").split()]
    assert second < first < third
    assert first - second == pytest.approx(third - first, abs=0.2)


@pytest.mark.parametrize(
    ("amount_minor", "currency", "text"),
    [
        (4_000_000, "USD", "40k"),
        (-150_000_000, "USD", "-1.5M"),
        (50, "USD", "0.5"),
        (2000, "JPY", "2k"),
        (0, "USD", "0"),
    ],
)
def test_axis_labels_are_short(amount_minor: int, currency: str, text: str) -> None:
    assert compact(amount_minor, currency) == text
