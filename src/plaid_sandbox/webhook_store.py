"""All SQL of webhooks: messages to be delivered, and every attempt made."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import orjson

_SCHEMA = """
CREATE TABLE IF NOT EXISTS webhook (
    webhook_id INTEGER PRIMARY KEY, item_id TEXT NOT NULL, url TEXT NOT NULL, webhook_type TEXT NOT NULL,
    webhook_code TEXT NOT NULL, body BLOB NOT NULL, forgery BLOB NOT NULL, created_at REAL NOT NULL,
    due_at REAL NOT NULL, state TEXT NOT NULL, note TEXT
);
-- The sender asks for what is waiting; everything else is history.
CREATE INDEX IF NOT EXISTS webhook_waiting ON webhook (due_at, webhook_id) WHERE state = 'waiting';
CREATE TABLE IF NOT EXISTS webhook_attempt (
    webhook_id INTEGER NOT NULL, attempt INTEGER NOT NULL, at REAL NOT NULL, url TEXT NOT NULL, status INTEGER,
    error TEXT, key_id TEXT, signature TEXT, duration_s REAL NOT NULL, PRIMARY KEY (webhook_id, attempt)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS webhook_attempt_of_url ON webhook_attempt (url, at);
"""

WebhookState = Literal["waiting", "held", "delivered", "given_up", "dropped"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One webhook. Instants are seconds of the sandbox's clock since 1970."""

    webhook_id: int
    item_id: str
    url: str
    webhook_type: str
    webhook_code: str
    body: bytes
    forgery: dict[str, Any]
    """What is wrong with it on purpose; empty for an honest one."""
    created_at: float
    due_at: float
    state: WebhookState
    note: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One try to deliver a message. `status` is `None` if no answer came."""

    webhook_id: int
    attempt: int
    at: float
    url: str
    status: int | None
    error: str | None
    key_id: str | None
    signature: str | None
    duration_s: float


_MESSAGE_COLUMNS = (
    "webhook_id, item_id, url, webhook_type, webhook_code, body, forgery, created_at, due_at, state, note"
)
_ATTEMPT_COLUMNS = "webhook_id, attempt, at, url, status, error, key_id, signature, duration_s"


class WebhookStore:
    """The webhook tables of a sandbox's database."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        connection.executescript(_SCHEMA)

    def add(
        self,
        *,
        item_id: str,
        url: str,
        payload: dict[str, Any],
        body: bytes,
        forgery: dict[str, Any],
        at: float,
        state: WebhookState,
    ) -> int:
        """Write a message and return its number, which grows."""
        cursor = self._connection.execute(
            "INSERT INTO webhook (item_id, url, webhook_type, webhook_code, body, forgery, created_at, due_at, state)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                item_id,
                url,
                payload["webhook_type"],
                payload["webhook_code"],
                body,
                orjson.dumps(forgery),
                at,
                at,
                state,
            ),
        )
        return int(cursor.lastrowid or 0)

    def due(self, now: float, *, item_id: str | None = None) -> list[Message]:
        """Return the waiting messages whose time has come, in the order they are due."""
        return self._messages(
            "state = 'waiting' AND due_at <= ? AND (? IS NULL OR item_id = ?) ORDER BY due_at, webhook_id",
            (now, item_id, item_id),
        )

    def next_due_at(self) -> float | None:
        """Return when the next waiting message is due."""
        found = self._connection.execute("SELECT min(due_at) FROM webhook WHERE state = 'waiting'").fetchone()[0]
        return None if found is None else float(found)

    def held(self) -> list[Message]:
        """Return the messages that are held back, oldest first."""
        return self._messages("state = 'held' ORDER BY webhook_id", ())

    def message(self, webhook_id: int) -> Message | None:
        """Return one message, or `None`."""
        found = self._messages("webhook_id = ?", (webhook_id,))
        return found[0] if found else None

    def listed(self, *, after: int, item_id: str | None) -> list[Message]:
        """Return the messages with numbers above `after`, oldest first."""
        return self._messages(
            "webhook_id > ? AND (? IS NULL OR item_id = ?) ORDER BY webhook_id", (after, item_id, item_id)
        )

    def _messages(self, condition: str, values: Sequence[Any]) -> list[Message]:
        sql = f"SELECT {_MESSAGE_COLUMNS} FROM webhook WHERE {condition}"  # noqa: S608 - literals of this class
        return [_message(row) for row in self._connection.execute(sql, values).fetchall()]

    def put_state(self, webhook_id: int, state: WebhookState, *, due_at: float, note: str | None = None) -> None:
        """Change the state of a message and when it is due."""
        self._connection.execute(
            "UPDATE webhook SET state = ?, due_at = ?, note = ? WHERE webhook_id = ?", (state, due_at, note, webhook_id)
        )

    def add_attempt(self, attempt: Attempt) -> None:
        """Write down an attempt."""
        self._connection.execute(
            f"INSERT INTO webhook_attempt ({_ATTEMPT_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608 - a literal
            (
                attempt.webhook_id,
                attempt.attempt,
                attempt.at,
                attempt.url,
                attempt.status,
                attempt.error,
                attempt.key_id,
                attempt.signature,
                attempt.duration_s,
            ),
        )

    def attempts(self, webhook_id: int) -> list[Attempt]:
        """Return the attempts made for a message, oldest first."""
        rows = self._connection.execute(
            f"SELECT {_ATTEMPT_COLUMNS} FROM webhook_attempt WHERE webhook_id = ? ORDER BY attempt",  # noqa: S608 - a literal
            (webhook_id,),
        ).fetchall()
        return [_attempt(row) for row in rows]

    def attempts_and_rejections(self, url: str, *, since: float) -> tuple[int, int]:
        """Return how many attempts went to an address since an instant, and how many of them failed."""
        made, rejected = self._connection.execute(
            "SELECT count(*), coalesce(sum(status IS NOT 200), 0) FROM webhook_attempt WHERE url = ? AND at >= ?",
            (url, since),
        ).fetchone()
        return int(made), int(rejected)

    def clear_log(self) -> None:
        """Forget all messages that are no longer waiting or held, with their attempts."""
        self._connection.execute("DELETE FROM webhook WHERE state NOT IN ('waiting', 'held')")
        self._connection.execute("DELETE FROM webhook_attempt WHERE webhook_id NOT IN (SELECT webhook_id FROM webhook)")


def _message(row: tuple[Any, ...]) -> Message:
    return Message(
        webhook_id=row[0],
        item_id=row[1],
        url=row[2],
        webhook_type=row[3],
        webhook_code=row[4],
        body=row[5],
        forgery=orjson.loads(row[6]),
        created_at=row[7],
        due_at=row[8],
        state=row[9],
        note=row[10],
    )


def _attempt(row: tuple[Any, ...]) -> Attempt:
    return Attempt(
        webhook_id=row[0],
        attempt=row[1],
        at=row[2],
        url=row[3],
        status=row[4],
        error=row[5],
        key_id=row[6],
        signature=row[7],
        duration_s=row[8],
    )
