"""The income statement (profit and loss) of one period."""

from collections.abc import Iterable

from openledger_server.base.db import ReadConnection
from openledger_server.ledger import store as ledger
from openledger_server.ledger.types import AccountTotal, LedgerAccount, LedgerAccountType
from openledger_server.reports import tree
from openledger_server.reports.types import IncomeStatement, Period

_COST_OF_SALES = frozenset({"Cost of Goods Sold"})
_OTHER_INCOME = frozenset({"Other Income"})


async def income_statement(conn: ReadConnection, *, entity_id: int, period: Period, currency: str) -> IncomeStatement:
    """Return what was earned and spent in the period, in one currency, booked rows only."""
    accounts = await ledger.ledger_accounts(conn, entity_id=entity_id)
    totals = await ledger.account_totals(conn, entity_id=entity_id, since=period.since, until=period.until)
    return income_statement_of(accounts, totals, period=period, currency=currency)


def income_statement_of(
    accounts: Iterable[LedgerAccount], totals: Iterable[AccountTotal], *, period: Period, currency: str
) -> IncomeStatement:
    """Return the income statement that follows from a period's account totals; pure arithmetic."""
    chart = list(accounts)
    net = tree.net_by_account(totals, currency=currency)
    revenue = tree.section(chart, net, type_=LedgerAccountType.REVENUE)
    expenses = tree.section(chart, net, type_=LedgerAccountType.EXPENSE)
    return IncomeStatement(
        period=period,
        currency=currency,
        revenue=revenue,
        expenses=expenses,
        total_revenue_minor=tree.total(revenue),
        total_expenses_minor=tree.total(expenses),
        cost_of_sales_minor=tree.group_total(expenses, _COST_OF_SALES),
        other_income_minor=tree.group_total(revenue, _OTHER_INCOME),
    )
