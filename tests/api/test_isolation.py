"""Two developers, two entities, one database: nobody sees or changes anything of anybody else."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest

from openledger_server.base import db
from openledger_server.base.db import Pool
from tests.support.api import Api, open_api
from tests.support.database import Database
from tests.support.sandbox import RunningSandbox
from tests.support.services import wired_services


@dataclass(frozen=True, slots=True)
class House:
    """One developer's entity with a linked bank, and the ids of some of its things."""

    api: Api
    entity_id: str
    transaction_id: str
    category_id: str
    bank_account_id: str


async def furnished(api: Api, sandbox: RunningSandbox, name: str) -> House:
    entity_id = await api.create_entity(name, externalId="shared-external-id")
    await api.link(sandbox, entity_id, username="user_history_20")
    await api.sync(entity_id)
    params = {"params": {"entityId": entity_id}}
    condition = {"field": "direction", "operator": "is", "value": "in"}
    rule = {"name": "In", "condition": condition, "action": {"counterparty": "Somebody"}}
    made = (await api.ok("POST", "/v1/rules", json=rule, **params))["rule"]
    await api.ok("POST", f"/v1/rules/{made['id']}/apply", **params)
    return House(
        api=api,
        entity_id=entity_id,
        transaction_id=(await api.ok("GET", "/v1/transactions", **params))["transactions"][0]["id"],
        category_id=(await api.ok("GET", "/v1/categories", **params))["categories"][5]["id"],
        bank_account_id=(await api.ok("GET", "/v1/banks/accounts", **params))["accounts"][0]["id"],
    )


@pytest.fixture(scope="module")
async def houses(
    shared_pool: Pool, shared_database: Database, sandbox: RunningSandbox
) -> AsyncIterator[tuple[House, House]]:
    async with wired_services(shared_pool, sandbox.base_url) as services, open_api(services, shared_database) as api:
        other = await api.other_developer()
        yield await furnished(api, sandbox, "Mine"), await furnished(other, sandbox, "Theirs")


async def snapshot(house: House) -> Any:
    paths = ("/v1/banks/accounts", "/v1/categories", "/v1/transactions", "/v1/entities")
    return [await house.api.ok("GET", path, params={"entityId": house.entity_id}) for path in paths]


async def test_lists_show_ones_own_only(houses: tuple[House, House]) -> None:
    mine, theirs = houses
    for house, other in ((mine, theirs), (theirs, mine)):
        listed = await house.api.ok("GET", "/v1/entities")
        assert [entity["id"] for entity in listed["entities"]] == [house.entity_id]
        found = await house.api.ok("GET", "/v1/entities", params={"externalId": "shared-external-id"})
        assert found["entity"]["id"] == house.entity_id
        assert other.entity_id not in str(await snapshot(house))


async def test_foreign_things_in_ones_own_entity_are_unknown(houses: tuple[House, House]) -> None:
    mine, theirs = houses
    before = await snapshot(theirs)
    own: dict[str, Any] = {"params": {"entityId": mine.entity_id}}
    for body, code in [
        ({"transactionId": theirs.transaction_id, "categoryId": mine.category_id}, "TRANSACTION_NOT_FOUND"),
        ({"transactionId": mine.transaction_id, "categoryId": theirs.category_id}, "CATEGORY_NOT_FOUND"),
    ]:
        answer = await mine.api.call("POST", "/v1/transactions/categorize", json=body, **own)
        assert (answer.status_code, answer.json()["code"]) == (404, code)
    answer = await mine.api.call("PUT", "/v1/transactions/approve", json=[theirs.transaction_id], **own)
    assert answer.status_code == 404
    params = {"entityId": mine.entity_id, "bankAccountId": theirs.bank_account_id}
    assert (await mine.api.ok("GET", "/v1/transactions", params=params))["transactions"] == []
    assert await snapshot(theirs) == before


