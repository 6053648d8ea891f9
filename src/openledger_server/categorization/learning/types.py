"""A choice that a person made, as far as one can learn from it."""

from dataclasses import dataclass
from decimal import Decimal

from openledger_server.ledger.types import LedgerAccountId


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One row and the account a person chose. `amount`: major units, positive = money in."""

    description: str
    amount: Decimal
    bank_account_type: str
    bank_account_id: int
    ledger_account_id: LedgerAccountId
    ledger_account_name: str
