"""SQL of reports: totals of several periods at once, and what reports say about themselves."""

from collections.abc import Sequence
from datetime import date, datetime
from itertools import groupby

from psycopg.rows import class_row

from openledger_server.base.db import ReadConnection
from openledger_server.ledger.store import split_by_months
from openledger_server.ledger.types import AccountTotal, LedgerAccountId
from openledger_server.reports.cash_basis import OPEN_ITEM_SUBTYPES, OpenItemEntry
from openledger_server.reports.types import Feed, View

Window = tuple[date | None, date]
"""(first day or None for the beginning, day after the last)."""


async def totals_of(
    conn: ReadConnection, *, entity_id: int, windows: Sequence[Window]
) -> tuple[list[AccountTotal], ...]:
    """Return debits and credits per ledger account and currency of each window, in their order, by one query.

    Whole months and days come from the kept totals, each distinct piece of a month once, so the cost grows with
    accounts, months and windows and not with the number of postings.
    """
    splits = [split_by_months(since, until) for since, until in windows]
    pieces = [(number, start, stop) for number, (_, ends) in enumerate(splits) for start, stop in ends]
    cursor = await conn.execute(
        """
        WITH piece AS MATERIALIZED (
          SELECT d.start, d.stop, a.id, p.currency, p.debits_minor, p.credits_minor, p.base_debits_minor,
                 p.base_credits_minor
            FROM (SELECT DISTINCT u.start, u.stop FROM unnest(%(starts)s::date[], %(stops)s::date[]) AS u (start, stop))
                 AS d
            JOIN ledger_account AS a ON a.entity_id = %(entity_id)s,
                 LATERAL (SELECT currency, sum(debits_minor) AS debits_minor, sum(credits_minor) AS credits_minor,
                                 sum(base_debits_minor) AS base_debits_minor,
                                 sum(base_credits_minor) AS base_credits_minor
                            FROM ledger_account_day
                           WHERE entity_id = %(entity_id)s AND ledger_account_id = a.id
                             AND dated >= d.start AND dated < d.stop
                           GROUP BY currency) AS p
        ), part AS (
          SELECT w.number, m.ledger_account_id, m.currency, m.debits_minor, m.credits_minor, m.base_debits_minor,
                 m.base_credits_minor
            FROM unnest(%(first_months)s::date[], %(last_months)s::date[])
                 WITH ORDINALITY AS w (first_month, last_month, number)
            JOIN ledger_account_month AS m
              ON m.entity_id = %(entity_id)s AND m.month >= w.first_month AND m.month < w.last_month
          UNION ALL
          SELECT u.number + 1, piece.id, piece.currency, piece.debits_minor, piece.credits_minor,
                 piece.base_debits_minor, piece.base_credits_minor
            FROM unnest(%(numbers)s::int[], %(starts)s::date[], %(stops)s::date[]) AS u (number, start, stop)
            JOIN piece USING (start, stop)
        )
        SELECT number, ledger_account_id, currency, sum(debits_minor)::bigint, sum(credits_minor)::bigint,
               sum(base_debits_minor)::bigint, sum(base_credits_minor)::bigint
          FROM part GROUP BY 1, 2, 3
        """,
        {
            "entity_id": entity_id,
            "first_months": [months[0] for months, _ in splits],
            "last_months": [months[1] for months, _ in splits],
            "numbers": [number for number, _, _ in pieces],
            "starts": [start for _, start, _ in pieces],
            "stops": [stop for _, _, stop in pieces],
        },
    )
    found: tuple[list[AccountTotal], ...] = tuple([] for _ in windows)
    for number, ledger_account_id, currency, *minor in await cursor.fetchall():
        found[number - 1].append(
            AccountTotal(
                ledger_account_id=LedgerAccountId(ledger_account_id),
                currency=currency,
                debits_minor=minor[0],
                credits_minor=minor[1],
                base_debits_minor=minor[2],
                base_credits_minor=minor[3],
            )
        )
    return found


