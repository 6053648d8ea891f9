"""Malformed and unauthorised requests, posted raw."""

from typing import Any

import httpx
import pytest

from tests.plaid_sandbox.conftest import new_link_token
from tests.support.sandbox import CLIENT_ID, SECRET, RunningSandbox

KEYS = {"client_id": CLIENT_ID, "secret": SECRET}
HEADERS = {"PLAID-CLIENT-ID": CLIENT_ID, "PLAID-SECRET": SECRET}
LINK_TOKEN = {
    "client_name": "Acme",
    "language": "en",
    "country_codes": ["US"],
    "user": {"client_user_id": "u"},
    "products": ["transactions"],
}


def refused(answer: httpx.Response, status: int, error_type: str, error_code: str) -> dict[str, Any]:
    body: dict[str, Any] = answer.json()
    assert (answer.status_code, body["error_type"], body["error_code"]) == (status, error_type, error_code)
    assert {"error_message", "display_message", "request_id"} <= set(body)
    return body


def test_keys_are_taken_from_headers_or_body(sandbox: RunningSandbox) -> None:
    token = sandbox.linked_access_token("user_good")
    url = f"{sandbox.base_url}/item/get"
    assert httpx.post(url, json={"access_token": token}, headers=HEADERS).status_code == 200
    assert httpx.post(url, json={"access_token": token, **KEYS}).status_code == 200


@pytest.mark.parametrize("wrong", ["client_id", "secret"])
def test_wrong_keys_are_a_400(sandbox: RunningSandbox, wrong: str) -> None:
    answer = httpx.post(f"{sandbox.base_url}/item/get", json={"access_token": "x", **KEYS, wrong: "wrong"})
    refused(answer, 400, "INVALID_INPUT", "INVALID_API_KEYS")


def test_missing_keys_are_missing_fields(sandbox: RunningSandbox) -> None:
    answer = httpx.post(f"{sandbox.base_url}/item/get", json={"access_token": "x"})
    assert "client_id, secret" in refused(answer, 400, "INVALID_REQUEST", "MISSING_FIELDS")["error_message"]


def test_unknown_missing_and_malformed(sandbox: RunningSandbox) -> None:
    unknown = refused(
        sandbox.plaid("/item/get", access_token="x", acces_token="y"), 400, "INVALID_REQUEST", "UNKNOWN_FIELDS"
    )
    assert unknown["error_message"].endswith(": acces_token")
    missing = refused(sandbox.plaid("/item/get"), 400, "INVALID_REQUEST", "MISSING_FIELDS")
    assert missing["error_message"].endswith(": access_token")
    for text in (b"{", b"[]", b"\xff", b""):
        answer = httpx.post(f"{sandbox.base_url}/item/get", content=text, headers={"Content-Type": "application/json"})
        refused(answer, 400, "INVALID_REQUEST", "INVALID_BODY")
    answer = httpx.post(f"{sandbox.base_url}/item/get", content=b"{}")
    refused(answer, 400, "INVALID_REQUEST", "INVALID_HEADERS")


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("path", ["/nothing/here", "/", "/_control/nothing", "/link/v2/stable/session/nothing"])
def test_unknown_path_is_a_404(sandbox: RunningSandbox, method: str, path: str) -> None:
    answer = httpx.request(method, sandbox.base_url + path)
    refused(answer, 404, "INVALID_REQUEST", "NOT_FOUND")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/transactions/sync", {"count": 501}),
        ("/transactions/sync", {"count": 0}),
        ("/transactions/sync", {"count": "10"}),
        ("/transactions/sync", {"count": True}),
        ("/transactions/sync", {"options": {"days_requested": 731}}),
        ("/transactions/sync", {"options": None}),
        ("/transactions/sync", {"cursor": None}),
        ("/transactions/sync", {"cursor": "x" * 257}),
        ("/transactions/sync", {"options": {"personal_finance_category_version": "v3"}}),
        ("/transactions/get", {"start_date": "2026-02-30", "end_date": "2026-03-01"}),
        ("/transactions/get", {"start_date": "2026-03-02", "end_date": "2026-03-01"}),
        ("/item/webhook/update", {"webhook": "ftp://example.com"}),
        ("/accounts/get", {"options": {"account_ids": "x"}}),
        ("/sandbox/transactions/create", {"transactions": []}),
        (
            "/sandbox/transactions/create",
            {
                "transactions": [
                    {"date_transacted": "2999-01-01", "date_posted": "2999-01-01", "amount": 1, "description": "x"}
                ]
            },
        ),
    ],
)
def test_bad_value_is_an_invalid_field(sandbox: RunningSandbox, path: str, body: dict[str, Any]) -> None:
    token = sandbox.linked_access_token("user_good")
    refused(sandbox.plaid(path, access_token=token, **body), 400, "INVALID_REQUEST", "INVALID_FIELD")


