"""Reports: income statement and balance sheet, with the bank's word beside them."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from openledger_server.access import store as access
from openledger_server.api.auth import EntityScope
from openledger_server.api.banks import balance_texts
from openledger_server.api.context import Context
from openledger_server.api.errors import failures
from openledger_server.api.report_files import Links
from openledger_server.api.wire import CurrencyCode, Wire, amounts, minor_text
from openledger_server.banking.types import LIABILITY_TYPES
from openledger_server.base import db
from openledger_server.base.errors import InvalidError
from openledger_server.documents.requests import ReportName, ReportRequest
from openledger_server.ledger import store as ledger
from openledger_server.reconciliation.balances import balance_checks
from openledger_server.reconciliation.types import BalanceCheck
from openledger_server.reports import store as report_facts
from openledger_server.reports import tree
from openledger_server.reports.balance_sheet import balance_sheet
from openledger_server.reports.income_statement import income_statement
from openledger_server.reports.periods import requested_period
from openledger_server.reports.types import BalanceSheet, IncomeStatement, Period, Quality, ReportLine

router = APIRouter(prefix="/v1/reports", tags=["Reports"], responses=failures(400, 401, 404))

_INCOME = frozenset({"INCOME", "INCOME_STATEMENT", "PROFIT_AND_LOSS", "PROFIT_LOSS"})
_BALANCE = frozenset({"BALANCE", "BALANCE_SHEET"})
_CASHFLOW = frozenset({"CASHFLOW", "CASH_FLOW", "CASH_FLOW_STATEMENT"})


class ReportTypeError(InvalidError):
    """There is no such report, or this server does not compute it yet."""

    code = "UNKNOWN_REPORT_TYPE"


class ReportPeriod(Wire):
    """The days a report covers, the last one included."""

    month: int | None
    year: int | None
    start_date: date
    end_date: date


class ReportNode(Wire):
    """A group of ledger accounts, or one of them. `balance` is positive in its section's own sense."""

    id: str
    name: str
    type: str
    financial_type: str
    code: int | None
    balance: float
    balance_decimal: str
    children: list["ReportNode"]
    parent_id: str | None
    level: int
    is_category: bool = Field(description="Whether it is a ledger account, and not a group of them.")


class IncomeTotals(Wire):
    """What the income statement comes to."""

    total_revenue: float
    total_expenses: float
    net_income: float
    total_revenue_decimal: str
    total_expenses_decimal: str
    net_income_decimal: str


class IncomeHierarchy(Wire):
    """Revenue and expenses as trees."""

    revenue: list[ReportNode]
    expenses: list[ReportNode]
    totals: IncomeTotals


class IncomeStatementAnswer(Wire):
    """What was earned and spent in the period."""

    hierarchical: IncomeHierarchy
    revenue: float
    expenses: float
    gross_profit: float
    operating_income: float
    income_before_tax: float
    net_income: float
    revenue_decimal: str
    expenses_decimal: str
    gross_profit_decimal: str
    operating_income_decimal: str
    income_before_tax_decimal: str
    net_income_decimal: str


class BalanceTotals(Wire):
    """What the balance sheet comes to. Assets equal liabilities and equity."""

    total_assets: float
    total_liabilities: float
    total_equity: float
    liabilities_and_equity: float
    total_assets_decimal: str
    total_liabilities_decimal: str
    total_equity_decimal: str
    liabilities_and_equity_decimal: str


class BalanceHierarchy(Wire):
    """Assets, liabilities and equity as trees."""

    assets: list[ReportNode]
    liabilities: list[ReportNode]
    equity: list[ReportNode]
    totals: BalanceTotals


class BalanceSheetAnswer(BalanceTotals):
    """What was held, owed and owned at the end of the period's last day."""

    as_of: date
    hierarchical: BalanceHierarchy
    total_current_assets: float
    total_non_current_assets: float
    total_current_liabilities: float
    total_non_current_liabilities: float
    total_current_assets_decimal: str
    total_non_current_assets_decimal: str
    total_current_liabilities_decimal: str
    total_non_current_liabilities_decimal: str


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


