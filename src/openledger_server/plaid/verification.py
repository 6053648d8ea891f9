"""Proof that a webhook is Plaid's: an ES256 signature over the body's hash, under a key that Plaid publishes.

Source: plaid.com/docs/api/webhooks/webhook-verification.
"""

import asyncio
import hashlib
import hmac
import re
import time
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import jwt
from jwt.types import Options

from openledger_server.banking.feed import FeedError, FeedFault, NoticeSignatureError

_ALGORITHM: Final = "ES256"
_CURVE: Final = "P-256"
_AGE_MAX_S: Final = 300
_FUTURE_MAX_S: Final = 60
"""How far ahead of ours Plaid's clock may be."""
_SIGNATURE_LENGTH_MAX: Final = 4096
_KEY_ID: Final = re.compile(r"[A-Za-z0-9\-]{1,64}")
_REFETCH_AFTER_S: Final = 3600.0
_UNKNOWN_FOR_S: Final = 60.0
_KEYS_MAX: Final = 64
_UNKNOWN_MAX: Final = 1024
_FETCHES_MAX: Final = 30
"""Key requests per minute, all causes together: whoever makes up key ids cannot make us flood Plaid."""
_MINUTE_S: Final = 60.0
_UNKNOWN_KEY_CODE: Final = "INVALID_WEBHOOK_VERIFICATION_KEY_ID"
# The time is checked here, with a bound on both sides; PyJWT would accept any age.
_OPTIONS: Final[Options] = {"verify_iat": False, "verify_aud": False, "require": ["iat", "request_body_sha256"]}


@dataclass(frozen=True, slots=True)
class _Key:
    jwk: jwt.PyJWK
    expired_at: int | None
    fetched_at_s: float


