"""What people decide about bank rows, splits and exclusions, against a bank that goes on changing them."""

from decimal import Decimal

import pytest

from openledger_server.banking.types import BankTransactionId
from openledger_server.base import db
from openledger_server.base.money import NotRepresentableError
from openledger_server.bookkeeping.annotations import store as annotations
from openledger_server.bookkeeping.annotations.types import Note
from openledger_server.categorization.decisions import store as decisions
from openledger_server.categorization.decisions.types import (
    Decisions,
    ExcludedError,
    SplitBrokenError,
    SplitSumError,
)
from openledger_server.categorization.types import SplitPart
from openledger_server.ledger.types import MACHINE
from openledger_server.workflows.annotate import annotate
from openledger_server.workflows.exclude_transaction import exclude, include
from openledger_server.workflows.manual_entries import Desk
from openledger_server.workflows.set_category import approve, set_category
from openledger_server.workflows.split_transaction import split
from tests.sync.conftest import LinkedBank
from tests.sync.test_sync_item import COFFEE, MEALS, OFFICE, UNCATEGORIZED_EXPENSE


def desk_of(linked: LinkedBank) -> Desk:
    return Desk(entity_id=linked.entity_id, by=MACHINE)


async def parts_of(linked: LinkedBank, *amounts: str) -> list[SplitPart]:
    codes = await linked.ledger_codes()
    accounts = (codes[MEALS], codes[OFFICE], codes[MEALS])
    return [SplitPart(account, Decimal(amount)) for account, amount in zip(accounts, amounts, strict=False)]


async def decided(linked: LinkedBank, row_id: BankTransactionId) -> Decisions:
    async with db.read_entity(linked.services.pool, entity_id=linked.entity_id) as conn:
        found = await decisions.decisions(conn, [row_id], entity_id=linked.entity_id)
    return found.get(row_id, Decisions())


async def split_row(linked: LinkedBank, provider_id: str, *amounts: str) -> None:
    await split(
        linked.services,
        await parts_of(linked, *amounts),
        desk=desk_of(linked),
        bank_transaction_id=await linked.row_id(provider_id),
    )


async def coffee(linked: LinkedBank, *, is_pending: bool = False) -> str:
    await linked.sync()
    [added] = await linked.change({**COFFEE, "pending": is_pending})
    await linked.sync()
    return str(added["transaction_id"])


async def test_a_split_books_each_part_and_the_same_split_again_nothing(linked: LinkedBank) -> None:
    """Coffee 12.50: Meals 10.00, Office 2.50 debit; checking 12.50 credit."""
    added = await coffee(linked)
    for _ in range(2):
        await split_row(linked, added, "-10", "-2.5")
    assert await linked.entries_of(added) == [
        ("bank_transaction", [-1250, 1250]),
        ("reversal", [1250, -1250]),
        ("bank_transaction", [-1250, 1000, 250]),
    ]
    assert await linked.category_of(added) == (MEALS, "person", False)
    assert await linked.is_in_step()


async def test_a_part_may_go_the_other_way(linked: LinkedBank) -> None:
    """Cash back: Meals 15.00, Office -2.50."""
    added = await coffee(linked)
    await split_row(linked, added, "-15", "2.5")
    assert (await linked.entries_of(added))[-1] == ("bank_transaction", [-1250, 1500, -250])
    assert await linked.is_in_step()


async def test_other_parts_replace_the_split_and_one_category_ends_it(linked: LinkedBank) -> None:
    added = await coffee(linked)
    await split_row(linked, added, "-10", "-2.5")
    await split_row(linked, added, "-5", "-5", "-2.5")
    assert (await linked.entries_of(added))[-1] == ("bank_transaction", [-1250, 500, 500, 250])
    row_id = await linked.row_id(added)
    await set_category(
        linked.services,
        entity_id=linked.entity_id,
        bank_transaction_id=row_id,
        ledger_account_id=(await linked.ledger_codes())[MEALS],
    )
    assert (await linked.entries_of(added))[-1] == ("bank_transaction", [-1250, 1250])
    assert await decided(linked, row_id) == Decisions()
    assert await linked.is_in_step()


@pytest.mark.parametrize("amounts", [("-10", "-2.49"), ("-10", "-2.51"), ("10", "2.5"), ("-12.5",), ("-12.5", "0")])
async def test_parts_that_are_not_the_whole_are_refused(linked: LinkedBank, amounts: tuple[str, ...]) -> None:
    added = await coffee(linked)
    with pytest.raises(SplitSumError):
        await split_row(linked, added, *amounts)
    assert len(await linked.entries_of(added)) == 1


async def test_a_part_below_the_smallest_unit_is_refused(linked: LinkedBank) -> None:
    added = await coffee(linked)
    with pytest.raises(NotRepresentableError):
        await split_row(linked, added, "-10.005", "-2.495")


async def test_an_amount_changed_by_the_bank_sends_the_split_to_a_person(linked: LinkedBank) -> None:
    added = await coffee(linked)
    await split_row(linked, added, "-10", "-2.5")
    await linked.change({"op": "modify", "transaction_id": added, "amount": 14.0})
    await linked.sync()
    assert (await linked.entries_of(added))[-1] == ("bank_transaction", [-1400, 1400])
    assert await linked.category_of(added) == (UNCATEGORIZED_EXPENSE, "person", True)
    assert await linked.is_in_step()
    with pytest.raises(SplitBrokenError):
        await approve(linked.services, entity_id=linked.entity_id, bank_transaction_id=await linked.row_id(added))
    await split_row(linked, added, "-11.5", "-2.5")
    assert (await linked.entries_of(added))[-1] == ("bank_transaction", [-1400, 1150, 250])
    assert await linked.category_of(added) == (MEALS, "person", False)
    assert await linked.is_in_step()


