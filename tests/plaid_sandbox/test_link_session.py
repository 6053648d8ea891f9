"""Link without a browser: the session endpoints that the dialog uses."""

from typing import Any

import httpx
import pytest

from tests.plaid_sandbox.conftest import change, days_ago, new_link_token, synced
from tests.support.sandbox import RunningSandbox, running_sandbox

BANK = "ins_109508"


def start(sandbox: RunningSandbox, link_token: str) -> dict[str, Any]:
    started: dict[str, Any] = sandbox.link_step("start", link_token=link_token)
    return started


GOOD = "pass_good"


def login(sandbox: RunningSandbox, session_id: str, username: str, password: str = GOOD) -> httpx.Response:
    body = {"link_session_id": session_id, "institution_id": BANK, "username": username, "password": password}
    return sandbox.http.post(f"{sandbox.base_url}/link/v2/stable/session/login", json=body)


def exchanged(sandbox: RunningSandbox, public_token: str) -> dict[str, Any]:
    answer: dict[str, Any] = sandbox.plaid("/item/public_token/exchange", public_token=public_token).json()
    return answer


def test_linking_two_accounts_gives_exactly_those(sandbox: RunningSandbox) -> None:
    session = start(sandbox, new_link_token(sandbox))
    assert (session["mode"], session["client_name"]) == ("create", "Acme Books")
    shown = {"institution_id": BANK, "name": "First Platypus Bank", "oauth": False, "primary_color": "#1f6f78"}
    assert shown in session["institutions"]
    found = sandbox.link_step("institutions", link_session_id=session["link_session_id"], query="platypus balance")
    assert [one["institution_id"] for one in found["institutions"]] == ["ins_130016"]
    offered = login(sandbox, session["link_session_id"], "user_studio").json()["accounts"]
    assert [(a["mask"], a["type"], a["subtype"]) for a in offered] == [
        ("4402", "depository", "checking"),
        ("4410", "depository", "savings"),
        ("7731", "credit", "credit card"),
    ]
    chosen = [offered[0]["id"], offered[2]["id"]]
    finished = sandbox.link_step("finish", link_session_id=session["link_session_id"], account_ids=chosen)
    assert finished["metadata"]["institution"] == {"name": "First Platypus Bank", "institution_id": BANK}
    assert [a["id"] for a in finished["metadata"]["accounts"]] == chosen
    token = exchanged(sandbox, finished["public_token"])["access_token"]
    accounts = sandbox.plaid("/accounts/get", access_token=token).json()["accounts"]
    assert [a["account_id"] for a in accounts] == chosen
    assert {row["account_id"] for row in synced(sandbox, token)["added"]} == set(chosen)


@pytest.mark.parametrize(
    ("username", "password", "error_code"),
    [
        ("user_good", "wrong", "INVALID_CREDENTIALS"),
        ("nobody", "pass_good", "INVALID_CREDENTIALS"),
        ("user_locked", "pass_good", "ITEM_LOCKED"),
        ("user_good", "error_ITEM_LOCKED", "ITEM_LOCKED"),
        ("user_good", "error_INSTITUTION_DOWN", "INSTITUTION_DOWN"),
        ("user_good", "error_NO_ACCOUNTS", "NO_ACCOUNTS"),
        ("user_good", "error_NONSENSE", "INVALID_CREDENTIALS"),
        ("user_history_0", "pass_good", "INVALID_CREDENTIALS"),
    ],
)
def test_refused_logins(sandbox: RunningSandbox, username: str, password: str, error_code: str) -> None:
    session = start(sandbox, new_link_token(sandbox))
    refused = login(sandbox, session["link_session_id"], username, password)
    assert (refused.status_code, refused.json()["error_code"]) == (400, error_code)
    finish = {"link_session_id": session["link_session_id"], "account_ids": ["x"]}
    early = sandbox.http.post(f"{sandbox.base_url}/link/v2/stable/session/finish", json=finish)
    assert early.json()["error_code"] == "INSUFFICIENT_CREDENTIALS"


