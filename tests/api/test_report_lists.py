"""Lists through the API: every figure leads to its postings, running balances run, series add up to the statements."""

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.support.api import Api
from tests.support.tools import hledger_check

YEAR = datetime.now(UTC).year - 1


async def get(api: Api, path: str, entity_id: str, **params: Any) -> Any:
    return await api.ok("GET", f"/v1/reports/{path}", params={"entityId": entity_id, **params})


async def pages(api: Api, path: str, entity_id: str, **params: Any) -> list[Any]:
    """Return all pages of a list."""
    found = [await get(api, path, entity_id, **params)]
    while found[-1]["hasMore"]:
        found.append(await get(api, path, entity_id, cursor=found[-1]["nextCursor"], **params))
    assert found[-1]["nextCursor"] is None
    return found


async def postings_at(api: Api, link: str) -> tuple[Decimal, list[Any]]:
    """Follow the address of a figure's postings; return the total it states and all postings."""
    postings: list[Any] = []
    cursor = ""
    while True:
        page = await api.ok("GET", f"{link}&pageSize=100{cursor}")
        postings += page["postings"]
        if not page["hasMore"]:
            return Decimal(page["totalDecimal"]), postings
        cursor = f"&cursor={page['nextCursor']}"


def lines_of(nodes: list[Any]) -> Iterator[Any]:
    for node in nodes:
        yield node
        yield from lines_of(node["children"])


async def test_every_figure_is_the_sum_of_its_postings(studio: tuple[Api, str]) -> None:
    api, entity_id = studio
    answer = await get(api, "generate", entity_id, month=3, year=YEAR)
    figures = [
        (line["name"], line["balanceDecimal"], line["postings"]) for line in lines_of(answer["accountHierarchy"])
    ]
    for row in answer["cashFlowStatement"]["lines"]:
        figures.append((row["name"], row["amountDecimal"], row["postings"]))
        figures += [(line["name"], line["balanceDecimal"], line["postings"]) for line in lines_of(row["accounts"])]
    assert len(figures) > 30
    for name, figure, link in figures:
        total, postings = await postings_at(api, link)
        sign = 1 if "positive=debit" in link else -1
        assert sign * sum(Decimal(row["amountDecimal"]) for row in postings) == total == Decimal(figure), name
        keys = [(row["date"], int(row["journalEntryId"]), row["line"]) for row in postings]
        assert keys == sorted(set(keys))


async def test_opening_balances_are_told_apart_from_flows(studio: tuple[Api, str]) -> None:
    api, entity_id = studio
    answer = await get(api, "generate", entity_id, startDate="2000-01-01", endDate="2100-01-01", type="CASHFLOW")
    rows = {row["key"]: row for row in answer["cashFlowStatement"]["lines"]}
    opening = rows["openingBalances"]
    total, postings = await postings_at(api, opening["postings"])
    assert total == Decimal(opening["amountDecimal"]) == -sum(Decimal(row["amountDecimal"]) for row in postings) != 0
    assert {row["sourceRef"].split(":")[0] for row in postings} <= {"opening_balance", "reversal"}
    cards = rows["changeInCreditCards"]
    total, postings = await postings_at(api, cards["postings"])
    assert total == Decimal(cards["amountDecimal"]) == -sum(Decimal(row["amountDecimal"]) for row in postings)
    assert not any(row["sourceRef"].startswith("opening_balance") for row in postings)


async def test_trial_balance_balances_and_carries_on_from_month_to_month(studio: tuple[Api, str]) -> None:
    api, entity_id = studio
    first, second = [await get(api, "trial-balance", entity_id, month=month, year=YEAR) for month in (4, 5)]
    for balance in (first, second):
        assert balance["totalDebitsDecimal"] == balance["totalCreditsDecimal"] != "0.00"
        assert balance["totalClosingDebitsDecimal"] == balance["totalClosingCreditsDecimal"] != "0.00"
        for row in balance["rows"]:
            moved = Decimal(row["debitsDecimal"]) - Decimal(row["creditsDecimal"])
            assert Decimal(row["openingDecimal"]) + moved == Decimal(row["closingDecimal"])
    opening = {row["id"]: row["openingDecimal"] for row in second["rows"]}
    for row in first["rows"]:
        assert opening.get(row["id"], "0.00") == row["closingDecimal"], row["name"]
    january = await get(api, "trial-balance", entity_id, month=1, year=YEAR)
    assert {row["openingDecimal"] for row in january["rows"] if row["type"] in {"REVENUE", "EXPENSE"}} == {"0.00"}


