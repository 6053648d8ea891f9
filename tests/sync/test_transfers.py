"""Transfers between own bank accounts: found, asked about, confirmed, rejected, on a real bank's rows."""

from typing import Any

import pytest

from openledger_server.banking.types import BankTransactionId
from openledger_server.base import db
from openledger_server.categorization.pairing import store as pairing
from openledger_server.workflows.decide_transfers import NotATransferError, confirm_transfer, reject_transfer
from openledger_server.workflows.set_category import set_category
from tests.sync.conftest import TODAY, LinkedBank

CLEARING, SALES, DRAWS, CONTRACTORS, UNCATEGORIZED_EXPENSE, TAXES = 1090, 4000, 3200, 5200, 6999, 6700


def row(account: str, amount: float, name: str, category: str, **more: Any) -> dict[str, Any]:
    """Return an operation of the sandbox bank. `amount`: positive = money out."""
    return {
        "op": "add",
        "account": account,
        "amount": amount,
        "date": TODAY.isoformat(),
        "name": name,
        "merchant_name": None,
        "category": category,
        "confidence": "HIGH",
        **more,
    }


async def added(linked: LinkedBank, *operations: dict[str, Any]) -> list[str]:
    changes = await linked.change(*operations)
    await linked.sync()
    return [change["transaction_id"] for change in changes]


async def partner_of(linked: LinkedBank, provider_id: str) -> BankTransactionId | None:
    number = await linked.row_id(provider_id)
    async with db.read_entity(linked.services.pool, entity_id=linked.entity_id) as conn:
        return (await pairing.sides(conn, [number], entity_id=linked.entity_id))[number].transfer_partner_id


async def asked(linked: LinkedBank) -> dict[int, list[int]]:
    async with db.read_entity(linked.services.pool, entity_id=linked.entity_id) as conn:
        found = await pairing.possible_transfers(conn, entity_id=linked.entity_id, limit=100, ins_max=10)
    return {int(one.out_id): [int(number) for number in one.in_ids] for one in found}


OUT = row("checking", 777.31, "ONLINE TRANSFER TO SAV 1234", "TRANSFER_OUT_ACCOUNT_TRANSFER")
IN = row("savings", -777.31, "ONLINE TRANSFER FROM CHK 0001", "TRANSFER_IN_ACCOUNT_TRANSFER")


async def test_two_equal_candidates_are_asked_about_and_the_confirmed_one_is_booked(linked: LinkedBank) -> None:
    await linked.sync()
    out, first, second = await added(linked, OUT, IN, IN)
    ids = [await linked.row_id(provider_id) for provider_id in (out, first, second)]
    assert await partner_of(linked, out) is None
    assert sorted((await asked(linked))[ids[0]]) == sorted(ids[1:])
    for _ in range(2):
        await confirm_transfer(linked.services, entity_id=linked.entity_id, out_id=ids[0], in_id=ids[2])
    assert await partner_of(linked, second) == ids[0]
    assert await linked.category_of(out) == (CLEARING, "person", False)
    assert ids[0] not in await asked(linked)
    await linked.change({"op": "modify", "transaction_id": out, "name": "TRANSFER TO SAVINGS"})
    await linked.sync()
    assert await partner_of(linked, out) == ids[2], "what a person confirmed outlives a change of words"
    assert await linked.is_in_step()


async def test_a_rejected_pair_is_never_paired_or_asked_about_again(linked: LinkedBank) -> None:
    await linked.sync()
    out, into = await added(linked, OUT, IN)
    ids = [await linked.row_id(provider_id) for provider_id in (out, into)]
    assert await partner_of(linked, out) == ids[1]
    for _ in range(2):
        await reject_transfer(linked.services, entity_id=linked.entity_id, out_id=ids[0], in_id=ids[1])
    assert await partner_of(linked, out) is None
    await linked.change({"op": "modify", "transaction_id": out, "name": "TRANSFER TO SAVINGS"})
    await linked.sync()
    assert await partner_of(linked, out) is None
    assert ids[0] not in await asked(linked)
    assert await linked.category_of(out) == (CLEARING, "transfer", True)
    await confirm_transfer(linked.services, entity_id=linked.entity_id, out_id=ids[0], in_id=ids[1])
    assert await partner_of(linked, out) == ids[1], "people may change their mind"
    await reject_transfer(linked.services, entity_id=linked.entity_id, out_id=ids[0], in_id=ids[1])
    assert await linked.category_of(out) == (CLEARING, "person", True)
    assert await linked.is_in_step()


async def test_a_confirmed_transfer_whose_side_changes_its_amount_is_asked_about_again(linked: LinkedBank) -> None:
    await linked.sync()
    out, into = await added(linked, OUT, IN)
    ids = [await linked.row_id(provider_id) for provider_id in (out, into)]
    await confirm_transfer(linked.services, entity_id=linked.entity_id, out_id=ids[0], in_id=ids[1])
    await linked.change({"op": "modify", "transaction_id": out, "amount": 778.0})
    await linked.sync()
    for provider_id in (out, into):
        assert await partner_of(linked, provider_id) is None
        assert await linked.category_of(provider_id) == (CLEARING, "person", True)
    assert await linked.is_in_step()


