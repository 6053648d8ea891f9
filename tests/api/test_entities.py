"""Entities through the API."""

import asyncio
from typing import Any

import pytest

from tests.support.api import Api
from tests.support.sandbox import RunningSandbox

TENANT_TABLES = (
    "bank_account",
    "bank_transaction",
    "booking",
    "categorization",
    "item",
    "journal_entry",
    "ledger_account",
    "ledger_account_day",
    "ledger_account_month",
    "merchant_memory",
    "opening_balance",
    "posting",
    "sync_run",
)


async def test_created_entity_is_found_again(api: Api) -> None:
    fields = {"entityType": "LLC", "usState": "OR", "tin": "12-3456789", "phoneNumber": "+1 503 555 0100"}
    made = await api.ok(
        "POST",
        "/v1/entities",
        json={"developerId": api.developer.developer_id, "externalId": "a-1", "legalName": "Lantern", **fields},
    )
    entity = made["entity"]
    assert entity["id"].isdigit()
    assert {name: entity[name] for name in fields} == fields
    assert (entity["legalName"], entity["externalId"], entity["status"]) == ("Lantern", "a-1", "ACTIVE")
    found = await api.ok("GET", "/v1/entities", params={"entityId": entity["id"]})
    assert found["entity"]["name"] == "Lantern"
    assert found["entity"]["plaidAccounts"] == []
    assert found == await api.ok("GET", "/v1/entities", params={"externalId": "a-1"})
    assert found == await api.ok("GET", "/v1/entity", params={"entityId": entity["id"]})


async def test_entity_needs_nothing_but_a_token(api: Api) -> None:
    made = await api.ok("POST", "/v1/entities", json={})
    assert made["entity"]["developerId"] == api.developer.developer_id


async def test_external_id_makes_creation_idempotent(api: Api) -> None:
    answers = await asyncio.gather(*(api.create_entity(f"Name {n}", externalId="same") for n in range(6)))
    assert len(set(answers)) == 1
    categories = await api.ok("GET", "/v1/categories", params={"entityId": answers[0]})
    codes = [category["code"] for category in categories["categories"]]
    assert codes == sorted(set(codes))
    assert len(codes) > 50


async def test_two_developers_may_use_the_same_external_id(api: Api) -> None:
    other = await api.other_developer()
    assert await api.create_entity(externalId="x") != await other.create_entity(externalId="x")


async def test_change_touches_only_what_is_named(api: Api) -> None:
    entity_id = await api.create_entity("Before", usState="OR", externalId="keep")
    changed = await api.ok(
        "PUT", "/v1/entities", params={"entityId": entity_id}, json={"legalName": "After", "status": "INACTIVE"}
    )
    assert (changed["legalName"], changed["status"], changed["usState"], changed["externalId"]) == (
        "After",
        "INACTIVE",
        "OR",
        "keep",
    )


async def test_external_id_of_another_entity_is_a_conflict(api: Api) -> None:
    await api.create_entity(externalId="taken")
    entity_id = await api.create_entity(externalId="mine")
    answer = await api.call("PUT", "/v1/entities", params={"entityId": entity_id}, json={"externalId": "taken"})
    assert (answer.status_code, answer.json()["code"]) == (409, "EXTERNAL_ID_TAKEN")


@pytest.mark.parametrize("path", ["/v1/entities", "/v1/entities/developer-entities"])
async def test_list_goes_page_by_page(api: Api, path: str) -> None:
    made = [await api.create_entity(f"E{n}") for n in range(5)]
    await (await api.other_developer()).create_entity("foreign")
    seen: list[str] = []
    cursor: str | None = None
    while True:
        page = await api.ok("GET", path, params={"pageSize": 2, **({"cursor": cursor} if cursor else {})})
        seen += [entity["id"] for entity in page["entities"]]
        cursor = page["nextCursor"]
        assert page["hasMore"] == (cursor is not None)
        if cursor is None:
            break
    assert sorted(seen) == sorted(made)
    assert len(seen) == len(set(seen))
    if path.endswith("developer-entities"):
        assert page["totalCount"] == 5


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"cursor": "nonsense"}, "INVALID_CURSOR"),
        ({"cursor": "é"}, "INVALID_CURSOR"),
        ({"cursor": ""}, "INVALID_CURSOR"),
        ({"cursor": "dHwyMDI2LTAxLTAxfDE"}, "INVALID_CURSOR"),
        ({"pageSize": "-1"}, "INVALID_PAGE_SIZE"),
        ({"pageSize": "0"}, "INVALID_PAGE_SIZE"),
        ({"pageSize": "101"}, "INVALID_PAGE_SIZE"),
        ({"pageSize": "many"}, "INVALID_REQUEST"),
    ],
)
async def test_bad_page_is_refused(api: Api, params: dict[str, str], code: str) -> None:
    answer = await api.call("GET", "/v1/entities", params=params)
    assert (answer.status_code, answer.json()["code"]) == (400, code)


