"""Every answer has exactly the keys written down in shapes.json, which hosts and components rely on.

After a wanted change: OPENLEDGER_REWRITE_SHAPES=1, run this module, look at the difference.
"""

import os
from pathlib import Path
from typing import Any

import pytest

from tests.support.api import Api
from tests.support.sandbox import RunningSandbox
from tests.support.shapes import check_shape

FILE = Path(__file__).with_name("shapes.json")
REWRITE = bool(os.environ.get("OPENLEDGER_REWRITE_SHAPES"))

READS = [
    "/v1/banks/create-link",
    "/v1/banks/accounts",
    "/v1/banks/sync-status",
    "/v1/categories",
    "/v1/exchange-rates",
    "/v1/periods",
    "/v1/ledger/verification",
    "/v1/reports/currency-position",
    "/v1/entities",
    "/v1/reports/account-transactions",
    "/v1/reports/cash-position",
    "/v1/reports/general-ledger",
    "/v1/reports/generate",
    "/v1/reports/overview",
    "/v1/reports/spending",
    "/v1/reports/trial-balance",
    "/v1/transactions",
    "/v1/transactions/by-month",
    "/v1/transactions/counterparties",
    "/v1/journal-entries",
    "/v1/chart/templates",
    "/v1/integrations/status",
    "/v1/review",
    "/v1/categorization/settings",
    "/v1/categorization/mapping",
    "/v1/categorization/statistics",
]


def check(name: str, answer: Any) -> None:
    check_shape(FILE, name, answer, rewrite=REWRITE)


@pytest.mark.parametrize("path", READS)
async def test_reads(studio: tuple[Api, str], path: str) -> None:
    api, entity_id = studio
    check(f"GET {path}", await api.ok("GET", path, params={"entityId": entity_id}))


async def test_lists_of_entities(studio: tuple[Api, str]) -> None:
    api, _ = studio
    check("GET /v1/entities (list)", await api.ok("GET", "/v1/entities"))
    check("GET /v1/entities/developer-entities", await api.ok("GET", "/v1/entities/developer-entities"))


async def test_tokens(studio: tuple[Api, str]) -> None:
    api, entity_id = studio
    body = {"id": entity_id, "apiKey": api.developer.api_key, "userType": "entity"}
    check("POST /v1/auth/tokens", await api.ok("POST", "/v1/auth/tokens", json=body))


async def test_writes(api: Api, sandbox: RunningSandbox) -> None:
    made = await api.ok("POST", "/v1/entities", json={"legalName": "Studio"})
    check("POST /v1/entities", made)
    params = {"entityId": made["entity"]["id"]}
    check("PUT /v1/entities", await api.ok("PUT", "/v1/entities", params=params, json={"usState": "OR"}))
    check("PUT /v1/banks/accounts", await api.link(sandbox, params["entityId"], username="user_good"))
    check("POST /v1/banks/sync", await api.ok("POST", "/v1/banks/sync", json=params))
    await api.sync(params["entityId"])
    body = {"name": "Props", "type": "EXPENSE"}
    category = await api.ok("POST", "/v1/categories", params=params, json=body)
    check("POST /v1/categories", category)
    row = (await api.ok("GET", "/v1/transactions", params=params))["transactions"][0]
    chosen = {"transactionId": row["id"], "categoryId": category["category"]["id"]}
    answer = await api.ok("POST", "/v1/transactions/categorize", params=params, json=chosen)
    check("POST /v1/transactions/categorize", answer)
    check(
        "PUT /v1/transactions/approve", await api.ok("PUT", "/v1/transactions/approve", params=params, json=row["id"])
    )
    of_all = {"categoryId": category["category"]["id"]}
    rule = {
        "name": "Props",
        "condition": {"field": "text", "operator": "contains", "value": "a"},
        "action": {"split": [{**of_all, "shareBasisPoints": 2500}, {**of_all, "rest": True}]},
    }
    check("POST /v1/rules/preview", await api.ok("POST", "/v1/rules/preview", params=params, json=rule))
    made = await api.ok("POST", "/v1/rules", params=params, json=rule)
    check("POST /v1/rules", made)
    path = f"/v1/rules/{made['rule']['id']}/apply"
    check("POST /v1/rules/{rule_id}/apply", await api.ok("POST", path, params=params))
    check("GET /v1/categorization/runs", await api.ok("GET", "/v1/categorization/runs", params=params))
    bulk = {"decisions": [{"transactionId": row["id"]}, {"transactionId": "1"}]}
    path = "/v1/transactions/bulk-categorize"
    check(f"POST {path}", await api.ok("POST", path, params=params, json=bulk))
    await written_shapes(api, params, chosen["categoryId"])
    check("DELETE /v1/entities", await api.ok("DELETE", "/v1/entities", params=params))


async def written_shapes(api: Api, params: dict[str, str], category_id: str) -> None:
    entry = {"amount": 1, "debitAccountId": category_id, "creditAccountId": category_id}
    made = await api.ok("POST", "/v1/transactions", params=params, json=entry)
    check("POST /v1/transactions", made)
    edit = {"id": made["transaction"]["id"], "description": "Edited"}
    check("POST /v1/transactions/edit", await api.ok("POST", "/v1/transactions/edit", json=edit))
    check("POST /v1/transactions/search", await api.ok("POST", "/v1/transactions/search", params=params, json={}))
    lines = [{"accountId": category_id, "debit": 2}, {"accountId": category_id, "credit": 2}]
    written = await api.ok("POST", "/v1/journal-entries", params=params, json={"lines": lines})
    check("POST /v1/journal-entries", written)
    recurring = {"lines": lines, "schedule": {"frequency": "monthly", "startsOn": "2026-01-31"}}
    check("POST /v1/recurring-entries", await api.ok("POST", "/v1/recurring-entries", params=params, json=recurring))
    path = f"/v1/transactions/{written['transactionId']}/attachments"
    attached = await api.ok("POST", path, params=params, json={"name": "receipt.pdf"})
    check("POST /v1/transactions/{transaction_id}/attachments", attached)


async def test_sandbox_and_failure(api: Api) -> None:
    body = {"name": "Sample", "developer_id": api.developer.developer_id}
    check("POST /v1/sandbox", await api.ok("POST", "/v1/sandbox", json=body))
    check("any failure", (await api.call("GET", "/v1/categories")).json())
