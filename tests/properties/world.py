"""One entity, its bank, and what can be done to them: the bank's deeds, and people's about single rows and entries."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from openledger_server.banking import store as banking
from openledger_server.banking.choices.types import AccountChoices
from openledger_server.banking.types import BankTransactionId
from openledger_server.base import db
from openledger_server.base.ids import new_id
from openledger_server.bookkeeping.annotations.types import Attachment, AttachmentId
from openledger_server.categorization.types import SplitPart
from openledger_server.ledger import store as ledger
from openledger_server.ledger.manual.types import EntryContent, Line, ManualEntryId
from openledger_server.ledger.types import MACHINE, LedgerAccountId, Posting
from openledger_server.workflows.annotate import annotate, attach, detach
from openledger_server.workflows.audit_item import audit_item
from openledger_server.workflows.bank_account_settings import change_settings
from openledger_server.workflows.choose_category import choose_category
from openledger_server.workflows.decide_transfers import confirm_transfer, reject_transfer
from openledger_server.workflows.disconnect import unlink_bank_account
from openledger_server.workflows.edit_transaction import Edit, edit, take_out
from openledger_server.workflows.exclude_transaction import exclude, include
from openledger_server.workflows.manual_entries import (
    Desk,
    approve_entry,
    change_entry,
    delete_entry,
    record_entry,
    request_mark,
    reverse_journal_entry,
)
from openledger_server.workflows.set_category import Decision, approve, decide_many, set_category
from openledger_server.workflows.split_transaction import split
from tests.support.memory_bank import NOW, MemoryBank

TRANSFER_OUT, TRANSFER_IN = "TRANSFER_OUT_ACCOUNT_TRANSFER", "TRANSFER_IN_ACCOUNT_TRANSFER"
ROW_DEEDS = frozenset(
    "categorize approve split exclude include take_out edit always decide confirm reject annotate attach".split()  # noqa: SIM905 - reads better
)
"""They name rows, so that the bank's are fetched first."""


class NothingThereError(Exception):
    """There is nothing yet to do that to."""


