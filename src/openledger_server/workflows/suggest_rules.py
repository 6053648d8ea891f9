"""Rules worth making: what people choose for a merchant again and again, against what machines say."""

from dataclasses import dataclass

from openledger_server.base.db import ReadConnection
from openledger_server.categorization import store as categorization
from openledger_server.categorization.policy import Policy
from openledger_server.categorization.review import store as review
from openledger_server.categorization.review.types import RepeatedChoice
from openledger_server.categorization.rules.conditions import Condition, merchant_condition
from openledger_server.categorization.types import Candidate
from openledger_server.workflows.judging import policy_of

_DECISIONS_MIN = 3
_LOOKED_AT_MAX = 100
_SUGGESTED_MAX = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class SuggestedRule:
    """A rule that would say what people say."""

    name: str
    condition: Condition
    choice: RepeatedChoice


async def suggested_rules(conn: ReadConnection, *, entity_id: int) -> list[SuggestedRule]:
    """Return rules for merchants that people put in one category three times or more, the most corrected first.

    Left out are merchants that a rule decides already.
    """
    choices = await review.repeated_choices(
        conn, entity_id=entity_id, decisions_min=_DECISIONS_MIN, limit=_LOOKED_AT_MAX
    )
    policy = await policy_of(conn, entity_id=entity_id)
    ids = [choice.bank_transaction_id for choice in choices]
    rows = await categorization.rows(conn, ids, entity_id=entity_id)
    newest = {row.id: row for row in rows}
    found = [_suggested(choice, newest[choice.bank_transaction_id], policy) for choice in choices]
    return [one for one in found if one is not None][:_SUGGESTED_MAX]


def _suggested(choice: RepeatedChoice, row: Candidate, policy: Policy) -> SuggestedRule | None:
    condition, verdict = merchant_condition(row), policy.rules.verdict(row)
    if condition is None or (verdict is not None and verdict.deciding is not None):
        return None
    return SuggestedRule(name=str(condition.json["value"]), condition=condition, choice=choice)
