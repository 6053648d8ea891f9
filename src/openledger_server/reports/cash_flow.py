"""The cash flow statement of a period by the indirect method: from net income to the change of the cash accounts."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from openledger_server.base.db import ReadConnection
from openledger_server.ledger import store as ledger
from openledger_server.ledger.types import LedgerAccount, LedgerAccountId, LedgerAccountType
from openledger_server.reports import books, store, tree
from openledger_server.reports.types import (
    CashFlow,
    CashFlowKind,
    CashFlowLine,
    OpeningBalances,
    Period,
    PostingQuery,
    ReportLine,
    View,
)

CASH_SUBTYPE = "Bank"
_BY_SUBTYPE = {
    "Accounts Receivable": CashFlowKind.RECEIVABLE,
    "Inventory": CashFlowKind.INVENTORY,
    "Accounts Payable": CashFlowKind.PAYABLE,
    "Credit Card": CashFlowKind.CREDIT_CARDS,
    "Fixed Asset": CashFlowKind.FIXED_ASSETS,
    "Accumulated Depreciation": CashFlowKind.DEPRECIATION,
    "Other Asset": CashFlowKind.INVESTMENTS_BOUGHT,
    "Long Term Liability": CashFlowKind.DEBT_RAISED,
}
_BY_TYPE = {
    LedgerAccountType.ASSET: CashFlowKind.OTHER_CURRENT_ASSETS,
    LedgerAccountType.LIABILITY: CashFlowKind.ACCRUED_LIABILITIES,
    LedgerAccountType.EQUITY: CashFlowKind.CAPITAL_RAISED,
}
# Charts have no subtype of their own for these, so the account's name decides.
_DEPRECIATION_NAMES = ("depreciation", "amortization", "amortisation")
_INVENTORY_NAMES = ("inventory", "stock on hand")
_WHEN_CASH_LEAVES = {
    CashFlowKind.DEBT_RAISED: CashFlowKind.DEBT_REPAID,
    CashFlowKind.CAPITAL_RAISED: CashFlowKind.CAPITAL_PAID_OUT,
}
_WHEN_CASH_COMES = {CashFlowKind.INVESTMENTS_BOUGHT: CashFlowKind.INVESTMENTS_SOLD}
_NAMES = {
    CashFlowKind.NET_INCOME: "Net income",
    CashFlowKind.DEPRECIATION: "Depreciation and amortization",
    CashFlowKind.RECEIVABLE: "Change in accounts receivable",
    CashFlowKind.INVENTORY: "Change in inventory",
    CashFlowKind.OTHER_CURRENT_ASSETS: "Change in other current assets",
    CashFlowKind.PAYABLE: "Change in accounts payable",
    CashFlowKind.CREDIT_CARDS: "Change in credit cards",
    CashFlowKind.ACCRUED_LIABILITIES: "Change in other current liabilities",
    CashFlowKind.FIXED_ASSETS: "Fixed assets, net",
    CashFlowKind.INVESTMENTS_BOUGHT: "Purchase of investments",
    CashFlowKind.INVESTMENTS_SOLD: "Sale of investments",
    CashFlowKind.DEBT_RAISED: "Proceeds from debt",
    CashFlowKind.DEBT_REPAID: "Repayment of debt",
    CashFlowKind.CAPITAL_RAISED: "Owner contributions",
    CashFlowKind.CAPITAL_PAID_OUT: "Owner draws and dividends",
    CashFlowKind.OPENING_BALANCES: "Opening balances of linked bank accounts",
}
_INVESTING = (CashFlowKind.FIXED_ASSETS, CashFlowKind.INVESTMENTS_BOUGHT, CashFlowKind.INVESTMENTS_SOLD)
_FINANCING = (
    CashFlowKind.DEBT_RAISED,
    CashFlowKind.DEBT_REPAID,
    CashFlowKind.CAPITAL_RAISED,
    CashFlowKind.CAPITAL_PAID_OUT,
    CashFlowKind.OPENING_BALANCES,
)
_OPERATING = tuple(kind for kind in CashFlowKind if kind not in _INVESTING and kind not in _FINANCING)


async def cash_flows(
    conn: ReadConnection, *, entity_id: int, periods: Sequence[Period], view: View
) -> tuple[CashFlow, ...]:
    """Return where cash came from and went in each period, booked rows only; all with the same lines."""
    chart = await ledger.ledger_accounts(conn, entity_id=entity_id)
    inside: list[store.Window] = [(period.since, period.until) for period in periods]
    windows: list[store.Window] = [*inside, *((None, period.since) for period in periods)]
    nets = await books.nets_of(conn, entity_id=entity_id, windows=windows, view=view)
    openings = await store.opening_nets(conn, entity_id=entity_id, windows=inside, view=view)
    return cash_flows_of(
        chart, nets[: len(periods)], before=nets[len(periods) :], openings=openings, periods=periods, view=view
    )


def cash_flows_of(
    chart: Sequence[LedgerAccount],
    nets: Sequence[tree.Nets],
    *,
    before: Sequence[tree.Nets],
    openings: Sequence[tree.Nets],
    periods: Sequence[Period],
    view: View,
) -> tuple[CashFlow, ...]:
    """Return the cash flow statements that follow from debits less credits of the periods; pure arithmetic.

    `before` is what was booked before each period, `openings` the part of each period's that stands in entries with
    the account of opening balances: a card's opening balance moves no cash, and a bank account's is shown as such.
    """
    flows = [
        _flow(chart, net, earlier, opening, period=period, view=view)
        for net, earlier, opening, period in zip(nets, before, openings, periods, strict=True)
    ]
    kinds = {line.kind for flow in flows for line in (*flow.operating, *flow.investing, *flow.financing)}
    return tuple(_with_lines(flow, kinds, view=view) for flow in flows)


def is_cash(account: LedgerAccount) -> bool:
    """Return whether a ledger account counts as cash: the bank accounts, and money on its way between them."""
    return account.type is LedgerAccountType.ASSET and account.subtype == CASH_SUBTYPE


def _flow(
    chart: Sequence[LedgerAccount],
    net: tree.Nets,
    before: tree.Nets,
    opening: tree.Nets,
    *,
    period: Period,
    view: View,
) -> CashFlow:
    parts: dict[CashFlowKind, list[ReportLine]] = {}
    for account in chart:
        received = opening.get(account.id, 0) - net.get(account.id, 0)
        if account.type in tree.PROFIT_TYPES or is_cash(account) or not received:
            continue
        query = _query(view, period, (account.id,), -1, OpeningBalances.EXCLUDED)
        parts.setdefault(_kind(account, received), []).append(tree.leaf(account, received, postings=query))
    income = -sum(net.get(account.id, 0) for account in chart if account.type in tree.PROFIT_TYPES)
    lines = [
        CashFlowLine(
            kind=CashFlowKind.NET_INCOME,
            name=_NAMES[CashFlowKind.NET_INCOME],
            amount_minor=income,
            accounts=(),
            postings=tree.figure(view, types=tree.PROFIT_TYPES, since=period.since, until=period.until, sign=-1),
        )
    ]
    lines += [_line(kind, accounts) for kind, accounts in parts.items()]
    lines += _opening_lines(chart, opening, period=period, view=view)
    cash_before = sum(before.get(account.id, 0) for account in chart if is_cash(account))
    flow = CashFlow(
        period=period,
        currency=view.currency,
        operating=_in_order(lines, _OPERATING),
        investing=_in_order(lines, _INVESTING),
        financing=_in_order(lines, _FINANCING),
        cash_before_minor=cash_before,
        cash_after_minor=cash_before + sum(net.get(account.id, 0) for account in chart if is_cash(account)),
    )
    explained = flow.operating_minor + flow.investing_minor + flow.financing_minor
    assert explained == flow.change_minor, "entries sum to zero"
    return flow


def _opening_lines(
    chart: Sequence[LedgerAccount], opening: tree.Nets, *, period: Period, view: View
) -> list[CashFlowLine]:
    others = [account for account in chart if account.type not in tree.PROFIT_TYPES and not is_cash(account)]
    amount = -sum(opening.get(account.id, 0) for account in others)
    if not amount:
        return []
    ids = tuple(account.id for account in others if opening.get(account.id, 0))
    return [
        CashFlowLine(
            kind=CashFlowKind.OPENING_BALANCES,
            name=_NAMES[CashFlowKind.OPENING_BALANCES],
            amount_minor=amount,
            accounts=(),
            postings=_query(view, period, ids, -1, OpeningBalances.ONLY),
        )
    ]


def _kind(account: LedgerAccount, received: int) -> CashFlowKind:
    name = account.name.lower()
    if account.type is LedgerAccountType.ASSET and any(word in name for word in _DEPRECIATION_NAMES):
        return CashFlowKind.DEPRECIATION
    if account.type is LedgerAccountType.ASSET and any(word in name for word in _INVENTORY_NAMES):
        return CashFlowKind.INVENTORY
    kind = _BY_SUBTYPE.get(account.subtype, _BY_TYPE[account.type])
    return (_WHEN_CASH_COMES if received > 0 else _WHEN_CASH_LEAVES).get(kind, kind)


def _line(kind: CashFlowKind, accounts: Sequence[ReportLine]) -> CashFlowLine:
    return CashFlowLine(
        kind=kind,
        name=_NAMES[kind],
        amount_minor=tree.total(accounts),
        accounts=tuple(accounts),
        postings=tree.joined([line.postings for line in accounts]),
    )


def _in_order(lines: Sequence[CashFlowLine], kinds: Sequence[CashFlowKind]) -> tuple[CashFlowLine, ...]:
    return tuple(sorted((line for line in lines if line.kind in kinds), key=lambda line: kinds.index(line.kind)))


def _with_lines(flow: CashFlow, kinds: Collection[CashFlowKind], *, view: View) -> CashFlow:
    """Return the statement with a line of zero for each of these kinds that it lacks."""
    wanted = CashFlowKind if view.with_zero_rows else kinds
    has = {line.kind for line in (*flow.operating, *flow.investing, *flow.financing)}
    zeros = [
        CashFlowLine(kind=kind, name=_NAMES[kind], amount_minor=0, accounts=(), postings=None)
        for kind in wanted
        if kind not in has
    ]
    return replace(
        flow,
        operating=_in_order([*flow.operating, *zeros], _OPERATING),
        investing=_in_order([*flow.investing, *zeros], _INVESTING),
        financing=_in_order([*flow.financing, *zeros], _FINANCING),
    )


def _query(
    view: View, period: Period, ids: tuple[LedgerAccountId, ...], sign: int, opening: OpeningBalances
) -> PostingQuery | None:
    query = tree.figure(view, account_ids=ids, since=period.since, until=period.until, sign=sign)
    return None if query is None else replace(query, opening_balances=opening)
