"""All SQL of those looks."""

from psycopg.rows import class_row

from openledger_server.base.db import ReadConnection
from openledger_server.bookkeeping.activity.types import Counterparty, MonthDelta, Wanted

LATEST_MAX = 5


async def month_deltas(conn: ReadConnection, *, entity_id: int) -> list[MonthDelta]:
    """Return by how much each bank account's books changed in each month, oldest month first.

    It reads the kept totals, so the cost follows accounts and months. The opening balance is no change.
    """
    async with conn.cursor(row_factory=class_row(MonthDelta)) as cursor:
        await cursor.execute(
            """
            SELECT a.id AS bank_account_id, m.month, m.currency,
                   (m.debits_minor - m.credits_minor - coalesce(o.amount_minor, 0))::bigint AS delta_minor
              FROM bank_account AS a
              JOIN ledger_account_month AS m ON m.entity_id = a.entity_id AND m.ledger_account_id = a.ledger_account_id
              LEFT JOIN opening_balance AS o ON o.entity_id = a.entity_id AND o.bank_account_id = a.id
               AND o.journal_entry_id IS NOT NULL AND date_trunc('month', o.dated)::date = m.month
               AND a.currency = m.currency
             WHERE a.entity_id = %(entity_id)s
             ORDER BY m.month, a.id, m.currency
            """,
            {"entity_id": entity_id},
        )
        return [row for row in await cursor.fetchall() if row.delta_minor]


_FOUND = """
    WITH found AS (
      SELECT b.id, b.dated FROM bank_transaction AS b
        LEFT JOIN categorization AS c ON c.entity_id = b.entity_id AND c.bank_transaction_id = b.id
        LEFT JOIN ledger_account AS a ON a.entity_id = c.entity_id AND a.id = c.ledger_account_id
        LEFT JOIN booking AS k ON k.entity_id = b.entity_id AND k.bank_transaction_id = b.id
        LEFT JOIN transaction_note AS n ON n.entity_id = b.entity_id AND n.bank_transaction_id = b.id
       CROSS JOIN LATERAL (
         SELECT lower(concat_ws(' ', b.description, b.merchant_name, c.counterparty, a.name, n.description, n.note))
                AS text, NOT b.is_pending AND NOT coalesce(c.needs_review, true)
                         AND (k.journal_entry_id IS NOT NULL OR b.amount = 0) AS is_posted) AS s
       WHERE b.entity_id = %(entity_id)s AND b.removed_at IS NULL
         AND (%(date_from)s::date IS NULL OR b.dated >= %(date_from)s)
         AND (%(date_to)s::date IS NULL OR b.dated <= %(date_to)s)
         AND (%(amount_min)s::numeric IS NULL OR abs(b.amount) >= %(amount_min)s)
         AND (%(amount_max)s::numeric IS NULL OR abs(b.amount) <= %(amount_max)s)
         AND (%(is_posted)s::boolean IS NULL OR s.is_posted = %(is_posted)s)
         AND NOT EXISTS (SELECT FROM unnest(%(words)s::text[]) AS word WHERE strpos(s.text, word) = 0)
      UNION ALL
      SELECT m.id, m.dated FROM manual_entry AS m
       CROSS JOIN LATERAL (
         SELECT lower(concat_ws(' ', m.description, m.note, m.metadata ->> 'counterpartyName', string_agg(a.name, ' ')))
                AS text, sum(n.amount_minor) FILTER (WHERE n.amount_minor > 0) AS debits_minor,
                min(n.currency) AS currency
           FROM manual_entry_line AS n
           JOIN ledger_account AS a ON a.entity_id = n.entity_id AND a.id = n.ledger_account_id
          WHERE n.entity_id = m.entity_id AND n.manual_entry_id = m.id) AS s
       CROSS JOIN LATERAL (
         SELECT s.debits_minor / 10 ^ coalesce((%(digits)s::jsonb ->> s.currency)::int, 2)::numeric AS amount) AS v
       WHERE m.entity_id = %(entity_id)s AND m.state <> 'deleted'
         AND (%(date_from)s::date IS NULL OR m.dated >= %(date_from)s)
         AND (%(date_to)s::date IS NULL OR m.dated <= %(date_to)s)
         AND (%(amount_min)s::numeric IS NULL OR v.amount >= %(amount_min)s)
         AND (%(amount_max)s::numeric IS NULL OR v.amount <= %(amount_max)s)
         AND (%(is_posted)s::boolean IS NULL OR (m.state = 'posted') = %(is_posted)s)
         AND NOT EXISTS (SELECT FROM unnest(%(words)s::text[]) AS word WHERE strpos(s.text, word) = 0))
    SELECT (SELECT count(*) FROM found),
           ARRAY(SELECT id FROM found ORDER BY dated DESC, id DESC LIMIT %(limit)s OFFSET %(offset)s)
"""