class ReportQuality(Wire):
    """How far the figures can be trusted."""

    unreviewed_count: int = Field(description="Booked transactions whose category somebody should look at.")
    unreviewed_amount_decimal: str
    pending_count: int = Field(description="Not settled at the bank, so in no report.")
    other_currencies: list[str] = Field(description="Currencies with bookings that this report leaves out.")
    as_of: datetime
    currency: str


class PdfUrls(Wire):
    """Addresses that open the statements as PDF for 15 minutes, without an access token, for whoever has them."""

    profit_loss: str = Field(alias="profit_loss")
    balance_sheet: str = Field(alias="balance_sheet")
    cash_flow: None = Field(alias="cash_flow", description="Always null: this version does not compute it.")


class ReportAnswer(Wire):
    """The reports asked for; the others are null."""

    report_period: ReportPeriod
    income_statement: IncomeStatementAnswer | None
    balance_sheet: BalanceSheetAnswer | None
    cash_flow_statement: None = Field(description="Always null: this version does not compute it.")
    reconciliation: Reconciliation
    account_hierarchy: list[ReportNode] = Field(description="All sections of the reports, one after the other.")
    pdf_urls: PdfUrls = Field(alias="pdf_urls")
    quality: ReportQuality


@router.get("/generate", summary="Income statement, balance sheet, reconciliation")
async def generate_report(
    context: Context,
    links: Links,
    entity_id: EntityScope,
    month: Annotated[int | None, Query(description="1 to 12.")] = None,
    year: Annotated[int | None, Query(description="The whole year if there is no month.")] = None,
    start_date: Annotated[date | None, Query(alias="startDate", description="First day; with endDate.")] = None,
    end_date: Annotated[date | None, Query(alias="endDate", description="Last day, included.")] = None,
    type_: Annotated[str | None, Query(alias="type", description="INCOME or BALANCE; both if left out.")] = None,
    currency: Annotated[CurrencyCode | None, Query(description="Else the entity's own.")] = None,
) -> ReportAnswer:
    """Report on what is booked, in one currency. Without a period: this year up to today.

    The cash flow statement is not computed by this version: its property is null.
    """
    with_income, with_balance = _wanted(type_)
    now = context.services.now()
    period = requested_period(today=now.date(), month=month, year=year, start_date=start_date, end_date=end_date)
    async with db.read_entity(context.services.pool, entity_id=entity_id) as conn:
        currency = currency or (await access.entity(conn, entity_id=entity_id)).details.base_currency
        income = await income_statement(conn, entity_id=entity_id, period=period, currency=currency)
        sheet = await balance_sheet(
            conn, entity_id=entity_id, as_of=period.until - timedelta(days=1), currency=currency
        )
        checks = await balance_checks(conn, entity_id=entity_id)
        quality = await _quality(conn, entity_id=entity_id, period=period, currency=currency, now=now)
    income_answer, sheet_answer = _income(income), _sheet(sheet)
    return ReportAnswer(
        report_period=ReportPeriod(
            month=month, year=year, start_date=period.since, end_date=period.until - timedelta(days=1)
        ),
        income_statement=income_answer if with_income else None,
        balance_sheet=sheet_answer if with_balance else None,
        cash_flow_statement=None,
        reconciliation=_reconciliation(checks, currency=currency),
        account_hierarchy=[
            *sheet_answer.hierarchical.assets,
            *sheet_answer.hierarchical.liabilities,
            *sheet_answer.hierarchical.equity,
            *income_answer.hierarchical.revenue,
            *income_answer.hierarchical.expenses,
        ],
        pdf_urls=_pdf_urls(links, entity_id=entity_id, period=period, currency=currency),
        quality=_quality_answer(quality, currency=currency),
    )


def _pdf_urls(links: Links, *, entity_id: int, period: Period, currency: str) -> PdfUrls:
    def url(name: ReportName) -> str:
        return links.url(ReportRequest(report=name, period=period, currency=currency), entity_id=entity_id)

    return PdfUrls(
        profit_loss=url(ReportName.INCOME_STATEMENT), balance_sheet=url(ReportName.BALANCE_SHEET), cash_flow=None
    )


