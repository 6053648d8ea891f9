"""Access tokens: signing, checking, rotating keys."""

from datetime import UTC, datetime, timedelta

import jwt
import pytest

from openledger_server.access import tokens
from openledger_server.access.tokens import InvalidTokenError, TokenExpiredError, TokenKeys
from openledger_server.access.types import TokenType

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
OLD, NEW = b"o" * 32, b"n" * 32
KEYS = TokenKeys({"new": NEW, "old": OLD}, "new")


def test_developer_token_says_who() -> None:
    claims = tokens.verified(KEYS, tokens.developer_token(KEYS, developer_id=7, now=NOW), now=NOW)
    assert (claims.type, claims.developer_id, claims.entity_id) == (TokenType.DEVELOPER, 7, None)
    assert claims.expires_at - claims.issued_at == timedelta(hours=1)


def test_entity_token_names_developer_and_entity() -> None:
    claims = tokens.verified(KEYS, tokens.entity_token(KEYS, developer_id=7, entity_id=2**62, now=NOW), now=NOW)
    assert (claims.type, claims.developer_id, claims.entity_id) == (TokenType.ENTITY, 7, 2**62)


def test_token_of_the_old_key_stays_good_while_the_ring_holds_it() -> None:
    token = tokens.developer_token(TokenKeys({"old": OLD}, "old"), developer_id=7, now=NOW)
    assert tokens.verified(KEYS, token, now=NOW).developer_id == 7
    with pytest.raises(InvalidTokenError):
        tokens.verified(TokenKeys({"new": NEW}, "new"), token, now=NOW)


def test_token_ends_after_an_hour_to_the_second() -> None:
    token = tokens.developer_token(KEYS, developer_id=7, now=NOW)
    tokens.verified(KEYS, token, now=NOW + timedelta(seconds=3599))
    with pytest.raises(TokenExpiredError) as caught:
        tokens.verified(KEYS, token, now=NOW + timedelta(seconds=3600))
    assert caught.value.error_code == "TOKEN_EXPIRED"


def forged(
    key: bytes = NEW, *, headers: dict[str, str] | None = None, algorithm: str = "HS256", **claims: object
) -> str:
    body = {
        "sub": "7",
        "typ": "developer",
        "developer_id": "7",
        "entity_id": None,
        "iat": int(NOW.timestamp()),
        "exp": int(NOW.timestamp()) + 3600,
    } | claims
    return jwt.encode(
        {name: value for name, value in body.items() if value != "left out"},
        key,
        algorithm=algorithm,
        headers={"kid": "new"} if headers is None else headers,
    )


def test_forged_helper_makes_good_tokens() -> None:
    assert tokens.verified(KEYS, forged(), now=NOW).developer_id == 7


@pytest.mark.parametrize(
    "token",
    [
        "",
        "x",
        "a.b.c",
        "é" * 10,
        "x" * 5000,
        forged(b"another key, which is not in ring"),
        forged(headers={}),
        forged(headers={"kid": "unknown"}),
        forged(OLD),
        forged(typ="admin"),
        forged(typ="entity"),
        forged(typ="left out"),
        forged(developer_id="left out"),
        forged(developer_id=7),
        forged(developer_id="7 OR 1=1"),
        forged(exp="left out"),
        forged(exp="soon"),
        forged(exp=10**30),
        forged(sub="left out"),
        jwt.encode({"sub": "7"}, "", algorithm="none", headers={"kid": "new"}),
    ],
)
def test_anything_else_is_refused(token: str) -> None:
    with pytest.raises(InvalidTokenError):
        tokens.verified(KEYS, token, now=NOW)


def test_only_our_own_algorithm_is_believed() -> None:
    long_key = b"l" * 64
    with pytest.raises(InvalidTokenError):
        tokens.verified(TokenKeys({"new": long_key}, "new"), forged(long_key, algorithm="HS512"), now=NOW)


def test_token_keys_are_never_printed() -> None:
    assert "ooo" not in repr(KEYS)
