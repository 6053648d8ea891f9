"""Periods: closing them, reopening them, and what waits because of it."""

from datetime import date, datetime

from fastapi import APIRouter
from pydantic import Field

from openledger_server.api.auth import Acting, EntityScope
from openledger_server.api.context import Context
from openledger_server.api.errors import failures
from openledger_server.api.wire import Sentence, Wire
from openledger_server.base import db
from openledger_server.bookkeeping.types import HoldReason
from openledger_server.ledger.periods.types import Because, PeriodAction, PeriodEvent, PeriodRole
from openledger_server.ledger.types import Actor, ActorKind
from openledger_server.workflows import close_period as closing

router = APIRouter(prefix="/v1/periods", tags=["Periods"], responses=failures(400, 401, 403, 404))


class PeriodChange(Wire):
    """As what somebody acts, and why; both are kept for good."""

    role: PeriodRole = Field(description="As what the person acts, as your product knows. A bookkeeper may only close.")
    reason: Sentence


class CloseRequest(PeriodChange):
    """Close the books through a day."""

    through: date = Field(description="The last day to close; not after today.")


class ReopenRequest(PeriodChange):
    """Open the books again after a day."""

    through: date | None = Field(description="What stays closed; null opens everything.")


class ActorAnswer(Wire):
    """Who did something. Whose token it was is proved; the name is what the host product said in X-Actor."""

    kind: ActorKind
    id: str
    name: str | None


class PeriodEventAnswer(Wire):
    """One thing that was done to the periods."""

    number: int
    action: PeriodAction
    closed_through: date | None
    role: PeriodRole
    reason: str
    actor: ActorAnswer
    created_at: datetime


class HeldAnswer(Wire):
    """How many bank transactions wait before they can be booked as they should be."""

    period_closed: int
    rate_missing: int
    not_representable: int


class PeriodsAnswer(Wire):
    """Through which day the books are closed, and how that came about."""

    closed_through: date | None
    fiscal_year_start_month: int
    held: HeldAnswer
    events: list[PeriodEventAnswer] = Field(description="Newest first.")


class PostHeldAnswer(Wire):
    """What became of the rows that waited for a closed period."""

    booked: int
    still_held: int


@router.get("", summary="Closed periods")
async def get_periods(context: Context, entity_id: EntityScope) -> PeriodsAnswer:
    """Return through which day the books are closed, the log of closings, and how many bank rows wait."""
    async with db.read_entity(context.services.pool, entity_id=entity_id) as conn:
        return _answer(await closing.period_state(conn, entity_id=entity_id))


@router.post("/close", summary="Close a period")
async def close_period(body: CloseRequest, context: Context, entity_id: EntityScope, by: Acting) -> PeriodsAnswer:
    """Refuse entries dated on or before `through`. What banks send for those days waits. Again changes nothing."""
    services = context.services
    state = await closing.close_period(
        services.pool, entity_id=entity_id, through=body.through, because=_because(body), by=by, now=services.now()
    )
    return _answer(state)


@router.post("/reopen", summary="Reopen a period")
async def reopen_period(body: ReopenRequest, context: Context, entity_id: EntityScope, by: Acting) -> PeriodsAnswer:
    """Allow entries after `through` again, and book the bank rows that waited for it."""
    services = context.services
    state = await closing.reopen_period(
        services.pool, entity_id=entity_id, through=body.through, because=_because(body), by=by, now=services.now()
    )
    return _answer(state)


@router.post("/post-held", summary="Book what waits for a closed period on the first open day")
async def post_held(context: Context, entity_id: EntityScope, by: Acting) -> PostHeldAnswer:
    """Book each waiting bank row on the day after the closed period; its entry says which day was its own."""
    services = context.services
    posted = await closing.post_held_on_first_open_day(services.pool, entity_id=entity_id, by=by, now=services.now())
    return PostHeldAnswer(booked=posted.recorded, still_held=len(posted.held))


def actor_answer(actor: Actor) -> ActorAnswer:
    """Return who did something, as answers show it."""
    return ActorAnswer(kind=actor.kind, id=actor.id, name=actor.name or None)


def _because(body: PeriodChange) -> Because:
    return Because(role=body.role, reason=body.reason)


def _answer(state: closing.PeriodState) -> PeriodsAnswer:
    return PeriodsAnswer(
        closed_through=state.closed_through,
        fiscal_year_start_month=state.fiscal_year_start_month,
        held=HeldAnswer(
            period_closed=state.held.get(HoldReason.PERIOD_CLOSED, 0),
            rate_missing=state.held.get(HoldReason.RATE_MISSING, 0),
            not_representable=state.held.get(HoldReason.NOT_REPRESENTABLE, 0),
        ),
        events=[_event(event) for event in state.events],
    )


def _event(event: PeriodEvent) -> PeriodEventAnswer:
    return PeriodEventAnswer(
        number=event.number,
        action=event.action,
        closed_through=event.closed_through,
        role=event.because.role,
        reason=event.because.reason,
        actor=actor_answer(event.actor),
        created_at=event.created_at,
    )
