"""The published Python client, unmodified, drives the main job over real HTTP against the server as main wires it."""

import asyncio
import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import httpx
import pytest
from openledger import BadRequestError, NotFoundError, OpenLedgerClient
from openledger.core.api_error import ApiError
from openledger.transactions import PostV1TransactionsSearchRequestFilters

from openledger_server import main
from openledger_server.access.developers import create_developer
from openledger_server.access.types import NewDeveloper
from openledger_server.config import Settings, load_settings
from openledger_server.jobs.worker import new_worker_app
from openledger_server.processes.web_server import WebServer, bind
from tests.support.database import Database
from tests.support.sandbox import RunningSandbox, running_sandbox

Client = Any


@dataclass(frozen=True, slots=True)
class Server:
    """The API on a port of this machine, with a bank behind it and a worker when asked."""

    url: str
    settings: Settings
    database: Database
    developer: NewDeveloper
    http: httpx.Client

    def client(self, token: str) -> Client:
        return OpenLedgerClient(base_url=self.url, token=token, httpx_client=self.http)

    def run_jobs(self) -> None:
        """Do what is on the queue, as the worker does, until nothing is left."""
        asyncio.run(self._run_jobs())

    async def _run_jobs(self) -> None:
        async with main.open_services(self.settings, self.database.app_dsn) as services:
            app = new_worker_app(services)
            async with app.open_async(services.pool):
                await app.run_worker_async(wait=False, install_signal_handlers=False, listen_notify=False)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    with running_sandbox() as running:
        yield running


