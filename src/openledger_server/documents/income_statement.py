"""The income statement as a document."""

from collections.abc import Sequence

from openledger_server.documents.columns import Asked, figure_columns
from openledger_server.documents.trees import Line, SideBySide, section_rows, side_by_side
from openledger_server.documents.types import Chart, Row, RowKind, Statement
from openledger_server.reports.income_statement import income_statements
from openledger_server.reports.types import IncomeStatement

_COST_OF_SALES = "Cost of Goods Sold"
_OTHER_INCOME = "Other Income"


async def income_statement(asked: Asked, *, charts: tuple[Chart, ...] = ()) -> Statement:
    """Return what was earned and spent in the period, and beside it in those it is compared with."""
    columns = await income_statements(asked.conn, entity_id=asked.entity_id, periods=asked.periods, view=asked.view)
    table = figure_columns(asked)
    warning, notes = await asked.remarks()
    return Statement(
        name="Income statement",
        title="Income Statement",
        period=asked.period_words,
        label="",
        columns=table.columns,
        rows=_rows(table, columns),
        notes=notes,
        warning=warning,
        charts=charts,
        is_landscape=asked.is_wide,
    )


def _rows(table: SideBySide, columns: Sequence[IncomeStatement]) -> tuple[Row, ...]:
    revenue = side_by_side([each.revenue for each in columns])
    expenses = side_by_side([each.expenses for each in columns])
    net = table.row(RowKind.RESULT, "Net income", tuple(each.net_income_minor for each in columns))
    if not _of(expenses, _COST_OF_SALES) and not _of(revenue, _OTHER_INCOME):
        return (
            *section_rows(table, "Revenue", revenue, total_label="Total revenue"),
            *section_rows(table, "Expenses", expenses, total_label="Total expenses"),
            net,
        )
    return (*_steps(table, columns, revenue=revenue, expenses=expenses), net)


def _steps(
    table: SideBySide, columns: Sequence[IncomeStatement], *, revenue: tuple[Line, ...], expenses: tuple[Line, ...]
) -> tuple[Row, ...]:
    """Return the rows down to operating income, step by step, and other income after it."""
    other, cost = _of(revenue, _OTHER_INCOME), _of(expenses, _COST_OF_SALES)
    gross = tuple(each.gross_profit_minor for each in columns)
    operating = tuple(each.operating_income_minor for each in columns)
    rows = list(section_rows(table, "Revenue", _not(revenue, _OTHER_INCOME), total_label="Total revenue"))
    if cost:
        rows += section_rows(table, "Cost of goods sold", cost, total_label="Total cost of goods sold")
        rows.append(table.row(RowKind.TOTAL, "Gross profit", gross))
    rows += section_rows(
        table, "Operating expenses", _not(expenses, _COST_OF_SALES), total_label="Total operating expenses"
    )
    if other:
        rows.append(table.row(RowKind.TOTAL, "Operating income", operating))
        rows += section_rows(table, "Other income", other, total_label="Total other income")
    return tuple(rows)


def _of(lines: tuple[Line, ...], subtype: str) -> tuple[Line, ...]:
    return tuple(line for line in lines if line.subtype == subtype)


def _not(lines: tuple[Line, ...], subtype: str) -> tuple[Line, ...]:
    return tuple(line for line in lines if line.subtype != subtype)
