"""All SQL of judgements and of what people taught us."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import LiteralString, TypeVar

from psycopg.rows import class_row
from psycopg.types.numeric import Int8

from openledger_server.banking.types import BankTransactionId
from openledger_server.base.db import ReadConnection, WriteConnection
from openledger_server.categorization.transfers import DAYS_APART_MAX, Pair
from openledger_server.categorization.types import (
    AmountMemory,
    Candidate,
    Chart,
    DecidedBy,
    Judgement,
    Lesson,
    Memory,
    TransferLeg,
    split_of,
)
from openledger_server.ledger.types import LedgerAccount, LedgerAccountId, SystemRole

PAIRED_CONFIDENCE = 0.99


def chart_of(accounts: Iterable[LedgerAccount], by_category: Mapping[str, LedgerAccountId] | None = None) -> Chart:
    """Return an entity's chart as deciders see it; every chart has the accounts with a system role."""
    chart = list(accounts)
    found = [account for account in chart if account.archived_at is None]
    by_role = {account.system_role: account.id for account in found if account.system_role}
    return Chart(
        by_code={code: account.id for account in found for code in account.standard_codes},
        by_category=by_category or {},
        transfers_clearing=by_role[SystemRole.TRANSFERS_CLEARING],
        uncategorized_income=by_role[SystemRole.UNCATEGORIZED_INCOME],
        uncategorized_expense=by_role[SystemRole.UNCATEGORIZED_EXPENSE],
        archived=frozenset(account.id for account in chart if account.archived_at is not None),
    )


_CANDIDATES: LiteralString = """
    SELECT b.id, b.amount > 0 AS is_inflow, b.description, b.merchant_name, b.merchant_entity_id,
           b.provider_category, b.provider_confidence, b.check_number, a.type AS bank_account_type,
           b.bank_account_id, b.amount, b.currency, b.dated, b.payment_channel,
           i.bank_transaction_id IS NOT NULL AS is_kept_in
      FROM bank_transaction AS b
      JOIN bank_account AS a ON a.entity_id = b.entity_id AND a.id = b.bank_account_id
      LEFT JOIN categorization AS c ON c.entity_id = b.entity_id AND c.bank_transaction_id = b.id
      LEFT JOIN transaction_inclusion AS i ON i.entity_id = b.entity_id AND i.bank_transaction_id = b.id
     WHERE b.entity_id = %(entity_id)s AND b.id = ANY(%(ids)s) AND b.removed_at IS NULL
"""


async def candidates(
    conn: ReadConnection, bank_transaction_ids: Sequence[BankTransactionId], *, entity_id: int
) -> list[Candidate]:
    """Return what there is to judge of these live bank transactions, leaving out those a person has judged."""
    query = _CANDIDATES
    # What a person leaves out of the books keeps the judgement it has.
    query += """
       AND c.decided_by IS DISTINCT FROM 'person'
       AND (c.bank_transaction_id IS NULL OR NOT EXISTS (
         SELECT FROM transaction_exclusion AS x
          WHERE x.entity_id = b.entity_id AND x.bank_transaction_id = b.id AND x.decided_by = 'person'))
    """
    async with conn.cursor(row_factory=class_row(Candidate)) as cursor:
        await cursor.execute(query, {"entity_id": entity_id, "ids": list(bank_transaction_ids)})
        return await cursor.fetchall()


async def rows(
    conn: ReadConnection, bank_transaction_ids: Sequence[BankTransactionId], *, entity_id: int
) -> list[Candidate]:
    """Return these live bank transactions, whoever has judged them."""
    async with conn.cursor(row_factory=class_row(Candidate)) as cursor:
        await cursor.execute(_CANDIDATES, {"entity_id": entity_id, "ids": list(bank_transaction_ids)})
        return await cursor.fetchall()


