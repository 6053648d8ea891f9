"""All SQL of splits and exclusions."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from openledger_server.banking.types import BankTransactionId
from openledger_server.base.db import ReadConnection, WriteConnection
from openledger_server.categorization.decisions.types import Decisions, Exclusion
from openledger_server.categorization.types import SplitPart
from openledger_server.ledger.types import LedgerAccountId


async def decisions(
    conn: ReadConnection, bank_transaction_ids: Sequence[BankTransactionId], *, entity_id: int
) -> dict[BankTransactionId, Decisions]:
    """Return what people and rules decided about these rows, for those about which they did."""
    parameters = {"entity_id": entity_id, "ids": list(bank_transaction_ids)}
    cursor = await conn.execute(
        """
        SELECT bank_transaction_id, array_agg(ledger_account_id ORDER BY line), array_agg(amount ORDER BY line),
               array_agg(memo ORDER BY line), bool_or(decided_by = 'rule')
          FROM transaction_split
         WHERE entity_id = %(entity_id)s AND bank_transaction_id = ANY(%(ids)s) GROUP BY bank_transaction_id
        """,
        parameters,
    )
    splits = {
        BankTransactionId(row[0]): Decisions(
            split=tuple(
                SplitPart(LedgerAccountId(account), amount, memo)
                for account, amount, memo in zip(row[1], row[2], row[3], strict=True)
            ),
            is_split_by_rule=row[4],
        )
        for row in await cursor.fetchall()
    }
    cursor = await conn.execute(
        """
        SELECT bank_transaction_id, reason, excluded_at, decided_by = 'rule' FROM transaction_exclusion
         WHERE entity_id = %(entity_id)s AND bank_transaction_id = ANY(%(ids)s)
        """,
        parameters,
    )
    exclusions = {BankTransactionId(row[0]): Exclusion(*row[1:]) for row in await cursor.fetchall()}
    return {
        row_id: replace(splits.get(row_id, Decisions()), exclusion=exclusions.get(row_id))
        for row_id in {*splits, *exclusions}
    }


async def replace_split(
    conn: WriteConnection,
    parts: Sequence[SplitPart],
    *,
    entity_id: int,
    bank_transaction_id: BankTransactionId,
) -> None:
    """Store the parts of a person's split in place of earlier ones; no parts: it is not split."""
    await conn.execute(
        "DELETE FROM transaction_split WHERE entity_id = %(entity_id)s AND bank_transaction_id = %(id)s",
        {"entity_id": entity_id, "id": bank_transaction_id},
    )
    await conn.execute(
        """
        INSERT INTO transaction_split (entity_id, bank_transaction_id, line, ledger_account_id, amount, memo)
        SELECT %(entity_id)s, %(id)s, t.line, t.account, t.amount, t.memo
          FROM unnest(%(accounts)s::bigint[], %(amounts)s::numeric[], %(memos)s::text[])
               WITH ORDINALITY AS t (account, amount, memo, line)
        """,
        {
            "entity_id": entity_id,
            "id": bank_transaction_id,
            "accounts": [part.ledger_account_id for part in parts],
            "amounts": [part.amount for part in parts],
            "memos": [part.memo for part in parts],
        },
    )


async def exclude(
    conn: WriteConnection,
    bank_transaction_ids: Sequence[BankTransactionId],
    reason: str,
    *,
    entity_id: int,
    now: datetime,
) -> None:
    """Let a person keep bank transactions out of the books and of the review queue; a new reason replaces the old."""
    parameters = {"entity_id": entity_id, "ids": list(bank_transaction_ids), "reason": reason, "now": now}
    await conn.execute(
        """
        INSERT INTO transaction_exclusion (entity_id, bank_transaction_id, reason, excluded_at)
        SELECT %(entity_id)s, t.id, %(reason)s, %(now)s FROM unnest(%(ids)s::bigint[]) AS t (id)
        ON CONFLICT (entity_id, bank_transaction_id) DO UPDATE SET reason = excluded.reason, decided_by = 'person'
        """,
        parameters,
    )
    await conn.execute(
        """
        UPDATE categorization SET needs_review = false
         WHERE entity_id = %(entity_id)s AND bank_transaction_id = ANY(%(ids)s) AND needs_review
        """,
        parameters,
    )


