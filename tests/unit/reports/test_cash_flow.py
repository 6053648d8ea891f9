"""The cash flow statement on small ledgers, computed by hand in the docstrings (debit positive, dollars)."""

from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from openledger_server.ledger.chart import small_business_template
from openledger_server.ledger.types import LedgerAccount, LedgerAccountId, LedgerAccountType
from openledger_server.reports.cash_flow import cash_flows_of
from openledger_server.reports.types import CashFlow, CashFlowKind, Period, View

NOW = datetime(2026, 6, 1, tzinfo=UTC)
MAY = Period(since=date(2026, 5, 1), until=date(2026, 6, 1))
USD = View(currency="USD")


def account(code: int, name: str, type_: LedgerAccountType, subtype: str) -> LedgerAccount:
    return LedgerAccount(
        id=LedgerAccountId(code),
        code=code,
        name=name,
        type=type_,
        subtype=subtype,
        parent_id=None,
        system_role=None,
        currency=None,
        created_at=NOW,
        updated_at=NOW,
    )


CHART = [account(one.code, one.name, one.type, one.subtype) for one in small_business_template()]
CHART += [
    account(1000, "Checking", LedgerAccountType.ASSET, "Bank"),
    account(1591, "Depreciation of the van", LedgerAccountType.ASSET, "Fixed Asset"),
    account(2100, "Visa", LedgerAccountType.LIABILITY, "Credit Card"),
    account(6010, "Depreciation", LedgerAccountType.EXPENSE, "Expense"),
]


def flow_of(
    net: dict[int, int], *, before: dict[int, int] | None = None, opening: dict[int, int] | None = None
) -> CashFlow:
    assert sum(net.values()) == 0
    nets = [
        {LedgerAccountId(code): amount for code, amount in each.items()} for each in (net, before or {}, opening or {})
    ]
    [flow] = cash_flows_of(CHART, nets[:1], before=nets[1:2], openings=nets[2:], periods=[MAY], view=USD)
    return flow


def amounts(flow: CashFlow) -> dict[CashFlowKind, int]:
    return {line.kind: line.amount_minor for line in (*flow.operating, *flow.investing, *flow.financing)}


def test_a_cash_flow_by_hand() -> None:
    """
    Sales -5,000, depreciation 100, rent 900          net income 4,000
    receivable 1,200 more, inventory 300 more         -1,200, -300
    payable 400 more, card 250 more, payroll owed 50  +400, +250, +50    depreciation +100
                                                      operating 3,300
    van bought for 8,000; shares sold for 500         investing -8,000 + 500 = -7,500
    loan 6,000 raised, mortgage 200 repaid
    owner puts in 1,000 and takes 700                 financing 6,000 - 200 + 1,000 - 700 = 6,100
                                                      change 3,300 - 7,500 + 6,100 = 1,900
    """
    net = {
        4000: -500000,
        6010: 10000,
        6600: 90000,
        1100: 120000,
        1200: 30000,
        2000: -40000,
        2100: -25000,
        2300: -5000,
        1591: -6000,
        1590: -4000,
        1510: 800000,
        1400: -50000,
        2500: -600000,
        2510: 20000,
        3100: -100000,
        3200: 70000,
        1000: 190000,
    }
    flow = flow_of(net, before={1000: 55000})
    assert amounts(flow) == {
        CashFlowKind.NET_INCOME: 400000,
        CashFlowKind.DEPRECIATION: 10000,
        CashFlowKind.RECEIVABLE: -120000,
        CashFlowKind.INVENTORY: -30000,
        CashFlowKind.PAYABLE: 40000,
        CashFlowKind.CREDIT_CARDS: 25000,
        CashFlowKind.ACCRUED_LIABILITIES: 5000,
        CashFlowKind.FIXED_ASSETS: -800000,
        CashFlowKind.INVESTMENTS_SOLD: 50000,
        CashFlowKind.DEBT_RAISED: 600000,
        CashFlowKind.DEBT_REPAID: -20000,
        CashFlowKind.CAPITAL_RAISED: 100000,
        CashFlowKind.CAPITAL_PAID_OUT: -70000,
    }
    assert (flow.operating_minor, flow.investing_minor, flow.financing_minor) == (330000, -750000, 610000)
    assert (flow.cash_before_minor, flow.change_minor, flow.cash_after_minor) == (55000, 190000, 245000)


def test_an_opening_balance_is_neither_profit_nor_a_cards_cash() -> None:
    """
    Checking opens at 1,000 and the card at 400 owed, both against equity; then 30 of meals on the card.

    1000  1,000   2100  -430   3000  -600   6350  30      of which opening: 1000 1,000, 2100 -400, 3000 -600
    net income -30, card +30, opening balances +1,000     change 1,000
    """
    flow = flow_of(
        {1000: 100000, 2100: -43000, 3000: -60000, 6350: 3000},
        opening={1000: 100000, 2100: -40000, 3000: -60000},
    )
    assert amounts(flow) == {
        CashFlowKind.NET_INCOME: -3000,
        CashFlowKind.CREDIT_CARDS: 3000,
        CashFlowKind.OPENING_BALANCES: 100000,
    }


def test_columns_have_the_same_lines() -> None:
    first = {LedgerAccountId(2500): -100, LedgerAccountId(1000): 100}
    second = {LedgerAccountId(1510): 70, LedgerAccountId(1000): -70}
    flows = cash_flows_of(CHART, [first, second], before=[{}, {}], openings=[{}, {}], periods=[MAY, MAY], view=USD)
    assert [line.kind for line in flows[0].investing] == [line.kind for line in flows[1].investing]
    assert [[line.amount_minor for line in flow.investing] for flow in flows] == [[0], [-70]]


_CODES = st.sampled_from([one.code for one in CHART])
_AMOUNTS = st.integers(-(10**12), 10**12)


@given(
    st.lists(st.tuples(_CODES, _CODES, _AMOUNTS), max_size=40),
    st.lists(st.tuples(_CODES, _AMOUNTS), max_size=10),
    st.integers(-(10**12), 10**12),
)
def test_it_ties_to_the_cash_accounts_whatever_is_posted(
    entries: list[tuple[int, int, int]], openings: list[tuple[int, int]], before: int
) -> None:
    net: dict[int, int] = {}
    opening: dict[int, int] = {}
    for debited, credited, amount in entries:
        net[debited] = net.get(debited, 0) + amount
        net[credited] = net.get(credited, 0) - amount
    for code, amount in openings:
        for book in (net, opening):
            book[code] = book.get(code, 0) + amount
            book[3000] = book.get(3000, 0) - amount
    flow = flow_of(net, before={1000: before}, opening=opening)
    cash = net.get(1000, 0) + net.get(1090, 0)
    assert flow.operating_minor + flow.investing_minor + flow.financing_minor == flow.change_minor == cash
    assert flow.cash_before_minor == before
    for line in (*flow.operating[1:], *flow.investing, *flow.financing):
        assert line.amount_minor == sum(part.amount_minor for part in line.accounts) or not line.accounts
