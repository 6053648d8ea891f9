"""What a bank does to an item when a control endpoint asks for it, with the webhooks that follow at Plaid."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

from plaid_sandbox import growth, item_history, items, webhooks
from plaid_sandbox.errors import ERROR_KINDS, PlaidError
from plaid_sandbox.fields import Choice, Fields, Flag, Number, Text, check, needed, nullable, optional
from plaid_sandbox.item import NOTHING_ANNOUNCED, Item, save
from plaid_sandbox.sandbox import Sandbox
from plaid_sandbox.store import BankAccount, NewChange

_WEEK_S = 7 * 86_400
_TEXT = Text()
_REASONS = Choice(frozenset({"OAUTH_INVALID_TOKEN", "OAUTH_CONSENT_EXPIRED", "OAUTH_USER_REVOKED"}))
_ERRORS = Choice(frozenset(ERROR_KINDS))

REQUESTS: dict[str, Fields] = {
    "login_required": Fields({"reason": nullable(_REASONS)}),
    "locked": Fields({}),
    "error": Fields({"error_code": needed(_ERRORS), "reason": nullable(_REASONS), "silent": optional(Flag())}),
    "repair": Fields({"silent": optional(Flag())}),
    "not_ready": Fields({"for_s": needed(Number())}),
    "revoke_permission": Fields({"error_type": optional(Choice(frozenset({"ITEM_ERROR", "INVALID_INPUT"})))}),
    "revoke_account": Fields({"account": needed(_TEXT)}),
    "new_account": Fields(
        {
            "name": optional(_TEXT),
            "mask": optional(Text(2, 4)),
            "subtype": optional(Choice(frozenset({"checking", "savings"}))),
            "balance": optional(_TEXT),
            "silent": optional(Flag()),
        }
    ),
    "pending_expiration": Fields({"in_s": optional(Number())}),
    "pending_disconnect": Fields(
        {
            "in_s": optional(Number()),
            "reason": optional(Choice(frozenset({"INSTITUTION_MIGRATION", "INSTITUTION_TOKEN_EXPIRATION"}))),
        }
    ),
    "consent": Fields({"expires_in_s": nullable(Number())}),
    "renumber": Fields({"account": nullable(_TEXT), "removed": optional(Flag())}),
    "rename_account": Fields(
        {
            "account": needed(_TEXT),
            "name": optional(_TEXT),
            "official_name": nullable(_TEXT),
            "mask": nullable(Text(2, 4)),
        }
    ),
    "close_account": Fields({"account": needed(_TEXT)}),
    "growth": Fields({"is_on": needed(Flag())}),
    "poll": Fields({}),
}


def do(sandbox: Sandbox, item: Item, deed: str, body: dict[str, Any]) -> dict[str, Any]:
    """Do one of the deeds and return what is worth knowing of it.

    Raises:
        PlaidError: for a malformed request or an unknown bank account.
    """
    check(REQUESTS[deed], body)
    return _DEEDS[deed](sandbox, item, body)


def fail(sandbox: Sandbox, item: Item, error_code: str, reason: str | None, *, is_silent: bool = False) -> None:
    """Put an item into an error state, and tell its webhook address."""
    item.error_code, item.error_code_reason = error_code, reason
    save(sandbox, item)
    if not is_silent:
        webhooks.item_error(sandbox, item)


def heal(sandbox: Sandbox, item: Item) -> None:
    """Take an item out of its error: login and consent are fresh. Missed news arrives as the next update."""
    item.error_code = item.error_code_reason = None
    item.login_expires_at = item_history.login_expiry(sandbox)
    item.disconnect_at = item.disconnect_reason = None
    item.consent_expires_at = None
    if item.consent_s is not None:
        item.consent_expires_at = sandbox.clock.now() + timedelta(seconds=item.consent_s)
    item.is_consent_warned = False
    save(sandbox, item)


def _login_required(sandbox: Sandbox, item: Item, body: dict[str, Any]) -> dict[str, Any]:
    fail(sandbox, item, "ITEM_LOGIN_REQUIRED", body.get("reason"))
    return {}


def _locked(sandbox: Sandbox, item: Item, _: dict[str, Any]) -> dict[str, Any]:
    fail(sandbox, item, "ITEM_LOCKED", None)
    return {}


def _error(sandbox: Sandbox, item: Item, body: dict[str, Any]) -> dict[str, Any]:
    fail(sandbox, item, body["error_code"], body.get("reason"), is_silent=body.get("silent", False))
    return {}


def _repair(sandbox: Sandbox, item: Item, body: dict[str, Any]) -> dict[str, Any]:
    """Heal the item as if the user had repaired it elsewhere."""
    heal(sandbox, item)
    if not body.get("silent", False):
        webhooks.send(sandbox, item, "ITEM", "LOGIN_REPAIRED")
    return {}


def _not_ready(sandbox: Sandbox, item: Item, body: dict[str, Any]) -> dict[str, Any]:
    if item.initial_at is None:
        raise PlaidError("SANDBOX_PRODUCT_NOT_ENABLED", "the item has no Transactions yet")
    item.initial_at = item.historical_at = sandbox.clock.now() + timedelta(seconds=float(body["for_s"]))
    item.announced = NOTHING_ANNOUNCED
    save(sandbox, item)
    return {}


def _revoke_permission(sandbox: Sandbox, item: Item, body: dict[str, Any]) -> dict[str, Any]:
    item.error_code, item.error_code_reason = "USER_PERMISSION_REVOKED", None
    save(sandbox, item)
    webhooks.item_error(sandbox, item, forced_type=body.get("error_type", "ITEM_ERROR"))
    return {}


def _revoke_account(sandbox: Sandbox, item: Item, body: dict[str, Any]) -> dict[str, Any]:
    """Hide one bank account. When it is granted again it has a new id."""
    bank_account = bank_account_named(sandbox, item, body["account"])
    revoked_id = bank_account.account_id
    _renumbered(sandbox, item, bank_account.account_key, is_selected=False)
    webhooks.send(sandbox, item, "ITEM", "USER_ACCOUNT_REVOKED", account_id=revoked_id)
    return {"account_id": revoked_id}


def _new_account(sandbox: Sandbox, item: Item, body: dict[str, Any]) -> dict[str, Any]:
    """Open a bank account at the bank; update mode with account selection offers it."""
    number = len(item.extra_accounts) + 1
    facts = {
        "key": f"extra {number}",
        "name": body.get("name", f"New Savings {number}"),
        "official_name": None,
        "mask": body.get("mask", f"{9100 + number}"),
        "type": "depository",
        "subtype": body.get("subtype", "savings"),
        "balance": body.get("balance", "1000.00"),
    }
    item.extra_accounts.append(facts)
    bank_accounts = sandbox.store.bank_accounts(item.ordinal)
    account_id = items.account_id_of(item.item_id, facts["key"])
    bank_accounts.append(item_history.empty_bank_account(facts["key"], account_id, is_selected=False))
    bank_accounts[-1].opening = Decimal(facts["balance"])
    sandbox.store.put_bank_accounts(item.ordinal, bank_accounts)
    save(sandbox, item)
    if not body.get("silent", False):
        webhooks.send(sandbox, item, "ITEM", "NEW_ACCOUNTS_AVAILABLE", error=None)
    return {"account_id": account_id}


def _pending_expiration(sandbox: Sandbox, item: Item, body: dict[str, Any]) -> dict[str, Any]:
    item.consent_s = float(body.get("in_s", _WEEK_S))
    item.consent_expires_at = sandbox.clock.now() + timedelta(seconds=item.consent_s)
    item.is_consent_warned = True
    save(sandbox, item)
    webhooks.pending_expiration(sandbox, item)
    return {}


def _pending_disconnect(sandbox: Sandbox, item: Item, body: dict[str, Any]) -> dict[str, Any]:
    item.disconnect_at = sandbox.clock.now() + timedelta(seconds=float(body.get("in_s", _WEEK_S)))
    item.disconnect_reason = body.get("reason", "INSTITUTION_TOKEN_EXPIRATION")
    save(sandbox, item)
    webhooks.pending_disconnect(sandbox, item)
    return {}


def _consent(sandbox: Sandbox, item: Item, body: dict[str, Any]) -> dict[str, Any]:
    """Set when the consent ends; the warning comes a week before, or at once if that is past."""
    seconds = body.get("expires_in_s")
    item.consent_s = None if seconds is None else float(seconds)
    item.consent_expires_at = None
    if item.consent_s is not None:
        item.consent_expires_at = sandbox.clock.now() + timedelta(seconds=item.consent_s)
    item.is_consent_warned = False
    save(sandbox, item)
    return {}


def _renumber(sandbox: Sandbox, item: Item, body: dict[str, Any]) -> dict[str, Any]:
    """Give one bank account, or all chosen ones, a new id; their rows come again under new ids.

    The old rows are announced as removed only with `removed`: Plaid does not say whether it does so.
    """
    named = body.get("account")
    chosen = [one for one in sandbox.store.bank_accounts(item.ordinal) if one.is_selected]
    if named is not None:
        chosen = [bank_account_named(sandbox, item, named)]
    renumbered, changes = {}, []
    for bank_account in chosen:
        live = sandbox.store.live_rows(item.ordinal, bank_account.account_id)
        generation = _renumbered(sandbox, item, bank_account.account_key, is_selected=True)
        new_id = items.account_id_of(item.item_id, bank_account.account_key, generation)
        renumbered[bank_account.account_id] = new_id
        if body.get("removed", False):
            item.former_account_ids.append(bank_account.account_id)
            changes += [item_history.removal_of(row) for row in live]
        for row in live:
            wire = row.row.decoded() | {"account_id": new_id}
            wire["transaction_id"] = item_history.renumbered_id(row.transaction_id, generation)
            if wire["pending_transaction_id"] is not None:
                wire["pending_transaction_id"] = item_history.renumbered_id(wire["pending_transaction_id"], generation)
            changes.append(item_history.upsert_of(wire))
    _append(sandbox, item, changes)
    return {"account_ids": renumbered}


def _append(sandbox: Sandbox, item: Item, changes: list[NewChange]) -> None:
    with sandbox.store.transaction():
        item_history.append(sandbox, item, changes)
    webhooks.bank_update(sandbox, item, changes)


def _renumbered(sandbox: Sandbox, item: Item, account_key: str, *, is_selected: bool) -> int:
    """Give a bank account its next id, with no rows counted under it, and return how many times it had new ones."""
    generation = item.generation(account_key) + 1
    item.put_fact(account_key, "generation", generation)
    bank_accounts = sandbox.store.bank_accounts(item.ordinal)
    for bank_account in bank_accounts:
        if bank_account.account_key == account_key:
            bank_account.account_id = items.account_id_of(item.item_id, account_key, generation)
            bank_account.posted = bank_account.pending = Decimal(0)
            bank_account.is_selected = is_selected
    sandbox.store.put_bank_accounts(item.ordinal, bank_accounts)
    save(sandbox, item)
    return generation


def _rename_account(sandbox: Sandbox, item: Item, body: dict[str, Any]) -> dict[str, Any]:
    bank_account = bank_account_named(sandbox, item, body["account"])
    for name in ("name", "official_name", "mask"):
        if name in body:
            item.put_fact(bank_account.account_key, name, body[name])
    save(sandbox, item)
    return {"account_id": bank_account.account_id}


def _close_account(sandbox: Sandbox, item: Item, body: dict[str, Any]) -> dict[str, Any]:
    """Close a bank account: it is no longer listed, its rows are no longer served, Link no longer offers it."""
    bank_account = bank_account_named(sandbox, item, body["account"])
    item.put_fact(bank_account.account_key, "is_closed", value=True)
    bank_accounts = sandbox.store.bank_accounts(item.ordinal)
    for one in bank_accounts:
        one.is_selected = one.is_selected and one.account_id != bank_account.account_id
    sandbox.store.put_bank_accounts(item.ordinal, bank_accounts)
    save(sandbox, item)
    return {"account_id": bank_account.account_id}


def _growth(sandbox: Sandbox, item: Item, body: dict[str, Any]) -> dict[str, Any]:
    """Switch growth off, or on again from today: what happened meanwhile never arrives."""
    item.grown_to = sandbox.clock.today().isoformat() if body["is_on"] else None
    if body["is_on"] and not items.profile_of(item).grows:
        raise PlaidError("INVALID_FIELD", "the history of this user does not grow")
    save(sandbox, item)
    return {}


def _poll(sandbox: Sandbox, item: Item, _: dict[str, Any]) -> dict[str, Any]:
    """Have the bank polled now, without the limits of a refresh."""
    changes = growth.grow(sandbox, item)
    webhooks.bank_update(sandbox, item, changes)
    return {"changes": len(changes)}


def bank_account_named(sandbox: Sandbox, item: Item, wanted: str) -> BankAccount:
    """Return the bank account with this id, key, mask, name or subtype.

    Raises:
        PlaidError: `INVALID_ACCOUNT_ID`.
    """
    planned = items.planned_accounts(item)
    for bank_account in sandbox.store.bank_accounts(item.ordinal):
        facts = planned[bank_account.account_key]
        if wanted in {bank_account.account_id, facts.key, facts.mask, facts.name, facts.subtype}:
            return bank_account
    raise PlaidError("INVALID_ACCOUNT_ID")


_DEEDS: dict[str, Callable[[Sandbox, Item, dict[str, Any]], dict[str, Any]]] = {
    "login_required": _login_required,
    "locked": _locked,
    "error": _error,
    "repair": _repair,
    "not_ready": _not_ready,
    "revoke_permission": _revoke_permission,
    "revoke_account": _revoke_account,
    "new_account": _new_account,
    "pending_expiration": _pending_expiration,
    "pending_disconnect": _pending_disconnect,
    "consent": _consent,
    "renumber": _renumber,
    "rename_account": _rename_account,
    "close_account": _close_account,
    "growth": _growth,
    "poll": _poll,
}
