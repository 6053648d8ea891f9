"""A rule, and an entity's rules in their order."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NewType

from openledger_server.base.errors import InvalidError, NotFoundError
from openledger_server.categorization.rules.conditions import Condition, Facts, facts_of, facts_of_all
from openledger_server.categorization.rules.prefilter import Column, possible_rows
from openledger_server.categorization.rules.splitting import RulePart, check_parts
from openledger_server.categorization.types import Candidate
from openledger_server.ledger.types import LedgerAccountId

RuleId = NewType("RuleId", int)
RULES_MAX = 500
"""Rules of one entity."""


class UnknownRuleError(NotFoundError):
    """The entity has no such rule, or it was deleted."""

    code = "RULE_NOT_FOUND"

    def __init__(self) -> None:
        super().__init__("There is no such rule.")


class RuleActionError(InvalidError):
    """A rule has to do something, and may book to one place only."""

    code = "INVALID_RULE_ACTION"


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleAction:
    """What a rule does with the rows it finds.

    Raises:
        RuleActionError: if that is nothing, or two things at once.
        RuleSplitError, UnknownCurrencyError: if its parts cannot make up any row.
    """

    ledger_account_id: LedgerAccountId | None = None
    """Book them here."""
    counterparty: str | None = None
    """Call the other side this."""
    is_transfer: bool = False
    """They are one side of a transfer between own bank accounts."""
    is_exclusion: bool = False
    """They are left out of the books."""
    split: tuple[RulePart, ...] = ()
    """They are divided over several accounts."""

    def __post_init__(self) -> None:
        if (self.ledger_account_id is not None) + self.is_transfer + self.is_exclusion + bool(self.split) > 1:
            raise RuleActionError("A rule names a category, says transfer, excludes or splits: one of these only.")
        if not (self.decides or self.counterparty):
            raise RuleActionError("A rule has to name a category or a counterparty, or say transfer, exclude or split.")
        if self.split:
            check_parts(self.split)

    @property
    def decides(self) -> bool:
        """Whether it says where rows are booked, or that they are not."""
        return self.is_transfer or self.is_exclusion or bool(self.split) or self.ledger_account_id is not None

    @property
    def ledger_account_ids(self) -> tuple[LedgerAccountId, ...]:
        """Return the accounts that it names, each once."""
        named = [self.ledger_account_id, *(part.ledger_account_id for part in self.split)]
        return tuple(dict.fromkeys(one for one in named if one is not None))


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule as it is stored."""

    id: RuleId
    position: int
    """Lower ones are asked first; equal ones by id."""
    name: str
    condition: Condition
    action: RuleAction
    is_enabled: bool
    created_at: datetime
    updated_at: datetime

    @property
    def reason(self) -> str:
        """Return why a row is where it is, for people."""
        words = self.condition.words
        return f"Your rule “{self.name}” says so: {words if len(words) <= _WORDS_MAX else words[:_WORDS_MAX] + '…'}."


_WORDS_MAX = 300


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the rules say of one row: the first that decides, and the first that names the counterparty."""

    deciding: Rule | None
    naming: Rule | None


class RuleBook:
    """An entity's enabled rules in their order."""

    def __init__(self, rules: Sequence[Rule] = ()) -> None:
        enabled = [rule for rule in rules if rule.is_enabled]
        self._rules = sorted(enabled, key=lambda rule: (rule.position, rule.id))

    def __bool__(self) -> bool:
        return bool(self._rules)

    def verdicts(self, candidates: Sequence[Candidate]) -> list[Verdict | None]:
        """Return what the rules say of each row, in the same order; see `verdict`."""
        if not self._rules:
            return [None] * len(candidates)
        facts = facts_of_all(candidates)
        columns = {
            "text": Column([fact.text for fact in facts]),
            "counterparty": Column([fact.counterparty for fact in facts]),
        }
        possible: list[list[Rule]] = [[] for _ in facts]
        for rule in self._rules:
            for place in possible_rows(rule.condition, columns, len(facts)):
                possible[place].append(rule)
        return [_verdict(fact, rules) if rules else None for fact, rules in zip(facts, possible, strict=True)]

    def verdict(self, candidate: Candidate) -> Verdict | None:
        """Return what the rules say of a row; None if no rule finds it. The first rule that finds it goes before."""
        return _verdict(facts_of(candidate), self._rules) if self._rules else None


def _verdict(facts: Facts, rules: Sequence[Rule]) -> Verdict | None:
    candidate = facts.candidate
    deciding = naming = None
    for rule in rules:
        action = rule.action
        if candidate.is_kept_in and action.is_exclusion:
            continue
        is_wanted = (deciding is None and action.decides) or (naming is None and action.counterparty is not None)
        if not is_wanted or not rule.condition.holds(facts):
            continue
        if deciding is None and action.decides:
            deciding = rule
        if naming is None and action.counterparty is not None:
            naming = rule
        if deciding is not None and naming is not None:
            break
    return Verdict(deciding, naming) if deciding or naming else None
