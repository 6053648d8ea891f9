"""Rules that divide rows over several accounts: followed, corrected, taken back, and never against a person."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from openledger_server.base import db
from openledger_server.base.money import Money
from openledger_server.categorization.decisions import store as decisions
from openledger_server.categorization.decisions.types import Decisions
from openledger_server.categorization.rules import store as rules
from openledger_server.categorization.rules.conditions import read_condition
from openledger_server.categorization.rules.splitting import RulePart
from openledger_server.categorization.rules.types import Rule, RuleAction
from openledger_server.categorization.runs.types import Run
from openledger_server.ledger.accounts.types import SystemAccountError
from openledger_server.ledger.periods.types import Because, PeriodRole
from openledger_server.ledger.types import MACHINE
from openledger_server.workflows import change_rules, run_categorization
from openledger_server.workflows.change_chart import archive_account
from openledger_server.workflows.change_rules import RuleDraft
from openledger_server.workflows.close_period import close_period
from openledger_server.workflows.exclude_transaction import exclude, include
from openledger_server.workflows.merge_accounts import merge_accounts
from openledger_server.workflows.set_category import approve, set_category
from openledger_server.workflows.split_transaction import split
from tests.sync.conftest import LinkedBank
from tests.sync.test_decisions import coffee, decided, desk_of, split_row
from tests.sync.test_sync_item import COFFEE, MEALS, OFFICE, UNCATEGORIZED_EXPENSE

PHONE = 6750
BLUE = {"field": "text", "operator": "contains", "value": "bottle 0042"}
CHEAP = {"all": [BLUE, {"field": "amount", "operator": "at_most", "value": "13.00"}]}
REASON = "Your rule “Coffee round” says so: the text contains “bottle 0042”. It is split over 3 categories."
WHOLE = ("bank_transaction", [-1250, 1250])
SPLIT = ("bank_transaction", [-1250, 416, 200, 634])


async def parts_of(linked: LinkedBank, *, fixed: Money | None = None) -> tuple[RulePart, ...]:
    """33.33 % to Meals, 2.00 dollars to Office, the rest to Telephone."""
    codes = await linked.ledger_codes()
    return (
        RulePart(ledger_account_id=codes[MEALS], share_bp=3333),
        RulePart(ledger_account_id=codes[OFFICE], fixed=fixed or Money(200, "USD")),
        RulePart(ledger_account_id=codes[PHONE]),
    )


async def draft_of(linked: LinkedBank, condition: Any = None, fixed: Money | None = None) -> RuleDraft:
    action = RuleAction(split=await parts_of(linked, fixed=fixed), counterparty="Blue Bottle")
    return RuleDraft(name="Coffee round", condition=read_condition(condition or BLUE), action=action)


async def divided(linked: LinkedBank, condition: Any = None, fixed: Money | None = None) -> Rule:
    draft = await draft_of(linked, condition, fixed)
    return await change_rules.add_rule(linked.services, draft, entity_id=linked.entity_id)


async def applied(linked: LinkedBank, rule: Rule) -> Run:
    return await run_categorization.apply_rule(linked.services, entity_id=linked.entity_id, rule_id=rule.id)


async def undone(linked: LinkedBank, run: Run) -> Run:
    return await run_categorization.undo_run(linked.services, entity_id=linked.entity_id, run_id=run.id)


async def split_of(linked: LinkedBank, provider_id: str) -> list[tuple[int, str]]:
    """Return (account number, amount) of each part that a rule made; people's are none."""
    found = await decided(linked, await linked.row_id(provider_id))
    numbers = {account: code for code, account in (await linked.ledger_codes()).items()}
    return [(numbers[part.ledger_account_id], f"{part.amount}") for part in found.split if found.is_split_by_rule]


async def reason_of(linked: LinkedBank, provider_id: str) -> str:
    async with db.read_entity(linked.services.pool, entity_id=linked.entity_id) as conn:
        cursor = await conn.execute(
            "SELECT reason FROM categorization WHERE entity_id = %s AND bank_transaction_id = %s",
            (linked.entity_id, await linked.row_id(provider_id)),
        )
        row = await cursor.fetchone()
    assert row is not None
    return str(row[0])


async def test_new_rows_are_divided_to_the_cent(linked: LinkedBank) -> None:
    """Coffee 12.50: 33.33 % is 4.166, so Meals 4.16; Office 2.00; Telephone the rest, 6.34. Together 12.50."""
    await linked.sync()
    rule = await divided(linked)
    assert (await divided(linked)).id == rule.id, "a retry makes no second rule"
    [added] = await linked.change(COFFEE)
    await linked.sync()
    number = added["transaction_id"]
    assert await linked.entries_of(number) == [SPLIT]
    assert await split_of(linked, number) == [(MEALS, "-4.16"), (OFFICE, "-2.00"), (PHONE, "-6.34")]
    assert await linked.category_of(number) == (PHONE, "rule", False), "the account of the largest part"
    assert await reason_of(linked, number) == REASON
    assert await linked.is_in_step()
    await linked.sync()
    assert await linked.entries_of(number) == [SPLIT]


