"""Rules that leave rows out of the books: followed, taken back, and never against a person."""

from typing import Any

import pytest

from openledger_server.base import db
from openledger_server.categorization.decisions import store as decisions
from openledger_server.categorization.decisions.types import Decisions
from openledger_server.categorization.rules.conditions import read_condition
from openledger_server.categorization.rules.types import RuleAction, RuleId
from openledger_server.categorization.runs.types import Run
from openledger_server.workflows import change_rules, run_categorization
from openledger_server.workflows.change_rules import RuleDraft
from openledger_server.workflows.exclude_transaction import exclude, include
from openledger_server.workflows.set_category import set_category
from tests.sync.conftest import LinkedBank
from tests.sync.test_decisions import coffee, decided, desk_of, split_row
from tests.sync.test_sync_item import COFFEE, MEALS, OFFICE, UNCATEGORIZED_EXPENSE

BOOKED = ("bank_transaction", [-1250, 1250])
REVERSED = ("reversal", [1250, -1250])
BLUE = {"field": "text", "operator": "contains", "value": "bottle 0042"}
CHEAP = {"all": [BLUE, {"field": "amount", "operator": "at_most", "value": "13.00"}]}
REASON = "Your rule “Private” says so: the text contains “bottle 0042”."


async def private(linked: LinkedBank, condition: Any = None) -> RuleId:
    draft = RuleDraft(name="Private", condition=read_condition(condition or BLUE), action=RuleAction(is_exclusion=True))
    return (await change_rules.add_rule(linked.services, draft, entity_id=linked.entity_id)).id


async def applied(linked: LinkedBank, rule_id: RuleId) -> Run:
    return await run_categorization.apply_rule(linked.services, entity_id=linked.entity_id, rule_id=rule_id)


async def undone(linked: LinkedBank, run: Run) -> Run:
    return await run_categorization.undo_run(linked.services, entity_id=linked.entity_id, run_id=run.id)


async def exclusion(linked: LinkedBank, provider_id: str) -> tuple[str, bool] | None:
    """Return (reason, whether a rule says so), or None if the row is in the books."""
    found = (await decided(linked, await linked.row_id(provider_id))).exclusion
    return None if found is None else (found.reason, found.is_by_rule)


async def test_new_rows_that_a_rule_excludes_are_not_booked(linked: LinkedBank) -> None:
    await linked.sync()
    await private(linked)
    [added] = await linked.change(COFFEE)
    await linked.sync()
    number = added["transaction_id"]
    assert await linked.entries_of(number) == []
    assert await exclusion(linked, number) == (REASON, True)
    assert await linked.category_of(number) == (UNCATEGORIZED_EXPENSE, "rule", False)
    assert await linked.violations() == []
    await linked.sync()
    assert await exclusion(linked, number) == (REASON, True)


async def test_applied_to_the_past_it_reverses_and_undone_it_books_again(linked: LinkedBank) -> None:
    number = await coffee(linked)
    before = await linked.category_of(number)
    rule_id = await private(linked)
    run = await applied(linked, rule_id)
    assert run.changed == 1
    assert await applied(linked, rule_id) == run
    assert await linked.entries_of(number) == [BOOKED, REVERSED]
    assert await exclusion(linked, number) == (REASON, True)
    assert await linked.violations() == []
    assert (await undone(linked, run)).restored == 1
    await undone(linked, run)
    assert await linked.entries_of(number) == [BOOKED, REVERSED, BOOKED]
    assert await exclusion(linked, number) is None
    assert await linked.category_of(number) == before
    assert await linked.is_in_step()


async def test_undoing_a_run_that_took_a_row_back_in_leaves_it_out_again(linked: LinkedBank) -> None:
    number = await coffee(linked)
    rule_id = await private(linked)
    await applied(linked, rule_id)
    await change_rules.delete_rule(linked.services, entity_id=linked.entity_id, rule_id=rule_id)
    assert await exclusion(linked, number) == (REASON, True), "the past stays until it is judged anew"
    anew = await run_categorization.recategorize(linked.services, entity_id=linked.entity_id, review_only=False)
    assert await exclusion(linked, number) is None
    assert (await linked.entries_of(number))[-1] == BOOKED
    await undone(linked, anew)
    assert await exclusion(linked, number) == (REASON, True)
    assert (await linked.entries_of(number))[-1] == REVERSED
    assert await linked.violations() == []


