"""Changes of an item's rows by hand: add, modify, remove, settle, post again."""

import secrets
from datetime import date
from decimal import Decimal
from typing import Any

from plaid_sandbox import item_history, items, webhooks
from plaid_sandbox.errors import PlaidError
from plaid_sandbox.fields import Choice, Day, Field, Fields, Flag, Many, Text, check, needed, nullable, optional
from plaid_sandbox.histories.plan import Details
from plaid_sandbox.ids import derived_id
from plaid_sandbox.item import Item
from plaid_sandbox.sandbox import Sandbox
from plaid_sandbox.store import BankAccount, NewChange, StoredChange
from plaid_sandbox.wire_rows import category_object, complete_row, row_template


class Money:
    """An amount: a JSON number, or a decimal string where digits must not depend on a float."""

    def wrong(self, value: Any) -> str | None:
        """Return what is wrong with the value."""
        try:
            return None if not isinstance(value, bool) and Decimal(str(value)).is_finite() else "must be an amount"
        except ArithmeticError:
            return "must be an amount"


_TEXT = Text()
_OVERRIDES = {
    "amount": optional(Money()),
    "date": optional(Day()),
    "authorized_date": nullable(Day()),
    "name": optional(_TEXT),
    "merchant_name": nullable(_TEXT),
    "category": nullable(_TEXT),
    "confidence": nullable(_TEXT),
    "raw": optional(Fields({}, is_open=True)),
}


def _operation(op: str, /, **keys: Field) -> Fields:
    return Fields({"op": needed(Choice(frozenset({op}))), **keys})


_OPERATIONS = {
    "add": _operation(
        "add",
        **_OVERRIDES
        | {"amount": needed(Money()), "date": needed(Day()), "name": needed(_TEXT)}
        | {
            "account": optional(_TEXT),
            "account_id": optional(_TEXT),
            "transaction_id": optional(_TEXT),
            "pending": optional(Flag()),
        },
    ),
    "modify": _operation("modify", transaction_id=needed(_TEXT), **_OVERRIDES),
    "remove": _operation("remove", transaction_id=needed(_TEXT)),
    "readd": _operation("readd", transaction_id=needed(_TEXT), new_transaction_id=optional(_TEXT), **_OVERRIDES),
    "settle": _operation(
        "settle",
        transaction_id=needed(_TEXT),
        link=optional(Flag()),
        new_transaction_id=optional(_TEXT),
        **_OVERRIDES,
    ),
}
_ANY = Fields({"op": needed(Choice(frozenset(_OPERATIONS)))}, is_open=True)
REQUEST = Fields({"changes": needed(Many(_ANY, fewest=1)), "silent": optional(Flag())})


def apply(
    sandbox: Sandbox, item: Item, operations: list[dict[str, Any]], *, is_silent: bool = False
) -> list[dict[str, Any]]:
    """Append the operations to the item's log as one bank update, all or none; webhooks tell of it unless silent.

    Returns:
        One object per operation: `op`, `transaction_id` (the row that lives on, or is gone), and for a settling
        or a posting again also `removed_transaction_id`.

    Raises:
        PlaidError: for an operation that is malformed or names an unknown row or bank account.
    """
    answers, made = [], []
    with sandbox.store.transaction():
        for operation in operations:
            check(_OPERATIONS[operation["op"]], operation)
            changes = _changes(sandbox, item, operation)
            item_history.append(sandbox, item, changes)
            made += changes
            answers.append(_answer(operation["op"], changes))
    if not is_silent:
        webhooks.bank_update(sandbox, item, made)
    return answers


def _answer(name: str, changes: list[NewChange]) -> dict[str, Any]:
    answer = {"op": name, "transaction_id": changes[-1].transaction_id}
    return answer if len(changes) == 1 else {**answer, "removed_transaction_id": changes[0].transaction_id}