async def memory(conn: ReadConnection, merchant_keys: Iterable[str], *, entity_id: int) -> dict[str, Memory]:
    """Return what people of this entity chose for these merchants, by merchant key."""
    cursor = await conn.execute(
        """
        SELECT m.merchant_key, m.ledger_account_id, m.decisions, m.others, array_agg(a.amount),
               array_agg(a.ledger_account_id), array_agg(a.decisions)
          FROM merchant_memory AS m
          LEFT JOIN merchant_amount_memory AS a ON a.entity_id = m.entity_id AND a.merchant_key = m.merchant_key
         WHERE m.entity_id = %(entity_id)s AND m.merchant_key = ANY(%(keys)s)
         GROUP BY m.merchant_key, m.ledger_account_id, m.decisions, m.others
        """,
        {"entity_id": entity_id, "keys": list(set(merchant_keys))},
    )
    return {
        row[0]: Memory(
            ledger_account_id=LedgerAccountId(row[1]),
            decisions=row[2],
            others=row[3],
            by_amount={
                amount: AmountMemory(ledger_account_id=LedgerAccountId(account), decisions=decisions)
                for amount, account, decisions in zip(row[4], row[5], row[6], strict=True)
                if amount is not None
            },
        )
        for row in await cursor.fetchall()
    }


async def remember(conn: WriteConnection, lessons: Sequence[Lesson], *, entity_id: int, now: datetime) -> None:
    """Learn a person's choices in their order; another account than last time starts the count anew."""
    merchants = streaks((lesson.merchant_key, lesson.ledger_account_id) for lesson in lessons)
    query: LiteralString = """
        INSERT INTO merchant_memory AS m (entity_id, merchant_key, ledger_account_id, decisions, others, decided_at)
        SELECT %(entity_id)s, key, ledger_account_id, decisions, others, %(now)s
          FROM unnest(%(keys)s::text[], %(accounts)s::bigint[], %(decisions)s::int[], %(others)s::int[])
               AS t (key, ledger_account_id, decisions, others)
        ON CONFLICT (entity_id, merchant_key) DO UPDATE
    """
    await conn.execute(
        query + _LEARN,
        {"entity_id": entity_id, "keys": list(merchants), "now": now, **_columns(merchants.values())},
    )
    amounts = streaks(((lesson.merchant_key, lesson.amount), lesson.ledger_account_id) for lesson in lessons)
    query = """
        INSERT INTO merchant_amount_memory AS m
          (entity_id, merchant_key, amount, ledger_account_id, decisions, others, decided_at)
        SELECT %(entity_id)s, key, amount, ledger_account_id, decisions, others, %(now)s
          FROM unnest(%(keys)s::text[], %(amounts)s::numeric[], %(accounts)s::bigint[], %(decisions)s::int[],
                      %(others)s::int[]) AS t (key, amount, ledger_account_id, decisions, others)
        ON CONFLICT (entity_id, merchant_key, amount) DO UPDATE
    """
    await conn.execute(
        query + _LEARN,
        {
            "entity_id": entity_id,
            "keys": [key for key, _ in amounts],
            "amounts": [amount for _, amount in amounts],
            "now": now,
            **_columns(amounts.values()),
        },
    )


# `excluded.others` is not 0 where the new choices themselves were of two minds, which ends any earlier streak.
_LEARN: LiteralString = """
          SET decisions = excluded.decisions
                + CASE WHEN m.ledger_account_id = excluded.ledger_account_id AND excluded.others = 0
                       THEN m.decisions ELSE 0 END,
              others = m.others + excluded.others
                + CASE WHEN m.ledger_account_id = excluded.ledger_account_id AND excluded.others = 0
                       THEN 0 ELSE m.decisions END,
              ledger_account_id = excluded.ledger_account_id, decided_at = excluded.decided_at
"""


def _columns(streaks: Iterable[Memory]) -> dict[str, list[int]]:
    found = list(streaks)
    return {
        "accounts": [streak.ledger_account_id for streak in found],
        "decisions": [streak.decisions for streak in found],
        "others": [streak.others for streak in found],
    }


_Key = TypeVar("_Key")


