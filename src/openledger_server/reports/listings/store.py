"""SQL of listings: postings page by page, expenses by counterparty, sums by day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from psycopg.rows import class_row

from openledger_server.base.db import ReadConnection
from openledger_server.ledger.types import JournalEntry, JournalEntryId, LedgerAccountId, Posting
from openledger_server.reports.listings.types import ListedPosting
from openledger_server.reports.types import Period, PostingQuery, View


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where one page of postings ended. `code`: the ledger account's, in lists that go account by account."""

    code: int
    dated: date
    journal_entry_id: int
    line: int


START = Place(code=0, dated=date.min, journal_entry_id=0, line=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class _PostingRow:
    dated: date
    journal_entry_id: int
    line: int
    ledger_account_id: int
    description: str
    source_ref: str
    reverses_id: int | None
    amount_minor: int
    currency: str
    original_minor: int
    other_accounts: list[str] | None


_SHOWN = """
    SELECT f.dated, f.journal_entry_id, f.line, f.ledger_account_id, e.description, e.source_ref, e.reverses_id,
           f.amount_minor, f.currency, f.original_minor,
           (SELECT array_agg(o.name ORDER BY x.line) FROM posting AS x
              JOIN ledger_account AS o ON o.entity_id = x.entity_id AND o.id = x.ledger_account_id
             WHERE x.entity_id = %(entity_id)s AND x.journal_entry_id = f.journal_entry_id
               AND x.ledger_account_id <> f.ledger_account_id) AS other_accounts
      FROM found AS f
      JOIN journal_entry AS e ON e.entity_id = %(entity_id)s AND e.id = f.journal_entry_id
"""


async def entries_of(
    conn: ReadConnection, *, entity_id: int, period: Period, after: Place, limit: int
) -> list[JournalEntry]:
    """Return up to `limit` journal entries of a period after a place, by date and id, with their postings."""
    cursor = await conn.execute(
        """
        SELECT e.id, e.dated, e.source_ref, e.description, e.reverses_id, p.accounts, p.amounts, p.currencies
          FROM (SELECT id, dated, source_ref, description, reverses_id FROM journal_entry
                 WHERE entity_id = %(entity_id)s AND dated >= greatest(%(since)s::date, %(dated)s::date)
                   AND dated < %(until)s AND (dated, id) > (%(dated)s, %(entry)s)
                 ORDER BY dated, id LIMIT %(limit)s) AS e
         CROSS JOIN LATERAL (
           SELECT array_agg(ledger_account_id ORDER BY line) AS accounts,
                  array_agg(amount_minor ORDER BY line) AS amounts, array_agg(currency ORDER BY line) AS currencies
             FROM posting WHERE entity_id = %(entity_id)s AND journal_entry_id = e.id) AS p
         ORDER BY e.dated, e.id
        """,
        {
            "entity_id": entity_id,
            "since": period.since,
            "until": period.until,
            "dated": after.dated,
            "entry": after.journal_entry_id,
            "limit": limit,
        },
    )
    return [
        JournalEntry(
            id=JournalEntryId(id_),
            dated=dated,
            source_ref=source_ref,
            description=description,
            reverses_id=reverses_id,
            postings=tuple(
                Posting(LedgerAccountId(account), amount, currency)
                for account, amount, currency in zip(accounts, amounts, currencies, strict=True)
            ),
        )
        for id_, dated, source_ref, description, reverses_id, accounts, amounts, currencies in await cursor.fetchall()
    ]


_FOUND_BY_ACCOUNT = """
    WITH found AS (
      SELECT a.code, a.id AS ledger_account_id, p.dated, p.journal_entry_id, p.line, p.amount_minor, p.currency,
             p.original_minor
        FROM ledger_account AS a
       CROSS JOIN LATERAL (
         SELECT dated, journal_entry_id, line, currency, amount_minor AS original_minor,
                CASE WHEN %(is_translated)s THEN base_minor ELSE amount_minor END AS amount_minor
           FROM posting
          WHERE entity_id = %(entity_id)s AND ledger_account_id = a.id
            AND (%(is_translated)s OR currency = %(currency)s)
            -- The first bound is what the index uses; the second finds the place within a day.
            AND dated >= CASE WHEN a.code = %(code)s THEN greatest(%(since)s, %(dated)s) ELSE %(since)s END
            AND dated < %(until)s
            AND (a.code > %(code)s OR (dated, journal_entry_id, line) > (%(dated)s, %(entry)s, %(line)s))
          ORDER BY dated, journal_entry_id, line LIMIT %(limit)s) AS p
       WHERE a.entity_id = %(entity_id)s AND a.code >= %(code)s
         AND (%(account)s::bigint IS NULL OR a.id = %(account)s)
       ORDER BY a.code, p.dated, p.journal_entry_id, p.line LIMIT %(limit)s
    )
"""
_FOUND_BY_DATE = """
    WITH found AS (
      SELECT a.id AS ledger_account_id, p.dated, p.journal_entry_id, p.line, p.amount_minor, p.currency,
             p.original_minor
        FROM ledger_account AS a
       CROSS JOIN LATERAL (
         SELECT dated, journal_entry_id, line, currency, amount_minor AS original_minor,
                CASE WHEN %(is_translated)s THEN base_minor ELSE amount_minor END AS amount_minor
           FROM posting
          WHERE entity_id = %(entity_id)s AND ledger_account_id = a.id
            AND (%(is_translated)s OR currency = %(currency)s)
            AND dated >= greatest(%(since)s::date, %(dated)s::date) AND dated < %(until)s
            AND (dated, journal_entry_id, line) > (%(dated)s, %(entry)s, %(line)s)
            AND (%(opening)s = 'included' OR (%(opening)s = 'only') = (journal_entry_id IN (
                  SELECT o.journal_entry_id FROM posting AS o
                    JOIN ledger_account AS x ON x.entity_id = o.entity_id AND x.id = o.ledger_account_id
                   WHERE o.entity_id = %(entity_id)s AND x.entity_id = %(entity_id)s
                     AND x.system_role = 'opening_balances')))
          ORDER BY dated, journal_entry_id, line LIMIT %(limit)s) AS p
       WHERE a.entity_id = %(entity_id)s AND (a.id = ANY(%(accounts)s) OR a.type = ANY(%(types)s))
       ORDER BY p.dated, p.journal_entry_id, p.line LIMIT %(limit)s
    )
"""
_BY_ACCOUNT = _FOUND_BY_ACCOUNT + _SHOWN + " ORDER BY f.code, f.dated, f.journal_entry_id, f.line"
_BY_DATE = _FOUND_BY_DATE + _SHOWN + " ORDER BY f.dated, f.journal_entry_id, f.line"


async def postings_by_account(
    conn: ReadConnection,
    *,
    entity_id: int,
    period: Period,
    view: View,
    after: Place,
    limit: int,
    ledger_account_id: int | None = None,
) -> list[ListedPosting]:
    """Return up to `limit` postings of a period after a place: accounts by code, each by date, entry and line."""
    parameters = {
        "entity_id": entity_id,
        "currency": view.currency,
        "is_translated": view.is_translated,
        "since": period.since,
        "until": period.until,
        "code": after.code,
        "dated": after.dated,
        "entry": after.journal_entry_id,
        "line": after.line,
        "account": ledger_account_id,
        "limit": limit,
    }
    async with conn.cursor(row_factory=class_row(_PostingRow)) as cursor:
        await cursor.execute(_BY_ACCOUNT, parameters)
        return [_posting(row) for row in await cursor.fetchall()]


async def net_through(conn: ReadConnection, *, entity_id: int, ledger_account_id: int, view: View, place: Place) -> int:
    """Return the net of one account's postings on a place's day, up to and including that place."""
    cursor = await conn.execute(
        """
        SELECT coalesce(sum(CASE WHEN %(is_translated)s THEN base_minor ELSE amount_minor END), 0)::bigint FROM posting
         WHERE entity_id = %(entity_id)s AND ledger_account_id = %(account)s
           AND (%(is_translated)s OR currency = %(currency)s)
           AND dated = %(dated)s AND (journal_entry_id, line) <= (%(entry)s, %(line)s)
        """,
        {
            "entity_id": entity_id,
            "account": ledger_account_id,
            "currency": view.currency,
            "is_translated": view.is_translated,
            "dated": place.dated,
            "entry": place.journal_entry_id,
            "line": place.line,
        },
    )
    row = await cursor.fetchone()
    assert row is not None
    return int(row[0])


async def postings_of(
    conn: ReadConnection, query: PostingQuery, *, entity_id: int, after: Place, limit: int
) -> list[ListedPosting]:
    """Return up to `limit` of the postings that a figure is made of, by date, entry and line, after a place."""
    parameters = {
        "entity_id": entity_id,
        "currency": query.currency,
        "is_translated": query.is_translated,
        "since": query.since or date.min,
        "until": query.until,
        "dated": after.dated,
        "entry": after.journal_entry_id,
        "line": after.line,
        "accounts": list(query.ledger_account_ids),
        "types": [type_.value for type_ in query.types],
        "opening": query.opening_balances.value,
        "limit": limit,
    }
    async with conn.cursor(row_factory=class_row(_PostingRow)) as cursor:
        await cursor.execute(_BY_DATE, parameters)
        return [_posting(row) for row in await cursor.fetchall()]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What went to one counterparty; None stands for entries that name nobody. Debit positive."""

    counterparty: str | None
    amount_minor: int
    postings_count: int


async def spent_by_counterparty(conn: ReadConnection, *, entity_id: int, period: Period, view: View) -> list[Spent]:
    """Return the sum of the postings to expense accounts per counterparty of their bank transactions."""
    async with conn.cursor(row_factory=class_row(Spent)) as cursor:
        await cursor.execute(
            """
            SELECT coalesce(c.counterparty, b.merchant_name) AS counterparty,
                   sum(CASE WHEN %(is_translated)s THEN p.base_minor ELSE p.amount_minor END)::bigint AS amount_minor,
                   count(*) AS postings_count
              FROM ledger_account AS a
              JOIN posting AS p ON p.entity_id = a.entity_id AND p.ledger_account_id = a.id
              LEFT JOIN booking AS k ON k.entity_id = p.entity_id AND k.journal_entry_id = p.journal_entry_id
              LEFT JOIN bank_transaction AS b ON b.entity_id = k.entity_id AND b.id = k.bank_transaction_id
              LEFT JOIN categorization AS c
                ON c.entity_id = k.entity_id AND c.bank_transaction_id = k.bank_transaction_id
             WHERE a.entity_id = %(entity_id)s AND a.type = 'EXPENSE'
               AND (%(is_translated)s OR p.currency = %(currency)s)
               AND p.dated >= %(since)s AND p.dated < %(until)s
             GROUP BY 1
            """,
            _parameters(entity_id, period, view),
        )
        return await cursor.fetchall()


async def posting_counts(
    conn: ReadConnection, *, entity_id: int, period: Period, view: View
) -> dict[LedgerAccountId, int]:
    """Return how many postings each expense account has in a period."""
    cursor = await conn.execute(
        """
        SELECT p.ledger_account_id, count(*) FROM ledger_account AS a
          JOIN posting AS p ON p.entity_id = a.entity_id AND p.ledger_account_id = a.id
         WHERE a.entity_id = %(entity_id)s AND a.type = 'EXPENSE'
               AND (%(is_translated)s OR p.currency = %(currency)s)
           AND p.dated >= %(since)s AND p.dated < %(until)s
         GROUP BY 1
        """,
        _parameters(entity_id, period, view),
    )
    return {LedgerAccountId(account): count for account, count in await cursor.fetchall()}


async def daily_nets(
    conn: ReadConnection, *, entity_id: int, period: Period, view: View, ledger_account_ids: Sequence[int]
) -> list[tuple[date, LedgerAccountId, int]]:
    """Return debits less credits per day and ledger account of these accounts; days without postings are left out.

    It reads the totals kept by day, so the cost grows with accounts and days and not with the number of postings.
    """
    cursor = await conn.execute(
        """
        SELECT dated, ledger_account_id,
               sum(CASE WHEN %(is_translated)s THEN base_debits_minor - base_credits_minor
                        ELSE debits_minor - credits_minor END)::bigint
          FROM ledger_account_day
         WHERE entity_id = %(entity_id)s AND ledger_account_id = ANY(%(accounts)s)
           AND (%(is_translated)s OR currency = %(currency)s)
           AND dated >= %(since)s AND dated < %(until)s
         GROUP BY 1, 2
        """,
        {
            "entity_id": entity_id,
            "accounts": list(ledger_account_ids),
            "currency": view.currency,
            "is_translated": view.is_translated,
            "since": period.since,
            "until": period.until,
        },
    )
    return [(row[0], LedgerAccountId(row[1]), row[2]) for row in await cursor.fetchall()]


async def unreviewed_totals(
    conn: ReadConnection, *, entity_id: int, period: Period, view: View
) -> list[tuple[date, LedgerAccountId, int, int]]:
    """Return (day, ledger account, debits, credits) of the booked rows that somebody should look at; both >= 0."""
    cursor = await conn.execute(
        """
        SELECT p.dated, p.ledger_account_id,
               coalesce(sum(v.minor) FILTER (WHERE v.minor > 0), 0)::bigint,
               coalesce(-sum(v.minor) FILTER (WHERE v.minor < 0), 0)::bigint
          FROM categorization AS c
          JOIN booking AS k ON k.entity_id = c.entity_id AND k.bank_transaction_id = c.bank_transaction_id
          JOIN posting AS p ON p.entity_id = k.entity_id AND p.journal_entry_id = k.journal_entry_id
         CROSS JOIN LATERAL (SELECT CASE WHEN %(is_translated)s THEN p.base_minor ELSE p.amount_minor END) AS v (minor)
         WHERE c.entity_id = %(entity_id)s AND c.needs_review AND (%(is_translated)s OR p.currency = %(currency)s)
           AND p.dated >= %(since)s AND p.dated < %(until)s
         GROUP BY 1, 2
        """,
        _parameters(entity_id, period, view),
    )
    return [(row[0], LedgerAccountId(row[1]), row[2], row[3]) for row in await cursor.fetchall()]


def _parameters(entity_id: int, period: Period, view: View) -> dict[str, object]:
    return {
        "entity_id": entity_id,
        "currency": view.currency,
        "is_translated": view.is_translated,
        "since": period.since,
        "until": period.until,
    }


def _posting(row: _PostingRow) -> ListedPosting:
    return ListedPosting(
        dated=row.dated,
        journal_entry_id=row.journal_entry_id,
        line=row.line,
        ledger_account_id=row.ledger_account_id,
        description=row.description,
        source_ref=row.source_ref,
        reverses_id=row.reverses_id,
        amount_minor=row.amount_minor,
        currency=row.currency,
        original_minor=row.original_minor,
        other_accounts=tuple(row.other_accounts or ()),
    )
