"""What should be booked, and what is booked, for one bank transaction."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from openledger_server.banking.types import BankTransactionId
from openledger_server.ledger.types import JournalEntryId, LedgerAccountId


@dataclass(frozen=True, slots=True)
class Share:
    """What one ledger account gets of a bank transaction that is split."""

    category: LedgerAccountId
    inflow_minor: int
    """Smallest unit; the bank row's sign, so positive credits the category."""


class HoldReason(StrEnum):
    """Why a bank transaction is not booked as it should be, for now."""

    PERIOD_CLOSED = "period_closed"
    """Its day, or that of the entry it corrects, is in a closed period."""
    RATE_MISSING = "rate_missing"
    """No exchange rate of its currency is known for its day."""
    NOT_REPRESENTABLE = "not_representable"
    """The books cannot state it: an unknown currency, another one than its account's, or too many decimals."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """One bank transaction as it stands, or should stand, in the books."""

    dated: date
    inflow_minor: int
    """Smallest unit; positive = money into the bank account, which debits its ledger account."""
    currency: str
    bank: LedgerAccountId
    category: LedgerAccountId
    """Of a split, the first share's."""
    split: tuple[Share, ...] = ()
    """Empty when one category gets all; else the shares add up to `inflow_minor`."""

    @property
    def shares(self) -> tuple[Share, ...]:
        """Return what each category gets."""
        return self.split or (Share(self.category, self.inflow_minor),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bookable:
    """A bank transaction with its category and its present booking, as far as bookkeeping needs them."""

    bank_transaction_id: BankTransactionId
    is_live: bool
    is_pending: bool
    dated: date
    amount: Decimal
    """Major units; positive = money in."""
    currency: str
    description: str
    bank_ledger_account_id: LedgerAccountId
    bank_currency: str
    category_ledger_account_id: LedgerAccountId
    reason: str
    """Why it has this category, in a sentence for people."""
    revision: int
    """How many entries were made for it before; 0 = none."""
    journal_entry_id: JournalEntryId | None
    """The entry that stands for it now."""
    is_excluded: bool = False
    is_excluded_by_rule: bool = False
    is_before_start: bool = False
    """The books of its bank account begin later; such a row is not live."""
    """A person leaves it out of the books."""
    split: tuple[tuple[LedgerAccountId, Decimal], ...] = ()
    """Parts in major units with the bank row's sign, as a person split it; empty unless they make up the amount."""
    booked: Booking | None
    """What that entry says; None exactly when there is none."""
    post_on: date | None = None
    """The day on which somebody decided to book it, its own being in a closed period."""
    hold: HoldReason | None = None
    """Why it has been waiting so far."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingChange:
    """A new state of one bank transaction's booking, to be stored with the entries that bring it about."""

    bank_transaction_id: BankTransactionId
    revision: int
    journal_entry_id: JournalEntryId | None
    booking: Booking


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningBalance:
    """The stored opening balance of one bank account. `amount_minor`: debit > 0 on its ledger account."""

    revision: int
    journal_entry_id: JournalEntryId | None
    dated: date
    amount_minor: int
    wanted: "WantedOpening | None" = None
    """What should stand in its place once the exchange rate of its day is loaded."""


@dataclass(frozen=True, slots=True)
class WantedOpening:
    """An opening balance that waits for an exchange rate: debit > 0, and the day before the books begin."""

    amount_minor: int
    on: date
