"""One entity's books through the API, for tests of what people write."""

from dataclasses import dataclass
from typing import Any

import httpx

from openledger_server.base import db
from openledger_server.bookkeeping.invariants import BOOKKEEPING_INVARIANTS
from openledger_server.ledger.invariants import LEDGER_INVARIANTS, violations
from tests.support.api import Api

Json = Any


@dataclass(slots=True)
class Books:
    """An entity in a developer's hands, with its chart by name."""

    api: Api
    entity_id: str
    categories: dict[str, str]

    @property
    def params(self) -> dict[str, str]:
        """Return what names the entity."""
        return {"entityId": self.entity_id}

    async def call(self, method: str, path: str, *, query: dict[str, Any] | None = None, **given: Any) -> Json:
        """Send a request about the entity that may fail."""
        answer: httpx.Response = await self.api.call(method, path, params={**self.params, **(query or {})}, **given)
        return answer

    async def ok(self, method: str, path: str, *, query: dict[str, Any] | None = None, **given: Any) -> Json:
        """Send a request about the entity that has to succeed and return its answer."""
        return await self.api.ok(method, path, params={**self.params, **(query or {})}, **given)

    async def refused(
        self, method: str, path: str, *, query: dict[str, Any] | None = None, **given: Any
    ) -> tuple[int, str]:
        """Send a request about the entity that has to fail and return status and code."""
        answer = await self.call(method, path, query=query, **given)
        assert answer.status_code >= 400, answer.text
        return answer.status_code, answer.json()["code"]

    def body(self, **given: Any) -> dict[str, Any]:
        """Return a lunch of 12.50 that the owner paid, with `given` instead."""
        usual = {
            "amount": 12.5,
            "debitAccountId": self.categories["Meals"],
            "creditAccountId": self.categories["Owner Contributions"],
            "date": "2026-01-31",
            "description": "Lunch",
        }
        return {**usual, **given}

    async def write(self, **given: Any) -> Json:
        """Write a transaction and return the answer."""
        return await self.ok("POST", "/v1/transactions", json=self.body(**given))

    async def listed(self, **query: Any) -> list[Json]:
        """Return a page of transactions."""
        return list((await self.ok("GET", "/v1/transactions", query=query))["transactions"])

    async def journal(self, **query: Any) -> list[Json]:
        """Return a page of the journal."""
        return list((await self.ok("GET", "/v1/journal-entries", query=query))["journalEntries"])

    async def balances(self) -> dict[str, str]:
        """Return what each account's postings add up to in US dollars, debit positive, leaving out zeros."""
        found: dict[str, int] = {}
        cursor = None
        while True:
            query = {"pageSize": 100} | ({} if cursor is None else {"cursor": cursor})
            page = await self.ok("GET", "/v1/journal-entries", query=query)
            for entry in page["journalEntries"]:
                for line in entry["lines"]:
                    text = line["debitDecimal"] or f"-{line['creditDecimal']}"
                    found[line["accountName"]] = found.get(line["accountName"], 0) + int(text.replace(".", ""))
            cursor = page["nextCursor"]
            if cursor is None:
                return {name: f"{cents / 100:.2f}" for name, cents in found.items() if cents}

    async def is_sound(self) -> bool:
        """Whether no invariant is broken."""
        async with db.read_entity(self.api.services.pool, entity_id=int(self.entity_id)) as conn:
            invariants = LEDGER_INVARIANTS | BOOKKEEPING_INVARIANTS
            return await violations(conn, invariants, entity_id=int(self.entity_id)) == []


async def open_books(api: Api, name: str = "Studio", **fields: Any) -> Books:
    """Make an entity and return its books."""
    entity_id = await api.create_entity(name, **fields)
    answer = await api.ok("GET", "/v1/categories", params={"entityId": entity_id})
    return Books(api, entity_id, {row["name"]: row["id"] for row in answer["categories"]})
