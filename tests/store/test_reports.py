"""Reports on a small ledger in a database, computed by hand.

The books of a small studio, US dollars, fiscal year from July (cents left out; debit positive):

    1  2025-05-10  Till 1,000                 Contributions -1,000
    2  2025-06-20  Till   300                 Sales           -300     (the fiscal year before)
    3  2025-07-05  Receivable 500             Sales           -500     (invoice)
    4  2025-07-08  Rent   200                 Till            -200
    5  2025-07-20  Till   350                 Receivable      -350     (part of the invoice)
    6  2025-08-02  Meals   40                 Till             -40
    7  2025-08-03  Till    40                 Meals            -40     (takes 6 back)
    8  2025-08-09  Till    90 EUR             Sales            -90 EUR (worth 100 USD)
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from openledger_server.base import db
from openledger_server.base.db import Pool, ReadConnection
from openledger_server.base.ids import new_id
from openledger_server.ledger import store as ledger
from openledger_server.ledger.types import (
    JournalEntry,
    JournalEntryId,
    LedgerAccount,
    LedgerAccountId,
    LedgerAccountType,
    Posting,
)
from openledger_server.reports.balance_sheet import balance_sheets
from openledger_server.reports.cash_flow import cash_flows
from openledger_server.reports.income_statement import income_statements
from openledger_server.reports.listings.general_ledger import general_ledger
from openledger_server.reports.listings.series import Interval, cash_position, overview
from openledger_server.reports.listings.spending import spending_by_category, spending_by_counterparty
from openledger_server.reports.trial_balance import trial_balance
from openledger_server.reports.types import Basis, CashFlowKind, Period, ReportLine, View
from tests.support.database import Database
from tests.support.entities import open_entity

NOW = datetime(2025, 9, 1, tzinfo=UTC)
ALL = View(currency="USD", is_translated=True, fiscal_year_month=7)
DOLLARS = View(currency="USD", fiscal_year_month=7)
EUROS = View(currency="EUR", fiscal_year_month=7)
ON_CASH = View(currency="USD", is_translated=True, fiscal_year_month=7, basis=Basis.CASH)
JULY = Period(since=date(2025, 7, 1), until=date(2025, 8, 1))
AUGUST = Period(since=date(2025, 8, 1), until=date(2025, 9, 1))
SUMMER = Period(since=date(2025, 7, 1), until=date(2025, 9, 1))
TILL = 1600


@dataclass(frozen=True)
class Books:
    pool: Pool
    entity_id: int
    names: dict[str, str]
    """Account id -> name."""

    def named(self, lines: tuple[ReportLine, ...]) -> dict[str, int]:
        """Return the leaves' amounts in whole units by name."""
        leaves = [leaf for line in lines for leaf in (line.children or (line,))]
        return {leaf.name: leaf.amount_minor // 100 for leaf in leaves}


@pytest.fixture(scope="module")
async def books(shared_pool: Pool, shared_database: Database) -> Books:
    entity_id = await open_entity(shared_pool, shared_database)
    till = LedgerAccount(
        id=LedgerAccountId(new_id()),
        code=TILL,
        name="Till",
        type=LedgerAccountType.ASSET,
        subtype="Bank",
        parent_id=None,
        system_role=None,
        currency=None,
        created_at=NOW,
        updated_at=NOW,
    )
    async with db.write_entity(shared_pool, entity_id=entity_id) as conn:
        await ledger.add_ledger_account(conn, till, entity_id=entity_id)
        chart = await ledger.ledger_accounts(conn, entity_id=entity_id)
        codes = {account.code: account.id for account in chart}
        await ledger.append_entries(conn, _entries(codes), entity_id=entity_id, now=NOW)
    return Books(shared_pool, entity_id, {str(account.id): account.name for account in chart})


def _entries(codes: dict[int, LedgerAccountId]) -> list[JournalEntry]:
    def entry(
        number: int, dated: str, debit: int, credit: int, amount: int, reverses: int | None = None
    ) -> JournalEntry:
        currency, base, rate = ("EUR", 10000, Decimal(10) / 9) if number == 8 else ("USD", amount * 100, None)
        return JournalEntry(
            id=ids[number],
            dated=date.fromisoformat(dated),
            source_ref=f"test:{number}",
            description=f"Entry {number}",
            postings=(
                Posting(codes[debit], amount * 100, currency, base, rate),
                Posting(codes[credit], -amount * 100, currency, -base, rate),
            ),
            reverses_id=None if reverses is None else ids[reverses],
        )

    ids = {number: JournalEntryId(new_id()) for number in range(1, 9)}
    return [
        entry(1, "2025-05-10", TILL, 3100, 1000),
        entry(2, "2025-06-20", TILL, 4000, 300),
        entry(3, "2025-07-05", 1100, 4000, 500),
        entry(4, "2025-07-08", 6600, TILL, 200),
        entry(5, "2025-07-20", TILL, 1100, 350),
        entry(6, "2025-08-02", 6350, TILL, 40),
        entry(7, "2025-08-03", TILL, 6350, 40, reverses=6),
        entry(8, "2025-08-09", TILL, 4000, 90),
    ]


@pytest.fixture
async def conn(books: Books) -> AsyncIterator[ReadConnection]:
    async with db.read_entity(books.pool, entity_id=books.entity_id) as opened:
        yield opened


async def test_income_by_month(books: Books, conn: ReadConnection) -> None:
    """July: sales 500, rent 200. August: sales 90 EUR worth 100; meals came and went, so they have no line."""
    months = await income_statements(conn, entity_id=books.entity_id, periods=[JULY, AUGUST], view=ALL)
    assert [books.named(month.revenue) for month in months] == [{"Sales": 500}, {"Sales": 100}]
    assert [books.named(month.expenses) for month in months] == [{"Rent": 200}, {"Rent": 0}]
    [dollars] = await income_statements(conn, entity_id=books.entity_id, periods=[AUGUST], view=DOLLARS)
    [euros] = await income_statements(conn, entity_id=books.entity_id, periods=[AUGUST], view=EUROS)
    assert (dollars.total_revenue_minor, euros.total_revenue_minor) == (0, 9000)


async def test_balance_sheet_with_earlier_years_apart(books: Books, conn: ReadConnection) -> None:
    """
    31 August: till 1,000 + 300 - 200 + 350 + 100 = 1,550; receivable 150; contributions 1,000
    retained, to 30 June: 300; current, from 1 July: 500 + 100 - 200 = 400; 1,700 = 1,700
    """
    [sheet] = await balance_sheets(conn, entity_id=books.entity_id, days=[date(2025, 8, 31)], view=ALL)
    assert books.named(sheet.assets) == {"Till": 1550, "Accounts Receivable": 150}
    assert books.named(sheet.equity) == {
        "Owner Contributions": 1000,
        "Retained Earnings of Earlier Years": 300,
        "Current Earnings": 400,
    }
    [calendar] = await balance_sheets(
        conn, entity_id=books.entity_id, days=[date(2025, 8, 31)], view=View(currency="USD", is_translated=True)
    )
    assert books.named(calendar.equity) == {"Owner Contributions": 1000, "Current Earnings": 700}


async def test_cash_basis_counts_what_was_paid(books: Books, conn: ReadConnection) -> None:
    """
    The invoice of 500 counts with 350 on 20 July; 150 are neither earned nor receivable.
    July: sales 350, rent 200. 31 August: till 1,550 = contributions 1,000 + retained 300 + current 250
    """
    months = await income_statements(conn, entity_id=books.entity_id, periods=[JULY, AUGUST], view=ON_CASH)
    assert [books.named(month.revenue) for month in months] == [{"Sales": 350}, {"Sales": 100}]
    assert months[0].net_income_minor == 15000
    [sheet] = await balance_sheets(conn, entity_id=books.entity_id, days=[date(2025, 8, 31)], view=ON_CASH)
    assert books.named(sheet.assets) == {"Till": 1550}
    assert books.named(sheet.equity)["Current Earnings"] == 250
    [early] = await balance_sheets(conn, entity_id=books.entity_id, days=[date(2025, 7, 10)], view=ON_CASH)
    assert (books.named(early.assets), books.named(early.equity)["Current Earnings"]) == ({"Till": 1100}, -200)


@pytest.mark.parametrize(("view", "income", "receivable"), [(ALL, 400, -150), (ON_CASH, 250, 0)])
async def test_cash_flow_is_the_same_on_either_basis(
    books: Books, conn: ReadConnection, view: View, income: int, receivable: int
) -> None:
    """July and August: net income 400 less 150 still receivable; on cash basis 250. Cash 1,300 + 250 = 1,550."""
    [flow] = await cash_flows(conn, entity_id=books.entity_id, periods=[SUMMER], view=view)
    found = {line.kind: line.amount_minor // 100 for line in flow.operating}
    assert (found[CashFlowKind.NET_INCOME], found.get(CashFlowKind.RECEIVABLE, 0)) == (income, receivable)
    assert (flow.cash_before_minor, flow.change_minor, flow.cash_after_minor) == (130000, 25000, 155000)


async def test_trial_balance(books: Books, conn: ReadConnection) -> None:
    """
                       opening   debits  credits  closing
    Receivable               0      500      350      150
    Till                 1,300      490      240    1,550     (350 + 40 + 100; 200 + 40)
    Contributions       -1,000                     -1,000
    Sales                    0               600     -600     (500 + 100)
    Meals                    0       40       40        0
    Rent                     0      200               200
    Retained earnings     -300                       -300
                             0    1,230    1,230        0
    """
    balance = await trial_balance(conn, entity_id=books.entity_id, period=SUMMER, view=ALL)
    rows = {
        row.name: tuple(
            amount // 100 for amount in (row.opening_minor, row.debits_minor, row.credits_minor, row.closing_minor)
        )
        for row in balance.rows
    }
    assert rows == {
        "Accounts Receivable": (0, 500, 350, 150),
        "Till": (1300, 490, 240, 1550),
        "Owner Contributions": (-1000, 0, 0, -1000),
        "Sales": (0, 0, 600, -600),
        "Meals": (0, 40, 40, 0),
        "Rent": (0, 200, 0, 200),
        "Retained Earnings of Earlier Years": (-300, 0, 0, -300),
    }
    assert (balance.debits_minor, balance.credits_minor) == (123000, 123000)
    assert (balance.closing_debits_minor, balance.closing_credits_minor) == (190000, 190000)


async def test_general_ledger(books: Books, conn: ReadConnection) -> None:
    """The till: 1,300, -200 = 1,100, +350 = 1,450, -40 = 1,410, +40 = 1,450, +100 (90 EUR) = 1,550."""
    page = await general_ledger(conn, entity_id=books.entity_id, period=SUMMER, view=ALL, limit=100)
    by_name = {account.name: account for account in page.accounts}
    till = by_name["Till"]
    assert till.opening_minor == 130000
    assert [(row.posting.amount_minor // 100, row.running_minor // 100) for row in till.rows] == [
        (-200, 1100),
        (350, 1450),
        (-40, 1410),
        (40, 1450),
        (100, 1550),
    ]
    last = till.rows[-1].posting
    assert (last.original_minor, last.currency, last.other_accounts) == (9000, "EUR", ("Sales",))
    assert [row.posting.description for row in by_name["Sales"].rows] == ["Entry 3", "Entry 8"]
    assert by_name["Owner Contributions"].rows == ()
    assert page.next_cursor is None
    euros = await general_ledger(conn, entity_id=books.entity_id, period=SUMMER, view=EUROS, limit=100)
    assert {account.name: account.closing_minor for account in euros.accounts} == {"Till": 9000, "Sales": -9000}


async def test_spending(books: Books, conn: ReadConnection) -> None:
    """July and August: rent 200, nothing in May and June. Nobody is named: no bank transaction stands behind it."""
    spending = await spending_by_category(conn, entity_id=books.entity_id, period=SUMMER, view=ALL)
    assert [(line.name, line.amount_minor, line.before_minor, line.postings_count) for line in spending.lines] == [
        ("Rent", 20000, 0, 1)
    ]
    named = await spending_by_counterparty(conn, entity_id=books.entity_id, period=SUMMER, view=ALL)
    assert [(line.name, line.amount_minor) for line in named.lines] == [("Without a counterparty", 20000)]


async def test_cash_position_and_overview(books: Books, conn: ReadConnection) -> None:
    """The till at the end of May 1,000, June 1,300, July 1,450, August 1,550."""
    year = Period(since=date(2025, 5, 1), until=date(2025, 9, 1))
    position = await cash_position(conn, entity_id=books.entity_id, period=year, view=ALL, interval=Interval.MONTHLY)
    assert [(point.day.month, point.total_minor // 100) for point in position.points] == [
        (5, 1000),
        (6, 1300),
        (7, 1450),
        (8, 1550),
    ]
    found = await overview(conn, entity_id=books.entity_id, period=year, view=ALL, interval=Interval.WEEKLY)
    assert [(flow.revenue_minor // 100, flow.expenses_minor // 100) for flow in found.months] == [
        (0, 0),
        (300, 0),
        (500, 200),
        (100, 0),
    ]
    assert found.cash_minor == 155000
    assert sum(flow.revenue_minor for flow in found.intervals) == 90000
    assert [flow.cash_minor // 100 for flow in found.intervals][-4:] == [1450 + 100, 1550, 1550, 1550]
