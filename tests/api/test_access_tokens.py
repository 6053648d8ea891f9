"""The five token routes."""

import pytest

from tests.support.api import Api

ROUTES_DEVELOPER = ["/v1/auth/developer-token", "/v1/developers/auth/generate-token"]
ROUTES_ENTITY = ["/v1/auth/entity-token", "/v1/entities/auth/generate-token"]


async def test_tokens_route_gives_a_developer_token(api: Api) -> None:
    body = {"userType": "developer", "id": api.developer.developer_id, "apiKey": api.developer.api_key}
    answer = await api.http.post("/v1/auth/tokens", json=body)
    assert answer.status_code == 200
    given = answer.json()
    assert (given["token_type"], given["expires_in"]) == ("Bearer", 3600)
    assert (await api.call("GET", "/v1/entities", token=given["access_token"])).status_code == 200


@pytest.mark.parametrize("with_developer", [True, False])
async def test_tokens_route_gives_an_entity_token(api: Api, *, with_developer: bool) -> None:
    entity_id = await api.create_entity()
    body = {"userType": "entity", "id": entity_id, "apiKey": api.developer.api_key}
    if with_developer:
        body["developerId"] = api.developer.developer_id
    token = (await api.http.post("/v1/auth/tokens", json=body)).json()["access_token"]
    answer = await api.call("GET", "/v1/entities", token=token, params={"entityId": entity_id})
    assert answer.json()["entity"]["id"] == entity_id


@pytest.mark.parametrize("path", ROUTES_DEVELOPER)
async def test_developer_routes(api: Api, path: str) -> None:
    body = {"developerId": api.developer.developer_id, "apiKey": api.developer.api_key}
    answer = await api.http.post(path, json=body)
    assert answer.json().keys() == {"access_token", "token_type", "expires_in"}


@pytest.mark.parametrize("path", ROUTES_ENTITY)
async def test_entity_routes(api: Api, path: str) -> None:
    entity_id = await api.create_entity()
    body = {
        "developerId": api.developer.developer_id,
        "apiKey": api.developer.api_key,
        "entityId": entity_id,
    }
    answer = await api.http.post(path, json=body)
    assert answer.json().keys() == {"access_token", "token_type", "expires_in"}


async def test_wrong_key_unknown_developer_and_nonsense_get_one_answer(api: Api) -> None:
    bodies = [
        {"developerId": api.developer.developer_id, "apiKey": "ol_wrong"},
        {"developerId": "12345", "apiKey": api.developer.api_key},
        {"developerId": "dev_nonsense", "apiKey": api.developer.api_key},
    ]
    answers = [await api.http.post("/v1/auth/developer-token", json=body) for body in bodies]
    assert {answer.status_code for answer in answers} == {401}
    assert len({(answer.json()["code"], answer.json()["error"]) for answer in answers}) == 1
    assert answers[0].json()["code"] == "INVALID_API_KEY"
    assert answers[0].headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("entity_id", ["1", "ent_1", "0"])
async def test_unknown_entity_is_not_found_for_the_right_key_only(api: Api, entity_id: str) -> None:
    body = {"developerId": api.developer.developer_id, "apiKey": api.developer.api_key, "entityId": entity_id}
    answer = await api.http.post("/v1/auth/entity-token", json=body)
    assert (answer.status_code, answer.json()["code"]) == (404, "ENTITY_NOT_FOUND")
    unnamed = {"userType": "entity", "id": entity_id, "apiKey": api.developer.api_key}
    answer = await api.http.post("/v1/auth/tokens", json=unnamed)
    assert (answer.status_code, answer.json()["code"]) == (401, "INVALID_API_KEY")


async def test_foreign_entity_is_not_found(api: Api) -> None:
    other = await api.other_developer()
    foreign = await other.create_entity()
    body = {"developerId": api.developer.developer_id, "apiKey": api.developer.api_key, "entityId": foreign}
    answer = await api.http.post("/v1/auth/entity-token", json=body)
    assert (answer.status_code, answer.json()["code"]) == (404, "ENTITY_NOT_FOUND")


async def test_there_are_no_admin_tokens(api: Api) -> None:
    body = {"userType": "admin", "id": api.developer.developer_id, "apiKey": api.developer.api_key}
    answer = await api.http.post("/v1/auth/tokens", json=body)
    assert (answer.status_code, answer.json()["code"]) == (403, "ADMIN_NOT_SUPPORTED")