async def test_entity_token_sees_and_may_do_less(api: Api) -> None:
    entity_id, sibling = await api.create_entity("Mine"), await api.create_entity("Sibling", externalId="s")
    token = await api.entity_token(entity_id)
    listed = (await api.call("GET", "/v1/entities", token=token)).json()
    assert [entity["id"] for entity in listed["entities"]] == [entity_id]
    for params in ({"entityId": sibling}, {"externalId": "s"}):
        assert (await api.call("GET", "/v1/entities", token=token, params=params)).status_code == 404
    refused: list[tuple[str, str, dict[str, Any]]] = [
        ("POST", "/v1/entities", {"json": {}}),
        ("DELETE", "/v1/entities", {"params": {"entityId": entity_id}}),
        ("GET", "/v1/entities/developer-entities", {}),
    ]
    for method, path, given in refused:
        answer = await api.call(method, path, token=token, **given)
        assert (answer.status_code, answer.json()["code"]) == (403, "DEVELOPER_TOKEN_REQUIRED")
    answer = await api.call("PUT", "/v1/entities", token=token, params={"entityId": entity_id}, json={"usState": "WA"})
    assert answer.json()["usState"] == "WA"


async def test_other_developers_id_is_refused(api: Api) -> None:
    other = await api.other_developer()
    answer = await api.call("POST", "/v1/entities", json={"developerId": other.developer.developer_id})
    assert (answer.status_code, answer.json()["code"]) == (403, "DEVELOPER_MISMATCH")


async def test_unlinked_entity_is_deleted(api: Api) -> None:
    entity_id = await api.create_entity()
    await api.ok("DELETE", "/v1/entities", params={"entityId": entity_id})
    answer = await api.call("DELETE", "/v1/entities", params={"entityId": entity_id})
    assert (answer.status_code, answer.json()["code"]) == (404, "ENTITY_NOT_FOUND")


async def test_deleting_takes_everything_along_and_gives_the_access_back(api: Api, sandbox: RunningSandbox) -> None:
    entity_id, kept = await api.create_entity(), await api.create_entity()
    await api.link(sandbox, entity_id, username="user_history_40")
    await api.sync(entity_id)
    detail = await api.ok("GET", "/v1/entities", params={"entityId": entity_id})
    item_id = detail["entity"]["plaidAccounts"][0]["plaidItemId"]
    token = await api.entity_token(entity_id)
    await api.ok("DELETE", "/v1/entities", params={"entityId": entity_id})
    removed = {item["item_id"]: item["is_removed"] for item in sandbox.control("GET", "/items")["items"]}
    assert removed[item_id] is True
    assert {table: api.count(table, entity_id) for table in TENANT_TABLES} == dict.fromkeys(TENANT_TABLES, 0)
    answer = await api.call("GET", "/v1/banks/accounts", token=token, params={"entityId": entity_id})
    assert (answer.status_code, answer.json()["code"]) == (404, "ENTITY_NOT_FOUND")
    await api.ok("GET", "/v1/categories", params={"entityId": kept})


async def test_nothing_is_deleted_while_plaid_is_down(api: Api, sandbox: RunningSandbox) -> None:
    entity_id = await api.create_entity()
    await api.link(sandbox, entity_id, username="user_history_40")
    sandbox.control("POST", "/faults", path="/item/remove", error_code="INTERNAL_SERVER_ERROR")
    answer = await api.call("DELETE", "/v1/entities", params={"entityId": entity_id})
    assert (answer.status_code, answer.json()["code"]) == (503, "BANK_FEED_FAILED")
    assert len((await api.ok("GET", "/v1/banks/accounts", params={"entityId": entity_id}))["accounts"]) == 1
    await api.ok("DELETE", "/v1/entities", params={"entityId": entity_id})
