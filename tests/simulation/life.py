"""One seed's entity: its banks, its clock, and what only the workload can know."""

import random
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from openledger_server.banking.types import ItemId
from openledger_server.base import db
from openledger_server.workflows.services import Services
from tests.sync.conftest import LinkedBank

DAYS = 15
"""How much history the banks are asked for."""


RowContent = tuple[str, str, float, str, bool]
"""What makes two rows of two connections the same: the bank's name of the account, day, amount, words, pending."""


@dataclass(slots=True)
class Clock:
    """The server's clock: it runs like this machine's, but jumps."""

    offset_s: float = 0.0

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self.offset_s)


@dataclass(slots=True)
class SimulatedBank:
    """One login at one bank as the workload sees it. What never changes of an item is asked for once."""

    linked: LinkedBank
    username: str
    provider_item_id: str
    account_keys: dict[str, str]
    """The bank's id of each account -> the bank's own name for it, the same in every login there."""
    is_paused: bool = False
    carried: list[tuple[RowContent, int]] = field(default_factory=list)
    """What people decided in an earlier connection and which row it was about, until a sync has read this one."""

    @classmethod
    async def known(cls, services: Services, sandbox: Any, *, entity_id: int, item_id: ItemId, username: str) -> Any:
        """Return the bank behind an item that was just linked."""
        linked = LinkedBank(services, sandbox, entity_id, item_id)
        provider_item_id = (await linked.item()).provider_item_id
        [item] = [one for one in sandbox.control("GET", "/items")["items"] if one["item_id"] == provider_item_id]
        return cls(linked, username, provider_item_id, {one["account_id"]: one["key"] for one in item["accounts"]})

    def rows(self) -> list[dict[str, Any]]:
        """Return the bank's own list; in an order that does not depend on ids, which differ from run to run."""
        path = f"/items/{self.provider_item_id}/transactions"
        rows: list[dict[str, Any]] = self.linked.sandbox.control("GET", path)["transactions"]
        return sorted(rows, key=lambda row: (row["date"], row["amount"], row["name"], row["transaction_id"]))

    def content(self, row: dict[str, Any]) -> RowContent:
        """Return what a row of this bank says, without the ids that differ from connection to connection."""
        words = row.get("original_description") or row["name"]
        return (self.account_keys[row["account_id"]], row["date"], row["amount"], words, row["pending"])

    def change(self, *operations: dict[str, Any]) -> list[dict[str, Any]]:
        """Have the bank change rows, as one update of its own."""
        path = f"/items/{self.provider_item_id}/changes"
        changes: list[dict[str, Any]] = self.linked.sandbox.control("POST", path, changes=list(operations))["changes"]
        return changes


@dataclass(slots=True)
class Life:
    """One seed's entity."""

    seed: int
    random: random.Random
    app_dsn: str
    owner_dsn: str
    services: Services
    clock: Clock
    entity_id: int
    banks: list[SimulatedBank] = field(default_factory=list)
    decisions: dict[str, int] = field(default_factory=dict)
    """Provider id of the row -> code of the account a person chose; moves along when the row gets another id."""
    made: set[str] = field(default_factory=set)
    """Rows that the workload itself has made at the banks; each has a merchant of its own."""
    gone: list[tuple[SimulatedBank, dict[str, Any]]] = field(default_factory=list)
    """Rows of the workload's own that their banks took back, and may bring again under the same id."""
    memory: dict[str, list[tuple[int, Decimal]]] = field(default_factory=dict)
    """Merchant -> (code of the account, amount) of each choice of a person, in order; uncategorized teaches nothing."""
    counter: Counter[str] = field(default_factory=Counter)
    serial: int = 0
    days_passed: int = 0
    """How far the banks' clock was moved in this life."""

    @classmethod
    def begin(cls, services: Services, *, seed: int, app_dsn: str, owner_dsn: str, entity_id: int) -> "Life":
        """Return a life in which nothing has happened yet."""
        clock = Clock()
        at_work = replace(services, now=clock.now)
        return cls(seed, random.Random(seed), app_dsn, owner_dsn, at_work, clock, entity_id)

    def next_id(self) -> str:
        """Return an id for a row that no other row of any seed has."""
        self.serial += 1
        return f"sim{self.seed}x{self.serial}y{self.entity_id}"

    def amount(self) -> float:
        """Return an amount that no other row has, either sign, so that a transfer's other side is never in doubt."""
        self.serial += 1
        return self.random.choice((-1, 1, 1, 1)) * (self.serial * 1000 + self.random.randint(1, 99) * 10 + 3) / 100

    def day(self) -> str:
        """Return one of the last days."""
        return (self.today() - timedelta(days=self.random.randint(0, DAYS))).isoformat()

    def today(self) -> date:
        """Return the banks' day."""
        return datetime.now(UTC).date() + timedelta(days=self.days_passed)

    async def our_rows(self) -> dict[str, tuple[int, str, Decimal]]:
        """Return (our id, merchant, amount) of each live row by the bank's id."""
        async with db.read_entity(self.services.pool, entity_id=self.entity_id) as conn:
            cursor = await conn.execute(
                "SELECT provider_transaction_id, id, merchant_name, amount FROM bank_transaction"
                " WHERE entity_id = %s AND removed_at IS NULL",
                (self.entity_id,),
            )
            return {row[0]: (row[1], row[2], row[3]) for row in await cursor.fetchall()}

    async def take_over_decisions(self) -> None:
        """Find the rows in which decisions of earlier connections live on, for banks that were read by now.

        What the bank changed after it was linked anew and before we read it for the first time, nobody here has ever
        seen: a row goes on in the one that says the same at that moment, whatever its id, or in none. Has to be called
        before a bank changes, so that its list is still the one that was read.
        """
        for bank in self.banks:
            if bank.carried and await self._was_read(bank):
                found = {bank.content(row): row["transaction_id"] for row in bank.rows()}
                self.decisions |= {found[content]: code for content, code in bank.carried if content in found}
                bank.carried.clear()

    async def _was_read(self, bank: SimulatedBank) -> bool:
        async with db.read_entity(self.services.pool, entity_id=self.entity_id) as conn:
            cursor = await conn.execute(
                "SELECT 1 FROM sync_run WHERE entity_id = %s AND item_id = %s AND error_code IS NULL AND pages > 0",
                (self.entity_id, bank.linked.item_id),
            )
            return await cursor.fetchone() is not None
