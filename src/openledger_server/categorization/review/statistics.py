"""How much machines decide by themselves, and how often people correct them: arithmetic on counts."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from openledger_server.categorization.review.types import DecidedCount
from openledger_server.categorization.types import DecidedBy


@dataclass(slots=True)
class DeciderCounts:
    """What became of one decider's choices."""

    automatic: int = 0
    """Booked without anybody's look, and standing."""
    waiting: int = 0
    """Waiting for a person."""
    confirmed: int = 0
    """A person chose the same."""
    corrected: int = 0
    """A person chose something else than it had suggested."""
    corrected_after_booking: int = 0
    """A person chose something else after it had been booked without anybody's look."""

    @property
    def precision(self) -> float | None:
        """Return the share of rows it booked by itself that nobody corrected; None if there are none."""
        total = self.automatic + self.corrected_after_booking
        return None if not total else self.automatic / total


@dataclass(slots=True)
class Counts:
    """Settled rows by how they were decided."""

    transactions: int = 0
    automatic: int = 0
    """A machine decided and nobody has to look."""
    waiting: int = 0
    by_person: int = 0
    corrected: int = 0
    """Among those by a person: a machine had said otherwise."""

    def share(self, count: int) -> float:
        """Return a count as a share of all rows; 0 if there are none."""
        return count / self.transactions if self.transactions else 0.0


@dataclass(slots=True)
class Statistics:
    """All counts, those per month and those per decider."""

    total: Counts = field(default_factory=Counts)
    by_month: dict[date, Counts] = field(default_factory=dict)
    by_decider: dict[DecidedBy, DeciderCounts] = field(default_factory=dict)


def statistics(counts: Iterable[DecidedCount]) -> Statistics:
    """Return the statistics that these counts add up to; months in order."""
    found = Statistics()
    for one in counts:
        for into in (found.total, found.by_month.setdefault(one.month, Counts())):
            _add(into, one)
        decider = DecidedBy(one.machine_decided_by or one.decided_by)
        if decider is not DecidedBy.PERSON:
            _add_to_decider(found.by_decider.setdefault(decider, DeciderCounts()), one)
    return found


def _add(into: Counts, one: DecidedCount) -> None:
    into.transactions += one.transactions
    if one.needs_review:
        into.waiting += one.transactions
    elif one.decided_by != DecidedBy.PERSON:
        into.automatic += one.transactions
    else:
        into.by_person += one.transactions
        if one.is_machine_right is False:
            into.corrected += one.transactions


def _add_to_decider(into: DeciderCounts, one: DecidedCount) -> None:
    if one.needs_review:
        into.waiting += one.transactions
    elif one.decided_by != DecidedBy.PERSON:
        into.automatic += one.transactions
    elif one.is_machine_right:
        into.confirmed += one.transactions
    else:
        into.corrected += one.transactions
        if one.machine_was_sure:
            into.corrected_after_booking += one.transactions
