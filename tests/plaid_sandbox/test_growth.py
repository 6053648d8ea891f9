"""Histories that go on as the clock does: what arrives, that it adds up, and that the way there does not matter."""

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from plaid_sandbox.histories.lives import LONGEST_LIFE, RowEvent, holds, life_of, states_on
from plaid_sandbox.histories.plan import HistoryOrder, PlannedRow
from plaid_sandbox.histories.registry import profile_for
from plaid_sandbox.testing import WebhookReceiver
from tests.plaid_sandbox.conftest import change, days_ago, item_id_of, synced
from tests.support.sandbox import RunningSandbox, running_sandbox

PATIENT = ("--login-days", "0")
TODAY = date(2026, 11, 23)


def live(sandbox: RunningSandbox, token: str) -> dict[str, dict[str, Any]]:
    listed = sandbox.control("GET", f"/items/{item_id_of(sandbox, token)}/transactions")["transactions"]
    return {row["transaction_id"]: row for row in listed}


def first_pending(sandbox: RunningSandbox, token: str) -> str:
    """Wait for a pending row (some days of the week have none) and return its id."""
    for _ in range(14):
        found = next((key for key, row in live(sandbox, token).items() if row["pending"]), None)
        if found is not None:
            return found
        sandbox.advance(days=1)
    raise AssertionError("no pending row in two weeks")


def currents(sandbox: RunningSandbox, token: str) -> dict[str, Any]:
    accounts = sandbox.plaid("/accounts/get", access_token=token).json()["accounts"]
    return {a["mask"]: (a["balances"]["current"], a["balances"]["available"]) for a in accounts}


def test_state_depends_on_the_day_alone_not_on_the_way_there() -> None:
    seen = []
    for before, steps in ((0, [45]), (0, [1] * 20 + [5, 20]), (45, [])):
        with running_sandbox(seed=7, options=PATIENT) as sandbox:
            sandbox.advance(days=before)
            token = sandbox.linked_access_token("user_studio")
            for step in steps:
                sandbox.advance(days=step)
            seen.append((live(sandbox, token), currents(sandbox, token)))
    (jumped, balances), (walked, balances_walked), (late, balances_late) = seen
    assert jumped == walked
    assert balances == balances_walked == balances_late
    since = (days_ago(0) + timedelta(days=45 - 730)).isoformat()
    assert {key: row for key, row in jumped.items() if row["date"] >= since} == {
        key: row for key, row in late.items() if row["date"] >= since
    }


def test_sync_follows_growth_day_by_day_and_balances_agree() -> None:
    with running_sandbox(seed=3, options=PATIENT) as sandbox:
        token = sandbox.linked_access_token("user_studio")
        loop = synced(sandbox, token)
        rows = {row["transaction_id"]: row for row in loop["added"]}
        kinds: Counter[str] = Counter()
        for _ in range(60):
            sandbox.advance(days=1)
            loop = synced(sandbox, token, loop["cursor"], options={"include_original_description": True})
            for row in loop["removed"]:
                old = rows.pop(row["transaction_id"])
                kinds["pending gone" if old["pending"] else "posted gone"] += 1
            for row in loop["added"]:
                kinds["pending came" if row["pending"] else "posted came"] += 1
                kinds["linked"] += row["pending_transaction_id"] is not None
            kinds["modified"] += len(loop["modified"])
            rows |= {row["transaction_id"]: row for row in [*loop["added"], *loop["modified"]]}
        assert rows.keys() == live(sandbox, token).keys()
        assert min(kinds[name] for name in ("pending came", "pending gone", "posted came", "linked", "modified")) > 0
        assert kinds["pending came"] > 60
        facts = next(one for one in sandbox.control("GET", "/items")["items"])
        for account in facts["accounts"]:
            own = [row for row in rows.values() if row["account_id"] == account["account_id"]]
            posted = sum((Decimal(str(row["amount"])) for row in own if not row["pending"]), Decimal(0))
            sign = 1 if account["type"] == "credit" else -1
            assert Decimal(account["current"]) == Decimal(account["opening"]) + sign * posted


def test_day_change_brings_webhooks_and_refresh_is_limited(receiver: WebhookReceiver) -> None:
    with running_sandbox(seed=3) as sandbox:
        token = sandbox.linked_access_token("user_studio", webhook=receiver.url)
        receiver.wait_for_code("HISTORICAL_UPDATE")
        synced(sandbox, token)
        sandbox.advance(days=4)
        receiver.wait_for_code("DEFAULT_UPDATE")
        receiver.wait_for_code("TRANSACTIONS_REMOVED")
        assert "SYNC_UPDATES_AVAILABLE" in receiver.codes
        codes = [sandbox.plaid("/transactions/refresh", access_token=token) for _ in range(3)]
        assert [answer.status_code for answer in codes] == [200, 200, 429]
        refused = codes[2].json()
        assert (refused["error_type"], refused["error_code"]) == ("RATE_LIMIT_EXCEEDED", "TRANSACTIONS_REFRESH_LIMIT")
        sandbox.advance(seconds=61)
        assert sandbox.plaid("/transactions/refresh", access_token=token).status_code == 200