async def test_money_in_is_divided_the_other_way(linked: LinkedBank) -> None:
    await linked.sync()
    await divided(linked)
    [added] = await linked.change({**COFFEE, "amount": -12.5})
    await linked.sync()
    assert await linked.entries_of(added["transaction_id"]) == [("bank_transaction", [1250, -416, -200, -634])]
    assert await linked.is_in_step()


async def test_applied_to_the_past_it_corrects_by_reversal_and_undone_it_books_again(linked: LinkedBank) -> None:
    number = await coffee(linked)
    before = await linked.category_of(number)
    rule = await divided(linked)
    run = await applied(linked, rule)
    assert run.changed == 1
    assert await applied(linked, rule) == run
    assert await linked.entries_of(number) == [WHOLE, ("reversal", [1250, -1250]), SPLIT]
    assert await linked.violations() == []
    assert (await undone(linked, run)).restored == 1
    await undone(linked, run)
    assert await linked.entries_of(number) == [
        WHOLE,
        ("reversal", [1250, -1250]),
        SPLIT,
        ("reversal", [1250, -416, -200, -634]),
        WHOLE,
    ]
    assert await split_of(linked, number) == []
    assert await linked.category_of(number) == before
    assert await linked.is_in_step()


async def test_other_parts_of_the_same_rule_are_a_change_that_can_be_undone(linked: LinkedBank) -> None:
    """Two runs over one row; undone in either order, the row says what it said before the run that is undone."""
    number = await coffee(linked)
    rule = await divided(linked)
    first = await applied(linked, rule)
    half = [replace(part, share_bp=5000) if part.share_bp else part for part in rule.action.split]
    draft = RuleDraft(name=rule.name, condition=rule.condition, action=replace(rule.action, split=tuple(half)))
    changed = await change_rules.change_rule(linked.services, draft, entity_id=linked.entity_id, rule_id=rule.id)
    assert changed.action.split == tuple(half)
    assert (await linked.entries_of(number))[-1] == SPLIT, "the past stays until the rule is applied"
    second = await applied(linked, changed)
    assert second.id != first.id
    assert (await linked.entries_of(number))[-1] == ("bank_transaction", [-1250, 625, 200, 425])
    await undone(linked, second)
    assert (await linked.entries_of(number))[-1] == SPLIT
    again = await applied(linked, changed)
    await undone(linked, first)
    assert (await linked.entries_of(number))[-1] == ("bank_transaction", [-1250, 625, 200, 425])
    await undone(linked, again)
    assert (await linked.entries_of(number))[-1] == WHOLE
    assert await linked.is_in_step()


async def test_the_preview_counts_and_shows_the_parts_and_stores_nothing(linked: LinkedBank) -> None:
    number = await coffee(linked)
    draft = await draft_of(linked)
    plan = await run_categorization.preview_rule(linked.services, draft, entity_id=linked.entity_id)
    assert (plan.matched, plan.unchanged) == (1, 0)
    [change] = plan.changes
    assert change.before.split == ()
    assert [str(part.amount) for part in change.after.split] == ["-4.16", "-2.00", "-6.34"]
    assert await linked.entries_of(number) == [WHOLE]
    rule = await divided(linked)
    await applied(linked, rule)
    plan = await run_categorization.preview_rule(linked.services, draft, entity_id=linked.entity_id, rule_id=rule.id)
    assert (plan.matched, plan.unchanged, plan.changes) == (1, 1, [])


async def test_another_amount_of_the_bank_is_divided_anew(linked: LinkedBank) -> None:
    await linked.sync()
    await divided(linked)
    [added] = await linked.change(COFFEE)
    await linked.sync()
    number = added["transaction_id"]
    await linked.change({"op": "modify", "transaction_id": number, "amount": 14.0})
    await linked.sync()
    assert await linked.entries_of(number) == [
        SPLIT,
        ("reversal", [1250, -416, -200, -634]),
        ("bank_transaction", [-1400, 466, 200, 734]),
    ]
    assert await linked.is_in_step()
    await linked.change({"op": "remove", "transaction_id": number})
    await linked.sync()
    assert (await linked.entries_of(number))[-1] == ("reversal", [1400, -466, -200, -734])
    assert await linked.is_in_step()


