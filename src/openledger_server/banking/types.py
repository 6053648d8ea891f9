"""What a bank feed tells us, in our own words and with our own sign."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import NewType

EntityId = NewType("EntityId", int)
ItemId = NewType("ItemId", int)
BankAccountId = NewType("BankAccountId", int)
BankTransactionId = NewType("BankTransactionId", int)

LIABILITY_TYPES = frozenset({"credit", "loan"})
"""Bank account types whose reported balance is money owed."""


class ItemState(StrEnum):
    """Where a connection to a bank stands."""

    LINKING = "linking"
    """The public token is exchanged; the bank accounts are not stored yet."""
    IMPORTING = "importing"
    """History is still arriving."""
    HEALTHY = "healthy"
    LOGIN_REQUIRED = "login_required"
    """The user has to log in again; no data until then."""
    EXPIRING = "expiring"
    """Works, but ends on a known day unless the user renews the access."""
    BANK_DOWN = "bank_down"
    """The bank does not answer; the user can do nothing."""
    RATE_LIMITED = "rate_limited"
    REVOKED = "revoked"
    """The user withdrew the permission at the bank."""
    PAUSED = "paused"
    """Not synced, because the user asked for that."""
    DISCONNECTING = "disconnecting"
    """Ended by the user; the provider has not confirmed it yet."""
    DISCONNECTED = "disconnected"
    """Ended, and our access is erased. What was imported stays."""
    ERROR = "error"
    """The last sync failed for a reason that waiting does not cure."""


class ItemEvent(StrEnum):
    """What can happen to a connection. Sources: our own syncs, the provider's webhooks, the user."""

    LINKED = "linked"
    """The bank accounts are stored."""
    SYNCED_PARTLY = "synced_partly"
    """A good sync, but more history is to come."""
    SYNCED = "synced"
    FAILED_FOR_NOW = "failed_for_now"
    """Something on the way failed; the next attempt comes by itself."""
    RATE_LIMITED = "rate_limited"
    BANK_DOWN = "bank_down"
    LOGIN_REQUIRED = "login_required"
    REFUSED = "refused"
    """Waiting does not help: the item is gone at the provider, or our keys or request are wrong."""
    REPAIRED = "repaired"
    """The user went through update mode, here or in another application."""
    EXPIRES = "expires"
    """Access ends on a known day unless the user renews it; until then everything works."""
    REVOKED = "revoked"
    ACCOUNT_REVOKED = "account_revoked"
    NEW_ACCOUNTS = "new_accounts"
    UPDATES_AVAILABLE = "updates_available"
    PAUSED = "paused"
    RESUMED = "resumed"
    DISCONNECT = "disconnect"
    """The user asked to end the connection."""
    REMOVED = "removed"
    """The provider has confirmed that the access is given up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemNotice:
    """What the provider tells about an item unasked."""

    provider_item_id: str
    """Empty if it is about none."""
    kind: str
    code: str
    """The provider's own words, for logs and for people."""
    event: ItemEvent | None
    """What it does to the connection; None: nothing, or we do not know it."""
    wants_sync: bool
    ends_at: datetime | None = None
    """When access ends, if it says so."""
    reason: str | None = None
    provider_account_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvenNotice:
    """A notice that is proved to be the provider's."""

    notice: ItemNotice
    signed_sha256: bytes
    """Names this delivery: the same one, sent again by whomever, has the same."""


class UpdateStatus(StrEnum):
    """How much of the history the provider has."""

    NOT_READY = "not_ready"
    INITIAL = "initial"
    HISTORICAL = "historical"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkToken:
    """What a browser needs to open the provider's dialog."""

    link_token: str = field(repr=False)
    expires_at: datetime
    request_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangedToken:
    """The lasting access to one item."""

    access_token: str = field(repr=False)
    provider_item_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedBalance:
    """A bank account's balance in major units as the bank reports it: owed is positive on credit and loan accounts."""

    current: Decimal | None
    available: Decimal | None
    limit: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BankAccountFact:
    """A bank account as the provider describes it."""

    provider_account_id: str
    name: str
    official_name: str | None
    mask: str | None
    type: str
    subtype: str | None
    currency: str
    """ISO 4217, or the provider's unofficial code (a crypto currency, say); "XXX" when it gave none."""
    reported_balance: ReportedBalance
    persistent_account_id: str | None = None
    """The same at each new link; a few banks only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemHealth:
    """When the provider last spoke with the bank, and until when it may."""

    last_success_at: datetime | None
    last_failure_at: datetime | None
    consent_expires_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemFacts:
    """One login at one institution, with its open bank accounts."""

    provider_item_id: str
    institution_id: str | None
    institution_name: str | None
    bank_accounts: tuple[BankAccountFact, ...]
    notice_url: str | None = None
    """Where the provider sends what it has to say of the item: the address that its link token was made with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BankTransactionFact:
    """One row of the bank's list. `amount`: exact major units, positive = money into the bank account."""

    provider_transaction_id: str
    provider_account_id: str
    pending_provider_id: str | None
    amount: Decimal
    currency: str
    dated: date
    authorized_on: date | None
    is_pending: bool
    description: str
    merchant_name: str | None
    merchant_entity_id: str | None
    payment_channel: str | None
    provider_category: str | None
    provider_category_version: str | None
    provider_confidence: str | None
    check_number: str | None
    raw: bytes
    """The provider's row as JSON."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionPage:
    """One page of an item's changes."""

    upserted: tuple[BankTransactionFact, ...]
    """Added and modified rows."""
    removed: tuple[str, ...]
    """Provider ids of rows the bank took back."""
    bank_accounts: tuple[BankAccountFact, ...]
    """Only those with rows on this page; never a reason to close the others."""
    next_cursor: str
    has_more: bool
    update_status: UpdateStatus
