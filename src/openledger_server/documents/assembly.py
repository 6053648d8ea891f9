"""From a request to a document: reads what the report needs and lays it out."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from openledger_server.base.db import ReadConnection
from openledger_server.documents.balance_sheet import balance_sheet
from openledger_server.documents.cash_flow import cash_flow_statement
from openledger_server.documents.charts import cash_chart, profit_chart
from openledger_server.documents.columns import Asked
from openledger_server.documents.general_ledger import general_ledger_statement
from openledger_server.documents.income_statement import income_statement
from openledger_server.documents.requests import ReportName, ReportRequest
from openledger_server.documents.spending import counterparties_statement, spending_statement
from openledger_server.documents.trial_balance import trial_balance_statement
from openledger_server.documents.types import Chart, Document, Statement
from openledger_server.reports.listings.series import Interval, cash_position, overview
from openledger_server.reports.types import Basis

_CHART_DAYS_MAX = 3 * 366
"""Longer periods have no chart: its months would be too narrow to tell apart."""
_WEEKLY_DAYS_MAX = 400
_PACK = (
    ReportName.INCOME_STATEMENT,
    ReportName.BALANCE_SHEET,
    ReportName.CASH_FLOW,
    ReportName.TRIAL_BALANCE,
    ReportName.SPENDING,
)


async def assembled(
    conn: ReadConnection, request: ReportRequest, *, entity_id: int, entity_name: str, now: datetime
) -> Document:
    """Return the document that a request asks for.

    Raises:
        TooManyPostingsError: if the general ledger has more postings than a file may have.
        UnknownLedgerAccountError: if there is no such ledger account.
    """
    asked = Asked(conn=conn, entity_id=entity_id, request=request, now=now)
    is_pack = request.report is ReportName.PACK
    statements = [await _MAKERS[name](asked) for name in (_PACK if is_pack else (request.report,))]
    return Document(
        entity=entity_name or "Unnamed entity",
        title="Financial Statements" if is_pack else statements[0].title,
        period=asked.period_words if is_pack else statements[0].period,
        currency=request.view.currency,
        generated_at=now,
        statements=tuple(statements),
        is_pack=is_pack,
    )


async def _income_statement(asked: Asked) -> Statement:
    return await income_statement(asked, charts=await _profit_charts(asked))


async def _cash_flow(asked: Asked) -> Statement:
    return await cash_flow_statement(asked, charts=await _cash_charts(asked))


async def _profit_charts(asked: Asked) -> tuple[Chart, ...]:
    period, view = asked.request.period, asked.view
    # The series shows the books as they are, which the figures on cash basis are not.
    if _days(asked) > _CHART_DAYS_MAX or view.basis is Basis.CASH:
        return ()
    found = await overview(asked.conn, entity_id=asked.entity_id, period=period, view=view, interval=Interval.MONTHLY)
    chart = profit_chart(found.months, currency=view.currency)
    return () if chart is None else (chart,)


async def _cash_charts(asked: Asked) -> tuple[Chart, ...]:
    if _days(asked) > _CHART_DAYS_MAX:
        return ()
    interval = Interval.WEEKLY if _days(asked) <= _WEEKLY_DAYS_MAX else Interval.MONTHLY
    found = await cash_position(
        asked.conn, entity_id=asked.entity_id, period=asked.request.period, view=asked.view, interval=interval
    )
    chart = cash_chart(found)
    return () if chart is None else (chart,)


def _days(asked: Asked) -> int:
    return (asked.request.period.until - asked.request.period.since).days


_MAKERS: dict[ReportName, Callable[[Asked], Awaitable[Statement]]] = {
    ReportName.INCOME_STATEMENT: _income_statement,
    ReportName.BALANCE_SHEET: balance_sheet,
    ReportName.CASH_FLOW: _cash_flow,
    ReportName.TRIAL_BALANCE: trial_balance_statement,
    ReportName.GENERAL_LEDGER: general_ledger_statement,
    ReportName.ACCOUNT_TRANSACTIONS: general_ledger_statement,
    ReportName.SPENDING: spending_statement,
    ReportName.SPENDING_BY_COUNTERPARTY: counterparties_statement,
}
