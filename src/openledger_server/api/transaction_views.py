"""Transactions seen from other sides: by month, by search, by counterparty."""

from datetime import UTC, date, datetime, time
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Query, Response
from pydantic import AfterValidator, Field, StringConstraints

from openledger_server.api import transaction_rows as rows_of
from openledger_server.api.auth import EntityScope
from openledger_server.api.context import Context
from openledger_server.api.entry_bodies import Amount, day_of
from openledger_server.api.errors import failures
from openledger_server.api.transactions import Transaction
from openledger_server.api.wire import AnyCase, Wire, decimal_text, json_answer, minor_text, storable
from openledger_server.banking import store as banking
from openledger_server.banking.rows import BankAccountRow
from openledger_server.banking.types import BankTransactionId
from openledger_server.base import db
from openledger_server.base.errors import InvalidError
from openledger_server.base.money import UNUSUAL_DIGITS, major_units
from openledger_server.base.paging import checked_page_size
from openledger_server.bookkeeping.activity import store
from openledger_server.bookkeeping.activity.types import (
    Counterparty,
    MonthDelta,
    Wanted,
    parse_counterparty_cursor,
)
from openledger_server.ledger import store as ledger

router = APIRouter(prefix="/v1/transactions", tags=["Transactions"], responses=failures(400, 401, 404))

_WORDS_MAX = 20
_PAGE_MAX = 100_000
_YEAR_MIN, _YEAR_MAX = 1900, 2199


class PageError(InvalidError):
    """There is no such page."""

    code = "INVALID_PAGE"

    def __init__(self) -> None:
        super().__init__(f"page must be between 1 and {_PAGE_MAX}, limit between 1 and 100.")


class MonthAccount(Wire):
    """What one bank account changed by. `delta` is in the account's own currency."""

    id: str
    name: str
    mask: str
    delta: float
    delta_decimal: str
    currency: str


class Month(Wire):
    """What the money at banks changed by in a month; more money, or less owed on cards and loans, is positive."""

    year: int
    month: int
    delta: float = Field(description="Of the accounts in the entity's currency.")
    delta_decimal: str
    currency: str
    plaid_account_breakdown: list[MonthAccount]


class SearchStatus(StrEnum):
    """Which transactions a search looks at."""

    PENDING = "PENDING"
    POSTED = "POSTED"
    CLEARED = "CLEARED"


class SearchFilters(Wire):
    """What a search looks for besides words; amounts are compared without their sign."""

    date_from: str | None = None
    date_to: str | None = Field(default=None, description="Included.")
    amount_min: Amount | None = None
    amount_max: Amount | None = None
    status: Annotated[SearchStatus, AnyCase] | None = None


class SearchRequest(Wire):
    """A search. Every word has to be in the description, merchant, counterparty, category or note."""

    query: Annotated[str, StringConstraints(max_length=500), AfterValidator(storable)] | None = None
    filters: SearchFilters | None = None
    page: int | None = Field(default=None, description="From 1 on.")
    limit: int | None = Field(default=None, description="1 to 100; 50 if left out.")


class Pagination(Wire):
    """Where a page is in all that was found."""

    total: int
    page: int
    limit: int
    total_pages: int


class SearchAnswer(Wire):
    """One page of what was found, newest first."""

    transactions: list[Transaction]
    pagination: Pagination


class CounterpartyTransaction(Wire):
    """One of the latest transactions with a counterparty. `amount` is unsigned."""

    id: str
    description: str
    amount: float
    amount_decimal: str
    direction: str
    timestamp: datetime


class CounterpartyBody(Wire):
    """What was paid to and got from one counterparty in one currency."""

    name: str
    currency: str
    transaction_count: int
    first_seen: datetime
    last_seen: datetime
    total_amount: float = Field(description="What was paid less what came back, or the reverse; unsigned.")
    total_amount_decimal: str
    direction: str = Field(description='"in": more came in than went out.')
    transactions: list[CounterpartyTransaction]


class CounterpartyPage(Wire):
    """One page of counterparties, by name."""

    success: bool
    counterparties: list[CounterpartyBody]
    next_cursor: str | None
    has_more: bool


@router.get("/by-month", summary="What came in less what went out, by month", response_model=list[Month])
async def get_transactions_by_month(
    context: Context,
    entity_id: EntityScope,
    month: Annotated[int | None, Query(ge=1, le=12, description="Only this month, with `year`.")] = None,
    year: Annotated[int | None, Query(ge=_YEAR_MIN, le=_YEAR_MAX, description="Only this year.")] = None,
) -> Response:
    """Return a bare list, as the published clients expect, oldest month first. It ties to the books."""
    async with db.read_entity(context.services.pool, entity_id=entity_id) as conn:
        deltas = await store.month_deltas(conn, entity_id=entity_id)
        accounts = {row.id: row for row in await banking.bank_accounts(conn, entity_id=entity_id)}
        currency = await ledger.base_currency(conn, entity_id=entity_id)
    months: dict[date, list[MonthDelta]] = {}
    for delta in deltas:
        if year in {None, delta.month.year} and month in {None, delta.month.month}:
            months.setdefault(delta.month, []).append(delta)
    return json_answer([_month(day, found, accounts, currency) for day, found in sorted(months.items())])


