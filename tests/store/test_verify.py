"""`openledger verify` on a real database: sound books are found sound, and each way to break them is found.

Only the schema's owner can break them; triggers and constraints are switched off for it.
"""

import hashlib
from collections.abc import AsyncIterator
from datetime import date
from decimal import Decimal

import psycopg
import pytest

from openledger_server.base.db import Pool
from openledger_server.base.migrate import migrate
from openledger_server.categorization.types import SplitPart
from openledger_server.ledger.manual.types import EntryContent, Line
from openledger_server.ledger.periods.types import Because, PeriodRole
from openledger_server.ledger.types import MACHINE, Posting
from openledger_server.reports.ties import BALANCE_SHEET_BALANCES, NET_INCOME_TIES
from openledger_server.workflows.close_period import close_period
from openledger_server.workflows.manual_entries import Desk, record_entry, request_mark
from openledger_server.workflows.split_transaction import split
from openledger_server.workflows.verify_books import (
    CHAIN_HAS_THE_ANCHOR,
    CHAIN_IS_WHOLE,
    CHECKS,
    Anchor,
    Verification,
    verify_all,
    verify_books,
)
from tests.support.database import Database
from tests.support.entities import open_entity
from tests.support.memory_bank import NOW, MemoryAccount, MemoryBank, MemoryFeed, link_memory_bank, memory_services


@pytest.fixture
async def bank(pool: Pool, database: Database) -> AsyncIterator[MemoryBank]:
    """Two accounts, eight rows, a transfer between the accounts, a split, a written entry; January is closed."""
    feed = MemoryFeed(
        {
            "checking": MemoryAccount("USD", "depository", Decimal(1000)),
            "card": MemoryAccount("USD", "credit", Decimal(0)),
        }
    )
    async with memory_services(pool, feed) as services:
        linked = await link_memory_bank(services, feed, entity_id=await open_entity(pool, database))
        for day in (10, 11, 12, 13):
            linked.put("checking", f"-{day}.50", date(2026, 1, day))
            key = linked.put("checking", f"{day}.25", date(2026, 2, day))
            await linked.sync()
        linked.put("checking", "-99.00", date(2026, 3, 1), provider_category="LOAN_PAYMENTS_CREDIT_CARD_PAYMENT")
        linked.put("card", "99.00", date(2026, 3, 1), provider_category="LOAN_PAYMENTS_CREDIT_CARD_PAYMENT")
        await linked.sync()
        await _split_and_write(linked, key)
        because = Because(role=PeriodRole.OWNER, reason="January is done.")
        await close_period(
            pool, entity_id=linked.entity_id, through=date(2026, 1, 31), because=because, by=MACHINE, now=NOW
        )
        yield linked


async def _split_and_write(bank: MemoryBank, key: str) -> None:
    """Split the row of 13.25 over two accounts, and write an entry of 20.00."""
    chart, desk = await bank.chart(), Desk(entity_id=bank.entity_id, by=MACHINE)
    parts = [SplitPart(chart[4000], Decimal("10.00")), SplitPart(chart[4950], Decimal("3.25"))]
    await split(bank.services, parts, desk=desk, bank_transaction_id=await bank.row_id(key))
    lines = (Line(Posting(chart[6350], 2000, "USD")), Line(Posting(chart[3100], -2000, "USD")))
    content = EntryContent(dated=date(2026, 3, 2), description="Lunch", lines=lines)
    mark = request_mark(subject="test", content=content, key="1")
    await record_entry(bank.services, content, mark, desk=desk)


async def verified(bank: MemoryBank, anchor: Anchor | None = None) -> Verification:
    return await verify_books(bank.services.pool, entity_id=bank.entity_id, now=NOW, anchor=anchor)


FIRST = "(SELECT min(id) FROM journal_entry WHERE kind = 'bank_transaction')"
SHORTHANDS = {
    ":LINE": "journal_entry_id = :FIRST AND line = 1",
    ":ROW": "(SELECT bank_transaction_id FROM booking WHERE journal_entry_id = :FIRST)",
    ":LAST": "batch = (SELECT max(batch) FROM ledger_batch)",
    ":FIRST": FIRST,
}