@pytest.mark.parametrize(
    ("fixed", "why"),
    [
        (Money(1300, "USD"), "its other parts come to 17.16 of 12.50 USD and leave no rest"),
        (Money(834, "USD"), "its other parts come to 12.50 of 12.50 USD and leave no rest"),
        (Money(100, "EUR"), "its fixed parts are in EUR and this is in USD"),
    ],
)
async def test_a_row_that_does_not_fit_waits_for_a_person(linked: LinkedBank, fixed: Money, why: str) -> None:
    await linked.sync()
    await divided(linked, fixed=fixed)
    [added] = await linked.change(COFFEE)
    await linked.sync()
    number = added["transaction_id"]
    assert await linked.category_of(number) == (UNCATEGORIZED_EXPENSE, "rule", True)
    assert await reason_of(linked, number) == f"Your rule “Coffee round” cannot split this: {why}."
    assert await linked.entries_of(number) == [WHOLE]
    await linked.change({"op": "modify", "transaction_id": number, "amount": 100.0})
    await linked.sync()
    assert await linked.category_of(number) == (
        (UNCATEGORIZED_EXPENSE, "rule", True) if fixed.currency == "EUR" else (PHONE, "rule", False)
    )
    assert await linked.is_in_step()


async def test_a_split_goes_when_the_bank_changes_what_the_rule_looks_at(linked: LinkedBank) -> None:
    await linked.sync()
    await divided(linked, CHEAP)
    [added] = await linked.change(COFFEE)
    await linked.sync()
    number = added["transaction_id"]
    await linked.change({"op": "modify", "transaction_id": number, "amount": 14.0})
    await linked.sync()
    assert await split_of(linked, number) == []
    assert (await linked.entries_of(number))[-1] == ("bank_transaction", [-1400, 1400])
    assert await linked.is_in_step()


async def test_a_pending_row_is_divided_when_it_settles(linked: LinkedBank) -> None:
    pending = await coffee(linked, is_pending=True)
    await applied(linked, await divided(linked))
    assert await linked.entries_of(pending) == []
    [settled] = await linked.change({"op": "settle", "transaction_id": pending})
    await linked.sync()
    assert await linked.entries_of(settled["transaction_id"]) == [SPLIT]
    assert await linked.is_in_step()


async def test_a_deleted_rules_split_stays_until_the_row_is_judged_anew(linked: LinkedBank) -> None:
    number = await coffee(linked)
    rule = await divided(linked)
    await applied(linked, rule)
    await change_rules.delete_rule(linked.services, entity_id=linked.entity_id, rule_id=rule.id)
    assert (await linked.entries_of(number))[-1] == SPLIT
    anew = await run_categorization.recategorize(linked.services, entity_id=linked.entity_id, review_only=False)
    assert (await linked.entries_of(number))[-1] == WHOLE
    await undone(linked, anew)
    assert (await linked.entries_of(number))[-1] == SPLIT
    assert len(await split_of(linked, number)) == 3
    assert await linked.is_in_step()


@pytest.mark.parametrize("how", ["category", "split", "same split"])
async def test_a_persons_word_takes_the_place_of_a_rules_split_for_good(linked: LinkedBank, how: str) -> None:
    number = await coffee(linked)
    rule = await divided(linked)
    run = await applied(linked, rule)
    if how == "category":
        await set_category(
            linked.services,
            entity_id=linked.entity_id,
            bank_transaction_id=await linked.row_id(number),
            ledger_account_id=(await linked.ledger_codes())[OFFICE],
        )
        wanted = WHOLE
    elif how == "split":
        await split_row(linked, number, "-10", "-2.5")
        wanted = ("bank_transaction", [-1250, 1000, 250])
    else:
        row_id = await linked.row_id(number)
        parts = (await decided(linked, row_id)).split
        await split(linked.services, parts, desk=desk_of(linked), bank_transaction_id=row_id)
        wanted = SPLIT
    assert (await linked.entries_of(number))[-1] == wanted
    assert (await applied(linked, rule)).id == run.id, "there is nothing to change"
    assert (await undone(linked, run)).kept == 1
    await linked.sync()
    assert (await linked.entries_of(number))[-1] == wanted
    assert await split_of(linked, number) == []
    assert (await linked.category_of(number))[1:] == ("person", False)
    assert await linked.is_in_step()


async def test_a_persons_split_is_never_divided_by_a_rule(linked: LinkedBank) -> None:
    number = await coffee(linked)
    await split_row(linked, number, "-10", "-2.5")
    assert (await applied(linked, await divided(linked))).changed == 0
    assert (await linked.entries_of(number))[-1] == ("bank_transaction", [-1250, 1000, 250])
    await linked.change({"op": "modify", "transaction_id": number, "amount": 14.0})
    await linked.sync()
    assert await linked.category_of(number) == (UNCATEGORIZED_EXPENSE, "person", True)
    assert await linked.is_in_step()


