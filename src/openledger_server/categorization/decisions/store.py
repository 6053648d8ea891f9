"""All SQL of splits and exclusions."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from openledger_server.banking.types import BankTransactionId
from openledger_server.base.db import ReadConnection, WriteConnection
from openledger_server.categorization.decisions.types import Decisions, Exclusion, SplitPart
from openledger_server.ledger.types import LedgerAccountId


async def decisions(
    conn: ReadConnection, bank_transaction_ids: Sequence[BankTransactionId], *, entity_id: int
) -> dict[BankTransactionId, Decisions]:
    """Return what people decided about these rows, for those about which they did."""
    parameters = {"entity_id": entity_id, "ids": list(bank_transaction_ids)}
    cursor = await conn.execute(
        """
        SELECT bank_transaction_id, array_agg(ledger_account_id ORDER BY line), array_agg(amount ORDER BY line),
               array_agg(memo ORDER BY line)
          FROM transaction_split
         WHERE entity_id = %(entity_id)s AND bank_transaction_id = ANY(%(ids)s) GROUP BY bank_transaction_id
        """,
        parameters,
    )
    splits = {
        BankTransactionId(row[0]): tuple(
            SplitPart(LedgerAccountId(account), amount, memo)
            for account, amount, memo in zip(row[1], row[2], row[3], strict=True)
        )
        for row in await cursor.fetchall()
    }
    cursor = await conn.execute(
        """
        SELECT bank_transaction_id, reason, excluded_at FROM transaction_exclusion
         WHERE entity_id = %(entity_id)s AND bank_transaction_id = ANY(%(ids)s)
        """,
        parameters,
    )
    exclusions = {BankTransactionId(row[0]): Exclusion(row[1], row[2]) for row in await cursor.fetchall()}
    return {
        row_id: Decisions(split=splits.get(row_id, ()), exclusion=exclusions.get(row_id))
        for row_id in {*splits, *exclusions}
    }


async def replace_split(
    conn: WriteConnection,
    parts: Sequence[SplitPart],
    *,
    entity_id: int,
    bank_transaction_id: BankTransactionId,
) -> None:
    """Store the parts of a split in place of earlier ones; no parts: it is not split."""
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
    """Keep bank transactions out of the books and of the review queue; a new reason replaces the old one."""
    parameters = {"entity_id": entity_id, "ids": list(bank_transaction_ids), "reason": reason, "now": now}
    await conn.execute(
        """
        INSERT INTO transaction_exclusion (entity_id, bank_transaction_id, reason, excluded_at)
        SELECT %(entity_id)s, t.id, %(reason)s, %(now)s FROM unnest(%(ids)s::bigint[]) AS t (id)
        ON CONFLICT (entity_id, bank_transaction_id) DO UPDATE SET reason = excluded.reason
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


async def include(conn: WriteConnection, *, entity_id: int, bank_transaction_id: BankTransactionId) -> bool:
    """Let a bank transaction back in; return whether it was left out."""
    cursor = await conn.execute(
        "DELETE FROM transaction_exclusion WHERE entity_id = %(entity_id)s AND bank_transaction_id = %(id)s",
        {"entity_id": entity_id, "id": bank_transaction_id},
    )
    return cursor.rowcount == 1


async def carry_over(
    conn: WriteConnection, moves: Mapping[BankTransactionId, BankTransactionId], *, entity_id: int
) -> None:
    """Give the settled row (value) the split and the exclusion of the pending row (key) that it replaces."""
    parameters = {"entity_id": entity_id, "pending": list(moves.keys()), "settled": list(moves.values())}
    await conn.execute(
        """
        INSERT INTO transaction_split (entity_id, bank_transaction_id, line, ledger_account_id, amount, memo)
        SELECT s.entity_id, t.settled_id, s.line, s.ledger_account_id, s.amount, s.memo
          FROM unnest(%(pending)s::bigint[], %(settled)s::bigint[]) AS t (pending_id, settled_id)
          JOIN transaction_split AS s ON s.entity_id = %(entity_id)s AND s.bank_transaction_id = t.pending_id
         WHERE NOT EXISTS (SELECT FROM transaction_split AS n
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
        ON CONFLICT (entity_id, bank_transaction_id) DO NOTHING
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
    """Let judgements follow what people decided: after rows changed, and after machines judged them.

    Rows whose amount the bank changed after they were split go to a person, uncategorized meanwhile. Rows that are
    left out of the books ask nobody.
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
                 WHERE entity_id = %(entity_id)s AND bank_transaction_id = ANY(%(ids)s)
                 GROUP BY bank_transaction_id) AS s
          JOIN bank_transaction AS b ON b.entity_id = %(entity_id)s AND b.id = s.bank_transaction_id
         WHERE c.entity_id = %(entity_id)s AND c.bank_transaction_id = s.bank_transaction_id AND b.amount <> s.amount
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
