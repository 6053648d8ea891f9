"""Faults a test switches on, and that they end."""

import time

import httpx
import pytest

from tests.plaid_sandbox.conftest import item_id_of, synced
from tests.support.sandbox import CLIENT_ID, SECRET, RunningSandbox

KEYS = {"client_id": CLIENT_ID, "secret": SECRET}


def fault(sandbox: RunningSandbox, **wanted: object) -> None:
    sandbox.control("POST", "/faults", **{"path": "/transactions/sync", **wanted})


@pytest.mark.parametrize(
    ("error_code", "status", "error_type"),
    [
        ("INSTITUTION_DOWN", 400, "INSTITUTION_ERROR"),
        ("TRANSACTIONS_SYNC_LIMIT", 429, "RATE_LIMIT_EXCEEDED"),
        ("INTERNAL_SERVER_ERROR", 500, "API_ERROR"),
        ("PLANNED_MAINTENANCE", 503, "API_ERROR"),
        ("ITEM_LOGIN_REQUIRED", 400, "ITEM_ERROR"),
    ],
)
def test_error_by_code_strikes_so_many_times(
    faulty: RunningSandbox, error_code: str, status: int, error_type: str
) -> None:
    token = faulty.linked_access_token("user_good")
    fault(faulty, error_code=error_code, times=2)
    for _ in range(2):
        answer = faulty.plaid("/transactions/sync", access_token=token)
        assert (answer.status_code, answer.json()["error_code"], answer.json()["error_type"]) == (
            status,
            error_code,
            error_type,
        )
    assert faulty.plaid("/transactions/sync", access_token=token).status_code == 200
    assert faulty.control("GET", "/faults") == {"faults": []}


def test_mutation_on_the_second_page(faulty: RunningSandbox) -> None:
    token = faulty.linked_access_token("user_good")
    fault(faulty, page=2, error_code="TRANSACTIONS_SYNC_MUTATION_DURING_PAGINATION")
    first = faulty.plaid("/transactions/sync", access_token=token, count=10).json()
    again = faulty.plaid("/transactions/sync", access_token=token, count=10)
    assert again.status_code == 200
    second = faulty.plaid("/transactions/sync", access_token=token, count=10, cursor=first["next_cursor"])
    assert second.json()["error_code"] == "TRANSACTIONS_SYNC_MUTATION_DURING_PAGINATION"
    assert synced(faulty, token, count=10)["status"] == "HISTORICAL_UPDATE_COMPLETE"


def test_html_of_a_proxy_and_any_other_body(faulty: RunningSandbox) -> None:
    token = faulty.linked_access_token("user_good")
    fault(faulty, status=502)
    answer = faulty.plaid("/transactions/sync", access_token=token)
    assert (answer.status_code, answer.headers["content-type"]) == (502, "text/html; charset=utf-8")
    fault(faulty, status=500)
    answer = faulty.plaid("/transactions/sync", access_token=token)
    assert (answer.status_code, answer.json()["error_code"]) == (500, "INTERNAL_SERVER_ERROR")
    fault(faulty, body="{", content_type="application/json")
    answer = faulty.plaid("/transactions/sync", access_token=token)
    assert (answer.status_code, answer.text) == (200, "{")


def test_delay_and_hang_leave_other_calls_alone(faulty: RunningSandbox) -> None:
    token = faulty.linked_access_token("user_good")
    fault(faulty, delay_s=0.3)
    begun = time.monotonic()
    assert faulty.plaid("/transactions/sync", access_token=token).status_code == 200
    assert time.monotonic() - begun >= 0.3
    fault(faulty, hang=True)
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(f"{faulty.base_url}/transactions/sync", json={**KEYS, "access_token": token}, timeout=0.5)
    assert faulty.plaid("/transactions/sync", access_token=token).status_code == 200


def test_fault_for_one_item_after_some_calls_and_for_all_paths(faulty: RunningSandbox) -> None:
    token, other = faulty.linked_access_token("user_good"), faulty.linked_access_token("user_good")
    fault(faulty, path="*", item_id=item_id_of(faulty, token), skip=1, times=-1, error_code="ITEM_LOCKED")
    assert faulty.plaid("/accounts/get", access_token=token).status_code == 200
    for path in ("/accounts/get", "/item/get", "/transactions/sync"):
        assert faulty.plaid(path, access_token=token).json()["error_code"] == "ITEM_LOCKED"
        assert faulty.plaid(path, access_token=other).status_code == 200


def test_malformed_fault_is_refused(faulty: RunningSandbox) -> None:
    for body in ({}, {"path": "/x", "error_code": "NOTHING"}, {"path": "/x", "page": 0}, {"path": "/x", "colour": 1}):
        assert faulty.http.post(f"{faulty.base_url}/_control/faults", json=body).status_code == 400
    assert faulty.control("GET", "/faults") == {"faults": []}


def test_changes_are_all_or_nothing(sandbox: RunningSandbox) -> None:
    token = sandbox.linked_access_token("user_good")
    cursor = synced(sandbox, token)["cursor"]
    add = {"op": "add", "account": "checking", "amount": "1", "date": "2026-01-05", "name": "X"}
    for wrong in (
        {"op": "remove", "transaction_id": "nobody"},
        {"op": "paint"},
        {**add, "account": "nowhere"},
        {**add, "amount": "much"},
        {**add, "amount": None},
        {"op": "settle", "transaction_id": "nobody"},
    ):
        url = f"{sandbox.base_url}/_control/items/{item_id_of(sandbox, token)}/changes"
        assert sandbox.http.post(url, json={"changes": [add, wrong]}).status_code == 400
    assert synced(sandbox, token, cursor)["added"] == []
    missing = sandbox.http.get(f"{sandbox.base_url}/_control/items/nobody/transactions")
    assert missing.status_code == 404
