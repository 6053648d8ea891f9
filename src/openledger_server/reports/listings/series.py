"""Cash over time, and the overview: revenue, expenses and cash by interval."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from enum import StrEnum

from openledger_server.base.db import ReadConnection
from openledger_server.base.errors import InvalidError
from openledger_server.ledger import store as ledger
from openledger_server.ledger.types import LedgerAccount, LedgerAccountId, LedgerAccountType
from openledger_server.reports import periods, tree
from openledger_server.reports import store as totals
from openledger_server.reports.cash_flow import is_cash
from openledger_server.reports.listings import store
from openledger_server.reports.listings.types import CashPoint, CashPosition, Flow, Overview
from openledger_server.reports.types import Period, View

INTERVALS_MAX = 1100
"""Three years of days."""


class TooManyIntervalsError(InvalidError):
    """The period has too many intervals of that length; ask for a shorter period or a longer interval."""

    code = "TOO_MANY_INTERVALS"


class Interval(StrEnum):
    """How long the steps of a series are."""

    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


_INTERVALS: dict[Interval, Callable[[Period], tuple[Period, ...]]] = {
    Interval.DAILY: periods.days_of,
    Interval.WEEKLY: periods.weeks_of,
    Interval.MONTHLY: periods.months_of,
}
_DAYS_MIN = {Interval.DAILY: 1, Interval.WEEKLY: 7, Interval.MONTHLY: 28}


def intervals_of(period: Period, interval: Interval) -> tuple[Period, ...]:
    """Return the steps of a period, cut at its ends.

    Raises:
        TooManyIntervalsError: if there are more than 1,100.
    """
    if (period.until - period.since).days > INTERVALS_MAX * _DAYS_MIN[interval]:
        raise TooManyIntervalsError(f"That would be more than {INTERVALS_MAX} intervals.")
    return _INTERVALS[interval](period)


async def cash_position(
    conn: ReadConnection, *, entity_id: int, period: Period, view: View, interval: Interval
) -> CashPosition:
    """Return what each cash account holds at the end of each interval; accounts that never held anything left out."""
    steps = intervals_of(period, interval)
    chart = [account for account in await ledger.ledger_accounts(conn, entity_id=entity_id) if is_cash(account)]
    opening, columns = await _moved(conn, chart, entity_id=entity_id, period=period, steps=steps, view=view)
    shown = [
        account
        for account in chart
        if view.with_zero_rows or opening.get(account.id) or any(column.get(account.id) for column in columns)
    ]
    held = {account.id: opening.get(account.id, 0) for account in shown}
    points = []
    for step, column in zip(steps, columns, strict=True):
        for account in shown:
            held[account.id] += column.get(account.id, 0)
        points.append(CashPoint(day=step.last_day, total_minor=sum(held.values()), by_account=tuple(held.values())))
    return CashPosition(
        period=period,
        currency=view.currency,
        accounts=tuple((str(account.id), account.name) for account in shown),
        points=tuple(points),
    )


async def overview(
    conn: ReadConnection,
    *,
    entity_id: int,
    period: Period,
    view: View,
    interval: Interval,
    is_reviewed_only: bool = False,
) -> Overview:
    """Return revenue, expenses and cash by month and by interval.

    `is_reviewed_only` leaves out revenue and expenses whose category somebody should look at; cash stays as it is.
    """
    chart = await ledger.ledger_accounts(conn, entity_id=entity_id)
    flows = {}
    for each in {Interval.MONTHLY, interval}:
        steps = intervals_of(period, each)
        opening, columns = await _moved(conn, chart, entity_id=entity_id, period=period, steps=steps, view=view)
        doubtful: Sequence[tree.Nets] = [{} for _ in steps]
        if is_reviewed_only:
            rows = await store.unreviewed_totals(conn, entity_id=entity_id, period=period, view=view)
            doubtful = _by_step([(day, account, debits - credited) for day, account, debits, credited in rows], steps)
        flows[each] = _flows(chart, opening, columns, doubtful, steps=steps)
    return Overview(
        period=period,
        currency=view.currency,
        months=flows[Interval.MONTHLY],
        intervals=flows[interval],
        cash_minor=flows[interval][-1].cash_minor,
    )


async def _moved(
    conn: ReadConnection,
    chart: Sequence[LedgerAccount],
    *,
    entity_id: int,
    period: Period,
    steps: Sequence[Period],
    view: View,
) -> tuple[tree.Nets, Sequence[tree.Nets]]:
    """Return what accounts held before the period, and what moved in each step; by kept totals if steps are months."""
    opening: totals.Window = (None, period.since)
    if all(step.until.day == 1 for step in steps[:-1]):
        windows = [opening, *((step.since, step.until) for step in steps)]
        found = await totals.totals_of(conn, entity_id=entity_id, windows=windows)
        nets = [tree.net_by_account(column, view=view) for column in found]
        return nets[0], nets[1:]
    [before] = await totals.totals_of(conn, entity_id=entity_id, windows=[opening])
    rows = await store.daily_nets(
        conn,
        entity_id=entity_id,
        period=period,
        view=view,
        ledger_account_ids=[account.id for account in chart if is_cash(account) or account.type in tree.PROFIT_TYPES],
    )
    return tree.net_by_account(before, view=view), _by_step(rows, steps)


def _by_step(
    rows: Iterable[tuple[date, LedgerAccountId, int]], steps: Sequence[Period]
) -> Sequence[dict[LedgerAccountId, int]]:
    starts = [step.since for step in steps]
    columns: list[dict[LedgerAccountId, int]] = [defaultdict(int) for _ in steps]
    for dated, account, net_minor in rows:
        columns[bisect_right(starts, dated) - 1][account] += net_minor
    return columns


def _flows(
    chart: Sequence[LedgerAccount],
    opening: tree.Nets,
    columns: Sequence[tree.Nets],
    doubtful: Sequence[tree.Nets],
    *,
    steps: Sequence[Period],
) -> tuple[Flow, ...]:
    by_type = {type_: [a.id for a in chart if a.type is type_] for type_ in tree.PROFIT_TYPES}
    cash_accounts = [account.id for account in chart if is_cash(account)]
    cash = sum(opening.get(account, 0) for account in cash_accounts)
    flows = []
    for step, column, less in zip(steps, columns, doubtful, strict=True):
        cash += sum(column.get(account, 0) for account in cash_accounts)
        revenue, expenses = (
            type_.normal_sign * sum(column.get(account, 0) - less.get(account, 0) for account in by_type[type_])
            for type_ in (LedgerAccountType.REVENUE, LedgerAccountType.EXPENSE)
        )
        flows.append(Flow(period=step, revenue_minor=revenue, expenses_minor=expenses, cash_minor=cash))
    return tuple(flows)
