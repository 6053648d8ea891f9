"""The SQL of searching."""

from psycopg.rows import class_row

from openledger_server.base.db import ReadConnection
from openledger_server.bookkeeping.search.types import FoundTransaction, Search

_SPELLING_MIN = "SET LOCAL pg_trgm.word_similarity_threshold = 0.45"
"""From this word similarity on a text is taken for another spelling of what is asked."""
_MEANING = 0.5
"""What a row is worth that only means the same: its category says so."""


async def found_transactions(conn: ReadConnection, search: Search, *, entity_id: int) -> list[FoundTransaction]:
    """Return the live bank transactions that a search finds, the likest first, the newest first among equals."""
    await conn.execute(_SPELLING_MIN)
    async with conn.cursor(row_factory=class_row(FoundTransaction)) as cursor:
        await cursor.execute(
            """
            WITH spelled AS (
              SELECT b.id,
                     word_similarity(%(text)s, b.description || ' ' || coalesce(b.merchant_name, '')) AS similarity
                FROM bank_transaction AS b
               WHERE b.entity_id = %(entity_id)s AND b.removed_at IS NULL
                 AND %(text)s <%% (b.description || ' ' || coalesce(b.merchant_name, ''))
                 AND (%(since)s::date IS NULL OR b.dated >= %(since)s)
                 AND (%(until)s::date IS NULL OR b.dated < %(until)s)
               ORDER BY similarity DESC, b.dated DESC, b.id DESC LIMIT %(limit)s
            ), named AS MATERIALIZED (
              SELECT a.id FROM ledger_account AS a
               WHERE a.entity_id = %(entity_id)s AND %(text)s <%% a.name
            ), meant AS (
              SELECT b.id, %(meaning)s::float4 AS similarity
                FROM bank_transaction AS b
                LEFT JOIN categorization AS c ON c.entity_id = b.entity_id AND c.bank_transaction_id = b.id
               WHERE b.entity_id = %(entity_id)s AND b.removed_at IS NULL
                 AND (b.provider_category = ANY(%(codes)s)
                      OR c.ledger_account_id IN (SELECT named.id FROM named))
                 AND (%(since)s::date IS NULL OR b.dated >= %(since)s)
                 AND (%(until)s::date IS NULL OR b.dated < %(until)s)
               ORDER BY b.dated DESC, b.id DESC LIMIT %(limit)s
            ), best AS (
              SELECT id, max(similarity) AS similarity FROM (TABLE spelled UNION ALL TABLE meant) AS hit GROUP BY id
            )
            SELECT b.id, best.similarity::float8 AS similarity, b.description, b.merchant_name, b.amount, b.currency,
                   b.dated, b.is_pending, b.bank_account_id, c.ledger_account_id, a.name AS category, c.counterparty
              FROM best
              JOIN bank_transaction AS b ON b.entity_id = %(entity_id)s AND b.id = best.id
              LEFT JOIN categorization AS c ON c.entity_id = b.entity_id AND c.bank_transaction_id = b.id
              LEFT JOIN ledger_account AS a ON a.entity_id = c.entity_id AND a.id = c.ledger_account_id
             ORDER BY best.similarity DESC, b.dated DESC, b.id DESC LIMIT %(limit)s
            """,
            {
                "entity_id": entity_id,
                "text": search.text,
                "codes": list(search.provider_categories),
                "since": search.since,
                "until": search.until,
                "limit": search.limit,
                "meaning": _MEANING,
            },
        )
        return await cursor.fetchall()
