"""What is held or owed in other currencies at the exchange rates of a day, beside what its postings were worth.

Monetary items, which are settled in a fixed amount of a currency, are worth that amount at the closing rate; what else
an entity has keeps the worth it was bought at. The difference is computed and never posted.

Source: IAS 21.16, 21.23 and 21.28; ASC 830-20-35.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from openledger_server.base.db import ReadConnection
from openledger_server.ledger.rates import store as rates
from openledger_server.ledger.types import AccountTotal, LedgerAccount, LedgerAccountId, LedgerAccountType
from openledger_server.ledger.valuation import in_base
from openledger_server.reports.types import View

Rates = Mapping[str, Decimal]
"""Base currency per unit of each currency, in major units."""
_MONETARY_TYPES = frozenset({LedgerAccountType.ASSET, LedgerAccountType.LIABILITY})
_NON_MONETARY_SUBTYPES = frozenset({"Fixed Asset", "Accumulated Depreciation", "Inventory", "Other Asset"})
# Charts have no subtype of their own for these, so the account's name decides, as in the cash flow statement.
_NON_MONETARY_NAMES = (
    "prepaid",
    "inventory",
    "stock on hand",
    "depreciation",
    "amortization",
    "amortisation",
    "deferred",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Revaluation:
    """How far the worth of foreign money has moved by one day. Minor units of the base currency."""

    differences: Mapping[LedgerAccountId, int]
    """By how much each ledger account's debit-positive worth differs from that of its postings; only where it does."""
    currencies_at_cost: tuple[str, ...]
    """Currencies that something is held or owed in and that have no rate for the day."""


NOTHING = Revaluation(differences={}, currencies_at_cost=())


def is_monetary(account: LedgerAccount) -> bool:
    """Return whether what a ledger account holds is settled in a fixed amount of money."""
    if account.type not in _MONETARY_TYPES or account.subtype in _NON_MONETARY_SUBTYPES:
        return False
    name = account.name.lower()
    return not any(word in name for word in _NON_MONETARY_NAMES)


async def read_revaluations(
    conn: ReadConnection,
    chart: Sequence[LedgerAccount],
    columns: Sequence[Sequence[AccountTotal]],
    *,
    entity_id: int,
    days: Sequence[date],
    view: View,
) -> tuple[Revaluation, ...]:
    """Return how far worths have moved by the end of each day; `columns` are the totals up to each of them.

    Nothing moves in a view that is not at closing rates, and books in one currency cost no query.
    """
    wanted = {
        (total.currency, day)
        for day, totals in zip(days, columns, strict=True)
        for total in totals
        if total.currency != view.currency
    }
    if not wanted or not view.is_at_closing_rates:
        return (NOTHING,) * len(days)
    known = await rates.rates_on(conn, wanted, entity_id=entity_id)
    return tuple(
        revaluation_of(
            chart,
            totals,
            base_currency=view.currency,
            rates={currency: rate for (currency, on), rate in known.items() if on == day},
        )
        for day, totals in zip(days, columns, strict=True)
    )


def revaluation_of(
    chart: Iterable[LedgerAccount], totals: Iterable[AccountTotal], *, base_currency: str, rates: Rates
) -> Revaluation:
    """Return how far the worth of what is held or owed differs from that of its postings; pure arithmetic."""
    monetary = {account.id for account in chart if is_monetary(account)}
    differences: Counter[LedgerAccountId] = Counter()
    without: set[str] = set()
    for total in totals:
        if total.currency == base_currency or total.ledger_account_id not in monetary:
            continue
        rate = rates.get(total.currency)
        if rate is not None:
            worth = in_base(total.net_minor, total.currency, rate=rate, base_currency=base_currency)
            differences[total.ledger_account_id] += worth - total.base_net_minor
        elif total.net_minor or total.base_net_minor:
            without.add(total.currency)
    return Revaluation(
        differences={account: difference for account, difference in differences.items() if difference},
        currencies_at_cost=tuple(sorted(without)),
    )