def streaks(choices: Iterable[tuple[_Key, LedgerAccountId]]) -> dict[_Key, Memory]:
    """Return what each key was given last, how many times in a row, and how many times something else before."""
    found: dict[_Key, Memory] = {}
    for key, account in choices:
        before = found.get(key)
        if before is not None and before.ledger_account_id == account:
            found[key] = replace(before, decisions=before.decisions + 1)
        else:
            others = 0 if before is None else before.others + before.decisions
            found[key] = Memory(ledger_account_id=account, decisions=1, others=others)
    return found


async def store_judgements(
    conn: WriteConnection, judgements: Sequence[Judgement], *, entity_id: int, now: datetime
) -> None:
    """Store judgements, replacing earlier ones; a person's is never replaced by a machine's."""
    if not judgements:
        return
    await conn.execute(
        """
        CREATE TEMPORARY TABLE IF NOT EXISTS new_judgement
          (bank_transaction_id bigint, ledger_account_id bigint, suggested_ledger_account_id bigint, counterparty text,
           merchant_key text, decided_by text, reason text, confidence float8, needs_review boolean,
           transfer_partner_id bigint, rule_id bigint, is_excluded boolean, split_ledger_account_ids bigint[],
           split_amounts numeric[]) ON COMMIT DELETE ROWS;
        TRUNCATE new_judgement
        """
    )
    await _copy_judgements(conn, judgements)
    await conn.execute(
        """
        INSERT INTO categorization AS c
          (entity_id, bank_transaction_id, ledger_account_id, suggested_ledger_account_id, counterparty, merchant_key,
           decided_by, reason, confidence, needs_review, transfer_partner_id, decided_at, rule_id, is_excluded,
           split_ledger_account_ids, split_amounts)
        SELECT %(entity_id)s, bank_transaction_id, ledger_account_id, suggested_ledger_account_id, counterparty,
               merchant_key, decided_by, reason, confidence, needs_review, transfer_partner_id, %(now)s, rule_id,
               is_excluded AND decided_by = 'rule', split_ledger_account_ids, split_amounts
          FROM new_judgement
        ON CONFLICT (entity_id, bank_transaction_id) DO UPDATE
          SET ledger_account_id = excluded.ledger_account_id,
              suggested_ledger_account_id = excluded.suggested_ledger_account_id,
              counterparty = excluded.counterparty, merchant_key = excluded.merchant_key,
              decided_by = excluded.decided_by, reason = excluded.reason, confidence = excluded.confidence,
              needs_review = excluded.needs_review, transfer_partner_id = excluded.transfer_partner_id,
              decided_at = excluded.decided_at, rule_id = excluded.rule_id, run_id = NULL,
              is_excluded = excluded.is_excluded,
              split_ledger_account_ids = excluded.split_ledger_account_ids, split_amounts = excluded.split_amounts,
              machine_decided_by = CASE WHEN c.decided_by = 'person' THEN c.machine_decided_by
                                        WHEN excluded.decided_by = 'person' THEN c.decided_by END,
              machine_ledger_account_id =
                CASE WHEN c.decided_by = 'person' THEN c.machine_ledger_account_id
                     WHEN excluded.decided_by = 'person'
                     THEN coalesce(c.suggested_ledger_account_id, c.ledger_account_id) END,
              machine_was_sure = CASE WHEN c.decided_by = 'person' THEN c.machine_was_sure
                                      WHEN excluded.decided_by = 'person' THEN NOT c.needs_review END
          WHERE c.decided_by <> 'person' OR excluded.decided_by = 'person'
        """,
        {"entity_id": entity_id, "now": now},
    )


_JUDGEMENT_COLUMNS = [
    *["int8", "int8", "int8", *["text"] * 4, "float8", "bool", "int8", "int8", "bool"],
    *["int8[]", "numeric[]"],
]


