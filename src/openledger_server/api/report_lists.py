"""Reports that are lists: trial balance, general ledger, postings behind a figure, spending, cash over time."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from openledger_server.access.types import parse_id
from openledger_server.api.auth import EntityScope
from openledger_server.api.context import Context
from openledger_server.api.errors import failures
from openledger_server.api.report_models import TrialBalanceAnswer
from openledger_server.api.report_postings import LedgerPosting, ledger_posting
from openledger_server.api.report_request import (
    AskedReport,
    ReportPeriod,
    postings_link,
    refuse_cash_basis,
    request_of,
    wire_period,
)
from openledger_server.api.report_statements import trial_balance_answer
from openledger_server.api.wire import Wire, amounts, minor_text
from openledger_server.base import db
from openledger_server.base.errors import InvalidError
from openledger_server.base.paging import checked_page_size
from openledger_server.ledger.store import UnknownLedgerAccountError
from openledger_server.reports.listings.general_ledger import general_ledger
from openledger_server.reports.listings.places import place_of
from openledger_server.reports.listings.series import Interval, cash_position
from openledger_server.reports.listings.spending import spending_by_category, spending_by_counterparty
from openledger_server.reports.listings.types import CashPosition, LedgerAccountPage, Spending, SpendingLine
from openledger_server.reports.trial_balance import trial_balance

router = APIRouter(prefix="/v1/reports", tags=["Reports"], responses=failures(400, 401, 404))

Cursor = Annotated[str | None, Query(max_length=512, description="`nextCursor` of the page before.")]
PageSize = Annotated[int | None, Query(alias="pageSize", description="1 to 100; 50 if left out.")]


class IntervalError(InvalidError):
    """There is no such interval."""

    code = "UNKNOWN_INTERVAL"


class SpendingKindError(InvalidError):
    """Spending is listed by category or by counterparty."""

    code = "UNKNOWN_SPENDING_KIND"


class LedgerRowAnswer(LedgerPosting):
    """One posting on an account's page and the balance after it, debit balances positive."""

    running_balance: float
    running_balance_decimal: str


class LedgerAccountAnswer(Wire):
    """A ledger account with (a part of) its postings in the period. Balances: debit balances positive."""

    id: str
    code: int
    name: str
    type: str
    financial_type: str
    opening: float
    opening_decimal: str
    debits: float
    debits_decimal: str
    credits: float
    credits_decimal: str
    closing: float
    closing_decimal: str
    transactions: list[LedgerRowAnswer]


class AccountTransactions(Wire):
    """The general ledger of the period, or of one account of it, page by page."""

    report_period: ReportPeriod
    currency: str
    accounts: list[LedgerAccountAnswer]
    next_cursor: str | None
    has_more: bool


class SpendingRow(Wire):
    """What went to one category or counterparty; refunds are taken off."""

    id: str | None
    name: str
    amount: float
    amount_decimal: str
    previous_amount: float
    previous_amount_decimal: str
    share: float | None = Field(description="Of the total, 0 to 1; null when the total is not positive.")
    postings_count: int
    postings: str | None


class SpendingAnswer(Wire):
    """Expenses, largest first. The total is the income statement's."""

    report_period: ReportPeriod
    previous_period: ReportPeriod
    currency: str
    by: str
    rows: list[SpendingRow]
    total: float
    total_decimal: str
    previous_total: float
    previous_total_decimal: str


class CashAccount(Wire):
    """One of the cash accounts."""

    id: str
    name: str


class CashPointAnswer(Wire):
    """What the cash accounts hold at the end of a day; `balances` in the order of `accounts`."""

    day: date = Field(serialization_alias="date")
    total: float
    total_decimal: str
    balances_decimal: list[str]


class CashPositionAnswer(Wire):
    """Cash over time."""

    report_period: ReportPeriod
    currency: str
    interval: Interval
    accounts: list[CashAccount]
    points: list[CashPointAnswer]


@router.get("/trial-balance", summary="Trial balance")
async def get_trial_balance(context: Context, entity_id: EntityScope, asked: AskedReport) -> TrialBalanceAnswer:
    """Return every ledger account's balance before and after the period, with debits and credits between."""
    refuse_cash_basis(asked, "trial balance")
    async with db.read_entity(context.services.pool, entity_id=entity_id) as conn:
        request = await request_of(conn, asked, entity_id=entity_id, now=context.services.now())
        balance = await trial_balance(conn, entity_id=entity_id, period=request.period, view=request.view)
    return trial_balance_answer(balance, entity_id=entity_id)


