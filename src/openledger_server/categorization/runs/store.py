"""All SQL of runs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, LiteralString

from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from openledger_server.banking.types import BankTransactionId
from openledger_server.base.db import ReadConnection, WriteConnection
from openledger_server.categorization.rules.types import RuleId
from openledger_server.categorization.runs.types import JudgedRow, Run, RunId, RunKind, UnknownRunError
from openledger_server.categorization.types import Candidate, DecidedBy, Judgement, split_of
from openledger_server.ledger.types import LedgerAccountId


@dataclass(frozen=True, slots=True, kw_only=True)
class _JudgedRow:
    id: int
    is_inflow: bool
    description: str
    merchant_name: str | None
    merchant_entity_id: str | None
    provider_category: str | None
    provider_confidence: str | None
    check_number: str | None
    bank_account_type: str
    bank_account_id: int
    amount: Decimal
    currency: str
    dated: date
    payment_channel: str | None
    ledger_account_id: int
    suggested_ledger_account_id: int | None
    counterparty: str | None
    merchant_key: str | None
    decided_by: str
    reason: str
    confidence: float
    needs_review: bool
    transfer_partner_id: int | None
    rule_id: int | None
    is_excluded: bool
    split_ledger_account_ids: list[int] | None
    split_amounts: list[Decimal] | None
    is_kept_in: bool


async def judged_rows(
    conn: ReadConnection, *, entity_id: int, after_id: int, limit: int, machines_only: bool, review_only: bool = False
) -> list[JudgedRow]:
    """Return up to `limit` live, judged bank transactions with ids above `after_id`, ordered by id.

    Those that a person left out of the books are left out here too.

    `machines_only` leaves out those that a person decided and paired transfers; `review_only` also those that nobody
    needs to look at.
    """
    query: LiteralString = """
        SELECT b.id, b.amount > 0 AS is_inflow, b.description, b.merchant_name, b.merchant_entity_id,
               b.provider_category, b.provider_confidence, b.check_number, a.type AS bank_account_type,
               b.bank_account_id, b.amount, b.currency, b.dated, b.payment_channel, c.ledger_account_id,
               c.suggested_ledger_account_id, c.counterparty, c.merchant_key, c.decided_by, c.reason,
               c.confidence::float8 AS confidence, c.needs_review, c.transfer_partner_id, c.rule_id, c.is_excluded,
               c.split_ledger_account_ids, c.split_amounts,
               i.bank_transaction_id IS NOT NULL AS is_kept_in
          FROM bank_transaction AS b
          JOIN bank_account AS a ON a.entity_id = b.entity_id AND a.id = b.bank_account_id
          JOIN categorization AS c ON c.entity_id = b.entity_id AND c.bank_transaction_id = b.id
          LEFT JOIN transaction_inclusion AS i ON i.entity_id = b.entity_id AND i.bank_transaction_id = b.id
         WHERE b.entity_id = %(entity_id)s AND b.id > %(after_id)s AND b.removed_at IS NULL
           AND NOT EXISTS (SELECT FROM transaction_exclusion AS x
                            WHERE x.entity_id = b.entity_id AND x.bank_transaction_id = b.id
                              AND x.decided_by = 'person')
    """
    if machines_only:
        query += " AND c.decided_by <> 'person' AND c.transfer_partner_id IS NULL"
    if review_only:
        query += " AND c.needs_review"
    query += " ORDER BY b.id LIMIT %(limit)s"
    async with conn.cursor(row_factory=class_row(_JudgedRow)) as cursor:
        await cursor.execute(query, {"entity_id": entity_id, "after_id": after_id, "limit": limit})
        return [_judged(row) for row in await cursor.fetchall()]


_RUN_QUERY: LiteralString = """
    SELECT id, kind, rule_id, changed, started_at, undone_at, restored, kept
      FROM categorization_run WHERE entity_id = %(entity_id)s
