"""Reports as files: the figures are those of the JSON, and nobody opens what is not theirs."""

import csv
import io
import logging
import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

import openpyxl
import pypdf
import pytest

from openledger_server.access.links import Link, signed_link
from openledger_server.access.tokens import TokenKeys
from openledger_server.documents.requests import ReportName, ReportRequest
from openledger_server.reports.types import Period, View
from tests.support.api import TOKEN_KEYS, Api

PATH = "/v1/reports/download"


def leaves(nodes: list[dict[str, Any]]) -> list[tuple[str, Decimal]]:
    return [
        leaf
        for node in nodes
        for leaf in (leaves(node["children"]) or [(node["name"], Decimal(node["balanceDecimal"]))])
    ]


async def json_figures(api: Api, entity_id: str) -> list[tuple[str, Decimal]]:
    """Return every account's name and amount, of the income statement and then of the balance sheet."""
    answer = await api.ok("GET", "/v1/reports/generate", params={"entityId": entity_id})
    income = answer["incomeStatement"]["hierarchical"]
    sheet = answer["balanceSheet"]["hierarchical"]
    trees = (income["revenue"], income["expenses"], sheet["assets"], sheet["liabilities"], sheet["equity"])
    return sorted(leaf for tree in trees for leaf in leaves(tree))


async def file(api: Api, entity_id: str, report: str, format_: str, **params: Any) -> bytes:
    params = {"entityId": entity_id, "report": report, "format": format_, **params}
    answer = await api.call("GET", PATH, params=params)
    assert answer.status_code == 200, answer.text
    return answer.content


async def test_csv_has_every_figure_of_the_json(studio: tuple[Api, str]) -> None:
    api, entity_id = studio
    figures = []
    for report in ("income-statement", "balance-sheet"):
        rows = csv.DictReader(io.StringIO((await file(api, entity_id, report, "csv")).decode()))
        figures += [(row["Account"], Decimal(list(row.values())[4])) for row in rows if row["Row"] == "line"]
    assert sorted(figures) == await json_figures(api, entity_id)


async def test_the_workbook_has_every_figure_of_the_json(studio: tuple[Api, str]) -> None:
    api, entity_id = studio
    book = openpyxl.load_workbook(io.BytesIO(await file(api, entity_id, "FINANCIAL_STATEMENTS", "xlsx")))
    names = ["Income statement", "Balance sheet", "Cash flow statement", "Trial balance", "Spending by category"]
    assert book.sheetnames == names
    cells = {
        (str(row[0].value).partition(" ")[2] if str(row[0].value)[:1].isdigit() else row[0].value, row[1].value)
        for sheet in book.worksheets[:2]
        for row in sheet.iter_rows(min_row=6)
        if isinstance(row[1].value, int | float)
    }
    for name, amount in await json_figures(api, entity_id):
        assert (name, float(amount)) in cells


async def test_the_pdf_shows_every_figure_of_the_json(studio: tuple[Api, str]) -> None:
    api, entity_id = studio
    reader = pypdf.PdfReader(io.BytesIO(await file(api, entity_id, "financial-statements", "pdf")))
    text = " ".join(" ".join(page.extract_text() for page in reader.pages).split())
    for name, amount in await json_figures(api, entity_id):
        shown = f"{abs(amount):,.2f}"
        assert name in text
        assert (f"({shown})" if amount < 0 else shown) in text
    for words in ("Lantern Design Studio LLC", "Income Statement", "Balance Sheet", "Net income", "Page 1 of", "Notes"):
        assert words in text


REPORTS = [name for name in ReportName if name not in {ReportName.PACK, ReportName.ACCOUNT_TRANSACTIONS}]


async def rows_of(api: Api, entity_id: str, report: str, **params: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO((await file(api, entity_id, report, "csv", **params)).decode())))


