"""All SQL of the life of items and bank accounts: states, dates, tokens, accounts that leave and come back."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from psycopg.rows import class_row

from openledger_server.banking.rows import OrphanRow, SyncRun
from openledger_server.banking.types import (
    BankAccountFact,
    BankAccountId,
    BankTransactionId,
    ItemHealth,
    ItemId,
    ItemState,
)
from openledger_server.base.db import ReadConnection, WriteConnection
from openledger_server.base.vault import Sealed

_REFRESH_WINDOW = timedelta(minutes=1)
REFRESHES_MAX = 2
"""Per item and minute, as Plaid allows."""


async def set_item_state(
    conn: WriteConnection,
    *,
    entity_id: int,
    item_id: ItemId,
    state: ItemState,
    error_code: str | None,
    error_message: str | None,
    now: datetime,
) -> None:
    """Put an item into a state, with the reason if it is not a good one."""
    await conn.execute(
        """
        UPDATE item
           SET state_changed_at = CASE WHEN state = %(state)s THEN state_changed_at ELSE %(now)s END,
               state = %(state)s, error_code = %(code)s, error_message = %(message)s
         WHERE entity_id = %(entity_id)s AND id = %(id)s
        """,
        {
            "entity_id": entity_id,
            "id": item_id,
            "state": state.value,
            "code": error_code,
            "message": error_message,
            "now": now,
        },
    )


async def set_institution(
    conn: WriteConnection, *, entity_id: int, item_id: ItemId, institution_id: str | None
) -> None:
    """Remember at which institution an item is."""
    await conn.execute(
        "UPDATE item SET institution_id = %(institution_id)s WHERE entity_id = %(entity_id)s AND id = %(id)s",
        {"entity_id": entity_id, "id": item_id, "institution_id": institution_id},
    )


async def set_item_synced(
    conn: WriteConnection,
    *,
    entity_id: int,
    item_id: ItemId,
    sync_cursor: str,
    is_history_complete: bool,
    now: datetime,
) -> None:
    """Advance the cursor; belongs in the transaction that stores the rows before it."""
    await conn.execute(
        """
        UPDATE item
           SET sync_cursor = %(cursor)s, last_synced_at = %(now)s, last_attempted_at = %(now)s,
               history_complete_at = CASE WHEN %(complete)s THEN coalesce(history_complete_at, %(now)s)
                                          ELSE history_complete_at END
         WHERE entity_id = %(entity_id)s AND id = %(id)s
        """,
        {
            "entity_id": entity_id,
            "id": item_id,
            "cursor": sync_cursor,
            "complete": is_history_complete,
            "now": now,
        },
    )


async def set_item_attempted(conn: WriteConnection, *, entity_id: int, item_id: ItemId, now: datetime) -> None:
    """Remember when a sync was tried last."""
    await conn.execute(
        "UPDATE item SET last_attempted_at = %(now)s WHERE entity_id = %(entity_id)s AND id = %(id)s",
        {"entity_id": entity_id, "id": item_id, "now": now},
    )


async def restart_history(conn: WriteConnection, *, entity_id: int, item_id: ItemId) -> None:
    """Let the next sync read the item's whole history again; rows that we have already are found by their ids."""
    await conn.execute(
        "UPDATE item SET sync_cursor = '' WHERE entity_id = %(entity_id)s AND id = %(id)s",
        {"entity_id": entity_id, "id": item_id},
    )


async def set_item_health(conn: WriteConnection, health: ItemHealth, *, entity_id: int, item_id: ItemId) -> None:
    """Store when the provider last spoke with the bank; what it does not know stays as it was."""
    await conn.execute(
        """
        UPDATE item
           SET provider_last_success_at = coalesce(%(success)s, provider_last_success_at),
               provider_last_failure_at = coalesce(%(failure)s, provider_last_failure_at)
         WHERE entity_id = %(entity_id)s AND id = %(id)s
        """,
        {
            "entity_id": entity_id,
            "id": item_id,
            "success": health.last_success_at,
            "failure": health.last_failure_at,
        },
    )


async def set_end(
    conn: WriteConnection,
    *,
    entity_id: int,
    item_id: ItemId,
    consent_expires_at: datetime | None,
    disconnect_at: datetime | None,
    reason: str | None,
) -> None:
    """Store when access ends, or with None that it does not."""
    await conn.execute(
        """
        UPDATE item SET consent_expires_at = %(consent)s, disconnect_at = %(disconnect)s, disconnect_reason = %(reason)s
         WHERE entity_id = %(entity_id)s AND id = %(id)s
        """,
        {
            "entity_id": entity_id,
            "id": item_id,
            "consent": consent_expires_at,
            "disconnect": disconnect_at,
            "reason": reason,
        },
    )


