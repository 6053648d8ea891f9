"""Recurring entries over HTTP and by the clock: each day once, whatever happens."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from openledger_server.workflows.recurring_entries import make_due_entries
from openledger_server.workflows.services import Services
from tests.support.api import open_api
from tests.support.books import Books, open_books
from tests.support.database import Database

PATH = "/v1/recurring-entries"


@dataclass(slots=True)
class Clock:
    now: datetime


@dataclass(slots=True)
class Office:
    """Books whose clock the test turns."""

    books: Books
    clock: Clock
    services: Services

    async def on(self, day: str) -> int:
        self.clock.now = datetime.combine(date.fromisoformat(day), datetime.min.time(), UTC) + timedelta(hours=9)
        await self.books.api.sign_in()
        return await make_due_entries(self.services)

    def rent(self, **given: Any) -> dict[str, Any]:
        usual = {
            "schedule": {"frequency": "monthly", "startsOn": "2026-01-31"},
            "description": "Rent",
            "lines": [
                {"accountId": self.books.categories["Rent"], "debit": 1200},
                {"accountId": self.books.categories["Accounts Payable"], "credit": 1200, "memo": "landlord"},
            ],
        }
        return {**usual, **given}

    async def made(self) -> list[str]:
        return [row["date"] for row in await self.books.listed(pageSize=100)]


@pytest.fixture
async def office(services: Services, database: Database) -> AsyncIterator[Office]:
    clock = Clock(datetime(2026, 1, 10, 9, tzinfo=UTC))
    turned = replace(services, now=lambda: clock.now)
    async with open_api(turned, database) as api:
        yield Office(await open_books(api), clock, turned)


async def test_each_day_is_made_once_on_its_day(office: Office) -> None:
    """Rent 1,200.00 on the last day of each month from January on."""
    written = await office.books.ok("POST", PATH, json=office.rent())
    assert written["nextDates"][:3] == ["2026-01-31", "2026-02-28", "2026-03-31"]
    assert await office.on("2026-01-30") == 0
    assert [await office.on("2026-01-31") for _ in range(3)] == [1, 0, 0]
    assert await office.on("2026-04-01") == 2, "a clock that stood still makes up for it"
    assert await office.made() == ["2026-03-31", "2026-02-28", "2026-01-31"]
    entry = (await office.books.journal())[0]
    assert (entry["kind"], entry["by"]["kind"], entry["by"]["id"]) == ("recurring", "machine", "recurring_entries")
    assert entry["lines"][1]["memo"] == "landlord"
    assert (await office.books.ok("GET", f"{PATH}/{written['id']}"))["nextDates"][0] == "2026-04-30"
    assert await office.books.balances() == {"Rent": "3600.00", "Accounts Payable": "-3600.00"}
    assert await office.books.is_sound()


async def test_clocks_that_strike_together_make_it_once(office: Office) -> None:
    await office.books.ok("POST", PATH, json=office.rent())
    await office.on("2026-01-01")
    office.clock.now = datetime(2026, 3, 31, 12, tzinfo=UTC)
    await asyncio.gather(*(make_due_entries(office.services) for _ in range(3)))
    await office.books.api.sign_in()
    assert await office.made() == ["2026-03-31", "2026-02-28", "2026-01-31"]
    assert await office.books.is_sound()


async def test_one_that_was_taken_back_does_not_come_again(office: Office) -> None:
    await office.books.ok("POST", PATH, json=office.rent())
    await office.on("2026-01-31")
    [row] = await office.books.listed()
    await office.books.ok("DELETE", "/v1/transactions", query={"transactionId": row["id"]})
    assert await office.on("2026-02-27") == 0
    assert await office.made() == []


async def test_drafts_wait_for_approval(office: Office) -> None:
    await office.books.ok("POST", PATH, json=office.rent(makesDrafts=True))
    assert await office.on("2026-01-31") == 1
    [row] = await office.books.listed(status="PENDING")
    assert await office.books.journal() == []
    await office.books.ok("PUT", "/v1/transactions/approve", json=row["id"])
    assert [entry["kind"] for entry in await office.books.journal()] == ["recurring"]


async def test_a_pause_leaves_days_out(office: Office) -> None:
    written = await office.books.ok("POST", PATH, json=office.rent())
    await office.on("2026-01-31")
    for _ in range(2):
        assert (await office.books.ok("POST", f"{PATH}/{written['id']}/pause"))["isPaused"]
    assert await office.on("2026-04-15") == 0
    for _ in range(2):
        resumed = await office.books.ok("DELETE", f"{PATH}/{written['id']}/pause")
        assert (resumed["isPaused"], resumed["nextDates"][0]) == (False, "2026-04-30")
    assert await office.on("2026-04-30") == 1
    assert await office.made() == ["2026-04-30", "2026-01-31"]


async def test_a_change_holds_from_the_next_one_on(office: Office) -> None:
    written = await office.books.ok("POST", PATH, json=office.rent())
    await office.on("2026-02-28")
    weekly = office.rent(
        schedule={"frequency": "WEEKLY", "every": 2, "startsOn": "2026-02-14"}, description="Rent, new"
    )
    changed = await office.books.ok("PUT", f"{PATH}/{written['id']}", json=weekly)
    assert changed["nextDates"][0] == "2026-03-14", "28 February is made already"
    await office.on("2026-03-20")
    assert await office.made() == ["2026-03-14", "2026-02-28", "2026-01-31"]


async def test_it_ends(office: Office) -> None:
    ends = {"frequency": "monthly", "startsOn": "2026-01-31", "endsOn": "2026-02-28"}
    written = await office.books.ok("POST", PATH, json=office.rent(schedule=ends))
    assert await office.on("2027-01-01") == 2
    assert (await office.books.ok("GET", f"{PATH}/{written['id']}"))["nextDates"] == []


async def test_what_cannot_be_made_says_why_and_is_made_later(office: Office) -> None:
    """The books are closed through January when the schedule for January comes."""
    written = await office.books.ok("POST", PATH, json=office.rent())
    await office.on("2026-02-05")
    assert await office.made() == ["2026-01-31"]
    payable = await office.books.ok("POST", "/v1/categories", json={"name": "Landlord", "type": "LIABILITY"})
    lines = office.rent()["lines"]
    lines[1]["accountId"] = payable["category"]["id"]
    await office.books.ok("PUT", f"{PATH}/{written['id']}", json=office.rent(lines=lines))
    archived = f"/v1/categories/{payable['category']['id']}/archive"
    assert await office.books.refused("POST", archived) == (409, "LEDGER_ACCOUNT_IN_USE")
    await office.books.ok("POST", f"{PATH}/{written['id']}/pause")
    await office.books.ok("POST", archived)
    await office.books.ok("DELETE", f"{PATH}/{written['id']}/pause")
    assert await office.on("2026-03-01") == 0
    problem = (await office.books.ok("GET", f"{PATH}/{written['id']}"))["problem"]
    assert "archived" in problem
    await office.books.ok("DELETE", archived)
    assert await office.on("2026-03-02") == 1
    assert (await office.books.ok("GET", f"{PATH}/{written['id']}"))["problem"] == ""


async def test_it_is_written_once_and_deleted_for_good(office: Office) -> None:
    first = await office.books.ok("POST", PATH, json=office.rent())
    assert await office.books.ok("POST", PATH, json=office.rent()) == first
    other = await office.books.ok("POST", PATH, json=office.rent(), headers={"Idempotency-Key": "another"})
    assert other["id"] != first["id"]
    tried = await office.books.ok("POST", PATH, json=office.rent(description="Tried"), query={"dryRun": True})
    assert (tried["id"], len(tried["nextDates"])) == (None, 12)
    listed = (await office.books.ok("GET", PATH))["recurringEntries"]
    assert [one["id"] for one in listed] == [first["id"], other["id"]]
    for _ in range(2):
        await office.books.ok("DELETE", f"{PATH}/{first['id']}")
    assert await office.books.refused("GET", f"{PATH}/{first['id']}") == (404, "RECURRING_ENTRY_NOT_FOUND")
    assert await office.on("2026-01-31") == 1


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"schedule": {}}, "INVALID_REQUEST"),
        ({"schedule": {"frequency": "hourly", "startsOn": "2026-01-01"}}, "INVALID_REQUEST"),
        ({"schedule": {"frequency": "weekly", "every": 0, "startsOn": "2026-01-01"}}, "INVALID_REQUEST"),
        ({"schedule": {"frequency": "weekly", "startsOn": "soon"}}, "INVALID_REQUEST"),
        ({"schedule": {"frequency": "weekly", "startsOn": "0001-01-01"}}, "INVALID_DATE"),
        (
            {"schedule": {"frequency": "weekly", "startsOn": "2026-01-02", "endsOn": "2026-01-01"}},
            "INVALID_SCHEDULE",
        ),
        ({"lines": []}, "INVALID_REQUEST"),
        ({"lines": [{"accountId": "1", "debit": 1}, {"accountId": "1", "credit": 1}]}, "CATEGORY_NOT_FOUND"),
        ({"lines": [{"accountId": "1", "debit": 1}, {"accountId": "1", "credit": 2}]}, "ENTRY_UNBALANCED"),
    ],
)
async def test_bad_schedules_are_refused(office: Office, change: dict[str, Any], code: str) -> None:
    assert (await office.books.refused("POST", PATH, json=office.rent(**change)))[1] == code
    assert office.books.api.count("recurring_entry") == 0


async def test_nobody_elses_schedules(office: Office) -> None:
    written = await office.books.ok("POST", PATH, json=office.rent())
    theirs = await open_books(await office.books.api.other_developer())
    own = f"{PATH}/{written['id']}"
    body = office.rent(lines=[{"accountId": theirs.categories["Rent"], "debit": 1}] * 2)
    body["lines"][1] = {"accountId": theirs.categories["Rent"], "credit": 1}
    for method, path in (("GET", own), ("PUT", own), ("POST", f"{own}/pause"), ("DELETE", f"{own}/pause")):
        assert (await theirs.refused(method, path, json=body))[0] == 404
    await theirs.ok("DELETE", own)
    assert (await theirs.ok("GET", PATH))["recurringEntries"] == []
    assert (await theirs.refused("POST", PATH, json=office.rent()))[1] == "CATEGORY_NOT_FOUND"
    assert len((await office.books.ok("GET", PATH))["recurringEntries"]) == 1
    await office.on("2026-01-31")
    await theirs.api.sign_in()
    assert (await theirs.listed()) == []
