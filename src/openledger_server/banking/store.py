"""All SQL of bank facts: items, bank accounts, bank transactions, sync runs."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime

from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from openledger_server.banking.rows import BankAccountRow, ItemRow, PriorRow, StoredRow, SyncRun, TouchedRow
from openledger_server.banking.types import (
    BankAccountFact,
    BankAccountId,
    BankTransactionFact,
    ItemId,
    ItemState,
)
from openledger_server.base.db import ReadConnection, WriteConnection
from openledger_server.base.errors import NotFoundError
from openledger_server.base.ids import new_ids
from openledger_server.base.vault import Sealed


class UnknownItemError(NotFoundError):
    """The entity has no such bank connection."""

    code = "CONNECTION_NOT_FOUND"


class UnknownBankAccountError(NotFoundError):
    """The entity has no such linked bank account."""

    code = "BANK_ACCOUNT_NOT_FOUND"

    def __init__(self) -> None:
        super().__init__("There is no such linked bank account.")


class UnknownBankTransactionError(NotFoundError):
    """The entity has no such transaction, or the bank took it back."""

    code = "TRANSACTION_NOT_FOUND"


_IDS_AT_ONCE = 1_000

_ITEM_QUERY = """
    SELECT id, provider_item_id, institution_id, access_token_ciphertext, access_token_key_id, state, sync_cursor,
           history_complete_at, last_synced_at, error_code, error_message, linked_at, state_changed_at,
           consent_expires_at, disconnect_at, disconnect_reason, provider_last_success_at, provider_last_failure_at,
           new_accounts_available, last_attempted_at, token_changing_since,
           (SELECT name FROM institution WHERE institution.id = item.institution_id) AS institution_name
      FROM item WHERE entity_id = %(entity_id)s
"""


async def store_institution(conn: WriteConnection, *, institution_id: str, name: str, now: datetime) -> None:
    """Remember an institution's name; the latest one wins."""
    await conn.execute(
        """
        INSERT INTO institution (id, name, updated_at) VALUES (%(id)s, %(name)s, %(now)s)
        ON CONFLICT (id) DO UPDATE SET name = excluded.name, updated_at = excluded.updated_at
         WHERE institution.name <> excluded.name
        """,
        {"id": institution_id, "name": name, "now": now},
    )


async def add_item(
    conn: WriteConnection,
    *,
    entity_id: int,
    item_id: ItemId,
    provider_item_id: str,
    access_token: Sealed,
    public_token_sha256: bytes,
    now: datetime,
) -> None:
    """Store a freshly exchanged item, so that its access is never lost, whatever happens next."""
    await conn.execute(
        """
        INSERT INTO item (entity_id, id, provider_item_id, access_token_ciphertext, access_token_key_id,
                          public_token_sha256, state, linked_at)
        VALUES (%(entity_id)s, %(id)s, %(provider_item_id)s, %(ciphertext)s, %(key_id)s, %(sha256)s, %(state)s, %(now)s)
        """,
        {
            "entity_id": entity_id,
            "id": item_id,
            "provider_item_id": provider_item_id,
            "ciphertext": access_token.ciphertext,
            "key_id": access_token.key_id,
            "sha256": public_token_sha256,
            "state": ItemState.LINKING.value,
            "now": now,
        },
    )


async def item_by_public_token(conn: ReadConnection, *, entity_id: int, public_token_sha256: bytes) -> ItemRow | None:
    """Return the item that this public token was exchanged for, if it was."""
    query = _ITEM_QUERY + " AND public_token_sha256 = %(sha256)s"
    async with conn.cursor(row_factory=class_row(ItemRow)) as cursor:
        await cursor.execute(query, {"entity_id": entity_id, "sha256": public_token_sha256})
        return await cursor.fetchone()


async def has_item(conn: ReadConnection, *, entity_id: int, provider_item_id: str) -> bool:
    """Return whether the entity has the provider's item, in whatever state."""
    cursor = await conn.execute(
        "SELECT 1 FROM item WHERE entity_id = %s AND provider_item_id = %s", (entity_id, provider_item_id)
    )
    return await cursor.fetchone() is not None


