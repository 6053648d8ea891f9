"""Entries that come again, on the page of the journal."""

import re
from datetime import UTC, datetime, timedelta

from playwright.sync_api import expect

from tests.browser.conftest import Visit


def test_a_recurring_entry_is_written_changed_paused_and_deleted(visit: Visit) -> None:
    page = visit.page
    visit.go("journal")
    page.get_by_role("button", name="New recurring entry").click()
    dialog = page.get_by_role("dialog", name="New recurring entry")
    dialog.get_by_label("Description").fill("Studio plants")
    # Not due while this runs, whatever the hour.
    first = datetime.now(UTC).date() + timedelta(days=10)
    dialog.get_by_label("Every").fill("2")
    dialog.get_by_label("Unit").select_option("Weeks")
    dialog.get_by_label("First on").fill(first.isoformat())
    for number, account, side in ((1, "6600 Rent", "Debit"), (2, "3200 Owner Draws", "Credit")):
        line = dialog.get_by_role("listitem", name=f"Line {number}")
        line.get_by_label("Ledger account").select_option(label=account)
        line.get_by_role("textbox", name=side).fill("45.50")
    assert visit.axe() == []
    dialog.get_by_role("button", name="Save").click()
    card = page.get_by_role("region", name="Studio plants")
    expect(card).to_contain_text("Every 2 weeks from")
    expect(card).to_contain_text("$45.50")
    card.get_by_text("The days after that").click()
    third = first + timedelta(days=28)
    expect(card).to_contain_text(f"{third:%b} {third.day}, {third.year}")
    assert visit.axe() == []

    card.get_by_role("button", name="Change").click()
    change = page.get_by_role("dialog")
    change.get_by_label("Unit").select_option("Months")
    change.get_by_role("listitem", name="Line 2").get_by_role("textbox", name="Credit").fill("45")
    change.get_by_role("button", name="Save").click()
    expect(change.get_by_role("alert")).to_contain_text("have to be equal")
    change.get_by_role("listitem", name="Line 1").get_by_role("textbox", name="Debit").fill("45")
    change.get_by_role("button", name="Save").click()
    expect(card).to_contain_text("Every 2 months from")
    expect(card).to_contain_text("$45.00")

    card.get_by_role("button", name="Pause").click()
    expect(card.get_by_text("Paused")).to_be_visible()
    card.get_by_role("button", name="Resume").click()
    expect(card.get_by_text(re.compile("^Next on"))).to_be_visible()
    card.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete", exact=True).click()
    expect(card).to_have_count(0)


def test_reports_on_cash_basis_say_what_that_is(visit: Visit) -> None:
    page = visit.page
    visit.go("reports")
    for tab in ("Profit and loss", "Balance sheet"):
        page.get_by_role("tab", name=tab).click()
        expect(page.get_by_text(re.compile("^Accrual basis: "))).to_be_visible()
        page.get_by_label("Basis").select_option("Cash")
        expect(page.get_by_text(re.compile("^Cash basis: "))).to_be_visible()
        expect(page.get_by_role("table", name=tab)).to_be_visible()
        assert visit.axe() == [], tab
        with page.expect_request(re.compile(r"/download\?.*basis=CASH")), page.expect_download() as download:
            page.get_by_role("button", name="CSV", exact=True).click()
        assert download.value.path().read_bytes().startswith(b"Row,"), tab
    page.get_by_role("tab", name="Cash flow").click()
    expect(page.get_by_text(re.compile("there is no cash basis of the cash flow"))).to_be_visible()