@pytest.mark.parametrize("page_size", [1, 7, 100])
async def test_general_ledger_runs_through_all_accounts(studio: tuple[Api, str], page_size: int) -> None:
    api, entity_id = studio
    params = {"startDate": f"{YEAR}-03-10", "endDate": f"{YEAR}-03-14"}
    balance = await get(api, "trial-balance", entity_id, **params)
    answers = await pages(api, "account-transactions", entity_id, pageSize=page_size, **params)
    seen: dict[str, list[Any]] = {}
    for page in answers:
        for account in page["accounts"]:
            seen.setdefault(account["id"], []).append(account)
    expected = {row["id"]: row for row in balance["rows"] if row["code"] is not None}
    assert list(seen) == list(expected)
    for id_, parts in seen.items():
        running = Decimal(expected[id_]["openingDecimal"])
        for part in parts:
            assert (part["openingDecimal"], part["closingDecimal"]) == (
                expected[id_]["openingDecimal"],
                expected[id_]["closingDecimal"],
            )
            for row in part["transactions"]:
                running += Decimal(row["amountDecimal"])
                assert Decimal(row["runningBalanceDecimal"]) == running
        assert running == Decimal(expected[id_]["closingDecimal"])


async def test_one_accounts_transactions(studio: tuple[Api, str]) -> None:
    api, entity_id = studio
    chart = (await api.ok("GET", "/v1/categories", params={"entityId": entity_id}))["categories"]
    rent = next(account["id"] for account in chart if account["name"] == "Rent")
    [page] = await pages(api, "account-transactions", entity_id, ledgerAccountId=rent, year=YEAR, pageSize=100)
    [account] = page["accounts"]
    assert account["id"] == rent
    assert len(account["transactions"]) >= 12
    assert account["transactions"][-1]["runningBalanceDecimal"] == account["closingDecimal"]
    assert all(row["otherAccounts"] for row in account["transactions"])


async def test_general_ledger_of_the_wire_contract(studio: tuple[Api, str]) -> None:
    api, entity_id = studio
    answers = await pages(api, "general-ledger", entity_id, month=3, year=YEAR, pageSize=100)
    balance = await get(api, "trial-balance", entity_id, month=3, year=YEAR)
    sums: dict[str, list[Decimal]] = {row["id"]: [Decimal(0), Decimal(0)] for row in balance["rows"]}
    entries = [entry for page in answers for entry in page["entries"]]
    keys = [(entry["date"], int(entry["id"])) for entry in entries]
    assert keys == sorted(set(keys))
    for entry in entries:
        assert sum(Decimal(line["amountDecimal"]) for line in entry["postings"]) == 0
        for line in entry["postings"]:
            sums[line["ledgerAccountId"]][0] += Decimal(line["debitDecimal"] or 0)
            sums[line["ledgerAccountId"]][1] += Decimal(line["creditDecimal"] or 0)
    for account in answers[0]["accounts"]:
        booked = [
            Decimal(account["balance"][f"{side}_posted"]) + Decimal(account["balance"][f"{side}_pending"])
            for side in ("debits", "credits")
        ]
        assert booked == sums[account["id"]]
    assert any(account["balance"]["debits_pending"] != "0.00" for account in answers[0]["accounts"])
    assert answers[0]["hierarchy"]["assets"]


@pytest.mark.parametrize("by", ["category", "counterparty"])
async def test_spending_is_the_income_statements_expenses(studio: tuple[Api, str], by: str) -> None:
    api, entity_id = studio
    spending = await get(api, "spending", entity_id, by=by, year=YEAR)
    income = (await get(api, "generate", entity_id, year=YEAR, type="INCOME"))["incomeStatement"]
    before = (await get(api, "generate", entity_id, year=YEAR - 1, type="INCOME"))["incomeStatement"]
    assert (spending["totalDecimal"], spending["previousTotalDecimal"]) == (
        income["expensesDecimal"],
        before["expensesDecimal"],
    )
    assert sum(Decimal(row["amountDecimal"]) for row in spending["rows"]) == Decimal(spending["totalDecimal"])
    shown = [Decimal(row["amountDecimal"]) for row in spending["rows"][:-1]]
    assert shown == sorted(shown, reverse=True)
    assert sum(row["share"] for row in spending["rows"]) == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize("interval", ["daily", "weekly", "monthly"])
