"""One account's balance at any time over HTTP, and what the nightly check found."""

import pytest

from openledger_server.workflows.verify_books import verify_all
from tests.support.api import Api
from tests.support.books import open_books


async def test_a_balance_at_a_point_in_time(api: Api) -> None:
    books = await open_books(api)
    await books.write(date="2026-01-31")
    path = f"/v1/ledger-accounts/{books.categories['Meals']}/balance"
    found = await books.ok("GET", path, query={"asOf": "2026-01-31"})
    assert found["balances"] == [
        {"currency": "USD", "debits": "12.50", "credits": "0.00", "balance": "12.50", "baseBalance": "12.50"}
    ]
    assert (await books.ok("GET", path, query={"asOf": "2026-01-30"}))["balances"] == []
    assert (await books.ok("GET", path, query={"knownAt": "2020-01-01T00:00:00Z"}))["balances"] == []


@pytest.mark.parametrize(
    ("account", "query", "status"),
    [
        ("1", {}, 404),
        ("x", {}, 404),
        (None, {"asOf": "2026-02-30"}, 400),
        (None, {"asOf": "9999-12-31"}, 400),
        (None, {"knownAt": "2026-01-01T00:00:00"}, 400),
    ],
)
async def test_balances_that_cannot_be_asked_for(
    api: Api, account: str | None, query: dict[str, str], status: int
) -> None:
    books = await open_books(api)
    path = f"/v1/ledger-accounts/{account or books.categories['Meals']}/balance"
    assert (await books.call("GET", path, query=query)).status_code == status


async def test_the_last_check_is_shown(api: Api) -> None:
    books = await open_books(api)
    assert (await books.ok("GET", "/v1/ledger/verification"))["isSound"] is None
    await books.write()
    await verify_all(api.services.pool, now=api.services.now())
    found = await books.ok("GET", "/v1/ledger/verification")
    assert (found["isSound"], found["findings"]) == (True, [])
    assert found["head"].startswith("1:")


async def test_the_position_of_books_in_one_currency(api: Api) -> None:
    books = await open_books(api)
    await books.write(date="2026-01-31")
    found = await books.ok("GET", "/v1/reports/currency-position", query={"asOf": "2026-01-31"})
    assert (found["assets"], found["equity"], found["earnings"], found["holdings"]) == ("0.00", "12.50", "-12.50", [])
