"""Take the pictures of the web app that the documents show.

Usage: .venv/bin/python scripts/screenshots.py ADDRESS [DIRECTORY], with a demo running at ADDRESS.
"""

import os
import shutil
import sys
from pathlib import Path

from playwright.sync_api import Page, ViewportSize, sync_playwright

_PAGES = {"overview": "", "transactions": "transactions", "reports": "reports", "journal": "journal"}
# connections.png shows a login that expired: it is station 3 of tests/browser/test_bank_walk.py, run with
# OPENLEDGER_PICTURES=DIR.
_SIZE = ViewportSize(width=1280, height=860)
_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def main() -> None:
    """Write overview.png, transactions.png, reports.png, journal.png and link.png."""
    address = sys.argv[1].rstrip("/")
    directory = Path(sys.argv[2] if len(sys.argv) > 2 else "docs/images")  # noqa: PLR2004 - program, address, directory
    directory.mkdir(parents=True, exist_ok=True)
    path = os.environ.get("OPENLEDGER_CHROMIUM") or next(filter(None, map(shutil.which, _BROWSERS)))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path)
        page = browser.new_page(viewport=_SIZE)
        for name, route in _PAGES.items():
            _open(page, f"{address}/#/{route}")
            page.screenshot(path=directory / f"{name}.png")
        _open(page, f"{address}/#/")
        page.get_by_role("button", name="Connect another bank").click()
        dialog = page.frame_locator("iframe[title='Plaid Link']")
        dialog.get_by_role("button", name="Continue").click()
        dialog.get_by_role("searchbox").wait_for()
        page.screenshot(path=directory / "link.png")
        browser.close()
    print(f"Pictures are in {directory}")


def _open(page: Page, url: str) -> None:
    page.goto(url)
    page.get_by_role("table").first.wait_for()  # every page has one, and shows it only when its data are there
    page.wait_for_load_state("networkidle")


if __name__ == "__main__":
    main()
