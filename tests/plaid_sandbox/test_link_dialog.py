"""The Link script and dialog in a real browser, on a page of another origin under a strict content security policy."""

import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, FrameLocator, Page, expect, sync_playwright

from tests.plaid_sandbox.conftest import new_link_token
from tests.support.sandbox import RunningSandbox

AXE = Path(__file__).resolve().parents[2] / "node_modules/axe-core/axe.min.js"
AXE_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
NAMES_CHECK = """() => [...document.querySelectorAll('button, input')]
    .filter((node) => !(node.getAttribute('aria-label') || node.textContent.trim() || node.labels?.length))
    .map((node) => node.outerHTML)"""
CDN = "https://cdn.plaid.com/link/v2/stable/link-initialize.js"
CHOOSE_ACCOUNTS, LOG_IN = "Choose accounts", "Log in to First Platypus Bank"

PAGE = """<!doctype html><html lang="en"><head><title>Host</title>
<script src="{base}/link/v2/stable/link-initialize.js"></script><script src="/page.js" defer></script></head>
<body><main><h1>Host page</h1><button id="before">Before</button><button id="go">Connect</button>
<div id="embedded"></div></main></body></html>"""
PAGE_SCRIPT = """
window.log = [];
window.make = (token, name = 'handler', receivedRedirectUri = undefined) => {
  window[name] = Plaid.create({
    key: undefined, token, receivedRedirectUri,
    onSuccess: (publicToken, metadata) => log.push({ kind: 'success', publicToken, metadata }),
    onExit: (error, metadata) => log.push({ kind: 'exit', error, metadata }),
    onEvent: (event, metadata) => log.push({ kind: 'event', event, metadata }),
    onLoad: () => log.push({ kind: 'load' }),
  });
};
document.getElementById('go').onclick = () => handler.open();
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    found = [shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome")]
    path = next((one for one in found if one), None)
    assert path is not None, "install Chromium: apt-get install chromium"
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path)
        yield launched
        launched.close()


@pytest.fixture(scope="module")
def host_url(sandbox: RunningSandbox) -> Iterator[str]:
    """A page on an origin of its own. Its policy allows scripts and frames of the sandbox and nothing else."""
    policy = f"default-src 'none'; script-src 'self' {sandbox.base_url}; frame-src {sandbox.base_url}"
    files = {
        "/": ("text/html", PAGE.format(base=sandbox.base_url)),
        "/page.js": ("text/javascript", PAGE_SCRIPT),
        "/favicon.ico": ("image/x-icon", ""),
    }

    class Host(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            media_type, text = files[self.path.partition("?")[0]]
            self.send_response(200)
            self.send_header("Content-Type", media_type)
            self.send_header("Content-Security-Policy", policy)
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Host) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


@dataclass(slots=True)
class Host:
    """The host page, and what must not happen on it."""

    page: Page
    troubles: list[str] = field(default_factory=list)

    def make(self, token: str) -> None:
        self.page.evaluate("(token) => make(token)", token)

    def open(self, token: str) -> FrameLocator:
        self.make(token)
        self.page.get_by_role("button", name="Connect").click()
        return self.dialog

    @property
    def dialog(self) -> FrameLocator:
        return self.page.frame_locator("iframe[title='Plaid Link']")

    @property
    def log(self) -> list[dict[str, Any]]:
        logged: list[dict[str, Any]] = self.page.evaluate("log")
        return logged

    def wait_for(self, kind: str) -> dict[str, Any]:
        self.page.wait_for_function("(kind) => log.some((entry) => entry.kind === kind)", arg=kind)
        return next(entry for entry in self.log if entry["kind"] == kind)

    def events(self) -> list[str]:
        return [entry["event"] for entry in self.log if entry["kind"] == "event"]

    def violations(self) -> list[str]:
        """Return what is wrong with the view shown now, for people who cannot see or point."""
        frame = next(frame for frame in self.page.frames if "/flow" in frame.url)
        frame.evaluate("Promise.all(document.getAnimations().map((one) => one.finished.catch(() => {})))")
        if not AXE.exists():
            names: list[str] = frame.evaluate(NAMES_CHECK)
            return names
        frame.evaluate(AXE.read_text(encoding="utf-8"))
        found = frame.evaluate("(rules) => axe.run(document, { runOnly: rules })", AXE_RULES)
        return [violation["id"] for violation in found["violations"]]


@pytest.fixture
def host(browser: Browser, host_url: str) -> Iterator[Host]:
    page = browser.new_page(viewport={"width": 1000, "height": 800}, reduced_motion="reduce")
    page.set_default_timeout(15_000)
    made = Host(page)
    page.on("console", lambda message: made.troubles.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: made.troubles.append(str(error)))
    page.on(
        "request",
        lambda request: None if request.url.startswith("http://127.0.0.1:") else made.troubles.append(request.url),
    )
    page.goto(host_url)
    yield made
    page.close()
    assert made.troubles == []


def to_credentials(dialog: FrameLocator) -> None:
    dialog.get_by_role("button", name="Continue").click()
    dialog.get_by_role("button", name="First Platypus Bank").click()


def log_in(dialog: FrameLocator, username: str, password: str) -> None:
    dialog.get_by_role("textbox", name="Username").fill(username)
    dialog.get_by_role("textbox", name="Password").fill(password)
    dialog.get_by_role("button", name="Log in").click()


def test_whole_way_with_wrong_password_code_and_one_account_left_out(host: Host, sandbox: RunningSandbox) -> None:
    dialog = host.open(new_link_token(sandbox))
    expect(dialog.get_by_role("heading", name="Connect your bank to Acme Books")).to_be_visible()
    expect(dialog.get_by_text("Simulated bank.")).to_be_visible()
    assert host.violations() == []
    dialog.get_by_role("button", name="Continue").click()
    expect(dialog.get_by_role("searchbox", name="Search")).to_be_focused()
    assert host.violations() == []
    dialog.get_by_role("searchbox", name="Search").fill("no such bank")
    expect(dialog.get_by_role("status")).to_have_text("No bank of the sandbox is called “no such bank”.")
    dialog.get_by_role("searchbox", name="Search").fill("platypus bank")
    expect(dialog.get_by_role("status")).to_have_text("6 found")
    dialog.get_by_role("button", name="First Platypus Bank").click()
    expect(dialog.get_by_role("textbox", name="Username")).to_be_focused()
    expect(dialog.get_by_text("user_studio / pass_good")).to_be_visible()
    expect(dialog.get_by_text("user_good / pass_good")).to_be_visible()
    expect(dialog.get_by_role("textbox", name="Username")).to_have_value("")
    assert host.violations() == []
    log_in(dialog, "user_mfa", "wrong")
    expect(dialog.get_by_role("alert")).to_contain_text("not correct")
    assert host.violations() == []
    log_in(dialog, "user_mfa", "pass_good")
    expect(dialog.get_by_role("textbox", name="Code", exact=True)).to_be_focused()
    assert host.violations() == []
    dialog.get_by_role("textbox", name="Code", exact=True).fill("0000")
    dialog.get_by_role("button", name="Continue").click()
    expect(dialog.get_by_role("alert")).to_contain_text("not correct")
    dialog.get_by_role("textbox", name="Code", exact=True).fill("1234")
    dialog.get_by_role("button", name="Continue").click()
    expect(dialog.get_by_role("heading", name=CHOOSE_ACCOUNTS)).to_be_focused()
    assert host.violations() == []
    dialog.get_by_role("checkbox", name="All accounts").uncheck()
    dialog.get_by_role("button", name="Finish").click()
    expect(dialog.get_by_role("alert")).to_have_text("Please tick at least one account.")
    for name in ("Plaid Checking", "Plaid Saving"):
        dialog.get_by_role("checkbox", name=name).check()
    dialog.get_by_role("button", name="Finish").click()
    expect(dialog.get_by_role("heading", name="Success")).to_be_visible()
    assert host.violations() == []
    dialog.get_by_role("button", name="Continue").click()
    success = host.wait_for("success")
    assert_linked(sandbox, success, ["0000", "1111"])
    expect(host.page.get_by_role("button", name="Connect")).to_be_focused()
    assert host.page.locator("iframe").count() == 0
    assert [entry["kind"] for entry in host.log].count("success") == 1
    events = host.events()
    assert (events[0], events[-1]) == ("OPEN", "HANDOFF")
    for name in ("SEARCH_INSTITUTION", "SELECT_INSTITUTION", "SUBMIT_CREDENTIALS", "ERROR", "SUBMIT_MFA"):
        assert name in events
    views = [e["metadata"]["view_name"] for e in host.log if e.get("event") == "TRANSITION_VIEW"]
    assert [view for view in views if view != "LOADING"] == [
        "CONSENT",
        "SELECT_INSTITUTION",
        "CREDENTIAL",
        "MFA",
        "SELECT_ACCOUNT",
        "CONNECTED",
    ]


def assert_linked(sandbox: RunningSandbox, success: dict[str, Any], masks: list[str]) -> None:
    exchanged = sandbox.plaid("/item/public_token/exchange", public_token=success["publicToken"]).json()
    accounts = sandbox.plaid("/accounts/get", access_token=exchanged["access_token"]).json()["accounts"]
    assert [a["mask"] for a in accounts] == masks
    assert [a["id"] for a in success["metadata"]["accounts"]] == [a["account_id"] for a in accounts]
    assert success["metadata"]["institution"] == {"name": "First Platypus Bank", "institution_id": "ins_109508"}


def test_everything_by_keyboard(host: Host, sandbox: RunningSandbox) -> None:
    dialog = host.open(new_link_token(sandbox))
    keyboard = host.page.keyboard
    expect(dialog.get_by_role("heading", name="Connect your bank")).to_be_focused()
    keyboard.press("Tab")
    expect(dialog.get_by_role("button", name="Continue")).to_be_focused()
    keyboard.press("Tab")
    expect(dialog.get_by_role("button", name="Close")).to_be_focused()
    keyboard.press("Shift+Tab")
    expect(dialog.get_by_role("button", name="Continue")).to_be_focused()
    keyboard.press("Enter")
    expect(dialog.get_by_role("searchbox")).to_be_focused()
    keyboard.press("Tab")
    keyboard.press("Enter")
    expect(dialog.get_by_role("heading", name=LOG_IN)).to_be_visible()
    keyboard.type("user_studio")
    keyboard.press("Tab")
    keyboard.type("pass_good")
    keyboard.press("Enter")
    expect(dialog.get_by_role("heading", name=CHOOSE_ACCOUNTS)).to_be_focused()
    for _ in range(3):
        keyboard.press("Tab")
    keyboard.press("Space")
    keyboard.press("Enter")
    expect(dialog.get_by_role("heading", name="Success")).to_be_visible()
    keyboard.press("Escape")
    success = host.wait_for("success")
    assert_linked(sandbox, success, ["4402", "7731"])


def test_closing_tells_where_the_person_stopped(host: Host, sandbox: RunningSandbox) -> None:
    before = len(sandbox.control("GET", "/items")["items"])
    dialog = host.open(new_link_token(sandbox))
    to_credentials(dialog)
    assert host.page.evaluate("document.documentElement.style.overflow") == "hidden"
    dialog.get_by_role("button", name="Close").click()
    left = host.wait_for("exit")
    assert left["error"] is None
    assert left["metadata"]["status"] == "requires_credentials"
    assert left["metadata"]["institution"]["institution_id"] == "ins_109508"
    assert left["metadata"]["link_session_id"]
    assert host.page.evaluate("document.documentElement.style.overflow") == ""
    assert len(sandbox.control("GET", "/items")["items"]) == before
    host.page.get_by_role("button", name="Connect").click()
    expect(host.dialog.get_by_role("heading", name="Connect your bank")).to_be_visible()


@pytest.mark.parametrize(
    ("username", "password", "error_code"),
    [
        ("user_locked", "pass_good", "ITEM_LOCKED"),
        ("user_good", "error_ITEM_LOCKED", "ITEM_LOCKED"),
        ("user_good", "error_INSTITUTION_DOWN", "INSTITUTION_DOWN"),
    ],
)
def test_errors_of_the_bank_are_shown_and_handed_over(
    host: Host, sandbox: RunningSandbox, username: str, password: str, error_code: str
) -> None:
    dialog = host.open(new_link_token(sandbox))
    to_credentials(dialog)
    log_in(dialog, username, password)
    expect(dialog.get_by_text(f"Code {error_code}")).to_be_visible()
    assert host.violations() == []
    dialog.get_by_role("button", name="Try again").click()
    log_in(dialog, username, password)
    dialog.get_by_role("button", name="Leave").click()
    left = host.wait_for("exit")
    assert left["error"]["error_code"] == error_code
    assert set(left["error"]) == {"error_type", "error_code", "error_message", "display_message"}


def test_useless_token_ends_at_once_and_a_new_one_works(host: Host, sandbox: RunningSandbox) -> None:
    host.open("link-sandbox-old")
    assert host.wait_for("exit")["error"]["error_code"] == "INVALID_LINK_TOKEN"
    dialog = host.open(new_link_token(sandbox))
    expect(dialog.get_by_role("heading", name="Connect your bank")).to_be_visible()


def test_create_destroy_create_and_open_before_load(host: Host, sandbox: RunningSandbox) -> None:
    token = new_link_token(sandbox)
    host.page.evaluate(
        "(token) => { make(token, 'first'); first.open(); first.destroy(); first.destroy(); first.open();"
        " make(token); handler.open(); }",
        token,
    )
    to_credentials(host.dialog)
    assert host.page.locator("iframe").count() == 1
    log_in(host.dialog, "user_studio", "pass_good")
    host.dialog.get_by_role("button", name="Finish").click()
    host.dialog.get_by_role("button", name="Continue").click()
    host.wait_for("success")
    assert [entry["kind"] for entry in host.log if entry["kind"] != "event"] == ["load", "success"]


def test_exit_of_the_handler(host: Host, sandbox: RunningSandbox) -> None:
    dialog = host.open(new_link_token(sandbox))
    to_credentials(dialog)
    host.page.evaluate("handler.exit({ force: true })")
    assert host.wait_for("exit")["metadata"]["status"] == "requires_credentials"
    assert host.page.locator("iframe").count() == 0
    dialog = host.open(new_link_token(sandbox))
    to_credentials(dialog)
    log_in(dialog, "user_studio", "pass_good")
    dialog.get_by_role("button", name="Finish").click()
    expect(dialog.get_by_role("heading", name="Success")).to_be_visible()
    host.page.evaluate("handler.exit()")
    assert host.wait_for("success")["publicToken"].startswith("public-sandbox-")


def test_update_mode_asks_for_the_login_only(host: Host, sandbox: RunningSandbox) -> None:
    token = sandbox.linked_access_token("user_studio")
    sandbox.plaid("/sandbox/item/reset_login", access_token=token)
    dialog = host.open(new_link_token(sandbox, access_token=token))
    expect(dialog.get_by_role("heading", name="Log in again to First Platypus Bank")).to_be_visible()
    assert host.violations() == []
    dialog.get_by_role("button", name="Fill in user_studio").click()
    dialog.get_by_role("button", name="Log in").click()
    expect(dialog.get_by_role("heading", name="Connection repaired")).to_be_visible()
    dialog.get_by_role("button", name="Continue").click()
    assert len(host.wait_for("success")["metadata"]["accounts"]) == 3
    assert sandbox.plaid("/accounts/get", access_token=token).status_code == 200


def test_embedded_link_lives_in_the_page(host: Host, sandbox: RunningSandbox) -> None:
    host.page.evaluate(
        "(token) => { window.embedded = Plaid.createEmbedded("
        "{ token, onSuccess: (publicToken) => log.push({ kind: 'success', publicToken }) },"
        " document.getElementById('embedded')); }",
        new_link_token(sandbox),
    )
    to_credentials(host.dialog)
    log_in(host.dialog, "user_studio", "pass_good")
    host.dialog.get_by_role("button", name="Finish").click()
    host.dialog.get_by_role("button", name="Continue").click()
    host.wait_for("success")
    host.page.evaluate("embedded.destroy()")
    assert host.page.locator("iframe").count() == 0


def test_marker_is_planted_once_and_fetched_never(host: Host, sandbox: RunningSandbox) -> None:
    script = f"{sandbox.base_url}/link/v2/stable/link-initialize.js"
    host.page.evaluate(
        "(src) => new Promise((done) => { const tag = document.createElement('script');"
        " tag.src = src; tag.onload = done; document.head.append(tag); })",
        script,
    )
    markers = host.page.locator(f"script[src='{CDN}']")
    assert markers.count() == 1
    assert markers.get_attribute("type") == "application/x-plaid-link-stub"


def test_narrow_screen_has_no_sideways_scroll(host: Host, sandbox: RunningSandbox) -> None:
    host.page.set_viewport_size({"width": 320, "height": 640})
    dialog = host.open(new_link_token(sandbox))
    to_credentials(dialog)
    frame = next(frame for frame in host.page.frames if "/flow" in frame.url)
    assert frame.evaluate("document.documentElement.scrollWidth") <= 320
    assert host.violations() == []


def to_oauth_bank(dialog: FrameLocator) -> None:
    dialog.get_by_role("button", name="Continue").click()
    dialog.get_by_role("searchbox", name="Search").fill("oauth bank")
    dialog.get_by_role("button", name="Platypus OAuth Bank").click()


def test_bank_with_its_own_page_by_redirect(host: Host, host_url: str, sandbox: RunningSandbox) -> None:
    link_token = new_link_token(sandbox, redirect_uri=host_url)
    dialog = host.open(link_token)
    to_oauth_bank(dialog)
    assert host.violations() == []
    dialog.get_by_role("button", name="Continue to Platypus OAuth Bank").click()
    page = host.page
    expect(page.get_by_role("heading", name="Platypus OAuth Bank: log in")).to_be_visible()
    page.get_by_role("textbox", name="Username").fill("user_studio")
    page.get_by_role("textbox", name="Password").fill("wrong")
    page.get_by_role("button", name="Log in and allow").click()
    expect(page.get_by_role("alert")).to_contain_text("not correct")
    page.get_by_role("textbox", name="Password").fill("pass_good")
    page.get_by_role("button", name="Log in and allow").click()
    page.wait_for_url("**/?oauth_state_id=*")
    page.evaluate("(token) => make(token, 'handler', location.href)", link_token)
    page.get_by_role("button", name="Connect").click()
    dialog.get_by_role("button", name="Finish").click()
    dialog.get_by_role("button", name="Continue").click()
    assert host.wait_for("success")["metadata"]["institution"]["name"] == "Platypus OAuth Bank"


def test_bank_with_its_own_page_in_a_window_refused_then_allowed(host: Host, sandbox: RunningSandbox) -> None:
    dialog = host.open(new_link_token(sandbox))
    to_oauth_bank(dialog)
    with host.page.expect_popup() as opened:
        dialog.get_by_role("button", name="Continue to Platypus OAuth Bank").click()
    opened.value.get_by_role("button", name="Refuse").click()
    expect(dialog.get_by_text("You did not allow Acme Books to see your accounts.")).to_be_visible()
    dialog.get_by_role("button", name="Try again").click()
    with host.page.expect_popup() as opened:
        dialog.get_by_role("button", name="Continue to Platypus OAuth Bank").click()
    opened.value.get_by_role("textbox", name="Username").fill("user_good")
    opened.value.get_by_role("textbox", name="Password").fill("pass_good")
    opened.value.get_by_role("button", name="Log in and allow").click()
    dialog.get_by_role("button", name="Finish").click()
    dialog.get_by_role("button", name="Continue").click()
    assert host.wait_for("success")["publicToken"].startswith("public-sandbox-")
    assert {"OPEN_OAUTH", "CLOSE_OAUTH", "FAIL_OAUTH"} <= set(host.events())


def test_questions_and_selections(host: Host, sandbox: RunningSandbox) -> None:
    dialog = host.open(new_link_token(sandbox))
    to_credentials(dialog)
    log_in(dialog, "user_good", "mfa_questions_2_2")
    for round_index in range(2):
        expect(dialog.get_by_text(f"step {round_index + 1} of 2")).to_be_visible()
        assert host.violations() == []
        for number in range(2):
            field = dialog.get_by_role("textbox", name=f"Security question {round_index}-{number}")
            field.fill(f"answer_{round_index}_{number}")
        dialog.get_by_role("button", name="Continue").click()
    expect(dialog.get_by_role("heading", name=CHOOSE_ACCOUNTS)).to_be_visible()
    host.page.evaluate("handler.exit({ force: true })")
    other = host.open(new_link_token(sandbox))
    to_credentials(other)
    log_in(other, "user_good", "mfa_selections")
    expect(other.get_by_role("radio", name="Yes")).to_be_checked()
    assert host.violations() == []
    other.get_by_role("button", name="Continue").click()
    expect(other.get_by_role("heading", name=CHOOSE_ACCOUNTS)).to_be_visible()
