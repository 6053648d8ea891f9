"""The demo as a visitor meets it: `openledger demo` in a process of its own, a real browser, and nothing between."""

import os
import re
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, FrameLocator, Page, Request, sync_playwright

from tests.support.command import bare_environment

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+")
_START_S = 180.0
_STOP_S = 30.0


@dataclass(slots=True)
class Visit:
    """One visitor's page, with everything that went wrong on it."""

    page: Page
    base_url: str
    problems: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)

    def expects(self, said: str) -> None:
        """Let the console name a failure that the test brings about."""
        self.expected.append(said)

    def go(self, route: str) -> None:
        self.page.goto(f"{self.base_url}/#/{route}")
        self.page.get_by_role("heading", level=1).wait_for()

    def link_dialog(self) -> FrameLocator:
        return self.page.frame_locator("iframe[title='Plaid Link']")

    def axe(self, frame: str | None = None) -> list[str]:
        """Return the accessibility violations of the page, or of the frame with that title."""
        target = self.page.main_frame
        if frame is not None:
            handle = self.page.locator(f"iframe[title='{frame}']").element_handle()
            found = handle.content_frame()
            assert found is not None
            target = found
        # Evaluated by the test harness, so the page's own content security policy stays as strict as it is.
        target.evaluate(AXE.read_text(encoding="utf-8"))
        result = target.evaluate("tags => axe.run(document, {runOnly: {type: 'tag', values: tags}})", AXE_TAGS)
        return [
            f"{violation['id']}: {node['target']}" for violation in result["violations"] for node in violation["nodes"]
        ]


@pytest.fixture(scope="session")
def sandbox_port() -> int:
    """Where the demo's bank will listen, so that tests can steer it."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    return port


@pytest.fixture(scope="session")
def demo_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the demo keeps its data, its developer's API key among them."""
    return tmp_path_factory.mktemp("demo") / "data"


@pytest.fixture(scope="session")
def demo_url(demo_dir: Path, sandbox_port: int) -> Iterator[str]:
    """The address of a running demo with its sample business, linked and imported."""
    command = [sys.executable, "-m", "openledger_server.cli", "demo", "--data-dir", str(demo_dir), "--port", "0"]
    environment = {**bare_environment(), "OPENLEDGER_SANDBOX_PORT": str(sandbox_port)}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        yield _announced_address(process)
    finally:
        process.terminate()
        try:
            process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        assert process.stdout is not None
        process.stdout.close()


def _announced_address(process: subprocess.Popen[str]) -> str:
    lines: SimpleQueue[str] = SimpleQueue()

    def read() -> None:
        assert process.stdout is not None
        for line in process.stdout:
            lines.put(line)
        lines.put("")

    threading.Thread(target=read, daemon=True).start()
    said: list[str] = []
    while True:
        try:
            line = lines.get(timeout=_START_S)
        except Empty:
            line = ""
        if not line:
            raise AssertionError("the demo did not start:\n" + "".join(said)[-4000:])
        said.append(line)
        found = _ADDRESS.search(line)
        if found and "Open" in line:
            return found.group(0)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser per module: Playwright keeps an event loop running in this thread, which other tests cannot share."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    path = os.environ.get("OPENLEDGER_CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    assert path is not None, "Chromium is missing; `make test` installs it on Debian-like systems"
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path)
        yield launched
        launched.close()


@dataclass(slots=True)
class Bank:
    """The demo's sandbox bank, seen from the bank's side."""

    http: httpx.Client

    def control(self, method: str, path: str, /, **body: Any) -> Any:
        """Call a control endpoint that has to succeed."""
        answer = self.http.request(method, f"/_control{path}", json=body if method == "POST" else None)
        answer.raise_for_status()
        return answer.json()

    def item_of(self, username: str) -> dict[str, Any] | None:
        """Return the newest item of a user that was not removed."""
        items: list[dict[str, Any]] = self.control("GET", "/items")["items"]
        return next((item for item in reversed(items) if item["username"] == username), None)


@pytest.fixture
def bank(demo_url: str, sandbox_port: int) -> Iterator[Bank]:
    assert demo_url, "it listens once the demo runs"
    with httpx.Client(base_url=f"http://127.0.0.1:{sandbox_port}", timeout=60) as http:
        yield Bank(http)


@pytest.fixture
def visit(browser: Browser, demo_url: str) -> Iterator[Visit]:
    """A fresh visitor; the test fails if the console complains or anything outside this machine is asked for."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    visit = Visit(context.new_page(), demo_url)

    def foreign(request: Request) -> None:
        if not request.url.startswith((demo_url, "data:", "blob:", "about:")):
            visit.problems.append(f"asked for {request.url}")

    visit.page.on("request", foreign)
    visit.page.on("pageerror", lambda error: visit.problems.append(f"error {error}"))
    visit.page.on(
        "console",
        lambda said: visit.problems.append(f"console {said.text}") if said.type in {"error", "warning"} else None,
    )
    yield visit
    context.close()
    unexpected = [line for line in visit.problems if not any(said in line for said in visit.expected)]
    assert unexpected == []
