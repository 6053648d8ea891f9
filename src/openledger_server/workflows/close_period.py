"""Closing and reopening periods, and booking what waited for it."""

from dataclasses import dataclass
from datetime import date, datetime

from openledger_server.access import store as access
from openledger_server.base import db
from openledger_server.base.db import Pool, ReadConnection, WriteConnection
from openledger_server.bookkeeping import store as bookkeeping
from openledger_server.bookkeeping.post import Posted, post_bank_transactions, post_held
from openledger_server.bookkeeping.types import HoldReason
from openledger_server.ledger.periods import store as periods
from openledger_server.ledger.periods.types import (
    Because,
    PeriodAction,
    PeriodEvent,
    PeriodOrderError,
    PeriodRoleError,
    first_open_day,
)
from openledger_server.ledger.types import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodState:
    """Through which day an entity's books are closed, what was done to them, and how many bank rows wait."""

    closed_through: date | None
    fiscal_year_start_month: int
    held: dict[HoldReason, int]
    events: tuple[PeriodEvent, ...]
    """Newest first."""


async def period_state(conn: ReadConnection, *, entity_id: int) -> PeriodState:
    """Return the state of an entity's periods."""
    entity = await access.entity(conn, entity_id=entity_id)
    return PeriodState(
        closed_through=await periods.closed_through(conn, entity_id=entity_id),
        fiscal_year_start_month=entity.details.fiscal_year_start_month,
        held=await bookkeeping.held_counts(conn, entity_id=entity_id),
        events=tuple(await periods.period_events(conn, entity_id=entity_id)),
    )


async def close_period(
    pool: Pool, *, entity_id: int, through: date, because: Because, by: Actor, now: datetime
) -> PeriodState:
    """Refuse entries dated on or before `through` from now on. Closing again through the same day changes nothing.

    Raises:
        PeriodOrderError: if `through` is after today, or before what is closed already.
    """
    async with db.write_entity(pool, entity_id=entity_id) as conn:
        await access.hold_books(conn, entity_id=entity_id)
        before = await periods.closed_through(conn, entity_id=entity_id)
        if through > now.date():
            raise PeriodOrderError("A period can be closed up to today, not beyond.")
        if before is not None and through < before:
            raise PeriodOrderError(f"The books are closed through {before.isoformat()} already; reopen them instead.")
        if through != before:
            await _note(conn, PeriodAction.CLOSE, through, entity_id=entity_id, because=because, by=by, now=now)
        return await period_state(conn, entity_id=entity_id)


async def reopen_period(
    pool: Pool, *, entity_id: int, through: date | None, because: Because, by: Actor, now: datetime
) -> PeriodState:
    """Allow entries after `through` again, or on any day if it is None, and book the rows that waited for it.

    Raises:
        PeriodRoleError: if the role may not reopen.
        PeriodOrderError: if `through` is after what is closed.
    """
    if not because.role.may_reopen:
        raise PeriodRoleError
    async with db.write_entity(pool, entity_id=entity_id) as conn:
        await access.hold_books(conn, entity_id=entity_id)
        before = await periods.closed_through(conn, entity_id=entity_id)
        if through is not None and (before is None or through > before):
            raise PeriodOrderError("That is not closed; there is nothing to reopen.")
        if through != before:
            await _note(conn, PeriodAction.REOPEN, through, entity_id=entity_id, because=because, by=by, now=now)
            await post_held(conn, entity_id=entity_id, now=now)
        return await period_state(conn, entity_id=entity_id)


async def post_held_on_first_open_day(pool: Pool, *, entity_id: int, by: Actor, now: datetime) -> Posted:
    """Book the rows that wait for a closed period on the first day after it; their entries say which day was theirs."""
    async with db.write_entity(pool, entity_id=entity_id) as conn:
        await access.hold_books(conn, entity_id=entity_id)
        closed_through = await periods.closed_through(conn, entity_id=entity_id)
        waiting = await bookkeeping.held_ids(conn, entity_id=entity_id, reason=HoldReason.PERIOD_CLOSED)
        post_on = first_open_day(date.min, closed_through=closed_through)
        await bookkeeping.set_booking_day(conn, waiting, entity_id=entity_id, post_on=post_on, now=now)
        return await post_bank_transactions(conn, waiting, entity_id=entity_id, now=now, by=by)


async def _note(
    conn: WriteConnection,
    action: PeriodAction,
    through: date | None,
    *,
    entity_id: int,
    because: Because,
    by: Actor,
    now: datetime,
) -> None:
    await periods.add_period_event(
        conn, action, entity_id=entity_id, through=through, batch=None, because=because, by=by, now=now
    )
