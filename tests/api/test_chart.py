"""Shaping the chart over HTTP: every change keeps ids, history and what machines learned."""

from typing import Any

import pytest

from tests.support.api import Api
from tests.support.books import Books, open_books
from tests.support.sandbox import RunningSandbox

PATH = "/v1/categories"


@pytest.fixture
async def books(api: Api) -> Books:
    return await open_books(api)


async def bank_books(api: Api, sandbox: RunningSandbox, **fields: Any) -> Books:
    books = await open_books(api, **fields)
    await api.link(sandbox, books.entity_id, username="user_history_20")
    await api.sync(books.entity_id)
    return books


async def chart(books: Books, **query: Any) -> dict[str, Any]:
    answer = await books.ok("GET", PATH, query=query)
    return {row["name"]: row for row in answer["categories"]}


async def change(books: Books, which: str, **body: Any) -> Any:
    return (await books.ok("PUT", f"{PATH}/{books.categories[which]}", json=body))["category"]


async def test_a_renamed_and_renumbered_account_stays_what_it_is(api: Api, sandbox: RunningSandbox) -> None:
    """The bank says coffee; the account that stands for meals gets it, whatever it is called."""
    books = await open_books(api)
    renamed = await change(books, "Meals", name="Team Food", accountCode=7777)
    assert (renamed["id"], renamed["name"], renamed["code"]) == (books.categories["Meals"], "Team Food", 7777)
    assert renamed["standardCodes"] == [6350]
    await api.link(sandbox, books.entity_id)
    await api.sync(books.entity_id)
    rows = await books.listed(pageSize=100)
    assert "Team Food" in {row["category"] for row in rows}
    assert await books.refused("PUT", f"{PATH}/{books.categories['Travel']}", json={"accountCode": 7777}) == (
        409,
        "LEDGER_ACCOUNT_TAKEN",
    )


async def test_accounts_are_arranged(books: Books) -> None:
    made = await books.ok(
        "POST", PATH, json={"name": "Trains", "type": "EXPENSE", "parentAccountId": books.categories["Travel"]}
    )
    trains = (await chart(books))["Trains"]
    assert (trains["id"], trains["parentAccountId"]) == (made["category"]["id"], books.categories["Travel"])
    own = {"parentAccountId": trains["id"]}
    assert (await books.refused("PUT", f"{PATH}/{books.categories['Travel']}", json=own))[1] == "INVALID_PARENT_ACCOUNT"
    asset = {"parentAccountId": books.categories["Investments"]}
    assert (await books.refused("PUT", f"{PATH}/{trains['id']}", json=asset))[1] == "INVALID_PARENT_ACCOUNT"
    top = await books.ok("PUT", f"{PATH}/{trains['id']}", json={"parentAccountId": ""})
    assert top["category"]["topLevel"]


async def test_an_archived_account_is_chosen_for_nothing_new(api: Api, sandbox: RunningSandbox) -> None:
    books = await bank_books(api, sandbox)
    meals = books.categories["Meals"]
    row = next(row for row in await books.listed(pageSize=100) if not row["isPending"])
    for _ in range(2):
        assert (await books.ok("POST", f"{PATH}/{meals}/archive"))["category"]["isArchived"]
    assert "Meals" not in await chart(books)
    assert (await chart(books, includeArchived=True))["Meals"]["isCategory"] is False
    refused = (409, "LEDGER_ACCOUNT_ARCHIVED")
    chosen = {"transactionId": row["id"], "categoryId": meals}
    assert await books.refused("POST", "/v1/transactions/categorize", json=chosen) == refused
    assert await books.refused("POST", "/v1/transactions", json=books.body()) == refused
    parts = [{"categoryId": meals, "amount": row["amount"] - 1}, {"categoryId": meals, "amount": 1}]
    assert await books.refused("PUT", f"/v1/transactions/{row['id']}/split", json={"parts": parts}) == refused
    again = await books.ok("POST", PATH, json={"name": "Meals", "type": "EXPENSE"})
    assert again["category"]["id"] != meals, "the name is free again"
    assert not (await books.ok("DELETE", f"{PATH}/{meals}/archive"))["category"]["isArchived"]
    assert await books.is_sound()


async def test_machines_choose_no_archived_account(api: Api, sandbox: RunningSandbox) -> None:
    books = await open_books(api)
    for name in ("Meals", "Software & Subscriptions"):
        await books.ok("POST", f"{PATH}/{books.categories[name]}/archive")
    await api.link(sandbox, books.entity_id)
    await api.sync(books.entity_id)
    rows = await books.listed(pageSize=100)
    assert not {row["category"] for row in rows} & {"Meals", "Software & Subscriptions"}
    assert await books.is_sound()


