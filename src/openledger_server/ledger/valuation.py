"""What postings in other currencies are worth in the base currency: exact decimals, rounded once, at a named place."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, localcontext

from openledger_server.base.errors import ConflictError
from openledger_server.base.money import digits_of
from openledger_server.ledger.types import JournalEntry

RATE_AGE_DAYS_MAX = 31
"""A rate holds for the days after it until the next one, but not longer than this."""
_PRECISION = 60

RateKey = tuple[str, date]
"""(currency, the day it is wanted for)."""


class RateMissingError(ConflictError):
    """No exchange rate is known for a currency on a day or the 31 days before. Load one."""

    code = "EXCHANGE_RATE_MISSING"


def in_base(amount_minor: int, currency: str, *, rate: Decimal, base_currency: str) -> int:
    """Return an amount's worth in minor units of the base currency.

    `rate` is base currency per unit of `currency`, both in major units. Halves are rounded away from zero, so that an
    amount and its opposite stay opposite.

    Raises:
        UnknownCurrencyError: if one of the currencies is not of ISO 4217.
    """
    return _rounded(_exact_worth(amount_minor, currency, rate=rate, base_currency=base_currency))


def _exact_worth(amount_minor: int, currency: str, *, rate: Decimal, base_currency: str) -> Decimal:
    with localcontext() as context:
        context.prec = _PRECISION
        return (Decimal(amount_minor) * rate).scaleb(digits_of(base_currency) - digits_of(currency))


def _rounded(worth: Decimal) -> int:
    return int(worth.to_integral_value(rounding=ROUND_HALF_UP))


def has_unvalued(entries: Sequence[JournalEntry], *, base_currency: str) -> bool:
    """Return whether a posting in another currency does not say yet what it is worth."""
    return any(
        line.base_minor is None and line.currency != base_currency for entry in entries for line in entry.postings
    )


def wanted_rates(entries: Sequence[JournalEntry], *, base_currency: str) -> set[RateKey]:
    """Return the rates that valuing these entries needs."""
    return {
        (line.currency, entry.dated)
        for entry in entries
        for line in entry.postings
        if line.base_minor is None and line.rate is None and line.currency != base_currency
    }


def valued(entry: JournalEntry, *, base_currency: str, rates: Mapping[RateKey, Decimal]) -> JournalEntry:
    """Return the entry with each posting's worth in the base currency; those that say theirs already keep it.

    Postings of one currency sum to zero, so their worths have to as well: what rounding leaves over is taken, unit by
    unit, from those that rounding moved furthest.

    Raises:
        RateMissingError: if a rate is needed that `rates` does not have.
        UnbalancedEntryError: if the given worths do not sum to zero.
    """
    lines = list(entry.postings)
    foreign: dict[str, dict[int, Decimal]] = defaultdict(dict)
    for index, line in enumerate(lines):
        if line.base_minor is not None:
            continue
        if line.currency == base_currency:
            lines[index] = replace(line, base_minor=line.amount_minor)
            continue
        rate = line.rate or rates.get((line.currency, entry.dated))
        if rate is None:
            raise RateMissingError(
                f"No exchange rate of {line.currency} to {base_currency} is known for {entry.dated.isoformat()}."
            )
        lines[index] = replace(line, rate=rate)
        worth = _exact_worth(line.amount_minor, line.currency, rate=rate, base_currency=base_currency)
        foreign[line.currency][index] = worth
    for exact in foreign.values():
        for index, base_minor in _in_whole_units(exact).items():
            lines[index] = replace(lines[index], base_minor=base_minor)
    return replace(entry, postings=tuple(lines))


def _in_whole_units(exact: Mapping[int, Decimal]) -> dict[int, int]:
    """Round worths so that they sum to zero if the exact ones do; none changes its sign (largest remainders)."""
    rounded = {index: _rounded(worth) for index, worth in exact.items()}
    left_over = sum(rounded.values())
    with localcontext() as context:
        context.prec = _PRECISION
        is_even = sum(exact.values()) == 0
    if left_over and is_even:
        step = 1 if left_over > 0 else -1
        moved_most = sorted(exact, key=lambda index: step * (exact[index] - rounded[index]))
        for index in moved_most[: abs(left_over)]:
            rounded[index] -= step
    return rounded
