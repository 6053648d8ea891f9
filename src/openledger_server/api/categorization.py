"""How an entity's bank transactions are judged: runs over the past, their preview and their undoing."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from openledger_server.access.types import parse_id
from openledger_server.api.auth import Acting, EntityScope
from openledger_server.api.context import ApiContext, Context
from openledger_server.api.errors import failures
from openledger_server.api.wire import Wire, decimal_text
from openledger_server.base import db
from openledger_server.base.paging import CursorError, checked_page_size, decode_cursor, encode_cursor
from openledger_server.categorization.runs import store
from openledger_server.categorization.runs.types import Change, Plan, Run, RunId, RunKind, UnknownRunError
from openledger_server.categorization.types import Judgement
from openledger_server.ledger import store as ledger
from openledger_server.ledger.types import LedgerAccount, LedgerAccountId
from openledger_server.workflows import run_categorization

router = APIRouter(prefix="/v1/categorization", tags=["Categorization"], responses=failures(400, 401, 404))

_EXAMPLES_SHOWN = 20
_CURSOR_KIND = "run"


class CategorizationRun(Wire):
    """Many categories changed together."""

    id: str
    kind: RunKind
    rule_id: str | None
    changed: int = Field(description="Rows it changed.")
    started_at: datetime
    undone_at: datetime | None
    restored: int | None = Field(description="Once undone: rows that got back what they said before.")
    kept: int | None = Field(description="Once undone: rows left alone, because somebody decided them since.")


class CategorizationRuns(Wire):
    """One page of runs, newest first."""

    runs: list[CategorizationRun]
    next_cursor: str | None
    has_more: bool


class CategorizationRunAnswer(Wire):
    """One run."""

    run: CategorizationRun


class SaidShare(Wire):
    """What one category gets of a row."""

    category_id: str
    category_name: str
    amount_decimal: str = Field(description="Major units, never negative.")


class Said(Wire):
    """What a row says about its category."""

    category_id: str
    category_name: str
    suggested_category_id: str | None
    suggested_category_name: str | None
    counterparty: str | None
    decided_by: str
    reason: str
    confidence: float
    needs_review: bool
    excluded: bool = Field(description="A rule leaves it out of the books.")
    splits: list[SaidShare] = Field(description="What each category gets, if a rule divides it; else empty.")


class ChangeExample(Wire):
    """One row before and after."""

    transaction_id: str
    date: str
    description: str
    amount: float = Field(description="Major units, never negative; `amountDecimal` is exact.")
    amount_decimal: str
    direction: str
    currency: str
    bank_account_id: str
    before: Said
    after: Said


class Preview(Wire):
    """What would change. Nothing was stored."""

    matched: int = Field(description="Rows looked at; of a rule, those that it finds.")
    changed: int = Field(description="Among them, those that would say something else.")
    unchanged: int = Field(description="Among them, those that say the same already.")
    decided_by_person: int = Field(description="Among them, those that a person decided; they are never changed.")
    decided_by_other_rule: int = Field(description="Among them, those that an earlier rule decides.")
    in_closed_period: int = Field(description="Among them, those of a closed period; they stay where they are booked.")
    examples: list[ChangeExample] = Field(description="The newest of the rows that would change, at most 20.")


class RecategorizeRequest(Wire):
    """Which rows are judged anew."""

    review_only: bool = Field(default=False, description="Only rows that wait for a person.")


@router.post("/recategorize/preview", summary="Try judging anew")
async def preview_recategorization(body: RecategorizeRequest, context: Context, entity_id: EntityScope) -> Preview:
    """Return what today's rules, memory and model would change among rows that machines decided; nothing is stored."""
    plan = await run_categorization.preview_recategorization(
        context.services, entity_id=entity_id, review_only=body.review_only
    )
    return await preview_of(context, plan, entity_id)


@router.post("/recategorize", summary="Judge anew what machines decided")
async def recategorize(
    body: RecategorizeRequest, context: Context, entity_id: EntityScope, by: Acting
) -> CategorizationRunAnswer:
    """Judge anew as one run, which can be undone. What a person decided is never changed."""
    run = await run_categorization.recategorize(
        context.services, entity_id=entity_id, review_only=body.review_only, by=by
    )
    return CategorizationRunAnswer(run=run_of(run))


