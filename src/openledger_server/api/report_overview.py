"""The overview: revenue, expenses and cash of a period at a glance, with the bank accounts."""

from datetime import UTC, date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import Field

from openledger_server.access import store as access
from openledger_server.api.auth import EntityScope
from openledger_server.api.context import Context
from openledger_server.api.errors import failures
from openledger_server.api.report_lists import interval_of
from openledger_server.api.report_request import Currency, EndDate, StartDate
from openledger_server.api.wire import SnakeWire, Wire, amounts
from openledger_server.banking import store as banking
from openledger_server.banking.rows import BankAccountRow
from openledger_server.base import db
from openledger_server.base.errors import InvalidError
from openledger_server.base.money import major_units
from openledger_server.reports.listings.series import Interval, overview
from openledger_server.reports.listings.types import Flow, Overview
from openledger_server.reports.periods import dates_period, months_before
from openledger_server.reports.types import Period, View

router = APIRouter(prefix="/v1/reports", tags=["Reports"], responses=failures(400, 401, 404))

_MONTHS_SHOWN = 12
_STATUSES = ("posted", "all")


class StatusFilterError(InvalidError):
    """There is no such status filter."""

    code = "UNKNOWN_STATUS_FILTER"


class ChartPoint(Wire):
    """One interval, labelled: "Jan 2026" for months, "Jan 5, 2026" for others."""

    label: str = Field(serialization_alias="date")
    revenue: float = Field(serialization_alias="Revenue")
    expenses: float = Field(serialization_alias="Expenses")
    profit: float = Field(serialization_alias="Profit")
    value: float = Field(description="Cash at the end of the interval.")
    start_date: date
    end_date: date


class MonthStats(Wire):
    """The newest month of the period, as far as it has come, and its change from the month before, in percent.

    A change is null when there is nothing to compare with: no earlier month in the period, or zero in it.
    """

    revenue: float
    expenses: float
    profit: float
    revenue_change: float | None
    expenses_change: float | None
    profit_change: float | None


class OverviewBalances(SnakeWire):
    """What the bank reports; owed is positive on cards and loans."""

    available: float | None
    current: float | None
    iso_currency_code: str | None
    limit: float | None
    unofficial_currency_code: str | None


class OverviewBankAccount(SnakeWire):
    """One bank account as the provider names things."""

    account_id: str
    balances: OverviewBalances
    holder_category: str | None
    mask: str | None
    name: str
    official_name: str | None
    subtype: str | None
    type: str


class DateRange(Wire):
    """First and last instant meant, as UTC midnights of the first and the last day."""

    start_date: datetime
    end_date: datetime


class FilterInfo(Wire):
    """What was asked for, with defaults filled in."""

    status_filter: str
    date_range: DateRange
    interval: Interval


class OverviewAnswer(Wire):
    """The key figures of a period. Months are pairs of month ("2026-01") and amount."""

    currency: str
    monthly_revenue: list[list[Any]]
    monthly_expenses: list[list[Any]]
    monthly_profit: list[list[Any]]
    monthly_cash_balance: list[list[Any]]
    total_revenue: float
    total_revenue_decimal: str
    total_expenses: float
    total_expenses_decimal: str
    total_profit: float
    total_profit_decimal: str
    current_cash_balance: float = Field(description="At the end of the period.")
    current_cash_balance_decimal: str
    chart_data: list[ChartPoint]
    latest_month_stats: MonthStats
    plaid_accounts: list[OverviewBankAccount]
    filter_info: FilterInfo


@router.get("/overview", summary="Key figures")
async def get_overview(
    context: Context,
    entity_id: EntityScope,
    start_date: StartDate = None,
    end_date: EndDate = None,
    currency: Currency = None,
    interval: Annotated[str, Query(description="daily, weekly or monthly.")] = Interval.MONTHLY.value,
    status_filter: Annotated[
        str, Query(alias="statusFilter", description="posted leaves out what somebody should look at; all does not.")
    ] = "all",
) -> OverviewAnswer:
    """Report revenue, expenses and cash by month and by interval; without dates, the last twelve months up to today."""
    step, status = interval_of(interval), status_filter.strip().lower()
    if status not in _STATUSES:
        raise StatusFilterError("statusFilter is posted or all.")
    async with db.read_entity(context.services.pool, entity_id=entity_id) as conn:
        entity = await access.entity(conn, entity_id=entity_id)
        period = _period(start_date, end_date, today=entity.today(context.services.now()))
        found = await overview(
            conn,
            entity_id=entity_id,
            period=period,
            view=View(currency=currency or entity.details.base_currency, is_translated=currency is None),
            interval=step,
            is_reviewed_only=status == "posted",
        )
        bank_accounts = await banking.bank_accounts(conn, entity_id=entity_id)
    return _answer(found, bank_accounts, step=step, status=status)


