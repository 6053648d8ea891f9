"""A journal entry as a reader of the journal sees it."""

from dataclasses import dataclass
from datetime import date, datetime

from openledger_server.base.errors import NotFoundError
from openledger_server.base.paging import CursorError, decode_cursor, encode_cursor
from openledger_server.ledger.types import Actor, JournalEntry

_CURSOR_KIND = "j"
_CURSOR_PARTS = 3
_ID_MAX = 2**63 - 1


class UnknownJournalEntryError(NotFoundError):
    """The entity's journal has no such entry."""

    code = "JOURNAL_ENTRY_NOT_FOUND"

    def __init__(self) -> None:
        super().__init__("There is no such journal entry.")


@dataclass(frozen=True, slots=True)
class Source:
    """What a journal entry was made for: "bank_transaction", "manual_entry", "opening_balance", "reversal" ..."""

    kind: str
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalRow:
    """An entry of the journal, when it was made, and the entry that took it back, if one did."""

    entry: JournalEntry
    by: Actor
    created_at: datetime
    reversed_by_id: int | None

    @property
    def source(self) -> Source:
        """Return what it was made for."""
        kind, _, rest = self.entry.source_ref.partition(":")
        return Source(kind, rest.split(":")[0])

    @property
    def cursor(self) -> str:
        """Return its place in the journal as an opaque text."""
        return encode_cursor(_CURSOR_KIND, self.entry.dated.isoformat(), str(self.entry.id))


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalFilter:
    """Which entries a reader wants: `since` inclusive, `until` exclusive, all given conditions together."""

    since: date | None = None
    until: date | None = None
    ledger_account_id: int | None = None
    kind: str | None = None
    after: tuple[date, int] | None = None
    """(date, id) of the last entry of the page before."""


def parse_journal_cursor(cursor: str) -> tuple[date, int]:
    """Return the position that `JournalRow.cursor` wrote.

    Raises:
        CursorError: if it is not one of ours.
    """
    kind, dated, number = decode_cursor(cursor, parts=_CURSOR_PARTS)
    try:
        position = (date.fromisoformat(dated), int(number))
    except ValueError as exc:
        raise CursorError("The cursor is not one that this server gave out.") from exc
    if kind != _CURSOR_KIND or not 0 < position[1] <= _ID_MAX:
        raise CursorError("The cursor is not one that this server gave out.")
    return position
