"""Judging the past anew, by a new rule or by everything known now: previewed, done as one run, undone."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from typing import Any

from openledger_server.access import store as access
from openledger_server.base import db
from openledger_server.base.batches import BATCH_SIZE
from openledger_server.base.ids import new_id
from openledger_server.bookkeeping.post import post_bank_transactions
from openledger_server.categorization import merchants
from openledger_server.categorization import store as categorization
from openledger_server.categorization.decisions import store as decisions
from openledger_server.categorization.decisions.open_accounts import only_open
from openledger_server.categorization.judge import judge_all
from openledger_server.categorization.policy import Policy
from openledger_server.categorization.rules import store as rules
from openledger_server.categorization.rules.conditions import facts_of
from openledger_server.categorization.rules.types import Rule, RuleBook, RuleId
from openledger_server.categorization.runs import store
from openledger_server.categorization.runs.types import JudgedRow, Plan, Run, RunId, RunKind
from openledger_server.categorization.types import Chart, DecidedBy
from openledger_server.ledger.periods import store as periods
from openledger_server.ledger.types import MACHINE, Actor
from openledger_server.workflows.ask_advisor import show_kept_advice
from openledger_server.workflows.change_rules import RuleDraft, check_action, drafted
from openledger_server.workflows.judge_transactions import judge_transactions
from openledger_server.workflows.judging import chart_of, policy_of
from openledger_server.workflows.services import Services

_LAST = 2**31 - 1

_OPEN_TO_ADVICE = frozenset([DecidedBy.FALLBACK, DecidedBy.MODEL, DecidedBy.PROVIDER])


async def preview_rule(services: Services, draft: RuleDraft, *, entity_id: int, rule_id: RuleId | None = None) -> Plan:
    """Return what a rule would change in the past, be it new or (`rule_id`) another version of one; nothing is stored.

    Raises:
        UnknownRuleError: if `rule_id` names none.
        UnknownLedgerAccountError, BankFedCategoryError, RuleCategoryError: if it books where no rule may.
    """
    async with db.read_entity(services.pool, entity_id=entity_id) as conn:
        await check_action(conn, draft.action, entity_id=entity_id)
        known = await rules.rules(conn, entity_id=entity_id)
        position = _LAST
        if rule_id is not None:
            position = (await rules.rule(conn, entity_id=entity_id, rule_id=rule_id)).position
        tried = drafted(
            replace(draft, is_enabled=True), rule_id=rule_id or RuleId(0), position=position, now=services.now()
        )
        others = [rule for rule in known if rule.id != rule_id]
        if draft.position is not None:
            others.insert(draft.position, tried)
            others = [replace(rule, position=place) for place, rule in enumerate(others)]
        else:
            others.append(tried)
        policy = replace(await policy_of(conn, entity_id=entity_id), rules=RuleBook(others))
        return await _rule_plan(conn, tried, policy, entity_id=entity_id)


async def apply_rule(services: Services, *, entity_id: int, rule_id: RuleId, by: Actor = MACHINE) -> Run:
    """Apply a rule to the past as one run and return the run. Asked again, it returns the run that did it.

    Rows that a person decided, and those that an earlier rule decides, are left alone. A disabled rule changes nothing.

    Raises:
        UnknownRuleError: if there is no such rule.
    """
    async with db.write_entity(services.pool, entity_id=entity_id) as conn:
        await access.hold_books(conn, entity_id=entity_id)
        return await apply_rule_in(conn, services, entity_id=entity_id, rule_id=rule_id, by=by)


async def apply_rule_in(
    conn: db.WriteConnection, services: Services, *, entity_id: int, rule_id: RuleId, by: Actor = MACHINE
) -> Run:
    """Do what `apply_rule` does, in a transaction that holds the books."""
    rule = await rules.rule(conn, entity_id=entity_id, rule_id=rule_id)
    policy = await policy_of(conn, entity_id=entity_id)
    plan = await _rule_plan(conn, rule, policy, entity_id=entity_id)
    request = {"ruleId": str(rule_id)}
    return await _run(conn, services, plan, RunKind.RULE, request, entity_id=entity_id, rule_id=rule_id, by=by)


async def preview_recategorization(services: Services, *, entity_id: int, review_only: bool) -> Plan:
    """Return what judging anew would change among the rows that machines decided; nothing is stored.

    Transfers whose two sides were found stay as they are. `review_only`: only rows that wait for a person.
    """
    async with db.read_entity(services.pool, entity_id=entity_id) as conn:
        return await _anew_plan(conn, entity_id=entity_id, review_only=review_only)


async def recategorize(services: Services, *, entity_id: int, review_only: bool, by: Actor = MACHINE) -> Run:
    """Judge anew what machines decided, as one run, and return it. Asked again with nothing new, returns that run."""
    async with db.write_entity(services.pool, entity_id=entity_id) as conn:
        await access.hold_books(conn, entity_id=entity_id)
        plan = await _anew_plan(conn, entity_id=entity_id, review_only=review_only)
        request = {"reviewOnly": review_only}
        return await _run(conn, services, plan, RunKind.RECATEGORIZE, request, entity_id=entity_id, by=by)


async def undo_run(services: Services, *, entity_id: int, run_id: RunId, by: Actor = MACHINE) -> Run:
    """Give the rows of a run what they said before it, and return the run. Undoing again changes nothing.

    Rows that were decided anew since, by a person above all, are left alone, and so are those of a closed period. Rows
    that a later run changed again stay as that run says; undoing that one gives them what they said before both.

    Raises:
        UnknownRunError: if there is no such run.
    """
    async with db.write_entity(services.pool, entity_id=entity_id) as conn:
        await access.hold_books(conn, entity_id=entity_id)
        run = await store.run(conn, entity_id=entity_id, run_id=run_id)
        if run.undone_at is not None:
            return run
        closed_through = await periods.closed_through(conn, entity_id=entity_id)
        restored = await store.restore(conn, entity_id=entity_id, run_id=run_id, closed_through=closed_through)
        await store.hand_on(conn, entity_id=entity_id, run_id=run_id)
        await decisions.follow_rules(conn, restored, entity_id=entity_id)
        chart = await chart_of(conn, entity_id=entity_id)
        await show_kept_advice(conn, restored, entity_id=entity_id, chart=chart, now=services.now())
        await post_bank_transactions(conn, restored, entity_id=entity_id, now=services.now(), by=by)
        return await store.end_undo(
            conn, entity_id=entity_id, run_id=run_id, restored=len(restored), now=services.now()
        )


async def _run(
    conn: db.WriteConnection,
    services: Services,
    plan: Plan,
    kind: RunKind,
    request: dict[str, Any],
    *,
    entity_id: int,
    rule_id: RuleId | None = None,
    by: Actor,
) -> Run:
    touched = [change.candidate.id for change in plan.changes]
    if not touched:
        before = await store.last_run(conn, entity_id=entity_id, kind=kind, request=request)
        if before is not None:
            return before
    now, run_id = services.now(), RunId(new_id())
    await store.start_run(
        conn, entity_id=entity_id, run_id=run_id, kind=kind, rule_id=rule_id, request=request, now=now
    )
    others = await judge_transactions(conn, touched, entity_id=entity_id, now=now, run_id=run_id)
    await post_bank_transactions(conn, [*touched, *others], entity_id=entity_id, now=now, by=by)
    return await store.finish_run(conn, entity_id=entity_id, run_id=run_id)


async def _rule_plan(conn: db.ReadConnection, rule: Rule, policy: Policy, *, entity_id: int) -> Plan:
    plan = Plan(closed_through=await periods.closed_through(conn, entity_id=entity_id))
    chart = await chart_of(conn, entity_id=entity_id)
    async for rows in _batches(conn, entity_id=entity_id, machines_only=False):
        found = await asyncio.to_thread(_found_by, rule, policy.rules, rows, plan)
        await _judge_into(conn, plan, found, chart, policy, entity_id=entity_id)
    return plan


def _found_by(rule: Rule, book: RuleBook, rows: Sequence[JudgedRow], plan: Plan) -> list[JudgedRow]:
    """Return the rows that the rule may decide, and count in the plan those that it finds but may not."""
    found = []
    holds: Callable[[Any], bool] = rule.condition.holds
    for row in rows:
        if not holds(facts_of(row.candidate)):
            continue
        plan.matched += 1
        verdict = book.verdict(row.candidate)
        is_kept_in = rule.action.is_exclusion and row.candidate.is_kept_in
        if row.judgement.decided_by is DecidedBy.PERSON or is_kept_in:
            plan.decided_by_person += 1
        elif verdict is not None and rule.id in {one.id for one in (verdict.deciding, verdict.naming) if one}:
            found.append(row)
        else:
            plan.decided_by_other_rule += 1
    return found


async def _anew_plan(conn: db.ReadConnection, *, entity_id: int, review_only: bool) -> Plan:
    plan = Plan(closed_through=await periods.closed_through(conn, entity_id=entity_id))
    chart = await chart_of(conn, entity_id=entity_id)
    policy = await policy_of(conn, entity_id=entity_id)
    async for rows in _batches(conn, entity_id=entity_id, machines_only=True, review_only=review_only):
        plan.matched += len(rows)
        await _judge_into(conn, plan, rows, chart, policy, entity_id=entity_id)
    return plan


async def _judge_into(
    conn: db.ReadConnection, plan: Plan, rows: Sequence[JudgedRow], chart: Chart, policy: Policy, *, entity_id: int
) -> None:
    candidates = [row.candidate for row in rows]
    keys = merchants.merchant_keys(candidates)
    memory = await categorization.memory(conn, {key for key in keys if key}, entity_id=entity_id)
    # Seconds of work for a long history; other requests are served meanwhile.
    judgements = await asyncio.to_thread(
        judge_all, candidates, chart=chart, memory=memory, policy=policy, merchant_keys=keys
    )
    for row, after in zip(rows, only_open(zip(candidates, judgements, strict=True), chart), strict=True):
        # A language model's suggestion stands until somebody is sure.
        is_open = after.needs_review and after.decided_by in _OPEN_TO_ADVICE
        stands = row.judgement.decided_by is DecidedBy.LLM and is_open
        plan.add(row.candidate, row.judgement, row.judgement if stands else after)


async def _batches(
    conn: db.ReadConnection, *, entity_id: int, machines_only: bool, review_only: bool = False
) -> AsyncIterator[list[JudgedRow]]:
    after_id = 0
    while True:
        rows = await store.judged_rows(
            conn,
            entity_id=entity_id,
            after_id=after_id,
            limit=BATCH_SIZE,
            machines_only=machines_only,
            review_only=review_only,
        )
        if rows:
            yield rows
        if len(rows) < BATCH_SIZE:
            return
        after_id = int(rows[-1].candidate.id)
