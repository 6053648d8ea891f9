"""Entities for tests of the rooms below the API."""

from datetime import UTC, datetime

import psycopg

from openledger_server.base import db
from openledger_server.base.db import Pool
from openledger_server.base.ids import new_id
from openledger_server.ledger import store as ledger
from openledger_server.ledger.chart import small_business_template
from tests.support.database import Database


async def open_entity(pool: Pool, database: Database, *, base_currency: str = "USD") -> int:
    """Make a developer with one entity and its chart of accounts; return the entity's id."""
    developer_id, entity_id = new_id(), new_id()
    now = datetime.now(UTC)
    with psycopg.connect(database.owner_dsn) as owner:
        owner.execute("INSERT INTO developer (id, name, created_at) VALUES (%s, 'Test', %s)", (developer_id, now))
        owner.execute(
            "INSERT INTO entity (id, developer_id, legal_name, base_currency, created_at, updated_at)"
            " VALUES (%s, %s, 'Test', %s, %s, %s)",
            (entity_id, developer_id, base_currency, now, now),
        )
    async with db.write_entity(pool, entity_id=entity_id) as conn:
        await ledger.open_chart(conn, entity_id=entity_id, accounts=small_business_template(), now=now)
    return entity_id