async def test_series_end_where_the_statements_are(studio: tuple[Api, str], interval: str) -> None:
    api, entity_id = studio
    params = {"startDate": f"{YEAR}-02-10", "endDate": f"{YEAR}-05-20"}
    statement = await get(api, "generate", entity_id, **params)
    position = await get(api, "cash-position", entity_id, interval=interval, **params)
    cash = statement["cashFlowStatement"]["cashAtEndDecimal"]
    assert position["points"][-1]["totalDecimal"] == cash
    assert position["points"][-1]["date"] == f"{YEAR}-05-20"
    for point in position["points"]:
        assert sum(map(Decimal, point["balancesDecimal"])) == Decimal(point["totalDecimal"])
    overview = await get(api, "overview", entity_id, interval=interval, **params)
    income = statement["incomeStatement"]
    assert (overview["totalRevenueDecimal"], overview["totalExpensesDecimal"], overview["totalProfitDecimal"]) == (
        income["revenueDecimal"],
        income["expensesDecimal"],
        income["netIncomeDecimal"],
    )
    assert overview["currentCashBalanceDecimal"] == cash
    for name in ("Revenue", "Expenses", "Profit"):
        assert sum(point[name] for point in overview["chartData"]) == pytest.approx(overview[f"total{name}"])
        assert sum(amount for _, amount in overview[f"monthly{name}"]) == pytest.approx(overview[f"total{name}"])
    assert len(overview["chartData"]) == len(position["points"])
    assert overview["chartData"][-1]["value"] == float(cash)
    assert [month for month, _ in overview["monthlyProfit"]] == [f"{YEAR}-{month:02}" for month in range(2, 6)]


async def test_overview_without_dates_is_the_last_twelve_months(studio: tuple[Api, str]) -> None:
    api, entity_id = studio
    overview = await get(api, "overview", entity_id)
    assert len(overview["monthlyRevenue"]) == len(overview["chartData"]) == 12
    stats = overview["latestMonthStats"]
    assert stats["profit"] == pytest.approx(stats["revenue"] - stats["expenses"])
    assert {account["mask"] for account in overview["plaidAccounts"]} == {"4402", "4410", "7731"}
    assert overview["filterInfo"]["statusFilter"] == "all"


async def test_posted_leaves_out_what_somebody_should_look_at(studio: tuple[Api, str]) -> None:
    api, entity_id = studio
    every, posted = [
        await get(api, "overview", entity_id, startDate="2000-01-01", endDate=f"{YEAR + 1}-12-31", statusFilter=status)
        for status in ("all", "posted")
    ]
    assert posted["totalExpenses"] < every["totalExpenses"]
    assert posted["currentCashBalanceDecimal"] == every["currentCashBalanceDecimal"]


async def test_an_instant_is_taken_for_its_day(studio: tuple[Api, str]) -> None:
    api, entity_id = studio
    params = {"startDate": f"{YEAR}-03-01T00:00:00.000Z", "endDate": f"{YEAR}-03-31T23:59:59+02:00"}
    answer = await get(api, "generate", entity_id, **params)
    assert (answer["reportPeriod"]["startDate"], answer["reportPeriod"]["endDate"]) == (
        f"{YEAR}-03-01",
        f"{YEAR}-03-31",
    )


async def test_empty_books_have_empty_lists(api: Api) -> None:
    entity_id = await api.create_entity(currency="JPY")
    balance = await get(api, "trial-balance", entity_id)
    assert (balance["rows"], balance["totalDebitsDecimal"]) == ([], "0")
    assert (await get(api, "account-transactions", entity_id))["accounts"] == []
    ledger = await get(api, "general-ledger", entity_id)
    assert (ledger["accounts"], ledger["entries"]) == ([], [])
    assert (await get(api, "spending", entity_id, by="counterparty"))["rows"] == []
    position = await get(api, "cash-position", entity_id, interval="monthly")
    assert (position["accounts"], {point["total"] for point in position["points"]}) == ([], {0})
    overview = await get(api, "overview", entity_id)
    assert overview["latestMonthStats"]["revenueChange"] is None
    assert overview["plaidAccounts"] == []
    future = await get(api, "generate", entity_id, month=12, year=2999)
    assert future["balanceSheet"]["totalAssets"] == 0


