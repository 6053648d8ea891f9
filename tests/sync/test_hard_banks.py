"""What real banks do to a sync: not ready, many pages, failures in the middle, unknown ids, more than one currency."""

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from openledger_server.banking.feed import FeedError, FeedFault
from openledger_server.base import db
from openledger_server.workflows.link_item import link_item
from tests.support.services import wired_services
from tests.sync.conftest import TODAY, LinkedBank

COFFEE = {
    "op": "add",
    "account": "checking",
    "amount": 12.5,
    "date": TODAY.isoformat(),
    "name": "SQ *BLUE BOTTLE 0042",
    "category": "FOOD_AND_DRINK_COFFEE",
    "confidence": "VERY_HIGH",
}


async def other_bank(linked: LinkedBank, username: str, password: str = "pass_good") -> LinkedBank:  # noqa: S107 - a published test password
    """Link one more bank of the same entity with two years of history."""
    link = await linked.services.feed.create_link_token(client_user_id="1", days_requested=730)
    token = linked.sandbox.link(link.link_token, username=username, password=password)["public_token"]
    rows = await link_item(linked.services, entity_id=linked.entity_id, public_token=token)
    return replace(linked, item_id=next(row.item_id for row in rows if row.item_id != linked.item_id))


async def provider_item_id(bank: LinkedBank) -> str:
    return (await bank.item()).provider_item_id


async def test_a_bank_that_is_not_ready_is_importing_with_nothing_and_goes_on_later(linked: LinkedBank) -> None:
    linked.sandbox.item(await provider_item_id(linked), "not_ready", for_s=3600)
    run = await linked.sync()
    item = await linked.item()
    assert (run.added, item.sync_cursor, item.state) == (0, "", "importing")
    assert await linked.our_rows() == {}
    linked.sandbox.advance(seconds=3601)
    await linked.sync()
    item = await linked.item()
    assert (item.state, item.history_complete_at is not None) == ("healthy", True)
    assert await linked.is_in_step()


async def test_1234_rows_are_three_pages_and_the_last_cursor_is_kept(linked: LinkedBank) -> None:
    bank = await other_bank(linked, "user_history_1234")
    run = await bank.sync()
    assert (run.pages, run.added, run.restarts) == (3, 1234, 0)
    again = await bank.sync()
    assert (again.pages, again.added, again.unchanged) == (1, 0, 0)
    assert (await bank.item()).sync_cursor != ""
    assert await bank.violations() == []


@pytest.mark.parametrize(
    "fault",
    [{"status": 500}, {"status": 502}, {"body": '{"added": [', "content_type": "application/json"}],
    ids=["error", "proxy", "half an answer"],
)
async def test_a_failure_on_the_second_page_leaves_nothing_of_the_first(
    linked: LinkedBank, fault: dict[str, Any]
) -> None:
    bank = await other_bank(linked, "user_history_1234")
    linked.sandbox.control("POST", "/faults", path="/transactions/sync", page=2, times=1, **fault)
    with pytest.raises(FeedError) as caught:
        await bank.sync()
    assert caught.value.fault is FeedFault.RETRY_SOON
    assert (await bank.item()).sync_cursor == ""
    assert await bank.our_rows() == {}
    assert (await bank.sync()).added == 1234


async def test_a_change_on_the_second_page_restarts_and_doubles_nothing(linked: LinkedBank) -> None:
    bank = await other_bank(linked, "user_history_1234")
    code = "TRANSACTIONS_SYNC_MUTATION_DURING_PAGINATION"
    linked.sandbox.control("POST", "/faults", path="/transactions/sync", page=2, times=2, error_code=code)
    run = await bank.sync()
    assert (run.added, run.restarts) == (1234, 2)


async def test_a_bank_that_never_answers_is_given_up_in_time(linked: LinkedBank) -> None:
    linked.sandbox.control("POST", "/faults", path="/transactions/sync", times=1, hang=True)
    async with wired_services(linked.services.pool, linked.sandbox.base_url, answer_within_s=1.0) as hasty:
        with pytest.raises(FeedError) as caught:
            await replace(linked, services=hasty).sync()
    assert caught.value.is_retryable
    assert (await linked.item()).sync_cursor == ""
    await linked.sync()
    assert await linked.is_in_step()


