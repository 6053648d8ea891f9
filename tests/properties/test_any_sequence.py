"""Random sequences of everything that writes to the books: whatever happens, every check of `verify` finds them sound.

Banks add, change and take back rows, in three currencies and with transfers between them; people choose categories,
one by one and many at once, split, exclude, confirm and reject transfers, write, change, reverse and delete entries,
write notes and keep documents beside them, keep rules (some of them split) and apply them, judge anew and undo that,
have entries come again, shape the chart and have the bank audited; accountants close and reopen periods, let entries
into closed ones, move the fiscal year and load rates late. What the server refuses it refuses with one of its own
errors and changes nothing in the books.
"""

import os
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from openledger_server.access import store as access
from openledger_server.base import db
from openledger_server.base.db import Pool, ReadConnection
from openledger_server.base.errors import OpenLedgerError
from openledger_server.bookkeeping.post import post_bank_transactions
from openledger_server.ledger.periods.types import PeriodRole
from openledger_server.ledger.types import LedgerAccountType
from openledger_server.reports.balance_sheet import balance_sheets
from openledger_server.reports.cash_flow import cash_flows
from openledger_server.reports.income_statement import income_statements
from openledger_server.reports.store import currencies_in_use
from openledger_server.reports.trial_balance import trial_balance
from openledger_server.reports.types import Period, Valuation, View
from openledger_server.workflows.verify_books import verify_books
from tests.properties.office import Office
from tests.properties.world import ROW_DEEDS, TRANSFER_IN, TRANSFER_OUT, NothingThereError
from tests.support.database import Database
from tests.support.entities import open_entity
from tests.support.memory_bank import (
    NOW,
    TODAY,
    MemoryAccount,
    MemoryBank,
    MemoryFeed,
    link_memory_bank,
    memory_services,
)

# More for a long look: OPENLEDGER_PROPERTY_EXAMPLES=500.
EXAMPLES = int(os.environ.get("OPENLEDGER_PROPERTY_EXAMPLES", "12"))
DAYS = 60
MERCHANTS = ("COFFEE SHOP", "OFFICE DEPOT", "STRIPE PAYOUT", "CHECK 1001")
ACCOUNTS = ("dollars", "savings", "card", "euros", "yen")