def _changes(sandbox: Sandbox, item: Item, operation: dict[str, Any]) -> list[NewChange]:
    if operation["op"] == "add":
        return [item_history.upsert_of(_new_row(sandbox, item, operation))]
    last = _live_row(sandbox, item, operation["transaction_id"])
    if operation["op"] == "remove":
        return [item_history.removal_of(last)]
    if operation["op"] == "modify":
        return [item_history.upsert_of(_with_overrides(last.row.decoded(), operation))]
    if operation["op"] == "readd":
        row = last.row.decoded() | {"transaction_id": operation.get("new_transaction_id") or _fresh_id(item)}
        row["pending_transaction_id"] = None
        return [item_history.removal_of(last), item_history.upsert_of(_with_overrides(row, operation))]
    return [item_history.removal_of(last), item_history.upsert_of(_settled(sandbox, item, last, operation))]


def _live_row(sandbox: Sandbox, item: Item, transaction_id: str) -> StoredChange:
    last = sandbox.store.last_change(item.ordinal, transaction_id)
    if last is None or last.kind == "remove":
        raise PlaidError("INVALID_FIELD", f"no live transaction {transaction_id}")
    return last


def _new_row(sandbox: Sandbox, item: Item, operation: dict[str, Any]) -> dict[str, Any]:
    bank_account = _bank_account(sandbox, item, operation)
    currency = items.planned_accounts(item)[bank_account.account_key].currency
    details = Details(
        name=operation["name"], category=operation.get("category"), confidence=operation.get("confidence")
    )
    dated = date.fromisoformat(operation["date"])
    row = complete_row(
        row_template(details, bank_account.account_id, currency),
        transaction_id=operation.get("transaction_id") or _fresh_id(item),
        amount=Decimal(str(operation["amount"])),
        occurred_on=dated,
        posted_on=None if operation.get("pending") else dated,
    )
    return _with_overrides(row, operation)


def _fresh_id(item: Item) -> str:
    return derived_id(item.item_id, "by hand", secrets.token_hex(16))


def _bank_account(sandbox: Sandbox, item: Item, operation: dict[str, Any]) -> BankAccount:
    """Return the bank account named by `account_id`, or by `account`: its key, mask, name or subtype."""
    planned = items.planned_accounts(item)
    wanted = operation.get("account")
    for bank_account in sandbox.store.bank_accounts(item.ordinal):
        facts = planned[bank_account.account_key]
        if operation.get("account_id") == bank_account.account_id:
            return bank_account
        if wanted is not None and wanted in {facts.key, facts.mask, facts.name, facts.subtype}:
            return bank_account
    raise PlaidError("INVALID_ACCOUNT_ID")


def _with_overrides(row: dict[str, Any], operation: dict[str, Any]) -> dict[str, Any]:
    changed = dict(row)
    if "amount" in operation:
        changed["amount"] = float(Decimal(str(operation["amount"])))
    for key in ("date", "authorized_date", "merchant_name"):
        if key in operation:
            changed[key] = operation[key]
    if "name" in operation:
        changed["name"] = changed["original_description"] = operation["name"]
    if "category" in operation:
        changed["personal_finance_category"] = category_object(operation["category"], operation.get("confidence"))
    raw: dict[str, Any] = operation.get("raw", {})
    return changed | raw


def _settled(sandbox: Sandbox, item: Item, pending: StoredChange, operation: dict[str, Any]) -> dict[str, Any]:
    if not pending.is_pending:
        raise PlaidError("INVALID_FIELD", f"transaction {pending.transaction_id} is not pending")
    row = pending.row.decoded()
    row |= {
        "transaction_id": operation.get("new_transaction_id") or _fresh_id(item),
        "pending": False,
        "pending_transaction_id": pending.transaction_id if operation.get("link", True) else None,
        "authorized_date": row["date"],
        "date": sandbox.clock.today().isoformat(),
    }
    return _with_overrides(row, operation)
