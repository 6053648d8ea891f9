"""Cash basis: what is booked against receivables and payables counts when these are settled, oldest first."""

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from openledger_server.ledger.types import LedgerAccountId

OPEN_ITEM_SUBTYPES = ("Accounts Receivable", "Accounts Payable")
Amounts = Mapping[LedgerAccountId, int]
"""Minor units per ledger account, debit positive."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenItemEntry:
    """A journal entry that touches receivables or payables."""

    dated: date
    open_items: Amounts
    """Its postings to receivables and payables."""
    profit: Amounts
    """Its postings to revenue and expenses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """What is added to the books as booked on one day to get them on cash basis. Sums to zero."""

    dated: date
    amounts: Amounts


@dataclass(slots=True)
class _Item:
    """What is still open of an entry on one account, with the revenue and expenses that wait for it."""

    open_minor: int
    waiting: dict[LedgerAccountId, int]

    def settled(self, minor: int) -> Amounts:
        """Take `minor` (> 0) off and return the share of what waited; the last part gets what rounding left."""
        size = abs(self.open_minor)
        share = {
            account: amount if minor == size else _portion(amount, minor, size)
            for account, amount in self.waiting.items()
        }
        self.open_minor -= minor if self.open_minor > 0 else -minor
        self.waiting = {account: amount - share[account] for account, amount in self.waiting.items()}
        return share


def shifts_to_cash(entries: Iterable[OpenItemEntry]) -> Iterator[Shift]:
    """Yield the shifts that bring the books as booked to cash basis; entries come by date.

    An entry that books revenue or expenses against a receivable or payable has them taken out on its day, together
    with as much of the receivable or payable. What settles the account later (a payment, a credit note) settles its
    oldest open items first, and the same share of their revenue and expenses comes back in on that day. What is paid
    too much waits for the next item. Entries that were taken back, and those that take them back, are not to be given.
    """
    queues: dict[LedgerAccountId, deque[_Item]] = {}
    for entry in entries:
        moved: Counter[LedgerAccountId] = Counter()
        for account, item in _items(entry):
            _move(moved, account, item.waiting, sign=-1)
            for share in _matched(queues.setdefault(account, deque()), item):
                _move(moved, account, share, sign=1)
        amounts = {account: amount for account, amount in moved.items() if amount}
        if amounts:
            yield Shift(dated=entry.dated, amounts=amounts)


def _items(entry: OpenItemEntry) -> Iterator[tuple[LedgerAccountId, _Item]]:
    """Yield what an entry opens or settles per account: first with revenue and expenses that wait, then without."""
    waiting = {account: amount for account, amount in entry.profit.items() if amount}
    profit = sum(waiting.values())
    for account, amount in entry.open_items.items():
        # Only what stands against revenue or expenses is deferred: a receivable (debit) against revenue (credit).
        deferred = min(abs(amount), abs(profit)) if amount * profit < 0 else 0
        if deferred:
            pool = _Item(profit, waiting)
            share = pool.settled(deferred)
            waiting, profit = pool.waiting, pool.open_minor
            yield account, _Item(deferred if amount > 0 else -deferred, dict(share))
        rest = abs(amount) - deferred
        if rest:
            yield account, _Item(rest if amount > 0 else -rest, {})


def _matched(queue: deque[_Item], item: _Item) -> Iterator[Amounts]:
    """Settle a new item against open ones of the other sign, oldest first; yield what waited for either."""
    while item.open_minor and queue and queue[0].open_minor * item.open_minor < 0:
        oldest = queue[0]
        minor = min(abs(oldest.open_minor), abs(item.open_minor))
        yield oldest.settled(minor)
        yield item.settled(minor)
        if not oldest.open_minor:
            queue.popleft()
    if item.open_minor:
        queue.append(item)


def _move(moved: Counter[LedgerAccountId], account: LedgerAccountId, amounts: Amounts, *, sign: int) -> None:
    for profit_account, amount in amounts.items():
        moved[profit_account] += sign * amount
        moved[account] -= sign * amount


def _portion(amount: int, part: int, whole: int) -> int:
    """Return part/whole of an amount, rounded half away from zero."""
    size = (2 * abs(amount) * part + whole) // (2 * whole)
    return size if amount > 0 else -size
