"""What is stored of items, bank accounts, bank transactions and syncs, as the database gives it back."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from openledger_server.banking.types import BankAccountId, BankTransactionId, ItemId
from openledger_server.base.vault import Sealed


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemRow:
    """A stored item."""

    id: ItemId
    provider_item_id: str
    institution_id: str | None
    institution_name: str | None
    access_token_ciphertext: bytes | None
    access_token_key_id: str | None
    state: str
    sync_cursor: str
    history_complete_at: datetime | None
    last_synced_at: datetime | None
    error_code: str | None
    error_message: str | None
    linked_at: datetime
    state_changed_at: datetime | None
    consent_expires_at: datetime | None
    disconnect_at: datetime | None
    disconnect_reason: str | None
    provider_last_success_at: datetime | None
    provider_last_failure_at: datetime | None
    new_accounts_available: bool
    last_attempted_at: datetime | None
    token_changing_since: datetime | None

    @property
    def sealed_access_token(self) -> Sealed | None:
        """Return the encrypted access token; None once the connection has ended and the token is erased."""
        if self.access_token_ciphertext is None or self.access_token_key_id is None:
            return None
        return Sealed(self.access_token_key_id, self.access_token_ciphertext)

    @property
    def ends_at(self) -> datetime | None:
        """Return when access ends unless the user renews it, if that is known."""
        known = [at for at in (self.consent_expires_at, self.disconnect_at) if at is not None]
        return min(known, default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class BankAccountRow:
    """A stored bank account with its connection's state. Balances: major units, the bank's sign (owed is positive)."""

    id: BankAccountId
    item_id: ItemId
    provider_account_id: str
    name: str
    official_name: str | None
    mask: str | None
    type: str
    subtype: str | None
    currency: str
    ledger_account_id: int
    reported_current: Decimal | None
    reported_available: Decimal | None
    reported_limit: Decimal | None
    reported_at: datetime | None
    settled_count: int
    pending_count: int
    linked_at: datetime
    provider_item_id: str
    institution_id: str | None
    institution_name: str | None
    item_state: str
    history_complete_at: datetime | None
    last_synced_at: datetime | None
    error_code: str | None
    error_message: str | None
    persistent_account_id: str | None = None
    unlinked_at: datetime | None = None
    """No longer fed since then; rows and books stay."""
    unlinked_reason: str | None = None
    told_gap_minor: int = 0
    provider_last_success_at: datetime | None = None
    history_start_on: date | None = None
    """The books begin on this day; None: with the first row."""
    opening_given: Decimal | None = None
    """What the account held when that day began, as the user says; None: it is computed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrphanRow:
    """A row that came through a connection that has ended, and that the bank did not take back."""

    id: BankTransactionId
    bank_account_id: BankAccountId
    dated: date
    amount: Decimal
    currency: str
    description: str
    is_pending: bool
    is_live: bool
    """False for one that is older than the books of its account."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PriorRow:
    """What was stored of a bank transaction before a sync touched it."""

    provider_transaction_id: str
    id: BankTransactionId
    bank_account_id: BankAccountId
    is_pending: bool
    is_live: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TouchedRow:
    """A bank transaction that the bank took back."""

    id: BankTransactionId
    provider_transaction_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRow:
    """A bank transaction that a sync inserted or changed."""

    id: BankTransactionId
    provider_transaction_id: str
    is_live: bool
    """It counts; False for one that is older than the books of its account."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncRun:
    """The record of one sync."""

    item_id: ItemId
    started_at: datetime
    finished_at: datetime
    pages: int
    restarts: int
    added: int
    modified: int
    removed: int
    unchanged: int
    skipped: int
    """Read, but not for the books: older than them, or of an account that is unlinked."""
    error_code: str | None
