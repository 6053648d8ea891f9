"""What stands behind a figure: its postings, and the journal entries of the wire contract's general ledger."""

from dataclasses import replace
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import Field

from openledger_server.access import store as access
from openledger_server.access.types import parse_id
from openledger_server.api.auth import EntityScope
from openledger_server.api.context import Context
from openledger_server.api.errors import failures
from openledger_server.api.report_files import Links
from openledger_server.api.report_models import ReportNode
from openledger_server.api.report_request import (
    AskedReport,
    Currency,
    Day,
    ReportPeriod,
    Request,
    refuse_cash_basis,
    request_of,
)
from openledger_server.api.report_statements import nodes
from openledger_server.api.wire import Wire, amounts, minor_text
from openledger_server.base import db
from openledger_server.base.errors import InvalidError
from openledger_server.base.paging import checked_page_size
from openledger_server.documents.requests import ReportName
from openledger_server.ledger import store as ledger
from openledger_server.ledger.types import JournalEntry, LedgerAccount, LedgerAccountId, LedgerAccountType
from openledger_server.reports.balance_sheet import balance_sheets
from openledger_server.reports.income_statement import income_statements
from openledger_server.reports.listings import store as listings
from openledger_server.reports.listings.journal import journal
from openledger_server.reports.listings.places import place_of
from openledger_server.reports.listings.postings import postings_behind
from openledger_server.reports.listings.types import EntriesPage, ListedPosting
from openledger_server.reports.periods import dates_period
from openledger_server.reports.trial_balance import trial_balance
from openledger_server.reports.types import OpeningBalances, PostingQuery, TrialBalanceRow

router = APIRouter(prefix="/v1/reports", tags=["Reports"], responses=failures(400, 401, 404))

_IDS_MAX = 2000
_SIGNS = {"debit": 1, "credit": -1}


class PostingQueryError(InvalidError):
    """The question does not say which postings are meant."""

    code = "INVALID_POSTING_QUERY"


class LedgerPosting(Wire):
    """One posting. `amount` is positive for debits and negative for credits."""

    journal_entry_id: str
    line: int
    ledger_account_id: str
    day: date = Field(serialization_alias="date")
    description: str
    source_ref: str = Field(description="What the entry records, e.g. bank_transaction:<id>:<version>.")
    reverses_id: str | None = Field(description="The entry that this one takes back.")
    other_accounts: list[str] = Field(description="The names of the entry's other ledger accounts.")
    original_amount_decimal: str = Field(description="As booked, in `originalCurrency`.")
    original_currency: str
    amount: float
    amount_decimal: str
    debit_decimal: str | None
    credit_decimal: str | None


class PostingsAnswer(Wire):
    """The postings behind a figure, oldest first. `total` is the figure: the sum over all pages."""

    currency: str
    positive: str = Field(description="Which side counts positive in the total: debit or credit.")
    total: float
    total_decimal: str
    postings: list[LedgerPosting]
    next_cursor: str | None
    has_more: bool


class GeneralLedgerBalance(Wire):
    """Debits and credits of the period as decimal text. Pending: booked, but somebody should look at the category."""

    debits_pending: str = Field(alias="debits_pending")
    debits_posted: str = Field(alias="debits_posted")
    credits_pending: str = Field(alias="credits_pending")
    credits_posted: str = Field(alias="credits_posted")
    timestamp: datetime


class GeneralLedgerAccount(Wire):
    """One ledger account and what moved on it. Opening and closing: debit balances positive."""

    id: str
    name: str
    type: str
    financial_type: str
    account_code: int | None
    sub_type_code: int | None
    balance: GeneralLedgerBalance
    opening_decimal: str
    closing_decimal: str


class LedgerEntryPosting(Wire):
    """One line of a journal entry. `amount` is positive for debits and negative for credits."""

    ledger_account_id: str
    account_name: str
    account_code: int
    currency: str
    amount: float
    amount_decimal: str
    debit_decimal: str | None
    credit_decimal: str | None


class LedgerEntry(Wire):
    """A journal entry."""

    id: str
    day: date = Field(serialization_alias="date")
    description: str
    source_ref: str
    reverses_id: str | None
    postings: list[LedgerEntryPosting]


class LedgerHierarchy(Wire):
    """The ledger accounts as trees: assets, liabilities and equity at the end of the period, the others in it."""

    assets: list[ReportNode]
    liabilities: list[ReportNode]
    equity: list[ReportNode]
    revenue: list[ReportNode]
    expenses: list[ReportNode]


class GeneralLedgerAnswer(Wire):
    """The ledger accounts with what moved in the period, and its journal entries page by page."""

    report_period: ReportPeriod
    currency: str
    accounts: list[GeneralLedgerAccount]
    entries: list[LedgerEntry]
    next_cursor: str | None
    has_more: bool
    pdf_url: str = Field(alias="pdf_url", description="Opens it as PDF for 15 minutes, without an access token.")
    hierarchy: LedgerHierarchy


