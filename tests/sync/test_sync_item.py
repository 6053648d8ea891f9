"""Sync against the real sandbox: after every change our rows are the bank's and the balances agree to the cent."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import psycopg
import pytest

from openledger_server.banking.feed import FeedError, FeedFault, PaginationMutatedError, PublicTokenError
from openledger_server.banking.store import UnknownBankTransactionError
from openledger_server.banking.types import BankTransactionId
from openledger_server.base import db
from openledger_server.workflows.link_item import access_token_of, link_item
from openledger_server.workflows.set_category import approve, set_category
from tests.support.database import Database
from tests.support.entities import open_entity
from tests.support.services import wired_services
from tests.sync.conftest import TODAY, LinkedBank

COFFEE = {
    "op": "add",
    "account": "checking",
    "amount": 12.5,
    "date": TODAY.isoformat(),
    "name": "SQ *BLUE BOTTLE 0042",
    "merchant_name": "Blue Bottle Coffee",
    "category": "FOOD_AND_DRINK_COFFEE",
    "confidence": "VERY_HIGH",
}
MEALS, UNCATEGORIZED_EXPENSE, OFFICE, CLEARING = 6350, 6999, 6400, 1090


async def test_linking_makes_the_ledger_equal_the_bank_before_any_row_is_there(linked: LinkedBank) -> None:
    assert await linked.differences() == {}
    assert await linked.our_rows() == {}
    accounts = await linked.bank_accounts()
    assert set(accounts) == {"checking", "savings", "credit card"}
    assert accounts["credit card"].reported_current is not None


async def test_the_access_token_is_stored_encrypted(linked: LinkedBank, database: Database) -> None:
    item = await linked.item()
    token = access_token_of(linked.services, item, entity_id=linked.entity_id)
    assert token.startswith("access-sandbox-")
    with psycopg.connect(database.owner_dsn) as owner:
        row = owner.execute("SELECT item::text FROM item").fetchone()
    assert row is not None
    assert token not in row[0]
    assert token.encode().hex() not in row[0]


async def test_the_first_sync_brings_every_row_and_the_books_agree_with_the_bank(linked: LinkedBank) -> None:
    run = await linked.sync()
    assert run.added == len(await linked.banks_rows()) > 100
    assert await linked.is_in_step()
    assert (await linked.item()).state == "healthy"


async def test_a_second_sync_without_news_changes_nothing(linked: LinkedBank) -> None:
    await linked.sync()
    run = await linked.sync()
    assert (run.added, run.modified, run.removed) == (0, 0, 0)
    assert await linked.is_in_step()


async def test_reading_the_same_history_again_changes_nothing(linked: LinkedBank) -> None:
    await linked.sync()
    async with db.write_entity(linked.services.pool, entity_id=linked.entity_id) as conn:
        await conn.execute("UPDATE item SET sync_cursor = '' WHERE entity_id = %s", (linked.entity_id,))
        cursor = await conn.execute("SELECT count(*) FROM journal_entry")
        before = await cursor.fetchone()
    run = await linked.sync()
    assert (run.added, run.modified) == (0, 0)
    assert run.unchanged == len(await linked.banks_rows())
    async with db.read_entity(linked.services.pool, entity_id=linked.entity_id) as conn:
        cursor = await conn.execute("SELECT count(*) FROM journal_entry")
        assert await cursor.fetchone() == before
    assert await linked.is_in_step()


async def test_a_row_taken_back_while_the_cursor_was_lost_goes_too(linked: LinkedBank) -> None:
    [added] = await linked.change(COFFEE)
    await linked.sync()
    await linked.change({"op": "remove", "transaction_id": added["transaction_id"]})
    async with db.write_entity(linked.services.pool, entity_id=linked.entity_id) as conn:
        await conn.execute("UPDATE item SET sync_cursor = '' WHERE entity_id = %s", (linked.entity_id,))
    assert (await linked.sync()).removed == 1
    assert await linked.is_in_step()


async def test_new_rows_arrive_and_are_booked(linked: LinkedBank) -> None:
    await linked.sync()
    [added] = await linked.change(COFFEE)
    run = await linked.sync()
    assert run.added == 1
    assert await linked.entries_of(added["transaction_id"]) == [("bank_transaction", [-1250, 1250])]
    assert await linked.category_of(added["transaction_id"]) == (MEALS, "provider", False)
    assert await linked.is_in_step()


async def test_two_equal_rows_on_one_day_stay_two(linked: LinkedBank) -> None:
    await linked.sync()
    await linked.change(COFFEE, COFFEE)
    assert (await linked.sync()).added == 2
    assert await linked.is_in_step()


async def test_a_changed_amount_is_corrected_by_reversal(linked: LinkedBank) -> None:
    await linked.sync()
    [added] = await linked.change(COFFEE)
    await linked.sync()
    await linked.change({"op": "modify", "transaction_id": added["transaction_id"], "amount": 14.0})
    assert (await linked.sync()).modified == 1
    assert await linked.entries_of(added["transaction_id"]) == [
        ("bank_transaction", [-1250, 1250]),
        ("reversal", [1250, -1250]),
        ("bank_transaction", [-1400, 1400]),
    ]
    assert await linked.is_in_step()


async def test_a_changed_name_alone_touches_no_entry(linked: LinkedBank) -> None:
    await linked.sync()
    [added] = await linked.change(COFFEE)
    await linked.sync()
    await linked.change({"op": "modify", "transaction_id": added["transaction_id"], "name": "BLUE BOTTLE OAKLAND"})
    assert (await linked.sync()).modified == 1
    assert len(await linked.entries_of(added["transaction_id"])) == 1


async def test_a_removed_row_is_reversed_and_kept_out_of_sight(linked: LinkedBank) -> None:
    await linked.sync()
    [added] = await linked.change(COFFEE)
    await linked.sync()
    await linked.change({"op": "remove", "transaction_id": added["transaction_id"]})
    assert (await linked.sync()).removed == 1
    assert [kind for kind, _ in await linked.entries_of(added["transaction_id"])] == ["bank_transaction", "reversal"]
    assert added["transaction_id"] not in await linked.our_rows()
    assert await linked.is_in_step()


async def test_a_row_that_comes_and_goes_between_two_syncs_leaves_no_trace(linked: LinkedBank) -> None:
    await linked.sync()
    [added] = await linked.change(COFFEE)
    await linked.change({"op": "remove", "transaction_id": added["transaction_id"]})
    await linked.sync()
    assert await linked.is_in_step()


async def test_pending_rows_are_shown_but_not_booked_until_they_settle(linked: LinkedBank) -> None:
    await linked.sync()
    [pending] = await linked.change({**COFFEE, "pending": True})
    await linked.sync()
    assert await linked.entries_of(pending["transaction_id"]) == []
    [settled] = await linked.change({"op": "settle", "transaction_id": pending["transaction_id"], "amount": 15.0})
    await linked.sync()
    assert pending["transaction_id"] not in await linked.our_rows()
    assert await linked.entries_of(settled["transaction_id"]) == [("bank_transaction", [-1500, 1500])]
    assert await linked.is_in_step()


async def test_a_persons_choice_on_a_pending_row_moves_to_the_settled_one(linked: LinkedBank) -> None:
    await linked.sync()
    [pending] = await linked.change({**COFFEE, "pending": True})
    await linked.sync()
    await set_category(
        linked.services,
        entity_id=linked.entity_id,
        bank_transaction_id=await linked.row_id(pending["transaction_id"]),
        ledger_account_id=(await linked.ledger_codes())[OFFICE],
    )
    [settled] = await linked.change({"op": "settle", "transaction_id": pending["transaction_id"]})
    await linked.sync()
    assert await linked.category_of(settled["transaction_id"]) == (OFFICE, "person", False)
    assert await linked.is_in_step()


async def test_a_pending_row_that_vanishes_leaves_nothing(linked: LinkedBank) -> None:
    await linked.sync()
    [pending] = await linked.change({**COFFEE, "pending": True})
    await linked.sync()
    await linked.change({"op": "remove", "transaction_id": pending["transaction_id"]})
    await linked.sync()
    assert await linked.entries_of(pending["transaction_id"]) == []
    assert await linked.is_in_step()


async def test_a_correction_is_booked_remembered_and_never_overwritten(linked: LinkedBank) -> None:
    await linked.sync()
    [first] = await linked.change(COFFEE)
    await linked.sync()
    office = (await linked.ledger_codes())[OFFICE]
    row_id = await linked.row_id(first["transaction_id"])
    for _ in range(2):  # a blind retry of the same request
        await set_category(
            linked.services, entity_id=linked.entity_id, bank_transaction_id=row_id, ledger_account_id=office
        )
    assert [kind for kind, _ in await linked.entries_of(first["transaction_id"])] == [
        "bank_transaction",
        "reversal",
        "bank_transaction",
    ]
    [second] = await linked.change(COFFEE)
    await linked.change({"op": "modify", "transaction_id": first["transaction_id"], "name": "SQ *BLUE BOTTLE 0043"})
    await linked.sync()
    assert await linked.category_of(first["transaction_id"]) == (OFFICE, "person", False)
    # Once at this amount is no proof: it is booked there, and asked about; twice is.
    assert await linked.category_of(second["transaction_id"]) == (OFFICE, "memory", True)
    await set_category(
        linked.services,
        entity_id=linked.entity_id,
        bank_transaction_id=await linked.row_id(second["transaction_id"]),
        ledger_account_id=office,
    )
    [third] = await linked.change(COFFEE)
    await linked.sync()
    assert await linked.category_of(third["transaction_id"]) == (OFFICE, "memory", False)
    assert await linked.is_in_step()


async def test_approving_takes_the_suggestion(linked: LinkedBank) -> None:
    await linked.sync()
    [added] = await linked.change({**COFFEE, "name": "0042", "merchant_name": None, "confidence": "MEDIUM"})
    await linked.sync()
    assert await linked.category_of(added["transaction_id"]) == (UNCATEGORIZED_EXPENSE, "provider", True)
    row_id = await linked.row_id(added["transaction_id"])
    await approve(linked.services, entity_id=linked.entity_id, bank_transaction_id=row_id)
    assert await linked.category_of(added["transaction_id"]) == (MEALS, "person", False)
    with pytest.raises(UnknownBankTransactionError):
        await approve(linked.services, entity_id=linked.entity_id, bank_transaction_id=BankTransactionId(1))


async def test_a_transfer_waits_in_clearing_and_touches_no_income_or_expense(linked: LinkedBank) -> None:
    await linked.sync()
    out = {**COFFEE, "amount": 4321.09, "name": "ONLINE TRANSFER TO SAV", "category": "TRANSFER_OUT_SAVINGS"}
    into = {**out, "account": "savings", "amount": -4321.09, "category": "TRANSFER_IN_SAVINGS"}
    [first] = await linked.change(out)
    await linked.sync()
    assert await linked.category_of(first["transaction_id"]) == (CLEARING, "transfer", True)
    [second] = await linked.change(into)
    await linked.sync()
    for leg in (first, second):
        assert await linked.category_of(leg["transaction_id"]) == (CLEARING, "transfer", False)
    assert await linked.is_in_step()
    # The bank takes one side back: the other one waits again.
    await linked.change({"op": "remove", "transaction_id": second["transaction_id"]})
    await linked.sync()
    assert await linked.category_of(first["transaction_id"]) == (CLEARING, "transfer", True)
    assert await linked.is_in_step()


@pytest.mark.parametrize(
    "strange",
    [
        {"category": "A_CODE_OF_TOMORROW"},
        {"category": None, "merchant_name": None},
        {"name": "💸 \u202eevil\u202c <script>alert(1)</script> '; DROP TABLE posting; --"},
        {"name": "NUL \x00 byte"},
        {"name": "x" * 300},
        {"raw": {"an_extra_field": {"deep": [1, 2, {"x": None}]}, "payment_channel": "telepathy"}},
        {"amount": 0},
        {"raw": {"iso_currency_code": None, "unofficial_currency_code": "BTC"}},
    ],
)
async def test_strange_rows_are_stored_and_break_nothing(linked: LinkedBank, strange: dict[str, object]) -> None:
    await linked.sync()
    await linked.change({**COFFEE, **strange})
    assert (await linked.sync()).added == 1
    assert await linked.our_rows() == await linked.banks_rows()
    assert await linked.violations() == []


async def test_a_change_during_paging_restarts_the_loop_from_its_beginning(linked: LinkedBank) -> None:
    linked.sandbox.control(
        "POST", "/faults", path="/transactions/sync", error_code="TRANSACTIONS_SYNC_MUTATION_DURING_PAGINATION", times=2
    )
    run = await linked.sync()
    assert run.restarts == 2
    assert await linked.is_in_step()


async def test_endless_changes_during_paging_end_after_a_few_restarts_and_lose_nothing(linked: LinkedBank) -> None:
    linked.sandbox.control(
        "POST",
        "/faults",
        path="/transactions/sync",
        error_code="TRANSACTIONS_SYNC_MUTATION_DURING_PAGINATION",
        times=-1,
    )
    with pytest.raises(PaginationMutatedError):
        await linked.sync()
    assert (await linked.item()).sync_cursor == ""
    linked.sandbox.control("DELETE", "/faults")
    await linked.sync()
    assert await linked.is_in_step()


@pytest.mark.parametrize(
    ("fault", "expected", "state"),
    [
        ({"status": 500}, FeedFault.RETRY_SOON, "importing"),
        ({"status": 502}, FeedFault.RETRY_SOON, "importing"),
        ({"error_code": "INSTITUTION_DOWN"}, FeedFault.BANK_DOWN, "bank_down"),
        ({"error_code": "TRANSACTIONS_SYNC_LIMIT"}, FeedFault.RATE_LIMITED, "rate_limited"),
        ({"error_code": "ITEM_LOGIN_REQUIRED"}, FeedFault.LOGIN_REQUIRED, "login_required"),
        ({"error_code": "ITEM_NOT_FOUND"}, FeedFault.GONE, "error"),
        ({"drop": "added"}, FeedFault.RETRY_SOON, "importing"),
    ],
)
async def test_a_failing_bank_leaves_rows_and_cursor_as_they_were(
    linked: LinkedBank, fault: dict[str, object], expected: FeedFault, state: str
) -> None:
    linked.sandbox.control("POST", "/faults", path="/transactions/sync", times=1, **fault)
    with pytest.raises(FeedError) as caught:
        await linked.sync()
    assert caught.value.fault is expected
    item = await linked.item()
    assert (item.sync_cursor, item.state) == ("", state)
    assert item.error_code
    assert await linked.our_rows() == {}
    await linked.sync()
    assert (await linked.item()).error_code is None
    assert await linked.is_in_step()


async def test_plaid_being_unreachable_is_a_passing_failure(linked: LinkedBank) -> None:
    async with wired_services(linked.services.pool, "http://127.0.0.1:9") as offline:
        with pytest.raises(FeedError) as caught:
            await replace(linked, services=offline).sync()
    assert caught.value.is_retryable


async def test_the_same_public_token_gives_the_same_answer_and_links_once(
    linked: LinkedBank, database: Database
) -> None:
    services = linked.services
    token = await services.feed.sandbox_public_token(
        institution_id="ins_109508", username="user_good", days_requested=30
    )
    first = await link_item(services, entity_id=linked.entity_id, public_token=token)
    assert await link_item(services, entity_id=linked.entity_id, public_token=token) == first
    other_entity = await open_entity(services.pool, database)
    with pytest.raises(PublicTokenError):
        await link_item(services, entity_id=other_entity, public_token=token)


async def test_a_failure_after_the_exchange_is_made_good_by_the_next_try(linked: LinkedBank) -> None:
    services = linked.services
    token = await services.feed.sandbox_public_token(
        institution_id="ins_109508", username="user_good", days_requested=30
    )
    linked.sandbox.control("POST", "/faults", path="/accounts/get", status=500, times=1)
    with pytest.raises(FeedError):
        await link_item(services, entity_id=linked.entity_id, public_token=token)
    assert len(await link_item(services, entity_id=linked.entity_id, public_token=token)) == 12


async def test_an_account_that_appears_later_gets_its_ledger_account_before_its_rows_are_booked(
    linked: LinkedBank,
) -> None:
    async with db.write_entity(linked.services.pool, entity_id=linked.entity_id) as conn:
        # As if the savings account had been opened after linking: we never heard of it.
        await conn.execute("UPDATE bank_account SET provider_account_id = 'x' WHERE subtype = 'savings'")
    await linked.sync()
    assert await linked.our_rows() == await linked.banks_rows()
    assert await linked.violations() == []


async def test_two_syncs_at_once_end_as_one(linked: LinkedBank) -> None:
    runs = await asyncio.gather(linked.sync(), linked.sync())
    assert sum(run.added for run in runs) == len(await linked.banks_rows())
    assert await linked.is_in_step()


async def test_old_rows_that_arrive_late_come_in(linked: LinkedBank) -> None:
    await linked.sync()
    await linked.change({**COFFEE, "date": (TODAY - timedelta(days=400)).isoformat()})
    assert (await linked.sync()).added == 1
    assert await linked.is_in_step()


async def test_amounts_keep_every_digit(linked: LinkedBank) -> None:
    await linked.sync()
    [added] = await linked.change({**COFFEE, "amount": 72.1})
    await linked.sync()
    assert (await linked.our_rows())[added["transaction_id"]][0] == Decimal("-72.1")


async def test_a_transfer_between_two_banks_synced_at_the_same_time_is_found(linked: LinkedBank) -> None:
    services = linked.services
    token = await services.feed.sandbox_public_token(
        institution_id="ins_109508", username="user_history_20", days_requested=30
    )
    rows = await link_item(services, entity_id=linked.entity_id, public_token=token)
    other = replace(linked, item_id=rows[0].item_id)
    await asyncio.gather(linked.sync(), other.sync())
    leg = {**COFFEE, "amount": 9876.54, "category": "TRANSFER_OUT_ACCOUNT_TRANSFER"}
    [out] = await linked.change(leg)
    [into] = await other.change(
        {**leg, "account": "checking", "amount": -9876.54, "category": "TRANSFER_IN_ACCOUNT_TRANSFER"}
    )
    await asyncio.gather(linked.sync(), other.sync())
    for bank, row in ((linked, out), (other, into)):
        assert await bank.category_of(row["transaction_id"]) == (CLEARING, "transfer", False)
    assert await linked.violations() == []


async def test_two_people_who_choose_at_once_leave_one_choice_and_one_entry(linked: LinkedBank) -> None:
    await linked.sync()
    [added] = await linked.change(COFFEE)
    await linked.sync()
    row_id = await linked.row_id(added["transaction_id"])
    codes = await linked.ledger_codes()
    await asyncio.gather(
        *(
            set_category(
                linked.services,
                entity_id=linked.entity_id,
                bank_transaction_id=row_id,
                ledger_account_id=codes[code],
            )
            for code in (OFFICE, 6850, OFFICE, 6600)
        )
    )
    assert (await linked.category_of(added["transaction_id"]))[1:] == ("person", False)
    assert await linked.violations() == []
    assert await linked.differences() == {}
