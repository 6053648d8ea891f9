"""For tests of whatever talks to Plaid: run a sandbox as its own process, drive it, receive its webhooks.

With pytest, `pytest_plugins = ["plaid_sandbox.pytest_plugin"]` in a `conftest.py` gives the fixtures.
"""

import contextlib
import json
import os
import select
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx

START_S = 30
STOP_S = 10
CALL_S = 60
WAIT_S = 15.0
CLIENT_ID = "sandbox-client-id"
SECRET = "sandbox-secret"  # noqa: S105 - a published test credential
_READY = "plaid-sandbox ready on "


@dataclass(frozen=True, slots=True)
class RunningSandbox:
    """A sandbox that accepts connections."""

    base_url: str
    pid: int
    http: httpx.Client

    def plaid(self, path: str, /, **body: Any) -> httpx.Response:
        """Call a Plaid endpoint with the sandbox's credentials."""
        keys = {"client_id": CLIENT_ID, "secret": SECRET}
        return self.http.post(self.base_url + path, json={**keys, **body})

    def control(self, method: str, path: str, /, **body: Any) -> Any:
        """Call a control endpoint and return its decoded answer; raises on an error status."""
        url = f"{self.base_url}/_control{path}"
        answer = self.http.request(method, url, json=body if method == "POST" else None)
        answer.raise_for_status()
        return answer.json()

    def item(self, item_id: str, deed: str, /, **body: Any) -> Any:
        """Have the bank do something to an item, such as `login_required`; raises on an error status."""
        return self.control("POST", f"/items/{item_id}/{deed}", **body)

    def item_id_of(self, access_token: str) -> str:
        """Return the item that an access token is for."""
        answer = self.plaid("/item/get", access_token=access_token)
        answer.raise_for_status()
        return str(answer.json()["item"]["item_id"])

    def advance(self, *, days: float = 0, seconds: float = 0) -> None:
        """Move the sandbox's clock; what becomes due by that has happened when this returns."""
        self.control("POST", "/clock", advance_s=days * 86_400 + seconds)

    def link(
        self,
        link_token: str,
        *,
        username: str = "user_studio",
        password: str = "pass_good",  # noqa: S107 - a published test password
        institution_id: str = "ins_109508",
        account_ids: list[str] | None = None,
    ) -> dict[str, Any]:
        """Go through Link without a browser; returns `{public_token, metadata}`. All accounts unless some are named."""
        session_id = self.link_step("start", link_token=link_token)["link_session_id"]
        answer = self.link_step(
            "login",
            link_session_id=session_id,
            institution_id=institution_id,
            username=username,
            password=password,
        )
        if "mfa" in answer:
            answer = self.link_step("mfa", link_session_id=session_id, answers=["1234"])
        chosen = account_ids if account_ids is not None else [account["id"] for account in answer["accounts"]]
        finished: dict[str, Any] = self.link_step("finish", link_session_id=session_id, account_ids=chosen)
        return finished

    def link_step(self, step: str, /, **body: Any) -> Any:
        """Take one step of a Link session; raises on an error status."""
        answer = self.http.post(f"{self.base_url}/link/v2/stable/session/{step}", json=body)
        answer.raise_for_status()
        return answer.json()

    def linked_access_token(
        self,
        username: str = "user_studio",
        *,
        password: str = "pass_good",  # noqa: S107 - a published test password
        institution_id: str = "ins_109508",
        days_requested: int = 730,
        **options: Any,
    ) -> str:
        """Create an item without Link and return its access token; `webhook=` sets where its webhooks go."""
        made = self.plaid(
            "/sandbox/public_token/create",
            institution_id=institution_id,
            initial_products=["transactions"],
            options={
                "override_username": username,
                "override_password": password,
                "transactions": {"days_requested": days_requested},
                **options,
            },
        )
        made.raise_for_status()
        exchanged = self.plaid("/item/public_token/exchange", public_token=made.json()["public_token"])
        exchanged.raise_for_status()
        return str(exchanged.json()["access_token"])


