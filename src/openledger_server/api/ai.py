"""Suggesting categories for described transactions, as a stream or at once, and searching bank transactions."""

from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal

import orjson
from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import StreamingResponse
from pydantic import Field, StringConstraints

from openledger_server.access.types import parse_id
from openledger_server.api.auth import Caller, NamedEntity, agreed, allowed_entity
from openledger_server.api.context import ApiContext, Context
from openledger_server.api.errors import failures
from openledger_server.api.wire import AnyCase, SnakeWire, Text, Wire, decimal_text
from openledger_server.banking.types import BankTransactionId
from openledger_server.bookkeeping.search.types import FoundTransaction
from openledger_server.categorization.advice.types import Allowance
from openledger_server.categorization.types import Candidate
from openledger_server.workflows.ask_advisor import advice_allowance, allow_advice
from openledger_server.workflows.search_transactions import search_transactions
from openledger_server.workflows.suggest_categories import Asked, Suggestion, suggest_categories

router = APIRouter(tags=["AI"], responses=failures(400, 401, 404))

_ASKED_AT_ONCE_MAX = 1000
_FOUND_MAX = 100
_DIGITS = 4
_SOURCES = frozenset(["bank_transaction", "bank_transactions", "transaction", "transactions"])
_STREAM: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}, "description": "One event each."}
}

BankText = Annotated[str, StringConstraints(max_length=2000)]
"""What a bank prints; looked at and never stored, so anything goes."""


class DescribedTransaction(SnakeWire):
    """A transaction as the caller knows it."""

    id: Text = Field(description="Comes back as `transaction_id`.")
    description: BankText
    amount: Decimal = Field(description="Major units. A negative one turns the direction round.")
    direction: Annotated[Literal["DEBIT", "CREDIT", "DEBT"], AnyCase] = Field(
        default="DEBIT", description="DEBIT: money out. CREDIT: money in."
    )
    counterparty_name: BankText | None = None
    date: Text | None = None
    bank_transaction_id: Text | None = Field(
        default=None, description="If it is one of the entity's: what it is categorised as comes back."
    )
    account_type: Text | None = Field(default=None, description='"credit" for a card.')


class SuggestRequest(Wire):
    """What is to be categorised."""

    transactions: list[DescribedTransaction] = Field(min_length=1, max_length=_ASKED_AT_ONCE_MAX)


class Enrichment(SnakeWire):
    """What else was understood."""

    counterparty: str | None
    merchant_key: str | None


class SuggestedCategory(SnakeWire):
    """The answer for one transaction."""

    transaction_id: str
    bank_transaction_id: str | None
    status: Literal["categorized", "sure", "suggested", "unsure"] = Field(
        description="categorized: it has this category already. sure: it would be booked to it unseen. "
        "suggested: a person should look. unsure: nothing to suggest."
    )
    suggested_type: str | None = Field(description="ASSET, LIABILITY, EQUITY, REVENUE or EXPENSE.")
    suggested_category_code: str | None
    account_code: str | None
    category_id: str | None
    category_name: str | None
    confidence: float
    decided_by: str
    reason: str
    enrichment: Enrichment


class SuggestAnswer(Wire):
    """All answers at once."""

    success: bool
    suggestions: list[SuggestedCategory]


class AdviceRequest(Wire):
    """What asking a language model may cost."""

    monthly_cap_usd: Decimal = Field(ge=0, le=10_000, description="US dollars in a month; 0 switches asking off.")


class AdviceAnswer(Wire):
    """What asking a language model may cost, and has."""

    is_available: bool = Field(description="Whether this server has a language model to ask.")
    monthly_cap_usd: float
    spent_usd: float = Field(description="This month, by the prices that the server was told.")
    requests: int = Field(description="This month.")


class SearchRequest(Wire):
    """What is looked for."""

    entity_id: Text | None = Field(default=None, description="May also stand in the query.")
    query: Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]
    limit: int = Field(default=10, ge=1, le=_FOUND_MAX)
    source_types: list[Text] | None = Field(default=None, description="`bank_transaction` is all there is so far.")
    document_types: list[Text] | None = Field(default=None, description="The same.")
    time_start: date | datetime | None = Field(default=None, description="The first day that counts.")
    time_end: date | datetime | None = Field(default=None, description="The last day that counts.")


