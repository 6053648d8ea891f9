"""The review queue, deciding many rows at once, floors, mapping, statistics and rules worth making."""

from typing import Any

import pytest

from tests.api.test_rules import contains, made, state
from tests.api.test_transactions import category_id, linked_entity, listed
from tests.support.api import Api
from tests.support.sandbox import RunningSandbox

BULK = "/v1/transactions/bulk-categorize"


async def queue(api: Api, entity_id: str, size: int = 100) -> list[dict[str, Any]]:
    groups: list[dict[str, Any]] = []
    cursor = None
    while True:
        given = {"entityId": entity_id, "pageSize": size, **({"cursor": cursor} if cursor else {})}
        page = await api.ok("GET", "/v1/review", params=given)
        groups += page["groups"]
        cursor = page["nextCursor"]
        assert page["hasMore"] == (cursor is not None)
        if cursor is None:
            return groups


async def test_the_queue_holds_each_settled_row_that_waits_once(studio: tuple[Api, str]) -> None:
    api, entity_id = studio
    rows = {row["id"]: row for row in await listed(api, entity_id)}
    waiting = {number for number, row in rows.items() if row["needsReview"] and not row["isPending"]}
    groups = await queue(api, entity_id)
    named = [number for group in groups for number in group["transactionIds"]]
    assert len(named) == len(set(named))
    assert set(named) == waiting
    assert [group["transactionCount"] for group in groups] == sorted(
        (group["transactionCount"] for group in groups), reverse=True
    )
    page = await api.ok("GET", "/v1/review", params={"entityId": entity_id})
    assert page["summary"] == {"transactions": len(waiting), "groups": len(groups)}
    for group in groups:
        mine = [rows[number] for number in group["transactionIds"]]
        assert group["transactionCount"] == len(mine)
        assert {row["direction"] for row in mine} == {group["direction"]}
        assert group["total"] == pytest.approx(sum(row["amount"] for row in mine))
        assert [row["date"] for row in mine] == sorted((row["date"] for row in mine), reverse=True)
        assert group["transactions"] == mine[:5]
        assert (group["firstDate"], group["lastDate"]) == (mine[-1]["date"], mine[0]["date"])


@pytest.mark.parametrize("size", [1, 3])
async def test_pages_of_the_queue_join_without_a_gap(studio: tuple[Api, str], size: int) -> None:
    api, entity_id = studio
    assert await queue(api, entity_id, size) == await queue(api, entity_id)


@pytest.mark.parametrize("cursor", ["nonsense", "cmV2aWV3fHh8", "cmV2aWV3fDF8MDA", "dHwyMDI2LTAxLTAxfDE"])
async def test_a_bad_cursor_is_refused(studio: tuple[Api, str], cursor: str) -> None:
    api, entity_id = studio
    answer = await api.call("GET", "/v1/review", params={"entityId": entity_id, "cursor": cursor})
    assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_CURSOR")


async def test_many_rows_are_decided_at_once_with_a_result_each(api: Api, sandbox: RunningSandbox) -> None:
    entity_id = await linked_entity(api, sandbox, "user_studio")
    params = {"entityId": entity_id}
    group = (await queue(api, entity_id))[0]
    travel = await category_id(api, entity_id, "Travel")
    accounts = (await api.ok("GET", "/v1/banks/accounts", params=params))["accounts"]
    before = await listed(api, entity_id)
    other = next(row["id"] for row in before if row["id"] not in group["transactionIds"] and not row["isPending"])
    wanted = [{"transactionId": number, "categoryId": travel} for number in group["transactionIds"]]
    bad = [
        {"transactionId": "1", "categoryId": travel},
        {"transactionId": "tx_1"},
        {"transactionId": other, "categoryId": accounts[0]["ledgerAccountId"]},
    ]
    body = {"decisions": [*wanted, *bad]}
    tried = await api.ok("POST", BULK, params=params, json={**body, "dryRun": True})
    assert state(await listed(api, entity_id)) == state(before)
    done = await api.ok("POST", BULK, params=params, json=body)
    assert {**tried, "dryRun": False} == done
    assert (done["changed"], done["failed"], done["success"]) == (len(wanted), 3, False)
    assert [result["code"] for result in done["results"][-3:]] == [
        "TRANSACTION_NOT_FOUND",
        "TRANSACTION_NOT_FOUND",
        "CATEGORY_IS_BANK_ACCOUNT",
    ]
    after = {row["id"]: row for row in await listed(api, entity_id)}
    for number in group["transactionIds"]:
        assert (after[number]["category"], after[number]["decidedBy"]) == ("Travel", "person")
    entries = api.count("journal_entry")
    again = await api.ok("POST", BULK, params=params, json=body)
    assert (again["changed"], api.count("journal_entry")) == (0, entries)
    assert state(await listed(api, entity_id)) == state(list(after.values()))


