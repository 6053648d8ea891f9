"""The trial balance: every ledger account before, during and after a period. Its columns balance."""

from collections.abc import Sequence

from openledger_server.base.db import ReadConnection
from openledger_server.ledger import store as ledger
from openledger_server.ledger.types import AccountTotal, LedgerAccount, LedgerAccountType
from openledger_server.reports import store, tree
from openledger_server.reports.balance_sheet import RETAINED_EARNINGS, RETAINED_EARNINGS_ID
from openledger_server.reports.periods import fiscal_year_start
from openledger_server.reports.types import Period, TrialBalance, TrialBalanceRow, View


async def trial_balance(conn: ReadConnection, *, entity_id: int, period: Period, view: View) -> TrialBalance:
    """Return every ledger account's balance before and after the period, with debits and credits between."""
    chart = await ledger.ledger_accounts(conn, entity_id=entity_id)
    start = fiscal_year_start(period.since, month=view.fiscal_year_month)
    windows: list[store.Window] = [(None, period.since), (None, start), (period.since, period.until)]
    before, earlier, inside = await store.totals_of(conn, entity_id=entity_id, windows=windows)
    return trial_balance_of(chart, before, earlier=earlier, inside=inside, period=period, view=view)


def trial_balance_of(
    chart: Sequence[LedgerAccount],
    before: Sequence[AccountTotal],
    *,
    earlier: Sequence[AccountTotal],
    inside: Sequence[AccountTotal],
    period: Period,
    view: View,
) -> TrialBalance:
    """Return the trial balance that follows from totals before the period and in it; pure arithmetic.

    Revenue and expense accounts open at what they moved since the fiscal year began; what they moved before (`earlier`)
    is in one computed row of retained earnings, so that the columns balance without closing entries.
    """
    opening = dict(tree.net_by_account(before, view=view))
    closed = tree.net_by_account(earlier, view=view)
    moved = tree.moved_by_account(inside, view=view)
    retained = 0
    rows = []
    for account in chart:
        opening_minor = opening.get(account.id, 0)
        if account.type in tree.PROFIT_TYPES:
            opening_minor -= closed.get(account.id, 0)
            retained += closed.get(account.id, 0)
        total = moved.get(account.id, (0, 0))
        if opening_minor or any(total) or view.with_zero_rows:
            rows.append(_row(account, opening_minor, total, period=period, view=view))
    if retained:
        rows.append(_retained_row(retained))
    balance = TrialBalance(period=period, currency=view.currency, rows=tuple(rows))
    assert balance.debits_minor == balance.credits_minor, "entries sum to zero"
    assert balance.closing_debits_minor == balance.closing_credits_minor, "entries sum to zero"
    return balance


def _row(
    account: LedgerAccount, opening_minor: int, moved: tuple[int, int], *, period: Period, view: View
) -> TrialBalanceRow:
    return TrialBalanceRow(
        id=str(account.id),
        code=account.code,
        name=account.name,
        type=account.type,
        subtype=account.subtype,
        opening_minor=opening_minor,
        debits_minor=moved[0],
        credits_minor=moved[1],
        postings=tree.figure(view, account_ids=(account.id,), since=period.since, until=period.until, sign=1),
    )


def _retained_row(retained_minor: int) -> TrialBalanceRow:
    return TrialBalanceRow(
        id=RETAINED_EARNINGS_ID,
        code=None,
        name=RETAINED_EARNINGS,
        type=LedgerAccountType.EQUITY,
        subtype=RETAINED_EARNINGS,
        opening_minor=retained_minor,
        debits_minor=0,
        credits_minor=0,
    )
