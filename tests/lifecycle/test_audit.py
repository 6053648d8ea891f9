"""The daily comparison with the bank: it finds what differs, mends it by reading again, and tells."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any

from openledger_server.banking.types import ItemId
from openledger_server.jobs.queue import DatabaseQueue, enqueue_audits, new_queue_app
from openledger_server.workflows.audit_item import audit_item
from openledger_server.workflows.link_item import access_token_of
from tests.support.live import Live

USERNAME = "user_studio"
_NOTHING = '{"accounts": [], "transactions": [], "total_transactions": 0}'


async def audit(live: Live, connection_id: str) -> Any:
    """Audit a connection as its job does, and return the report as the API shows it."""
    await live.call("POST", f"/v1/banks/connections/{connection_id}/audits")
    await live.work()
    return (await live.call("GET", f"/v1/banks/connections/{connection_id}/audits"))["audits"][0]


def damage(live: Live) -> list[str]:
    """Lose one row, change another, invent a third; return their ids at the provider."""
    recent = live.query(
        "SELECT id, provider_transaction_id FROM bank_transaction WHERE NOT is_pending AND removed_at IS NULL"
        " AND dated > now() - interval '50 days' ORDER BY dated DESC, id LIMIT 3"
    )
    (_, lost), (changed_id, changed), (copied_id, _) = recent
    live.run_sql(
        "UPDATE bank_transaction SET provider_transaction_id = 'never' WHERE provider_transaction_id = %s", lost
    )
    live.run_sql("UPDATE bank_transaction SET removed_at = now() WHERE provider_transaction_id = 'never'")
    live.run_sql("UPDATE bank_transaction SET amount = amount - 1, raw = '{}' WHERE id = %s", changed_id)
    live.run_sql(
        "INSERT INTO bank_transaction (entity_id, id, bank_account_id, provider_transaction_id, amount, currency,"
        "  dated, is_pending, description, raw, first_seen_at, updated_at)"
        " SELECT entity_id, id + 9999, bank_account_id, 'invented', amount, currency, dated, false, 'INVENTED', '{}',"
        "  now(), now() FROM bank_transaction WHERE id = %s",
        copied_id,
    )
    return [lost, changed, "invented"]


async def test_an_audit_of_a_healthy_connection_is_clean(live: Live) -> None:
    connection_id = await live.linked(USERNAME)
    found = await audit(live, connection_id)
    assert found["isClean"]
    assert found["transactionsHere"] == found["transactionsThere"] > 20
    assert found["differences"] == []
    assert {one["difference"] for one in found["accounts"]} == {"0.00"}
    assert (datetime.fromisoformat(found["lastDay"]) - datetime.fromisoformat(found["firstDay"])).days == 60
    assert live.count("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'sync_item' AND status = 'todo'") == 0


async def test_differences_are_reported_told_and_mended_by_reading_again(live: Live) -> None:
    connection_id = await live.linked(USERNAME)
    await live.api.ok("POST", "/v1/webhooks/endpoints", json={"url": f"{live.base_url}/health", "eventTypes": []})
    lost, changed, invented = damage(live)
    first = await audit(live, connection_id)
    named = {(one["there"] or one["here"])["providerTransactionId"]: one["kind"] for one in first["differences"]}
    assert named == {lost: "missing_here", changed: "differs", invented: "missing_there"}
    assert (first["missingHere"], first["missingThere"], first["differing"]) == (1, 1, 1)
    assert first["readsAgain"]
    assert not first["isClean"]
    messages = live.query("SELECT body FROM webhook_message WHERE event_type = 'bank.audit.differs'")
    assert [row[0]["data"]["missingHere"] for row in messages] == [1]
    # the work that the audit asked for read everything again
    second = await audit(live, connection_id)
    assert second["differences"] == []
    live.run_sql("UPDATE bank_account SET told_gap_minor = 0")


async def test_what_reading_again_does_not_mend_is_not_read_every_night(live: Live) -> None:
    """The provider's two answers contradict each other for good: it is reported, and reading again is tried once."""
    connection_id = await live.linked(USERNAME)
    item = await live.item(connection_id)
    entity_id, item_id = int(live.entity_id), ItemId(int(connection_id))
    live.sandbox.control(
        "POST", "/faults", path="/transactions/get", item_id=item.provider_item_id, times=-1, body=_NOTHING
    )
    try:
        first = await audit_item(live.services, entity_id=entity_id, item_id=item_id)
        second = await audit_item(live.services, entity_id=entity_id, item_id=item_id)
    finally:
        live.sandbox.control("DELETE", "/faults")
    assert len(first.differences) == len(second.differences) > 0
    assert (first.reads_again, second.reads_again) == (True, False)


