"""Finding the two sides of a transfer between an entity's own bank accounts."""

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal

from openledger_server.banking.types import BankTransactionId
from openledger_server.categorization.types import TransferLeg

DAYS_APART_MAX = 5
"""Three banking days, and a weekend between."""

EXCHANGE_MARGIN_MAX = Decimal("0.05")
"""Of the larger worth; cards and banks take up to three or four percent."""

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


def pair_exchanges(
    legs: Iterable[TransferLeg], *, worths: Mapping[BankTransactionId, Decimal], rejected: Collection[Pair] = ()
) -> list[Pair]:
    """Return the pairs of legs that are a transfer between two currencies, each leg in at most one pair.

    Banks take a margin, so the two are never worth exactly the same. Both legs have to carry a sign of an internal
    movement, be in different bank accounts and currencies, at most DAYS_APART_MAX days apart, and be worth the same
    within EXCHANGE_MARGIN_MAX by `worths` (base currency, same sign as the amount; none for legs without a rate). They
    pair only when neither could be a transfer with another leg: anything ambiguous is left for a person.
    `rejected` pairs never do.
    """
    valued = [leg for leg in legs if leg.has_hint and leg.id in worths]
    outs, ins = [leg for leg in valued if leg.amount < 0], [leg for leg in valued if leg.amount > 0]
    fits = [
        (out, other)
        for out in outs
        for other in ins
        if (out.id, other.id) not in rejected and _exchanges(out, other, worths)
    ]
    times = Counter(leg.id for pair in fits for leg in pair)
    return sorted((out.id, other.id) for out, other in fits if times[out.id] == times[other.id] == 1)


def _exchanges(out: TransferLeg, other: TransferLeg, worths: Mapping[BankTransactionId, Decimal]) -> bool:
    given, got = -worths[out.id], worths[other.id]
    return (
        out.currency != other.currency
        and out.bank_account_id != other.bank_account_id
        and abs((out.dated - other.dated).days) <= DAYS_APART_MAX
        and abs(given - got) <= EXCHANGE_MARGIN_MAX * max(given, got)
    )


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
