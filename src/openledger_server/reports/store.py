"""SQL of what reports say about themselves."""

from datetime import date, datetime

from openledger_server.base.db import ReadConnection
from openledger_server.reports.types import Quality


async def quality(
    conn: ReadConnection,
    *,
    entity_id: int,
    since: date | None,
    until: date,
    currency: str,
    other_currencies: tuple[str, ...],
    now: datetime,
) -> Quality:
    """Return how far a report over [since, until) can be trusted; the cost grows with what is unreviewed only."""
    cursor = await conn.execute(
        """
        SELECT count(*), coalesce(sum(abs(k.amount_minor)), 0)::bigint
          FROM categorization AS c
          JOIN booking AS k ON k.entity_id = c.entity_id AND k.bank_transaction_id = c.bank_transaction_id
         WHERE c.entity_id = %(entity_id)s AND c.needs_review AND k.journal_entry_id IS NOT NULL
           AND k.currency = %(currency)s AND k.dated < %(until)s AND (%(since)s::date IS NULL OR k.dated >= %(since)s)
        """,
        {"entity_id": entity_id, "since": since, "until": until, "currency": currency},
    )
    unreviewed = await cursor.fetchone()
    cursor = await conn.execute(
        "SELECT coalesce(sum(pending_count), 0)::bigint FROM bank_account WHERE entity_id = %(entity_id)s",
        {"entity_id": entity_id},
    )
    pending = await cursor.fetchone()
    assert unreviewed is not None
    assert pending is not None
    return Quality(
        unreviewed_count=unreviewed[0],
        unreviewed_minor=unreviewed[1],
        pending_count=pending[0],
        other_currencies=other_currencies,
        as_of=now,
    )
