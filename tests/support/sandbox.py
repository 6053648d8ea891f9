"""Start the sandbox bank as its own process on a free port."""

import contextlib
import os
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

START_S = 30
STOP_S = 10
CALL_S = 60
CLIENT_ID = "sandbox-client-id"
SECRET = "sandbox-secret"
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

    def linked_access_token(self, username: str = "user_studio", *, days_requested: int = 730, **options: Any) -> str:
        """Create an item without Link and return its access token."""
        made = self.plaid(
            "/sandbox/public_token/create",
            institution_id="ins_109508",
            initial_products=["transactions"],
            options={
                "override_username": username,
                "override_password": "pass_good",
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
) -> Iterator[RunningSandbox]:
    """Run a sandbox until the block ends. History is ready at once unless a delay is given."""
    options = ["--initial-delay", str(initial_delay_s), "--historical-delay", str(historical_delay_s)]
    if data_dir is not None:
        options += ["--data-dir", str(data_dir)]
    if seed is not None:
        options += ["--seed", str(seed)]
    with sandbox_process(*options) as process, httpx.Client(timeout=CALL_S) as http:
        yield RunningSandbox(ready_url(process), process.pid, http)


@contextlib.contextmanager
def sandbox_process(*options: str) -> Iterator[subprocess.Popen[str]]:
    """Run the sandbox's command on a free port until the block ends; `ready_url` tells when it is up."""
    command = [sys.executable, "-m", "plaid_sandbox", "--port", "0", *options]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PLAID_SANDBOX_")}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        try:
            yield process
        finally:
            _stop(process)


def ready_url(process: subprocess.Popen[str]) -> str:
    """Wait until the sandbox accepts connections and return its address."""
    assert process.stdout is not None
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