def _period(start_date: date | None, end_date: date | None, *, today: date) -> Period:
    """Return the period meant: up to today unless an end is given, from the twelfth month on unless a start is."""
    last = end_date or max(today, start_date or today)
    return dates_period(start_date or months_before(last, _MONTHS_SHOWN - 1), last)


def _answer(found: Overview, bank_accounts: list[BankAccountRow], *, step: Interval, status: str) -> OverviewAnswer:
    currency = found.currency
    return OverviewAnswer(
        currency=currency,
        monthly_revenue=[_pair(flow, flow.revenue_minor, currency) for flow in found.months],
        monthly_expenses=[_pair(flow, flow.expenses_minor, currency) for flow in found.months],
        monthly_profit=[_pair(flow, flow.profit_minor, currency) for flow in found.months],
        monthly_cash_balance=[_pair(flow, flow.cash_minor, currency) for flow in found.months],
        chart_data=[_point(flow, currency, step) for flow in found.intervals],
        latest_month_stats=_stats(found),
        plaid_accounts=[_plaid_account(row) for row in bank_accounts if row.unlinked_at is None],
        filter_info=FilterInfo(
            status_filter=status,
            interval=step,
            date_range=DateRange(start_date=_midnight(found.period.since), end_date=_midnight(found.period.last_day)),
        ),
        **amounts(
            currency,
            total_revenue=found.revenue_minor,
            total_expenses=found.expenses_minor,
            total_profit=found.revenue_minor - found.expenses_minor,
            current_cash_balance=found.cash_minor,
        ),
    )


def _pair(flow: Flow, amount_minor: int, currency: str) -> list[Any]:
    return [f"{flow.period.since:%Y-%m}", float(major_units(amount_minor, currency))]


def _point(flow: Flow, currency: str, step: Interval) -> ChartPoint:
    day = flow.period.since
    label = f"{day:%b %Y}" if step is Interval.MONTHLY else f"{day:%b} {day.day}, {day.year}"
    return ChartPoint(
        label=label,
        start_date=day,
        end_date=flow.period.last_day,
        **amounts(
            currency,
            revenue=flow.revenue_minor,
            expenses=flow.expenses_minor,
            profit=flow.profit_minor,
            value=flow.cash_minor,
        ),
    )


def _stats(found: Overview) -> MonthStats:
    now = found.months[-1]
    before = found.months[-2] if len(found.months) > 1 else None
    return MonthStats(
        revenue_change=_change(now.revenue_minor, None if before is None else before.revenue_minor),
        expenses_change=_change(now.expenses_minor, None if before is None else before.expenses_minor),
        profit_change=_change(now.profit_minor, None if before is None else before.profit_minor),
        **amounts(found.currency, revenue=now.revenue_minor, expenses=now.expenses_minor, profit=now.profit_minor),
    )


def _change(now_minor: int, before_minor: int | None) -> float | None:
    if not before_minor:
        return None
    return round((now_minor - before_minor) / abs(before_minor) * 100, 2)


def _plaid_account(row: BankAccountRow) -> OverviewBankAccount:
    return OverviewBankAccount(
        account_id=row.provider_account_id,
        balances=OverviewBalances(
            available=None if row.reported_available is None else float(row.reported_available),
            current=None if row.reported_current is None else float(row.reported_current),
            iso_currency_code=row.currency,
            limit=None if row.reported_limit is None else float(row.reported_limit),
            unofficial_currency_code=None,
        ),
        holder_category=None,
        mask=row.mask,
        name=row.name,
        official_name=row.official_name,
        subtype=row.subtype,
        type=row.type,
    )


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
