"""All SQL of the sandbox: documents, items, bank accounts and each item's append-only change log."""

import itertools
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, NamedTuple

import orjson

from plaid_sandbox.webhook_store import WebhookStore
from plaid_sandbox.wire_rows import EncodedRow

_SCHEMA = """
CREATE TABLE IF NOT EXISTS document (
    kind TEXT NOT NULL, id TEXT NOT NULL, body BLOB NOT NULL, PRIMARY KEY (kind, id)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS item (
    ordinal INTEGER PRIMARY KEY, item_id TEXT NOT NULL UNIQUE, access_token TEXT UNIQUE, body BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS bank_account (
    ordinal INTEGER NOT NULL, place INTEGER NOT NULL, account_id TEXT NOT NULL, account_key TEXT NOT NULL,
    opening TEXT NOT NULL, posted TEXT NOT NULL, pending TEXT NOT NULL, is_selected INTEGER NOT NULL,
    PRIMARY KEY (ordinal, place)
) WITHOUT ROWID;
-- When the clock next has something to do for an item, in seconds since 1970.
CREATE TABLE IF NOT EXISTS timer (ordinal INTEGER PRIMARY KEY, due_at REAL NOT NULL);
CREATE INDEX IF NOT EXISTS timer_due ON timer (due_at);
-- One line per change; `superseded_at` is the position of the next change of the same row.
CREATE TABLE IF NOT EXISTS change (
    ordinal INTEGER NOT NULL, position INTEGER NOT NULL, kind TEXT NOT NULL, transaction_id TEXT NOT NULL,
    account_id TEXT NOT NULL, dated TEXT NOT NULL, amount TEXT NOT NULL, is_pending INTEGER NOT NULL,
    first_position INTEGER NOT NULL, superseded_at INTEGER, original BLOB NOT NULL, rest BLOB NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS change_position ON change (ordinal, position);
CREATE INDEX IF NOT EXISTS change_of_row ON change (ordinal, transaction_id, position);
CREATE INDEX IF NOT EXISTS change_by_day ON change (ordinal, dated DESC, position DESC);
"""

_CACHE_KIB = 65_536

ChangeKind = Literal["upsert", "remove"]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewChange:
    """A change to be appended. A removal repeats the row it removes."""

    kind: ChangeKind
    transaction_id: str
    account_id: str
    dated: str
    amount: Decimal
    is_pending: bool
    row: EncodedRow


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredChange:
    """A change as it stands in the log."""

    position: int
    kind: ChangeKind
    transaction_id: str
    account_id: str
    amount: Decimal
    is_pending: bool
    first_position: int
    row: EncodedRow


class LogLine(NamedTuple):
    """A change as a page of the log serves it; a plain tuple, since pages are the sandbox's heaviest work."""

    position: int
    kind: ChangeKind
    transaction_id: str
    account_id: str
    first_position: int
    original: bytes
    rest: bytes


@dataclass(slots=True, kw_only=True)
class BankAccount:
    """One bank account of an item. Amounts from the bank's viewpoint, except `pending`: Plaid's sign."""

    account_id: str
    account_key: str
    opening: Decimal
    posted: Decimal
    """Sum of the posted rows, Plaid's sign."""
    pending: Decimal
    is_selected: bool


_CHANGE_COLUMNS = "position, kind, transaction_id, account_id, amount, is_pending, first_position, original, rest"
_LINE_COLUMNS = ", ".join(LogLine._fields)


