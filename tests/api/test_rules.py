"""Rules through the API: made, tried on history, ordered, applied as a run, undone."""

from datetime import date, timedelta
from typing import Any
from unittest.mock import ANY

import pytest

from openledger_server.base import db
from openledger_server.ledger.periods import store as periods
from openledger_server.ledger.periods.types import Because, PeriodAction, PeriodRole
from openledger_server.ledger.types import MACHINE
from tests.api.test_transactions import category_id, linked_entity, listed
from tests.support.api import Api
from tests.support.sandbox import RunningSandbox

Row = dict[str, Any]
SHARE = {"categoryId": "1", "shareBasisPoints": 5000}
REST = {"categoryId": "1", "rest": True}


def contains(text: str) -> dict[str, Any]:
    return {"field": "text", "operator": "contains", "value": text}


async def made(api: Api, entity_id: str, condition: Any, *, name: str = "Rule", **action: Any) -> Row:
    body = {"name": name, "condition": condition, "action": action}
    answer = await api.ok("POST", "/v1/rules", params={"entityId": entity_id}, json=body)
    rule: Row = answer["rule"]
    return rule


async def applied(api: Api, entity_id: str, rule: Row) -> Row:
    answer = await api.ok("POST", f"/v1/rules/{rule['id']}/apply", params={"entityId": entity_id})
    run: Row = answer["run"]
    return run


def common_word(rows: list[Row]) -> str:
    """Return a word of the bank's texts that several rows which machines decided share."""
    words: list[str] = [
        row["description"].split()[0]
        for row in rows
        if row["description"].split() and row["metadata"]["transferPartnerId"] is None
    ]
    return max(set(words), key=words.count)


def state(rows: list[Row]) -> dict[str, tuple[Any, ...]]:
    keys = ("category_id", "decidedBy", "reason", "confidence", "needsReview", "counterparty", "suggestedCategory")
    return {row["id"]: tuple(str(row[key]) for key in keys) for row in rows}


async def test_a_rule_is_previewed_applied_and_undone(api: Api, sandbox: RunningSandbox) -> None:
    entity_id = await linked_entity(api, sandbox, "user_studio")
    params = {"entityId": entity_id}
    before = await listed(api, entity_id)
    word, travel = common_word(before), await category_id(api, entity_id, "Travel")
    found = [row for row in before if word.lower() in row["description"].lower()]
    action = {"categoryId": travel, "counterparty": "The Usual"}
    body = {"condition": contains(word.upper()), "action": action}
    preview = await api.ok("POST", "/v1/rules/preview", params=params, json=body)
    assert (preview["matched"], preview["changed"], preview["decidedByPerson"]) == (len(found), len(found), 0)
    assert state(await listed(api, entity_id)) == state(before)
    assert preview["examples"][0]["after"]["categoryName"] == "Travel"
    rule = await made(api, entity_id, contains(word.upper()), name="Usual", **action)
    assert state(await listed(api, entity_id)) == state(before)
    run = await applied(api, entity_id, rule)
    assert run["changed"] == len(found)
    after = {row["id"]: row for row in await listed(api, entity_id)}
    for row in found:
        now = after[row["id"]]
        assert (now["category"], now["decidedBy"], now["needsReview"]) == ("Travel", "rule", False)
        assert now["counterparty"] == "The Usual"
        assert now["reason"] == f"Your rule “Usual” says so: the text contains “{word.upper()}”."
    assert (await api.ok("GET", "/v1/rules", params=params))["rules"][0]["transactionCount"] == len(found)
    entries = api.count("journal_entry")
    assert await applied(api, entity_id, rule) == run, "a blind retry is the same run"
    assert api.count("journal_entry") == entries
    undone = await api.ok("POST", f"/v1/categorization/runs/{run['id']}/undo", params=params)
    assert (undone["run"]["restored"], undone["run"]["kept"]) == (len(found), 0)
    assert state(await listed(api, entity_id)) == state(before)
    entries = api.count("journal_entry")
    assert await api.ok("POST", f"/v1/categorization/runs/{run['id']}/undo", params=params) == undone
    assert api.count("journal_entry") == entries


