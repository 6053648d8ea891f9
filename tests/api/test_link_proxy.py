"""The sandbox's Link on the API's own origin."""

import httpx
import pytest

from openledger_server.workflows.services import Services
from tests.support.api import Api, open_api
from tests.support.database import Database

BASE = "/sandbox/link/v2/stable"


@pytest.mark.parametrize("name", ["link-initialize.js", "flow", "flow.js", "flow.css"])
async def test_files_come_from_the_sandbox(studio: tuple[Api, str], name: str) -> None:
    api, _ = studio
    answer = await api.http.get(f"{BASE}/{name}")
    assert answer.status_code == 200
    assert answer.content
    assert answer.headers["x-content-type-options"] == "nosniff"
    if name == "flow":
        assert "default-src 'none'" in answer.headers["content-security-policy"]


async def test_a_session_goes_through(studio: tuple[Api, str]) -> None:
    api, _ = studio
    link = await api.ok("GET", "/v1/banks/create-link", params={"entityId": await api.create_entity()})
    started = await api.http.post(f"{BASE}/session/start", json={"link_token": link["link_token"]})
    assert started.json()["institutions"]
    wrong = await api.http.post(f"{BASE}/session/start", json={"link_token": "nonsense"})
    assert (wrong.status_code, wrong.json()["error_code"]) == (400, "INVALID_LINK_TOKEN")


@pytest.mark.parametrize(
    "path",
    [
        "/sandbox/link/",
        "/sandbox/link/v2/stable/",
        "/sandbox/link/v2/stable/../../../_control/items",
        "/sandbox/link/v2/stable/%2e%2e/%2e%2e/%2e%2e/_control/items",
        "/sandbox/link/v2/stable/session/../../../../_control/items",
        "/sandbox/link/v2/stable/flow.html",
        "/sandbox/link/..%2f_control/items",
        "/sandbox/_control/items",
        "/sandbox/link//_control/items",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_nothing_else_of_the_sandbox_is_reachable(studio: tuple[Api, str], method: str, path: str) -> None:
    api, _ = studio
    request = api.http.build_request(method, "/")
    request.url = request.url.copy_with(raw_path=path.encode())
    answer = await api.http.send(request)
    assert answer.status_code in {404, 405}
    assert answer.json()["code"] in {"NOT_FOUND", "METHOD_NOT_ALLOWED"}


async def test_our_tokens_are_not_sent_on(services: Services, database: Database) -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={}, headers={"Set-Cookie": "a=b", "Server": "x", "X-Other": "y"})

    async with open_api(services, database, link_proxy_url="http://sandbox.test") as api:
        proxy = api.app.state.context.link_proxy
        proxy._transport = httpx.MockTransport(answer)
        passed = await api.call("POST", f"{BASE}/session/start", json={}, headers={"Cookie": "secret=1"})
    assert passed.status_code == 200
    assert {"set-cookie", "server", "x-other"} & set(passed.headers) == set()
    assert {"authorization", "cookie"} & set(seen[0].headers) == set()
    assert seen[0].url == "http://sandbox.test/link/v2/stable/session/start"


async def test_without_a_sandbox_there_is_no_such_address(services: Services, database: Database) -> None:
    async with open_api(services, database) as api:
        answer = await api.http.get(f"{BASE}/link-initialize.js")
        assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")
        link = await api.ok("GET", "/v1/banks/create-link", params={"entityId": await api.create_entity()})
        assert link["link_script_url"] is None


async def test_public_url_is_where_the_script_is(services: Services, database: Database) -> None:
    settings = {"link_proxy_url": "http://sandbox.test", "public_url": "https://books.example"}
    async with open_api(services, database, **settings) as api:
        link = await api.ok("GET", "/v1/banks/create-link", params={"entityId": await api.create_entity()})
        assert link["link_script_url"] == "https://books.example/sandbox/link/v2/stable/link-initialize.js"


async def test_sandbox_that_does_not_answer_is_said(services: Services, database: Database) -> None:
    async with open_api(services, database, link_proxy_url="http://127.0.0.1:1") as api:
        answer = await api.http.get(f"{BASE}/flow")
        assert (answer.status_code, answer.json()["code"]) == (503, "SANDBOX_UNREACHABLE")
        assert answer.headers["retry-after"] == "5"