"""


async def runs(
    conn: ReadConnection, *, entity_id: int, limit: int, before_id: RunId | None = None, rule_id: RuleId | None = None
) -> list[Run]:
    """Return up to `limit` runs, newest first, beginning after `before_id`; only one rule's if it is named."""
    query = _RUN_QUERY
    if before_id is not None:
        query += " AND id < %(before_id)s"
    if rule_id is not None:
        query += " AND rule_id = %(rule_id)s"
    query += " ORDER BY id DESC LIMIT %(limit)s"
    async with conn.cursor(row_factory=class_row(Run)) as cursor:
        await cursor.execute(
            query, {"entity_id": entity_id, "limit": limit, "before_id": before_id, "rule_id": rule_id}
        )
        return await cursor.fetchall()


async def run(conn: ReadConnection, *, entity_id: int, run_id: RunId) -> Run:
    """Return one run.

    Raises:
        UnknownRunError: if the entity has none of that id.
    """
    query = _RUN_QUERY + " AND id = %(id)s"
    async with conn.cursor(row_factory=class_row(Run)) as cursor:
        await cursor.execute(query, {"entity_id": entity_id, "id": run_id})
        found = await cursor.fetchone()
    if found is None:
        raise UnknownRunError
    return found


async def last_run(conn: ReadConnection, *, entity_id: int, kind: RunKind, request: dict[str, Any]) -> Run | None:
    """Return the newest run that was asked for the same, unless it was undone; None if there is none."""
    query = _RUN_QUERY + " AND kind = %(kind)s AND request = %(request)s ORDER BY id DESC LIMIT 1"
    async with conn.cursor(row_factory=class_row(Run)) as cursor:
        await cursor.execute(query, {"entity_id": entity_id, "kind": kind.value, "request": Jsonb(request)})
        found = await cursor.fetchone()
    return None if found is None or found.undone_at is not None else found


async def start_run(
    conn: WriteConnection,
    *,
    entity_id: int,
    run_id: RunId,
    kind: RunKind,
    rule_id: RuleId | None,
    request: dict[str, Any],
    now: datetime,
) -> None:
    """Record that a run begins."""
    await conn.execute(
        """
        INSERT INTO categorization_run (entity_id, id, kind, rule_id, request, changed, started_at)
        VALUES (%(entity_id)s, %(id)s, %(kind)s, %(rule_id)s, %(request)s, 0, %(now)s)
        """,
        {
            "entity_id": entity_id,
            "id": run_id,
            "kind": kind.value,
            "rule_id": rule_id,
            "request": Jsonb(request),
            "now": now,
        },
    )


async def keep_before(
    conn: WriteConnection, bank_transaction_ids: Sequence[BankTransactionId], *, entity_id: int, run_id: RunId
) -> None:
    """Record what these rows say before the run touches them; what is recorded already stays as it is."""
    await conn.execute(
        """
        INSERT INTO categorization_change
          (entity_id, run_id, bank_transaction_id, ledger_account_id, suggested_ledger_account_id, counterparty,
           merchant_key, decided_by, reason, confidence, needs_review, transfer_partner_id, decided_at, rule_id,
           earlier_run_id, is_excluded, split_ledger_account_ids, split_amounts)
        SELECT c.entity_id, %(run_id)s, c.bank_transaction_id, c.ledger_account_id, c.suggested_ledger_account_id,
               c.counterparty, c.merchant_key, c.decided_by, c.reason, c.confidence, c.needs_review,
               c.transfer_partner_id, c.decided_at, c.rule_id, c.run_id, c.is_excluded,
               c.split_ledger_account_ids, c.split_amounts
          FROM categorization AS c
         WHERE c.entity_id = %(entity_id)s AND c.decided_by <> 'person'
           AND (c.bank_transaction_id = ANY(%(ids)s)
                OR c.bank_transaction_id IN (
                  SELECT p.transfer_partner_id FROM categorization AS p
                   WHERE p.entity_id = %(entity_id)s AND p.bank_transaction_id = ANY(%(ids)s)))
        ON CONFLICT (entity_id, run_id, bank_transaction_id) DO NOTHING
        """,
        {"entity_id": entity_id, "run_id": run_id, "ids": list(bank_transaction_ids)},
    )