@pytest.mark.parametrize(("username", "password"), [("user_mfa", "pass_good"), ("user_good", "mfa_device")])
def test_code_after_the_password(sandbox: RunningSandbox, username: str, password: str) -> None:
    session_id = start(sandbox, new_link_token(sandbox))["link_session_id"]
    asked = login(sandbox, session_id, username, password).json()
    assert (asked["mfa"]["type"], "accounts" in asked) == ("device", False)
    url = f"{sandbox.base_url}/link/v2/stable/session"
    early = sandbox.http.post(f"{url}/finish", json={"link_session_id": session_id, "account_ids": ["x"]})
    assert early.json()["error_code"] == "INSUFFICIENT_CREDENTIALS"
    wrong = sandbox.http.post(f"{url}/mfa", json={"link_session_id": session_id, "answers": ["4321"]})
    assert wrong.json()["error_code"] == "INVALID_MFA"
    right = sandbox.link_step("mfa", link_session_id=session_id, answers=["1234"])
    assert len(right["accounts"]) == 12


@pytest.mark.parametrize("username", ["user_small_business", "user_yuppie", "user_ewa_user"])
def test_plaids_personas_take_any_password_but_none(sandbox: RunningSandbox, username: str) -> None:
    session_id = start(sandbox, new_link_token(sandbox))["link_session_id"]
    assert login(sandbox, session_id, username, " ").json()["error_code"] == "INVALID_CREDENTIALS"
    assert len(login(sandbox, session_id, username, "whatever").json()["accounts"]) >= 2


def test_account_filters_hide_what_does_not_fit(sandbox: RunningSandbox) -> None:
    filters = {"depository": {"account_subtypes": ["checking"]}, "credit": {"account_subtypes": ["all"]}}
    link_token = new_link_token(sandbox, account_filters=filters)
    session_id = start(sandbox, link_token)["link_session_id"]
    offered = login(sandbox, session_id, "user_good").json()["accounts"]
    assert [a["mask"] for a in offered] == ["0000", "3333", "9999"]
    nothing_fits = new_link_token(sandbox, account_filters={"loan": {"account_subtypes": ["auto"]}})
    empty = login(sandbox, start(sandbox, nothing_fits)["link_session_id"], "user_good")
    assert empty.json()["error_code"] == "NO_ACCOUNTS"


def test_no_or_foreign_accounts_are_refused(sandbox: RunningSandbox) -> None:
    session_id = start(sandbox, new_link_token(sandbox))["link_session_id"]
    login(sandbox, session_id, "user_studio")
    for account_ids, error_code in (([], "NO_ACCOUNTS"), (["x"], "INVALID_ACCOUNT_ID")):
        body = {"link_session_id": session_id, "account_ids": account_ids}
        answer = sandbox.http.post(f"{sandbox.base_url}/link/v2/stable/session/finish", json=body)
        assert (answer.status_code, answer.json()["error_code"]) == (400, error_code)


def test_tokens_end_with_time() -> None:
    with running_sandbox() as own:
        link_token = new_link_token(own)
        public_token = own.link(link_token)["public_token"]
        own.control("POST", "/clock", advance_s=30 * 60 + 1)
        assert exchanged(own, public_token)["error_code"] == "INVALID_PUBLIC_TOKEN"
        own.control("POST", "/clock", advance_s=3.5 * 3600)
        for token in (link_token, "link-sandbox-nothing", ""):
            answer = own.http.post(f"{own.base_url}/link/v2/stable/session/start", json={"link_token": token})
            assert (answer.status_code, answer.json()["error_code"]) == (400, "INVALID_LINK_TOKEN")


