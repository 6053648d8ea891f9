"""Whatever people and the bank do, in any order, the books keep every rule; doing a thing again changes nothing."""

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

import pytest

from openledger_server.banking.types import BankTransactionId
from openledger_server.base import db
from openledger_server.base.errors import OpenLedgerError
from openledger_server.bookkeeping import store as bookkeeping
from openledger_server.bookkeeping.listing import ListedTransaction
from openledger_server.categorization.types import SplitPart
from openledger_server.ledger import store as ledger
from openledger_server.ledger.manual.types import EntryContent, Line, ManualEntryId
from openledger_server.ledger.types import MACHINE, LedgerAccount, LedgerAccountType, Posting
from openledger_server.workflows.change_chart import archive_account, reopen_account
from openledger_server.workflows.exclude_transaction import exclude, include
from openledger_server.workflows.manual_entries import (
    Desk,
    change_entry,
    delete_entry,
    record_entry,
    request_mark,
)
from openledger_server.workflows.merge_accounts import merge_accounts
from openledger_server.workflows.set_category import approve, set_category
from openledger_server.workflows.split_transaction import split
from tests.sync.conftest import LinkedBank
from tests.sync.test_sync_item import COFFEE

DEEDS = 30
_DAY = date(2026, 1, 1)


@dataclass(slots=True)
class People:
    """Somebody who does random things, most of them sensible."""

    linked: LinkedBank
    dice: random.Random
    entries: list[ManualEntryId] = field(default_factory=list)
    refused: int = 0

    @property
    def desk(self) -> Desk:
        return Desk(entity_id=self.linked.entity_id, by=MACHINE)

    async def accounts(self) -> list[LedgerAccount]:
        async with db.read_entity(self.linked.services.pool, entity_id=self.linked.entity_id) as conn:
            chart = await ledger.ledger_accounts(conn, entity_id=self.linked.entity_id)
        return [one for one in chart if one.type is LedgerAccountType.EXPENSE]

    async def account(self) -> LedgerAccount:
        return self.dice.choice(await self.accounts())

    async def row(self) -> ListedTransaction:
        async with db.read_entity(self.linked.services.pool, entity_id=self.linked.entity_id) as conn:
            rows = await bookkeeping.listed_transactions(conn, entity_id=self.linked.entity_id, limit=12)
        return self.dice.choice(rows)

    async def content(self) -> EntryContent:
        amounts = [self.dice.randint(1, 10_000) for _ in range(self.dice.randint(1, 3))]
        first, *others = [(await self.account()).id for _ in range(len(amounts) + 1)]
        lines = [Line(Posting(account, amount, "USD")) for account, amount in zip(others, amounts, strict=True)]
        return EntryContent(
            dated=_DAY + timedelta(days=self.dice.randint(0, 90)),
            description=f"By hand {self.dice.random()}",
            lines=(*lines, Line(Posting(first, -sum(amounts), "USD"))),
        )

    async def write(self) -> None:
        content = await self.content()
        mark = request_mark(subject="test", content=content, key=None)
        made = [await record_entry(self.linked.services, content, mark, desk=self.desk) for _ in range(2)]
        assert made[0].entry == made[1].entry
        self.entries.append(made[0].entry.id)

    async def edit(self) -> None:
        if self.entries:
            number, content = self.dice.choice(self.entries), await self.content()
            for _ in range(2):
                await change_entry(self.linked.services, content, desk=self.desk, manual_entry_id=number)

    async def delete(self) -> None:
        if self.entries:
            for number in [self.dice.choice(self.entries)] * 2:
                await delete_entry(self.linked.services, desk=self.desk, manual_entry_id=number)

    async def categorize(self) -> None:
        row = await self.row()
        await set_category(
            self.linked.services,
            entity_id=self.linked.entity_id,
            bank_transaction_id=row.id,
            ledger_account_id=(await self.account()).id,
        )

    async def approve(self) -> None:
        row = await self.row()
        await approve(self.linked.services, entity_id=self.linked.entity_id, bank_transaction_id=row.id)

    async def split(self) -> None:
        row = await self.row()
        first = (row.amount / 3).quantize(Decimal("0.01"))
        parts = [SplitPart((await self.account()).id, amount) for amount in (first, row.amount - first)]
        for _ in range(2):
            await split(self.linked.services, parts, desk=self.desk, bank_transaction_id=row.id)

    async def exclude(self) -> None:
        ids: list[BankTransactionId] = [(await self.row()).id]
        for _ in range(2):
            await exclude(self.linked.services, desk=self.desk, bank_transaction_ids=ids, reason="Private.")

    async def include(self) -> None:
        row = await self.row()
        for _ in range(2):
            await include(self.linked.services, desk=self.desk, bank_transaction_id=row.id)

    async def merge(self) -> None:
        source, target = (await self.account()).id, (await self.account()).id
        for _ in range(2):
            await merge_accounts(self.linked.services, desk=self.desk, source_id=source, target_id=target)

    async def archive(self) -> None:
        account = (await self.account()).id
        await archive_account(self.linked.services, desk=self.desk, ledger_account_id=account)
        if self.dice.random() < 0.5:
            await reopen_account(self.linked.services, desk=self.desk, ledger_account_id=account)

    async def bank(self) -> None:
        row = await self.row()
        provider_id = row.provider_transaction_id
        amount = self.dice.randint(100, 9999) / 100
        wanted: list[dict[str, object]] = [
            {**COFFEE, "amount": amount},
            {**COFFEE, "amount": amount, "pending": True},
            {"op": "modify", "transaction_id": provider_id, "amount": amount},
            {"op": "settle", "transaction_id": provider_id, "amount": amount}
            if row.is_pending
            else {"op": "remove", "transaction_id": provider_id},
        ]
        await self.linked.change(self.dice.choice(wanted))
        await self.linked.sync()

    async def do_something(self) -> None:
        deeds: list[Callable[[], Awaitable[None]]] = [
            *(self.write, self.edit, self.delete, self.categorize, self.approve, self.split),
            *(self.exclude, self.include, self.merge, self.archive, self.bank, self.bank),
        ]
        try:
            await self.dice.choice(deeds)()
        except OpenLedgerError:
            self.refused += 1


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_the_books_keep_every_rule(linked: LinkedBank, seed: int) -> None:
    await linked.sync()
    people = People(linked, random.Random(seed))
    for number in range(DEEDS):
        await people.do_something()
        assert await linked.violations() == [], f"seed {seed}, deed {number}"
    assert people.refused < DEEDS // 2, "most deeds were done"
    assert await linked.our_rows() == await linked.banks_rows()
