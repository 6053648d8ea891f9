"""The demo's session: for its own page on this machine, and for nobody else."""

import httpx
import pytest

from openledger_server.workflows.services import Services
from tests.support.api import Api, open_api
from tests.support.database import Database

OWN = {"Host": "localhost:8080"}


async def test_session_of_the_demos_entity(services: Services, database: Database) -> None:
    entity: list[int] = []
    async with open_api(services, database, demo_entity_id=lambda: entity[0] if entity else None) as api:
        assert (await api.http.get("/demo/session", headers=OWN)).status_code == 404
        entity.append(int(await api.create_entity("Lantern")))
        answer = await api.http.get("/demo/session", headers=OWN)
        assert answer.status_code == 200
        session = answer.json()
        assert session.keys() == {
            *("entity_id", "entity_name", "developer_id", "access_token", "token_type", "expires_in")
        }
        assert (session["entity_id"], session["entity_name"]) == (str(entity[0]), "Lantern")
        assert answer.headers["cache-control"] == "no-store"
        assert (await api.call("GET", "/v1/categories", token=session["access_token"])).status_code == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "127.0.0.1:8080"}, 200),
        ({"Host": "[::1]:8080"}, 200),
        ({**OWN, "Origin": "http://localhost:8080", "Sec-Fetch-Site": "same-origin"}, 200),
        ({"Host": "books.example"}, 403),
        ({"Host": "localhost.evil.example"}, 403),
        ({"Host": "localhost:8080@evil.example"}, 403),
        ({**OWN, "Origin": "http://evil.example"}, 403),
        ({**OWN, "Origin": "http://localhost:3000"}, 403),
        ({**OWN, "Origin": "null"}, 403),
        ({**OWN, "Sec-Fetch-Site": "cross-site"}, 403),
    ],
)
async def test_only_its_own_page_gets_it(
    services: Services, database: Database, headers: dict[str, str], status: int
) -> None:
    entity: list[int] = []
    async with open_api(services, database, demo_entity_id=lambda: entity[0], cors_origins=("*",)) as api:
        entity.append(int(await api.create_entity()))
        answer = await api.http.get("/demo/session", headers=headers)
    assert answer.status_code == status
    if status == 403:
        assert answer.json()["code"] == "DEMO_IS_LOCAL"


async def test_other_machines_do_not_get_it(services: Services, database: Database) -> None:
    entity: list[int] = []
    async with open_api(services, database, demo_entity_id=lambda: entity[0]) as api:
        entity.append(int(await api.create_entity()))
        transport = httpx.ASGITransport(app=api.app, client=("192.0.2.7", 50000))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8080") as http:
            assert (await http.get("/demo/session")).status_code == 403


async def test_ordinary_server_has_no_such_session(api: Api) -> None:
    answer = await api.http.get("/demo/session", headers=OWN)
    assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")