@router.get("/runs", summary="List runs")
async def get_runs(
    context: Context,
    entity_id: EntityScope,
    cursor: Annotated[str | None, Query(description="`nextCursor` of the page before.")] = None,
    page_size: Annotated[int | None, Query(alias="pageSize", description="1 to 100; 50 if left out.")] = None,
) -> CategorizationRuns:
    """Return runs, newest first."""
    size, before_id = checked_page_size(page_size), None if cursor is None else _position(cursor)
    async with db.read_entity(context.services.pool, entity_id=entity_id) as conn:
        found = await store.runs(conn, entity_id=entity_id, limit=size + 1, before_id=before_id)
    page, has_more = found[:size], len(found) > size
    next_cursor = encode_cursor(_CURSOR_KIND, str(page[-1].id)) if has_more else None
    return CategorizationRuns(runs=[run_of(run) for run in page], next_cursor=next_cursor, has_more=has_more)


@router.get("/runs/{run_id}", summary="Show a run")
async def get_run(run_id: str, context: Context, entity_id: EntityScope) -> CategorizationRunAnswer:
    """Return one run."""
    async with db.read_entity(context.services.pool, entity_id=entity_id) as conn:
        return CategorizationRunAnswer(run=run_of(await store.run(conn, entity_id=entity_id, run_id=_run_id(run_id))))


@router.post("/runs/{run_id}/undo", summary="Undo a run")
async def undo_run(run_id: str, context: Context, entity_id: EntityScope, by: Acting) -> CategorizationRunAnswer:
    """Give its rows back what they said before, except those decided anew since. Again: nothing changes."""
    run = await run_categorization.undo_run(context.services, entity_id=entity_id, run_id=_run_id(run_id), by=by)
    return CategorizationRunAnswer(run=run_of(run))


def run_of(run: Run) -> CategorizationRun:
    """Return a run as it is written on the wire."""
    return CategorizationRun(
        id=str(run.id),
        kind=run.kind,
        rule_id=None if run.rule_id is None else str(run.rule_id),
        changed=run.changed,
        started_at=run.started_at,
        undone_at=run.undone_at,
        restored=run.restored,
        kept=run.kept,
    )


async def preview_of(context: ApiContext, plan: Plan, entity_id: int) -> Preview:
    """Return a plan as it is written on the wire."""
    async with db.read_entity(context.services.pool, entity_id=entity_id) as conn:
        chart = {account.id: account for account in await ledger.ledger_accounts(conn, entity_id=entity_id)}
    return Preview(
        matched=plan.matched,
        changed=len(plan.changes),
        unchanged=plan.unchanged,
        decided_by_person=plan.decided_by_person,
        decided_by_other_rule=plan.decided_by_other_rule,
        in_closed_period=plan.in_closed_period,
        examples=[_example(change, chart) for change in plan.examples(_EXAMPLES_SHOWN)],
    )


def _example(change: Change, chart: Mapping[LedgerAccountId, LedgerAccount]) -> ChangeExample:
    row = change.candidate
    return ChangeExample(
        transaction_id=str(row.id),
        date=row.dated.isoformat(),
        description=row.description,
        amount=float(abs(row.amount)),
        amount_decimal=decimal_text(abs(row.amount), row.currency),
        direction="in" if row.is_inflow else "out",
        currency=row.currency,
        bank_account_id=str(row.bank_account_id),
        before=_said(change.before, chart, row.currency),
        after=_said(change.after, chart, row.currency),
    )


def _said(judgement: Judgement, chart: Mapping[LedgerAccountId, LedgerAccount], currency: str) -> Said:
    suggested = judgement.suggested_ledger_account_id
    return Said(
        category_id=str(judgement.ledger_account_id),
        category_name=chart[judgement.ledger_account_id].name,
        suggested_category_id=None if suggested is None else str(suggested),
        suggested_category_name=None if suggested is None else chart[suggested].name,
        counterparty=judgement.counterparty,
        decided_by=judgement.decided_by.value,
        reason=judgement.reason,
        confidence=round(judgement.confidence, 3),
        needs_review=judgement.needs_review,
        excluded=judgement.is_excluded,
        splits=[
            SaidShare(
                category_id=str(part.ledger_account_id),
                category_name=chart[part.ledger_account_id].name,
                amount_decimal=decimal_text(abs(part.amount), currency),
            )
            for part in judgement.split
        ],
    )


def _run_id(text: str) -> RunId:
    number = parse_id(text)
    if number is None:
        raise UnknownRunError
    return RunId(number)


def _position(cursor: str) -> RunId:
    kind, text = decode_cursor(cursor, parts=2)
    number = parse_id(text)
    if kind != _CURSOR_KIND or number is None:
        raise CursorError("The cursor is not one that this server gave out.")
    return RunId(number)
