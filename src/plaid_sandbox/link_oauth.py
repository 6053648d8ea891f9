"""Logging in on the bank's own page: the way there, and the way back with an `oauth_state_id`.

A redirect comes back to the app's `redirect_uri`, where Link is made anew with the same link token and
`receivedRedirectUri`. Without a `redirect_uri` the bank opens in a window of its own and the dialog waits for it.
"""

import uuid
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from plaid_sandbox import logins
from plaid_sandbox.errors import PlaidError
from plaid_sandbox.histories.custom import CUSTOM_USER
from plaid_sandbox.institutions import BY_ID, Institution
from plaid_sandbox.sandbox import Sandbox

_STATE = "oauth_state_id"
PAGE = "oauth"
"""The bank's page, beside the dialog."""


def begin(sandbox: Sandbox, session: dict[str, Any], institution: Institution, redirect_uri: str | None) -> str:
    """Send a session to its bank and return the address of the bank's page, relative to the dialog."""
    state_id = str(uuid.uuid4())
    session |= {
        "institution_id": institution.institution_id,
        _STATE: state_id,
        "oauth": "started",
        "redirect_uri": redirect_uri,
    }
    sandbox.store.put_document("oauth_state", state_id, {"link_session_id": session["link_session_id"]})
    return f"{PAGE}#{_STATE}={state_id}"


def session_id_of(sandbox: Sandbox, state_id: str) -> str:
    """Return the Link session that an `oauth_state_id` belongs to.

    Raises:
        PlaidError: `INVALID_FIELD`.
    """
    document = sandbox.store.document("oauth_state", state_id)
    if document is None:
        raise PlaidError("INVALID_FIELD", "unknown oauth_state_id")
    return str(document["link_session_id"])


def shown(session: dict[str, Any], client_name: str, username: str | None) -> dict[str, Any]:
    """Return what the bank's page says."""
    institution = BY_ID[session["institution_id"]]
    return {
        "institution_name": institution.name,
        "primary_color": institution.primary_color,
        "client_name": client_name,
        "username": username,
        "is_window": session.get("redirect_uri") is None,
    }


def grant(sandbox: Sandbox, session: dict[str, Any], username: str, password: str) -> None:
    """Log the person in at the bank's page.

    Raises:
        PlaidError: as `logins.refuse_bad_login`.
    """
    logins.refuse_bad_login(sandbox, BY_ID[session["institution_id"]], username, password)
    session |= {
        "username": username,
        "custom": password if username == CUSTOM_USER else None,
        "is_in": True,
        "oauth": "granted",
    }


def way_back(session: dict[str, Any]) -> str | None:
    """Return the address the bank's page leads back to; `None` for a window, which just closes."""
    redirect_uri = session.get("redirect_uri")
    return None if redirect_uri is None else f"{redirect_uri}?{_STATE}={session[_STATE]}"


def returned_state_id(received_redirect_uri: str, redirect_uri: str | None) -> str:
    """Return the `oauth_state_id` of the address that the browser came back to.

    Raises:
        PlaidError: `INVALID_FIELD` for another page than the link token's `redirect_uri`, or other query parameters.
    """
    received = urlsplit(received_redirect_uri)
    query = parse_qsl(received.query, keep_blank_values=True)
    if redirect_uri is None or f"{received.scheme}://{received.netloc}{received.path}" != redirect_uri:
        raise PlaidError("INVALID_FIELD", "receivedRedirectUri does not match the redirect_uri of the link_token")
    if len(query) != 1 or query[0][0] != _STATE:
        raise PlaidError("INVALID_FIELD", "receivedRedirectUri must have oauth_state_id and no other query parameter")
    return query[0][1]