async def item(conn: ReadConnection, *, entity_id: int, item_id: ItemId) -> ItemRow:
    """Return one item.

    Raises:
        UnknownItemError: if the entity has none of that id.
    """
    query = _ITEM_QUERY + " AND id = %(id)s"
    return await _one_item(conn, query=query, entity_id=entity_id, item_id=item_id)


async def lock_item(conn: WriteConnection, *, entity_id: int, item_id: ItemId) -> ItemRow:
    """Return one item and hold it until the transaction ends, so that nobody else writes its rows meanwhile.

    Raises:
        UnknownItemError: if the entity has none of that id.
    """
    query = _ITEM_QUERY + " AND id = %(id)s FOR UPDATE"
    return await _one_item(conn, query=query, entity_id=entity_id, item_id=item_id)


async def items(conn: ReadConnection, *, entity_id: int) -> list[ItemRow]:
    """Return the entity's items, oldest first."""
    query = _ITEM_QUERY + " ORDER BY id"
    async with conn.cursor(row_factory=class_row(ItemRow)) as cursor:
        await cursor.execute(query, {"entity_id": entity_id})
        return await cursor.fetchall()


async def _one_item(conn: ReadConnection, *, query: str, entity_id: int, item_id: ItemId) -> ItemRow:
    async with conn.cursor(row_factory=class_row(ItemRow)) as cursor:
        await cursor.execute(query, {"entity_id": entity_id, "id": item_id})
        row = await cursor.fetchone()
    if row is None:
        raise UnknownItemError("There is no such bank connection.")
    return row


async def add_bank_account(
    conn: WriteConnection,
    fact: BankAccountFact,
    *,
    entity_id: int,
    bank_account_id: BankAccountId,
    item_id: ItemId,
    ledger_account_id: int,
    now: datetime,
) -> None:
    """Store a bank account that feeds `ledger_account_id`."""
    await conn.execute(
        """
        INSERT INTO bank_account (entity_id, id, item_id, provider_account_id, name, official_name, mask, type, subtype,
                                  currency, ledger_account_id, reported_current, reported_available, reported_limit,
                                  reported_at, linked_at, persistent_account_id)
        VALUES (%(entity_id)s, %(id)s, %(item_id)s, %(provider_account_id)s, %(name)s, %(official_name)s, %(mask)s,
                %(type)s, %(subtype)s, %(currency)s, %(ledger_account_id)s, %(current)s, %(available)s, %(limit)s,
                %(now)s, %(now)s, %(persistent_id)s)
        """,
        {
            "entity_id": entity_id,
            "id": bank_account_id,
            "item_id": item_id,
            "provider_account_id": fact.provider_account_id,
            "name": fact.name,
            "official_name": fact.official_name,
            "mask": fact.mask,
            "type": fact.type,
            "subtype": fact.subtype,
            "currency": fact.currency,
            "ledger_account_id": ledger_account_id,
            "current": fact.reported_balance.current,
            "available": fact.reported_balance.available,
            "limit": fact.reported_balance.limit,
            "now": now,
            "persistent_id": fact.persistent_account_id,
        },
    )


async def bank_accounts(conn: ReadConnection, *, entity_id: int, item_id: ItemId | None = None) -> list[BankAccountRow]:
    """Return the entity's bank accounts (of one item, if named) in the order in which they were linked."""
    async with conn.cursor(row_factory=class_row(BankAccountRow)) as cursor:
        await cursor.execute(
            """
            SELECT a.id, a.item_id, a.provider_account_id, a.name, a.official_name, a.mask, a.type, a.subtype,
                   a.currency, a.ledger_account_id, a.reported_current, a.reported_available, a.reported_limit,
                   a.reported_at, a.settled_count, a.pending_count, a.linked_at, i.provider_item_id, i.institution_id,
                   n.name AS institution_name, i.state AS item_state, i.history_complete_at, i.last_synced_at,
                   i.error_code, i.error_message, a.persistent_account_id, a.unlinked_at, a.unlinked_reason,
                   a.told_gap_minor, i.provider_last_success_at, a.history_start_on, a.opening_given
              FROM bank_account AS a
              JOIN item AS i ON i.entity_id = a.entity_id AND i.id = a.item_id
              LEFT JOIN institution AS n ON n.id = i.institution_id
             WHERE a.entity_id = %(entity_id)s AND (%(item_id)s::bigint IS NULL OR a.item_id = %(item_id)s)
             ORDER BY a.id
            """,
            {"entity_id": entity_id, "item_id": item_id},
        )
        return await cursor.fetchall()


