"""Transactions by month, by search and by counterparty, and that they tie to the list."""

from collections import defaultdict
from collections.abc import AsyncIterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from openledger_server.base.db import Pool
from tests.support.api import Api, open_api
from tests.support.books import Books, open_books
from tests.support.database import Database
from tests.support.sandbox import RunningSandbox
from tests.support.services import wired_services

PATH = "/v1/transactions"


@pytest.fixture(scope="module")
async def books(shared_pool: Pool, shared_database: Database, sandbox: RunningSandbox) -> AsyncIterator[Books]:
    """The design studio's history and three entries by hand."""
    async with wired_services(shared_pool, sandbox.base_url) as services, open_api(services, shared_database) as api:
        opened = await open_books(api)
        await api.link(sandbox, opened.entity_id, username="user_studio")
        await api.sync(opened.entity_id)
        for number in range(3):
            await opened.write(description=f"Zebra crossing 50%_{number}", amount=10 + number, counterpartyName="Zoo")
        yield opened


async def everything(books: Books) -> list[Any]:
    rows: list[Any] = []
    cursor = None
    while True:
        query = {"pageSize": 100} | ({} if cursor is None else {"cursor": cursor})
        page = await books.ok("GET", PATH, query=query)
        rows += page["transactions"]
        cursor = page["nextCursor"]
        if cursor is None:
            return rows


async def found(books: Books, **body: Any) -> Any:
    return await books.ok("POST", f"{PATH}/search", json=body)


async def test_months_tie_to_the_rows(books: Books) -> None:
    expected: dict[tuple[int, int], Decimal] = defaultdict(Decimal)
    for row in await everything(books):
        if row["metadata"]["isBooked"] and row["source"] == "bank":
            day = date.fromisoformat(row["date"])
            sign = 1 if row["direction"] == "in" else -1
            expected[day.year, day.month] += sign * Decimal(row["amountDecimal"])
    months = await books.ok("GET", f"{PATH}/by-month")
    assert {(one["year"], one["month"]): Decimal(one["deltaDecimal"]) for one in months} == {
        month: total for month, total in expected.items() if total
    }
    for one in months:
        parts = sum(Decimal(part["deltaDecimal"]) for part in one["plaidAccountBreakdown"])
        assert parts == Decimal(one["deltaDecimal"])
    some = months[len(months) // 2]
    only = await books.ok("GET", f"{PATH}/by-month", query={"year": some["year"], "month": some["month"]})
    assert only == [some]


@pytest.mark.parametrize("query", [{"month": 13}, {"month": 0}, {"year": 1}, {"month": "May"}])
async def test_bad_months_are_refused(books: Books, query: dict[str, Any]) -> None:
    assert await books.refused("GET", f"{PATH}/by-month", query=query) == (400, "INVALID_REQUEST")


async def test_a_search_finds_what_the_list_shows(books: Books) -> None:
    rows = await everything(books)
    some = next(row for row in rows if row["source"] == "bank" and row["counterparty"])
    word = some["counterparty"].split()[0].lower()
    answer = await found(books, query=word.upper(), limit=100)
    assert some["id"] in {row["id"] for row in answer["transactions"]} or answer["pagination"]["total"] > 100
    for row in answer["transactions"]:
        text = " ".join(str(row[key]) for key in ("description", "counterparty", "category", "note"))
        assert word in (text + str(row["metadata"])).lower()
    whole = await found(books)
    assert whole["pagination"] == {
        "total": len(rows),
        "page": 1,
        "limit": 50,
        "totalPages": -(-len(rows) // 50),
    }
    assert whole["transactions"] == rows[:50]
    assert (await found(books, page=2, limit=30))["transactions"] == rows[30:60]
    assert (await found(books, page=100_000))["transactions"] == []


async def test_signs_of_patterns_are_plain_text(books: Books) -> None:
    assert (await found(books, query="50%_1"))["pagination"]["total"] == 1
    assert (await found(books, query="zebra ZOO meals"))["pagination"]["total"] == 3
    assert (await found(books, query="zebra lion"))["pagination"]["total"] == 0


async def test_filters_narrow_a_search(books: Books) -> None:
    rows = await everything(books)
    day = rows[len(rows) // 2]["date"]
    checks: list[tuple[dict[str, Any], Any]] = [
        ({"dateFrom": day}, lambda row: row["date"] >= day),
        ({"dateTo": f"{day}T12:00:00Z"}, lambda row: row["date"] <= day),
        ({"amountMin": 100}, lambda row: Decimal(row["amountDecimal"]) >= 100),
        ({"amountMax": 11, "amountMin": 11}, lambda row: Decimal(row["amountDecimal"]) == 11),
        ({"status": "pending"}, lambda row: row["status"] == "PENDING"),
        ({"status": "CLEARED"}, lambda row: row["status"] == "POSTED"),
    ]
    for filters, is_wanted in checks:
        assert (await found(books, filters=filters))["pagination"]["total"] == sum(map(is_wanted, rows)), filters


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"page": 0}, "INVALID_PAGE"),
        ({"page": 10**9}, "INVALID_PAGE"),
        ({"limit": 101}, "INVALID_PAGE_SIZE"),
        ({"query": "x" * 501}, "INVALID_REQUEST"),
        ({"query": "\x00"}, "INVALID_REQUEST"),
        ({"filters": {"dateFrom": "soon"}}, "INVALID_DATE"),
        ({"filters": {"amountMin": "much"}}, "INVALID_REQUEST"),
        ({"filters": {"status": "LOST"}}, "INVALID_REQUEST"),
        ({"filters": []}, "INVALID_REQUEST"),
    ],
)
async def test_bad_searches_are_refused(books: Books, body: dict[str, Any], code: str) -> None:
    assert await books.refused("POST", f"{PATH}/search", json=body) == (400, code)


