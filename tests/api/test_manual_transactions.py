"""Transactions that people write: written once however often sent, changed and taken back with a trace."""

from typing import Any

import pytest

from tests.support.api import Api
from tests.support.books import Books, open_books
from tests.support.sandbox import RunningSandbox


@pytest.fixture
async def books(api: Api) -> Books:
    return await open_books(api)


async def test_an_entry_is_posted_and_listed(books: Books) -> None:
    """31 Jan: Meals 12.50 debit, Owner Contributions 12.50 credit."""
    made = (await books.write(metadata={"receipt": 7}))["transaction"]
    assert (made["amount"], made["amountDecimal"], made["currency"], made["status"]) == (12.5, "12.50", "USD", "POSTED")
    assert made["metadata"]["receipt"] == 7
    assert await books.listed() == [{key: value for key, value in made.items() if key != "instanceId"}]
    entry = (await books.journal())[0]
    assert [(line["accountName"], line["debitDecimal"], line["creditDecimal"]) for line in entry["lines"]] == [
        ("Meals", "12.50", None),
        ("Owner Contributions", None, "12.50"),
    ]
    assert (entry["date"], entry["kind"], entry["status"]) == ("2026-01-31", "manual", "POSTED")
    assert entry["source"] == {"type": "manual_entry", "id": made["id"]}
    assert await books.is_sound()


async def test_the_same_request_again_writes_nothing(books: Books) -> None:
    first = await books.write()
    again = await books.write()
    assert (first["isNew"], again["isNew"]) == (True, False)
    assert first["transaction"] == again["transaction"]
    assert books.api.count("journal_entry") == 1
    other = await books.write(description="Another lunch")
    assert other["isNew"]


async def test_a_key_tells_equal_entries_apart(books: Books) -> None:
    headers = [{"Idempotency-Key": key} for key in ("a", "a", "b")]
    answers = [
        await books.api.ok("POST", "/v1/transactions", params=books.params, json=books.body(), headers=header)
        for header in headers
    ]
    assert answers[0]["transaction"]["id"] == answers[1]["transaction"]["id"] != answers[2]["transaction"]["id"]
    assert books.api.count("journal_entry") == 2


async def test_an_external_id_names_one_entry(books: Books) -> None:
    first = await books.write(externalId="invoice-1")
    assert (await books.write(externalId="invoice-1"))["transaction"]["id"] == first["transaction"]["id"]
    assert await books.refused("POST", "/v1/transactions", json=books.body(externalId="invoice-1", amount=13)) == (
        409,
        "EXTERNAL_ID_TAKEN",
    )
    assert books.api.count("journal_entry") == 1


async def test_a_negative_amount_turns_the_accounts_round(books: Books) -> None:
    made = (await books.write(amount=-3))["transaction"]
    assert made["amount"] == 3
    assert made["debitAccountId"] == books.categories["Owner Contributions"]


async def test_a_draft_is_in_the_books_once_approved(books: Books) -> None:
    draft = (await books.write(status="PENDING"))["transaction"]
    assert (draft["status"], draft["metadata"]["isBooked"]) == ("PENDING", False)
    assert books.api.count("journal_entry") == 0
    for _ in range(2):
        answer = await books.api.ok("PUT", "/v1/transactions/approve", params=books.params, json=draft["id"])
        assert answer["results"][0]["transaction"]["status"] == "POSTED"
    assert books.api.count("journal_entry") == 1
    assert await books.is_sound()


async def test_deleting_reverses_and_says_who_and_why(books: Books) -> None:
    made = (await books.write())["transaction"]
    params = {**books.params, "transactionId": made["id"], "reason": "Typed twice."}
    for _ in range(2):
        answer = await books.api.ok("DELETE", "/v1/transactions", params=params, headers={"X-Actor": "Ann"})
        assert "reversal" in answer["message"]
    assert await books.listed() == []
    reversal, entry = await books.journal()
    assert (reversal["status"], entry["status"]) == ("REVERSAL", "REVERSED")
    assert (reversal["reversesId"], entry["reversedById"]) == (entry["id"], reversal["id"])
    assert (reversal["reason"], reversal["by"]["name"]) == ("Typed twice.", "Ann")
    assert await books.is_sound()
    again = await books.write()
    assert again["isNew"], "what was taken back may be written again"


async def test_editing_keeps_the_id_and_the_trace(books: Books) -> None:
    made = (await books.write())["transaction"]
    body = {"id": made["id"], "debit_account_id": books.categories["Travel"], "description": "Train"}
    for _ in range(2):
        answer = await books.api.ok("POST", "/v1/transactions/edit", json=body)
        assert (answer["id"], answer["description"]) == (made["id"], "Train")
        assert answer["debitAccountId"] == books.categories["Travel"]
        assert "debit_account_id" not in answer
    assert [entry["status"] for entry in await books.journal()] == ["POSTED", "REVERSAL", "REVERSED"]
    assert [row["category"] for row in await books.listed()] == ["Travel"]
    assert await books.is_sound()


