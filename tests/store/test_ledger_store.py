"""The books on a real database. Small journals stand in the docstrings: date, accounts, amounts (debit positive)."""

from datetime import UTC, date, datetime, timedelta

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openledger_server.base import db
from openledger_server.base.db import Pool
from openledger_server.base.ids import new_id
from openledger_server.ledger import store
from openledger_server.ledger.chart import small_business_template
from openledger_server.ledger.invariants import LEDGER_INVARIANTS, violations
from openledger_server.ledger.store import AlreadyPostedError, LedgerAccountTakenError, UnknownLedgerAccountError
from openledger_server.ledger.types import (
    JournalEntry,
    JournalEntryId,
    LedgerAccountId,
    Posting,
    SystemRole,
)
from tests.support.database import Database
from tests.support.entities import open_entity

NOW = datetime(2026, 5, 1, tzinfo=UTC)


@pytest.fixture
async def entity_id(pool: Pool, database: Database) -> int:
    return await open_entity(pool, database)


def entry(ref: str, dated: date, *postings: tuple[int, int], reverses: int | None = None) -> JournalEntry:
    return JournalEntry(
        id=JournalEntryId(new_id()),
        dated=dated,
        source_ref=ref,
        description=ref,
        postings=tuple(Posting(LedgerAccountId(account), amount, "USD", amount) for account, amount in postings),
        reverses_id=None if reverses is None else JournalEntryId(reverses),
    )


async def accounts_by_code(pool: Pool, entity_id: int) -> dict[int, int]:
    async with db.read_entity(pool, entity_id=entity_id) as conn:
        return {account.code: account.id for account in await store.ledger_accounts(conn, entity_id=entity_id)}


async def test_a_new_chart_has_the_template_and_opening_it_again_changes_nothing(pool: Pool, entity_id: int) -> None:
    before = await accounts_by_code(pool, entity_id)
    async with db.write_entity(pool, entity_id=entity_id) as conn:
        await store.open_chart(conn, entity_id=entity_id, accounts=small_business_template(), now=NOW)
    assert await accounts_by_code(pool, entity_id) == before
    assert set(before) == {account.code for account in small_business_template()}


async def test_appended_entries_read_back_and_their_totals_follow(pool: Pool, entity_id: int) -> None:
    """
    2026-03-31  6350 Meals 12.50   3000 Equity -12.50
    2026-04-01  6350 Meals  7.50   3000 Equity  -7.50
    """
    codes = await accounts_by_code(pool, entity_id)
    entries = [
        entry("a", date(2026, 3, 31), (codes[6350], 1250), (codes[3000], -1250)),
        entry("b", date(2026, 4, 1), (codes[6350], 750), (codes[3000], -750)),
    ]
    async with db.write_entity(pool, entity_id=entity_id) as conn:
        await store.append_entries(conn, entries, entity_id=entity_id, now=NOW)
    async with db.read_entity(pool, entity_id=entity_id) as reading:
        assert [one async for one in store.entries(reading, entity_id=entity_id)] == entries

        async def net(since: date | None, until: date) -> dict[int, int]:
            totals = await store.account_totals(reading, entity_id=entity_id, since=since, until=until)
            return {total.ledger_account_id: total.net_minor for total in totals}

        assert await net(None, date(2026, 5, 1)) == {codes[6350]: 2000, codes[3000]: -2000}
        assert await net(date(2026, 4, 1), date(2026, 5, 1)) == {codes[6350]: 750, codes[3000]: -750}
        assert await net(None, date(2026, 4, 1)) == {codes[6350]: 1250, codes[3000]: -1250}
        assert await net(date(2026, 3, 31), date(2026, 4, 1)) == {codes[6350]: 1250, codes[3000]: -1250}
        assert await net(date(2026, 3, 31), date(2026, 4, 2)) == {codes[6350]: 2000, codes[3000]: -2000}
        assert await net(date(2026, 4, 2), date(2026, 4, 20)) == {}


