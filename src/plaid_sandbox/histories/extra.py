"""The history of a bank account that was opened after linking: interest and a standing deposit, month by month."""

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from plaid_sandbox.histories import describe
from plaid_sandbox.histories.plan import HistoryOrder, PlannedRow

_FIRST_MONTH = date(2020, 1, 1)
_DEPOSIT = describe.bank_line("RECURRING DEPOSIT", "TRANSFER_IN_DEPOSIT")
_INTEREST = describe.bank_line("INTEREST PAYMENT", "INCOME_INTEREST_EARNED")
_MONTHLY = ((15, Decimal("-50.00"), _DEPOSIT), (28, Decimal("-1.25"), _INTEREST))


def build(order: HistoryOrder, account_key: str, balance: Decimal) -> tuple[list[PlannedRow], Decimal]:
    """Return the rows from `since` to today, and what the bank account holds then; `balance` was there at the start."""
    rows = [row for row in _rows(order.today, account_key) if row.posted_on <= order.today]
    current = balance - sum((row.amount for row in rows), Decimal(0))
    return [row for row in rows if row.posted_on >= order.since], current


def _rows(today: date, account_key: str) -> Iterator[PlannedRow]:
    month = _FIRST_MONTH
    while month <= today:
        for day, amount, details in _MONTHLY:
            dated = month.replace(day=day)
            yield PlannedRow(
                key=f"{details.name}/{dated}",
                account_key=account_key,
                amount=amount,
                occurred_on=dated,
                posted_on=dated,
                details=details,
            )
        month += timedelta(days=monthrange(month.year, month.month)[1])
