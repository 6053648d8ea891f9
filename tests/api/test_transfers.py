"""Possible transfers through the API: listed page by page, confirmed, rejected."""

from typing import Any

import pytest

from tests.api.test_transactions import linked_entity, listed
from tests.support.api import Api
from tests.support.sandbox import RunningSandbox


def paired(rows: list[dict[str, Any]]) -> tuple[str, str]:
    """Return a transfer that was found: the row of money out, and the one of money in."""
    out = next(row for row in rows if row["metadata"]["transferPartnerId"] and row["direction"] == "out")
    return out["id"], out["metadata"]["transferPartnerId"]


async def possible(api: Api, entity_id: str, size: int = 100) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    cursor = None
    while True:
        given = {"entityId": entity_id, "pageSize": size, **({"cursor": cursor} if cursor else {})}
        page = await api.ok("GET", "/v1/transfers/candidates", params=given)
        found += page["transfers"]
        cursor = page["nextCursor"]
        if cursor is None:
            return found


async def test_a_found_transfer_is_rejected_and_confirmed(api: Api, sandbox: RunningSandbox) -> None:
    entity_id = await linked_entity(api, sandbox, "user_studio")
    params = {"entityId": entity_id}
    out, into = paired(await listed(api, entity_id))
    body = {"outTransactionId": out, "inTransactionId": into}
    for _ in range(2):
        done = await api.ok("POST", "/v1/transfers/reject", params=params, json=body)
        assert done["outflow"]["metadata"]["transferPartnerId"] != into
    asked = {one["outflow"]["id"]: [row["id"] for row in one["inflows"]] for one in await possible(api, entity_id)}
    assert into not in asked.get(out, [])
    assert await possible(api, entity_id, 1) == await possible(api, entity_id)
    first = await api.ok("POST", "/v1/transfers/confirm", params=params, json=body)
    entries = api.count("journal_entry")
    assert await api.ok("POST", "/v1/transfers/confirm", params=params, json=body) == first
    assert api.count("journal_entry") == entries
    for side, other in (("outflow", into), ("inflow", out)):
        row = first[side]
        assert (row["category"], row["decidedBy"], row["needsReview"]) == ("Transfers Clearing", "person", False)
        assert row["metadata"]["transferPartnerId"] == other


@pytest.mark.parametrize("path", ["confirm", "reject"])
async def test_unknown_rows_are_refused(studio: tuple[Api, str], path: str) -> None:
    api, entity_id = studio
    out, _ = paired(await listed(api, entity_id))
    for body in ({"outTransactionId": out, "inTransactionId": "1"}, {"outTransactionId": "x", "inTransactionId": out}):
        answer = await api.call("POST", f"/v1/transfers/{path}", params={"entityId": entity_id}, json=body)
        assert (answer.status_code, answer.json()["code"]) == (404, "TRANSACTION_NOT_FOUND")
    answer = await api.call("POST", f"/v1/transfers/{path}", params={"entityId": entity_id}, json={})
    assert answer.json()["code"] == "INVALID_REQUEST"


async def test_what_cannot_be_a_transfer_is_refused(studio: tuple[Api, str]) -> None:
    api, entity_id = studio
    out, into = paired(await listed(api, entity_id))
    body = {"outTransactionId": into, "inTransactionId": out}
    answer = await api.call("POST", "/v1/transfers/confirm", params={"entityId": entity_id}, json=body)
    assert (answer.status_code, answer.json()["code"]) == (400, "NOT_A_TRANSFER")
    cursor = await api.call("GET", "/v1/transfers/candidates", params={"entityId": entity_id, "cursor": "dHwxfDE"})
    assert (cursor.status_code, cursor.json()["code"]) == (400, "INVALID_CURSOR")
