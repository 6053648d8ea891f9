"""One authenticated, checked call of a Plaid endpoint."""

from dataclasses import dataclass
from typing import Any

from plaid_sandbox.sandbox import Sandbox


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What an endpoint gets: the body has passed the request table."""

    sandbox: Sandbox
    body: dict[str, Any]
    request_id: str

    @property
    def access_token(self) -> str:
        """The call's access token."""
        return str(self.body["access_token"])

    @property
    def options(self) -> dict[str, Any]:
        """The call's options, empty if left out."""
        found: dict[str, Any] = self.body.get("options") or {}
        return found


Answer = dict[str, Any] | bytes
"""An endpoint's answer: an object without its `request_id`, or ready JSON bytes with it."""
