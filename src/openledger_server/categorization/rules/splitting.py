"""Dividing a row over several ledger accounts as a rule says: exact, to the smallest unit."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from openledger_server.base.errors import InvalidError
from openledger_server.base.money import Money, NotRepresentableError, UnknownCurrencyError, major_units, minor_units
from openledger_server.categorization.types import SplitPart
from openledger_server.ledger.types import LedgerAccountId

PARTS_MIN, PARTS_MAX = 2, 20
WHOLE_BP = 10_000
"""Basis points in 100 %."""


class RuleSplitError(InvalidError):
    """The parts of a rule's split cannot make up any row."""

    code = "INVALID_RULE_SPLIT"


@dataclass(frozen=True, slots=True, kw_only=True)
class RulePart:
    """What one ledger account gets of each row that a rule finds: a share, a fixed amount, or neither, the rest."""

    ledger_account_id: LedgerAccountId
    share_bp: int | None = None
    """Basis points of the whole row, rounded towards zero to the smallest unit."""
    fixed: Money | None = None
    """Above zero; it goes the way the row goes."""

    @property
    def takes_rest(self) -> bool:
        """Return whether this part gets what the others leave."""
        return self.share_bp is None and self.fixed is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Division:
    """How a rule divides one row: the parts, which make up its amount exactly, or why it cannot."""

    parts: tuple[SplitPart, ...] = ()
    """In the rule's order; parts that come to nothing are left out."""
    objection: str = ""
    """Ends a sentence for people; empty if there are parts."""


def check_parts(parts: Sequence[RulePart]) -> None:
    """Look whether a rule can divide rows like this.

    Raises:
        RuleSplitError: if there are not 2 to 20 parts, not exactly one takes the rest, shares leave nothing for it, or
            fixed amounts are not positive or of several currencies.
        UnknownCurrencyError: if ISO 4217 does not know the currency.
    """
    if not PARTS_MIN <= len(parts) <= PARTS_MAX:
        raise RuleSplitError(f"A rule divides over {PARTS_MIN} to {PARTS_MAX} parts.")
    if any(part.share_bp is not None and part.fixed is not None for part in parts):
        raise RuleSplitError("A part is a share, a fixed amount or the rest: one of these only.")
    if sum(part.takes_rest for part in parts) != 1:
        raise RuleSplitError("Exactly one part takes the rest.")
    shares = [part.share_bp for part in parts if part.share_bp is not None]
    if any(share <= 0 for share in shares) or sum(shares) >= WHOLE_BP:
        raise RuleSplitError("Shares are above 0 % and together below 100 %, so that something is left for the rest.")
    fixed = [part.fixed for part in parts if part.fixed is not None]
    if any(money.amount_minor <= 0 for money in fixed):
        raise RuleSplitError("A fixed amount is above zero.")
    if len({money.currency for money in fixed}) > 1:
        raise RuleSplitError("Fixed amounts of one rule are in one currency.")
    for money in fixed:
        major_units(money.amount_minor, money.currency)


def divide(parts: Sequence[RulePart], *, amount: Decimal, currency: str) -> Division:
    """Return what each part gets of a row of this amount (major units, positive = money in).

    Shares are of the whole amount and rounded towards zero to the smallest unit; the rest is what is left then, so the
    parts add up exactly. It has to be more than nothing.
    """
    try:
        whole = minor_units(abs(amount), currency)
    except (NotRepresentableError, UnknownCurrencyError):
        return Division(objection="its amount cannot be stated in the smallest unit of its currency")
    fixed = [part.fixed for part in parts if part.fixed is not None]
    if any(money.currency != currency for money in fixed):
        return Division(objection=f"its fixed parts are in {fixed[0].currency} and this is in {currency}")
    given = [_units(part, whole) for part in parts]
    rest = whole - sum(given)
    if rest <= 0:
        said = major_units(sum(given), currency), major_units(whole, currency)
        return Division(objection=f"its other parts come to {said[0]} of {said[1]} {currency} and leave no rest")
    sign = 1 if amount > 0 else -1
    units = [rest if part.takes_rest else own for part, own in zip(parts, given, strict=True)]
    return Division(
        parts=tuple(
            SplitPart(part.ledger_account_id, major_units(sign * own, currency))
            for part, own in zip(parts, units, strict=True)
            if own
        )
    )


def _units(part: RulePart, whole: int) -> int:
    """Return what a part gets of a whole (both in smallest units, unsigned); the rest's is counted apart."""
    if part.fixed is not None:
        return part.fixed.amount_minor
    # Whole units and no sign, so that rounding down is rounding towards zero.
    return whole * (part.share_bp or 0) // WHOLE_BP