async def test_an_exclusion_goes_when_the_bank_changes_what_the_rule_looks_at(linked: LinkedBank) -> None:
    await linked.sync()
    await private(linked, CHEAP)
    [added] = await linked.change(COFFEE)
    await linked.sync()
    number = added["transaction_id"]
    assert await linked.entries_of(number) == []
    await linked.change({"op": "modify", "transaction_id": number, "amount": 14.0})
    await linked.sync()
    assert await exclusion(linked, number) is None
    assert await linked.entries_of(number) == [("bank_transaction", [-1400, 1400])]
    assert await linked.is_in_step()
    await linked.change({"op": "modify", "transaction_id": number, "amount": 12.5})
    await linked.sync()
    assert (await exclusion(linked, number) or ("", False))[1]
    assert await linked.violations() == []


async def test_what_a_person_took_back_in_no_rule_leaves_out_again(linked: LinkedBank) -> None:
    number = await coffee(linked)
    rule_id = await private(linked)
    run = await applied(linked, rule_id)
    for _ in range(2):
        await include(linked.services, desk=desk_of(linked), bank_transaction_id=await linked.row_id(number))
    assert await linked.entries_of(number) == [BOOKED, REVERSED, BOOKED]
    await linked.change({"op": "modify", "transaction_id": number, "amount": 14.0})
    await linked.sync()
    assert (await applied(linked, rule_id)).id == run.id, "there is nothing to change"
    assert await exclusion(linked, number) is None
    assert (await linked.entries_of(number))[-1] == ("bank_transaction", [-1400, 1400])
    draft = RuleDraft(name="Try", condition=read_condition(BLUE), action=RuleAction(is_exclusion=True))
    plan = await run_categorization.preview_rule(linked.services, draft, entity_id=linked.entity_id, rule_id=rule_id)
    assert (plan.matched, plan.decided_by_person, plan.changes) == (1, 1, [])
    assert (await undone(linked, run)).kept == 1
    assert await linked.is_in_step()


async def test_what_a_person_took_back_in_stays_when_the_pending_row_settles(linked: LinkedBank) -> None:
    pending = await coffee(linked, is_pending=True)
    await applied(linked, await private(linked))
    await include(linked.services, desk=desk_of(linked), bank_transaction_id=await linked.row_id(pending))
    [settled] = await linked.change({"op": "settle", "transaction_id": pending})
    await linked.sync()
    assert await linked.entries_of(settled["transaction_id"]) == [BOOKED]
    assert await linked.is_in_step()


async def test_a_pending_row_that_a_rule_excludes_settles_excluded(linked: LinkedBank) -> None:
    pending = await coffee(linked, is_pending=True)
    await applied(linked, await private(linked))
    [settled] = await linked.change({"op": "settle", "transaction_id": pending})
    await linked.sync()
    assert await linked.entries_of(settled["transaction_id"]) == []
    assert await exclusion(linked, settled["transaction_id"]) == (REASON, True)
    assert await linked.violations() == []


async def test_a_persons_exclusion_outlasts_rules_and_their_undoing(linked: LinkedBank) -> None:
    number = await coffee(linked)
    run = await applied(linked, await private(linked))
    row_id = await linked.row_id(number)
    await exclude(linked.services, desk=desk_of(linked), bank_transaction_ids=[row_id], reason="Mine.")
    assert await exclusion(linked, number) == ("Mine.", False)
    await undone(linked, run)
    assert await exclusion(linked, number) == ("Mine.", False)
    assert not (await linked.category_of(number))[2]
    assert (await linked.entries_of(number))[-1] == REVERSED
    assert await linked.violations() == []


@pytest.mark.parametrize("how", ["category", "split"])
async def test_a_person_who_places_the_row_takes_it_back_in(linked: LinkedBank, how: str) -> None:
    number = await coffee(linked)
    rule_id = await private(linked)
    run = await applied(linked, rule_id)
    if how == "split":
        await split_row(linked, number, "-10", "-2.5")
    else:
        await set_category(
            linked.services,
            entity_id=linked.entity_id,
            bank_transaction_id=await linked.row_id(number),
            ledger_account_id=(await linked.ledger_codes())[OFFICE],
        )
    wanted = [-1250, 1000, 250] if how == "split" else [-1250, 1250]
    assert (await linked.entries_of(number))[-1] == ("bank_transaction", wanted)
    assert await linked.category_of(number) == (MEALS if how == "split" else OFFICE, "person", False)
    assert (await applied(linked, rule_id)).id == run.id
    assert (await undone(linked, run)).kept == 1
    assert await exclusion(linked, number) is None
    assert await linked.is_in_step()


async def test_following_rules_twice_changes_nothing(linked: LinkedBank) -> None:
    number = await coffee(linked)
    await applied(linked, await private(linked))
    row_id = await linked.row_id(number)
    before = await decided(linked, row_id)
    async with db.write_entity(linked.services.pool, entity_id=linked.entity_id) as conn:
        await decisions.follow_rules(conn, [row_id], entity_id=linked.entity_id)
    assert await decided(linked, row_id) == before != Decisions()
