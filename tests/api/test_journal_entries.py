"""The journal over HTTP: entries of many lines, read page by page, taken back."""

from typing import Any

import pytest

from tests.support.api import Api
from tests.support.books import Books, open_books
from tests.support.sandbox import RunningSandbox

PATH = "/v1/journal-entries"


@pytest.fixture
async def books(api: Api) -> Books:
    return await open_books(api)


def payroll(books: Books, **given: Any) -> dict[str, Any]:
    """31 Jan: Payroll 3,000.00 and Payroll Taxes 229.50 debit; Payroll Liabilities 729.50 and Owner 2,500.00 credit."""
    usual = {
        "date": "2026-01-31",
        "description": "January payroll",
        "lines": [
            {"accountId": books.categories["Payroll"], "debit": 3000, "memo": "gross"},
            {"accountId": books.categories["Payroll Taxes"], "debit": "229.50"},
            {"accountId": books.categories["Payroll Liabilities"], "credit": 729.5},
            {"accountId": books.categories["Owner Contributions"], "credit": 2500},
        ],
    }
    return {**usual, **given}


async def test_an_entry_of_four_lines(books: Books) -> None:
    made = await books.ok("POST", PATH, json=payroll(books, note="From the payroll run."), headers={"X-Actor": "Ann"})
    entry = made["journalEntry"]
    assert made["isNew"]
    assert [(line["accountName"], line["debitDecimal"], line["creditDecimal"]) for line in entry["lines"]] == [
        ("Payroll", "3000.00", None),
        ("Payroll Taxes", "229.50", None),
        ("Payroll Liabilities", None, "729.50"),
        ("Owner Contributions", None, "2500.00"),
    ]
    assert (entry["note"], entry["by"]["name"], entry["lines"][0]["memo"]) == ("From the payroll run.", "Ann", "gross")
    assert await books.ok("GET", f"{PATH}/{entry['id']}") == entry
    [row] = await books.listed()
    assert (row["id"], row["amountDecimal"], row["debitAccountId"]) == (made["transactionId"], "3229.50", None)
    assert await books.is_sound()


async def test_the_same_entry_again_is_one(books: Books) -> None:
    first = await books.ok("POST", PATH, json=payroll(books))
    again = await books.ok("POST", PATH, json=payroll(books))
    assert (again["journalEntry"], again["isNew"]) == (first["journalEntry"], False)
    keyed = await books.ok("POST", PATH, json=payroll(books), headers={"Idempotency-Key": "second payroll"})
    assert keyed["isNew"]
    assert books.api.count("journal_entry") == 2


async def test_a_dry_run_checks_and_writes_nothing(books: Books) -> None:
    answer = await books.ok("POST", PATH, json=payroll(books), query={"dryRun": True})
    assert (answer["journalEntry"], answer["isNew"], answer["dryRun"]) == (None, True, True)
    assert (books.api.count("journal_entry"), books.api.count("manual_entry")) == (0, 0)
    unbalanced = payroll(books)
    unbalanced["lines"][0]["debit"] = 1
    assert await books.refused("POST", PATH, json=unbalanced, query={"dryRun": True}) == (400, "ENTRY_UNBALANCED")
    made = (await books.ok("POST", PATH, json=payroll(books)))["journalEntry"]
    await books.ok("POST", f"{PATH}/{made['id']}/reverse", query={"dryRun": True})
    assert books.api.count("journal_entry") == 1


async def test_a_reversal_on_another_day(books: Books) -> None:
    """An accrual of 31 Jan is taken back on 1 Feb."""
    made = (await books.ok("POST", PATH, json=payroll(books)))["journalEntry"]
    for _ in range(2):
        body = {"date": "2026-02-01", "reason": "Accrual ends."}
        taken_back = await books.ok("POST", f"{PATH}/{made['id']}/reverse", json=body)
        assert (taken_back["status"], taken_back["isReversible"]) == ("REVERSED", False)
    reversal = await books.ok("GET", f"{PATH}/{taken_back['reversedById']}")
    assert (reversal["date"], reversal["reason"], reversal["reversesId"]) == ("2026-02-01", "Accrual ends.", made["id"])
    assert await books.balances() == {}
    assert await books.listed() == []
    assert await books.is_sound()
    assert await books.refused("POST", f"{PATH}/{reversal['id']}/reverse") == (409, "ENTRY_NOT_REVERSIBLE")


async def test_an_entry_is_written_anew(books: Books) -> None:
    made = await books.ok("POST", PATH, json=payroll(books))
    body = payroll(books, description="January payroll, corrected")
    for _ in range(2):
        changed = await books.ok("PUT", f"{PATH}/{made['transactionId']}", json=body)
        assert changed["journalEntry"]["description"] == "January payroll, corrected"
        assert changed["transactionId"] == made["transactionId"]
    assert [entry["status"] for entry in await books.journal()] == ["POSTED", "REVERSAL", "REVERSED"]
    assert await books.is_sound()