_INDEX = st.integers(0, 30)
_DAY = st.integers(0, DAYS).map(lambda back: TODAY - timedelta(days=back))
_CENTS = st.integers(1, 20_000) | st.integers(-20_000, -1)
_ROUND = st.sampled_from((-5000, -2000, -1000, 1000, 2000, 5000))
_MERCHANT = st.sampled_from(MERCHANTS)
_CATEGORY = st.sampled_from((None, "FOOD_AND_DRINK_COFFEE", TRANSFER_OUT, TRANSFER_IN))
_FLAG = st.booleans()
_STATE = st.sampled_from(("posted", "draft"))
_MAYBE = st.none() | _INDEX
_TYPE = st.sampled_from((LedgerAccountType.EXPENSE, LedgerAccountType.REVENUE, LedgerAccountType.ASSET))
_NAME = st.sampled_from(("Own One", "Own Two", "Own Three"))
_FIXED = st.tuples(st.integers(1, 8_000), st.sampled_from(("USD", "EUR", "JPY")))
_CURRENCIES = st.lists(st.sampled_from(("EUR", "JPY", "KWD")), min_size=1, max_size=3, unique=True)
_MAYBE_WORDS = st.none() | st.sampled_from(("", "Seen by Ada"))
OPERATIONS: dict[str, st.SearchStrategy[Any]] = {
    "put": st.tuples(
        st.sampled_from(ACCOUNTS), _CENTS | _ROUND, _DAY, _CATEGORY, _MERCHANT, st.sampled_from(("settled", "pending"))
    ),
    "transfer": st.tuples(st.permutations(ACCOUNTS), st.integers(1, 20_000), _DAY),
    "change": st.tuples(_INDEX, _CENTS | _ROUND, _DAY),
    "remove": st.tuples(_INDEX),
    "settle": st.tuples(_INDEX),
    "sync": st.tuples(),
    "bank_choice": st.tuples(_INDEX, st.none() | _DAY, st.none() | st.integers(-50, 50), _MAYBE),
    "unlink": st.tuples(_INDEX),
    "categorize": st.tuples(_INDEX, _INDEX),
    "approve": st.tuples(_INDEX),
    "always": st.tuples(_INDEX, _INDEX, _FLAG),
    "decide": st.tuples(st.lists(st.tuples(_INDEX, _MAYBE), min_size=2, max_size=5), _FLAG),
    "split": st.tuples(_INDEX, _INDEX, _INDEX),
    "exclude": st.tuples(st.lists(_INDEX, min_size=1, max_size=3)),
    "include": st.tuples(_INDEX),
    "take_out": st.tuples(_INDEX),
    "edit": st.tuples(_INDEX, _INDEX),
    "confirm": st.tuples(_INDEX, _INDEX),
    "reject": st.tuples(_INDEX, _INDEX),
    "write": st.tuples(_CENTS, _DAY, st.sampled_from(("USD", "EUR", "KWD")), _INDEX, _STATE),
    "rewrite": st.tuples(_INDEX, _CENTS, _DAY, _INDEX),
    "approve_entry": st.tuples(_INDEX),
    "unwrite": st.tuples(_INDEX),
    "reverse": st.tuples(_INDEX),
    "annotate": st.tuples(_INDEX, _MAYBE_WORDS, _MAYBE_WORDS),
    "attach": st.tuples(_INDEX, _NAME),
    "detach": st.tuples(_INDEX),
    "audit": st.tuples(),
    "describe": st.tuples(st.integers(1, 12), st.sampled_from(("UTC", "Asia/Tokyo", "America/Los_Angeles")), _NAME),
    "add_rule": st.tuples(_MERCHANT, _MAYBE, _MAYBE),
    "split_rule": st.tuples(_MERCHANT, st.tuples(_INDEX, _INDEX, _INDEX), st.integers(1, 9_999), st.none() | _FIXED),
    "change_rule": st.tuples(_INDEX, _MERCHANT, _MAYBE, _FLAG),
    "order_rules": st.tuples(_INDEX),
    "delete_rule": st.tuples(_INDEX),
    "apply_rule": st.tuples(_INDEX),
    "recategorize": st.tuples(_FLAG),
    "undo": st.tuples(_INDEX),
    "map_coffee": st.tuples(_MAYBE),
    "add_account": st.tuples(_NAME, _TYPE, _MAYBE),
    "rename": st.tuples(_INDEX, _NAME, st.none() | st.integers(7000, 7005), _MAYBE),
    "archive": st.tuples(_INDEX),
    "reopen_account": st.tuples(_INDEX),
    "import_chart": st.tuples(st.integers(7000, 7005), _FLAG),
    "merge": st.tuples(_INDEX, _INDEX),
    "schedule": st.tuples(_CENTS, _DAY, _INDEX, st.integers(1, 4), _STATE),
    "reschedule": st.tuples(_INDEX, _CENTS, _DAY, _INDEX),
    "pause": st.tuples(_INDEX, _FLAG),
    "unschedule": st.tuples(_INDEX),
    "make_due": st.tuples(),
    "close": st.tuples(_DAY),
    "reopen": st.tuples(st.none() | _DAY),
    "post_held": st.tuples(),
    "override": st.tuples(_CENTS, _DAY, _INDEX, st.sampled_from((PeriodRole.OWNER, PeriodRole.BOOKKEEPER))),
    "rate": st.tuples(_CURRENCIES, _DAY, st.integers(1, 40_000)),
}
OPERATION = st.one_of([st.tuples(st.just(name), given_) for name, given_ in OPERATIONS.items()])


@pytest.mark.timeout(300 + 30 * EXAMPLES)
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(
    with_rates=st.booleans(),
    rows=st.lists(OPERATIONS["put"], min_size=2, max_size=6),
    operations=st.lists(OPERATION, min_size=8, max_size=40),
)
async def test_no_sequence_of_writes_breaks_the_books(
    pool: Pool,
    database: Database,
    *,
    with_rates: bool,
    rows: list[tuple[Any, ...]],
    operations: list[tuple[str, tuple[Any, ...]]],
) -> None:
    async with _office(pool, database) as office:
        if with_rates:
            for days in range(0, DAYS + 40, 20):
                await office.rate(["EUR"], TODAY - timedelta(days=days), 11_000)
                await office.rate(["JPY"], TODAY - timedelta(days=days), 67)
        for row in rows:
            await office.put(*row)
        for name, arguments in operations:
            await _do(office, name, arguments)
        await office.sync()
        await _check_sound(office)


