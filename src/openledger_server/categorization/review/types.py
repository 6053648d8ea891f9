"""Groups of rows that wait for a person, choices that repeat, and counts."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from openledger_server.banking.types import BankTransactionId
from openledger_server.ledger.types import LedgerAccountId


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewGroup:
    """Settled rows of one merchant and direction that wait for a person. Amounts: major units, never negative."""

    key: str
    """Names the group in lists and cursors."""
    is_inflow: bool
    currency: str
    transaction_count: int
    total: Decimal
    first_on: date
    last_on: date
    name: str
    """The counterparty's name, or else the newest row's text."""
    suggested_ledger_account_id: LedgerAccountId | None
    """What is suggested for all of them; None where nothing is or they differ."""
    confidence: float
    """The lowest among them."""
    reason: str
    """The newest row's."""
    decided_by: str
    """The newest row's."""
    bank_transaction_ids: list[BankTransactionId]
    """Newest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewTotals:
    """How much waits."""

    transactions: int
    groups: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RepeatedChoice:
    """A merchant for which people chose the same account every time, and machines said otherwise at least once."""

    merchant_key: str
    merchant_name: str | None
    """The provider's clean name, if it has one."""
    description: str
    """The newest row's text."""
    ledger_account_id: LedgerAccountId
    decisions: int
    corrections: int
    """Among them, those against what a machine had said."""
    bank_transaction_id: BankTransactionId
    """The newest row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DecidedCount:
    """Settled rows of one month that say the same about who decided."""

    month: date
    decided_by: str
    """Who decided as it stands."""
    machine_decided_by: str | None
    """Of a person's rows: which machine had decided before; None if none had."""
    machine_was_sure: bool | None
    """Of a person's rows: it had been booked without anybody's look."""
    is_machine_right: bool | None
    """Of a person's rows: the person chose what the machine had booked or suggested."""
    needs_review: bool
    transactions: int
