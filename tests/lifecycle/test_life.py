"""A connection's life through the API, against the real sandbox bank and with its webhooks."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.support.live import Live


async def told(live: Live, connection_id: str, deed: str, code: str, **body: Any) -> dict[str, Any]:
    """Let the bank do something, wait for the webhook, handle it, and return the connection."""
    before = live.received(code)
    await live.deed(connection_id, deed, **body)
    await live.settled(lambda: live.received(code) > before)
    await live.work()
    found: dict[str, Any] = await live.connection(connection_id)
    return found


async def rows_of(live: Live) -> int:
    return live.count("SELECT count(*) FROM bank_transaction WHERE removed_at IS NULL")


async def test_a_fresh_link_becomes_healthy_and_shows_its_syncs(live: Live) -> None:
    connection_id = await live.link()
    assert (await live.connection(connection_id))["status"] == "importing"
    await live.work()
    found = await live.connection(connection_id)
    assert (found["status"], found["action"], found["isHistoryComplete"]) == ("healthy", "none", True)
    assert found["lastSyncedAt"]
    assert found["providerLastSuccessAt"]
    (account,) = await live.accounts()
    assert found["bankAccountIds"] == [account["id"]]
    listed = await live.call("GET", "/v1/banks/connections")
    assert [one["id"] for one in listed["connections"]] == [connection_id]
    runs = (await live.call("GET", f"/v1/banks/connections/{connection_id}/runs"))["runs"]
    assert sum(run["added"] for run in runs) == 20


async def test_login_required_is_told_once_and_update_mode_repairs_it(live: Live) -> None:
    connection_id = await live.linked()
    before = await live.item(connection_id)
    found = await told(live, connection_id, "login_required", "ERROR")
    assert (found["status"], found["action"]) == ("login_required", "login")
    assert found["lastError"]["code"] == "ITEM_LOGIN_REQUIRED"
    account = (await live.accounts())[0]
    await live.change(
        connection_id,
        new_row(await provider_account_id(live), "While broken"),
    )
    # leaving the dialog changes nothing
    await live.call("GET", "/v1/banks/create-link", params={"connectionId": connection_id})
    assert (await live.connection(connection_id))["status"] == "login_required"
    repaired = await live.update_mode(connection_id)
    assert (repaired["status"], repaired["lastError"]) == ("healthy", None)
    after = await live.item(connection_id)
    assert after.provider_item_id == before.provider_item_id
    assert after.access_token_ciphertext == before.access_token_ciphertext
    await live.work()
    assert await rows_of(live) == 21
    assert (await live.accounts())[0]["id"] == account["id"]


def new_row(account_id: str, name: str) -> dict[str, Any]:
    today = datetime.now(UTC).date().isoformat()
    return {"op": "add", "account_id": account_id, "amount": "5.00", "date": today, "name": name}


async def provider_account_id(live: Live) -> str:
    return str(live.query("SELECT provider_account_id FROM bank_account ORDER BY id")[0][0])


async def test_a_login_repaired_elsewhere_clears_the_prompt(live: Live) -> None:
    connection_id = await live.linked()
    await told(live, connection_id, "login_required", "ERROR")
    found = await told(live, connection_id, "repair", "LOGIN_REPAIRED")
    assert (found["status"], found["action"], found["lastError"]) == ("healthy", "none", None)


async def test_any_good_sync_clears_the_prompt(live: Live) -> None:
    connection_id = await live.linked()
    await told(live, connection_id, "login_required", "ERROR")
    await live.deed(connection_id, "repair", silent=True)
    await live.call("POST", "/v1/banks/sync")
    await live.work()
    assert (await live.connection(connection_id))["status"] == "healthy"


@pytest.mark.parametrize(
    ("deed", "code", "reason"),
    [
        ("pending_expiration", "PENDING_EXPIRATION", "PENDING_EXPIRATION"),
        ("pending_disconnect", "PENDING_DISCONNECT", "INSTITUTION_TOKEN_EXPIRATION"),
    ],
)
async def test_an_end_in_sight_is_a_dated_warning_and_syncing_goes_on(
    live: Live, deed: str, code: str, reason: str
) -> None:
    connection_id = await live.linked()
    found = await told(live, connection_id, deed, code)
    assert (found["status"], found["action"], found["endsReason"]) == ("expiring", "login", reason)
    assert found["endsAt"]
    await live.change(connection_id, new_row(await provider_account_id(live), "More"))
    await live.call("POST", "/v1/banks/sync")
    await live.work()
    assert await rows_of(live) == 21
    assert (await live.connection(connection_id))["status"] == "expiring"
    repaired = await live.update_mode(connection_id)
    assert (repaired["status"], repaired["endsAt"]) == ("healthy", None)


async def test_a_bank_that_is_down_asks_nobody_to_log_in(live: Live) -> None:
    connection_id = await live.linked()
    live.sandbox.control("POST", "/faults", path="/transactions/sync", error_code="INSTITUTION_DOWN")
    await live.call("POST", "/v1/banks/sync")
    await live.work()
    found = await live.connection(connection_id)
    assert (found["status"], found["action"]) == ("bank_down", "wait")
    (waits_s,) = live.query("SELECT extract(epoch FROM scheduled_at - now()) FROM procrastinate_jobs")
    assert waits_s[0] > 3000
    live.sandbox.control("DELETE", "/faults")
    await live.hurry()
    assert (await live.connection(connection_id))["status"] == "healthy"


async def test_new_accounts_and_dropped_ones_come_through_account_selection(live: Live) -> None:
    connection_id = await live.linked("user_studio")
    names = {account["accountName"] for account in await live.accounts()}
    live.sandbox.control("DELETE", "/webhooks")
    found = await told(live, connection_id, "new_account", "NEW_ACCOUNTS_AVAILABLE", name="Rainy Days")
    assert (found["status"], found["action"], found["newAccountsAvailable"]) == ("healthy", "choose_accounts", True)
    drop = min(names)
    kept_rows = live.count(
        "SELECT count(*) FROM bank_transaction b JOIN bank_account a ON a.id = b.bank_account_id"
        " WHERE a.name = %s AND removed_at IS NULL AND NOT is_pending",
        drop,
    )
    repaired = await live.update_mode(connection_id, drop=drop, accountSelection=True)
    assert repaired["newAccountsAvailable"] is False
    await live.work()
    assert {account["accountName"] for account in await live.accounts()} == names - {drop} | {"Rainy Days"}
    every = await live.accounts(includeUnlinked=True)
    (dropped,) = [account for account in every if account["accountName"] == drop]
    assert dropped["unlinkedAt"]
    assert dropped["transactionCount"] == kept_rows
    # chosen again it goes on where it was
    await live.update_mode(connection_id, accountSelection=True)
    await live.work()
    assert {account["accountName"] for account in await live.accounts()} == names | {"Rainy Days"}
    assert all(account["isReconciled"] for account in await live.accounts())


async def test_no_accounts_is_cured_with_account_selection(live: Live) -> None:
    connection_id = await live.linked()
    await live.deed(connection_id, "error", error_code="NO_ACCOUNTS", silent=True)
    await live.call("POST", "/v1/banks/sync")
    await live.work()
    found = await live.connection(connection_id)
    assert (found["status"], found["action"]) == ("login_required", "choose_accounts")
    assert (await live.update_mode(connection_id))["status"] == "healthy"


@pytest.mark.parametrize("error_type", ["ITEM_ERROR", "INVALID_INPUT"])
async def test_a_withdrawn_permission_ends_the_connection_and_keeps_the_books(live: Live, error_type: str) -> None:
    connection_id = await live.linked()
    found = await told(live, connection_id, "revoke_permission", "USER_PERMISSION_REVOKED", error_type=error_type)
    assert (found["status"], found["action"]) == ("revoked", "link_again")
    await live.hurry()
    assert (await live.item(connection_id)).sealed_access_token is None
    assert await rows_of(live) == 20
    assert live.count("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'sync_item'") == 0
    assert await live.refused("POST", f"/v1/banks/connections/{connection_id}/refresh") == (
        409,
        "CONNECTION_NOT_SYNCED",
    )


async def test_one_withdrawn_account_stops_alone(live: Live) -> None:
    connection_id = await live.linked("user_studio")
    names = [account["accountName"] for account in await live.accounts()]
    found = await told(live, connection_id, "revoke_account", "USER_ACCOUNT_REVOKED", account=names[0])
    assert found["status"] == "healthy"
    assert [account["accountName"] for account in await live.accounts()] == names[1:]


async def test_pause_and_resume(live: Live) -> None:
    connection_id = await live.linked()
    paused = await live.call("POST", f"/v1/banks/connections/{connection_id}/pause")
    assert (paused["status"], paused["action"]) == ("paused", "resume")
    await live.change(connection_id, new_row(await provider_account_id(live), "Quiet"))
    assert (await live.call("POST", "/v1/banks/sync"))["message"] == "No bank is linked yet."
    await live.work()
    assert await rows_of(live) == 20
    await live.call("POST", f"/v1/banks/connections/{connection_id}/resume")
    await live.work()
    assert await rows_of(live) == 21
    assert (await live.connection(connection_id))["status"] == "healthy"


async def test_refresh_is_limited_to_two_a_minute(live: Live) -> None:
    connection_id = await live.linked()
    path = f"/v1/banks/connections/{connection_id}/refresh"
    assert (await live.call("POST", path))["success"] is True
    assert (await live.call("POST", path))["success"] is True
    answer = await live.api.call("POST", path, params={"entityId": live.entity_id})
    assert (answer.status_code, answer.json()["code"]) == (429, "REFRESH_LIMIT")
    assert int(answer.headers["Retry-After"]) > 0


async def test_a_replaced_token_goes_on_where_the_old_one_was(live: Live) -> None:
    connection_id = await live.linked()
    before = await live.item(connection_id)
    await live.call("POST", f"/v1/banks/connections/{connection_id}/rotate-token")
    after = await live.item(connection_id)
    assert after.access_token_ciphertext != before.access_token_ciphertext
    assert (after.sync_cursor, after.token_changing_since) == (before.sync_cursor, None)
    await live.call("POST", "/v1/banks/sync")
    await live.work()
    assert (await live.connection(connection_id))["status"] == "healthy"
    assert await rows_of(live) == 20


async def test_a_sync_that_meets_a_token_being_replaced_is_no_end(live: Live) -> None:
    connection_id = await live.linked()
    live.run_sql("UPDATE item SET token_changing_since = now()")
    live.sandbox.control("POST", "/faults", path="/transactions/sync", error_code="INVALID_ACCESS_TOKEN", times=1)
    await live.call("POST", "/v1/banks/sync")
    await live.work()
    assert (await live.connection(connection_id))["status"] == "healthy"
    path = f"/v1/banks/connections/{connection_id}/rotate-token"
    assert await live.refused("POST", path) == (409, "TOKEN_CHANGE_IN_PROGRESS")
    # whoever began it was killed on the way
    live.run_sql("UPDATE item SET token_changing_since = now() - interval '10 minutes'")
    await live.call("POST", path)
    await live.hurry()
    assert (await live.connection(connection_id))["lastError"] is None


async def test_disconnect_tells_the_bank_first_and_erases_the_token_last(live: Live) -> None:
    connection_id = await live.linked()
    live.sandbox.control("POST", "/faults", path="/item/remove", status=500, times=2)
    gone = await live.call("DELETE", f"/v1/banks/connections/{connection_id}")
    assert (gone["status"], gone["bankAccountIds"]) == ("disconnected", [])
    await live.work()
    assert (await live.item(connection_id)).sealed_access_token is not None
    await live.hurry()
    assert (await live.item(connection_id)).state == "disconnecting"
    await live.hurry()
    item = await live.item(connection_id)
    assert (item.state, item.sealed_access_token) == ("disconnected", None)
    assert await rows_of(live) == 20
    assert await live.accounts() == []
    assert (await live.call("DELETE", f"/v1/banks/connections/{connection_id}"))["status"] == "disconnected"
    assert await live.refused("POST", f"/v1/banks/connections/{connection_id}/pause") == (409, "CONNECTION_ENDED")


@pytest.mark.parametrize("code", ["ITEM_NOT_FOUND", "INVALID_ACCESS_TOKEN"])
async def test_an_item_that_is_gone_already_counts_as_removed(live: Live, code: str) -> None:
    connection_id = await live.linked()
    live.sandbox.control("POST", "/faults", path="/item/remove", error_code=code)
    await live.call("DELETE", f"/v1/banks/connections/{connection_id}")
    await live.work()
    assert (await live.item(connection_id)).state == "disconnected"


async def test_unlinking_one_account_keeps_the_others_and_the_last_one_ends_the_connection(live: Live) -> None:
    connection_id = await live.linked("user_studio")
    first, *others = await live.accounts()
    rows = await rows_of(live)
    await live.call("DELETE", "/v1/banks/accounts", params={"accountId": first["id"]})
    assert await live.refused("DELETE", "/v1/banks/accounts", params={"accountId": first["id"]}) == (
        404,
        "BANK_ACCOUNT_NOT_FOUND",
    )
    await live.change(
        connection_id,
        new_row(await provider_account_id(live), "Not ours any more"),
    )
    await live.call("POST", "/v1/banks/sync")
    await live.work()
    assert await rows_of(live) == rows - first["pendingCount"]
    assert (await live.connection(connection_id))["status"] == "healthy"
    for account in others:
        await live.call("DELETE", "/v1/banks/accounts", params={"accountId": account["id"]})
    await live.work()
    assert (await live.item(connection_id)).state == "disconnected"


async def test_a_deleted_entity_takes_its_connections_along(live: Live) -> None:
    connection_id = await live.linked()
    provider_item_id = (await live.item(connection_id)).provider_item_id
    await live.api.ok("DELETE", "/v1/entities", params={"entityId": live.entity_id})
    items = {item["item_id"]: item for item in live.sandbox.control("GET", "/items")["items"]}
    assert items[provider_item_id]["is_removed"] is True
    assert live.count("SELECT count(*) FROM item") == 0


async def test_nobody_else_sees_or_touches_a_connection(live: Live) -> None:
    connection_id = await live.linked()
    other = await live.api.other_developer()
    own = await other.create_entity("Other")
    path = f"/v1/banks/connections/{connection_id}"
    account = (await live.accounts())[0]["id"]
    for method, where in (
        *(("GET", path), ("GET", f"{path}/runs"), ("DELETE", path), ("POST", f"{path}/pause")),
        *(("POST", f"{path}/refresh"), ("POST", f"{path}/rotate-token"), ("POST", f"{path}/repaired")),
        ("GET", f"/v1/banks/create-link?connectionId={connection_id}"),
        ("DELETE", f"/v1/banks/accounts?accountId={account}"),
    ):
        for entity_id in (own, live.entity_id):
            separator = "&" if "?" in where else "?"
            answer = await other.call(method, f"{where}{separator}entityId={entity_id}")
            assert answer.status_code == 404, (method, where)
    assert (await live.connection(connection_id))["status"] == "healthy"
