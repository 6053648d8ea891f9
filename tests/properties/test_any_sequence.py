"""Random sequences of everything that writes to the books: whatever happens, every check of `verify` finds them sound.

Banks add, change and take back rows, in three currencies and with transfers between them; people choose categories,
split, exclude, write, change and delete entries; accountants close and reopen periods and load rates. What the server
refuses it refuses with one of its own errors and changes nothing.
"""

import os
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openledger_server.base.db import Pool
from openledger_server.base.errors import OpenLedgerError
from openledger_server.categorization.decisions.types import SplitPart
from openledger_server.ledger.manual.types import EntryContent, Line, ManualEntryId
from openledger_server.ledger.periods.types import Because, PeriodRole
from openledger_server.ledger.rates.types import ExchangeRate
from openledger_server.ledger.types import MACHINE, LedgerAccountId, Posting
from openledger_server.workflows.close_period import close_period, post_held_on_first_open_day, reopen_period
from openledger_server.workflows.exclude_transaction import exclude, include
from openledger_server.workflows.load_rates import load_rates
from openledger_server.workflows.manual_entries import (
    Desk,
    change_entry,
    delete_entry,
    record_entry,
    request_mark,
)
from openledger_server.workflows.set_category import approve, set_category
from openledger_server.workflows.split_transaction import split
from openledger_server.workflows.verify_books import verify_books
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
CODES = (6350, 6400, 4000, 1090, 6999)
BECAUSE = Because(role=PeriodRole.OWNER, reason="Property test.")
CATEGORIES = (None, "FOOD_AND_DRINK_COFFEE", "TRANSFER_OUT_ACCOUNT_TRANSFER", "TRANSFER_IN_ACCOUNT_TRANSFER")

_INDEX = st.integers(0, 30)
_DAY = st.integers(0, DAYS).map(lambda back: TODAY - timedelta(days=back))
_CENTS = st.integers(-20_000, 20_000).filter(bool)
_ACCOUNT = st.sampled_from(("dollars", "card", "euros", "yen"))
OPERATIONS: dict[str, st.SearchStrategy[Any]] = {
    "put": st.tuples(_ACCOUNT, _CENTS, _DAY, st.sampled_from(CATEGORIES), st.booleans()),
    "transfer": st.tuples(st.permutations(("dollars", "card", "euros", "yen")), st.integers(1, 20_000), _DAY),
    "change": st.tuples(_INDEX, _CENTS, _DAY),
    "remove": st.tuples(_INDEX),
    "settle": st.tuples(_INDEX),
    "sync": st.tuples(),
    "categorize": st.tuples(_INDEX, st.sampled_from(CODES)),
    "approve": st.tuples(_INDEX),
    "split": st.tuples(_INDEX, st.sampled_from(CODES), st.sampled_from(CODES)),
    "exclude": st.tuples(_INDEX),
    "include": st.tuples(_INDEX),
    "write": st.tuples(_CENTS, _DAY, st.sampled_from(("USD", "EUR", "KWD"))),
    "rewrite": st.tuples(_INDEX, _CENTS, _DAY),
    "unwrite": st.tuples(_INDEX),
    "close": st.tuples(_DAY),
    "reopen": st.tuples(st.none() | _DAY),
    "post_held": st.tuples(),
    "rate": st.tuples(st.sampled_from(("EUR", "JPY", "KWD")), _DAY, st.integers(1, 40_000)),
}
OPERATION = st.one_of([st.tuples(st.just(name), given_) for name, given_ in OPERATIONS.items()])


