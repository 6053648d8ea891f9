"""Webhooks: what is sent when, how it is signed, and how stubbornly."""

import hashlib
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import jwt
import plaid
import pytest
from plaid.model.default_update_webhook import DefaultUpdateWebhook
from plaid.model.historical_update_webhook import HistoricalUpdateWebhook
from plaid.model.initial_update_webhook import InitialUpdateWebhook
from plaid.model.item_error_webhook import ItemErrorWebhook
from plaid.model.item_login_repaired_webhook import ItemLoginRepairedWebhook
from plaid.model.new_accounts_available_webhook import NewAccountsAvailableWebhook
from plaid.model.pending_disconnect_webhook import PendingDisconnectWebhook
from plaid.model.pending_expiration_webhook import PendingExpirationWebhook
from plaid.model.recurring_transactions_update_webhook import RecurringTransactionsUpdateWebhook
from plaid.model.sync_updates_available_webhook import SyncUpdatesAvailableWebhook
from plaid.model.transactions_removed_webhook import TransactionsRemovedWebhook
from plaid.model.user_account_revoked_webhook import UserAccountRevokedWebhook
from plaid.model.user_permission_revoked_webhook import UserPermissionRevokedWebhook
from plaid.model.webhook_update_acknowledged_webhook import WebhookUpdateAcknowledgedWebhook

from plaid_sandbox.testing import ReceivedWebhook, WebhookReceiver
from plaid_sandbox.webhook_sender import retry_after_s
from tests.plaid_sandbox.conftest import change, days_ago, synced
from tests.support.sandbox import RunningSandbox, running_sandbox

TODAY = days_ago(0).isoformat()
ADD = {"op": "add", "account": "checking", "amount": "10.00", "date": TODAY, "name": "NEW ROW"}
MODELS = {
    "SYNC_UPDATES_AVAILABLE": SyncUpdatesAvailableWebhook,
    "INITIAL_UPDATE": InitialUpdateWebhook,
    "HISTORICAL_UPDATE": HistoricalUpdateWebhook,
    "DEFAULT_UPDATE": DefaultUpdateWebhook,
    "TRANSACTIONS_REMOVED": TransactionsRemovedWebhook,
    "RECURRING_TRANSACTIONS_UPDATE": RecurringTransactionsUpdateWebhook,
    "ERROR": ItemErrorWebhook,
    "LOGIN_REPAIRED": ItemLoginRepairedWebhook,
    "PENDING_EXPIRATION": PendingExpirationWebhook,
    "PENDING_DISCONNECT": PendingDisconnectWebhook,
    "NEW_ACCOUNTS_AVAILABLE": NewAccountsAvailableWebhook,
    "USER_PERMISSION_REVOKED": UserPermissionRevokedWebhook,
    "USER_ACCOUNT_REVOKED": UserAccountRevokedWebhook,
    "WEBHOOK_UPDATE_ACKNOWLEDGED": WebhookUpdateAcknowledgedWebhook,
}


class _Raw:
    """What the client's decoder reads: something with `data`."""

    def __init__(self, body: bytes) -> None:
        self.data = body.decode()


def decoded(received: ReceivedWebhook) -> dict[str, Any]:
    """Return the message as plaid-python reads it; it raises on a missing key or a wrong type."""
    model = MODELS[received.code]
    client = plaid.ApiClient(plaid.Configuration(host="http://unused"))
    found: dict[str, Any] = client.deserialize(_Raw(received.body), (model,), True).to_dict()
    return found


def linked(sandbox: RunningSandbox, receiver: WebhookReceiver, username: str = "user_good") -> str:
    """Return the access token of an item that has told of its history and was synced."""
    token = sandbox.linked_access_token(username, webhook=receiver.url)
    receiver.wait_for_code("HISTORICAL_UPDATE")
    synced(sandbox, token)
    receiver.received.clear()
    return token