async def test_counterparties_add_up_to_the_list(books: Books) -> None:
    expected: dict[str, Decimal] = defaultdict(Decimal)
    counts: dict[str, int] = defaultdict(int)
    for row in await everything(books):
        name = row["counterparty"] or row["metadata"].get("merchantName")
        if row["source"] == "bank" and name:
            counts[name] += 1
            expected[name] += Decimal(row["amountDecimal"]) * (1 if row["direction"] == "in" else -1)
    seen: list[Any] = []
    cursor = None
    while cursor is not None or not seen:
        query = {"pageSize": 7} | ({} if cursor is None else {"cursor": cursor})
        page = await books.ok("GET", f"{PATH}/counterparties", query=query)
        assert page["success"]
        seen += page["counterparties"]
        cursor = page["nextCursor"]
    assert {one["name"]: one["transactionCount"] for one in seen} == counts
    assert {one["name"]: Decimal(one["totalAmountDecimal"]) for one in seen} == {
        name: abs(total) for name, total in expected.items()
    }
    assert all(1 <= len(one["transactions"]) <= 5 for one in seen)


@pytest.mark.parametrize("cursor", ["nonsense", "Y3x6enxVU0Q", "Y3wwMHxVU0Q"])
async def test_bad_counterparty_cursors_are_refused(books: Books, cursor: str) -> None:
    answer = await books.refused("GET", f"{PATH}/counterparties", query={"cursor": cursor})
    assert answer == (400, "INVALID_CURSOR")


async def test_nobody_elses_transactions_are_seen(books: Books) -> None:
    theirs = await open_books(await books.api.other_developer())
    assert (await found(theirs))["pagination"]["total"] == 0
    assert await theirs.ok("GET", f"{PATH}/by-month") == []
    assert (await theirs.ok("GET", f"{PATH}/counterparties"))["counterparties"] == []
    for method, path in (("GET", "by-month"), ("POST", "search"), ("GET", "counterparties")):
        answer = await theirs.api.call(method, f"{PATH}/{path}", params=books.params, json={})
        assert answer.status_code == 404


async def test_integrations_are_the_bank_connections(books: Books) -> None:
    answer = await books.ok("GET", "/v1/integrations/status")
    assert (answer["count"], [one["type"] for one in answer["connections"]]) == (1, ["plaid"])


async def test_an_empty_book_has_no_months(api: Api) -> None:
    assert await (await open_books(api)).ok("GET", f"{PATH}/by-month") == []