class World:
    """One entity, its bank, and what can be done to them."""

    def __init__(self, bank: MemoryBank, chart: dict[int, LedgerAccountId]) -> None:
        self.bank, self.chart = bank, chart
        self.desk = Desk(entity_id=bank.entity_id, by=MACHINE)
        self.keys: list[str] = []
        self.written: list[ManualEntryId] = []
        self.pool, self.services, self.entity_id = bank.services.pool, bank.services, bank.entity_id

    def _key(self, index: int) -> str | None:
        live = [key for key in self.keys if key in self.bank.feed.rows]
        return live[index % len(live)] if live else None

    def _amount(self, account: str, cents: int) -> str:
        return str(cents if self.bank.feed.accounts[account].currency == "JPY" else Decimal(cents).scaleb(-2))

    async def put(self, account: str, cents: int, day: date, category: str | None, is_pending: bool) -> None:  # noqa: FBT001 - drawn
        amount = self._amount(account, cents)
        self.keys.append(self.bank.put(account, amount, day, provider_category=category, is_pending=is_pending))

    async def transfer(self, accounts: list[str], cents: int, day: date) -> None:
        worth = {"USD": Decimal(1), "EUR": Decimal("1.1"), "JPY": Decimal("0.0067")}
        given, got = (self.bank.feed.accounts[one].currency for one in accounts[:2])
        digits = 0 if got == "JPY" else 2
        out = Decimal(cents) if given == "JPY" else Decimal(cents).scaleb(-2)
        came = round(out * worth[given] / worth[got], digits)
        if came:
            self.keys.append(self.bank.put(accounts[0], str(-out), day, provider_category=CATEGORIES[2]))
            self.keys.append(self.bank.put(accounts[1], str(came), day, provider_category=CATEGORIES[3]))

    async def change(self, index: int, cents: int, day: date) -> None:
        if key := self._key(index):
            account = self.bank.feed.rows[key].provider_account_id
            self.bank.change(key, amount=Decimal(self._amount(account, cents)), dated=day)

    async def remove(self, index: int) -> None:
        if key := self._key(index):
            self.bank.remove(key)

    async def settle(self, index: int) -> None:
        if (key := self._key(index)) and self.bank.feed.rows[key].is_pending:
            self.bank.change(key, is_pending=False)

    async def sync(self) -> None:
        await self.bank.sync()

    async def _row(self, index: int) -> Any:
        await self.bank.sync()
        key = self._key(index)
        return None if key is None else await self.bank.row_id(key)

    async def categorize(self, index: int, code: int) -> None:
        if row := await self._row(index):
            await set_category(
                self.services, entity_id=self.entity_id, bank_transaction_id=row, ledger_account_id=self.chart[code]
            )

    async def approve(self, index: int) -> None:
        if row := await self._row(index):
            await approve(self.services, entity_id=self.entity_id, bank_transaction_id=row)

    async def split(self, index: int, first: int, second: int) -> None:
        if row := await self._row(index):
            key = self._key(index)
            assert key is not None
            amount = self.bank.feed.rows[key].amount
            part = round(amount / 3, 0)
            parts = [SplitPart(self.chart[first], part), SplitPart(self.chart[second], amount - part)]
            await split(self.services, parts, desk=self.desk, bank_transaction_id=row)

    async def exclude(self, index: int) -> None:
        if row := await self._row(index):
            await exclude(self.services, desk=self.desk, bank_transaction_ids=[row], reason="Private.")

    async def include(self, index: int) -> None:
        if row := await self._row(index):
            await include(self.services, desk=self.desk, bank_transaction_id=row)

    def _content(self, cents: int, day: date, currency: str) -> EntryContent:
        lines = tuple(
            Line(Posting(self.chart[code], amount, currency))
            for code, amount in ((6350, cents), (6400, cents * 2), (3000, -cents * 3))
        )
        return EntryContent(dated=day, description="Written", lines=lines)

    async def write(self, cents: int, day: date, currency: str) -> None:
        content = self._content(cents, day, currency)
        mark = request_mark(subject="test", content=content, key=f"{len(self.written)}")
        made = await record_entry(self.services, content, mark, desk=self.desk)
        self.written.append(made.entry.id)

    async def rewrite(self, index: int, cents: int, day: date) -> None:
        if self.written:
            number = self.written[index % len(self.written)]
            await change_entry(self.services, self._content(cents, day, "EUR"), desk=self.desk, manual_entry_id=number)

    async def unwrite(self, index: int) -> None:
        if self.written:
            number = self.written[index % len(self.written)]
            await delete_entry(self.services, desk=self.desk, manual_entry_id=number)

    async def close(self, through: date) -> None:
        await close_period(self.pool, entity_id=self.entity_id, through=through, because=BECAUSE, by=MACHINE, now=NOW)

    async def reopen(self, through: date | None) -> None:
        await reopen_period(self.pool, entity_id=self.entity_id, through=through, because=BECAUSE, by=MACHINE, now=NOW)

    async def post_held(self) -> None:
        await post_held_on_first_open_day(self.pool, entity_id=self.entity_id, by=MACHINE, now=NOW)

    async def rate(self, currency: str, day: date, units: int) -> None:
        rate = ExchangeRate(currency=currency, dated=day, rate=Decimal(units).scaleb(-4))
        await load_rates(self.pool, [rate], entity_id=self.entity_id, now=NOW)


@pytest.mark.timeout(300 + 30 * EXAMPLES)
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    with_rates=st.booleans(),
    operations=st.lists(OPERATION, min_size=5, max_size=25),
)
async def test_no_sequence_of_writes_breaks_the_books(
    pool: Pool, database: Database, *, with_rates: bool, operations: list[tuple[str, tuple[Any, ...]]]
) -> None:
    feed = MemoryFeed(
        {
            "dollars": MemoryAccount("USD", "depository", Decimal(1000)),
            "card": MemoryAccount("EUR", "credit", Decimal(-5)),
            "euros": MemoryAccount("EUR", "depository", Decimal(100)),
            "yen": MemoryAccount("JPY", "depository", Decimal(3000)),
        }
    )
    async with memory_services(pool, feed) as services:
        entity_id = await open_entity(pool, database)
        bank = await link_memory_bank(services, feed, entity_id=entity_id)
        world = World(bank, await bank.chart())
        if with_rates:
            for days in range(0, DAYS + 40, 20):
                await world.rate("EUR", TODAY - timedelta(days=days), 11_000)
                await world.rate("JPY", TODAY - timedelta(days=days), 67)
        for name, arguments in operations:
            deed: Callable[..., Awaitable[None]] = getattr(world, name)
            before = await bank.balances()
            try:
                await deed(*arguments)
            except OpenLedgerError:
                if name in {"close", "reopen", "write", "rewrite", "unwrite"}:
                    assert await bank.balances() == before
        await bank.sync()
        done = await verify_books(pool, entity_id=entity_id, now=NOW)
        assert done.violations == ()
        settled = await bank.balances()
        await bank.sync()
        assert await bank.balances() == settled
        assert sum(base for _, base in settled.values()) == 0
