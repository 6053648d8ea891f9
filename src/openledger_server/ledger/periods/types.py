"""Closing, reopening, and letting something into a closed period."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from openledger_server.base.errors import ConflictError, InvalidError, NotAllowedError
from openledger_server.ledger.types import Actor


class PeriodClosedError(ConflictError):
    """The day is in a closed period. Reopen it, or choose a day after it."""

    code = "PERIOD_CLOSED"

    def __init__(self, closed_through: date) -> None:
        super().__init__(
            f"The books are closed through {closed_through.isoformat()}. Reopen the period, or choose a later day.",
            details={"closedThrough": closed_through.isoformat()},
        )


class PeriodOrderError(InvalidError):
    """Closing goes forwards and not beyond today, reopening goes backwards."""

    code = "INVALID_PERIOD_CHANGE"


class PeriodRoleError(NotAllowedError):
    """This role may close periods, but neither reopen them nor let entries into them."""

    code = "PERIOD_ROLE"

    def __init__(self) -> None:
        super().__init__("Only an owner, an administrator or an accountant may change what is closed.")


class PeriodRole(StrEnum):
    """As what a person acts on periods, as the host product says."""

    OWNER = "owner"
    ADMINISTRATOR = "administrator"
    ACCOUNTANT = "accountant"
    BOOKKEEPER = "bookkeeper"

    @property
    def may_reopen(self) -> bool:
        """Whether this role may reopen a period or let entries into a closed one."""
        return self is not PeriodRole.BOOKKEEPER


class PeriodAction(StrEnum):
    """What was done to a period."""

    CLOSE = "close"
    REOPEN = "reopen"
    OVERRIDE = "override"
    """One batch of entries was let into a closed period."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Because:
    """As what somebody acts on a period, and why; both are kept for good."""

    role: PeriodRole
    reason: str
    """1 to 1,000 characters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodEvent:
    """One thing done to an entity's periods."""

    number: int
    """Counts up per entity."""
    action: PeriodAction
    closed_through: date | None
    """The last closed day from then on; None when nothing is closed."""
    batch: int
    """The last batch appended before it; for an override, the batch that was let in."""
    because: Because
    actor: Actor
    created_at: datetime


def first_open_day(day: date, *, closed_through: date | None) -> date:
    """Return `day`, or the first day after the closed period if `day` is in it."""
    return day if closed_through is None or day > closed_through else closed_through + timedelta(days=1)


def is_closed(day: date, *, closed_through: date | None) -> bool:
    """Return whether nothing may be dated on `day`."""
    return closed_through is not None and day <= closed_through