def as_owner(database: Database, *statements: str) -> None:
    with psycopg.connect(database.owner_dsn) as owner:
        owner.execute("SET session_replication_role = replica")  # no triggers, no foreign keys
        for statement in statements:
            for short, text in SHORTHANDS.items():
                statement = statement.replace(short, text)  # noqa: PLW2901 - spelled out step by step
            owner.execute(statement.encode())


async def test_sound_books_are_found_sound(bank: MemoryBank) -> None:
    done = await verified(bank)
    assert done.violations == ()
    assert done.head.batch >= 5
    assert done.head.sha256 is not None
    assert await verified(bank, Anchor(done.head.batch, done.head.sha256)) == done


@pytest.mark.parametrize(
    ("check", "statements"),
    [
        (
            "every journal entry sums to zero in each currency",
            ["UPDATE posting SET amount_minor = amount_minor - 1 WHERE :LINE"],
        ),
        (
            "every journal entry sums to zero in the base currency",
            ["UPDATE posting SET base_minor = base_minor - 1 WHERE :LINE"],
        ),
        (
            "every posting is valued in the base currency",
            ["UPDATE posting SET currency = 'EUR' WHERE journal_entry_id = :FIRST"],
        ),
        ("every journal entry has two or more postings", ["DELETE FROM posting WHERE :LINE"]),
        (
            "every journal entry is in a batch of the digest chain",
            [
                ("INSERT INTO journal_entry (entity_id, id, dated, source_ref, description, kind, actor_kind, actor_id,"
                " batch, created_at) SELECT entity_id, 1, '2026-02-01', 'x', '', 'manual', 'machine', 'x', 1, now()"
                " FROM ledger_batch WHERE batch = 1")
            ],
        ),
        (
            "nothing was dated into a closed period without an override",
            ["UPDATE period_event SET batch = 0"],
        ),
        ("every posting has its entry's date", ["UPDATE posting SET dated = '2026-02-02' WHERE :LINE"]),
        ("monthly totals equal the sum of the postings", ["UPDATE ledger_account_month SET debits_minor = 1"]),
        ("monthly totals equal the sum of the postings", ["UPDATE ledger_account_month SET base_credits_minor = 1"]),
        ("monthly totals equal the sum of the postings", ["DELETE FROM ledger_account_month"]),
        ("daily totals equal the sum of the postings", ["UPDATE ledger_account_day SET credits_minor = 1"]),
        ("daily totals equal the sum of the postings", ["UPDATE ledger_account_day SET base_debits_minor = 1"]),
        ("daily totals equal the sum of the postings", ["DELETE FROM ledger_account_day WHERE dated = '2026-02-11'"]),
        (
            "every reversal takes back exactly its entry",
            [("UPDATE posting SET amount_minor = amount_minor * 2, base_minor = base_minor * 2"
             " WHERE journal_entry_id IN (SELECT id FROM journal_entry WHERE kind = 'reversal')")],
        ),
        (
            "a bank account's ledger account holds only its currency",
            ["UPDATE ledger_account SET currency = 'EUR' WHERE currency = 'USD'"],
        ),
        (
            "a booked bank transaction has exactly one live entry, any other none",
            ["UPDATE booking SET journal_entry_id = NULL WHERE journal_entry_id = :FIRST"],
        ),
        (
            "a booked bank transaction has exactly one live entry, any other none",
            ["UPDATE journal_entry SET source_ref = 'other:1' WHERE id = :FIRST"],
        ),
        (
            "every settled bank transaction is booked, left out, or waits with a reason",
            ["UPDATE booking SET journal_entry_id = NULL WHERE journal_entry_id = :FIRST"],
        ),
        (
            "only settled rows that the bank stands by are booked, on their date",
            ["UPDATE bank_transaction SET removed_at = now() WHERE id = :ROW"],
        ),
        (
            "only settled rows that the bank stands by are booked, on their date",
            ["UPDATE bank_transaction SET dated = '2026-02-03' WHERE id = :ROW"],
        ),
        ("the live entry says what the booking says", ["UPDATE booking SET amount_minor = 1"]),
        ("what a rule leaves out is what its judgement says",
         ["UPDATE categorization SET is_excluded = true, decided_by = 'rule'"]),
        ("what a rule splits is what its judgement says",
         ["UPDATE transaction_split SET decided_by = 'rule'"]),
        ("what a rule splits is what its judgement says",
         [("UPDATE categorization SET decided_by = 'rule', split_ledger_account_ids = '{1,2}', split_amounts = '{1,2}'"
          " WHERE bank_transaction_id = :ROW")]),
        ("what a rule splits adds up to the bank's amount",
         [("UPDATE categorization SET decided_by = 'rule', split_ledger_account_ids = '{1,2}', split_amounts = '{1,2}'"
          " WHERE bank_transaction_id = :ROW")]),
        ("a row is booked over the accounts that it is split over",
         ["UPDATE transaction_split SET ledger_account_id = ledger_account_id + 1 WHERE line = 1"]),
        ("a row is booked over the accounts that it is split over", ["DELETE FROM transaction_split"]),
        ("what is left out of the books is not booked",
         [("INSERT INTO transaction_exclusion (entity_id, bank_transaction_id, reason, excluded_at)"
          " SELECT entity_id, bank_transaction_id, 'x', now() FROM booking")]),
        ("every live bank transaction is judged", ["DELETE FROM categorization"]),
        ("kept counts equal the rows", ["UPDATE bank_account SET settled_count = 99"]),
        (
            "a bank account's ledger balance is its opening balance plus its rows, beside what people wrote",
            ["UPDATE opening_balance SET amount_minor = amount_minor + 1"],
        ),
        ("both legs of a transfer name each other",
         [("UPDATE categorization SET transfer_partner_id = NULL WHERE bank_transaction_id ="
          " (SELECT min(bank_transaction_id) FROM categorization WHERE transfer_partner_id IS NOT NULL)")]),
        ("the parts of a split add up to the whole",
         [("UPDATE booking SET split_amounts_minor[1] = split_amounts_minor[1] + 1"
          " WHERE split_amounts_minor IS NOT NULL")]),
        ("an entry that a person wrote is in the books as written",
         ["UPDATE manual_entry_line SET amount_minor = amount_minor * 2"]),
        ("an entry that a person wrote is in the books as written",
         ["UPDATE manual_entry SET dated = '2026-03-03'"]),
        ("an entry that a person wrote is in the books as written",
         ["UPDATE manual_entry SET journal_entry_id = :FIRST"]),
        (NET_INCOME_TIES, ["DELETE FROM ledger_account WHERE code = 6350"]),
        (NET_INCOME_TIES, ["DELETE FROM ledger_account WHERE code = 3100"]),
        (BALANCE_SHEET_BALANCES, ["UPDATE ledger_account_month SET debits_minor = debits_minor + 7"]),
        (BALANCE_SHEET_BALANCES, ["UPDATE ledger_account_month SET base_debits_minor = base_debits_minor + 7"]),
        (CHAIN_IS_WHOLE, ["UPDATE journal_entry SET description = 'Lunch' WHERE id = :FIRST"]),
        (CHAIN_IS_WHOLE, ["UPDATE journal_entry SET actor_name = 'Bob' WHERE id = :FIRST"]),
        (CHAIN_IS_WHOLE, ["UPDATE journal_entry SET reason = 'because' WHERE id = :FIRST"]),
        (CHAIN_IS_WHOLE, ["UPDATE journal_entry SET created_at = created_at + interval '1 s' WHERE id = :FIRST"]),
        (CHAIN_IS_WHOLE, ["UPDATE posting SET ledger_account_id = 1 WHERE :LINE"]),
        (CHAIN_IS_WHOLE, ["UPDATE ledger_batch SET sha256 = decode(repeat('ab', 32), 'hex') WHERE batch = 2"]),
        (CHAIN_IS_WHOLE, ["UPDATE ledger_batch SET appended_at = appended_at - interval '1 day' WHERE batch = 2"]),
        (CHAIN_IS_WHOLE, ["DELETE FROM ledger_batch WHERE batch = 2"]),
        (CHAIN_IS_WHOLE, ["DELETE FROM posting", "DELETE FROM journal_entry"]),
    ],
)  # fmt: skip
async def test_each_way_to_break_the_books_is_found(
    bank: MemoryBank, database: Database, check: str, statements: list[str]
) -> None:
    assert check in CHECKS
    as_owner(database, *statements)
    assert check in {fault.invariant for fault in (await verified(bank)).violations}


