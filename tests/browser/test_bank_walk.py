"""One bank connection from its first day to its last, as its owner lives it. One walk: each step needs the one before.

`OPENLEDGER_PICTURES=DIR` keeps a picture of each station.
"""

import contextlib
import os
import re
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import FrameLocator, Locator, Page, TimeoutError, expect  # noqa: A004 - Playwright's own

from tests.browser.conftest import Bank, Visit

BANK = "Tattersall Federal Credit Union"
USER = "user_mfa"
NEWS = "MADE WHILE BROKEN"
PICTURES = os.environ.get("OPENLEDGER_PICTURES")
# The worker picks up what came by webhook; a busy machine takes its time.
PATIENCE_MS = 60_000
GLANCE_MS = 2_000


def test_a_connection_lives_from_link_to_disconnect(visit: Visit, bank: Bank) -> None:
    """Link with MFA, import, login required, update mode, healthy again, paused, one account less, disconnected."""
    page = visit.page
    visit.go("connections")
    _link_with_code(visit)
    card = _card(page)
    expect(card).to_have_attribute("data-status", "healthy", timeout=PATIENCE_MS)
    expect(card.get_by_text("Plaid Checking")).to_be_visible()
    assert visit.axe() == []
    _picture(page, "1-healthy")

    item = bank.item_of(USER)
    assert item is not None
    assert [account["name"] for account in item["accounts"] if account["is_selected"]] == [
        "Plaid Checking",
        "Plaid Saving",
        "Plaid Credit Card",
    ]
    _needs_a_login(visit, bank, str(item["item_id"]))
    _reconnects(visit)
    _row_is_there(visit)
    _is_asked_and_paused(visit)
    _loses_an_account(visit)
    _ends(visit)
    gone = bank.item_of(USER)
    assert gone is not None
    assert gone["item_id"] == item["item_id"], "update mode made no new item"
    assert gone["is_removed"], "the provider was told"


def _link_with_code(visit: Visit) -> None:
    visit.page.get_by_role("button", name="Connect another bank").click()
    dialog = visit.link_dialog()
    dialog.get_by_role("button", name="Continue").click()
    dialog.get_by_role("button", name=BANK).click()
    _log_in(dialog)
    code = dialog.get_by_role("textbox", name="Code", exact=True)
    code.fill("0000")
    dialog.get_by_role("button", name="Continue").click()
    expect(dialog.get_by_role("alert")).to_contain_text("not correct")
    code.fill("1234")
    dialog.get_by_role("button", name="Continue").click()
    dialog.get_by_role("checkbox", name="All accounts").uncheck()
    for name in ("Plaid Checking", "Plaid Saving", "Plaid Credit Card"):
        dialog.get_by_role("checkbox", name=name).check()
    dialog.get_by_role("button", name="Finish").click()
    dialog.get_by_role("button", name="Continue").click()
    _picture(visit.page, "0-importing")


def _log_in(dialog: FrameLocator) -> None:
    dialog.get_by_role("textbox", name="Username").fill(USER)
    dialog.get_by_role("textbox", name="Password").fill("pass_good")
    dialog.get_by_role("button", name="Log in").click()


