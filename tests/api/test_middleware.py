"""What surrounds every request: ids, the log, headers, the bound on bodies, the last net."""

import logging
from collections.abc import AsyncIterator

import pytest

from openledger_server.workflows.services import Services
from tests.support.api import Api, open_api
from tests.support.database import Database

ORIGIN = "https://host.example"
MIB = 1024 * 1024


@pytest.mark.parametrize("given", ["abc", "req_1-2_3", "x" * 64])
async def test_good_request_id_is_kept(studio: tuple[Api, str], given: str) -> None:
    api, _ = studio
    answer = await api.http.get("/v1/entities", headers={"X-Request-Id": given})
    assert answer.headers["x-request-id"] == answer.json()["request_id"] == given


@pytest.mark.parametrize("given", ["", "x" * 65, "a b", "a\tb", "<script>", 'a"b', "é".encode().decode("latin-1")])
async def test_bad_request_id_is_replaced(studio: tuple[Api, str], given: str) -> None:
    api, _ = studio
    answer = await api.http.get("/v1/entities", headers={b"X-Request-Id": given.encode("latin-1")})
    made = answer.headers["x-request-id"]
    assert made.startswith("req_")
    assert len(made) == 20
    assert answer.json()["request_id"] == made


async def test_every_answer_has_an_id(studio: tuple[Api, str]) -> None:
    api, _ = studio
    for path in ("/health/live", "/nothing", "/docs", "/openapi.json", "/v1/entities"):
        assert (await api.http.get(path)).headers["x-request-id"].startswith("req_")


async def test_one_line_in_the_log_without_query_and_headers(
    studio: tuple[Api, str], caplog: pytest.LogCaptureFixture
) -> None:
    api, entity_id = studio
    with caplog.at_level(logging.INFO, logger="openledger_server.api.middleware"):
        await api.call("GET", "/v1/categories", params={"entityId": entity_id, "public_token": "hush"})
    (record,) = [each for each in caplog.records if getattr(each, "action", "") == "http.request"]
    line = record.__dict__
    assert (line["method"], line["path"], line["status"]) == ("GET", "/v1/categories", 200)
    assert (line["entity_id"], line["developer_id"]) == (entity_id, api.developer.developer_id)
    assert line["duration_ms"] >= 0
    assert "hush" not in str(line)
    assert api.token not in str(line)


async def test_big_body_is_refused(studio: tuple[Api, str]) -> None:
    api, _ = studio
    answer = await api.http.post("/v1/auth/tokens", content=b"x" * (10 * MIB))
    assert (answer.status_code, answer.json()["code"]) == (413, "TOO_LARGE")


async def test_big_chunked_body_is_refused(studio: tuple[Api, str]) -> None:
    api, _ = studio

    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(160):
            yield b"x" * 65536

    for path in ("/v1/auth/tokens", "/sandbox/link/v2/stable/session/start"):
        answer = await api.http.post(path, content=chunks(), headers={"Content-Type": "application/json"})
        assert (answer.status_code, answer.json()["code"]) == (413, "TOO_LARGE")


async def test_big_body_of_an_authenticated_put_is_refused(studio: tuple[Api, str]) -> None:
    api, entity_id = studio

    async def chunks() -> AsyncIterator[bytes]:
        yield b'["'
        for _ in range(17):
            yield b"x" * 65536
        yield b'"]'

    answer = await api.call("PUT", "/v1/transactions/approve", params={"entityId": entity_id}, content=chunks())
    assert (answer.status_code, answer.json()["code"]) == (413, "TOO_LARGE")


async def test_body_just_below_the_bound_is_read(studio: tuple[Api, str]) -> None:
    api, _ = studio
    answer = await api.http.post(
        "/v1/auth/tokens", content=b'"' + b"x" * (MIB - 2) + b'"', headers={"Content-Type": "application/json"}
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_REQUEST")


async def test_error_nobody_thought_of_says_nothing(api: Api, caplog: pytest.LogCaptureFixture) -> None:
    @api.app.get("/v1/broken")
    async def broken() -> None:
        raise RuntimeError("the access token is access-sandbox-hush")

    answer = await api.http.get("/v1/broken")
    assert (answer.status_code, answer.json()["code"]) == (500, "INTERNAL")
    assert "hush" not in answer.text
    (record,) = [each for each in caplog.records if getattr(each, "action", "") == "request.crashed"]
    line = record.__dict__
    assert line["error"] == "RuntimeError"
    assert line["request_id"] == answer.json()["request_id"]
    assert "test_middleware.py" in line["frames"][-1]
    assert "hush" not in str(line)


async def test_pages_of_other_origins_are_let_in_by_name(services: Services, database: Database) -> None:
    async with open_api(services, database, cors_origins=(ORIGIN,)) as api:
        asked = {
            "Access-Control-Request-Method": "PUT",
            "Access-Control-Request-Headers": "authorization,x-fern-language",
        }
        allowed = await api.http.options("/v1/banks/accounts", headers={"Origin": ORIGIN, **asked})
        assert allowed.headers["access-control-allow-origin"] == ORIGIN
        refused = await api.http.options("/v1/banks/accounts", headers={"Origin": "https://evil.example", **asked})
        assert "access-control-allow-origin" not in refused.headers
        answer = await api.call("GET", "/v1/entities", token="wrong", headers={"Origin": ORIGIN})
        assert answer.status_code == 401
        assert answer.headers["access-control-allow-origin"] == ORIGIN
        assert "X-Request-Id" in answer.headers["access-control-expose-headers"]

        @api.app.get("/v1/broken")
        async def broken() -> None:
            raise RuntimeError

        crashed = await api.http.get("/v1/broken", headers={"Origin": ORIGIN})
        assert (crashed.status_code, crashed.headers["access-control-allow-origin"]) == (500, ORIGIN)


async def test_without_origins_nobody_elses_page_is_let_in(studio: tuple[Api, str]) -> None:
    api, _ = studio
    answer = await api.http.get("/health/live", headers={"Origin": ORIGIN})
    assert "access-control-allow-origin" not in answer.headers


async def test_https_is_kept_to_where_browsers_use_it(services: Services, database: Database) -> None:
    async with open_api(services, database, public_url="https://books.example") as api:
        assert "max-age" in (await api.http.get("/health/live")).headers["strict-transport-security"]
    async with open_api(services, database, public_url="http://localhost:8080") as api:
        assert "strict-transport-security" not in (await api.http.get("/health/live")).headers


async def test_answers_with_data_are_not_kept_by_anybody(studio: tuple[Api, str]) -> None:
    api, entity_id = studio
    answer = await api.call("GET", "/v1/transactions", params={"entityId": entity_id})
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