async def test_what_cannot_be_one_transfer_is_refused(linked: LinkedBank) -> None:
    await linked.sync()
    out, into, other = await added(linked, OUT, IN, row("savings", -5, "INTEREST", "INCOME_INTEREST_EARNED"))
    ids = [await linked.row_id(provider_id) for provider_id in (out, into, other)]
    for pair in ((ids[1], ids[0]), (ids[0], ids[2]), (ids[0], ids[0])):
        with pytest.raises(NotATransferError):
            await confirm_transfer(linked.services, entity_id=linked.entity_id, out_id=pair[0], in_id=pair[1])


async def test_confirming_another_pair_frees_the_side_that_is_left(linked: LinkedBank) -> None:
    await linked.sync()
    out, into = await added(linked, OUT, IN)
    [late] = await added(linked, IN)
    ids = [await linked.row_id(provider_id) for provider_id in (out, into, late)]
    await confirm_transfer(linked.services, entity_id=linked.entity_id, out_id=ids[0], in_id=ids[2])
    assert await partner_of(linked, into) is None
    assert await linked.category_of(into) == (CLEARING, "transfer", True)
    codes = await linked.ledger_codes()
    await set_category(
        linked.services, entity_id=linked.entity_id, bank_transaction_id=ids[2], ledger_account_id=codes[SALES]
    )
    assert await partner_of(linked, out) is None
    assert await linked.is_in_step()


@pytest.mark.parametrize(
    ("operation", "suggested", "words"),
    [
        (row("checking", 350, "ZELLE TO MARIA LOPEZ", "TRANSFER_OUT_ACCOUNT_TRANSFER"), DRAWS, "a payment app"),
        (row("checking", 351, "VENMO PAYMENT", "TRANSFER_OUT_TRANSFER_OUT_FROM_APPS"), DRAWS, "a payment app"),
        (row("checking", 9000, "WIRE OUT ACME GMBH", "TRANSFER_OUT_WIRE"), CONTRACTORS, "a wire"),
        (row("checking", -9001, "WIRE IN CUSTOMER LLC", "TRANSFER_IN_ACCOUNT_TRANSFER"), SALES, "a wire"),
    ],
    ids=lambda value: value["name"] if isinstance(value, dict) else "",
)
async def test_wires_and_payment_apps_are_asked_about_as_what_they_mostly_are(
    linked: LinkedBank, operation: dict[str, Any], suggested: int, words: str
) -> None:
    await linked.sync()
    [provider_id] = await added(linked, operation)
    code, decided_by, needs_review = await linked.category_of(provider_id)
    assert (code in {UNCATEGORIZED_EXPENSE, 4999}, decided_by, needs_review) == (True, "provider", True)
    codes, number = await linked.ledger_codes(), await linked.row_id(provider_id)
    async with db.read_entity(linked.services.pool, entity_id=linked.entity_id) as conn:
        cursor = await conn.execute(
            "SELECT suggested_ledger_account_id, reason FROM categorization WHERE entity_id = %s"
            " AND bank_transaction_id = %s",
            (linked.entity_id, number),
        )
        found = await cursor.fetchone()
    assert found is not None
    assert found[0] == codes[suggested]
    assert words in found[1]
    assert "own accounts" in found[1]


async def test_a_wire_between_own_accounts_is_found_by_its_other_side(linked: LinkedBank) -> None:
    await linked.sync()
    wire = row("checking", 4321.09, "WIRE TRANSFER OUT", "TRANSFER_OUT_WIRE")
    other = row("savings", -4321.09, "TRANSFER FROM CHECKING", "TRANSFER_IN_ACCOUNT_TRANSFER")
    out, into = await added(linked, wire, other)
    assert await partner_of(linked, out) == await linked.row_id(into)


async def test_two_wires_that_may_be_one_transfer_are_asked_about(linked: LinkedBank) -> None:
    await linked.sync()
    wire = row("checking", 4321.09, "WIRE OUT", "TRANSFER_OUT_WIRE")
    out, into = await added(linked, wire, row("savings", -4321.09, "WIRE IN", "TRANSFER_IN_WIRE"))
    assert await partner_of(linked, out) is None
    assert (await asked(linked))[await linked.row_id(out)] == [await linked.row_id(into)]


@pytest.mark.parametrize(
    "category", ["INCOME_OTHER_INCOME", "TRANSFER_IN_DEPOSIT", "LOAN_PAYMENTS_CREDIT_CARD_PAYMENT"]
)
async def test_money_in_on_a_card_is_never_income(linked: LinkedBank, category: str) -> None:
    await linked.sync()
    [provider_id] = await added(linked, row("credit card", -250, "MOBILE PMT", category))
    assert await linked.category_of(provider_id) == (CLEARING, "transfer", True)


async def test_a_refund_on_a_card_keeps_its_merchants_category(linked: LinkedBank) -> None:
    await linked.sync()
    [provider_id] = await added(linked, row("credit card", -25, "DELTA AIR REFUND", "TRAVEL_FLIGHTS"))
    assert await linked.category_of(provider_id) == (6850, "provider", False)


async def test_a_tax_payment_is_asked_about(linked: LinkedBank) -> None:
    await linked.sync()
    operation = row("checking", 1200, "IRS USATAXPYMT", "GOVERNMENT_AND_NON_PROFIT_TAX_PAYMENT")
    [provider_id] = await added(linked, operation)
    assert await linked.category_of(provider_id) == (UNCATEGORIZED_EXPENSE, "provider", True)