async def update_reported_balances(
    conn: WriteConnection, facts: Iterable[BankAccountFact], *, entity_id: int, now: datetime
) -> None:
    """Store what the bank says each account holds now; accounts that we do not know are left out."""
    rows = list(facts)
    await conn.execute(
        """
        UPDATE bank_account AS a
           SET reported_current = t.current, reported_available = t.available, reported_limit = t.credit_limit,
               reported_at = %(now)s
          FROM unnest(%(ids)s::text[], %(current)s::numeric[], %(available)s::numeric[], %(limit)s::numeric[])
               AS t (provider_account_id, current, available, credit_limit)
         WHERE a.entity_id = %(entity_id)s AND a.provider_account_id = t.provider_account_id
        """,
        {
            "entity_id": entity_id,
            "ids": [fact.provider_account_id for fact in rows],
            "current": [fact.reported_balance.current for fact in rows],
            "available": [fact.reported_balance.available for fact in rows],
            "limit": [fact.reported_balance.limit for fact in rows],
            "now": now,
        },
    )


async def count_rows(conn: WriteConnection, changes: dict[BankAccountId, tuple[int, int]], *, entity_id: int) -> None:
    """Add (settled, pending) changes, either sign, to the accounts' counts of live rows."""
    await conn.execute(
        """
        UPDATE bank_account AS a
           SET settled_count = a.settled_count + t.settled, pending_count = a.pending_count + t.pending
          FROM unnest(%(ids)s::bigint[], %(settled)s::bigint[], %(pending)s::bigint[]) AS t (id, settled, pending)
         WHERE a.entity_id = %(entity_id)s AND a.id = t.id
        """,
        {
            "entity_id": entity_id,
            "ids": list(changes),
            "settled": [settled for settled, _ in changes.values()],
            "pending": [pending for _, pending in changes.values()],
        },
    )


async def prior_rows(
    conn: ReadConnection, provider_transaction_ids: Sequence[str], *, entity_id: int
) -> dict[str, PriorRow]:
    """Return what is stored under these provider ids, by provider id."""
    async with conn.cursor(row_factory=class_row(PriorRow)) as cursor:
        await cursor.execute(
            """
            SELECT provider_transaction_id, id, bank_account_id, is_pending, removed_at IS NULL AS is_live
              FROM bank_transaction
             WHERE entity_id = %(entity_id)s AND provider_transaction_id = ANY(%(ids)s)
            """,
            {"entity_id": entity_id, "ids": list(provider_transaction_ids)},
        )
        return {row.provider_transaction_id: row for row in await cursor.fetchall()}


async def kept_rows_except(
    conn: ReadConnection, present: Sequence[str], *, since: dict[BankAccountId, date], entity_id: int
) -> list[str]:
    """Return the provider ids of these accounts' rows, from each one's date on, that are not `present`.

    Rows that the bank took back before are left out; those older than the books are among them.
    """
    cursor = await conn.execute(
        """
        SELECT b.provider_transaction_id
          FROM unnest(%(accounts)s::bigint[], %(dates)s::date[]) AS covered (bank_account_id, since)
          JOIN bank_transaction AS b ON b.entity_id = %(entity_id)s AND b.bank_account_id = covered.bank_account_id
          LEFT JOIN unnest(%(present)s::text[]) AS known (id) ON known.id = b.provider_transaction_id
         WHERE (b.removed_at IS NULL OR b.is_before_start) AND b.dated >= covered.since AND known.id IS NULL
        """,
        {
            "entity_id": entity_id,
            "accounts": list(since.keys()),
            "dates": list(since.values()),
            "present": list(present),
        },
    )
    return [row[0] for row in await cursor.fetchall()]