async def test_a_person_goes_before_rules_runs_and_undoing(api: Api, sandbox: RunningSandbox) -> None:
    entity_id = await linked_entity(api, sandbox, "user_studio")
    params = {"entityId": entity_id}
    rows = await listed(api, entity_id)
    word = common_word(rows)
    found = [row for row in rows if word.lower() in row["description"].lower() and not row["isPending"]]
    meals, travel = [await category_id(api, entity_id, name) for name in ("Meals", "Travel")]
    mine, later = found[0]["id"], found[1]["id"]
    choose = "/v1/transactions/categorize"
    await api.ok("POST", choose, params=params, json={"transactionId": mine, "categoryId": meals})
    rule = await made(api, entity_id, contains(word), categoryId=travel)
    run = await applied(api, entity_id, rule)
    await api.ok("POST", choose, params=params, json={"transactionId": later, "categoryId": meals})
    undone = await api.ok("POST", f"/v1/categorization/runs/{run['id']}/undo", params=params)
    assert (undone["run"]["kept"], undone["run"]["restored"]) == (1, run["changed"] - 1)
    after = {row["id"]: row for row in await listed(api, entity_id)}
    for number in (mine, later):
        assert (after[number]["category"], after[number]["decidedBy"]) == ("Meals", "person")


async def test_the_first_rule_decides_and_order_can_be_changed(api: Api, sandbox: RunningSandbox) -> None:
    entity_id = await linked_entity(api, sandbox, "user_good")
    params = {"entityId": entity_id}
    word = common_word(await listed(api, entity_id))
    meals, travel = [await category_id(api, entity_id, name) for name in ("Meals", "Travel")]
    first = await made(api, entity_id, contains(word), name="First", categoryId=meals)
    second = await made(api, entity_id, {"any": [contains(word)]}, name="Second", categoryId=travel)
    assert [rule["position"] for rule in (first, second)] == [0, 1]
    body = {"condition": second["condition"], "action": {"categoryId": travel}, "ruleId": second["id"]}
    preview = await api.ok("POST", "/v1/rules/preview", params=params, json=body)
    assert preview["changed"] == 0
    assert preview["decidedByOtherRule"] == preview["matched"] > 0
    assert (await applied(api, entity_id, second))["changed"] == 0
    order = {"ruleIds": [second["id"], first["id"]]}
    ordered = await api.ok("PUT", "/v1/rules/order", params=params, json=order)
    assert [rule["name"] for rule in ordered["rules"]] == ["Second", "First"]
    assert await api.ok("PUT", "/v1/rules/order", params=params, json=order) == ordered
    assert (await applied(api, entity_id, second))["changed"] == preview["matched"]
    for wrong in ([], [first["id"]], [first["id"], first["id"]], [first["id"], "1"]):
        answer = await api.call("PUT", "/v1/rules/order", params=params, json={"ruleIds": wrong})
        assert answer.json()["code"] in {"INVALID_RULE_ORDER", "RULE_NOT_FOUND"}
    third = {"name": "Third", "condition": contains("x"), "action": {"counterparty": "X"}, "position": 1}
    await api.ok("POST", "/v1/rules", params=params, json=third)
    names = [rule["name"] for rule in (await api.ok("GET", "/v1/rules", params=params))["rules"]]
    assert names == ["Second", "Third", "First"]


