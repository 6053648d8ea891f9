"""What callers get wrong: every failure has one shape, the right status, and says nothing secret."""

from datetime import timedelta
from typing import Any

import pytest

from openledger_server.access import tokens
from openledger_server.access.tokens import TokenKeys
from openledger_server.base.db import Pool
from openledger_server.workflows.services import Services
from tests.support.api import TOKEN_KEYS, Api, open_api
from tests.support.database import Database
from tests.support.services import wired_services

KEYS = TokenKeys(TOKEN_KEYS, "k1")
ENTITY_ROUTES: list[tuple[str, str, Any]] = [
    ("GET", "/v1/banks/create-link", None),
    ("PUT", "/v1/banks/accounts", {"public_token": "public-sandbox-x"}),
    ("GET", "/v1/banks/accounts", None),
    ("POST", "/v1/banks/sync", {}),
    ("GET", "/v1/banks/sync-status", None),
    ("GET", "/v1/categories", None),
    ("POST", "/v1/categories", {"name": "x", "type": "EXPENSE"}),
    ("GET", "/v1/entities", None),
    ("PUT", "/v1/entities", {"legalName": "x"}),
    ("DELETE", "/v1/entities", None),
    ("GET", "/v1/reports/generate", None),
    ("GET", "/v1/transactions", None),
    ("POST", "/v1/transactions/categorize", {"transactionId": "1", "categoryId": "1"}),
    ("PUT", "/v1/transactions/approve", ["1"]),
    ("GET", "/v1/rules", None),
    ("POST", "/v1/rules", {"name": "x", "condition": {}, "action": {}}),
    ("PUT", "/v1/rules/order", {"ruleIds": []}),
    ("POST", "/v1/rules/preview", {"condition": {}, "action": {}}),
    ("GET", "/v1/rules/1", None),
    ("PUT", "/v1/rules/1", {"name": "x", "condition": {}, "action": {}}),
    ("POST", "/v1/rules/1/apply", None),
    ("DELETE", "/v1/rules/1", None),
    ("POST", "/v1/categorization/recategorize", {}),
    ("POST", "/v1/categorization/recategorize/preview", {}),
    ("GET", "/v1/categorization/runs", None),
    ("GET", "/v1/categorization/runs/1", None),
    ("POST", "/v1/categorization/runs/1/undo", None),
    ("GET", "/v1/rules/suggestions", None),
    ("GET", "/v1/transfers/candidates", None),
    ("POST", "/v1/transfers/confirm", {"outTransactionId": "1", "inTransactionId": "2"}),
    ("POST", "/v1/transfers/reject", {"outTransactionId": "1", "inTransactionId": "2"}),
    ("GET", "/v1/review", None),
    ("POST", "/v1/transactions/bulk-categorize", {"decisions": [{"transactionId": "1"}]}),
    ("GET", "/v1/categorization/settings", None),
    ("PUT", "/v1/categorization/settings", {}),
    ("GET", "/v1/categorization/mapping", None),
    ("PUT", "/v1/categorization/mapping", {"mapping": []}),
    ("GET", "/v1/categorization/statistics", None),
]
LISTS_WITHOUT = {("GET", "/v1/entities")}


def check_body(answer: Any, status: int, code: str) -> None:
    body = answer.json()
    assert (answer.status_code, body["code"]) == (status, code)
    assert body.keys() == {"error", "code", "message", "request_id"}
    assert body["error"] == body["message"]
    assert body["error"].endswith(".")
    assert body["request_id"] == answer.headers["x-request-id"]


@pytest.mark.parametrize(("method", "path", "body"), ENTITY_ROUTES)
@pytest.mark.parametrize("entity_id", ["1", "ent_123", "0", "-1", "9" * 30, "1 OR 1=1", "foreign"])
async def test_unknown_and_foreign_entities_are_not_found(
    studio: tuple[Api, str], foreign_entity: str, method: str, path: str, body: Any, entity_id: str
) -> None:
    api, _ = studio
    named = foreign_entity if entity_id == "foreign" else entity_id
    places: list[dict[str, Any]] = [{"params": {"entityId": named}}, {"headers": {"X-entity-ID": named}}]
    for place in places:
        answer = await api.call(method, path, json=body, **place)
        check_body(answer, 404, "ENTITY_NOT_FOUND")
        assert answer.json()["error"] == "There is no such entity."


