"""Connections across tenants, for the command line; read as the owner of the database."""

from dataclasses import dataclass
from datetime import datetime

import psycopg
from psycopg.rows import class_row


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedItem:
    """One connection, whoever's it is."""

    entity_id: int
    entity_name: str
    item_id: int
    provider_item_id: str
    institution_name: str | None
    state: str
    bank_accounts: int
    """Linked ones."""
    linked_at: datetime
    last_synced_at: datetime | None
    last_attempted_at: datetime | None
    provider_last_success_at: datetime | None
    last_audited_at: datetime | None
    ends_at: datetime | None
    error_code: str | None
    error_message: str | None


def listed_items(
    owner_dsn: str, *, entity_id: int | None, item_id: int | None, state: str | None, limit: int
) -> list[ListedItem]:
    """Return up to `limit` connections, newest first: all, or those of an entity, with an id, in a state."""
    with psycopg.connect(owner_dsn) as conn, conn.cursor(row_factory=class_row(ListedItem)) as cursor:
        cursor.execute(
            """
            SELECT i.entity_id, e.legal_name AS entity_name, i.id AS item_id, i.provider_item_id,
                   n.name AS institution_name, i.state,
                   (SELECT count(*) FROM bank_account AS a
                     WHERE a.entity_id = i.entity_id AND a.item_id = i.id AND a.unlinked_at IS NULL) AS bank_accounts,
                   i.linked_at, i.last_synced_at, i.last_attempted_at, i.provider_last_success_at, i.last_audited_at,
                   least(i.consent_expires_at, i.disconnect_at) AS ends_at, i.error_code, i.error_message
              FROM item AS i
              JOIN entity AS e ON e.id = i.entity_id
              LEFT JOIN institution AS n ON n.id = i.institution_id
             WHERE (%(entity_id)s::bigint IS NULL OR i.entity_id = %(entity_id)s)
               AND (%(item_id)s::bigint IS NULL OR i.id = %(item_id)s)
               AND (%(state)s::text IS NULL OR i.state = %(state)s)
             ORDER BY i.id DESC LIMIT %(limit)s
            """,
            {"entity_id": entity_id, "item_id": item_id, "state": state, "limit": limit},
        )
        return cursor.fetchall()