async def test_undoing_the_earlier_of_two_runs_leaves_the_later_one(api: Api, sandbox: RunningSandbox) -> None:
    entity_id = await linked_entity(api, sandbox, "user_good")
    params = {"entityId": entity_id}
    before = await listed(api, entity_id)
    word = common_word(before)
    meals, travel = [await category_id(api, entity_id, name) for name in ("Meals", "Travel")]
    first = await made(api, entity_id, contains(word), name="First", categoryId=meals)
    earlier = await applied(api, entity_id, first)
    other = {"name": "Second", "condition": contains(word), "action": {"categoryId": travel}, "position": 0}
    second = (await api.ok("POST", "/v1/rules", params=params, json=other))["rule"]
    later = await applied(api, entity_id, second)
    assert earlier["changed"] == later["changed"] > 0
    undone = await api.ok("POST", f"/v1/categorization/runs/{earlier['id']}/undo", params=params)
    assert (undone["run"]["restored"], undone["run"]["kept"]) == (0, earlier["changed"])
    kept = [row for row in await listed(api, entity_id) if row["decidedBy"] == "rule"]
    assert {row["category"] for row in kept} == {"Travel"}
    await api.ok("POST", f"/v1/categorization/runs/{later['id']}/undo", params=params)
    assert state(await listed(api, entity_id)) == state(before)


async def test_new_rows_are_decided_by_rules(api: Api, sandbox: RunningSandbox) -> None:
    entity_id = await api.create_entity()
    travel = await category_id(api, entity_id, "Travel")
    out = {"field": "direction", "operator": "is", "value": "out"}
    await made(api, entity_id, out, name="All", categoryId=travel)
    await api.link(sandbox, entity_id, username="user_good")
    await api.sync(entity_id)
    rows = await listed(api, entity_id)
    assert {row["decidedBy"] for row in rows if row["direction"] == "out"} == {"rule"}
    assert {row["category"] for row in rows if row["direction"] == "out"} == {"Travel"}


async def test_a_transfer_rule_holds_rows_in_clearing_without_asking(api: Api, sandbox: RunningSandbox) -> None:
    entity_id = await linked_entity(api, sandbox, "user_good")
    row = next(row for row in await listed(api, entity_id) if row["decidedBy"] != "transfer")
    condition = {"field": "text", "operator": "is", "value": row["description"]}
    rule = await made(api, entity_id, condition, transfer=True)
    assert (await applied(api, entity_id, rule))["changed"] >= 1
    after = next(one for one in await listed(api, entity_id) if one["id"] == row["id"])
    assert (after["category"], after["decidedBy"], after["needsReview"]) == ("Transfers Clearing", "transfer", False)


async def test_a_rule_that_excludes_is_previewed_applied_and_undone(api: Api, sandbox: RunningSandbox) -> None:
    entity_id = await linked_entity(api, sandbox, "user_studio")
    params = {"entityId": entity_id}
    before = await listed(api, entity_id)
    word = common_word(before)
    found = {row["id"] for row in before if word.lower() in row["description"].lower()}
    body = {"condition": contains(word), "action": {"exclude": True}}
    preview = await api.ok("POST", "/v1/rules/preview", params=params, json=body)
    assert (preview["matched"], preview["changed"]) == (len(found), len(found))
    assert {(one["before"]["excluded"], one["after"]["excluded"]) for one in preview["examples"]} == {(False, True)}
    assert await listed(api, entity_id) == before
    rule = await made(api, entity_id, contains(word), name="Private", exclude=True)
    assert rule["action"] == {
        "categoryId": None,
        "categoryName": None,
        "counterparty": None,
        "transfer": False,
        "exclude": True,
        "split": None,
    }
    run = await applied(api, entity_id, rule)
    reason = f"Your rule “Private” says so: the text contains “{word}”."
    for row in await listed(api, entity_id):
        said = row["excluded"] and (row["excluded"]["reason"], row["excluded"]["decidedBy"])
        assert said == ((reason, "rule") if row["id"] in found else None)
        assert not (row["id"] in found and (row["metadata"]["isBooked"] or row["needsReview"]))
    await api.ok("POST", f"/v1/categorization/runs/{run['id']}/undo", params=params)
    assert state(await listed(api, entity_id)) == state(before)
    assert all(row["excluded"] is None for row in await listed(api, entity_id))


