"""Kill the worker before each statement of a sync, one after the other; the next sync must end where it would have."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import psycopg
import pytest

from openledger_server.banking.types import ItemId
from openledger_server.base.db import new_pool
from openledger_server.processes.connection_facts import ConnectionFacts
from openledger_server.workflows.link_item import link_item
from openledger_server.workflows.set_category import set_category
from openledger_server.workflows.sync_item import sync_item
from tests.simulation.crash import Job, run_until_killed
from tests.simulation.state import state_of
from tests.support.database import Database, fresh_database
from tests.support.entities import open_entity
from tests.support.sandbox import RunningSandbox, running_sandbox
from tests.support.services import wired_services
from tests.sync.conftest import TODAY, LinkedBank

STATEMENTS_MAX = 300
ROW = {"op": "add", "account": "checking", "amount": 12.5, "date": TODAY.isoformat(), "name": "CORNER SHOP"}


@dataclass(frozen=True)
class Prepared:
    """A database in which one sync has been done and a change of every kind waits to be fetched."""

    template: str
    sandbox: RunningSandbox
    entity_id: int
    item_id: ItemId


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    with running_sandbox() as running:
        yield running


@pytest.fixture(scope="module", params=["first sync", "later sync with every kind of change"])
async def prepared(
    postgres: ConnectionFacts, sandbox: RunningSandbox, request: pytest.FixtureRequest
) -> AsyncIterator[Prepared]:
    with fresh_database(postgres) as database:
        pool = new_pool(database.app_dsn, size_max=2)
        async with pool, wired_services(pool, sandbox.base_url) as services:
            entity_id = await open_entity(pool, database)
            token = await services.feed.sandbox_public_token(
                institution_id="ins_109508", username="user_studio", days_requested=20
            )
            rows = await link_item(services, entity_id=entity_id, public_token=token)
            linked = LinkedBank(services, sandbox, entity_id, rows[0].item_id)
            if request.param != "first sync":
                await _sync_and_change(linked)
        name = str(psycopg.conninfo.conninfo_to_dict(database.owner_dsn)["dbname"])
        yield Prepared(name, sandbox, entity_id, rows[0].item_id)


async def _sync_and_change(linked: LinkedBank) -> None:
    await linked.change({**ROW, "pending": True}, ROW, ROW, ROW)
    await linked.sync()
    live = [key for key, (_, _, is_pending) in (await linked.our_rows()).items() if not is_pending][:2]
    pending, first, second, third = [
        change["transaction_id"]
        for change in await linked.change({**ROW, "pending": True}, {**ROW, "amount": 1}, {**ROW, "amount": 2}, ROW)
    ]
    await linked.sync()
    accounts = await linked.ledger_codes()
    await set_category(
        linked.services,
        entity_id=linked.entity_id,
        bank_transaction_id=await linked.row_id(pending),
        ledger_account_id=accounts[6400],
    )
    out = {**ROW, "amount": 777.01, "category": "TRANSFER_OUT_SAVINGS"}
    await linked.change(
        {"op": "settle", "transaction_id": pending, "amount": 15},
        {"op": "modify", "transaction_id": first, "amount": 3},
        {"op": "remove", "transaction_id": second},
        {"op": "modify", "transaction_id": third, "name": "ANOTHER NAME"},
        {"op": "remove", "transaction_id": live[0]},
        {**ROW, "amount": 9},
        out,
        {**out, "account": "savings", "amount": -777.01, "category": "TRANSFER_IN_SAVINGS"},
    )


async def _uninterrupted(prepared: Prepared, database: Database) -> dict[str, list[tuple[object, ...]]]:
    pool = new_pool(database.app_dsn, size_max=2)
    async with pool, wired_services(pool, prepared.sandbox.base_url) as services:
        await sync_item(services, entity_id=prepared.entity_id, item_id=prepared.item_id)
        linked = LinkedBank(services, prepared.sandbox, prepared.entity_id, prepared.item_id)
        assert await linked.is_in_step()
    return state_of(database.owner_dsn, prepared.entity_id)


async def test_killed_before_any_statement_the_next_sync_ends_in_the_same_state(
    postgres: ConnectionFacts, prepared: Prepared
) -> None:
    with fresh_database(postgres, template=prepared.template) as database:
        before = state_of(database.owner_dsn, prepared.entity_id)
        expected = await _uninterrupted(prepared, database)
    assert expected["rows"] != before["rows"]
    statement, was_killed = 0, True
    while was_killed:
        statement += 1
        assert statement < STATEMENTS_MAX, "a sync has a bounded number of statements"
        with fresh_database(postgres, template=prepared.template) as database:
            was_killed = run_until_killed(
                Job(
                    app_dsn=database.app_dsn,
                    plaid_url=prepared.sandbox.base_url,
                    entity_id=prepared.entity_id,
                    item_id=prepared.item_id,
                    statement=statement,
                )
            )
            after_kill = state_of(database.owner_dsn, prepared.entity_id)
            assert after_kill in (before, expected), f"killed before statement {statement}: half a sync is visible"
            assert await _uninterrupted(prepared, database) == expected, f"killed before statement {statement}"
    assert statement > 10, "the sync's statements were counted"
