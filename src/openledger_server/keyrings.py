"""Keys that can rotate: from the settings, or from a private file made at the first start."""

import base64
import binascii
import hashlib
import json
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from openledger_server.config import ConfigurationError
from openledger_server.processes.private_files import PRIVATE_DIRECTORY, write_private

KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class KeyRing:
    """32-byte keys by id. New secrets are made with the current one, the others only read old ones."""

    keys: dict[str, bytes] = field(repr=False)
    current_key_id: str


def load_key_ring(file: Path, *, given: str | None, name: str) -> KeyRing:
    """Return the keys of the setting called `name` if `given`, else those of `file`, which is made when missing.

    Raises:
        ConfigurationError: if the keys are not base64 of 32 bytes each, or the file is damaged.
    """
    if given is not None:
        return _parse_given(given, name)
    try:
        if not file.exists():
            _make_file(file)
    except OSError as exc:
        raise ConfigurationError(f"The key file {file} cannot be made: {exc.strerror}.") from exc
    try:
        stored = json.loads(file.read_text(encoding="utf-8"))
        keys = {str(key_id): _decode(text) for key_id, text in stored["keys"].items()}
        current = str(stored["current"])
        if current not in keys:
            raise ValueError("the current key is not among the keys")  # noqa: TRY301  # told with the others below
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as exc:
        raise ConfigurationError(f"The key file {file} cannot be used: {exc}. Restore it from a backup.") from exc
    return KeyRing(keys, current)


def _parse_given(given: str, name: str) -> KeyRing:
    keys = {}
    for text in given.split(","):
        try:
            key = _decode(text.strip())
        except ValueError as exc:
            raise ConfigurationError(f"{name}: {exc}. Make one with: openssl rand -base64 32") from exc
        # The id follows from the key, so that every process and machine gives it the same one.
        keys[hashlib.sha256(key).hexdigest()[:12]] = key
    return KeyRing(keys, next(iter(keys)))


def _decode(text: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except binascii.Error as exc:
        raise ValueError("a key must be base64") from exc
    if len(key) != KEY_BYTES:
        raise ValueError(f"a key must be {KEY_BYTES} bytes, this one has {len(key)}")
    return key


def _make_file(file: Path) -> None:
    """Make a file with one new key, unless another process is quicker; then its file stays."""
    file.parent.mkdir(mode=PRIVATE_DIRECTORY, parents=True, exist_ok=True)
    key = secrets.token_bytes(KEY_BYTES)
    key_id = hashlib.sha256(key).hexdigest()[:12]
    text = json.dumps({"current": key_id, "keys": {key_id: base64.b64encode(key).decode()}}, indent=2)
    private = file.with_name(f".{file.name}.{os.getpid()}")
    write_private(private, text)
    try:
        os.link(private, file)
    except FileExistsError:
        return
    finally:
        private.unlink()