def test_history_is_told_in_two_steps_and_sync_updates_only_after_a_sync(receiver: WebhookReceiver) -> None:
    with running_sandbox(initial_delay_s=60, historical_delay_s=120) as sandbox:
        never, once = (sandbox.linked_access_token("user_studio", webhook=receiver.url) for _ in range(2))
        assert synced(sandbox, once)["status"] == "NOT_READY"
        sandbox.advance(seconds=61)
        receiver.wait_for_count(3)
        sandbox.advance(seconds=60)
        bodies = [decoded(one) for one in receiver.wait_for_count(6)]
        by_item: dict[str, list[dict[str, Any]]] = {sandbox.item_id_of(token): [] for token in (never, once)}
        for body in bodies:
            by_item[body["item_id"]].append(body)
        quiet, told = by_item.values()
        assert [body["webhook_code"] for body in quiet] == ["INITIAL_UPDATE", "HISTORICAL_UPDATE"]
        assert [body["webhook_code"] for body in told] == [
            "SYNC_UPDATES_AVAILABLE",
            "INITIAL_UPDATE",
            "SYNC_UPDATES_AVAILABLE",
            "HISTORICAL_UPDATE",
        ]
        assert [body.get("historical_update_complete") for body in told] == [False, None, True, None]
        rows = len(synced(sandbox, never)["added"])
        assert sum(body["new_transactions"] for body in quiet) == rows


def test_update_tells_of_news_and_of_what_is_gone(sandbox: RunningSandbox, receiver: WebhookReceiver) -> None:
    token = linked(sandbox, receiver)
    [first, second] = change(sandbox, token, ADD, ADD)
    receiver.wait_for_count(2)
    change(sandbox, token, {"op": "modify", "transaction_id": first["transaction_id"], "amount": "11"})
    receiver.wait_for_count(3)
    change(sandbox, token, {"op": "remove", "transaction_id": second["transaction_id"]})
    bodies = [decoded(one) for one in receiver.wait_for_count(5)]
    assert [body["webhook_code"] for body in bodies] == [
        "SYNC_UPDATES_AVAILABLE",
        "DEFAULT_UPDATE",
        "SYNC_UPDATES_AVAILABLE",
        "SYNC_UPDATES_AVAILABLE",
        "TRANSACTIONS_REMOVED",
    ]
    assert bodies[1]["new_transactions"] == 2
    assert bodies[4]["removed_transactions"] == [second["transaction_id"]]


def test_silent_change_and_refresh_without_news_tell_nothing(
    sandbox: RunningSandbox, receiver: WebhookReceiver
) -> None:
    token = linked(sandbox, receiver)
    sandbox.control("POST", f"/items/{sandbox.item_id_of(token)}/changes", changes=[ADD], silent=True)
    assert sandbox.plaid("/transactions/refresh", access_token=token).status_code == 200
    sandbox.plaid("/sandbox/item/fire_webhook", access_token=token, webhook_code="LOGIN_REPAIRED")
    receiver.wait_for_code("LOGIN_REPAIRED")
    assert receiver.codes == ["LOGIN_REPAIRED"]


def test_rows_made_by_sandbox_endpoint_are_told_like_a_refresh(
    sandbox: RunningSandbox, receiver: WebhookReceiver
) -> None:
    token = linked(sandbox, receiver)
    row = {"date_transacted": TODAY, "date_posted": TODAY, "amount": 3, "description": "HAND MADE"}
    sandbox.plaid("/sandbox/transactions/create", access_token=token, transactions=[row])
    receiver.wait_for_count(2)
    assert receiver.codes == ["SYNC_UPDATES_AVAILABLE", "DEFAULT_UPDATE"]


def test_new_address_is_acknowledged_there(sandbox: RunningSandbox, receiver: WebhookReceiver) -> None:
    token = sandbox.linked_access_token("user_good")
    sandbox.plaid("/item/webhook/update", access_token=token, webhook=receiver.url)
    body = decoded(receiver.wait_for_code("WEBHOOK_UPDATE_ACKNOWLEDGED"))
    assert body["new_webhook_url"] == receiver.url
    status = sandbox.plaid("/item/get", access_token=token).json()["status"]
    assert status["last_webhook"]["code_sent"] == "WEBHOOK_UPDATE_ACKNOWLEDGED"