async def test_another_date_alone_keeps_the_split(linked: LinkedBank) -> None:
    added = await coffee(linked)
    await split_row(linked, added, "-10", "-2.5")
    await linked.change({"op": "modify", "transaction_id": added, "date": "2026-01-02"})
    await linked.sync()
    assert (await linked.entries_of(added))[-1] == ("bank_transaction", [-1250, 1000, 250])
    assert await linked.category_of(added) == (MEALS, "person", False)
    assert await linked.is_in_step()


async def test_decisions_on_a_pending_row_move_to_the_settled_one(linked: LinkedBank) -> None:
    pending = await coffee(linked, is_pending=True)
    await split_row(linked, pending, "-10", "-2.5")
    desk = desk_of(linked)
    await annotate(
        linked.services, desk=desk, transaction_id=await linked.row_id(pending), description="Coffee", note="Ann paid"
    )
    assert await linked.entries_of(pending) == []
    [settled] = await linked.change({"op": "settle", "transaction_id": pending})
    await linked.sync()
    assert await linked.entries_of(settled["transaction_id"]) == [("bank_transaction", [-1250, 1000, 250])]
    row_id = await linked.row_id(settled["transaction_id"])
    async with db.read_entity(linked.services.pool, entity_id=linked.entity_id) as conn:
        assert await annotations.notes(conn, [row_id], entity_id=linked.entity_id) == {
            row_id: Note("Coffee", "Ann paid")
        }
    assert await linked.is_in_step()


async def test_a_pending_split_that_settles_at_another_amount_goes_to_a_person(linked: LinkedBank) -> None:
    pending = await coffee(linked, is_pending=True)
    await split_row(linked, pending, "-10", "-2.5")
    [settled] = await linked.change({"op": "settle", "transaction_id": pending, "amount": 15.0})
    await linked.sync()
    assert await linked.entries_of(settled["transaction_id"]) == [("bank_transaction", [-1500, 1500])]
    assert (await linked.category_of(settled["transaction_id"]))[2]
    assert await linked.is_in_step()


async def test_an_excluded_row_is_not_booked_whatever_the_bank_changes(linked: LinkedBank) -> None:
    added = await coffee(linked)
    row_id, desk = await linked.row_id(added), desk_of(linked)
    for _ in range(2):
        await exclude(linked.services, desk=desk, bank_transaction_ids=[row_id], reason="Private.")
    before = [("bank_transaction", [-1250, 1250]), ("reversal", [1250, -1250])]
    assert await linked.entries_of(added) == before
    await linked.change({"op": "modify", "transaction_id": added, "amount": 14.0})
    await linked.sync()
    assert await linked.entries_of(added) == before
    assert not (await linked.category_of(added))[2]
    assert await linked.violations() == []
    assert list((await linked.differences()).values()) == [1400], "the bank counts it, the books do not"
    for _ in range(2):
        await include(linked.services, desk=desk, bank_transaction_id=row_id)
    assert await linked.entries_of(added) == [*before, ("bank_transaction", [-1400, 1400])]
    assert await linked.is_in_step()


async def test_an_exclusion_moves_to_the_settled_row(linked: LinkedBank) -> None:
    pending = await coffee(linked, is_pending=True)
    row_id = await linked.row_id(pending)
    await exclude(linked.services, desk=desk_of(linked), bank_transaction_ids=[row_id], reason="Private.")
    [settled] = await linked.change({"op": "settle", "transaction_id": pending})
    await linked.sync()
    assert await linked.entries_of(settled["transaction_id"]) == []
    assert not (await linked.category_of(settled["transaction_id"]))[2]
    assert await linked.violations() == []


async def test_an_excluded_row_cannot_be_split(linked: LinkedBank) -> None:
    added = await coffee(linked)
    row_id = await linked.row_id(added)
    await exclude(linked.services, desk=desk_of(linked), bank_transaction_ids=[row_id], reason="Private.")
    with pytest.raises(ExcludedError):
        await split_row(linked, added, "-10", "-2.5")


async def test_excluding_one_leg_of_a_transfer_asks_about_the_other(linked: LinkedBank) -> None:
    """Both legs are paired through clearing; the first is excluded, so the second goes to a person."""
    await linked.sync()
    leg = {"op": "add", "date": COFFEE["date"], "name": "Online transfer", "category": "TRANSFER_OUT_ACCOUNT_TRANSFER"}
    out_leg, in_leg = await linked.change(
        {**leg, "account": "checking", "amount": 77.0},
        {**leg, "account": "savings", "amount": -77.0, "category": "TRANSFER_IN_ACCOUNT_TRANSFER"},
    )
    await linked.sync()
    assert not (await linked.category_of(in_leg["transaction_id"]))[2]
    row_id = await linked.row_id(out_leg["transaction_id"])
    await exclude(linked.services, desk=desk_of(linked), bank_transaction_ids=[row_id], reason="Twice.")
    assert (await linked.category_of(in_leg["transaction_id"]))[2]
    await linked.sync()
    assert await linked.violations() == []
    await include(linked.services, desk=desk_of(linked), bank_transaction_id=row_id)
    assert not (await linked.category_of(in_leg["transaction_id"]))[2], "they are paired again"
    assert await linked.is_in_step()
