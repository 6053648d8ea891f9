"""The keys that sign webhooks: one signs, one stands by, the old ones expire.

All instants here are real time, not the sandbox's movable clock: a receiver compares them with its own.
"""

import hashlib
import time
import uuid
from dataclasses import dataclass
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

from plaid_sandbox.errors import PlaidError
from plaid_sandbox.store import Store

_KIND = "webhook_key"
_ROTATE_AFTER_S = 30 * 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningKey:
    """A P-256 key pair with its id."""

    key_id: str
    private_pem: str
    created_at: int
    expired_at: int | None

    def private(self) -> ec.EllipticCurvePrivateKey:
        """Return the private half."""
        key = serialization.load_pem_private_key(self.private_pem.encode(), password=None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise TypeError(self.key_id)
        return key

    def wire(self) -> dict[str, Any]:
        """Return Plaid's JWK of the public half."""
        public: dict[str, Any] = ECAlgorithm.to_jwk(self.private().public_key(), as_dict=True)
        return {
            "alg": "ES256",
            "created_at": self.created_at,
            "crv": "P-256",
            "expired_at": self.expired_at,
            "kid": self.key_id,
            "kty": "EC",
            "use": "sig",
            "x": public["x"],
            "y": public["y"],
        }


def published(store: Store, key_id: str) -> SigningKey:
    """Return a key by its id, expired ones as well.

    Raises:
        PlaidError: `INVALID_WEBHOOK_VERIFICATION_KEY_ID`.
    """
    document = store.document(_KIND, key_id)
    if document is None:
        raise PlaidError("INVALID_WEBHOOK_VERIFICATION_KEY_ID")
    return SigningKey(**document)


def current(store: Store) -> SigningKey:
    """Return the key that signs now; after 30 days another one takes over."""
    ring = store.document("meta", "webhook_keys")
    if ring is None:
        ring = {"current": _new(store), "next": _new(store)}
        store.put_document("meta", "webhook_keys", ring)
    found = published(store, ring["current"])
    if time.time() - found.created_at > _ROTATE_AFTER_S:
        return rotate(store, expire_in_s=0)
    return found


def rotate(store: Store, *, expire_in_s: float) -> SigningKey:
    """Let the standby key sign from now on; the former one gets an `expired_at`."""
    old = current(store) if store.document("meta", "webhook_keys") is None else _current_of_ring(store)
    ring = store.document("meta", "webhook_keys") or {}
    document = store.document(_KIND, old.key_id) or {}
    store.put_document(_KIND, old.key_id, {**document, "expired_at": int(time.time() + expire_in_s)})
    store.put_document("meta", "webhook_keys", {"current": ring["next"], "next": _new(store)})
    return _current_of_ring(store)


def expired(store: Store) -> SigningKey:
    """Return a published key that has expired, for forgeries."""
    ring = store.document("meta", "webhook_keys_expired")
    if ring is None:
        ring = {"key_id": _new(store)}
        document = store.document(_KIND, ring["key_id"]) or {}
        store.put_document(_KIND, ring["key_id"], {**document, "expired_at": int(time.time()) - 60})
        store.put_document("meta", "webhook_keys_expired", ring)
    return published(store, ring["key_id"])


def _current_of_ring(store: Store) -> SigningKey:
    ring = store.document("meta", "webhook_keys") or {}
    return published(store, ring["current"])


def _new(store: Store) -> str:
    key_id = str(uuid.uuid4())
    store.put_document(
        _KIND,
        key_id,
        {"key_id": key_id, "private_pem": _new_pem(), "created_at": int(time.time()), "expired_at": None},
    )
    return key_id


def _new_pem() -> str:
    return (
        ec.generate_private_key(ec.SECP256R1())
        .private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        .decode()
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A message ready for the wire. Without `signature` it goes out unsigned."""

    body: bytes
    key_id: str | None
    signature: str | None


def sign(store: Store, body: bytes, forgery: dict[str, Any]) -> Signed:
    """Return the body with a fresh signature over it, or a bad one as `forgery` says.

    Keys of `forgery`: `signature` (`"none"`: no header; `"garbage"`: no JWT), `algorithm` (`"none"` or `"HS256"`),
    `key` (`"foreign"`: another key under a known id; `"unknown"`: an id that is not published; `"expired"`),
    `iat_shift_s` (negative: older), `body` (`"byte"` or `"whitespace"`: changed after signing).
    """
    if forgery.get("signature") == "none":
        return Signed(body=body, key_id=None, signature=None)
    key = expired(store) if forgery.get("key") == "expired" else current(store)
    private = key.private()
    if forgery.get("key") == "foreign":
        private = ec.generate_private_key(ec.SECP256R1())
    key_id = str(uuid.uuid4()) if forgery.get("key") == "unknown" else key.key_id
    claims = {
        "iat": int(time.time() + forgery.get("iat_shift_s", 0)),
        "request_body_sha256": hashlib.sha256(body).hexdigest(),
    }
    signature = _encoded(claims, private, key_id, forgery.get("algorithm", "ES256"))
    if forgery.get("signature") == "garbage":
        signature = "not.a.jwt"
    return Signed(body=_changed(body, forgery.get("body")), key_id=key_id, signature=signature)


def _encoded(claims: dict[str, Any], private: ec.EllipticCurvePrivateKey, key_id: str, algorithm: str) -> str:
    headers = {"kid": key_id, "typ": "JWT"}
    if algorithm == "none":
        return jwt.encode(claims, "", algorithm="none", headers=headers)
    if algorithm == "HS256":
        # The classic confusion: the public key, which everybody has, as the secret of a symmetric algorithm.
        secret = hashlib.sha256(str(ECAlgorithm.to_jwk(private.public_key(), as_dict=True)).encode()).hexdigest()
        return jwt.encode(claims, secret, algorithm="HS256", headers=headers)
    return jwt.encode(claims, private, algorithm="ES256", headers=headers)


def _changed(body: bytes, how: str | None) -> bytes:
    if how == "byte":
        return body.replace(b'"environment": "sandbox"', b'"environment": "sandbux"')
    if how == "whitespace":
        return body.replace(b"\n  ", b"\n    ")
    return body
