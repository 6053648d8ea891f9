"""Every endpoint once, through the official client: what it cannot decode, it refuses with an exception."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import plaid
import pytest
from plaid.api.plaid_api import PlaidApi
from plaid.model.accounts_balance_get_request import AccountsBalanceGetRequest
from plaid.model.accounts_get_request import AccountsGetRequest
from plaid.model.country_code import CountryCode
from plaid.model.institutions_get_by_id_request import InstitutionsGetByIdRequest
from plaid.model.institutions_get_by_id_request_options import InstitutionsGetByIdRequestOptions
from plaid.model.institutions_get_request import InstitutionsGetRequest
from plaid.model.institutions_search_request import InstitutionsSearchRequest
from plaid.model.item_access_token_invalidate_request import ItemAccessTokenInvalidateRequest
from plaid.model.item_get_request import ItemGetRequest
from plaid.model.item_public_token_exchange_request import ItemPublicTokenExchangeRequest
from plaid.model.item_remove_request import ItemRemoveRequest
from plaid.model.item_webhook_update_request import ItemWebhookUpdateRequest
from plaid.model.link_token_get_request import LinkTokenGetRequest
from plaid.model.products import Products
from plaid.model.sandbox_item_fire_webhook_request import SandboxItemFireWebhookRequest
from plaid.model.sandbox_item_reset_login_request import SandboxItemResetLoginRequest
from plaid.model.sandbox_public_token_create_request import SandboxPublicTokenCreateRequest
from plaid.model.transactions_get_request import TransactionsGetRequest
from plaid.model.transactions_recurring_get_request import TransactionsRecurringGetRequest
from plaid.model.transactions_refresh_request import TransactionsRefreshRequest
from plaid.model.transactions_sync_request import TransactionsSyncRequest
from plaid.model.webhook_verification_key_get_request import WebhookVerificationKeyGetRequest

from plaid_sandbox.endpoints import ENDPOINTS
from plaid_sandbox.request_table import REQUESTS
from tests.plaid_sandbox.conftest import days_ago, link_token_request
from tests.support.sandbox import RunningSandbox

US = [CountryCode("US")]


def _sandbox_transactions_request(token: str) -> Any:
    from plaid.model.custom_sandbox_transaction import CustomSandboxTransaction
    from plaid.model.sandbox_transactions_create_request import SandboxTransactionsCreateRequest

    row = CustomSandboxTransaction(
        date_transacted=days_ago(2), date_posted=days_ago(1), amount=12.5, description="HAND MADE"
    )
    return SandboxTransactionsCreateRequest(access_token=token, transactions=[row])


def _fired(api: PlaidApi, token: str) -> Any:
    # Any address will do: whether the message arrives does not concern the answer.
    api.item_webhook_update(ItemWebhookUpdateRequest(access_token=token, webhook="http://127.0.0.1:9/hook"))
    return api.sandbox_item_fire_webhook(
        SandboxItemFireWebhookRequest(access_token=token, webhook_code="SYNC_UPDATES_AVAILABLE")
    )


def _verification_key(api: PlaidApi, sandbox: RunningSandbox) -> Any:
    key_id = sandbox.control("POST", "/webhooks/rotate_key")["key_id"]
    return api.webhook_verification_key_get(WebhookVerificationKeyGetRequest(key_id=key_id))


ITEM_CALLS: dict[str, Callable[[PlaidApi, str], Any]] = {
    "/item/get": lambda api, token: api.item_get(ItemGetRequest(access_token=token)),
    "/item/webhook/update": lambda api, token: api.item_webhook_update(
        ItemWebhookUpdateRequest(access_token=token, webhook="http://127.0.0.1:9/hook")
    ),
    "/accounts/get": lambda api, token: api.accounts_get(AccountsGetRequest(access_token=token)),
    "/accounts/balance/get": lambda api, token: api.accounts_balance_get(AccountsBalanceGetRequest(access_token=token)),
    "/transactions/sync": lambda api, token: api.transactions_sync(TransactionsSyncRequest(access_token=token)),
    "/transactions/get": lambda api, token: api.transactions_get(
        TransactionsGetRequest(access_token=token, start_date=days_ago(60), end_date=days_ago(0))
    ),
    "/transactions/refresh": lambda api, token: api.transactions_refresh(
        TransactionsRefreshRequest(access_token=token)
    ),
    "/sandbox/transactions/create": lambda api, token: api.sandbox_transactions_create(
        _sandbox_transactions_request(token)
    ),
    "/transactions/recurring/get": lambda api, token: api.transactions_recurring_get(
        TransactionsRecurringGetRequest(access_token=token)
    ),
    "/sandbox/item/fire_webhook": _fired,
    "/sandbox/item/reset_login": lambda api, token: api.sandbox_item_reset_login(
        SandboxItemResetLoginRequest(access_token=token)
    ),
    "/item/access_token/invalidate": lambda api, token: api.item_access_token_invalidate(
        ItemAccessTokenInvalidateRequest(access_token=token)
    ),
    "/item/remove": lambda api, token: api.item_remove(ItemRemoveRequest(access_token=token)),
}
OTHER_CALLS: dict[str, Callable[[PlaidApi, RunningSandbox], Any]] = {
    "/link/token/create": lambda api, _: api.link_token_create(link_token_request()),
    "/link/token/get": lambda api, _: api.link_token_get(
        LinkTokenGetRequest(link_token=api.link_token_create(link_token_request())["link_token"])
    ),
    "/item/public_token/exchange": lambda api, _: api.item_public_token_exchange(
        ItemPublicTokenExchangeRequest(public_token=new_public_token(api))
    ),
    "/institutions/get": lambda api, _: api.institutions_get(
        InstitutionsGetRequest(count=10, offset=0, country_codes=US)
    ),
    "/institutions/get_by_id": lambda api, _: api.institutions_get_by_id(
        InstitutionsGetByIdRequest(
            institution_id="ins_109508",
            country_codes=US,
            options=InstitutionsGetByIdRequestOptions(include_status=True, include_optional_metadata=True),
        )
    ),
    "/institutions/search": lambda api, _: api.institutions_search(
        InstitutionsSearchRequest(query="platypus", country_codes=US, products=[Products("transactions")])
    ),
    "/webhook_verification_key/get": _verification_key,
    "/sandbox/public_token/create": lambda api, _: new_public_token(api),
}


def new_public_token(api: PlaidApi) -> str:
    request = SandboxPublicTokenCreateRequest(institution_id="ins_109508", initial_products=[Products("transactions")])
    return str(api.sandbox_public_token_create(request)["public_token"])


def body_of(raised: pytest.ExceptionInfo[plaid.ApiException]) -> dict[str, Any]:
    decoded: dict[str, Any] = json.loads(raised.value.body)
    return decoded


def test_every_endpoint_is_called_below_and_described_in_the_table() -> None:
    assert {*ITEM_CALLS, *OTHER_CALLS} == set(ENDPOINTS) == set(REQUESTS)


@pytest.mark.parametrize("path", ITEM_CALLS)
def test_endpoint_of_an_item_decodes(path: str, client: PlaidApi, sandbox: RunningSandbox) -> None:
    answer = ITEM_CALLS[path](client, sandbox.linked_access_token("user_good"))
    assert answer["request_id"]


@pytest.mark.parametrize("path", OTHER_CALLS)
def test_other_endpoint_decodes(path: str, client: PlaidApi, sandbox: RunningSandbox) -> None:
    assert OTHER_CALLS[path](client, sandbox)


@pytest.mark.parametrize(
    ("path", "drop", "raised"),
    [
        ("/institutions/get_by_id", "institution.connection_availability", TypeError),
        ("/transactions/sync", "next_cursor", TypeError),
        ("/accounts/get", "accounts[].balances.iso_currency_code", TypeError),
        ("/accounts/get", "item.consent_expiration_time", TypeError),
        ("/transactions/sync", "added[].transaction_id", plaid.ApiValueError),
    ],
)
def test_a_dropped_key_is_noticed(
    path: str, drop: str, raised: type[Exception], client: PlaidApi, faulty: RunningSandbox
) -> None:
    token = faulty.linked_access_token("user_good")
    faulty.control("POST", "/faults", path=path, drop=drop, times=1)

    def call() -> Any:
        return ITEM_CALLS[path](client, token) if path in ITEM_CALLS else OTHER_CALLS[path](client, faulty)

    with pytest.raises(raised):
        call()
    assert call()["request_id"]


def test_default_user_has_the_twelve_accounts(client: PlaidApi, sandbox: RunningSandbox) -> None:
    token = sandbox.linked_access_token("user_good")
    found = client.accounts_get(AccountsGetRequest(access_token=token)).to_dict()["accounts"]
    seen = [
        (a["mask"], str(a["subtype"]), a["balances"]["available"], a["balances"]["current"], a["balances"]["limit"])
        for a in found
    ]
    assert seen == [
        ("0000", "checking", 100, 110, None),
        ("1111", "savings", 200, 210, None),
        ("2222", "cd", None, 1000, None),
        ("3333", "credit card", None, 410, 2000),
        ("4444", "money market", 43200, 43200, None),
        ("5555", "ira", None, 320.76, None),
        ("6666", "401k", None, 23631.9805, None),
        ("7777", "student", None, 65262, None),
        ("8888", "mortgage", None, 56302.06, None),
        ("9001", "hsa", 6009, 6009, None),
        ("9002", "cash management", 12060, 12060, None),
        ("9999", "credit card", 4980, 5020, 10000),
    ]


def test_link_token_expires_in_4_hours_or_in_30_minutes(client: PlaidApi, sandbox: RunningSandbox) -> None:
    created = client.link_token_create(link_token_request())
    assert timedelta(hours=3, minutes=59) < created["expiration"] - datetime.now(UTC) <= timedelta(hours=4)
    request = link_token_request(access_token=sandbox.linked_access_token("user_good"))
    renewed = client.link_token_create(request)
    assert timedelta(minutes=29) < renewed["expiration"] - datetime.now(UTC) <= timedelta(minutes=30)


def test_public_token_is_good_once(client: PlaidApi) -> None:
    request = ItemPublicTokenExchangeRequest(public_token=new_public_token(client))
    first = client.item_public_token_exchange(request)
    assert first["access_token"].startswith("access-sandbox-")
    assert len(first["item_id"]) == 37
    with pytest.raises(plaid.ApiException) as raised:
        client.item_public_token_exchange(request)
    assert (raised.value.status, body_of(raised)["error_code"]) == (400, "INVALID_PUBLIC_TOKEN")


def test_invalidated_token_is_dead_at_once(client: PlaidApi, sandbox: RunningSandbox) -> None:
    old = sandbox.linked_access_token("user_good")
    item_id = client.item_get(ItemGetRequest(access_token=old))["item"]["item_id"]
    new = client.item_access_token_invalidate(ItemAccessTokenInvalidateRequest(access_token=old))["new_access_token"]
    with pytest.raises(plaid.ApiException) as raised:
        client.item_get(ItemGetRequest(access_token=old))
    assert body_of(raised)["error_code"] == "INVALID_ACCESS_TOKEN"
    assert client.item_get(ItemGetRequest(access_token=new))["item"]["item_id"] == item_id


def test_removed_item_is_not_found(client: PlaidApi, sandbox: RunningSandbox) -> None:
    token = sandbox.linked_access_token("user_good")
    client.item_remove(ItemRemoveRequest(access_token=token))
    with pytest.raises(plaid.ApiException) as raised:
        client.transactions_sync(TransactionsSyncRequest(access_token=token))
    assert body_of(raised)["error_code"] == "ITEM_NOT_FOUND"


def test_broken_login_stops_data_but_not_item_get(client: PlaidApi, sandbox: RunningSandbox) -> None:
    token = sandbox.linked_access_token("user_good")
    client.sandbox_item_reset_login(SandboxItemResetLoginRequest(access_token=token))
    for path in ("/transactions/sync", "/accounts/get"):
        with pytest.raises(plaid.ApiException) as raised:
            ITEM_CALLS[path](client, token)
        assert (raised.value.status, body_of(raised)["error_code"]) == (400, "ITEM_LOGIN_REQUIRED")
    shown = client.item_get(ItemGetRequest(access_token=token)).to_dict()
    assert shown["item"]["error"]["error_code"] == "ITEM_LOGIN_REQUIRED"


def test_sandbox_transaction_arrives_on_checking(client: PlaidApi, sandbox: RunningSandbox) -> None:
    token = sandbox.linked_access_token("user_good")
    before = client.transactions_sync(TransactionsSyncRequest(access_token=token, count=500))
    client.sandbox_transactions_create(_sandbox_transactions_request(token))
    after = client.transactions_sync(
        TransactionsSyncRequest(access_token=token, cursor=before["next_cursor"])
    ).to_dict()
    assert [(row["name"], row["amount"], row["date"]) for row in after["added"]] == [("HAND MADE", 12.5, days_ago(1))]
    assert [(a["mask"], a["balances"]["current"]) for a in after["accounts"]] == [("0000", 97.5)]


def test_unhealthy_institution_tells_so(client: PlaidApi) -> None:
    request = InstitutionsGetByIdRequest(
        institution_id="ins_132361",
        country_codes=US,
        options=InstitutionsGetByIdRequestOptions(include_status=True),
    )
    status = client.institutions_get_by_id(request).to_dict()["institution"]["status"]
    assert str(status["transactions_updates"]["status"]) == "DOWN"
