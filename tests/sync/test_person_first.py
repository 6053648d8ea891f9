"""Whatever rules, runs, undoing and syncs do in whatever order: what a person decided stays."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openledger_server.banking.types import BankTransactionId
from openledger_server.base import db
from openledger_server.base.db import Pool, new_pool
from openledger_server.bookkeeping.invariants import BOOKKEEPING_INVARIANTS
from openledger_server.bookkeeping.post import post_bank_transactions
from openledger_server.categorization.rules.conditions import read_condition
from openledger_server.categorization.rules.splitting import RulePart
from openledger_server.categorization.rules.types import RuleAction, RuleId
from openledger_server.categorization.runs.types import RunId
from openledger_server.categorization.settings.store import Floors
from openledger_server.ledger import store as ledger
from openledger_server.ledger.invariants import LEDGER_INVARIANTS, violations
from openledger_server.ledger.types import LedgerAccountId
from openledger_server.workflows import change_rules, change_settings, run_categorization
from openledger_server.workflows.change_rules import RuleDraft
from openledger_server.workflows.judge_transactions import judge_transactions
from openledger_server.workflows.link_item import link_item
from openledger_server.workflows.services import Services
from openledger_server.workflows.set_category import Decision, decide_many
from openledger_server.workflows.sync_item import sync_item
from tests.support.database import Database, fresh_database
from tests.support.entities import open_entity
from tests.support.sandbox import RunningSandbox
from tests.support.services import wired_services

ACCOUNTS = (6350, 6400, 6850, 4000)
CONDITIONS = (
    {"field": "direction", "operator": "is", "value": "out"},
    {"field": "amount", "operator": "at_least", "value": 50},
    {"field": "text", "operator": "matches", "value": "[aeiou].*[rst]"},
    {"not": {"field": "weekday", "operator": "any_of", "value": ["monday", "friday"]}},
)
_OTHER_ACTIONS = {
    0: RuleAction(counterparty="X"),
    -1: RuleAction(is_transfer=True),
    -2: RuleAction(is_exclusion=True),
}
SPLIT = -3
"""Stands for a rule that divides rows over the first two accounts."""
small = st.integers(0, 40)
OPERATIONS = st.one_of(
    st.tuples(st.just("choose"), st.lists(small, min_size=1, max_size=4), st.sampled_from(ACCOUNTS)),
    st.tuples(st.just("approve"), st.lists(small, min_size=1, max_size=4)),
    st.tuples(st.just("rule"), st.sampled_from(range(len(CONDITIONS))), st.sampled_from((*ACCOUNTS, 0, -1, -2, SPLIT))),
    st.tuples(st.just("apply"), small),
    st.tuples(st.just("delete"), small),
    st.tuples(st.just("recategorize"), st.booleans()),
    st.tuples(st.just("undo"), small),
    st.tuples(st.just("floors"), st.sampled_from((None, 0.5, 1.0))),
    st.tuples(st.just("judge")),
)


@dataclass(slots=True)
class World:
    """One entity with an imported history, and what people said about it."""

    services: Services
    pool: Pool
    entity_id: int
    rows: list[BankTransactionId] = field(default_factory=list)
    codes: dict[int, LedgerAccountId] = field(default_factory=dict)
    rules: list[RuleId] = field(default_factory=list)
    runs: list[RunId] = field(default_factory=list)

    async def said_by_people(self) -> dict[int, int]:
        return {number: account for number, (account, by) in (await self.judgements()).items() if by == "person"}

    async def judgements(self) -> dict[int, tuple[int, str]]:
        async with db.read_entity(self.pool, entity_id=self.entity_id) as conn:
            cursor = await conn.execute(
                "SELECT bank_transaction_id, ledger_account_id, decided_by FROM categorization WHERE entity_id = %s",
                (self.entity_id,),
            )
            return {row[0]: (row[1], row[2]) for row in await cursor.fetchall()}

    def action(self, code: int) -> RuleAction:
        if code != SPLIT:
            return RuleAction(ledger_account_id=self.codes[code]) if code > 0 else _OTHER_ACTIONS[code]
        most, rest = (self.codes[number] for number in ACCOUNTS[:2])
        return RuleAction(split=(RulePart(ledger_account_id=most, share_bp=6_667), RulePart(ledger_account_id=rest)))

    async def do(self, operation: tuple[Any, ...]) -> dict[int, int]:
        """Do it and return what people said with it, by row."""
        entity: dict[str, Any] = {"entity_id": self.entity_id}
        match operation:
            case "choose", places, code:
                ids = list(dict.fromkeys(self.rows[place % len(self.rows)] for place in places))
                wanted = [Decision(bank_transaction_id=one, ledger_account_id=self.codes[code]) for one in ids]
                await decide_many(self.services, wanted, **entity)
                return dict.fromkeys(map(int, ids), int(self.codes[code]))
            case "approve", places:
                ids = list(dict.fromkeys(self.rows[place % len(self.rows)] for place in places))
                wanted = [Decision(bank_transaction_id=one, ledger_account_id=None) for one in ids]
                done = await decide_many(self.services, wanted, **entity)
                return {int(one.bank_transaction_id): int(one.account.id) for one in done if one.account}
            case "rule", number, code:
                action = self.action(code)
                draft = RuleDraft(name="R", condition=read_condition(CONDITIONS[number]), action=action, position=0)
                self.rules.append((await change_rules.add_rule(self.services, draft, **entity)).id)
            case "apply", place if self.rules:
                rule_id = self.rules[place % len(self.rules)]
                self.runs.append((await run_categorization.apply_rule(self.services, rule_id=rule_id, **entity)).id)
            case "delete", place if self.rules:
                rule_id = self.rules.pop(place % len(self.rules))
                await change_rules.delete_rule(self.services, rule_id=rule_id, **entity)
                self.rules = [one for one in self.rules if one != rule_id]
            case "recategorize", only:
                run = await run_categorization.recategorize(self.services, review_only=only, **entity)
                self.runs.append(run.id)
            case "undo", place if self.runs:
                await run_categorization.undo_run(self.services, run_id=self.runs[place % len(self.runs)], **entity)
            case "floors", floor:
                await change_settings.set_floors(self.services, Floors(auto_post=floor), **entity)
            case ("judge",):
                async with db.write_entity(self.pool, **entity) as conn:
                    now = self.services.now()
                    others = await judge_transactions(conn, self.rows, now=now, **entity)
                    await post_bank_transactions(conn, [*self.rows, *others], now=now, **entity)
        return {}


@pytest.fixture(scope="module")
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    made = asyncio.new_event_loop()
    yield made
    made.close()


@pytest.fixture(scope="module")
def world(postgres: Any, sandbox: RunningSandbox, loop: asyncio.AbstractEventLoop) -> Iterator[World]:
    with fresh_database(postgres) as database:
        holder = _opened(database, sandbox)
        yield loop.run_until_complete(anext(holder))
        with pytest.raises(StopAsyncIteration):
            loop.run_until_complete(anext(holder))


async def _opened(database: Database, sandbox: RunningSandbox) -> Any:
    pool = new_pool(database.app_dsn, size_max=2)
    await pool.open()
    async with wired_services(pool, sandbox.base_url) as services:
        entity_id = await open_entity(pool, database)
        token = await services.feed.sandbox_public_token(
            institution_id="ins_109508", username="user_studio", days_requested=20
        )
        [item_id, *_] = [row.item_id for row in await link_item(services, entity_id=entity_id, public_token=token)]
        await sync_item(services, entity_id=entity_id, item_id=item_id)
        found = World(services, pool, entity_id)
        found.rows = [BankTransactionId(number) for number in sorted(await found.judgements())]
        async with db.read_entity(pool, entity_id=entity_id) as conn:
            found.codes = {row.code: row.id for row in await ledger.ledger_accounts(conn, entity_id=entity_id)}
        yield found
    await pool.close()


@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(operations=st.lists(OPERATIONS, min_size=3, max_size=10))
def test_no_order_of_deeds_overrules_a_person(
    world: World, loop: asyncio.AbstractEventLoop, operations: list[tuple[Any, ...]]
) -> None:
    async def play() -> None:
        said = await world.said_by_people()
        for operation in operations:
            new = await world.do(operation)
            now = await world.judgements()
            said |= {number: account for number, account in new.items() if now[number][1] == "person"}
            assert {number: now[number] for number in said} == {
                number: (account, "person") for number, account in said.items()
            }, operation
        async with db.read_entity(world.pool, entity_id=world.entity_id) as conn:
            broken = await violations(conn, LEDGER_INVARIANTS | BOOKKEEPING_INVARIANTS, entity_id=world.entity_id)
        assert broken == []

    loop.run_until_complete(play())


def test_the_database_itself_refuses_a_machine(world: World, loop: asyncio.AbstractEventLoop) -> None:
    async def overrule() -> None:
        number = world.rows[0]
        decision = Decision(bank_transaction_id=number, ledger_account_id=world.codes[6350])
        await decide_many(world.services, [decision], entity_id=world.entity_id)
        async with db.write_entity(world.pool, entity_id=world.entity_id) as conn:
            await conn.execute(
                "UPDATE categorization SET decided_by = 'model' WHERE entity_id = %s AND bank_transaction_id = %s",
                (world.entity_id, number),
            )

    with pytest.raises(psycopg.errors.CheckViolation, match="a person decided"):
        loop.run_until_complete(overrule())


def test_undoing_all_runs_backwards_gives_back_what_was(world: World, loop: asyncio.AbstractEventLoop) -> None:
    async def play() -> None:
        await world.do(("floors", None))
        await world.do(("judge",))
        before = await world.judgements()
        made = len(world.runs)
        for operation in (("rule", 0, 6350), ("apply", -1), ("rule", 1, SPLIT), ("apply", -1), ("recategorize", False)):
            await world.do(operation)
        assert await world.judgements() != before
        for run_id in reversed(world.runs[made:]):
            await run_categorization.undo_run(world.services, entity_id=world.entity_id, run_id=run_id)
        assert await world.judgements() == before

    loop.run_until_complete(play())
