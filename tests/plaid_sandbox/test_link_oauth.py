"""Banks that ask for the login on their own page, and banks that ask more than a password; without a browser."""

import json
from typing import Any

import pytest

from tests.plaid_sandbox.conftest import days_ago, new_link_token, synced
from tests.plaid_sandbox.test_link_session import exchanged, login, start
from tests.support.sandbox import RunningSandbox

OAUTH_BANK = "ins_127287"
BACK = "http://localhost:5173/oauth"


def step(sandbox: RunningSandbox, name: str, /, **body: Any) -> dict[str, Any]:
    """Take a step that may be refused and return the decoded answer."""
    answer = sandbox.http.post(f"{sandbox.base_url}/link/v2/stable/session/{name}", json=body)
    decoded: dict[str, Any] = answer.json()
    return decoded


def at_the_bank(sandbox: RunningSandbox, link_token: str) -> tuple[str, str]:
    """Return the session and state of a Link that is at the bank's page."""
    session_id = start(sandbox, link_token)["link_session_id"]
    begun = step(sandbox, "oauth_start", link_session_id=session_id, institution_id=OAUTH_BANK)
    assert begun["url"] == f"oauth#oauth_state_id={begun['oauth_state_id']}"
    return session_id, begun["oauth_state_id"]


def granted(sandbox: RunningSandbox, state_id: str) -> str:
    answer = step(sandbox, "oauth_login", oauth_state_id=state_id, username="user_studio", password="pass_good")
    return str(answer["redirect_to"])


def test_redirect_to_the_bank_and_back(sandbox: RunningSandbox) -> None:
    link_token = new_link_token(sandbox, redirect_uri=BACK)
    session_id, state_id = at_the_bank(sandbox, link_token)
    shown = step(sandbox, "oauth_show", oauth_state_id=state_id)
    assert (shown["institution_name"], shown["client_name"]) == ("Platypus OAuth Bank", "Acme Books")
    wrong = step(sandbox, "oauth_login", oauth_state_id=state_id, username="user_studio", password="no")
    assert wrong["error_code"] == "INVALID_CREDENTIALS"
    address = granted(sandbox, state_id)
    assert address == f"{BACK}?oauth_state_id={state_id}"
    resumed = step(sandbox, "start", link_token=link_token, received_redirect_uri=address)
    assert (resumed["link_session_id"], resumed["oauth"]["state"]) == (session_id, "granted")
    ids = [account["id"] for account in resumed["oauth"]["accounts"]]
    finished = step(sandbox, "finish", link_session_id=session_id, account_ids=ids)
    token = exchanged(sandbox, finished["public_token"])["access_token"]
    accounts = sandbox.plaid("/accounts/get", access_token=token).json()
    assert accounts["item"]["institution_id"] == OAUTH_BANK
    assert all(account["persistent_account_id"] for account in accounts["accounts"])
    assert len(synced(sandbox, token)["added"]) > 1_500


def test_way_back_must_be_the_same_token_and_carry_nothing_else(sandbox: RunningSandbox) -> None:
    link_token = new_link_token(sandbox, redirect_uri=BACK)
    other = new_link_token(sandbox, redirect_uri=BACK)
    _, state_id = at_the_bank(sandbox, link_token)
    address = granted(sandbox, state_id)
    for token, received in (
        (other, address),
        (link_token, f"{address}&utm=1"),
        (link_token, f"{BACK}?oauth_state_id=nobody"),
        (link_token, address.replace("5173", "5174")),
        (new_link_token(sandbox), address),
    ):
        refused = step(sandbox, "start", link_token=token, received_redirect_uri=received)
        assert refused["error_code"] == "INVALID_FIELD", received