class FoundDetails(Wire):
    """The bank transaction that was found."""

    description: str
    counterparty: str | None
    amount: float = Field(description="Major units, never negative; `amountDecimal` is exact.")
    amount_decimal: str
    direction: Literal["in", "out"]
    currency: str
    date: str
    is_pending: bool
    bank_account_id: str
    category_id: str | None
    category: str | None


class Found(Wire):
    """One hit."""

    id: str
    source_id: str = Field(alias="source_id")
    source_type: Literal["bank_transaction"] = Field(alias="source_type")
    document_type: Literal["bank_transaction"] = Field(alias="document_type")
    similarity: float
    details: FoundDetails


class SearchAnswer(Wire):
    """What was found, the likest first."""

    success: bool
    query: str
    entity_id: str
    results: list[Found]


async def path_scope(
    request: Request,
    context: Context,
    claims: Caller,
    named: NamedEntity,
    entity: Annotated[str, Path(alias="entityId", description="The entity this is about.")],
) -> int:
    """Return the id of the entity that the path names and the caller may act on."""
    return await allowed_entity(request, context, claims, agreed(entity, named))


PathEntity = Annotated[int, Depends(path_scope)]


@router.post(
    "/v1/ai/{entityId}/suggest-categories-vector",  # noqa: FAST003  # PathEntity takes it
    summary="Suggest categories, one event each",
    response_class=StreamingResponse,
    responses=_STREAM,
)
async def stream_suggestions(body: SuggestRequest, context: Context, entity_id: PathEntity) -> StreamingResponse:
    """Answer with server-sent events, each one JSON object: those that have a category first. Nothing is stored."""
    pieces = suggest_categories(context.services, _asked(body), entity_id=entity_id)
    # The first piece is waited for, so that what fails does so with a proper status.
    first: list[Suggestion] = await anext(pieces, [])
    return StreamingResponse(
        _events(first, pieces), media_type="text/event-stream", headers={"Cache-Control": "no-store"}
    )


@router.post(
    "/v1/transactions/suggest-categories/{entityId}",  # noqa: FAST003  # PathEntity takes it
    summary="Suggest categories, all at once",
)
async def suggest(body: SuggestRequest, context: Context, entity_id: PathEntity) -> SuggestAnswer:
    """Answer the same as the stream in one JSON document, in the order of the question."""
    pieces = suggest_categories(context.services, _asked(body), entity_id=entity_id)
    found = sorted([one async for piece in pieces for one in piece], key=lambda one: one.place)
    return SuggestAnswer(success=True, suggestions=[_suggested(one) for one in found])


@router.get(
    "/v1/ai/{entityId}/advice",  # noqa: FAST003  # PathEntity takes it
    summary="See what a language model may cost",
)
async def get_advice(context: Context, entity_id: PathEntity) -> AdviceAnswer:
    """Return the month's cap and what was spent. Nothing is asked as long as the cap is 0, which it is at first."""
    return _advice(context, await advice_allowance(context.services, entity_id=entity_id))


@router.put(
    "/v1/ai/{entityId}/advice",  # noqa: FAST003  # PathEntity takes it
    summary="Allow a language model to be asked",
)
async def put_advice(body: AdviceRequest, context: Context, entity_id: PathEntity) -> AdviceAnswer:
    """Set the month's cap. What is sent about a row nobody is sure of stands in docs/language-model.md."""
    cap = round(body.monthly_cap_usd * 1_000_000)
    return _advice(context, await allow_advice(context.services, entity_id=entity_id, monthly_cap_microusd=cap))


