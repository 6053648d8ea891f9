"""Whether the statements of an entity tie: computed the way people see them, compared with each other."""

from collections.abc import Sequence
from datetime import date, timedelta

from openledger_server.base.db import ReadConnection
from openledger_server.ledger import store as ledger
from openledger_server.ledger.types import AccountTotal, LedgerAccountType
from openledger_server.reports.balance_sheet import balance_sheets_of
from openledger_server.reports.income_statement import income_statements_of
from openledger_server.reports.tree import net_by_account
from openledger_server.reports.types import Period, View

BALANCE_SHEET_BALANCES = "the balance sheet balances in each currency and in the base currency"
NET_INCOME_TIES = "net income of the income statement is the earnings of the balance sheet"
_BEGINNING = date(1900, 1, 1)
_HELD = frozenset({LedgerAccountType.ASSET, LedgerAccountType.LIABILITY, LedgerAccountType.EQUITY})


async def broken_ties(conn: ReadConnection, *, entity_id: int, today: date) -> list[tuple[str, str]]:
    """Return (what does not tie, where) of statements over all that was ever posted; empty when all is well."""
    until = date(9998, 12, 31)
    chart = await ledger.ledger_accounts(conn, entity_id=entity_id)
    totals = await ledger.account_totals(conn, entity_id=entity_id, since=None, until=until)
    types = {account.id: account.type for account in chart}
    broken = [(BALANCE_SHEET_BALANCES, where) for where in _unbalanced(totals)]
    for currency in sorted({total.currency for total in totals} - {where for _, where in broken}):
        view = View(currency=currency)
        nets = [net_by_account(totals, view=view)]
        [income] = income_statements_of(
            chart, nets, periods=[Period(since=_BEGINNING, until=today + timedelta(days=1))], view=view
        )
        net_income = income.total_revenue_minor - income.total_expenses_minor
        # Entries sum to zero, so what was earned is what all other accounts hold together. An account with postings
        # that the chart does not have is in neither sum; a balance sheet without it could not even be drawn up.
        if net_income != sum(net for account, net in nets[0].items() if types.get(account) in _HELD):
            broken.append((NET_INCOME_TIES, currency))
            continue
        [sheet] = balance_sheets_of(chart, nets, before=[{}], days=[today], view=view)
        posted_equity = -sum(net for account, net in nets[0].items() if types[account] is LedgerAccountType.EQUITY)
        if net_income != sheet.total_equity_minor - posted_equity:
            broken.append((NET_INCOME_TIES, currency))
    return broken


def _unbalanced(totals: Sequence[AccountTotal]) -> list[str]:
    sums: dict[str, int] = {}
    for total in totals:
        sums[total.currency] = sums.get(total.currency, 0) + total.net_minor
    found = sorted(currency for currency, net in sums.items() if net)
    return [*found, "base currency"] if sum(total.base_net_minor for total in totals) else found
