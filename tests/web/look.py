"""Takes pictures of the built demo on fixtures and checks accessibility, sideways scroll, console, foreign requests.

Usage: python tests/web/look.py OUT_DIR, after `npm run build`. Exits 1 when a check fails.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import Browser, Page, sync_playwright

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
WIDTHS = (1280, 390)
VIEWS = (
    ("connected", "overview", "#/"),
    ("connected", "transactions", "#/transactions"),
    ("connected", "reports", "#/reports"),
    ("connected", "connections", "#/connections"),
    ("troubled", "connections-troubled", "#/connections"),
    ("troubled", "overview-troubled", "#/"),
    ("empty", "connections-empty", "#/connections"),
    ("connected", "review", "#/review"),
    ("connected", "rules", "#/rules"),
    ("connected", "gallery", "#/gallery"),
    ("empty", "overview-empty", "#/"),
    ("importing", "overview-importing", "#/"),
    ("no-demo", "no-demo", "#/"),
)


@contextmanager
def mock_server(scenario: str) -> Iterator[str]:
    """Runs the fixture server and gives its address."""
    node = shutil.which("node")
    if node is None:
        message = "node is not on the PATH"
        raise RuntimeError(message)
    command = [node, str(ROOT / "tests" / "web" / "mock-server.mjs"), scenario]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield process.stdout.readline().removeprefix("ready on ").strip()
    finally:
        process.terminate()
        process.wait(timeout=10)


def find_faults(page: Page) -> list[str]:
    """Axe violations and sideways scroll of the page as it stands."""
    # Not as a script tag, which the page's own policy forbids.
    page.evaluate(AXE.read_text())
    options = json.dumps({"runOnly": AXE_TAGS})
    result = page.evaluate(f"axe.run(document, {options})")
    faults = [
        f"{violation['id']}: {node['target']} {node['failureSummary']}"
        for violation in result["violations"]
        for node in violation["nodes"][:3]
    ]
    if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
        faults.append("scrolls sideways")
    return faults


def look_at(browser: Browser, url: str, picture: Path, width: int, scheme: str) -> list[str]:
    """Opens one page, takes its picture and returns what is wrong with it."""
    dark: bool = scheme == "dark"
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme="dark" if dark else "light",
        device_scale_factor=1,
        reduced_motion="reduce",
    )
    page = context.new_page()
    faults: list[str] = []
    page.on("console", lambda line: faults.append(line.text) if line.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    origin = url.split("#", maxsplit=1)[0]
    page.on(
        "request", lambda request: None if request.url.startswith((origin, "data:")) else faults.append(request.url)
    )
    page.goto(url)
    page.wait_for_load_state("networkidle")
    page.screenshot(path=str(picture), full_page=True)
    faults += find_faults(page)
    context.close()
    return [fault for fault in faults if "404 (Not Found)" not in fault or "no-demo" not in picture.name]


def main() -> int:
    """Looks at every page in both widths and both colour schemes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out_dir", type=Path)
    out_dir: Path = parser.parse_args().out_dir
    out_dir.mkdir(parents=True, exist_ok=True)
    failed = 0
    chromium = os.environ.get("CHROMIUM", "/usr/bin/chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium)
        for scenario, name, path in VIEWS:
            with mock_server(scenario) as base:
                for width in WIDTHS:
                    for scheme in ("light", "dark"):
                        picture = out_dir / f"{name}-{width}-{scheme}.png"
                        faults = look_at(browser, f"{base}/{path}", picture, width, scheme)
                        failed += len(faults)
                        sys.stdout.write(f"{picture.name}: {len(faults)} faults\n")
                        sys.stdout.writelines(f"    {fault}\n" for fault in faults)
        browser.close()
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