async def test_the_first_batch_that_does_not_fit_is_named(bank: MemoryBank, database: Database) -> None:
    as_owner(database, "UPDATE journal_entry SET note = 'x' WHERE batch IN (3, 4)")
    faults = (await verified(bank)).violations
    assert [fault.subject for fault in faults if fault.invariant == CHAIN_IS_WHOLE] == ["batch 3"]


async def test_an_end_that_was_cut_off_shows_by_what_was_noted_elsewhere(bank: MemoryBank, database: Database) -> None:
    before = (await verified(bank)).head
    assert before.sha256 is not None
    as_owner(
        database,
        "DELETE FROM posting WHERE journal_entry_id IN (SELECT id FROM journal_entry WHERE :LAST)",
        "DELETE FROM journal_entry WHERE :LAST",
        "DELETE FROM ledger_batch WHERE :LAST",
    )
    faults = {fault.invariant for fault in (await verified(bank)).violations}
    assert CHAIN_IS_WHOLE not in faults
    noted = await verified(bank, Anchor(before.batch, before.sha256))
    assert CHAIN_HAS_THE_ANCHOR in {fault.invariant for fault in noted.violations}
    other = await verified(bank, Anchor(1, hashlib.sha256(b"").digest()))
    assert CHAIN_HAS_THE_ANCHOR in {fault.invariant for fault in other.violations}


