"""All SQL that changes a chart of accounts."""

from datetime import date, datetime

from psycopg import errors as pg
from psycopg.rows import class_row

from openledger_server.base.db import ReadConnection, WriteConnection
from openledger_server.ledger.accounts.types import Residue
from openledger_server.ledger.store import LedgerAccountTakenError
from openledger_server.ledger.types import LedgerAccount, LedgerAccountId


async def store_account(conn: WriteConnection, account: LedgerAccount, *, entity_id: int) -> None:
    """Store what may change of an account: all but its id, type, role and currency.

    Raises:
        LedgerAccountTakenError: if its number is in use.
    """
    try:
        await conn.execute(
            """
            UPDATE ledger_account
               SET code = %(code)s, name = %(name)s, subtype = %(subtype)s, parent_id = %(parent_id)s,
                   description = %(description)s, standard_codes = %(standard_codes)s, archived_at = %(archived_at)s,
                   merged_into_id = %(merged_into_id)s, updated_at = %(updated_at)s
             WHERE entity_id = %(entity_id)s AND id = %(id)s
            """,
            {
                "entity_id": entity_id,
                "id": account.id,
                "code": account.code,
                "name": account.name,
                "subtype": account.subtype,
                "parent_id": account.parent_id,
                "description": account.description,
                "standard_codes": list(account.standard_codes),
                "archived_at": account.archived_at,
                "merged_into_id": account.merged_into_id,
                "updated_at": account.updated_at,
            },
        )
    except pg.UniqueViolation as exc:
        raise LedgerAccountTakenError(f"Account number {account.code} is in use.") from exc


async def move_children(
    conn: WriteConnection,
    *,
    entity_id: int,
    from_id: LedgerAccountId,
    to_id: LedgerAccountId | None,
    now: datetime,
) -> None:
    """Place the accounts below one account below another, or at the top."""
    await conn.execute(
        """
        UPDATE ledger_account SET parent_id = %(to_id)s, updated_at = %(now)s
         WHERE entity_id = %(entity_id)s AND parent_id = %(from_id)s AND id IS DISTINCT FROM %(to_id)s
        """,
        {"entity_id": entity_id, "from_id": from_id, "to_id": to_id, "now": now},
    )


async def residues(
    conn: ReadConnection, *, entity_id: int, ledger_account_id: LedgerAccountId, since: date | None
) -> list[Residue]:
    """Return what the postings to an account from `since` on come to, by currency and month, where not zero."""
    async with conn.cursor(row_factory=class_row(Residue)) as cursor:
        await cursor.execute(
            """
            SELECT currency, max(dated) AS dated, sum(amount_minor)::bigint AS amount_minor,
                   sum(base_minor)::bigint AS base_minor
              FROM posting
             WHERE entity_id = %(entity_id)s AND ledger_account_id = %(id)s
               AND (%(since)s::date IS NULL OR dated >= %(since)s)
             GROUP BY currency, date_trunc('month', dated)
            HAVING sum(amount_minor) <> 0 ORDER BY 2, 1
            """,
            {"entity_id": entity_id, "id": ledger_account_id, "since": since},
        )
        return await cursor.fetchall()


async def residues_before(
    conn: ReadConnection, *, entity_id: int, ledger_account_id: LedgerAccountId, day: date
) -> list[Residue]:
    """Return what the postings to an account before a day come to, by currency, dated that day, where not zero."""
    async with conn.cursor(row_factory=class_row(Residue)) as cursor:
        await cursor.execute(
            """
            SELECT currency, %(day)s::date AS dated, sum(amount_minor)::bigint AS amount_minor,
                   sum(base_minor)::bigint AS base_minor
              FROM posting
             WHERE entity_id = %(entity_id)s AND ledger_account_id = %(id)s AND dated < %(day)s
             GROUP BY currency HAVING sum(amount_minor) <> 0 ORDER BY currency
            """,
            {"entity_id": entity_id, "id": ledger_account_id, "day": day},
        )
        return await cursor.fetchall()