@router.get("/account-transactions", summary="General ledger with running balances")
async def get_account_transactions(
    context: Context,
    entity_id: EntityScope,
    asked: AskedReport,
    ledger_account_id: Annotated[
        str | None, Query(alias="ledgerAccountId", description="This account only; all by code if left out.")
    ] = None,
    cursor: Cursor = None,
    page_size: PageSize = None,
) -> AccountTransactions:
    """Return postings account by account, each by date, with the balance after each."""
    refuse_cash_basis(asked, "general ledger")
    async with db.read_entity(context.services.pool, entity_id=entity_id) as conn:
        request = await request_of(conn, asked, entity_id=entity_id, now=context.services.now())
        page = await general_ledger(
            conn,
            entity_id=entity_id,
            period=request.period,
            view=request.view,
            after=place_of(cursor),
            limit=checked_page_size(page_size),
            ledger_account_id=None if ledger_account_id is None else account_id_of(ledger_account_id),
        )
    return AccountTransactions(
        report_period=request.wire_period,
        currency=page.currency,
        accounts=[_account(account, page.currency) for account in page.accounts],
        next_cursor=page.next_cursor,
        has_more=page.next_cursor is not None,
    )


@router.get("/spending", summary="Spending by category or counterparty")
async def get_spending(
    context: Context,
    entity_id: EntityScope,
    asked: AskedReport,
    by: Annotated[str, Query(description="category or counterparty.")] = "category",
) -> SpendingAnswer:
    """Return the expenses of the period, largest first, with the period before beside them."""
    refuse_cash_basis(asked, "list of spending")
    list_spending = {"category": spending_by_category, "counterparty": spending_by_counterparty}.get(by.lower())
    if list_spending is None:
        raise SpendingKindError("by is category or counterparty.")
    async with db.read_entity(context.services.pool, entity_id=entity_id) as conn:
        request = await request_of(conn, asked, entity_id=entity_id, now=context.services.now())
        spending = await list_spending(conn, entity_id=entity_id, period=request.period, view=request.view)
    return _spending(spending, by=by.lower(), entity_id=entity_id)


@router.get("/cash-position", summary="Cash over time")
async def get_cash_position(
    context: Context,
    entity_id: EntityScope,
    asked: AskedReport,
    interval: Annotated[str, Query(description="daily, weekly or monthly.")] = Interval.MONTHLY.value,
) -> CashPositionAnswer:
    """Return what each cash account holds at the end of each interval of the period."""
    refuse_cash_basis(asked, "cash position")
    step = interval_of(interval)
    async with db.read_entity(context.services.pool, entity_id=entity_id) as conn:
        request = await request_of(conn, asked, entity_id=entity_id, now=context.services.now())
        position = await cash_position(
            conn, entity_id=entity_id, period=request.period, view=request.view, interval=step
        )
    return _cash_position(position, step)


def account_id_of(text: str) -> int:
    """Return the id of a ledger account as it came.

    Raises:
        UnknownLedgerAccountError: if it can be none of ours.
    """
    ledger_account_id = parse_id(text)
    if ledger_account_id is None:
        raise UnknownLedgerAccountError("There is no such category in this entity's chart of accounts.")
    return ledger_account_id


def interval_of(text: str) -> Interval:
    """Return the interval of that name.

    Raises:
        IntervalError: if there is none.
    """
    try:
        return Interval(text.strip().lower())
    except ValueError as exc:
        raise IntervalError("interval is daily, weekly or monthly.") from exc


def _account(page: LedgerAccountPage, currency: str) -> LedgerAccountAnswer:
    return LedgerAccountAnswer(
        id=str(page.ledger_account_id),
        code=page.code,
        name=page.name,
        type=page.type.value,
        financial_type=page.subtype,
        transactions=[
            LedgerRowAnswer(
                **ledger_posting(row.posting, currency).model_dump(),
                **amounts(currency, running_balance=row.running_minor),
            )
            for row in page.rows
        ],
        **amounts(
            currency,
            opening=page.opening_minor,
            debits=page.debits_minor,
            credits=page.credits_minor,
            closing=page.closing_minor,
        ),
    )


def _spending(spending: Spending, *, by: str, entity_id: int) -> SpendingAnswer:
    return SpendingAnswer(
        report_period=wire_period(spending.period),
        previous_period=wire_period(spending.before),
        currency=spending.currency,
        by=by,
        rows=[_spending_row(line, spending, entity_id=entity_id) for line in spending.lines],
        **amounts(spending.currency, total=spending.total_minor, previous_total=spending.total_before_minor),
    )


def _spending_row(line: SpendingLine, spending: Spending, *, entity_id: int) -> SpendingRow:
    total = spending.total_minor
    return SpendingRow(
        id=line.id,
        name=line.name,
        share=round(line.amount_minor / total, 6) if total > 0 else None,
        postings_count=line.postings_count,
        postings=postings_link(line.postings, entity_id=entity_id),
        **amounts(spending.currency, amount=line.amount_minor, previous_amount=line.before_minor),
    )


def _cash_position(position: CashPosition, interval: Interval) -> CashPositionAnswer:
    currency = position.currency
    return CashPositionAnswer(
        report_period=wire_period(position.period),
        currency=currency,
        interval=interval,
        accounts=[CashAccount(id=id_, name=name) for id_, name in position.accounts],
        points=[
            CashPointAnswer(
                day=point.day,
                balances_decimal=[minor_text(amount, currency) for amount in point.by_account],
                **amounts(currency, total=point.total_minor),
            )
            for point in position.points
        ],
    )
