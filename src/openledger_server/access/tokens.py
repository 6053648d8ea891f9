"""Access tokens: JWTs signed with a key ring, so that keys can rotate without logging anybody out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt

from openledger_server.access.types import Claims, TokenType, parse_id
from openledger_server.base.errors import NotAuthenticatedError

TOKEN_LIFETIME_S = 3600
_ALGORITHM = "HS256"
_LENGTH_MAX = 4096
_KEY_BYTES_MIN = 32
_REQUIRED = ["sub", "typ", "developer_id", "iat", "exp"]


class InvalidTokenError(NotAuthenticatedError):
    """The access token is missing, damaged, or not one of ours. Get a new one."""

    def __init__(self, message: str = "The access token is missing or not valid.") -> None:
        super().__init__(message)


class TokenExpiredError(NotAuthenticatedError):
    """The access token was good but is too old. Get a new one."""

    code = "TOKEN_EXPIRED"

    def __init__(self) -> None:
        super().__init__("The access token has expired. Get a new one.")


@dataclass(frozen=True, slots=True)
class TokenKeys:
    """Signing keys by id, each of 32 bytes or more; new tokens are signed with the current one."""

    keys: Mapping[str, bytes] = field(repr=False)
    current_key_id: str

    def __post_init__(self) -> None:
        assert self.current_key_id in self.keys, "the current key is one of the keys"
        assert all(len(key) >= _KEY_BYTES_MIN for key in self.keys.values()), "keys are 32 bytes or more"


def developer_token(keys: TokenKeys, *, developer_id: int, now: datetime) -> str:
    """Return a token that acts on any of the developer's entities for the next hour."""
    return _signed(keys, type_=TokenType.DEVELOPER, developer_id=developer_id, entity_id=None, now=now)


def entity_token(keys: TokenKeys, *, developer_id: int, entity_id: int, now: datetime) -> str:
    """Return a token that acts on one entity for the next hour."""
    return _signed(keys, type_=TokenType.ENTITY, developer_id=developer_id, entity_id=entity_id, now=now)


def _signed(keys: TokenKeys, *, type_: TokenType, developer_id: int, entity_id: int | None, now: datetime) -> str:
    claims = {
        "sub": str(developer_id if entity_id is None else entity_id),
        "typ": type_.value,
        "developer_id": str(developer_id),
        "entity_id": None if entity_id is None else str(entity_id),
        "iat": int(now.timestamp()),
        "exp": int((now + timedelta(seconds=TOKEN_LIFETIME_S)).timestamp()),
    }
    key = keys.keys[keys.current_key_id]
    return jwt.encode(claims, key, algorithm=_ALGORITHM, headers={"kid": keys.current_key_id})


def verified(keys: TokenKeys, token: str, *, now: datetime) -> Claims:
    """Return what a token says.

    Raises:
        InvalidTokenError: if it is not one we signed with a key of the ring.
        TokenExpiredError: if its hour is over.
    """
    if len(token) > _LENGTH_MAX:
        raise InvalidTokenError
    try:
        key = keys.keys.get(str(jwt.get_unverified_header(token).get("kid")))
        if key is None:
            raise InvalidTokenError
        # The clock is ours, so that tests and the caller agree on what "now" is; see below.
        options: Any = {"require": _REQUIRED, "verify_exp": False, "verify_iat": False}
        claims = _claims(jwt.decode(token, key, algorithms=[_ALGORITHM], options=options))
    except (jwt.InvalidTokenError, KeyError, TypeError, ValueError, OverflowError) as exc:
        raise InvalidTokenError from exc
    if claims.expires_at <= now:
        raise TokenExpiredError
    return claims


def _claims(payload: Mapping[str, Any]) -> Claims:
    type_ = TokenType(payload["typ"])
    developer_id = _id_in(payload, "developer_id")
    entity_id = _id_in(payload, "entity_id") if type_ is TokenType.ENTITY else None
    if developer_id is None or (type_ is TokenType.ENTITY and entity_id is None):
        raise ValueError("a token names its developer, and an entity's token its entity")
    return Claims(
        type=type_,
        developer_id=developer_id,
        entity_id=entity_id,
        issued_at=datetime.fromtimestamp(payload["iat"], UTC),
        expires_at=datetime.fromtimestamp(payload["exp"], UTC),
    )


def _id_in(payload: Mapping[str, Any], name: str) -> int | None:
    text = payload[name]
    return parse_id(text) if isinstance(text, str) else None