@pytest.mark.parametrize("report", REPORTS)
async def test_every_report_says_the_same_in_every_format(studio: tuple[Api, str], report: str) -> None:
    api, entity_id = studio
    month = {"year": datetime.now(UTC).year - 1, "month": 6}
    rows = await rows_of(api, entity_id, report, **month)
    assert rows
    book = openpyxl.load_workbook(io.BytesIO(await file(api, entity_id, report, "xlsx", **month)))
    sheet = book.worksheets[0]
    reader = pypdf.PdfReader(io.BytesIO(await file(api, entity_id, report, "pdf", **month)))
    text = " ".join(" ".join(page.extract_text() for page in reader.pages).split())
    for number, row in enumerate(rows, start=6):
        for place, (name, shown) in enumerate(list(row.items())[4:], start=2):
            cell = sheet.cell(number, place).value
            if not re.fullmatch(r"-?\d+(\.\d+)?", shown) or "Change %" in name or name in {"Share", "Postings"}:
                continue
            amount = Decimal(shown)
            assert Decimal(str(cell)) == amount, (report, name)
            assert not amount or f"{abs(amount):,.2f}" in text, (report, name)


async def test_the_trial_balance_and_the_ledger_add_up_in_the_files_too(studio: tuple[Api, str]) -> None:
    api, entity_id = studio
    *lines, total = await rows_of(api, entity_id, "trial-balance")
    for column in ("Opening", "Debits", "Credits", "Closing Dr", "Closing Cr"):
        assert sum(Decimal(line[column] or 0) for line in lines) == Decimal(total[column])
    assert total["Debits"] == total["Credits"]
    assert total["Closing Dr"] == total["Closing Cr"]
    ledger = await rows_of(api, entity_id, "general-ledger")
    posted = [row for row in ledger if row["Row"] == "line" and row["Date"]]
    for column, name in (("Debit", "Debits"), ("Credit", "Credits")):
        assert sum(Decimal(row[column] or 0) for row in posted) == Decimal(total[name])


async def test_one_ledger_accounts_postings_run_from_opening_to_closing_balance(studio: tuple[Api, str]) -> None:
    api, entity_id = studio
    categories = (await api.ok("GET", "/v1/categories", params={"entityId": entity_id}))["categories"]
    [account] = [each["id"] for each in categories if each["code"] == 1000]
    rows = await rows_of(api, entity_id, "account-transactions", ledgerAccountId=account)
    title, opening, *postings, closing = rows
    assert title["Date"].startswith("1000 ")
    running = Decimal(opening["Balance"])
    for row in postings:
        running += Decimal(row["Debit"] or 0) - Decimal(row["Credit"] or 0)
        assert running == Decimal(row["Balance"])
    assert running == Decimal(closing["Balance"])
    assert len(postings) > 10


@pytest.mark.parametrize(
    ("comparison", "columns"),
    [
        ("previous_period", ["Mar 2026", "Feb 2026", "Change", "Change %"]),
        ("previous-year", ["Mar 2026", "Mar 2025", "Change", "Change %"]),
        ("months", ["Mar 2026"]),
    ],
)
async def test_columns_stand_side_by_side(studio: tuple[Api, str], comparison: str, columns: list[str]) -> None:
    api, entity_id = studio
    rows = await rows_of(api, entity_id, "income-statement", year=2026, month=3, comparison=comparison)
    assert list(rows[0])[4:] == columns


async def test_months_add_up_to_their_total(studio: tuple[Api, str]) -> None:
    api, entity_id = studio
    rows = await rows_of(api, entity_id, "income-statement", year=2025, comparison="months")
    assert len(rows[0]) == 4 + 12 + 1
    for row in rows:
        *months, total = list(row.values())[4:]
        if total:
            assert sum(Decimal(month) for month in months) == Decimal(total)
    sheets = await rows_of(api, entity_id, "balance-sheet", year=2025, comparison="quarters")
    assert list(sheets[0])[4:] == ["Mar 31, 2025", "Jun 30, 2025", "Sep 30, 2025", "Dec 31, 2025"]
    pdf = await file(api, entity_id, "income-statement", "pdf", year=2025, comparison="months")
    page = pypdf.PdfReader(io.BytesIO(pdf)).pages[0]
    assert page.mediabox.width > page.mediabox.height


async def test_a_file_is_named_after_what_is_in_it(studio: tuple[Api, str]) -> None:
    api, entity_id = studio
    params = {"entityId": entity_id, "report": "income-statement", "year": 2025}
    answer = await api.call("GET", PATH, params=params)
    assert answer.headers["content-type"] == "application/pdf"
    name = "Lantern-Design-Studio-LLC-income-statement-2025-01-01-to-2025-12-31.pdf"
    assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'
    assert answer.headers["cache-control"] == "private, no-store"


