"""All SQL of audits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from openledger_server.banking.audits.types import Audit, AuditedRow, DifferenceKind
from openledger_server.banking.types import ItemId
from openledger_server.base.db import ReadConnection, WriteConnection
from openledger_server.base.ids import new_id

DIFFERENCES_MAX = 200
"""Single differences kept of one audit; the counts are of all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRow:
    """A stored audit."""

    id: int
    item_id: int
    started_at: datetime
    finished_at: datetime
    first_day: date
    last_day: date
    rows_here: int
    rows_there: int
    missing_here: int
    missing_there: int
    differing: int
    balances_differing: int
    differences: list[dict[str, Any]]
    balances: list[dict[str, Any]]
    reads_again: bool

    @property
    def is_clean(self) -> bool:
        """Whether we and the bank agreed on everything."""
        return not (self.has_row_differences or self.balances_differing)

    @property
    def has_row_differences(self) -> bool:
        """Whether rows disagreed."""
        return bool(self.missing_here or self.missing_there or self.differing)


async def audited_rows(
    conn: ReadConnection,
    provider_transaction_ids: Sequence[str],
    *,
    entity_id: int,
    item_id: ItemId,
    first_day: date,
    last_day: date,
) -> dict[str, AuditedRow]:
    """Return our rows of an item's linked accounts of these days, and those with these ids whatever their day.

    Rows that came through an earlier connection and that this one has not named are left out: it need not have them.
    Those older than the books of their account are among them.
    """
    async with conn.cursor(row_factory=class_row(AuditedRow)) as cursor:
        await cursor.execute(
            """
            SELECT b.provider_transaction_id, a.provider_account_id, b.dated, b.amount, b.currency, b.is_pending
              FROM bank_account AS a
              JOIN bank_transaction AS b ON b.entity_id = a.entity_id AND b.bank_account_id = a.id
             WHERE a.entity_id = %(entity_id)s AND a.item_id = %(item_id)s AND a.unlinked_at IS NULL
               AND b.entity_id = %(entity_id)s AND (b.removed_at IS NULL OR b.is_before_start) AND NOT b.awaits_relink
               AND (b.dated BETWEEN %(first_day)s AND %(last_day)s OR b.provider_transaction_id = ANY(%(ids)s))
            """,
            {
                "entity_id": entity_id,
                "item_id": item_id,
                "first_day": first_day,
                "last_day": last_day,
                "ids": list(provider_transaction_ids),
            },
        )
        return {row.provider_transaction_id: row for row in await cursor.fetchall()}


async def add_audit(conn: WriteConnection, audit: Audit, *, entity_id: int) -> None:
    """Store an audit and remember when the item was audited last."""
    await conn.execute(
        """
        INSERT INTO bank_audit (entity_id, id, item_id, started_at, finished_at, first_day, last_day, rows_here,
                                rows_there, missing_here, missing_there, differing, balances_differing, differences,
                                balances, reads_again)
        VALUES (%(entity_id)s, %(id)s, %(item_id)s, %(started_at)s, %(finished_at)s, %(first_day)s, %(last_day)s,
                %(rows_here)s, %(rows_there)s, %(missing_here)s, %(missing_there)s, %(differing)s,
                %(balances_differing)s, %(differences)s, %(balances)s, %(reads_again)s)
        """,
        {
            "entity_id": entity_id,
            "id": new_id(),
            "item_id": audit.item_id,
            "started_at": audit.started_at,
            "finished_at": audit.finished_at,
            "first_day": audit.first_day,
            "last_day": audit.last_day,
            "rows_here": audit.rows_here,
            "rows_there": audit.rows_there,
            "missing_here": audit.count(DifferenceKind.MISSING_HERE),
            "missing_there": audit.count(DifferenceKind.MISSING_THERE),
            "differing": audit.count(DifferenceKind.DIFFERS),
            "balances_differing": audit.balances_differing,
            "differences": Jsonb([_difference(one) for one in audit.differences[:DIFFERENCES_MAX]]),
            "balances": Jsonb([_balance(one) for one in audit.balances]),
            "reads_again": audit.reads_again,
        },
    )
    await conn.execute(
        "UPDATE item SET last_audited_at = %(at)s WHERE entity_id = %(entity_id)s AND id = %(id)s",
        {"entity_id": entity_id, "id": audit.item_id, "at": audit.finished_at},
    )


def _difference(one: Any) -> dict[str, Any]:
    return {"kind": one.kind.value, "here": _row(one.here), "there": _row(one.there)}


def _row(row: AuditedRow | None) -> dict[str, Any] | None:
    if row is None:
        return None
    return {
        "provider_transaction_id": row.provider_transaction_id,
        "provider_account_id": row.provider_account_id,
        "dated": row.dated.isoformat(),
        "amount": format(row.amount, "f"),
        "currency": row.currency,
        "is_pending": row.is_pending,
    }


def _balance(one: Any) -> dict[str, Any]:
    return {
        "bank_account_id": str(one.bank_account_id),
        "currency": one.currency,
        "reported_minor": one.reported_minor,
        "ledger_minor": one.ledger_minor,
    }


async def audits(
    conn: ReadConnection, *, entity_id: int, item_id: ItemId, before_id: int | None = None, limit: int
) -> list[AuditRow]:
    """Return up to `limit` audits of an item, newest first, older than `before_id`."""
    async with conn.cursor(row_factory=class_row(AuditRow)) as cursor:
        await cursor.execute(
            """
            SELECT id, item_id, started_at, finished_at, first_day, last_day, rows_here, rows_there, missing_here,
                   missing_there, differing, balances_differing, differences, balances, reads_again
              FROM bank_audit
             WHERE entity_id = %(entity_id)s AND item_id = %(item_id)s
               AND (%(before)s::bigint IS NULL OR id < %(before)s)
             ORDER BY id DESC LIMIT %(limit)s
            """,
            {"entity_id": entity_id, "item_id": item_id, "before": before_id, "limit": limit},
        )
        return await cursor.fetchall()
