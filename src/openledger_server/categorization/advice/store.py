"""All SQL of asking a language model."""

from collections.abc import Sequence
from datetime import date, datetime

import orjson
from psycopg.rows import class_row

from openledger_server.banking.types import BankTransactionId
from openledger_server.base.db import ReadConnection, WriteConnection
from openledger_server.categorization.advice.types import Advice, Allowance, KeptAdvice, OpenRow, Suggestion

_CONFIDENCE = 0.6
"""Not measured, so never enough to be booked."""


async def allowance(conn: ReadConnection, *, entity_id: int, month: date) -> Allowance:
    """Return what the entity allows and what this month has cost; an entity that never chose allows nothing."""
    async with conn.cursor(row_factory=class_row(Allowance)) as cursor:
        await cursor.execute(
            """
            SELECT coalesce(max(s.monthly_cap_microusd), 0)::bigint AS monthly_cap_microusd,
                   coalesce(max(p.spent_microusd), 0)::bigint AS spent_microusd,
                   coalesce(max(p.requests), 0)::int AS requests
              FROM (SELECT %(entity_id)s::bigint AS entity_id) AS e
              LEFT JOIN advice_setting AS s ON s.entity_id = e.entity_id
              LEFT JOIN advice_spending AS p ON p.entity_id = e.entity_id AND p.month = %(month)s
            """,
            {"entity_id": entity_id, "month": month},
        )
        found = await cursor.fetchone()
    assert found is not None
    return found


async def allow(conn: WriteConnection, *, entity_id: int, monthly_cap_microusd: int, now: datetime) -> None:
    """Set what a month may cost; 0 switches asking off."""
    await conn.execute(
        """
        INSERT INTO advice_setting (entity_id, monthly_cap_microusd, updated_at) VALUES (%s, %s, %s)
        ON CONFLICT (entity_id) DO UPDATE
          SET monthly_cap_microusd = excluded.monthly_cap_microusd, updated_at = excluded.updated_at
        """,
        (entity_id, monthly_cap_microusd, now),
    )


async def reserve(conn: WriteConnection, *, entity_id: int, month: date, microusd: int) -> bool:
    """Count a request at its highest price; False, and nothing is counted, if the month's cap would be passed."""
    cursor = await conn.execute(
        """
        INSERT INTO advice_spending AS p (entity_id, month, spent_microusd, requests, input_tokens, output_tokens)
        SELECT s.entity_id, %(month)s, %(microusd)s, 1, 0, 0 FROM advice_setting AS s
         WHERE s.entity_id = %(entity_id)s AND %(microusd)s <= s.monthly_cap_microusd
        ON CONFLICT (entity_id, month) DO UPDATE
          SET spent_microusd = p.spent_microusd + excluded.spent_microusd, requests = p.requests + 1
          WHERE p.spent_microusd + excluded.spent_microusd
                <= (SELECT s.monthly_cap_microusd FROM advice_setting AS s WHERE s.entity_id = p.entity_id)
        RETURNING p.entity_id
        """,
        {"entity_id": entity_id, "month": month, "microusd": microusd},
    )
    return await cursor.fetchone() is not None


async def settle(
    conn: WriteConnection, *, entity_id: int, month: date, reserved: int, cost: int, tokens: tuple[int, int]
) -> None:
    """Count a request at its real price instead of the reserved one. `tokens`: (read, written)."""
    await conn.execute(
        """
        UPDATE advice_spending
           SET spent_microusd = greatest(spent_microusd - %(reserved)s + %(cost)s, 0),
               input_tokens = input_tokens + %(read)s, output_tokens = output_tokens + %(written)s
         WHERE entity_id = %(entity_id)s AND month = %(month)s
        """,
        {
            "entity_id": entity_id,
            "month": month,
            "reserved": reserved,
            "cost": cost,
            "read": tokens[0],
            "written": tokens[1],
        },
    )


async def open_rows(conn: ReadConnection, *, entity_id: int, limit: int) -> list[OpenRow]:
    """Return settled rows that machines decided, nobody is sure of and nothing was asked about; the newest first."""
    async with conn.cursor(row_factory=class_row(OpenRow)) as cursor:
        await cursor.execute(
            """
            SELECT b.id, b.amount > 0 AS is_inflow, b.description, b.merchant_name,
                   trunc(abs(b.amount))::bigint AS amount_size, a.type AS bank_account_type
              FROM categorization AS c
              JOIN bank_transaction AS b ON b.entity_id = c.entity_id AND b.id = c.bank_transaction_id
              JOIN bank_account AS a ON a.entity_id = b.entity_id AND a.id = b.bank_account_id
             WHERE c.entity_id = %(entity_id)s AND c.needs_review AND c.decided_by IN ('fallback', 'model', 'provider')
               AND b.removed_at IS NULL AND NOT b.is_pending AND b.check_number IS NULL
               AND NOT EXISTS (SELECT FROM advice AS d
                                WHERE d.entity_id = c.entity_id AND d.bank_transaction_id = c.bank_transaction_id)
             ORDER BY b.dated DESC, b.id DESC LIMIT %(limit)s
            """,
            {"entity_id": entity_id, "limit": limit},
        )
        return await cursor.fetchall()


