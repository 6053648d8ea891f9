"""Queries that must find nothing between bank facts and books, whatever happened before."""

from typing import LiteralString

_LIVE_ENTRIES: LiteralString = """
    SELECT coalesce(live.bank_transaction_id, k.bank_transaction_id)::text FROM (
      SELECT split_part(e.source_ref, ':', 2)::bigint AS bank_transaction_id, count(*) AS entries, min(e.id) AS entry_id
        FROM journal_entry AS e
        LEFT JOIN journal_entry AS r ON r.entity_id = e.entity_id AND r.reverses_id = e.id
       WHERE e.entity_id = %(entity_id)s AND e.source_ref LIKE 'bank_transaction:%%' AND r.id IS NULL
       GROUP BY 1) AS live
    FULL JOIN (SELECT bank_transaction_id, journal_entry_id FROM booking
                WHERE entity_id = %(entity_id)s AND journal_entry_id IS NOT NULL) AS k
      ON k.bank_transaction_id = live.bank_transaction_id
     WHERE live.entries IS DISTINCT FROM 1 OR live.entry_id IS DISTINCT FROM k.journal_entry_id
"""
_BOOKED_WRONGLY: LiteralString = """
    SELECT b.id::text FROM bank_transaction AS b
      JOIN booking AS k ON k.entity_id = b.entity_id AND k.bank_transaction_id = b.id
      LEFT JOIN booking_day AS d ON d.entity_id = b.entity_id AND d.bank_transaction_id = b.id
     WHERE b.entity_id = %(entity_id)s AND k.journal_entry_id IS NOT NULL
       AND (b.removed_at IS NOT NULL OR b.is_pending OR k.dated <> coalesce(d.post_on, b.dated)
            OR k.currency <> b.currency)
       AND NOT EXISTS (SELECT FROM booking_hold AS h WHERE h.entity_id = b.entity_id AND h.bank_transaction_id = b.id)
"""
_ENTRY_DIFFERS: LiteralString = """
    SELECT k.bank_transaction_id::text FROM booking AS k
     WHERE k.entity_id = %(entity_id)s AND k.journal_entry_id IS NOT NULL AND NOT EXISTS (
       SELECT FROM posting AS p
        WHERE p.entity_id = k.entity_id AND p.journal_entry_id = k.journal_entry_id
          AND p.ledger_account_id = k.bank_ledger_account_id AND p.amount_minor = k.amount_minor
          AND p.currency = k.currency AND p.dated = k.dated)
"""
_BOOKED_THOUGH_EXCLUDED: LiteralString = """
    SELECT k.bank_transaction_id::text FROM booking AS k
      JOIN transaction_exclusion AS x ON x.entity_id = k.entity_id AND x.bank_transaction_id = k.bank_transaction_id
     WHERE k.entity_id = %(entity_id)s AND k.journal_entry_id IS NOT NULL
       AND NOT EXISTS (SELECT FROM booking_hold AS h
                        WHERE h.entity_id = k.entity_id AND h.bank_transaction_id = k.bank_transaction_id)
"""
_RULE_NOT_FOLLOWED: LiteralString = """
    SELECT x.bank_transaction_id::text FROM transaction_exclusion AS x
      LEFT JOIN categorization AS c ON c.entity_id = x.entity_id AND c.bank_transaction_id = x.bank_transaction_id
     WHERE x.entity_id = %(entity_id)s AND x.decided_by = 'rule'
       AND (c.is_excluded AND c.decided_by = 'rule') IS NOT TRUE
    UNION ALL
    SELECT c.bank_transaction_id::text FROM categorization AS c
     WHERE c.entity_id = %(entity_id)s AND c.is_excluded AND c.decided_by = 'rule' AND NOT EXISTS (
       SELECT FROM transaction_exclusion AS x
        WHERE x.entity_id = c.entity_id AND x.bank_transaction_id = c.bank_transaction_id)
"""
_RULE_SPLIT_NOT_FOLLOWED: LiteralString = """
    SELECT s.bank_transaction_id::text FROM transaction_split AS s
      LEFT JOIN categorization AS c ON c.entity_id = s.entity_id AND c.bank_transaction_id = s.bank_transaction_id
     WHERE s.entity_id = %(entity_id)s AND s.decided_by = 'rule'
       AND (c.decided_by = 'rule' AND (c.split_ledger_account_ids[s.line], c.split_amounts[s.line])
                                      = (s.ledger_account_id, s.amount)) IS NOT TRUE
    UNION ALL
    SELECT c.bank_transaction_id::text FROM categorization AS c
     WHERE c.entity_id = %(entity_id)s AND c.split_ledger_account_ids IS NOT NULL AND c.decided_by = 'rule'
       AND cardinality(c.split_ledger_account_ids) <> (
         SELECT count(*) FROM transaction_split AS s
          WHERE s.entity_id = c.entity_id AND s.bank_transaction_id = c.bank_transaction_id AND s.decided_by = 'rule')
"""
# What a person leaves out of the books is judged again when it comes back in, so its parts may be of an older amount.
_RULE_SPLIT_NOT_WHOLE: LiteralString = """
    SELECT c.bank_transaction_id::text FROM categorization AS c
      JOIN bank_transaction AS b ON b.entity_id = c.entity_id AND b.id = c.bank_transaction_id
     WHERE c.entity_id = %(entity_id)s AND c.split_ledger_account_ids IS NOT NULL AND c.decided_by = 'rule'
       AND b.removed_at IS NULL AND b.amount <> (SELECT sum(part) FROM unnest(c.split_amounts) AS part)
       AND NOT EXISTS (SELECT FROM transaction_exclusion AS x
                        WHERE x.entity_id = c.entity_id AND x.bank_transaction_id = c.bank_transaction_id)
"""
_SPLIT_NOT_BOOKED: LiteralString = """
    SELECT k.bank_transaction_id::text FROM booking AS k
      JOIN bank_transaction AS b ON b.entity_id = k.entity_id AND b.id = k.bank_transaction_id
      LEFT JOIN (SELECT bank_transaction_id, sum(amount) AS total,
                        array_agg(ledger_account_id ORDER BY line) AS accounts
                   FROM transaction_split WHERE entity_id = %(entity_id)s GROUP BY bank_transaction_id) AS s
        ON s.bank_transaction_id = b.id AND s.total = b.amount
     WHERE k.entity_id = %(entity_id)s AND k.journal_entry_id IS NOT NULL
       AND k.split_ledger_account_ids IS DISTINCT FROM s.accounts
       AND NOT EXISTS (SELECT FROM booking_hold AS h
                        WHERE h.entity_id = k.entity_id AND h.bank_transaction_id = k.bank_transaction_id)
"""
_SPLIT_DIFFERS: LiteralString = """
    SELECT k.bank_transaction_id::text FROM booking AS k
     WHERE k.entity_id = %(entity_id)s AND k.journal_entry_id IS NOT NULL AND k.split_amounts_minor IS NOT NULL
       AND k.amount_minor <> (SELECT sum(part) FROM unnest(k.split_amounts_minor) AS part)
"""
_MANUAL_ENTRY_DIFFERS: LiteralString = """
    SELECT m.id::text FROM manual_entry AS m
     WHERE m.entity_id = %(entity_id)s AND m.state = 'posted' AND (
       EXISTS (SELECT FROM journal_entry AS r
                WHERE r.entity_id = m.entity_id AND r.reverses_id = m.journal_entry_id)
       OR (SELECT array_agg((n.ledger_account_id, n.amount_minor, n.currency, m.dated) ORDER BY n.line)
             FROM manual_entry_line AS n WHERE n.entity_id = m.entity_id AND n.manual_entry_id = m.id)
          IS DISTINCT FROM
          (SELECT array_agg((p.ledger_account_id, p.amount_minor, p.currency, p.dated) ORDER BY p.line)
             FROM posting AS p WHERE p.entity_id = m.entity_id AND p.journal_entry_id = m.journal_entry_id))
"""
_NOT_JUDGED: LiteralString = """
    SELECT b.id::text FROM bank_transaction AS b
     WHERE b.entity_id = %(entity_id)s AND b.removed_at IS NULL AND NOT EXISTS (
       SELECT FROM categorization AS c WHERE c.entity_id = b.entity_id AND c.bank_transaction_id = b.id)
"""
_COUNTS_DIFFER: LiteralString = """
    SELECT a.id::text FROM bank_account AS a
      LEFT JOIN (SELECT bank_account_id, count(*) FILTER (WHERE NOT is_pending) AS settled,
                        count(*) FILTER (WHERE is_pending) AS pending
                   FROM bank_transaction WHERE entity_id = %(entity_id)s AND removed_at IS NULL
                  GROUP BY bank_account_id) AS counted ON counted.bank_account_id = a.id
     WHERE a.entity_id = %(entity_id)s
       AND (a.settled_count, a.pending_count) <> (coalesce(counted.settled, 0), coalesce(counted.pending, 0))
"""
# Several bank accounts may have fed one ledger account, what people wrote stands beside them, and a row may have been
# categorized to the ledger account before a bank fed it.
_LEDGER_DIFFERS: LiteralString = """
    SELECT a.id::text FROM bank_account AS a
     WHERE a.entity_id = %(entity_id)s
       AND (SELECT coalesce(sum(p.amount_minor), 0) FROM posting AS p
              JOIN journal_entry AS e ON e.entity_id = p.entity_id AND e.id = p.journal_entry_id
              LEFT JOIN journal_entry AS o ON o.entity_id = e.entity_id AND o.id = e.reverses_id
             WHERE p.entity_id = a.entity_id AND p.ledger_account_id = a.ledger_account_id
               AND split_part(coalesce(o.source_ref, e.source_ref), ':', 1) IN ('bank_transaction', 'opening_balance'))
        <> (SELECT coalesce(sum(o.amount_minor), 0) FROM opening_balance AS o
              JOIN bank_account AS f ON f.entity_id = o.entity_id AND f.id = o.bank_account_id
             WHERE o.entity_id = a.entity_id AND f.ledger_account_id = a.ledger_account_id)
         + (SELECT coalesce(sum(k.amount_minor) FILTER (WHERE k.bank_ledger_account_id = a.ledger_account_id), 0)
                 - coalesce(sum(k.amount_minor) FILTER (WHERE k.category_ledger_account_id = a.ledger_account_id), 0)
              FROM booking AS k
             WHERE k.entity_id = a.entity_id AND k.journal_entry_id IS NOT NULL
               AND a.ledger_account_id IN (k.bank_ledger_account_id, k.category_ledger_account_id))
"""
_HALF_PAIR: LiteralString = """
    SELECT c.bank_transaction_id::text FROM categorization AS c
     WHERE c.entity_id = %(entity_id)s AND c.transfer_partner_id IS NOT NULL AND NOT EXISTS (
       SELECT FROM categorization AS other
        WHERE other.entity_id = c.entity_id AND other.bank_transaction_id = c.transfer_partner_id
          AND other.transfer_partner_id = c.bank_transaction_id)
"""

