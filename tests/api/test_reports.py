"""Reports through the API: the arithmetic a reader can check by hand."""

import io
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import psycopg
import pypdf
import pytest

from tests.support.api import Api
from tests.support.books import open_books
from tests.support.sandbox import RunningSandbox


def check_tree(nodes: list[dict[str, Any]], *, parent_id: str | None = None, level: int = 0) -> Decimal:
    """Check that every node is the sum of its children; return the sum of the nodes."""
    for node in nodes:
        assert (node["parentId"], node["level"]) == (parent_id, level)
        assert node["balance"] == float(node["balanceDecimal"])
        assert not (node["isCategory"] and node["children"])
        if node["children"]:
            assert check_tree(node["children"], parent_id=node["id"], level=level + 1) == Decimal(
                node["balanceDecimal"]
            )
    return sum((Decimal(node["balanceDecimal"]) for node in nodes), Decimal(0))


def check_decimals(totals: dict[str, Any]) -> None:
    for name in [name for name in totals if name.endswith("Decimal")]:
        assert totals[name.removesuffix("Decimal")] == float(totals[name])


async def report(api: Api, entity_id: str, **params: Any) -> dict[str, Any]:
    answer: dict[str, Any] = await api.ok("GET", "/v1/reports/generate", params={"entityId": entity_id, **params})
    return answer


async def test_income_statement_adds_up(studio: tuple[Api, str]) -> None:
    api, entity_id = studio
    # The last half year, on whichever day: this year may have just begun.
    today = datetime.now(UTC).date()
    half_year = {"startDate": (today - timedelta(days=180)).isoformat(), "endDate": today.isoformat()}
    income = (await report(api, entity_id, **half_year))["incomeStatement"]
    tree = income["hierarchical"]
    totals = tree["totals"]
    check_decimals(totals)
    check_decimals(income)
    revenue, expenses = check_tree(tree["revenue"]), check_tree(tree["expenses"])
    assert (revenue, expenses) == (Decimal(totals["totalRevenueDecimal"]), Decimal(totals["totalExpensesDecimal"]))
    assert revenue - expenses == Decimal(totals["netIncomeDecimal"]) == Decimal(income["netIncomeDecimal"])
    assert revenue > 0
    assert expenses > 0


async def test_balance_sheet_balances(studio: tuple[Api, str]) -> None:
    api, entity_id = studio
    sheet = (await report(api, entity_id))["balanceSheet"]
    tree = sheet["hierarchical"]
    totals = tree["totals"]
    check_decimals(totals)
    check_decimals(sheet)
    for section, name in [("assets", "totalAssets"), ("liabilities", "totalLiabilities"), ("equity", "totalEquity")]:
        assert check_tree(tree[section]) == Decimal(totals[f"{name}Decimal"])
    assert totals["totalAssetsDecimal"] == totals["liabilitiesAndEquityDecimal"]
    current, other = Decimal(sheet["totalCurrentAssetsDecimal"]), Decimal(sheet["totalNonCurrentAssetsDecimal"])
    assert current + other == Decimal(sheet["totalAssetsDecimal"])


async def test_months_add_up_to_the_year(studio: tuple[Api, str]) -> None:
    api, entity_id = studio
    year = datetime.now(UTC).year - 1
    months = [await report(api, entity_id, month=month, year=year, type="INCOME") for month in range(1, 13)]
    whole = await report(api, entity_id, year=year)
    total = sum((Decimal(each["incomeStatement"]["netIncomeDecimal"]) for each in months), Decimal(0))
    assert total == Decimal(whole["incomeStatement"]["netIncomeDecimal"])
    assert whole["reportPeriod"] == {
        "month": None,
        "year": year,
        "startDate": f"{year}-01-01",
        "endDate": f"{year}-12-31",
    }
    assert months[1]["reportPeriod"]["startDate"] == f"{year}-02-01"


async def test_end_date_is_included(studio: tuple[Api, str]) -> None:
    api, entity_id = studio
    row = (await api.ok("GET", "/v1/transactions", params={"entityId": entity_id, "status": "POSTED"}))["transactions"][
        0
    ]
    day = row["date"]
    one_day = await report(api, entity_id, startDate=day, endDate=day)
    assert one_day["reportPeriod"]["endDate"] == day
    before = (datetime.fromisoformat(day) - timedelta(days=1)).date().isoformat()
    assert (await report(api, entity_id, startDate=before, endDate=before))["balanceSheet"]["asOf"] == before


