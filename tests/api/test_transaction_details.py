"""One bank transaction over HTTP: split, left out, written beside, documents attached."""

from collections.abc import AsyncIterator
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
    """An entity with twenty bank transactions."""
    async with wired_services(shared_pool, sandbox.base_url) as services, open_api(services, shared_database) as api:
        opened = await open_books(api)
        await api.link(sandbox, opened.entity_id, username="user_history_20")
        await api.sync(opened.entity_id)
        yield opened


async def settled(books: Books, number: int = 0) -> Any:
    rows = [row for row in await books.listed(pageSize=100) if not row["isPending"] and row["source"] == "bank"]
    return rows[number]


def halves(books: Books, row: Any) -> list[dict[str, Any]]:
    cents = round(row["amount"] * 100)
    return [
        {"categoryId": books.categories["Meals"], "amount": (cents - 1) / 100, "memo": "food"},
        {"categoryId": books.categories["Travel"], "amount": "0.01"},
    ]


async def test_a_split_is_shown_and_booked(books: Books) -> None:
    row = await settled(books)
    for _ in range(2):
        after = await books.ok("PUT", f"{PATH}/{row['id']}/split", json={"parts": halves(books, row)})
        assert [(part["category"], part["amountDecimal"], part["memo"]) for part in after["splits"]] == [
            ("Meals", f"{row['amount'] - 0.01:.2f}", "food"),
            ("Travel", "0.01", ""),
        ]
    assert (after["status"], after["decidedBy"]) == ("POSTED", "person")
    assert await books.ok("GET", f"{PATH}/{row['id']}") == after
    approved = await books.ok("PUT", f"{PATH}/approve", json=row["id"])
    assert approved["success"]
    assert len((await books.ok("GET", f"{PATH}/{row['id']}"))["splits"]) == 2, "approving keeps a split"
    assert await books.is_sound()


async def test_a_dry_run_of_a_split_changes_nothing(books: Books) -> None:
    row = await settled(books, 1)
    before = books.api.count("journal_entry")
    await books.ok("PUT", f"{PATH}/{row['id']}/split", json={"parts": halves(books, row)}, query={"dryRun": True})
    assert books.api.count("journal_entry") == before
    assert (await books.ok("GET", f"{PATH}/{row['id']}"))["splits"] == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"parts": []}, "INVALID_REQUEST"),
        ({"parts": [{"categoryId": "1", "amount": 1}] * 101}, "INVALID_REQUEST"),
        ({"parts": [{"categoryId": "1", "amount": 1}] * 2}, "SPLIT_DOES_NOT_SUM"),
        ({"parts": [{"categoryId": "x", "amount": 1}] * 2}, "CATEGORY_NOT_FOUND"),
        ({"parts": [{"categoryId": "1", "amount": "1e400"}] * 2}, "INVALID_REQUEST"),
        ({}, "INVALID_REQUEST"),
    ],
)
async def test_bad_splits_are_refused(books: Books, change: dict[str, Any], code: str) -> None:
    row = await settled(books, 1)
    assert (await books.refused("PUT", f"{PATH}/{row['id']}/split", json=change))[1] == code


async def test_a_part_cannot_go_to_a_banks_own_account(books: Books) -> None:
    row = await settled(books, 1)
    own = row["debitAccountId"] if row["direction"] == "in" else row["creditAccountId"]
    parts = [{**part, "categoryId": own} for part in halves(books, row)]
    code = (await books.refused("PUT", f"{PATH}/{row['id']}/split", json={"parts": parts}))[1]
    assert code == "CATEGORY_IS_BANK_ACCOUNT"


async def test_what_a_person_wrote_cannot_be_split(books: Books) -> None:
    made = (await books.write())["transaction"]
    answer = await books.refused("PUT", f"{PATH}/{made['id']}/split", json={"parts": halves(books, made)})
    assert answer == (404, "TRANSACTION_NOT_FOUND")


async def test_leaving_out_and_taking_back_in(books: Books) -> None:
    row = await settled(books, 2)
    for reason in ("Private.", "Private."):
        out = await books.ok("PUT", f"{PATH}/{row['id']}/exclusion", json={"reason": reason})
        assert (out["excluded"]["reason"], out["status"], out["metadata"]["isBooked"]) == ("Private.", "PENDING", False)
        assert not out["needsReview"]
    for _ in range(2):
        back = await books.ok("DELETE", f"{PATH}/{row['id']}/exclusion")
        assert (back["excluded"], back["metadata"]["isBooked"]) == (None, True)
    assert await books.is_sound()


