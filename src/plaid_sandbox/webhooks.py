"""What the sandbox tells an item's webhook address, and when.

Source: Plaid's OpenAPI file 2020-09-14 and its page on webhooks.
"""

from collections.abc import Sequence
from typing import Any

import orjson

from plaid_sandbox import item_history
from plaid_sandbox.clock import iso
from plaid_sandbox.errors import PlaidError
from plaid_sandbox.item import ALL_ANNOUNCED, INITIAL_ANNOUNCED, Item, save
from plaid_sandbox.items import error_of, streaming_ids
from plaid_sandbox.sandbox import Sandbox
from plaid_sandbox.store import NewChange


def send(
    sandbox: Sandbox,
    item: Item,
    webhook_type: str,
    webhook_code: str,
    *,
    forgery: dict[str, Any] | None = None,
    **extra: Any,
) -> int | None:
    """Hand a webhook to the sender and return its number; `None` if the item has no address for it."""
    if item.webhook is None:
        return None
    payload = {
        "environment": "sandbox",
        **extra,
        "item_id": item.item_id,
        "webhook_code": webhook_code,
        "webhook_type": webhook_type,
    }
    item.last_webhook_at, item.last_webhook_code = sandbox.clock.now(), webhook_code
    save(sandbox, item)
    return queue(sandbox, url=item.webhook, item_id=item.item_id, payload=payload, forgery=forgery or {})


def queue(sandbox: Sandbox, *, url: str, item_id: str, payload: dict[str, Any], forgery: dict[str, Any]) -> int:
    """Write a message down for the sender, unless a fault has other plans for it."""
    # Plaid's bodies are indented by two spaces: whoever parses and writes them again gets another hash.
    body = orjson.dumps(payload, option=orjson.OPT_INDENT_2)
    now = sandbox.clock.now().timestamp()
    store = sandbox.store.webhooks
    fault = sandbox.webhook_faults.strike(item_id=item_id, webhook_code=payload["webhook_code"])
    fate = None if fault is None else fault.fate
    copies = fault.copies if fault is not None and fate == "duplicate" else 0
    first = 0
    for _ in range(1 + copies):
        number = store.add(
            item_id=item_id,
            url=url,
            payload=payload,
            body=body,
            forgery=forgery,
            at=now,
            state="dropped" if fate == "drop" else "held" if fate == "hold" else "waiting",
        )
        first = first or number
    sandbox.wake.set()
    return first


# Bank transactions.


def history_published(sandbox: Sandbox, item: Item) -> None:
    """Tell of the initial 30 days and of the whole history, each once, as soon as they are there."""
    now = sandbox.clock.now()
    if item.initial_at is None or item.historical_at is None:
        return
    if item.announced < INITIAL_ANNOUNCED and now >= item.initial_at:
        item.announced = INITIAL_ANNOUNCED
        _announce(sandbox, item, "INITIAL_UPDATE", _live(sandbox, item, item.initial_position))
    if item.announced < ALL_ANNOUNCED and now >= item.historical_at:
        item.announced = ALL_ANNOUNCED
        older = _live(sandbox, item, item.head) - _live(sandbox, item, item.initial_position)
        _announce(sandbox, item, "HISTORICAL_UPDATE", older)
    save(sandbox, item)


def _live(sandbox: Sandbox, item: Item, head: int) -> int:
    total, _ = sandbox.store.rows_between(
        item.ordinal,
        head=head,
        first="0000-00-00",
        last="9999-99-99",
        account_ids=streaming_ids(sandbox, item),
        limit=0,
        offset=0,
    )
    return total


def _announce(sandbox: Sandbox, item: Item, webhook_code: str, new_transactions: int) -> None:
    sync_updates_available(sandbox, item)
    send(sandbox, item, "TRANSACTIONS", webhook_code, error=None, new_transactions=new_transactions)


def selection_changed(sandbox: Sandbox, item: Item, changes: Sequence[NewChange]) -> None:
    """Tell of the history of newly chosen bank accounts, as both updates with the net new rows."""
    new = sum(1 for change in changes if change.kind == "upsert")
    if new and item.announced == ALL_ANNOUNCED:
        _announce(sandbox, item, "INITIAL_UPDATE", new)
        _announce(sandbox, item, "HISTORICAL_UPDATE", new)


def bank_update(sandbox: Sandbox, item: Item, changes: Sequence[NewChange]) -> None:
    """Tell of a bank update: that there is news, how many rows are new, which are gone. Of none, nothing.

    While the history is not all there, its own webhooks cover everything.
    """
    if not changes or item.announced < ALL_ANNOUNCED:
        return
    removed = [change.transaction_id for change in changes if change.kind == "remove"]
    added = {c.transaction_id for c in changes if c.kind == "upsert" and _is_new(sandbox, item, c, len(changes))}
    sync_updates_available(sandbox, item)
    if added:
        send(sandbox, item, "TRANSACTIONS", "DEFAULT_UPDATE", error=None, new_transactions=len(added))
    if removed:
        send(sandbox, item, "TRANSACTIONS", "TRANSACTIONS_REMOVED", error=None, removed_transactions=removed)