async def opening_nets(
    conn: ReadConnection, *, entity_id: int, windows: Sequence[Window], view: View
) -> tuple[dict[LedgerAccountId, int], ...]:
    """Return, per window, debits less credits per ledger account of the entries that touch opening balances.

    The cost grows with the number of such entries, a few per bank account.
    """
    cursor = await conn.execute(
        """
        SELECT w.number, p.ledger_account_id,
               sum(CASE WHEN %(is_translated)s THEN p.base_minor ELSE p.amount_minor END)::bigint
          FROM unnest(%(sinces)s::date[], %(untils)s::date[]) WITH ORDINALITY AS w (since, until, number)
          JOIN posting AS p ON p.entity_id = %(entity_id)s AND (%(is_translated)s OR p.currency = %(currency)s)
               AND (w.since IS NULL OR p.dated >= w.since) AND p.dated < w.until
         WHERE p.journal_entry_id IN (
                 SELECT o.journal_entry_id FROM posting AS o
                   JOIN ledger_account AS a ON a.entity_id = o.entity_id AND a.id = o.ledger_account_id
                  WHERE o.entity_id = %(entity_id)s AND a.entity_id = %(entity_id)s
                    AND a.system_role = 'opening_balances')
         GROUP BY 1, 2
        """,
        {
            "entity_id": entity_id,
            "sinces": [since for since, _ in windows],
            "untils": [until for _, until in windows],
            "currency": view.currency,
            "is_translated": view.is_translated,
        },
    )
    found: tuple[dict[LedgerAccountId, int], ...] = tuple({} for _ in windows)
    for number, ledger_account_id, net_minor in await cursor.fetchall():
        found[number - 1][LedgerAccountId(ledger_account_id)] = net_minor
    return found


async def open_item_entries(conn: ReadConnection, *, entity_id: int, until: date, view: View) -> list[OpenItemEntry]:
    """Return the entries before `until` that touch receivables or payables, by date; pairs of reversals left out."""
    cursor = await conn.execute(
        """
        SELECT e.dated, a.subtype = ANY(%(subtypes)s) AS is_open_item, e.id, p.ledger_account_id,
               sum(CASE WHEN %(is_translated)s THEN p.base_minor ELSE p.amount_minor END)::bigint
          FROM journal_entry AS e
          JOIN posting AS p ON p.entity_id = e.entity_id AND p.journal_entry_id = e.id
          JOIN ledger_account AS a ON a.entity_id = p.entity_id AND a.id = p.ledger_account_id
         WHERE e.entity_id = %(entity_id)s AND e.dated < %(until)s AND e.reverses_id IS NULL
           AND NOT EXISTS (SELECT FROM journal_entry AS r WHERE r.entity_id = e.entity_id AND r.reverses_id = e.id)
           AND e.id IN (SELECT o.journal_entry_id FROM posting AS o
                          JOIN ledger_account AS x ON x.entity_id = o.entity_id AND x.id = o.ledger_account_id
                         WHERE o.entity_id = %(entity_id)s AND x.entity_id = %(entity_id)s
                           AND x.subtype = ANY(%(subtypes)s) AND o.dated < %(until)s)
           AND (%(is_translated)s OR p.currency = %(currency)s)
           AND (a.subtype = ANY(%(subtypes)s) OR a.type IN ('REVENUE', 'EXPENSE'))
         GROUP BY e.dated, 2, e.id, p.ledger_account_id
         ORDER BY e.dated, e.id, p.ledger_account_id
        """,
        {
            "entity_id": entity_id,
            "until": until,
            "subtypes": list(OPEN_ITEM_SUBTYPES),
            "currency": view.currency,
            "is_translated": view.is_translated,
        },
    )
    rows = await cursor.fetchall()
    return [
        OpenItemEntry(
            dated=dated,
            open_items={LedgerAccountId(row[3]): row[4] for row in part if row[1] and row[4]},
            profit={LedgerAccountId(row[3]): row[4] for row in part if not row[1] and row[4]},
        )
        for (dated, _), part in ((key, list(group)) for key, group in groupby(rows, lambda row: (row[0], row[2])))
    ]