async def test_an_entry_in_two_currencies_balances_in_each(books: Books) -> None:
    lines = [
        {"accountId": books.categories["Meals"], "debit": 10},
        {"accountId": books.categories["Owner Contributions"], "credit": 10, "currency": "EUR"},
    ]
    assert await books.refused("POST", PATH, json=payroll(books, lines=lines)) == (400, "ENTRY_UNBALANCED")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"lines": []}, "INVALID_REQUEST"),
        ({"lines": [{"accountId": "1", "debit": 1}] * 201}, "INVALID_REQUEST"),
        ({"lines": [{"accountId": "1", "debit": 1}, {"accountId": "1", "credit": 1}]}, "CATEGORY_NOT_FOUND"),
        ({"lines": [{"accountId": "x", "debit": 1}, {"accountId": "x", "credit": 1}]}, "CATEGORY_NOT_FOUND"),
        ({"lines": [{"accountId": "1"}, {"accountId": "1", "credit": 1}]}, "INVALID_LINE"),
        ({"lines": [{"accountId": "1", "debit": 1, "credit": 1}, {"accountId": "1", "credit": 1}]}, "INVALID_LINE"),
        ({"lines": [{"accountId": "1", "debit": -1}, {"accountId": "1", "credit": 1}]}, "INVALID_LINE"),
        ({"lines": [{"accountId": "1", "debit": 0}, {"accountId": "1", "credit": 1}]}, "INVALID_LINE"),
        ({"lines": [{"accountId": "1", "debit": 0.001}, {"accountId": "1", "credit": 1}]}, "AMOUNT_NOT_REPRESENTABLE"),
        ({"lines": "all"}, "INVALID_REQUEST"),
        ({"date": "2026-13-01"}, "INVALID_DATE"),
        ({"note": "x" * 4001}, "INVALID_REQUEST"),
    ],
)
async def test_bad_entries_are_refused(books: Books, change: dict[str, Any], code: str) -> None:
    assert (await books.refused("POST", PATH, json=payroll(books, **change)))[1] == code
    assert books.api.count("manual_entry") == 0


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ({"cursor": "nonsense"}, 400, "INVALID_CURSOR"),
        ({"pageSize": 0}, 400, "INVALID_PAGE_SIZE"),
        ({"kind": "gossip"}, 400, "INVALID_REQUEST"),
        ({"startDate": "soon"}, 400, "INVALID_REQUEST"),
    ],
)
async def test_bad_questions_are_refused(books: Books, query: dict[str, Any], status: int, code: str) -> None:
    assert await books.refused("GET", PATH, query=query) == (status, code)


async def test_unknown_entries_are_not_found(books: Books) -> None:
    for path in (f"{PATH}/1", f"{PATH}/x"):
        assert await books.refused("GET", path) == (404, "JOURNAL_ENTRY_NOT_FOUND")
        assert await books.refused("POST", f"{path}/reverse") == (404, "JOURNAL_ENTRY_NOT_FOUND")


async def test_the_journal_is_read_page_by_page_and_by_account(api: Api, sandbox: RunningSandbox) -> None:
    books = await open_books(api)
    await api.link(sandbox, books.entity_id, username="user_history_20")
    await api.sync(books.entity_id)
    made = (await books.ok("POST", PATH, json=payroll(books)))["journalEntry"]
    whole = await books.journal(pageSize=100)
    seen: list[Any] = []
    cursor = None
    while cursor is not None or not seen:
        page = await books.ok("GET", PATH, query={"pageSize": 7} | ({"cursor": cursor} if cursor else {}))
        seen += page["journalEntries"]
        cursor = page["nextCursor"]
    assert seen == whole
    assert await books.journal(kind="manual") == [made]
    assert await books.journal(accountId=books.categories["Payroll"]) == [made]
    assert await books.journal(startDate="2026-01-31", endDate="2026-01-31", kind="manual") == [made]
    assert await books.journal(endDate="2026-01-30", kind="manual") == []
    bank_entry = next(entry for entry in whole if entry["kind"] == "bank_transaction")
    assert await books.refused("POST", f"{PATH}/{bank_entry['id']}/reverse") == (409, "ENTRY_NOT_REVERSIBLE")


async def test_nobody_elses_journal(books: Books) -> None:
    made = await books.ok("POST", PATH, json=payroll(books))
    other = await books.api.other_developer()
    theirs = await open_books(other)
    entry = made["journalEntry"]["id"]
    assert (await theirs.refused("GET", f"{PATH}/{entry}"))[0] == 404
    assert (await theirs.refused("POST", f"{PATH}/{entry}/reverse"))[0] == 404
    assert (await theirs.refused("PUT", f"{PATH}/{made['transactionId']}", json=payroll(theirs)))[0] == 404
    assert await theirs.journal(accountId=books.categories["Payroll"]) == []
    assert (await other.call("GET", PATH, params=books.params)).status_code == 404
