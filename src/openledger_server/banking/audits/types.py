"""What an audit compares and what it finds."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from openledger_server.banking.types import ItemId


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditedRow:
    """As much of a bank transaction as has to agree. `amount`: major units, positive = money in."""

    provider_transaction_id: str
    provider_account_id: str
    dated: date
    amount: Decimal
    currency: str
    is_pending: bool


class DifferenceKind(StrEnum):
    """How our rows and the bank's can differ."""

    MISSING_HERE = "missing_here"
    """The bank has the row, we do not."""
    MISSING_THERE = "missing_there"
    """We have the row, the bank does not."""
    DIFFERS = "differs"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One row on which we and the bank do not agree."""

    kind: DifferenceKind
    here: AuditedRow | None
    there: AuditedRow | None

    @property
    def row(self) -> AuditedRow:
        """Return the bank's row, or ours if the bank has none."""
        row = self.there or self.here
        assert row is not None, "a difference is about a row"
        return row


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditedBalance:
    """One bank account's balances in minor units, the bank's view: what is owed is positive on cards and loans."""

    bank_account_id: int
    currency: str
    reported_minor: int | None
    ledger_minor: int

    @property
    def is_equal(self) -> bool:
        """Whether both agree; a balance that the bank does not report disagrees with nothing."""
        return self.reported_minor in {None, self.ledger_minor}


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """The report of one comparison. Both days belong to it."""

    item_id: ItemId
    started_at: datetime
    finished_at: datetime
    first_day: date
    last_day: date
    rows_here: int
    rows_there: int
    differences: tuple[Difference, ...]
    """All of them; a stored audit that is read back has the first ones only."""
    balances: tuple[AuditedBalance, ...]
    reads_again: bool
    """The whole history is read again because of it."""

    def count(self, kind: DifferenceKind) -> int:
        """Return how many rows differ in this way."""
        return sum(1 for one in self.differences if one.kind is kind)

    @property
    def balances_differing(self) -> int:
        """Return on how many bank accounts the balances disagree."""
        return sum(1 for one in self.balances if not one.is_equal)

    @property
    def is_clean(self) -> bool:
        """Whether we and the bank agree on everything."""
        return not self.differences and self.balances_differing == 0