@contextlib.contextmanager
def running_sandbox(
    *,
    data_dir: Path | None = None,
    seed: int | None = None,
    historical_delay_s: float = 0.0,
    initial_delay_s: float = 0.0,
    options: tuple[str, ...] = (),
) -> Iterator[RunningSandbox]:
    """Run a sandbox until the block ends. History is ready at once unless a delay is given."""
    arguments = ["--initial-delay", str(initial_delay_s), "--historical-delay", str(historical_delay_s), *options]
    if data_dir is not None:
        arguments += ["--data-dir", str(data_dir)]
    if seed is not None:
        arguments += ["--seed", str(seed)]
    with sandbox_process(*arguments) as process, httpx.Client(timeout=CALL_S) as http:
        yield RunningSandbox(ready_url(process), process.pid, http)


@contextlib.contextmanager
def sandbox_process(*options: str) -> Iterator[subprocess.Popen[str]]:
    """Run the sandbox's command on a free port until the block ends; `ready_url` tells when it is up."""
    command = [sys.executable, "-m", "plaid_sandbox", "--port", "0", *options]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PLAID_SANDBOX_")}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:  # noqa: S603 - ours
        try:
            yield process
        finally:
            _stop(process)


def ready_url(process: subprocess.Popen[str]) -> str:
    """Wait until the sandbox accepts connections and return its address.

    Raises:
        RuntimeError: if it does not start.
    """
    if process.stdout is None:
        raise RuntimeError("the sandbox was started without a pipe for what it prints")
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and process.poll() is None:
        readable, _, _ = select.select([process.stdout], [], [], 0.2)
        if readable:
            line = process.stdout.readline().strip()
            if line.startswith(_READY):
                return line.removeprefix(_READY)
    raise RuntimeError("the sandbox did not start")


def _stop(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.wait(STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(STOP_S)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedWebhook:
    """A webhook as it came in: the raw bytes, and the signature if there was one."""

    body: bytes
    signature: str | None
    answered: int

    @property
    def payload(self) -> dict[str, Any]:
        """The decoded body."""
        decoded: dict[str, Any] = json.loads(self.body)
        return decoded

    @property
    def code(self) -> str:
        """The webhook code."""
        return str(self.payload["webhook_code"])


@dataclass(slots=True)
class WebhookReceiver:
    """A local address that takes webhooks, remembers them and answers as told."""

    url: str = ""
    received: list[ReceivedWebhook] = field(default_factory=list)
    status: int = 200
    """What it answers from now on."""
    headers: dict[str, str] = field(default_factory=dict)
    """More headers of its answers, such as `Retry-After`."""
    delay_s: float = 0.0
    _arrived: threading.Condition = field(default_factory=threading.Condition)

    @property
    def codes(self) -> list[str]:
        """The codes of what came in, in order."""
        return [one.code for one in self.received]

    def take(self, body: bytes, signature: str | None) -> int:
        """Remember a webhook and return the status to answer with."""
        time.sleep(self.delay_s)
        with self._arrived:
            self.received.append(ReceivedWebhook(body=body, signature=signature, answered=self.status))
            self._arrived.notify_all()
        return self.status

    def wait_for(self, is_enough: Callable[[list[ReceivedWebhook]], bool], *, timeout_s: float = WAIT_S) -> None:
        """Wait until what came in is enough.

        Raises:
            TimeoutError: with the codes that did come in.
        """
        with self._arrived:
            if not self._arrived.wait_for(lambda: is_enough(self.received), timeout_s):
                raise TimeoutError(f"webhooks so far: {self.codes}")

    def wait_for_code(self, code: str, *, timeout_s: float = WAIT_S) -> ReceivedWebhook:
        """Wait until a webhook with this code is in, and return the last such one."""
        self.wait_for(lambda received: any(one.code == code for one in received), timeout_s=timeout_s)
        return next(one for one in reversed(self.received) if one.code == code)

    def wait_for_count(self, count: int, *, timeout_s: float = WAIT_S) -> list[ReceivedWebhook]:
        """Wait until so many webhooks are in, and return all."""
        self.wait_for(lambda received: len(received) >= count, timeout_s=timeout_s)
        return list(self.received)


@contextlib.contextmanager
def webhook_receiver() -> Iterator[WebhookReceiver]:
    """Take webhooks on a free port of this machine until the block ends."""
    receiver = WebhookReceiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", "0")))
            status = receiver.take(body, self.headers.get("plaid-verification"))
            self.send_response(status)
            for name, value in receiver.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        receiver.url = f"http://127.0.0.1:{server.server_port}/webhooks"
        yield receiver
        server.shutdown()
        thread.join()