class WebhookVerifier:
    """Verifies webhooks; keeps the keys it has seen. One event loop's property."""

    def __init__(
        self,
        fetch: Callable[[str], Awaitable[dict[str, Any]]],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Ask `fetch` for the answer of /webhook_verification_key/get for a key id."""
        self._fetch = fetch
        self._clock = clock
        self._keys: OrderedDict[str, _Key] = OrderedDict()
        self._unknown: OrderedDict[str, float] = OrderedDict()
        self._under_way: dict[str, asyncio.Task[_Key | None]] = {}
        self._fetched_at_s: deque[float] = deque()

    async def verify(self, body: bytes, *, signature: str | None, now: datetime) -> bytes:
        """Return the SHA-256 of what was signed, which names this delivery; `body` is the raw request.

        Raises:
            NoticeSignatureError: if Plaid did not send exactly this within the last five minutes.
            FeedError: if the key cannot be had now.
        """
        if signature is None or len(signature) > _SIGNATURE_LENGTH_MAX:
            raise NoticeSignatureError("The webhook carries no usable signature.")
        key = await self._key(_key_id(signature), now=now)
        claims = _claims(signature, key)
        issued_at = claims["iat"]
        if not isinstance(issued_at, int | float) or isinstance(issued_at, bool):
            raise NoticeSignatureError("The webhook's signature has no time.")
        age_s = now.timestamp() - issued_at
        if not -_FUTURE_MAX_S <= age_s <= _AGE_MAX_S:
            raise NoticeSignatureError("The webhook's signature is not from the last five minutes.")
        expected = hashlib.sha256(body).hexdigest()
        if not hmac.compare_digest(expected.encode(), str(claims["request_body_sha256"]).encode()):
            raise NoticeSignatureError("The webhook's body is not the one that was signed.")
        # The signature proper is left out: of one signed text there are several valid ones.
        return hashlib.sha256(signature.rpartition(".")[0].encode()).digest()

    async def _key(self, key_id: str, *, now: datetime) -> jwt.PyJWK:
        key = self._keys.get(key_id)
        is_stale = key is None or self._clock() - key.fetched_at_s > _REFETCH_AFTER_S
        if is_stale and self._clock() >= self._unknown.get(key_id, 0.0):
            try:
                key = await self._shared_fetch(key_id)
            except FeedError:
                # A key that was good an hour ago is better than losing the webhook.
                if key is None:
                    raise
        if key is None:
            raise NoticeSignatureError("The webhook is signed with a key that Plaid does not know.")
        if key.expired_at is not None and key.expired_at <= now.timestamp():
            raise NoticeSignatureError("The webhook is signed with a key that is no longer valid.")
        return key.jwk

    async def _shared_fetch(self, key_id: str) -> _Key | None:
        """Fetch a key once, however many wait for it; one of them going away does not stop it for the others."""
        task = self._under_way.get(key_id)
        if task is None:
            task = asyncio.create_task(self._fetched(key_id))
            self._under_way[key_id] = task
            task.add_done_callback(lambda done: self._forget(key_id, done))
        return await asyncio.shield(task)

    def _forget(self, key_id: str, task: asyncio.Task[_Key | None]) -> None:
        self._under_way.pop(key_id, None)
        if not task.cancelled():
            task.exception()  # marks it as seen, if nobody waits any more

    async def _fetched(self, key_id: str) -> _Key | None:
        self._count_fetch()
        try:
            answer = await self._fetch(key_id)
        except FeedError as exc:
            if exc.provider_code != _UNKNOWN_KEY_CODE:
                raise
            _remember(self._unknown, key_id, self._clock() + _UNKNOWN_FOR_S, most=_UNKNOWN_MAX)
            self._keys.pop(key_id, None)
            return None
        key = _usable(answer, self._clock())
        _remember(self._keys, key_id, key, most=_KEYS_MAX)
        return key

    def _count_fetch(self) -> None:
        now_s = self._clock()
        while self._fetched_at_s and self._fetched_at_s[0] <= now_s - _MINUTE_S:
            self._fetched_at_s.popleft()
        if len(self._fetched_at_s) >= _FETCHES_MAX:
            raise FeedError(
                "Too many webhooks with new keys arrive. Send this one again in a minute.",
                fault=FeedFault.RATE_LIMITED,
                provider_code="VERIFICATION_KEY_LIMIT",
            )
        self._fetched_at_s.append(now_s)


def _remember(cache: OrderedDict[str, Any], key_id: str, value: object, *, most: int) -> None:
    cache[key_id] = value
    cache.move_to_end(key_id)
    while len(cache) > most:
        cache.popitem(last=False)


def _key_id(signature: str) -> str:
    try:
        header = jwt.get_unverified_header(signature)
    except jwt.InvalidTokenError as exc:
        raise NoticeSignatureError("The webhook's signature cannot be read.") from exc
    key_id = header.get("kid")
    if header.get("alg") != _ALGORITHM or not isinstance(key_id, str) or not _KEY_ID.fullmatch(key_id):
        raise NoticeSignatureError("The webhook is not signed the way Plaid signs.")
    return key_id


def _claims(signature: str, key: jwt.PyJWK) -> dict[str, Any]:
    try:
        return jwt.decode(signature, key, algorithms=[_ALGORITHM], options=_OPTIONS)
    except jwt.InvalidTokenError as exc:
        raise NoticeSignatureError("The webhook's signature is not Plaid's.") from exc


def _usable(answer: dict[str, Any], fetched_at_s: float) -> _Key:
    """Return the key of an answer; one that does not fit is as good as no answer."""
    try:
        found = answer["key"]
        if (found["kty"], found["crv"]) != ("EC", _CURVE):
            raise ValueError("another kind of key")  # noqa: TRY301 - told with the others below
        return _Key(jwt.PyJWK.from_dict(found, algorithm=_ALGORITHM), found.get("expired_at"), fetched_at_s)
    except (KeyError, TypeError, ValueError, jwt.PyJWTError) as exc:
        raise FeedError(
            "Plaid's answer about a webhook key cannot be read. Send the webhook again.",
            fault=FeedFault.RETRY_SOON,
            provider_code=type(exc).__name__,
        ) from exc
