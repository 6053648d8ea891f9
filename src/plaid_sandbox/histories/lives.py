"""What a planned row goes through at the bank: pending first, posted, corrected, withdrawn and posted again, late.

A life is drawn from the seed and the row alone and ends in the planned row, so that it does not matter when, or in how
many steps, one looks at it. Pending rows may differ from what they become: no tip yet, a round sum held at the pump.
"""

import dataclasses
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from plaid_sandbox.histories import describe
from plaid_sandbox.histories.plan import Details, PlannedAccount, PlannedRow

LONGEST_LIFE = timedelta(days=30)
"""No row changes any more so long after the day it posts."""

_UNLINKED_ODDS = 0.08
_CORRECTED, _POSTED_AGAIN, _TWIN, _LATE = 0.02, 0.035, 0.045, 0.06
"""Upper ends of the ranges of one draw: which of these happens to a posted row, if any."""
_TIPPED = frozenset({"FOOD_AND_DRINK_RESTAURANT", "PERSONAL_CARE_HAIR_AND_BEAUTY"})
_PUMP_HOLD = Decimal(100)
_HOLD_ODDS = 0.6
_CENT = Decimal("0.01")
_HOLDS = (
    describe.web("HOTEL AUTHORIZATION HOLD", "Hotel", "TRAVEL_LODGING", confidence="LOW"),
    describe.web("RENTAL CAR DEPOSIT HOLD", "Car rental", "TRAVEL_RENTAL_CARS", confidence="LOW"),
    describe.unknown("CARD VERIFICATION HOLD"),
)
_HOLD_AMOUNTS = (Decimal("200.00"), Decimal("150.00"), Decimal("1.00"))


@dataclass(frozen=True, slots=True, kw_only=True)
class RowState:
    """A row as the bank shows it for a while."""

    version: str
    """Names the row's id: states of one version are one row changing, another version is another row."""
    is_pending: bool
    amount: Decimal
    occurred_on: date
    dated: date
    details: Details
    follows: str | None = None
    """The version whose id stands as `pending_transaction_id`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowEvent:
    """On a day a version goes, or a state comes, or both."""

    day: date
    gone: str | None = None
    put: RowState | None = None


def plain_state(row: PlannedRow, today: date) -> RowState:
    """Return a row of a history that does not grow: pending until it posts, nothing else."""
    is_pending = row.posted_on > today
    return RowState(
        version="pending" if is_pending else "posted",
        is_pending=is_pending,
        amount=row.amount,
        occurred_on=row.occurred_on,
        dated=row.occurred_on if is_pending else row.posted_on,
        details=row.details,
    )


def life_of(row: PlannedRow, *, seed: int) -> tuple[RowEvent, ...]:
    """Return all that happens to a row, in the order of days."""
    draw = random.Random(f"{seed}/life/{row.account_key}/{row.key}")
    was_pending = row.posted_on > row.occurred_on
    posted = RowState(
        version="posted",
        is_pending=False,
        amount=row.amount,
        occurred_on=row.occurred_on,
        dated=row.posted_on,
        details=row.details,
        follows="pending" if was_pending and draw.random() >= _UNLINKED_ODDS else None,
    )
    luck = draw.random()
    if was_pending:
        pending = RowEvent(day=row.occurred_on, put=_pending(row, draw))
        return (pending, *_posted_life(row.posted_on, "pending", posted, luck, draw))
    day = row.posted_on
    if _TWIN <= luck < _LATE:
        day += timedelta(days=draw.randint(4, 10))
    return tuple(_posted_life(day, None, posted, luck, draw))


def _pending(row: PlannedRow, draw: random.Random) -> RowState:
    """Return the row while it is pending: cut text, and another amount where a tip or the pump is yet to speak."""
    amount = row.amount
    if amount > 0 and row.details.category in _TIPPED:
        amount = (amount / (1 + Decimal(draw.choice((15, 18, 20))) / 100)).quantize(_CENT)
    elif amount > 0 and row.details.category == "TRANSPORTATION_GAS":
        amount = _PUMP_HOLD
    details = row.details
    if draw.random() < 0.5:  # noqa: PLR2004 - half of them
        details = dataclasses.replace(details, name=details.name[:18].rstrip())
    return RowState(
        version="pending",
        is_pending=True,
        amount=amount,
        occurred_on=row.occurred_on,
        dated=row.occurred_on,
        details=details,
    )


def _posted_life(day: date, gone: str | None, posted: RowState, luck: float, draw: random.Random) -> Iterator[RowEvent]:
    later = day + timedelta(days=draw.randint(1, 4))
    if luck < _CORRECTED:
        yield RowEvent(day=day, gone=gone, put=_misread(posted, draw))
        yield RowEvent(day=later, put=posted)
        return
    yield RowEvent(day=day, gone=gone, put=posted)
    if luck < _POSTED_AGAIN:
        again = dataclasses.replace(posted, version="again", follows=None)
        yield RowEvent(day=later, gone="posted", put=again)
    elif luck < _TWIN:
        # A double posting that the bank takes back.
        yield RowEvent(day=day, put=dataclasses.replace(posted, version="twin", follows=None))
        yield RowEvent(day=later, gone="twin")


def _misread(posted: RowState, draw: random.Random) -> RowState:
    wrong = posted.amount + (Decimal(1) if posted.amount > 0 else Decimal(-1)) * draw.choice((1, 9, 10))
    name = f"{posted.details.name.split(' ')[0]} {draw.randint(100_000, 999_999)}"
    details = dataclasses.replace(posted.details, name=name, category=None, confidence=None)
    return dataclasses.replace(posted, amount=wrong, details=details)


def holds(
    accounts: Iterable[PlannedAccount], *, seed: int, first: date, last: date
) -> Iterator[tuple[PlannedRow, tuple[RowEvent, ...]]]:
    """Yield the holds that come and vanish without ever posting, for the months from `first` to `last`."""
    for planned in accounts:
        if planned.type != "credit":
            continue
        month = first.replace(day=1)
        while month <= last:
            yield from _hold(planned.key, month, random.Random(f"{seed}/hold/{planned.key}/{month}"))
            month = (month + timedelta(days=31)).replace(day=1)


def _hold(account_key: str, month: date, draw: random.Random) -> Iterator[tuple[PlannedRow, tuple[RowEvent, ...]]]:
    if draw.random() > _HOLD_ODDS:
        return
    day, kind = month.replace(day=draw.randint(1, 28)), draw.randrange(len(_HOLDS))
    row = PlannedRow(
        key=f"hold/{month:%Y-%m}",
        account_key=account_key,
        amount=_HOLD_AMOUNTS[kind],
        occurred_on=day,
        posted_on=day + timedelta(days=draw.randint(2, 6)),
        details=_HOLDS[kind],
    )
    yield row, (RowEvent(day=day, put=plain_state(row, day)), RowEvent(day=row.posted_on, gone="pending"))


def states_on(events: Iterable[RowEvent], day: date) -> list[RowState]:
    """Return the states that stand at the end of a day, the oldest version first."""
    standing: dict[str, RowState] = {}
    for event in events:
        if event.day > day:
            break
        if event.gone is not None:
            standing.pop(event.gone, None)
        if event.put is not None:
            standing[event.put.version] = event.put
    return list(standing.values())
