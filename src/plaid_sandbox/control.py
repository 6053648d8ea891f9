"""Control endpoints, outside Plaid's namespace: what a test does to the sandbox."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from plaid_sandbox import changes, item_history, items
from plaid_sandbox.clock import iso
from plaid_sandbox.errors import ERROR_KINDS, PlaidError
from plaid_sandbox.faults import Fault
from plaid_sandbox.fields import Choice, Fields, Flag, Number, Text, Whole, check, needed, nullable, optional
from plaid_sandbox.histories.plan import PlannedAccount
from plaid_sandbox.institutions import institution_by_id
from plaid_sandbox.item import Item, from_body, save
from plaid_sandbox.rate_limits import TABLES
from plaid_sandbox.sandbox import Sandbox, advance_clock
from plaid_sandbox.store import BankAccount
from plaid_sandbox.timers import tick
from plaid_sandbox.wire_rows import EncodedRow, number

_ROWS_MOST = 10_000_000
_FIRST_DAY, _LAST_DAY = "0000-00-00", "9999-99-99"
_TEXT = Text()

CLOCK = Fields({"advance_s": needed(Number())})
HEALTH = Fields({"health": needed(Choice(frozenset({"HEALTHY", "DEGRADED", "DOWN"})))})
SETTINGS = Fields(
    {
        "initial_delay_s": optional(Number()),
        "historical_delay_s": optional(Number()),
        "login_days": optional(Number()),
        "grows": optional(Flag()),
        "rate_limits": optional(Choice(frozenset(TABLES))),
        "webhook_timeout_s": optional(Number()),
        "removed_item_error": optional(Choice(frozenset({"ITEM_NOT_FOUND", "INVALID_ACCESS_TOKEN"}))),
    }
)
FAULT = Fields(
    {
        "path": needed(_TEXT),
        "times": optional(Whole(-1, 1_000_000)),
        "skip": optional(Whole(0, 1_000_000)),
        "item_id": nullable(_TEXT),
        "page": nullable(Whole(1, 1_000_000)),
        "delay_s": optional(Number()),
        "error_code": nullable(Choice(frozenset(ERROR_KINDS))),
        "error_message": nullable(_TEXT),
        "status": nullable(Whole(400, 599)),
        "body": nullable(Text(0, 1_000_000)),
        "content_type": optional(_TEXT),
        "hang": optional(Flag()),
        "drop": nullable(_TEXT),
    }
)


def list_items(sandbox: Sandbox) -> dict[str, Any]:
    """Return all items, removed ones as well, without their access tokens."""
    return {"items": [_item(sandbox, from_body(body)) for body in sandbox.store.items()]}


def _item(sandbox: Sandbox, item: Item) -> dict[str, Any]:
    planned = items.planned_accounts(item)
    return {
        "item_id": item.item_id,
        "institution_id": item.institution_id,
        "username": item.username,
        "products": item.products,
        "webhook": item.webhook,
        "created_at": iso(item.created_at),
        "days_requested": item.days_requested,
        "transactions_update_status": item_history.update_status(sandbox, item),
        "error_code": item.error_code,
        "is_removed": item.is_removed,
        "was_synced": item.was_synced,
        "bank_health": item.bank_health,
        "grown_to": item.grown_to,
        "consent_expires_at": None if item.consent_expires_at is None else iso(item.consent_expires_at),
        "disconnect_at": None if item.disconnect_at is None else iso(item.disconnect_at),
        "log_length": item.head,
        "accounts": [
            _bank_account(planned[one.account_key], one, is_closed=items.is_closed(item, one.account_key))
            for one in sandbox.store.bank_accounts(item.ordinal)
        ],
    }


def _bank_account(planned: PlannedAccount, bank_account: BankAccount, *, is_closed: bool) -> dict[str, Any]:
    return {
        "account_id": bank_account.account_id,
        "key": bank_account.account_key,
        "name": planned.name,
        "mask": planned.mask,
        "type": planned.type,
        "subtype": planned.subtype,
        "is_selected": bank_account.is_selected,
        "is_closed": is_closed,
        "opening": str(bank_account.opening),
        "current": str(items.current_of(planned, bank_account)),
        "posted_sum": str(bank_account.posted),
        "pending_sum": str(bank_account.pending),
        "limit": number(planned.limit),
    }


def item_or_404(sandbox: Sandbox, item_id: str) -> Item:
    """Return an item by its id.

    Raises:
        PlaidError: `NOT_FOUND`.
    """
    item = items.item_by_id(sandbox, item_id)
    if item is None:
        raise PlaidError("NOT_FOUND", f"no item {item_id}")
    return item


def list_rows(sandbox: Sandbox, item_id: str) -> dict[str, Any]:
    """Return every live row of an item as the bank has it now, published or not, newest first."""
    item = item_or_404(sandbox, item_id)
    account_ids = [a.account_id for a in sandbox.store.bank_accounts(item.ordinal) if a.is_selected]
    total, rows = sandbox.store.rows_between(
        item.ordinal,
        head=item.head,
        first=_FIRST_DAY,
        last=_LAST_DAY,
        account_ids=account_ids,
        limit=_ROWS_MOST,
        offset=0,
    )
    return {"transactions": [EncodedRow(row.original, row.rest).decoded() for row in rows], "total": total}


def change_rows(sandbox: Sandbox, item_id: str, body: dict[str, Any]) -> dict[str, Any]:
    """Append changes to an item's log as one bank update."""
    check(changes.REQUEST, body)
    item = item_or_404(sandbox, item_id)
    if item.initial_at is None:
        raise PlaidError("SANDBOX_PRODUCT_NOT_ENABLED", "the item has no Transactions yet")
    answers = changes.apply(sandbox, item, body["changes"], is_silent=body.get("silent", False))
    return {"changes": answers, "log_length": item.head}