async def set_new_accounts_available(
    conn: WriteConnection, *, entity_id: int, item_id: ItemId, are_available: bool
) -> None:
    """Store whether the bank has accounts that the user was not asked about yet."""
    await conn.execute(
        "UPDATE item SET new_accounts_available = %(new)s WHERE entity_id = %(entity_id)s AND id = %(id)s",
        {"entity_id": entity_id, "id": item_id, "new": are_available},
    )


async def begin_token_change(conn: WriteConnection, *, entity_id: int, item_id: ItemId, now: datetime | None) -> None:
    """Say that the token is being replaced since `now`, or with None that it is not."""
    await conn.execute(
        "UPDATE item SET token_changing_since = %(now)s WHERE entity_id = %(entity_id)s AND id = %(id)s",
        {"entity_id": entity_id, "id": item_id, "now": now},
    )


async def store_token(conn: WriteConnection, token: Sealed | None, *, entity_id: int, item_id: ItemId) -> None:
    """Replace the token, or with None erase it."""
    await conn.execute(
        """
        UPDATE item SET access_token_ciphertext = %(ciphertext)s, access_token_key_id = %(key_id)s,
                        token_changing_since = NULL
         WHERE entity_id = %(entity_id)s AND id = %(id)s
        """,
        {
            "entity_id": entity_id,
            "id": item_id,
            "ciphertext": None if token is None else token.ciphertext,
            "key_id": None if token is None else token.key_id,
        },
    )


async def take_public_token(
    conn: WriteConnection, *, entity_id: int, provider_item_id: str, public_token_sha256: bytes
) -> tuple[ItemId, ItemState] | None:
    """Remember that this public token led to an item that is linked already; return that item, None if it is not."""
    cursor = await conn.execute(
        """
        UPDATE item SET public_token_sha256 = %(sha256)s
         WHERE entity_id = %(entity_id)s AND provider_item_id = %(provider_item_id)s
        RETURNING id, state
        """,
        {"entity_id": entity_id, "provider_item_id": provider_item_id, "sha256": public_token_sha256},
    )
    row = await cursor.fetchone()
    return None if row is None else (ItemId(row[0]), ItemState(row[1]))


async def forget_refused_link(conn: WriteConnection, *, entity_id: int, item_id: ItemId) -> None:
    """Delete what was stored of an item whose linking was begun and refused; one that was ever linked stays."""
    await conn.execute(
        "SELECT forget_refused_link(in_entity_id => %(entity_id)s, in_item_id => %(item_id)s)",
        {"entity_id": entity_id, "item_id": item_id},
    )


async def take_refresh(conn: WriteConnection, *, entity_id: int, item_id: ItemId, now: datetime) -> bool:
    """Count one refresh and return True, unless two were counted within the last minute."""
    cursor = await conn.execute(
        """
        UPDATE item
           SET refresh_times = array(SELECT t FROM unnest(refresh_times) AS t WHERE t > %(since)s)
                               || %(now)s::timestamptz
         WHERE entity_id = %(entity_id)s AND id = %(id)s
           AND (SELECT count(*) FROM unnest(refresh_times) AS t WHERE t > %(since)s) < %(most)s
        """,
        {"entity_id": entity_id, "id": item_id, "now": now, "since": now - _REFRESH_WINDOW, "most": REFRESHES_MAX},
    )
    return cursor.rowcount == 1


async def unlink_bank_accounts(
    conn: WriteConnection, bank_account_ids: Sequence[BankAccountId], *, entity_id: int, reason: str, now: datetime
) -> int:
    """Stop feeding these bank accounts and return how many were fed; their pending rows count no more.

    What is settled stays. A pending row would never settle, and was never booked.
    """
    ids = {"entity_id": entity_id, "ids": list(bank_account_ids), "now": now, "reason": reason}
    await conn.execute(
        """
        UPDATE bank_transaction SET removed_at = %(now)s, updated_at = %(now)s
         WHERE entity_id = %(entity_id)s AND bank_account_id = ANY(%(ids)s) AND is_pending AND removed_at IS NULL
        """,
        ids,
    )
    cursor = await conn.execute(
        """
        UPDATE bank_account SET unlinked_at = %(now)s, unlinked_reason = %(reason)s, pending_count = 0
         WHERE entity_id = %(entity_id)s AND id = ANY(%(ids)s) AND unlinked_at IS NULL
        """,
        ids,
    )
    return cursor.rowcount


async def relink_bank_accounts(
    conn: WriteConnection, bank_account_ids: Sequence[BankAccountId], *, entity_id: int
) -> None:
    """Feed these bank accounts again, from the connection that they have."""
    await conn.execute(
        """
        UPDATE bank_account SET unlinked_at = NULL, unlinked_reason = NULL
         WHERE entity_id = %(entity_id)s AND id = ANY(%(ids)s)
        """,
        {"entity_id": entity_id, "ids": list(bank_account_ids)},
    )