class Store:
    """A SQLite database; in a private temporary file unless a directory is given."""

    def __init__(self, data_dir: Path | None) -> None:
        if data_dir is not None:
            data_dir.mkdir(parents=True, exist_ok=True)
        # The empty name is SQLite's private temporary database: in memory while small, on disk when large.
        path = "" if data_dir is None else str(data_dir / "plaid-sandbox.sqlite3")
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")
        self._connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        self._connection.executescript(_SCHEMA)
        self.webhooks = WebhookStore(self._connection)

    def close(self) -> None:
        """Close the database."""
        self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit everything done inside, or nothing if it raises."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    # Documents: small JSON values under a kind and an id.

    def document(self, kind: str, document_id: str) -> dict[str, Any] | None:
        """Return a document, or `None`."""
        row = self._connection.execute(
            "SELECT body FROM document WHERE kind = ? AND id = ?", (kind, document_id)
        ).fetchone()
        return None if row is None else orjson.loads(row[0])

    def put_document(self, kind: str, document_id: str, body: dict[str, Any]) -> None:
        """Write a document, replacing one with the same kind and id."""
        self._connection.execute(
            "INSERT OR REPLACE INTO document (kind, id, body) VALUES (?, ?, ?)", (kind, document_id, orjson.dumps(body))
        )

    # Items.

    def next_ordinal(self) -> int:
        """Reserve the next item number, starting at 1. Never given out twice, even if no item comes of it."""
        counter = self.document("meta", "ordinals") or {"last": 0}
        ordinal: int = counter["last"] + 1
        self.put_document("meta", "ordinals", {"last": ordinal})
        return ordinal

    def put_item(
        self, *, ordinal: int, item_id: str, access_token: str | None, body: dict[str, Any], due_at: float | None
    ) -> None:
        """Write an item, replacing its former state, and when the clock next has something to do for it."""
        if due_at is None:
            self._connection.execute("DELETE FROM timer WHERE ordinal = ?", (ordinal,))
        else:
            self._connection.execute("INSERT OR REPLACE INTO timer (ordinal, due_at) VALUES (?, ?)", (ordinal, due_at))
        self._connection.execute(
            "INSERT OR REPLACE INTO item (ordinal, item_id, access_token, body) VALUES (?, ?, ?, ?)",
            (ordinal, item_id, access_token, orjson.dumps(body)),
        )

    def item_by_token(self, access_token: str) -> dict[str, Any] | None:
        """Return the body of the item with this access token."""
        return self._item("access_token = ?", access_token)

    def item_by_id(self, item_id: str) -> dict[str, Any] | None:
        """Return the body of the item with this id, removed ones as well."""
        return self._item("item_id = ?", item_id)

    def items(self) -> list[dict[str, Any]]:
        """Return the bodies of all items, oldest first."""
        rows = self._connection.execute("SELECT body FROM item ORDER BY ordinal").fetchall()
        return [orjson.loads(row[0]) for row in rows]

    def due_items(self, now: float) -> list[dict[str, Any]]:
        """Return the bodies of the items for which the clock has something to do, the most overdue first."""
        rows = self._connection.execute(
            "SELECT body FROM item JOIN timer USING (ordinal) WHERE due_at <= ? ORDER BY due_at, ordinal", (now,)
        ).fetchall()
        return [orjson.loads(row[0]) for row in rows]

    def next_item_due_at(self) -> float | None:
        """Return when the clock next has something to do for an item."""
        found = self._connection.execute("SELECT min(due_at) FROM timer").fetchone()[0]
        return None if found is None else float(found)

    def _item(self, condition: str, value: str) -> dict[str, Any] | None:
        sql = f"SELECT body FROM item WHERE {condition}"  # noqa: S608 - the condition is a literal of this class
        row = self._connection.execute(sql, (value,)).fetchone()
        return None if row is None else orjson.loads(row[0])

    # Bank accounts.

    def put_bank_accounts(self, ordinal: int, bank_accounts: Sequence[BankAccount]) -> None:
        """Write all bank accounts of an item, in the order they are listed."""
        self._connection.execute("DELETE FROM bank_account WHERE ordinal = ?", (ordinal,))
        self._connection.executemany(
            "INSERT INTO bank_account (ordinal, place, account_id, account_key, opening, posted, pending, is_selected)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    ordinal,
                    place,
                    a.account_id,
                    a.account_key,
                    str(a.opening),
                    str(a.posted),
                    str(a.pending),
                    a.is_selected,
                )
                for place, a in enumerate(bank_accounts)
            ],
        )

    def bank_accounts(self, ordinal: int) -> list[BankAccount]:
        """Return all bank accounts of an item, unselected ones as well."""
        rows = self._connection.execute(
            "SELECT account_id, account_key, opening, posted, pending, is_selected FROM bank_account"
            " WHERE ordinal = ? ORDER BY place",
            (ordinal,),
        ).fetchall()
        return [
            BankAccount(
                account_id=row[0],
                account_key=row[1],
                opening=Decimal(row[2]),
                posted=Decimal(row[3]),
                pending=Decimal(row[4]),
                is_selected=bool(row[5]),
            )
            for row in rows
        ]

    # The change log.

    def append_changes(self, ordinal: int, changes: Sequence[NewChange], *, after: int) -> int:
        """Append changes behind position `after` and return the new last position."""
        for position, change in enumerate(changes, start=after + 1):
            last = self.last_change(ordinal, change.transaction_id)
            first_position = position if last is None or last.kind == "remove" else last.first_position
            if last is not None:
                self._connection.execute(
                    "UPDATE change SET superseded_at = ? WHERE ordinal = ? AND position = ?",
                    (position, ordinal, last.position),
                )
            self._insert([_columns(ordinal, position, first_position, change)])
        return after + len(changes)

    def append_new_rows(self, ordinal: int, changes: Iterable[NewChange], *, after: int) -> int:
        """Append rows that the log has never seen, many at once, and return the new last position."""
        counted = itertools.count(after + 1)
        self._insert(
            _columns(ordinal, position, position, change) for change, position in zip(changes, counted, strict=False)
        )
        return next(counted) - 1

    def _insert(self, values: Iterable[tuple[Any, ...]]) -> None:
        self._connection.executemany(
            "INSERT INTO change (ordinal, position, kind, transaction_id, account_id, dated, amount, is_pending,"
            " first_position, original, rest) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            values,
        )

    def last_change(self, ordinal: int, transaction_id: str) -> StoredChange | None:
        """Return the last change of one row, published or not."""
        row = self._connection.execute(
            f"SELECT {_CHANGE_COLUMNS} FROM change WHERE ordinal = ? AND transaction_id = ?"  # noqa: S608 - a literal
            " ORDER BY position DESC LIMIT 1",
            (ordinal, transaction_id),
        ).fetchone()
        return None if row is None else _stored(row)

    def live_pending(self, ordinal: int, account_id: str) -> list[StoredChange]:
        """Return the last changes of the pending rows that a bank account has now, oldest first."""
        rows = self._connection.execute(
            f"SELECT {_CHANGE_COLUMNS} FROM change WHERE ordinal = ? AND account_id = ?"  # noqa: S608 - a literal
            " AND kind = 'upsert' AND is_pending AND superseded_at IS NULL ORDER BY position",
            (ordinal, account_id),
        ).fetchall()
        return [_stored(row) for row in rows]

    def live_rows(self, ordinal: int, account_id: str) -> list[StoredChange]:
        """Return the last changes of all rows that a bank account has now, oldest change first."""
        rows = self._connection.execute(
            f"SELECT {_CHANGE_COLUMNS} FROM change WHERE ordinal = ? AND account_id = ?"  # noqa: S608 - a literal
            " AND kind = 'upsert' AND superseded_at IS NULL ORDER BY position",
            (ordinal, account_id),
        ).fetchall()
        return [_stored(row) for row in rows]

    def page(
        self, ordinal: int, *, base: int, after: int, head: int, limit: int, account_ids: Sequence[str]
    ) -> list[LogLine]:
        """Return the next changes of a sync loop, in order of position.

        A row with several changes in the loop appears once, at its last one. Rows that came and went between
        `base` (where the loop began) and `head` (where it ends) do not appear, unless they were there at `base` too: a
        row may go, come again under its id, and go once more.
        """
        holes = ", ".join("?" * len(account_ids))
        rows = self._connection.execute(
            f"SELECT {_LINE_COLUMNS} FROM change"  # noqa: S608 - literals and question marks
            " WHERE ordinal = ? AND position > ? AND position <= ?"
            " AND (superseded_at IS NULL OR superseded_at > ?)"
            " AND NOT (kind = 'remove' AND first_position > ? AND NOT EXISTS (SELECT 1 FROM change AS before"
            "   WHERE before.ordinal = change.ordinal AND before.transaction_id = change.transaction_id"
            "   AND before.kind = 'upsert' AND before.position <= ? AND before.superseded_at > ?))"
            f" AND account_id IN ({holes}) ORDER BY position LIMIT ?",
            (ordinal, after, head, head, base, base, base, *account_ids, limit),
        ).fetchall()
        return list(map(LogLine._make, rows))

    def rows_between(
        self, ordinal: int, *, head: int, first: str, last: str, account_ids: Sequence[str], limit: int, offset: int
    ) -> tuple[int, list[LogLine]]:
        """Return how many live rows are dated `first` to `last` (inclusive), and a slice of them, newest first."""
        holes = ", ".join("?" * len(account_ids))
        condition = (
            "FROM change WHERE ordinal = ? AND dated BETWEEN ? AND ? AND position <= ? AND kind = 'upsert'"
            f" AND (superseded_at IS NULL OR superseded_at > ?) AND account_id IN ({holes})"
        )
        values = (ordinal, first, last, head, head, *account_ids)
        total: int = self._connection.execute(f"SELECT count(*) {condition}", values).fetchone()[0]
        rows = self._connection.execute(
            f"SELECT {_LINE_COLUMNS} {condition} ORDER BY dated DESC, position DESC LIMIT ? OFFSET ?",
            (*values, limit, offset),
        ).fetchall()
        return total, list(map(LogLine._make, rows))


def _columns(ordinal: int, position: int, first_position: int, change: NewChange) -> tuple[Any, ...]:
    return (
        ordinal,
        position,
        change.kind,
        change.transaction_id,
        change.account_id,
        change.dated,
        str(change.amount),
        change.is_pending,
        first_position,
        change.row.original,
        change.row.rest,
    )


def _stored(row: tuple[Any, ...]) -> StoredChange:
    return StoredChange(
        position=row[0],
        kind=row[1],
        transaction_id=row[2],
        account_id=row[3],
        amount=Decimal(row[4]),
        is_pending=bool(row[5]),
        first_position=row[6],
        row=EncodedRow(row[7], row[8]),
    )
