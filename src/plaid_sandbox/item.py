"""An item's state, and when the clock next has something to do for it."""

from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, time, timedelta
from datetime import date as Day  # noqa: N812 - `date` would hide behind the field names below
from typing import Any

from plaid_sandbox.sandbox import Sandbox

NOTHING_ANNOUNCED, INITIAL_ANNOUNCED, ALL_ANNOUNCED = 0, 1, 2
WARNING_AHEAD = timedelta(days=7)
"""How long before a consent ends Plaid warns."""


@dataclass(slots=True, kw_only=True)
class Item:
    """One login at one bank."""

    ordinal: int
    item_id: str
    access_token: str
    institution_id: str
    username: str
    custom: str | None = None
    """The password of `user_custom`: the JSON that describes its bank accounts."""
    products: list[str]
    webhook: str | None
    created_at: datetime
    days_requested: int | None = None
    initial_at: datetime | None = None
    """When the last 30 days are published; `None` while Transactions is not on the item."""
    initial_position: int = 0
    historical_at: datetime | None = None
    """When all history is published."""
    announced: int = NOTHING_ANNOUNCED
    """How much of the history webhooks have told of."""
    head: int = 0
    """The last position of the change log, published or not."""
    grown_to: str | None = None
    """The last day (ISO) whose happenings are in the log; `None` for a history that does not grow."""
    refreshes: int = 0
    last_update_at: datetime | None = None
    last_failed_at: datetime | None = None
    error_code: str | None = None
    error_code_reason: str | None = None
    bank_health: str = "HEALTHY"
    """How its bank is: HEALTHY, DEGRADED, or DOWN."""
    login_expires_at: datetime | None = None
    consent_expires_at: datetime | None = None
    consent_s: float | None = None
    """How long a renewed consent lasts; `None` where there is none to renew."""
    is_consent_warned: bool = False
    disconnect_at: datetime | None = None
    disconnect_reason: str | None = None
    is_removed: bool = False
    was_synced: bool = False
    """Whether `/transactions/sync` has ever been called."""
    last_webhook_at: datetime | None = None
    last_webhook_code: str | None = None
    account_facts: dict[str, dict[str, Any]] = field(default_factory=dict)
    """By account key, what the bank has changed since: `name`, `official_name`, `mask`, `is_closed`, `generation`."""
    extra_accounts: list[dict[str, Any]] = field(default_factory=list)
    """Bank accounts opened after linking: the fields of `PlannedAccount`, and `balance` as text."""
    former_account_ids: list[str] = field(default_factory=list)
    """Ids that bank accounts once had, whose rows are announced as removed."""
    link_session_ids: list[str] = field(default_factory=list)

    def generation(self, account_key: str) -> int:
        """Return how often the bank has given this bank account new ids."""
        return int(self.account_facts.get(account_key, {}).get("generation", 0))

    def put_fact(self, account_key: str, name: str, value: Any) -> None:
        """Change one fact of a bank account."""
        self.account_facts[account_key] = {**self.account_facts.get(account_key, {}), name: value}

    @property
    def is_reachable(self) -> bool:
        """Whether Plaid can fetch news from the bank."""
        return self.error_code is None and self.bank_health != "DOWN" and not self.is_removed


_INSTANTS = (
    "created_at",
    "initial_at",
    "historical_at",
    "last_update_at",
    "last_failed_at",
    "login_expires_at",
    "consent_expires_at",
    "disconnect_at",
    "last_webhook_at",
)


def save(sandbox: Sandbox, item: Item) -> None:
    """Write the item's state, and have the clock call when there is something to do for it."""
    due_at = next_due_at(item)
    sandbox.store.put_item(
        ordinal=item.ordinal,
        item_id=item.item_id,
        access_token=item.access_token,
        body=asdict(item),
        due_at=None if due_at is None else due_at.timestamp(),
    )
    sandbox.wake.set()


def from_body(body: dict[str, Any]) -> Item:
    """Return the item that was stored as this body."""
    read = {key: datetime.fromisoformat(body[key]) for key in _INSTANTS if body.get(key) is not None}
    return Item(**{**body, **read})


def next_due_at(item: Item) -> datetime | None:
    """Return when the clock next has something to do for the item: publish, grow, warn, expire."""
    if item.is_removed:
        return None
    instants = [_publishing_due_at(item)]
    if item.error_code is None:
        instants += [item.login_expires_at, item.disconnect_at, item.consent_expires_at]
        if item.consent_expires_at is not None and not item.is_consent_warned:
            instants.append(item.consent_expires_at - WARNING_AHEAD)
    if item.is_reachable and item.grown_to is not None:
        tomorrow = Day.fromisoformat(item.grown_to) + timedelta(days=1)
        instants.append(datetime.combine(tomorrow, time(), UTC))
    return min((instant for instant in instants if instant is not None), default=None)


def _publishing_due_at(item: Item) -> datetime | None:
    if item.announced == NOTHING_ANNOUNCED:
        return item.initial_at
    return item.historical_at if item.announced == INITIAL_ANNOUNCED else None
