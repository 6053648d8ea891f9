"""Reports: the three statements, with the bank's word beside them."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from openledger_server.api.auth import EntityScope
from openledger_server.api.banks import balance_texts
from openledger_server.api.context import Context
from openledger_server.api.errors import failures
from openledger_server.api.report_files import Links
from openledger_server.api.report_models import (
    BalanceSheetAnswer,
    CashFlowAnswer,
    IncomeStatementAnswer,
    ReportNode,
    StatementColumn,
)
from openledger_server.api.report_request import AskedReport, ReportPeriod, Request, request_of, wire_period
from openledger_server.api.report_statements import cash_flow_answer, income_answer, nodes, sheet_answer
from openledger_server.api.wire import Wire, amounts, minor_text
from openledger_server.banking.types import LIABILITY_TYPES
from openledger_server.base import db
from openledger_server.base.errors import InvalidError
from openledger_server.documents.requests import ReportName
from openledger_server.reconciliation.balances import balance_checks
from openledger_server.reconciliation.types import BalanceCheck
from openledger_server.reports.balance_sheet import balance_sheets
from openledger_server.reports.cash_flow import cash_flows
from openledger_server.reports.income_statement import income_statements
from openledger_server.reports.quality import quality_of
from openledger_server.reports.types import BalanceSheet, Basis, CashFlow, IncomeStatement, Quality

router = APIRouter(prefix="/v1/reports", tags=["Reports"], responses=failures(400, 401, 404))

_TYPES = {
    "INCOME": {"INCOME", "INCOME_STATEMENT", "PROFIT_AND_LOSS", "PROFIT_LOSS"},
    "BALANCE": {"BALANCE", "BALANCE_SHEET"},
    "CASHFLOW": {"CASHFLOW", "CASH_FLOW", "CASH_FLOW_STATEMENT"},
}


class ReportTypeError(InvalidError):
    """There is no such report."""

    code = "UNKNOWN_REPORT_TYPE"


class ReconciledAccount(Wire):
    """One bank account's balance at the bank and in the books, the bank's view."""

    id: str
    name: str
    mask: str
    type: str
    subtype: str | None
    currency: str
    reported_balance: str | None
    ledger_balance: str
    difference: str | None
    is_reconciled: bool


class Reconciliation(Wire):
    """The bank's word against the books, now. Totals: money held less money owed, in the report's currency."""

    plaid_accounts_total: float
    ledger_cash_balance: float
    difference: float
    plaid_accounts_total_decimal: str
    ledger_cash_balance_decimal: str
    difference_decimal: str
    plaid_accounts: list[ReconciledAccount]


class ReportFeed(Wire):
    """One bank connection. Stale: nothing new from the bank for two days."""

    id: str
    institution: str
    status: str
    fresh_at: datetime
    is_stale: bool


class ReportQuality(Wire):
    """How far the figures can be trusted."""

    unreviewed_count: int = Field(description="Booked transactions whose category somebody should look at.")
    unreviewed_amount_decimal: str
    pending_count: int = Field(description="Not settled at the bank, so in no report.")
    other_currencies: list[str] = Field(description="Currencies with bookings that this report leaves out.")
    translated_currencies: list[str] = Field(
        description="Currencies with bookings that are in it by their worth in its currency when they were booked."
    )
    currencies_at_cost: list[str] = Field(
        description="Currencies that the balance sheet has at cost because there is no exchange rate for its day."
    )
    held_count: int = Field(description="Settled transactions that wait: their day is closed, or a rate is missing.")
    feeds: list[ReportFeed] = Field(description="The bank connections that were not ended on purpose.")
    feeds_stale_since: datetime | None = Field(description="Since when the oldest stale connection brings nothing.")
    reconciled_through: datetime | None = Field(
        description="Up to when all bank accounts' books equal what their banks reported; null if any differs."
    )
    gaps: list[ReconciledAccount] = Field(description="The bank accounts whose books differ from the bank's word.")
    as_of: datetime
    currency: str


class PdfUrls(Wire):
    """Addresses that open the statements as PDF for 15 minutes, without an access token, for whoever has them."""

    profit_loss: str = Field(alias="profit_loss")
    balance_sheet: str = Field(alias="balance_sheet")
    cash_flow: str | None = Field(alias="cash_flow", description="Null on cash basis, which it does not have.")


class ReportAnswer(Wire):
    """The reports asked for; the others are null."""

    report_period: ReportPeriod
    currency: str
    basis: Basis
    income_statement: IncomeStatementAnswer | None
    balance_sheet: BalanceSheetAnswer | None
    cash_flow_statement: CashFlowAnswer | None
    comparison: list[StatementColumn] = Field(description="The same reports for the periods of the comparison.")
    reconciliation: Reconciliation
    account_hierarchy: list[ReportNode] = Field(description="All sections of the reports, one after the other.")
    pdf_urls: PdfUrls = Field(alias="pdf_urls")
    quality: ReportQuality


@router.get("/generate", summary="Income statement, balance sheet, cash flow statement, reconciliation")
async def generate_report(
    context: Context,
    links: Links,
    entity_id: EntityScope,
    asked: AskedReport,
    type_: Annotated[
        str | None, Query(alias="type", description="INCOME, BALANCE or CASHFLOW; all if left out.")
    ] = None,
) -> ReportAnswer:
    """Report on what is booked, in one currency. Without a period: this fiscal year up to today.

    Each figure has the address of the postings it is made of. A comparison puts further periods beside the first, with
    the same lines.
    """
    wanted = _wanted(type_)
    now = context.services.now()
    async with db.read_entity(context.services.pool, entity_id=entity_id) as conn:
        request = await request_of(conn, asked, entity_id=entity_id, now=now)
        statements = await _statements(conn, request, entity_id=entity_id)
        checks = await balance_checks(conn, entity_id=entity_id)
        quality = await quality_of(
            conn,
            entity_id=entity_id,
            since=request.period.since,
            until=request.period.until,
            view=request.view,
            now=now,
        )
    columns = [_column(column, wanted, entity_id=entity_id) for column in statements]
    return ReportAnswer(
        report_period=request.wire_period,
        currency=request.view.currency,
        basis=request.view.basis,
        income_statement=columns[0].income_statement,
        balance_sheet=columns[0].balance_sheet,
        cash_flow_statement=columns[0].cash_flow_statement,
        comparison=columns[1:],
        reconciliation=_reconciliation(checks, currency=request.view.currency),
        account_hierarchy=_hierarchy(statements[0], entity_id=entity_id),
        pdf_urls=_pdf_urls(links, request, entity_id=entity_id),
        quality=_quality_answer(quality, checks, statements[0][1], currency=request.view.currency),
    )


def _pdf_urls(links: Links, request: Request, *, entity_id: int) -> PdfUrls:
    is_cash = request.view.basis is Basis.CASH
    return PdfUrls(
        profit_loss=links.url(ReportName.INCOME_STATEMENT, request, entity_id=entity_id),
        balance_sheet=links.url(ReportName.BALANCE_SHEET, request, entity_id=entity_id),
        cash_flow=None if is_cash else links.url(ReportName.CASH_FLOW, request, entity_id=entity_id),
    )


_Statements = tuple[IncomeStatement, BalanceSheet, CashFlow]


async def _statements(conn: db.ReadConnection, request: Request, *, entity_id: int) -> list[_Statements]:
    """Return the statements of the period itself and of those beside it."""
    periods = [request.period, *request.compared]
    incomes = await income_statements(conn, entity_id=entity_id, periods=periods, view=request.view)
    days = [period.last_day for period in periods]
    sheets = await balance_sheets(conn, entity_id=entity_id, days=days, view=request.view)
    flows = await cash_flows(conn, entity_id=entity_id, periods=periods, view=request.view)
    return list(zip(incomes, sheets, flows, strict=True))


def _column(statements: _Statements, wanted: frozenset[str], *, entity_id: int) -> StatementColumn:
    income, sheet, flow = statements
    return StatementColumn(
        report_period=wire_period(income.period),
        income_statement=income_answer(income, entity_id=entity_id) if "INCOME" in wanted else None,
        balance_sheet=sheet_answer(sheet, entity_id=entity_id) if "BALANCE" in wanted else None,
        cash_flow_statement=cash_flow_answer(flow, entity_id=entity_id) if "CASHFLOW" in wanted else None,
    )


def _hierarchy(statements: _Statements, *, entity_id: int) -> list[ReportNode]:
    income, sheet, _ = statements
    lines = (*sheet.assets, *sheet.liabilities, *sheet.equity, *income.revenue, *income.expenses)
    return nodes(lines, sheet.currency, entity_id=entity_id)


def _wanted(type_: str | None) -> frozenset[str]:
    """Return which statements are asked for."""
    if type_ is None:
        return frozenset(_TYPES)
    name = type_.strip().upper()
    for wire_name, names in _TYPES.items():
        if name in names:
            return frozenset({wire_name})
    raise ReportTypeError("type is INCOME, BALANCE or CASHFLOW.")


def _reconciliation(checks: Iterable[BalanceCheck], *, currency: str) -> Reconciliation:
    rows = list(checks)
    reported = ledger_total = 0
    for check in rows:
        # An account whose bank says nothing is in neither total, so that their difference means something.
        if check.bank_account.currency == currency and check.reported_minor is not None:
            sign = -1 if check.bank_account.type in LIABILITY_TYPES else 1
            reported += sign * check.reported_minor
            ledger_total += sign * check.ledger_minor
    return Reconciliation(
        plaid_accounts=[_reconciled(check) for check in rows],
        **amounts(
            currency,
            plaid_accounts_total=reported,
            ledger_cash_balance=ledger_total,
            difference=reported - ledger_total,
        ),
    )


def _reconciled(check: BalanceCheck) -> ReconciledAccount:
    row = check.bank_account
    return ReconciledAccount(
        id=str(row.id),
        name=row.name,
        mask=row.mask or "",
        type=row.type,
        subtype=row.subtype,
        currency=row.currency,
        **balance_texts(check),
    )


def _quality_answer(
    quality: Quality, checks: Sequence[BalanceCheck], sheet: BalanceSheet, *, currency: str
) -> ReportQuality:
    return ReportQuality(
        unreviewed_count=quality.unreviewed_count,
        unreviewed_amount_decimal=minor_text(quality.unreviewed_minor, currency),
        pending_count=quality.pending_count,
        held_count=quality.held_count,
        other_currencies=list(quality.other_currencies),
        translated_currencies=list(quality.translated_currencies),
        currencies_at_cost=list(sheet.currencies_at_cost),
        feeds=[
            ReportFeed(
                id=str(feed.item_id),
                institution=feed.institution,
                status=feed.state,
                fresh_at=feed.fresh_at,
                is_stale=feed.is_stale,
            )
            for feed in quality.feeds
        ],
        feeds_stale_since=quality.stale_since,
        reconciled_through=_reconciled_through(checks),
        gaps=[_reconciled(check) for check in checks if check.difference_minor],
        as_of=quality.as_of,
        currency=currency,
    )


def _reconciled_through(checks: Sequence[BalanceCheck]) -> datetime | None:
    """Return up to when the books of all bank accounts are what their banks reported; None if any differs."""
    reported = [check.bank_account.reported_at for check in checks if check.is_equal]
    times = [at for at in reported if at is not None]
    return min(times) if times and len(times) == len(checks) else None
