"""What an owner or accountant does to the books as a whole: rules, runs, chart, schedules, periods, rates."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from openledger_server.access import store as access
from openledger_server.access.types import EntityDetails
from openledger_server.base import db
from openledger_server.base.ids import new_id
from openledger_server.base.money import Money
from openledger_server.categorization.rules.conditions import read_condition
from openledger_server.categorization.rules.splitting import RulePart
from openledger_server.categorization.rules.types import RuleAction, RuleId
from openledger_server.categorization.runs.types import RunId
from openledger_server.ledger import store as ledger
from openledger_server.ledger.periods.types import Because, PeriodRole
from openledger_server.ledger.rates.types import ExchangeRate
from openledger_server.ledger.recurring.types import Frequency, RecurringEntryId, Schedule
from openledger_server.ledger.types import (
    MACHINE,
    EntryKind,
    JournalEntry,
    JournalEntryId,
    LedgerAccountId,
    LedgerAccountType,
)
from openledger_server.workflows.add_category import NewAccount, add_category
from openledger_server.workflows.change_chart import AccountChange, archive_account, change_account, reopen_account
from openledger_server.workflows.change_entity import change_entity
from openledger_server.workflows.change_rules import RuleDraft, add_rule, change_rule, delete_rule, order_rules
from openledger_server.workflows.change_settings import set_mapping
from openledger_server.workflows.close_period import close_period, post_held_on_first_open_day, reopen_period
from openledger_server.workflows.import_chart import import_chart
from openledger_server.workflows.load_rates import load_rates
from openledger_server.workflows.manual_entries import request_mark
from openledger_server.workflows.merge_accounts import merge_accounts
from openledger_server.workflows.recurring_entries import (
    RecurringDraft,
    add_recurring_entry,
    change_recurring_entry,
    delete_recurring_entry,
    make_due_of,
    pause_recurring_entry,
)
from openledger_server.workflows.run_categorization import (
    apply_rule,
    preview_recategorization,
    preview_rule,
    recategorize,
    undo_run,
)
from tests.properties.world import NothingThereError, World
from tests.support.memory_bank import NOW, TODAY, MemoryBank

BECAUSE = Because(role=PeriodRole.OWNER, reason="Property test.")


class Office(World):
    """A world whose owner has rules, schedules, and a chart to shape."""

    def __init__(self, bank: MemoryBank, chart: dict[int, LedgerAccountId]) -> None:
        super().__init__(bank, chart)
        self.rules: list[RuleId] = []
        self.runs: list[RunId] = []
        self.schedules: list[RecurringEntryId] = []

    def _draft(self, merchant: str, account: int | None, is_enabled: object, position: int | None) -> RuleDraft:
        """Return a rule on a merchant's rows; without an account it says that they are transfers."""
        condition = read_condition({"field": "text", "operator": "contains", "value": merchant})
        chosen = None if account is None else self.account(account)
        action = RuleAction(ledger_account_id=chosen, is_transfer=chosen is None)
        return RuleDraft(
            name="R",
            condition=condition,
            action=action,
            is_enabled=bool(is_enabled),
            position=position if position is None else position % (len(self.rules) + 1),
        )

    def _rule(self, index: int) -> RuleId:
        if not self.rules:
            raise NothingThereError
        return self.rules[index % len(self.rules)]

    async def add_rule(self, merchant: str, account: int | None, position: int | None) -> None:
        draft = self._draft(merchant, account, is_enabled=True, position=position)
        before = await self.bank.balances()
        await preview_rule(self.services, draft, entity_id=self.entity_id)
        made = await add_rule(self.services, draft, entity_id=self.entity_id)
        assert await self.bank.balances() == before
        if made.id not in self.rules:
            self.rules.append(made.id)

    async def split_rule(
        self, merchant: str, accounts: Sequence[int], share_bp: int, fixed: tuple[int, str] | None
    ) -> None:
        """Add a rule, asked first, that gives a share and maybe a fixed amount to others and the rest to the last."""
        first, second, last = map(self.account, accounts)
        parts = [RulePart(ledger_account_id=first, share_bp=share_bp), RulePart(ledger_account_id=last)]
        if fixed is not None:
            parts.insert(1, RulePart(ledger_account_id=second, fixed=Money(*fixed)))
        condition = read_condition({"field": "text", "operator": "contains", "value": merchant})
        draft = RuleDraft(name="S", condition=condition, action=RuleAction(split=tuple(parts)), position=0)
        await preview_rule(self.services, draft, entity_id=self.entity_id)
        made = await add_rule(self.services, draft, entity_id=self.entity_id)
        if made.id not in self.rules:
            self.rules.append(made.id)

    async def change_rule(self, index: int, merchant: str, account: int | None, is_enabled: object) -> None:
        draft = self._draft(merchant, account, is_enabled, None)
        await change_rule(self.services, draft, entity_id=self.entity_id, rule_id=self._rule(index))

    async def order_rules(self, first: int) -> None:
        cut = first % (len(self.rules) + 1)
        await order_rules(self.services, self.rules[cut:] + self.rules[:cut], entity_id=self.entity_id)

    async def delete_rule(self, index: int) -> None:
        number = self._rule(index)
        await delete_rule(self.services, entity_id=self.entity_id, rule_id=number)
        self.rules.remove(number)

    async def apply_rule(self, index: int) -> None:
        run = await apply_rule(self.services, entity_id=self.entity_id, rule_id=self._rule(index))
        self.runs.append(run.id)

    async def recategorize(self, review_only: object) -> None:
        await preview_recategorization(self.services, entity_id=self.entity_id, review_only=bool(review_only))
        run = await recategorize(self.services, entity_id=self.entity_id, review_only=bool(review_only))
        self.runs.append(run.id)

    async def undo(self, index: int) -> None:
        if not self.runs:
            raise NothingThereError
        number = self.runs[index % len(self.runs)]
        await undo_run(self.services, entity_id=self.entity_id, run_id=number)
        after = await self.bank.balances()
        await undo_run(self.services, entity_id=self.entity_id, run_id=number)
        assert await self.bank.balances() == after

    async def map_coffee(self, account: int | None) -> None:
        wanted = {"FOOD_AND_DRINK_COFFEE": None if account is None else self.account(account)}
        await set_mapping(self.services, wanted, entity_id=self.entity_id)

    async def add_account(self, name: str, type_: LedgerAccountType, parent: int | None) -> None:
        wanted = NewAccount(name=name, type=type_, parent_id=None if parent is None else self.account(parent))
        made = await add_category(self.services, wanted, entity_id=self.entity_id)
        if made.id not in self.accounts:
            self.accounts.append(made.id)

    async def rename(self, account: int, name: str, code: int | None, parent: int | None) -> None:
        change = AccountChange(
            name=name,
            code=code,
            parent_id=None if parent is None else self.account(parent),
            is_top_level=parent is None,
        )
        await change_account(self.services, change, desk=self.desk, ledger_account_id=self.account(account))

    async def archive(self, account: int) -> None:
        await archive_account(self.services, desk=self.desk, ledger_account_id=self.account(account))

    async def reopen_account(self, account: int) -> None:
        await reopen_account(self.services, desk=self.desk, ledger_account_id=self.account(account))

    async def import_chart(self, code: int, is_archived: object) -> None:
        text = f"number,name,type,archived\n{code},Imported {code},EXPENSE,{'yes' if is_archived else 'no'}\n"
        await import_chart(self.services, text, desk=self.desk)
        number = (await self.bank.chart())[code]
        if number not in self.accounts:
            self.accounts.append(number)

    async def merge(self, source: int, target: int) -> None:
        """Merge an account into another one, mostly of its own type."""
        async with db.read_entity(self.pool, entity_id=self.entity_id) as conn:
            types = {one.id: one.type for one in await ledger.ledger_accounts(conn, entity_id=self.entity_id)}
        source_id = self.account(source)
        alike = [one for one in self.accounts if types[one] is types[source_id] and one != source_id]
        target_id = alike[target % len(alike)] if alike else self.account(target)
        await merge_accounts(self.services, desk=self.desk, source_id=source_id, target_id=target_id)

    def _recurring(self, cents: int, day: date, account: int, every: int, state: str) -> RecurringDraft:
        return RecurringDraft(
            content=self.content(cents, day, "USD", account),
            schedule=Schedule(frequency=Frequency.WEEKLY, every=every, starts_on=day, ends_on=None),
            makes_drafts=state == "draft",
        )

    def _schedule(self, index: int) -> RecurringEntryId:
        if not self.schedules:
            raise NothingThereError
        return self.schedules[index % len(self.schedules)]

    async def schedule(self, cents: int, day: date, account: int, every: int, state: str) -> None:
        draft = self._recurring(cents, day, account, every, state)
        mark = request_mark(subject="schedule", content=draft.content, key=f"{len(self.schedules)}")
        made = await add_recurring_entry(self.services, draft, mark, desk=self.desk)
        self.schedules.append(made.id)

    async def reschedule(self, index: int, cents: int, day: date, account: int) -> None:
        draft, number = self._recurring(cents, day, account, 3, "posted"), self._schedule(index)
        await change_recurring_entry(self.services, draft, desk=self.desk, recurring_entry_id=number)

    async def pause(self, index: int, is_paused: object) -> None:
        number = self._schedule(index)
        await pause_recurring_entry(self.services, desk=self.desk, recurring_entry_id=number, is_paused=bool(is_paused))

    async def unschedule(self, index: int) -> None:
        await delete_recurring_entry(self.services, desk=self.desk, recurring_entry_id=self._schedule(index))

    async def make_due(self) -> None:
        """Make what is due; right after it nothing is."""
        for number in self.schedules:
            for _ in range(2):
                made = await make_due_of(
                    self.services, entity_id=self.entity_id, recurring_entry_id=number, today=TODAY
                )
            assert made == 0

    async def describe(self, month: int, zone: str, name: str) -> None:
        """Say something else about the entity; the books and their currency stay."""

        def change(details: EntityDetails) -> EntityDetails:
            return replace(details, fiscal_year_start_month=month, time_zone=zone, legal_name=name)

        before = await self.bank.balances()
        await change_entity(self.services, change, entity_id=self.entity_id)
        assert await self.bank.balances() == before

    async def close(self, through: date) -> None:
        await close_period(self.pool, entity_id=self.entity_id, through=through, because=BECAUSE, by=MACHINE, now=NOW)

    async def reopen(self, through: date | None) -> None:
        await reopen_period(self.pool, entity_id=self.entity_id, through=through, because=BECAUSE, by=MACHINE, now=NOW)

    async def post_held(self) -> None:
        await post_held_on_first_open_day(self.pool, entity_id=self.entity_id, by=MACHINE, now=NOW)

    async def override(self, cents: int, day: date, account: int, role: PeriodRole) -> None:
        """Let one entry into whatever period its day is in."""
        number = JournalEntryId(new_id())
        entry = JournalEntry(
            id=number,
            dated=day,
            source_ref=f"test:{number}",
            description="Let in",
            kind=EntryKind.OTHER,
            reason="The auditor asked for it.",
            postings=tuple(line.posting for line in self.content(cents, day, "USD", account).lines),
        )
        because = Because(role=role, reason="The auditor asked for it.")
        async with db.write_entity(self.pool, entity_id=self.entity_id) as conn:
            await access.hold_books(conn, entity_id=self.entity_id)
            await ledger.append_entries(conn, [entry], entity_id=self.entity_id, now=NOW, override=because)

    async def rate(self, currencies: Sequence[str], day: date, units: int) -> None:
        rates = [ExchangeRate(currency=one, dated=day, rate=Decimal(units).scaleb(-4)) for one in currencies]
        await load_rates(self.pool, rates, entity_id=self.entity_id, now=NOW)
