"""The API's description of itself."""

import base64
import hashlib
import re
from typing import Any

from tests.support.api import Api

METHODS = {"get", "post", "put", "delete"}


async def operations(api: Api) -> dict[str, dict[str, Any]]:
    spec = (await api.http.get("/openapi.json")).json()
    return {
        f"{method.upper()} {path}": operation
        for path, methods in spec["paths"].items()
        for method, operation in methods.items()
        if method in METHODS
    }


async def test_every_operation_is_described(api: Api) -> None:
    found = await operations(api)
    assert len(found) >= 20
    for name, operation in found.items():
        assert operation.get("summary"), name
        assert operation.get("tags"), name
        answers = operation["responses"]["200"]["content"]
        assert answers, name
        assert all(answer["schema"] for answer in answers.values()), name
        assert "422" not in operation["responses"], name
        if name.split()[1].startswith("/v1"):
            assert "default" in operation["responses"], name


async def test_operation_ids_are_unique_names(api: Api) -> None:
    ids = [operation["operationId"] for operation in (await operations(api)).values()]
    assert len(ids) == len(set(ids))
    assert all(re.fullmatch(r"[a-z_]+", one) for one in ids)


async def test_wire_is_the_contracts(api: Api) -> None:
    expected = {
        *("POST /v1/auth/tokens", "POST /v1/auth/developer-token", "POST /v1/auth/entity-token"),
        *("POST /v1/developers/auth/generate-token", "POST /v1/entities/auth/generate-token"),
        *("GET /v1/entities", "POST /v1/entities", "PUT /v1/entities", "DELETE /v1/entities"),
        *("GET /v1/banks/create-link", "PUT /v1/banks/accounts", "GET /v1/banks/accounts"),
        *("POST /v1/banks/sync", "GET /v1/banks/sync-status"),
        *("GET /v1/categories", "POST /v1/categories", "GET /v1/reports/generate", "POST /v1/sandbox"),
        *("GET /v1/transactions", "POST /v1/transactions/categorize", "PUT /v1/transactions/approve"),
        *("GET /health/live", "GET /health/ready"),
        *("GET /v1/banks/connections", "GET /v1/banks/connections/{connection_id}"),
        *("GET /v1/banks/connections/{connection_id}/runs", "DELETE /v1/banks/connections/{connection_id}"),
        *(f"POST /v1/banks/connections/{{connection_id}}/{deed}" for deed in ("pause", "resume", "refresh")),
        *(f"POST /v1/banks/connections/{{connection_id}}/{deed}" for deed in ("repaired", "rotate-token")),
        *("DELETE /v1/banks/accounts", "POST /v1/webhooks/plaid", "GET /v1/webhooks/deliveries"),
        *("GET /v1/webhooks/endpoints", "POST /v1/webhooks/endpoints"),
        *("GET /v1/reports/download", "GET /v1/reports/pdf"),
    }
    assert expected <= (await operations(api)).keys()


async def test_protected_routes_say_so(api: Api) -> None:
    for name, operation in (await operations(api)).items():
        path = name.split()[1]
        # Whoever asks for a token has none; Plaid and a link to a PDF prove themselves by a signature.
        is_open = not path.startswith("/v1") or "/auth/" in path or path in {"/v1/webhooks/plaid", "/v1/reports/pdf"}
        assert ("security" not in operation) == is_open, name


async def test_docs_page_loads_nothing_from_elsewhere(api: Api) -> None:
    page = await api.http.get("/docs")
    urls = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(urls) >= 3
    for url in urls:
        assert url.startswith("/docs/files/")
        assert (await api.http.get(url)).status_code == 200
    assert "http" not in re.sub(r"window\.location\.\w+", "", page.text)


async def test_docs_page_may_run_its_own_script_only(api: Api) -> None:
    page = await api.http.get("/docs")
    (script,) = re.findall(r"<script>(.*?)</script>", page.text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = page.headers["content-security-policy"]
    assert f"script-src 'self' 'sha256-{digest}';" in policy