async def test_a_balance_as_of_a_day_and_as_known_at_an_instant(pool: Pool, entity_id: int) -> None:
    """
    Recorded on 1 May: 2026-03-31 Meals 12.50. Recorded on 2 May: its reversal, and 2026-04-01 Meals 7.50.
    """
    codes = await accounts_by_code(pool, entity_id)
    first = entry("a", date(2026, 3, 31), (codes[6350], 1250), (codes[3000], -1250))
    back = entry("r", date(2026, 3, 31), (codes[6350], -1250), (codes[3000], 1250), reverses=first.id)
    later = entry("b", date(2026, 4, 1), (codes[6350], 750), (codes[3000], -750))
    next_day = NOW + timedelta(days=1)
    async with db.write_entity(pool, entity_id=entity_id) as conn:
        await store.append_entries(conn, [first], entity_id=entity_id, now=NOW)
        await store.append_entries(conn, [back, later], entity_id=entity_id, now=next_day)

        async def balance(as_of: date, known_at: datetime | None = None) -> list[tuple[int, int]]:
            meals = LedgerAccountId(codes[6350])
            totals = await store.account_balance(
                conn, entity_id=entity_id, ledger_account_id=meals, as_of=as_of, known_at=known_at
            )
            return [(total.debits_minor, total.credits_minor) for total in totals]

        assert await balance(date(2026, 3, 30)) == []
        assert await balance(date(2026, 3, 31)) == [(1250, 1250)]
        assert await balance(date(2026, 4, 1)) == [(2000, 1250)]
        assert await balance(date(2026, 4, 1), NOW) == [(1250, 0)]
        assert await balance(date(2026, 4, 1), NOW - timedelta(seconds=1)) == []
        assert await balance(date(2026, 4, 1), next_day) == [(2000, 1250)]


async def test_the_same_source_is_posted_once(pool: Pool, entity_id: int) -> None:
    codes = await accounts_by_code(pool, entity_id)
    for _ in range(2):
        made = entry("bank_transaction:1:1", date(2026, 1, 1), (codes[6350], 1), (codes[3000], -1))
        try:
            async with db.write_entity(pool, entity_id=entity_id) as conn:
                await store.append_entries(conn, [made], entity_id=entity_id, now=NOW)
        except AlreadyPostedError:
            break
    else:
        pytest.fail("the second posting was accepted")
    async with db.read_entity(pool, entity_id=entity_id) as conn:
        totals = await store.account_totals(conn, entity_id=entity_id, since=None, until=date(2027, 1, 1))
    assert sorted(total.net_minor for total in totals) == [-1, 1]


async def test_an_entry_is_reversed_once_at_most(pool: Pool, entity_id: int) -> None:
    codes = await accounts_by_code(pool, entity_id)
    first = entry("a", date(2026, 1, 1), (codes[6350], 1), (codes[3000], -1))
    back = entry("r1", date(2026, 1, 1), (codes[6350], -1), (codes[3000], 1), reverses=first.id)
    again = entry("r2", date(2026, 1, 1), (codes[6350], -1), (codes[3000], 1), reverses=first.id)
    async with db.write_entity(pool, entity_id=entity_id) as conn:
        await store.append_entries(conn, [first, back], entity_id=entity_id, now=NOW)
    with pytest.raises(AlreadyPostedError):
        async with db.write_entity(pool, entity_id=entity_id) as conn:
            await store.append_entries(conn, [again], entity_id=entity_id, now=NOW)


async def test_the_database_itself_refuses_an_unbalanced_entry(pool: Pool, entity_id: int) -> None:
    codes = await accounts_by_code(pool, entity_id)
    with pytest.raises(psycopg.errors.CheckViolation) as caught:
        await _post_99_against_100(pool, entity_id, codes)
    assert caught.value.diag.constraint_name == "journal_entry_balances"


