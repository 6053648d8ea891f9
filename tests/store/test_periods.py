"""Closed periods on a real database: nothing gets in unnoticed, and what waits is booked once it may be."""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from decimal import Decimal

import psycopg
import pytest

from openledger_server.base import db
from openledger_server.base.db import Pool
from openledger_server.base.ids import new_id
from openledger_server.bookkeeping.invariants import BOOKKEEPING_INVARIANTS
from openledger_server.bookkeeping.types import HoldReason
from openledger_server.ledger import store as ledger
from openledger_server.ledger.invariants import LEDGER_INVARIANTS, violations
from openledger_server.ledger.periods.types import (
    Because,
    PeriodAction,
    PeriodClosedError,
    PeriodOrderError,
    PeriodRole,
    PeriodRoleError,
)
from openledger_server.ledger.types import Actor, ActorKind, JournalEntry, JournalEntryId, Posting
from openledger_server.workflows.close_period import (
    PeriodState,
    close_period,
    period_state,
    post_held_on_first_open_day,
    reopen_period,
)
from openledger_server.workflows.set_category import set_category
from tests.support.database import Database
from tests.support.entities import open_entity
from tests.support.memory_bank import NOW, MemoryAccount, MemoryBank, MemoryFeed, link_memory_bank, memory_services

ANN = Actor(kind=ActorKind.PERSON, id="7", name="Ann")
YEAR_END = Because(role=PeriodRole.ACCOUNTANT, reason="The year is filed.")
MARCH_31 = date(2026, 3, 31)
CHECKING, UNCATEGORIZED_EXPENSE, MEALS = 1000, 6999, 6350


@pytest.fixture
async def bank(pool: Pool, database: Database) -> AsyncIterator[MemoryBank]:
    feed = MemoryFeed({"checking": MemoryAccount("USD", "depository", Decimal(1000))})
    async with memory_services(pool, feed) as services:
        linked = await link_memory_bank(services, feed, entity_id=await open_entity(pool, database))
        linked.put("checking", "-10.00", date(2026, 3, 15))
        linked.put("checking", "-20.00", date(2026, 4, 15))
        await linked.sync()
        yield linked


async def state(bank: MemoryBank) -> PeriodState:
    async with db.read_entity(bank.services.pool, entity_id=bank.entity_id) as conn:
        assert await violations(conn, LEDGER_INVARIANTS | BOOKKEEPING_INVARIANTS, entity_id=bank.entity_id) == []
        return await period_state(conn, entity_id=bank.entity_id)


async def close(bank: MemoryBank, through: date = MARCH_31, role: PeriodRole = PeriodRole.ACCOUNTANT) -> PeriodState:
    because = Because(role=role, reason=YEAR_END.reason)
    return await close_period(
        bank.services.pool, entity_id=bank.entity_id, through=through, because=because, by=ANN, now=NOW
    )


async def reopen(bank: MemoryBank, through: date | None = None) -> PeriodState:
    return await reopen_period(
        bank.services.pool, entity_id=bank.entity_id, through=through, because=YEAR_END, by=ANN, now=NOW
    )


async def spent(bank: MemoryBank, until: date) -> int:
    """Return what is booked as uncategorized expense before a day, in cents."""
    code = (await bank.chart())[UNCATEGORIZED_EXPENSE]
    async with db.read_entity(bank.services.pool, entity_id=bank.entity_id) as conn:
        totals = await ledger.account_totals(conn, entity_id=bank.entity_id, since=None, until=until)
    return sum(total.net_minor for total in totals if total.ledger_account_id == code)


async def test_closing_is_logged_once_and_goes_forwards_reopening_goes_backwards(bank: MemoryBank) -> None:
    await close(bank)
    again = await close(bank)
    assert again.closed_through == MARCH_31
    [event] = again.events
    assert (event.action, event.actor, event.because) == (PeriodAction.CLOSE, ANN, YEAR_END)
    with pytest.raises(PeriodOrderError):
        await close(bank, date(2026, 2, 28))
    with pytest.raises(PeriodOrderError):
        await close(bank, NOW.date() + timedelta(days=1))
    with pytest.raises(PeriodOrderError):
        await reopen(bank, date(2026, 4, 30))
    reopened = await reopen(bank, date(2026, 2, 28))
    assert reopened.closed_through == date(2026, 2, 28)
    assert (await reopen(bank)).closed_through is None
    assert [event.action for event in (await state(bank)).events] == ["reopen", "reopen", "close"]


