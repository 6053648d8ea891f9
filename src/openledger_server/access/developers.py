"""Developers and their API keys."""

import secrets
from datetime import UTC, datetime

from openledger_server.access import store
from openledger_server.access.types import NewDeveloper
from openledger_server.base import db
from openledger_server.base.db import Pool, WriteConnection
from openledger_server.base.errors import InvalidError, NotAuthenticatedError
from openledger_server.base.ids import new_id
from openledger_server.base.vault import fingerprint, is_same

_KEY_PREFIX = "ol_"
_KEY_BYTES = 32
_NAME_LENGTH_MAX = 200
_FIRST_KEY = "first"


class InvalidApiKeyError(NotAuthenticatedError):
    """The developer is unknown, or the API key is not one of theirs; the answer is the same."""

    code = "INVALID_API_KEY"

    def __init__(self) -> None:
        super().__init__("The developer id and the API key do not belong together.")


class DeveloperNameError(InvalidError):
    """A developer's name has 1 to 200 characters."""

    code = "INVALID_NAME"


def create_developer(owner_dsn: str, *, name: str) -> NewDeveloper:
    """Store a new developer and return the id and the API key, which can be seen only now.

    `owner_dsn` logs in as the owner of the schema, which is migrated.

    Raises:
        DeveloperNameError: if the name is empty or too long.
    """
    if not 1 <= len(name) <= _NAME_LENGTH_MAX:
        raise DeveloperNameError(f"A developer's name has 1 to {_NAME_LENGTH_MAX} characters.")
    developer_id, api_key = new_id(), new_api_key()
    store.add_developer(
        owner_dsn,
        developer_id=developer_id,
        name=name,
        api_key_id=new_id(),
        key_sha256=fingerprint(api_key),
        label=_FIRST_KEY,
        now=datetime.now(UTC),
    )
    return NewDeveloper(developer_id=str(developer_id), api_key=api_key)


def new_api_key() -> str:
    """Return a fresh key: `ol_` and 43 characters that hold 256 random bits."""
    return _KEY_PREFIX + secrets.token_urlsafe(_KEY_BYTES)


async def add_api_key(conn: WriteConnection, *, developer_id: int, label: str, now: datetime) -> str:
    """Store a further key of a developer and return it; it can be seen only now."""
    api_key = new_api_key()
    await store.add_api_key(
        conn, developer_id=developer_id, api_key_id=new_id(), key_sha256=fingerprint(api_key), label=label, now=now
    )
    return api_key


async def authenticate(pool: Pool, *, developer_id: int | None, api_key: str) -> int:
    """Return the developer's id if the key is one of theirs; `developer_id` None is nobody's.

    Raises:
        InvalidApiKeyError: if it is not; the same for an unknown developer.
    """
    given = fingerprint(api_key)
    async with db.read_developer(pool, developer_id=developer_id or 0) as conn:
        hashes = await store.api_key_hashes(conn, developer_id=developer_id or 0)
    # All are compared, so that the time taken does not depend on which one fits.
    if developer_id is None or not any([is_same(known, given) for known in hashes]):  # noqa: C419 - see above
        raise InvalidApiKeyError
    return developer_id
