"""Plaid's webhooks come in: only true ones, each once, whatever the order."""

import asyncio
import hashlib
import json
import logging
from typing import Any

import httpx
import jwt
import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from openledger_server.plaid.verification import WebhookVerifier
from openledger_server.workflows.receive_webhook import receive_webhook
from tests.support.live import Live

PATH = "/v1/webhooks/plaid"
NEVER_SENT = "UNHEARD_OF"


async def send(live: Live, connection_id: str, code: str, kind: str = "TRANSACTIONS", **given: Any) -> dict[str, Any]:
    """Have the sandbox send a message of its own making and return its last attempt."""
    item = await live.item(connection_id)
    number = (await live.deed(connection_id, "webhook", webhook_type=kind, webhook_code=code, **given))["webhook_id"]
    return await delivered(live, item.provider_item_id, number)


async def delivered(live: Live, provider_item_id: str, number: int) -> dict[str, Any]:
    attempts: list[dict[str, Any]] = []

    def is_tried() -> bool:
        url = f"{live.sandbox.base_url}/_control/webhooks?item_id={provider_item_id}&after={number - 1}"
        found = live.sandbox.http.get(url).json()["webhooks"]
        attempts[:] = [attempt for one in found if one["webhook_id"] == number for attempt in one["attempts"]]
        return bool(attempts)

    await live.settled(is_tried)
    return attempts[-1]


def jobs(live: Live, task: str) -> int:
    return live.count("SELECT count(*) FROM procrastinate_jobs WHERE task_name = %s", task)


async def test_a_true_webhook_is_stored_and_queues_one_sync(live: Live) -> None:
    connection_id = await live.linked()
    before = live.received()
    attempt = await send(live, connection_id, "SYNC_UPDATES_AVAILABLE")
    assert attempt["status"] == 200
    assert live.received() == before + 1
    assert jobs(live, "handle_webhooks") == 1


async def test_the_same_delivery_five_times_is_one(live: Live) -> None:
    connection_id = await live.linked()
    item = await live.item(connection_id)
    before = live.count("SELECT count(*) FROM received_webhook")
    number = (
        await live.deed(
            connection_id, "webhook", webhook_type="TRANSACTIONS", webhook_code="DEFAULT_UPDATE", extra={"a": 1}
        )
    )["webhook_id"]
    await delivered(live, item.provider_item_id, number)
    for _ in range(4):
        path = f"/webhooks/{number}/resend"
        again = live.sandbox.control("POST", path, same_signature=True)["webhook_id"]
        assert (await delivered(live, item.provider_item_id, again))["status"] == 200
    assert live.count("SELECT count(*) FROM received_webhook") == before + 1
    assert live.count("SELECT max(repeats) FROM received_webhook") == 4
    await live.work()
    assert live.count("SELECT count(*) FROM bank_transaction WHERE removed_at IS NULL") == 20


async def test_several_webhooks_for_one_update_are_at_most_two_syncs(live: Live) -> None:
    connection_id = await live.linked()
    runs = live.count("SELECT count(*) FROM sync_run")
    (removed,) = live.query("SELECT provider_transaction_id FROM bank_transaction ORDER BY id LIMIT 1")
    for code, extra in (
        ("TRANSACTIONS_REMOVED", {"removed_transactions": [removed[0]]}),
        ("DEFAULT_UPDATE", {"new_transactions": 1}),
        ("SYNC_UPDATES_AVAILABLE", {}),
        ("HISTORICAL_UPDATE", {}),
        ("INITIAL_UPDATE", {}),
    ):
        await send(live, connection_id, code, extra=extra)
    await live.work()
    assert live.count("SELECT count(*) FROM sync_run") - runs in {1, 2}
    assert live.count("SELECT count(*) FROM bank_transaction WHERE removed_at IS NULL") == 20