async def keep(
    conn: WriteConnection,
    given: Sequence[Advice],
    *,
    entity_id: int,
    model: str,
    prompt_version: str,
    now: datetime,
) -> int:
    """Keep the answers and show those that chose as suggestions; return how many rows got one.

    A row that a person, a rule or anything sure has decided meanwhile keeps what it says. Nothing is booked.
    """
    values = {
        "entity_id": entity_id,
        "ids": [one.bank_transaction_id for one in given],
        "asked": [orjson.dumps(one.asked).decode() for one in given],
        "codes": [one.code for one in given],
        "outcomes": [one.outcome.value for one in given],
        "model": model,
        "version": prompt_version,
        "now": now,
    }
    await conn.execute(
        """
        INSERT INTO advice (entity_id, bank_transaction_id, model, prompt_version, asked, answer, outcome, asked_at)
        SELECT %(entity_id)s, t.id, %(model)s, %(version)s, t.asked::jsonb, t.code, t.outcome, %(now)s
          FROM unnest(%(ids)s::bigint[], %(asked)s::text[], %(codes)s::text[], %(outcomes)s::text[])
               AS t (id, asked, code, outcome)
        ON CONFLICT (entity_id, bank_transaction_id) DO NOTHING
        """,
        values,
    )
    shown = [
        Suggestion(bank_transaction_id=one.bank_transaction_id, ledger_account_id=one.ledger_account_id, model=model)
        for one in given
        if one.ledger_account_id is not None
    ]
    return await suggest(conn, shown, entity_id=entity_id, now=now)


async def suggest(conn: WriteConnection, shown: Sequence[Suggestion], *, entity_id: int, now: datetime) -> int:
    """Show these where nobody is sure; return how many rows that is. Nothing is booked."""
    cursor = await conn.execute(
        """
        UPDATE categorization AS c
           SET suggested_ledger_account_id = t.account_id, decided_by = 'llm', reason = t.reason,
               confidence = %(confidence)s, decided_at = %(now)s
          FROM unnest(%(ids)s::bigint[], %(accounts)s::bigint[], %(reasons)s::text[]) AS t (id, account_id, reason)
         WHERE c.entity_id = %(entity_id)s AND c.bank_transaction_id = t.id
           AND c.needs_review AND c.decided_by IN ('fallback', 'model', 'provider')
        """,
        {
            "entity_id": entity_id,
            "ids": [one.bank_transaction_id for one in shown],
            "accounts": [one.ledger_account_id for one in shown],
            "reasons": [one.reason for one in shown],
            "confidence": _CONFIDENCE,
            "now": now,
        },
    )
    return cursor.rowcount


async def kept_advice(
    conn: ReadConnection, bank_transaction_ids: Sequence[BankTransactionId], *, entity_id: int
) -> list[KeptAdvice]:
    """Return the answers that chose a category for those of these rows that nobody is sure of."""
    cursor = await conn.execute(
        """
        SELECT b.id, b.amount > 0, b.description, b.merchant_name, trunc(abs(b.amount))::bigint, a.type,
               d.asked, d.answer, d.model
          FROM advice AS d
          JOIN categorization AS c ON c.entity_id = d.entity_id AND c.bank_transaction_id = d.bank_transaction_id
          JOIN bank_transaction AS b ON b.entity_id = c.entity_id AND b.id = c.bank_transaction_id
          JOIN bank_account AS a ON a.entity_id = b.entity_id AND a.id = b.bank_account_id
         WHERE d.entity_id = %(entity_id)s AND d.bank_transaction_id = ANY(%(ids)s) AND d.outcome = 'suggested'
           AND c.needs_review AND c.decided_by IN ('fallback', 'model', 'provider')
        """,
        {"entity_id": entity_id, "ids": list(bank_transaction_ids)},
    )
    return [
        KeptAdvice(
            row=OpenRow(
                id=BankTransactionId(row[0]),
                is_inflow=row[1],
                description=row[2],
                merchant_name=row[3],
                amount_size=row[4],
                bank_account_type=row[5],
            ),
            asked=row[6],
            code=row[7],
            model=row[8],
        )
        for row in await cursor.fetchall()
    ]
