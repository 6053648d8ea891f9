"""All SQL that finds, across rooms, what points to a ledger account, and lets it point to another one."""

from collections.abc import Sequence
from datetime import date, datetime

from openledger_server.banking.types import BankTransactionId
from openledger_server.base.db import ReadConnection, WriteConnection
from openledger_server.ledger.accounts.types import AccountUse
from openledger_server.ledger.manual.types import ManualEntryId
from openledger_server.ledger.types import LedgerAccountId


async def account_use(conn: ReadConnection, *, entity_id: int, ledger_account_id: LedgerAccountId) -> AccountUse:
    """Return what points to a ledger account now, and what it holds."""
    parameters = {"entity_id": entity_id, "id": ledger_account_id}
    cursor = await conn.execute(
        """
        SELECT (SELECT count(*) FROM bank_account AS b
                 WHERE b.entity_id = %(entity_id)s AND b.ledger_account_id = %(id)s),
               (SELECT count(*) FROM ledger_account AS a
                 WHERE a.entity_id = %(entity_id)s AND a.parent_id = %(id)s AND a.archived_at IS NULL),
               (SELECT count(*) FROM categorization_rule AS r
                 WHERE r.entity_id = %(entity_id)s AND r.is_enabled AND r.deleted_at IS NULL
                   AND (r.ledger_account_id = %(id)s OR EXISTS (
                     SELECT FROM categorization_rule_part AS p
                      WHERE p.entity_id = r.entity_id AND p.rule_id = r.id AND p.ledger_account_id = %(id)s))),
               (SELECT count(DISTINCT s.id) FROM recurring_entry_line AS n
                  JOIN recurring_entry AS s ON s.entity_id = n.entity_id AND s.id = n.recurring_entry_id
                 WHERE n.entity_id = %(entity_id)s AND n.ledger_account_id = %(id)s AND s.paused_at IS NULL
                   AND s.deleted_at IS NULL AND s.next_on IS NOT NULL)
        """,
        parameters,
    )
    row = await cursor.fetchone()
    assert row is not None
    cursor = await conn.execute(
        """
        SELECT currency, sum(debits_minor - credits_minor)::bigint FROM ledger_account_month
         WHERE entity_id = %(entity_id)s AND ledger_account_id = %(id)s
         GROUP BY currency HAVING sum(debits_minor - credits_minor) <> 0
        """,
        parameters,
    )
    return AccountUse(
        bank_accounts=row[0],
        open_children=row[1],
        enabled_rules=row[2],
        running_schedules=row[3],
        balance_minor={row[0]: row[1] for row in await cursor.fetchall()},
    )


async def rows_to_move(
    conn: ReadConnection, *, entity_id: int, ledger_account_id: LedgerAccountId, closed_through: date | None
) -> list[BankTransactionId]:
    """Return the bank transactions that are booked, or will be, to an account by category or split, in open days."""
    cursor = await conn.execute(
        """
        SELECT c.bank_transaction_id FROM categorization AS c
          LEFT JOIN booking AS k ON k.entity_id = c.entity_id AND k.bank_transaction_id = c.bank_transaction_id
         WHERE c.entity_id = %(entity_id)s
           AND (c.ledger_account_id = %(id)s OR EXISTS (
             SELECT FROM transaction_split AS s
              WHERE s.entity_id = c.entity_id AND s.bank_transaction_id = c.bank_transaction_id
                AND s.ledger_account_id = %(id)s))
           AND (k.journal_entry_id IS NULL OR %(closed)s::date IS NULL OR k.dated > %(closed)s)
         ORDER BY 1
        """,
        {"entity_id": entity_id, "id": ledger_account_id, "closed": closed_through},
    )
    return [BankTransactionId(row[0]) for row in await cursor.fetchall()]


async def entries_to_move(
    conn: ReadConnection, *, entity_id: int, ledger_account_id: LedgerAccountId, closed_through: date | None
) -> list[ManualEntryId]:
    """Return the entries people wrote that touch an account and are drafts or posted in open days."""
    cursor = await conn.execute(
        """
        SELECT DISTINCT m.id FROM manual_entry_line AS n
          JOIN manual_entry AS m ON m.entity_id = n.entity_id AND m.id = n.manual_entry_id
         WHERE n.entity_id = %(entity_id)s AND n.ledger_account_id = %(id)s AND m.state <> 'deleted'
           AND (m.state = 'draft' OR %(closed)s::date IS NULL OR m.dated > %(closed)s)
         ORDER BY m.id
        """,
        {"entity_id": entity_id, "id": ledger_account_id, "closed": closed_through},
    )
    return [ManualEntryId(row[0]) for row in await cursor.fetchall()]