async def split_over(api: Api, entity_id: str) -> list[dict[str, Any]]:
    """12.34 % to Travel, 0.50 dollars to Meals, the rest to Office Supplies."""
    return [
        {"categoryId": await category_id(api, entity_id, "Travel"), "shareBasisPoints": 1234},
        {"categoryId": await category_id(api, entity_id, "Meals"), "amountMinor": 50, "currency": "USD"},
        {"categoryId": await category_id(api, entity_id, "Office Supplies"), "rest": True},
    ]


def parts_in_cents(row: Row) -> list[int]:
    """Return what the parts get by the rule of `split_over`, computed anew from the row's decimal text."""
    whole = int(row["amountDecimal"].replace(".", ""))
    share = whole * 1234 // 10_000
    return [share, 50, whole - share - 50]


async def test_a_rule_that_splits_is_previewed_applied_and_undone(api: Api, sandbox: RunningSandbox) -> None:
    entity_id = await linked_entity(api, sandbox, "user_studio")
    params = {"entityId": entity_id}
    before = await listed(api, entity_id)
    word = common_word(before)
    found = {row["id"]: row for row in before if word.lower() in row["description"].lower()}
    split = await split_over(api, entity_id)
    body = {"condition": contains(word), "action": {"split": split}}
    preview = await api.ok("POST", "/v1/rules/preview", params=params, json=body)
    assert (preview["matched"], preview["changed"]) == (len(found), len(found))
    for one in preview["examples"]:
        got = [int(part["amountDecimal"].replace(".", "")) for part in one["after"]["splits"]]
        assert (one["before"]["splits"], got) == ([], parts_in_cents(found[one["transactionId"]]))
        assert one["after"]["splits"][0]["categoryName"] == "Travel"
    assert await listed(api, entity_id) == before
    rule = await made(api, entity_id, contains(word), name="Shared", split=split)
    nothing = {"shareBasisPoints": None, "amountMinor": None, "currency": None, "rest": False}
    names = ("Travel", "Meals", "Office Supplies")
    assert rule["action"]["split"] == [
        {**nothing, **part, "categoryName": name} for part, name in zip(split, names, strict=True)
    ]
    assert (await made(api, entity_id, contains(word), name="Shared", **rule["action"]))["id"] == rule["id"]
    run = await applied(api, entity_id, rule)
    for row in await listed(api, entity_id):
        cents = [round(part["amount"] * 100) for part in row["splits"]]
        assert cents == (parts_in_cents(row) if row["id"] in found else [])
        if row["id"] in found:
            assert row["reason"].startswith("Your rule “Shared” says so: the text contains")
            assert (row["decidedBy"], row["needsReview"]) == ("rule", False)
    await api.ok("POST", f"/v1/categorization/runs/{run['id']}/undo", params=params)
    assert await listed(api, entity_id) == [{**row, "updatedAt": ANY} for row in before]


async def test_a_rule_excludes_nothing_of_a_closed_period(api: Api, sandbox: RunningSandbox) -> None:
    entity_id = await linked_entity(api, sandbox, "user_good")
    params = {"entityId": entity_id}
    await close_books(api, entity_id, through=date.today() + timedelta(days=1))  # noqa: DTZ011 - as the sandbox's clock
    rows = await listed(api, entity_id)
    rule = await made(api, entity_id, contains(common_word(rows)), exclude=True)
    preview = await api.ok("POST", "/v1/rules/preview", params=params, json={**rule, "ruleId": rule["id"]})
    assert (preview["changed"], preview["inClosedPeriod"]) == (0, preview["matched"])
    assert (await applied(api, entity_id, rule))["changed"] == 0
    assert await listed(api, entity_id) == rows