class World:
    """An entity with a linked bank; an index stands for one of the rows, accounts or entries that there are."""

    def __init__(self, bank: MemoryBank, chart: dict[int, LedgerAccountId]) -> None:
        self.bank = bank
        self.desk = Desk(entity_id=bank.entity_id, by=MACHINE)
        self.keys: list[str] = []
        self.written: list[ManualEntryId] = []
        self.attached: list[Attachment] = []
        self.accounts = [chart[code] for code in (6350, 6400, 6200, 4000, 4100, 2200, 3100, 1090, 6999, 1500)]
        """What is booked to; accounts that are added join them."""
        self.pool, self.services, self.entity_id = bank.services.pool, bank.services, bank.entity_id

    def account(self, index: int) -> LedgerAccountId:
        return self.accounts[index % len(self.accounts)]

    def _key(self, index: int) -> str:
        live = [key for key in self.keys if key in self.bank.feed.rows]
        if not live:
            raise NothingThereError
        return live[index % len(live)]

    async def row(self, index: int) -> BankTransactionId:
        return await self._number(self._key(index))

    async def _number(self, key: str) -> BankTransactionId:
        try:
            return await self.bank.row_id(key)
        except LookupError as exc:  # of a bank account that was unlinked
            raise NothingThereError from exc

    def _amount(self, account: str, cents: int) -> str:
        return str(cents if self.bank.feed.accounts[account].currency == "JPY" else Decimal(cents).scaleb(-2))

    async def put(self, account: str, cents: int, day: date, category: str | None, merchant: str, state: str) -> None:
        self.keys.append(
            self.bank.put(
                account,
                self._amount(account, cents),
                day,
                provider_category=category,
                description=merchant,
                is_pending=state == "pending",
            )
        )

    async def transfer(self, accounts: list[str], cents: int, day: date) -> None:
        worth = {"USD": Decimal(1), "EUR": Decimal("1.1"), "JPY": Decimal("0.0067")}
        given, got = (self.bank.feed.accounts[one].currency for one in accounts[:2])
        out = Decimal(cents) if given == "JPY" else Decimal(cents).scaleb(-2)
        came = round(out * worth[given] / worth[got], 0 if got == "JPY" else 2)
        if came:
            self.keys.append(self.bank.put(accounts[0], str(-out), day, provider_category=TRANSFER_OUT))
            self.keys.append(self.bank.put(accounts[1], str(came), day, provider_category=TRANSFER_IN))

    async def change(self, index: int, cents: int, day: date) -> None:
        key = self._key(index)
        account = self.bank.feed.rows[key].provider_account_id
        self.bank.change(key, amount=Decimal(self._amount(account, cents)), dated=day)

    async def remove(self, index: int) -> None:
        self.bank.remove(self._key(index))

    async def settle(self, index: int) -> None:
        key = self._key(index)
        if self.bank.feed.rows[key].is_pending:
            self.bank.change(key, is_pending=False)

    async def sync(self) -> None:
        await self.bank.sync()

    async def bank_choice(self, index: int, start: date | None, held: int | None, account: int | None) -> None:
        """Choose from which day on a bank account is booked, with which opening balance, and into which account."""
        async with db.read_entity(self.pool, entity_id=self.entity_id) as conn:
            rows = await banking.bank_accounts(conn, entity_id=self.entity_id)
        row = rows[index % len(rows)]
        wanted = AccountChoices(
            history_start_on=start,
            opening_given=None if held is None else Decimal(held),
            ledger_account_id=row.ledger_account_id if account is None else self.account(account),
        )
        await change_settings(self.services, entity_id=self.entity_id, bank_account_id=row.id, change=lambda _: wanted)

    async def unlink(self, index: int) -> None:
        async with db.read_entity(self.pool, entity_id=self.entity_id) as conn:
            rows = await banking.bank_accounts(conn, entity_id=self.entity_id)
        linked = [row for row in rows if row.unlinked_at is None]
        if len(linked) > 2:  # what is left can still make a transfer
            number = linked[index % len(linked)].id
            await unlink_bank_account(self.services, entity_id=self.entity_id, bank_account_id=number)

    async def categorize(self, index: int, account: int) -> None:
        row, chosen = await self.row(index), self.account(account)
        await set_category(self.services, entity_id=self.entity_id, bank_transaction_id=row, ledger_account_id=chosen)

    async def approve(self, index: int) -> None:
        await approve(self.services, entity_id=self.entity_id, bank_transaction_id=await self.row(index))

    async def always(self, index: int, account: int, apply_to_past: object) -> None:
        await choose_category(
            self.services,
            entity_id=self.entity_id,
            bank_transaction_id=await self.row(index),
            ledger_account_id=self.account(account),
            always=True,
            apply_to_past=bool(apply_to_past),
        )

    async def decide(self, choices: Sequence[tuple[int, int | None]], is_dry_run: object) -> None:
        """Decide many rows at once: an account each, or None to approve."""
        decisions = [
            Decision(
                bank_transaction_id=await self.row(index),
                ledger_account_id=None if account is None else self.account(account),
            )
            for index, account in choices
        ]
        before = await self.bank.balances()
        await decide_many(self.services, decisions, entity_id=self.entity_id, is_dry_run=bool(is_dry_run))
        if is_dry_run:
            assert await self.bank.balances() == before

    async def split(self, index: int, first: int, second: int) -> None:
        amount = self.bank.feed.rows[self._key(index)].amount
        part = round(amount / 3, 0)
        parts = [SplitPart(self.account(first), part), SplitPart(self.account(second), amount - part)]
        await split(self.services, parts, desk=self.desk, bank_transaction_id=await self.row(index))

    async def exclude(self, indexes: Sequence[int]) -> None:
        rows = list(dict.fromkeys([await self.row(index) for index in indexes]))
        await exclude(self.services, desk=self.desk, bank_transaction_ids=rows, reason="Private.")

    async def include(self, index: int) -> None:
        await include(self.services, desk=self.desk, bank_transaction_id=await self.row(index))

    async def take_out(self, index: int) -> None:
        await take_out(self.services, desk=self.desk, transaction_id=await self.row(index), reason="")

    async def edit(self, index: int, account: int) -> None:
        amount = self.bank.feed.rows[self._key(index)].amount
        chosen = self.account(account)
        wanted = Edit(description="Edited", credit=chosen) if amount > 0 else Edit(description="Edited", debit=chosen)
        await edit(self.services, wanted, desk=self.desk, transaction_id=await self.row(index))

    async def _sides(self, out: int, into: int) -> tuple[BankTransactionId, BankTransactionId]:
        """Return a row of money out and one of money in that may be one transfer."""
        rows = [(key, self.bank.feed.rows[key]) for key in self.keys if key in self.bank.feed.rows]
        outs = [(key, row) for key, row in rows if row.amount < 0]
        if not outs:
            raise NothingThereError
        key, given = outs[out % len(outs)]
        fits = [
            other
            for other, row in rows
            if row.amount > 0
            and row.provider_account_id != given.provider_account_id
            and (row.currency != given.currency or row.amount == -given.amount)
        ]
        if not fits:
            raise NothingThereError
        return await self._number(key), await self._number(fits[into % len(fits)])

    async def confirm(self, out: int, into: int) -> None:
        out_id, in_id = await self._sides(out, into)
        await confirm_transfer(self.services, entity_id=self.entity_id, out_id=out_id, in_id=in_id)

    async def reject(self, out: int, into: int) -> None:
        out_id, in_id = await self._sides(out, into)
        await reject_transfer(self.services, entity_id=self.entity_id, out_id=out_id, in_id=in_id)

    def content(self, cents: int, day: date, currency: str, account: int) -> EntryContent:
        """Return an entry over three accounts in a row."""
        shares = ((account, cents), (account + 1, cents * 2), (account + 2, -cents * 3))
        lines = tuple(Line(Posting(self.account(index), amount, currency)) for index, amount in shares)
        return EntryContent(dated=day, description="Written", lines=lines)

    def _entry(self, index: int) -> ManualEntryId:
        if not self.written:
            raise NothingThereError
        return self.written[index % len(self.written)]

    async def write(self, cents: int, day: date, currency: str, account: int, state: str) -> None:
        content = self.content(cents, day, currency, account)
        mark = request_mark(subject="test", content=content, key=f"{len(self.written)}")
        made = await record_entry(self.services, content, mark, desk=self.desk, as_draft=state == "draft")
        self.written.append(made.entry.id)

    async def rewrite(self, index: int, cents: int, day: date, account: int) -> None:
        content = self.content(cents, day, "EUR", account)
        await change_entry(self.services, content, desk=self.desk, manual_entry_id=self._entry(index))

    async def approve_entry(self, index: int) -> None:
        await approve_entry(self.services, desk=self.desk, manual_entry_id=self._entry(index))

    async def _noted(self, index: int) -> int:
        """Return a row of the bank's, or an entry that somebody wrote, that something can be written beside."""
        if self.written and index % 2:
            return self._entry(index // 2)
        return await self.row(index // 2)

    async def annotate(self, index: int, description: str | None, note: str | None) -> None:
        number = BankTransactionId(await self._noted(index))
        await annotate(self.services, desk=self.desk, transaction_id=number, description=description, note=note)

    async def attach(self, index: int, name: str) -> None:
        """Add a document; the same one again is the same."""
        wanted = Attachment(
            id=AttachmentId(new_id()),
            transaction_id=await self._noted(index),
            name=name,
            url=None,
            media_type="application/pdf",
            size_bytes=None,
            sha256=None,
            external_id=None,
            added_at=NOW,
        )
        kept = await attach(self.services, wanted, desk=self.desk)
        again = await attach(self.services, replace(wanted, id=AttachmentId(new_id())), desk=self.desk)
        assert again.id == kept.id
        if kept not in self.attached:
            self.attached.append(kept)

    async def detach(self, index: int) -> None:
        if not self.attached:
            raise NothingThereError
        one = self.attached.pop(index % len(self.attached))
        await detach(self.services, desk=self.desk, transaction_id=one.transaction_id, attachment_id=one.id)

    async def audit(self) -> None:
        """Compare with the bank, which a sync has just brought everything from."""
        await audit_item(self.services, entity_id=self.entity_id, item_id=self.bank.item_id)

    async def reverse(self, index: int) -> None:
        """Take one entry of the journal back; only those that people wrote can be."""
        async with db.read_entity(self.pool, entity_id=self.entity_id) as conn:
            made = [entry.id async for entry in ledger.entries(conn, entity_id=self.entity_id)]
        if not made:
            raise NothingThereError
        await reverse_journal_entry(self.services, desk=self.desk, journal_entry_id=made[index % len(made)])

    async def unwrite(self, index: int) -> None:
        await delete_entry(self.services, desk=self.desk, manual_entry_id=self._entry(index))
