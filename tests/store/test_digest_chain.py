"""The chain of digests: the database and Python compute it apart, from the same rows, and have to agree."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from openledger_server.base import db
from openledger_server.base.db import Pool
from openledger_server.base.ids import new_id
from openledger_server.ledger import store
from openledger_server.ledger.digests import FIRST_DIGEST, batch_digest
from openledger_server.ledger.rates.store import load_rates
from openledger_server.ledger.rates.types import ExchangeRate
from openledger_server.ledger.types import (
    Actor,
    ActorKind,
    EntryKind,
    JournalEntry,
    JournalEntryId,
    LedgerAccountId,
    Posting,
)
from tests.support.database import Database
from tests.support.entities import open_entity

NOW = datetime(2026, 5, 1, 12, 30, 15, 123456, tzinfo=UTC)
NASTY = 'Çay \\ "quoted" \t\n\x1f\x7f \u2028 emoji 🙂 </script> ü'


@pytest.fixture
async def entity_id(pool: Pool, database: Database) -> int:
    return await open_entity(pool, database)


async def test_python_finds_the_digests_that_the_database_kept(pool: Pool, entity_id: int) -> None:
    """
    batch 1   2026-03-31  Meals 12.50 USD, Equity -12.50 USD       by a person with a name full of special characters
    batch 2   2026-03-31  the reversal of it
              2026-04-01  Meals 10.00 EUR at 1.0850, Equity -10.00 EUR
    """
    async with db.write_entity(pool, entity_id=entity_id) as conn:
        chart = {one.code: one.id for one in await store.ledger_accounts(conn, entity_id=entity_id)}
        first = _entry(NASTY, (chart[6350], 1250, "USD"), (chart[3000], -1250, "USD"), kind=EntryKind.MANUAL)
        await store.append_entries(
            conn,
            [first],
            entity_id=entity_id,
            now=NOW,
            by=Actor(kind=ActorKind.PERSON, id="5", name=NASTY),
        )
        rate = ExchangeRate(currency="EUR", dated=date(2026, 3, 31), rate=Decimal("1.0850"))
        await load_rates(conn, [rate], entity_id=entity_id, now=NOW)
        back = _entry("back", (chart[6350], -1250, "USD"), (chart[3000], 1250, "USD"), reverses=first.id)
        euros = _entry("euros", (chart[6350], 1000, "EUR"), (chart[3000], -1000, "EUR"))
        await store.append_entries(conn, [back, euros], entity_id=entity_id, now=NOW)
        cursor = await conn.execute(
            "SELECT batch, entries, sha256, appended_at FROM ledger_batch WHERE entity_id = %s ORDER BY batch",
            (entity_id,),
        )
        kept = await cursor.fetchall()
        recorded = await store.recorded_entries(conn, [first.id, back.id, euros.id], entity_id=entity_id)
    assert [row[:2] for row in kept] == [(1, 1), (2, 2)]
    assert [one.entry.postings[0].base_minor for one in recorded] == [1250, -1250, 1085]
    assert [one.reversed_by_id for one in recorded] == [back.id, None, None]
    digest = FIRST_DIGEST
    for batch, _, sha256, appended_at in kept:
        members = [one for one in recorded if one.batch == batch]
        digest = batch_digest(digest, members, entity_id=entity_id, batch=batch, appended_at=appended_at)
        assert digest == sha256


def _entry(
    text: str, *lines: tuple[int, int, str], kind: EntryKind = EntryKind.OTHER, reverses: JournalEntryId | None = None
) -> JournalEntry:
    return JournalEntry(
        id=JournalEntryId(new_id()),
        dated=date(2026, 4, 1),
        source_ref=text,
        description=text,
        kind=kind,
        reason=text,
        note=text,
        postings=tuple(Posting(LedgerAccountId(account), amount, currency) for account, amount, currency in lines),
        reverses_id=reverses,
    )