async def move_judgements(
    conn: WriteConnection,
    bank_transaction_ids: Sequence[BankTransactionId],
    *,
    entity_id: int,
    from_id: LedgerAccountId,
    to_id: LedgerAccountId,
    now: datetime,
) -> None:
    """Let the categories and splits of these rows name another account; who decided, and why, stays."""
    parameters = {
        "entity_id": entity_id,
        "ids": list(bank_transaction_ids),
        "from_id": from_id,
        "to_id": to_id,
        "now": now,
    }
    await conn.execute(
        """
        UPDATE categorization SET ledger_account_id = %(to_id)s, decided_at = %(now)s
         WHERE entity_id = %(entity_id)s AND ledger_account_id = %(from_id)s AND bank_transaction_id = ANY(%(ids)s)
        """,
        parameters,
    )
    await conn.execute(
        """
        UPDATE transaction_split SET ledger_account_id = %(to_id)s
         WHERE entity_id = %(entity_id)s AND ledger_account_id = %(from_id)s AND bank_transaction_id = ANY(%(ids)s)
        """,
        parameters,
    )
    await conn.execute(
        """
        UPDATE categorization
           SET split_ledger_account_ids =
                 array_replace(split_ledger_account_ids, %(from_id)s::bigint, %(to_id)s::bigint)
         WHERE entity_id = %(entity_id)s AND bank_transaction_id = ANY(%(ids)s)
           AND %(from_id)s::bigint = ANY(split_ledger_account_ids)
        """,
        parameters,
    )


async def move_knowledge(
    conn: WriteConnection, *, entity_id: int, from_id: LedgerAccountId, to_id: LedgerAccountId
) -> int:
    """Let suggestions, what was learned, schedules and rules name another account; return how many rules did."""
    parameters = {"entity_id": entity_id, "from_id": int(from_id), "to_id": int(to_id)}
    await conn.execute(
        """
        UPDATE categorization SET suggested_ledger_account_id = %(to_id)s
         WHERE entity_id = %(entity_id)s AND suggested_ledger_account_id = %(from_id)s
        """,
        parameters,
    )
    await _move_memories(conn, parameters)
    # What undoing a run would give back, and what machines had said before a person decided.
    await conn.execute(
        """
        UPDATE categorization_change
           SET ledger_account_id = CASE WHEN ledger_account_id = %(from_id)s THEN %(to_id)s ELSE ledger_account_id END,
               suggested_ledger_account_id =
                 CASE WHEN suggested_ledger_account_id = %(from_id)s THEN %(to_id)s
                      ELSE suggested_ledger_account_id END,
               split_ledger_account_ids =
                 array_replace(split_ledger_account_ids, %(from_id)s::bigint, %(to_id)s::bigint)
         WHERE entity_id = %(entity_id)s
           AND (%(from_id)s IN (ledger_account_id, suggested_ledger_account_id)
                OR %(from_id)s::bigint = ANY(split_ledger_account_ids))
        """,
        parameters,
    )
    await conn.execute(
        """
        UPDATE categorization SET machine_ledger_account_id = %(to_id)s
         WHERE entity_id = %(entity_id)s AND machine_ledger_account_id = %(from_id)s
        """,
        parameters,
    )
    await conn.execute(
        """
        UPDATE recurring_entry_line SET ledger_account_id = %(to_id)s
         WHERE entity_id = %(entity_id)s AND ledger_account_id = %(from_id)s
        """,
        parameters,
    )
    return await _move_rules(conn, parameters)


async def _move_rules(conn: WriteConnection, parameters: dict[str, int]) -> int:
    cursor = await conn.execute(
        """
        WITH part AS (
          UPDATE categorization_rule_part SET ledger_account_id = %(to_id)s
           WHERE entity_id = %(entity_id)s AND ledger_account_id = %(from_id)s
          RETURNING rule_id
        ), whole AS (
          UPDATE categorization_rule SET ledger_account_id = %(to_id)s
           WHERE entity_id = %(entity_id)s AND ledger_account_id = %(from_id)s
          RETURNING id
        )
        SELECT count(*) FROM (SELECT rule_id FROM part UNION SELECT id FROM whole) AS moved
        """,
        parameters,
    )
    row = await cursor.fetchone()
    assert row is not None
    return int(row[0])


async def _move_memories(conn: WriteConnection, parameters: dict[str, int]) -> None:
    await conn.execute(
        """
        UPDATE merchant_memory SET ledger_account_id = %(to_id)s
         WHERE entity_id = %(entity_id)s AND ledger_account_id = %(from_id)s
        """,
        parameters,
    )
    await conn.execute(
        """
        UPDATE merchant_amount_memory SET ledger_account_id = %(to_id)s
         WHERE entity_id = %(entity_id)s AND ledger_account_id = %(from_id)s
        """,
        parameters,
    )
    await conn.execute(
        """
        UPDATE category_mapping SET ledger_account_id = %(to_id)s
         WHERE entity_id = %(entity_id)s AND ledger_account_id = %(from_id)s
        """,
        parameters,
    )