@pytest.fixture(scope="module")
async def foreign_entity(studio: tuple[Api, str]) -> str:
    other = await studio[0].other_developer()
    return await other.create_entity("Foreign")


@pytest.mark.parametrize(("method", "path", "body"), ENTITY_ROUTES)
async def test_entity_token_opens_no_sibling(studio: tuple[Api, str], method: str, path: str, body: Any) -> None:
    api, entity_id = studio
    token = await api.entity_token(await api.create_entity("Sibling"))
    answer = await api.call(method, path, json=body, params={"entityId": entity_id}, token=token)
    if (method, path) == ("DELETE", "/v1/entities"):
        check_body(answer, 403, "DEVELOPER_TOKEN_REQUIRED")
    else:
        check_body(answer, 404, "ENTITY_NOT_FOUND")


@pytest.mark.parametrize(("method", "path", "body"), ENTITY_ROUTES)
async def test_developer_has_to_say_which_entity(studio: tuple[Api, str], method: str, path: str, body: Any) -> None:
    api, _ = studio
    if (method, path) in LISTS_WITHOUT:
        return
    check_body(await api.call(method, path, json=body), 400, "ENTITY_REQUIRED")
    check_body(await api.call(method, path, json=body, params={"entityId": ""}), 400, "ENTITY_REQUIRED")


@pytest.mark.parametrize(("method", "path", "body"), ENTITY_ROUTES)
async def test_nobody_gets_in_without_a_good_token(studio: tuple[Api, str], method: str, path: str, body: Any) -> None:
    api, entity_id = studio
    now = api.services.now()
    old = tokens.developer_token(KEYS, developer_id=int(api.developer.developer_id), now=now - timedelta(seconds=3601))
    forged_keys = TokenKeys({"k1": b"x" * 32}, "k1")
    forged = tokens.developer_token(forged_keys, developer_id=int(api.developer.developer_id), now=now)
    given = {"params": {"entityId": entity_id}, "json": body}
    for headers, code in [
        ({}, "NOT_AUTHENTICATED"),
        ({"Authorization": ""}, "NOT_AUTHENTICATED"),
        ({"Authorization": "Bearer"}, "NOT_AUTHENTICATED"),
        ({"Authorization": "Bearer "}, "NOT_AUTHENTICATED"),
        ({"Authorization": "Bearer nonsense"}, "NOT_AUTHENTICATED"),
        ({"Authorization": f"Basic {api.token}"}, "NOT_AUTHENTICATED"),
        ({"Authorization": f"Bearer {forged}"}, "NOT_AUTHENTICATED"),
        ({"Authorization": f"Bearer {api.developer.api_key}"}, "NOT_AUTHENTICATED"),
        ({"Authorization": f"Bearer {old}"}, "TOKEN_EXPIRED"),
    ]:
        answer = await api.http.request(method, path, headers=headers, **given)
        check_body(answer, 401, code)
        assert answer.headers["www-authenticate"] == "Bearer"


async def test_two_names_for_the_entity_have_to_agree(studio: tuple[Api, str]) -> None:
    api, entity_id = studio
    for given in (
        {"params": {"entityId": entity_id}, "headers": {"X-entity-ID": "1"}},
        {"params": [("entityId", entity_id), ("entityId", "1")]},
    ):
        check_body(await api.call("GET", "/v1/categories", **given), 400, "ENTITY_AMBIGUOUS")
    body = {"entityId": "1"}
    answer = await api.call("POST", "/v1/banks/sync", params={"entityId": entity_id}, json=body)
    check_body(answer, 400, "ENTITY_AMBIGUOUS")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"{", "INVALID_JSON"),
        (b"{'a': 1}", "INVALID_JSON"),
        (b"\xff\xfe", "INVALID_JSON"),
        (b"", "INVALID_REQUEST"),
        (b"[]", "INVALID_REQUEST"),
        (b"null", "INVALID_REQUEST"),
        (b'"text"', "INVALID_REQUEST"),
        (b"{}", "INVALID_REQUEST"),
        (b"[" * 100_000, "INVALID_JSON"),
        (b'{"a":' * 50_000, "INVALID_JSON"),
    ],
)
async def test_bad_json_is_said(studio: tuple[Api, str], content: bytes, code: str) -> None:
    api, _ = studio
    for path in ("/v1/auth/tokens", "/v1/transactions/categorize", "/v1/sandbox"):
        answer = await api.call(
            "POST", path, content=content, headers={"Content-Type": "application/json"}, params={"entityId": studio[1]}
        )
        check_body(answer, 400, code)