def test_refusal_and_window_without_redirect(sandbox: RunningSandbox) -> None:
    session_id, state_id = at_the_bank(sandbox, new_link_token(sandbox))
    assert step(sandbox, "oauth_result", link_session_id=session_id)["state"] == "started"
    assert step(sandbox, "oauth_cancel", oauth_state_id=state_id)["redirect_to"] is None
    assert step(sandbox, "oauth_result", link_session_id=session_id)["state"] == "cancelled"
    early = step(sandbox, "finish", link_session_id=session_id, account_ids=["x"])
    assert early["error_code"] == "INSUFFICIENT_CREDENTIALS"


def test_bank_with_its_own_page_takes_no_password_in_the_dialog(sandbox: RunningSandbox) -> None:
    session_id = start(sandbox, new_link_token(sandbox))["link_session_id"]
    body = {"link_session_id": session_id, "username": "user_good", "password": "pass_good"}
    assert step(sandbox, "login", **body, institution_id=OAUTH_BANK)["error_code"] == "INVALID_FIELD"
    assert (
        step(sandbox, "oauth_start", link_session_id=session_id, institution_id="ins_109508")["error_code"]
        == "INVALID_INSTITUTION"
    )


def test_update_mode_at_such_a_bank(sandbox: RunningSandbox) -> None:
    token = sandbox.linked_access_token("user_studio", institution_id=OAUTH_BANK)
    sandbox.plaid("/sandbox/item/reset_login", access_token=token)
    session_id, state_id = at_the_bank(sandbox, new_link_token(sandbox, access_token=token))
    other = step(sandbox, "oauth_login", oauth_state_id=state_id, username="user_good", password="pass_good")
    assert other["error_code"] == "INVALID_UPDATED_USERNAME"
    step(sandbox, "oauth_login", oauth_state_id=state_id, username="user_studio", password="pass_good")
    step(sandbox, "oauth_result", link_session_id=session_id)
    step(sandbox, "finish", link_session_id=session_id, account_ids=[])
    assert sandbox.plaid("/accounts/get", access_token=token).status_code == 200


@pytest.mark.parametrize(
    ("username", "password", "rounds"),
    [
        (
            "user_good",
            "mfa_questions_2_3",
            [["answer_0_0", "answer_0_1", "answer_0_2"], ["answer_1_0", "answer_1_1", "answer_1_2"]],
        ),
        ("user_good", "mfa_selections", [["Yes"]]),
        ("user_custom", json.dumps({"mfa": {"type": "device"}}), [["1234"]]),
        (
            "user_custom",
            json.dumps({"mfa": {"type": "selections", "selection_rounds": 2, "selections_per_question": 4}}),
            [["Yes"], ["Yes"]],
        ),
    ],
)
def test_questions_after_the_password(
    sandbox: RunningSandbox, username: str, password: str, rounds: list[list[str]]
) -> None:
    session_id = start(sandbox, new_link_token(sandbox))["link_session_id"]
    asked = login(sandbox, session_id, username, password).json()
    for number, answers in enumerate(rounds, start=1):
        assert (asked["mfa"]["round"], asked["mfa"]["rounds"]) == (number, len(rounds))
        wrong = step(sandbox, "mfa", link_session_id=session_id, answers=["nonsense"])
        assert wrong["error_code"] == "INVALID_MFA"
        asked = step(sandbox, "mfa", link_session_id=session_id, answers=answers)
    assert asked["accounts"]


# `user_custom`


def custom(**more: Any) -> str:
    checking = {
        "type": "depository",
        "subtype": "checking",
        "starting_balance": 1234.5678,
        "meta": {"name": "Shop Till", "official_name": "Till", "mask": "12"},
        "transactions": [
            {
                "date_transacted": days_ago(5).isoformat(),
                "date_posted": days_ago(4).isoformat(),
                "amount": 72.1,
                "description": "CUSTOM ROW",
            },
            {
                "date_transacted": days_ago(0).isoformat(),
                "date_posted": days_ago(-3).isoformat(),
                "amount": 9.99,
                "description": "NOT YET POSTED",
            },
        ],
    }
    card = {
        "type": "credit",
        "subtype": "credit card",
        "starting_balance": 410,
        "currency": "EUR",
        "force_available_balance": 90,
        "meta": {"limit": 500},
        "transactions": [],
    }
    return json.dumps({"override_accounts": [checking, card], **more})