async def test_bank_and_books_agree(studio: tuple[Api, str]) -> None:
    api, entity_id = studio
    reconciliation = (await report(api, entity_id))["reconciliation"]
    check_decimals(reconciliation)
    assert reconciliation["differenceDecimal"] == "0.00"
    assert reconciliation["plaidAccountsTotal"] == reconciliation["ledgerCashBalance"]
    rows = reconciliation["plaidAccounts"]
    signed = [Decimal(row["ledgerBalance"]) * (-1 if row["type"] == "credit" else 1) for row in rows]
    assert sum(signed) == Decimal(reconciliation["ledgerCashBalanceDecimal"])
    assert {row["isReconciled"] for row in rows} == {True}


async def test_bank_accounts_on_the_balance_sheet_hold_what_the_bank_reports(studio: tuple[Api, str]) -> None:
    api, entity_id = studio
    answer = await report(api, entity_id)
    sections = answer["balanceSheet"]["hierarchical"]
    leaves = {
        leaf["id"]: leaf["balanceDecimal"]
        for section in ("assets", "liabilities")
        for group in sections[section]
        for leaf in group["children"]
    }
    for row in (await api.ok("GET", "/v1/banks/accounts", params={"entityId": entity_id}))["accounts"]:
        assert leaves[row["ledgerAccountId"]] == row["reportedBalance"]


async def test_quality_says_what_is_unreviewed_and_pending(studio: tuple[Api, str]) -> None:
    api, entity_id = studio
    quality = (await report(api, entity_id, startDate="2000-01-01", endDate="2100-01-01"))["quality"]
    progress = (await api.ok("GET", "/v1/banks/sync-status", params={"entityId": entity_id}))["transactionProgress"]
    assert (quality["unreviewedCount"], quality["pendingCount"]) == (progress["toReview"], progress["pending"])
    assert (quality["currency"], quality["otherCurrencies"]) == ("USD", [])


@pytest.mark.parametrize("name", ["INCOME", "income", "income_statement"])
async def test_income_alone(studio: tuple[Api, str], name: str) -> None:
    api, entity_id = studio
    answer = await report(api, entity_id, type=name)
    assert answer["incomeStatement"] is not None
    assert answer["balanceSheet"] is None


async def test_balance_alone(studio: tuple[Api, str]) -> None:
    api, entity_id = studio
    answer = await report(api, entity_id, type="balance_sheet")
    assert answer["incomeStatement"] is None
    assert answer["balanceSheet"] is not None


async def test_cash_flow_alone_ties_to_the_bank_group_of_the_balance_sheets(studio: tuple[Api, str]) -> None:
    api, entity_id = studio
    year = datetime.now(UTC).year - 1
    flow = (await report(api, entity_id, type="CASHFLOW", year=year))["cashFlowStatement"]
    check_decimals(flow)
    sheets = [
        (await report(api, entity_id, type="BALANCE", year=each))["balanceSheet"]["hierarchical"]["assets"]
        for each in (year - 1, year)
    ]
    bank = [sum(Decimal(group["balanceDecimal"]) for group in sheet if group["name"] == "Bank") for sheet in sheets]
    assert [Decimal(flow["cashAtBeginningDecimal"]), Decimal(flow["cashAtEndDecimal"])] == bank
    kinds = ("Operating", "Investing", "Financing")
    totals = [Decimal(flow[f"netCashFrom{kind}ActivitiesDecimal"]) for kind in kinds]
    assert sum(totals) == Decimal(flow["netChangeInCashDecimal"]) == bank[1] - bank[0] != 0
    tree = flow["hierarchical"]
    for part, total in zip(("operating", "investing", "financing"), totals, strict=True):
        shown = dict(tree[f"{part}Activities"])
        shown |= shown.pop("adjustments", {})
        check_decimals(shown)
        assert sum(Decimal(value) for name, value in shown.items() if name.endswith("Decimal")) == total
        rows = [row for row in flow["lines"] if row["section"] == part]
        assert {row["key"]: row["amountDecimal"] for row in rows}.items() <= {
            name.removesuffix("Decimal"): value for name, value in shown.items() if name.endswith("Decimal")
        }.items()
        assert sum(Decimal(row["amountDecimal"]) for row in rows) == total