async def move_bank_account(
    conn: WriteConnection, fact: BankAccountFact, *, entity_id: int, bank_account_id: BankAccountId, item_id: ItemId
) -> None:
    """Feed a bank account from another item from now on; its rows wait for equal ones that take them over."""
    await conn.execute(
        """
        UPDATE bank_account
           SET item_id = %(item_id)s, provider_account_id = %(provider_account_id)s, name = %(name)s,
               official_name = %(official_name)s, mask = %(mask)s, subtype = %(subtype)s,
               persistent_account_id = %(persistent_id)s, reported_current = %(current)s,
               reported_available = %(available)s, reported_limit = %(limit)s, unlinked_at = NULL,
               unlinked_reason = NULL
         WHERE entity_id = %(entity_id)s AND id = %(id)s
        """,
        {
            "entity_id": entity_id,
            "id": bank_account_id,
            "item_id": item_id,
            "provider_account_id": fact.provider_account_id,
            "name": fact.name,
            "official_name": fact.official_name,
            "mask": fact.mask,
            "subtype": fact.subtype,
            "persistent_id": fact.persistent_account_id,
            "current": fact.reported_balance.current,
            "available": fact.reported_balance.available,
            "limit": fact.reported_balance.limit,
        },
    )
    await conn.execute(
        """
        UPDATE bank_transaction SET awaits_relink = true
         WHERE entity_id = %(entity_id)s AND bank_account_id = %(id)s AND (removed_at IS NULL OR is_before_start)
        """,
        {"entity_id": entity_id, "id": bank_account_id},
    )


async def rows_awaiting_relink(
    conn: ReadConnection, bank_account_ids: Sequence[BankAccountId], *, entity_id: int
) -> list[OrphanRow]:
    """Return the rows of these bank accounts that came through an earlier connection, oldest first."""
    async with conn.cursor(row_factory=class_row(OrphanRow)) as cursor:
        await cursor.execute(
            """
            SELECT id, bank_account_id, dated, amount, currency, description, is_pending,
                   removed_at IS NULL AS is_live
              FROM bank_transaction
             WHERE entity_id = %(entity_id)s AND bank_account_id = ANY(%(ids)s) AND awaits_relink
               AND (removed_at IS NULL OR is_before_start)
             ORDER BY id
            """,
            {"entity_id": entity_id, "ids": list(bank_account_ids)},
        )
        return await cursor.fetchall()


async def take_over_rows(conn: WriteConnection, successors: Mapping[BankTransactionId, str], *, entity_id: int) -> None:
    """Give rows of an earlier connection the provider ids under which the new one knows them."""
    await conn.execute(
        """
        UPDATE bank_transaction AS b SET provider_transaction_id = t.provider_id, awaits_relink = false
          FROM unnest(%(ids)s::bigint[], %(provider_ids)s::text[]) AS t (id, provider_id)
         WHERE b.entity_id = %(entity_id)s AND b.id = t.id
        """,
        {"entity_id": entity_id, "ids": list(successors), "provider_ids": list(successors.values())},
    )


async def set_told_gaps(conn: WriteConnection, gaps: Mapping[BankAccountId, int], *, entity_id: int) -> None:
    """Remember the differences, in minor units, that developers were told of."""
    await conn.execute(
        """
        UPDATE bank_account AS a SET told_gap_minor = t.gap
          FROM unnest(%(ids)s::bigint[], %(gaps)s::bigint[]) AS t (id, gap)
         WHERE a.entity_id = %(entity_id)s AND a.id = t.id
        """,
        {"entity_id": entity_id, "ids": list(gaps), "gaps": list(gaps.values())},
    )


async def sync_runs(
    conn: ReadConnection, *, entity_id: int, item_id: ItemId, before_id: int | None, limit: int
) -> list[tuple[int, SyncRun]]:
    """Return up to `limit` records of an item's syncs with their ids, newest first, older than `before_id`."""
    cursor = await conn.execute(
        """
        SELECT id, item_id, started_at, finished_at, pages, restarts, added, modified, removed, unchanged, skipped,
               error_code
          FROM sync_run
         WHERE entity_id = %(entity_id)s AND item_id = %(item_id)s
           AND (%(before)s::bigint IS NULL OR id < %(before)s)
         ORDER BY id DESC LIMIT %(limit)s
        """,
        {"entity_id": entity_id, "item_id": item_id, "before": before_id, "limit": limit},
    )
    names = [column.name for column in cursor.description or ()][1:]
    return [(row[0], SyncRun(**dict(zip(names, row[1:], strict=True)))) for row in await cursor.fetchall()]