async def test_a_rule_is_changed_disabled_and_deleted(studio: tuple[Api, str]) -> None:
    api, entity_id = studio
    params = {"entityId": entity_id}
    travel = await category_id(api, entity_id, "Travel")
    body = {"name": "A", "condition": contains("a"), "action": {"categoryId": travel}}
    rule = (await api.ok("POST", "/v1/rules", params=params, json=body))["rule"]
    assert (await api.ok("POST", "/v1/rules", params=params, json=body))["rule"] == rule, "a retry adds nothing"
    changed = {"name": "B", "condition": contains("b"), "action": {"counterparty": "B"}, "enabled": False}
    after = (await api.ok("PUT", f"/v1/rules/{rule['id']}", params=params, json=changed))["rule"]
    assert (after["name"], after["enabled"], after["action"]["counterparty"]) == ("B", False, "B")
    assert (await api.ok("PUT", f"/v1/rules/{rule['id']}", params=params, json=changed))["rule"] == after
    assert (await api.ok("GET", f"/v1/rules/{rule['id']}", params=params))["rule"] == after
    assert (await applied(api, entity_id, after))["changed"] == 0
    for _ in range(2):
        await api.ok("DELETE", f"/v1/rules/{rule['id']}", params=params)
    answer = await api.call("GET", f"/v1/rules/{rule['id']}", params=params)
    assert (answer.status_code, answer.json()["code"]) == (404, "RULE_NOT_FOUND")


async def test_judging_anew_is_previewed_and_done_once(api: Api, sandbox: RunningSandbox) -> None:
    entity_id = await linked_entity(api, sandbox, "user_studio")
    params = {"entityId": entity_id}
    path = "/v1/categorization/recategorize"
    nothing = await api.ok("POST", f"{path}/preview", params=params, json={})
    assert (nothing["changed"], nothing["examples"]) == (0, [])
    before = await listed(api, entity_id)
    out = {"field": "direction", "operator": "is", "value": "out"}
    await made(api, entity_id, out, categoryId=await category_id(api, entity_id, "Travel"))
    preview = await api.ok("POST", f"{path}/preview", params=params, json={})
    run = (await api.ok("POST", path, params=params, json={}))["run"]
    assert run["changed"] == preview["changed"] > 20
    assert len(preview["examples"]) == 20
    assert (await api.ok("POST", path, params=params, json={}))["run"] == run
    page = await api.ok("GET", "/v1/categorization/runs", params={**params, "pageSize": 1})
    assert (page["runs"], page["hasMore"]) == ([run], False)
    await api.ok("POST", f"/v1/categorization/runs/{run['id']}/undo", params=params)
    assert state(await listed(api, entity_id)) == state(before)


async def test_closed_periods_stay_as_they_are(api: Api, sandbox: RunningSandbox) -> None:
    entity_id = await linked_entity(api, sandbox, "user_good")
    params = {"entityId": entity_id}
    rows = await listed(api, entity_id)
    word, gifts = common_word(rows), await category_id(api, entity_id, "Gifts")
    rule = await made(api, entity_id, contains(word), categoryId=gifts)
    run = await applied(api, entity_id, rule)
    assert run["changed"] > 0
    await close_books(api, entity_id, through=date.today() + timedelta(days=1))  # noqa: DTZ011 - as the sandbox's clock
    before = await listed(api, entity_id)
    undone = (await api.ok("POST", f"/v1/categorization/runs/{run['id']}/undo", params=params))["run"]
    assert (undone["restored"], undone["kept"]) == (0, run["changed"])
    other = await made(api, entity_id, {"not": contains(word)}, categoryId=gifts)
    preview = await api.ok("POST", "/v1/rules/preview", params=params, json={**other, "ruleId": other["id"]})
    assert preview["changed"] == 0
    assert preview["inClosedPeriod"] > 0
    assert (await applied(api, entity_id, other))["changed"] == 0
    row = next(row for row in before if row["metadata"]["isBooked"] and row["category"] != "Gifts")
    decision = {"transactionId": row["id"], "categoryId": gifts}
    answer = await api.call("POST", "/v1/transactions/categorize", params=params, json=decision)
    assert (answer.status_code, answer.json()["code"]) == (409, "PERIOD_CLOSED")
    bulk = await api.ok("POST", "/v1/transactions/bulk-categorize", params=params, json={"decisions": [decision]})
    assert bulk["results"][0]["code"] == "PERIOD_CLOSED"
    assert state(await listed(api, entity_id)) == state(before)


