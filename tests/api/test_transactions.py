"""Bank transactions through the API: list, categorise, approve."""

import json
from typing import Any

import pytest

from openledger_server.api.transactions import TransactionPage
from tests.support.api import Api
from tests.support.sandbox import RunningSandbox

JSON = {"Content-Type": "application/json"}


async def listed(api: Api, entity_id: str, **params: Any) -> list[dict[str, Any]]:
    """Return all rows, read page by page."""
    rows: list[dict[str, Any]] = []
    cursor: str | None = None
    while True:
        given = {"entityId": entity_id, "pageSize": 100, **params, **({"cursor": cursor} if cursor else {})}
        page = await api.ok("GET", "/v1/transactions", params=given)
        assert page["hasMore"] == (page["nextCursor"] is not None)
        rows += page["transactions"]
        cursor = page["nextCursor"]
        if cursor is None:
            return rows


async def linked_entity(api: Api, sandbox: RunningSandbox, username: str = "user_good") -> str:
    entity_id = await api.create_entity()
    await api.link(sandbox, entity_id, username=username)
    await api.sync(entity_id)
    return entity_id


async def category_id(api: Api, entity_id: str, name: str) -> str:
    rows = (await api.ok("GET", "/v1/categories", params={"entityId": entity_id}))["categories"]
    return str(next(row["id"] for row in rows if row["name"] == name))


async def test_pages_hold_every_row_once_newest_first(studio: tuple[Api, str]) -> None:
    api, entity_id = studio
    rows = await listed(api, entity_id)
    status = await api.ok("GET", "/v1/banks/sync-status", params={"entityId": entity_id})
    assert len(rows) == len({row["id"] for row in rows}) == status["transactionProgress"]["total"]
    keys = [(row["date"], int(row["id"])) for row in rows]
    assert keys == sorted(keys, reverse=True)


async def test_rows_are_what_the_documentation_says(studio: tuple[Api, str]) -> None:
    api, entity_id = studio
    answer = await api.call("GET", "/v1/transactions", params={"entityId": entity_id, "pageSize": 100})
    page = TransactionPage.model_validate(answer.json(), by_alias=True, by_name=False)
    again = page.model_dump(by_alias=True, mode="json")
    for ours, theirs in zip(answer.json()["transactions"], again["transactions"], strict=True):
        assert ours.keys() == theirs.keys()


async def test_a_row_moves_money_between_its_bank_and_its_category(studio: tuple[Api, str]) -> None:
    api, entity_id = studio
    accounts = (await api.ok("GET", "/v1/banks/accounts", params={"entityId": entity_id}))["accounts"]
    own = {row["id"]: row["ledgerAccountId"] for row in accounts}
    for row in await listed(api, entity_id):
        bank, category = own[row["plaid_account"]["id"]], row["category_id"]
        moved = (bank, category) if row["direction"] == "in" else (category, bank)
        assert (row["debitAccountId"], row["creditAccountId"]) == moved
        assert (row["debitAccount"]["id"], row["creditAccount"]["id"]) == moved
        assert row["amount"] == float(row["amountDecimal"]) >= 0
        assert row["debitAccount"]["code"].isdigit()
        assert row["decidedBy"] in {"memory", "transfer", "provider", "model", "fallback"}
        assert row["reason"]
        assert (row["status"] == "POSTED") == (not row["isPending"] and not row["needsReview"])
        assert row["metadata"]["isBooked"] is not row["isPending"]