async def test_deleting_a_bank_transaction_leaves_it_out(books: Books) -> None:
    row = await settled(books, 3)
    for _ in range(2):
        answer = await books.ok("DELETE", PATH, query={"transactionId": row["id"], "reason": "Twice."})
        assert "left out" in answer["message"]
    assert (await books.ok("GET", f"{PATH}/{row['id']}"))["excluded"]["reason"] == "Twice."
    await books.ok("DELETE", f"{PATH}/{row['id']}/exclusion")
    assert await books.refused("DELETE", PATH, query={"transactionId": "1"}) == (404, "TRANSACTION_NOT_FOUND")
    assert await books.refused("DELETE", PATH, query={"transactionId": "x"}) == (404, "TRANSACTION_NOT_FOUND")


async def test_leaving_out_several_is_all_or_nothing(books: Books) -> None:
    ids = [(await settled(books, number))["id"] for number in (4, 5)]
    body = {"transactionIds": [*ids, ids[0]], "reason": "Not ours."}
    tried = await books.ok("POST", f"{PATH}/exclude", json=body, query={"dryRun": True})
    assert (tried["excluded"], tried["dryRun"]) == (ids, True)
    assert (await settled(books, 4))["excluded"] is None
    broken = {**body, "transactionIds": [*ids, "1"]}
    assert (await books.refused("POST", f"{PATH}/exclude", json=broken))[1] == "TRANSACTION_NOT_FOUND"
    assert (await settled(books, 4))["excluded"] is None
    await books.ok("POST", f"{PATH}/exclude", json=body)
    assert (await settled(books, 5))["excluded"]["reason"] == "Not ours."
    for number in ids:
        await books.ok("DELETE", f"{PATH}/{number}/exclusion")
    assert await books.is_sound()


@pytest.mark.parametrize("body", [{}, {"reason": ""}, {"reason": "  "}, {"reason": "\x00"}, {"reason": "x" * 1001}])
async def test_a_reason_is_needed(books: Books, body: dict[str, Any]) -> None:
    row = await settled(books, 2)
    assert (await books.refused("PUT", f"{PATH}/{row['id']}/exclusion", json=body)) == (400, "INVALID_REQUEST")


async def test_other_words_and_a_note_leave_the_banks_words_alone(books: Books) -> None:
    row = await settled(books, 6)
    body = {"description": "Team lunch", "note": "With the client"}
    after = await books.ok("PUT", f"{PATH}/{row['id']}/note", json=body)
    assert (after["description"], after["note"]) == ("Team lunch", "With the client")
    assert after["metadata"]["bankDescription"] == row["description"]
    again = await books.ok("PUT", f"{PATH}/{row['id']}/note", json={"description": ""})
    assert (again["description"], again["note"]) == (row["description"], "With the client")
    edited = await books.api.ok("POST", f"{PATH}/edit", json={"id": row["id"], "description": "Edited"})
    assert edited["description"] == "Edited"


async def test_a_note_on_what_a_person_wrote_makes_no_new_entry(books: Books) -> None:
    made = (await books.write(description="Noted"))["transaction"]
    before = books.api.count("journal_entry")
    after = await books.ok("PUT", f"{PATH}/{made['id']}/note", json={"note": "Receipt lost"})
    assert (after["note"], books.api.count("journal_entry")) == ("Receipt lost", before)


async def test_an_edit_chooses_the_category_of_a_bank_transaction(books: Books) -> None:
    row = next(row for row in await books.listed(pageSize=100) if row["direction"] == "out" and not row["isPending"])
    body = {"id": row["id"], "debit_account_id": books.categories["Software & Subscriptions"]}
    edited = await books.api.ok("POST", f"{PATH}/edit", json=body)
    assert edited["transaction"]["category"] == "Software & Subscriptions"
    body = {"id": row["id"], "credit_account_id": books.categories["Meals"]}
    answer = await books.api.call("POST", f"{PATH}/edit", json=body)
    assert (answer.status_code, answer.json()["code"]) == (400, "BANK_SIDE_IS_FIXED")