async def test_columns_beside_the_period_have_its_lines(studio: tuple[Api, str]) -> None:
    api, entity_id = studio
    year = datetime.now(UTC).year - 1
    answer = await report(api, entity_id, year=year, comparison="months")
    assert len(answer["comparison"]) == 12
    first = answer["incomeStatement"]["hierarchical"]
    names = [
        leaf["id"] for section in ("revenue", "expenses") for group in first[section] for leaf in group["children"]
    ]
    total = Decimal(0)
    for number, column in enumerate(answer["comparison"], start=1):
        assert column["reportPeriod"]["startDate"] == f"{year}-{number:02}-01"
        tree = column["incomeStatement"]["hierarchical"]
        total += Decimal(tree["totals"]["netIncomeDecimal"])
        leaves = [leaf["id"] for part in ("revenue", "expenses") for group in tree[part] for leaf in group["children"]]
        assert leaves == names
    assert total == Decimal(first["totals"]["netIncomeDecimal"])
    last = answer["comparison"][-1]["balanceSheet"]["hierarchical"]["totals"]
    assert last == answer["balanceSheet"]["hierarchical"]["totals"]
    earlier = await report(api, entity_id, year=year, comparison="previous_year", type="INCOME")
    [column] = earlier["comparison"]
    assert column["balanceSheet"] is None
    alone = await report(api, entity_id, year=year - 1, type="INCOME")
    assert column["incomeStatement"]["netIncomeDecimal"] == alone["incomeStatement"]["netIncomeDecimal"]


async def test_earlier_years_earnings_stand_apart(studio: tuple[Api, str]) -> None:
    api, entity_id = studio
    year = datetime.now(UTC).year - 1
    answer = await report(api, entity_id, year=year)
    lines = {line["id"]: line["balanceDecimal"] for line in answer["balanceSheet"]["hierarchical"]["equity"]}
    assert lines["EQUITY-CURRENT_EARNINGS"] == answer["incomeStatement"]["netIncomeDecimal"]
    before = await report(api, entity_id, startDate="2000-01-01", endDate=f"{year - 1}-12-31", type="INCOME")
    assert lines["EQUITY-RETAINED_EARNINGS"] == before["incomeStatement"]["netIncomeDecimal"]


async def test_accounts_without_an_amount_are_shown_when_asked_for(studio: tuple[Api, str]) -> None:
    api, entity_id = studio
    answer = await report(api, entity_id, zeroRows=True)
    shown = {leaf["id"] for group in answer["accountHierarchy"] for leaf in group["children"]}
    chart = (await api.ok("GET", "/v1/categories", params={"entityId": entity_id}))["categories"]
    assert shown == {account["id"] for account in chart}


async def test_another_currency_is_a_report_of_its_own(studio: tuple[Api, str]) -> None:
    api, entity_id = studio
    answer = await report(api, entity_id, currency="JPY")
    assert answer["incomeStatement"]["netIncomeDecimal"] == "0"
    assert answer["quality"]["otherCurrencies"] == ["USD"]
    assert answer["reconciliation"]["plaidAccountsTotal"] == 0


async def test_entity_without_a_bank_has_empty_reports(api: Api) -> None:
    answer = await report(api, await api.create_entity(currency="EUR"))
    assert answer["balanceSheet"]["hierarchical"]["assets"] == []
    assert answer["quality"]["currency"] == "EUR"
    assert answer["accountHierarchy"] == []


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"month": 13}, "INVALID_PERIOD"),
        ({"month": 0}, "INVALID_PERIOD"),
        ({"month": -1, "year": 2026}, "INVALID_PERIOD"),
        ({"year": 99999}, "INVALID_PERIOD"),
        ({"year": 0}, "INVALID_PERIOD"),
        ({"month": "May"}, "INVALID_REQUEST"),
        ({"month": 1, "year": 10**30}, "INVALID_PERIOD"),
        ({"startDate": "2026-01-01"}, "INVALID_PERIOD"),
        ({"startDate": "2026-02-01", "endDate": "2026-01-01"}, "INVALID_PERIOD"),
        ({"startDate": "2026-02-30", "endDate": "2026-03-01"}, "INVALID_REQUEST"),
        ({"startDate": "yesterday", "endDate": "today"}, "INVALID_REQUEST"),
        ({"startDate": "2026-01-01", "endDate": "9999-12-31"}, "INVALID_PERIOD"),
        ({"basis": "tax"}, "UNKNOWN_BASIS"),
        ({"comparison": "budget"}, "UNKNOWN_COMPARISON"),
        ({"valuation": "market"}, "UNKNOWN_VALUATION"),
        ({"startDate": "2020-01-01", "endDate": "2026-01-01", "comparison": "months"}, "TOO_MANY_COLUMNS"),
        ({"zeroRows": "perhaps"}, "INVALID_REQUEST"),
        ({"type": "TAX"}, "UNKNOWN_REPORT_TYPE"),
        ({"type": ""}, "UNKNOWN_REPORT_TYPE"),
        ({"currency": "DOLLARS"}, "INVALID_REQUEST"),
    ],
)
async def test_bad_report_is_refused(studio: tuple[Api, str], params: dict[str, Any], code: str) -> None:
    api, entity_id = studio
    answer = await api.call("GET", "/v1/reports/generate", params={"entityId": entity_id, **params})
    assert (answer.status_code, answer.json()["code"]) == (400, code)


