"""Items: a login at a bank and its bank accounts, from token to wire object."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from plaid_sandbox.clock import iso
from plaid_sandbox.errors import PlaidError
from plaid_sandbox.histories.plan import PlannedAccount, Profile
from plaid_sandbox.histories.registry import profile_for
from plaid_sandbox.ids import derived_id
from plaid_sandbox.institutions import BY_ID
from plaid_sandbox.sandbox import Sandbox
from plaid_sandbox.store import BankAccount
from plaid_sandbox.wire_rows import account_object

_AVAILABLE_PRODUCTS = ("assets", "auth", "balance", "identity", "investments", "liabilities", "transactions")
_PERSISTENT_ID_INSTITUTION = "ins_127287"


@dataclass(slots=True, kw_only=True)
class Item:
    """One login at one bank."""

    ordinal: int
    item_id: str
    access_token: str
    institution_id: str
    username: str
    products: list[str]
    webhook: str | None
    created_at: datetime
    days_requested: int | None = None
    initial_at: datetime | None = None
    """When the last 30 days are published; `None` while Transactions is not on the item."""
    initial_position: int = 0
    historical_at: datetime | None = None
    """When all history is published."""
    head: int = 0
    """The last position of the change log, published or not."""
    last_update_at: datetime | None = None
    error_code: str | None = None
    is_removed: bool = False
    was_synced: bool = False
    """Whether `/transactions/sync` has ever been called."""
    link_session_ids: list[str] = field(default_factory=list)


_INSTANTS = ("created_at", "initial_at", "historical_at", "last_update_at")


def save(sandbox: Sandbox, item: Item) -> None:
    """Write the item's state."""
    sandbox.store.put_item(
        ordinal=item.ordinal, item_id=item.item_id, access_token=item.access_token, body=asdict(item)
    )


def from_body(body: dict[str, Any]) -> Item:
    """Return the item that was stored as this body."""
    instants = {key: None if body[key] is None else datetime.fromisoformat(body[key]) for key in _INSTANTS}
    return Item(**{**body, **instants})


def item_of_token(sandbox: Sandbox, access_token: str) -> Item:
    """Return the item of an access token, even one that needs a login.

    Raises:
        PlaidError: `INVALID_ACCESS_TOKEN`, or `ITEM_NOT_FOUND` for a removed item.
    """
    body = sandbox.store.item_by_token(access_token)
    if body is None:
        raise PlaidError("INVALID_ACCESS_TOKEN")
    if body["is_removed"]:
        raise PlaidError("ITEM_NOT_FOUND")
    return from_body(body)


def healthy_item(sandbox: Sandbox, access_token: str) -> Item:
    """Return the item of an access token.

    Raises:
        PlaidError: as `item_of_token`, and the item's own error while it has one.
    """
    item = item_of_token(sandbox, access_token)
    if item.error_code is not None:
        raise PlaidError(item.error_code)
    return item


def item_by_id(sandbox: Sandbox, item_id: str) -> Item | None:
    """Return the item with this id, or `None`."""
    body = sandbox.store.item_by_id(item_id)
    return None if body is None else from_body(body)


def reserve_item_id(sandbox: Sandbox) -> tuple[int, str]:
    """Return the number and id of an item that may be created: a login shows account ids before the item exists."""
    ordinal = sandbox.store.next_ordinal()
    return ordinal, derived_id(sandbox.id_root, "item", ordinal)


def account_id_of(item_id: str, account_key: str) -> str:
    """Return the id of a bank account of an item."""
    return derived_id(item_id, "account", account_key)


def profile_of(item: Item) -> Profile:
    """Return what is behind the item's login."""
    profile = profile_for(item.username)
    if profile is None:
        raise LookupError(item.username)
    return profile


def planned_accounts(item: Item) -> dict[str, PlannedAccount]:
    """Return the fixed facts of the item's bank accounts by key."""
    return {planned.key: planned for planned in profile_of(item).accounts}


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
    """Return the ids of the selected bank accounts whose rows `/transactions/sync` serves."""
    planned = planned_accounts(item)
    return [
        a.account_id
        for a in sandbox.store.bank_accounts(item.ordinal)
        if a.is_selected and planned[a.account_key].has_bank_transactions
    ]


def item_object(item: Item) -> dict[str, Any]:
    """Return Plaid's Item object."""
    return {
        "available_products": [name for name in _AVAILABLE_PRODUCTS if name not in item.products],
        "billed_products": list(item.products),
        "consent_expiration_time": None,
        "consented_products": list(item.products),
        "auth_method": None,
        "created_at": iso(item.created_at),
        "error": None if item.error_code is None else _item_error(item.error_code),
        "institution_id": item.institution_id,
        "institution_name": BY_ID[item.institution_id].name,
        "item_id": item.item_id,
        "products": list(item.products),
        "update_type": "background",
        "webhook": item.webhook,
    }


def _item_error(error_code: str) -> dict[str, Any]:
    return PlaidError(error_code).body(request_id=None)


def item_status(item: Item) -> dict[str, Any]:
    """Return the `status` beside the item in `/item/get`."""
    updated = None if item.last_update_at is None else iso(item.last_update_at)
    return {
        "investments": None,
        "last_webhook": None,
        "transactions": {"last_failed_update": None, "last_successful_update": updated},
    }
