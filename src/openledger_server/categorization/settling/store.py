"""Suggestions for settled rows from what a person chose for a pending row that looks like them."""

from collections.abc import Sequence

from openledger_server.banking.types import BankTransactionId
from openledger_server.base.db import WriteConnection

AMOUNT_SHARE = 0.25
"""By how much an amount may change on settling, a tip for example; holds of another size are not recognised."""
DAYS_MAX = 14
"""How long a row may be pending."""


async def suggest_what_was_chosen(
    conn: WriteConnection,
    *,
    vanished: Sequence[BankTransactionId],
    created: Sequence[BankTransactionId],
    entity_id: int,
) -> int:
    """Suggest for new settled rows what a person chose for a vanished pending row that looks like them; count them.

    The bank named no pending row for them. They look alike if account, currency and direction are the same, the amount
    about so, and the days fit; a row that fits two, or two that fit one, get nothing. It stays a suggestion: only rows
    that a person is asked about anyway are touched, and none is booked by it.
    """
    if not vanished or not created:
        return 0
    cursor = await conn.execute(
        """
        WITH pending AS (
          SELECT b.id, b.bank_account_id, b.amount, b.currency, b.dated, c.ledger_account_id
            FROM bank_transaction AS b
            JOIN categorization AS c ON c.entity_id = b.entity_id AND c.bank_transaction_id = b.id
            JOIN ledger_account AS a ON a.entity_id = c.entity_id AND a.id = c.ledger_account_id
           WHERE b.entity_id = %(entity_id)s AND b.id = ANY(%(vanished)s) AND b.is_pending
             AND c.decided_by = 'person' AND a.system_role IS NULL
        ), settled AS (
          SELECT b.id, b.bank_account_id, b.amount, b.currency, b.dated
            FROM bank_transaction AS b
            JOIN categorization AS c ON c.entity_id = b.entity_id AND c.bank_transaction_id = b.id
           WHERE b.entity_id = %(entity_id)s AND b.id = ANY(%(created)s) AND b.removed_at IS NULL
             AND NOT b.is_pending AND b.pending_provider_id IS NULL
             AND c.decided_by <> 'person' AND c.needs_review AND c.transfer_partner_id IS NULL
        ), pair AS (
          SELECT s.id, p.ledger_account_id, count(*) OVER (PARTITION BY s.id) AS pendings,
                 count(*) OVER (PARTITION BY p.id) AS settleds
            FROM pending AS p
            JOIN settled AS s ON s.bank_account_id = p.bank_account_id AND s.currency = p.currency
             AND sign(s.amount) = sign(p.amount)
             AND abs(s.amount - p.amount) <= abs(p.amount) * %(share)s::numeric
             AND s.dated BETWEEN p.dated - 1 AND p.dated + %(days)s
        )
        UPDATE categorization AS c
           SET suggested_ledger_account_id = pair.ledger_account_id,
               reason = 'You chose this for a pending transaction that looks like this one.'
          FROM pair
         WHERE c.entity_id = %(entity_id)s AND c.bank_transaction_id = pair.id
           AND pair.pendings = 1 AND pair.settleds = 1
        """,
        {
            "entity_id": entity_id,
            "vanished": list(vanished),
            "created": list(created),
            "share": AMOUNT_SHARE,
            "days": DAYS_MAX,
        },
    )
    return cursor.rowcount