async def test_a_row_taken_back_that_was_never_seen_is_no_trouble(linked: LinkedBank) -> None:
    await linked.sync()
    [added] = await linked.change(COFFEE)
    await linked.sync()
    before = (await linked.item()).sync_cursor
    async with db.write_entity(linked.services.pool, entity_id=linked.entity_id) as conn:
        await conn.execute(
            "UPDATE bank_transaction SET provider_transaction_id = 'another' WHERE provider_transaction_id = %s",
            (added["transaction_id"],),
        )
    await linked.change({"op": "remove", "transaction_id": added["transaction_id"]})
    run = await linked.sync()
    assert run.removed == 0
    assert (await linked.item()).sync_cursor != before
    assert await linked.violations() == []


async def test_a_settled_row_whose_pending_one_was_never_seen_is_a_row_like_others(linked: LinkedBank) -> None:
    await linked.sync()
    [added] = await linked.change({**COFFEE, "raw": {"pending_transaction_id": "never-seen"}})
    assert (await linked.sync()).added == 1
    assert await linked.entries_of(added["transaction_id"]) == [("bank_transaction", [-1250, 1250])]
    assert await linked.is_in_step()


async def test_an_answer_without_accounts_closes_and_empties_none(linked: LinkedBank) -> None:
    await linked.sync()
    before = await linked.bank_accounts()
    assert all(row.reported_current for row in before.values())
    await linked.sync()  # without news Plaid answers accounts: []
    after = await linked.bank_accounts()
    assert {name: (row.reported_current, row.unlinked_at) for name, row in after.items()} == {
        name: (row.reported_current, None) for name, row in before.items()
    }


async def test_a_purchase_on_a_card_is_owed_and_a_refund_takes_it_back(linked: LinkedBank) -> None:
    """Purchase: card -30.00 (more is owed), meals +30.00. Refund: the reverse."""
    await linked.sync()
    on_card = {**COFFEE, "account": "credit card"}
    owed = (await linked.bank_accounts())["credit card"].reported_current
    [purchase] = await linked.change({**on_card, "amount": 30})
    await linked.sync()
    assert await linked.entries_of(purchase["transaction_id"]) == [("bank_transaction", [-3000, 3000])]
    after = (await linked.bank_accounts())["credit card"].reported_current
    assert owed is not None
    assert after is not None
    assert after - owed == Decimal(30)
    [refund] = await linked.change({**on_card, "amount": -30, "name": "SQ *BLUE BOTTLE REFUND"})
    await linked.sync()
    assert await linked.entries_of(refund["transaction_id"]) == [("bank_transaction", [3000, -3000])]
    assert await linked.is_in_step()


async def test_currencies_of_one_login_are_never_added_up(linked: LinkedBank) -> None:
    """Checking in dollars, a card in euros: each row and balance in its own currency, each ledger account in one."""
    day = TODAY.isoformat()
    custom = {
        "override_accounts": [
            _custom_account("depository", "checking", "USD", 1000, "100.25", day),
            _custom_account("credit", "credit card", "EUR", 200, "9.99", day),
        ]
    }
    bank = await other_bank(linked, "user_custom", json.dumps(custom))
    await bank.sync()
    async with db.read_entity(bank.services.pool, entity_id=bank.entity_id) as conn:
        cursor = await conn.execute(
            """
            SELECT b.currency, t.currency, -t.amount FROM bank_transaction AS t
              JOIN bank_account AS b ON b.entity_id = t.entity_id AND b.id = t.bank_account_id
             WHERE b.item_id = %s ORDER BY 1
            """,
            (bank.item_id,),
        )
        assert await cursor.fetchall() == [("EUR", "EUR", Decimal("9.99")), ("USD", "USD", Decimal("100.25"))]
        cursor = await conn.execute(
            """
            SELECT count(*) FROM (SELECT p.journal_entry_id FROM posting AS p GROUP BY p.journal_entry_id, p.currency
                                  HAVING sum(p.amount_minor) <> 0) AS unbalanced
            """
        )
        assert await cursor.fetchone() == (0,)
    assert await bank.violations() == []


def _custom_account(kind: str, subtype: str, currency: str, balance: float, amount: str, day: str) -> dict[str, Any]:
    row = {
        "date_transacted": day,
        "date_posted": day,
        "amount": float(amount),
        "description": f"SHOP {currency}",
        "currency": currency,
    }
    return {
        "type": kind,
        "subtype": subtype,
        "starting_balance": balance,
        "currency": currency,
        "meta": {"name": f"Account {currency}"},
        "transactions": [row],
    }