async def _copy_judgements(conn: WriteConnection, judgements: Sequence[Judgement]) -> None:
    async with conn.cursor() as cursor, cursor.copy("COPY new_judgement FROM STDIN (FORMAT BINARY)") as copy:
        copy.set_types(_JUDGEMENT_COLUMNS)
        for judgement in judgements:
            await copy.write_row(
                (
                    judgement.bank_transaction_id,
                    judgement.ledger_account_id,
                    judgement.suggested_ledger_account_id,
                    judgement.counterparty,
                    judgement.merchant_key,
                    judgement.decided_by.value,
                    judgement.reason,
                    judgement.confidence,
                    judgement.needs_review,
                    judgement.transfer_partner_id,
                    judgement.rule_id,
                    judgement.is_excluded,
                    [Int8(part.ledger_account_id) for part in judgement.split] or None,
                    [part.amount for part in judgement.split] or None,
                )
            )


async def decidable(
    conn: ReadConnection, bank_transaction_ids: Sequence[BankTransactionId], *, entity_id: int
) -> dict[BankTransactionId, tuple[Judgement, Decimal]]:
    """Return judgement and amount (major units, positive = money in) of each live bank transaction among these."""
    cursor = await conn.execute(
        """
        SELECT c.bank_transaction_id, c.ledger_account_id, c.suggested_ledger_account_id, c.counterparty,
               c.merchant_key, c.decided_by, c.reason, c.confidence::float8, c.needs_review, c.transfer_partner_id,
               c.rule_id, b.amount, c.is_excluded, c.split_ledger_account_ids, c.split_amounts
          FROM categorization AS c
          JOIN bank_transaction AS b ON b.entity_id = c.entity_id AND b.id = c.bank_transaction_id
         WHERE c.entity_id = %(entity_id)s AND c.bank_transaction_id = ANY(%(ids)s) AND b.removed_at IS NULL
        """,
        {"entity_id": entity_id, "ids": list(bank_transaction_ids)},
    )
    return {
        BankTransactionId(row[0]): (
            Judgement(
                bank_transaction_id=BankTransactionId(row[0]),
                ledger_account_id=LedgerAccountId(row[1]),
                suggested_ledger_account_id=None if row[2] is None else LedgerAccountId(row[2]),
                counterparty=row[3],
                merchant_key=row[4],
                decided_by=DecidedBy(row[5]),
                reason=row[6],
                confidence=row[7],
                needs_review=row[8],
                transfer_partner_id=None if row[9] is None else BankTransactionId(row[9]),
                rule_id=row[10],
                is_excluded=row[12],
                split=split_of(row[13], row[14]),
            ),
            row[11],
        )
        for row in await cursor.fetchall()
    }


async def judgement_of(
    conn: ReadConnection, *, entity_id: int, bank_transaction_id: BankTransactionId
) -> Judgement | None:
    """Return the judgement of one live bank transaction, or None if there is no such transaction."""
    found = await judgements_of(conn, [bank_transaction_id], entity_id=entity_id)
    return found.get(bank_transaction_id)


async def judgements_of(
    conn: ReadConnection, bank_transaction_ids: Sequence[BankTransactionId], *, entity_id: int
) -> dict[BankTransactionId, Judgement]:
    """Return the judgements of these live bank transactions; those that do not exist are left out."""
    found = await decidable(conn, bank_transaction_ids, entity_id=entity_id)
    return {number: judgement for number, (judgement, _) in found.items()}


async def carry_decisions_over(
    conn: WriteConnection, moves: Mapping[BankTransactionId, BankTransactionId], *, entity_id: int
) -> None:
    """Give the settled row (value) what a person decided for the pending row (key) that it replaces."""
    await conn.execute(
        """
        INSERT INTO categorization AS c
          (entity_id, bank_transaction_id, ledger_account_id, suggested_ledger_account_id, counterparty, merchant_key,
           decided_by, reason, confidence, needs_review, transfer_partner_id, decided_at)
        SELECT c.entity_id, t.settled_id, c.ledger_account_id, NULL, c.counterparty, c.merchant_key, c.decided_by,
               c.reason, c.confidence, c.needs_review, NULL, c.decided_at
          FROM unnest(%(pending)s::bigint[], %(settled)s::bigint[]) AS t (pending_id, settled_id)
          JOIN categorization AS c ON c.entity_id = %(entity_id)s AND c.bank_transaction_id = t.pending_id
         WHERE c.decided_by = 'person'
        ON CONFLICT (entity_id, bank_transaction_id) DO NOTHING
        """,
        {"entity_id": entity_id, "pending": list(moves.keys()), "settled": list(moves.values())},
    )


