"""An entity's rules: make, try on history, order, apply to the past."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import Field

from openledger_server.access.types import parse_id
from openledger_server.api.auth import Acting, EntityScope
from openledger_server.api.categorization import CategorizationRunAnswer, Preview, preview_of, run_of
from openledger_server.api.context import ApiContext, Context
from openledger_server.api.errors import failures
from openledger_server.api.rule_actions import Action, ActionRequest, action_body, action_of
from openledger_server.api.wire import Name, Text, Wire
from openledger_server.base import db
from openledger_server.categorization.rules import store
from openledger_server.categorization.rules.conditions import read_condition
from openledger_server.categorization.rules.types import Rule, RuleAction, RuleId, UnknownRuleError
from openledger_server.ledger import store as ledger
from openledger_server.ledger.types import LedgerAccount, LedgerAccountId
from openledger_server.workflows import change_rules, run_categorization, suggest_rules
from openledger_server.workflows.change_rules import RuleDraft

router = APIRouter(prefix="/v1/rules", tags=["Rules"], responses=failures(400, 401, 404))

_POSITION_MAX = 1_000
_CONDITION = (
    'What the bank said: `{"field", "operator", "value"}`, or `{"all": [...]}`, `{"any": [...]}`, `{"not": {...}}`. '
    "Fields: text, counterparty, amount, direction, bank_account, payment_channel, provider_category, currency, "
    "weekday, day_of_month, date."
)
_EXAMPLES = [
    {
        "all": [
            {"field": "text", "operator": "contains", "value": "blue bottle"},
            {"field": "amount", "operator": "at_most", "value": "25.00"},
        ]
    }
]
ConditionJson = Annotated[dict[str, Any], Field(description=_CONDITION, examples=_EXAMPLES)]


class RuleRequest(Wire):
    """A rule. It decides rows from now on; `POST /v1/rules/{rule_id}/apply` applies it to the past."""

    name: Name
    condition: ConditionJson
    action: ActionRequest
    enabled: bool = True
    position: int | None = Field(
        default=None, ge=0, le=_POSITION_MAX, description="Its place from 0; the first rule that finds a row decides."
    )


class PreviewRequest(Wire):
    """A rule to be tried on history. `ruleId`: the rule that it is to replace."""

    condition: ConditionJson
    action: ActionRequest
    position: int | None = Field(default=None, ge=0, le=_POSITION_MAX)
    rule_id: Text | None = None


class OrderRequest(Wire):
    """All rules in their new order."""

    rule_ids: list[Text] = Field(max_length=_POSITION_MAX)


class RuleModel(Wire):
    """A rule."""

    id: str
    name: str
    position: int
    enabled: bool
    condition: dict[str, Any]
    words: str = Field(description="The condition as a sentence for people.")
    action: Action
    transaction_count: int = Field(description="Rows that say today that this rule decided or named them.")
    created_at: datetime
    updated_at: datetime


class Rules(Wire):
    """All rules, in the order in which they are asked."""

    rules: list[RuleModel]


class RuleAnswer(Wire):
    """One rule."""

    rule: RuleModel


class RuleSuggestion(Wire):
    """A rule worth making; send it to `POST /v1/rules` as it is."""

    name: str
    condition: dict[str, Any]
    words: str
    action: Action
    decisions: int = Field(description="How many times people chose this category, every time for this merchant.")
    corrections: int = Field(description="Among them, those against what a machine had said.")
    transaction_id: str = Field(description="The newest row of the merchant.")


class RuleSuggestions(Wire):
    """Rules worth making, the most corrected merchant first."""

    suggestions: list[RuleSuggestion]


class DeletedAnswer(Wire):
    """What was done."""

    message: str


@router.get("", summary="List rules")
async def get_rules(context: Context, entity_id: EntityScope) -> Rules:
    """Return all rules in the order in which they are asked, disabled ones included."""
    async with db.read_entity(context.services.pool, entity_id=entity_id) as conn:
        found = await store.rules(conn, entity_id=entity_id)
        return Rules(rules=await _models(conn, found, entity_id))


@router.post("", summary="Add a rule", responses=failures(400, 401, 404, 409))
async def create_rule(body: RuleRequest, context: Context, entity_id: EntityScope) -> RuleAnswer:
    """Add a rule for rows to come. If there is one with this condition and action, return it: a retry is safe."""
    rule = await change_rules.add_rule(context.services, _draft(body), entity_id=entity_id)
    return await _answer(context, rule, entity_id)


@router.put("/order", summary="Order rules")
async def order_rules(body: OrderRequest, context: Context, entity_id: EntityScope) -> Rules:
    """Put all rules in this order. The first one that finds a row decides."""
    wanted = [_rule_id(text) for text in body.rule_ids]
    found = await change_rules.order_rules(context.services, wanted, entity_id=entity_id)
    async with db.read_entity(context.services.pool, entity_id=entity_id) as conn:
        return Rules(rules=await _models(conn, found, entity_id))


@router.post("/preview", summary="Try a rule on history")
async def preview_rule(body: PreviewRequest, context: Context, entity_id: EntityScope) -> Preview:
    """Return how many rows it finds and would change, with examples before and after. Nothing is stored."""
    draft = RuleDraft(
        name="Preview",
        condition=read_condition(body.condition),
        action=action_of(body.action),
        position=body.position,
    )
    rule_id = None if body.rule_id is None else _rule_id(body.rule_id)
    plan = await run_categorization.preview_rule(context.services, draft, entity_id=entity_id, rule_id=rule_id)
    return await preview_of(context, plan, entity_id)


@router.get("/suggestions", summary="List rules worth making")
async def get_rule_suggestions(context: Context, entity_id: EntityScope) -> RuleSuggestions:
    """Return merchants that people put in the same category again and again, against what machines said."""
    async with db.read_entity(context.services.pool, entity_id=entity_id) as conn:
        found = await suggest_rules.suggested_rules(conn, entity_id=entity_id)
        chart = {account.id: account for account in await ledger.ledger_accounts(conn, entity_id=entity_id)}
    return RuleSuggestions(suggestions=[_suggestion(one, chart) for one in found])


@router.get("/{rule_id}", summary="Show a rule")
async def get_rule(rule_id: str, context: Context, entity_id: EntityScope) -> RuleAnswer:
    """Return one rule."""
    async with db.read_entity(context.services.pool, entity_id=entity_id) as conn:
        rule = await store.rule(conn, entity_id=entity_id, rule_id=_rule_id(rule_id))
    return await _answer(context, rule, entity_id)


@router.put("/{rule_id}", summary="Change a rule")
async def change_rule(rule_id: str, body: RuleRequest, context: Context, entity_id: EntityScope) -> RuleAnswer:
    """Replace what a rule says. Rows it decided before stay as they are until it is applied."""
    rule = await change_rules.change_rule(
        context.services, _draft(body), entity_id=entity_id, rule_id=_rule_id(rule_id)
    )
    return await _answer(context, rule, entity_id)


@router.delete("/{rule_id}", summary="Delete a rule")
async def delete_rule(rule_id: str, context: Context, entity_id: EntityScope) -> DeletedAnswer:
    """Let it decide nothing any more. What it decided stays. Deleting it again changes nothing."""
    await change_rules.delete_rule(context.services, entity_id=entity_id, rule_id=_rule_id(rule_id))
    return DeletedAnswer(message="Rule deleted.")


@router.post("/{rule_id}/apply", summary="Apply a rule to the past")
async def apply_rule(rule_id: str, context: Context, entity_id: EntityScope, by: Acting) -> CategorizationRunAnswer:
    """Change all rows it decides as one run, which can be undone. What a person decided is never changed."""
    run = await run_categorization.apply_rule(context.services, entity_id=entity_id, rule_id=_rule_id(rule_id), by=by)
    return CategorizationRunAnswer(run=run_of(run))


def _rule_id(text: str) -> RuleId:
    number = parse_id(text)
    if number is None:
        raise UnknownRuleError
    return RuleId(number)


def _draft(body: RuleRequest) -> RuleDraft:
    return RuleDraft(
        name=body.name,
        condition=read_condition(body.condition),
        action=action_of(body.action),
        is_enabled=body.enabled,
        position=body.position,
    )


async def _answer(context: ApiContext, rule: Rule, entity_id: int) -> RuleAnswer:
    async with db.read_entity(context.services.pool, entity_id=entity_id) as conn:
        return RuleAnswer(rule=(await _models(conn, [rule], entity_id))[0])


async def _models(conn: db.ReadConnection, found: Sequence[Rule], entity_id: int) -> list[RuleModel]:
    chart = {account.id: account for account in await ledger.ledger_accounts(conn, entity_id=entity_id)}
    counts = await store.decided_counts(conn, entity_id=entity_id)
    return [_model(rule, chart, counts.get(rule.id, 0)) for rule in found]


def _suggestion(found: suggest_rules.SuggestedRule, chart: Mapping[LedgerAccountId, LedgerAccount]) -> RuleSuggestion:
    condition, choice = found.condition, found.choice
    return RuleSuggestion(
        name=found.name,
        condition=dict(condition.json),
        words=condition.words,
        action=action_body(RuleAction(ledger_account_id=choice.ledger_account_id), chart),
        decisions=choice.decisions,
        corrections=choice.corrections,
        transaction_id=str(choice.bank_transaction_id),
    )


def _model(rule: Rule, chart: Mapping[LedgerAccountId, LedgerAccount], count: int) -> RuleModel:
    return RuleModel(
        id=str(rule.id),
        name=rule.name,
        position=rule.position,
        enabled=rule.is_enabled,
        condition=dict(rule.condition.json),
        words=rule.condition.words,
        action=action_body(rule.action, chart),
        transaction_count=count,
        created_at=rule.created_at,
        updated_at=rule.updated_at,
    )
