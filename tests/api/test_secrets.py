"""Secrets go in and never come out: not in answers, not in the log, not in the database in clear."""

import logging
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from tests.support.api import Api
from tests.support.sandbox import RunningSandbox

READS = (
    "/v1/entities",
    "/v1/banks/connections",
    "/v1/banks/accounts",
    "/v1/banks/sync-status",
    "/v1/transactions",
    "/v1/reports/generate",
)


def everything_stored(api: Api) -> str:
    """Return the text of all rows of all tables."""
    with psycopg.connect(api.database.owner_dsn) as owner:
        tables = owner.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        rows = [
            owner.execute(sql.SQL("SELECT t::text FROM {} AS t").format(sql.Identifier(name))).fetchall()
            for (name,) in tables
        ]
    return str(rows)


async def test_no_secret_is_answered_logged_or_stored(
    api: Api, sandbox: RunningSandbox, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    exchange = api.services.feed.exchange_public_token

    async def watched(public_token: str) -> object:
        exchanged = await exchange(public_token)
        seen.append(exchanged.access_token)
        return exchanged

    monkeypatch.setattr(api.services.feed, "exchange_public_token", watched)
    answers: list[str] = []
    with caplog.at_level(logging.DEBUG, logger="openledger_server"):
        entity_id = await api.create_entity(tin="98-7654321")
        given = {"entityId": entity_id}
        link = await api.ok("GET", "/v1/banks/create-link", params=given)
        public_token = sandbox.link(link["link_token"], username="user_history_20")["public_token"]
        params = {**given, "public_token": public_token}
        answers.append((await api.call("PUT", "/v1/banks/accounts", params=params)).text)
        await api.sync(entity_id)
        answers += [(await api.call("GET", path, params=given)).text for path in READS]
        answers.append((await api.call("PUT", "/v1/banks/accounts", params={**given, "public_token": "hush" * 9})).text)
        answers.append(
            (await api.http.post("/v1/auth/developer-token", json={"developerId": "1", "apiKey": "hush"})).text
        )
        answers.append((await api.call("DELETE", "/v1/entities", params={"entityId": "1"})).text)
        stored = everything_stored(api)
    (access_token,) = seen
    assert access_token.startswith("access-sandbox-")
    logged = str([record.__dict__ for record in caplog.records])
    assert "http.request" in logged
    for secret in (access_token, public_token, api.developer.api_key, api.token, "hush", link["link_token"]):
        assert secret not in "".join(answers)
        assert secret not in logged
        assert secret not in stored
    assert "plaidAccessToken" not in "".join(answers)
    assert "98-7654321" not in logged
    assert access_token.encode().hex() not in stored


def test_no_module_of_the_api_prints() -> None:
    folder = Path(__file__).resolve().parents[2] / "src" / "openledger_server" / "api"
    assert [file.name for file in folder.glob("*.py") if "print(" in file.read_text()] == []
