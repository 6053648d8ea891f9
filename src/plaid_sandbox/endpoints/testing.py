"""`/sandbox/*`: what Plaid's own sandbox offers for tests."""

from datetime import date
from decimal import Decimal
from typing import Any

from plaid_sandbox import changes, item_history, items, logins, webhooks
from plaid_sandbox.call import Answer, Call
from plaid_sandbox.errors import PlaidError
from plaid_sandbox.histories.custom import CUSTOM_USER
from plaid_sandbox.institutions import institution_by_id
from plaid_sandbox.item import Item, save
from plaid_sandbox.public_tokens import issue

_ITEM_CODES = frozenset(
    [
        "NEW_ACCOUNTS_AVAILABLE",
        "USER_PERMISSION_REVOKED",
        "USER_ACCOUNT_REVOKED",
        "PENDING_DISCONNECT",
        "LOGIN_REPAIRED",
    ]
)


def create_public_token(call: Call) -> Answer:
    """Create an item without Link."""
    options = call.options
    institution = institution_by_id(call.body["institution_id"])
    if not institution.is_supported:
        raise PlaidError("INSTITUTION_NO_LONGER_SUPPORTED")
    username = options.get("override_username") or "user_good"
    password = options.get("override_password") or "pass_good"
    logins.refuse_bad_login(call.sandbox, institution, username, password)
    ordinal, item_id = items.reserve_item_id(call.sandbox)
    item = item_history.create_item(
        call.sandbox,
        ordinal=ordinal,
        item_id=item_id,
        username=username,
        institution_id=institution.institution_id,
        products=call.body["initial_products"],
        webhook=options.get("webhook"),
        days_requested=_days_requested(call, options.get("transactions", {})),
        custom=password if username == CUSTOM_USER else None,
    )
    return {"public_token": issue(call.sandbox, item_id=item.item_id)}


def _days_requested(call: Call, wanted: dict[str, Any]) -> int | None:
    if "start_date" in wanted:
        return max(1, min(730, (call.sandbox.clock.today() - date.fromisoformat(wanted["start_date"])).days))
    days: int | None = wanted.get("days_requested")
    return days


def reset_login(call: Call) -> Answer:
    """Put an item into `ITEM_LOGIN_REQUIRED`, from which Link's update mode frees it, and tell its webhook address."""
    item = items.item_of_token(call.sandbox, call.access_token)
    item.error_code, item.error_code_reason = "ITEM_LOGIN_REQUIRED", None
    save(call.sandbox, item)
    webhooks.item_error(call.sandbox, item)
    return {"reset_login": True}


def fire_webhook(call: Call) -> Answer:
    """Send a webhook of the item; no data changes."""
    item = items.item_of_token(call.sandbox, call.access_token)
    code = call.body["webhook_code"]
    webhook_type = call.body.get("webhook_type") or ("ITEM" if code in _ITEM_CODES else "TRANSACTIONS")
    webhooks.fire(call.sandbox, item, webhook_type, code, call.options.get("new_transactions"))
    return {"webhook_fired": True}


def create_bank_transactions(call: Call) -> Answer:
    """Add posted rows to an item."""
    item = items.healthy_item(call.sandbox, call.access_token)
    if item.initial_at is None:
        raise PlaidError("SANDBOX_PRODUCT_NOT_ENABLED")
    operations = [_add(call, item, wanted) for wanted in call.body["transactions"]]
    changes.apply(call.sandbox, item, operations)
    return {}


def _add(call: Call, item: Item, wanted: dict[str, Any]) -> dict[str, Any]:
    today = call.sandbox.clock.today().isoformat()
    if max(wanted["date_posted"], wanted["date_transacted"]) > today:
        raise PlaidError("INVALID_FIELD", "date_posted and date_transacted must not be in the future")
    if wanted["date_posted"] < wanted["date_transacted"]:
        raise PlaidError("INVALID_FIELD", "date_posted must not be before date_transacted")
    account_id = wanted.get("account_id") or _default_account_id(call, item)
    return {
        "op": "add",
        "account_id": account_id,
        "amount": str(Decimal(str(wanted["amount"]))),
        "date": wanted["date_posted"],
        "authorized_date": wanted["date_transacted"],
        "name": wanted["description"],
    }


def _default_account_id(call: Call, item: Item) -> str:
    planned = items.planned_accounts(item)
    selected = [a for a in call.sandbox.store.bank_accounts(item.ordinal) if a.is_selected]
    for subtypes in ({"checking"}, {planned[a.account_key].subtype for a in selected}):
        for bank_account in selected:
            facts = planned[bank_account.account_key]
            if facts.type == "depository" and facts.subtype in subtypes:
                return bank_account.account_id
    raise PlaidError("INVALID_ACCOUNT_ID")
