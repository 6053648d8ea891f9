"""A sandbox for the whole run, and the official client talking to it."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import plaid
import pytest
from plaid.api.plaid_api import PlaidApi
from plaid.model.country_code import CountryCode
from plaid.model.link_token_create_request import LinkTokenCreateRequest
from plaid.model.link_token_create_request_user import LinkTokenCreateRequestUser
from plaid.model.link_token_transactions import LinkTokenTransactions
from plaid.model.products import Products

from plaid_sandbox.testing import WebhookReceiver, webhook_receiver
from tests.support.sandbox import CLIENT_ID, SECRET, RunningSandbox, running_sandbox


@pytest.fixture(scope="session")
def sandbox() -> Iterator[RunningSandbox]:
    """A sandbox whose histories are ready at once. Tests make their own items in it."""
    with running_sandbox() as running:
        yield running


@pytest.fixture(scope="session")
def timed() -> Iterator[RunningSandbox]:
    """A sandbox whose clock may be moved, forwards only."""
    with running_sandbox() as running:
        yield running


@pytest.fixture
def receiver() -> Iterator[WebhookReceiver]:
    """An address that takes webhooks."""
    with webhook_receiver() as running:
        yield running


@pytest.fixture(scope="session")
def client(sandbox: RunningSandbox) -> PlaidApi:
    """The official client with the right keys."""
    return client_for(sandbox.base_url)


@pytest.fixture
def faulty(sandbox: RunningSandbox) -> Iterator[RunningSandbox]:
    """The sandbox, with all faults switched off afterwards."""
    yield sandbox
    sandbox.control("DELETE", "/faults")


def client_for(base_url: str) -> PlaidApi:
    configuration = plaid.Configuration(host=base_url, api_key={"clientId": CLIENT_ID, "secret": SECRET})
    return PlaidApi(plaid.ApiClient(configuration))


def link_token_request(**more: Any) -> LinkTokenCreateRequest:
    """Return the smallest request for a link token: with all history, or to update the item of an access token."""
    if "access_token" not in more:
        more = {
            "products": [Products("transactions")],
            "transactions": LinkTokenTransactions(days_requested=730),
            **more,
        }
    return LinkTokenCreateRequest(
        client_name="Acme Books",
        language="en",
        country_codes=[CountryCode("US")],
        user=LinkTokenCreateRequestUser(client_user_id="user-1"),
        **more,
    )


def new_link_token(sandbox: RunningSandbox, **more: Any) -> str:
    """Return a link token, asked for without the client."""
    body = {
        "client_name": "Acme Books",
        "language": "en",
        "country_codes": ["US"],
        "user": {"client_user_id": "user-1"},
        "products": ["transactions"],
        "transactions": {"days_requested": 730},
    }
    if "access_token" in more:
        del body["products"], body["transactions"]
    answer = sandbox.plaid("/link/token/create", **body | more)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["link_token"])


def synced(sandbox: RunningSandbox, access_token: str, cursor: str = "", **more: Any) -> dict[str, Any]:
    """Run one whole loop of `/transactions/sync` and return its arrays and last cursor."""
    whole: dict[str, Any] = {"added": [], "modified": [], "removed": [], "pages": 0}
    while True:
        answer = sandbox.plaid("/transactions/sync", access_token=access_token, cursor=cursor, **{"count": 500} | more)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        for name in ("added", "modified", "removed"):
            whole[name].extend(page[name])
        whole["pages"] += 1
        cursor = page["next_cursor"]
        if not page["has_more"]:
            return {**whole, "cursor": cursor, "status": page["transactions_update_status"]}


def item_id_of(sandbox: RunningSandbox, access_token: str) -> str:
    """Return the item an access token is for."""
    return str(sandbox.plaid("/item/get", access_token=access_token).json()["item"]["item_id"])


def change(sandbox: RunningSandbox, access_token: str, *operations: dict[str, Any]) -> list[dict[str, Any]]:
    """Append operations to the item's change log as one update."""
    path = f"/items/{item_id_of(sandbox, access_token)}/changes"
    changed: list[dict[str, Any]] = sandbox.control("POST", path, changes=list(operations))["changes"]
    return changed


def days_ago(days: int) -> date:
    """Return a day of the sandbox's calendar, which is in UTC."""
    return datetime.now(UTC).date() - timedelta(days=days)
