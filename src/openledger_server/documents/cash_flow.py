"""The cash flow statement as a document."""

from collections.abc import Sequence

from openledger_server.documents.columns import Asked, figure_columns
from openledger_server.documents.trees import Figures, SideBySide
from openledger_server.documents.types import Chart, Row, RowKind, Statement
from openledger_server.reports.cash_flow import cash_flows
from openledger_server.reports.types import CashFlow, CashFlowLine


async def cash_flow_statement(asked: Asked, *, charts: tuple[Chart, ...] = ()) -> Statement:
    """Return where cash came from and went, from net income to the change of the cash accounts."""
    flows = await cash_flows(asked.conn, entity_id=asked.entity_id, periods=asked.periods, view=asked.view)
    table = figure_columns(asked)
    warning, notes = await asked.remarks("Indirect method. Cash is what the bank accounts hold, without credit cards.")
    return Statement(
        name="Cash flow statement",
        title="Statement of Cash Flows",
        period=asked.period_words,
        label="",
        columns=table.columns,
        rows=_rows(table, flows),
        notes=notes,
        warning=warning,
        charts=charts,
        is_landscape=asked.is_wide,
    )


def _rows(table: SideBySide, flows: Sequence[CashFlow]) -> tuple[Row, ...]:
    rows = []
    for name, lines, totals in (
        ("Operating activities", [flow.operating for flow in flows], [flow.operating_minor for flow in flows]),
        ("Investing activities", [flow.investing for flow in flows], [flow.investing_minor for flow in flows]),
        ("Financing activities", [flow.financing for flow in flows], [flow.financing_minor for flow in flows]),
    ):
        rows.append(table.words(RowKind.SECTION, name))
        rows += _lines(table, lines) or [table.words(RowKind.NOTE, "None", depth=1)]
        rows.append(table.row(RowKind.TOTAL, f"Net cash from {name.lower()}", tuple(totals)))
    return (
        *rows,
        table.row(RowKind.RESULT, "Net change in cash", tuple(flow.change_minor for flow in flows)),
        table.row(RowKind.LINE, "Cash at the beginning", tuple(flow.cash_before_minor for flow in flows)),
        table.row(RowKind.RESULT, "Cash at the end", tuple(flow.cash_after_minor for flow in flows)),
    )


def _lines(table: SideBySide, flows: Sequence[Sequence[CashFlowLine]]) -> list[Row]:
    """Return one row per kind of line; all flows of one report have the same ones, in the same order."""
    return [table.row(RowKind.LINE, same[0].name, _figures(same), depth=1) for same in zip(*flows, strict=True)]


def _figures(lines: Sequence[CashFlowLine]) -> Figures:
    return tuple(line.amount_minor for line in lines)
