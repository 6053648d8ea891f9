"""The web app beside the API."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from openledger_server.workflows.services import Services
from tests.support.api import Api, open_api
from tests.support.database import Database


@pytest.fixture
def web_dir(tmp_path: Path) -> Path:
    directory = tmp_path / "web"
    (directory / "assets").mkdir(parents=True)
    (directory / "index.html").write_text("<!doctype html><title>App</title>")
    (directory / "assets" / "index-1a2b.js").write_text("export {}")
    (directory / "favicon.svg").write_text("<svg/>")
    (tmp_path / "secret.txt").write_text("secret")
    (directory / "link.txt").symlink_to(tmp_path / "secret.txt")
    return directory


@pytest.fixture
async def web(services: Services, database: Database, web_dir: Path) -> AsyncIterator[Api]:
    async with open_api(services, database, web_dir=web_dir, link_proxy_url="http://sandbox.test") as opened:
        yield opened


@pytest.mark.parametrize("path", ["/", "/transactions", "/accounts/123", "/index.html", "/?tab=1"])
async def test_views_get_the_first_page(web: Api, path: str) -> None:
    answer = await web.http.get(path)
    assert (answer.status_code, answer.text) == (200, "<!doctype html><title>App</title>")
    assert answer.headers["cache-control"] == "no-cache"
    policy = answer.headers["content-security-policy"]
    assert "script-src 'self';" in policy
    assert "http" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_hashed_files_are_kept_forever(web: Api) -> None:
    answer = await web.http.get("/assets/index-1a2b.js")
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-type"].startswith("text/javascript")
    assert (await web.http.get("/favicon.svg")).headers["cache-control"] == "no-cache"


async def test_head_has_no_body(web: Api) -> None:
    answer = await web.http.head("/")
    assert (answer.status_code, answer.content) == (200, b"")


@pytest.mark.parametrize(
    "path",
    [
        "/assets/missing.js",
        "/missing.css",
        "/link.txt",
        "/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "/assets/..%2f..%2fsecret.txt",
        "/%00.txt",
        "/" + "x" * 5000 + ".js",
    ],
)
async def test_nothing_outside_is_served(web: Api, path: str) -> None:
    request = web.http.build_request("GET", "/")
    request.url = request.url.copy_with(raw_path=path.encode())
    answer = await web.http.send(request)
    assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")


@pytest.mark.parametrize("path", ["/v1/nothing", "/v1", "/health/nothing", "/sandbox/x", "/demo/x", "/docs/x"])
async def test_unknown_addresses_of_the_api_stay_json(web: Api, path: str) -> None:
    answer = await web.http.get(path)
    assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")


async def test_wrong_methods_are_said(web: Api) -> None:
    for method, path in [("PATCH", "/v1/transactions"), ("POST", "/transactions"), ("GET", "/v1/banks/sync")]:
        answer = await web.http.request(method, path)
        assert (answer.status_code, answer.json()["code"]) == (405, "METHOD_NOT_ALLOWED")
        assert answer.headers["allow"]


async def test_api_still_answers(web: Api) -> None:
    assert (await web.http.get("/health/live")).json() == {"status": "live"}


async def test_real_link_is_allowed_with_real_banks_only(services: Services, database: Database, web_dir: Path) -> None:
    async with open_api(services, database, web_dir=web_dir) as api:
        policy = (await api.http.get("/")).headers["content-security-policy"]
    assert "script-src 'self' https://cdn.plaid.com;" in policy
    assert "frame-src 'self' https://cdn.plaid.com;" in policy


async def test_without_a_web_app_there_is_no_page(api: Api) -> None:
    answer: httpx.Response = await api.http.get("/")
    assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")
