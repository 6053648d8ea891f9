"""All SQL of transfers that people are asked about."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from psycopg.rows import class_row

from openledger_server.banking.types import BankTransactionId
from openledger_server.base.db import ReadConnection, WriteConnection
from openledger_server.categorization.transfers import DAYS_APART_MAX, Pair
from openledger_server.ledger.types import LedgerAccountId


@dataclass(frozen=True, slots=True, kw_only=True)
class PossibleTransfer:
    """A row of money out, and the rows of money in that may be its other side, nearest in time first."""

    out_id: BankTransactionId
    dated: date
    in_ids: list[BankTransactionId]


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """A live bank transaction as one side of a transfer. `amount`: major units, positive = money in."""

    id: BankTransactionId
    bank_account_id: int
    amount: Decimal
    currency: str
    is_pending: bool
    decided_by: str
    transfer_partner_id: BankTransactionId | None


async def possible_transfers(
    conn: ReadConnection, *, entity_id: int, limit: int, ins_max: int, after: tuple[date, int] | None = None
) -> list[PossibleTransfer]:
    """Return up to `limit` rows of money out with what may be their other sides, newest first, after (date, id).

    The two are equal and opposite, of different own bank accounts, at most DAYS_APART_MAX days apart, unpaired, decided
    by no person and no rule, and at least one of them looks like a transfer. Pairs that were rejected are left out.
    """
    query = """
        WITH open_leg AS MATERIALIZED (
          SELECT b.id, b.bank_account_id, b.amount, b.currency, b.dated,
                 c.decided_by = 'transfer' OR b.provider_category LIKE 'TRANSFER\\_%%' AS has_hint
            FROM categorization AS c
            JOIN bank_transaction AS b ON b.entity_id = c.entity_id AND b.id = c.bank_transaction_id
           WHERE c.entity_id = %(entity_id)s AND b.removed_at IS NULL AND NOT b.is_pending
             AND c.transfer_partner_id IS NULL AND c.decided_by NOT IN ('person', 'rule')
        ), possible AS (
          SELECT o.id AS out_id, o.dated, i.id AS in_id, abs(i.dated - o.dated) AS days
            FROM open_leg AS o
            JOIN open_leg AS i ON i.amount = -o.amount AND i.currency = o.currency
             AND i.bank_account_id <> o.bank_account_id AND abs(i.dated - o.dated) <= %(days)s
           WHERE o.amount < 0 AND (o.has_hint OR i.has_hint) AND NOT EXISTS (
             SELECT FROM transfer_rejection AS r
              WHERE r.entity_id = %(entity_id)s AND r.out_transaction_id = o.id AND r.in_transaction_id = i.id)
        )
        SELECT out_id, dated, (array_agg(in_id ORDER BY days, in_id))[1:%(ins_max)s] AS in_ids
          FROM possible
    """
    if after is not None:
        query += " WHERE (dated, out_id) < (%(after_on)s, %(after_id)s)"
    query += " GROUP BY out_id, dated ORDER BY dated DESC, out_id DESC LIMIT %(limit)s"
    async with conn.cursor(row_factory=class_row(PossibleTransfer)) as cursor:
        await cursor.execute(
            query,
            {
                "entity_id": entity_id,
                "days": DAYS_APART_MAX,
                "limit": limit,
                "ins_max": ins_max,
                "after_on": None if after is None else after[0],
                "after_id": None if after is None else after[1],
            },
        )
        return await cursor.fetchall()


async def sides(
    conn: ReadConnection, bank_transaction_ids: Sequence[BankTransactionId], *, entity_id: int
) -> dict[BankTransactionId, Side]:
    """Return these live bank transactions as sides of a transfer, by id."""
    async with conn.cursor(row_factory=class_row(Side)) as cursor:
        await cursor.execute(
            """
            SELECT b.id, b.bank_account_id, b.amount, b.currency, b.is_pending, c.decided_by, c.transfer_partner_id
              FROM bank_transaction AS b
              JOIN categorization AS c ON c.entity_id = b.entity_id AND c.bank_transaction_id = b.id
             WHERE b.entity_id = %(entity_id)s AND b.id = ANY(%(ids)s) AND b.removed_at IS NULL
            """,
            {"entity_id": entity_id, "ids": list(bank_transaction_ids)},
        )
        return {side.id: side for side in await cursor.fetchall()}


async def confirm(
    conn: WriteConnection, pair: Pair, *, entity_id: int, transfers_clearing: LedgerAccountId, now: datetime
) -> None:
    """Store that a person says these two rows are one transfer, and forget a rejection of it."""
    await conn.execute(
        """
        UPDATE categorization AS c
           SET ledger_account_id = %(clearing)s, suggested_ledger_account_id = NULL, decided_by = 'person',
               reason = 'You said that this is a transfer between your own accounts.', confidence = 1,
               needs_review = false, decided_at = %(now)s, rule_id = NULL, run_id = NULL,
               transfer_partner_id = CASE c.bank_transaction_id WHEN %(out)s THEN %(in)s::bigint ELSE %(out)s END,
               machine_decided_by = CASE WHEN c.decided_by = 'person' THEN c.machine_decided_by ELSE c.decided_by END,
               machine_ledger_account_id =
                 CASE WHEN c.decided_by = 'person' THEN c.machine_ledger_account_id ELSE c.ledger_account_id END,
               machine_was_sure =
                 CASE WHEN c.decided_by = 'person' THEN c.machine_was_sure ELSE NOT c.needs_review END
         WHERE c.entity_id = %(entity_id)s AND c.bank_transaction_id IN (%(out)s, %(in)s)
        """,
        {"entity_id": entity_id, "out": pair[0], "in": pair[1], "clearing": transfers_clearing, "now": now},
    )
    await conn.execute(
        """
        DELETE FROM transfer_rejection
         WHERE entity_id = %(entity_id)s AND out_transaction_id = %(out)s AND in_transaction_id = %(in)s
        """,
        {"entity_id": entity_id, "out": pair[0], "in": pair[1]},
    )


async def reject(conn: WriteConnection, pair: Pair, *, entity_id: int, now: datetime) -> None:
    """Remember that a person says these two rows are not one transfer."""
    await conn.execute(
        """
        INSERT INTO transfer_rejection (entity_id, out_transaction_id, in_transaction_id, rejected_at)
        VALUES (%(entity_id)s, %(out)s, %(in)s, %(now)s)
        ON CONFLICT (entity_id, out_transaction_id, in_transaction_id) DO NOTHING
        """,
        {"entity_id": entity_id, "out": pair[0], "in": pair[1], "now": now},
    )


async def rejected(
    conn: ReadConnection, bank_transaction_ids: Sequence[BankTransactionId], *, entity_id: int
) -> set[Pair]:
    """Return the rejected pairs (money out, money in) that these rows are part of."""
    cursor = await conn.execute(
        """
        SELECT out_transaction_id, in_transaction_id FROM transfer_rejection
         WHERE entity_id = %(entity_id)s AND out_transaction_id = ANY(%(ids)s)
        """,
        {"entity_id": entity_id, "ids": list(bank_transaction_ids)},
    )
    return {(BankTransactionId(row[0]), BankTransactionId(row[1])) for row in await cursor.fetchall()}


async def release(conn: WriteConnection, pair: Pair, *, entity_id: int) -> None:
    """Take back that these two are a transfer, and ask what they are; nothing happens if they are not paired."""
    await conn.execute(
        """
        UPDATE categorization
           SET transfer_partner_id = NULL, run_id = NULL, needs_review = true,
               reason = 'You said that this is no transfer between your own accounts. Choose its category.'
         WHERE entity_id = %(entity_id)s AND bank_transaction_id IN (%(out)s, %(in)s)
           AND transfer_partner_id IN (%(out)s, %(in)s)
        """,
        {"entity_id": entity_id, "out": pair[0], "in": pair[1]},
    )


async def question_broken(
    conn: WriteConnection, bank_transaction_ids: Sequence[BankTransactionId], *, entity_id: int
) -> list[BankTransactionId]:
    """Ask again about transfers a person confirmed if the bank changed a side so that they fit no more; return them."""
    cursor = await conn.execute(
        """
        WITH broken AS MATERIALIZED (
          SELECT c.bank_transaction_id AS id, c.transfer_partner_id AS partner_id
            FROM categorization AS c
            JOIN bank_transaction AS b ON b.entity_id = c.entity_id AND b.id = c.bank_transaction_id
            JOIN bank_transaction AS o ON o.entity_id = c.entity_id AND o.id = c.transfer_partner_id
           WHERE c.entity_id = %(entity_id)s AND c.bank_transaction_id = ANY(%(ids)s) AND c.decided_by = 'person'
             AND ((o.amount <> -b.amount AND o.currency = b.currency)
                  OR o.removed_at IS NOT NULL OR b.removed_at IS NOT NULL)
        )
        UPDATE categorization AS c
           SET needs_review = true, transfer_partner_id = NULL,
               reason = 'You said that this is a transfer, but the bank changed its other side since.'
          FROM (SELECT id FROM broken UNION SELECT partner_id FROM broken) AS leg
         WHERE c.entity_id = %(entity_id)s AND c.bank_transaction_id = leg.id
        RETURNING c.bank_transaction_id
        """,
        {"entity_id": entity_id, "ids": list(bank_transaction_ids)},
    )
    return [BankTransactionId(row[0]) for row in await cursor.fetchall()]