async def test_wrong_fields_are_named_and_values_are_not(studio: tuple[Api, str]) -> None:
    api, _ = studio
    body = {"userType": "hush-root", "id": 12345678, "apiKey": ["hush-key"]}
    answer = await api.http.post("/v1/auth/tokens", json=body)
    check_body(answer, 400, "INVALID_REQUEST")
    for field in ("userType", "id", "apiKey"):
        assert f"{field}: " in answer.json()["error"]
    for value in ("hush", "12345678"):
        assert value not in answer.text


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/v1/nothing", 404, "NOT_FOUND"),
        ("GET", "/v1/entities/", 404, "NOT_FOUND"),
        ("PATCH", "/v1/entities", 405, "METHOD_NOT_ALLOWED"),
        ("GET", "/v1/auth/tokens", 405, "METHOD_NOT_ALLOWED"),
        ("TRACE", "/v1/entities", 405, "METHOD_NOT_ALLOWED"),
    ],
)
async def test_wrong_addresses(studio: tuple[Api, str], method: str, path: str, status: int, code: str) -> None:
    check_body(await studio[0].call(method, path), status, code)


async def test_plaid_that_does_not_answer_is_said(pool: Pool, database: Database) -> None:
    async with wired_services(pool, "http://127.0.0.1:1") as services, open_api(services, database) as api:
        entity_id = await api.create_entity()
        for method, path, body in (
            ("GET", "/v1/banks/create-link", None),
            ("PUT", "/v1/banks/accounts", {"public_token": "public-sandbox-hush"}),
        ):
            answer = await api.call(method, path, params={"entityId": entity_id}, json=body)
            check_body(answer, 503, "BANK_FEED_FAILED")
            assert answer.headers["retry-after"] == "5"
            assert "hush" not in answer.text
        body = {"name": "Sample", "developer_id": api.developer.developer_id}
        check_body(await api.call("POST", "/v1/sandbox", json=body), 503, "BANK_FEED_FAILED")
        assert (api.count("item"), api.count("bank_account")) == (0, 0)
        await api.ok("GET", "/v1/transactions", params={"entityId": entity_id})


@pytest.mark.parametrize(
    ("fault", "status", "retry_after"),
    [
        ({"error_code": "INTERNAL_SERVER_ERROR"}, 503, "5"),
        ({"error_code": "RATE_LIMIT"}, 503, "60"),
        ({"error_code": "INVALID_API_KEYS"}, 502, None),
        ({"status": 502}, 503, "5"),
        ({"body": "<html>hush</html>"}, 503, "5"),
        ({"drop": "link_token"}, 503, "5"),
    ],
)
async def test_plaids_failures_become_ours(
    studio: tuple[Api, str], sandbox: Any, fault: dict[str, Any], status: int, retry_after: str | None
) -> None:
    api, entity_id = studio
    sandbox.control("POST", "/faults", path="/link/token/create", **fault)
    try:
        answer = await api.call("GET", "/v1/banks/create-link", params={"entityId": entity_id})
    finally:
        sandbox.control("DELETE", "/faults")
    check_body(answer, status, "BANK_FEED_FAILED")
    assert answer.headers.get("retry-after") == retry_after
    assert "hush" not in answer.text


async def test_clock_of_the_services_decides_what_is_expired(services: Services, database: Database) -> None:
    async with open_api(services, database) as api:
        await api.ok("GET", "/v1/entities")
        now = services.now() + timedelta(seconds=3599)
        object.__setattr__(api.app.state.context.services, "now", lambda: now)
        await api.ok("GET", "/v1/entities")
        object.__setattr__(api.app.state.context.services, "now", lambda: now + timedelta(seconds=2))
        check_body(await api.call("GET", "/v1/entities"), 401, "TOKEN_EXPIRED")