def test_fire_webhook_needs_an_address_a_product_and_a_known_pair(
    sandbox: RunningSandbox, receiver: WebhookReceiver
) -> None:
    def fire(token: str, **body: Any) -> Any:
        return sandbox.plaid("/sandbox/item/fire_webhook", access_token=token, **body).json()

    token = sandbox.linked_access_token("user_good")
    refused = fire(token, webhook_code="DEFAULT_UPDATE")
    assert (refused["error_type"], refused["error_code"]) == ("SANDBOX_ERROR", "SANDBOX_WEBHOOK_INVALID")
    sandbox.plaid("/item/webhook/update", access_token=token, webhook=receiver.url)
    assert fire(token, webhook_code="INITIAL_UPDATE")["error_code"] == "INVALID_FIELD"
    assert fire(token, webhook_code="ERROR", webhook_type="ITEM")["error_code"] == "SANDBOX_WEBHOOK_INVALID"
    for code in ("SYNC_UPDATES_AVAILABLE", "RECURRING_TRANSACTIONS_UPDATE", "NEW_ACCOUNTS_AVAILABLE"):
        assert fire(token, webhook_code=code)["webhook_fired"] is True
        decoded(receiver.wait_for_code(code))
    for code in ("USER_PERMISSION_REVOKED", "USER_ACCOUNT_REVOKED", "PENDING_DISCONNECT", "LOGIN_REPAIRED"):
        assert fire(token, webhook_code=code, webhook_type="ITEM")["webhook_fired"] is True
        decoded(receiver.wait_for_code(code))
    fire(token, webhook_code="DEFAULT_UPDATE", options={"new_transactions": 7})
    assert decoded(receiver.wait_for_code("DEFAULT_UPDATE"))["new_transactions"] == 7


# Signatures.


def verified(sandbox: RunningSandbox, received: ReceivedWebhook) -> None:
    """Check a webhook step by step as Plaid's page asks for; raises if anything is wrong."""
    assert received.signature is not None, "no signature"
    header = jwt.get_unverified_header(received.signature)
    assert header["alg"] == "ES256", "algorithm"
    answer = sandbox.plaid("/webhook_verification_key/get", key_id=header["kid"])
    assert answer.status_code == 200, "unknown key"
    key = answer.json()["key"]
    assert key["expired_at"] is None, "expired key"
    claims = jwt.decode(received.signature, jwt.PyJWK(key).key, algorithms=["ES256"], leeway=60)
    assert time.time() - claims["iat"] <= 300, "too old"
    assert claims["request_body_sha256"] == hashlib.sha256(received.body).hexdigest(), "other body"


def test_signature_holds_and_the_body_is_indented_by_two(sandbox: RunningSandbox, receiver: WebhookReceiver) -> None:
    sandbox.linked_access_token("user_good", webhook=receiver.url)
    received = receiver.wait_for_code("HISTORICAL_UPDATE")
    verified(sandbox, received)
    assert received.body == json.dumps(received.payload, indent=2).encode()
    rewritten = ReceivedWebhook(body=json.dumps(received.payload).encode(), signature=received.signature, answered=200)
    with pytest.raises(AssertionError, match="other body"):
        verified(sandbox, rewritten)


def test_keys_rotate_and_the_old_one_expires(sandbox: RunningSandbox, receiver: WebhookReceiver) -> None:
    token = linked(sandbox, receiver)
    change(sandbox, token, ADD)
    before = receiver.wait_for_code("DEFAULT_UPDATE")
    receiver.received.clear()
    key_id = sandbox.control("POST", "/webhooks/rotate_key")["key_id"]
    change(sandbox, token, ADD)
    after = receiver.wait_for_code("DEFAULT_UPDATE")
    verified(sandbox, after)
    assert jwt.get_unverified_header(str(after.signature))["kid"] == key_id
    with pytest.raises(AssertionError, match="expired key"):
        verified(sandbox, before)
    unknown = sandbox.plaid("/webhook_verification_key/get", key_id="nobody").json()
    assert (unknown["error_type"], unknown["error_code"]) == ("INVALID_INPUT", "INVALID_WEBHOOK_VERIFICATION_KEY_ID")


@pytest.mark.parametrize(
    ("forgery", "raised"),
    [
        ({"signature": "none"}, AssertionError),
        ({"signature": "garbage"}, jwt.DecodeError),
        ({"algorithm": "none"}, AssertionError),
        ({"algorithm": "HS256"}, AssertionError),
        ({"key": "foreign"}, jwt.InvalidSignatureError),
        ({"key": "unknown"}, AssertionError),
        ({"key": "expired"}, AssertionError),
        ({"iat_shift_s": -301}, AssertionError),
        ({"iat_shift_s": 900}, jwt.ImmatureSignatureError),
        ({"body": "byte"}, AssertionError),
        ({"body": "whitespace"}, AssertionError),
    ],
)
def test_forgeries_on_request_do_not_verify(
    forgery: dict[str, Any], raised: type[Exception], sandbox: RunningSandbox, receiver: WebhookReceiver
) -> None:
    item_id = sandbox.item_id_of(linked(sandbox, receiver))
    message = {"webhook_type": "TRANSACTIONS", "webhook_code": "SYNC_UPDATES_AVAILABLE"}
    sandbox.item(item_id, "webhook", **message, forgery=forgery)
    [forged] = receiver.wait_for_count(1)
    with pytest.raises(raised):
        verified(sandbox, forged)
    sandbox.item(item_id, "webhook", **message, extra={"colour": "green"})
    honest = receiver.wait_for_count(2)[-1]
    verified(sandbox, honest)
    assert honest.payload["colour"] == "green"


