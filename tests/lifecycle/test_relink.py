"""The same bank linked again: refused while it is linked, continued once it has ended."""

import asyncio
from typing import Any

from openledger_server.base import db
from openledger_server.bookkeeping.invariants import BOOKKEEPING_INVARIANTS
from openledger_server.ledger.invariants import LEDGER_INVARIANTS, violations
from tests.support.live import Live

METADATA = {
    "institution": {"institution_id": "ins_109508", "name": "First Platypus Bank"},
    "link_session_id": "whatever else the browser has",
}


async def chosen(live: Live) -> dict[str, Any]:
    """Return what Link's onSuccess would say of the accounts that are linked now."""
    accounts = [{"name": one["accountName"], "mask": one["accountMask"] or None} for one in await live.accounts()]
    return {**METADATA, "accounts": accounts}


async def totals(live: Live) -> list[tuple[Any, ...]]:
    """Return what every ledger account holds."""
    return live.query(
        "SELECT a.name, sum(p.amount_minor) FROM posting p JOIN ledger_account a"
        " ON a.entity_id = p.entity_id AND a.id = p.ledger_account_id GROUP BY a.id, a.name"
        " HAVING sum(p.amount_minor) <> 0 ORDER BY 1, 2"
    )


async def assert_sound(live: Live) -> None:
    async with db.read_entity(live.services.pool, entity_id=int(live.entity_id)) as conn:
        found = await violations(conn, LEDGER_INVARIANTS | BOOKKEEPING_INVARIANTS, entity_id=int(live.entity_id))
    assert found == []
    assert all(account["isReconciled"] for account in await live.accounts())


async def test_a_bank_that_is_linked_already_is_not_exchanged(live: Live) -> None:
    connection_id = await live.linked()
    token = (await live.call("GET", "/v1/banks/create-link"))["link_token"]
    public_token = (await asyncio.to_thread(live.sandbox.link, token, username="user_history_20"))["public_token"]
    body = {"public_token": public_token, "metadata": await chosen(live)}
    answer = await live.api.call("PUT", "/v1/banks/accounts", params={"entityId": live.entity_id}, json=body)
    assert (answer.status_code, answer.json()["code"]) == (409, "CONNECTION_EXISTS")
    assert answer.json()["details"]["connectionId"] == connection_id
    assert live.count("SELECT count(*) FROM item") == 1
    # the token is still good, because nobody used it
    made = await live.call("PUT", "/v1/banks/accounts", json={**body, "force": True})
    assert made["createdAccounts"][0]["connectionId"] != connection_id
    # the same request again gives the same answer, though the bank is linked by now
    assert (await live.call("PUT", "/v1/banks/accounts", json=body))["createdAccounts"] == made["createdAccounts"]


async def test_what_the_browser_says_is_used_for_nothing_else(live: Live) -> None:
    await live.link(metadata={"institution": {"institution_id": "ins_1", "name": "Evil"}, "accounts": [{"name": "X"}]})
    (account,) = await live.accounts()
    assert account["institutionId"] == "ins_109508"
    assert account["accountName"] != "X"


async def test_two_entities_may_link_the_same_bank(live: Live) -> None:
    await live.linked()
    metadata = await chosen(live)
    live.entity_id = await live.api.create_entity("Spouse")
    await live.link(metadata=metadata)
    assert len(await live.accounts()) == 1


async def test_a_bank_linked_anew_goes_on_with_its_accounts_and_books_nothing_twice(live: Live) -> None:
    old = await live.linked("user_studio")
    accounts, before = await live.accounts(), await totals(live)
    rows = live.query("SELECT id FROM bank_transaction WHERE removed_at IS NULL AND NOT is_pending ORDER BY id")
    metadata = await chosen(live)
    await live.call("DELETE", f"/v1/banks/connections/{old}")
    await live.work()
    assert await totals(live) == before
    new = await live.link("user_studio", metadata=metadata)
    await live.work()
    assert new != old
    after = await live.accounts()
    assert [one["id"] for one in after] == [one["id"] for one in accounts]
    assert [one["ledgerAccountId"] for one in after] == [one["ledgerAccountId"] for one in accounts]
    assert [one["transactionCount"] for one in after] == [one["transactionCount"] for one in accounts]
    assert await totals(live) == before
    assert live.query("SELECT id FROM bank_transaction WHERE removed_at IS NULL AND NOT is_pending ORDER BY id") == rows
    assert live.count("SELECT count(*) FROM bank_transaction WHERE awaits_relink AND removed_at IS NULL") == 0
    await assert_sound(live)


async def test_accounts_that_the_bank_gave_new_ids_are_continued(live: Live) -> None:
    connection_id = await live.linked("user_studio")
    accounts, before = await live.accounts(), await totals(live)
    await live.deed(connection_id, "renumber", removed=False)
    await live.call("POST", "/v1/banks/sync")
    await live.work()
    assert [one["id"] for one in await live.accounts()] == [one["id"] for one in accounts]
    assert await totals(live) == before
    await assert_sound(live)