@router.post("/v1/ai/semantic-search", summary="Search bank transactions")
async def semantic_search(
    request: Request, body: SearchRequest, context: Context, claims: Caller, named: NamedEntity
) -> SearchAnswer:
    """Find bank transactions by words, by other spellings of them, and by the category that the words mean."""
    entity_id = await allowed_entity(request, context, claims, agreed(body.entity_id, named))
    asked_for = {name.lower() for names in (body.source_types, body.document_types) if names for name in names}
    found: list[FoundTransaction] = []
    if not asked_for or asked_for & _SOURCES:
        found = await search_transactions(
            context.services,
            entity_id=entity_id,
            text=body.query.replace("\x00", " "),
            limit=body.limit,
            since=_day(body.time_start),
            until=_day_after(_day(body.time_end)),
        )
    return SearchAnswer(
        success=True, query=body.query, entity_id=str(entity_id), results=[_found(row) for row in found]
    )


def _asked(body: SuggestRequest) -> list[Asked]:
    return [Asked(name=one.id, candidate=_candidate(one)) for one in body.transactions]


def _candidate(one: DescribedTransaction) -> Candidate:
    is_inflow = (one.direction == "CREDIT") != (one.amount < 0)
    return Candidate(
        id=BankTransactionId(parse_id(one.bank_transaction_id or "") or 0),
        is_inflow=is_inflow,
        description=one.description,
        merchant_name=one.counterparty_name or None,
        merchant_entity_id=None,
        provider_category=None,
        provider_confidence=None,
        check_number=None,
        bank_account_type=one.account_type or "",
        amount=abs(one.amount) if is_inflow else -abs(one.amount),
    )


async def _events(first: list[Suggestion], pieces: AsyncIterator[list[Suggestion]]) -> AsyncIterator[bytes]:
    """Yield each answer as one server-sent event."""
    yield _packed(first)
    async for piece in pieces:
        yield _packed(piece)


def _packed(piece: list[Suggestion]) -> bytes:
    return b"".join(b"data: %b\n\n" % orjson.dumps(_suggested(one).model_dump()) for one in piece)


def _suggested(one: Suggestion) -> SuggestedCategory:
    judgement, account = one.judgement, one.account
    code = None if account is None else str(account.code)
    number = judgement.bank_transaction_id
    return SuggestedCategory(
        transaction_id=one.name,
        bank_transaction_id=str(number) if number else None,
        status=_status(one),
        suggested_type=None if account is None else account.type.value,
        suggested_category_code=code,
        account_code=code,
        category_id=None if account is None else str(account.id),
        category_name=None if account is None else account.name,
        confidence=round(judgement.confidence, _DIGITS),
        decided_by=str(judgement.decided_by),
        reason=judgement.reason,
        enrichment=Enrichment(counterparty=judgement.counterparty, merchant_key=judgement.merchant_key),
    )


def _status(one: Suggestion) -> Literal["categorized", "sure", "suggested", "unsure"]:
    if one.is_stored:
        return "categorized"
    if one.account is None:
        return "unsure"
    return "suggested" if one.judgement.needs_review else "sure"


def _advice(context: ApiContext, allowed: Allowance) -> AdviceAnswer:
    return AdviceAnswer(
        is_available=context.services.advice is not None,
        monthly_cap_usd=allowed.monthly_cap_microusd / 1_000_000,
        spent_usd=allowed.spent_microusd / 1_000_000,
        requests=allowed.requests,
    )


def _day(given: date | datetime | None) -> date | None:
    return given.date() if isinstance(given, datetime) else given


def _day_after(day: date | None) -> date | None:
    return None if day is None or day == date.max else day + timedelta(days=1)


def _found(row: FoundTransaction) -> Found:
    return Found(
        id=str(row.id),
        source_id=str(row.id),
        source_type="bank_transaction",
        document_type="bank_transaction",
        similarity=round(row.similarity, _DIGITS),
        details=FoundDetails(
            description=row.description,
            counterparty=row.counterparty or row.merchant_name,
            amount=float(abs(row.amount)),
            amount_decimal=decimal_text(abs(row.amount), row.currency),
            direction="in" if row.amount > 0 else "out",
            currency=row.currency,
            date=row.dated.isoformat(),
            is_pending=row.is_pending,
            bank_account_id=str(row.bank_account_id),
            category_id=None if row.ledger_account_id is None else str(row.ledger_account_id),
            category=row.category,
        ),
    )