async def test_status_and_account_filters_split_the_list(studio: tuple[Api, str]) -> None:
    api, entity_id = studio
    everything = {row["id"] for row in await listed(api, entity_id)}
    pending = {row["id"] for row in await listed(api, entity_id, status="PENDING")}
    posted = {row["id"] for row in await listed(api, entity_id, status="POSTED")}
    assert pending
    assert posted
    assert pending | posted == everything
    assert pending & posted == set()
    accounts = (await api.ok("GET", "/v1/banks/accounts", params={"entityId": entity_id}))["accounts"]
    for account in accounts:
        rows = await listed(api, entity_id, bankAccountId=account["id"])
        assert len(rows) == account["transactionCount"]
        assert {row["plaid_account"]["id"] for row in rows} == {account["id"]}
    assert await listed(api, entity_id, bankAccountId="nobody") == []


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"cursor": "nonsense"}, "INVALID_CURSOR"),
        ({"cursor": "ZXwx"}, "INVALID_CURSOR"),
        ({"cursor": "dHwyMDI2LTEzLTAxfDE"}, "INVALID_CURSOR"),
        ({"cursor": "dHwyMDI2LTAxLTAxfHg"}, "INVALID_CURSOR"),
        ({"cursor": "dHwyMDI2LTAxLTAxfDAx"}, "INVALID_CURSOR"),
        ({"cursor": "dHwyMDI2LTAxLTAxfDk5OTk5OTk5OTk5OTk5OTk5OTk5OTk"}, "INVALID_CURSOR"),
        ({"cursor": "=" * 1000}, "INVALID_CURSOR"),
        ({"pageSize": "-1"}, "INVALID_PAGE_SIZE"),
        ({"pageSize": "0"}, "INVALID_PAGE_SIZE"),
        ({"pageSize": "101"}, "INVALID_PAGE_SIZE"),
        ({"pageSize": "9" * 30}, "INVALID_PAGE_SIZE"),
        ({"pageSize": "1.5"}, "INVALID_REQUEST"),
        ({"status": "CLEARED"}, "INVALID_REQUEST"),
    ],
)
async def test_bad_list_is_refused(studio: tuple[Api, str], params: dict[str, str], code: str) -> None:
    api, entity_id = studio
    answer = await api.call("GET", "/v1/transactions", params={"entityId": entity_id, **params})
    assert (answer.status_code, answer.json()["code"]) == (400, code)


async def test_chosen_category_is_booked_and_approved(api: Api, sandbox: RunningSandbox) -> None:
    entity_id = await linked_entity(api, sandbox)
    row = next(row for row in await listed(api, entity_id) if not row["isPending"])
    wanted = await category_id(api, entity_id, "Meals")
    body = {"transactionId": row["id"], "categoryId": wanted}
    answer = await api.ok("POST", "/v1/transactions/categorize", params={"entityId": entity_id}, json=body)
    assert answer["transaction"]["metadata"] == {"categoryId": wanted, "categoryName": "Meals"}
    after = next(found for found in await listed(api, entity_id) if found["id"] == row["id"])
    assert (after["category"], after["decidedBy"], after["status"]) == ("Meals", "person", "POSTED")
    entries = api.count("journal_entry")
    await api.ok("POST", "/v1/transactions/categorize", params={"entityId": entity_id}, json=body)
    assert api.count("journal_entry") == entries


async def test_a_bank_accounts_own_ledger_account_is_no_category(api: Api, sandbox: RunningSandbox) -> None:
    entity_id = await linked_entity(api, sandbox)
    row = (await listed(api, entity_id))[0]
    accounts = (await api.ok("GET", "/v1/banks/accounts", params={"entityId": entity_id}))["accounts"]
    body = {"transactionId": row["id"], "categoryId": accounts[0]["ledgerAccountId"]}
    answer = await api.call("POST", "/v1/transactions/categorize", params={"entityId": entity_id}, json=body)
    assert (answer.status_code, answer.json()["code"]) == (400, "CATEGORY_IS_BANK_ACCOUNT")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 400, "INVALID_REQUEST"),
        ({"transactionId": "real"}, 400, "INVALID_REQUEST"),
        ({"transactionId": "1", "categoryId": "real"}, 404, "TRANSACTION_NOT_FOUND"),
        ({"transactionId": "tx_1", "categoryId": "real"}, 404, "TRANSACTION_NOT_FOUND"),
        ({"transactionId": "real", "categoryId": "1"}, 404, "CATEGORY_NOT_FOUND"),
        ({"transactionId": "real", "categoryId": "cat_meals"}, 404, "CATEGORY_NOT_FOUND"),
        ({"transactionId": 5, "categoryId": "real"}, 400, "INVALID_REQUEST"),
    ],
)
async def test_bad_categorisation_is_refused(
    studio: tuple[Api, str], body: dict[str, Any], status: int, code: str
) -> None:
    api, entity_id = studio
    row = (await api.ok("GET", "/v1/transactions", params={"entityId": entity_id, "pageSize": 1}))["transactions"][0]
    real = {"transactionId": row["id"], "categoryId": await category_id(api, entity_id, "Meals")}
    sent = {name: real[name] if value == "real" else value for name, value in body.items()}
    answer = await api.call("POST", "/v1/transactions/categorize", params={"entityId": entity_id}, json=sent)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