async def close_books(api: Api, entity_id: str, *, through: date) -> None:
    async with db.write_entity(api.services.pool, entity_id=int(entity_id)) as conn:
        await periods.add_period_event(
            conn,
            PeriodAction.CLOSE,
            entity_id=int(entity_id),
            through=through,
            batch=None,
            because=Because(role=PeriodRole.OWNER, reason="Year end"),
            by=MACHINE,
            now=api.services.now(),
        )


BAD_CONDITIONS: list[Any] = [
    {},
    {"field": "text"},
    {"field": "balance", "operator": "is", "value": "1"},
    {"field": "text", "operator": "like", "value": "1"},
    {"field": "text", "operator": "contains", "value": ""},
    {"field": "text", "operator": "contains", "value": " \u200b"},
    {"field": "text", "operator": "contains", "value": "a\u0000"},
    {"field": "text", "operator": "contains", "value": "x" * 201},
    {"field": "text", "operator": "contains", "value": ["x"]},
    {"field": "text", "operator": "contains", "value": "x", "sql": "1"},
    {"field": "amount", "operator": "at_least", "value": "much"},
    {"field": "amount", "operator": "at_least", "value": -1},
    {"field": "amount", "operator": "at_least", "value": "Infinity"},
    {"field": "amount", "operator": "at_least", "value": True},
    {"field": "amount", "operator": "between", "value": ["2", "1"]},
    {"field": "amount", "operator": "between", "value": ["2"]},
    {"field": "day_of_month", "operator": "is", "value": 0},
    {"field": "day_of_month", "operator": "is", "value": 1.5},
    {"field": "date", "operator": "is", "value": "2026-13-01"},
    {"field": "weekday", "operator": "is", "value": "someday"},
    {"field": "direction", "operator": "any_of", "value": []},
    {"field": "bank_account", "operator": "is", "value": "1 OR 1=1"},
    {"all": []},
    {"all": {}},
    {"all": [contains("a")], "any": [contains("a")]},
    {"not": [contains("a")]},
    {"all": [contains("a")] * 51},
    {"all": [{"any": [contains("a")] * 26}, {"any": [contains("a")] * 26}]},
    {"not": {"not": {"not": {"not": {"not": contains("a")}}}}},
]
BAD_PATTERNS = [
    "(",
    ")",
    "a**",
    "*a",
    r"(a)\1",
    "(?=a)",
    "(?P<x>a)",
    "[b-a]",
    "[a",
    "a{51}",
    "(a{50}){50}",
    "\\",
    "a{2",
]


@pytest.mark.parametrize("condition", BAD_CONDITIONS, ids=str)
async def test_a_bad_condition_is_refused(studio: tuple[Api, str], condition: Any) -> None:
    api, entity_id = studio
    body = {"name": "Bad", "condition": condition, "action": {"counterparty": "X"}}
    for path in ("/v1/rules", "/v1/rules/preview"):
        answer = await api.call("POST", path, params={"entityId": entity_id}, json=body)
        assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_CONDITION")


@pytest.mark.parametrize("pattern", BAD_PATTERNS)
async def test_a_bad_pattern_is_refused(studio: tuple[Api, str], pattern: str) -> None:
    api, entity_id = studio
    condition = {"field": "text", "operator": "matches", "value": pattern}
    body = {"name": "Bad", "condition": condition, "action": {"counterparty": "X"}}
    answer = await api.call("POST", "/v1/rules", params={"entityId": entity_id}, json=body)
    assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_PATTERN")


