"""All that matters of an entity's state, without the ids that differ from run to run."""

from typing import Any

import psycopg

_ROWS = """
    SELECT b.provider_transaction_id, b.amount, b.currency, b.dated, b.is_pending,
           b.removed_at IS NOT NULL AS is_removed,
           a.code AS category, s.code AS suggested, c.decided_by, c.needs_review, c.confidence,
           p.provider_transaction_id AS partner, k.amount_minor, k.dated AS booked_on,
           k.journal_entry_id IS NOT NULL AS is_booked
      FROM bank_transaction AS b
      LEFT JOIN categorization AS c ON c.entity_id = b.entity_id AND c.bank_transaction_id = b.id
      LEFT JOIN ledger_account AS a ON a.entity_id = b.entity_id AND a.id = c.ledger_account_id
      LEFT JOIN ledger_account AS s ON s.entity_id = b.entity_id AND s.id = c.suggested_ledger_account_id
      LEFT JOIN bank_transaction AS p ON p.entity_id = b.entity_id AND p.id = c.transfer_partner_id
      LEFT JOIN booking AS k ON k.entity_id = b.entity_id AND k.bank_transaction_id = b.id
     WHERE b.entity_id = %(entity_id)s ORDER BY 1
"""
_BALANCES = """
    SELECT a.code, p.currency, sum(p.amount_minor)::bigint FROM posting AS p
      JOIN ledger_account AS a ON a.entity_id = p.entity_id AND a.id = p.ledger_account_id
     WHERE p.entity_id = %(entity_id)s GROUP BY 1, 2 HAVING sum(p.amount_minor) <> 0 ORDER BY 1, 2
"""
_ACCOUNTS = """
    SELECT provider_account_id, settled_count, pending_count, reported_current FROM bank_account
     WHERE entity_id = %(entity_id)s ORDER BY 1
"""
_ITEMS = (
    "SELECT state, sync_cursor, history_complete_at IS NOT NULL FROM item WHERE entity_id = %(entity_id)s ORDER BY id"
)


def state_of(owner_dsn: str, entity_id: int) -> dict[str, list[tuple[Any, ...]]]:
    """Return rows with judgement and booking, ledger balances, counts, and how far each item was read."""
    with psycopg.connect(owner_dsn) as owner:
        return {
            name: owner.execute(query, {"entity_id": entity_id}).fetchall()
            for name, query in (("rows", _ROWS), ("balances", _BALANCES), ("accounts", _ACCOUNTS), ("items", _ITEMS))
        }