def test_update_mode_heals_the_same_item_and_its_cursor_goes_on(sandbox: RunningSandbox) -> None:
    token = sandbox.linked_access_token("user_studio")
    cursor = synced(sandbox, token)["cursor"]
    sandbox.plaid("/sandbox/item/reset_login", access_token=token)
    change(sandbox, token, {"op": "add", "account": "checking", "amount": 5, "date": "2026-01-05", "name": "MEANWHILE"})
    session = start(sandbox, new_link_token(sandbox, access_token=token))
    assert (session["mode"], session["account_selection_enabled"]) == ("update", False)
    assert [one["institution_id"] for one in session["institutions"]] == [BANK]
    other_user = login(sandbox, session["link_session_id"], "user_good")
    assert other_user.json()["error_code"] == "INVALID_UPDATED_USERNAME"
    assert login(sandbox, session["link_session_id"], "user_studio").status_code == 200
    finished = sandbox.link_step("finish", link_session_id=session["link_session_id"], account_ids=[])
    assert len(finished["metadata"]["accounts"]) == 3
    assert [row["name"] for row in synced(sandbox, token, cursor)["added"]] == ["MEANWHILE"]
    assert exchanged(sandbox, finished["public_token"])["access_token"] == token


def test_update_mode_left_alone_changes_nothing(sandbox: RunningSandbox) -> None:
    token = sandbox.linked_access_token("user_studio")
    sandbox.plaid("/sandbox/item/reset_login", access_token=token)
    session_id = start(sandbox, new_link_token(sandbox, access_token=token))["link_session_id"]
    sandbox.link_step("exit", link_session_id=session_id, status="requires_credentials")
    assert sandbox.plaid("/accounts/get", access_token=token).json()["error_code"] == "ITEM_LOGIN_REQUIRED"
    assert login(sandbox, session_id, "user_studio").json()["error_code"] == "INVALID_LINK_TOKEN"


def test_account_selection_in_update_mode_adds_history_and_hides_rows(sandbox: RunningSandbox) -> None:
    everything = synced(sandbox, sandbox.linked_access_token("user_studio"))["added"]
    session_id = start(sandbox, new_link_token(sandbox))["link_session_id"]
    offered = login(sandbox, session_id, "user_studio").json()["accounts"]
    checking, savings, card = (account["id"] for account in offered)
    finished = sandbox.link_step("finish", link_session_id=session_id, account_ids=[checking, savings])
    token = exchanged(sandbox, finished["public_token"])["access_token"]
    first = synced(sandbox, token)
    update = new_link_token(sandbox, access_token=token, update={"account_selection_enabled": True})
    session_id = start(sandbox, update)["link_session_id"]
    answer = login(sandbox, session_id, "user_studio").json()
    assert answer["selected_account_ids"] == [checking, savings]
    sandbox.link_step("finish", link_session_id=session_id, account_ids=[checking, card])
    second = synced(sandbox, token, first["cursor"])
    assert {row["account_id"] for row in second["added"]} == {card}
    assert second["modified"] == second["removed"] == []
    card_rows = [row for row in everything if "THANK YOU" in row["name"]]
    assert len([row for row in second["added"] if "THANK YOU" in row["name"]]) == len(card_rows)
    accounts = sandbox.plaid("/accounts/get", access_token=token).json()["accounts"]
    assert [a["account_id"] for a in accounts] == [checking, card]


def test_quiet_answers_refusals_with_200(sandbox: RunningSandbox) -> None:
    url = f"{sandbox.base_url}/link/v2/stable/session/start?quiet=1"
    answer = sandbox.http.post(url, json={"link_token": "nothing"})
    assert (answer.status_code, answer.json()["error"]["error_code"]) == (200, "INVALID_LINK_TOKEN")


def test_history_days_count_from_today(sandbox: RunningSandbox) -> None:
    finished = sandbox.link(new_link_token(sandbox))
    rows = synced(sandbox, exchanged(sandbox, finished["public_token"])["access_token"])["added"]
    assert days_ago(735).isoformat() < min(row["date"] for row in rows) < days_ago(725).isoformat()