async def currencies_in_use(conn: ReadConnection, *, entity_id: int, until: date = date.max) -> list[str]:
    """Return the currencies that anything is booked in before `until`, in alphabetical order; whole months count."""
    cursor = await conn.execute(
        """
        SELECT DISTINCT currency FROM ledger_account_month
         WHERE entity_id = %(entity_id)s AND month < %(until)s AND debits_minor + credits_minor > 0 ORDER BY 1
        """,
        {"entity_id": entity_id, "until": until},
    )
    return [row[0] for row in await cursor.fetchall()]


async def unreviewed(
    conn: ReadConnection, *, entity_id: int, since: date | None, until: date, view: View
) -> tuple[int, int]:
    """Return how many booked rows of [since, until) somebody should look at, and the sum of their absolute amounts.

    The cost grows with what is unreviewed only.
    """
    cursor = await conn.execute(
        """
        SELECT count(*),
               coalesce(sum(abs(CASE WHEN %(is_translated)s THEN p.base_minor ELSE p.amount_minor END)), 0)::bigint
          FROM categorization AS c
          JOIN booking AS k ON k.entity_id = c.entity_id AND k.bank_transaction_id = c.bank_transaction_id
          JOIN posting AS p ON p.entity_id = k.entity_id AND p.journal_entry_id = k.journal_entry_id AND p.line = 1
         WHERE c.entity_id = %(entity_id)s AND c.needs_review AND k.dated < %(until)s
           AND (%(is_translated)s OR k.currency = %(currency)s)
           AND (%(since)s::date IS NULL OR k.dated >= %(since)s)
        """,
        {
            "entity_id": entity_id,
            "since": since,
            "until": until,
            "currency": view.currency,
            "is_translated": view.is_translated,
        },
    )
    row = await cursor.fetchone()
    assert row is not None
    return row[0], row[1]


async def outside_the_books(conn: ReadConnection, *, entity_id: int) -> tuple[int, int]:
    """Return how many rows the bank has not settled, and how many settled ones wait because they cannot be booked."""
    cursor = await conn.execute(
        """
        SELECT (SELECT coalesce(sum(pending_count), 0)::bigint FROM bank_account WHERE entity_id = %(entity_id)s),
               (SELECT count(*) FROM booking_hold WHERE entity_id = %(entity_id)s)
        """,
        {"entity_id": entity_id},
    )
    row = await cursor.fetchone()
    assert row is not None
    return row[0], row[1]


async def feeds(conn: ReadConnection, *, entity_id: int, fresh_since: datetime) -> list[Feed]:
    """Return the bank connections that were not ended on purpose, oldest link first.

    One is stale if the bank has given nothing to the provider, or the provider nothing to us, since `fresh_since`.
    """
    async with conn.cursor(row_factory=class_row(Feed)) as cursor:
        await cursor.execute(
            """
            SELECT i.id AS item_id, coalesce(n.name, '') AS institution, i.state,
                   coalesce(least(i.provider_last_success_at, i.last_synced_at), i.linked_at) AS fresh_at,
                   coalesce(least(i.provider_last_success_at, i.last_synced_at), i.linked_at) < %(fresh_since)s
                     AS is_stale
              FROM item AS i LEFT JOIN institution AS n ON n.id = i.institution_id
             WHERE i.entity_id = %(entity_id)s AND i.state NOT IN ('linking', 'disconnecting', 'disconnected')
             ORDER BY i.id
            """,
            {"entity_id": entity_id, "fresh_since": fresh_since},
        )
        return await cursor.fetchall()
