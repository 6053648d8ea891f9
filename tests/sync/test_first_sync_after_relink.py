"""What a bank changes between being linked anew and our first look: rows that nobody has seen under their new ids."""

from dataclasses import replace

from openledger_server.workflows.disconnect import disconnect
from openledger_server.workflows.link_item import link_item
from openledger_server.workflows.set_category import set_category
from tests.sync.conftest import LinkedBank
from tests.sync.test_sync_item import COFFEE, OFFICE


async def decided_and_linked_anew(linked: LinkedBank) -> tuple[LinkedBank, str]:
    """Return the new connection and the new id of a coffee that a person gave a category in the old one."""
    await linked.sync()
    [coffee] = await linked.change(COFFEE)
    await linked.sync()
    await set_category(
        linked.services,
        entity_id=linked.entity_id,
        bank_transaction_id=await linked.row_id(coffee["transaction_id"]),
        ledger_account_id=(await linked.ledger_codes())[OFFICE],
    )
    await disconnect(linked.services, entity_id=linked.entity_id, item_id=linked.item_id)
    token = await linked.services.feed.sandbox_public_token(
        institution_id="ins_109508", username="user_studio", days_requested=60
    )
    rows = await link_item(linked.services, entity_id=linked.entity_id, public_token=token)
    anew = replace(linked, item_id=rows[-1].item_id)
    [same] = await anew.change(COFFEE)
    return anew, str(same["transaction_id"])


async def test_a_row_that_got_another_id_before_the_first_look_keeps_what_a_person_chose(linked: LinkedBank) -> None:
    """Found by seed 2035: the row says the same as the old one, so it goes on in it, whatever its id."""
    anew, coffee = await decided_and_linked_anew(linked)
    [churned] = await anew.change({"op": "readd", "transaction_id": coffee})
    await anew.sync()
    assert churned["transaction_id"] != coffee
    assert await anew.category_of(churned["transaction_id"]) == (OFFICE, "person", False)
    # As the machine judged it, taken back, as the person chose: all from the old connection, nothing since.
    assert len(await anew.entries_of(churned["transaction_id"])) == 3
    assert await anew.is_in_step()


async def test_a_row_that_says_something_else_by_then_is_another_row(linked: LinkedBank) -> None:
    """The owner's choice for this merchant is known, but nobody has decided this row."""
    anew, coffee = await decided_and_linked_anew(linked)
    await anew.change({"op": "modify", "transaction_id": coffee, "amount": 13.5})
    await anew.sync()
    assert (await anew.category_of(coffee))[1] != "person"
    assert await anew.is_in_step()


async def test_a_row_that_is_gone_by_then_leaves_the_books(linked: LinkedBank) -> None:
    anew, coffee = await decided_and_linked_anew(linked)
    await anew.change({"op": "remove", "transaction_id": coffee})
    await anew.sync()
    assert await anew.is_in_step()
