"""Reports on small ledgers, computed by hand in the docstrings (debit positive, dollars)."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from openledger_server.ledger.chart import small_business_template
from openledger_server.ledger.store import split_by_months
from openledger_server.ledger.types import AccountTotal, LedgerAccount, LedgerAccountId, LedgerAccountType
from openledger_server.reports import tree
from openledger_server.reports.balance_sheet import balance_sheets_of
from openledger_server.reports.income_statement import income_statements_of
from openledger_server.reports.periods import PeriodError, requested_period
from openledger_server.reports.revaluation import is_monetary
from openledger_server.reports.types import BalanceSheet, IncomeStatement, Period, View

NOW = datetime(2026, 6, 1, tzinfo=UTC)
CHART = [
    LedgerAccount(
        id=LedgerAccountId(account.code),
        code=account.code,
        name=account.name,
        type=account.type,
        subtype=account.subtype,
        parent_id=None,
        system_role=account.system_role,
        currency=None,
        created_at=NOW,
        updated_at=NOW,
    )
    for account in small_business_template()
]
CHART.append(
    LedgerAccount(
        id=LedgerAccountId(1000),
        code=1000,
        name="Checking",
        type=LedgerAccountType.ASSET,
        subtype="Bank",
        parent_id=None,
        system_role=None,
        currency="USD",
        created_at=NOW,
        updated_at=NOW,
    )
)
MAY = Period(since=date(2026, 5, 1), until=date(2026, 6, 1))


def totals(net: dict[int, int], currency: str = "USD") -> list[AccountTotal]:
    return [
        AccountTotal(
            ledger_account_id=LedgerAccountId(code),
            currency=currency,
            debits_minor=max(amount, 0),
            credits_minor=max(-amount, 0),
            base_debits_minor=max(amount, 0),
            base_credits_minor=max(-amount, 0),
        )
        for code, amount in net.items()
    ]


def income_statement_of(booked: list[AccountTotal], *, currency: str = "USD") -> IncomeStatement:
    net = tree.net_by_account(booked, view=View(currency=currency))
    [statement] = income_statements_of(CHART, [net], periods=[MAY], view=View(currency=currency))
    return statement


def balance_sheet_of(booked: list[AccountTotal], *, before: list[AccountTotal] | None = None) -> BalanceSheet:
    net, earlier = (tree.net_by_account(each, view=View(currency="USD")) for each in (booked, before or []))
    [sheet] = balance_sheets_of(CHART, [net], before=[earlier], days=[date(2026, 5, 31)], view=View(currency="USD"))
    return sheet


def test_an_income_statement_by_hand() -> None:
    """
    Sales           -1,000.00      revenue 1,000.00
    Interest Income     -5.00      other income 5.00            total revenue 1,005.00
    Cost of Goods      300.00      gross profit 1,000 - 300          =   700.00
    Rent               450.00      operating 700 - 450 - 12.50       =   237.50
    Meals               12.50      total expenses                        762.50
    Checking           237.50      net income 1,005 - 762.50         =   242.50
    """
    net = {4000: -100000, 4900: -500, 5000: 30000, 6600: 45000, 6350: 1250, 1000: 24250}
    statement = income_statement_of(totals(net))
    assert statement.total_revenue_minor == 100500
    assert statement.total_expenses_minor == 76250
    assert statement.gross_profit_minor == 70000
    assert statement.operating_income_minor == 23750
    assert statement.net_income_minor == 24250
    assert [(group.name, group.amount_minor) for group in statement.revenue] == [
        ("Income", 100000),
        ("Other Income", 500),
    ]
    assert [line.name for group in statement.expenses for line in group.children] == [
        "Cost of Goods Sold",
        "Meals",
        "Rent",
    ]


def test_a_refund_larger_than_the_spending_shows_as_a_negative_expense() -> None:
    statement = income_statement_of(totals({6350: -500, 1000: 500}))
    assert statement.total_expenses_minor == -500
    assert statement.net_income_minor == 500


def test_a_balance_sheet_by_hand() -> None:
    """
    Checking  1,737.50 | Credit Cards      500.00
    Vehicles  4,000.00 | Loans Payable   3,000.00
                       | Equity          1,995.00
                       | current earnings  242.50   (income less expenses so far)
    5,737.50           = 3,500.00 + 2,237.50
    """
    net = {1000: 173750, 1510: 400000, 2200: -50000, 2500: -300000, 3000: -199500, 4000: -100000, 6600: 75750}
    sheet = balance_sheet_of(totals(net))
    assert (sheet.total_assets_minor, sheet.total_liabilities_minor, sheet.total_equity_minor) == (
        573750,
        350000,
        223750,
    )
    assert (sheet.current_assets_minor, sheet.current_liabilities_minor) == (173750, 50000)
    assert [(line.name, line.amount_minor) for line in sheet.equity] == [
        ("Equity", 199500),
        ("Current Earnings", 24250),
    ]


def test_other_currencies_are_left_out_of_a_report_in_one() -> None:
    mixed = totals({4000: -100, 1000: 100}) + totals({4000: -999, 1000: 999}, "EUR")
    assert income_statement_of(mixed).net_income_minor == 100


def test_empty_books_make_empty_reports() -> None:
    statement = income_statement_of([])
    sheet = balance_sheet_of([])
    assert (statement.revenue, statement.expenses, statement.net_income_minor) == ((), (), 0)
    assert (sheet.assets, sheet.equity, sheet.total_assets_minor) == ((), (), 0)


TODAY = date(2028, 2, 29)


@pytest.mark.parametrize(
    ("asked", "since", "until"),
    [
        ({}, date(2028, 1, 1), date(2028, 3, 1)),
        ({"month": 2}, date(2028, 2, 1), date(2028, 3, 1)),
        ({"month": 12, "year": 2027}, date(2027, 12, 1), date(2028, 1, 1)),
        ({"year": 2027}, date(2027, 1, 1), date(2028, 1, 1)),
        ({"start_date": TODAY, "end_date": TODAY}, TODAY, date(2028, 3, 1)),
        ({"month": 1, "start_date": TODAY, "end_date": TODAY}, TODAY, date(2028, 3, 1)),
    ],
)
def test_the_period_that_is_meant(asked: dict[str, object], since: date, until: date) -> None:
    given: dict[str, object] = {"month": None, "year": None, "start_date": None, "end_date": None} | asked
    assert requested_period(today=TODAY, **given) == Period(since=since, until=until)  # type: ignore[arg-type]  # the cases above are typed by their reading


@pytest.mark.parametrize(
    "asked",
    [
        {"month": 13},
        {"month": 0},
        {"year": 0},
        {"year": 99999},
        {"start_date": TODAY},
        {"start_date": TODAY, "end_date": date(2028, 2, 28)},
        {"start_date": TODAY, "end_date": date.max},
    ],
)
def test_what_is_no_period_is_refused(asked: dict[str, object]) -> None:
    given: dict[str, object] = {"month": None, "year": None, "start_date": None, "end_date": None} | asked
    with pytest.raises(PeriodError):
        requested_period(today=TODAY, **given)  # type: ignore[arg-type]  # the cases above are typed by their reading


def test_a_period_falls_into_whole_months_and_pieces() -> None:
    day = date
    assert split_by_months(day(2026, 1, 1), day(2026, 3, 1)) == ((day(2026, 1, 1), day(2026, 3, 1)), [])
    assert split_by_months(None, day(2026, 3, 9)) == ((date.min, day(2026, 3, 1)), [(day(2026, 3, 1), day(2026, 3, 9))])
    assert split_by_months(day(2026, 1, 31), day(2026, 3, 9)) == (
        (day(2026, 2, 1), day(2026, 3, 1)),
        [(day(2026, 1, 31), day(2026, 2, 1)), (day(2026, 3, 1), day(2026, 3, 9))],
    )
    assert split_by_months(day(2026, 1, 5), day(2026, 1, 9))[1] == [(day(2026, 1, 5), day(2026, 1, 9))]


@pytest.mark.parametrize(
    ("subtype", "name"),
    [
        ("Bank", "Checking"),
        ("Credit Card", "Card"),
        ("Accounts Receivable", "Accounts Receivable"),
        ("Long Term Liability", "Loan"),
    ],
)
def test_what_is_settled_in_money_is_revalued(subtype: str, name: str) -> None:
    assert is_monetary(held(subtype, name))
    assert not is_monetary(replace(held(subtype, name), type=LedgerAccountType.EQUITY))


@pytest.mark.parametrize(
    ("subtype", "name"),
    [
        ("Fixed Asset", "Van"),
        ("Accumulated Depreciation", "Van"),
        ("Inventory", "Goods"),
        ("Other Current Asset", "Prepaid Expenses"),
        ("Other Current Liability", "Deferred Revenue"),
    ],
)
def test_what_is_not_settled_in_money_keeps_its_worth(subtype: str, name: str) -> None:
    assert not is_monetary(held(subtype, name))


def held(subtype: str, name: str) -> LedgerAccount:
    is_owed = "Liability" in subtype or subtype == "Credit Card"
    type_ = LedgerAccountType.LIABILITY if is_owed else LedgerAccountType.ASSET
    return replace(CHART[0], name=name, type=type_, subtype=subtype)
