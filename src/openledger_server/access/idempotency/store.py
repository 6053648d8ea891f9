"""All SQL of requests that carry an idempotency key."""

from datetime import datetime

from openledger_server.access.idempotency.types import CLAIMED, KEPT, Claim, KeptAnswer, KeyInUseError, KeyReusedError
from openledger_server.base.db import Pool, WriteConnection
from openledger_server.base.vault import Sealed, Vault


async def claim(conn: WriteConnection, claim: Claim, vault: Vault, *, now: datetime) -> KeptAnswer | None:
    """Take a key for this request and return None, or return what the same request was answered with before.

    Raises:
        KeyReusedError: if the key came with another request.
        KeyInUseError: if the same request is being answered right now.
    """
    parameters = {
        "developer_id": claim.developer_id,
        "key": claim.key_sha256,
        "request": claim.request_sha256,
        "until": now + CLAIMED,
        "now": now,
        "kept_since": now - KEPT,
    }
    # A key that is too old, or that somebody left behind, is taken over as if it had never been.
    cursor = await conn.execute(
        """
        INSERT INTO idempotent_request AS r (developer_id, key_sha256, request_sha256, claimed_until, created_at)
        VALUES (%(developer_id)s, %(key)s, %(request)s, %(until)s, %(now)s)
        ON CONFLICT (developer_id, key_sha256) DO UPDATE
          SET request_sha256 = excluded.request_sha256, claimed_until = excluded.claimed_until,
              created_at = excluded.created_at, status = NULL, media_type = NULL, body_ciphertext = NULL,
              body_key_id = NULL
          WHERE r.created_at < %(kept_since)s
             OR (r.status IS NULL AND r.claimed_until < %(now)s AND r.request_sha256 = excluded.request_sha256)
        """,
        parameters,
    )
    if cursor.rowcount == 1:
        return None
    cursor = await conn.execute(
        """
        SELECT request_sha256, status, media_type, body_ciphertext, body_key_id FROM idempotent_request
         WHERE developer_id = %(developer_id)s AND key_sha256 = %(key)s
        """,
        parameters,
    )
    row = await cursor.fetchone()
    if row is None:  # it was released between the two statements
        raise KeyInUseError
    if row[0] != claim.request_sha256:
        raise KeyReusedError
    if row[1] is None:
        raise KeyInUseError
    body = vault.open(Sealed(row[4], row[3]), context=_context(claim))
    return KeptAnswer(status=row[1], media_type=row[2], body=body.encode())


async def keep_answer(conn: WriteConnection, claim: Claim, answer: KeptAnswer, vault: Vault) -> None:
    """Keep what a request was answered with, sealed."""
    sealed = vault.seal(answer.body.decode(), context=_context(claim))
    await conn.execute(
        """
        UPDATE idempotent_request
           SET status = %(status)s, media_type = %(media_type)s, body_ciphertext = %(body)s, body_key_id = %(key_id)s
         WHERE developer_id = %(developer_id)s AND key_sha256 = %(key)s AND request_sha256 = %(request)s
        """,
        {
            "developer_id": claim.developer_id,
            "key": claim.key_sha256,
            "request": claim.request_sha256,
            "status": answer.status,
            "media_type": answer.media_type,
            "body": sealed.ciphertext,
            "key_id": sealed.key_id,
        },
    )


async def release(conn: WriteConnection, claim: Claim) -> None:
    """Give a key free whose request did nothing, so that it may be sent again."""
    await conn.execute(
        """
        DELETE FROM idempotent_request
         WHERE developer_id = %(developer_id)s AND key_sha256 = %(key)s AND request_sha256 = %(request)s
           AND status IS NULL
        """,
        {"developer_id": claim.developer_id, "key": claim.key_sha256, "request": claim.request_sha256},
    )


async def prune(pool: Pool, *, older_than: datetime) -> int:
    """Forget answers that were kept long enough, of all developers; return how many."""
    async with pool.connection() as conn:
        cursor = await conn.execute("SELECT prune_idempotent_requests(%(older_than)s)", {"older_than": older_than})
        row = await cursor.fetchone()
    return 0 if row is None else int(row[0])


def _context(claim: Claim) -> str:
    return f"idempotent_request:{claim.developer_id}:{claim.key_sha256.hex()}"
