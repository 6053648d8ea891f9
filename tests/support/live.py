"""The API on a socket of its own, so that the sandbox bank can deliver webhooks to it, and a worker on demand."""

import asyncio
import contextlib
import socket
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from typing import Any

import psycopg
import uvicorn

from openledger_server.banking import store as banking
from openledger_server.banking.rows import ItemRow
from openledger_server.banking.types import ItemId
from openledger_server.base import db
from openledger_server.jobs.worker import new_worker_app
from openledger_server.webhooks.outgoing.sender import WebhookSender
from openledger_server.workflows.services import Services
from tests.support.api import Api, Json, open_api
from tests.support.database import Database
from tests.support.sandbox import RunningSandbox

WAIT_S = 30.0
_POLL_S = 0.05


@dataclass(slots=True)
class Live:
    """The application on a socket, one entity, and what drives both ends."""

    api: Api
    sandbox: RunningSandbox
    base_url: str
    entity_id: str = ""

    @property
    def services(self) -> Services:
        return self.api.services

    async def call(self, method: str, path: str, **given: Any) -> Json:
        """Send a request about the entity that has to succeed."""
        return await self.api.ok(method, path, params={"entityId": self.entity_id, **given.pop("params", {})}, **given)

    async def refused(self, method: str, path: str, **given: Any) -> tuple[int, str]:
        """Send a request about the entity and return status and code of the failure."""
        params = {"entityId": self.entity_id, **given.pop("params", {})}
        answer = await self.api.call(method, path, params=params, **given)
        return answer.status_code, answer.json().get("code", "")

    async def link(self, username: str = "user_history_20", **given: Any) -> str:
        """Link a bank and return the connection's id."""
        token = (await self.call("GET", "/v1/banks/create-link"))["link_token"]
        public_token = (await asyncio.to_thread(self.sandbox.link, token, username=username))["public_token"]
        body = {"public_token": public_token, **given}
        made = await self.call("PUT", "/v1/banks/accounts", json=body)
        return str(made["createdAccounts"][0]["connectionId"])

    async def linked(self, username: str = "user_history_20") -> str:
        """Link a bank, import it, and return the connection's id."""
        connection_id = await self.link(username)
        await self.work()
        return connection_id

    async def connection(self, connection_id: str) -> Json:
        return await self.call("GET", f"/v1/banks/connections/{connection_id}")

    async def accounts(self, **params: Any) -> list[Json]:
        found: list[Json] = (await self.call("GET", "/v1/banks/accounts", params=params))["accounts"]
        return found

    async def item(self, connection_id: str) -> ItemRow:
        number = int(self.entity_id)
        async with db.read_entity(self.services.pool, entity_id=number) as conn:
            return await banking.item(conn, entity_id=number, item_id=ItemId(int(connection_id)))

    async def deed(self, connection_id: str, deed: str, **body: Any) -> Json:
        """Have the bank do something to the connection's item."""
        item = await self.item(connection_id)
        return await asyncio.to_thread(self.sandbox.item, item.provider_item_id, deed, **body)

    async def change(self, connection_id: str, *changes: Json, silent: bool = True) -> None:
        """Have the bank change rows, without a webhook unless asked for."""
        item = await self.item(connection_id)
        path = f"/items/{item.provider_item_id}/changes"
        await asyncio.to_thread(self.sandbox.control, "POST", path, changes=list(changes), silent=silent)

    async def update_mode(self, connection_id: str, *, drop: str | None = None, **params: Any) -> Json:
        """Go through update mode with all accounts that are offered, but for one called `drop`, and say so."""
        params = {"connectionId": connection_id, **params}
        token = (await self.call("GET", "/v1/banks/create-link", params=params))["link_token"]
        username = self._username((await self.item(connection_id)).provider_item_id)
        await asyncio.to_thread(self._go_through, token, username, drop)
        return await self.call("POST", f"/v1/banks/connections/{connection_id}/repaired")

    def _username(self, provider_item_id: str) -> str:
        items = self.sandbox.control("GET", "/items")["items"]
        return next(str(item["username"]) for item in items if item["item_id"] == provider_item_id)

    def _go_through(self, token: str, username: str, drop: str | None) -> None:
        session = self.sandbox.link_step("start", link_token=token)["link_session_id"]
        offered = self.sandbox.link_step(
            "login",
            link_session_id=session,
            institution_id="ins_109508",
            username=username,
            password="pass_good",
        )["accounts"]
        chosen = [account["id"] for account in offered if account["name"] != drop]
        self.sandbox.link_step("finish", link_session_id=session, account_ids=chosen)

    async def work(self) -> None:
        """Do all jobs that are due, as the worker would."""
        app = new_worker_app(self.services)
        app.periodic_registry.periodic_tasks.clear()  # the clock's tasks have tests of their own
        async with app.open_async(self.services.pool):
            await app.run_worker_async(
                wait=False, concurrency=1, install_signal_handlers=False, delete_jobs="successful"
            )

    async def hurry(self) -> None:
        """Make jobs that wait for later due now, then do all jobs."""
        self.run_sql("UPDATE procrastinate_jobs SET scheduled_at = NULL WHERE status = 'todo'")
        await self.work()

    async def settled(self, condition: Callable[[], int | bool]) -> None:
        """Wait until a condition on the database holds."""
        ends_at = time.monotonic() + WAIT_S
        while not await asyncio.to_thread(condition):
            assert time.monotonic() < ends_at, "it never came"
            await asyncio.sleep(_POLL_S)

    def run_sql(self, query: str, *values: object) -> None:
        with psycopg.connect(self.api.database.owner_dsn) as owner:
            owner.execute(query.encode(), values)

    def query(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.api.database.owner_dsn) as owner:
            return owner.execute(query.encode(), values).fetchall()

    def count(self, query: str, *values: object) -> int:
        """Return the one number that a query gives."""
        return int(self.query(query, *values)[0][0])

    def received(self, code: str | None = None) -> int:
        """Return how many webhooks came, of one code or all; two equal ones of one second are stored once."""
        query = "SELECT coalesce(sum(1 + repeats), 0) FROM received_webhook WHERE %s::text IS NULL OR code = %s"
        return self.count(query, code, code)


@contextlib.asynccontextmanager
async def live_api(services: Services, database: Database, sandbox: RunningSandbox) -> AsyncIterator[Live]:
    """Serve the application on a free port until the block ends."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        base_url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        services = replace(
            services,
            notice_url=f"{base_url}/v1/webhooks/plaid",
            sender=WebhookSender(allows_loopback=True),
        )
        async with open_api(services, database, link_proxy_url=sandbox.base_url) as api:
            config = uvicorn.Config(api.app, lifespan="off", log_level="warning", access_log=False)
            server = uvicorn.Server(config)
            task = asyncio.create_task(server.serve(sockets=[listening]))
            try:
                live = Live(api, sandbox, base_url)
                live.entity_id = await api.create_entity()
                yield live
            finally:
                server.should_exit = True
                await asyncio.wait_for(task, WAIT_S)
