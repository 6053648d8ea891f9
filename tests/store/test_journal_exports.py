"""The exported journal in other people's programs: hostile text, every currency, random books."""

import csv
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openledger_server.base import db
from openledger_server.base.db import Pool
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
from openledger_server.reports.exports.journal import JournalFormat
from openledger_server.reports.types import Period
from tests.support.database import Database
from tests.support.entities import open_entity
from tests.support.round_trip import exported, far_period, round_trip_differences
from tests.support.tools import beancount_balances, hledger_check, hledger_descriptions

NOW = datetime(2026, 6, 1, tzinfo=UTC)
HOSTILE = [
    "Coffee; account:Assets:Bank:1000  100 USD",
    "line one\nline two\r\n2026-01-01 * forged\n    Equity:X  5 USD",
    "! pending (code) * | payee = 3 @ 4 {5}",
    '"quotes" and \\backslash\\ and \\" both',
    "=HYPERLINK(1)",
    "tab\there, nul-free, next\u0085line, para\u2029graph, \u202eright to left",
    "   spaces   around   ",
    "",
    "日本語 ü ñ 💸",
    "include ../../etc/passwd",
    "comment\nend comment",
    "x" * 3000,
]


async def add_account(pool: Pool, entity_id: int, name: str, code: int, type_: LedgerAccountType) -> LedgerAccountId:
    account = LedgerAccount(
        id=LedgerAccountId(new_id()),
        code=code,
        name=name,
        type=type_,
        subtype="Weird; (sub) type: é",
        parent_id=None,
        system_role=None,
        currency=None,
        created_at=NOW,
        updated_at=NOW,
    )
    async with db.write_entity(pool, entity_id=entity_id) as conn:
        await ledger.add_ledger_account(conn, account, entity_id=entity_id)
    return account.id


def entry(dated: date, description: str, *lines: tuple[LedgerAccountId, int, str]) -> JournalEntry:
    id_ = new_id()
    return JournalEntry(
        id=JournalEntryId(id_),
        dated=dated,
        source_ref=f"test:({id_});",
        description=description,
        postings=tuple(Posting(*line) for line in lines),
    )


async def append(pool: Pool, entity_id: int, entries: list[JournalEntry]) -> None:
    async with db.write_entity(pool, entity_id=entity_id) as conn:
        await ledger.append_entries(conn, entries, entity_id=entity_id, now=NOW)


async def test_hostile_text_stays_text(pool: Pool, database: Database, tmp_path: Path) -> None:
    """Each description is a bank's or a person's; none may become a posting, a comment, an include or a formula."""
    entity_id = await open_entity(pool, database)
    names = ["; rm  -rf", "Two  spaces: and:colons", "=1+1 \n newline", "日本", "A" * 200]
    accounts = [
        await add_account(pool, entity_id, name, 8000 + i, LedgerAccountType.EXPENSE) for i, name in enumerate(names)
    ]
    cash = await add_account(pool, entity_id, "Cash (till)", 1600, LedgerAccountType.ASSET)
    day = date(2026, 1, 1)
    await append(
        pool,
        entity_id,
        [
            entry(day + timedelta(days=i), text, (accounts[i % len(accounts)], 100 + i, "USD"), (cash, -100 - i, "USD"))
            for i, text in enumerate(HOSTILE)
        ],
    )
    assert await round_trip_differences(pool, entity_id, far_period()) == []

    journal = await exported(pool, entity_id, JournalFormat.HLEDGER, tmp_path)
    hledger_check(journal)
    read = hledger_descriptions(journal)
    assert len(read) == len(HOSTILE)
    assert read[0] == "Coffee, account:Assets:Bank:1000 100 USD"
    assert read[1] == "line one line two 2026-01-01 * forged Equity:X 5 USD"
    assert read[8] == HOSTILE[8]

    table = await exported(pool, entity_id, JournalFormat.CSV, tmp_path)
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 2 * len(HOSTILE)
    assert not any(cell.startswith(("=", "+", "@")) for row in rows for cell in row.values())
    assert {row["description"] for row in rows} >= {
        "'=HYPERLINK(1)",
        "日本語 ü ñ 💸",
        '"quotes" and \\backslash\\ and \\" both',
    }
    assert sum(int(row["amount"].replace(".", "")) for row in rows) == 0


@pytest.mark.parametrize("currency", ["USD", "EUR", "JPY", "KWD"])
async def test_every_currency_keeps_its_digits(pool: Pool, database: Database, tmp_path: Path, currency: str) -> None:
    """1234 minor units: 12.34 USD, 1234 JPY, 1.234 KWD, which must not be read as 1,234."""
    entity_id = await open_entity(pool, database, base_currency=currency)
    cash = await add_account(pool, entity_id, "Cash", 1600, LedgerAccountType.ASSET)
    other = await add_account(pool, entity_id, "Sales", 4300, LedgerAccountType.REVENUE)
    await append(
        pool,
        entity_id,
        [entry(date(2026, 1, 1), "sale", (cash, 1234, currency), (other, -1234, currency))],
    )
    assert await round_trip_differences(pool, entity_id, far_period()) == []
    journal = await exported(pool, entity_id, JournalFormat.BEANCOUNT, tmp_path)
    amounts = {"USD": "12.34", "EUR": "12.34", "JPY": "1234", "KWD": "1.234"}
    balances = beancount_balances(journal, since=None, until=date(2099, 1, 1))
    assert [str(amount) for each in balances.values() for amount in each.values() if amount > 0] == [amounts[currency]]


async def test_an_empty_journal_is_a_valid_file(pool: Pool, database: Database) -> None:
    entity_id = await open_entity(pool, database)
    assert await round_trip_differences(pool, entity_id, far_period()) == []


_LINES = st.tuples(
    st.integers(0, 800), st.integers(0, 60), st.integers(0, 60), st.integers(-(10**11), 10**11), st.text(max_size=20)
)


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(_LINES, min_size=1, max_size=40), st.integers(0, 700), st.integers(1, 400))
async def test_random_books_come_out_the_same_in_all_three(
    pool: Pool, database: Database, lines: list[tuple[int, int, int, int, str]], start: int, length: int
) -> None:
    entity_id = await open_entity(pool, database)
    async with db.read_entity(pool, entity_id=entity_id) as conn:
        chart = await ledger.ledger_accounts(conn, entity_id=entity_id)
    first = date(2024, 1, 1)
    entries = [
        entry(
            first + timedelta(days=day),
            "".join(char for char in text if char.isprintable()),
            (chart[debit].id, amount or 1, "USD"),
            (chart[credit].id, -(amount or 1), "USD"),
        )
        for day, debit, credit, amount, text in lines
    ]
    await append(pool, entity_id, entries)
    since = first + timedelta(days=start)
    period = Period(since=since, until=since + timedelta(days=length))
    assert await round_trip_differences(pool, entity_id, period) == []