async def upsert_bank_transactions(
    conn: WriteConnection,
    facts: Iterable[BankTransactionFact],
    *,
    entity_id: int,
    bank_account_ids: dict[str, BankAccountId],
    now: datetime,
) -> list[StoredRow]:
    """Store rows by the provider's id and return those that are new or differ from what was stored.

    One binary COPY and one INSERT, however many; `facts` are taken one by one. `bank_account_ids` maps each provider
    account id that occurs. Rows older than the books of their account are stored like those that the bank took back.
    """
    await conn.execute(
        """
        CREATE TEMPORARY TABLE IF NOT EXISTS synced_bank_transaction
          (id bigint, bank_account_id bigint, provider_transaction_id text, pending_provider_id text, amount numeric,
           currency text, dated date, authorized_on date, is_pending boolean, description text, merchant_name text,
           merchant_entity_id text, payment_channel text, provider_category text, provider_category_version text,
           provider_confidence text, check_number text, raw jsonb) ON COMMIT DELETE ROWS;
        TRUNCATE synced_bank_transaction
        """
    )
    if not await _copy_facts(conn, facts, bank_account_ids):
        return []
    async with conn.cursor(row_factory=class_row(StoredRow)) as cursor:
        await cursor.execute(
            """
            INSERT INTO bank_transaction AS b
              (entity_id, id, bank_account_id, provider_transaction_id, pending_provider_id, amount, currency, dated,
               authorized_on, is_pending, description, merchant_name, merchant_entity_id, payment_channel,
               provider_category, provider_category_version, provider_confidence, check_number, raw, first_seen_at,
               updated_at, removed_at, is_before_start)
            SELECT %(entity_id)s, s.id, s.bank_account_id, s.provider_transaction_id, s.pending_provider_id, s.amount,
                   s.currency, s.dated, s.authorized_on, s.is_pending, s.description, s.merchant_name,
                   s.merchant_entity_id, s.payment_channel, s.provider_category, s.provider_category_version,
                   s.provider_confidence, s.check_number, s.raw, %(now)s, %(now)s,
                   CASE WHEN s.dated < a.history_start_on THEN %(now)s::timestamptz END,
                   coalesce(s.dated < a.history_start_on, false)
              FROM synced_bank_transaction AS s
              JOIN bank_account AS a ON a.entity_id = %(entity_id)s AND a.id = s.bank_account_id
            ON CONFLICT (entity_id, provider_transaction_id) DO UPDATE
              SET bank_account_id = excluded.bank_account_id, pending_provider_id = excluded.pending_provider_id,
                  amount = excluded.amount, currency = excluded.currency, dated = excluded.dated,
                  authorized_on = excluded.authorized_on, is_pending = excluded.is_pending,
                  description = excluded.description, merchant_name = excluded.merchant_name,
                  merchant_entity_id = excluded.merchant_entity_id, payment_channel = excluded.payment_channel,
                  provider_category = excluded.provider_category,
                  provider_category_version = excluded.provider_category_version,
                  provider_confidence = excluded.provider_confidence, check_number = excluded.check_number,
                  raw = excluded.raw, updated_at = excluded.updated_at, removed_at = excluded.removed_at,
                  is_before_start = excluded.is_before_start
              WHERE b.raw IS DISTINCT FROM excluded.raw OR b.is_before_start <> excluded.is_before_start
                 OR (b.removed_at IS NULL) <> (excluded.removed_at IS NULL)
            RETURNING id, provider_transaction_id, removed_at IS NULL AS is_live
            """,
            {"entity_id": entity_id, "now": now},
        )
        return await cursor.fetchall()


