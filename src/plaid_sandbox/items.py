"""Items: a login at a bank and its bank accounts, from token to wire object."""

import dataclasses
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from plaid_sandbox.clock import iso
from plaid_sandbox.errors import PlaidError
from plaid_sandbox.histories.plan import PlannedAccount, Profile
from plaid_sandbox.histories.registry import profile_for
from plaid_sandbox.ids import derived_id
from plaid_sandbox.institutions import BY_ID
from plaid_sandbox.item import Item, from_body
from plaid_sandbox.sandbox import Sandbox
from plaid_sandbox.store import BankAccount
from plaid_sandbox.wire_rows import account_object

_AVAILABLE_PRODUCTS = ("assets", "auth", "balance", "identity", "investments", "liabilities", "transactions")
_PERSISTENT_ID_INSTITUTION = "ins_127287"


def item_of_token(sandbox: Sandbox, access_token: str) -> Item:
    """Return the item of an access token, even one that needs a login.

    Raises:
        PlaidError: `INVALID_ACCESS_TOKEN`, or `ITEM_NOT_FOUND` for a removed item.
    """
    body = sandbox.store.item_by_token(access_token)
    if body is None:
        raise PlaidError("INVALID_ACCESS_TOKEN")
    if body["is_removed"]:
        raise PlaidError(sandbox.settings.removed_item_error)
    return from_body(body)


def healthy_item(sandbox: Sandbox, access_token: str) -> Item:
    """Return the item of an access token.

    Raises:
        PlaidError: as `item_of_token`, the item's own error while it has one, and `INSTITUTION_DOWN`.
    """
    item = item_of_token(sandbox, access_token)
    if item.error_code is not None:
        raise error_of(item)
    if item.bank_health == "DOWN":
        raise PlaidError("INSTITUTION_DOWN")
    return item


def error_of(item: Item) -> PlaidError:
    """Return the error that the item is in."""
    return PlaidError(item.error_code or "INTERNAL_SERVER_ERROR", reason=item.error_code_reason)


def item_by_id(sandbox: Sandbox, item_id: str) -> Item | None:
    """Return the item with this id, or `None`."""
    body = sandbox.store.item_by_id(item_id)
    return None if body is None else from_body(body)


def reserve_item_id(sandbox: Sandbox) -> tuple[int, str]:
    """Return the number and id of an item that may be created: a login shows account ids before the item exists."""
    ordinal = sandbox.store.next_ordinal()
    return ordinal, derived_id(sandbox.id_root, "item", ordinal)


def account_id_of(item_id: str, account_key: str, generation: int = 0) -> str:
    """Return the id of a bank account of an item; the bank may have given it new ids since."""
    return derived_id(item_id, "account", account_key, *([generation] if generation else []))


def profile_of(item: Item) -> Profile:
    """Return what is behind the item's login."""
    profile = profile_for(item.username, item.custom)
    if profile is None:
        raise LookupError(item.username)
    return profile


def planned_accounts(item: Item) -> dict[str, PlannedAccount]:
    """Return the facts of the item's bank accounts by key, as the bank shows them now; closed ones as well."""
    known = [*profile_of(item).accounts, *map(extra_account, item.extra_accounts)]
    return {planned.key: _as_shown_now(item, planned) for planned in known}


def extra_account(facts: dict[str, Any]) -> PlannedAccount:
    """Return a bank account that was opened after linking."""
    return PlannedAccount(**{key: value for key, value in facts.items() if key != "balance"})


def _as_shown_now(item: Item, planned: PlannedAccount) -> PlannedAccount:
    facts = item.account_facts.get(planned.key)
    if facts is None:
        return planned
    shown = {key: facts[key] for key in ("name", "official_name", "mask") if key in facts}
    return dataclasses.replace(planned, **shown)


def is_closed(item: Item, account_key: str) -> bool:
    """Return whether the bank has closed this bank account."""
    return bool(item.account_facts.get(account_key, {}).get("is_closed", False))


def balance_sign(planned: PlannedAccount) -> int:
    """Return how a row's amount moves the bank's balance: -1 for money held, +1 for money owed."""
    return 1 if planned.type in {"credit", "loan"} else -1


# Wire objects.


def current_of(planned: PlannedAccount, bank_account: BankAccount) -> Decimal:
    """Return the bank's current balance: opening plus all posted rows; owed is positive for credit and loan."""
    return bank_account.opening + balance_sign(planned) * bank_account.posted


def account_objects(sandbox: Sandbox, item: Item, only: Iterable[str] | None = None) -> list[dict[str, Any]]:
    """Return Plaid's objects of the item's selected bank accounts.

    Raises:
        PlaidError: `INVALID_ACCOUNT_ID` if `only` names one that is not among them.
    """
    planned = planned_accounts(item)
    selected = [a for a in sandbox.store.bank_accounts(item.ordinal) if a.is_selected]
    if only is not None:
        wanted = set(only)
        if wanted - {bank_account.account_id for bank_account in selected}:
            raise PlaidError("INVALID_ACCOUNT_ID")
        selected = [bank_account for bank_account in selected if bank_account.account_id in wanted]
    has_persistent_id = item.institution_id == _PERSISTENT_ID_INSTITUTION
    return [
        account_object(
            planned[a.account_key],
            account_id=a.account_id,
            current=current_of(planned[a.account_key], a),
            pending=a.pending,
            persistent_id=derived_id(item.username, a.account_key) if has_persistent_id else None,
        )
        for a in selected
    ]


def streaming_ids(sandbox: Sandbox, item: Item) -> list[str]:
    """Return the ids of the selected bank accounts whose rows `/transactions/sync` serves, and removed former ids."""
    planned = planned_accounts(item)
    present = [
        a.account_id
        for a in sandbox.store.bank_accounts(item.ordinal)
        if a.is_selected and planned[a.account_key].has_bank_transactions
    ]
    return present + item.former_account_ids


def item_object(item: Item) -> dict[str, Any]:
    """Return Plaid's Item object."""
    return {
        "available_products": [name for name in _AVAILABLE_PRODUCTS if name not in item.products],
        "billed_products": list(item.products),
        "consent_expiration_time": None if item.consent_expires_at is None else iso(item.consent_expires_at),
        "consented_products": list(item.products),
        "auth_method": None,
        "created_at": iso(item.created_at),
        # A missing bank account is not shown here, though calls for data fail because of it.
        "error": None if item.error_code in {None, "NO_ACCOUNTS"} else error_of(item).body(request_id=None),
        "institution_id": item.institution_id,
        "institution_name": BY_ID[item.institution_id].name,
        "item_id": item.item_id,
        "products": list(item.products),
        "update_type": "background",
        "webhook": item.webhook,
    }


def item_status(item: Item) -> dict[str, Any]:
    """Return the `status` beside the item in `/item/get`."""
    updated = None if item.last_update_at is None else iso(item.last_update_at)
    failed = None if item.last_failed_at is None else iso(item.last_failed_at)
    last_webhook = None
    if item.last_webhook_at is not None:
        last_webhook = {"sent_at": iso(item.last_webhook_at), "code_sent": item.last_webhook_code}
    return {
        "investments": None,
        "last_webhook": last_webhook,
        "transactions": {"last_failed_update": failed, "last_successful_update": updated},
    }
