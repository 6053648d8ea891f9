"""What is searched for and what is found."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from openledger_server.banking.types import BankTransactionId
from openledger_server.ledger.types import LedgerAccountId


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """A question to one entity's bank transactions."""

    text: str
    provider_categories: tuple[str, ...]
    """Codes that mean what the text says: rows with these are found even if their text says something else."""
    limit: int
    since: date | None = None
    until: date | None = None
    """The first day that no longer counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundTransaction:
    """A bank transaction that was found."""

    id: BankTransactionId
    similarity: float
    """0 to 1: 1 if the text has the words themselves; less for other spellings and for what only means the same."""
    description: str
    merchant_name: str | None
    amount: Decimal
    """Major units, positive = money in."""
    currency: str
    dated: date
    is_pending: bool
    bank_account_id: int
    ledger_account_id: LedgerAccountId | None
    category: str | None
    counterparty: str | None
