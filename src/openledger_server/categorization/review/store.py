"""All SQL of the review queue, of repeated choices and of statistics."""

from collections.abc import Sequence
from datetime import date
from typing import LiteralString

from psycopg.rows import class_row

from openledger_server.base.db import ReadConnection
from openledger_server.categorization.review.types import DecidedCount, RepeatedChoice, ReviewGroup, ReviewTotals

# Rows without a merchant (cheques above all) have nothing in common, so each is a group of its own.
_WAITING: LiteralString = """
    WITH waiting AS (
    SELECT coalesce(c.merchant_key, 'row:' || c.bank_transaction_id)
             || CASE WHEN b.amount > 0 THEN ' in ' ELSE ' out ' END || b.currency AS key,
           b.id, b.amount, b.currency, b.dated, b.description, c.merchant_key, c.counterparty,
           coalesce(c.suggested_ledger_account_id, CASE WHEN a.system_role IS NULL THEN a.id END)
             AS suggested_ledger_account_id,
           c.confidence, c.reason, c.decided_by
      FROM categorization AS c
      JOIN ledger_account AS a ON a.entity_id = c.entity_id AND a.id = c.ledger_account_id
      JOIN bank_transaction AS b ON b.entity_id = c.entity_id AND b.id = c.bank_transaction_id
     WHERE c.entity_id = %(entity_id)s AND c.needs_review AND b.removed_at IS NULL AND NOT b.is_pending
    )
"""


async def review_groups(
    conn: ReadConnection, *, entity_id: int, limit: int, rows_max: int, after: tuple[int, str] | None = None
) -> list[ReviewGroup]:
    """Return up to `limit` groups, those with most rows first, then by key, beginning after (rows, key).

    Of each group at most `rows_max` rows are named.
    """
    query: LiteralString = _WAITING
    query += """
        , grouped AS (
          SELECT key, bool_or(amount > 0) AS is_inflow, min(currency) AS currency, count(*) AS transaction_count,
                 abs(sum(amount)) AS total, min(dated) AS first_on, max(dated) AS last_on,
                 CASE WHEN count(DISTINCT suggested_ledger_account_id) = 1
                           AND count(suggested_ledger_account_id) = count(*)
                      THEN min(suggested_ledger_account_id) END AS suggested_ledger_account_id,
                 min(confidence)::float8 AS confidence
            FROM waiting GROUP BY key
        ), page AS (
          SELECT * FROM grouped
    """
    if after is not None:
        query += " WHERE (-transaction_count, key) > (-%(after_count)s::bigint, %(after_key)s)"
    query += """
           ORDER BY transaction_count DESC, key LIMIT %(limit)s
        )
        SELECT p.*, newest.name, newest.reason, newest.decided_by, newest.bank_transaction_ids
          FROM page AS p, LATERAL (
            SELECT (array_agg(coalesce(w.counterparty, w.description) ORDER BY w.dated DESC, w.id DESC))[1] AS name,
                   (array_agg(w.reason ORDER BY w.dated DESC, w.id DESC))[1] AS reason,
                   (array_agg(w.decided_by ORDER BY w.dated DESC, w.id DESC))[1] AS decided_by,
                   (array_agg(w.id ORDER BY w.dated DESC, w.id DESC))[1:%(rows_max)s] AS bank_transaction_ids
              FROM waiting AS w WHERE w.key = p.key) AS newest
         ORDER BY p.transaction_count DESC, p.key
    """
    async with conn.cursor(row_factory=class_row(ReviewGroup)) as cursor:
        await cursor.execute(
            query,
            {
                "entity_id": entity_id,
                "limit": limit,
                "rows_max": rows_max,
                "after_count": None if after is None else after[0],
                "after_key": None if after is None else after[1],
            },
        )
        return await cursor.fetchall()


async def review_totals(conn: ReadConnection, *, entity_id: int) -> ReviewTotals:
    """Return how many settled rows wait for a person, in how many groups."""
    query: LiteralString = _WAITING
    query += ", total AS (SELECT count(*) AS transactions, count(DISTINCT key) AS groups FROM waiting) TABLE total"
    async with conn.cursor(row_factory=class_row(ReviewTotals)) as cursor:
        await cursor.execute(query, {"entity_id": entity_id})
        found = await cursor.fetchone()
    assert found is not None
    return found