@asynccontextmanager
async def _office(pool: Pool, database: Database) -> AsyncIterator[Office]:
    feed = MemoryFeed(
        {
            "dollars": MemoryAccount("USD", "depository", Decimal(1000)),
            "savings": MemoryAccount("USD", "depository", Decimal(0)),
            "card": MemoryAccount("EUR", "credit", Decimal(-5)),
            "euros": MemoryAccount("EUR", "depository", Decimal(100)),
            "yen": MemoryAccount("JPY", "depository", Decimal(3000)),
        }
    )
    async with memory_services(pool, feed) as services:
        bank = await link_memory_bank(services, feed, entity_id=await open_entity(pool, database))
        yield Office(bank, await bank.chart())


async def _do(office: Office, name: str, arguments: Sequence[Any]) -> None:
    """Do one deed; if it is refused, the books are what they were."""
    if name in ROW_DEEDS:
        await office.sync()
    deed: Callable[..., Awaitable[None]] = getattr(office, name)
    before = await office.bank.balances()
    try:
        await deed(*arguments)
        event(f"{name}: done")
    except (OpenLedgerError, NothingThereError) as refused:
        event(f"{name}: {refused.error_code if isinstance(refused, OpenLedgerError) else 'nothing there'}")
        assert await office.bank.balances() == before, f"{name} was refused, but not all of it"


async def _check_sound(office: Office) -> None:
    done = await verify_books(office.pool, entity_id=office.entity_id, now=NOW)
    assert done.violations == ()
    settled = await office.bank.balances()
    assert sum(base for _, base in settled.values()) == 0
    async with db.write_entity(office.pool, entity_id=office.entity_id) as conn:
        await _check_in_line(conn, office.bank)
    await office.sync()
    assert await office.bank.balances() == settled, "a sync without news changes nothing"
    async with db.read_entity(office.pool, entity_id=office.entity_id) as reading:
        for currency in await currencies_in_use(reading, entity_id=office.entity_id):
            await _check_reports(reading, View(currency=currency), entity_id=office.entity_id)
        for valuation in Valuation:
            view = View(currency="USD", is_translated=True, valuation=valuation, fiscal_year_month=4)
            await _check_reports(reading, view, entity_id=office.entity_id)


async def _check_in_line(conn: db.WriteConnection, bank: MemoryBank) -> None:
    """Booking every row once more finds nothing to do: the books say what banks and people say."""
    await access.hold_books(conn, entity_id=bank.entity_id)
    cursor = await conn.execute("SELECT id FROM bank_transaction WHERE entity_id = %s", (bank.entity_id,))
    rows = [row[0] for row in await cursor.fetchall()]
    posted = await post_bank_transactions(conn, rows, entity_id=bank.entity_id, now=NOW)
    assert (posted.recorded, posted.reversed) == (0, 0)


async def _check_reports(conn: ReadConnection, view: View, *, entity_id: int) -> None:
    """Every statement balances in itself, and month by month they add up to what they say of the whole."""
    months = [Period(since=date(2026, month, 1), until=date(2026, month + 1, 1)) for month in range(2, 6)]
    whole = Period(since=date(1900, 1, 1), until=date(2026, 6, 1))
    balance = await trial_balance(conn, entity_id=entity_id, period=months[1], view=view)
    assert balance.closing_debits_minor == balance.closing_credits_minor
    for sheet in await balance_sheets(conn, entity_id=entity_id, days=[TODAY, months[0].since], view=view):
        assert sheet.total_assets_minor == sheet.total_liabilities_minor + sheet.total_equity_minor
    flows = await cash_flows(conn, entity_id=entity_id, periods=[whole, *months], view=view)
    for flow in flows:
        explained = flow.operating_minor + flow.investing_minor + flow.financing_minor
        assert explained == flow.cash_after_minor - flow.cash_before_minor
    assert flows[0].cash_after_minor == flows[-1].cash_after_minor
    total, *parts = await income_statements(conn, entity_id=entity_id, periods=[whole, *months], view=view)
    earned = [one.total_revenue_minor - one.total_expenses_minor for one in (total, *parts)]
    earlier = Period(since=whole.since, until=months[0].since)
    [before] = await income_statements(conn, entity_id=entity_id, periods=[earlier], view=view)
    assert earned[0] == before.total_revenue_minor - before.total_expenses_minor + sum(earned[1:])
