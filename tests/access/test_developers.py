"""Developers and API keys on a real database."""

from datetime import UTC, datetime

import psycopg
import pytest

from openledger_server.access import developers
from openledger_server.access.developers import DeveloperNameError, InvalidApiKeyError, create_developer
from openledger_server.base import db
from openledger_server.base.db import Pool
from tests.support.database import Database


def test_key_is_shown_once_and_only_its_hash_is_stored(database: Database) -> None:
    made = create_developer(database.owner_dsn, name="Acme")
    assert made.api_key.startswith("ol_")
    assert len(made.api_key) == 46
    assert made.api_key not in repr(made)
    with psycopg.connect(database.owner_dsn) as owner:
        rows = owner.execute("SELECT id, key_sha256, label FROM api_key").fetchall()
    assert len(rows) == 1
    assert made.api_key.encode() not in bytes(rows[0][1])


@pytest.mark.parametrize("name", ["", "x" * 201])
def test_name_has_a_length(database: Database, name: str) -> None:
    with pytest.raises(DeveloperNameError):
        create_developer(database.owner_dsn, name=name)


async def test_every_key_of_a_developer_opens_and_no_other(pool: Pool, database: Database) -> None:
    one, two = (create_developer(database.owner_dsn, name=name) for name in ("One", "Two"))
    one_id = int(one.developer_id)
    async with db.write_developer(pool, developer_id=one_id) as conn:
        further = await developers.add_api_key(conn, developer_id=one_id, label="second", now=datetime.now(UTC))
    for key in (one.api_key, further):
        assert await developers.authenticate(pool, developer_id=one_id, api_key=key) == one_id
    for developer_id, key in [(one_id, two.api_key), (one_id, ""), (one_id + 1, one.api_key), (None, one.api_key)]:
        with pytest.raises(InvalidApiKeyError):
            await developers.authenticate(pool, developer_id=developer_id, api_key=key)


async def test_revoked_key_opens_nothing(pool: Pool, database: Database) -> None:
    made = create_developer(database.owner_dsn, name="One")
    with psycopg.connect(database.owner_dsn) as owner:
        owner.execute("UPDATE api_key SET revoked_at = now()")
    with pytest.raises(InvalidApiKeyError):
        await developers.authenticate(pool, developer_id=int(made.developer_id), api_key=made.api_key)


async def test_server_cannot_make_developers_or_see_others(pool: Pool, database: Database) -> None:
    one, two = (create_developer(database.owner_dsn, name=name) for name in ("One", "Two"))
    async with db.read_developer(pool, developer_id=int(one.developer_id)) as conn:
        seen = await (await conn.execute("SELECT id FROM developer")).fetchall()
        keys = await (await conn.execute("SELECT DISTINCT developer_id FROM api_key")).fetchall()
    assert seen == keys == [(int(one.developer_id),)]
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        async with db.write_developer(pool, developer_id=int(two.developer_id)) as conn:
            await conn.execute("INSERT INTO developer (id, name, created_at) VALUES (1, 'x', now())")
