"""Ledger accounts, journal entries, postings. Debit is positive, credit negative, in the smallest unit."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NewType

from openledger_server.base.errors import InvalidError

LedgerAccountId = NewType("LedgerAccountId", int)
JournalEntryId = NewType("JournalEntryId", int)

_POSTINGS_MIN = 2


class LedgerAccountType(StrEnum):
    """The five kinds of ledger account. Assets and expenses grow by debits, the others by credits."""

    ASSET = "ASSET"
    LIABILITY = "LIABILITY"
    EQUITY = "EQUITY"
    REVENUE = "REVENUE"
    EXPENSE = "EXPENSE"

    @property
    def normal_sign(self) -> int:
        """Return +1 when debits make the account grow, else -1."""
        return 1 if self in {LedgerAccountType.ASSET, LedgerAccountType.EXPENSE} else -1


class SystemRole(StrEnum):
    """What the system itself uses a ledger account for; one account per role and entity."""

    TRANSFERS_CLEARING = "transfers_clearing"
    UNCATEGORIZED_INCOME = "uncategorized_income"
    UNCATEGORIZED_EXPENSE = "uncategorized_expense"
    OPENING_BALANCES = "opening_balances"
    RETAINED_EARNINGS = "retained_earnings"


class UnbalancedEntryError(InvalidError):
    """The postings of a journal entry do not sum to zero in each currency."""

    code = "ENTRY_UNBALANCED"


@dataclass(frozen=True, slots=True)
class Posting:
    """One line of a journal entry."""

    ledger_account_id: LedgerAccountId
    amount_minor: int
    """Smallest unit of the currency; debit > 0, credit < 0; never 0."""
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalEntry:
    """A balanced set of postings on one date. One that does not balance cannot be made.

    Raises:
        UnbalancedEntryError: if there are fewer than two postings, one is zero, or a currency does not sum to zero.
    """

    id: JournalEntryId
    dated: date
    source_ref: str
    """What is recorded and which version of it; unique per entity."""
    description: str
    postings: tuple[Posting, ...]
    reverses_id: JournalEntryId | None = None

    def __post_init__(self) -> None:
        if len(self.postings) < _POSTINGS_MIN or any(line.amount_minor == 0 for line in self.postings):
            raise UnbalancedEntryError("A journal entry needs two or more postings, none of them zero.")
        sums: Counter[str] = Counter()
        for line in self.postings:
            sums[line.currency] += line.amount_minor
        if any(sums.values()):
            raise UnbalancedEntryError(f"The postings of {self.source_ref!r} do not sum to zero.")


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerAccount:
    """One account of an entity's chart."""

    id: LedgerAccountId
    code: int
    name: str
    type: LedgerAccountType
    subtype: str
    parent_id: LedgerAccountId | None
    system_role: SystemRole | None
    currency: str | None
    """Set when the account stands for one bank account: only this currency is posted to it."""
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountTotal:
    """Debits and credits of one ledger account in one currency over a period; both >= 0, minor units."""

    ledger_account_id: LedgerAccountId
    currency: str
    debits_minor: int
    credits_minor: int

    @property
    def net_minor(self) -> int:
        """Return debits less credits."""
        return self.debits_minor - self.credits_minor
