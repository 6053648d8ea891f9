"""Queries that must find nothing in the books, whatever happened before."""

from dataclasses import dataclass
from typing import LiteralString

from openledger_server.base.db import ReadConnection


@dataclass(frozen=True, slots=True)
class Violation:
    """A row that should not exist: which invariant it breaks, and which thing."""

    invariant: str
    subject: str


_UNBALANCED: LiteralString = """
    SELECT journal_entry_id::text FROM posting WHERE entity_id = %(entity_id)s
     GROUP BY journal_entry_id, currency HAVING sum(amount_minor) <> 0
"""
_TOO_FEW_POSTINGS: LiteralString = """
    SELECT e.id::text FROM journal_entry AS e WHERE e.entity_id = %(entity_id)s
       AND (SELECT count(*) FROM posting AS p WHERE p.entity_id = e.entity_id AND p.journal_entry_id = e.id) < 2
"""
_OTHER_DATE: LiteralString = """
    SELECT e.id::text FROM journal_entry AS e
      JOIN posting AS p ON p.entity_id = e.entity_id AND p.journal_entry_id = e.id
     WHERE e.entity_id = %(entity_id)s AND p.dated <> e.dated
"""


def _totals_differ(kept_in: LiteralString, period: LiteralString, of_posting: LiteralString) -> LiteralString:
    """Return the query for totals by `period`, a column of the table `kept_in`, that are not the sums of postings."""
    return f"""
    SELECT format('%%s %%s %%s', ledger_account_id, currency, {period}) FROM (
      SELECT ledger_account_id, currency, {of_posting} AS {period},
             coalesce(sum(amount_minor) FILTER (WHERE amount_minor > 0), 0)::bigint AS debits_minor,
             coalesce(-sum(amount_minor) FILTER (WHERE amount_minor < 0), 0)::bigint AS credits_minor,
             coalesce(sum(base_minor) FILTER (WHERE amount_minor > 0), 0)::bigint AS base_debits_minor,
             coalesce(-sum(base_minor) FILTER (WHERE amount_minor < 0), 0)::bigint AS base_credits_minor
        FROM posting WHERE entity_id = %(entity_id)s GROUP BY 1, 2, 3) AS summed
    FULL JOIN (SELECT ledger_account_id, currency, {period}, debits_minor, credits_minor, base_debits_minor,
                      base_credits_minor
                 FROM {kept_in} WHERE entity_id = %(entity_id)s) AS kept
      USING (ledger_account_id, currency, {period})
     WHERE (summed.debits_minor, summed.credits_minor, summed.base_debits_minor, summed.base_credits_minor)
           IS DISTINCT FROM (kept.debits_minor, kept.credits_minor, kept.base_debits_minor, kept.base_credits_minor)
"""  # noqa: S608 - names from below


_MONTHS_DIFFER = _totals_differ("ledger_account_month", "month", "date_trunc('month', dated)::date")
_DAYS_DIFFER = _totals_differ("ledger_account_day", "dated", "dated")
_REVERSAL_DIFFERS: LiteralString = """
    SELECT r.id::text FROM journal_entry AS r
     WHERE r.entity_id = %(entity_id)s AND r.reverses_id IS NOT NULL AND EXISTS (
       SELECT FROM posting AS p
        WHERE p.entity_id = r.entity_id AND p.journal_entry_id IN (r.id, r.reverses_id)
        GROUP BY p.ledger_account_id, p.currency HAVING sum(p.amount_minor) <> 0 OR sum(p.base_minor) <> 0)
"""
_WRONG_CURRENCY: LiteralString = """
    SELECT p.journal_entry_id::text FROM posting AS p
      JOIN ledger_account AS a ON a.entity_id = p.entity_id AND a.id = p.ledger_account_id
     WHERE p.entity_id = %(entity_id)s AND a.currency IS NOT NULL AND p.currency <> a.currency
"""

_BASE_UNBALANCED: LiteralString = """
    SELECT journal_entry_id::text FROM posting WHERE entity_id = %(entity_id)s
     GROUP BY journal_entry_id HAVING sum(base_minor) <> 0
"""
_NOT_VALUED: LiteralString = """
    SELECT format('%%s line %%s', p.journal_entry_id, p.line) FROM posting AS p
      JOIN entity AS e ON e.id = p.entity_id
     WHERE p.entity_id = %(entity_id)s
       AND CASE WHEN p.currency = e.base_currency THEN p.base_minor <> p.amount_minor ELSE p.rate IS NULL END
"""
_IN_NO_BATCH: LiteralString = """
    SELECT coalesce(counted.batch, b.batch)::text FROM (
      SELECT batch, count(*) AS entries FROM journal_entry WHERE entity_id = %(entity_id)s GROUP BY batch) AS counted
    FULL JOIN (SELECT batch, entries FROM ledger_batch WHERE entity_id = %(entity_id)s) AS b USING (batch)
     WHERE counted.entries IS DISTINCT FROM b.entries
"""
_IN_A_CLOSED_PERIOD: LiteralString = """
    SELECT e.id::text FROM journal_entry AS e
      JOIN LATERAL (SELECT v.closed_through FROM period_event AS v
                     WHERE v.entity_id = %(entity_id)s AND v.action IN ('close', 'reopen') AND v.batch < e.batch
                     ORDER BY v.number DESC LIMIT 1) AS shut ON e.dated <= shut.closed_through
     WHERE e.entity_id = %(entity_id)s AND NOT EXISTS (
       SELECT FROM period_event AS v
        WHERE v.entity_id = %(entity_id)s AND v.action = 'override' AND v.batch = e.batch)
"""

LEDGER_INVARIANTS: dict[str, LiteralString] = {
    "every journal entry sums to zero in each currency": _UNBALANCED,
    "every journal entry sums to zero in the base currency": _BASE_UNBALANCED,
    "every posting is valued in the base currency": _NOT_VALUED,
    "every journal entry has two or more postings": _TOO_FEW_POSTINGS,
    "every journal entry is in a batch of the digest chain": _IN_NO_BATCH,
    "nothing was dated into a closed period without an override": _IN_A_CLOSED_PERIOD,
    "every posting has its entry's date": _OTHER_DATE,
    "monthly totals equal the sum of the postings": _MONTHS_DIFFER,
    "daily totals equal the sum of the postings": _DAYS_DIFFER,
    "every reversal takes back exactly its entry": _REVERSAL_DIFFERS,
    "a bank account's ledger account holds only its currency": _WRONG_CURRENCY,
}


async def violations(conn: ReadConnection, invariants: dict[str, LiteralString], *, entity_id: int) -> list[Violation]:
    """Return what breaks these invariants in one entity's rows; empty when all is well."""
    found: list[Violation] = []
    for name, query in invariants.items():
        cursor = await conn.execute(query, {"entity_id": entity_id})
        found.extend(Violation(name, row[0]) for row in await cursor.fetchall())
    return found
