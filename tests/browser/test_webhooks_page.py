"""The developer's page of webhooks against a receiver that listens and checks every signature."""

import json
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect
from standardwebhooks import Webhook

from tests.browser.conftest import Visit

PATIENCE_S = 30.0
PATIENCE_MS = 30_000


@dataclass(slots=True)
class Receiver:
    """What an embedding product's endpoint got."""

    url: str
    got: SimpleQueue[tuple[bytes, dict[str, str]]] = field(default_factory=SimpleQueue)

    def message(self, secret: str) -> Any:
        """Return the next message, checked with the secret as a receiver would."""
        body, headers = self.got.get(timeout=PATIENCE_S)
        return Webhook(secret).verify(body, headers)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    found = Receiver("")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            found.got.put((body, {name.lower(): value for name, value in self.headers.items()}))
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found.url = f"http://127.0.0.1:{server.server_port}/hooks"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield found
    server.shutdown()
    server.server_close()
    thread.join()


def test_an_endpoint_from_its_first_message_to_its_last(visit: Visit, demo_dir: Path, receiver: Receiver) -> None:
    page = visit.page
    visit.go("webhooks")
    assert visit.axe() == []
    visit.expects("401")
    _sign_in(page, "ol_not_the_key")
    expect(page.get_by_role("alert")).to_be_visible()
    _sign_in(page, json.loads((demo_dir / "demo.json").read_text(encoding="utf-8"))["api_key"])
    expect(page.get_by_text("None yet: nobody is told.")).to_be_visible()

    page.get_by_label("Address").fill(receiver.url)
    page.get_by_role("checkbox", name="bank.linked").check()
    page.get_by_role("button", name="Add", exact=True).click()
    secret = _secret(page)
    row = page.get_by_role("listitem").filter(has_text=receiver.url)
    expect(row).to_contain_text("bank.linked")
    assert visit.axe() == []

    row.get_by_role("button", name="Test").click()
    assert receiver.message(secret)["type"] == "webhook.test"
    log = _log(page)
    expect(log).to_contain_text("answered 204")
    expect(log).to_contain_text("1 attempt")

    row.get_by_role("button", name="Rotate secret").click()
    new_secret = _secret(page)
    assert new_secret != secret
    expect(row).to_contain_text("signs with the old secret too")
    row.get_by_role("button", name="Test").click()
    body, headers = receiver.got.get(timeout=PATIENCE_S)
    for known in (secret, new_secret):
        assert Webhook(known).verify(body, headers)["type"] == "webhook.test"
    expect(_log(page).get_by_role("row")).to_have_count(2 + 1)
    assert visit.axe() == []

    page.get_by_role("button", name=re.compile("^Send again")).first.click()
    assert receiver.message(new_secret)["type"] == "webhook.test"

    page.once("dialog", lambda asked: asked.dismiss())
    row.get_by_role("button", name="Delete").click()
    expect(row).to_be_visible()
    page.once("dialog", lambda asked: asked.accept())
    row.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("None yet: nobody is told.")).to_be_visible()


def _sign_in(page: Page, key: str) -> None:
    page.get_by_label("API key").fill(key)
    page.get_by_role("button", name="Sign in").click()


def _secret(page: Page) -> str:
    """Read the secret that is shown once, and put it away."""
    shown = page.get_by_role("region", name="The secret")
    secret = shown.locator("code").inner_text()
    shown.get_by_role("button", name="I have kept it").click()
    expect(shown).to_have_count(0)
    return secret


def _log(page: Page) -> Locator:
    """The log of deliveries, once the newest has an answer; the server notes it a moment after the receiver has it."""
    table = page.get_by_role("table")
    again = page.get_by_role("button", name="Look again")
    for _ in range(int(PATIENCE_S)):
        again.click()
        if "204" in table.get_by_role("row").nth(1).inner_text():
            break
        page.wait_for_timeout(500)
    return table