@router.get("/general-ledger", summary="Ledger accounts and journal entries of a period")
async def get_general_ledger(
    context: Context,
    links: Links,
    entity_id: EntityScope,
    asked: AskedReport,
    cursor: Annotated[str | None, Query(max_length=512, description="`nextCursor` of the page before.")] = None,
    page_size: Annotated[int | None, Query(alias="pageSize", description="Entries; 1 to 100; 50 if left out.")] = None,
) -> GeneralLedgerAnswer:
    """Return what moved on every ledger account, and the journal entries in all currencies, oldest first.

    With running balances, account by account: `/v1/reports/account-transactions`.
    """
    refuse_cash_basis(asked, "general ledger")
    now = context.services.now()
    async with db.read_entity(context.services.pool, entity_id=entity_id) as conn:
        request = await request_of(conn, asked, entity_id=entity_id, now=now)
        period, view = request.period, request.view
        chart = await ledger.ledger_accounts(conn, entity_id=entity_id)
        balance = await trial_balance(conn, entity_id=entity_id, period=period, view=view)
        doubtful = await _unreviewed(conn, request, entity_id=entity_id)
        page = await journal(
            conn, entity_id=entity_id, period=period, after=place_of(cursor), limit=checked_page_size(page_size)
        )
        [income] = await income_statements(conn, entity_id=entity_id, periods=[period], view=view)
        [sheet] = await balance_sheets(conn, entity_id=entity_id, days=[period.last_day], view=view)
    currency = view.currency
    return GeneralLedgerAnswer(
        report_period=request.wire_period,
        currency=currency,
        accounts=[_account(row, doubtful.get(row.id, (0, 0)), currency, now=now) for row in balance.rows],
        entries=_entries(page, chart),
        next_cursor=page.next_cursor,
        has_more=page.next_cursor is not None,
        pdf_url=links.url(ReportName.GENERAL_LEDGER, request, entity_id=entity_id),
        hierarchy=LedgerHierarchy(
            assets=nodes(sheet.assets, currency, entity_id=entity_id),
            liabilities=nodes(sheet.liabilities, currency, entity_id=entity_id),
            equity=nodes(sheet.equity, currency, entity_id=entity_id),
            revenue=nodes(income.revenue, currency, entity_id=entity_id),
            expenses=nodes(income.expenses, currency, entity_id=entity_id),
        ),
    )


def _posting_query(
    *,
    end_date: Annotated[Day, Query(alias="endDate", description="Last day, included.")],
    start_date: Annotated[Day | None, Query(alias="startDate", description="First day; else the beginning.")] = None,
    ledger_account_ids: Annotated[
        str | None, Query(alias="ledgerAccountIds", max_length=50_000, description="Ids, separated by commas.")
    ] = None,
    types: Annotated[str | None, Query(max_length=200, description="All accounts of these types; by commas.")] = None,
    currency: Currency = None,
    positive: Annotated[str, Query(description="debit or credit: which counts positive in the total.")] = "debit",
    opening_balances: Annotated[
        str, Query(alias="openingBalances", description="included, excluded or only.")
    ] = OpeningBalances.INCLUDED.value,
) -> PostingQuery:
    """Return which postings are meant; without a currency all, and the base currency is still to be filled in."""
    query = PostingQuery(
        ledger_account_ids=_ids(ledger_account_ids),
        types=_types(types),
        since=start_date,
        until=dates_period(start_date or end_date, end_date).until,
        currency=currency or "",
        is_translated=currency is None,
        sign=_sign(positive),
        opening_balances=_opening(opening_balances),
    )
    if not query.ledger_account_ids and not query.types:
        raise PostingQueryError("Say which postings: ledgerAccountIds or types.")
    return query


@router.get("/postings", summary="The postings behind a figure")
async def get_postings(
    context: Context,
    entity_id: EntityScope,
    query: Annotated[PostingQuery, Depends(_posting_query)],
    cursor: Annotated[str | None, Query(max_length=512, description="`nextCursor` of the page before.")] = None,
    page_size: Annotated[int | None, Query(alias="pageSize", description="1 to 100; 50 if left out.")] = None,
) -> PostingsAnswer:
    """Return the postings that a figure of a report is made of. Reports give this address with each figure."""
    async with db.read_entity(context.services.pool, entity_id=entity_id) as conn:
        if query.is_translated:
            entity = await access.entity(conn, entity_id=entity_id)
            query = replace(query, currency=entity.details.base_currency)
        page = await postings_behind(
            conn, query, entity_id=entity_id, after=place_of(cursor), limit=checked_page_size(page_size)
        )
    return PostingsAnswer(
        currency=query.currency,
        positive="debit" if query.sign > 0 else "credit",
        postings=[ledger_posting(row, query.currency) for row in page.postings],
        next_cursor=page.next_cursor,
        has_more=page.next_cursor is not None,
        **amounts(query.currency, total=page.total_minor),
    )