async def _post_99_against_100(pool: Pool, entity_id: int, codes: dict[int, int]) -> None:
    async with db.write_entity(pool, entity_id=entity_id) as conn:
        await conn.execute(
            """
            INSERT INTO journal_entry (entity_id, id, dated, source_ref, description, kind, actor_kind, actor_id, batch,
                                       created_at)
            VALUES (%s, 1, '2026-01-01', 'x', '', 'manual', 'machine', 'test', 1, now())
            """,
            (entity_id,),
        )
        await conn.execute(
            """
            INSERT INTO posting (entity_id, journal_entry_id, line, ledger_account_id, amount_minor, base_minor,
                                 currency, dated)
            VALUES (%(entity_id)s, 1, 1, %(meals)s, 100, 100, 'USD', '2026-01-01'),
                   (%(entity_id)s, 1, 2, %(equity)s, -99, -99, 'USD', '2026-01-01')
            """,
            {"entity_id": entity_id, "meals": codes[6350], "equity": codes[3000]},
        )


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE posting SET amount_minor = 5",
        "DELETE FROM posting",
        "UPDATE journal_entry SET description = ''",
        "DELETE FROM journal_entry",
        "DELETE FROM ledger_account_month",
        "UPDATE ledger_account_month SET debits_minor = 0",
        "INSERT INTO ledger_account_month SELECT entity_id, id, 'USD', '2026-01-01', 1, 1, 1, 1 FROM ledger_account",
        "DELETE FROM ledger_account_day",
        "UPDATE ledger_account_day SET debits_minor = 0",
        "INSERT INTO ledger_account_day SELECT entity_id, id, 'USD', '2026-01-01', 1, 1, 1, 1 FROM ledger_account",
        "UPDATE ledger_batch SET sha256 = decode(repeat('00', 32), 'hex')",
        "DELETE FROM ledger_batch",
        "INSERT INTO ledger_batch SELECT id, 9, 1, decode(repeat('00', 32), 'hex'), now() FROM entity",
        "UPDATE period_event SET closed_through = NULL",
        "DELETE FROM period_event",
        "DELETE FROM bank_transaction",
        "DELETE FROM entity",
        "UPDATE developer SET name = 'x'",
    ],
)
async def test_the_servers_role_cannot_rewrite_history(pool: Pool, entity_id: int, statement: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        async with db.write_entity(pool, entity_id=entity_id) as conn:
            await conn.execute(statement.encode())


async def test_one_entity_sees_nothing_of_another_even_without_a_filter(
    pool: Pool, database: Database, entity_id: int
) -> None:
    other_id = await open_entity(pool, database)
    async with db.read_entity(pool, entity_id=entity_id) as conn:
        cursor = await conn.execute("SELECT DISTINCT entity_id FROM ledger_account")
        assert await cursor.fetchall() == [(entity_id,)]
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        async with db.write_entity(pool, entity_id=entity_id) as conn:
            await store.open_chart(conn, entity_id=other_id, accounts=small_business_template(), now=NOW)
    async with pool.connection() as bare:
        cursor = await bare.execute("SELECT count(*) FROM ledger_account")
        assert await cursor.fetchone() == (0,)


async def test_unknown_and_taken_accounts_have_their_errors(pool: Pool, entity_id: int) -> None:
    async with db.read_entity(pool, entity_id=entity_id) as conn:
        with pytest.raises(UnknownLedgerAccountError):
            await store.ledger_account(conn, entity_id=entity_id, ledger_account_id=1)
        equity = await store.system_account(conn, entity_id=entity_id, role=SystemRole.OPENING_BALANCES)
        account = await store.ledger_account(conn, entity_id=entity_id, ledger_account_id=equity)
    with pytest.raises(LedgerAccountTakenError):
        async with db.write_entity(pool, entity_id=entity_id) as conn:
            await store.add_ledger_account(conn, account, entity_id=entity_id)


_LINES = st.tuples(st.integers(0, 500), st.integers(-(10**9), 10**9).filter(bool), st.booleans())


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(_LINES, min_size=1, max_size=30), st.integers(0, 520), st.integers(1, 520))
async def test_totals_of_any_period_equal_the_sum_of_its_postings(
    pool: Pool, entity_id: int, lines: list[tuple[int, int, bool]], start: int, length: int
) -> None:
    codes = await accounts_by_code(pool, entity_id)
    first = date(2025, 1, 15)
    entries = [
        entry(
            f"{new_id()}",
            date.fromordinal(first.toordinal() + day),
            (codes[6350 if meals else 6600], amount),
            (codes[3000], -amount),
        )
        for day, amount, meals in lines
    ]
    since, until = (date.fromordinal(first.toordinal() + offset) for offset in (start, start + length))
    async with db.write_entity(pool, entity_id=entity_id) as conn:
        await store.append_entries(conn, entries, entity_id=entity_id, now=NOW)
        totals = await store.account_totals(conn, entity_id=entity_id, since=since, until=until)
        cursor = await conn.execute(
            "SELECT ledger_account_id, sum(amount_minor)::bigint FROM posting"
            " WHERE entity_id = %s AND dated >= %s AND dated < %s GROUP BY 1",
            (entity_id, since, until),
        )
        assert {total.ledger_account_id: total.net_minor for total in totals} == dict(await cursor.fetchall())
        assert await violations(conn, LEDGER_INVARIANTS, entity_id=entity_id) == []
