"""Making, changing, ordering and deleting an entity's rules. None of it touches the past; `run_categorization` does."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from openledger_server.access import store as access
from openledger_server.banking import store as banking
from openledger_server.base import db
from openledger_server.base.errors import ConflictError, InvalidError
from openledger_server.base.ids import new_id
from openledger_server.categorization.rules import store as rules
from openledger_server.categorization.rules.conditions import Condition
from openledger_server.categorization.rules.types import RULES_MAX, Rule, RuleAction, RuleId
from openledger_server.ledger import store as ledger
from openledger_server.ledger.types import SystemRole
from openledger_server.workflows.services import Services
from openledger_server.workflows.set_category import BankFedCategoryError

_NOT_FOR_RULES = frozenset(
    {
        SystemRole.OPENING_BALANCES,
        SystemRole.RETAINED_EARNINGS,
        SystemRole.TRANSFERS_CLEARING,
        SystemRole.CURRENCY_EXCHANGE,
    }
)


class TooManyRulesError(ConflictError):
    """The entity has as many rules as it may have; join some with "any", or delete some."""

    code = "TOO_MANY_RULES"


class RuleCategoryError(InvalidError):
    """A rule cannot book to an account that the system keeps for itself."""

    code = "CATEGORY_NOT_FOR_RULES"


class RuleOrderError(InvalidError):
    """The order has to name each of the entity's rules exactly once."""

    code = "INVALID_RULE_ORDER"


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleDraft:
    """What somebody says about a rule. `position`: its place among the others from 0; None: where it is, or last."""

    name: str
    condition: Condition
    action: RuleAction
    is_enabled: bool = True
    position: int | None = None


async def add_rule(services: Services, draft: RuleDraft, *, entity_id: int) -> Rule:
    """Add a rule and return it. If there is one with this condition and action, that one is returned: a retry is safe.

    Raises:
        UnknownLedgerAccountError, BankFedCategoryError, RuleCategoryError: if it books where no rule may.
        TooManyRulesError: if the entity has 500.
    """
    async with db.write_entity(services.pool, entity_id=entity_id) as conn:
        await access.hold_books(conn, entity_id=entity_id)
        return await put_rule(conn, draft, entity_id=entity_id, now=services.now())


async def put_rule(
    conn: db.WriteConnection, draft: RuleDraft, *, entity_id: int, now: datetime, replacing: bool = False
) -> Rule:
    """Do what `add_rule` does, in a transaction that holds the books.

    `replacing`: a rule with the same condition that books elsewhere is changed; one added would never decide.
    """
    await check_action(conn, draft.action, entity_id=entity_id)
    known = await rules.rules(conn, entity_id=entity_id)
    for rule in known:
        if rule.condition.json != draft.condition.json:
            continue
        if rule.action == draft.action and (rule.is_enabled or not replacing):
            return rule
        if replacing and rule.action.decides:
            action = replace(draft.action, counterparty=draft.action.counterparty or rule.action.counterparty)
            changed = replace(rule, action=action, is_enabled=True, updated_at=now)
            await rules.store_rule(conn, changed, entity_id=entity_id)
            return changed
    if len(known) >= RULES_MAX:
        raise TooManyRulesError(f"An entity may have {RULES_MAX} rules.")
    made = drafted(draft, rule_id=RuleId(new_id()), position=len(known), now=now)
    await rules.store_rule(conn, made, entity_id=entity_id)
    if draft.position is not None:
        await _place(conn, made, draft.position, known, entity_id=entity_id, now=now)
    return await rules.rule(conn, entity_id=entity_id, rule_id=made.id)


async def change_rule(services: Services, draft: RuleDraft, *, entity_id: int, rule_id: RuleId) -> Rule:
    """Replace what a rule says and return it; rows it decided before stay as they are.

    Raises:
        UnknownRuleError: if there is no such rule.
        UnknownLedgerAccountError, BankFedCategoryError, RuleCategoryError: if it books where no rule may.
    """
    now = services.now()
    async with db.write_entity(services.pool, entity_id=entity_id) as conn:
        await access.hold_books(conn, entity_id=entity_id)
        before = await rules.rule(conn, entity_id=entity_id, rule_id=rule_id)
        await check_action(conn, draft.action, entity_id=entity_id)
        after = replace(
            drafted(draft, rule_id=rule_id, position=before.position, now=now), created_at=before.created_at
        )
        if replace(after, updated_at=before.updated_at, condition=before.condition) != before or (
            after.condition.json != before.condition.json
        ):
            await rules.store_rule(conn, after, entity_id=entity_id)
        if draft.position is not None:
            known = [one for one in await rules.rules(conn, entity_id=entity_id) if one.id != rule_id]
            await _place(conn, after, draft.position, known, entity_id=entity_id, now=now)
        return await rules.rule(conn, entity_id=entity_id, rule_id=rule_id)


async def order_rules(services: Services, rule_ids: Sequence[RuleId], *, entity_id: int) -> list[Rule]:
    """Put all rules in this order and return them.

    Raises:
        RuleOrderError: if a rule is missing, named twice or not the entity's.
    """
    async with db.write_entity(services.pool, entity_id=entity_id) as conn:
        await access.hold_books(conn, entity_id=entity_id)
        known = await rules.rules(conn, entity_id=entity_id)
        if sorted(rule_ids) != sorted(rule.id for rule in known):
            raise RuleOrderError("Name each of the entity's rules exactly once.")
        await rules.store_order(conn, rule_ids, entity_id=entity_id, now=services.now())
        return await rules.rules(conn, entity_id=entity_id)


async def delete_rule(services: Services, *, entity_id: int, rule_id: RuleId) -> None:
    """Delete a rule; what it decided stays until it is judged anew. Deleting it again changes nothing."""
    async with db.write_entity(services.pool, entity_id=entity_id) as conn:
        await rules.delete_rule(conn, entity_id=entity_id, rule_id=rule_id, now=services.now())


async def check_action(conn: db.ReadConnection, action: RuleAction, *, entity_id: int) -> None:
    """Refuse an action that books where no rule may.

    Raises:
        UnknownLedgerAccountError: if the entity has no such account.
        ArchivedAccountError: if the account takes no more postings.
        BankFedCategoryError: if the account stands for a linked bank account.
        RuleCategoryError: if it is one that the system keeps for itself.
    """
    if not action.ledger_account_ids:
        return
    fed = {row.ledger_account_id for row in await banking.bank_accounts(conn, entity_id=entity_id)}
    for ledger_account_id in action.ledger_account_ids:
        account = await ledger.open_account(conn, entity_id=entity_id, ledger_account_id=ledger_account_id)
        ledger.check_open(account)
        if account.system_role in _NOT_FOR_RULES:
            raise RuleCategoryError(
                f"{account.name} is the system's own. For money moved between accounts say transfer."
            )
        if account.id in fed:
            raise BankFedCategoryError(
                f"{account.name} is fed by a bank. For money moved between accounts say transfer."
            )


def drafted(draft: RuleDraft, *, rule_id: RuleId, position: int, now: datetime) -> Rule:
    """Return the rule that a draft describes."""
    return Rule(
        id=rule_id,
        position=position,
        name=draft.name,
        condition=draft.condition,
        action=draft.action,
        is_enabled=draft.is_enabled,
        created_at=now,
        updated_at=now,
    )


async def _place(
    conn: db.WriteConnection, rule: Rule, position: int, others: Sequence[Rule], *, entity_id: int, now: datetime
) -> None:
    order = [one.id for one in others]
    order.insert(position, rule.id)
    await rules.store_order(conn, order, entity_id=entity_id, now=now)