async def test_unknown_codes_and_items_are_logged_and_nothing_else(
    live: Live, caplog: pytest.LogCaptureFixture
) -> None:
    connection_id = await live.linked()
    with caplog.at_level(logging.INFO, logger="openledger_server"):
        assert (await send(live, connection_id, NEVER_SENT))["status"] == 200
        stranger = await send(live, connection_id, NEVER_SENT, extra={"item_id": "somebody else's"})
        assert stranger["status"] == 200
        await live.work()
    assert "Webhook about no item of ours" in caplog.messages
    assert "Webhook asks for nothing" in caplog.messages
    assert live.query("SELECT state, entity_id FROM received_webhook WHERE provider_item_id LIKE 'somebody%%'") == [
        ("ignored", None)
    ]
    assert (await live.connection(connection_id))["status"] == "healthy"


@pytest.mark.parametrize(
    "forgery",
    [
        {"signature": "none"},
        {"signature": "garbage"},
        {"algorithm": "none"},
        {"algorithm": "HS256"},
        {"key": "foreign"},
        {"key": "unknown"},
        {"key": "expired"},
        {"body": "byte"},
        {"body": "whitespace"},
        {"iat_shift_s": -310},
        {"iat_shift_s": 3600},
    ],
    ids=str,
)
async def test_forged_changed_and_stale_webhooks_are_refused(live: Live, forgery: dict[str, Any]) -> None:
    connection_id = await live.linked()
    before = live.received()
    attempt = await send(live, connection_id, "SYNC_UPDATES_AVAILABLE", forgery=forgery)
    assert 400 <= attempt["status"] < 500
    assert (live.received(), jobs(live, "handle_webhooks")) == (before, 0)


async def test_a_webhook_of_almost_five_minutes_ago_is_still_good(live: Live) -> None:
    connection_id = await live.linked()
    attempt = await send(live, connection_id, "SYNC_UPDATES_AVAILABLE", forgery={"iat_shift_s": -290})
    assert attempt["status"] == 200


async def test_rotated_keys_are_fetched(live: Live) -> None:
    connection_id = await live.linked()
    assert (await send(live, connection_id, "DEFAULT_UPDATE"))["status"] == 200
    live.sandbox.control("POST", "/webhooks/rotate_key")
    assert (await send(live, connection_id, "DEFAULT_UPDATE"))["status"] == 200


async def test_without_the_key_plaid_has_to_send_it_again(live: Live) -> None:
    connection_id = await live.linked()
    live.sandbox.control("POST", "/webhooks/rotate_key")
    live.sandbox.control("POST", "/faults", path="/webhook_verification_key/get", status=500, times=1)
    before = live.received()
    assert (await send(live, connection_id, "DEFAULT_UPDATE"))["status"] == 503
    assert live.received() == before
    assert (await send(live, connection_id, "DEFAULT_UPDATE"))["status"] == 200


async def test_without_a_signature_nobody_is_asked(live: Live) -> None:
    live.sandbox.control("POST", "/faults", path="/webhook_verification_key/get", status=500)
    answer = await live.api.http.post(PATH, content=b"{}")
    assert (answer.status_code, answer.json()["code"]) == (401, "WEBHOOK_SIGNATURE_INVALID")


async def test_webhooks_out_of_order_and_dropped_lose_nothing(live: Live) -> None:
    connection_id = await live.link("user_history_30")
    item = await live.item(connection_id)
    live.sandbox.control("POST", "/webhooks/faults", fate="drop", times=-1, item_id=item.provider_item_id)
    await live.work()
    (account,) = live.query("SELECT provider_account_id FROM bank_account")
    row = {"op": "add", "account_id": account[0], "amount": "1.00", "date": "2026-01-02", "name": "Unheard"}
    await live.change(connection_id, row, silent=False)
    await live.work()
    assert live.count("SELECT count(*) FROM bank_transaction WHERE removed_at IS NULL") == 30
    live.run_sql("UPDATE item SET last_synced_at = now() - interval '25 hours', last_attempted_at = NULL")
    assert live.query("SELECT item_id FROM items_to_sync(now() - interval '4 hours')") == [(int(connection_id),)]
    await live.call("POST", "/v1/banks/sync")
    await live.work()
    assert live.count("SELECT count(*) FROM bank_transaction WHERE removed_at IS NULL") == 31