@pytest.mark.parametrize(
    ("action", "status", "code"),
    [
        ({}, 400, "INVALID_RULE_ACTION"),
        ({"transfer": True, "categoryId": "Travel"}, 400, "INVALID_RULE_ACTION"),
        ({"exclude": True, "categoryId": "Travel"}, 400, "INVALID_RULE_ACTION"),
        ({"exclude": True, "transfer": True}, 400, "INVALID_RULE_ACTION"),
        ({"exclude": "perhaps"}, 400, "INVALID_REQUEST"),
        ({"split": []}, 400, "INVALID_REQUEST"),
        ({"split": [{"categoryId": "1", "rest": True}]}, 400, "INVALID_REQUEST"),
        ({"split": [{"categoryId": "1", "rest": True}] * 21}, 400, "INVALID_REQUEST"),
        ({"split": [{"categoryId": "1", "rest": True}] * 2}, 400, "INVALID_RULE_SPLIT"),
        ({"split": [{"categoryId": "1"}, {"categoryId": "1", "rest": True}]}, 400, "INVALID_RULE_SPLIT"),
        ({"split": [{**SHARE, "rest": True}, REST]}, 400, "INVALID_RULE_SPLIT"),
        ({"split": [{**SHARE, "currency": "USD"}, REST]}, 400, "INVALID_RULE_SPLIT"),
        ({"split": [{"categoryId": "1", "amountMinor": 5}, REST]}, 400, "INVALID_RULE_SPLIT"),
        ({"split": [{"categoryId": "1", "amountMinor": 5, "currency": "XYZ"}, REST]}, 400, "INVALID_REQUEST"),
        ({"split": [{"categoryId": "1", "amountMinor": 2**63, "currency": "USD"}, REST]}, 400, "INVALID_REQUEST"),
        ({"split": [{"categoryId": "1", "shareBasisPoints": 10_000}, REST]}, 400, "INVALID_REQUEST"),
        ({"split": [{"categoryId": "1", "shareBasisPoints": 0.5}, REST]}, 400, "INVALID_REQUEST"),
        ({"split": [SHARE, SHARE, REST]}, 400, "INVALID_RULE_SPLIT"),
        ({"split": [SHARE, REST]}, 404, "CATEGORY_NOT_FOUND"),
        ({"split": [SHARE, REST], "transfer": True}, 400, "INVALID_RULE_ACTION"),
        ({"categoryId": "1"}, 404, "CATEGORY_NOT_FOUND"),
        ({"categoryId": "cat"}, 404, "CATEGORY_NOT_FOUND"),
        ({"categoryId": "Transfers Clearing"}, 400, "CATEGORY_NOT_FOR_RULES"),
        ({"categoryId": "Retained Earnings"}, 400, "CATEGORY_NOT_FOR_RULES"),
        ({"categoryId": "bank"}, 400, "CATEGORY_IS_BANK_ACCOUNT"),
        ({"counterparty": ""}, 400, "INVALID_REQUEST"),
        ({"counterparty": "x" * 256}, 400, "INVALID_REQUEST"),
    ],
)
async def test_a_bad_action_is_refused(studio: tuple[Api, str], action: dict[str, Any], status: int, code: str) -> None:
    api, entity_id = studio
    params = {"entityId": entity_id}
    given = action.get("categoryId")
    if given == "bank":
        accounts = (await api.ok("GET", "/v1/banks/accounts", params=params))["accounts"]
        action = {"categoryId": accounts[0]["ledgerAccountId"]}
    elif given in {"Travel", "Transfers Clearing", "Retained Earnings"}:
        action = {**action, "categoryId": await category_id(api, entity_id, str(given))}
    body = {"name": "Bad", "condition": contains("a"), "action": action}
    answer = await api.call("POST", "/v1/rules", params=params, json=body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("GET", "/v1/rules/1", "RULE_NOT_FOUND"),
        ("GET", "/v1/rules/abc", "RULE_NOT_FOUND"),
        ("POST", "/v1/rules/1/apply", "RULE_NOT_FOUND"),
        ("GET", "/v1/categorization/runs/1", "RUN_NOT_FOUND"),
        ("POST", "/v1/categorization/runs/abc/undo", "RUN_NOT_FOUND"),
    ],
)
async def test_unknown_rules_and_runs(studio: tuple[Api, str], method: str, path: str, code: str) -> None:
    api, entity_id = studio
    answer = await api.call(method, path, params={"entityId": entity_id})
    assert (answer.status_code, answer.json()["code"]) == (404, code)