async def test_approving_many_takes_suggestions_over(api: Api, sandbox: RunningSandbox) -> None:
    entity_id = await linked_entity(api, sandbox, "user_studio")
    params = {"entityId": entity_id}
    suggested = [row for row in await listed(api, entity_id) if row["suggestedCategory"] and not row["isPending"]][:3]
    body = {"decisions": [{"transactionId": row["id"]} for row in suggested]}
    done = await api.ok("POST", BULK, params=params, json=body)
    assert [result["categoryId"] for result in done["results"]] == [row["suggestedCategory"]["id"] for row in suggested]
    found = await api.ok("GET", "/v1/categorization/statistics", params=params)
    assert found["total"]["byPerson"] == len(suggested)
    assert found["total"]["corrected"] == 0
    assert sum(one["confirmed"] for one in found["byDecider"]) == len(suggested)


async def test_statistics_add_up_and_count_corrections(api: Api, sandbox: RunningSandbox) -> None:
    entity_id = await linked_entity(api, sandbox, "user_studio")
    params = {"entityId": entity_id}
    rows = [row for row in await listed(api, entity_id) if not row["isPending"]]
    sure = next(row for row in rows if row["decidedBy"] == "provider" and not row["needsReview"])
    name = "Gifts" if sure["category"] != "Gifts" else "Rent"
    body = {"transactionId": sure["id"], "categoryId": await category_id(api, entity_id, name)}
    await api.ok("POST", "/v1/transactions/categorize", params=params, json=body)
    found = await api.ok("GET", "/v1/categorization/statistics", params=params)
    total = found["total"]
    assert total["transactions"] == len(rows)
    assert total["automatic"] + total["waitingForReview"] + total["byPerson"] == len(rows)
    assert (total["byPerson"], total["corrected"]) == (1, 1)
    provider = next(one for one in found["byDecider"] if one["decidedBy"] == "provider")
    assert (provider["corrected"], provider["correctedAfterBooking"]) == (1, 1)
    assert provider["precision"] == pytest.approx(provider["automatic"] / (provider["automatic"] + 1), abs=1e-4)
    for key in ("transactions", "automatic", "waitingForReview", "byPerson", "corrected"):
        assert sum(month[key] for month in found["byMonth"]) == total[key]
    month = found["byMonth"][0]
    given = {**params, "startDate": f"{month['month']}-01", "endDate": f"{found['byMonth'][1]['month']}-01"}
    only = await api.ok("GET", "/v1/categorization/statistics", params=given)
    assert only["byMonth"] == [month]


async def test_always_makes_one_rule_and_takes_the_past_along(api: Api, sandbox: RunningSandbox) -> None:
    entity_id = await linked_entity(api, sandbox, "user_studio")
    params = {"entityId": entity_id}
    group = next(group for group in await queue(api, entity_id) if group["transactionCount"] > 1)
    body = {"transactionId": group["transactionIds"][0], "categoryId": await category_id(api, entity_id, "Travel")}
    plain = await api.ok("POST", "/v1/transactions/categorize", params=params, json=body)
    assert (plain["ruleId"], plain["runId"], plain["changedBefore"]) == (None, None, 0)
    assert plain["waitingLikeThis"] >= group["transactionCount"] - 1
    always = {**body, "always": True, "applyToPast": True}
    done = await api.ok("POST", "/v1/transactions/categorize", params=params, json=always)
    assert done["changedBefore"] >= group["transactionCount"] - 1
    after = {row["id"]: row for row in await listed(api, entity_id)}
    assert {after[number]["category"] for number in group["transactionIds"]} == {"Travel"}
    again = await api.ok("POST", "/v1/transactions/categorize", params=params, json=always)
    assert (again["ruleId"], again["runId"]) == (done["ruleId"], done["runId"])
    gifts = {**always, "categoryId": await category_id(api, entity_id, "Gifts")}
    moved = await api.ok("POST", "/v1/transactions/categorize", params=params, json=gifts)
    assert moved["ruleId"] == done["ruleId"], "the same merchant has one rule"
    rules = (await api.ok("GET", "/v1/rules", params=params))["rules"]
    assert [rule["action"]["categoryName"] for rule in rules] == ["Gifts"]
    assert moved["changedBefore"] == done["changedBefore"]


async def test_repeated_corrections_suggest_a_rule(api: Api, sandbox: RunningSandbox) -> None:
    entity_id = await linked_entity(api, sandbox, "user_studio")
    params = {"entityId": entity_id}
    assert (await api.ok("GET", "/v1/rules/suggestions", params=params))["suggestions"] == []
    rows = [row for row in await listed(api, entity_id) if not row["isPending"] and row["counterparty"]]
    names = [row["counterparty"] for row in rows]
    name = max(set(names), key=names.count)
    mine = [row for row in rows if row["counterparty"] == name][:3]
    travel = await category_id(api, entity_id, "Gifts")
    body = {"decisions": [{"transactionId": row["id"], "categoryId": travel} for row in mine]}
    await api.ok("POST", BULK, params=params, json=body)
    [found] = (await api.ok("GET", "/v1/rules/suggestions", params=params))["suggestions"]
    assert (found["decisions"], found["action"]["categoryName"]) == (3, "Gifts")
    assert found["corrections"] >= 1
    wanted = {key: found[key] for key in ("name", "condition")} | {"action": {"categoryId": travel}}
    preview = await api.ok("POST", "/v1/rules/preview", params=params, json=wanted)
    assert preview["decidedByPerson"] >= 3
    await api.ok("POST", "/v1/rules", params=params, json=wanted)
    assert (await api.ok("GET", "/v1/rules/suggestions", params=params))["suggestions"] == []