async def test_empty_books_and_a_hostile_name_make_a_pdf_too(api: Api) -> None:
    name = '"; filename=x.exe\\ #panic() 漢字'
    entity_id = await api.create_entity(name, currency="JPY")
    params = {"entityId": entity_id, "report": "financial-statements"}
    answer = await api.call("GET", PATH, params=params)
    assert answer.headers["content-disposition"].startswith('attachment; filename="filename-x-exe-panic-financial')
    assert "#panic()" in pypdf.PdfReader(io.BytesIO(answer.content)).pages[0].extract_text()


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"report": "tax"}, "UNKNOWN_REPORT_TYPE"),
        ({"report": ""}, "UNKNOWN_REPORT_TYPE"),
        ({}, "INVALID_REQUEST"),
        ({"report": "balance-sheet", "format": "docx"}, "UNKNOWN_REPORT_TYPE"),
        ({"report": "financial-statements", "format": "csv"}, "UNKNOWN_REPORT_TYPE"),
        ({"report": "balance-sheet", "month": 13}, "INVALID_PERIOD"),
        ({"report": "balance-sheet", "comparison": "decades"}, "UNKNOWN_COMPARISON"),
        ({"report": "balance-sheet", "ledgerAccountId": "17"}, "LEDGER_ACCOUNT_REQUIRED"),
        ({"report": "account-transactions"}, "LEDGER_ACCOUNT_REQUIRED"),
        ({"report": "general-ledger", "basis": "cash"}, "UNKNOWN_BASIS"),
        (
            {"report": "income-statement", "comparison": "months", "startDate": "2000-01-01", "endDate": "2026-01-01"},
            "TOO_MANY_COLUMNS",
        ),
        ({"report": "balance-sheet", "currency": "XXX"}, "INVALID_REQUEST"),
    ],
)
async def test_bad_file_is_refused(studio: tuple[Api, str], params: dict[str, Any], code: str) -> None:
    api, entity_id = studio
    answer = await api.call("GET", PATH, params={"entityId": entity_id, **params})
    assert (answer.status_code, answer.json()["code"]) == (400, code)


@pytest.mark.parametrize("account", ["0", "nonsense", "9" * 30, "1234567"])
async def test_an_unknown_ledger_account_is_not_found(studio: tuple[Api, str], account: str) -> None:
    api, entity_id = studio
    params = {"entityId": entity_id, "report": "account-transactions", "ledgerAccountId": account}
    answer = await api.call("GET", PATH, params=params)
    assert (answer.status_code, answer.json()["code"]) == (404, "CATEGORY_NOT_FOUND")


async def test_the_general_ledger_has_its_pdf_url(studio: tuple[Api, str]) -> None:
    api, entity_id = studio
    params = {"entityId": entity_id, "month": 1, "year": 2026}
    url = (await api.ok("GET", "/v1/reports/general-ledger", params=params))["pdf_url"]
    answer = await api.http.get(url)
    text = " ".join(pypdf.PdfReader(io.BytesIO(answer.content)).pages[0].extract_text().split())
    assert "General Ledger" in text
    assert "For the month of January 2026" in text


async def urls(api: Api, entity_id: str) -> dict[str, str]:
    answer = await api.ok("GET", "/v1/reports/generate", params={"entityId": entity_id, "year": 2025})
    return {name: url for name, url in answer["pdf_urls"].items() if url is not None}


async def test_pdf_urls_open_the_statements_without_a_token(studio: tuple[Api, str]) -> None:
    api, entity_id = studio
    titles = {
        "profit_loss": "Income Statement",
        "balance_sheet": "Balance Sheet",
        "cash_flow": "Statement of Cash Flows",
    }
    found = await urls(api, entity_id)
    assert titles.keys() == found.keys()
    for name, title in titles.items():
        answer = await api.http.get(found[name])
        assert answer.status_code == 200
        assert answer.headers["content-disposition"].startswith("inline; ")
        text = " ".join(pypdf.PdfReader(io.BytesIO(answer.content)).pages[0].extract_text().split())
        assert title in text
        assert "December 31, 2025" in text


