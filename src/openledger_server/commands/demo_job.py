"""The main job, done over the public HTTP API as an embedding company would: an entity, a linked bank, its books."""

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import httpx

from openledger_server.commands.output import CommandError
from openledger_server.processes.private_files import write_private

ENTITY_NAME = "Lantern Design Studio LLC"
_EXTERNAL_ID = "demo-design-studio"
_INSTITUTION = "ins_109508"
_USERNAME = "user_studio"
_PASSWORD = "pass_good"  # noqa: S105  # every sandbox user's, worth nothing elsewhere
_TIMEOUT_S = 60.0
_POLL_S = 0.3
_IMPORT_TIMEOUT_S = 600.0
_HTTP_ERROR = 400


@dataclass(slots=True)
class DemoState:
    """What one run of the demo leaves for the next, in a private file of the data directory."""

    developer_id: str
    api_key: str
    entity_id: str | None = None

    def save(self, data_dir: Path) -> None:
        """Write the file."""
        write_private(data_dir / "demo.json", json.dumps(asdict(self), indent=2))


def load_state(data_dir: Path) -> DemoState | None:
    """Return what an earlier run left, if anything readable."""
    try:
        return DemoState(**json.loads((data_dir / "demo.json").read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError, TypeError):
        return None


@dataclass(frozen=True, slots=True)
class ImportProgress:
    """How far the import is, in bank transactions."""

    synced: int
    categorized: int
    to_review: int
    pending: int
    total: int
    is_done: bool

    @classmethod
    def of(cls, status: dict[str, Any]) -> "ImportProgress":
        """Read the answer of GET /v1/banks/sync-status."""
        progress = status["transactionProgress"]
        return cls(
            synced=progress["synced"],
            categorized=progress["categorized"],
            to_review=progress["toReview"],
            pending=progress["pending"],
            total=progress["total"],
            is_done=bool(status["accounts"]) and bool(status["allSynced"]),
        )


class DemoClient:
    """Speaks to one server, first as a developer, then as the demo's entity."""

    def __init__(self, base_url: str, state: DemoState) -> None:
        """Open a client; close it with `close`."""
        self._state = state
        # The address is this machine's own: a proxy of the environment has no business there.
        self._http = httpx.Client(base_url=base_url, timeout=_TIMEOUT_S, trust_env=False)

    def close(self) -> None:
        """Give the connections back."""
        self._http.close()

    def _call(self, method: str, path: str, **given: Any) -> Any:
        try:
            answer = self._http.request(method, path, **given)
        except httpx.HTTPError as exc:
            raise CommandError(f"{method} {path} got no answer: {exc}.") from exc
        if answer.status_code >= _HTTP_ERROR:
            raise CommandError(f"{method} {path} answered {answer.status_code}: {answer.text[:500]}")
        return answer.json()

    def _use_token(self, **who: str) -> None:
        token = self._call("POST", "/v1/auth/tokens", json={**who, "apiKey": self._state.api_key})
        self._http.headers["Authorization"] = f"Bearer {token['access_token']}"

    def become_developer(self) -> None:
        """Use a developer token from here on."""
        self._use_token(userType="developer", id=self._state.developer_id)

    def become_entity(self) -> None:
        """Use an entity token from here on, which is what a browser would get."""
        self._use_token(userType="entity", id=self._entity_id, developerId=self._state.developer_id)

    @property
    def _entity_id(self) -> str:
        if self._state.entity_id is None:
            raise CommandError("The demo has no entity yet.")
        return self._state.entity_id

    @property
    def _query(self) -> dict[str, str]:
        return {"entityId": self._entity_id}

    def create_entity(self) -> str:
        """Make the entity, or get the one that an interrupted run made, and return its id."""
        body = {
            "developerId": self._state.developer_id,
            "externalId": _EXTERNAL_ID,
            "legalName": ENTITY_NAME,
            "entityType": "LLC",
            "usState": "OR",
        }
        return str(self._call("POST", "/v1/entities", json=body)["entity"]["id"])

    def bank_accounts(self) -> list[dict[str, Any]]:
        """Return the linked bank accounts with both balances."""
        answer: list[dict[str, Any]] = self._call("GET", "/v1/banks/accounts", params=self._query)["accounts"]
        return answer

    def link_bank(self) -> None:
        """Go through Link as the sandbox's design studio would, then hand the public token in."""
        link = self._call("GET", "/v1/banks/create-link", params=self._query)
        if link["link_script_url"] is None:
            raise CommandError("This server does not offer the sandbox bank's Link.")
        session = urljoin(link["link_script_url"], "session/")
        started = self._call("POST", f"{session}start", json={"link_token": link["link_token"]})
        link_session = {"link_session_id": started["link_session_id"]}
        login = {"institution_id": _INSTITUTION, "username": _USERNAME, "password": _PASSWORD}
        seen = self._call("POST", f"{session}login", json={**link_session, **login})
        chosen = {"account_ids": [row["id"] for row in seen["accounts"]]}
        finished = self._call("POST", f"{session}finish", json={**link_session, **chosen})
        token = {"public_token": finished["public_token"]}
        self._call("PUT", "/v1/banks/accounts", params=self._query, json=token)

    def wait_for_import(
        self, *, tell: Callable[[ImportProgress], None], look_after: Callable[[float], None]
    ) -> ImportProgress:
        """Wait until every account's history is imported and judged; `look_after(seconds)` is how to wait.

        Raises:
            CommandError: if it takes more than ten minutes; names the accounts' own last error.
        """
        deadline = time.monotonic() + _IMPORT_TIMEOUT_S
        while True:
            progress = ImportProgress.of(self._call("GET", "/v1/banks/sync-status", params=self._query))
            tell(progress)
            if progress.is_done:
                return progress
            if time.monotonic() > deadline:
                errors = {str(row.get("lastError")) for row in self.bank_accounts()}
                raise CommandError(f"The import did not end within ten minutes. Last errors: {', '.join(errors)}.")
            look_after(_POLL_S)

    def reports(self) -> dict[str, Any]:
        """Return income statement, balance sheet and reconciliation over everything booked."""
        answer: dict[str, Any] = self._call("GET", "/v1/reports/generate", params=self._query)
        return answer