async def test_editing_a_deleted_entry_is_refused(books: Books) -> None:
    made = (await books.write())["transaction"]
    await books.api.ok("DELETE", "/v1/transactions", params={**books.params, "transactionId": made["id"]})
    answer = await books.api.call("POST", "/v1/transactions/edit", json={"id": made["id"], "description": "x"})
    assert (answer.status_code, answer.json()["code"]) == (409, "ENTRY_DELETED")


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"amount": 0}, "ZERO_AMOUNT"),
        ({"amount": 0.001}, "AMOUNT_NOT_REPRESENTABLE"),
        ({"amount": 1e15}, "INVALID_REQUEST"),
        ({"amount": "NaN"}, "INVALID_REQUEST"),
        ({"amount": None}, "INVALID_REQUEST"),
        ({"currency": "XXX"}, "INVALID_REQUEST"),
        ({"date": "yesterday"}, "INVALID_DATE"),
        ({"date": "2026-02-30"}, "INVALID_DATE"),
        ({"date": "0001-01-01"}, "INVALID_DATE"),
        ({"date": "9999-12-31T23:59:59Z"}, "INVALID_DATE"),
        ({"description": "\x00"}, "INVALID_REQUEST"),
        ({"description": "x" * 1001}, "INVALID_REQUEST"),
        ({"metadata": {"a": "\x00"}}, "INVALID_METADATA"),
        ({"metadata": {"a": "x" * 20_000}}, "INVALID_METADATA"),
        ({"metadata": []}, "INVALID_REQUEST"),
        ({"status": "VOID"}, "INVALID_REQUEST"),
        ({"externalId": ""}, "INVALID_REQUEST"),
        ({"amount": 5, "debitAccountId": "same", "creditAccountId": "same"}, "CATEGORY_NOT_FOUND"),
        ({"debitAccountId": "1"}, "CATEGORY_NOT_FOUND"),
        ({"debitAccountId": {}}, "INVALID_REQUEST"),
    ],
)
async def test_bad_entries_are_refused(books: Books, given: dict[str, Any], code: str) -> None:
    assert (await books.refused("POST", "/v1/transactions", json=books.body(**given)))[1] == code
    assert books.api.count("manual_entry") == 0


@pytest.mark.parametrize("key", ["", " ", "x" * 256, "caf\u00e9"])
async def test_bad_keys_are_refused(books: Books, key: str) -> None:
    headers = {"Idempotency-Key": key.encode()}
    answer = await books.api.call("POST", "/v1/transactions", params=books.params, json=books.body(), headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_IDEMPOTENCY_KEY")


async def test_money_is_exact_in_every_currency(books: Books) -> None:
    for currency, amount, text in (("USD", "0.10", "0.10"), ("USD", 1234567890.12, "1234567890.12")):
        made = await books.write(currency=currency, amount=amount, description=text)
        assert made["transaction"]["amountDecimal"] == text


async def test_nobody_elses_entry_can_be_read_or_changed(books: Books) -> None:
    made = (await books.write())["transaction"]
    other = await books.api.other_developer()
    theirs = await open_books(other)
    edit = await other.call("POST", "/v1/transactions/edit", json={"id": made["id"], "description": "stolen"})
    assert (edit.status_code, edit.json()["code"]) == (404, "TRANSACTION_NOT_FOUND")
    for params in (theirs.params, books.params):
        gone = await other.call("DELETE", "/v1/transactions", params={**params, "transactionId": made["id"]})
        assert gone.status_code == 404
    entry = (await books.journal())[0]
    assert (await other.call("GET", f"/v1/journal-entries/{entry['id']}", params=theirs.params)).status_code == 404
    assert (
        await theirs.refused("POST", "/v1/transactions", json=theirs.body(debitAccountId=books.categories["Meals"]))
    ) == (404, "CATEGORY_NOT_FOUND")
    assert [row["description"] for row in await books.listed()] == ["Lunch"]


async def test_an_entity_token_edits_its_own_only(books: Books) -> None:
    sibling = await open_books(books.api, "Sibling")
    made = (await books.write())["transaction"]
    body = {"id": made["id"], "description": "changed"}
    own = await books.api.entity_token(books.entity_id)
    foreign = await books.api.entity_token(sibling.entity_id)
    assert (await books.api.call("POST", "/v1/transactions/edit", json=body, token=foreign)).status_code == 404
    assert (await books.api.call("POST", "/v1/transactions/edit", json=body, token=own)).status_code == 200


async def test_entries_and_bank_rows_come_in_one_order(api: Api, sandbox: RunningSandbox) -> None:
    books = await open_books(api)
    await api.link(sandbox, books.entity_id, username="user_history_20")
    await api.sync(books.entity_id)
    rows = await books.listed(pageSize=100)
    dates = sorted({row["date"] for row in rows})
    for number, day in enumerate((dates[0], dates[len(dates) // 2], dates[-1])):
        await books.write(date=day, description=f"By hand {number}")
    whole = await books.listed(pageSize=100)
    assert len(whole) == len(rows) + 3
    assert [row["date"] for row in whole] == sorted((row["date"] for row in whole), reverse=True)
    paged: list[Any] = []
    cursor = None
    while True:
        query = {"pageSize": 3} if cursor is None else {"pageSize": 3, "cursor": cursor}
        page = await api.ok("GET", "/v1/transactions", params={**books.params, **query})
        paged += page["transactions"]
        cursor = page["nextCursor"]
        if cursor is None:
            break
    assert [row["id"] for row in paged] == [row["id"] for row in whole]
    assert await books.is_sound()