async def dissolve_pairs(
    conn: WriteConnection,
    bank_transaction_ids: Sequence[BankTransactionId],
    *,
    entity_id: int,
    confirmed_too: bool = True,
) -> list[BankTransactionId]:
    """Undo the transfer pairs that these rows are part of and return the other legs, which are looked at again.

    Unless `confirmed_too`, those that a person confirmed stay.
    """
    cursor = await conn.execute(
        """
        WITH pair AS MATERIALIZED (
          SELECT bank_transaction_id AS leg_id, transfer_partner_id AS partner_id FROM categorization
           WHERE entity_id = %(entity_id)s AND bank_transaction_id = ANY(%(ids)s) AND transfer_partner_id IS NOT NULL
             AND (%(confirmed_too)s OR decided_by <> 'person')
        )
        UPDATE categorization AS c SET transfer_partner_id = NULL, run_id = NULL
          FROM (SELECT leg_id AS id FROM pair UNION SELECT partner_id FROM pair) AS leg
         WHERE c.entity_id = %(entity_id)s AND c.bank_transaction_id = leg.id
        RETURNING c.bank_transaction_id
        """,
        {"entity_id": entity_id, "ids": list(bank_transaction_ids), "confirmed_too": confirmed_too},
    )
    touched = set(bank_transaction_ids)
    return [BankTransactionId(row[0]) for row in await cursor.fetchall() if row[0] not in touched]


async def ask_again(
    conn: WriteConnection, bank_transaction_ids: Sequence[BankTransactionId], *, entity_id: int
) -> None:
    """Send presumed transfers whose other side turned out to be something else back to a person."""
    await conn.execute(
        """
        UPDATE categorization
           SET needs_review = true, confidence = 0.3,
               reason = 'Was taken for a transfer, but its other side turned out to be something else.', run_id = NULL
         WHERE entity_id = %(entity_id)s AND bank_transaction_id = ANY(%(ids)s) AND decided_by = 'transfer'
        """,
        {"entity_id": entity_id, "ids": list(bank_transaction_ids)},
    )


async def transfer_legs(
    conn: ReadConnection, touched: Sequence[BankTransactionId], *, entity_id: int
) -> list[TransferLeg]:
    """Return the rows among which the transfers that touch these rows are found.

    These are the presumed transfers that still wait for their other side and lie near the touched rows in time, and all
    live, settled, unpaired rows nobody has judged that could be that other side.
    """
    hinted = await _open_transfers_near(conn, touched, entity_id=entity_id)
    if not hinted:
        return []
    async with conn.cursor(row_factory=class_row(TransferLeg)) as cursor:
        await cursor.execute(
            """
            SELECT DISTINCT b.id, b.bank_account_id, b.amount, b.currency, b.dated, false AS has_hint
              FROM unnest(%(accounts)s::bigint[], %(amounts)s::numeric[], %(currencies)s::text[], %(dates)s::date[])
                   AS leg (bank_account_id, amount, currency, dated)
              JOIN bank_transaction AS b
                ON b.entity_id = %(entity_id)s AND b.amount = -leg.amount AND b.currency = leg.currency
               AND b.bank_account_id <> leg.bank_account_id
               AND b.dated BETWEEN leg.dated - %(days)s::int AND leg.dated + %(days)s::int
              JOIN categorization AS c ON c.entity_id = b.entity_id AND c.bank_transaction_id = b.id
             WHERE b.removed_at IS NULL AND NOT b.is_pending AND c.transfer_partner_id IS NULL
               AND c.decided_by NOT IN ('person', 'rule', 'transfer')
               AND NOT EXISTS (SELECT FROM transaction_exclusion AS x
                                WHERE x.entity_id = b.entity_id AND x.bank_transaction_id = b.id)
            """,
            {
                "entity_id": entity_id,
                "accounts": [leg.bank_account_id for leg in hinted],
                "amounts": [leg.amount for leg in hinted],
                "currencies": [leg.currency for leg in hinted],
                "dates": [leg.dated for leg in hinted],
                "days": DAYS_APART_MAX,
            },
        )
        return [*hinted, *await cursor.fetchall()]