async def _copy_facts(
    conn: WriteConnection, facts: Iterable[BankTransactionFact], bank_account_ids: dict[str, BankAccountId]
) -> int:
    count = 0
    statement = "COPY synced_bank_transaction FROM STDIN (FORMAT BINARY)"
    async with conn.cursor() as cursor, cursor.copy(statement) as copy:
        copy.set_types(
            [
                *("int8", "int8", "text", "text", "numeric", "text", "date", "date", "bool"),
                *("text", "text", "text", "text", "text", "text", "text", "text", "jsonb"),
            ]
        )
        for bank_transaction_id, fact in zip(_fresh_ids(), facts, strict=False):
            count += 1
            await copy.write_row(
                (
                    bank_transaction_id,
                    bank_account_ids[fact.provider_account_id],
                    fact.provider_transaction_id,
                    fact.pending_provider_id,
                    fact.amount,
                    fact.currency,
                    fact.dated,
                    fact.authorized_on,
                    fact.is_pending,
                    fact.description,
                    fact.merchant_name,
                    fact.merchant_entity_id,
                    fact.payment_channel,
                    fact.provider_category,
                    fact.provider_category_version,
                    fact.provider_confidence,
                    fact.check_number,
                    Jsonb(fact.raw, dumps=_as_is),
                )
            )
    return count


def _fresh_ids() -> Iterator[int]:
    while True:
        yield from new_ids(_IDS_AT_ONCE)


def _as_is(raw: object) -> bytes:
    assert isinstance(raw, bytes)
    return raw


async def remove_bank_transactions(
    conn: WriteConnection, provider_transaction_ids: Sequence[str], *, entity_id: int, now: datetime
) -> list[TouchedRow]:
    """Mark rows that the bank took back, and return those that it had not taken back before; unknown ids are no error.

    Among them are rows older than the books, which did not count.
    """
    if not provider_transaction_ids:
        return []
    async with conn.cursor(row_factory=class_row(TouchedRow)) as cursor:
        await cursor.execute(
            """
            UPDATE bank_transaction SET removed_at = %(now)s, updated_at = %(now)s, is_before_start = false
             WHERE entity_id = %(entity_id)s AND provider_transaction_id = ANY(%(ids)s)
               AND (removed_at IS NULL OR is_before_start)
            RETURNING id, provider_transaction_id
            """,
            {"entity_id": entity_id, "ids": list(provider_transaction_ids), "now": now},
        )
        return await cursor.fetchall()


async def add_sync_run(conn: WriteConnection, run: SyncRun, *, entity_id: int) -> None:
    """Record one sync."""
    await conn.execute(
        """
        INSERT INTO sync_run (entity_id, id, item_id, started_at, finished_at, pages, restarts, added, modified,
                              removed, unchanged, skipped, error_code)
        VALUES (%(entity_id)s, %(id)s, %(item_id)s, %(started_at)s, %(finished_at)s, %(pages)s, %(restarts)s,
                %(added)s, %(modified)s, %(removed)s, %(unchanged)s, %(skipped)s, %(error_code)s)
        """,
        {
            "entity_id": entity_id,
            "id": new_ids(1)[0],
            "item_id": run.item_id,
            "started_at": run.started_at,
            "finished_at": run.finished_at,
            "pages": run.pages,
            "restarts": run.restarts,
            "added": run.added,
            "modified": run.modified,
            "removed": run.removed,
            "unchanged": run.unchanged,
            "skipped": run.skipped,
            "error_code": run.error_code,
        },
    )


async def first_booked_dates(conn: ReadConnection, *, entity_id: int) -> dict[BankAccountId, date]:
    """Return the day on which the books of each bank account with settled rows begin.

    That is the day chosen for it, if there are rows before that; else the date of its oldest row.
    """
    cursor = await conn.execute(
        """
        SELECT b.bank_account_id, greatest(min(b.dated), min(a.history_start_on))
          FROM bank_transaction AS b
          JOIN bank_account AS a ON a.entity_id = b.entity_id AND a.id = b.bank_account_id
         WHERE b.entity_id = %(entity_id)s AND (b.removed_at IS NULL OR b.is_before_start) AND NOT b.is_pending
         GROUP BY b.bank_account_id
        """,
        {"entity_id": entity_id},
    )
    return {BankAccountId(row[0]): row[1] for row in await cursor.fetchall()}