def move_clock(sandbox: Sandbox, body: dict[str, Any]) -> dict[str, Any]:
    """Move the sandbox's clock by some seconds; what becomes due by that is done before the answer."""
    check(CLOCK, body)
    advance_clock(sandbox, float(body["advance_s"]))
    tick(sandbox)
    return show_clock(sandbox)


def show_clock(sandbox: Sandbox) -> dict[str, Any]:
    """Return the sandbox's time and how far it is from real time."""
    now: datetime = sandbox.clock.now()
    return {"now": now.isoformat(), "today": now.date().isoformat(), "offset_s": sandbox.clock.offset_s}


def change_health(sandbox: Sandbox, institution_id: str, body: dict[str, Any]) -> dict[str, Any]:
    """Let a bank be down, degraded or healthy, for all items linked there and all that will be."""
    check(HEALTH, body)
    institution_by_id(institution_id)
    sandbox.store.put_document("institution_health", institution_id, {"health": body["health"]})
    for stored in sandbox.store.items():
        item = from_body(stored)
        if item.institution_id == institution_id:
            item.bank_health = body["health"]
            if item.bank_health == "DOWN":
                item.last_failed_at = sandbox.clock.now()
            save(sandbox, item)
    tick(sandbox)
    return {"institution_id": institution_id, "health": body["health"]}


def show_settings(sandbox: Sandbox) -> dict[str, Any]:
    """Return the settings that hold now."""
    return asdict(sandbox.settings)


def change_settings(sandbox: Sandbox, body: dict[str, Any]) -> dict[str, Any]:
    """Change some settings, for what happens from now on."""
    check(SETTINGS, body)
    for name, value in body.items():
        setattr(sandbox.settings, name, value)
    return show_settings(sandbox)


def add_fault(sandbox: Sandbox, body: dict[str, Any]) -> dict[str, Any]:
    """Switch a fault on."""
    check(FAULT, body)
    fault = sandbox.faults.add(Fault(**body))
    return {"fault_id": fault.fault_id}


def list_faults(sandbox: Sandbox) -> dict[str, Any]:
    """Return the faults that can still strike."""
    return {
        "faults": [
            {"fault_id": fault.fault_id, "path": fault.path, "times": fault.times, "page": fault.page}
            for fault in sandbox.faults.all()
        ]
    }


def clear_faults(sandbox: Sandbox) -> dict[str, Any]:
    """Switch all faults off."""
    sandbox.faults.clear()
    return {}
