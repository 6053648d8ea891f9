"""Finding the two sides of a transfer between an entity's own bank accounts."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date, timedelta
from decimal import Decimal

from openledger_server.banking.types import BankTransactionId
from openledger_server.categorization.types import TransferLeg

DAYS_APART_MAX = 5
"""Three banking days, and a weekend between."""

Pair = tuple[BankTransactionId, BankTransactionId]
"""(money out, money in)."""


def pair_transfers(legs: Iterable[TransferLeg], rejected: Collection[Pair] = ()) -> list[Pair]:
    """Return the pairs of legs that are the two sides of one transfer, each leg in at most one pair.

    Two legs may pair when they are in different bank accounts, opposite and equal in amount and currency, at most
    DAYS_APART_MAX days apart, and at least one carries a sign of an internal movement. They do pair only when neither
    has another candidate as near in time: anything ambiguous is left for a person. `rejected` pairs never do.
    """
    groups: dict[tuple[str, Decimal], tuple[list[TransferLeg], list[TransferLeg]]] = defaultdict(lambda: ([], []))
    for leg in legs:
        outs, ins = groups[leg.currency, abs(leg.amount)]
        (outs if leg.amount < 0 else ins).append(leg)
    pairs: list[Pair] = []
    for outs, ins in groups.values():
        if outs and ins:
            pairs.extend(_pair_group(outs, ins, rejected))
    return sorted(pairs)


def _pair_group(outs: list[TransferLeg], ins: list[TransferLeg], rejected: Collection[Pair]) -> list[Pair]:
    outs_by_date, ins_by_date = _Timeline(outs), _Timeline(ins)
    by_out = {leg.id: _nearest(leg, ins_by_date, rejected) for leg in outs}
    by_in = {leg.id: _nearest(leg, outs_by_date, rejected) for leg in ins}
    return [
        (out_id, nearest.id)
        for out_id, nearest in by_out.items()
        if nearest is not None and (back := by_in[nearest.id]) is not None and back.id == out_id
    ]


class _Timeline:
    """Legs in order of date, so that only those near a day are looked at."""

    def __init__(self, legs: list[TransferLeg]) -> None:
        self._legs = sorted(legs, key=lambda leg: leg.dated)
        self._dates = [leg.dated for leg in self._legs]

    def near(self, day: date) -> list[TransferLeg]:
        reach = timedelta(days=DAYS_APART_MAX)
        return self._legs[bisect_left(self._dates, day - reach) : bisect_right(self._dates, day + reach)]


def _nearest(leg: TransferLeg, others: _Timeline, rejected: Collection[Pair]) -> TransferLeg | None:
    """Return the one other leg that is nearest in time, or None when there is none or two are equally near."""
    near = sorted(
        (
            (abs((other.dated - leg.dated).days), other.id, other)
            for other in others.near(leg.dated)
            if _fits(leg, other) and (leg.id, other.id) not in rejected and (other.id, leg.id) not in rejected
        ),
        key=lambda found: found[:2],
    )
    if not near or (len(near) > 1 and near[0][0] == near[1][0]):
        return None
    return near[0][2]


def _fits(leg: TransferLeg, other: TransferLeg) -> bool:
    return leg.bank_account_id != other.bank_account_id and (leg.has_hint or other.has_hint)
