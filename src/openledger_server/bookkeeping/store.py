"""All SQL that joins bank facts, judgements and the entries made of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from psycopg.rows import class_row
from psycopg.types.numeric import Int8

from openledger_server.banking.types import BankAccountId, BankTransactionId
from openledger_server.base.db import ReadConnection, WriteConnection
from openledger_server.bookkeeping.listing import ListedTransaction, ListPosition, ListStatus
from openledger_server.bookkeeping.types import (
    Bookable,
    Booking,
    BookingChange,
    HoldReason,
    OpeningBalance,
    Share,
    WantedOpening,
)
from openledger_server.ledger.types import JournalEntryId, LedgerAccountId


@dataclass(frozen=True, slots=True, kw_only=True)
class _BookableRow:
    bank_transaction_id: int
    is_live: bool
    is_before_start: bool
    is_pending: bool
    dated: date
    amount: Decimal
    currency: str
    description: str
    bank_ledger_account_id: int
    bank_currency: str
    category_ledger_account_id: int
    reason: str
    revision: int
    journal_entry_id: int | None
    booked_on: date | None
    booked_minor: int | None
    booked_currency: str | None
    booked_bank: int | None
    booked_category: int | None
    is_excluded: bool
    is_excluded_by_rule: bool
    split_accounts: list[int] | None
    split_amounts: list[Decimal] | None
    booked_split_accounts: list[int] | None
    booked_split_amounts: list[int] | None
    post_on: date | None
    hold: str | None


async def bookables(
    conn: ReadConnection, bank_transaction_ids: Sequence[BankTransactionId], *, entity_id: int
) -> list[Bookable]:
    """Return these bank transactions with judgement and present booking; rows nobody has judged are left out.

    Each is looked up by its key. Left to choose, the database plans by statistics that do not know of the rows which a
    first import has just written, and may compare all of them with all others.
    """
    async with conn.cursor(row_factory=class_row(_BookableRow)) as cursor:
        await cursor.execute(
            """
            SELECT b.id AS bank_transaction_id, b.removed_at IS NULL AS is_live, b.is_before_start, b.is_pending,
                   b.dated, b.amount, b.currency, b.description, a.ledger_account_id AS bank_ledger_account_id,
                   a.currency AS bank_currency, c.ledger_account_id AS category_ledger_account_id, c.reason,
                   coalesce(k.revision, 0) AS revision, k.journal_entry_id, k.dated AS booked_on,
                   k.amount_minor AS booked_minor, k.currency AS booked_currency,
                   k.bank_ledger_account_id AS booked_bank, k.category_ledger_account_id AS booked_category,
                   x.bank_transaction_id IS NOT NULL AS is_excluded,
                   coalesce(x.decided_by = 'rule', false) AS is_excluded_by_rule, s.accounts AS split_accounts,
                   s.amounts AS split_amounts, k.split_ledger_account_ids AS booked_split_accounts,
                   k.split_amounts_minor AS booked_split_amounts,
                   d.post_on, h.reason AS hold
              FROM unnest(%(ids)s::bigint[]) AS wanted (id)
              JOIN LATERAL (SELECT id, bank_account_id, removed_at, is_before_start, is_pending, dated, amount,
                                   currency, description
                              FROM bank_transaction
                             WHERE entity_id = %(entity_id)s AND id = wanted.id LIMIT 1) AS b ON true
              JOIN LATERAL (SELECT ledger_account_id, currency FROM bank_account
                             WHERE entity_id = %(entity_id)s AND id = b.bank_account_id LIMIT 1) AS a ON true
              JOIN LATERAL (SELECT ledger_account_id, reason FROM categorization
                             WHERE entity_id = %(entity_id)s AND bank_transaction_id = b.id LIMIT 1) AS c ON true
              LEFT JOIN LATERAL (SELECT revision, journal_entry_id, dated, amount_minor, currency,
                                        bank_ledger_account_id, category_ledger_account_id, split_ledger_account_ids,
                                        split_amounts_minor
                                   FROM booking
                                  WHERE entity_id = %(entity_id)s AND bank_transaction_id = b.id LIMIT 1) AS k ON true
              LEFT JOIN LATERAL (SELECT bank_transaction_id, decided_by FROM transaction_exclusion
                                  WHERE entity_id = %(entity_id)s AND bank_transaction_id = b.id LIMIT 1) AS x ON true
              LEFT JOIN (SELECT bank_transaction_id, sum(amount) AS total,
                                array_agg(ledger_account_id ORDER BY line) AS accounts,
                                array_agg(amount ORDER BY line) AS amounts
                           FROM transaction_split
                          WHERE entity_id = %(entity_id)s AND bank_transaction_id = ANY(%(ids)s)
                          GROUP BY bank_transaction_id) AS s ON s.bank_transaction_id = b.id AND s.total = b.amount
              LEFT JOIN LATERAL (SELECT post_on FROM booking_day
                                  WHERE entity_id = %(entity_id)s AND bank_transaction_id = b.id LIMIT 1) AS d ON true
              LEFT JOIN LATERAL (SELECT reason FROM booking_hold
                                  WHERE entity_id = %(entity_id)s AND bank_transaction_id = b.id LIMIT 1) AS h ON true
             ORDER BY b.id
            """,
            {"entity_id": entity_id, "ids": list(bank_transaction_ids)},
        )
        return [_bookable(row) for row in await cursor.fetchall()]


async def store_bookings(conn: WriteConnection, changes: Sequence[BookingChange], *, entity_id: int) -> None:
    """Store which entry stands for each bank transaction now."""
    if not changes:
        return
    await conn.execute(
        """
        CREATE TEMPORARY TABLE IF NOT EXISTS new_booking
          (bank_transaction_id bigint, revision integer, journal_entry_id bigint, dated date, amount_minor bigint,
           currency text, bank_ledger_account_id bigint, category_ledger_account_id bigint,
           split_ledger_account_ids bigint[], split_amounts_minor bigint[]) ON COMMIT DELETE ROWS;
        TRUNCATE new_booking
        """
    )
    async with conn.cursor() as cursor, cursor.copy("COPY new_booking FROM STDIN (FORMAT BINARY)") as copy:
        copy.set_types(["int8", "int4", "int8", "date", "int8", "text", "int8", "int8", "int8[]", "int8[]"])
        for change in changes:
            booking = change.booking
            await copy.write_row(
                (
                    change.bank_transaction_id,
                    change.revision,
                    change.journal_entry_id,
                    booking.dated,
                    booking.inflow_minor,
                    booking.currency,
                    booking.bank,
                    booking.category,
                    [Int8(share.category) for share in booking.split] or None,
                    [Int8(share.inflow_minor) for share in booking.split] or None,
                )
            )
    await conn.execute(
        """
        INSERT INTO booking (entity_id, bank_transaction_id, revision, journal_entry_id, dated, amount_minor, currency,
                             bank_ledger_account_id, category_ledger_account_id, split_ledger_account_ids,
                             split_amounts_minor)
        SELECT %(entity_id)s, bank_transaction_id, revision, journal_entry_id, dated, amount_minor, currency,
               bank_ledger_account_id, category_ledger_account_id, split_ledger_account_ids, split_amounts_minor
          FROM new_booking
        ON CONFLICT (entity_id, bank_transaction_id) DO UPDATE
          SET revision = excluded.revision, journal_entry_id = excluded.journal_entry_id, dated = excluded.dated,
              amount_minor = excluded.amount_minor, currency = excluded.currency,
              bank_ledger_account_id = excluded.bank_ledger_account_id,
              category_ledger_account_id = excluded.category_ledger_account_id,
              split_ledger_account_ids = excluded.split_ledger_account_ids,
              split_amounts_minor = excluded.split_amounts_minor
        """,
        {"entity_id": entity_id},
    )


async def store_holds(
    conn: WriteConnection,
    held: Mapping[BankTransactionId, HoldReason],
    freed: Sequence[BankTransactionId],
    *,
    entity_id: int,
    now: datetime,
) -> None:
    """Store which rows wait and why, and that others wait no longer."""
    if held:
        await conn.execute(
            """
            INSERT INTO booking_hold AS h (entity_id, bank_transaction_id, reason, held_at)
            SELECT %(entity_id)s, t.id, t.reason, %(now)s
              FROM unnest(%(ids)s::bigint[], %(reasons)s::text[]) AS t (id, reason)
            ON CONFLICT (entity_id, bank_transaction_id) DO UPDATE
              SET reason = excluded.reason, held_at = excluded.held_at
             WHERE h.reason <> excluded.reason
            """,
            {
                "entity_id": entity_id,
                "now": now,
                "ids": list(held),
                "reasons": [reason.value for reason in held.values()],
            },
        )
    if freed:
        await conn.execute(
            """
            DELETE FROM booking_hold
             WHERE entity_id = %(entity_id)s AND bank_transaction_id = ANY(%(ids)s)
            """,
            {"entity_id": entity_id, "ids": list(freed)},
        )


async def held_ids(
    conn: ReadConnection, *, entity_id: int, reason: HoldReason | None = None
) -> list[BankTransactionId]:
    """Return the bank transactions that wait, for any reason or this one."""
    cursor = await conn.execute(
        """
        SELECT bank_transaction_id FROM booking_hold
         WHERE entity_id = %(entity_id)s AND (%(reason)s::text IS NULL OR reason = %(reason)s)
         ORDER BY bank_transaction_id
        """,
        {"entity_id": entity_id, "reason": reason and reason.value},
    )
    return [BankTransactionId(row[0]) for row in await cursor.fetchall()]


async def held_counts(conn: ReadConnection, *, entity_id: int) -> dict[HoldReason, int]:
    """Return how many bank transactions wait, by reason; reasons for which none does are left out."""
    cursor = await conn.execute(
        "SELECT reason, count(*) FROM booking_hold WHERE entity_id = %(entity_id)s GROUP BY 1",
        {"entity_id": entity_id},
    )
    return {HoldReason(row[0]): row[1] for row in await cursor.fetchall()}


async def set_booking_day(
    conn: WriteConnection,
    bank_transaction_ids: Sequence[BankTransactionId],
    *,
    entity_id: int,
    post_on: date,
    now: datetime,
) -> None:
    """Store that these rows are booked on another day than their own."""
    await conn.execute(
        """
        INSERT INTO booking_day (entity_id, bank_transaction_id, post_on, decided_at)
        SELECT %(entity_id)s, t.id, %(post_on)s, %(now)s FROM unnest(%(ids)s::bigint[]) AS t (id)
        ON CONFLICT (entity_id, bank_transaction_id) DO UPDATE
          SET post_on = excluded.post_on, decided_at = excluded.decided_at
        """,
        {"entity_id": entity_id, "ids": list(bank_transaction_ids), "post_on": post_on, "now": now},
    )


async def opening_balances(conn: ReadConnection, *, entity_id: int) -> dict[BankAccountId, OpeningBalance]:
    """Return the stored opening balance of each bank account that has one."""
    cursor = await conn.execute(
        """
        SELECT bank_account_id, revision, journal_entry_id, dated, amount_minor, wanted_minor, wanted_on
          FROM opening_balance WHERE entity_id = %(entity_id)s
        """,
        {"entity_id": entity_id},
    )
    return {
        BankAccountId(row[0]): OpeningBalance(
            revision=row[1],
            journal_entry_id=row[2],
            dated=row[3],
            amount_minor=row[4],
            wanted=None if row[6] is None else WantedOpening(row[5], row[6]),
        )
        for row in await cursor.fetchall()
    }


async def store_opening_balance(
    conn: WriteConnection, opening: OpeningBalance, *, entity_id: int, bank_account_id: BankAccountId
) -> None:
    """Store the opening balance that stands now."""
    await conn.execute(
        """
        INSERT INTO opening_balance (entity_id, bank_account_id, revision, journal_entry_id, dated, amount_minor,
                                     wanted_minor, wanted_on)
        VALUES (%(entity_id)s, %(bank_account_id)s, %(revision)s, %(journal_entry_id)s, %(dated)s, %(amount_minor)s,
                %(wanted_minor)s, %(wanted_on)s)
        ON CONFLICT (entity_id, bank_account_id) DO UPDATE
          SET revision = excluded.revision, journal_entry_id = excluded.journal_entry_id, dated = excluded.dated,
              amount_minor = excluded.amount_minor, wanted_minor = excluded.wanted_minor, wanted_on = excluded.wanted_on
        """,
        {
            "entity_id": entity_id,
            "bank_account_id": bank_account_id,
            "revision": opening.revision,
            "journal_entry_id": opening.journal_entry_id,
            "dated": opening.dated,
            "amount_minor": opening.amount_minor,
            "wanted_minor": opening.wanted and opening.wanted.amount_minor,
            "wanted_on": opening.wanted and opening.wanted.on,
        },
    )


_LISTED = """
    SELECT b.id, b.bank_account_id, b.provider_transaction_id, b.dated, b.authorized_on, b.amount, b.currency,
           b.description, b.merchant_name, b.payment_channel, b.provider_category, b.check_number, b.is_pending,
           b.first_seen_at, b.updated_at, c.ledger_account_id, c.suggested_ledger_account_id, c.counterparty,
           c.decided_by, c.reason, c.confidence::float8 AS confidence, coalesce(c.needs_review, true) AS needs_review,
           c.transfer_partner_id, k.journal_entry_id, h.reason AS hold_reason, s.is_posted
      FROM bank_transaction AS b
      LEFT JOIN categorization AS c ON c.entity_id = b.entity_id AND c.bank_transaction_id = b.id
      LEFT JOIN booking AS k ON k.entity_id = b.entity_id AND k.bank_transaction_id = b.id
      LEFT JOIN booking_hold AS h ON h.entity_id = b.entity_id AND h.bank_transaction_id = b.id
     CROSS JOIN LATERAL (SELECT NOT b.is_pending AND NOT coalesce(c.needs_review, true)
                                AND (k.journal_entry_id IS NOT NULL OR b.amount = 0)) AS s (is_posted)
     WHERE b.entity_id = %(entity_id)s AND b.removed_at IS NULL