def test_replay_has_the_very_same_bytes(sandbox: RunningSandbox, receiver: WebhookReceiver) -> None:
    item_id = sandbox.item_id_of(linked(sandbox, receiver))
    sent = sandbox.item(item_id, "webhook", webhook_type="ITEM", webhook_code="LOGIN_REPAIRED")
    receiver.wait_for_count(1)
    _settled(sandbox, sent["webhook_id"])
    sandbox.control("POST", f"/webhooks/{sent['webhook_id']}/resend", same_signature=True)
    sandbox.control("POST", f"/webhooks/{sent['webhook_id']}/resend")
    first, replay, anew = receiver.wait_for_count(3)
    assert (replay.body, replay.signature) == (first.body, first.signature)
    assert (anew.body, anew.signature == first.signature) == (first.body, False)


# Delivery.


def log_of(sandbox: RunningSandbox, item_id: str) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = sandbox.control("GET", f"/webhooks?item_id={item_id}")["webhooks"]
    return listed


def _settled(
    sandbox: RunningSandbox, webhook_id: int, is_settled: Callable[[dict[str, Any]], bool] | None = None
) -> dict[str, Any]:
    """Return a message of the log once its attempt is written down."""
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        [shown] = sandbox.control("GET", f"/webhooks?after={webhook_id - 1}")["webhooks"][:1]
        if shown["attempts"] and (is_settled is None or is_settled(shown)):
            found: dict[str, Any] = shown
            return found
        time.sleep(0.02)
    raise TimeoutError(str(webhook_id))


def test_refused_webhook_is_tried_seven_times_within_a_day_each_signed_anew(
    timed: RunningSandbox, receiver: WebhookReceiver
) -> None:
    item_id = timed.item_id_of(linked(timed, receiver))
    receiver.status = 500
    sent = timed.item(item_id, "webhook", webhook_type="ITEM", webhook_code="LOGIN_REPAIRED")["webhook_id"]
    receiver.wait_for_count(1)
    waits = []
    for count in range(1, 7):
        shown = _settled(timed, sent, lambda one, count=count: len(one["attempts"]) == count)  # type: ignore[misc]  # the loop's own count
        assert shown["state"] == "waiting"
        waits.append((_at(shown["due_at"]) - _at(shown["created_at"])).total_seconds())
        timed.advance(seconds=30 * 4 ** (count - 1))
        receiver.wait_for_count(count + 1)
    assert waits == [30, 150, 630, 2_550, 10_230, 40_950]
    shown = _settled(timed, sent, lambda one: one["state"] != "waiting")
    assert (shown["state"], shown["note"]) == ("given_up", "not accepted within 24 hours")
    assert len(shown["attempts"]) == 7
    assert len({attempt["signature"] for attempt in shown["attempts"]}) == 7
    assert {attempt["status"] for attempt in shown["attempts"]} == {500}


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_jump_of_a_day_brings_all_retries_at_once_and_an_answer_ends_them(
    timed: RunningSandbox, receiver: WebhookReceiver
) -> None:
    item_id = timed.item_id_of(linked(timed, receiver))
    receiver.status = 204
    sent = timed.item(item_id, "webhook", webhook_type="ITEM", webhook_code="LOGIN_REPAIRED")["webhook_id"]
    receiver.wait_for_count(1)
    receiver.status = 200
    _settled(timed, sent)
    timed.advance(days=1)
    shown = _settled(timed, sent, lambda one: one["state"] == "delivered")
    assert [attempt["status"] for attempt in shown["attempts"]] == [204, 200]


