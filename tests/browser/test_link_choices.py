"""A bank with a login page of its own, and how its accounts are booked: from before the link until long after it."""

import re
from datetime import UTC, datetime, timedelta

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Visit

OAUTH_BANK = "Platypus OAuth Bank"
PATIENCE_MS = 60_000


def test_a_bank_with_its_own_page_comes_back_and_is_booked_as_chosen(visit: Visit) -> None:
    """The whole page goes to the bank and comes back; Link goes on by itself; the choice made before it is kept."""
    page = visit.page
    visit.go("")
    start = datetime.now(UTC).date() - timedelta(days=40)
    page.get_by_text("Choose how it is booked").click()
    page.get_by_label("Days of history").fill("90")
    page.get_by_label("The books begin on").fill(start.isoformat())
    assert visit.axe() == []
    page.get_by_role("button", name="Connect another bank").click()
    dialog = visit.link_dialog()
    dialog.get_by_role("button", name="Continue").click()
    dialog.get_by_role("button", name=OAUTH_BANK).click()
    dialog.get_by_role("button", name=re.compile("^Continue")).click()
    page.wait_for_url("**/oauth#oauth_state_id=*")
    page.get_by_label("Username").fill("user_good")
    page.get_by_label("Password").fill("pass_good")
    page.get_by_role("button", name="Log in and allow").click()

    page.wait_for_url(re.compile(r"/\?oauth_state_id="))
    expect(dialog.get_by_role("heading", name="Choose accounts")).to_be_visible()
    dialog.get_by_role("checkbox", name="All accounts").uncheck()
    dialog.get_by_role("checkbox", name="Plaid Checking").check()
    dialog.get_by_role("button", name="Finish").click()
    dialog.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("The history is being imported and booked by itself")).to_be_visible(timeout=PATIENCE_MS)
    assert "oauth_state_id" not in page.url
    assert page.evaluate("sessionStorage.length") == 0
    assert visit.axe() == []

    _is_booked_from(page, start.isoformat())
    _takes_another_opening_balance(visit)
    page.reload()
    page.get_by_role("button", name="Connect another bank").wait_for()
    expect(page.locator("iframe[title='Plaid Link']")).to_have_count(0)
    _can_be_changed_later(visit, start.isoformat())


def _is_booked_from(page: Page, start: str) -> None:
    toggle = page.get_by_role("button", name=re.compile("^How it is booked: Plaid Checking"))
    toggle.click()
    expect(toggle).to_have_attribute("aria-expanded", "true")
    expect(_booking(page).get_by_label("The books begin on")).to_have_value(start)


def _booking(page: Page) -> Locator:
    return page.locator("[data-slot='ol-account-booking']")


def _takes_another_opening_balance(visit: Visit) -> None:
    booking = _booking(visit.page)
    booking.get_by_label("Opening balance").select_option("I know it")
    booking.get_by_label("Amount in USD").fill("12.3.4")
    booking.get_by_role("button", name="Save").click()
    expect(booking.get_by_role("alert")).to_contain_text("cannot be read")
    booking.get_by_label("Amount in USD").fill("250.00")
    booking.get_by_role("button", name="Save").click()
    expect(booking.get_by_text(re.compile(r"opening balance of \$250\.00, as given"))).to_be_visible(
        timeout=PATIENCE_MS
    )
    assert visit.axe() == []


def _can_be_changed_later(visit: Visit, start: str) -> None:
    """On the connection's page it is all there again: the amount, the day; a new ledger account; computed again."""
    page = visit.page
    visit.go("connections")
    card = page.get_by_role("region", name=OAUTH_BANK)
    card.get_by_role("button", name=re.compile("^How it is booked: Plaid Checking")).click()
    booking = _booking(page)
    expect(booking.get_by_label("Amount in USD")).to_have_value("250.00")
    expect(booking.get_by_label("At the beginning of")).to_have_value(start)
    booking.get_by_label("Ledger account").select_option("A new ledger account…")
    booking.get_by_label("Its name").fill("Platypus house account")
    booking.get_by_label("Opening balance").select_option("Computed, so that the books match the bank")
    booking.get_by_role("button", name="Save").click()
    expect(booking.get_by_text(re.compile("computed so that they match the bank"))).to_be_visible(timeout=PATIENCE_MS)
    expect(booking.locator("select").first.locator("option:checked")).to_contain_text("Platypus house account")
    assert visit.axe() == []
    visit.page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    card.get_by_role("button", name="Disconnect").click()
    page.get_by_role("dialog").get_by_role("button", name="Disconnect", exact=True).click()
    expect(card).to_have_count(0)


def test_a_refusal_at_the_bank_is_told_and_changes_nothing(visit: Visit) -> None:
    page = visit.page
    visit.go("connections")
    page.get_by_role("button", name="Connect another bank").click()
    dialog = visit.link_dialog()
    dialog.get_by_role("button", name="Continue").click()
    dialog.get_by_role("button", name=OAUTH_BANK).click()
    dialog.get_by_role("button", name=re.compile("^Continue")).click()
    page.get_by_role("button", name="Refuse").click()
    page.wait_for_url(re.compile(r"/\?oauth_state_id="))
    expect(dialog.get_by_role("heading").first).to_be_visible()
    dialog.get_by_role("button", name="Close").click()
    expect(page.locator("iframe[title='Plaid Link']")).to_have_count(0)
    assert "oauth_state_id" not in page.url
    expect(page.get_by_role("heading", name=OAUTH_BANK)).to_have_count(0)


def test_coming_back_in_another_window_is_told(visit: Visit) -> None:
    visit.page.goto(f"{visit.base_url}/?oauth_state_id=00000000-0000-0000-0000-000000000000")
    expect(visit.page.get_by_role("alert")).to_contain_text("not in the window where this was begun")
    assert "oauth_state_id" not in visit.page.url
