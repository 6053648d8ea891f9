"""`/transactions/sync`: cursors, pages, publishing in steps, and what each change of a row looks like."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from tests.plaid_sandbox.conftest import change, days_ago, item_id_of, synced
from tests.support.sandbox import RunningSandbox, running_sandbox

TODAY = days_ago(0).isoformat()
ADD = {"op": "add", "account": "checking", "amount": "10.00", "date": TODAY, "name": "NEW ROW"}


@pytest.fixture
def token(sandbox: RunningSandbox) -> str:
    return sandbox.linked_access_token("user_good")


def balances(sandbox: RunningSandbox, token: str) -> dict[str, tuple[Decimal, Decimal | None]]:
    accounts = sandbox.plaid("/accounts/get", access_token=token).json()["accounts"]
    return {
        a["account_id"]: (
            Decimal(str(a["balances"]["current"])),
            None if a["balances"]["available"] is None else Decimal(str(a["balances"]["available"])),
        )
        for a in accounts
    }


def test_pages_are_cut_by_count_and_bring_every_row_once(sandbox: RunningSandbox) -> None:
    token = sandbox.linked_access_token("user_history_1234")
    whole = synced(sandbox, token)
    assert (whole["pages"], len(whole["added"]), whole["status"]) == (3, 1234, "HISTORICAL_UPDATE_COMPLETE")
    assert len({row["transaction_id"] for row in whole["added"]}) == 1234
    nothing_new = synced(sandbox, token, whole["cursor"])
    assert (nothing_new["pages"], nothing_new["added"], nothing_new["cursor"]) == (1, [], whole["cursor"])


def test_default_count_is_100(sandbox: RunningSandbox) -> None:
    token = sandbox.linked_access_token("user_history_1234")
    page = sandbox.plaid("/transactions/sync", access_token=token).json()
    assert (len(page["added"]), page["has_more"]) == (100, True)


def test_rows_equal_the_banks_own_list(sandbox: RunningSandbox) -> None:
    token = sandbox.linked_access_token("user_studio")
    rows = synced(sandbox, token, options={"include_original_description": True})["added"]
    listed = sandbox.control("GET", f"/items/{item_id_of(sandbox, token)}/transactions")
    assert listed["total"] == len(rows)
    assert {row["transaction_id"]: row for row in rows} == {
        row["transaction_id"]: row for row in listed["transactions"]
    }


def test_not_ready_then_recent_then_all() -> None:
    with running_sandbox(initial_delay_s=3_600, historical_delay_s=7_200, options=("--no-growth",)) as slow:
        token = slow.linked_access_token("user_studio")
        page = slow.plaid("/transactions/sync", access_token=token).json()
        assert (page["next_cursor"], page["has_more"]) == ("", False)
        assert page["accounts"] == page["added"] == page["modified"] == page["removed"] == []
        assert page["transactions_update_status"] == "NOT_READY"
        not_ready = slow.plaid("/transactions/get", access_token=token, start_date=TODAY, end_date=TODAY)
        assert (not_ready.status_code, not_ready.json()["error_code"]) == (400, "PRODUCT_NOT_READY")
        slow.control("POST", "/clock", advance_s=3_601)
        recent = synced(slow, token)
        assert recent["status"] == "INITIAL_UPDATE_COMPLETE"
        assert 20 < len(recent["added"]) < 200
        assert min(row["date"] for row in recent["added"]) >= days_ago(31).isoformat()
        slow.control("POST", "/clock", advance_s=3_600)
        older = synced(slow, token, recent["cursor"])
        assert older["status"] == "HISTORICAL_UPDATE_COMPLETE"
        assert older["modified"] == older["removed"] == []
        assert len(synced(slow, token)["added"]) == len(recent["added"]) + len(older["added"]) > 1_500


def test_publishing_in_the_middle_of_a_loop_is_a_mutation() -> None:
    with running_sandbox(initial_delay_s=0, historical_delay_s=3_600) as slow:
        token = slow.linked_access_token("user_studio")
        page = slow.plaid("/transactions/sync", access_token=token, count=20).json()
        assert page["has_more"]
        slow.control("POST", "/clock", advance_s=3_601)
        answer = slow.plaid("/transactions/sync", access_token=token, cursor=page["next_cursor"], count=20)
        assert answer.json()["error_code"] == "TRANSACTIONS_SYNC_MUTATION_DURING_PAGINATION"


def test_change_in_the_middle_of_a_loop_repeats_the_error_until_the_loop_restarts(
    sandbox: RunningSandbox, token: str
) -> None:
    first = sandbox.plaid("/transactions/sync", access_token=token, count=10).json()
    change(sandbox, token, ADD)
    for _ in range(2):
        answer = sandbox.plaid("/transactions/sync", access_token=token, cursor=first["next_cursor"], count=10)
        assert (answer.status_code, answer.json()["error_type"], answer.json()["error_code"]) == (
            400,
            "TRANSACTIONS_ERROR",
            "TRANSACTIONS_SYNC_MUTATION_DURING_PAGINATION",
        )
    assert "NEW ROW" in {row["name"] for row in synced(sandbox, token, "", count=10)["added"]}


def test_cursor_of_another_item_or_stream_or_no_cursor_at_all(sandbox: RunningSandbox, token: str) -> None:
    other = synced(sandbox, sandbox.linked_access_token("user_good"))["cursor"]
    account_id = next(iter(balances(sandbox, token)))
    own_of_stream = synced(sandbox, token, options={"account_id": account_id})["cursor"]
    for wrong in (other, own_of_stream, "nonsense", "AAAA", own_of_stream[:-4]):
        answer = sandbox.plaid("/transactions/sync", access_token=token, cursor=wrong)
        assert (answer.status_code, answer.json()["error_code"]) == (400, "INVALID_FIELD")
        assert answer.json()["error_message"] == "cursor not associated with access_token"


def test_cursor_survives_a_new_access_token(sandbox: RunningSandbox, token: str) -> None:
    cursor = synced(sandbox, token)["cursor"]
    new = sandbox.plaid("/item/access_token/invalidate", access_token=token).json()["new_access_token"]
    assert synced(sandbox, new, cursor)["added"] == []


def test_stream_of_one_account_is_its_own(sandbox: RunningSandbox, token: str) -> None:
    whole = synced(sandbox, token)["added"]
    account_id = whole[0]["account_id"]
    alone = synced(sandbox, token, options={"account_id": account_id})["added"]
    assert alone == [row for row in whole if row["account_id"] == account_id]
    unknown = sandbox.plaid("/transactions/sync", access_token=token, options={"account_id": "nobody"})
    assert unknown.json()["error_code"] == "INVALID_ACCOUNT_ID"


def test_now_skips_the_past(sandbox: RunningSandbox, token: str) -> None:
    page = sandbox.plaid("/transactions/sync", access_token=token, cursor="now").json()
    assert (page["added"], page["has_more"]) == ([], False)
    change(sandbox, token, ADD)
    assert [row["name"] for row in synced(sandbox, token, page["next_cursor"])["added"]] == ["NEW ROW"]


def test_add_modify_and_remove_arrive_in_their_arrays(sandbox: RunningSandbox, token: str) -> None:
    cursor = synced(sandbox, token)["cursor"]
    [added] = change(sandbox, token, ADD)
    first = synced(sandbox, token, cursor)
    assert [row["transaction_id"] for row in first["added"]] == [added["transaction_id"]]
    row_id = added["transaction_id"]
    change(sandbox, token, {"op": "modify", "transaction_id": row_id, "amount": 23631.9805, "name": "CORRECTED"})
    second = synced(sandbox, token, first["cursor"])
    assert [(row["transaction_id"], row["amount"], row["name"]) for row in second["modified"]] == [
        (row_id, 23631.9805, "CORRECTED")
    ]
    change(sandbox, token, {"op": "remove", "transaction_id": row_id})
    third = synced(sandbox, token, second["cursor"])
    assert third["removed"] == [{"transaction_id": row_id, "account_id": first["added"][0]["account_id"]}]
    assert third["added"] == third["modified"] == []


def test_states_of_a_row_are_collapsed(sandbox: RunningSandbox, token: str) -> None:
    cursor = synced(sandbox, token)["cursor"]
    [kept, gone] = change(sandbox, token, ADD, ADD)
    change(
        sandbox,
        token,
        {"op": "modify", "transaction_id": kept["transaction_id"], "amount": "11"},
        {"op": "modify", "transaction_id": kept["transaction_id"], "amount": "12"},
        {"op": "remove", "transaction_id": gone["transaction_id"]},
    )
    loop = synced(sandbox, token, cursor)
    assert [(row["transaction_id"], row["amount"]) for row in loop["added"]] == [(kept["transaction_id"], 12)]
    assert loop["modified"] == loop["removed"] == []


def test_a_row_that_went_came_again_and_went_is_named_as_removed(sandbox: RunningSandbox, token: str) -> None:
    [added] = change(sandbox, token, ADD)
    cursor = synced(sandbox, token)["cursor"]
    key = added["transaction_id"]
    change(sandbox, token, {"op": "remove", "transaction_id": key})
    change(sandbox, token, {**ADD, "transaction_id": key})
    change(sandbox, token, {"op": "remove", "transaction_id": key})
    assert [row["transaction_id"] for row in synced(sandbox, token, cursor)["removed"]] == [key]


@pytest.mark.parametrize("link", [True, False])
def test_settling_replaces_the_pending_row(sandbox: RunningSandbox, token: str, link: bool) -> None:  # noqa: FBT001 - a case
    cursor = synced(sandbox, token)["cursor"]
    before = balances(sandbox, token)
    [pending] = change(sandbox, token, {**ADD, "pending": True})
    shown = synced(sandbox, token, cursor)
    [row] = shown["added"]
    assert (row["pending"], row["pending_transaction_id"]) == (True, None)
    current, available = before[row["account_id"]]
    assert available is not None
    assert balances(sandbox, token)[row["account_id"]] == (current, available - 10)
    old_id = pending["transaction_id"]
    [settled] = change(
        sandbox, token, {"op": "settle", "transaction_id": old_id, "amount": "12.00", "name": "WITH TIP", "link": link}
    )
    after = synced(sandbox, token, shown["cursor"])
    assert after["removed"] == [{"transaction_id": old_id, "account_id": row["account_id"]}]
    [posted] = after["added"]
    assert posted["transaction_id"] == settled["transaction_id"] != old_id == settled["removed_transaction_id"]
    assert (posted["pending"], posted["amount"], posted["name"]) == (False, 12, "WITH TIP")
    assert posted["pending_transaction_id"] == (old_id if link else None)
    assert balances(sandbox, token)[row["account_id"]] == (current - 12, available - 12)


def test_removed_and_added_may_fall_on_different_pages(sandbox: RunningSandbox, token: str) -> None:
    [pending] = change(sandbox, token, {**ADD, "pending": True})
    cursor = synced(sandbox, token)["cursor"]
    change(sandbox, token, {"op": "settle", "transaction_id": pending["transaction_id"]})
    first = sandbox.plaid("/transactions/sync", access_token=token, cursor=cursor, count=1).json()
    second = sandbox.plaid("/transactions/sync", access_token=token, cursor=first["next_cursor"], count=1).json()
    assert (len(first["removed"]), len(first["added"]), first["has_more"]) == (1, 0, True)
    assert (len(second["removed"]), len(second["added"]), second["has_more"]) == (0, 1, False)


def test_accounts_are_only_those_with_rows_in_the_answer(sandbox: RunningSandbox, token: str) -> None:
    whole = sandbox.plaid("/transactions/sync", access_token=token, count=500).json()
    assert {a["account_id"] for a in whole["accounts"]} == {row["account_id"] for row in whole["added"]}
    change(sandbox, token, {**ADD, "account": "3333"})
    page = sandbox.plaid("/transactions/sync", access_token=token, cursor=whole["next_cursor"]).json()
    assert [(a["mask"], a["balances"]["current"]) for a in page["accounts"]] == [("3333", 420)]
    empty = sandbox.plaid("/transactions/sync", access_token=token, cursor=page["next_cursor"]).json()
    assert empty["accounts"] == []


@pytest.mark.parametrize("username", ["user_studio", "user_good"])
def test_balances_are_opening_plus_posted_rows_to_the_cent(sandbox: RunningSandbox, username: str) -> None:
    token = sandbox.linked_access_token(username)
    rows = synced(sandbox, token)["added"]
    facts = sandbox.control("GET", "/items")["items"]
    mine = next(item for item in facts if item["item_id"] == item_id_of(sandbox, token))
    shown = balances(sandbox, token)
    for account in mine["accounts"]:
        own = [row for row in rows if row["account_id"] == account["account_id"]]
        posted = sum((Decimal(str(row["amount"])) for row in own if not row["pending"]), Decimal(0))
        pending = sum((Decimal(str(row["amount"])) for row in own if row["pending"]), Decimal(0))
        is_owed = account["type"] in {"credit", "loan"}
        current = Decimal(account["opening"]) + (posted if is_owed else -posted)
        current_shown, available = shown[account["account_id"]]
        assert current == current_shown
        if available is not None:
            whole = Decimal(str(account["limit"])) - current if is_owed else current
            assert available == whole - pending


def test_options_of_rows(sandbox: RunningSandbox, token: str) -> None:
    plain = synced(sandbox, token)["added"]
    assert {row["original_description"] for row in plain} == {None}
    told = synced(sandbox, token, options={"include_original_description": True})["added"]
    assert all(row["original_description"] == row["name"] for row in told)
    old = synced(sandbox, token, options={"personal_finance_category_version": "v1"})["added"]
    salaries = [row["personal_finance_category"] for row in old if "GUSTO PAY" in row["name"]]
    assert {(c["detailed"], c["primary"], c["version"]) for c in salaries} == {("INCOME_WAGES", "INCOME", "v1")}


def test_days_requested_of_link_decides(sandbox: RunningSandbox) -> None:
    token = sandbox.linked_access_token("user_studio", days_requested=60)
    rows = synced(sandbox, token, options={"days_requested": 730})["added"]
    assert days_ago(61).isoformat() <= min(row["date"] for row in rows) <= days_ago(55).isoformat()


def test_first_sync_adds_transactions_if_link_did_not(sandbox: RunningSandbox) -> None:
    made = sandbox.plaid(
        "/sandbox/public_token/create",
        institution_id="ins_109508",
        initial_products=["auth"],
        options={"override_username": "user_studio"},
    ).json()
    token = sandbox.plaid("/item/public_token/exchange", public_token=made["public_token"]).json()["access_token"]
    before = balances(sandbox, token)
    rows = synced(sandbox, token, options={"days_requested": 40})["added"]
    assert min(row["date"] for row in rows) >= days_ago(41).isoformat()
    item = sandbox.plaid("/item/get", access_token=token).json()["item"]
    assert item["billed_products"] == ["auth", "transactions"]
    assert {key: current for key, (current, _) in balances(sandbox, token).items()} == {
        key: current for key, (current, _) in before.items()
    }


def test_get_lists_live_rows_newest_first(sandbox: RunningSandbox, token: str) -> None:
    rows = synced(sandbox, token)["added"]
    change(sandbox, token, {"op": "remove", "transaction_id": rows[0]["transaction_id"]})
    pages = list(_get_pages(sandbox, token))
    assert [row["date"] for row in pages] == sorted((row["date"] for row in pages), reverse=True)
    assert {row["transaction_id"] for row in pages} == {row["transaction_id"] for row in rows[1:]}


def _get_pages(sandbox: RunningSandbox, token: str) -> Iterator[dict[str, Any]]:
    offset, total = 0, 1
    while offset < total:
        answer = sandbox.plaid(
            "/transactions/get",
            access_token=token,
            start_date="2000-01-01",
            end_date=TODAY,
            options={"count": 40, "offset": offset},
        ).json()
        total = answer["total_transactions"]
        offset += len(answer["transactions"])
        yield from answer["transactions"]
