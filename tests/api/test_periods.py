"""Closing periods and loading rates over HTTP, and who the journal says did it."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import psycopg
import pytest

from tests.support.api import Api

YEAR_END = {"role": "accountant", "reason": "The year is filed."}


async def change(api: Api, entity_id: str, path: str, **body: Any) -> Any:
    return await api.ok("POST", f"/v1/periods/{path}", params={"entityId": entity_id}, json={**YEAR_END, **body})


async def test_a_period_is_closed_and_reopened_and_the_log_says_by_whom(api: Api) -> None:
    entity_id = await api.create_entity(fiscalYearStartMonth=4)
    closed = await api.ok(
        "POST",
        "/v1/periods/close",
        params={"entityId": entity_id},
        json={**YEAR_END, "through": "2025-12-31"},
        headers={"X-Actor": "Zo%C3%AB"},
    )
    assert (closed["closedThrough"], closed["fiscalYearStartMonth"]) == ("2025-12-31", 4)
    [event] = closed["events"]
    assert event["actor"] == {"kind": "person", "id": api.developer.developer_id, "name": "Zoë"}
    assert (event["action"], event["role"], event["reason"]) == ("close", "accountant", "The year is filed.")
    reopened = await change(api, entity_id, "reopen", through=None)
    assert reopened["closedThrough"] is None
    assert reopened["events"][0]["actor"] == {"kind": "developer", "id": api.developer.developer_id, "name": None}
    assert await api.ok("GET", "/v1/periods", params={"entityId": entity_id}) == reopened
    token = await api.entity_token(entity_id)
    mine = await api.ok("POST", "/v1/periods/close", token=token, json={**YEAR_END, "through": "2025-06-30"})
    assert mine["events"][0]["actor"] == {"kind": "person", "id": entity_id, "name": None}


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("close", {"through": "2999-01-01"}, 400, "INVALID_PERIOD_CHANGE"),
        ("close", {"through": "yesterday"}, 400, "INVALID_REQUEST"),
        ("close", {"through": "2025-12-31", "role": "intern"}, 400, "INVALID_REQUEST"),
        ("close", {"through": "2025-12-31", "reason": " "}, 400, "INVALID_REQUEST"),
        ("close", {"through": "2025-12-31", "reason": "x" * 1001}, 400, "INVALID_REQUEST"),
        ("reopen", {"through": "2025-12-31"}, 400, "INVALID_PERIOD_CHANGE"),
        ("reopen", {"through": None, "role": "bookkeeper"}, 403, "PERIOD_ROLE"),
    ],
)
async def test_what_cannot_be_closed_or_reopened(
    api: Api, path: str, body: dict[str, Any], status: int, code: str
) -> None:
    params = {"entityId": await api.create_entity()}
    answer = await api.call("POST", f"/v1/periods/{path}", params=params, json={**YEAR_END, **body})
    assert (answer.status_code, answer.json()["code"]) == (status, code)


@pytest.mark.parametrize("name", ["", "x" * 201, "a%00b", "a%0Ab", "%E2%80%AE", "%ff%0d"])
async def test_a_name_that_cannot_be_one_is_refused(api: Api, name: str) -> None:
    params = {"entityId": await api.create_entity()}
    answer = await api.call(
        "POST",
        "/v1/periods/close",
        params=params,
        json={**YEAR_END, "through": "2025-12-31"},
        headers={"X-Actor": name},
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_ACTOR")


async def test_rates_are_loaded_listed_and_replaced(api: Api) -> None:
    params = {"entityId": await api.create_entity(currency="EUR")}
    rates = [
        {"currency": "USD", "date": "2026-01-01", "rate": "0.9"},
        {"currency": "KWD", "date": "2026-01-02", "rate": "2.9581034"},
    ]
    loaded = await api.ok("PUT", "/v1/exchange-rates", params=params, json={"rates": rates})
    assert loaded == {"changed": 2, "booked": 0, "stillHeld": 0}
    again = await api.ok("PUT", "/v1/exchange-rates", params=params, json={"rates": rates})
    assert again["changed"] == 0
    answer = await api.ok("GET", "/v1/exchange-rates", params=params)
    assert answer == {"baseCurrency": "EUR", "rates": rates[::-1]}
    only = {**params, "currency": "USD", "startDate": "2026-01-01", "endDate": "2026-01-01"}
    assert (await api.ok("GET", "/v1/exchange-rates", params=only))["rates"] == rates[:1]


@pytest.mark.parametrize(
    "rate",
    [
        {"currency": "EUR", "date": "2026-01-01", "rate": "0"},
        {"currency": "EUR", "date": "2026-01-01", "rate": "-1"},
        {"currency": "EUR", "date": "2026-01-01", "rate": "NaN"},
        {"currency": "EUR", "date": "2026-01-01", "rate": "1e30"},
        {"currency": "USD", "date": "2026-01-01", "rate": "1"},
        {"currency": "XYZ", "date": "2026-01-01", "rate": "1"},
        {"currency": "EUR", "date": "2026-02-30", "rate": "1"},
    ],
)
async def test_rates_that_cannot_be_are_refused(api: Api, rate: dict[str, str]) -> None:
    answer = await api.call(
        "PUT", "/v1/exchange-rates", params={"entityId": await api.create_entity()}, json={"rates": [rate]}
    )
    assert answer.status_code == 400


async def test_a_category_in_a_closed_period_stays_and_the_journal_names_who_chose_others(
    api: Api, sandbox: Any
) -> None:
    entity_id = await api.create_entity()
    params = {"entityId": entity_id}
    await api.link(sandbox, entity_id)
    await api.sync(entity_id)
    listed = (await api.ok("GET", "/v1/transactions", params={**params, "status": "POSTED"}))["transactions"]
    categories = (await api.ok("GET", "/v1/categories", params=params))["categories"]
    meals = next(one["id"] for one in categories if one["code"] == 6350)
    [newest, *_, oldest] = [row for row in listed if row["category_id"] != meals]
    through = date.fromisoformat(newest["date"]) - timedelta(days=1)
    await change(api, entity_id, "close", through=str(min(through, datetime.now(UTC).date())))
    body = {"transactionId": oldest["id"], "categoryId": meals}
    refused = await api.call("POST", "/v1/transactions/categorize", params=params, json=body)
    assert (refused.status_code, refused.json()["code"]) == (409, "PERIOD_CLOSED")
    body = {"transactionId": newest["id"], "categoryId": meals}
    await api.ok("POST", "/v1/transactions/categorize", params=params, json=body, headers={"X-Actor": "Ann"})
    with psycopg.connect(api.database.owner_dsn) as owner:
        cursor = owner.execute(
            "SELECT kind, actor_kind, actor_name, reason FROM journal_entry"
            " WHERE entity_id = %s AND actor_kind <> 'machine' ORDER BY id",
            (int(entity_id),),
        )
        assert cursor.fetchall() == [
            ("reversal", "person", "Ann", "Booked to another account: You chose this category."),
            ("bank_transaction", "person", "Ann", "You chose this category."),
        ]