async def test_approving_a_rules_split_leaves_it_as_it_is(linked: LinkedBank) -> None:
    number = await coffee(linked)
    await applied(linked, await divided(linked))
    row_id = await linked.row_id(number)
    account = await approve(linked.services, entity_id=linked.entity_id, bank_transaction_id=row_id)
    assert account.code == PHONE
    assert (await linked.entries_of(number))[-1] == SPLIT
    assert await linked.is_in_step()


async def test_what_comes_back_into_the_books_is_divided_by_its_amount_of_then(linked: LinkedBank) -> None:
    number = await coffee(linked)
    run = await applied(linked, await divided(linked))
    row_id = await linked.row_id(number)
    await exclude(linked.services, desk=desk_of(linked), bank_transaction_ids=[row_id], reason="Mine.")
    await linked.change({"op": "modify", "transaction_id": number, "amount": 14.0})
    await linked.sync()
    assert await linked.violations() == []
    await undone(linked, run)
    assert await linked.violations() == []
    await include(linked.services, desk=desk_of(linked), bank_transaction_id=row_id)
    assert (await linked.entries_of(number))[-1] == ("bank_transaction", [-1400, 466, 200, 734])
    assert await linked.is_in_step()


async def test_parts_follow_a_merge_and_an_account_in_use_cannot_be_archived(linked: LinkedBank) -> None:
    """Office becomes part of Telephone: the rule, what it decided, what undoing gives back, all say Telephone."""
    number = await coffee(linked)
    rule = await divided(linked)
    first = await applied(linked, rule)
    codes = await linked.ledger_codes()
    with pytest.raises(SystemAccountError, match="1 rules book to"):
        await archive_account(linked.services, desk=desk_of(linked), ledger_account_id=codes[OFFICE])
    await change_rules.delete_rule(linked.services, entity_id=linked.entity_id, rule_id=rule.id)
    anew = await run_categorization.recategorize(linked.services, entity_id=linked.entity_id, review_only=False)
    kept = await divided(linked)
    merged = await merge_accounts(
        linked.services, desk=desk_of(linked), source_id=codes[OFFICE], target_id=codes[PHONE]
    )
    assert merged.rules == 2, "the deleted one as well: it still explains what it decided"
    async with db.read_entity(linked.services.pool, entity_id=linked.entity_id) as conn:
        after = await rules.rule(conn, entity_id=linked.entity_id, rule_id=kept.id)
    assert [part.ledger_account_id for part in after.action.split] == [codes[MEALS], codes[PHONE], codes[PHONE]]
    await undone(linked, anew)
    assert await split_of(linked, number) == [(MEALS, "-4.16"), (PHONE, "-2.00"), (PHONE, "-6.34")]
    assert (await linked.entries_of(number))[-1] == SPLIT
    assert await linked.is_in_step()
    await undone(linked, first)
    assert (await linked.entries_of(number))[-1] == WHOLE
    assert await linked.is_in_step()


async def test_a_merge_moves_the_entries_of_splits_that_rules_made(linked: LinkedBank) -> None:
    number = await coffee(linked)
    await applied(linked, await divided(linked))
    codes = await linked.ledger_codes()
    await merge_accounts(linked.services, desk=desk_of(linked), source_id=codes[OFFICE], target_id=codes[PHONE])
    assert await split_of(linked, number) == [(MEALS, "-4.16"), (PHONE, "-2.00"), (PHONE, "-6.34")]
    assert await linked.is_in_step()
    await linked.sync()
    assert await linked.violations() == []


async def test_rows_of_a_closed_period_keep_their_split(linked: LinkedBank) -> None:
    number = await coffee(linked)
    rule = await divided(linked)
    run = await applied(linked, rule)
    await close_period(
        linked.services.pool,
        entity_id=linked.entity_id,
        through=date.fromisoformat(str(COFFEE["date"])),
        because=Because(role=PeriodRole.OWNER, reason="Done."),
        by=MACHINE,
        now=linked.services.now(),
    )
    half = [replace(part, share_bp=5000) if part.share_bp else part for part in rule.action.split]
    draft = RuleDraft(name="Half", condition=rule.condition, action=replace(rule.action, split=tuple(half)))
    plan = await run_categorization.preview_rule(linked.services, draft, entity_id=linked.entity_id, rule_id=rule.id)
    assert (plan.in_closed_period, plan.changes) == (1, [])
    assert (await undone(linked, run)).kept == 1
    assert (await linked.entries_of(number))[-1] == SPLIT
    assert await linked.violations() == []


async def test_following_rules_twice_changes_nothing(linked: LinkedBank) -> None:
    number = await coffee(linked)
    await applied(linked, await divided(linked))
    row_id = await linked.row_id(number)
    before = await decided(linked, row_id)
    async with db.write_entity(linked.services.pool, entity_id=linked.entity_id) as conn:
        await decisions.follow_rules(conn, [row_id], entity_id=linked.entity_id)
    assert await decided(linked, row_id) == before != Decisions()