async def waiting_like(conn: ReadConnection, merchant_key: str, *, entity_id: int) -> int:
    """Return how many settled rows of this merchant wait for a person."""
    cursor = await conn.execute(
        """
        SELECT count(*) FROM categorization AS c
          JOIN bank_transaction AS b ON b.entity_id = c.entity_id AND b.id = c.bank_transaction_id
         WHERE c.entity_id = %(entity_id)s AND c.merchant_key = %(key)s AND c.needs_review
           AND b.removed_at IS NULL AND NOT b.is_pending
        """,
        {"entity_id": entity_id, "key": merchant_key},
    )
    row = await cursor.fetchone()
    assert row is not None
    return int(row[0])


async def repeated_choices(
    conn: ReadConnection, *, entity_id: int, decisions_min: int, limit: int
) -> Sequence[RepeatedChoice]:
    """Return merchants for which people chose one account `decisions_min` times or more, and never another.

    Only those where a machine had said otherwise at least once, the most corrected first.
    """
    async with conn.cursor(row_factory=class_row(RepeatedChoice)) as cursor:
        await cursor.execute(
            """
            SELECT c.merchant_key, (array_agg(b.merchant_name ORDER BY b.dated DESC, b.id DESC))[1] AS merchant_name,
                   (array_agg(b.description ORDER BY b.dated DESC, b.id DESC))[1] AS description,
                   min(c.ledger_account_id) AS ledger_account_id, count(*) AS decisions,
                   count(*) FILTER (WHERE c.machine_ledger_account_id <> c.ledger_account_id) AS corrections,
                   (array_agg(b.id ORDER BY b.dated DESC, b.id DESC))[1] AS bank_transaction_id
              FROM categorization AS c
              JOIN bank_transaction AS b ON b.entity_id = c.entity_id AND b.id = c.bank_transaction_id
              JOIN ledger_account AS a ON a.entity_id = c.entity_id AND a.id = c.ledger_account_id
             WHERE c.entity_id = %(entity_id)s AND c.decided_by = 'person' AND c.merchant_key IS NOT NULL
               AND b.removed_at IS NULL AND a.system_role IS NULL
             GROUP BY c.merchant_key
            HAVING count(*) >= %(decisions_min)s AND count(DISTINCT c.ledger_account_id) = 1
               AND bool_or(c.machine_ledger_account_id <> c.ledger_account_id)
             ORDER BY corrections DESC, decisions DESC, c.merchant_key LIMIT %(limit)s
            """,
            {"entity_id": entity_id, "decisions_min": decisions_min, "limit": limit},
        )
        return await cursor.fetchall()


async def decided_counts(
    conn: ReadConnection, *, entity_id: int, since: date | None, until: date | None
) -> list[DecidedCount]:
    """Count the live settled rows of [since, until) by month and by who decided."""
    async with conn.cursor(row_factory=class_row(DecidedCount)) as cursor:
        await cursor.execute(
            """
            SELECT date_trunc('month', b.dated)::date AS month, c.decided_by, p.machine_decided_by, p.machine_was_sure,
                   p.is_machine_right, c.needs_review, count(*) AS transactions
              FROM categorization AS c
              JOIN bank_transaction AS b ON b.entity_id = c.entity_id AND b.id = c.bank_transaction_id
              LEFT JOIN LATERAL (SELECT c.machine_decided_by, c.machine_was_sure,
                                        c.machine_ledger_account_id = c.ledger_account_id AS is_machine_right
                                  WHERE c.decided_by = 'person') AS p ON true
             WHERE c.entity_id = %(entity_id)s AND b.removed_at IS NULL AND NOT b.is_pending
               AND (%(since)s::date IS NULL OR b.dated >= %(since)s)
               AND (%(until)s::date IS NULL OR b.dated < %(until)s)
             GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1, 2, 3, 4, 5, 6
            """,
            {"entity_id": entity_id, "since": since, "until": until},
        )
        return await cursor.fetchall()
