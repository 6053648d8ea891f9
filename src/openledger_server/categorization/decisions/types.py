"""Splits and exclusions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from openledger_server.base.errors import ConflictError, InvalidError
from openledger_server.base.money import minor_units
from openledger_server.categorization.types import SplitPart

PARTS_MIN, PARTS_MAX = 2, 100


class SplitSumError(InvalidError):
    """The parts of a split do not add up to the bank's amount, or there are too few or too many of them."""

    code = "SPLIT_DOES_NOT_SUM"


class SplitBrokenError(ConflictError):
    """The bank changed the amount after the row was split, so nobody can confirm the split."""

    code = "SPLIT_IS_BROKEN"

    def __init__(self) -> None:
        super().__init__("The bank changed the amount after this was split. Split it again or choose one category.")


class ExcludedError(ConflictError):
    """The bank transaction is left out of the books; take it back in first."""

    code = "TRANSACTION_EXCLUDED"

    def __init__(self) -> None:
        super().__init__("This transaction is left out of the books. Take it back in first.")


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Why a bank transaction is not in the books, and since when."""

    reason: str
    excluded_at: datetime
    is_by_rule: bool = False
    """One of the entity's rules says so; else a person does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decisions:
    """What was decided about one bank transaction beyond its category, by a person or one of the entity's rules."""

    split: tuple[SplitPart, ...] = ()
    is_split_by_rule: bool = False
    """One of the entity's rules divides it; else a person does."""
    exclusion: Exclusion | None = None

    @property
    def is_split_by_person(self) -> bool:
        """Return whether a person divided it, which only a person ends."""
        return bool(self.split) and not self.is_split_by_rule

    @property
    def is_excluded_by_person(self) -> bool:
        """Return whether a person leaves it out of the books, which only a person ends."""
        return self.exclusion is not None and not self.exclusion.is_by_rule


def check_split(parts: Sequence[SplitPart], *, amount: Decimal, currency: str) -> None:
    """Look whether the parts make up the whole exactly. Parts may have either sign, none may be zero.

    Raises:
        SplitSumError: if they do not, or there are fewer than 2 or more than 100.
        NotRepresentableError: if a part has digits below the currency's smallest unit.
    """
    if not PARTS_MIN <= len(parts) <= PARTS_MAX:
        raise SplitSumError(f"A split has {PARTS_MIN} to {PARTS_MAX} parts.")
    units = [minor_units(part.amount, currency) for part in parts]
    if 0 in units:
        raise SplitSumError("No part of a split may be zero.")
    if sum(units) != minor_units(amount, currency):
        raise SplitSumError(f"The parts add up to {sum(part.amount for part in parts)}, the bank says {amount}.")
