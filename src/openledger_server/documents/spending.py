"""Spending by category and by counterparty as documents."""

from openledger_server.documents.charts import spending_chart
from openledger_server.documents.columns import Asked
from openledger_server.documents.figures import percent_change, period_label
from openledger_server.documents.types import Column, ColumnKind, Row, RowKind, Statement
from openledger_server.reports.listings.spending import spending_by_category, spending_by_counterparty
from openledger_server.reports.listings.types import Spending


async def spending_statement(asked: Asked) -> Statement:
    """Return the expenses per ledger account, largest first, with the period before beside them."""
    spending = await spending_by_category(
        asked.conn, entity_id=asked.entity_id, period=asked.request.period, view=asked.view
    )
    return await _statement(asked, spending, name="Spending by category", label="Category")


async def counterparties_statement(asked: Asked) -> Statement:
    """Return the expenses per counterparty, largest first, with the period before beside them."""
    spending = await spending_by_counterparty(
        asked.conn, entity_id=asked.entity_id, period=asked.request.period, view=asked.view
    )
    return await _statement(asked, spending, name="Spending by counterparty", label="Counterparty")


async def _statement(asked: Asked, spending: Spending, *, name: str, label: str) -> Statement:
    warning, notes = await asked.remarks("Refunds are taken off what was spent.")
    chart = spending_chart(spending)
    return Statement(
        name=name,
        title=name.title().replace(" By ", " by "),
        period=asked.period_words,
        label=label,
        columns=(
            Column(label="Postings", kind=ColumnKind.COUNT),
            Column(label=period_label(spending.period), kind=ColumnKind.AMOUNT),
            Column(label="Share", kind=ColumnKind.PERCENT),
            Column(label=period_label(spending.before), kind=ColumnKind.AMOUNT),
            Column(label="Change %", kind=ColumnKind.PERCENT),
        ),
        rows=_rows(spending),
        notes=notes,
        warning=warning,
        charts=() if chart is None else (chart,),
        charts_first=True,
    )


def _rows(spending: Spending) -> tuple[Row, ...]:
    lines = [
        Row(
            kind=RowKind.LINE,
            label=line.name,
            cells=(
                line.postings_count,
                line.amount_minor,
                _share(line.amount_minor, spending.total_minor),
                line.before_minor,
                percent_change(line.amount_minor, line.before_minor),
            ),
        )
        for line in spending.lines
    ]
    total = Row(
        kind=RowKind.RESULT,
        label="Total expenses",
        cells=(
            sum(line.postings_count for line in spending.lines),
            spending.total_minor,
            None,
            spending.total_before_minor,
            percent_change(spending.total_minor, spending.total_before_minor),
        ),
    )
    return (*lines, total)


def _share(part_minor: int, whole_minor: int) -> int | None:
    """Return a part of the whole in tenths of a percent; None if there is no whole."""
    return round(part_minor * 1000 / whole_minor) if whole_minor > 0 else None