def _needs_a_login(visit: Visit, bank: Bank, item_id: str) -> None:
    """The bank wants a login and goes on booking; the overview says so, and what was imported stays."""
    bank.control("POST", f"/items/{item_id}/login_required")
    today = datetime.now(UTC).date().isoformat()
    change = {"op": "add", "account": "0000", "amount": "41.17", "date": today, "name": NEWS}
    bank.control("POST", f"/items/{item_id}/changes", changes=[change])
    alert = visit.page.get_by_role("button", name=f"Reconnect {BANK}")
    # The page asks by itself every half minute; who comes back to it sees at once what the server knows.
    for _ in range(PATIENCE_MS // GLANCE_MS):
        visit.page.goto("about:blank")
        visit.go("")
        with contextlib.suppress(TimeoutError):
            alert.wait_for(timeout=GLANCE_MS)
            break
    expect(alert).to_be_visible()
    assert visit.axe() == []
    _picture(visit.page, "2-overview-login-required")


def _reconnects(visit: Visit) -> None:
    visit.go("connections")
    card = _card(visit.page)
    expect(card).to_have_attribute("data-status", "login_required")
    expect(card.get_by_text("The bank asks you to sign in again")).to_be_visible()
    assert visit.axe() == []
    _picture(visit.page, "3-login-required")
    card.get_by_role("button", name="Reconnect").click()
    dialog = visit.link_dialog()
    expect(dialog.get_by_role("heading", name=f"Log in again to {BANK}")).to_be_visible()
    dialog.get_by_role("button", name="Close").click()
    expect(card).to_have_attribute("data-status", "login_required")
    card.get_by_role("button", name="Reconnect").press("Enter")
    dialog = visit.link_dialog()
    _log_in(dialog)
    dialog.get_by_role("textbox", name="Code", exact=True).fill("1234")
    dialog.get_by_role("button", name="Continue").click()
    expect(dialog.get_by_role("heading", name="Connection repaired")).to_be_visible()
    dialog.get_by_role("button", name="Continue").click()
    expect(card).to_have_attribute("data-status", "healthy", timeout=PATIENCE_MS)
    expect(card.get_by_role("button", name="Reconnect")).to_have_count(0)
    _picture(visit.page, "4-repaired")


def _row_is_there(visit: Visit) -> None:
    """What the bank booked while nobody could read it arrives from where the reading had stopped."""
    visit.go("connections")
    history = _card(visit.page).get_by_text("Import history")
    history.click()
    runs = visit.page.get_by_role("table", name=re.compile("Imports from"))
    expect(runs.get_by_text(re.compile(r"^1 new"))).to_be_visible(timeout=PATIENCE_MS)
    assert visit.axe() == []
    _picture(visit.page, "5-history")
    assert NEWS in _descriptions(visit)


def _descriptions(visit: Visit) -> str:
    """Return the newest transactions as text."""
    visit.go("transactions")
    visit.page.get_by_role("tab", name="All").click()
    table = visit.page.get_by_role("table", name=re.compile("^Transactions"))
    table.wait_for()
    return table.inner_text()


def _is_asked_and_paused(visit: Visit) -> None:
    visit.go("connections")
    card = _card(visit.page)
    ask = card.get_by_role("button", name="Ask the bank now")
    for _ in range(2):
        ask.click()
        expect(card.get_by_text("What is new follows within a minute")).to_be_visible()
    visit.expects("429")
    ask.click()
    expect(card.get_by_role("alert")).to_contain_text("in a minute you can ask again")
    assert visit.axe() == []
    _picture(visit.page, "6-refresh-limit")
    card.get_by_role("button", name="Pause").click()
    expect(card).to_have_attribute("data-status", "paused")
    card.get_by_role("button", name="Resume").click()
    expect(card).to_have_attribute("data-status", "healthy")


def _loses_an_account(visit: Visit) -> None:
    card = _card(visit.page)
    card.get_by_role("button", name="Unlink Plaid Saving").click()
    question = visit.page.get_by_role("dialog", name="Unlink Plaid Saving?")
    expect(question.get_by_text("The other accounts go on")).to_be_visible()
    question.get_by_role("button", name="Unlink", exact=True).click()
    expect(card.get_by_text(re.compile("Unlinked on"))).to_be_visible()
    expect(card.get_by_text("Plaid Checking")).to_be_visible()


def _ends(visit: Visit) -> None:
    page, card = visit.page, _card(visit.page)
    card.get_by_role("button", name="Disconnect").click()
    question = page.get_by_role("dialog", name=f"Disconnect {BANK}?")
    expect(question.get_by_text("Everything imported so far stays")).to_be_visible()
    assert visit.axe() == []
    _picture(page, "7-question")
    page.keyboard.press("Escape")
    expect(question).to_have_count(0)
    expect(card.get_by_role("button", name="Disconnect")).to_be_focused()
    card.get_by_role("button", name="Disconnect").click()
    page.get_by_role("dialog").get_by_role("button", name="Disconnect", exact=True).click()
    expect(card).to_have_count(0)
    ended = page.get_by_text(re.compile(r"^Ended connections"))
    ended.click()
    expect(page.get_by_role("button", name=f"Connect again: {BANK}")).to_be_visible()
    expect(page.get_by_text(re.compile("transactions stay in the books")).first).to_be_visible()
    assert visit.axe() == []
    _picture(page, "8-ended")
    assert NEWS in _descriptions(visit)


def _card(page: Page) -> Locator:
    return page.get_by_role("region", name=BANK)


def _picture(page: Page, name: str) -> None:
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)
