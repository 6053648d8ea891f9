"""Our reports against hledger's and beancount's own, on the journal that we export."""

import tempfile
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from openledger_server.base import db
from openledger_server.base.db import Pool, ReadConnection
from openledger_server.base.money import major_units
from openledger_server.ledger import store as ledger
from openledger_server.ledger.types import LedgerAccount
from openledger_server.reports.balance_sheet import balance_sheets
from openledger_server.reports.exports.journal import JournalFormat, journal_lines
from openledger_server.reports.exports.names import plain_account
from openledger_server.reports.income_statement import income_statements
from openledger_server.reports.store import currencies_in_use
from openledger_server.reports.types import Period, ReportLine, View
from tests.support.tools import Balances, beancount_balances, hledger_balances, hledger_check

_STATEMENT = ("Income", "Expenses")


async def exported(pool: Pool, entity_id: int, format_: JournalFormat, directory: Path) -> Path:
    """Write the journal to a file and return its path."""
    path = directory / f"books.{format_.suffix}"
    with path.open("w", encoding="utf-8") as file:
        async with db.read_entity(pool, entity_id=entity_id) as conn:
            async for line in journal_lines(conn, format_, entity_id=entity_id):
                file.write(line + "\n")
    return path


async def round_trip_differences(pool: Pool, entity_id: int, period: Period) -> list[str]:
    """Return where either program's income statement of the period, or balance sheet at its end, is not ours."""
    async with db.read_entity(pool, entity_id=entity_id) as conn:
        sheet, income = await _ours(conn, entity_id, period)
    until = period.until
    with tempfile.TemporaryDirectory(prefix="openledger-journal-") as name:
        hledger = await exported(pool, entity_id, JournalFormat.HLEDGER, Path(name))
        beancount = await exported(pool, entity_id, JournalFormat.BEANCOUNT, Path(name))
        hledger_check(hledger)
        whole = beancount_balances(beancount, since=None, until=until)
        inside = beancount_balances(beancount, since=period.since, until=until)
        theirs = {
            "hledger balance sheet": hledger_balances(hledger, "balancesheetequity", since=None, until=until),
            "hledger income statement": hledger_balances(hledger, "incomestatement", since=period.since, until=until),
            "beancount balance sheet": _of(whole, is_profit=False),
            "beancount income statement": _of(inside, is_profit=True),
        }
    return [
        f"{report}: {account}: {found.get(account)}, ours {expected.get(account)}"
        for report, found in theirs.items()
        for expected in [income if report.endswith("income statement") else sheet]
        for account in sorted(found.keys() | expected.keys())
        if found.get(account) != expected.get(account)
    ]


async def _ours(conn: ReadConnection, entity_id: int, period: Period) -> tuple[Balances, Balances]:
    chart = {str(account.id): account for account in await ledger.ledger_accounts(conn, entity_id=entity_id)}
    sheet: Balances = {}
    income: Balances = {}
    for currency in await currencies_in_use(conn, entity_id=entity_id):
        view = View(currency=currency)
        day = period.until - timedelta(days=1)
        [ours] = await balance_sheets(conn, entity_id=entity_id, days=[day], view=view)
        _collect(sheet, (*ours.assets, *ours.liabilities, *ours.equity), chart, currency)
        [statement] = await income_statements(conn, entity_id=entity_id, periods=[period], view=view)
        _collect(income, (*statement.revenue, *statement.expenses), chart, currency)
    return sheet, income


def _collect(balances: Balances, lines: Iterable[ReportLine], chart: dict[str, LedgerAccount], currency: str) -> None:
    for line in lines:
        _collect(balances, line.children, chart, currency)
        if line.id in chart and line.amount_minor and not line.children:
            amount = line.type.normal_sign * major_units(line.amount_minor, currency)
            balances.setdefault(plain_account(chart[line.id]), {})[currency] = Decimal(amount)


def _of(balances: Balances, *, is_profit: bool) -> Balances:
    return {name: amounts for name, amounts in balances.items() if name.startswith(_STATEMENT) is is_profit}


def far_period(since: date | None = None) -> Period:
    """Return a period that ends after everything in the tests' books."""
    return Period(since=since or date(2000, 1, 1), until=date(2099, 1, 1))
