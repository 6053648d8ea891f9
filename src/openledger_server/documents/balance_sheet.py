"""The balance sheet as a document."""

from collections.abc import Sequence

from openledger_server.documents.columns import Asked, figure_columns
from openledger_server.documents.figures import day_text
from openledger_server.documents.trees import SideBySide, section_rows, side_by_side
from openledger_server.documents.types import Row, RowKind, Statement
from openledger_server.reports.balance_sheet import balance_sheets
from openledger_server.reports.types import BalanceSheet

_AT_CLOSING_RATES = (
    "What is held and owed in other currencies is at the exchange rates of the day; what that changes since it was"
    " posted is the unrealised exchange difference in equity. Things bought, and equity, keep their worth."
)


async def balance_sheet(asked: Asked) -> Statement:
    """Return what was held, owed and owned at the end of the period, and of those it is compared with."""
    # The last of the parts of a period ends with the period itself.
    days = list(dict.fromkeys(period.last_day for period in asked.periods))
    columns = await balance_sheets(asked.conn, entity_id=asked.entity_id, days=days, view=asked.view)
    labels = figure_columns(asked, at_the_end=True).labels[: len(days)]
    table = SideBySide(labels=labels, has_change=asked.is_comparison and len(days) > 1)
    said = _on_currencies(columns) if asked.view.is_at_closing_rates else None
    warning, notes = await asked.remarks(since_beginning=True, on_currencies=said)
    return Statement(
        name="Balance sheet",
        title="Balance Sheet",
        period=f"As of {day_text(asked.request.period.last_day)}",
        label="",
        columns=table.columns,
        rows=_rows(table, columns),
        notes=notes,
        warning=warning,
        is_landscape=asked.is_wide,
    )


def _on_currencies(sheets: Sequence[BalanceSheet]) -> tuple[str, ...]:
    """Return what a reader has to know about foreign money on these sheets."""
    at_cost = (
        f"For {day_text(sheet.as_of)} there is no exchange rate of {', '.join(sheet.currencies_at_cost)}:"
        " what is held and owed in it is at its worth when it was posted."
        for sheet in sheets
        if sheet.currencies_at_cost
    )
    return (_AT_CLOSING_RATES, *at_cost)


def _rows(table: SideBySide, columns: Sequence[BalanceSheet]) -> tuple[Row, ...]:
    assets = side_by_side([each.assets for each in columns])
    liabilities = side_by_side([each.liabilities for each in columns])
    equity = side_by_side([each.equity for each in columns])
    both = tuple(each.total_liabilities_minor + each.total_equity_minor for each in columns)
    *asset_rows, _ = section_rows(table, "Assets", assets, total_label="Total assets")
    return (
        *asset_rows,
        table.row(RowKind.RESULT, "Total assets", tuple(each.total_assets_minor for each in columns)),
        *section_rows(table, "Liabilities", liabilities, total_label="Total liabilities"),
        *section_rows(table, "Equity", equity, total_label="Total equity"),
        table.row(RowKind.RESULT, "Total liabilities and equity", both),
    )