async def test_what_is_needed_is_not_archived(api: Api, sandbox: RunningSandbox) -> None:
    books = await bank_books(api, sandbox)
    accounts = (await books.ok("GET", "/v1/banks/accounts"))["accounts"]
    await books.write(creditAccountId=books.categories["Accounts Payable"])
    for number, code in [
        (books.categories["Uncategorized Expense"], "LEDGER_ACCOUNT_IN_USE"),
        (books.categories["Vehicle Expenses"], "LEDGER_ACCOUNT_IN_USE"),
        (accounts[0]["ledgerAccountId"], "LEDGER_ACCOUNT_IN_USE"),
        (books.categories["Accounts Payable"], "LEDGER_ACCOUNT_HAS_BALANCE"),
    ]:
        assert await books.refused("POST", f"{PATH}/{number}/archive") == (409, code)


async def test_merging_moves_everything(api: Api, sandbox: RunningSandbox) -> None:
    """What was booked to Office Supplies by category, split and hand is booked to Software afterwards, dates kept."""
    books = await bank_books(api, sandbox)
    office, software = books.categories["Office Supplies"], books.categories["Software & Subscriptions"]
    rows = [row for row in await books.listed(pageSize=100) if not row["isPending"]][:2]
    await books.ok("POST", "/v1/transactions/categorize", json={"transactionId": rows[0]["id"], "categoryId": office})
    parts = [{"categoryId": office, "amount": 0.01}, {"categoryId": software, "amount": rows[1]["amount"] - 0.01}]
    parts[1]["amount"] = round(rows[1]["amount"] - 0.01, 2)
    await books.ok("PUT", f"/v1/transactions/{rows[1]['id']}/split", json={"parts": parts})
    made = (await books.write(debitAccountId=office))["transaction"]
    before = await books.balances()
    entries = api.count("journal_entry")
    body = {"intoCategoryId": software}
    tried = await books.ok("POST", f"{PATH}/{office}/merge", json=body, query={"dryRun": True})
    assert (tried["bankTransactions"] >= 2, tried["entries"], tried["dryRun"]) == (True, 1, True)
    assert api.count("journal_entry") == entries
    done = await books.ok("POST", f"{PATH}/{office}/merge", json=body)
    assert done | {"dryRun": True, "category": tried["category"]} == tried
    assert done["category"]["mergedIntoId"] == software
    after = await books.balances()
    assert "Office Supplies" not in after
    moved = float(before.pop("Office Supplies")) + float(before.pop("Software & Subscriptions", "0"))
    assert after.pop("Software & Subscriptions") == f"{moved:.2f}"
    assert after == before
    assert (await books.ok("GET", f"/v1/transactions/{made['id']}"))["debitAccountId"] == software
    assert (await books.ok("GET", f"/v1/transactions/{rows[0]['id']}"))["category"] == "Software & Subscriptions"
    assert set((await chart(books))["Software & Subscriptions"]["standardCodes"]) >= {6250, 6400}
    count = api.count("journal_entry")
    again = await books.ok("POST", f"{PATH}/{office}/merge", json=body)
    assert (again["bankTransactions"], again["entries"], api.count("journal_entry")) == (0, 0, count)
    assert await books.is_sound()


async def test_a_merge_leaves_closed_periods_as_reported(books: Books) -> None:
    """Prepaid Expenses: 100.00 in January (closed), 50.00 in March; Meals: 10.00 in January, 20.00 in March.

    Prepaid Expenses becomes part of Inventory: its closed balance moves on 1 February, March is booked anew.
    Meals becomes part of Travel: January stays, an expense has no balance to carry on.
    """
    prepaid, inventory = books.categories["Prepaid Expenses"], books.categories["Inventory"]
    for day, asset, meal in (("2026-01-15", 100, 10), ("2026-03-15", 50, 20)):
        await books.write(date=day, amount=asset, debitAccountId=prepaid)
        await books.write(date=day, amount=meal)
    closing = {"through": "2026-01-31", "role": "owner", "reason": "January is reported."}
    await books.ok("POST", "/v1/periods/close", json=closing)
    path = f"{PATH}/{prepaid}/merge"
    done = await books.ok("POST", path, json={"intoCategoryId": inventory})
    assert (done["entries"], done["transfers"]) == (1, 1)
    moved = await books.ok(
        "POST", f"{PATH}/{books.categories['Meals']}/merge", json={"intoCategoryId": books.categories["Travel"]}
    )
    assert (moved["entries"], moved["transfers"]) == (1, 0)
    assert await books.balances() == {
        "Inventory": "150.00",
        "Meals": "10.00",
        "Travel": "20.00",
        "Owner Contributions": "-180.00",
    }
    dates = {entry["date"] for entry in await books.journal(accountId=inventory)}
    assert dates == {"2026-02-01", "2026-03-15"}
    assert await books.is_sound()


async def test_what_cannot_become_one(books: Books) -> None:
    for source, target, code in [
        ("Meals", "Meals", "LEDGER_ACCOUNTS_DO_NOT_MERGE"),
        ("Meals", "Sales", "LEDGER_ACCOUNTS_DO_NOT_MERGE"),
        ("Uncategorized Expense", "Meals", "LEDGER_ACCOUNT_IN_USE"),
    ]:
        body = {"intoCategoryId": books.categories[target]}
        assert (await books.refused("POST", f"{PATH}/{books.categories[source]}/merge", json=body))[1] == code
    body = {"intoCategoryId": "1"}
    path = f"{PATH}/{books.categories['Meals']}/merge"
    assert (await books.refused("POST", path, json=body)) == (404, "CATEGORY_NOT_FOUND")


