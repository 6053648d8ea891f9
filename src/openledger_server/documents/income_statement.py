"""The income statement as a document."""

from collections.abc import Sequence

from openledger_server.documents.figures import period_label, period_words
from openledger_server.documents.notes import Remarks, remarks_of
from openledger_server.documents.trees import Figures, Line, SideBySide, section_rows, side_by_side, total
from openledger_server.documents.types import Chart, Row, RowKind, Statement
from openledger_server.reports.types import IncomeStatement, Period, Quality

_COST_OF_SALES = "Cost of Goods Sold"
_OTHER_INCOME = "Other Income"
_PORTRAIT_MAX = 5
"""More columns of figures than these lie on their side."""


def income_statement_document(
    columns: Sequence[IncomeStatement],
    quality: Quality,
    *,
    period: Period,
    is_comparison: bool,
    remarks: Remarks,
    charts: tuple[Chart, ...] = (),
) -> Statement:
    """Return the statement of one or more periods side by side; `period` is the one in the title.

    `is_comparison`: two periods, and what changed between them is shown.
    """
    main = columns[0]
    table = SideBySide(labels=tuple(period_label(each.period) for each in columns), has_change=is_comparison)
    warning, notes = remarks_of(quality, currency=main.currency, remarks=remarks)
    return Statement(
        name="Income statement",
        title="Income Statement",
        period=period_words(period),
        label="",
        columns=table.columns,
        rows=_rows(table, columns),
        notes=notes,
        warning=warning,
        charts=charts,
        is_landscape=len(table.columns) > _PORTRAIT_MAX,
    )


def _rows(table: SideBySide, columns: Sequence[IncomeStatement]) -> tuple[Row, ...]:
    revenue = side_by_side([each.revenue for each in columns])
    expenses = side_by_side([each.expenses for each in columns])
    other = _of(revenue, _OTHER_INCOME)
    cost = _of(expenses, _COST_OF_SALES)
    net = table.row(RowKind.RESULT, "Net income", tuple(each.net_income_minor for each in columns))
    if not cost and not other:
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
    rows = list(section_rows(table, "Revenue", _not(revenue, _OTHER_INCOME), total_label="Total revenue"))
    if cost:
        rows += section_rows(table, "Cost of goods sold", cost, total_label="Total cost of goods sold")
        rows.append(_result(table, "Gross profit", tuple(each.gross_profit_minor for each in columns)))
    rows += section_rows(
        table, "Operating expenses", _not(expenses, _COST_OF_SALES), total_label="Total operating expenses"
    )
    if other:
        rows.append(_result(table, "Operating income", tuple(each.operating_income_minor for each in columns)))
        rows += section_rows(table, "Other income", other, total_label="Total other income")
        assert total(other, len(columns)) == tuple(each.other_income_minor for each in columns)
    return tuple(rows)


def _result(table: SideBySide, label: str, figures: Figures) -> Row:
    return table.row(RowKind.TOTAL, label, figures)


def _of(lines: tuple[Line, ...], subtype: str) -> tuple[Line, ...]:
    return tuple(line for line in lines if line.subtype == subtype)


def _not(lines: tuple[Line, ...], subtype: str) -> tuple[Line, ...]:
    return tuple(line for line in lines if line.subtype != subtype)