async def test_floors_and_mapping_hold_for_judging_anew(api: Api, sandbox: RunningSandbox) -> None:
    entity_id = await linked_entity(api, sandbox, "user_studio")
    params = {"entityId": entity_id}
    settings = "/v1/categorization/settings"
    defaults = await api.ok("GET", settings, params=params)
    assert (defaults["autoPostFloor"], defaults["suggestFloor"]) == (None, None)
    strict = {"autoPostFloor": 1, "suggestFloor": 0.4}
    for _ in range(2):
        answer = await api.ok("PUT", settings, params=params, json=strict)
        assert (answer["autoPostFloor"], answer["suggestFloor"]) == (1, 0.4)
    assert await api.ok("GET", settings, params=params) == answer
    run = (await api.ok("POST", "/v1/categorization/recategorize", params=params, json={}))["run"]
    assert run["changed"] > 0
    rows = await listed(api, entity_id)
    assert all(row["needsReview"] for row in rows if row["metadata"]["transferPartnerId"] is None)
    await api.ok("PUT", settings, params=params, json={})
    mapping = (await api.ok("GET", "/v1/categorization/mapping", params=params))["mapping"]
    assert {entry["code"] for entry in mapping} >= {"FOOD_AND_DRINK_COFFEE", "PAYROLL", "TRAVEL_FLIGHTS"}
    assert all(entry["isDefault"] and entry["categoryId"] for entry in mapping)
    software = next(entry for entry in mapping if entry["code"] == "GENERAL_SERVICES_OTHER_GENERAL_SERVICES")
    gifts = await category_id(api, entity_id, "Gifts")
    change = {"mapping": [{"code": software["code"], "categoryId": gifts}]}
    changed = (await api.ok("PUT", "/v1/categorization/mapping", params=params, json=change))["mapping"]
    entry = next(entry for entry in changed if entry["code"] == software["code"])
    assert (entry["categoryName"], entry["isDefault"]) == ("Gifts", False)
    back = {"mapping": [{"code": software["code"], "categoryId": None}]}
    assert (await api.ok("PUT", "/v1/categorization/mapping", params=params, json=back))["mapping"] == mapping


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("settings", {"autoPostFloor": 0.4}, 400, "INVALID_REQUEST"),
        ("settings", {"autoPostFloor": 1.1}, 400, "INVALID_REQUEST"),
        ("settings", {"autoPostFloor": "nan"}, 400, "INVALID_REQUEST"),
        ("settings", {"autoPostFloor": 0.6, "suggestFloor": 0.7}, 400, "INVALID_FLOOR"),
        ("mapping", {"mapping": [{"code": "TRANSFER_OUT_SAVINGS", "categoryId": None}]}, 400, "UNKNOWN_CATEGORY_CODE"),
        ("mapping", {"mapping": [{"code": "A'; --", "categoryId": None}]}, 400, "UNKNOWN_CATEGORY_CODE"),
        ("mapping", {"mapping": [{"code": "TRAVEL_FLIGHTS", "categoryId": "1"}]}, 404, "CATEGORY_NOT_FOUND"),
        ("mapping", {"mapping": [{"code": "TRAVEL_FLIGHTS", "categoryId": "x"}]}, 404, "CATEGORY_NOT_FOUND"),
    ],
)
async def test_bad_settings_are_refused(
    studio: tuple[Api, str], path: str, body: dict[str, Any], status: int, code: str
) -> None:
    api, entity_id = studio
    answer = await api.call("PUT", f"/v1/categorization/{path}", params={"entityId": entity_id}, json=body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_an_entity_with_all_of_this_can_be_deleted(api: Api, sandbox: RunningSandbox) -> None:
    entity_id = await linked_entity(api, sandbox, "user_good")
    params = {"entityId": entity_id}
    travel = await category_id(api, entity_id, "Travel")
    rule = await made(api, entity_id, contains("a"), categoryId=travel)
    await api.ok("POST", f"/v1/rules/{rule['id']}/apply", params=params)
    row = (await listed(api, entity_id))[0]
    body = {"transactionId": row["id"], "categoryId": travel, "always": True}
    await api.ok("POST", "/v1/transactions/categorize", params=params, json=body)
    await api.ok("PUT", "/v1/categorization/settings", params=params, json={"autoPostFloor": 0.9})
    change = {"mapping": [{"code": "TRAVEL_FLIGHTS", "categoryId": travel}]}
    await api.ok("PUT", "/v1/categorization/mapping", params=params, json=change)
    await api.ok("DELETE", "/v1/entities", params=params)
    tables = ("categorization_rule", "categorization_run", "categorization_change", "categorization_settings")
    assert [api.count(table) for table in (*tables, "category_mapping", "merchant_amount_memory")] == [0] * 6