def _month(day: date, deltas: list[MonthDelta], accounts: dict[Any, BankAccountRow], currency: str) -> dict[str, Any]:
    total = sum(delta.delta_minor for delta in deltas if delta.currency == currency)
    return {
        "year": day.year,
        "month": day.month,
        "delta": float(major_units(total, currency)),
        "deltaDecimal": minor_text(total, currency),
        "currency": currency,
        "plaidAccountBreakdown": [
            {
                "id": str(delta.bank_account_id),
                "name": accounts[delta.bank_account_id].name,
                "mask": accounts[delta.bank_account_id].mask or "",
                "delta": float(major_units(delta.delta_minor, delta.currency)),
                "deltaDecimal": minor_text(delta.delta_minor, delta.currency),
                "currency": delta.currency,
            }
            for delta in deltas
        ],
    }


@router.post("/search", summary="Search transactions", response_model=SearchAnswer)
async def search_transactions(body: SearchRequest, context: Context, entity_id: EntityScope) -> Response:
    """Find transactions by words, days, amounts and status."""
    page, limit = 1 if body.page is None else body.page, checked_page_size(body.limit)
    if not 1 <= page <= _PAGE_MAX:
        raise PageError
    async with db.read_entity(context.services.pool, entity_id=entity_id) as conn:
        total, ids = await store.search(
            conn,
            _wanted(body),
            entity_id=entity_id,
            digits=orjson.dumps(UNUSUAL_DIGITS).decode(),
            limit=limit,
            offset=(page - 1) * limit,
        )
        asked = rows_of.Wanted(limit=limit, ids=[BankTransactionId(number) for number in ids])
        found = await rows_of.newest(conn, asked, entity_id=entity_id)
    return json_answer(
        {
            "transactions": [row.content for row in found],
            "pagination": {"total": total, "page": page, "limit": limit, "totalPages": -(-total // limit)},
        }
    )


def _wanted(body: SearchRequest) -> Wanted:
    filters = body.filters or SearchFilters()
    return Wanted(
        words=tuple((body.query or "").split()[:_WORDS_MAX]),
        date_from=None if filters.date_from is None else day_of(filters.date_from),
        date_to=None if filters.date_to is None else day_of(filters.date_to),
        amount_min=filters.amount_min,
        amount_max=filters.amount_max,
        is_posted=None if filters.status is None else filters.status is not SearchStatus.PENDING,
    )


@router.get("/counterparties", summary="List counterparties", response_model=CounterpartyPage)
async def get_counterparties(
    context: Context,
    entity_id: EntityScope,
    cursor: Annotated[str | None, Query(description="`nextCursor` of the page before.")] = None,
    page_size: Annotated[int | None, Query(alias="pageSize", description="1 to 100; 50 if left out.")] = None,
) -> Response:
    """Return whom the bank's transactions were with, by name, one for each currency, with the five latest of each."""
    size, after = checked_page_size(page_size), None if cursor is None else parse_counterparty_cursor(cursor)
    async with db.read_entity(context.services.pool, entity_id=entity_id) as conn:
        found = await store.counterparties(conn, entity_id=entity_id, limit=size + 1, after=after)
    page, has_more = found[:size], len(found) > size
    return json_answer(
        {
            "success": True,
            "counterparties": [_counterparty(one) for one in page],
            "nextCursor": page[-1].cursor() if has_more else None,
            "hasMore": has_more,
        }
    )


def _counterparty(one: Counterparty) -> dict[str, Any]:
    return {
        "name": one.name,
        "currency": one.currency,
        "transactionCount": one.transactions,
        "firstSeen": _instant(one.first_on),
        "lastSeen": _instant(one.last_on),
        "totalAmount": float(abs(one.net)),
        "totalAmountDecimal": decimal_text(abs(one.net), one.currency),
        "direction": "in" if one.net > 0 else "out",
        "transactions": [_latest(row, one.currency) for row in one.latest],
    }


def _latest(row: dict[str, Any], currency: str) -> dict[str, Any]:
    amount = Decimal(row["amount"])
    return {
        "id": row["id"],
        "description": row["description"],
        "amount": float(abs(amount)),
        "amountDecimal": decimal_text(abs(amount), currency),
        "direction": "in" if amount > 0 else "out",
        "timestamp": _instant(date.fromisoformat(row["dated"])),
    }


def _instant(day: date) -> datetime:
    return datetime.combine(day, time(tzinfo=UTC))
