"""Webhooks to developers: written with the change, signed, delivered, tried again, logged."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from standardwebhooks import Webhook

from openledger_server.webhooks.outgoing.sender import DeliveryError, WebhookSender
from openledger_server.webhooks.outgoing.types import EndpointUrlError
from tests.support.live import Live


@dataclass
class Receiver:
    """A developer's server."""

    url: str = ""
    status: int = 200
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    def messages(self, secret: str) -> list[dict[str, Any]]:
        """Return the bodies, each verified as a receiver would."""
        found: list[dict[str, Any]] = [Webhook(secret).verify(body, headers) for headers, body in self.got]
        return found

    def types(self) -> list[str]:
        return [json.loads(body)["type"] for _, body in self.got]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    taken = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            taken.got.append((dict(self.headers.items()), body))
            self.send_response(taken.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        taken.url = f"http://127.0.0.1:{server.server_address[1]}/hooks"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        yield taken
        server.shutdown()
        thread.join(5)


async def register(live: Live, receiver: Receiver, *types: str) -> dict[str, Any]:
    body = {"url": receiver.url, "eventTypes": list(types)}
    made: dict[str, Any] = await live.api.ok("POST", "/v1/webhooks/endpoints", json=body)
    return made


async def deliveries(live: Live, **params: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await live.api.ok("GET", "/v1/webhooks/deliveries", params=params))["deliveries"]
    return found


async def test_a_link_and_its_import_are_told_and_signed(live: Live, receiver: Receiver) -> None:
    endpoint = await register(live, receiver)
    connection_id = await live.linked()
    messages = receiver.messages(endpoint["secret"])
    by_type = {message["type"]: message["data"] for message in messages}
    assert by_type["bank.linked"]["connectionId"] == connection_id
    assert by_type["bank.linked"]["entityId"] == live.entity_id
    created = by_type["transactions.created"]
    assert (created["count"], len(created["transactionIds"]), created["isTruncated"]) == (20, 20, False)
    assert by_type["bank.sync.completed"]["isHistoryComplete"] is True
    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == len(messages)
    assert {row["state"] for row in await deliveries(live)} == {"delivered"}


async def test_many_rows_are_counted_and_not_all_named(live: Live, receiver: Receiver) -> None:
    endpoint = await register(live, receiver, "transactions.created")
    await live.linked("user_history_600")
    (message,) = receiver.messages(endpoint["secret"])
    assert (message["data"]["count"], len(message["data"]["transactionIds"])) == (600, 500)
    assert message["data"]["isTruncated"] is True


async def test_what_happens_to_a_connection_is_told_once(live: Live, receiver: Receiver) -> None:
    types = ("bank.needs_login", "bank.expiring", "bank.disconnected", "transactions.removed", "transactions.updated")
    await register(live, receiver, *types)
    connection_id = await live.linked()
    for code in ("ERROR", "ERROR"):
        before = live.received(code)
        await live.deed(connection_id, "login_required")
        await live.settled(lambda before=before: live.received("ERROR") > before)  # type: ignore[misc]  # bound now
        await live.work()
    assert receiver.types() == ["bank.needs_login"]
    await live.update_mode(connection_id)
    rows = live.query("SELECT provider_transaction_id FROM bank_transaction ORDER BY id LIMIT 2")
    await live.change(
        connection_id,
        {"op": "remove", "transaction_id": rows[0][0]},
        {"op": "modify", "transaction_id": rows[1][0], "name": "Renamed"},
    )
    await live.work()
    await live.work()
    assert sorted(receiver.types()[1:]) == ["transactions.removed", "transactions.updated"]
    await live.deed(connection_id, "pending_disconnect")
    await live.settled(lambda: live.received("PENDING_DISCONNECT"))
    await live.work()
    await live.call("DELETE", f"/v1/banks/connections/{connection_id}")
    await live.work()
    assert receiver.types()[3:] == ["bank.expiring", "bank.disconnected"]


async def test_a_gap_between_bank_and_books_is_told_once(live: Live, receiver: Receiver) -> None:
    endpoint = await register(live, receiver, "balance.gap_detected")
    connection_id = await live.linked()
    live.run_sql("UPDATE bank_account SET reported_current = reported_current + 7")
    for _ in range(2):
        await live.call("POST", "/v1/banks/sync")
        await live.work()
    (message,) = receiver.messages(endpoint["secret"])
    assert message["data"]["differenceMinor"] == 700
    assert message["data"]["connectionId"] == connection_id


async def test_a_failing_receiver_is_tried_again_and_the_log_tells(live: Live, receiver: Receiver) -> None:
    endpoint = await register(live, receiver)
    receiver.status = 500
    message_id = (await live.api.ok("POST", f"/v1/webhooks/endpoints/{endpoint['id']}/test"))["messageId"]
    await live.work()
    (row,) = await deliveries(live, endpointId=endpoint["id"])
    assert (row["messageId"], row["state"], row["attempts"], row["lastStatus"]) == (message_id, "waiting", 1, 500)
    receiver.status = 204
    await live.hurry()
    (row,) = await deliveries(live)
    assert (row["state"], row["attempts"], row["lastStatus"]) == ("delivered", 2, 204)
    assert {headers["webhook-id"] for headers, _ in receiver.got} == {message_id}
    await live.api.ok("POST", f"/v1/webhooks/deliveries/{message_id}/{endpoint['id']}/retry")
    await live.work()
    assert len(receiver.messages(endpoint["secret"])) == 3


async def test_a_receiver_that_is_gone_is_left_alone(live: Live, receiver: Receiver) -> None:
    endpoint = await register(live, receiver)
    receiver.status = 410
    for _ in range(2):
        await live.api.ok("POST", f"/v1/webhooks/endpoints/{endpoint['id']}/test")
        await live.work()
    assert len(receiver.got) == 1
    assert {row["state"] for row in await deliveries(live)} == {"failed"}
    (listed,) = (await live.api.ok("GET", "/v1/webhooks/endpoints"))["endpoints"]
    assert listed["disabledAt"]
    assert "secret" not in listed


async def test_both_secrets_sign_after_a_rotation(live: Live, receiver: Receiver) -> None:
    endpoint = await register(live, receiver)
    path = f"/v1/webhooks/endpoints/{endpoint['id']}"
    fresh = await live.api.ok("POST", f"{path}/rotate-secret")
    assert fresh["secret"] != endpoint["secret"]
    await live.api.ok("POST", f"{path}/test")
    await live.work()
    assert receiver.messages(endpoint["secret"]) == receiver.messages(fresh["secret"])
    live.run_sql("UPDATE webhook_endpoint SET old_secret_until = now() - interval '1 minute'")
    receiver.got.clear()
    await live.api.ok("POST", f"{path}/test")
    await live.work()
    assert receiver.messages(fresh["secret"])
    with pytest.raises(Exception, match="No matching signature"):
        receiver.messages(endpoint["secret"])


async def test_messages_are_rolled_back_with_what_they_tell_of(live: Live, receiver: Receiver) -> None:
    await register(live, receiver)
    live.sandbox.control("POST", "/faults", path="/item/public_token/exchange", status=500, times=1)
    token = (await live.call("GET", "/v1/banks/create-link"))["link_token"]
    public_token = live.sandbox.link(token, username="user_history_20")["public_token"]
    status, _ = await live.refused("PUT", "/v1/banks/accounts", json={"public_token": public_token})
    assert status == 503
    assert live.count("SELECT count(*) FROM webhook_message") == 0


async def test_endpoints_are_the_developers_own(live: Live, receiver: Receiver) -> None:
    endpoint = await register(live, receiver)
    other = await live.api.other_developer()
    assert (await other.ok("GET", "/v1/webhooks/endpoints"))["endpoints"] == []
    for method, path in (("DELETE", ""), ("POST", "/test"), ("POST", "/rotate-secret")):
        answer = await other.call(method, f"/v1/webhooks/endpoints/{endpoint['id']}{path}")
        assert (answer.status_code, answer.json()["code"]) == (404, "WEBHOOK_ENDPOINT_NOT_FOUND")
    await live.linked()
    assert (await other.ok("GET", "/v1/webhooks/deliveries"))["deliveries"] == []
    first = await live.api.ok("GET", "/v1/webhooks/deliveries", params={"pageSize": 2})
    rest = await live.api.ok("GET", "/v1/webhooks/deliveries", params={"cursor": first["nextCursor"]})
    ids = [row["messageId"] for row in first["deliveries"] + rest["deliveries"]]
    assert len(ids) == len(set(ids)) == live.count("SELECT count(*) FROM webhook_message")
    entity_token = await live.api.entity_token(live.entity_id)
    answer = await live.api.call("GET", "/v1/webhooks/endpoints", token=entity_token)
    assert (answer.status_code, answer.json()["code"]) == (403, "DEVELOPER_TOKEN_REQUIRED")
    await live.api.ok("DELETE", f"/v1/webhooks/endpoints/{endpoint['id']}")
    assert (await live.api.ok("GET", "/v1/webhooks/endpoints"))["endpoints"] == []


async def test_no_secret_is_stored_in_clear(live: Live, receiver: Receiver) -> None:
    endpoint = await register(live, receiver)
    raw = endpoint["secret"].removeprefix("whsec_")
    (stored,) = live.query("SELECT encode(secret_ciphertext, 'base64'), webhook_endpoint::text FROM webhook_endpoint")
    assert raw not in str(stored)


@pytest.mark.parametrize(
    "url",
    [
        *("http://example.com/", "ftp://example.com/", "https://", "https://user:pw@example.com/", "not an address"),
        *("https://127.0.0.1/", "https://[::1]/", "https://10.0.0.1/", "https://169.254.169.254/latest/meta-data"),
        *("https://192.168.1.1/", "https://[::ffff:10.0.0.1]/", "https://0.0.0.0/", "https://example.com/#here"),
    ],
)
def test_addresses_that_are_refused_at_once(url: str) -> None:
    with pytest.raises(EndpointUrlError):
        WebhookSender().check_url(url)


@pytest.mark.parametrize("name", ["localhost", "localhost.", "ip6-localhost"])
async def test_names_are_looked_at_when_they_are_used(name: str) -> None:
    with pytest.raises(DeliveryError):
        await WebhookSender().post(f"https://{name}/", body=b"{}", headers={})


async def test_private_addresses_are_refused_even_in_sandbox_mode() -> None:
    sender = WebhookSender(allows_loopback=True)
    sender.check_url("http://127.0.0.1:8000/hooks")
    with pytest.raises(EndpointUrlError):
        sender.check_url("https://10.0.0.1/")