async def test_quality_says_how_fresh_the_banks_are_and_where_books_differ(api: Api, sandbox: RunningSandbox) -> None:
    entity_id = await api.create_entity()
    await api.link(sandbox, entity_id, username="user_good")
    await api.sync(entity_id)
    fresh = (await report(api, entity_id))["quality"]
    assert [feed["isStale"] for feed in fresh["feeds"]] == [False]
    assert (fresh["feedsStaleSince"], fresh["gaps"], fresh["heldCount"]) == (None, [], 0)
    assert fresh["reconciledThrough"] is not None
    with psycopg.connect(api.database.owner_dsn) as owner:
        owner.execute("UPDATE item SET provider_last_success_at = now() - interval '5 days'")
        owner.execute("UPDATE bank_account SET reported_current = reported_current + 1 WHERE name LIKE '%Checking%'")
    stale = (await report(api, entity_id))["quality"]
    assert [feed["isStale"] for feed in stale["feeds"]] == [True]
    assert stale["feedsStaleSince"] == stale["feeds"][0]["freshAt"] < fresh["feeds"][0]["freshAt"]
    assert [gap["difference"] for gap in stale["gaps"]] == ["1.00"]
    assert stale["reconciledThrough"] is None


async def test_foreign_money_is_at_closing_rates_unless_cost_is_asked_for(api: Api) -> None:
    """
    2026-03-05  EUR 100.00 are invoiced at 1.10 = 110.00. On 03-10, at 1.12, they are worth 112.00: 2.00 unrealised.
    On 06-30 the rate is too old, so they are at 110.00 and the answer says so.
    """
    books = await open_books(api)
    rates = [
        {"currency": "EUR", "date": "2026-03-01", "rate": "1.10"},
        {"currency": "EUR", "date": "2026-03-10", "rate": "1.12"},
    ]
    await books.ok("PUT", "/v1/exchange-rates", json={"rates": rates})
    lines = [
        {"accountId": books.categories["Accounts Receivable"], "debit": 100, "currency": "EUR"},
        {"accountId": books.categories["Sales"], "credit": 100, "currency": "EUR"},
    ]
    entry = {"date": "2026-03-05", "description": "Invoice 1", "lines": lines}
    await books.ok("POST", "/v1/journal-entries", json=entry)
    days = {"startDate": "2026-03-01", "endDate": "2026-03-10"}
    closing = await report(api, books.entity_id, **days)
    sheet = closing["balanceSheet"]
    assert (sheet["valuation"], sheet["totalAssetsDecimal"]) == ("closing", "112.00")
    assert (sheet["unrealisedExchangeDifferenceDecimal"], sheet["currenciesAtCost"]) == ("2.00", [])
    assert closing["incomeStatement"]["netIncomeDecimal"] == "110.00"
    shown = {line["name"]: (line["balanceDecimal"], line["postings"]) for line in sheet["hierarchical"]["equity"]}
    assert shown["Unrealised Exchange Difference"] == ("2.00", None)
    assert check_tree(sheet["hierarchical"]["equity"]) == Decimal("112.00")
    cost = (await report(api, books.entity_id, valuation="COST", **days))["balanceSheet"]
    assert (cost["valuation"], cost["totalAssetsDecimal"]) == ("cost", "110.00")
    assert cost["unrealisedExchangeDifference"] == 0
    late = await report(api, books.entity_id, startDate="2026-06-01", endDate="2026-06-30")
    assert late["balanceSheet"]["totalAssetsDecimal"] == "110.00"
    assert late["balanceSheet"]["currenciesAtCost"] == late["quality"]["currenciesAtCost"] == ["EUR"]
    linked = await api.http.get(closing["pdf_urls"]["balance_sheet"])
    [page] = pypdf.PdfReader(io.BytesIO(linked.content)).pages
    text = " ".join(page.extract_text().split())
    assert "Unrealised Exchange Difference 2.00" in text
    assert "exchange rates of the day" in text
