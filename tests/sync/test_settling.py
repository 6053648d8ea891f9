"""A pending row settles and the bank does not say which one it was: what a person chose is suggested, never taken."""

from typing import Any

import pytest

from openledger_server.base import db
from openledger_server.workflows.set_category import set_category
from tests.sync.conftest import TODAY, LinkedBank

PENDING = {
    "op": "add",
    "account": "checking",
    "amount": 40,
    "date": TODAY.isoformat(),
    "name": "ZQX HOLD 1",
    "pending": True,
}


async def decided_pending(linked: LinkedBank, code: int = 6400) -> str:
    """Return a pending row that a person has put into a category."""
    await linked.sync()
    [made] = await linked.change(PENDING)
    await linked.sync()
    await set_category(
        linked.services,
        entity_id=linked.entity_id,
        bank_transaction_id=await linked.row_id(made["transaction_id"]),
        ledger_account_id=(await linked.ledger_codes())[code],
    )
    return str(made["transaction_id"])


async def suggestion_of(linked: LinkedBank, key: str) -> int | None:
    """Return the code of the suggested account of a row that a person is asked about."""
    row_id = await linked.row_id(key)
    async with db.read_entity(linked.services.pool, entity_id=linked.entity_id) as conn:
        cursor = await conn.execute(
            "SELECT a.code, c.needs_review FROM categorization AS c LEFT JOIN ledger_account AS a"
            " ON a.entity_id = c.entity_id AND a.id = c.suggested_ledger_account_id"
            " WHERE c.entity_id = %s AND c.bank_transaction_id = %s",
            (linked.entity_id, row_id),
        )
        row = await cursor.fetchone()
    assert row is not None
    assert row[1], "it is in the review queue"
    code: int | None = row[0]
    return code


def settled(pending: str, **changed: Any) -> dict[str, Any]:
    """Return the operation by which a pending row settles under another name, without a word of where it came from."""
    return {"op": "settle", "transaction_id": pending, "link": False, "name": "VBN STORE 77", **changed}


@pytest.mark.parametrize("amount", [40, 48])
async def test_what_was_chosen_for_the_pending_row_is_suggested(linked: LinkedBank, amount: int) -> None:
    pending = await decided_pending(linked)
    [made] = await linked.change(settled(pending, amount=amount))
    await linked.sync()
    assert await suggestion_of(linked, made["transaction_id"]) == 6400
    code, decided_by, _ = await linked.category_of(made["transaction_id"])
    assert (code == 6400, decided_by == "person") == (False, False)
    assert await linked.is_in_step()


@pytest.mark.parametrize("changed", [{"amount": 90}, {"amount": -40}])
async def test_a_row_that_looks_different_gets_no_suggestion(linked: LinkedBank, changed: dict[str, Any]) -> None:
    pending = await decided_pending(linked)
    [made] = await linked.change(settled(pending, **changed))
    await linked.sync()
    assert await suggestion_of(linked, made["transaction_id"]) != 6400


async def test_two_rows_that_fit_get_none(linked: LinkedBank) -> None:
    pending = await decided_pending(linked)
    other = {**PENDING, "pending": False, "amount": 41, "name": "VBN STORE 78"}
    [first, second] = await linked.change(settled(pending), other)
    await linked.sync()
    assert await suggestion_of(linked, first["transaction_id"]) != 6400
    assert await suggestion_of(linked, second["transaction_id"]) != 6400


async def test_what_was_only_parked_is_not_suggested(linked: LinkedBank) -> None:
    pending = await decided_pending(linked, code=6999)
    [made] = await linked.change(settled(pending))
    await linked.sync()
    assert await suggestion_of(linked, made["transaction_id"]) != 6999
