"""Our reports against beancount's own arithmetic, on the journal of a synced history."""

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import beancount.loader
from beancount.core import data

from openledger_server.base import db
from openledger_server.base.money import major_units
from openledger_server.ledger import store as ledger
from openledger_server.ledger.types import LedgerAccountType
from openledger_server.reports.balance_sheet import balance_sheet
from openledger_server.reports.beancount_journal import beancount_account, beancount_lines
from openledger_server.reports.income_statement import income_statement
from openledger_server.reports.types import Period
from tests.sync.conftest import TODAY, LinkedBank

Sums = dict[str, Decimal]


def sums_of(loaded: list[Any], *, since: date, until: date) -> Sums:
    """Add up beancount's postings per account over [since, until)."""
    sums: Sums = defaultdict(Decimal)
    for entry in data.filter_txns(loaded):
        if since <= entry.date < until:
            for posting in entry.postings:
                assert posting.units is not None
                assert posting.units.number is not None
                sums[posting.account] += posting.units.number
    return sums


def under(sums: Sums, root: str) -> Decimal:
    return sum((amount for account, amount in sums.items() if account.startswith(root)), Decimal(0))


async def test_beancount_finds_the_same_profit_and_the_same_balance_sheet(linked: LinkedBank) -> None:
    await linked.sync()
    until = TODAY + timedelta(days=1)
    period = Period(since=TODAY - timedelta(days=40), until=until)
    async with db.read_entity(linked.services.pool, entity_id=linked.entity_id) as conn:
        accounts = await ledger.ledger_accounts(conn, entity_id=linked.entity_id)
        entries = [entry async for entry in ledger.entries(conn, entity_id=linked.entity_id)]
        statement = await income_statement(conn, entity_id=linked.entity_id, period=period, currency="USD")
        sheet = await balance_sheet(conn, entity_id=linked.entity_id, as_of=TODAY, currency="USD")
    loaded, errors, _ = beancount.loader.load_string("\n".join(beancount_lines(accounts, entries)))
    assert errors == []

    earned = sums_of(loaded, since=period.since, until=period.until)
    assert -under(earned, "Income") == major_units(statement.total_revenue_minor, "USD")
    assert under(earned, "Expenses") == major_units(statement.total_expenses_minor, "USD") != 0
    held = sums_of(loaded, since=date.min, until=until)
    assert under(held, "Assets") == major_units(sheet.total_assets_minor, "USD") != 0
    assert -under(held, "Liabilities") == major_units(sheet.total_liabilities_minor, "USD") != 0

    ours = {
        line.id: line.amount_minor for group in (*statement.revenue, *statement.expenses) for line in group.children
    }
    for account in accounts:
        if account.type in {LedgerAccountType.REVENUE, LedgerAccountType.EXPENSE}:
            theirs = account.type.normal_sign * earned.get(beancount_account(account), Decimal(0))
            assert theirs == major_units(ours.get(str(account.id), 0), "USD"), account.name
