"""`/link/token/*`: permission for one Link session."""

from datetime import timedelta
from typing import Any

from plaid_sandbox.call import Answer, Call
from plaid_sandbox.clock import iso
from plaid_sandbox.errors import PlaidError
from plaid_sandbox.ids import token
from plaid_sandbox.items import item_of_token

_NEW_ITEM_LIFETIME = timedelta(hours=4)
_UPDATE_LIFETIME = timedelta(minutes=30)
_PRODUCT_LISTS = (
    "products",
    "required_if_supported_products",
    "optional_products",
    "additional_consented_products",
)
_NOT_INITIAL = frozenset({"balance", "recurring_transactions", "transactions_refresh"})


def create(call: Call) -> Answer:
    """Create a link token, for a new item or to update the item of an access token."""
    body = call.body
    _check_products(body)
    if not body.get("user_id") and "user" not in body:
        raise PlaidError("MISSING_FIELDS", "the following required fields are missing: user.client_user_id")
    if "?" in body.get("redirect_uri", "") or "#" in body.get("redirect_uri", ""):
        raise PlaidError("INVALID_FIELD", "OAuth redirect URI must not have a query or a fragment")
    access_token = body.get("access_token")
    update_item_id = None
    if access_token is not None:
        update_item_id = item_of_token(call.sandbox, access_token).item_id
    created_at = call.sandbox.clock.now()
    expires_at = created_at + (_UPDATE_LIFETIME if update_item_id else _NEW_ITEM_LIFETIME)
    link_token = token("link")
    request = {key: value for key, value in body.items() if key not in {"client_id", "secret", "access_token"}}
    document: dict[str, Any] = {
        "request": request,
        "update_item_id": update_item_id,
        "created_at": created_at.isoformat(),
        "expires_at": expires_at.isoformat(),
        "created_text": iso(created_at),
        "expires_text": iso(expires_at),
        "link_session_ids": [],
    }
    call.sandbox.store.put_document("link_token", link_token, document)
    return {"link_token": link_token, "expiration": iso(expires_at)}


def _check_products(body: dict[str, Any]) -> None:
    lists = [body.get(name, []) for name in _PRODUCT_LISTS]
    named = [product for products in lists for product in products]
    wrong = _NOT_INITIAL & set(body.get("products", []))
    if wrong:
        raise PlaidError("INVALID_PRODUCT", f"the following products cannot be used here: {', '.join(sorted(wrong))}")
    if len(named) != len(set(named)):
        raise PlaidError("INVALID_FIELD", "a product may stand in one of the product lists only")
    if body.get("access_token") is None and not body.get("products"):
        raise PlaidError("INVALID_FIELD", "products must not be empty unless in update mode")
    if body.get("access_token") is not None and body.get("products"):
        raise PlaidError("INVALID_FIELD", "products must not be set in update mode")


def get(call: Call) -> Answer:
    """Describe a link token and the Link sessions that used it."""
    store = call.sandbox.store
    document = store.document("link_token", call.body["link_token"])
    if document is None:
        raise PlaidError("INVALID_LINK_TOKEN")
    request = document["request"]
    metadata = {
        "initial_products": request.get("products", []),
        "webhook": request.get("webhook"),
        "country_codes": request["country_codes"],
        "language": request["language"],
        "redirect_uri": request.get("redirect_uri"),
        "client_name": request["client_name"],
    }
    if "account_filters" in request:
        metadata["account_filters"] = request["account_filters"]
    sessions = [store.document("link_session", session_id) for session_id in document["link_session_ids"]]
    return {
        "link_token": call.body["link_token"],
        "created_at": document["created_text"],
        "expiration": document["expires_text"],
        "metadata": metadata,
        "link_sessions": [_session(session) for session in sessions if session is not None],
    }


def _session(session: dict[str, Any]) -> dict[str, Any]:
    result = session.get("result")
    results = None
    if result is not None:
        results = {
            "item_add_results": [result],
            "cra_item_add_results": [],
            "cra_update_results": [],
            "bank_income_results": [],
            "payroll_income_results": [],
            "document_income_results": None,
        }
    return {
        "link_session_id": session["link_session_id"],
        "started_at": session["started_text"],
        "finished_at": session.get("finished_text"),
        "events": [],
        "exit": session.get("exit"),
        "results": results,
    }