async def finish_run(conn: WriteConnection, *, entity_id: int, run_id: RunId) -> Run:
    """Mark the rows that the run changed, forget those it only looked at, and return the run."""
    await conn.execute(
        """
        WITH same AS (
          DELETE FROM categorization_change AS k USING categorization AS c
           WHERE k.entity_id = %(entity_id)s AND k.run_id = %(run_id)s
             AND c.entity_id = k.entity_id AND c.bank_transaction_id = k.bank_transaction_id
             AND (c.ledger_account_id, c.suggested_ledger_account_id, c.counterparty, c.decided_by, c.needs_review,
                  c.transfer_partner_id, c.rule_id, c.is_excluded, c.split_ledger_account_ids, c.split_amounts)
                 IS NOT DISTINCT FROM
                 (k.ledger_account_id, k.suggested_ledger_account_id, k.counterparty, k.decided_by, k.needs_review,
                  k.transfer_partner_id, k.rule_id, k.is_excluded, k.split_ledger_account_ids, k.split_amounts)
          RETURNING k.bank_transaction_id, k.earlier_run_id
        )
        UPDATE categorization AS c SET run_id = same.earlier_run_id FROM same
         WHERE c.entity_id = %(entity_id)s AND c.bank_transaction_id = same.bank_transaction_id
        """,
        {"entity_id": entity_id, "run_id": run_id},
    )
    await conn.execute(
        """
        UPDATE categorization AS c SET run_id = %(run_id)s FROM categorization_change AS k
         WHERE k.entity_id = %(entity_id)s AND k.run_id = %(run_id)s
           AND c.entity_id = k.entity_id AND c.bank_transaction_id = k.bank_transaction_id
        """,
        {"entity_id": entity_id, "run_id": run_id},
    )
    await conn.execute(
        """
        UPDATE categorization_run
           SET changed = (SELECT count(*) FROM categorization_change
                           WHERE entity_id = %(entity_id)s AND run_id = %(run_id)s)
         WHERE entity_id = %(entity_id)s AND id = %(run_id)s
        """,
        {"entity_id": entity_id, "run_id": run_id},
    )
    return await run(conn, entity_id=entity_id, run_id=run_id)


async def restore(
    conn: WriteConnection, *, entity_id: int, run_id: RunId, closed_through: date | None
) -> list[BankTransactionId]:
    """Give back what they said before to the rows that nothing has decided since the run, and return those rows.

    Rows of a closed period that would be booked elsewhere stay as they are.
    A transfer is paired again only if both of its sides are given back; otherwise the one side waits for a person.
    """
    cursor = await conn.execute(
        """
        WITH back AS MATERIALIZED (
          SELECT k.* FROM categorization_change AS k
            JOIN categorization AS c ON c.entity_id = k.entity_id AND c.bank_transaction_id = k.bank_transaction_id
            JOIN bank_transaction AS b ON b.entity_id = c.entity_id AND b.id = c.bank_transaction_id
           WHERE k.entity_id = %(entity_id)s AND k.run_id = %(run_id)s AND c.run_id = k.run_id
             AND (%(closed_through)s::date IS NULL OR b.dated > %(closed_through)s
                  OR (c.ledger_account_id, c.is_excluded, c.split_ledger_account_ids, c.split_amounts)
                     IS NOT DISTINCT FROM
                     (k.ledger_account_id, k.is_excluded, k.split_ledger_account_ids, k.split_amounts))
        )
        UPDATE categorization AS c
           SET ledger_account_id = k.ledger_account_id, suggested_ledger_account_id = k.suggested_ledger_account_id,
               counterparty = k.counterparty, merchant_key = k.merchant_key, decided_by = k.decided_by,
               reason = k.reason, confidence = k.confidence,
               needs_review = k.needs_review OR (k.transfer_partner_id IS NOT NULL AND p.bank_transaction_id IS NULL),
               transfer_partner_id = p.bank_transaction_id, decided_at = k.decided_at, rule_id = k.rule_id,
               run_id = k.earlier_run_id, is_excluded = k.is_excluded,
               split_ledger_account_ids = k.split_ledger_account_ids, split_amounts = k.split_amounts
          FROM back AS k
          LEFT JOIN back AS p ON p.bank_transaction_id = k.transfer_partner_id
         WHERE c.entity_id = %(entity_id)s AND c.bank_transaction_id = k.bank_transaction_id
        RETURNING c.bank_transaction_id
        """,
        {"entity_id": entity_id, "run_id": run_id, "closed_through": closed_through},
    )
    return [BankTransactionId(row[0]) for row in await cursor.fetchall()]


