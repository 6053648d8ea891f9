"""What is judged, and what a judgement says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from openledger_server.banking.types import BankAccountId, BankTransactionId
from openledger_server.ledger.types import LedgerAccountId

BOOKING_FLOOR = 0.9
"""From this confidence on a machine's choice is booked without anybody's look; some deciders have a higher floor."""
BOOKING_FLOOR_MEMORY = 0.97
"""The same for what people chose before: the lowest from which on 97 % are right (docs/categorisation.md)."""
BOOKING_FLOOR_BOOKS = 0.96
"""The same for what the bank's own words say outright of the books: payroll, payroll tax, owner's draws."""
BOOKING_FLOOR_MODEL = 1.0
"""The same for the model alone, which is never that sure: no floor was found from which on 97 % are right."""
SUGGESTION_FLOOR = 0.5
"""From this confidence on a choice that is not booked is at least shown."""


class DecidedBy(StrEnum):
    """Who or what chose the category."""

    PERSON = "person"
    """Never overwritten by any of the others."""
    RULE = "rule"
    """A rule that this entity's people made."""
    MEMORY = "memory"
    """This entity's people chose it for this merchant before."""
    LEARNER = "learner"
    """What this entity's people chose for others that are like it."""
    TRANSFER = "transfer"
    """Money moved between the entity's own bank accounts."""
    PROVIDER = "provider"
    """The bank data provider's category, mapped to the chart of accounts."""
    MODEL = "model"
    """The shipped model: what the bank's text means, mapped to the chart of accounts."""
    LLM = "llm"
    """A large language model, where the entity has one switched on."""
    FALLBACK = "fallback"
    """Nobody was sure enough; booked as uncategorized."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A bank transaction as far as it matters for judging it."""

    id: BankTransactionId
    is_inflow: bool
    description: str
    merchant_name: str | None
    merchant_entity_id: str | None
    provider_category: str | None
    provider_confidence: str | None
    check_number: str | None
    bank_account_type: str = ""
    """"credit" for a card."""
    bank_account_id: int = 0
    amount: Decimal = Decimal(0)
    """Major units, positive = money in."""
    currency: str = ""
    dated: date = date.min
    payment_channel: str | None = None
    is_kept_in: bool = False
    """A person took it back into the books; no rule leaves it out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """The ledger accounts that deciders may choose from."""

    by_code: Mapping[int, LedgerAccountId]
    """The accounts that still are what the template means by their numbers."""
    transfers_clearing: LedgerAccountId
    uncategorized_income: LedgerAccountId
    uncategorized_expense: LedgerAccountId
    by_category: Mapping[str, LedgerAccountId] = field(default_factory=dict)
    """Where the entity wants a kind of row instead, by detailed code of the personal finance categories."""
    archived: frozenset[LedgerAccountId] = frozenset()
    """Accounts of the entity that nothing new may be booked to."""

    def account_for(self, code: str, account_code: int) -> LedgerAccountId | None:
        """Return where a category belongs: as the entity said, else as the template says, else None."""
        return self.by_category.get(code) or self.by_code.get(account_code)

    def uncategorized(self, *, is_inflow: bool) -> LedgerAccountId:
        """Return where money goes that nobody could place."""
        return self.uncategorized_income if is_inflow else self.uncategorized_expense


@dataclass(frozen=True, slots=True, kw_only=True)
class AmountMemory:
    """What a person chose for a merchant at one amount. `decisions`: how many times in a row."""

    ledger_account_id: LedgerAccountId
    decisions: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """What a person chose for a merchant."""

    ledger_account_id: LedgerAccountId
    decisions: int
    """How many times in a row."""
    others: int = 0
    """How many times another account was chosen."""
    by_amount: Mapping[Decimal, AmountMemory] = field(default_factory=dict)
    """By amount in major units, positive = money in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """One choice of a person for a merchant, to be remembered."""

    merchant_key: str
    amount: Decimal
    ledger_account_id: LedgerAccountId


@dataclass(frozen=True, slots=True)
class SplitPart:
    """What one ledger account gets of a bank transaction. `amount`: major units, the bank row's sign."""

    ledger_account_id: LedgerAccountId
    amount: Decimal
    memo: str = ""


def split_of(accounts: Sequence[int] | None, amounts: Sequence[Decimal] | None) -> tuple[SplitPart, ...]:
    """Return the split that these two columns of a judgement hold; none if they are null."""
    return tuple(
        SplitPart(LedgerAccountId(account), amount)
        for account, amount in zip(accounts or (), amounts or (), strict=True)
    )


class Guess(NamedTuple):
    """One decider's answer; a tuple, since an import makes many. `confidence`: chance that a bookkeeper would agree."""

    ledger_account_id: LedgerAccountId
    decided_by: DecidedBy
    confidence: float
    reason: str
    suggested_ledger_account_id: LedgerAccountId | None = None
    is_final: bool = False
    """Booked whatever the floors are: the entity's own rules."""
    is_excluded: bool = False
    """Left out of the books, as one of the entity's rules says."""
    split: tuple[SplitPart, ...] = ()
    """Divided over several accounts, as one of the entity's rules says; the parts make up the row."""
    floor: float | None = None
    """From which confidence on it is booked, if not from the decider's own floor."""


class Judgement(NamedTuple):
    """The category of one bank transaction, as stored; a tuple, since one is made for every row."""

    bank_transaction_id: BankTransactionId
    ledger_account_id: LedgerAccountId
    """Where it is booked."""
    suggested_ledger_account_id: LedgerAccountId | None
    """A guess that is not sure enough to be booked."""
    counterparty: str | None
    merchant_key: str | None
    decided_by: DecidedBy
    reason: str
    confidence: float
    needs_review: bool
    transfer_partner_id: BankTransactionId | None = None
    rule_id: int | None = None
    """The rule that decided, or that named the counterparty."""
    is_excluded: bool = False
    """The rule that decided leaves it out of the books; without meaning if anybody else decided."""
    split: tuple[SplitPart, ...] = ()
    """The rule that decided divides it so; without meaning if anybody else decided. People's splits are not here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferLeg:
    """A bank transaction that may be one side of a transfer. `amount`: major units, positive = money in."""

    id: BankTransactionId
    bank_account_id: BankAccountId
    amount: Decimal
    currency: str
    dated: date
    has_hint: bool
    """Something says that it moved between own accounts (the provider's category, so far)."""