def ledger_posting(posting: ListedPosting, currency: str) -> LedgerPosting:
    """Return one posting as it is answered."""
    return LedgerPosting(
        journal_entry_id=str(posting.journal_entry_id),
        line=posting.line,
        ledger_account_id=str(posting.ledger_account_id),
        day=posting.dated,
        description=posting.description,
        source_ref=posting.source_ref,
        reverses_id=None if posting.reverses_id is None else str(posting.reverses_id),
        other_accounts=list(posting.other_accounts),
        original_amount_decimal=minor_text(posting.original_minor, posting.currency),
        original_currency=posting.currency,
        **_sides(posting.amount_minor, currency),
        **amounts(currency, amount=posting.amount_minor),
    )


def _sides(amount_minor: int, currency: str) -> dict[str, Any]:
    return {
        "debit_decimal": minor_text(amount_minor, currency) if amount_minor > 0 else None,
        "credit_decimal": minor_text(-amount_minor, currency) if amount_minor < 0 else None,
    }


async def _unreviewed(conn: db.ReadConnection, request: Request, *, entity_id: int) -> dict[str, tuple[int, int]]:
    """Return (debits, credits) per ledger account of what somebody should look at."""
    found: dict[str, tuple[int, int]] = {}
    rows = await listings.unreviewed_totals(conn, entity_id=entity_id, period=request.period, view=request.view)
    for _, account, debits_minor, credits_minor in rows:
        before = found.get(str(account), (0, 0))
        found[str(account)] = (before[0] + debits_minor, before[1] + credits_minor)
    return found


def _account(row: TrialBalanceRow, doubtful: tuple[int, int], currency: str, *, now: datetime) -> GeneralLedgerAccount:
    debits_pending, credits_pending = doubtful
    return GeneralLedgerAccount(
        id=row.id,
        name=row.name,
        type=row.type.value,
        financial_type=row.subtype,
        account_code=row.code,
        sub_type_code=None,
        balance=GeneralLedgerBalance(
            debits_pending=minor_text(debits_pending, currency),
            debits_posted=minor_text(row.debits_minor - debits_pending, currency),
            credits_pending=minor_text(credits_pending, currency),
            credits_posted=minor_text(row.credits_minor - credits_pending, currency),
            timestamp=now,
        ),
        opening_decimal=minor_text(row.opening_minor, currency),
        closing_decimal=minor_text(row.closing_minor, currency),
    )


def _entries(page: EntriesPage, chart: list[LedgerAccount]) -> list[LedgerEntry]:
    by_id = {account.id: account for account in chart}
    return [_entry(entry, by_id) for entry in page.entries]


def _entry(entry: JournalEntry, by_id: dict[LedgerAccountId, LedgerAccount]) -> LedgerEntry:
    return LedgerEntry(
        id=str(entry.id),
        day=entry.dated,
        description=entry.description,
        source_ref=entry.source_ref,
        reverses_id=None if entry.reverses_id is None else str(entry.reverses_id),
        postings=[
            LedgerEntryPosting(
                ledger_account_id=str(posting.ledger_account_id),
                account_name=by_id[posting.ledger_account_id].name,
                account_code=by_id[posting.ledger_account_id].code,
                currency=posting.currency,
                **_sides(posting.amount_minor, posting.currency),
                **amounts(posting.currency, amount=posting.amount_minor),
            )
            for posting in entry.postings
        ],
    )


def _ids(text: str | None) -> tuple[LedgerAccountId, ...]:
    ids = [parse_id(part.strip()) for part in text.split(",")] if text else []
    if len(ids) > _IDS_MAX or None in ids:
        raise PostingQueryError("ledgerAccountIds are ids of ledger accounts, separated by commas.")
    return tuple(LedgerAccountId(id_) for id_ in ids if id_ is not None)


def _types(text: str | None) -> tuple[LedgerAccountType, ...]:
    try:
        return tuple(LedgerAccountType(part.strip().upper()) for part in text.split(",")) if text else ()
    except ValueError as exc:
        raise PostingQueryError("types are ASSET, LIABILITY, EQUITY, REVENUE or EXPENSE, separated by commas.") from exc


def _sign(text: str) -> int:
    sign = _SIGNS.get(text.lower())
    if sign is None:
        raise PostingQueryError("positive is debit or credit.")
    return sign


def _opening(text: str) -> OpeningBalances:
    try:
        return OpeningBalances(text.lower())
    except ValueError as exc:
        raise PostingQueryError("openingBalances is included, excluded or only.") from exc