async def hand_on(conn: WriteConnection, *, entity_id: int, run_id: RunId) -> None:
    """Let later runs over the same rows remember what this run remembered, as if it had never been."""
    await conn.execute(
        """
        UPDATE categorization_change AS later
           SET ledger_account_id = k.ledger_account_id, suggested_ledger_account_id = k.suggested_ledger_account_id,
               counterparty = k.counterparty, merchant_key = k.merchant_key, decided_by = k.decided_by,
               reason = k.reason, confidence = k.confidence, needs_review = k.needs_review,
               transfer_partner_id = k.transfer_partner_id, decided_at = k.decided_at, rule_id = k.rule_id,
               earlier_run_id = k.earlier_run_id, is_excluded = k.is_excluded,
               split_ledger_account_ids = k.split_ledger_account_ids, split_amounts = k.split_amounts
          FROM categorization_change AS k
         WHERE k.entity_id = %(entity_id)s AND k.run_id = %(run_id)s AND later.entity_id = k.entity_id
           AND later.bank_transaction_id = k.bank_transaction_id AND later.earlier_run_id = k.run_id
        """,
        {"entity_id": entity_id, "run_id": run_id},
    )


async def end_undo(conn: WriteConnection, *, entity_id: int, run_id: RunId, restored: int, now: datetime) -> Run:
    """Record that a run was undone and how many rows got back what they said before; return the run."""
    await conn.execute(
        """
        UPDATE categorization_run SET undone_at = %(now)s, restored = %(restored)s, kept = changed - %(restored)s
         WHERE entity_id = %(entity_id)s AND id = %(run_id)s
        """,
        {"entity_id": entity_id, "run_id": run_id, "restored": restored, "now": now},
    )
    return await run(conn, entity_id=entity_id, run_id=run_id)


def _judged(row: _JudgedRow) -> JudgedRow:
    candidate = Candidate(
        id=BankTransactionId(row.id),
        is_inflow=row.is_inflow,
        description=row.description,
        merchant_name=row.merchant_name,
        merchant_entity_id=row.merchant_entity_id,
        provider_category=row.provider_category,
        provider_confidence=row.provider_confidence,
        check_number=row.check_number,
        bank_account_type=row.bank_account_type,
        bank_account_id=row.bank_account_id,
        amount=row.amount,
        currency=row.currency,
        dated=row.dated,
        payment_channel=row.payment_channel,
        is_kept_in=row.is_kept_in,
    )
    suggested, partner = row.suggested_ledger_account_id, row.transfer_partner_id
    judgement = Judgement(
        bank_transaction_id=candidate.id,
        ledger_account_id=LedgerAccountId(row.ledger_account_id),
        suggested_ledger_account_id=None if suggested is None else LedgerAccountId(suggested),
        counterparty=row.counterparty,
        merchant_key=row.merchant_key,
        decided_by=DecidedBy(row.decided_by),
        reason=row.reason,
        confidence=row.confidence,
        needs_review=row.needs_review,
        transfer_partner_id=None if partner is None else BankTransactionId(partner),
        rule_id=row.rule_id,
        is_excluded=row.is_excluded,
        split=split_of(row.split_ledger_account_ids, row.split_amounts),
    )
    return JudgedRow(candidate=candidate, judgement=judgement)
