"""POST /v1/sandbox: a sample business in one call."""

from dataclasses import replace

from openledger_server.workflows.services import Services
from tests.support.api import Api, open_api
from tests.support.database import Database


class RealBanks:
    """A feed that is not a sandbox; nothing else of it is asked."""

    has_sandbox = False


async def test_sample_business_is_linked_and_its_keys_work(api: Api) -> None:
    body = {"name": "Sample Studio", "developer_id": api.developer.developer_id, "preferences": {"currency": "USD"}}
    answer = await api.ok("POST", "/v1/sandbox", json=body)
    data = answer["data"]
    assert (answer["success"], data["entity"]["legal_name"]) == (True, "Sample Studio")
    assert data["developer"]["name"] == "Test developer"
    assert {row["subtype"] for row in data["plaidAccounts"]} == {"checking", "savings", "credit card"}
    assert all(row["balance"]["current"] is not None for row in data["plaidAccounts"])
    entity_id = data["entity"]["id"]
    listed = await api.call("GET", "/v1/banks/accounts", token=data["token"])
    assert [row["id"] for row in listed.json()["accounts"]] == [row["id"] for row in data["plaidAccounts"]]
    fresh_key = {"developerId": data["developer"]["id"], "apiKey": data["developer"]["apiKey"]}
    assert (await api.http.post("/v1/auth/developer-token", json=fresh_key)).status_code == 200
    await api.sync(entity_id)
    status = await api.ok("GET", "/v1/banks/sync-status", params={"entityId": entity_id})
    assert status["transactionProgress"]["total"] >= 1500


async def test_real_banks_have_no_samples(services: Services, database: Database) -> None:
    with_real_banks = replace(services, feed=RealBanks())  # type: ignore[arg-type]  # only has_sandbox is asked
    async with open_api(with_real_banks, database) as api:
        body = {"name": "Sample", "developer_id": api.developer.developer_id}
        answer = await api.call("POST", "/v1/sandbox", json=body)
        assert (answer.status_code, answer.json()["code"]) == (403, "SANDBOX_ONLY")
        assert api.count("entity") == 0


async def test_sample_is_made_for_oneself_with_a_developer_token(api: Api) -> None:
    other = await api.other_developer()
    body = {"name": "Sample", "developer_id": other.developer.developer_id}
    answer = await api.call("POST", "/v1/sandbox", json=body)
    assert (answer.status_code, answer.json()["code"]) == (403, "DEVELOPER_MISMATCH")
    token = await api.entity_token(await api.create_entity())
    answer = await api.call("POST", "/v1/sandbox", json=body, token=token)
    assert (answer.status_code, answer.json()["code"]) == (403, "DEVELOPER_TOKEN_REQUIRED")
