"""A linked bank in a fresh database: the real sandbox over HTTP, the real PostgreSQL, no API in between."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from openledger_server.banking import store as banking
from openledger_server.banking.balances import expected_ledger_balance
from openledger_server.banking.rows import BankAccountRow, ItemRow, SyncRun
from openledger_server.banking.types import BankTransactionId, ItemId
from openledger_server.base import db
from openledger_server.base.db import Pool
from openledger_server.bookkeeping.invariants import BOOKKEEPING_INVARIANTS
from openledger_server.ledger import store as ledger
from openledger_server.ledger.invariants import LEDGER_INVARIANTS, Violation, violations
from openledger_server.ledger.types import LedgerAccountId
from openledger_server.workflows.link_item import link_item
from openledger_server.workflows.services import Services
from openledger_server.workflows.sync_item import sync_item
from tests.support.database import Database
from tests.support.entities import open_entity
from tests.support.sandbox import RunningSandbox, running_sandbox
from tests.support.services import wired_services

TODAY = date.today()  # noqa: DTZ011 - the sandbox's clock is this machine's


@dataclass(frozen=True, slots=True)
class LinkedBank:
    """One entity with one linked item, and the bank's own view of it."""

    services: Services
    sandbox: RunningSandbox
    entity_id: int
    item_id: ItemId

    async def sync(self) -> SyncRun:
        return await sync_item(self.services, entity_id=self.entity_id, item_id=self.item_id)

    async def change(self, *operations: dict[str, Any]) -> list[dict[str, Any]]:
        item = await self.item()
        answer = self.sandbox.control("POST", f"/items/{item.provider_item_id}/changes", changes=list(operations))
        changes: list[dict[str, Any]] = answer["changes"]
        return changes

    async def item(self) -> ItemRow:
        async with db.read_entity(self.services.pool, entity_id=self.entity_id) as conn:
            return await banking.item(conn, entity_id=self.entity_id, item_id=self.item_id)

    async def bank_accounts(self) -> dict[str, BankAccountRow]:
        async with db.read_entity(self.services.pool, entity_id=self.entity_id) as conn:
            rows = await banking.bank_accounts(conn, entity_id=self.entity_id)
        return {row.subtype or "": row for row in rows}

    async def account_keys(self) -> list[str]:
        """Return the bank's own names for this item's accounts."""
        item = await self.item()
        [found] = [
            one for one in self.sandbox.control("GET", "/items")["items"] if one["item_id"] == item.provider_item_id
        ]
        return sorted(account["account_id"] for account in found["accounts"])

    async def merchant_of(self, provider_transaction_id: str) -> str:
        async with db.read_entity(self.services.pool, entity_id=self.entity_id) as conn:
            cursor = await conn.execute(
                "SELECT merchant_name FROM bank_transaction WHERE entity_id = %s AND provider_transaction_id = %s",
                (self.entity_id, provider_transaction_id),
            )
            row = await cursor.fetchone()
        assert row is not None
        return str(row[0])

    async def bank_list(self) -> list[dict[str, Any]]:
        """Return the bank's own current list, all fields."""
        item = await self.item()
        path = f"/items/{item.provider_item_id}/transactions"
        rows: list[dict[str, Any]] = self.sandbox.control("GET", path)["transactions"]
        return rows

    async def banks_rows(self) -> dict[str, tuple[Decimal, date, bool]]:
        return {
            row["transaction_id"]: (-Decimal(str(row["amount"])), date.fromisoformat(row["date"]), row["pending"])
            for row in await self.bank_list()
        }

    async def our_rows(self) -> dict[str, tuple[Decimal, date, bool]]:
        async with db.read_entity(self.services.pool, entity_id=self.entity_id) as conn:
            cursor = await conn.execute(
                "SELECT provider_transaction_id, amount, dated, is_pending FROM bank_transaction"
                " WHERE entity_id = %s AND removed_at IS NULL",
                (self.entity_id,),
            )
            return {row[0]: (row[1], row[2], row[3]) for row in await cursor.fetchall()}

    async def ledger_codes(self) -> dict[int, LedgerAccountId]:
        """Return the ids of the chart's accounts by code."""
        async with db.read_entity(self.services.pool, entity_id=self.entity_id) as conn:
            accounts = await ledger.ledger_accounts(conn, entity_id=self.entity_id)
        return {account.code: account.id for account in accounts}

    async def row_id(self, provider_transaction_id: str) -> BankTransactionId:
        async with db.read_entity(self.services.pool, entity_id=self.entity_id) as conn:
            cursor = await conn.execute(
                "SELECT id FROM bank_transaction WHERE entity_id = %s AND provider_transaction_id = %s",
                (self.entity_id, provider_transaction_id),
            )
            row = await cursor.fetchone()
        assert row is not None
        return BankTransactionId(row[0])

    async def entries_of(self, provider_transaction_id: str) -> list[tuple[str, list[int]]]:
        """Return (source kind, amounts of the postings) of every entry ever made for a row, in order."""
        row_id = await self.row_id(provider_transaction_id)
        async with db.read_entity(self.services.pool, entity_id=self.entity_id) as conn:
            cursor = await conn.execute(
                """
                SELECT split_part(e.source_ref, ':', 1), array_agg(p.amount_minor ORDER BY p.line)
                  FROM journal_entry AS e
                  JOIN posting AS p ON p.entity_id = e.entity_id AND p.journal_entry_id = e.id
                 WHERE e.entity_id = %(entity_id)s AND (e.source_ref LIKE %(ref)s OR e.reverses_id IN (
                         SELECT id FROM journal_entry WHERE entity_id = %(entity_id)s AND source_ref LIKE %(ref)s))
                 GROUP BY e.id, e.source_ref ORDER BY e.id
                """,
                {"entity_id": self.entity_id, "ref": f"bank_transaction:{row_id}:%"},
            )
            return [(row[0], row[1]) for row in await cursor.fetchall()]

    async def category_of(self, provider_transaction_id: str) -> tuple[int, str, bool]:
        """Return (ledger account code, who decided, whether a person should look)."""
        row_id = await self.row_id(provider_transaction_id)
        async with db.read_entity(self.services.pool, entity_id=self.entity_id) as conn:
            cursor = await conn.execute(
                """
                SELECT a.code, c.decided_by, c.needs_review FROM categorization AS c
                  JOIN ledger_account AS a ON a.entity_id = c.entity_id AND a.id = c.ledger_account_id
                 WHERE c.entity_id = %s AND c.bank_transaction_id = %s
                """,
                (self.entity_id, row_id),
            )
            row = await cursor.fetchone()
        assert row is not None
        return row[0], row[1], row[2]

    async def violations(self) -> list[Violation]:
        async with db.read_entity(self.services.pool, entity_id=self.entity_id) as conn:
            return await violations(conn, LEDGER_INVARIANTS | BOOKKEEPING_INVARIANTS, entity_id=self.entity_id)

    async def differences(self) -> dict[str, int]:
        """Return ledger balance less what the bank reports, per bank account, in cents; empty when all agree."""
        async with db.read_entity(self.services.pool, entity_id=self.entity_id) as conn:
            totals = await ledger.account_totals(conn, entity_id=self.entity_id, since=None, until=date(9999, 1, 1))
            rows = await banking.bank_accounts(conn, entity_id=self.entity_id)
        balances = {int(total.ledger_account_id): total.net_minor for total in totals}
        found = {row.name: balances.get(row.ledger_account_id, 0) - (expected_ledger_balance(row) or 0) for row in rows}
        return {name: difference for name, difference in found.items() if difference}

    async def is_in_step(self) -> bool:
        """Whether our rows are the bank's, balances agree and no invariant is broken."""
        return (
            await self.our_rows() == await self.banks_rows()
            and await self.differences() == {}
            and await self.violations() == []
        )


@pytest.fixture(scope="session")
def sandbox() -> Iterator[RunningSandbox]:
    with running_sandbox() as running:
        yield running


@pytest.fixture
async def services(pool: Pool, sandbox: RunningSandbox) -> AsyncIterator[Services]:
    async with wired_services(pool, sandbox.base_url) as services:
        yield services


@pytest.fixture
async def linked(services: Services, sandbox: RunningSandbox, database: Database) -> AsyncIterator[LinkedBank]:
    """The design studio with 60 days of history, linked but not synced yet."""
    entity_id = await open_entity(services.pool, database)
    token = await services.feed.sandbox_public_token(
        institution_id="ins_109508", username="user_studio", days_requested=60
    )
    rows = await link_item(services, entity_id=entity_id, public_token=token)
    yield LinkedBank(services, sandbox, entity_id, rows[0].item_id)
    sandbox.control("DELETE", "/faults")