@pytest.mark.parametrize(
    ("path", "params", "code"),
    [
        ("overview", {"interval": "hourly"}, "UNKNOWN_INTERVAL"),
        ("overview", {"statusFilter": "pending"}, "UNKNOWN_STATUS_FILTER"),
        ("overview", {"startDate": "2026-02-02", "endDate": "2026-02-01"}, "INVALID_PERIOD"),
        ("overview", {"startDate": "1900-01-01", "interval": "daily"}, "TOO_MANY_INTERVALS"),
        ("overview", {"startDate": "2026-02-01Tnoon"}, "INVALID_REQUEST"),
        ("cash-position", {"interval": ""}, "UNKNOWN_INTERVAL"),
        ("spending", {"by": "mood"}, "UNKNOWN_SPENDING_KIND"),
        ("trial-balance", {"basis": "cash"}, "UNKNOWN_BASIS"),
        ("general-ledger", {"basis": "cash"}, "UNKNOWN_BASIS"),
        ("general-ledger", {"cursor": "x"}, "INVALID_CURSOR"),
        ("general-ledger", {"cursor": "cHwxfDIwMjYtMDEtMDF8MXwxfDE"}, "INVALID_CURSOR"),
        ("general-ledger", {"pageSize": 0}, "INVALID_PAGE_SIZE"),
        ("account-transactions", {"ledgerAccountId": "1; DROP TABLE posting"}, "CATEGORY_NOT_FOUND"),
        ("account-transactions", {"ledgerAccountId": "12"}, "CATEGORY_NOT_FOUND"),
        ("account-transactions", {"pageSize": 101}, "INVALID_PAGE_SIZE"),
        ("postings", {"endDate": "2026-01-01"}, "INVALID_POSTING_QUERY"),
        ("postings", {"endDate": "2026-01-01", "ledgerAccountIds": "1,x"}, "INVALID_POSTING_QUERY"),
        ("postings", {"endDate": "2026-01-01", "types": "MONEY"}, "INVALID_POSTING_QUERY"),
        ("postings", {"endDate": "2026-01-01", "types": "ASSET", "positive": "both"}, "INVALID_POSTING_QUERY"),
        ("postings", {"endDate": "2026-01-01", "types": "ASSET", "openingBalances": "x"}, "INVALID_POSTING_QUERY"),
        ("postings", {"types": "ASSET"}, "INVALID_REQUEST"),
    ],
)
async def test_bad_questions_are_refused(studio: tuple[Api, str], path: str, params: dict[str, Any], code: str) -> None:
    api, entity_id = studio
    answer = await api.call("GET", f"/v1/reports/{path}", params={"entityId": entity_id, **params})
    assert (answer.status_code in {400, 404}, answer.json()["code"]) == (True, code)


async def test_another_entitys_postings_are_not_to_be_had(studio: tuple[Api, str], api: Api) -> None:
    """Ids of another tenant's ledger accounts name nothing here."""
    other, entity_id = studio
    chart = (await other.ok("GET", "/v1/categories", params={"entityId": entity_id}))["categories"]
    own = await other.create_entity("Nobody")
    params = {"ledgerAccountIds": chart[0]["id"], "endDate": "2100-01-01"}
    answer = await get(other, "postings", own, **params)
    assert (answer["postings"], answer["total"]) == ([], 0)
    assert (await api.call("GET", "/v1/reports/postings", params={"entityId": entity_id, **params})).status_code == 404


async def test_the_journal_is_downloaded(studio: tuple[Api, str], tmp_path: Path) -> None:
    api, entity_id = studio
    params = {"entityId": entity_id, "startDate": f"{YEAR}-03-01", "endDate": f"{YEAR}-03-31"}
    answer = await api.call("GET", "/v1/reports/journal", params={**params, "format": "csv"})
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    entries = [
        entry
        for page in await pages(api, "general-ledger", entity_id, month=3, year=YEAR, pageSize=100)
        for entry in page["entries"]
    ]
    assert [(row["entry_id"], row["amount"]) for row in rows] == [
        (entry["id"], line["amountDecimal"]) for entry in entries for line in entry["postings"]
    ]
    answer = await api.call("GET", "/v1/reports/journal", params={**params, "format": "hledger"})
    assert f'filename="journal-{entity_id}.journal"' in answer.headers["content-disposition"]
    journal = tmp_path / "march.journal"
    journal.write_bytes(answer.content)
    hledger_check(journal)
    refused = await api.call("GET", "/v1/reports/journal", params={**params, "format": "qif"})
    assert (refused.status_code, refused.json()["code"]) == (400, "UNKNOWN_JOURNAL_FORMAT")


async def test_today_is_the_entitys_own(api: Api) -> None:
    """Kiritimati is 24 hours ahead of Honolulu: there it is always the next day."""
    ends = []
    for zone in ("Pacific/Kiritimati", "Pacific/Honolulu"):
        entity_id = await api.create_entity(timeZone=zone)
        settings = (await api.ok("GET", "/v1/entities", params={"entityId": entity_id}))["entity"]["settings"]
        assert settings["time_zone"] == zone
        ends.append((await get(api, "generate", entity_id))["reportPeriod"]["endDate"])
    assert datetime.fromisoformat(ends[0]) - datetime.fromisoformat(ends[1]) == timedelta(days=1)
    for wrong in ("Mars/Olympus", "../../etc/passwd", ""):
        params = {"entityId": entity_id}
        assert (await api.call("PUT", "/v1/entities", params=params, json={"timeZone": wrong})).status_code == 400


async def test_a_fiscal_year_begins_where_the_entity_says(api: Api) -> None:
    month = datetime.now(UTC).month
    entity_id = await api.create_entity(fiscalYearStartMonth=month)
    period = (await get(api, "generate", entity_id))["reportPeriod"]
    assert period["startDate"] == f"{datetime.now(UTC):%Y-%m}-01"