def test_custom_user_is_as_described(sandbox: RunningSandbox) -> None:
    token = sandbox.linked_access_token("user_custom", password=custom())
    loop = synced(sandbox, token)
    assert [(row["name"], row["amount"], row["pending"]) for row in loop["added"]] == [
        ("CUSTOM ROW", 72.1, False),
        ("NOT YET POSTED", 9.99, True),
    ]
    assert {row["personal_finance_category"] for row in loop["added"]} == {None}
    till, card = sandbox.plaid("/accounts/get", access_token=token).json()["accounts"]
    assert (till["name"], till["mask"], till["balances"]["current"]) == ("Shop Till", "12", 1234.5678)
    assert (card["balances"]["available"], card["balances"]["current"]) == (90, 410)
    assert card["balances"]["iso_currency_code"] == "EUR"


def test_custom_user_with_nothing_said_has_rows_drawn_from_its_seed(sandbox: RunningSandbox) -> None:
    seen = []
    for seed in ("a", "a", "b"):
        token = sandbox.linked_access_token("user_custom", password=json.dumps({"seed": seed}))
        seen.append(sorted((row["date"], row["amount"]) for row in synced(sandbox, token)["added"]))
    assert seen[0] == seen[1] != seen[2]


def test_custom_income_comes_every_month(sandbox: RunningSandbox) -> None:
    described = {
        "type": "depository",
        "subtype": "savings",
        "transactions": [],
        "inflow_model": {
            "type": "monthly-income",
            "income_amount": 2500,
            "payment_day_of_month": "last",
            "transaction_name": "WAGES",
        },
    }
    token = sandbox.linked_access_token("user_custom", password=json.dumps({"override_accounts": [described]}))
    rows = synced(sandbox, token)["added"]
    assert {(row["name"], row["amount"]) for row in rows} == {("WAGES", -2500)}
    assert 22 <= len(rows) <= 25
    made = sandbox.plaid("/transactions/recurring/get", access_token=token).json()
    [stream] = made["inflow_streams"]
    assert (stream["frequency"], stream["status"], stream["average_amount"]["amount"]) == ("MONTHLY", "MATURE", -2500)


@pytest.mark.parametrize(
    ("password", "error_code"),
    [
        ("pass_good", "INVALID_CREDENTIALS"),
        ("[]", "INVALID_CREDENTIALS"),
        ('{"override_accounts": [{"type": "purse"}]}', "INVALID_CREDENTIALS"),
        ('{"force_error": "USER_SETUP_REQUIRED"}', "USER_SETUP_REQUIRED"),
        ('{"force_error": "PLAID_ERROR"}', "INTERNAL_SERVER_ERROR"),
    ],
)
def test_custom_user_refused(sandbox: RunningSandbox, password: str, error_code: str) -> None:
    session_id = start(sandbox, new_link_token(sandbox))["link_session_id"]
    assert login(sandbox, session_id, "user_custom", password).json()["error_code"] == error_code


def test_recurring_streams_of_the_studio(sandbox: RunningSandbox) -> None:
    token = sandbox.linked_access_token("user_studio")
    made = sandbox.plaid("/transactions/recurring/get", access_token=token).json()
    out = {stream["merchant_name"]: stream for stream in made["outflow_streams"]}
    assert out["Telegraph Ave Properties"]["frequency"] == "MONTHLY"
    assert out["Telegraph Ave Properties"]["last_amount"]["amount"] == 2850
    assert any(stream["frequency"] == "BIWEEKLY" for stream in made["outflow_streams"])
    assert made["inflow_streams"]
    assert all(stream["average_amount"]["amount"] < 0 for stream in made["inflow_streams"])
    unknown = sandbox.plaid("/transactions/recurring/get", access_token=token, account_ids=["nobody"])
    assert unknown.json()["error_code"] == "INVALID_ACCOUNT_ID"
