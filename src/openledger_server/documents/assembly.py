"""From a request to a document: reads what the report needs and lays it out."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from openledger_server.base.db import ReadConnection
from openledger_server.documents.balance_sheet import balance_sheet_document
from openledger_server.documents.figures import last_day, period_words
from openledger_server.documents.income_statement import income_statement_document
from openledger_server.documents.notes import Remarks
from openledger_server.documents.requests import ReportName, ReportRequest
from openledger_server.documents.types import Document, Statement
from openledger_server.ledger import store as ledger
from openledger_server.reports import store as report_facts
from openledger_server.reports import tree
from openledger_server.reports.balance_sheet import balance_sheet
from openledger_server.reports.income_statement import income_statement
from openledger_server.reports.types import Period, Quality

_BASIS = "These statements follow the bank: income and expenses count on the day the money moved, as booked."


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What the statements of one request share."""

    conn: ReadConnection
    entity_id: int
    request: ReportRequest
    now: datetime

    @property
    def periods(self) -> tuple[Period, ...]:
        return (self.request.period,)

    @property
    def is_comparison(self) -> bool:
        return False

    async def quality(self, *, since_beginning: bool) -> Quality:
        period, currency = self.request.period, self.request.currency
        totals = await ledger.account_totals(self.conn, entity_id=self.entity_id, since=None, until=period.until)
        return await report_facts.quality(
            self.conn,
            entity_id=self.entity_id,
            since=None if since_beginning else period.since,
            until=period.until,
            currency=currency,
            other_currencies=tree.other_currencies(totals, currency=currency),
            now=self.now,
        )


async def assembled(
    conn: ReadConnection, request: ReportRequest, *, entity_id: int, entity_name: str, now: datetime
) -> Document:
    """Return the document that a request asks for."""
    asked = _Asked(conn=conn, entity_id=entity_id, request=request, now=now)
    is_pack = request.report is ReportName.PACK
    statements = [await _MAKERS[name](asked) for name in (_PACK if is_pack else (request.report,))]
    return Document(
        entity=entity_name or "Unnamed entity",
        title="Financial Statements" if is_pack else statements[0].title,
        period=period_words(request.period) if is_pack else statements[0].period,
        currency=request.currency,
        generated_at=now,
        statements=tuple(statements),
        is_pack=is_pack,
    )


async def _income_statement(asked: _Asked) -> Statement:
    columns = [
        await income_statement(asked.conn, entity_id=asked.entity_id, period=period, currency=asked.request.currency)
        for period in asked.periods
    ]
    return income_statement_document(
        columns,
        await asked.quality(since_beginning=False),
        period=asked.request.period,
        is_comparison=asked.is_comparison,
        remarks=Remarks(basis=_BASIS),
    )


async def _balance_sheet(asked: _Asked) -> Statement:
    days = dict.fromkeys(last_day(period) for period in asked.periods)
    columns = [
        await balance_sheet(asked.conn, entity_id=asked.entity_id, as_of=day, currency=asked.request.currency)
        for day in days
    ]
    return balance_sheet_document(
        columns,
        await asked.quality(since_beginning=True),
        as_of=last_day(asked.request.period),
        is_comparison=asked.is_comparison,
        remarks=Remarks(basis=_BASIS),
    )


_MAKERS: dict[ReportName, Callable[[_Asked], Awaitable[Statement]]] = {
    ReportName.INCOME_STATEMENT: _income_statement,
    ReportName.BALANCE_SHEET: _balance_sheet,
}
_PACK = (ReportName.INCOME_STATEMENT, ReportName.BALANCE_SHEET)