async def _open_transfers_near(
    conn: ReadConnection, touched: Sequence[BankTransactionId], *, entity_id: int
) -> list[TransferLeg]:
    async with conn.cursor(row_factory=class_row(TransferLeg)) as cursor:
        await cursor.execute(
            """
            WITH near AS MATERIALIZED (
              SELECT min(b.dated) - %(days)s::int AS first, max(b.dated) + %(days)s::int AS last
                FROM unnest(%(ids)s::bigint[]) AS t (id)
                JOIN bank_transaction AS b ON b.entity_id = %(entity_id)s AND b.id = t.id
            )
            SELECT b.id, b.bank_account_id, b.amount, b.currency, b.dated, true AS has_hint
              FROM near, categorization AS c
              JOIN bank_transaction AS b ON b.entity_id = c.entity_id AND b.id = c.bank_transaction_id
             WHERE c.entity_id = %(entity_id)s AND c.decided_by = 'transfer' AND c.transfer_partner_id IS NULL
               AND b.removed_at IS NULL AND NOT b.is_pending AND b.dated BETWEEN near.first AND near.last
               AND NOT EXISTS (SELECT FROM transaction_exclusion AS x
                                WHERE x.entity_id = b.entity_id AND x.bank_transaction_id = b.id)
            """,
            {"entity_id": entity_id, "ids": list(touched), "days": DAYS_APART_MAX},
        )
        return await cursor.fetchall()


async def store_pairs(
    conn: WriteConnection,
    pairs: Sequence[Pair],
    *,
    entity_id: int,
    transfers_clearing: LedgerAccountId,
    now: datetime,
) -> list[BankTransactionId]:
    """Mark both legs of each pair as one transfer through the clearing account, and return all legs."""
    legs = [leg for pair in pairs for leg in pair]
    partners = [leg for out_id, in_id in pairs for leg in (in_id, out_id)]
    await conn.execute(
        """
        UPDATE categorization AS c
           SET ledger_account_id = %(clearing)s, suggested_ledger_account_id = NULL, decided_by = 'transfer',
               reason = 'Both sides of a transfer between your own accounts.', confidence = %(confidence)s,
               needs_review = false, transfer_partner_id = t.partner_id, decided_at = %(now)s, run_id = NULL
          FROM unnest(%(legs)s::bigint[], %(partners)s::bigint[]) AS t (id, partner_id)
         WHERE c.entity_id = %(entity_id)s AND c.bank_transaction_id = t.id AND c.decided_by NOT IN ('person', 'rule')
        """,
        {
            "entity_id": entity_id,
            "clearing": transfers_clearing,
            "confidence": PAIRED_CONFIDENCE,
            "legs": legs,
            "partners": partners,
            "now": now,
        },
    )
    return legs


async def review_counts(conn: ReadConnection, *, entity_id: int) -> tuple[int, int]:
    """Return (rows a person should look at, live settled rows booked as uncategorized or unsure among them)."""
    cursor = await conn.execute(
        """
        SELECT count(*), count(*) FILTER (WHERE NOT b.is_pending)
          FROM categorization AS c
          JOIN bank_transaction AS b ON b.entity_id = c.entity_id AND b.id = c.bank_transaction_id
         WHERE c.entity_id = %(entity_id)s AND c.needs_review AND b.removed_at IS NULL
        """,
        {"entity_id": entity_id},
    )
    row = await cursor.fetchone()
    assert row is not None
    return row[0], row[1]