async def test_documents_are_attached_once_and_forgotten(books: Books) -> None:
    for row in (await settled(books, 7), (await books.write(description="With receipt"))["transaction"]):
        body = {"name": "receipt.pdf", "url": "https://files.example/1", "sizeBytes": 9, "sha256": "ab" * 32}
        first = await books.ok("POST", f"{PATH}/{row['id']}/attachments", json=body)
        assert await books.ok("POST", f"{PATH}/{row['id']}/attachments", json=body) == first
        assert (await books.ok("GET", f"{PATH}/{row['id']}"))["attachments"] == [first]
        await books.ok("DELETE", f"{PATH}/{row['id']}/attachments/{first['id']}")
        assert (await books.ok("GET", f"{PATH}/{row['id']}"))["attachments"] == []
        gone = await books.refused("DELETE", f"{PATH}/{row['id']}/attachments/{first['id']}")
        assert gone == (404, "ATTACHMENT_NOT_FOUND")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": ""},
        {"name": "a", "url": "javascript:alert(1)"},
        {"name": "a", "url": "https://"},
        {"name": "a", "url": "https://x/" + "y" * 2000},
        {"name": "a", "sizeBytes": -1},
        {"name": "a", "sizeBytes": 10**30},
        {"name": "a", "sha256": "zz"},
        {"name": "a", "externalId": ""},
    ],
)
async def test_bad_attachments_are_refused(books: Books, body: dict[str, Any]) -> None:
    row = await settled(books, 7)
    answer = await books.refused("POST", f"{PATH}/{row['id']}/attachments", json=body)
    assert answer == (400, "INVALID_REQUEST")


async def test_nobody_elses_transaction(books: Books) -> None:
    theirs = await open_books(await books.api.other_developer())
    row = await settled(books, 8)
    own = f"{PATH}/{row['id']}"
    asked: list[tuple[str, str, Any]] = [
        ("GET", own, None),
        ("PUT", f"{own}/split", {"parts": halves(theirs, row)}),
        ("PUT", f"{own}/exclusion", {"reason": "x"}),
        ("DELETE", f"{own}/exclusion", None),
        ("PUT", f"{own}/note", {"note": "x"}),
        ("POST", f"{own}/attachments", {"name": "x"}),
        ("DELETE", f"{own}/attachments/1", None),
        ("POST", f"{PATH}/exclude", {"transactionIds": [row["id"]], "reason": "x"}),
    ]
    for method, path, body in asked:
        assert (await theirs.refused(method, path, json=body))[0] == 404
    assert await books.ok("GET", own) == row


async def test_a_closed_period_takes_no_decision_of_a_person(api: Api, sandbox: RunningSandbox) -> None:
    """Nothing of a refused decision is kept, so the row still says what is booked."""
    closed = await open_books(api)
    made = (await closed.write())["transaction"]
    await api.link(sandbox, closed.entity_id, username="user_history_20")
    await api.sync(closed.entity_id)
    row = await settled(closed, 5)
    closing = {"through": row["date"], "role": "owner", "reason": "Reported."}
    await closed.ok("POST", "/v1/periods/close", json=closing)
    before = (api.count("journal_entry"), await closed.listed(pageSize=100))
    asked: list[tuple[str, str, Any]] = [
        ("PUT", f"{PATH}/{row['id']}/exclusion", {"reason": "Private."}),
        ("PUT", f"{PATH}/{row['id']}/split", {"parts": halves(closed, row)}),
        ("POST", f"{PATH}/exclude", {"transactionIds": [row["id"]], "reason": "Private."}),
        ("POST", PATH, closed.body(date=row["date"], description="Late")),
        ("POST", f"{PATH}/edit", {"id": made["id"], "description": "Changed"}),
    ]
    for method, path, body in asked:
        assert await closed.refused(method, path, json=body) == (409, "PERIOD_CLOSED"), path
    gone = await closed.refused("DELETE", PATH, query={"transactionId": made["id"]})
    assert gone == (409, "PERIOD_CLOSED")
    assert (api.count("journal_entry"), await closed.listed(pageSize=100)) == before
    assert await closed.is_sound()