async def test_the_nightly_check_keeps_and_logs_what_it_found(
    bank: MemoryBank, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    other_id = await open_entity(bank.services.pool, database)
    assert await verify_all(bank.services.pool, now=NOW) == 0
    as_owner(database, "UPDATE ledger_account_month SET debits_minor = 1")
    assert await verify_all(bank.services.pool, now=NOW) == 1
    with psycopg.connect(database.owner_dsn) as owner:
        kept = owner.execute("SELECT entity_id, is_sound, head_batch FROM books_verification").fetchall()
    assert sorted(kept) == sorted([(bank.entity_id, False, (await verified(bank)).head.batch), (other_id, True, 0)])
    [broken] = [record for record in caplog.records if getattr(record, "action", "") == "books.broken"]
    assert broken.levelname == "ERROR"


def test_every_check_has_a_way_to_break_it() -> None:
    marks = test_each_way_to_break_the_books_is_found.pytestmark  # type: ignore[attr-defined]  # pytest puts it there
    tried = {case[0] for mark in marks for case in mark.args[1]}
    assert set(CHECKS) <= tried


async def test_books_from_before_days_were_kept_get_their_days_when_upgraded(
    bank: MemoryBank, database: Database
) -> None:
    with psycopg.connect(database.owner_dsn) as owner:
        days = "SELECT * FROM ledger_account_day ORDER BY ledger_account_id, dated, currency"
        kept = owner.execute(days).fetchall()
        owner.execute("DROP TABLE ledger_account_day")
        owner.execute("DELETE FROM schema_migration WHERE name LIKE '0095%'")
        owner.commit()
        assert migrate(database.owner_dsn)[:1] == ["0095_totals_by_day.sql"]
        assert kept
        assert owner.execute(days).fetchall() == kept
    assert (await verified(bank)).violations == ()