async def test_a_thousand_at_once_are_all_stored_and_each_once(live: Live) -> None:
    connection_id = await live.linked()
    item = await live.item(connection_id)
    key = ec.generate_private_key(ec.SECP256R1())
    jwk = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(key.public_key())) | {"kid": "test", "alg": "ES256"}
    asked = 0

    async def published(key_id: str) -> dict[str, Any]:
        nonlocal asked
        asked += 1
        return {"key": {**jwk, "kid": key_id, "expired_at": None}}

    live.services.feed._verifier = WebhookVerifier(published)  # type: ignore[attr-defined]  # keys of our own

    async def one(client: httpx.AsyncClient, number: int) -> None:
        message = {"webhook_type": "TRANSACTIONS", "webhook_code": "DEFAULT_UPDATE", "new_transactions": number}
        body = json.dumps({**message, "item_id": item.provider_item_id}, indent=2).encode()
        claims = {"iat": int(live.services.now().timestamp()), "request_body_sha256": hashlib.sha256(body).hexdigest()}
        signature = jwt.encode(claims, key, algorithm="ES256", headers={"kid": "test"})
        answer = await client.post(live.base_url + PATH, content=body, headers={"Plaid-Verification": signature})
        assert answer.status_code == 200, answer.text

    before = live.count("SELECT count(*) FROM received_webhook")
    numbers = iter(range(1000))

    async def sender() -> None:
        # A client of its own each: httpx gets slow when hundreds of requests wait for one pool.
        async with httpx.AsyncClient(timeout=120) as client:
            for number in numbers:
                await one(client, number)

    await asyncio.gather(*(sender() for _ in range(50)))
    assert live.count("SELECT count(*) FROM received_webhook") == before + 1000
    assert asked == 1
    runs = live.count("SELECT count(*) FROM sync_run")
    await live.work()
    assert live.count("SELECT count(*) FROM sync_run") - runs <= 2
    assert live.count("SELECT count(*) FROM received_webhook WHERE state = 'waiting'") == 0


async def test_a_replayed_webhook_is_handled_again(live: Live) -> None:
    from openledger_server.webhooks.incoming import store as incoming

    connection_id = await live.linked()
    await send(live, connection_id, "SYNC_UPDATES_AVAILABLE")
    await live.work()
    dsn = live.api.database.owner_dsn
    # What came before the public token was exchanged was about no item of ours; linking asks for a sync anyway.
    found = [row for row in incoming.listed(dsn, since=None, webhook_id=None, limit=10) if row.state == "done"]
    assert found[0].code == "SYNC_UPDATES_AVAILABLE"
    assert incoming.make_waiting(dsn, [found[0].id]) == {(int(live.entity_id), int(connection_id))}
    async with live.services.pool.connection() as conn, conn.transaction():
        await live.services.queue.enqueue_notices(
            conn,  # type: ignore[arg-type]  # the operator's command has no tenant
            entity_id=int(live.entity_id),
            item_id=(await live.item(connection_id)).id,
        )
    runs = live.count("SELECT count(*) FROM sync_run")
    await live.work()
    assert live.count("SELECT count(*) FROM sync_run") == runs + 1


async def test_the_log_of_one_tenant_is_closed_to_another(live: Live) -> None:
    from openledger_server.base import db

    connection_id = await live.linked()
    await send(live, connection_id, "DEFAULT_UPDATE")
    other = await live.api.create_entity("Other")
    async with db.write_entity(live.services.pool, entity_id=int(other)) as conn:
        cursor = await conn.execute("SELECT count(*) FROM received_webhook")
        assert await cursor.fetchone() == (0,)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        async with db.write_entity(live.services.pool, entity_id=int(other)) as conn:
            await conn.execute("DELETE FROM received_webhook")
    with pytest.raises(Exception, match="signature"):
        await receive_webhook(live.services, b"{}", signature="a.b.c")
