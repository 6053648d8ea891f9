"""Deciding about many rows at once: always for this merchant, the review queue, rules with a look before."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import Visit

PATIENCE_MS = 30_000


def test_a_group_is_reviewed_with_one_choice(visit: Visit) -> None:
    visit.go("review")
    groups = visit.page.locator("[data-slot='ol-review-group']")
    expect(groups.first).to_be_visible(timeout=PATIENCE_MS)
    assert visit.axe() == []
    name = groups.first.get_by_role("heading").inner_text()
    summary = visit.page.get_by_text(re.compile(r"^\d+ transactions? in \d+ groups?"))
    before = summary.inner_text()
    groups.first.get_by_role("combobox", name=re.compile("category for", re.IGNORECASE)).first.select_option(
        label="Travel"
    )
    expect(visit.page.get_by_text(f"of {name} in Travel.")).to_be_attached(timeout=PATIENCE_MS)
    expect(summary).not_to_have_text(before, timeout=PATIENCE_MS)
    assert visit.axe() == []


def test_a_category_is_chosen_always_and_earlier_rows_follow_and_come_back(visit: Visit) -> None:
    visit.go("transactions")
    visit.page.get_by_role("tab", name="Posted").click()
    row = visit.page.get_by_role("row", name=re.compile("Gusto|Rent|Adobe|Figma")).first
    row.get_by_role("combobox").select_option(label="Travel")
    offer = visit.page.get_by_role("group", name=re.compile("^Always Travel for"))
    expect(offer).to_be_visible(timeout=PATIENCE_MS)
    assert visit.axe() == []
    offer.get_by_role("button", name="Earlier ones too").click()
    result = visit.page.locator("[data-slot='ol-always-result']")
    expect(result).to_contain_text("goes to Travel from now on", timeout=PATIENCE_MS)
    result.get_by_role("button", name="Undo the earlier ones").click()
    expect(result).to_contain_text("are as they were", timeout=PATIENCE_MS)
    assert visit.axe() == []


def test_a_rule_is_tried_saved_applied_undone_and_deleted(visit: Visit) -> None:
    page = visit.page
    visit.go("rules")
    page.get_by_role("button", name="New rule").click()
    form = page.get_by_role("form", name="New rule")
    form.get_by_label("The bank’s text contains").fill("coffee")
    form.get_by_role("combobox", name="Money").select_option("out")
    form.get_by_label("Name").fill("Coffee")
    form.get_by_role("combobox", name="Category").select_option(label="Office Supplies")
    form.get_by_role("button", name="See what it would change").click()
    preview = page.get_by_role("region", name="What it would change")
    expect(preview).to_contain_text(re.compile(r"Finds \d+ transactions?, would change [1-9]"), timeout=PATIENCE_MS)
    assert visit.axe() == []
    preview.get_by_role("checkbox").check()
    form.get_by_role("button", name="Save and apply").click()
    expect(form).to_have_count(0, timeout=PATIENCE_MS)
    rule = page.get_by_role("listitem").filter(has_text="Coffee")
    expect(rule.first).to_contain_text(re.compile(r"[1-9]\d* transactions decided"), timeout=PATIENCE_MS)
    page.get_by_text(re.compile("^Changes of many at once")).click()
    page.get_by_role("button", name=re.compile("^Undo the change")).first.click()
    expect(page.get_by_text(re.compile(r"Undone: [1-9]\d* are as they were")).first).to_be_visible(timeout=PATIENCE_MS)
    assert visit.axe() == []
    page.get_by_role("button", name="Delete… Coffee").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_role("button", name="Delete… Coffee")).to_have_count(0, timeout=PATIENCE_MS)


def test_the_figures_say_how_well_it_works(visit: Visit) -> None:
    visit.go("rules")
    expect(visit.page.get_by_text("Categorised by itself")).to_be_visible(timeout=PATIENCE_MS)
    expect(visit.page.get_by_role("row", name=re.compile("The bank’s category"))).to_be_visible()
    assert visit.axe() == []


def test_a_rule_splits_the_past_to_the_cent_and_is_undone(visit: Visit) -> None:
    page = visit.page
    visit.go("rules")
    page.get_by_role("button", name="New rule").click()
    form = page.get_by_role("form", name="New rule")
    form.get_by_label("The bank’s text contains").fill("coffee")
    form.get_by_role("button", name="More ways to look…").click()
    form.get_by_role("button", name="Add a condition to 1").click()
    second = form.get_by_role("group", name="Condition 1.2", exact=True)
    second.get_by_label("What").select_option(label="the amount")
    second.get_by_label("How").select_option(label="is at least")
    second.get_by_label("Value").fill("1.00")
    form.get_by_label("What to do").select_option(label="split it over categories")
    form.get_by_label("Percent").fill("33.33")
    form.get_by_label("Category of line 1").select_option(label="Travel")
    form.get_by_label("Category of line 2").select_option(label="Office Supplies")
    expect(form.get_by_text("It adds up. Of 1,000: 333.30 + 666.70")).to_be_visible()
    form.get_by_label("Name").fill("Coffee round")
    form.get_by_role("button", name="See what it would change").click()
    preview = page.get_by_role("region", name="What it would change")
    expect(preview).to_contain_text(re.compile(r"\d+\.\d\d Travel, \d+\.\d\d Office Supplies"), timeout=PATIENCE_MS)
    assert visit.axe() == []
    preview.get_by_role("checkbox").check()
    form.get_by_role("button", name="Save and apply").click()
    expect(form).to_have_count(0, timeout=PATIENCE_MS)
    rule = page.get_by_role("listitem").filter(has_text="Coffee round").first
    expect(rule).to_contain_text("split: 33.33 % Travel, the rest Office Supplies", timeout=PATIENCE_MS)
    expect(rule).to_contain_text(re.compile(r"[1-9]\d* transactions decided"), timeout=PATIENCE_MS)
    page.get_by_text(re.compile("^Changes of many at once")).click()
    page.get_by_role("button", name=re.compile("^Undo the change")).first.click()
    expect(page.get_by_text(re.compile(r"Undone: [1-9]\d* are as they were")).first).to_be_visible(timeout=PATIENCE_MS)
    page.get_by_role("button", name="Delete… Coffee round").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_role("button", name="Delete… Coffee round")).to_have_count(0, timeout=PATIENCE_MS)


def test_a_kind_is_moved_to_another_account_and_back(visit: Visit) -> None:
    page = visit.page
    visit.go("rules")
    page.get_by_label("Find a kind or an account").fill("coffee")
    account = page.get_by_role("combobox", name=re.compile("^Ledger account for .*coffee", re.IGNORECASE))
    account.select_option(label="Travel")
    back = page.get_by_role("button", name=re.compile("^Back to the template for .*coffee", re.IGNORECASE))
    expect(back).to_be_visible(timeout=PATIENCE_MS)
    assert visit.axe() == []
    back.click()
    expect(back).to_have_count(0, timeout=PATIENCE_MS)
