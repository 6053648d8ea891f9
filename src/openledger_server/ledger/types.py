"""Ledger accounts, journal entries, postings. Debit is positive, credit negative, in the smallest unit."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
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
    CURRENCY_EXCHANGE = "currency_exchange"
    """Equity; holds what was given in one currency against what came in another. Opened when it is first needed."""
    EXCHANGE_GAIN_LOSS = "exchange_gain_loss"
    """Expense; what exchanges lost (debit) or gained (credit). Opened when it is first needed."""


class EntryKind(StrEnum):
    """What a journal entry records."""

    BANK_TRANSACTION = "bank_transaction"
    OPENING_BALANCE = "opening_balance"
    EXCHANGE_DIFFERENCE = "exchange_difference"
    """What a transfer between two currencies gained or lost."""
    MANUAL = "manual"
    RECURRING = "recurring"
    REVERSAL = "reversal"
    """Takes another entry back; see `JournalEntry.reverses_id`."""
    OTHER = "other"


class ActorKind(StrEnum):
    """Who may make entries."""

    PERSON = "person"
    DEVELOPER = "developer"
    MACHINE = "machine"


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who does something to the books. Whose credential it was is proved; the name is what the host product says."""

    kind: ActorKind
    id: str
    """The developer's or the entity's id whose token was used, or the name of the machine's deed; 1 to 100 long."""
    name: str = ""
    """The person, as the host product names them; at most 200 characters, empty when it does not say."""


MACHINE = Actor(kind=ActorKind.MACHINE, id="openledger")
"""The server itself, following the bank."""


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
    base_minor: int | None = None
    """What it is worth in the entity's base currency; None lets the ledger value it when it is appended."""
    rate: Decimal | None = None
    """Base currency per unit of `currency`, in major units; None for the base currency."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalEntry:
    """A balanced set of postings on one date. One that does not balance cannot be made.

    Raises:
        UnbalancedEntryError: if there are fewer than two postings, one is zero, or a currency does not sum to zero, nor
            do the values in the base currency as far as they are given for all postings.
    """

    id: JournalEntryId
    dated: date
    source_ref: str
    """What is recorded and which version of it; unique per entity."""
    description: str
    postings: tuple[Posting, ...]
    reverses_id: JournalEntryId | None = None
    kind: EntryKind = EntryKind.OTHER
    reason: str = ""
    """Why it was made, in a sentence for people; at most 1,000 characters."""
    note: str = ""
    """What somebody wrote beside it when it was made; at most 4,000 characters."""

    def __post_init__(self) -> None:
        if len(self.postings) < _POSTINGS_MIN or any(line.amount_minor == 0 for line in self.postings):
            raise UnbalancedEntryError("A journal entry needs two or more postings, none of them zero.")
        sums: Counter[str] = Counter()
        for line in self.postings:
            sums[line.currency] += line.amount_minor
        if any(sums.values()):
            raise UnbalancedEntryError(f"The postings of {self.source_ref!r} do not sum to zero.")
        values = [line.base_minor for line in self.postings if line.base_minor is not None]
        if len(values) == len(self.postings) and sum(values) != 0:
            raise UnbalancedEntryError(f"The postings of {self.source_ref!r} do not sum to zero in the base currency.")


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedEntry:
    """A journal entry as it stands in the books: what it says, who made it when, and what became of it."""

    entry: JournalEntry
    actor: Actor
    recorded_at: datetime
    batch: int
    """Number of the append it came with; part of the digest chain."""
    reversed_by_id: JournalEntryId | None
    """The entry that takes it back; None while it is live."""


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
    description: str = ""
    standard_codes: tuple[int, ...] = ()
    """The numbers of the standard chart that it stands for, whatever its own number and name are."""
    archived_at: datetime | None = None
    """Chosen for nothing since then; what was posted stays."""
    merged_into_id: LedgerAccountId | None = None
    """The account that took over what was posted to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountTotal:
    """Debits and credits of one ledger account in one currency over a period; all >= 0, minor units.

    The two base amounts are what these postings were worth in the entity's base currency when they were posted; for
    the base currency itself they are the same numbers.
    """

    ledger_account_id: LedgerAccountId
    currency: str
    debits_minor: int
    credits_minor: int
    base_debits_minor: int
    base_credits_minor: int

    @property
    def net_minor(self) -> int:
        """Return debits less credits."""
        return self.debits_minor - self.credits_minor

    @property
    def base_net_minor(self) -> int:
        """Return debits less credits in the base currency, as they were valued when posted."""
        return self.base_debits_minor - self.base_credits_minor