async def test_a_gap_that_only_the_balance_shows_is_found_without_any_new_row(live: Live) -> None:
    """The bank's balance moves and no row comes: no sync would notice, the audit asks for the balances."""
    connection_id = await live.linked("user_history_20")
    await live.api.ok("POST", "/v1/webhooks/endpoints", json={"url": f"{live.base_url}/health", "eventTypes": []})
    # the bank says 12.00 less than its own rows come to
    live.sandbox.control(
        "POST", "/faults", path="/accounts/get", times=-1, body=await _accounts_off(live, connection_id)
    )
    try:
        found = await audit(live, connection_id)
    finally:
        live.sandbox.control("DELETE", "/faults")
    assert (found["balancesDiffering"], found["differences"]) == (1, [])
    assert found["accounts"][0]["difference"] == "-12.00"
    messages = live.query("SELECT body FROM webhook_message WHERE event_type = 'balance.gap_detected'")
    assert [row[0]["data"]["differenceMinor"] for row in messages] == [-1200]


async def _accounts_off(live: Live, connection_id: str) -> str:
    item = await live.item(connection_id)
    token = access_token_of(live.services, item, entity_id=int(live.entity_id))
    body = (await asyncio.to_thread(live.sandbox.plaid, "/accounts/get", access_token=token)).json()
    body["accounts"][0]["balances"]["current"] -= 12
    return json.dumps(body)


async def test_rows_of_unlinked_accounts_and_from_before_the_books_are_no_differences(live: Live) -> None:
    connection_id = await live.linked(USERNAME)
    accounts = await live.accounts()
    start = (datetime.now(UTC).date() - timedelta(days=30)).isoformat()
    path = f"/v1/banks/accounts/{accounts[0]['id']}/settings"
    await live.call("PATCH", path, json={"historyStart": start})
    await live.call("DELETE", "/v1/banks/accounts", params={"accountId": accounts[1]["id"]})
    found = await audit(live, connection_id)
    assert found["differences"] == []
    assert found["isClean"]


async def test_a_paused_connection_is_not_audited(live: Live) -> None:
    connection_id = await live.linked(USERNAME)
    await live.call("POST", f"/v1/banks/connections/{connection_id}/pause")
    path = f"/v1/banks/connections/{connection_id}/audits"
    assert await live.refused("POST", path) == (409, "CONNECTION_NOT_SYNCED")


async def test_the_clock_asks_for_each_item_once_a_day(live: Live) -> None:
    connection_id = await live.linked(USERNAME)
    app = new_queue_app()
    pool = live.services.pool
    async with app.open_async(pool):
        queue = DatabaseQueue(app)
        now = live.services.now()
        assert await enqueue_audits(pool, queue, audited_before=now - timedelta(hours=24), spread_s=900) == 0
        tomorrow = now + timedelta(minutes=1)
        assert await enqueue_audits(pool, queue, audited_before=tomorrow, spread_s=900) == 1
        assert await enqueue_audits(pool, queue, audited_before=tomorrow, spread_s=900) == 1
        waiting = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'audit_item' AND status = 'todo'"
        assert live.count(waiting) == 1
        assert live.count(waiting + " AND scheduled_at > now()") == 1
        await live.hurry()
        assert len((await live.call("GET", f"/v1/banks/connections/{connection_id}/audits"))["audits"]) == 1
        assert await enqueue_audits(pool, queue, audited_before=now, spread_s=900) == 0
