"""The balance sheet as a document."""

from collections.abc import Sequence
from datetime import date

from openledger_server.documents.figures import day_text, short_day
from openledger_server.documents.notes import Remarks, remarks_of
from openledger_server.documents.trees import SideBySide, section_rows, side_by_side
from openledger_server.documents.types import Row, RowKind, Statement
from openledger_server.reports.types import BalanceSheet, Quality

_PORTRAIT_MAX = 5


def balance_sheet_document(
    columns: Sequence[BalanceSheet], quality: Quality, *, as_of: date, is_comparison: bool, remarks: Remarks
) -> Statement:
    """Return the balance sheet at the end of one or more days side by side; `as_of` is the one in the title."""
    main = columns[0]
    table = SideBySide(labels=tuple(short_day(each.as_of) for each in columns), has_change=is_comparison)
    warning, notes = remarks_of(quality, currency=main.currency, remarks=remarks)
    return Statement(
        name="Balance sheet",
        title="Balance Sheet",
        period=f"As of {day_text(as_of)}",
        label="",
        columns=table.columns,
        rows=_rows(table, columns),
        notes=notes,
        warning=warning,
        is_landscape=len(table.columns) > _PORTRAIT_MAX,
    )


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
