"""Idempotency keys: two requests are one, whatever they ask for and whenever the second one comes."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import psycopg
import pytest

from openledger_server.access.idempotency import store
from openledger_server.access.idempotency.types import KEPT, request_digest
from openledger_server.workflows.services import Services
from tests.support.api import Api, open_api
from tests.support.books import Books, open_books
from tests.support.database import Database

REPLAYED = "Idempotency-Replayed"


@pytest.fixture
async def books(api: Api) -> Books:
    return await open_books(api)


def keyed(key: str) -> dict[str, str]:
    return {"Idempotency-Key": key}


async def entities(api: Api) -> int:
    return int((await api.ok("GET", "/v1/entities/developer-entities"))["totalCount"])


def rows(api: Api) -> list[tuple[Any, ...]]:
    with psycopg.connect(api.database.owner_dsn) as owner:
        return owner.execute("SELECT status, body_ciphertext, claimed_until FROM idempotent_request").fetchall()


def run_sql(api: Api, query: str) -> None:
    with psycopg.connect(api.database.owner_dsn) as owner:
        owner.execute(query)


async def test_an_entity_without_an_external_id_is_made_once(api: Api) -> None:
    answers = [await api.call("POST", "/v1/entities", json={"legalName": "A"}, headers=keyed("k")) for _ in range(3)]
    assert {answer.text for answer in answers} == {answers[0].text}
    assert [answer.headers.get(REPLAYED) for answer in answers] == [None, "true", "true"]
    assert await entities(api) == 1
    other = await api.call("POST", "/v1/entities", json={"legalName": "A"}, headers=keyed("l"))
    assert other.status_code == 200
    assert await entities(api) == 2


async def test_a_key_belongs_to_one_request(books: Books) -> None:
    api = books.api
    body = {"name": "Props", "type": "EXPENSE"}
    first = await books.call("POST", "/v1/categories", json=body, headers=keyed("k"))
    assert first.status_code == 200
    other = await api.create_entity("Other")
    asked: list[tuple[str, str, dict[str, Any]]] = [
        ("POST", "/v1/categories", {"params": books.params, "json": {**body, "name": "Other"}}),
        ("POST", "/v1/categories", {"params": {"entityId": other}, "json": body}),
        ("POST", "/v1/transactions", {"params": books.params, "json": body}),
        ("POST", "/v1/categories", {"headers": {"X-entity-ID": other}, "params": {}, "json": body}),
    ]
    for method, path, given in asked:
        headers = {**given.pop("headers", {}), **keyed("k")}
        answer = await api.call(method, path, headers=headers, **given)
        assert (answer.status_code, answer.json()["code"]) == (422, "IDEMPOTENCY_KEY_REUSED")
    assert api.count("ledger_account", other) == api.count("ledger_account", books.entity_id) - 1


async def test_a_refused_request_leaves_its_key_free(books: Books) -> None:
    bad = await books.call("POST", "/v1/transactions", json=books.body(amount=0), headers=keyed("k"))
    assert bad.status_code == 400
    good = await books.call("POST", "/v1/transactions", json=books.body(), headers=keyed("k"))
    assert (good.status_code, good.headers.get(REPLAYED)) == (200, None)


async def test_callers_do_not_meet(books: Books) -> None:
    own = await books.api.entity_token(books.entity_id)
    other = await open_books(await books.api.other_developer())
    made = [
        await books.call("POST", "/v1/transactions", json=books.body(), headers=keyed("k")),
        await books.call("POST", "/v1/transactions", json=books.body(), headers=keyed("k"), token=own),
        await other.call("POST", "/v1/transactions", json=other.body(), headers=keyed("k")),
    ]
    assert len({answer.json()["transaction"]["id"] for answer in made}) == 3
    assert [answer.headers.get(REPLAYED) for answer in made] == [None, None, None]


async def test_a_stranger_with_the_key_gets_nothing(books: Books) -> None:
    await books.call("POST", "/v1/transactions", json=books.body(), headers=keyed("k"))
    answer = await books.call("POST", "/v1/transactions", json=books.body(), headers=keyed("k"), token="nonsense")
    assert answer.status_code == 401


async def test_requests_at_once_do_it_once(books: Books) -> None:
    async def send() -> httpx.Response:
        answer: httpx.Response = await books.call(
            "POST", "/v1/transactions", json=books.body(), headers=keyed("at once")
        )
        return answer

    answers = await asyncio.gather(*(send() for _ in range(6)))
    assert {answer.status_code for answer in answers} <= {200, 409}
    for answer in answers:
        if answer.status_code == 409:
            assert answer.json()["code"] == "IDEMPOTENCY_KEY_IN_USE"
            assert int(answer.headers["Retry-After"]) >= 1
    assert len({answer.json()["transaction"]["id"] for answer in answers if answer.status_code == 200}) == 1
    assert books.api.count("journal_entry") == 1
    assert (await send()).headers[REPLAYED] == "true"


async def test_a_key_is_in_use_until_its_claim_runs_out(books: Books) -> None:
    """The server was killed after the entry was written and before the answer was kept."""
    api = books.api
    first = await books.call("POST", "/v1/transactions", json=books.body(), headers=keyed("k"))
    run_sql(
        api,
        "UPDATE idempotent_request SET status = NULL, media_type = NULL, body_ciphertext = NULL, body_key_id = NULL",
    )
    busy = await books.call("POST", "/v1/transactions", json=books.body(), headers=keyed("k"))
    assert (busy.status_code, busy.json()["code"]) == (409, "IDEMPOTENCY_KEY_IN_USE")
    run_sql(api, "UPDATE idempotent_request SET claimed_until = claimed_until - interval '1 hour'")
    after = await books.call("POST", "/v1/transactions", json=books.body(), headers=keyed("k"))
    assert after.json()["transaction"]["id"] == first.json()["transaction"]["id"]
    assert api.count("journal_entry") == 1


async def test_an_entity_is_made_once_though_the_answer_was_lost(api: Api) -> None:
    first = await api.ok("POST", "/v1/entities", json={"legalName": "A"}, headers=keyed("k"))
    run_sql(api, "DELETE FROM idempotent_request")
    assert await api.ok("POST", "/v1/entities", json={"legalName": "A"}, headers=keyed("k")) == first
    assert await entities(api) == 1


async def test_secrets_in_answers_are_sealed(api: Api) -> None:
    body = {"url": "https://hooks.example/in"}
    first = await api.call("POST", "/v1/webhooks/endpoints", json=body, headers=keyed("k"))
    assert first.status_code == 200, first.text
    secret = first.json()["secret"]
    again = await api.call("POST", "/v1/webhooks/endpoints", json=body, headers=keyed("k"))
    assert again.json() == first.json()
    [(status, ciphertext, _)] = rows(api)
    assert status == 200
    assert secret.encode() not in ciphertext
    assert api.count("webhook_endpoint") == 1


async def test_tokens_are_not_kept(api: Api) -> None:
    body = {"developerId": api.developer.developer_id, "apiKey": api.developer.api_key}
    for _ in range(2):
        answer = await api.call("POST", "/v1/auth/developer-token", json=body, headers=keyed("k"))
        assert REPLAYED not in answer.headers
    assert rows(api) == []


async def test_reads_take_no_notice_of_keys(books: Books) -> None:
    for _ in range(2):
        answer = await books.call("GET", "/v1/categories", headers=keyed("k"))
        assert (answer.status_code, answer.headers.get(REPLAYED)) == (200, None)


async def test_keys_are_forgotten_after_a_day(services: Services, database: Database) -> None:
    clock = [services.now()]
    async with open_api(replace(services, now=lambda: clock[0]), database) as api:
        await api.call("POST", "/v1/entities", json={"legalName": "A"}, headers=keyed("k"))
        clock[0] += KEPT + timedelta(minutes=1)
        await api.sign_in()
        answer = await api.call("POST", "/v1/entities", json={"legalName": "B"}, headers=keyed("k"))
        assert (answer.status_code, answer.json()["entity"]["legalName"]) == (200, "B")
        assert await store.prune(services.pool, older_than=clock[0]) == 0
        assert await store.prune(services.pool, older_than=clock[0] + timedelta(seconds=1)) == 1
        assert rows(api) == []


@pytest.mark.parametrize("key", ["", "x" * 256, "a\tb"])
async def test_bad_keys_are_refused_everywhere(books: Books, key: str) -> None:
    answer = await books.call("PUT", "/v1/entities", json={}, headers=keyed(key))
    assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_IDEMPOTENCY_KEY")


async def test_a_body_that_is_too_large_is_refused(books: Books) -> None:
    async def chunks() -> Any:
        for _ in range(20):
            yield b"x" * 100_000

    answer = await books.call("POST", "/v1/transactions", content=chunks(), headers=keyed("k"))
    assert (answer.status_code, answer.json()["code"]) == (413, "TOO_LARGE")


async def test_the_order_of_the_query_does_not_matter() -> None:
    given: dict[str, Any] = {"method": "POST", "path": "/v1/x", "body": b"{}"}
    one = request_digest(query=[("a", "1"), ("b", "2")], **given)
    assert one == request_digest(query=[("b", "2"), ("a", "1")], **given)
    assert one != request_digest(query=[("a", "1b"), ("", "2")], **given)
    assert one != request_digest(query=[("a", "1"), ("b", "2")], **{**given, "body": b"{ }"})