async def test_a_bookkeeper_may_close_but_not_reopen(bank: MemoryBank) -> None:
    await close(bank, role=PeriodRole.BOOKKEEPER)
    because = Because(role=PeriodRole.BOOKKEEPER, reason="Oops.")
    with pytest.raises(PeriodRoleError):
        await reopen_period(
            bank.services.pool, entity_id=bank.entity_id, through=None, because=because, by=ANN, now=NOW
        )
    assert (await state(bank)).closed_through == MARCH_31


async def test_a_bank_row_of_a_closed_day_waits_until_the_period_is_reopened(bank: MemoryBank) -> None:
    """
    2026-03-15 -10.00 booked; closed through 03-31; then the bank sends 2026-03-20 -5.00 and 2026-04-20 -7.00.
    Only the second is booked; the first is after reopening, on its own day.
    """
    await close(bank)
    bank.put("checking", "-5.00", date(2026, 3, 20))
    bank.put("checking", "-7.00", date(2026, 4, 20))
    await bank.sync()
    assert (await state(bank)).held == {HoldReason.PERIOD_CLOSED: 1}
    assert (await spent(bank, date(2026, 4, 1)), await spent(bank, date(2026, 5, 1))) == (1000, 3700)
    await bank.sync()
    assert (await state(bank)).held == {HoldReason.PERIOD_CLOSED: 1}
    assert (await reopen(bank)).held == {}
    assert (await spent(bank, date(2026, 4, 1)), await spent(bank, date(2026, 5, 1))) == (1500, 4200)
    assert (await bank.balances())[CHECKING, "USD"] == (95800, 95800)
    await state(bank)


async def test_what_waits_can_be_booked_on_the_first_open_day(bank: MemoryBank) -> None:
    await close(bank)
    bank.put("checking", "-5.00", date(2026, 3, 20))
    await bank.sync()
    posted = await post_held_on_first_open_day(bank.services.pool, entity_id=bank.entity_id, by=ANN, now=NOW)
    assert (posted.recorded, posted.held) == (1, {})
    assert (await spent(bank, date(2026, 4, 1)), await spent(bank, date(2026, 4, 2))) == (1000, 1500)
    again = await post_held_on_first_open_day(bank.services.pool, entity_id=bank.entity_id, by=ANN, now=NOW)
    assert again.recorded == 0
    await bank.sync()
    assert (await state(bank)).held == {}
    async with db.read_entity(bank.services.pool, entity_id=bank.entity_id) as conn:
        cursor = await conn.execute("SELECT id FROM journal_entry WHERE dated = '2026-04-01'")
        [(entry_id,)] = await cursor.fetchall()
        [entry] = await ledger.recorded_entries(conn, [entry_id], entity_id=bank.entity_id)
    assert entry.actor == ANN
    assert "Its own day, 2026-03-20, is in a closed period." in entry.entry.reason


async def test_a_change_and_a_removal_in_a_closed_period_wait_and_are_corrected_on_the_first_open_day(
    bank: MemoryBank,
) -> None:
    """
    2026-03-15 -10.00 becomes -12.00 and 2026-03-16 -1.00 is taken back after March is closed. March keeps saying 11.00;
    on the first open day 10.00 and 1.00 are reversed and 12.00 booked: 11.00 - 10.00 - 1.00 + 12.00 = 12.00.
    """
    gone = bank.put("checking", "-1.00", date(2026, 3, 16))
    await bank.sync()
    await close(bank)
    changed = next(key for key, row in bank.feed.rows.items() if row.dated == date(2026, 3, 15))
    bank.change(changed, amount=Decimal("-12.00"))
    bank.remove(gone)
    await bank.sync()
    assert (await state(bank)).held == {HoldReason.PERIOD_CLOSED: 2}
    assert await spent(bank, date(2026, 4, 1)) == 1100
    await post_held_on_first_open_day(bank.services.pool, entity_id=bank.entity_id, by=ANN, now=NOW)
    assert (await spent(bank, date(2026, 4, 1)), await spent(bank, date(2026, 4, 2))) == (1100, 1200)
    assert (await state(bank)).held == {}
    assert (await bank.balances())[CHECKING, "USD"] == (96800, 96800)


async def test_a_person_cannot_change_what_is_booked_in_a_closed_period(bank: MemoryBank) -> None:
    await close(bank)
    key = next(key for key, row in bank.feed.rows.items() if row.dated == date(2026, 3, 15))
    before = await bank.balances()
    with pytest.raises(PeriodClosedError):
        await set_category(
            bank.services,
            entity_id=bank.entity_id,
            bank_transaction_id=await bank.row_id(key),
            ledger_account_id=(await bank.chart())[MEALS],
            by=ANN,
        )
    assert await bank.balances() == before
    assert (await state(bank)).held == {}


