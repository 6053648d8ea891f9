"""Links that open one file for a short while without an access token: signed, never stored."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt

from openledger_server.access.tokens import TokenKeys
from openledger_server.access.types import parse_id
from openledger_server.base.errors import NotAllowedError

LINK_LIFETIME_S = 900
_ALGORITHM = "HS256"
_AUDIENCE = "report-link"
_LENGTH_MAX = 4096
_REQUIRED = ["aud", "sub", "developer_id", "parameters", "exp"]


class InvalidLinkError(NotAllowedError):
    """The link was damaged, or is not one of ours. Ask for the report again."""

    code = "LINK_INVALID"

    def __init__(self) -> None:
        super().__init__("This link is not valid. Open the report again to get a new one.")


class LinkExpiredError(NotAllowedError):
    """The link was good but is too old. Ask for the report again."""

    code = "LINK_EXPIRED"

    def __init__(self) -> None:
        super().__init__("This link has expired. Open the report again to get a new one.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """What a valid link opens."""

    developer_id: int
    """Whose entity it was when the link was made."""
    entity_id: int
    parameters: Mapping[str, str]
    """Which file: everything that decides what is in it."""


def signed_link(keys: TokenKeys, link: Link, *, now: datetime) -> str:
    """Return the link's signed text, good for the next 15 minutes."""
    claims = {
        "aud": _AUDIENCE,
        "sub": str(link.entity_id),
        "developer_id": str(link.developer_id),
        "parameters": dict(link.parameters),
        "exp": int((now + timedelta(seconds=LINK_LIFETIME_S)).timestamp()),
    }
    key = _link_key(keys.keys[keys.current_key_id])
    return jwt.encode(claims, key, algorithm=_ALGORITHM, headers={"kid": keys.current_key_id})


def opened_link(keys: TokenKeys, text: str, *, now: datetime) -> Link:
    """Return what a signed link opens.

    Raises:
        InvalidLinkError: if it is not one we signed with a key of the ring.
        LinkExpiredError: if its time is over.
    """
    if len(text) > _LENGTH_MAX:
        raise InvalidLinkError
    try:
        key = keys.keys.get(str(jwt.get_unverified_header(text).get("kid")))
        if key is None:
            raise InvalidLinkError
        # The clock is ours, as with access tokens.
        options: Any = {"require": _REQUIRED, "verify_exp": False, "verify_iat": False}
        claims = jwt.decode(text, _link_key(key), algorithms=[_ALGORITHM], audience=_AUDIENCE, options=options)
        link, expires_at = _link(claims), datetime.fromtimestamp(claims["exp"], UTC)
    except (jwt.InvalidTokenError, KeyError, TypeError, ValueError, OverflowError) as exc:
        raise InvalidLinkError from exc
    if expires_at <= now:
        raise LinkExpiredError
    return link


def _link_key(key: bytes) -> bytes:
    """Return a key for links alone, so that no link passes for an access token and no token for a link."""
    return hmac.digest(key, b"openledger-server report link", "sha256")


def _link(claims: Mapping[str, Any]) -> Link:
    developer_id, entity_id = parse_id(str(claims["developer_id"])), parse_id(str(claims["sub"]))
    parameters = claims["parameters"]
    if developer_id is None or entity_id is None or not isinstance(parameters, dict):
        raise ValueError("a link names its developer, its entity and its file")
    return Link(
        developer_id=developer_id,
        entity_id=entity_id,
        parameters={str(name): str(value) for name, value in parameters.items()},
    )