async def include(
    conn: WriteConnection, *, entity_id: int, bank_transaction_id: BankTransactionId, now: datetime
) -> bool:
    """Let a person take a bank transaction back in, for good against all rules; return whether it was left out."""
    cursor = await conn.execute(
        "DELETE FROM transaction_exclusion WHERE entity_id = %(entity_id)s AND bank_transaction_id = %(id)s",
        {"entity_id": entity_id, "id": bank_transaction_id},
    )
    if cursor.rowcount == 0:
        return False
    await conn.execute(
        """
        INSERT INTO transaction_inclusion (entity_id, bank_transaction_id, included_at)
        VALUES (%(entity_id)s, %(id)s, %(now)s) ON CONFLICT (entity_id, bank_transaction_id) DO NOTHING
        """,
        {"entity_id": entity_id, "id": bank_transaction_id, "now": now},
    )
    return True


async def carry_over(
    conn: WriteConnection, moves: Mapping[BankTransactionId, BankTransactionId], *, entity_id: int
) -> None:
    """Give the settled row (value) what a person decided of the pending row (key) that it replaces.

    What rules say is not handed on: they judge the settled row themselves.
    """
    parameters = {"entity_id": entity_id, "pending": list(moves.keys()), "settled": list(moves.values())}
    await conn.execute(
        """
        INSERT INTO transaction_split (entity_id, bank_transaction_id, line, ledger_account_id, amount, memo)
        SELECT s.entity_id, t.settled_id, s.line, s.ledger_account_id, s.amount, s.memo
          FROM unnest(%(pending)s::bigint[], %(settled)s::bigint[]) AS t (pending_id, settled_id)
          JOIN transaction_split AS s ON s.entity_id = %(entity_id)s AND s.bank_transaction_id = t.pending_id
         WHERE s.decided_by = 'person'
           AND NOT EXISTS (SELECT FROM transaction_split AS n
                            WHERE n.entity_id = s.entity_id AND n.bank_transaction_id = t.settled_id)
        """,
        parameters,
    )
    await conn.execute(
        """
        INSERT INTO transaction_exclusion (entity_id, bank_transaction_id, reason, excluded_at)
        SELECT x.entity_id, t.settled_id, x.reason, x.excluded_at
          FROM unnest(%(pending)s::bigint[], %(settled)s::bigint[]) AS t (pending_id, settled_id)
          JOIN transaction_exclusion AS x ON x.entity_id = %(entity_id)s AND x.bank_transaction_id = t.pending_id
         WHERE x.decided_by = 'person'
        ON CONFLICT (entity_id, bank_transaction_id) DO NOTHING
        """,
        parameters,
    )
    await conn.execute(
        """
        INSERT INTO transaction_inclusion (entity_id, bank_transaction_id, included_at)
        SELECT i.entity_id, t.settled_id, i.included_at
          FROM unnest(%(pending)s::bigint[], %(settled)s::bigint[]) AS t (pending_id, settled_id)
          JOIN transaction_inclusion AS i ON i.entity_id = %(entity_id)s AND i.bank_transaction_id = t.pending_id
        ON CONFLICT (entity_id, bank_transaction_id) DO NOTHING
        """,
        parameters,
    )


