"""A public token is good only for the entity whose link token it came from, used or not."""

import asyncio

import pytest

from openledger_server.banking.types import ItemFacts
from openledger_server.workflows.link_owner import owner_of
from tests.lifecycle.test_life import new_row, provider_account_id
from tests.support.live import Live

REFUSED = (400, "INVALID_PUBLIC_TOKEN")


async def unused_token(live: Live) -> str:
    """Go through the dialog for the live entity and return the public token that nobody has used."""
    link_token = (await live.call("GET", "/v1/banks/create-link"))["link_token"]
    return str((await asyncio.to_thread(live.sandbox.link, link_token, username="user_history_20"))["public_token"])


async def hand_in(live: Live, token: str) -> tuple[int, str]:
    return await live.refused("PUT", "/v1/banks/accounts", json={"public_token": token})


def items_at_bank(live: Live) -> set[str]:
    return {str(one["item_id"]) for one in live.sandbox.control("GET", "/items")["items"] if not one["is_removed"]}


async def test_an_unused_public_token_of_another_entity_is_refused_and_its_access_given_up(live: Live) -> None:
    owner = live.entity_id
    before = items_at_bank(live)
    token = await unused_token(live)
    live.entity_id = await live.api.create_entity("Somebody else")
    assert await hand_in(live, token) == REFUSED
    assert await live.accounts() == []
    assert live.count("SELECT count(*) FROM item") == 0
    assert items_at_bank(live) == before
    assert await hand_in(live, token) == REFUSED
    # It is used up for its owner too, who goes through the dialog again.
    live.entity_id = owner
    assert await hand_in(live, token) == REFUSED
    assert (await live.connection(await live.linked()))["status"] == "healthy"


async def test_it_is_refused_also_when_the_bank_failed_in_between(live: Live) -> None:
    token = await unused_token(live)
    live.entity_id = await live.api.create_entity("Somebody else")
    live.sandbox.control("POST", "/faults", path="/item/get", status=500)
    assert (await hand_in(live, token))[0] >= 500
    assert await hand_in(live, token) == REFUSED
    assert live.count("SELECT count(*) FROM item") == 0


async def test_a_token_of_the_owners_own_repair_does_no_harm_in_other_hands(live: Live) -> None:
    connection_id = await live.linked()
    provider_item_id = (await live.item(connection_id)).provider_item_id
    update = await live.call("GET", "/v1/banks/create-link", params={"connectionId": connection_id})
    given = await asyncio.to_thread(live.sandbox.link, update["link_token"], username="user_history_20")
    owner, live.entity_id = live.entity_id, await live.api.create_entity("Somebody else")
    assert await hand_in(live, given["public_token"]) == REFUSED
    assert provider_item_id in items_at_bank(live)
    live.entity_id = owner
    await live.change(connection_id, new_row(await provider_account_id(live), "LATER"))
    await live.call("POST", "/v1/banks/sync")
    await live.work()
    assert live.count("SELECT count(*) FROM bank_transaction WHERE description = 'LATER'") == 1


async def test_the_webhooks_of_an_item_still_find_their_way(live: Live) -> None:
    connection_id = await live.linked()
    address = live.sandbox.control("GET", "/items")["items"]
    assert {
        one["webhook"] for one in address if one["item_id"] == (await live.item(connection_id)).provider_item_id
    } == {f"{live.base_url}/v1/webhooks/plaid?linkedBy={live.entity_id}"}
    before = live.received()
    await live.deed(connection_id, "login_required")
    await live.settled(lambda: live.received() > before)


@pytest.mark.parametrize(
    ("url", "owner"),
    [
        (None, None),
        ("https://books.example.com/v1/webhooks/plaid", None),
        ("https://books.example.com/v1/webhooks/plaid?linkedBy=42", 42),
        ("https://books.example.com/hook?x=1&linkedBy=42", 42),
        ("https://books.example.com/hook?linkedBy=", None),
        ("https://books.example.com/hook?linkedBy=me", None),
        ("https://[", None),
    ],
)
def test_an_address_names_its_entity_or_nobody(url: str | None, owner: int | None) -> None:
    facts = ItemFacts(
        provider_item_id="i", institution_id=None, institution_name=None, bank_accounts=(), notice_url=url
    )
    assert owner_of(facts) == owner


async def test_a_token_of_ones_own_repair_handed_in_like_a_new_one_repairs(live: Live) -> None:
    """As clients do that hand in whatever the dialog gave them; a blind retry gives the same."""
    connection_id = await live.linked()
    rows = live.count("SELECT count(*) FROM bank_transaction")
    accounts = await live.accounts()
    await live.deed(connection_id, "login_required")
    await live.settled(lambda: live.received("ERROR"))
    await live.work()
    assert (await live.connection(connection_id))["status"] == "login_required"
    update = await live.call("GET", "/v1/banks/create-link", params={"connectionId": connection_id})
    given = await asyncio.to_thread(live.sandbox.link, update["link_token"], username="user_history_20")
    body = {"public_token": given["public_token"]}
    answers = [await live.call("PUT", "/v1/banks/accounts", json=body) for _ in range(2)]
    assert answers[0] == answers[1]
    assert [one["id"] for one in answers[0]["createdAccounts"]] == [one["id"] for one in accounts]
    await live.work()
    assert (await live.connection(connection_id))["status"] == "healthy"
    assert live.count("SELECT count(*) FROM item") == 1
    assert live.count("SELECT count(*) FROM bank_transaction") == rows


async def test_a_token_of_a_repair_is_refused_once_the_connection_has_ended(live: Live) -> None:
    connection_id = await live.linked()
    update = await live.call("GET", "/v1/banks/create-link", params={"connectionId": connection_id})
    given = await asyncio.to_thread(live.sandbox.link, update["link_token"], username="user_history_20")
    await live.call("DELETE", f"/v1/banks/connections/{connection_id}")
    assert await hand_in(live, given["public_token"]) == (409, "CONNECTION_ENDED")
    await live.work()
    assert (await live.connection(connection_id))["status"] == "disconnected"
