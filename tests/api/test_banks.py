"""Linking banks and watching the import."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.support.api import BASE_URL, Api
from tests.support.sandbox import RunningSandbox

PYTHON_NEW = {"X-Fern-Language": "Python", "X-Fern-SDK-Name": "OpenLedger", "X-Fern-SDK-Version": "4.20.5"}
PYTHON_OLD = {**PYTHON_NEW, "X-Fern-SDK-Version": "4.20.4"}
TYPESCRIPT_NEW = {"X-Fern-Language": "JavaScript", "X-Fern-SDK-Version": "0.51.10"}


async def public_token(api: Api, sandbox: RunningSandbox, entity_id: str, *, username: str = "user_history_30") -> str:
    link = await api.ok("GET", "/v1/banks/create-link", params={"entityId": entity_id})
    return str(sandbox.link(link["link_token"], username=username)["public_token"])


async def test_create_link_gives_a_token_and_the_sandboxs_script(api: Api) -> None:
    entity_id = await api.create_entity()
    link = await api.ok("GET", "/v1/banks/create-link", params={"entityId": entity_id})
    assert link["link_token"].startswith("link-sandbox-")
    assert datetime.fromisoformat(link["expiration"]) > datetime.now(UTC)
    assert link["user_id"] == entity_id
    assert link["link_script_url"] == f"{BASE_URL}/sandbox/link/v2/stable/link-initialize.js"
    script = await api.http.get(link["link_script_url"])
    assert script.status_code == 200
    assert script.headers["content-type"].startswith("text/javascript")


async def test_a_bank_with_its_own_page_comes_back_to_the_address_given(api: Api, sandbox: RunningSandbox) -> None:
    entity_id = await api.create_entity()
    back = "http://localhost:5173/books"
    params = {"entityId": entity_id, "redirectUri": back}
    token = (await api.ok("GET", "/v1/banks/create-link", params=params))["link_token"]
    assert sandbox.link_step("start", link_token=token)["redirects"] is True
    connection = (await linked_connection(api, sandbox, entity_id))["connectionId"]
    update = await api.ok("GET", "/v1/banks/create-link", params={**params, "connectionId": connection})
    assert sandbox.link_step("start", link_token=update["link_token"])["redirects"] is True
    plain = (await api.ok("GET", "/v1/banks/create-link", params={"entityId": entity_id}))["link_token"]
    assert sandbox.link_step("start", link_token=plain)["redirects"] is False


async def linked_connection(api: Api, sandbox: RunningSandbox, entity_id: str) -> Any:
    body = {"public_token": await public_token(api, sandbox, entity_id)}
    made = await api.ok("PUT", "/v1/banks/accounts", params={"entityId": entity_id}, json=body)
    return made["createdAccounts"][0]


@pytest.mark.parametrize(
    "address",
    [
        "http://books.example.com/",
        "https://books.example.com/?page=banks",
        "https://books.example.com/#/banks",
        "https://me:secret@books.example.com/",
        "javascript:alert(1)",
        "https://",
        "https://[::1",
        "books",
    ],
)
async def test_an_address_that_the_bank_cannot_come_back_to_is_refused(api: Api, address: str) -> None:
    params = {"entityId": await api.create_entity(), "redirectUri": address}
    refused = await api.call("GET", "/v1/banks/create-link", params=params)
    assert (refused.status_code, refused.json()["code"]) == (400, "REDIRECT_URI_INVALID")


async def test_entity_token_needs_no_entity_id(api: Api, sandbox: RunningSandbox) -> None:
    entity_id = await api.create_entity()
    token = await api.entity_token(entity_id)
    link = await api.call("GET", "/v1/banks/create-link", token=token)
    given = sandbox.link(link.json()["link_token"], username="user_history_30")
    answer = await api.call("PUT", "/v1/banks/accounts", token=token, json={"public_token": given["public_token"]})
    assert len(answer.json()["createdAccounts"]) == 1


@pytest.mark.parametrize(
    "spelling",
    [
        lambda token: {"json": {"public_token": token}},
        lambda token: {"json": {"publicToken": token}},
        lambda token: {"params": {"public_token": token}},
        lambda token: {"params": {"publicToken": token}},
        lambda token: {"params": {"public_token": "public-sandbox-wrong"}, "json": {"public_token": token}},
    ],
)
async def test_public_token_is_taken_in_all_spellings(api: Api, sandbox: RunningSandbox, spelling: Any) -> None:
    entity_id = await api.create_entity()
    given = spelling(await public_token(api, sandbox, entity_id))
    given["params"] = {"entityId": entity_id, **given.get("params", {})}
    answer = await api.ok("PUT", "/v1/banks/accounts", **given)
    (account,) = answer["createdAccounts"]
    assert account["accountType"] == "depository"
    assert "1 bank account" in answer["message"]


async def test_entity_may_be_named_in_header_or_body(api: Api, sandbox: RunningSandbox) -> None:
    entity_id = await api.create_entity()
    token = await public_token(api, sandbox, entity_id)
    body = {"public_token": token}
    first = await api.ok("PUT", "/v1/banks/accounts", headers={"X-entity-ID": entity_id}, json=body)
    assert first == await api.ok("PUT", "/v1/banks/accounts", json={**body, "entityId": entity_id})


@pytest.mark.parametrize(
    ("headers", "is_array"),
    [
        ({}, False),
        (PYTHON_OLD, False),
        (PYTHON_NEW, True),
        (TYPESCRIPT_NEW, True),
        ({**TYPESCRIPT_NEW, "X-Fern-SDK-Version": "0.51.9"}, False),
        ({**PYTHON_NEW, "X-Fern-SDK-Version": "5.0.0"}, True),
        ({"X-Fern-SDK-Version": "4.20.5"}, True),
        ({"X-Fern-SDK-Version": "not a version"}, False),
    ],
)
async def test_answer_has_the_shape_the_client_expects(
    studio: tuple[Api, str], sandbox: RunningSandbox, headers: dict[str, str], *, is_array: bool
) -> None:
    api, _ = studio
    entity_id = await api.create_entity()
    token = await public_token(api, sandbox, entity_id)
    answer = await api.ok(
        "PUT", "/v1/banks/accounts", params={"entityId": entity_id}, json={"public_token": token}, headers=headers
    )
    rows = answer if is_array else answer["createdAccounts"]
    assert [set(row) >= {"id", "accountName", "accountType", "accountMask"} for row in rows] == [True]


async def test_same_token_again_gives_the_same_answer_and_stores_nothing_new(api: Api, sandbox: RunningSandbox) -> None:
    entity_id = await api.create_entity()
    given = {"params": {"entityId": entity_id}, "json": {"public_token": await public_token(api, sandbox, entity_id)}}
    first = await api.ok("PUT", "/v1/banks/accounts", **given)
    assert first == await api.ok("PUT", "/v1/banks/accounts", **given)
    assert (api.count("item"), api.count("bank_account"), api.count("procrastinate_jobs")) == (1, 1, 1)


async def test_same_token_at_once_gives_the_same_answer_to_all(api: Api, sandbox: RunningSandbox) -> None:
    entity_id = await api.create_entity()
    given = {"params": {"entityId": entity_id}, "json": {"public_token": await public_token(api, sandbox, entity_id)}}
    answers = await asyncio.gather(*(api.ok("PUT", "/v1/banks/accounts", **given) for _ in range(6)))
    assert [answer == answers[0] for answer in answers] == [True] * 6
    assert (api.count("item"), api.count("bank_account"), api.count("procrastinate_jobs")) == (1, 1, 1)


async def test_many_banks_at_once_do_not_starve_the_pool(api: Api, sandbox: RunningSandbox) -> None:
    entity_id = await api.create_entity()
    tokens = [await public_token(api, sandbox, entity_id) for _ in range(8)]
    answers = await asyncio.gather(
        *(
            api.call("PUT", "/v1/banks/accounts", params={"entityId": entity_id}, json={"public_token": token})
            for token in tokens
        )
    )
    assert {answer.status_code for answer in answers} <= {200, 409}
    assert 200 in {answer.status_code for answer in answers}


async def test_token_of_another_entity_is_of_no_use(api: Api, sandbox: RunningSandbox) -> None:
    mine, theirs = await api.create_entity(), await api.create_entity()
    token = await public_token(api, sandbox, theirs)
    await api.ok("PUT", "/v1/banks/accounts", params={"entityId": theirs}, json={"public_token": token})
    answer = await api.call("PUT", "/v1/banks/accounts", params={"entityId": mine}, json={"public_token": token})
    assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_PUBLIC_TOKEN")
    assert (await api.ok("GET", "/v1/banks/accounts", params={"entityId": mine}))["accounts"] == []


@pytest.mark.parametrize("token", ["nonsense", "public-sandbox-00000000-0000-0000-0000-000000000000", "x" * 512])
async def test_unknown_public_token_is_refused(api: Api, token: str) -> None:
    entity_id = await api.create_entity()
    answer = await api.call("PUT", "/v1/banks/accounts", params={"entityId": entity_id}, json={"public_token": token})
    assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_PUBLIC_TOKEN")
    assert token not in answer.text
    assert api.count("item") == 0


async def test_expired_public_token_is_refused(api: Api, sandbox: RunningSandbox) -> None:
    entity_id = await api.create_entity()
    token = await public_token(api, sandbox, entity_id)
    sandbox.control("POST", "/clock", advance_s=31 * 60)
    answer = await api.call("PUT", "/v1/banks/accounts", params={"entityId": entity_id}, json={"public_token": token})
    assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_PUBLIC_TOKEN")


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({}, "PUBLIC_TOKEN_REQUIRED"),
        ({"json": {}}, "PUBLIC_TOKEN_REQUIRED"),
        ({"json": {"public_token": None}}, "PUBLIC_TOKEN_REQUIRED"),
        ({"json": {"public_token": ""}}, "INVALID_REQUEST"),
        ({"json": {"public_token": 7}}, "INVALID_REQUEST"),
        ({"json": {"public_token": "x" * 513}}, "INVALID_REQUEST"),
        ({"json": {"public_token": "a\x00b"}}, "INVALID_REQUEST"),
        (
            {"content": b'{"public_token": "\\ud800"}', "headers": {"Content-Type": "application/json"}},
            "INVALID_REQUEST",
        ),
        ({"json": ["x"]}, "INVALID_REQUEST"),
        ({"json": {"accountName": "Till"}, "params": {"connectionType": "EXTERNAL"}}, "EXTERNAL_NOT_SUPPORTED"),
        ({"json": {"connectionType": "external"}}, "EXTERNAL_NOT_SUPPORTED"),
    ],
)
async def test_put_without_a_usable_token_says_what_is_wrong(
    studio: tuple[Api, str], given: dict[str, Any], code: str
) -> None:
    api, entity_id = studio
    params = {"entityId": entity_id, **given.pop("params", {})}
    answer = await api.call("PUT", "/v1/banks/accounts", params=params, **given)
    assert (answer.status_code, answer.json()["code"]) == (400, code)


async def test_failure_after_the_exchange_is_made_good_by_a_retry(api: Api, sandbox: RunningSandbox) -> None:
    entity_id = await api.create_entity()
    token = await public_token(api, sandbox, entity_id)
    given: dict[str, Any] = {"params": {"entityId": entity_id}, "json": {"public_token": token}}
    sandbox.control("POST", "/faults", path="/accounts/get", error_code="INTERNAL_SERVER_ERROR")
    answer = await api.call("PUT", "/v1/banks/accounts", **given)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert (await api.ok("GET", "/v1/banks/accounts", params={"entityId": entity_id}))["accounts"] == []
    assert len((await api.ok("PUT", "/v1/banks/accounts", **given))["createdAccounts"]) == 1
    assert api.count("item") == 1


async def test_accounts_show_both_balances_from_the_banks_view(studio: tuple[Api, str]) -> None:
    api, entity_id = studio
    rows = (await api.ok("GET", "/v1/banks/accounts", params={"entityId": entity_id}))["accounts"]
    by_type = {row["accountSubtype"]: row for row in rows}
    assert by_type.keys() == {"checking", "savings", "credit card"}
    for row in rows:
        assert row["difference"] == "0.00"
        assert row["isReconciled"] is True
        assert row["reportedBalance"] == row["ledgerBalance"]
        assert (row["connectionStatus"], row["syncStatus"], row["lastError"]) == ("healthy", "completed", None)
        assert row["transactionCount"] > 0
    assert float(by_type["credit card"]["ledgerBalance"]) > 0


async def test_sync_status_adds_up(studio: tuple[Api, str]) -> None:
    api, entity_id = studio
    status = await api.ok("GET", "/v1/banks/sync-status", params={"entityId": entity_id})
    progress = status["transactionProgress"]
    assert status["allSynced"] is True
    assert status["summary"] == {"total": 3, "completed": 3, "inProgress": 0, "pending": 0}
    assert progress["total"] == progress["synced"] + progress["pending"] >= 1500
    assert progress["synced"] == progress["categorized"] + progress["toReview"]
    assert sum(row["transactionCount"] for row in status["accounts"]) == progress["total"]


async def test_sync_status_before_and_after_the_import(api: Api, sandbox: RunningSandbox) -> None:
    entity_id = await api.create_entity()
    empty = await api.ok("GET", "/v1/banks/sync-status", params={"entityId": entity_id})
    assert (empty["accounts"], empty["message"]) == ([], "No bank account is linked yet.")
    await api.link(sandbox, entity_id, username="user_history_30")
    waiting = await api.ok("GET", "/v1/banks/sync-status", params={"entityId": entity_id})
    assert (waiting["allSynced"], waiting["summary"]["pending"]) == (False, 1)
    await api.sync(entity_id)
    done = await api.ok("GET", "/v1/banks/sync-status", params={"entityId": entity_id})
    assert (done["allSynced"], done["transactionProgress"]["synced"]) == (True, 30)


@pytest.mark.parametrize("place", ["query", "body", "header", "token"])
async def test_sync_is_queued_once(api: Api, sandbox: RunningSandbox, place: str) -> None:
    entity_id = await api.create_entity()
    ways: dict[str, dict[str, Any]] = {
        "query": {"params": {"entityId": entity_id}},
        "body": {"json": {"entityId": entity_id}},
        "header": {"headers": {"X-entity-ID": entity_id}, "json": {}},
        "token": {"json": {}, "token": await api.entity_token(entity_id)},
    }
    given = ways[place]
    assert (await api.ok("POST", "/v1/banks/sync", **given)) == {"success": True, "message": "No bank is linked yet."}
    await api.link(sandbox, entity_id, username="user_history_30")
    for _ in range(3):
        assert (await api.ok("POST", "/v1/banks/sync", **given))["success"] is True
    assert api.count("procrastinate_jobs") == 1


async def test_failed_sync_shows_on_the_account(api: Api, sandbox: RunningSandbox) -> None:
    entity_id = await api.create_entity()
    await api.link(sandbox, entity_id, username="user_history_30")
    sandbox.control("POST", "/faults", path="/transactions/sync", error_code="ITEM_LOGIN_REQUIRED")
    with pytest.raises(Exception, match="log in again"):
        await api.sync(entity_id)
    (row,) = (await api.ok("GET", "/v1/banks/accounts", params={"entityId": entity_id}))["accounts"]
    assert row["connectionStatus"] == "login_required"
    assert row["lastError"]["code"] == "ITEM_LOGIN_REQUIRED"
