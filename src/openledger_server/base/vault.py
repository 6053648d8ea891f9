"""Encryption of secrets at rest: AES-256-GCM with keys that can rotate."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from openledger_server.base.errors import OpenLedgerError

KEY_BYTES = 32
_NONCE_BYTES = 12


class VaultError(OpenLedgerError):
    """A stored secret cannot be read: its key is missing or it was changed. Restore the key file."""

    code = "SECRET_UNREADABLE"


@dataclass(frozen=True, slots=True)
class Sealed:
    """An encrypted secret: 12 bytes of nonce, the ciphertext, 16 bytes of tag; and which key made it."""

    key_id: str
    ciphertext: bytes


@dataclass(frozen=True, slots=True)
class Vault:
    """A ring of 32-byte keys by id; new secrets are sealed with `current_key_id`, old ones stay readable."""

    keys: dict[str, bytes] = field(repr=False)
    current_key_id: str

    def __post_init__(self) -> None:
        if self.current_key_id not in self.keys:
            raise VaultError("The current encryption key is not in the key ring.")
        if any(len(key) != KEY_BYTES for key in self.keys.values()):
            raise VaultError("Each encryption key must be 32 bytes.")

    def seal(self, secret: str, *, context: str) -> Sealed:
        """Return `secret` encrypted; `context` (whose secret it is) must be the same when it is opened."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        cipher = AESGCM(self.keys[self.current_key_id])
        return Sealed(self.current_key_id, nonce + cipher.encrypt(nonce, secret.encode(), context.encode()))

    def open(self, sealed: Sealed, *, context: str) -> str:
        """Return the secret in clear.

        Raises:
            VaultError: if the key is not in the ring, or ciphertext or context were changed.
        """
        key = self.keys.get(sealed.key_id)
        if key is None:
            raise VaultError("A stored secret was sealed with a key that is not in the key ring.")
        nonce, body = sealed.ciphertext[:_NONCE_BYTES], sealed.ciphertext[_NONCE_BYTES:]
        try:
            return AESGCM(key).decrypt(nonce, body, context.encode()).decode()
        except InvalidTag as exc:
            raise VaultError("A stored secret does not open: it was changed or belongs elsewhere.") from exc


def fingerprint(secret: str) -> bytes:
    """Return the SHA-256 of a high-entropy secret, to find it again without storing it."""
    return hashlib.sha256(secret.encode()).digest()


def is_same(left: bytes, right: bytes) -> bool:
    """Return whether two fingerprints are equal, in constant time."""
    return hmac.compare_digest(left, right)