FORMS = [
    lambda ids: ids[0],
    lambda ids: ids[:1],
    lambda ids: ids,
    lambda ids: [{"id": number} for number in ids],
    lambda ids: {"id": ids[0]},
    lambda ids: {"transactionIds": ids},
    lambda ids: [*ids, *ids],
]


@pytest.mark.parametrize("form", FORMS)
async def test_approval_takes_all_forms(studio: tuple[Api, str], form: Any) -> None:
    api, entity_id = studio
    waiting = [row["id"] for row in await listed(api, entity_id, status="PENDING") if not row["isPending"]][:2]
    body = form(waiting)
    expected = waiting if json.dumps(body).count(waiting[1]) else waiting[:1]
    answer = await api.ok(
        "PUT", "/v1/transactions/approve", params={"entityId": entity_id}, content=json.dumps(body), headers=JSON
    )
    assert (answer["success"], answer["totalProcessed"]) == (True, len(expected))
    assert [result["id"] for result in answer["results"]] == expected
    assert {result["transaction"]["status"] for result in answer["results"]} == {"POSTED"}


async def test_approval_again_changes_nothing(api: Api, sandbox: RunningSandbox) -> None:
    entity_id = await linked_entity(api, sandbox)
    row = next(row for row in await listed(api, entity_id, status="PENDING") if not row["isPending"])
    given = {"params": {"entityId": entity_id}, "json": row["id"]}
    first = await api.ok("PUT", "/v1/transactions/approve", **given)
    before = (api.count("journal_entry"), (await listed(api, entity_id)))
    assert await api.ok("PUT", "/v1/transactions/approve", **given) == first
    assert (api.count("journal_entry"), (await listed(api, entity_id))) == before


async def test_approval_of_a_pending_row_waits_for_the_bank(api: Api, sandbox: RunningSandbox) -> None:
    entity_id = await linked_entity(api, sandbox, "user_studio")
    row = next(row for row in await listed(api, entity_id) if row["isPending"])
    answer = await api.ok("PUT", "/v1/transactions/approve", params={"entityId": entity_id}, json=[row["id"]])
    assert answer["results"][0]["transaction"]["status"] == "PENDING"


async def test_unknown_ids_fail_one_by_one(studio: tuple[Api, str]) -> None:
    api, entity_id = studio
    row = (await api.ok("GET", "/v1/transactions", params={"entityId": entity_id, "pageSize": 1}))["transactions"][0]
    given = {"params": {"entityId": entity_id}, "json": [row["id"], "1", "tx_1"]}
    answer = await api.ok("PUT", "/v1/transactions/approve", **given)
    assert (answer["success"], answer["totalProcessed"]) == (False, 3)
    assert [(result["success"], result["error"] is None) for result in answer["results"]] == [
        (True, True),
        (False, False),
        (False, False),
    ]
    nothing = await api.call("PUT", "/v1/transactions/approve", params={"entityId": entity_id}, json=["1"])
    assert (nothing.status_code, nothing.json()["code"]) == (404, "TRANSACTION_NOT_FOUND")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "INVALID_JSON"),
        (b"{", "INVALID_JSON"),
        (b"[" * 100_000, "INVALID_JSON"),
        (b'"\xff"', "INVALID_JSON"),
        (b"[]", "INVALID_REQUEST"),
        (b"{}", "INVALID_REQUEST"),
        (b"null", "INVALID_REQUEST"),
        (b"7", "INVALID_REQUEST"),
        (b'""', "INVALID_REQUEST"),
        (b"[1]", "INVALID_REQUEST"),
        (b'[["1"]]', "INVALID_REQUEST"),
        (json.dumps([str(n) for n in range(501)]).encode(), "INVALID_REQUEST"),
    ],
)
async def test_bad_approval_is_refused(studio: tuple[Api, str], body: bytes, code: str) -> None:
    api, entity_id = studio
    answer = await api.call(
        "PUT", "/v1/transactions/approve", params={"entityId": entity_id}, content=body, headers=JSON
    )
    assert (answer.status_code, answer.json()["code"]) == (400, code)