"""


async def listed_transactions(
    conn: ReadConnection,
    *,
    entity_id: int,
    limit: int,
    after: ListPosition | None = None,
    status: ListStatus | None = None,
    bank_account_id: BankAccountId | None = None,
    ids: Sequence[BankTransactionId] | None = None,
) -> list[ListedTransaction]:
    """Return up to `limit` live bank transactions, newest first, beginning after a position; only `ids` if given."""
    # Only the conditions that are asked for, so that the index of the list finds where a page begins.
    query = _LISTED
    if after is not None:
        query += " AND (b.dated, b.id) < (%(dated)s, %(id)s)"
    if status is not None:
        query += " AND s.is_posted = %(is_posted)s"
    if bank_account_id is not None:
        query += " AND b.bank_account_id = %(bank_account_id)s"
    if ids is not None:
        query += " AND b.id = ANY(%(ids)s)"
    query += " ORDER BY b.dated DESC, b.id DESC LIMIT %(limit)s"
    parameters = {
        "entity_id": entity_id,
        "limit": limit,
        "dated": after and after.dated,
        "id": after and after.id,
        "is_posted": status is ListStatus.POSTED,
        "bank_account_id": bank_account_id,
        "ids": None if ids is None else list(ids),
    }
    async with conn.cursor(row_factory=class_row(ListedTransaction)) as cursor:
        await cursor.execute(query, parameters)
        return await cursor.fetchall()


def _bookable(row: _BookableRow) -> Bookable:
    booked = None
    if row.journal_entry_id is not None:
        assert row.booked_on is not None
        assert row.booked_minor is not None
        assert row.booked_currency is not None
        assert row.booked_bank is not None
        assert row.booked_category is not None
        booked = Booking(
            dated=row.booked_on,
            inflow_minor=row.booked_minor,
            currency=row.booked_currency,
            bank=LedgerAccountId(row.booked_bank),
            category=LedgerAccountId(row.booked_category),
            split=_shares(row.booked_split_accounts, row.booked_split_amounts),
        )
    return Bookable(
        bank_transaction_id=BankTransactionId(row.bank_transaction_id),
        is_live=row.is_live,
        is_before_start=row.is_before_start,
        is_pending=row.is_pending,
        dated=row.dated,
        amount=row.amount,
        currency=row.currency,
        description=row.description,
        bank_ledger_account_id=LedgerAccountId(row.bank_ledger_account_id),
        bank_currency=row.bank_currency,
        category_ledger_account_id=LedgerAccountId(row.category_ledger_account_id),
        reason=row.reason,
        revision=row.revision,
        journal_entry_id=None if row.journal_entry_id is None else JournalEntryId(row.journal_entry_id),
        is_excluded=row.is_excluded,
        is_excluded_by_rule=row.is_excluded_by_rule,
        split=_parts(row.split_accounts, row.split_amounts),
        booked=booked,
        post_on=row.post_on,
        hold=None if row.hold is None else HoldReason(row.hold),
    )


async def booked_minor(conn: ReadConnection, *, entity_id: int, bank_account_id: BankAccountId) -> int:
    """Return the sum of what is booked of a bank account's rows, debit-positive in minor units."""
    cursor = await conn.execute(
        """
        SELECT coalesce(sum(k.amount_minor), 0)::bigint FROM booking AS k
          JOIN bank_transaction AS b ON b.entity_id = k.entity_id AND b.id = k.bank_transaction_id
         WHERE k.entity_id = %(entity_id)s AND b.bank_account_id = %(id)s AND k.journal_entry_id IS NOT NULL
        """,
        {"entity_id": entity_id, "id": bank_account_id},
    )
    row = await cursor.fetchone()
    assert row is not None  # an aggregate always has one row
    return int(row[0])


def _shares(accounts: list[int] | None, amounts: list[int] | None) -> tuple[Share, ...]:
    pairs = zip(accounts or (), amounts or (), strict=True)
    return tuple(Share(LedgerAccountId(account), amount) for account, amount in pairs)


def _parts(accounts: list[int] | None, amounts: list[Decimal] | None) -> tuple[tuple[LedgerAccountId, Decimal], ...]:
    pairs = zip(accounts or (), amounts or (), strict=True)
    return tuple((LedgerAccountId(account), amount) for account, amount in pairs)
