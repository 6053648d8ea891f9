"""How a bank account is booked: chosen when it is linked, chosen again later, and the books right every time."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.lifecycle.test_relink import assert_sound, chosen
from tests.support.live import Live

USERNAME = "user_history_60"
TODAY = datetime.now(UTC).date()
HALF_YEAR_AGO = (TODAY - timedelta(days=183)).isoformat()
YEAR_AGO = (TODAY - timedelta(days=365)).isoformat()


async def public_token(live: Live, username: str = USERNAME, **params: Any) -> tuple[str, list[dict[str, Any]]]:
    """Go through the dialog; return the public token and the accounts that the browser is told of."""
    link_token = (await live.call("GET", "/v1/banks/create-link", params=params))["link_token"]
    made = await asyncio.to_thread(live.sandbox.link, link_token, username=username)
    return made["public_token"], made["metadata"]["accounts"]


async def link_with(live: Live, username: str = USERNAME, **body: Any) -> dict[str, Any]:
    """Link a bank with choices, import it, and return its only bank account."""
    token, _ = await public_token(live, username)
    await live.call("PUT", "/v1/banks/accounts", json={"public_token": token, **body})
    await live.work()
    accounts: list[dict[str, Any]] = await live.accounts()
    return accounts[0]


async def settings(live: Live, account: dict[str, Any], **changes: Any) -> Any:
    path = f"/v1/banks/accounts/{account['id']}/settings"
    return await (live.call("PATCH", path, json=changes) if changes else live.call("GET", path))


def booked_days(live: Live) -> list[Any]:
    return [row[0] for row in live.query("SELECT dated FROM booking WHERE journal_entry_id IS NOT NULL ORDER BY 1")]


def rows(live: Live) -> int:
    return live.count("SELECT count(*) FROM bank_transaction")


async def listed(live: Live) -> int:
    params = {"pageSize": 100}
    return len((await live.call("GET", "/v1/transactions", params=params))["data"])


async def test_rows_before_the_first_day_are_kept_but_not_booked(live: Live) -> None:
    """60 rows in two years; the books begin half a year ago with what the account held then, and equal the bank."""
    account = await link_with(live, historyStart=HALF_YEAR_AGO)
    assert rows(live) == 60
    days = booked_days(live)
    assert 0 < len(days) < 30
    assert min(days).isoformat() >= HALF_YEAR_AGO
    assert account["transactionCount"] == len(days)
    assert account["isReconciled"]
    found = await settings(live, account)
    assert found["historyStart"] == HALF_YEAR_AGO
    assert found["oldestTransactionOn"] < YEAR_AGO
    assert (found["openingBalance"]["source"], found["openingBalance"]["date"]) == ("computed", HALF_YEAR_AGO)
    # The bank's own webhook may have asked for a second, empty run by now; the first one is the oldest.
    run = (await live.call("GET", f"/v1/banks/connections/{account['connectionId']}/runs"))["runs"][-1]
    assert (run["added"], run["skipped"]) == (len(days), 60 - len(days))
    assert run["durationMs"] > 0
    assert live.count("SELECT count(*) FROM categorization") == len(days)
    await assert_sound(live)


async def test_the_first_day_moves_back_and_forth_without_losing_a_row(live: Live) -> None:
    account = await link_with(live)
    before = await settings(live, account)
    assert len(booked_days(live)) == 60
    for start in (HALF_YEAR_AGO, YEAR_AGO, TODAY.isoformat(), None):
        changed = await settings(live, account, historyStart=start)
        assert changed == await settings(live, account, historyStart=start)
        days = booked_days(live)
        assert [day for day in days if start is not None and day.isoformat() < start] == []
        assert (await live.accounts())[0]["transactionCount"] == len(days)
        await assert_sound(live)
    assert rows(live) == len(booked_days(live)) == 60
    assert await settings(live, account) == before


async def test_a_known_difference_to_the_bank_stays_when_the_first_day_moves(live: Live) -> None:
    """The bank says 5.00 more than the books once the history is complete; choosing a first day does not hide it."""
    account = await link_with(live)
    live.run_sql("UPDATE bank_account SET reported_current = reported_current + 5")
    await settings(live, account, historyStart=HALF_YEAR_AGO)
    assert (await live.accounts())[0]["difference"] == "5.00"
    await settings(live, account, historyStart=None)
    assert (await live.accounts())[0]["difference"] == "5.00"


async def test_changes_of_old_rows_stay_outside_the_books(live: Live) -> None:
    """An old row is corrected, another one taken back, a third dated into the books; the first day then moves back."""
    account = await link_with(live, historyStart=HALF_YEAR_AGO)
    count = len(booked_days(live))
    old = [
        row[0]
        for row in live.query(
            "SELECT provider_transaction_id FROM bank_transaction WHERE is_before_start ORDER BY dated DESC LIMIT 3"
        )
    ]
    await live.change(
        account["connectionId"],
        {"op": "modify", "transaction_id": old[0], "amount": 77},
        {"op": "remove", "transaction_id": old[1]},
        {"op": "modify", "transaction_id": old[2], "date": TODAY.isoformat()},
    )
    await live.call("POST", "/v1/banks/sync")
    await live.work()
    assert len(booked_days(live)) == count + 1
    assert live.count("SELECT count(*) FROM bank_transaction WHERE is_before_start") == 60 - count - 2
    await settings(live, account, historyStart=None)
    assert len(booked_days(live)) == 59
    assert live.count("SELECT count(*) FROM booking WHERE amount_minor = -7700 AND journal_entry_id IS NOT NULL") == 1
    live.run_sql("UPDATE bank_account SET told_gap_minor = 0")


async def test_a_row_that_is_dated_before_the_first_day_leaves_the_books(live: Live) -> None:
    account = await link_with(live, historyStart=HALF_YEAR_AGO)
    count = len(booked_days(live))
    ((key,),) = live.query(
        "SELECT provider_transaction_id FROM bank_transaction WHERE removed_at IS NULL ORDER BY dated LIMIT 1"
    )
    await live.change(account["connectionId"], {"op": "modify", "transaction_id": key, "date": YEAR_AGO})
    await live.call("POST", "/v1/banks/sync")
    await live.work()
    assert len(booked_days(live)) == count - 1
    why = live.query("SELECT DISTINCT reason FROM journal_entry WHERE source_ref LIKE 'reversal%%' ORDER BY 1")
    assert ("The books of this bank account begin later than it.",) in why
    assert (await live.accounts())[0]["transactionCount"] == count - 1
    run = (await live.call("GET", f"/v1/banks/connections/{account['connectionId']}/runs"))["runs"][0]
    assert (run["removed"], run["skipped"]) == (1, 1)


async def test_a_given_opening_balance_is_taken_and_a_difference_shows(live: Live) -> None:
    token, accounts = await public_token(live)
    opening = {"amount": "100.00", "date": HALF_YEAR_AGO}
    await live.call(
        "PUT",
        "/v1/banks/accounts",
        json={
            "public_token": token,
            "accountSettings": [{"accountId": accounts[0]["id"], "openingBalance": opening}],
        },
    )
    await live.work()
    account = (await live.accounts())[0]
    found = await settings(live, account)
    assert found["openingBalance"] == {"source": "given", **opening}
    assert found["historyStart"] == HALF_YEAR_AGO
    assert not account["isReconciled"]
    ((opened_on, amount),) = live.query("SELECT dated, amount_minor FROM opening_balance")
    assert (opened_on, amount) == (datetime.fromisoformat(HALF_YEAR_AGO).date() - timedelta(days=1), 10_000)
    # computed after all: the books equal the bank again, by reversal
    changed = await settings(live, account, openingBalance=None)
    assert changed["openingBalance"]["source"] == "computed"
    await assert_sound(live)
    assert live.count("SELECT count(*) FROM journal_entry WHERE reverses_id IS NOT NULL") > 0


async def test_an_existing_ledger_account_is_fed(live: Live) -> None:
    """The chart's own account is fed at linking; no account is added to the chart. Later it feeds another one."""
    chart = live.query("SELECT id, code FROM ledger_account WHERE type = 'ASSET' AND system_role IS NULL ORDER BY code")
    first, second = str(chart[0][0]), str(chart[1][0])
    size = live.count("SELECT count(*) FROM ledger_account")
    token, accounts = await public_token(live)
    choice = {"accountId": accounts[0]["id"], "ledgerAccountId": first}
    body = {"public_token": token, "accountSettings": [choice]}
    made = await live.call("PUT", "/v1/banks/accounts", json=body)
    assert made["createdAccounts"][0]["ledgerAccountId"] == first
    assert await live.call("PUT", "/v1/banks/accounts", json=body) == made
    await live.work()
    assert live.count("SELECT count(*) FROM ledger_account") == size
    await assert_sound(live)
    account = (await live.accounts())[0]
    changed = await settings(live, account, ledgerAccountId=second)
    assert changed["ledgerAccountId"] == second
    await assert_sound(live)
    sums = dict(live.query("SELECT ledger_account_id::text, sum(amount_minor)::bigint FROM posting GROUP BY 1"))
    assert sums[first] == 0
    assert sums[second] != 0


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"historyStart": (TODAY + timedelta(days=1)).isoformat()}, (400, "START_DATE_INVALID")),
        ({"openingBalance": {"amount": "1.005", "date": HALF_YEAR_AGO}}, (400, "OPENING_BALANCE_INVALID")),
        (
            {"openingBalance": {"amount": "1", "date": HALF_YEAR_AGO}, "historyStart": YEAR_AGO},
            (400, "OPENING_BALANCE_INVALID"),
        ),
        ({"ledgerAccountId": "12"}, (404, "CATEGORY_NOT_FOUND")),
        ({"ledgerAccountId": "x"}, (404, "CATEGORY_NOT_FOUND")),
    ],
)
async def test_choices_that_cannot_be_booked_are_refused(
    live: Live, changes: dict[str, Any], code: tuple[int, str]
) -> None:
    account = await link_with(live, "user_history_5")
    path = f"/v1/banks/accounts/{account['id']}/settings"
    before = await settings(live, account)
    assert await live.refused("PATCH", path, json=changes) == code
    assert await settings(live, account) == before