def test_growth_can_be_off() -> None:
    with running_sandbox(options=("--no-growth", *PATIENT)) as sandbox:
        token = sandbox.linked_access_token("user_studio")
        before = live(sandbox, token)
        sandbox.advance(days=10)
        assert live(sandbox, token) == before


def test_growth_of_one_item_can_be_switched(timed: RunningSandbox) -> None:
    token = timed.linked_access_token("user_studio")
    item_id = item_id_of(timed, token)
    timed.item(item_id, "growth", is_on=False)
    before = live(timed, token)
    timed.advance(days=3)
    assert live(timed, token) == before
    timed.item(item_id, "growth", is_on=True)
    timed.advance(days=3)
    assert live(timed, token) != before


def test_row_settled_by_hand_is_not_settled_twice() -> None:
    with running_sandbox(seed=3, options=PATIENT) as sandbox:
        token = sandbox.linked_access_token("user_studio")
        pending = first_pending(sandbox, token)
        change(sandbox, token, {"op": "remove", "transaction_id": pending})
        sandbox.advance(days=20)
        assert pending not in live(sandbox, token)


def test_dynamic_user_changes_with_every_refresh(sandbox: RunningSandbox) -> None:
    token = sandbox.linked_access_token("user_transactions_dynamic", password="anything")
    first = synced(sandbox, token)
    pendings = {row["transaction_id"] for row in first["added"] if row["pending"]}
    assert 40 <= len(first["added"]) <= 90
    assert pendings
    sandbox.plaid("/transactions/refresh", access_token=token)
    second = synced(sandbox, token, first["cursor"])
    assert {row["transaction_id"] for row in second["removed"]} == pendings
    posted = [row for row in second["added"] if not row["pending"]]
    assert {row["pending_transaction_id"] for row in posted} == pendings
    [changed] = second["modified"]
    former = {row["transaction_id"]: row["amount"] for row in first["added"]}
    assert round(changed["amount"] - former[changed["transaction_id"]], 2) == 1
    assert any(row["pending"] for row in second["added"])


def test_posted_again_under_a_new_id(sandbox: RunningSandbox) -> None:
    token = sandbox.linked_access_token("user_good")
    loop = synced(sandbox, token)
    old = next(row for row in loop["added"] if not row["pending"])
    [answer] = change(sandbox, token, {"op": "readd", "transaction_id": old["transaction_id"]})
    after = synced(sandbox, token, loop["cursor"])
    assert [row["transaction_id"] for row in after["removed"]] == [old["transaction_id"]]
    [new] = after["added"]
    assert new == {**old, "transaction_id": answer["transaction_id"]}


# The lives themselves.


def studio_lives() -> list[tuple[PlannedRow, tuple[RowEvent, ...]]]:
    profile = profile_for("user_studio")
    assert profile is not None
    order = HistoryOrder(seed=1, username="user_studio", today=TODAY, since=TODAY - timedelta(days=730))
    lives = [(row, life_of(row, seed=1)) for row in profile.build(order).rows]
    return lives + list(holds(profile.accounts, seed=1, first=order.since, last=TODAY))


def test_lives_end_in_the_planned_row_or_in_nothing() -> None:
    for row, events in studio_lives():
        assert [event.day for event in events] == sorted(event.day for event in events)
        assert events[-1].day <= row.posted_on + LONGEST_LIFE
        at_the_end = states_on(events, TODAY + timedelta(days=60))
        if row.key.startswith("hold/"):
            assert at_the_end == []
        else:
            [state] = at_the_end
            assert (state.amount, state.dated, state.details) == (row.amount, row.posted_on, row.details)


@pytest.mark.parametrize("kind", ["tip", "pump", "name", "corrected", "again", "twin", "late", "unlinked", "hold"])
def test_all_that_banks_do_to_rows_happens(kind: str) -> None:
    kinds: Counter[str] = Counter()
    for row, events in studio_lives():
        puts = [event.put for event in events if event.put is not None]
        pending, final = puts[0], puts[-1]
        versions = [put.version for put in puts]
        kinds["hold"] += row.key.startswith("hold/")
        kinds["again"] += "again" in versions
        kinds["twin"] += "twin" in versions
        kinds["corrected"] += versions.count("posted") > 1
        kinds["late"] += not pending.is_pending and events[0].day > row.posted_on
        if pending.is_pending and len(puts) > 1:
            kinds["unlinked"] += final.follows is None and versions[-1] == "posted"
            kinds["name"] += pending.details.name != final.details.name
            kinds["pump"] += pending.amount == 100 != final.amount
            kinds["tip"] += pending.amount < final.amount and "RESTAURANT" in str(row.details.category)
    assert kinds[kind] >= 3
