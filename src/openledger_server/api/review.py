"""The review queue, and deciding many rows at once."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response
from pydantic import Field

from openledger_server.access.types import parse_id
from openledger_server.api import transaction_rows as rows_of
from openledger_server.api.auth import Acting, EntityScope
from openledger_server.api.context import Context
from openledger_server.api.errors import failures
from openledger_server.api.transactions import Suggestion, Transaction
from openledger_server.api.wire import Text, Wire, decimal_text, json_answer
from openledger_server.banking.types import BankTransactionId
from openledger_server.base import db
from openledger_server.base.paging import CursorError, checked_page_size, decode_cursor, encode_cursor
from openledger_server.categorization.review import store
from openledger_server.categorization.review.types import ReviewGroup
from openledger_server.ledger.types import LedgerAccountId
from openledger_server.workflows import set_category as deciding
from openledger_server.workflows.set_category import Decision, Outcome

router = APIRouter(prefix="/v1", tags=["Review"], responses=failures(400, 401, 404))

_DECIDED_AT_ONCE_MAX = 500
_SHOWN_PER_GROUP = 5
_CURSOR_KIND = "review"


class ReviewGroupModel(Wire):
    """Settled rows of one merchant and direction that wait for a person."""

    key: str
    name: str = Field(description="The counterparty, or else the newest row's text.")
    direction: Literal["in", "out"]
    currency: str
    transaction_count: int
    total: float = Field(description="Major units, never negative; `totalDecimal` is exact.")
    total_decimal: str
    first_date: str
    last_date: str
    suggestion: Suggestion | None = Field(description="What is suggested for all of them; null where that differs.")
    confidence: float = Field(description="The lowest among them.")
    decided_by: str
    reason: str = Field(description="The newest row's.")
    transaction_ids: list[str] = Field(description="Newest first, at most 500; send them to bulk-categorize.")
    transactions: list[Transaction] = Field(description="The newest rows, at most 5.")


class ReviewSummary(Wire):
    """How much waits in all."""

    transactions: int
    groups: int


class ReviewQueue(Wire):
    """One page of the queue, the largest groups first."""

    groups: list[ReviewGroupModel]
    summary: ReviewSummary
    next_cursor: str | None
    has_more: bool


class DecisionRequest(Wire):
    """What is wanted of one row."""

    transaction_id: Text
    category_id: Text | None = Field(default=None, description="Left out: approve what it has, or is suggested.")


class BulkRequest(Wire):
    """Decisions for many rows. The last of several for one row counts."""

    decisions: list[DecisionRequest] = Field(min_length=1, max_length=_DECIDED_AT_ONCE_MAX)
    dry_run: bool = Field(default=False, description="Say what would become of them and store nothing.")


class DecisionResult(Wire):
    """What became of one decision."""

    transaction_id: str
    success: bool
    changed: bool = Field(description="False if a person had decided so before.")
    category_id: str | None
    category_name: str | None
    code: str | None = Field(description="Why it failed, to act upon.")
    error: str | None = Field(description="Why it failed, for people.")


class BulkAnswer(Wire):
    """What became of each decision, in the order sent."""

    success: bool = Field(description="Whether none failed.")
    dry_run: bool
    changed: int
    failed: int
    results: list[DecisionResult]


@router.get("/review", summary="List what waits for a person", response_model=ReviewQueue)
async def get_review_queue(
    context: Context,
    entity_id: EntityScope,
    cursor: Annotated[str | None, Query(description="`nextCursor` of the page before.")] = None,
    page_size: Annotated[int | None, Query(alias="pageSize", description="Groups: 1 to 100; 50 if left out.")] = None,
) -> Response:
    """Return settled rows whose category nobody was sure of, grouped by merchant and direction."""
    size, after = checked_page_size(page_size), None if cursor is None else _position(cursor)
    async with db.read_entity(context.services.pool, entity_id=entity_id) as conn:
        found = await store.review_groups(
            conn, entity_id=entity_id, limit=size + 1, rows_max=_DECIDED_AT_ONCE_MAX, after=after
        )
        totals = await store.review_totals(conn, entity_id=entity_id)
        page, has_more = found[:size], len(found) > size
        shown = [number for group in page for number in group.bank_transaction_ids[:_SHOWN_PER_GROUP]]
        rows = await rows_of.newest(conn, rows_of.Wanted(limit=len(shown), ids=shown), entity_id=entity_id)
        names = await rows_of.names(conn, entity_id)
    by_id = {row.position.id: row.content for row in rows}
    return json_answer(
        {
            "groups": [_group(group, names, by_id) for group in page],
            "summary": {"transactions": totals.transactions, "groups": totals.groups},
            "nextCursor": _cursor(page[-1]) if has_more else None,
            "hasMore": has_more,
        }
    )


@router.post("/transactions/bulk-categorize", summary="Decide many rows at once")
async def bulk_categorize(body: BulkRequest, context: Context, entity_id: EntityScope, by: Acting) -> BulkAnswer:
    """Choose categories or approve them. One that fails does not hold up the others; again: nothing changes."""
    decisions = [
        Decision(
            bank_transaction_id=BankTransactionId(parse_id(one.transaction_id) or 0),
            ledger_account_id=None if one.category_id is None else LedgerAccountId(parse_id(one.category_id) or 0),
        )
        for one in body.decisions
    ]
    outcomes = await deciding.decide_many(
        context.services, decisions, entity_id=entity_id, is_dry_run=body.dry_run, by=by
    )
    return BulkAnswer(
        success=all(outcome.error is None for outcome in outcomes),
        dry_run=body.dry_run,
        changed=len({outcome.bank_transaction_id for outcome in outcomes if outcome.is_changed}),
        failed=sum(outcome.error is not None for outcome in outcomes),
        results=[_result(one.transaction_id, outcome) for one, outcome in zip(body.decisions, outcomes, strict=True)],
    )


def _result(transaction_id: str, outcome: Outcome) -> DecisionResult:
    account, error = outcome.account, outcome.error
    return DecisionResult(
        transaction_id=transaction_id,
        success=error is None,
        changed=outcome.is_changed,
        category_id=None if account is None else str(account.id),
        category_name=None if account is None else account.name,
        code=None if error is None else error.error_code,
        error=None if error is None else error.message,
    )


def _group(
    group: ReviewGroup, names: rows_of.Names, rows: Mapping[BankTransactionId, dict[str, Any]]
) -> dict[str, Any]:
    suggested = group.suggested_ledger_account_id
    ids: Sequence[BankTransactionId] = group.bank_transaction_ids
    return {
        "key": group.key,
        "name": group.name,
        "direction": "in" if group.is_inflow else "out",
        "currency": group.currency,
        "transactionCount": group.transaction_count,
        "total": float(group.total),
        "totalDecimal": decimal_text(group.total, group.currency),
        "firstDate": group.first_on.isoformat(),
        "lastDate": group.last_on.isoformat(),
        "suggestion": None if suggested is None else {"id": str(suggested), "name": names.chart[suggested].name},
        "confidence": group.confidence,
        "decidedBy": group.decided_by,
        "reason": group.reason,
        "transactionIds": [str(number) for number in ids],
        "transactions": [rows[number] for number in ids[:_SHOWN_PER_GROUP]],
    }


def _cursor(group: ReviewGroup) -> str:
    # A merchant's name may hold the sign that parts a cursor's pieces.
    return encode_cursor(_CURSOR_KIND, str(group.transaction_count), group.key.encode().hex())


def _position(cursor: str) -> tuple[int, str]:
    kind, count, key = decode_cursor(cursor, parts=3)
    try:
        position = parse_id(count), bytes.fromhex(key).decode()
    except ValueError as exc:
        raise CursorError("The cursor is not one that this server gave out.") from exc
    if kind != _CURSOR_KIND or position[0] is None or "\0" in position[1]:
        raise CursorError("The cursor is not one that this server gave out.")
    return position[0], position[1]