@pytest.fixture(scope="module")
def server(
    shared_database: Database, sandbox: RunningSandbox, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    settings = load_settings(data_dir=Path(tmp_path_factory.mktemp("data")), sandbox=True, plaid_url=sandbox.base_url)
    bound = bind("127.0.0.1", 0)
    entity = main.DemoEntity(None)
    web_server = WebServer(lambda: main.open_application(settings, shared_database.app_dsn, entity), bound)
    url = f"http://127.0.0.1:{bound.getsockname()[1]}"
    web_server.start()
    developer = create_developer(shared_database.owner_dsn, name="Acme")
    try:
        with httpx.Client(timeout=60, trust_env=False) as http:
            yield Server(url, settings, shared_database, developer, http)
    finally:
        web_server.stop()


@pytest.fixture(scope="module")
def client(server: Server) -> Client:
    """A client that signed in as the developer."""
    answer = server.client("none yet").developers.generate_developer_authentication_token(
        developer_id=server.developer.developer_id, api_key=server.developer.api_key
    )
    assert (answer.token_type, answer.expires_in) == ("Bearer", 3600)
    return server.client(answer.access_token)


@pytest.fixture(scope="module")
def entity_id(client: Client, server: Server) -> str:
    """An entity whose bank was linked with Link's own steps, through the API's address, and imported by the worker."""
    made = client.entities.create_a_new_entity(
        developer_id=server.developer.developer_id, external_id="studio", legal_name="Lantern", entity_type="LLC"
    )
    entity_id = made.entity.id
    link = client.banks.create_a_bank_link(entity_id=entity_id)
    public_token = link_headlessly(link.link_token, link.model_extra["link_script_url"])
    linked = client.banks.add_bank_accounts(entity_id=entity_id, public_token=public_token)
    assert {account.account_type for account in linked.created_accounts} == {"depository", "credit"}
    server.run_jobs()
    return str(entity_id)


def link_headlessly(link_token: str, script_url: str) -> str:
    """Go through the dialog's steps at the address where its script is, and return the public token."""
    session = urljoin(script_url, "session/")

    def step(name: str, **body: object) -> Any:
        answer = httpx.post(f"{session}{name}", json=body, timeout=30)
        answer.raise_for_status()
        return answer.json()

    link_session_id = step("start", link_token=link_token)["link_session_id"]
    seen = step(
        "login",
        link_session_id=link_session_id,
        institution_id="ins_109508",
        username="user_studio",
        password="pass_good",
    )
    chosen = [account["id"] for account in seen["accounts"]]
    return str(step("finish", link_session_id=link_session_id, account_ids=chosen)["public_token"])


def every_transaction(client: Client, entity_id: str) -> list[Any]:
    rows: list[Any] = []
    cursor = None
    while True:
        page = client.transactions.get_transactions_by_entity(entity_id=entity_id, cursor=cursor, page_size=100)
        rows += page.transactions
        if not page.has_more:
            return rows
        cursor = page.next_cursor


def test_import_is_complete(client: Client, server: Server, entity_id: str) -> None:
    token = server_token(server, entity_id, client)
    headers = {"Authorization": f"Bearer {token}"}
    status = httpx.get(f"{server.url}/v1/banks/sync-status", params={"entityId": entity_id}, headers=headers).json()
    assert status["allSynced"] is True
    rows = every_transaction(client, entity_id)
    assert len(rows) == len({row.id for row in rows}) == status["transactionProgress"]["total"] >= 1500


def server_token(server: Server, entity_id: str, client: Client) -> str:
    answer = client.entities.generate_authentication_token(
        entity_id=entity_id, api_key=server.developer.api_key, developer_id=server.developer.developer_id
    )
    return str(answer.access_token)


def test_transactions_decode(client: Client, entity_id: str) -> None:
    for row in every_transaction(client, entity_id)[:300]:
        assert row.status in {"PENDING", "POSTED"}
        assert {row.debit_account.id, row.credit_account.id} == {row.debit_account_id, row.credit_account_id}
        assert row.amount >= 0
        assert row.timestamp.date() == row.date.date()
        assert row.plaid_account.mask


def test_category_is_chosen_and_approved(client: Client, entity_id: str) -> None:
    categories = client.categories.get_categories(entity_id=entity_id).categories
    meals = next(category for category in categories if category.name == "Meals")
    rows = [row for row in every_transaction(client, entity_id) if row.model_extra["needsReview"]]
    settled = [row for row in rows if not row.model_extra["isPending"]]
    answer = client.transactions.categorize_a_transaction(
        entity_id=entity_id, transaction_id=settled[0].id, category_id=meals.id
    )
    assert answer.transaction.metadata.category_name == "Meals"
    for request in (settled[1].id, [settled[2].id]):
        approved = client.transactions.approve_one_or_multiple_transactions(entity_id=entity_id, request=request)
        assert (approved.success, approved.total_processed) == (True, 1)


def test_category_is_added(client: Client, entity_id: str) -> None:
    made = client.categories.create_a_new_category(entity_id=entity_id, name="Props", type="EXPENSE", sub_type_code=5)
    assert (made.category.name, made.category.type, made.category.entity_id) == ("Props", "EXPENSE", entity_id)


def test_reports_decode_and_balance(client: Client, entity_id: str) -> None:
    report = client.reports.generate_financial_reports(entity_id=entity_id)
    totals = report.balance_sheet.hierarchical.totals
    assert totals.total_assets == totals.liabilities_and_equity
    income = report.income_statement
    assert round(income.revenue - income.expenses, 2) == income.net_income
    assert report.reconciliation.difference == 0
    assert report.report_period.end_date >= report.report_period.start_date


def test_cash_flow_decodes_and_adds_up(client: Client, entity_id: str) -> None:
    flow = client.reports.generate_financial_reports(entity_id=entity_id, type="CASHFLOW").cash_flow_statement
    parts = flow.hierarchical
    operating = parts.operating_activities
    known = [value for value in operating.adjustments.dict().values() if isinstance(value, float)]
    assert round(operating.net_income + sum(known), 2) == round(flow.net_cash_from_operating_activities, 2)
    totals = parts.totals
    assert totals.net_change_in_cash == flow.net_change_in_cash
    sections = (
        totals.total_operating_activities,
        totals.total_investing_activities,
        totals.total_financing_activities,
    )
    assert round(sum(sections), 2) == flow.net_change_in_cash


def test_general_ledger_and_overview_decode(client: Client, entity_id: str) -> None:
    year = datetime.now(UTC).year - 1
    ledger = client.reports.get_general_ledger_report(entity_id=entity_id, month=3, year=year)
    checking = next(account for account in ledger.accounts if account.type == "ASSET")
    assert float(checking.balance.debits_posted) > 0
    assert ledger.entries[0]["postings"]
    assert ledger.hierarchy.expenses
    overview = client.reports.get_financial_overview(
        entity_id=entity_id,
        start_date=datetime(year, 1, 1, tzinfo=UTC),
        end_date=datetime(year, 12, 31, tzinfo=UTC),
        interval="weekly",
        status_filter="all",
    )
    assert round(overview.total_revenue - overview.total_expenses, 2) == overview.total_profit
    assert [month for month, _ in overview.monthly_revenue] == [f"{year}-{month:02}" for month in range(1, 13)]
    assert overview.chart_data[0].date == f"Jan 1, {year}"
    assert overview.chart_data[0].revenue is not None
    assert overview.filter_info.date_range.start_date.year == year
    assert {account.mask for account in overview.plaid_accounts} == {"4402", "4410", "7731"}


def test_entity_is_read_changed_and_deleted(client: Client, server: Server) -> None:
    made = client.entities.create_a_new_entity(developer_id=server.developer.developer_id, legal_name="Short-lived")
    entity_id = made.entity.id
    assert client.entities.get_entity_details(entity_id=entity_id).entity.name == "Short-lived"
    assert client.entities.update_an_entity(entity_id=entity_id, us_state="OR").us_state == "OR"
    assert client.entities.delete_an_entity(entity_id=entity_id).message
    with pytest.raises(NotFoundError) as caught:
        client.entities.get_entity_details(entity_id=entity_id)
    assert caught.value.body["error"] == "There is no such entity."
    assert caught.value.body["code"] == "ENTITY_NOT_FOUND"


def test_failures_arrive_typed(client: Client, server: Server, entity_id: str) -> None:
    with pytest.raises(BadRequestError) as caught:
        client.banks.add_bank_accounts(entity_id=entity_id, public_token="public-sandbox-unknown")
    assert caught.value.body["code"] == "INVALID_PUBLIC_TOKEN"
    with pytest.raises(ApiError) as refused:
        server.client("nonsense").categories.get_categories(entity_id=entity_id)
    assert refused.value.status_code == 401


def test_newest_client_gets_the_array(client: Client, entity_id: str) -> None:
    """4.20.5 is not on the registry; what distinguishes it on the wire is its version header."""
    link = client.banks.create_a_bank_link(entity_id=entity_id)
    public_token = link_headlessly(link.link_token, link.model_extra["link_script_url"])
    answer = client._client_wrapper.httpx_client.request(
        "v1/banks/accounts",
        method="PUT",
        params={"entityId": entity_id, "public_token": public_token},
        headers={"X-Fern-SDK-Version": "4.20.5"},
    )
    assert [account["accountMask"] for account in answer.json()] == ["4402", "4410", "7731"]


def test_transaction_is_written_edited_and_taken_back(client: Client, entity_id: str) -> None:
    categories = {row.name: row.id for row in client.categories.get_categories(entity_id=entity_id).categories}
    written = {
        "entity_id": entity_id,
        "amount": 41.5,
        "debit_account_id": categories["Meals"],
        "credit_account_id": categories["Owner Contributions"],
        "date": dt.datetime(2026, 1, 31, 12, tzinfo=dt.UTC),
        "description": "Dinner",
        "metadata": {"receipt": "7"},
    }
    made = client.transactions.create_a_new_transaction(**written).transaction
    again = client.transactions.create_a_new_transaction(**written).transaction
    assert (made.id, made.amount, made.status) == (again.id, 41.5, "POSTED")
    assert made.debit_account_id == categories["Meals"]
    edited = client.transactions.edit_a_transaction(
        id=made.id, debit_account_id=categories["Travel"], description="Train"
    )
    assert (edited.id, edited.description, edited.model_extra["debitAccountId"]) == (
        made.id,
        "Train",
        categories["Travel"],
    )
    draft = client.transactions.create_a_new_transaction(**(written | {"status": "PENDING"})).transaction
    assert draft.status == "PENDING"
    assert client.transactions.approve_one_or_multiple_transactions(entity_id=entity_id, request=draft.id).success
    listed = {row.id: row for row in every_transaction(client, entity_id)}
    assert (listed[made.id].category, listed[draft.id].status) == ("Travel", "POSTED")
    assert listed[made.id].plaid_account is None
    for number in (made.id, draft.id):
        assert client.transactions.delete_a_transaction(entity_id=entity_id, transaction_id=number).message
    assert not {made.id, draft.id} & {row.id for row in every_transaction(client, entity_id)}
    with pytest.raises(NotFoundError) as caught:
        client.transactions.delete_a_transaction(entity_id=entity_id, transaction_id="1")
    assert caught.value.body["code"] == "TRANSACTION_NOT_FOUND"
    with pytest.raises(BadRequestError):
        client.transactions.create_a_new_transaction(**(written | {"amount": 0}))


def test_bank_transaction_is_edited_and_left_out(client: Client, entity_id: str, server: Server) -> None:
    categories = {row.name: row.id for row in client.categories.get_categories(entity_id=entity_id).categories}
    rows = every_transaction(client, entity_id)
    row = next(row for row in rows if row.model_extra["direction"] == "out" and not row.model_extra["isPending"])
    edited = client.transactions.edit_a_transaction(id=row.id, debit_account_id=categories["Meals"])
    assert edited.model_extra["transaction"]["category"] == "Meals"
    assert client.transactions.delete_a_transaction(entity_id=entity_id, transaction_id=row.id).message
    headers = {"Authorization": f"Bearer {server_token(server, entity_id, client)}"}
    url = f"{server.url}/v1/transactions/{row.id}"
    params = {"entityId": entity_id}
    assert httpx.get(url, params=params, headers=headers).json()["excluded"]["reason"]
    assert httpx.delete(f"{url}/exclusion", params=params, headers=headers).json()["excluded"] is None


def test_transactions_are_seen_by_month_search_and_counterparty(client: Client, entity_id: str) -> None:
    months = client.transactions.get_transactions_by_month(entity_id=entity_id)
    assert len(months) >= 12
    assert all(month.plaid_account_breakdown[0].mask for month in months)
    found = client.transactions.search_transactions(
        entity_id=entity_id,
        query="a",
        filters=PostV1TransactionsSearchRequestFilters(
            date_from="2020-01-01", amount_min=1, amount_max=10_000, status="POSTED"
        ),
        page=1,
        limit=10,
    )
    assert (len(found.transactions), found.pagination.page, found.pagination.limit) == (10, 1, 10)
    assert found.pagination.total_pages == -(-found.pagination.total // 10)
    page = client.transactions.get_entity_counterparties(entity_id=entity_id, page_size=5)
    assert (page.success, len(page.counterparties), page.has_more) == (True, 5, True)
    following = client.transactions.get_entity_counterparties(entity_id=entity_id, page_size=5, cursor=page.next_cursor)
    assert following.counterparties[0].name > page.counterparties[-1].name
    one = page.counterparties[0]
    assert one.transaction_count >= len(one.transactions) >= 1
    assert one.first_seen <= one.last_seen


def test_integrations_decode(client: Client, entity_id: str) -> None:
    status = client.integrations.get_integration_status(entity_id=entity_id)
    assert status.count == len(status.connections) >= 1
    assert {one.type for one in status.connections} == {"plaid"}