async def test_foreign_rules_runs_and_accounts_are_unknown(houses: tuple[House, House]) -> None:
    mine, theirs = houses
    own: dict[str, Any] = {"params": {"entityId": mine.entity_id}}
    foreign: dict[str, Any] = {"params": {"entityId": theirs.entity_id}}
    condition = {"field": "direction", "operator": "is", "value": "out"}
    rule = {"name": "All", "condition": condition, "action": {"counterparty": "Anybody"}}
    made = (await theirs.api.ok("POST", "/v1/rules", json=rule, **foreign))["rule"]
    run = (await theirs.api.ok("POST", f"/v1/rules/{made['id']}/apply", **foreign))["run"]
    before = await snapshot(theirs)
    account = {"categoryId": theirs.category_id}
    for method, path, body, code in [
        ("GET", f"/v1/rules/{made['id']}", None, "RULE_NOT_FOUND"),
        ("PUT", f"/v1/rules/{made['id']}", rule, "RULE_NOT_FOUND"),
        ("POST", f"/v1/rules/{made['id']}/apply", None, "RULE_NOT_FOUND"),
        ("POST", "/v1/rules/preview", {**rule, "ruleId": made["id"]}, "RULE_NOT_FOUND"),
        ("POST", "/v1/rules", {**rule, "action": account}, "CATEGORY_NOT_FOUND"),
        ("POST", "/v1/rules/preview", {**rule, "action": account}, "CATEGORY_NOT_FOUND"),
        (
            "PUT",
            "/v1/categorization/mapping",
            {"mapping": [{"code": "TRAVEL_FLIGHTS", **account}]},
            "CATEGORY_NOT_FOUND",
        ),
        ("GET", f"/v1/categorization/runs/{run['id']}", None, "RUN_NOT_FOUND"),
        *(
            (
                "POST",
                f"/v1/transfers/{word}",
                {"outTransactionId": theirs.transaction_id, "inTransactionId": mine.transaction_id},
                "TRANSACTION_NOT_FOUND",
            )
            for word in ("confirm", "reject")
        ),
        ("POST", f"/v1/categorization/runs/{run['id']}/undo", None, "RUN_NOT_FOUND"),
    ]:
        answer = await mine.api.call(method, path, json=body, **own)
        assert (answer.status_code, answer.json()["code"]) == (404, code), path
    await mine.api.ok("DELETE", f"/v1/rules/{made['id']}", **own)
    order = await mine.api.call("PUT", "/v1/rules/order", json={"ruleIds": [made["id"]]}, **own)
    assert order.json()["code"] == "INVALID_RULE_ORDER"
    wanted = {"decisions": [{"transactionId": theirs.transaction_id, "categoryId": mine.category_id}]}
    bulk = await mine.api.ok("POST", "/v1/transactions/bulk-categorize", json=wanted, **own)
    assert [result["code"] for result in bulk["results"]] == ["TRANSACTION_NOT_FOUND"]
    for path in ("/v1/rules", "/v1/categorization/runs", "/v1/review", "/v1/categorization/mapping"):
        assert theirs.entity_id not in str(await mine.api.ok("GET", path, **own))
    assert len((await mine.api.ok("GET", "/v1/rules", **own))["rules"]) == 1
    assert await snapshot(theirs) == before
    assert (await theirs.api.ok("GET", f"/v1/rules/{made['id']}", **foreign))["rule"]["id"] == made["id"]


async def test_cursor_of_somebody_else_shows_nothing_of_theirs(houses: tuple[House, House]) -> None:
    mine, theirs = houses
    page = await theirs.api.ok("GET", "/v1/transactions", params={"entityId": theirs.entity_id, "pageSize": 3})
    params = {"entityId": mine.entity_id, "cursor": page["nextCursor"], "pageSize": 100}
    rows = (await mine.api.ok("GET", "/v1/transactions", params=params))["transactions"]
    assert {row["entityId"] for row in rows} <= {mine.entity_id}


async def test_the_database_itself_keeps_them_apart(houses: tuple[House, House], shared_pool: Pool) -> None:
    mine, theirs = houses
    tables = (
        "bank_transaction",
        "ledger_account",
        "journal_entry",
        "posting",
        "item",
        "categorization",
        "entity",
        "categorization_rule",
        "categorization_run",
        "categorization_change",
    )
    async with db.read_entity(shared_pool, entity_id=int(mine.entity_id)) as conn:
        for table in tables:
            column = "id" if table == "entity" else "entity_id"
            cursor = await conn.execute(f"SELECT DISTINCT {column} FROM {table}")  # noqa: S608 - names from above
            assert await cursor.fetchall() == [(int(mine.entity_id),)]
    assert mine.entity_id != theirs.entity_id


async def test_a_connection_without_a_tenant_sees_nothing(houses: tuple[House, House], shared_pool: Pool) -> None:
    assert houses
    async with shared_pool.connection() as conn:
        for table in ("entity", "developer", "api_key", "item", "posting"):
            cursor = await conn.execute(f"SELECT count(*) FROM {table}")  # noqa: S608 - names from above
            assert await cursor.fetchone() == (0,)