async def search(
    conn: ReadConnection, wanted: Wanted, *, entity_id: int, digits: str, limit: int, offset: int
) -> tuple[int, list[int]]:
    """Return how many transactions a search finds, and the ids of one page of them, newest first.

    `digits`: JSON object from currency to decimals, for those that have not two.
    """
    parameters = {
        "entity_id": entity_id,
        "words": [word.lower() for word in wanted.words],
        "date_from": wanted.date_from,
        "date_to": wanted.date_to,
        "amount_min": wanted.amount_min,
        "amount_max": wanted.amount_max,
        "is_posted": wanted.is_posted,
        "digits": digits,
        "limit": limit,
        "offset": offset,
    }
    cursor = await conn.execute(_FOUND, parameters)
    row = await cursor.fetchone()
    assert row is not None
    return row[0], row[1]


async def counterparties(
    conn: ReadConnection, *, entity_id: int, limit: int, after: tuple[str, str] | None = None
) -> list[Counterparty]:
    """Return up to `limit` counterparties of live bank transactions by name, beginning after (name, currency).

    Rows that are left out of the books do not count.
    """
    async with conn.cursor(row_factory=class_row(Counterparty)) as cursor:
        await cursor.execute(
            """
            WITH named AS MATERIALIZED (
              SELECT coalesce(c.counterparty, b.merchant_name) AS name, b.currency, b.id, b.dated, b.amount,
                     b.description
                FROM bank_transaction AS b
                LEFT JOIN categorization AS c ON c.entity_id = b.entity_id AND c.bank_transaction_id = b.id
               WHERE b.entity_id = %(entity_id)s AND b.removed_at IS NULL
                 AND coalesce(c.counterparty, b.merchant_name) <> ''
                 AND NOT EXISTS (SELECT FROM transaction_exclusion AS x
                                  WHERE x.entity_id = b.entity_id AND x.bank_transaction_id = b.id)
            ), summed AS (
              SELECT name, currency, count(*) AS transactions, min(dated) AS first_on, max(dated) AS last_on,
                     sum(amount) AS net
                FROM named
               WHERE %(name)s::text IS NULL OR (name COLLATE "C", currency COLLATE "C") > (%(name)s, %(currency)s)
               GROUP BY name, currency ORDER BY name COLLATE "C", currency COLLATE "C" LIMIT %(limit)s
            )
            SELECT s.name, s.currency, s.transactions, s.first_on, s.last_on, s.net, l.latest
              FROM summed AS s
             CROSS JOIN LATERAL (
               SELECT jsonb_agg(jsonb_build_object('id', r.id::text, 'description', r.description,
                                                   'amount', r.amount::text, 'dated', r.dated)
                                ORDER BY r.dated DESC, r.id DESC) AS latest
                 FROM (SELECT n.id, n.description, n.amount, n.dated FROM named AS n
                        WHERE n.name = s.name AND n.currency = s.currency
                        ORDER BY n.dated DESC, n.id DESC LIMIT %(latest)s) AS r) AS l
             ORDER BY s.name COLLATE "C", s.currency COLLATE "C"
            """,
            {
                "entity_id": entity_id,
                "limit": limit,
                "latest": LATEST_MAX,
                "name": after and after[0],
                "currency": after and after[1],
            },
        )
        return await cursor.fetchall()