def _is_new(sandbox: Sandbox, item: Item, change: NewChange, length: int) -> bool:
    last = sandbox.store.last_change(item.ordinal, change.transaction_id)
    return last is not None and last.first_position > item.head - length


def sync_updates_available(sandbox: Sandbox, item: Item) -> None:
    """Tell that `/transactions/sync` has news, if it was ever called for the item."""
    if not item.was_synced:
        return
    status = item_history.update_status(sandbox, item)
    send(
        sandbox,
        item,
        "TRANSACTIONS",
        "SYNC_UPDATES_AVAILABLE",
        historical_update_complete=status == "HISTORICAL_UPDATE_COMPLETE",
        initial_update_complete=status != "NOT_READY",
    )


# The item's life.


def item_error(sandbox: Sandbox, item: Item, *, forced_type: str | None = None) -> None:
    """Tell of the error the item has fallen into."""
    body = error_of(item).body(request_id=None)
    if forced_type is not None:
        body["error_type"] = forced_type
    code = "USER_PERMISSION_REVOKED" if item.error_code == "USER_PERMISSION_REVOKED" else "ERROR"
    send(sandbox, item, "ITEM", code, error=body)


def pending_expiration(sandbox: Sandbox, item: Item) -> None:
    """Warn that the consent of the item ends (Europe)."""
    if item.consent_expires_at is not None:
        send(sandbox, item, "ITEM", "PENDING_EXPIRATION", consent_expiration_time=iso(item.consent_expires_at))


def pending_disconnect(sandbox: Sandbox, item: Item) -> None:
    """Warn that the item's login ends (America)."""
    if item.disconnect_at is not None:
        send(
            sandbox,
            item,
            "ITEM",
            "PENDING_DISCONNECT",
            reason=item.disconnect_reason,
            disconnect_time=iso(item.disconnect_at),
        )


def fire(sandbox: Sandbox, item: Item, webhook_type: str, webhook_code: str, new_transactions: int | None) -> None:
    """Send a webhook by name, as `/sandbox/item/fire_webhook` does; it changes nothing else.

    Raises:
        PlaidError: `SANDBOX_WEBHOOK_INVALID` without an address or for a code that cannot be fired,
            `SANDBOX_PRODUCT_NOT_ENABLED` if the item lacks the product.
    """
    if item.webhook is None:
        raise PlaidError("SANDBOX_WEBHOOK_INVALID")
    if webhook_type == "TRANSACTIONS" and item.initial_at is None:
        raise PlaidError("SANDBOX_PRODUCT_NOT_ENABLED")
    extra = _fired_extra(sandbox, item, webhook_type, webhook_code, new_transactions)
    if extra is None:
        raise PlaidError("SANDBOX_WEBHOOK_INVALID")
    send(sandbox, item, webhook_type, webhook_code, **extra)


def _fired_extra(
    sandbox: Sandbox, item: Item, webhook_type: str, webhook_code: str, new_transactions: int | None
) -> dict[str, Any] | None:
    """Return the keys beyond the common ones, or `None` if there is no such webhook to fire."""
    in_a_week = iso(sandbox.clock.now() + item_history.WEEK)
    account_ids = [a.account_id for a in sandbox.store.bank_accounts(item.ordinal) if a.is_selected]
    is_done = item_history.update_status(sandbox, item)
    found: dict[tuple[str, str], dict[str, Any]] = {
        ("TRANSACTIONS", "SYNC_UPDATES_AVAILABLE"): {
            "historical_update_complete": is_done == "HISTORICAL_UPDATE_COMPLETE",
            "initial_update_complete": is_done != "NOT_READY",
        },
        ("TRANSACTIONS", "DEFAULT_UPDATE"): {"error": None, "new_transactions": new_transactions or 0},
        ("TRANSACTIONS", "RECURRING_TRANSACTIONS_UPDATE"): {"account_ids": account_ids},
        ("ITEM", "NEW_ACCOUNTS_AVAILABLE"): {"error": None},
        ("ITEM", "LOGIN_REPAIRED"): {},
        ("ITEM", "PENDING_DISCONNECT"): {"reason": "INSTITUTION_TOKEN_EXPIRATION", "disconnect_time": in_a_week},
        ("ITEM", "USER_ACCOUNT_REVOKED"): {"account_id": account_ids[0] if account_ids else ""},
        ("ITEM", "USER_PERMISSION_REVOKED"): {
            "error": {
                **PlaidError("USER_PERMISSION_REVOKED").body(request_id=None),
                "error_type": "ITEM_ERROR",
            }
        },
        ("ASSETS", "PRODUCT_READY"): {"asset_report_id": "", "report_type": "FULL"},
        ("ASSETS", "ERROR"): {
            "asset_report_id": "",
            "error": PlaidError("INTERNAL_SERVER_ERROR").body(request_id=None),
        },
    }
    return found.get((webhook_type, webhook_code))
