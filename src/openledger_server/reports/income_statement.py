"""The income statement (profit and loss) of one period, or of several side by side."""

from collections.abc import Collection, Sequence

from openledger_server.base.db import ReadConnection
from openledger_server.ledger import store as ledger
from openledger_server.ledger.types import LedgerAccount, LedgerAccountId
from openledger_server.reports import books, store, tree
from openledger_server.reports.types import IncomeStatement, Period, View

_COST_OF_SALES = frozenset({"Cost of Goods Sold"})
_OTHER_INCOME = frozenset({"Other Income"})


async def income_statements(
    conn: ReadConnection, *, entity_id: int, periods: Sequence[Period], view: View
) -> tuple[IncomeStatement, ...]:
    """Return what was earned and spent in each period, booked rows only; all with the same lines in the same order."""
    chart = await ledger.ledger_accounts(conn, entity_id=entity_id)
    windows: list[store.Window] = [(period.since, period.until) for period in periods]
    nets = await books.nets_of(conn, entity_id=entity_id, windows=windows, view=view)
    return income_statements_of(chart, nets, periods=periods, view=view)


async def income_statement(conn: ReadConnection, *, entity_id: int, period: Period, currency: str) -> IncomeStatement:
    """Return what was earned and spent in the period, in one currency, booked rows only."""
    [statement] = await income_statements(conn, entity_id=entity_id, periods=[period], view=View(currency=currency))
    return statement


def income_statements_of(
    chart: Sequence[LedgerAccount], nets: Sequence[tree.Nets], *, periods: Sequence[Period], view: View
) -> tuple[IncomeStatement, ...]:
    """Return the income statements that follow from each period's debits less credits; pure arithmetic."""
    shown = tree.shown_accounts(nets, view=view)
    return tuple(
        _statement(chart, net, period=period, view=view, shown=shown) for period, net in zip(periods, nets, strict=True)
    )


def _statement(
    chart: Sequence[LedgerAccount],
    net: tree.Nets,
    *,
    period: Period,
    view: View,
    shown: Collection[LedgerAccountId] | None,
) -> IncomeStatement:
    revenue, expenses = (
        tree.section(chart, net, type_=type_, since=period.since, until=period.until, view=view, shown=shown)
        for type_ in tree.PROFIT_TYPES
    )
    return IncomeStatement(
        period=period,
        currency=view.currency,
        basis=view.basis,
        revenue=revenue,
        expenses=expenses,
        total_revenue_minor=tree.total(revenue),
        total_expenses_minor=tree.total(expenses),
        cost_of_sales_minor=tree.group_total(expenses, _COST_OF_SALES),
        other_income_minor=tree.group_total(revenue, _OTHER_INCOME),
    )
