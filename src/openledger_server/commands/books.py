"""`openledger period` and `openledger rates`: what an accountant does from a terminal."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TypeVar

from openledger_server.access import store as access
from openledger_server.base import db
from openledger_server.base.db import Pool, new_pool
from openledger_server.base.migrate import migrate
from openledger_server.commands.databases import available_database
from openledger_server.commands.output import CommandError, print_json, print_line, told_plainly
from openledger_server.config import Settings
from openledger_server.ledger.periods.types import Because, PeriodRole
from openledger_server.ledger.types import Actor, ActorKind
from openledger_server.workflows import close_period as closing
from openledger_server.workflows.load_rates import load_rates, rates_of_csv

_Answer = TypeVar("_Answer")
_REASON_LENGTH_MAX = 1000
_OPERATOR = Actor(kind=ActorKind.PERSON, id="command line")


def show_periods(settings: Settings, *, entity_id: int, as_json: bool) -> None:
    """Print through which day an entity's books are closed, and the log of closings."""
    _print(_with_pool(settings, entity_id, lambda pool: _state(pool, entity_id)), as_json=as_json)


def close(settings: Settings, *, entity_id: int, through: date, role: str, reason: str, as_json: bool) -> None:
    """Close an entity's books through a day."""
    because, now = _because(role, reason), datetime.now(UTC)
    state = _with_pool(
        settings,
        entity_id,
        lambda pool: closing.close_period(
            pool, entity_id=entity_id, through=through, because=because, by=_OPERATOR, now=now
        ),
    )
    _print(state, as_json=as_json)


def reopen(settings: Settings, *, entity_id: int, through: date | None, role: str, reason: str, as_json: bool) -> None:
    """Open an entity's books again after a day, or altogether."""
    because, now = _because(role, reason), datetime.now(UTC)
    state = _with_pool(
        settings,
        entity_id,
        lambda pool: closing.reopen_period(
            pool, entity_id=entity_id, through=through, because=because, by=_OPERATOR, now=now
        ),
    )
    _print(state, as_json=as_json)


def load(settings: Settings, *, entity_id: int, file: Path, as_json: bool) -> None:
    """Load exchange rates from a CSV file and book what waited for them."""
    with told_plainly():
        try:
            rates = rates_of_csv(file.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as exc:
            raise CommandError(f"{file} cannot be read as text: {type(exc).__name__}.") from exc
    now = datetime.now(UTC)
    done = _with_pool(
        settings, entity_id, lambda pool: load_rates(pool, rates, entity_id=entity_id, now=now, by=_OPERATOR)
    )
    if as_json:
        print_json({"rates": len(rates), "changed": done.changed, "booked": done.booked, "still_held": done.waiting})
    else:
        print_line(
            f"{len(rates)} rates, {done.changed} of them new or changed; "
            f"{done.booked} waiting bank transactions booked, {done.waiting} still wait."
        )


def _because(role: str, reason: str) -> Because:
    with told_plainly():
        if role not in set(PeriodRole):
            raise CommandError(f"--role is one of {', '.join(PeriodRole)}.")
        if not 1 <= len(reason.strip()) <= _REASON_LENGTH_MAX:
            raise CommandError(f"--reason has 1 to {_REASON_LENGTH_MAX} characters.")
    return Because(role=PeriodRole(role), reason=reason.strip())


async def _state(pool: Pool, entity_id: int) -> closing.PeriodState:
    async with db.read_entity(pool, entity_id=entity_id) as conn:
        return await closing.period_state(conn, entity_id=entity_id)


def _with_pool(settings: Settings, entity_id: int, deed: Callable[[Pool], Awaitable[_Answer]]) -> _Answer:
    async def run(dsn: str) -> _Answer:
        async with new_pool(dsn, size_max=1) as pool:
            async with db.read_entity(pool, entity_id=entity_id) as conn:
                await access.entity(conn, entity_id=entity_id)
            return await deed(pool)

    with told_plainly(), available_database(settings) as urls:
        migrate(urls.owner)
        return asyncio.run(run(urls.app))


def _print(state: closing.PeriodState, *, as_json: bool) -> None:
    if as_json:
        print_json(
            {
                "closed_through": state.closed_through,
                "fiscal_year_start_month": state.fiscal_year_start_month,
                "held": {reason.value: count for reason, count in state.held.items()},
                "events": [
                    {
                        "number": event.number,
                        "action": event.action.value,
                        "closed_through": event.closed_through,
                        "role": event.because.role.value,
                        "reason": event.because.reason,
                        "actor": event.actor.name or f"{event.actor.kind.value} {event.actor.id}",
                        "at": event.created_at,
                    }
                    for event in state.events
                ],
            }
        )
        return
    print_line("Nothing is closed." if state.closed_through is None else f"Closed through {state.closed_through}.")
    for reason, count in state.held.items():
        print_line(f"{count} bank transactions wait: {reason.value.replace('_', ' ')}")
    for event in state.events:
        who = event.actor.name or f"{event.actor.kind.value} {event.actor.id}"
        print_line(
            f"{event.created_at:%Y-%m-%d %H:%M}  {event.action.value:8}  {event.closed_through or '-'}  "
            f"{event.because.role.value} {who}: {event.because.reason}"
        )
