"""Deleting an entity while its banks are being synced."""

import asyncio

import psycopg

from openledger_server.access import store as access
from openledger_server.banking import store as banking
from openledger_server.base import db
from openledger_server.workflows.change_entity import delete_entity
from tests.support.database import Database
from tests.support.waiting import wait_until
from tests.sync.conftest import LinkedBank


async def test_it_waits_for_a_sync_that_writes(linked: LinkedBank, database: Database) -> None:
    pool, entity_id = linked.services.pool, linked.entity_id
    async with db.write_entity(pool, entity_id=entity_id) as conn:
        developer_id = (await access.entity(conn, entity_id=entity_id)).developer_id
        await access.hold_books(conn, entity_id=entity_id)
        deleting = asyncio.create_task(delete_entity(linked.services, developer_id=developer_id, entity_id=entity_id))
        await asyncio.to_thread(wait_until, lambda: _is_somebody_waiting(database), what="waiting for the books")
        # Where a sync goes on: with locks taken in another order the two would wait for each other.
        await banking.lock_item(conn, entity_id=entity_id, item_id=linked.item_id)
    await deleting
    with psycopg.connect(database.owner_dsn) as owner:
        left = owner.execute("SELECT count(*) FROM entity WHERE id = %s", (entity_id,)).fetchone()
    assert left == (0,)


def _is_somebody_waiting(database: Database) -> bool:
    with psycopg.connect(database.owner_dsn) as owner:
        row = owner.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        ).fetchone()
    return row is not None and row[0] > 0
