"""All SQL of the choices for a bank account and of the rows that are older than its books."""

from datetime import date, datetime

from openledger_server.banking.choices.types import AccountChoices
from openledger_server.banking.types import BankAccountId, BankTransactionId
from openledger_server.base.db import ReadConnection, WriteConnection


async def store_choices(
    conn: WriteConnection, choices: AccountChoices, *, entity_id: int, bank_account_id: BankAccountId
) -> None:
    """Store what was chosen; no ledger account means that it keeps the one it has."""
    await conn.execute(
        """
        UPDATE bank_account
           SET history_start_on = %(start)s, opening_given = %(opening)s,
               ledger_account_id = coalesce(%(ledger_account_id)s, ledger_account_id)
         WHERE entity_id = %(entity_id)s AND id = %(id)s
        """,
        {
            "entity_id": entity_id,
            "id": bank_account_id,
            "start": choices.history_start_on,
            "opening": choices.opening_given,
            "ledger_account_id": choices.ledger_account_id,
        },
    )


async def move_start(
    conn: WriteConnection, *, entity_id: int, bank_account_id: BankAccountId, start: date | None, now: datetime
) -> list[BankTransactionId]:
    """Let rows before `start` count no more and those from it on count again, and return the rows that changed.

    Rows that the bank took back stay as they are. The account's counts are kept right.
    """
    found = await conn.execute(
        """
        UPDATE bank_transaction
           SET is_before_start = NOT is_before_start, updated_at = %(now)s,
               removed_at = CASE WHEN is_before_start THEN NULL ELSE %(now)s::timestamptz END
         WHERE entity_id = %(entity_id)s AND bank_account_id = %(id)s
           AND (CASE WHEN is_before_start THEN %(start)s::date IS NULL OR dated >= %(start)s
                     ELSE removed_at IS NULL AND dated < %(start)s END)
        RETURNING id
        """,
        {"entity_id": entity_id, "id": bank_account_id, "start": start, "now": now},
    )
    moved = [BankTransactionId(row[0]) for row in await found.fetchall()]
    if moved:
        await conn.execute(
            """
            UPDATE bank_account AS a SET settled_count = counted.settled, pending_count = counted.pending
              FROM (SELECT count(*) FILTER (WHERE NOT is_pending) AS settled,
                           count(*) FILTER (WHERE is_pending) AS pending
                      FROM bank_transaction
                     WHERE entity_id = %(entity_id)s AND bank_account_id = %(id)s AND removed_at IS NULL) AS counted
             WHERE a.entity_id = %(entity_id)s AND a.id = %(id)s
            """,
            {"entity_id": entity_id, "id": bank_account_id},
        )
    return moved


async def live_row_ids(
    conn: ReadConnection, *, entity_id: int, bank_account_id: BankAccountId
) -> list[BankTransactionId]:
    """Return all rows of a bank account that count."""
    cursor = await conn.execute(
        """
        SELECT id FROM bank_transaction
         WHERE entity_id = %(entity_id)s AND bank_account_id = %(id)s AND removed_at IS NULL ORDER BY id
        """,
        {"entity_id": entity_id, "id": bank_account_id},
    )
    return [BankTransactionId(row[0]) for row in await cursor.fetchall()]


async def oldest_row_on(conn: ReadConnection, *, entity_id: int, bank_account_id: BankAccountId) -> date | None:
    """Return the day of the oldest row that the bank gave, booked or not; None if there is none."""
    cursor = await conn.execute(
        """
        SELECT min(dated) FROM bank_transaction
         WHERE entity_id = %(entity_id)s AND bank_account_id = %(id)s AND (removed_at IS NULL OR is_before_start)
        """,
        {"entity_id": entity_id, "id": bank_account_id},
    )
    row = await cursor.fetchone()
    assert row is not None  # an aggregate always has one row
    oldest: date | None = row[0]
    return oldest
