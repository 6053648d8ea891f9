"""What everything is worth in the base currency at the end of a day, unrealised exchange differences included.

Every posting was valued at the rate of its day. What is held or owed in another currency is worth its amount at the
rate of the report's day; the difference to what its postings were worth is the unrealised exchange difference. It is
computed here and never posted, so nothing has to be taken back the day after.

Source: IAS 21.23 and 21.28 (monetary items at the closing rate, differences in profit or loss).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from openledger_server.base.db import ReadConnection
from openledger_server.ledger import store as ledger
from openledger_server.ledger.rates import store as rates
from openledger_server.ledger.types import AccountTotal, LedgerAccount, LedgerAccountType
from openledger_server.ledger.valuation import in_base
from openledger_server.reports.revaluation import is_monetary
from openledger_server.reports.tree import PROFIT_TYPES


@dataclass(frozen=True, slots=True, kw_only=True)
class CurrencyHolding:
    """What one ledger account holds (debit > 0) or owes in another currency, minor units."""

    account: LedgerAccount
    currency: str
    amount_minor: int
    carried_minor: int
    """What its postings were worth in the base currency when they were posted."""
    rate: Decimal | None
    """Base currency per unit at the end of the day; None if none is known."""
    worth_minor: int | None
    """What it is worth in the base currency at that rate."""

    @property
    def unrealised_minor(self) -> int:
        """Return the exchange difference so far, gain > 0; 0 as long as no rate is known."""
        return 0 if self.worth_minor is None else self.worth_minor - self.carried_minor


@dataclass(frozen=True, slots=True, kw_only=True)
class CurrencyPosition:
    """The balance sheet's totals in the base currency, each in its own sense: held, owed, owned, earned > 0."""

    as_of: date
    base_currency: str
    holdings: tuple[CurrencyHolding, ...]
    assets_minor: int
    liabilities_minor: int
    equity_minor: int
    """Without earnings."""
    earnings_minor: int
    """Revenue less expenses of all years, realised exchange differences among them."""
    unrealised_minor: int
    """Exchange differences on what is held or owed, gain > 0; part of assets and liabilities above."""


async def currency_position(conn: ReadConnection, *, entity_id: int, as_of: date) -> CurrencyPosition:
    """Return what everything is worth in the base currency at the end of `as_of`."""
    chart = await ledger.ledger_accounts(conn, entity_id=entity_id)
    totals = await ledger.account_totals(conn, entity_id=entity_id, since=None, until=as_of + timedelta(days=1))
    base_currency = await ledger.base_currency(conn, entity_id=entity_id)
    wanted = {(total.currency, as_of) for total in totals if total.currency != base_currency}
    known = await rates.rates_on(conn, wanted, entity_id=entity_id)
    found = {currency: rate for (currency, _), rate in known.items()}
    return currency_position_of(chart, totals, as_of=as_of, base_currency=base_currency, rates=found)


def currency_position_of(
    chart: Iterable[LedgerAccount],
    totals: Iterable[AccountTotal],
    *,
    as_of: date,
    base_currency: str,
    rates: Mapping[str, Decimal],
) -> CurrencyPosition:
    """Return the position that follows from account totals since the beginning; pure arithmetic.

    It always balances: assets = liabilities + equity + earnings + unrealised differences.
    """
    accounts = {account.id: account for account in chart}
    sums = dict.fromkeys(LedgerAccountType, 0)
    holdings = []
    for total in totals:
        account = accounts[total.ledger_account_id]
        sums[account.type] += total.base_net_minor
        is_foreign = total.currency != base_currency and (total.net_minor or total.base_net_minor)
        if is_monetary(account) and is_foreign:
            rate = rates.get(total.currency)
            holdings.append(
                CurrencyHolding(
                    account=account,
                    currency=total.currency,
                    amount_minor=total.net_minor,
                    carried_minor=total.base_net_minor,
                    rate=rate,
                    worth_minor=None
                    if rate is None
                    else in_base(total.net_minor, total.currency, rate=rate, base_currency=base_currency),
                )
            )
    for holding in holdings:
        sums[holding.account.type] += holding.unrealised_minor
    position = CurrencyPosition(
        as_of=as_of,
        base_currency=base_currency,
        holdings=tuple(sorted(holdings, key=lambda one: (one.account.code, one.currency))),
        assets_minor=sums[LedgerAccountType.ASSET],
        liabilities_minor=-sums[LedgerAccountType.LIABILITY],
        equity_minor=-sums[LedgerAccountType.EQUITY],
        earnings_minor=-sum(sums[type_] for type_ in PROFIT_TYPES),
        unrealised_minor=sum(holding.unrealised_minor for holding in holdings),
    )
    owned = position.equity_minor + position.earnings_minor + position.unrealised_minor
    assert position.assets_minor == position.liabilities_minor + owned, "entries sum to zero in the base currency"
    return position