_FORGOTTEN: LiteralString = """
    SELECT b.id::text FROM bank_transaction AS b
      LEFT JOIN booking AS k ON k.entity_id = b.entity_id AND k.bank_transaction_id = b.id
     WHERE b.entity_id = %(entity_id)s AND b.removed_at IS NULL AND NOT b.is_pending AND b.amount <> 0
       AND k.journal_entry_id IS NULL
       AND NOT EXISTS (SELECT FROM booking_hold AS h WHERE h.entity_id = b.entity_id AND h.bank_transaction_id = b.id)
       AND NOT EXISTS (SELECT FROM transaction_exclusion AS x
                        WHERE x.entity_id = b.entity_id AND x.bank_transaction_id = b.id)
"""

BOOKKEEPING_INVARIANTS: dict[str, LiteralString] = {
    "a booked bank transaction has exactly one live entry, any other none": _LIVE_ENTRIES,
    "every settled bank transaction is booked, left out, or waits with a reason": _FORGOTTEN,
    "only settled rows that the bank stands by are booked, on their date": _BOOKED_WRONGLY,
    "the live entry says what the booking says": _ENTRY_DIFFERS,
    "what is left out of the books is not booked": _BOOKED_THOUGH_EXCLUDED,
    "what a rule leaves out is what its judgement says": _RULE_NOT_FOLLOWED,
    "what a rule splits is what its judgement says": _RULE_SPLIT_NOT_FOLLOWED,
    "what a rule splits adds up to the bank's amount": _RULE_SPLIT_NOT_WHOLE,
    "the parts of a split add up to the whole": _SPLIT_DIFFERS,
    "a row is booked over the accounts that it is split over": _SPLIT_NOT_BOOKED,
    "an entry that a person wrote is in the books as written": _MANUAL_ENTRY_DIFFERS,
    "every live bank transaction is judged": _NOT_JUDGED,
    "kept counts equal the rows": _COUNTS_DIFFER,
    "a bank account's ledger balance is its opening balance plus its rows, beside what people wrote": _LEDGER_DIFFERS,
    "both legs of a transfer name each other": _HALF_PAIR,
}
