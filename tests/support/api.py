"""The API over real PostgreSQL and the real sandbox bank, without a socket, for tests."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any

import httpx
import psycopg
from fastapi import FastAPI
from psycopg import sql

from openledger_server.access.developers import create_developer
from openledger_server.access.types import NewDeveloper
from openledger_server.api.app import ApiSettings, create_app
from openledger_server.banking import store as banking
from openledger_server.base import db
from openledger_server.workflows.services import Services
from openledger_server.workflows.sync_item import sync_item
from tests.support.database import Database
from tests.support.sandbox import RunningSandbox

BASE_URL = "http://api.test"
TOKEN_KEYS = {"k1": b"1" * 32, "k0": b"0" * 32}
Json = Any


def api_settings(**given: Any) -> ApiSettings:
    """Return settings fit for tests; `given` ones come first."""
    return replace(ApiSettings(token_keys=TOKEN_KEYS, token_key_id="k1"), **given)


@dataclass(slots=True)
class Api:
    """A developer with access to a running application."""

    app: FastAPI
    http: httpx.AsyncClient
    services: Services
    database: Database
    developer: NewDeveloper
    token: str = ""

    async def call(self, method: str, path: str, *, token: str | None = None, **given: Any) -> httpx.Response:
        """Send a request with the developer's token, or another one."""
        headers = {"Authorization": f"Bearer {self.token if token is None else token}", **given.pop("headers", {})}
        return await self.http.request(method, path, headers=headers, **given)

    async def ok(self, method: str, path: str, **given: Any) -> Json:
        """Send a request that has to succeed and return its answer."""
        answer = await self.call(method, path, **given)
        assert answer.status_code == 200, (answer.status_code, answer.text)
        return answer.json()

    async def create_entity(self, name: str = "Studio", **fields: Any) -> str:
        """Make an entity and return its id."""
        made = await self.ok(
            "POST", "/v1/entities", json={"developerId": self.developer.developer_id, "legalName": name, **fields}
        )
        return str(made["entity"]["id"])

    async def entity_token(self, entity_id: str) -> str:
        """Return a token that acts on one entity."""
        body = {
            "entityId": entity_id,
            "apiKey": self.developer.api_key,
            "developerId": self.developer.developer_id,
        }
        return str((await self.ok("POST", "/v1/auth/entity-token", json=body))["access_token"])

    async def link(self, sandbox: RunningSandbox, entity_id: str, *, username: str = "user_studio") -> Json:
        """Link a sandbox bank through the API and return what PUT answered."""
        link = await self.ok("GET", "/v1/banks/create-link", params={"entityId": entity_id})
        token = sandbox.link(link["link_token"], username=username)["public_token"]
        return await self.ok("PUT", "/v1/banks/accounts", params={"entityId": entity_id}, json={"public_token": token})

    async def sync(self, entity_id: str) -> None:
        """Do what the worker would: sync every item of the entity."""
        number = int(entity_id)
        async with db.read_entity(self.services.pool, entity_id=number) as conn:
            items = await banking.items(conn, entity_id=number)
        for item in items:
            await sync_item(self.services, entity_id=number, item_id=item.id)

    def count(self, table: str, entity_id: str | None = None) -> int:
        """Return how many rows a table has, of all tenants or of one entity."""
        query = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))
        if entity_id is not None:
            query += sql.SQL(" WHERE entity_id = {}").format(int(entity_id))
        with psycopg.connect(self.database.owner_dsn) as owner:
            row = owner.execute(query).fetchone()
        assert row is not None
        return int(row[0])

    async def other_developer(self, name: str = "Other") -> "Api":
        """Return the same application in the hands of another developer."""
        other = replace(self, developer=create_developer(self.database.owner_dsn, name=name))
        await other.sign_in()
        return other

    async def sign_in(self) -> None:
        """Get a developer token."""
        body = {"developerId": self.developer.developer_id, "apiKey": self.developer.api_key}
        answer = await self.http.post("/v1/auth/developer-token", json=body)
        self.token = answer.json()["access_token"]


@contextlib.asynccontextmanager
async def open_api(services: Services, database: Database, **settings: Any) -> AsyncIterator[Api]:
    """Open the application for one developer."""
    app = create_app(services, api_settings(**settings))
    transport = httpx.ASGITransport(app=app, client=("127.0.0.1", 50000))
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url=BASE_URL, timeout=60) as http,
    ):
        api = Api(app, http, services, database, create_developer(database.owner_dsn, name="Test developer"))
        await api.sign_in()
        yield api