@pytest.mark.parametrize(
    ("changed", "error_code"),
    [
        ({"products": ["balance"]}, "INVALID_PRODUCT"),
        ({"products": []}, "INVALID_FIELD"),
        ({"products": ["nonsense"]}, "INVALID_FIELD"),
        ({"country_codes": []}, "INVALID_FIELD"),
        ({"country_codes": ["us"]}, "INVALID_FIELD"),
        ({"transactions": {"days_requested": 731}}, "INVALID_FIELD"),
        ({"user": {}}, "MISSING_FIELDS"),
        ({"user": None}, "INVALID_FIELD"),
        ({"redirect_uri": "https://example.com/?a=b"}, "INVALID_FIELD"),
        ({"optional_products": ["transactions"]}, "INVALID_FIELD"),
        ({"client_nam": "x"}, "UNKNOWN_FIELDS"),
        ({"access_token": "access-sandbox-nobody", "products": []}, "INVALID_ACCESS_TOKEN"),
    ],
)
def test_link_token_rules(sandbox: RunningSandbox, changed: dict[str, Any], error_code: str) -> None:
    answer = sandbox.plaid("/link/token/create", **LINK_TOKEN | changed)
    assert (answer.status_code, answer.json()["error_code"]) == (400, error_code)


def test_link_token_without_products_needs_an_access_token(sandbox: RunningSandbox) -> None:
    body = {key: value for key, value in LINK_TOKEN.items() if key != "products"}
    assert sandbox.plaid("/link/token/create", **body).status_code == 400
    token = sandbox.linked_access_token("user_good")
    assert sandbox.plaid("/link/token/create", **body, access_token=token).status_code == 200
    assert sandbox.plaid("/link/token/create", **LINK_TOKEN, access_token=token).status_code == 400


def test_unknown_tokens_and_ids(sandbox: RunningSandbox) -> None:
    refused(sandbox.plaid("/item/get", access_token="x"), 400, "INVALID_INPUT", "INVALID_ACCESS_TOKEN")
    refused(
        sandbox.plaid("/item/public_token/exchange", public_token="x"), 400, "INVALID_INPUT", "INVALID_PUBLIC_TOKEN"
    )
    refused(sandbox.plaid("/link/token/get", link_token="x"), 400, "INVALID_INPUT", "INVALID_LINK_TOKEN")
    missing_bank = sandbox.plaid("/institutions/get_by_id", institution_id="ins_0", country_codes=["US"])
    refused(missing_bank, 400, "INVALID_INPUT", "INVALID_INSTITUTION")
    token = sandbox.linked_access_token("user_good")
    foreign = sandbox.plaid("/accounts/get", access_token=token, options={"account_ids": ["x"]})
    refused(foreign, 400, "INVALID_INPUT", "INVALID_ACCOUNT_ID")


def test_institutions_are_paged_and_searched(sandbox: RunningSandbox) -> None:
    first = sandbox.plaid("/institutions/get", count=3, offset=0, country_codes=["US"]).json()
    second = sandbox.plaid("/institutions/get", count=500, offset=3, country_codes=["US"]).json()
    assert first["total"] == len(first["institutions"]) + len(second["institutions"])
    found = sandbox.plaid("/institutions/search", query="GINGHAM", country_codes=["US"]).json()
    assert [bank["institution_id"] for bank in found["institutions"]] == ["ins_109509"]
    assert sandbox.plaid("/institutions/search", query="gingham", country_codes=["GB"]).json()["institutions"] == []


def test_link_token_get_shows_the_finished_session(sandbox: RunningSandbox) -> None:
    link_token = new_link_token(sandbox)
    finished = sandbox.link(link_token, username="user_good")
    sessions = sandbox.plaid("/link/token/get", link_token=link_token).json()["link_sessions"]
    assert [one["results"]["item_add_results"][0]["public_token"] for one in sessions] == [finished["public_token"]]
