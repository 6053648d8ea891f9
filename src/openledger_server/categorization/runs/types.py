"""A run, and what one would change."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import NewType

from openledger_server.base.errors import NotFoundError
from openledger_server.categorization.rules.types import RuleId
from openledger_server.categorization.types import Candidate, DecidedBy, Judgement

RunId = NewType("RunId", int)


class UnknownRunError(NotFoundError):
    """The entity has no such run."""

    code = "RUN_NOT_FOUND"

    def __init__(self) -> None:
        super().__init__("There is no such run.")


class RunKind(StrEnum):
    """Why many judgements were changed together."""

    RULE = "rule"
    """A rule was applied to the past."""
    RECATEGORIZE = "recategorize"
    """What machines had decided was judged anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A run as it is stored."""

    id: RunId
    kind: RunKind
    rule_id: RuleId | None
    changed: int
    """Rows whose judgement it changed."""
    started_at: datetime
    undone_at: datetime | None
    restored: int | None
    """Rows that got back what they said before, once it was undone."""
    kept: int | None
    """Rows that undoing left alone, because they were decided anew since."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedRow:
    """A live bank transaction with what it is judged as now."""

    candidate: Candidate
    judgement: Judgement


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a run would make of one row."""

    candidate: Candidate
    before: Judgement
    after: Judgement

    @property
    def dated(self) -> date:
        """Return the row's date."""
        return self.candidate.dated

    @property
    def amount(self) -> Decimal:
        """Return the row's amount in major units, positive = money in."""
        return self.candidate.amount


@dataclass(slots=True)
class Plan:
    """What a run would change, and what it would leave alone."""

    matched: int = 0
    """Rows looked at; of a rule, those that it finds."""
    decided_by_person: int = 0
    """Among them, those that a person decided; they stay."""
    decided_by_other_rule: int = 0
    """Among them, those that an earlier rule decides."""
    in_closed_period: int = 0
    """Among them, those of a closed period that would be booked elsewhere; they stay."""
    unchanged: int = 0
    """Among them, those that say the same already."""
    changes: list[Change] = field(default_factory=list)
    closed_through: date | None = None
    """The last day of the closed period."""

    def add(self, candidate: Candidate, before: Judgement, after: Judgement) -> None:
        """Take in a row that may change."""
        is_closed = self.closed_through is not None and candidate.dated <= self.closed_through
        if is_closed and _place(before) != _place(after):
            self.in_closed_period += 1
        elif differs(before, after):
            self.changes.append(Change(candidate=candidate, before=before, after=after))
        else:
            self.unchanged += 1

    def examples(self, count: int) -> list[Change]:
        """Return up to `count` changes, newest first."""
        newest = sorted(self.changes, key=lambda change: (change.dated, change.candidate.id), reverse=True)
        return newest[:count]


def differs(before: Judgement, after: Judgement) -> bool:
    """Return whether a new judgement says something else; other words or another confidence alone do not count."""
    is_same_transfer = (
        before.decided_by == after.decided_by == DecidedBy.TRANSFER
        and before.ledger_account_id == after.ledger_account_id
    )
    if is_same_transfer and before.transfer_partner_id is not None:
        return False
    return _said(before) != _said(after)


def _said(judgement: Judgement) -> tuple[object, ...]:
    return (
        judgement.ledger_account_id,
        judgement.suggested_ledger_account_id,
        judgement.counterparty,
        str(judgement.decided_by),
        judgement.needs_review,
        judgement.transfer_partner_id,
        judgement.rule_id,
        judgement.is_excluded,
        judgement.split,
    )


def _place(judgement: Judgement) -> tuple[object, ...]:
    """Return where the row is in the books."""
    return judgement.ledger_account_id, judgement.is_excluded, judgement.split
