"""Alive, ready, and what is said when not."""

import psycopg

from openledger_server.base.db import new_pool
from tests.support.api import Api, open_api
from tests.support.database import Database
from tests.support.services import wired_services


async def test_server_is_alive_and_ready(api: Api) -> None:
    assert (await api.http.get("/health/live")).json() == {"status": "live"}
    assert (await api.http.get("/health/ready")).json() == {"status": "ready"}


async def test_server_is_not_ready_while_migrations_are_missing(api: Api) -> None:
    with psycopg.connect(api.database.owner_dsn) as owner:
        owner.execute("DELETE FROM schema_migration WHERE name = '0002_ledger.sql'")
    answer = await api.http.get("/health/ready")
    assert (answer.status_code, answer.json()["code"]) == (503, "DATABASE_NOT_MIGRATED")
    assert "openledger migrate" in answer.json()["error"]
    with psycopg.connect(api.database.owner_dsn) as owner:
        owner.execute("DROP TABLE schema_migration")
    assert (await api.http.get("/health/ready")).json()["code"] == "DATABASE_NOT_MIGRATED"


async def test_lost_connections_are_made_anew(api: Api) -> None:
    entity_id = await api.create_entity()
    with psycopg.connect(api.database.owner_dsn, autocommit=True) as owner:
        owner.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    await api.ok("GET", "/v1/categories", params={"entityId": entity_id})


async def test_database_that_is_gone_is_said(database: Database) -> None:
    pool = new_pool(database.app_dsn, size_max=2)
    pool.timeout = 0.5
    await pool.open()
    try:
        async with wired_services(pool, "http://127.0.0.1:1") as services, open_api(services, database) as api:
            entity_id = await api.create_entity()
            with psycopg.connect(database.owner_dsn.replace(_name(database), "postgres"), autocommit=True) as owner:
                owner.execute(f"ALTER DATABASE {_name(database)} WITH ALLOW_CONNECTIONS false")
                owner.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (_name(database),)
                )
            answers = [
                await api.call("GET", "/v1/categories", params={"entityId": entity_id}),
                await api.call("POST", "/v1/entities", json={}),
                await api.http.get("/health/ready"),
            ]
            for answer in answers:
                assert (answer.status_code, answer.json()["code"]) == (503, "DATABASE_UNAVAILABLE")
                assert _name(database) not in answer.text
            assert answers[0].headers["retry-after"] == "5"
            assert (await api.http.get("/health/live")).status_code == 200
    finally:
        await pool.close()


def _name(database: Database) -> str:
    info = psycopg.conninfo.conninfo_to_dict(database.owner_dsn)
    return str(info["dbname"])
