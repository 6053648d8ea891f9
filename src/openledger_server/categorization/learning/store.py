"""All SQL of learning."""

from psycopg.rows import class_row

from openledger_server.base.db import ReadConnection
from openledger_server.categorization.learning.types import Choice

CHOICES_MAX = 400
"""The newest choices; older ones say little more and cost time."""


async def choices(conn: ReadConnection, *, entity_id: int) -> list[Choice]:
    """Return the newest choices that people made for whole rows, oldest first; parked rows teach nothing."""
    async with conn.cursor(row_factory=class_row(Choice)) as cursor:
        await cursor.execute(
            """
            SELECT b.description, b.amount, a.type AS bank_account_type, b.bank_account_id, c.ledger_account_id,
                   l.name AS ledger_account_name
              FROM (SELECT bank_transaction_id, ledger_account_id, decided_at FROM categorization
                     WHERE entity_id = %(entity_id)s AND decided_by = 'person'
                     ORDER BY decided_at DESC LIMIT %(limit)s) AS c
              JOIN bank_transaction AS b ON b.entity_id = %(entity_id)s AND b.id = c.bank_transaction_id
              JOIN bank_account AS a ON a.entity_id = %(entity_id)s AND a.id = b.bank_account_id
              JOIN ledger_account AS l ON l.entity_id = %(entity_id)s AND l.id = c.ledger_account_id
             WHERE l.system_role IS NULL AND l.archived_at IS NULL AND b.removed_at IS NULL AND NOT EXISTS (
               SELECT FROM transaction_split AS s
                WHERE s.entity_id = %(entity_id)s AND s.bank_transaction_id = b.id)
             ORDER BY c.decided_at, b.id
            """,
            {"entity_id": entity_id, "limit": CHOICES_MAX},
        )
        return await cursor.fetchall()