async def test_a_chart_goes_out_and_comes_in(books: Books) -> None:
    answer = await books.call("GET", "/v1/chart/export")
    assert answer.headers["content-type"].startswith("text/csv")
    file = answer.text
    same = await books.ok("POST", "/v1/chart/import", json={"csv": file})
    assert (same["added"], same["changed"], same["archived"]) == (0, 0, 0)
    lines = file.replace("6350,Meals", "6350,Food").splitlines()
    wanted = "\r\n".join([*lines, "7100,Trains,expense,,6850,By rail,", "7200,Planes,EXPENSE,,7100,,yes"])
    for dry_run in (True, False):
        done = await books.ok("POST", "/v1/chart/import", json={"csv": wanted}, query={"dryRun": dry_run})
        assert (done["added"], done["changed"], done["archived"], done["dryRun"]) == (2, 1, 1, dry_run)
    again = await books.ok("POST", "/v1/chart/import", json={"csv": wanted})
    assert (again["added"], again["changed"], again["archived"]) == (0, 0, 0)
    known = await chart(books)
    assert known["Food"]["id"] == books.categories["Meals"]
    assert known["Trains"]["parentAccountId"] == known["Travel"]["id"]
    assert "Planes" not in known


@pytest.mark.parametrize(
    "line",
    [
        "6350,Meals,ASSET,,,,",
        "7100,Trains,EXPENSE,,7999,,",
        "7100,Trains,EXPENSE,,1400,,",
        "6999,Uncategorized Expense,EXPENSE,,,,yes",
        "7100,Trains,EXPENSE,,7100,,",
    ],
)
async def test_a_file_that_does_not_fit_changes_nothing(books: Books, line: str) -> None:
    file = f"number,name,type,subtype,parent,description,archived\n6850,Journeys,EXPENSE,,,,\n{line}"
    assert (await books.call("POST", "/v1/chart/import", json={"csv": file})).status_code in {400, 409}
    assert "Journeys" not in await chart(books)


@pytest.mark.parametrize(
    "body",
    [{"name": ""}, {"name": "\x00"}, {"accountCode": 0}, {"accountCode": 1_000_000}, {"description": "x" * 1001}],
)
async def test_bad_changes_are_refused(books: Books, body: dict[str, Any]) -> None:
    path = f"{PATH}/{books.categories['Meals']}"
    assert await books.refused("PUT", path, json=body) == (400, "INVALID_REQUEST")


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"chartTemplate": "ecommerce"}, "Inventory in Transit"),
        ({"chartTemplate": "freelancer"}, "Client Income"),
        ({"entityType": "NON_PROFIT"}, "Pledges Receivable"),
        ({"entityType": "NON_PROFIT", "chartTemplate": "general"}, "Owner Draws"),
    ],
)
async def test_books_begin_with_the_chart_that_was_asked_for(
    api: Api, sandbox: RunningSandbox, fields: dict[str, Any], name: str
) -> None:
    books = await bank_books(api, sandbox, **fields)
    assert name in books.categories
    assert await books.is_sound()


async def test_templates_are_listed(books: Books) -> None:
    listed = (await books.ok("GET", "/v1/chart/templates"))["templates"]
    assert [one["name"] for one in listed] == ["general", "freelancer", "ecommerce", "nonprofit"]
    assert all(one["accounts"] for one in listed)
    answer = await books.api.call("POST", "/v1/entities", json={"chartTemplate": "casino"})
    assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_REQUEST")


async def test_nobody_elses_chart(books: Books) -> None:
    theirs = await open_books(await books.api.other_developer())
    meals = books.categories["Meals"]
    asked: list[tuple[str, str, Any]] = [
        ("PUT", f"{PATH}/{meals}", {"name": "Stolen"}),
        ("POST", f"{PATH}/{meals}/archive", None),
        ("DELETE", f"{PATH}/{meals}/archive", None),
        ("POST", f"{PATH}/{meals}/merge", {"intoCategoryId": theirs.categories["Travel"]}),
        ("POST", f"{PATH}/{theirs.categories['Travel']}/merge", {"intoCategoryId": meals}),
        ("PUT", f"{PATH}/{theirs.categories['Travel']}", {"parentAccountId": meals}),
    ]
    for method, path, body in asked:
        assert await theirs.refused(method, path, json=body) == (404, "CATEGORY_NOT_FOUND")
    for path in ("/v1/chart/export", "/v1/chart/import"):
        method = "GET" if path.endswith("export") else "POST"
        answer = await theirs.api.call(method, path, params=books.params, json={"csv": "number,name,type"})
        assert answer.status_code == 404
    assert (await chart(books))["Meals"]["isArchived"] is False