def coffee(chart: dict[int, int], dated: date) -> JournalEntry:
    lines = ((MEALS, 400), (CHECKING, -400))
    return JournalEntry(
        id=JournalEntryId(new_id()),
        dated=dated,
        source_ref=f"test:{new_id()}",
        description="Coffee",
        postings=tuple(Posting(chart[code], amount, "USD") for code, amount in lines),  # type: ignore[arg-type]  # ids
    )


async def test_an_entry_gets_into_a_closed_period_only_by_a_logged_override(bank: MemoryBank) -> None:
    await close(bank)
    entry = coffee({**await bank.chart()}, MARCH_31)
    pool, entity_id = bank.services.pool, bank.entity_id
    with pytest.raises(PeriodClosedError):
        async with db.write_entity(pool, entity_id=entity_id) as conn:
            await ledger.append_entries(conn, [entry], entity_id=entity_id, now=NOW, by=ANN)
    because = Because(role=PeriodRole.BOOKKEEPER, reason="x")
    with pytest.raises(PeriodRoleError):
        async with db.write_entity(pool, entity_id=entity_id) as conn:
            await ledger.append_entries(conn, [entry], entity_id=entity_id, now=NOW, by=ANN, override=because)
    async with db.write_entity(pool, entity_id=entity_id) as conn:
        await ledger.append_entries(conn, [entry], entity_id=entity_id, now=NOW, by=ANN, override=YEAR_END)
        [recorded] = await ledger.recorded_entries(conn, [entry.id], entity_id=entity_id)
        log = (await period_state(conn, entity_id=entity_id)).events
    assert (log[0].action, log[0].batch, log[0].actor) == (PeriodAction.OVERRIDE, recorded.batch, ANN)
    assert log[0].because == YEAR_END


async def test_the_database_itself_refuses_an_entry_in_a_closed_period(bank: MemoryBank) -> None:
    await close(bank)
    chart = await bank.chart()
    with pytest.raises(psycopg.errors.CheckViolation) as caught:
        await _post_past_the_engine(bank, meals=chart[MEALS], checking=chart[CHECKING])
    assert caught.value.diag.constraint_name == "journal_entry_period_is_open"


async def _post_past_the_engine(bank: MemoryBank, *, meals: int, checking: int) -> None:
    async with db.write_entity(bank.services.pool, entity_id=bank.entity_id) as conn:
        await conn.execute(
            """
            INSERT INTO journal_entry (entity_id, id, dated, source_ref, description, kind, actor_kind, actor_id,
                                       batch, created_at)
            SELECT %(entity_id)s, 1, '2026-03-31', 'x', '', 'manual', 'machine', 'test', max(batch) + 1, now()
              FROM ledger_batch WHERE entity_id = %(entity_id)s
            """,
            {"entity_id": bank.entity_id},
        )
        await conn.execute(
            """
            INSERT INTO posting (entity_id, journal_entry_id, line, ledger_account_id, amount_minor, base_minor,
                                 currency, dated)
            VALUES (%(entity_id)s, 1, 1, %(meals)s, 100, 100, 'USD', '2026-03-31'),
                   (%(entity_id)s, 1, 2, %(bank)s, -100, -100, 'USD', '2026-03-31')
            """,
            {"entity_id": bank.entity_id, "meals": meals, "bank": checking},
        )


async def test_a_bank_linked_to_closed_books_opens_on_the_first_open_day(pool: Pool, database: Database) -> None:
    """
    Closed through 03-31 before anything is linked. The bank holds 1,000.00 after -10.00 (03-15) and -20.00 (04-15).
    The opening balance is 1,030.00, dated 04-01; the row of March waits, and books and bank differ by just that row.
    """
    feed = MemoryFeed({"checking": MemoryAccount("USD", "depository", Decimal(1030))})
    async with memory_services(pool, feed) as services:
        entity_id = await open_entity(pool, database)
        await close_period(pool, entity_id=entity_id, through=MARCH_31, because=YEAR_END, by=ANN, now=NOW)
        bank = await link_memory_bank(services, feed, entity_id=entity_id)
        bank.put("checking", "-10.00", date(2026, 3, 15))
        bank.put("checking", "-20.00", date(2026, 4, 15))
        await bank.sync()
        assert (await state(bank)).held == {HoldReason.PERIOD_CLOSED: 1}
        assert (await bank.balances())[CHECKING, "USD"] == (101000, 101000)
        await reopen(bank)
        assert (await bank.balances())[CHECKING, "USD"] == (100000, 100000)
        await state(bank)