def test_slow_answer_is_none(receiver: WebhookReceiver) -> None:
    with running_sandbox() as sandbox:
        sandbox.control("POST", "/settings", webhook_timeout_s=0.2)
        receiver.delay_s = 0.6
        item_id = sandbox.item_id_of(sandbox.linked_access_token("user_good", webhook=receiver.url))
        first = log_of(sandbox, item_id)[0]["webhook_id"]
        [attempt] = _settled(sandbox, first)["attempts"]
        assert (attempt["status"], attempt["error"]) == (None, "no answer in time")


def test_retry_after_is_heeded_up_to_four_hours(timed: RunningSandbox, receiver: WebhookReceiver) -> None:
    item_id = timed.item_id_of(linked(timed, receiver))
    receiver.status = 429
    for asked, waited in (("1200", 1_200), ("90000", 14_400)):
        receiver.headers = {"Retry-After": asked}
        sent = timed.item(item_id, "webhook", webhook_type="ITEM", webhook_code="LOGIN_REPAIRED")["webhook_id"]
        shown = _settled(timed, sent)
        wait = (_at(shown["due_at"]) - _at(shown["created_at"])).total_seconds()
        assert waited - 1 <= wait <= waited + 2


def test_retry_after_in_its_three_forms() -> None:
    now = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
    later = now + timedelta(minutes=5)
    assert retry_after_s("90", now) == 90
    assert retry_after_s(format_datetime(later, usegmt=True), now) == 300
    assert retry_after_s(later.isoformat(), now) == 300
    assert retry_after_s("soon", now) is None


def test_address_that_rejects_nearly_all_gets_no_more_retries(timed: RunningSandbox, receiver: WebhookReceiver) -> None:
    token = timed.linked_access_token("user_good", webhook=receiver.url)
    receiver.wait_for_code("HISTORICAL_UPDATE")
    item_id = timed.item_id_of(token)
    receiver.status = 400
    for _ in range(24):
        last = timed.item(item_id, "webhook", webhook_type="ITEM", webhook_code="LOGIN_REPAIRED")["webhook_id"]
    shown = _settled(timed, last)
    assert (shown["state"], "90 %" in str(shown["note"])) == ("given_up", True)


def test_one_deaf_address_does_not_hold_up_the_others(receiver: WebhookReceiver) -> None:
    with running_sandbox() as sandbox:
        sandbox.linked_access_token("user_good", webhook="http://127.0.0.1:9/nobody")
        sandbox.linked_access_token("user_good", webhook=receiver.url)
        receiver.wait_for_code("HISTORICAL_UPDATE")


def test_dropped_doubled_and_out_of_order_on_request(sandbox: RunningSandbox, receiver: WebhookReceiver) -> None:
    token = linked(sandbox, receiver)
    item_id = sandbox.item_id_of(token)
    sandbox.control("POST", "/webhooks/faults", fate="drop", times=2, item_id=item_id)
    change(sandbox, token, ADD)
    sandbox.control(
        "POST", "/webhooks/faults", fate="duplicate", copies=4, item_id=item_id, webhook_code="LOGIN_REPAIRED"
    )
    sandbox.item(item_id, "webhook", webhook_type="ITEM", webhook_code="LOGIN_REPAIRED")
    receiver.wait_for_count(5)
    assert receiver.codes == ["LOGIN_REPAIRED"] * 5
    receiver.received.clear()
    sandbox.control("POST", "/webhooks/faults", fate="hold", times=-1, item_id=item_id)
    change(sandbox, token, ADD)
    sandbox.item(item_id, "webhook", webhook_type="ITEM", webhook_code="LOGIN_REPAIRED")
    sandbox.control("DELETE", "/webhooks/faults")
    assert len(sandbox.control("POST", "/webhooks/release", order="reverse")["released"]) == 3
    receiver.wait_for_count(3)
    assert receiver.codes == ["LOGIN_REPAIRED", "DEFAULT_UPDATE", "SYNC_UPDATES_AVAILABLE"]
    states = [one["state"] for one in log_of(sandbox, item_id)]
    assert states.count("dropped") == 2


def test_waiting_webhooks_survive_a_restart(tmp_path: Any, receiver: WebhookReceiver) -> None:
    with running_sandbox(data_dir=tmp_path) as first:
        first.control("POST", "/webhooks/faults", fate="hold", times=-1)
        first.linked_access_token("user_good", webhook=receiver.url)
    with running_sandbox(data_dir=tmp_path) as second:
        second.control("POST", "/webhooks/release")
        verified(second, receiver.wait_for_code("HISTORICAL_UPDATE"))
