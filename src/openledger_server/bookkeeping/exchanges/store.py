"""All SQL of transfers between two currencies."""

from collections.abc import Sequence
from dataclasses import dataclass

from psycopg.rows import class_row

from openledger_server.banking.types import BankTransactionId
from openledger_server.base.db import ReadConnection, WriteConnection
from openledger_server.bookkeeping.exchanges.types import Exchange
from openledger_server.ledger.types import JournalEntryId


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    out_id: int
    in_id: int
    out_entry_id: int | None
    in_entry_id: int | None
    revision: int
    settled_entry_id: int | None
    settled_out_id: int | None
    settled_in_id: int | None


async def has_several_currencies(conn: ReadConnection, *, entity_id: int) -> bool:
    """Return whether the entity has bank accounts in two or more currencies; only then can money be exchanged."""
    cursor = await conn.execute(
        "SELECT count(DISTINCT currency) > 1 FROM bank_account WHERE entity_id = %(entity_id)s",
        {"entity_id": entity_id},
    )
    row = await cursor.fetchone()
    return row is not None and bool(row[0])


async def exchanges(conn: ReadConnection, touched: Sequence[BankTransactionId], *, entity_id: int) -> list[Exchange]:
    """Return the transfers between two currencies that touched rows are, or were, a leg of."""
    async with conn.cursor(row_factory=class_row(_Row)) as cursor:
        await cursor.execute(
            """
            WITH now_paired AS (
              SELECT o.bank_transaction_id AS out_id, i.bank_transaction_id AS in_id,
                     ko.journal_entry_id AS out_entry_id, ki.journal_entry_id AS in_entry_id
                FROM categorization AS o
                JOIN categorization AS i
                  ON i.entity_id = %(entity_id)s AND i.bank_transaction_id = o.transfer_partner_id
                 AND i.transfer_partner_id = o.bank_transaction_id
                JOIN booking AS ko ON ko.entity_id = %(entity_id)s AND ko.bank_transaction_id = o.bank_transaction_id
                JOIN booking AS ki ON ki.entity_id = %(entity_id)s AND ki.bank_transaction_id = i.bank_transaction_id
               WHERE o.entity_id = %(entity_id)s AND o.transfer_partner_id IS NOT NULL
                 AND (o.bank_transaction_id = ANY(%(ids)s) OR i.bank_transaction_id = ANY(%(ids)s))
                 AND ko.amount_minor < 0 AND ki.amount_minor > 0 AND ko.currency <> ki.currency
                 AND ko.category_ledger_account_id = ki.category_ledger_account_id
                 AND ko.journal_entry_id IS NOT NULL AND ki.journal_entry_id IS NOT NULL
            ), before AS (
              SELECT out_transaction_id AS out_id, in_transaction_id AS in_id, revision, journal_entry_id, out_entry_id,
                     in_entry_id
                FROM exchange_difference
               WHERE entity_id = %(entity_id)s
                 AND (out_transaction_id = ANY(%(ids)s) OR in_transaction_id = ANY(%(ids)s))
            )
            SELECT coalesce(n.out_id, b.out_id) AS out_id, coalesce(n.in_id, b.in_id) AS in_id, n.out_entry_id,
                   n.in_entry_id, coalesce(b.revision, 0) AS revision, b.journal_entry_id AS settled_entry_id,
                   b.out_entry_id AS settled_out_id, b.in_entry_id AS settled_in_id
              FROM now_paired AS n FULL JOIN before AS b ON b.out_id = n.out_id
             ORDER BY 1
            """,
            {"entity_id": entity_id, "ids": list(touched)},
        )
        return [_exchange(row) for row in await cursor.fetchall()]


async def store_settled(
    conn: WriteConnection, exchange: Exchange, *, entity_id: int, revision: int, entry_id: JournalEntryId | None
) -> None:
    """Store which entry settles a transfer now."""
    out_entry_id, in_entry_id = exchange.settled_for or (exchange.out_entry_id, exchange.in_entry_id)
    if exchange.out_entry_id is not None and exchange.in_entry_id is not None:
        out_entry_id, in_entry_id = exchange.out_entry_id, exchange.in_entry_id
    await conn.execute(
        """
        INSERT INTO exchange_difference (entity_id, out_transaction_id, in_transaction_id, revision, journal_entry_id,
                                         out_entry_id, in_entry_id)
        VALUES (%(entity_id)s, %(out_id)s, %(in_id)s, %(revision)s, %(entry_id)s, %(out_entry_id)s, %(in_entry_id)s)
        ON CONFLICT (entity_id, out_transaction_id) DO UPDATE
          SET in_transaction_id = excluded.in_transaction_id, revision = excluded.revision,
              journal_entry_id = excluded.journal_entry_id, out_entry_id = excluded.out_entry_id,
              in_entry_id = excluded.in_entry_id
        """,
        {
            "entity_id": entity_id,
            "out_id": exchange.out_id,
            "in_id": exchange.in_id,
            "revision": revision,
            "entry_id": entry_id,
            "out_entry_id": out_entry_id,
            "in_entry_id": in_entry_id,
        },
    )


def _exchange(row: _Row) -> Exchange:
    settled = None
    if row.settled_out_id is not None and row.settled_in_id is not None:
        settled = (JournalEntryId(row.settled_out_id), JournalEntryId(row.settled_in_id))
    return Exchange(
        out_id=BankTransactionId(row.out_id),
        in_id=BankTransactionId(row.in_id),
        out_entry_id=None if row.out_entry_id is None else JournalEntryId(row.out_entry_id),
        in_entry_id=None if row.in_entry_id is None else JournalEntryId(row.in_entry_id),
        revision=row.revision,
        settled_entry_id=None if row.settled_entry_id is None else JournalEntryId(row.settled_entry_id),
        settled_for=settled,
    )