async def follow_rules(
    conn: WriteConnection, bank_transaction_ids: Sequence[BankTransactionId], *, entity_id: int
) -> None:
    """Leave out of the books, and divide, what a rule's judgement does, and no more what no rule does any more.

    What a person left out or divided stays as it is. Rows that are left out ask nobody. Again changes nothing.
    """
    parameters = {"entity_id": entity_id, "ids": list(bank_transaction_ids)}
    await _follow_splits(conn, parameters)
    await conn.execute(
        """
        DELETE FROM transaction_exclusion AS x USING categorization AS c
         WHERE x.entity_id = %(entity_id)s AND x.bank_transaction_id = ANY(%(ids)s) AND x.decided_by = 'rule'
           AND c.entity_id = x.entity_id AND c.bank_transaction_id = x.bank_transaction_id
           AND NOT (c.is_excluded AND c.decided_by = 'rule')
        """,
        parameters,
    )
    await conn.execute(
        """
        INSERT INTO transaction_exclusion AS x (entity_id, bank_transaction_id, reason, excluded_at, decided_by)
        SELECT c.entity_id, c.bank_transaction_id, c.reason, c.decided_at, 'rule' FROM categorization AS c
         WHERE c.entity_id = %(entity_id)s AND c.bank_transaction_id = ANY(%(ids)s) AND c.is_excluded
           AND c.decided_by = 'rule'
        ON CONFLICT (entity_id, bank_transaction_id) DO UPDATE SET reason = excluded.reason
         WHERE x.decided_by = 'rule' AND x.reason <> excluded.reason
        """,
        parameters,
    )
    await conn.execute(
        """
        UPDATE categorization AS c SET needs_review = false
          FROM transaction_exclusion AS x
         WHERE c.entity_id = %(entity_id)s AND c.bank_transaction_id = ANY(%(ids)s) AND c.needs_review
           AND x.entity_id = c.entity_id AND x.bank_transaction_id = c.bank_transaction_id
        """,
        parameters,
    )


async def _follow_splits(conn: WriteConnection, parameters: dict[str, Any]) -> None:
    await conn.execute(
        """
        DELETE FROM transaction_split AS s USING categorization AS c
         WHERE s.entity_id = %(entity_id)s AND s.bank_transaction_id = ANY(%(ids)s) AND s.decided_by = 'rule'
           AND c.entity_id = s.entity_id AND c.bank_transaction_id = s.bank_transaction_id
           AND (c.decided_by <> 'rule' OR (c.split_ledger_account_ids[s.line], c.split_amounts[s.line])
                                          IS DISTINCT FROM (s.ledger_account_id, s.amount))
        """,
        parameters,
    )
    await conn.execute(
        """
        INSERT INTO transaction_split (entity_id, bank_transaction_id, line, ledger_account_id, amount, decided_by)
        SELECT c.entity_id, c.bank_transaction_id, t.line, t.account, t.amount, 'rule'
          FROM categorization AS c,
               unnest(c.split_ledger_account_ids, c.split_amounts) WITH ORDINALITY AS t (account, amount, line)
         WHERE c.entity_id = %(entity_id)s AND c.bank_transaction_id = ANY(%(ids)s) AND c.decided_by = 'rule'
           AND c.split_ledger_account_ids IS NOT NULL
        ON CONFLICT (entity_id, bank_transaction_id, line) DO NOTHING
        """,
        parameters,
    )


async def uphold(
    conn: WriteConnection,
    bank_transaction_ids: Sequence[BankTransactionId],
    *,
    entity_id: int,
    uncategorized_income: LedgerAccountId,
    uncategorized_expense: LedgerAccountId,
) -> None:
    """Let judgements follow what people decided, and exclusions and splits what rules say, after rows were judged.

    Rows whose amount the bank changed after a person split them go to a person, uncategorized meanwhile.
    """
    parameters = {
        "entity_id": entity_id,
        "ids": list(bank_transaction_ids),
        "income": uncategorized_income,
        "expense": uncategorized_expense,
    }
    await conn.execute(
        """
        UPDATE categorization AS c
           SET needs_review = true, reason = 'The bank changed the amount after you split it. Split it again.',
               ledger_account_id = CASE WHEN b.amount > 0 THEN %(income)s ELSE %(expense)s END
          FROM (SELECT bank_transaction_id, sum(amount) AS amount FROM transaction_split
                 WHERE entity_id = %(entity_id)s AND bank_transaction_id = ANY(%(ids)s) AND decided_by = 'person'
                 GROUP BY bank_transaction_id) AS s
          JOIN bank_transaction AS b ON b.entity_id = %(entity_id)s AND b.id = s.bank_transaction_id
         WHERE c.entity_id = %(entity_id)s AND c.bank_transaction_id = s.bank_transaction_id AND b.amount <> s.amount
        """,
        parameters,
    )
    await follow_rules(conn, bank_transaction_ids, entity_id=entity_id)