async def test_a_changed_link_opens_nothing(studio: tuple[Api, str]) -> None:
    api, entity_id = studio
    link = parse_qs(urlsplit((await urls(api, entity_id))["profit_loss"]).query)["link"][0]
    head, body, signature = link.split(".")
    for changed in (f"{head}.{body}.{signature[:-2]}xx", f"{head}.{body[:-2]}xx.{signature}", "nonsense", "a" * 5000):
        answer = await api.http.get("/v1/reports/pdf", params={"link": changed})
        assert (answer.status_code, answer.json()["code"]) == (403, "LINK_INVALID")


async def test_a_link_and_an_access_token_are_no_substitute_for_each_other(studio: tuple[Api, str]) -> None:
    api, entity_id = studio
    link = parse_qs(urlsplit((await urls(api, entity_id))["profit_loss"]).query)["link"][0]
    answer = await api.call("GET", "/v1/entities", token=link)
    assert answer.status_code == 401
    answer = await api.http.get("/v1/reports/pdf", params={"link": api.token})
    assert (answer.status_code, answer.json()["code"]) == (403, "LINK_INVALID")


def link_made(api: Api, entity_id: str, *, ago: timedelta = timedelta(), developer_id: str | None = None) -> str:
    """Return a link as the server would have signed it some time ago."""
    year = Period(since=date(2025, 1, 1), until=date(2026, 1, 1))
    request = ReportRequest(report=ReportName.INCOME_STATEMENT, period=year, view=View(currency="USD"))
    link = Link(
        developer_id=int(developer_id or api.developer.developer_id),
        entity_id=int(entity_id),
        parameters=request.parameters(),
    )
    return signed_link(TokenKeys(TOKEN_KEYS, "k0"), link, now=datetime.now(UTC) - ago)


async def test_a_link_lives_a_quarter_of_an_hour_and_older_keys_of_the_ring_still_count(
    studio: tuple[Api, str],
) -> None:
    api, entity_id = studio
    fresh = link_made(api, entity_id, ago=timedelta(minutes=14))
    assert (await api.http.get("/v1/reports/pdf", params={"link": fresh})).status_code == 200
    stale = link_made(api, entity_id, ago=timedelta(minutes=16))
    answer = await api.http.get("/v1/reports/pdf", params={"link": stale})
    assert (answer.status_code, answer.json()["code"]) == (403, "LINK_EXPIRED")


async def test_a_link_to_another_developers_or_a_deleted_entity_opens_nothing(api: Api) -> None:
    entity_id = await api.create_entity()
    other = await api.other_developer()
    foreign = link_made(api, entity_id, developer_id=other.developer.developer_id)
    link = link_made(api, entity_id)
    assert (await api.http.get("/v1/reports/pdf", params={"link": link})).status_code == 200
    await api.ok("DELETE", "/v1/entities", params={"entityId": entity_id})
    for each in (foreign, link):
        answer = await api.http.get("/v1/reports/pdf", params={"link": each})
        assert (answer.status_code, answer.json()["code"]) == (404, "ENTITY_NOT_FOUND")


async def test_files_of_others_are_not_found(studio: tuple[Api, str]) -> None:
    api, entity_id = studio
    other = await api.other_developer("Third")
    answer = await other.call("GET", PATH, params={"entityId": entity_id, "report": "balance-sheet"})
    assert (answer.status_code, answer.json()["code"]) == (404, "ENTITY_NOT_FOUND")
    answer = await api.http.get(PATH, params={"entityId": entity_id, "report": "balance-sheet"})
    assert answer.status_code == 401


async def test_links_are_not_logged(studio: tuple[Api, str], caplog: pytest.LogCaptureFixture) -> None:
    api, entity_id = studio
    url = (await urls(api, entity_id))["profit_loss"]
    with caplog.at_level(logging.DEBUG, logger="openledger_server"):
        await api.http.get(url)
    ours = [record for record in caplog.records if record.name.startswith("openledger_server")]
    assert ours
    signature = url.rpartition(".")[2]
    assert not any(signature in str(vars(record)) for record in ours)
