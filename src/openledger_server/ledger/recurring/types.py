"""What comes again, how often, and the days on which it falls."""

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import islice
from typing import NewType

from openledger_server.base.errors import InvalidError, NotFoundError
from openledger_server.ledger.manual.types import EntryContent

RecurringEntryId = NewType("RecurringEntryId", int)

_MONTHS = 12
_EVERY_MAX = 100
_YEAR_MAX = 2199


class UnknownRecurringEntryError(NotFoundError):
    """The entity has no such recurring entry."""

    code = "RECURRING_ENTRY_NOT_FOUND"

    def __init__(self) -> None:
        super().__init__("There is no such recurring entry.")


class ScheduleError(InvalidError):
    """The schedule has no day, or counts in steps that are none."""

    code = "INVALID_SCHEDULE"


class Frequency(StrEnum):
    """The unit in which a schedule counts."""

    WEEKLY = "weekly"
    MONTHLY = "monthly"
    YEARLY = "yearly"


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """Every so many weeks, months or years from a first day on.

    The day of the month is the first day's; in months that are too short it is their last day.

    Raises:
        ScheduleError: if it has no day, or counts in steps that are none.
    """

    frequency: Frequency
    every: int
    starts_on: date
    ends_on: date | None
    """The last day on which one may fall; None: without end."""

    def __post_init__(self) -> None:
        if not 1 <= self.every <= _EVERY_MAX:
            raise ScheduleError(f"A schedule counts in steps of 1 to {_EVERY_MAX}.")
        if self.ends_on is not None and self.ends_on < self.starts_on:
            raise ScheduleError("A schedule cannot end before it starts.")

    def occurrence(self, number: int) -> date | None:
        """Return the day of one occurrence, counted from 0; None if the schedule is over before."""
        day = self._day(number * self.every)
        if day is None or (self.ends_on is not None and day > self.ends_on):
            return None
        return day

    def upcoming(self, number: int) -> Iterator[date]:
        """Yield the days of this occurrence and all after it."""
        while (day := self.occurrence(number)) is not None:
            yield day
            number += 1

    def preview(self, number: int, *, count: int) -> list[date]:
        """Return the days of the next `count` occurrences, fewer if the schedule ends before."""
        return list(islice(self.upcoming(number), count))

    def first_from(self, day: date) -> int:
        """Return which occurrence is the first on or after a day; beyond the end, the one that never comes."""
        number = 0
        for occurs_on in self.upcoming(0):
            if occurs_on >= day:
                break
            number += 1
        return number

    def _day(self, steps: int) -> date | None:
        first = self.starts_on
        if self.frequency is Frequency.WEEKLY:
            day = first + timedelta(weeks=steps) if steps <= (_YEAR_MAX - first.year + 1) * 53 else None
            return day if day is not None and day.year <= _YEAR_MAX else None
        months = first.month - 1 + steps * (1 if self.frequency is Frequency.MONTHLY else _MONTHS)
        year, month = first.year + months // _MONTHS, months % _MONTHS + 1
        if year > _YEAR_MAX:
            return None
        return date(year, month, min(first.day, calendar.monthrange(year, month)[1]))


@dataclass(frozen=True, slots=True, kw_only=True)
class RecurringEntry:
    """An entry that comes again and again, as it stands."""

    id: RecurringEntryId
    content: EntryContent
    """What each says; its date is the schedule's first day."""
    schedule: Schedule
    next_number: int
    """Which occurrence is next, counted from 0."""
    makes_drafts: bool
    """What is made waits for somebody's approval."""
    paused_at: datetime | None
    problem: str
    """Why the one that is due could not be made; empty when all is well."""
    request_sha256: bytes
    created_at: datetime
    updated_at: datetime

    @property
    def next_on(self) -> date | None:
        """Return the day of the next one; None when all are made."""
        return self.schedule.occurrence(self.next_number)
