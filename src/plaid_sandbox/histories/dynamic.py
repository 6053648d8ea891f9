"""`user_transactions_dynamic`: some fifty rows that change whenever they are refreshed.

Source: Plaid's page of test users; the rows are ours.
"""

import random
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from plaid_sandbox.histories import describe
from plaid_sandbox.histories.plan import Details, History, HistoryOrder, PlannedAccount, PlannedRow, Profile

DYNAMIC_USER = "user_transactions_dynamic"
NEW_PENDING: tuple[Details, ...] = (
    describe.shop("SQ *RED DOOR COFFEE", "Red Door Coffee", "FOOD_AND_DRINK_COFFEE", confidence="HIGH"),
    describe.shop("SAFEWAY #2870", "Safeway", "FOOD_AND_DRINK_GROCERIES"),
    describe.shop("SHELL OIL 57444212505", "Shell", "TRANSPORTATION_GAS"),
    describe.web("AMZN MKTP US*2K81T", "Amazon", "GENERAL_MERCHANDISE_ONLINE_MARKETPLACES"),
    describe.web("UBER *TRIP HELP.UBER.COM CA", "Uber", "TRANSPORTATION_TAXIS_AND_RIDE_SHARES"),
)
_ACCOUNTS = (
    PlannedAccount(
        key="checking",
        name="Plaid Checking",
        official_name="Plaid Gold Standard 0% Interest Checking",
        mask="0000",
        type="depository",
        subtype="checking",
    ),
    PlannedAccount(
        key="card",
        name="Plaid Credit Card",
        official_name="Plaid Diamond 12.5% APR Interest Credit Card",
        mask="3333",
        type="credit",
        subtype="credit card",
        limit=Decimal(5000),
    ),
)
_CURRENT = {"checking": Decimal("4218.33"), "card": Decimal("611.20")}
_MONTHS = 6
# Day of the month, bank account, amount (positive = out), details.
_MONTHLY: tuple[tuple[int, str, str, Details], ...] = (
    (1, "checking", "-3150.00", describe.ach("ACME CORP PAYROLL PPD", "INCOME_SALARY", payer="Acme Corp")),
    (2, "checking", "1450.00", describe.ach("BAY RENTALS WEB PMTS", "RENT_AND_UTILITIES_RENT", merchant="Bay Rentals")),
    (7, "card", "15.49", describe.web("NETFLIX.COM", "Netflix", "ENTERTAINMENT_TV_AND_MOVIES", "netflix.com")),
    (12, "checking", "64.10", describe.ach("PGANDE WEB ONLINE", "RENT_AND_UTILITIES_GAS_AND_ELECTRICITY")),
    (18, "card", "42.00", describe.shop("TOUCHSTONE CLIMBING", "Touchstone", "PERSONAL_CARE_GYMS_AND_FITNESS_CENTERS")),
    (25, "checking", "180.00", describe.ach("PLATYPUS CARD SERV", "LOAN_PAYMENTS_CREDIT_CARD_PAYMENT")),
    (27, "card", "-180.00", describe.bank_line("AUTOMATIC PAYMENT", "LOAN_PAYMENTS_CREDIT_CARD_PAYMENT")),
)
_ODD_DAYS = (3, 5, 9)


def _build(order: HistoryOrder) -> History:
    rows = [row for row in _rows(order) if order.since <= row.posted_on <= order.today]
    for index in range(3):
        details = NEW_PENDING[index]
        rows.append(
            PlannedRow(
                key=f"pending {index}/{order.today}",
                account_key="card",
                amount=Decimal("8.25") * (index + 1),
                occurred_on=order.today,
                posted_on=order.today + timedelta(days=2),
                details=details,
            )
        )
    return History(rows=rows, current=_CURRENT)


def _rows(order: HistoryOrder) -> Iterator[PlannedRow]:
    for back in range(_MONTHS + 1):
        months = order.today.year * 12 + order.today.month - 1 - back
        month = date(months // 12, months % 12 + 1, 1)
        draw = random.Random(f"{order.seed}/dynamic/{month}")
        for day, account_key, amount, details in _MONTHLY:
            yield _row(month.replace(day=day), account_key, Decimal(amount), details)
        for day in _ODD_DAYS:
            yield _row(
                month.replace(day=day), "card", Decimal(draw.randint(400, 9_000)).scaleb(-2), NEW_PENDING[day % 5]
            )


def _row(dated: date, account_key: str, amount: Decimal, details: Details) -> PlannedRow:
    return PlannedRow(
        key=f"{details.name}/{dated}",
        account_key=account_key,
        amount=amount,
        occurred_on=dated,
        posted_on=dated,
        details=details,
    )


PROFILE = Profile(accounts=_ACCOUNTS, build=_build)
