"""What a visitor of the demo does and sees."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import Visit


def test_the_overview_shows_every_account_in_step_with_its_bank(visit: Visit) -> None:
    visit.go("")
    expect(visit.page.get_by_role("heading", name="First Platypus Bank")).to_be_visible()
    expect(visit.page.get_by_text("Matches the bank")).to_have_count(3)
    for name in ("Business Checking", "Business Savings", "Business Card"):
        expect(visit.page.get_by_text(name).first).to_be_visible()
    assert visit.axe() == []


def test_a_bank_is_connected_by_clicking_and_its_history_arrives(visit: Visit) -> None:
    visit.go("")
    opener = visit.page.get_by_role("button", name="Connect another bank")
    opener.click()
    dialog = visit.link_dialog()
    dialog.get_by_role("button", name="Continue").click()
    assert visit.axe("Plaid Link") == []
    dialog.get_by_role("button", name="Tartan Bank").click()
    dialog.get_by_role("textbox", name="Username").fill("user_good")
    dialog.get_by_role("textbox", name="Password").fill("wrong")
    dialog.get_by_role("button", name="Log in").click()
    expect(dialog.get_by_role("alert")).to_be_visible()
    dialog.get_by_role("textbox", name="Password").fill("pass_good")
    dialog.get_by_role("button", name="Log in").click()
    expect(dialog.get_by_role("heading", name="Choose accounts")).to_be_visible()
    dialog.get_by_role("checkbox", name=re.compile("Mortgage")).uncheck()
    dialog.get_by_role("button", name="Finish").click()
    expect(dialog.get_by_role("heading", name="Success")).to_be_visible()
    dialog.get_by_role("button", name="Continue").click()
    expect(visit.page.locator("iframe[title='Plaid Link']")).to_have_count(0)
    expect(opener).to_be_focused()
    expect(visit.page.get_by_role("heading", name="Tartan Bank")).to_be_visible(timeout=20_000)
    expect(visit.page.get_by_role("row", name=re.compile("Plaid Saving"))).to_be_visible()
    expect(visit.page.get_by_text("Plaid Mortgage")).to_have_count(0)
    expect(visit.page.get_by_text("Importing")).to_have_count(0, timeout=60_000)
    expect(visit.page.get_by_text("Matches the bank")).to_have_count(3 + 11, timeout=20_000)


def test_leaving_the_dialog_changes_nothing_and_gives_the_focus_back(visit: Visit) -> None:
    visit.go("")
    opener = visit.page.get_by_role("button", name="Connect another bank")
    opener.focus()
    visit.page.keyboard.press("Enter")
    dialog = visit.link_dialog()
    expect(dialog.get_by_role("button", name="Continue")).to_be_visible()
    dialog.get_by_role("button", name="Close").click()
    expect(visit.page.locator("iframe[title='Plaid Link']")).to_have_count(0)
    expect(opener).to_be_focused()


def test_a_category_is_corrected_in_place_and_stays_corrected(visit: Visit) -> None:
    visit.go("transactions")
    picker = visit.page.get_by_role("combobox", name=re.compile("^Category of")).first
    name = picker.get_attribute("aria-label")
    assert name is not None
    picker.select_option(label="Travel")
    expect(visit.page.get_by_text("You chose")).not_to_have_count(0)
    assert visit.axe() == []
    visit.page.get_by_role("tab", name="Posted").click()
    again = visit.page.get_by_role("combobox", name=name, exact=True).first
    expect(again.locator("option:checked")).to_have_text("Travel")


def test_older_transactions_are_a_click_away(visit: Visit) -> None:
    visit.go("transactions")
    visit.page.get_by_role("tab", name="All").click()
    rows = visit.page.get_by_role("table").locator("tbody tr")
    expect(rows).to_have_count(50)
    visit.page.get_by_role("button", name="Load more").click()
    expect(rows).to_have_count(100)


def test_the_reports_show_profit_and_loss_and_a_balance_sheet_that_balances(visit: Visit) -> None:
    visit.go("reports")
    expect(visit.page.get_by_role("heading", name="Profit and loss")).to_be_visible()
    expect(visit.page.get_by_text("Net income").first).to_be_visible()
    expect(visit.page.get_by_role("row", name=re.compile("Rent"))).to_be_visible()
    assert visit.axe() == []
    visit.page.get_by_role("tab", name="Balance sheet").click()
    expect(visit.page.get_by_role("row", name=re.compile("Total assets"))).to_be_visible()
    assert visit.axe() == []


REPORTS = ("Balance sheet", "Cash flow", "Spending", "Trial balance", "General ledger")


def test_every_report_is_there_and_can_be_read_by_everybody(visit: Visit) -> None:
    visit.go("reports")
    for name in REPORTS:
        visit.page.get_by_role("tab", name=name).click()
        expect(visit.page.get_by_role("table", name=re.compile(name)).first).to_be_visible()
        assert visit.axe() == [], name


def test_a_figure_leads_to_its_postings_and_back(visit: Visit) -> None:
    visit.go("reports")
    figure = visit.page.get_by_role("row", name=re.compile("^Rent")).get_by_role("button")
    shown = figure.text_content()
    assert shown is not None
    figure.focus()
    visit.page.keyboard.press("Enter")
    dialog = visit.page.get_by_role("dialog", name="What makes up Rent")
    expect(dialog.locator("tfoot")).to_contain_text(shown)
    assert visit.axe() == []
    visit.page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(figure).to_be_focused()


def test_periods_stand_side_by_side(visit: Visit) -> None:
    visit.go("reports")
    visit.page.get_by_label("Compare with").select_option("Previous year")
    expect(visit.page.get_by_role("columnheader")).to_have_count(2 + 1)
    assert visit.axe() == []


def test_a_report_is_downloaded_as_pdf_and_workbook(visit: Visit) -> None:
    visit.go("reports")
    for button, start in (("PDF", b"%PDF-"), ("Excel", b"PK")):
        with visit.page.expect_download() as download:
            visit.page.get_by_role("button", name=button, exact=True).click()
        assert download.value.suggested_filename.startswith("Lantern-Design-Studio-LLC-income-statement-")
        assert download.value.path().read_bytes().startswith(start)


def test_an_entry_is_written_once_it_balances_and_taken_back(visit: Visit) -> None:
    visit.go("journal")
    opener = visit.page.get_by_role("button", name="New entry")
    opener.click()
    dialog = visit.page.get_by_role("dialog", name="New journal entry")
    dialog.get_by_label("Description").fill("Storage room")
    for number, account, side, amount in (
        (1, "6600 Rent", "Debit", "120.50"),
        (2, "3200 Owner Draws", "Credit", "100"),
    ):
        line = dialog.get_by_role("listitem", name=f"Line {number}")
        line.get_by_label("Ledger account").select_option(label=account)
        line.get_by_role("textbox", name=side).fill(amount)
    expect(dialog.get_by_role("status")).to_contain_text("20.50 to go")
    assert visit.axe() == []
    dialog.get_by_role("listitem", name="Line 2").get_by_role("textbox", name="Credit").fill("120.50")
    dialog.get_by_role("button", name="Post the entry").click()
    expect(dialog).to_have_count(0)
    visit.page.get_by_role("button", name="Reverse Storage room").click()
    visit.page.get_by_role("dialog").get_by_role("button", name="Reverse").click()
    expect(visit.page.get_by_role("button", name="Reverse Storage room")).to_have_count(0)
    expect(visit.page.get_by_text("Reversed", exact=True)).not_to_have_count(0)
    assert visit.axe() == []


def test_a_ledger_account_is_added_renamed_and_archived(visit: Visit) -> None:
    visit.go("accounts")
    visit.page.get_by_role("button", name="New account").click()
    visit.page.get_by_label("Name", exact=True).fill("Props")
    visit.page.get_by_role("button", name="Save").click()
    visit.page.get_by_role("button", name="Change Props").click()
    visit.page.get_by_label("Name", exact=True).fill("Stage props")
    visit.page.get_by_role("button", name="Save").click()
    assert visit.axe() == []
    visit.page.get_by_role("button", name="Archive Stage props").click()
    expect(visit.page.get_by_role("row", name=re.compile("Stage props"))).to_have_count(0)
    visit.page.get_by_label("Show archived").check()
    expect(visit.page.get_by_role("button", name="Restore Stage props")).to_be_visible()


def test_everything_is_reached_by_keyboard(visit: Visit) -> None:
    visit.go("")
    reached = set()
    for _ in range(50):
        visit.page.keyboard.press("Tab")
        reached.add(visit.page.evaluate("document.activeElement.textContent.trim()"))
    assert {"Transactions", "Reports", "Sync now", "Connect another bank"} <= reached


def test_a_phone_shows_every_page_without_sideways_scrolling(visit: Visit) -> None:
    visit.page.set_viewport_size({"width": 390, "height": 844})
    for route in ("", "transactions", "reports", "journal", "accounts"):
        visit.go(route)
        visit.page.wait_for_timeout(500)
        assert visit.page.evaluate("document.documentElement.scrollWidth") <= 390, route
        assert visit.axe() == [], route


def test_the_documentation_of_the_api_loads_nothing_from_elsewhere(visit: Visit) -> None:
    visit.page.goto(f"{visit.base_url}/docs")
    expect(visit.page.get_by_text("/v1/banks/create-link").first).to_be_visible(timeout=60_000)
