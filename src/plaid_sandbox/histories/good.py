"""`user_good`: Plaid's twelve standard accounts, with a small history whose signs and balances agree.

Source: Plaid's sandbox answers for the accounts; the rows are ours, since Plaid's own break the sign rule.
"""

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from plaid_sandbox.histories import describe
from plaid_sandbox.histories.plan import Details, History, HistoryOrder, PlannedAccount, PlannedRow, Profile


def _account(
    key: str, name: str, official_name: str | None, mask: str, kind: str, subtype: str, **more: object
) -> PlannedAccount:
    return PlannedAccount(
        key=key,
        name=name,
        official_name=official_name,
        mask=mask,
        type=kind,
        subtype=subtype,
        **more,  # type: ignore[arg-type]  # the keywords of PlannedAccount
    )


_ACCOUNTS = (
    _account(
        "checking", "Plaid Checking", "Plaid Gold Standard 0% Interest Checking", "0000", "depository", "checking"
    ),
    _account("saving", "Plaid Saving", "Plaid Silver Standard 0.1% Interest Saving", "1111", "depository", "savings"),
    _account(
        "cd", "Plaid CD", "Plaid Bronze Standard 0.2% Interest CD", "2222", "depository", "cd", has_available=False
    ),
    _account(
        "card",
        "Plaid Credit Card",
        "Plaid Diamond 12.5% APR Interest Credit Card",
        "3333",
        "credit",
        "credit card",
        limit=Decimal(2000),
        has_available=False,
    ),
    _account(
        "money_market",
        "Plaid Money Market",
        "Plaid Platinum Standard 1.85% Interest Money Market",
        "4444",
        "depository",
        "money market",
    ),
    _account("ira", "Plaid IRA", None, "5555", "investment", "ira", has_available=False),
    _account("401k", "Plaid 401k", None, "6666", "investment", "401k", has_available=False),
    _account("student_loan", "Plaid Student Loan", None, "7777", "loan", "student", has_available=False),
    _account("mortgage", "Plaid Mortgage", None, "8888", "loan", "mortgage", has_available=False),
    _account("hsa", "Plaid HSA", "Plaid Cares Health Savings Account", "9001", "depository", "hsa"),
    _account(
        "cash_management",
        "Plaid Cash Management",
        "Plaid Growth Cash Management",
        "9002",
        "depository",
        "cash management",
    ),
    _account(
        "business_card",
        "Plaid Business Credit Card",
        "Plaid Platinum Small Business Credit Card",
        "9999",
        "credit",
        "credit card",
        limit=Decimal(10000),
        holder_category="business",
    ),
)
_CURRENT = {
    "checking": Decimal(110),
    "saving": Decimal(210),
    "cd": Decimal(1000),
    "card": Decimal(410),
    "money_market": Decimal(43200),
    "ira": Decimal("320.76"),
    "401k": Decimal("23631.9805"),
    "student_loan": Decimal(65262),
    "mortgage": Decimal("56302.06"),
    "hsa": Decimal(6009),
    "cash_management": Decimal(12060),
    "business_card": Decimal(5020),
}

_CARD_PAYMENT = "LOAN_PAYMENTS_CREDIT_CARD_PAYMENT"
_RIDE = "TRANSPORTATION_TAXIS_AND_RIDE_SHARES"
# Day of the month, bank account, amount (positive = out), details.
_MONTHLY: tuple[tuple[int, str, str, Details], ...] = (
    (1, "checking", "-1200.00", describe.ach("ACH ELECTRONIC CREDIT GUSTO PAY 123456", "INCOME_SALARY", payer="Gusto")),
    (2, "checking", "5.40", describe.web("UBER 063015 SF**POOL**", "Uber", _RIDE, "uber.com")),
    (4, "card", "4.33", describe.shop("STARBUCKS 9921", "Starbucks", "FOOD_AND_DRINK_COFFEE", website="starbucks.com")),
    (5, "checking", "12.00", describe.shop("MCDONALDS F2211", "McDonald's", "FOOD_AND_DRINK_FAST_FOOD")),
    (
        7,
        "card",
        "89.40",
        describe.web("SPARKFUN ELECTRONICS", "SparkFun", "GENERAL_MERCHANDISE_ELECTRONICS", "sparkfun.com"),
    ),
    (
        9,
        "checking",
        "78.50",
        describe.shop("TOUCHSTONE CLIMBING", "Touchstone Climbing", "PERSONAL_CARE_GYMS_AND_FITNESS_CENTERS"),
    ),
    (11, "business_card", "500.00", describe.web("UNITED AIRLINES", "United Airlines", "TRAVEL_FLIGHTS", "united.com")),
    (
        13,
        "card",
        "500.00",
        describe.shop(
            "MADISON BICYCLE SHOP", "Madison Bicycle Shop", "GENERAL_MERCHANDISE_SPORTING_GOODS", confidence="HIGH"
        ),
    ),
    (
        14,
        "business_card",
        "-500.00",
        describe.web("UNITED AIRLINES", "United Airlines", "TRAVEL_FLIGHTS", "united.com"),
    ),
    (16, "checking", "6.33", describe.web("UBER 072515 SF**POOL**", "Uber", _RIDE, "uber.com")),
    (18, "saving", "-4.22", describe.bank_line("INTRST PYMNT", "INCOME_INTEREST_EARNED")),
    (20, "checking", "593.73", describe.ach("CREDIT CARD 3333 PAYMENT *//", _CARD_PAYMENT)),
    (22, "card", "-593.73", describe.bank_line("AUTOMATIC PAYMENT - THANK", _CARD_PAYMENT)),
    (24, "checking", "480.00", describe.unknown("TECTRA INC", channel_online=False)),
)
_PENDING = (
    ("checking", "10.00", describe.shop("KFC G135501", "KFC", "FOOD_AND_DRINK_FAST_FOOD")),
    ("saving", "10.00", describe.bank_line("ATM WITHDRAWAL 000412", "TRANSFER_OUT_WITHDRAWAL")),
)


def _build(order: HistoryOrder) -> History:
    rows = [row for month in _months(order) for row in _rows_of_month(month) if row.posted_on <= order.today]
    for account_key, amount, details in _PENDING:
        rows.append(
            PlannedRow(
                key=f"pending/{order.today}",
                account_key=account_key,
                amount=Decimal(amount),
                occurred_on=order.today,
                posted_on=order.today + timedelta(days=2),
                details=details,
            )
        )
    return History(rows=rows, current=_CURRENT)


def _months(order: HistoryOrder) -> Iterator[date]:
    """Yield the first of each month from the month of `since` to that of `today`."""
    month = order.since.replace(day=1)
    while month <= order.today:
        yield month
        month += timedelta(days=monthrange(month.year, month.month)[1])


def _rows_of_month(month: date) -> Iterator[PlannedRow]:
    for day, account_key, amount, details in _MONTHLY:
        dated = month.replace(day=day)
        yield PlannedRow(
            key=f"{details.name}/{dated}",
            account_key=account_key,
            amount=Decimal(amount),
            occurred_on=dated,
            posted_on=dated,
            details=details,
        )


PROFILE = Profile(accounts=_ACCOUNTS, build=_build)