async def test_ledger_accounts_of_another_kind_or_fed_already_are_refused(live: Live) -> None:
    account = await link_with(live, "user_studio")
    path = f"/v1/banks/accounts/{account['id']}/settings"
    owed = live.query("SELECT id FROM ledger_account WHERE type = 'LIABILITY' LIMIT 1")[0][0]
    assert await live.refused("PATCH", path, json={"ledgerAccountId": str(owed)}) == (400, "LEDGER_ACCOUNT_UNFIT")
    others = [one for one in await live.accounts() if one["accountType"] == "depository" and one["id"] != account["id"]]
    fed = {"ledgerAccountId": others[0]["ledgerAccountId"]}
    assert await live.refused("PATCH", path, json=fed) == (409, "LEDGER_ACCOUNT_FED")
    assert await live.refused("PATCH", "/v1/banks/accounts/77/settings", json={}) == (404, "BANK_ACCOUNT_NOT_FOUND")


async def test_a_link_with_a_wrong_choice_goes_on_once_it_is_set_right(live: Live) -> None:
    token, accounts = await public_token(live)
    wrong = {"public_token": token, "accountSettings": [{"accountId": "no such", "historyStart": YEAR_AGO}]}
    assert await live.refused("PUT", "/v1/banks/accounts", json=wrong) == (400, "ACCOUNT_CHOICE_UNKNOWN")
    assert await live.accounts() == []
    right = {"public_token": token, "accountSettings": [{"accountId": accounts[0]["id"], "historyStart": YEAR_AGO}]}
    await live.call("PUT", "/v1/banks/accounts", json=right)
    await live.work()
    assert (await settings(live, (await live.accounts())[0]))["historyStart"] == YEAR_AGO


async def test_days_requested_are_the_links(live: Live) -> None:
    token, _ = await public_token(live, daysRequested=90)
    await live.call("PUT", "/v1/banks/accounts", json={"public_token": token})
    await live.work()
    (account,) = await live.accounts()
    oldest = (await settings(live, account))["oldestTransactionOn"]
    assert oldest >= (TODAY - timedelta(days=91)).isoformat()
    assert await live.refused("GET", "/v1/banks/create-link", params={"daysRequested": 731}) == (400, "INVALID_REQUEST")


async def test_a_bank_linked_again_keeps_its_choices_and_doubles_no_old_row(live: Live) -> None:
    account = await link_with(live, historyStart=HALF_YEAR_AGO)
    count = len(booked_days(live))
    await live.call("DELETE", f"/v1/banks/connections/{account['connectionId']}")
    await live.work()
    again = await link_with(live, metadata=await chosen(live))
    assert again["id"] == account["id"]
    assert (await settings(live, again))["historyStart"] == HALF_YEAR_AGO
    assert len(booked_days(live)) == count
    await settings(live, again, historyStart=None)
    assert len(booked_days(live)) == 60
    await assert_sound(live)
