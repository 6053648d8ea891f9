"""Spending of a period by category and by counterparty, with the period before beside it."""

from collections.abc import Sequence

from openledger_server.base.db import ReadConnection
from openledger_server.ledger import store as ledger
from openledger_server.ledger.types import LedgerAccountType
from openledger_server.reports import store as totals
from openledger_server.reports import tree
from openledger_server.reports.listings import store
from openledger_server.reports.listings.types import Spending, SpendingLine
from openledger_server.reports.periods import Comparison, compared_periods
from openledger_server.reports.types import Period, View

OTHERS = "All others"
NOBODY = "Without a counterparty"


async def spending_by_category(conn: ReadConnection, *, entity_id: int, period: Period, view: View) -> Spending:
    """Return the expenses of a period per ledger account, largest first."""
    [before] = compared_periods(period, Comparison.PREVIOUS_PERIOD)
    chart = await ledger.ledger_accounts(conn, entity_id=entity_id)
    windows: list[totals.Window] = [(each.since, each.until) for each in (period, before)]
    found = await totals.totals_of(conn, entity_id=entity_id, windows=windows)
    now, earlier = (tree.net_by_account(column, view=view) for column in found)
    counts = await store.posting_counts(conn, entity_id=entity_id, period=period, view=view)
    lines = [
        SpendingLine(
            id=str(account.id),
            name=account.name,
            amount_minor=now.get(account.id, 0),
            before_minor=earlier.get(account.id, 0),
            postings_count=counts.get(account.id, 0),
            postings=tree.figure(view, account_ids=(account.id,), since=period.since, until=period.until, sign=1),
        )
        for account in chart
        if account.type is LedgerAccountType.EXPENSE and (now.get(account.id) or earlier.get(account.id))
    ]
    return _spending(lines, period=period, before=before, view=view)


async def spending_by_counterparty(
    conn: ReadConnection, *, entity_id: int, period: Period, view: View, lines_max: int = 50
) -> Spending:
    """Return the expenses of a period per counterparty, largest first; beyond `lines_max` in one line.

    What names nobody, manual entries among it, is a line of its own, so that the total is the income statement's.
    """
    [before] = compared_periods(period, Comparison.PREVIOUS_PERIOD)
    now, earlier = [
        {
            row.counterparty: row
            for row in await store.spent_by_counterparty(conn, entity_id=entity_id, period=each, view=view)
        }
        for each in (period, before)
    ]
    lines = [
        SpendingLine(
            id=None,
            name=NOBODY if name is None else name,
            amount_minor=now[name].amount_minor if name in now else 0,
            before_minor=earlier[name].amount_minor if name in earlier else 0,
            postings_count=now[name].postings_count if name in now else 0,
            postings=None,
        )
        for name in now.keys() | earlier.keys()
    ]
    spending = _spending(lines, period=period, before=before, view=view)
    return _cut(spending, lines_max)


def _spending(lines: Sequence[SpendingLine], *, period: Period, before: Period, view: View) -> Spending:
    shown = [line for line in lines if line.amount_minor or line.before_minor]
    shown.sort(key=lambda line: (-line.amount_minor, -line.before_minor, line.name))
    return Spending(
        period=period,
        before=before,
        currency=view.currency,
        lines=tuple(shown),
        total_minor=sum(line.amount_minor for line in shown),
        total_before_minor=sum(line.before_minor for line in shown),
    )


def _cut(spending: Spending, lines_max: int) -> Spending:
    kept, rest = spending.lines[:lines_max], spending.lines[lines_max:]
    if not rest:
        return spending
    others = SpendingLine(
        id=None,
        name=OTHERS,
        amount_minor=sum(line.amount_minor for line in rest),
        before_minor=sum(line.before_minor for line in rest),
        postings_count=sum(line.postings_count for line in rest),
        postings=None,
    )
    return Spending(
        period=spending.period,
        before=spending.before,
        currency=spending.currency,
        lines=(*kept, others),
        total_minor=spending.total_minor,
        total_before_minor=spending.total_before_minor,
    )