def _wanted(type_: str | None) -> tuple[bool, bool]:
    """Return whether the income statement and whether the balance sheet is asked for."""
    if type_ is None:
        return True, True
    name = type_.strip().upper()
    if name in _CASHFLOW:
        raise ReportTypeError("The cash flow statement is not computed by this version.")
    if name not in _INCOME | _BALANCE:
        raise ReportTypeError("type is INCOME or BALANCE.")
    return name in _INCOME, name in _BALANCE


async def _quality(conn: db.ReadConnection, *, entity_id: int, period: Period, currency: str, now: datetime) -> Quality:
    # The balance sheet rests on everything before the end, so the other currencies are looked for there.
    totals = await ledger.account_totals(conn, entity_id=entity_id, since=None, until=period.until)
    return await report_facts.quality(
        conn,
        entity_id=entity_id,
        since=period.since,
        until=period.until,
        currency=currency,
        other_currencies=tree.other_currencies(totals, currency=currency),
        now=now,
    )


def _income(income: IncomeStatement) -> IncomeStatementAnswer:
    currency = income.currency
    totals = IncomeTotals(
        **amounts(
            currency,
            total_revenue=income.total_revenue_minor,
            total_expenses=income.total_expenses_minor,
            net_income=income.net_income_minor,
        )
    )
    return IncomeStatementAnswer(
        hierarchical=IncomeHierarchy(
            revenue=_nodes(income.revenue, currency), expenses=_nodes(income.expenses, currency), totals=totals
        ),
        **amounts(
            currency,
            revenue=income.total_revenue_minor,
            expenses=income.total_expenses_minor,
            gross_profit=income.gross_profit_minor,
            operating_income=income.operating_income_minor,
            income_before_tax=income.net_income_minor,
            net_income=income.net_income_minor,
        ),
    )


def _sheet(sheet: BalanceSheet) -> BalanceSheetAnswer:
    currency = sheet.currency
    totals = amounts(
        currency,
        total_assets=sheet.total_assets_minor,
        total_liabilities=sheet.total_liabilities_minor,
        total_equity=sheet.total_equity_minor,
        liabilities_and_equity=sheet.total_liabilities_minor + sheet.total_equity_minor,
    )
    return BalanceSheetAnswer(
        as_of=sheet.as_of,
        hierarchical=BalanceHierarchy(
            assets=_nodes(sheet.assets, currency),
            liabilities=_nodes(sheet.liabilities, currency),
            equity=_nodes(sheet.equity, currency),
            totals=BalanceTotals(**totals),
        ),
        **totals,
        **amounts(
            currency,
            total_current_assets=sheet.current_assets_minor,
            total_non_current_assets=sheet.total_assets_minor - sheet.current_assets_minor,
            total_current_liabilities=sheet.current_liabilities_minor,
            total_non_current_liabilities=sheet.total_liabilities_minor - sheet.current_liabilities_minor,
        ),
    )


def _nodes(
    lines: Iterable[ReportLine], currency: str, *, parent_id: str | None = None, level: int = 0
) -> list[ReportNode]:
    return [
        ReportNode(
            id=line.id,
            name=line.name,
            type=line.type.value,
            financial_type=line.subtype,
            code=line.code,
            children=_nodes(line.children, currency, parent_id=line.id, level=level + 1),
            parent_id=parent_id,
            level=level,
            is_category=not line.is_group,
            **amounts(currency, balance=line.amount_minor),
        )
        for line in lines
    ]


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


def _quality_answer(quality: Quality, *, currency: str) -> ReportQuality:
    return ReportQuality(
        unreviewed_count=quality.unreviewed_count,
        unreviewed_amount_decimal=minor_text(quality.unreviewed_minor, currency),
        pending_count=quality.pending_count,
        other_currencies=list(quality.other_currencies),
        as_of=quality.as_of,
        currency=currency,
    )
