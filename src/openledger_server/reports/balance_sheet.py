"""The balance sheet at the end of one day."""

from collections.abc import Iterable
from datetime import date, timedelta

from openledger_server.base.db import ReadConnection
from openledger_server.ledger import store as ledger
from openledger_server.ledger.types import AccountTotal, LedgerAccount, LedgerAccountType
from openledger_server.reports import tree
from openledger_server.reports.types import BalanceSheet, ReportLine

_NON_CURRENT_ASSETS = frozenset({"Fixed Asset", "Other Asset"})
_NON_CURRENT_LIABILITIES = frozenset({"Long Term Liability"})
_EARNINGS = "Current Earnings"


async def balance_sheet(conn: ReadConnection, *, entity_id: int, as_of: date, currency: str) -> BalanceSheet:
    """Return what was held, owed and owned at the end of `as_of`, in one currency, booked rows only."""
    accounts = await ledger.ledger_accounts(conn, entity_id=entity_id)
    totals = await ledger.account_totals(conn, entity_id=entity_id, since=None, until=as_of + timedelta(days=1))
    return balance_sheet_of(accounts, totals, as_of=as_of, currency=currency)


def balance_sheet_of(
    accounts: Iterable[LedgerAccount], totals: Iterable[AccountTotal], *, as_of: date, currency: str
) -> BalanceSheet:
    """Return the balance sheet that follows from account totals since the beginning; pure arithmetic.

    Revenue less expenses so far is shown under equity as current earnings, so that the sheet balances at any date
    without closing entries.
    """
    chart = list(accounts)
    net = tree.net_by_account(totals, currency=currency)
    assets = tree.section(chart, net, type_=LedgerAccountType.ASSET)
    liabilities = tree.section(chart, net, type_=LedgerAccountType.LIABILITY)
    equity = tree.section(chart, net, type_=LedgerAccountType.EQUITY)
    earned = -sum(
        net.get(account.id, 0)
        for account in chart
        if account.type in {LedgerAccountType.REVENUE, LedgerAccountType.EXPENSE}
    )
    if earned:
        equity = (*equity, _earnings_line(earned))
    sheet = BalanceSheet(
        as_of=as_of,
        currency=currency,
        assets=assets,
        liabilities=liabilities,
        equity=equity,
        total_assets_minor=tree.total(assets),
        total_liabilities_minor=tree.total(liabilities),
        total_equity_minor=tree.total(equity),
        current_assets_minor=tree.total(assets) - tree.group_total(assets, _NON_CURRENT_ASSETS),
        current_liabilities_minor=tree.total(liabilities) - tree.group_total(liabilities, _NON_CURRENT_LIABILITIES),
    )
    assert sheet.total_assets_minor == sheet.total_liabilities_minor + sheet.total_equity_minor, "entries sum to zero"
    return sheet


def _earnings_line(earned_minor: int) -> ReportLine:
    return ReportLine(
        id="EQUITY-CURRENT_EARNINGS",
        name=_EARNINGS,
        type=LedgerAccountType.EQUITY,
        subtype=_EARNINGS,
        code=None,
        amount_minor=earned_minor,
    )
