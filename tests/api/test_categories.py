"""The chart of accounts through the API."""

import asyncio
from typing import Any

import pytest

from tests.support.api import Api


async def test_chart_is_ordered_and_says_what_can_be_chosen(studio: tuple[Api, str]) -> None:
    api, entity_id = studio
    rows = (await api.ok("GET", "/v1/categories", params={"entityId": entity_id}))["categories"]
    codes = [row["code"] for row in rows]
    assert codes == sorted(set(codes))
    accounts = (await api.ok("GET", "/v1/banks/accounts", params={"entityId": entity_id}))["accounts"]
    fed_by_banks = {row["ledgerAccountId"] for row in accounts}
    not_for_choosing = {row["id"] for row in rows if not row["isCategory"]}
    assert fed_by_banks < not_for_choosing
    assert {row["name"] for row in rows if row["id"] in not_for_choosing - fed_by_banks} == {
        "Owner's Equity",
        "Retained Earnings",
    }


async def test_added_category_gets_the_next_number_of_its_type(api: Api) -> None:
    entity_id = await api.create_entity()
    body = {"name": "  Props & Models ", "type": "EXPENSE", "subTypeCode": 7}
    made = (await api.ok("POST", "/v1/categories", params={"entityId": entity_id}, json=body))["category"]
    assert (made["name"], made["type"], made["code"], made["subTypeCode"]) == ("Props & Models", "EXPENSE", 7000, 7)
    rows = (await api.ok("GET", "/v1/categories", params={"entityId": entity_id}))["categories"]
    assert next(row for row in rows if row["id"] == made["id"])["isCategory"] is True


async def test_adding_again_returns_the_same_one(api: Api) -> None:
    entity_id = await api.create_entity()
    given = {"params": {"entityId": entity_id}}
    first = await api.ok("POST", "/v1/categories", json={"name": "Props", "type": "EXPENSE"}, **given)
    assert first == await api.ok("POST", "/v1/categories", json={"name": "PROPS", "type": "EXPENSE"}, **given)
    other = await api.ok("POST", "/v1/categories", json={"name": "Props", "type": "REVENUE"}, **given)
    assert other["category"]["id"] != first["category"]["id"]


async def test_adding_at_once_makes_one_or_says_so(api: Api) -> None:
    entity_id = await api.create_entity()
    given: dict[str, Any] = {"params": {"entityId": entity_id}, "json": {"name": "Props", "type": "EXPENSE"}}
    answers = await asyncio.gather(*(api.call("POST", "/v1/categories", **given) for _ in range(4)))
    assert {answer.status_code for answer in answers} <= {200, 409}
    rows = (await api.ok("GET", "/v1/categories", params={"entityId": entity_id}))["categories"]
    assert [row["name"] for row in rows].count("Props") == 1


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 400, "INVALID_REQUEST"),
        ({"name": "", "type": "EXPENSE"}, 400, "INVALID_REQUEST"),
        ({"name": "   ", "type": "EXPENSE"}, 400, "INVALID_REQUEST"),
        ({"name": "x" * 256, "type": "EXPENSE"}, 400, "INVALID_REQUEST"),
        ({"name": "a\x00b", "type": "EXPENSE"}, 400, "INVALID_REQUEST"),
        ({"name": "x", "type": "COST"}, 400, "INVALID_REQUEST"),
        ({"name": "x", "type": "EXPENSE", "accountCode": 0}, 400, "INVALID_REQUEST"),
        ({"name": "x", "type": "EXPENSE", "accountCode": 10**7}, 400, "INVALID_REQUEST"),
        ({"name": "x", "type": "EXPENSE", "accountCode": 3000}, 409, "LEDGER_ACCOUNT_TAKEN"),
    ],
)
async def test_bad_category_is_refused(studio: tuple[Api, str], body: dict[str, Any], status: int, code: str) -> None:
    api, entity_id = studio
    answer = await api.call("POST", "/v1/categories", params={"entityId": entity_id}, json=body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
