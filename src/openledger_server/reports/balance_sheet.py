"""The balance sheet at the end of one day, or of several days side by side."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, timedelta

from openledger_server.base.db import ReadConnection
from openledger_server.ledger import store as ledger
from openledger_server.ledger.types import LedgerAccount, LedgerAccountId, LedgerAccountType
from openledger_server.reports import books, store, tree
from openledger_server.reports.periods import fiscal_year_start
from openledger_server.reports.revaluation import NOTHING, Revaluation, read_revaluations
from openledger_server.reports.types import BalanceSheet, PostingQuery, ReportLine, Valuation, View

_NON_CURRENT_ASSETS = frozenset({"Fixed Asset", "Accumulated Depreciation", "Other Asset"})
_NON_CURRENT_LIABILITIES = frozenset({"Long Term Liability"})
CURRENT_EARNINGS_ID = "EQUITY-CURRENT_EARNINGS"
RETAINED_EARNINGS_ID = "EQUITY-RETAINED_EARNINGS"
UNREALISED_ID = "EQUITY-UNREALISED_EXCHANGE_DIFFERENCE"
_CURRENT = "Current Earnings"
UNREALISED = "Unrealised Exchange Difference"
RETAINED_EARNINGS = "Retained Earnings of Earlier Years"


async def balance_sheets(
    conn: ReadConnection, *, entity_id: int, days: Sequence[date], view: View
) -> tuple[BalanceSheet, ...]:
    """Return what was held, owed and owned at the end of each day; all with the same lines in the same order."""
    chart = await ledger.ledger_accounts(conn, entity_id=entity_id)
    windows: list[store.Window] = [(None, day + timedelta(days=1)) for day in days]
    windows += [(None, fiscal_year_start(day, month=view.fiscal_year_month)) for day in days]
    totals = await store.totals_of(conn, entity_id=entity_id, windows=windows)
    nets = await books.nets_from(conn, totals, entity_id=entity_id, windows=windows, view=view)
    moved = await read_revaluations(conn, chart, totals[: len(days)], entity_id=entity_id, days=days, view=view)
    return balance_sheets_of(
        chart, nets[: len(days)], before=nets[len(days) :], days=days, view=view, revaluations=moved
    )


def balance_sheets_of(
    chart: Sequence[LedgerAccount],
    nets: Sequence[tree.Nets],
    *,
    before: Sequence[tree.Nets],
    days: Sequence[date],
    view: View,
    revaluations: Sequence[Revaluation] | None = None,
) -> tuple[BalanceSheet, ...]:
    """Return the balance sheets that follow from debits less credits since the beginning; pure arithmetic.

    `before` is the same at the start of the fiscal year that each day is in. Revenue less expenses is shown under
    equity, earlier fiscal years apart from the current one, so that a sheet balances at any date without closing
    entries; so is what `revaluations` adds to what is held or owed.
    """
    moved = revaluations or (NOTHING,) * len(days)
    nets = [_revalued(net, each) for net, each in zip(nets, moved, strict=True)]
    shown = tree.shown_accounts(nets, view=view)
    earnings = [
        (*_earnings(chart, net, start, as_of=day, view=view), _unrealised_line(each))
        for day, net, start, each in zip(days, nets, before, moved, strict=True)
    ]
    with_amount = {line.id for lines in earnings for line in lines if line.amount_minor or view.with_zero_rows}
    return tuple(
        _sheet(
            chart,
            net,
            [line for line in lines if line.id in with_amount],
            as_of=day,
            view=view,
            shown=shown,
            revaluation=each,
        )
        for day, net, lines, each in zip(days, nets, earnings, moved, strict=True)
    )


async def balance_sheet(conn: ReadConnection, *, entity_id: int, as_of: date, currency: str) -> BalanceSheet:
    """Return what was held, owed and owned at the end of `as_of`, in one currency, booked rows only."""
    [sheet] = await balance_sheets(conn, entity_id=entity_id, days=[as_of], view=View(currency=currency))
    return sheet


def _sheet(
    chart: Sequence[LedgerAccount],
    net: tree.Nets,
    earnings: Sequence[ReportLine],
    *,
    as_of: date,
    view: View,
    shown: Collection[LedgerAccountId] | None,
    revaluation: Revaluation,
) -> BalanceSheet:
    until, revalued = as_of + timedelta(days=1), revaluation.differences.keys()
    assets, liabilities, equity = (
        tree.section(chart, net, type_=type_, since=None, until=until, view=view, shown=shown, revalued=revalued)
        for type_ in (LedgerAccountType.ASSET, LedgerAccountType.LIABILITY, LedgerAccountType.EQUITY)
    )
    equity = (*equity, *earnings)
    sheet = BalanceSheet(
        as_of=as_of,
        currency=view.currency,
        basis=view.basis,
        assets=assets,
        liabilities=liabilities,
        equity=equity,
        total_assets_minor=tree.total(assets),
        total_liabilities_minor=tree.total(liabilities),
        total_equity_minor=tree.total(equity),
        current_assets_minor=tree.total(assets) - tree.group_total(assets, _NON_CURRENT_ASSETS),
        current_liabilities_minor=tree.total(liabilities) - tree.group_total(liabilities, _NON_CURRENT_LIABILITIES),
        valuation=Valuation.CLOSING if view.is_at_closing_rates else Valuation.COST,
        unrealised_minor=sum(revaluation.differences.values()),
        currencies_at_cost=revaluation.currencies_at_cost,
    )
    assert sheet.total_assets_minor == sheet.total_liabilities_minor + sheet.total_equity_minor, "entries sum to zero"
    return sheet


def _earnings(
    chart: Iterable[LedgerAccount], net: tree.Nets, before: tree.Nets, *, as_of: date, view: View
) -> tuple[ReportLine, ...]:
    profit_accounts = [account.id for account in chart if account.type in tree.PROFIT_TYPES]
    earlier = -sum(before.get(account, 0) for account in profit_accounts)
    current = -sum(net.get(account, 0) for account in profit_accounts) - earlier
    start = fiscal_year_start(as_of, month=view.fiscal_year_month)
    until = as_of + timedelta(days=1)
    retained = tree.figure(view, types=tree.PROFIT_TYPES, since=None, until=start, sign=-1)
    earned = tree.figure(view, types=tree.PROFIT_TYPES, since=start, until=until, sign=-1)
    return (
        _earnings_line(RETAINED_EARNINGS_ID, RETAINED_EARNINGS, earlier, retained),
        _earnings_line(CURRENT_EARNINGS_ID, _CURRENT, current, earned),
    )


def _revalued(net: tree.Nets, revaluation: Revaluation) -> tree.Nets:
    if not revaluation.differences:
        return net
    return {
        account: net.get(account, 0) + revaluation.differences.get(account, 0)
        for account in (*net, *(revaluation.differences.keys() - net.keys()))
    }


def _unrealised_line(revaluation: Revaluation) -> ReportLine:
    # What is held and owed grew by as much, debit positive, as its owner gained.
    return _earnings_line(UNREALISED_ID, UNREALISED, sum(revaluation.differences.values()), None)


def _earnings_line(id_: str, name: str, earned_minor: int, postings: PostingQuery | None) -> ReportLine:
    return ReportLine(
        id=id_,
        name=name,
        type=LedgerAccountType.EQUITY,
        subtype=name,
        code=None,
        amount_minor=earned_minor,
        postings=postings,
    )
