"""Entries that people write: drafts, posted ones, and those taken back."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any, NewType

import orjson

from openledger_server.base.errors import ConflictError, InvalidError, NotFoundError
from openledger_server.ledger.types import EntryKind, JournalEntry, JournalEntryId, LedgerAccountId, Posting

ManualEntryId = NewType("ManualEntryId", int)

SOURCE = "manual_entry"
LINES_MAX = 200
_METADATA_BYTES_MAX = 16 * 1024
_YEAR_MIN, _YEAR_MAX = 1900, 2199


class UnknownManualEntryError(NotFoundError):
    """The entity has no such entry."""

    code = "TRANSACTION_NOT_FOUND"

    def __init__(self) -> None:
        super().__init__("There is no such transaction.")


class EntryExternalIdTakenError(ConflictError):
    """Another entry with other content has this external id."""

    code = "EXTERNAL_ID_TAKEN"

    def __init__(self) -> None:
        super().__init__("Another entry, which says something else, has this externalId.")


class EntryDeletedError(ConflictError):
    """The entry was taken back and cannot be changed any more; write a new one."""

    code = "ENTRY_DELETED"

    def __init__(self) -> None:
        super().__init__("This entry was taken back. Write a new one.")


class EntryDateError(InvalidError):
    """The date is outside of what books are kept for."""

    code = "INVALID_DATE"


class MetadataError(InvalidError):
    """The metadata cannot be stored: too large, too deep, or text that is no text."""

    code = "INVALID_METADATA"

    def __init__(self) -> None:
        super().__init__("metadata must be a JSON object of at most 16 KiB without control characters.")


class EntryState(StrEnum):
    """Where an entry stands."""

    DRAFT = "draft"
    """Written, not in the books until somebody approves it."""
    POSTED = "posted"
    DELETED = "deleted"
    """Taken back; the journal shows the entry and its reversal."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an entry as a person wrote it."""

    posting: Posting
    memo: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryContent:
    """What a person wants the books to say.

    Raises:
        EntryDateError, MetadataError: if it cannot be kept.
        UnbalancedEntryError: if the lines do not make a journal entry.
    """

    dated: date
    description: str
    lines: tuple[Line, ...]
    note: str = ""
    metadata: Mapping[str, Any] = field(default_factory=dict)
    external_id: str | None = None

    def __post_init__(self) -> None:
        if not _YEAR_MIN <= self.dated.year <= _YEAR_MAX:
            raise EntryDateError(f"The date must be between the years {_YEAR_MIN} and {_YEAR_MAX}.")
        stored_metadata(self.metadata)
        self.journal_entry(journal_entry_id=JournalEntryId(0), source_ref="new")

    def journal_entry(self, *, journal_entry_id: JournalEntryId, source_ref: str) -> JournalEntry:
        """Return the journal entry that says this."""
        return JournalEntry(
            id=journal_entry_id,
            dated=self.dated,
            source_ref=source_ref,
            description=self.description,
            postings=tuple(line.posting for line in self.lines),
            kind=EntryKind.MANUAL,
            note=self.note,
        )

    def sha256(self) -> bytes:
        """Return a digest that two contents share only if they say the same."""
        lines = [
            [line.posting.ledger_account_id, line.posting.amount_minor, line.posting.currency, line.memo]
            for line in self.lines
        ]
        said = [self.dated, self.description, lines, self.note, dict(self.metadata), self.external_id]
        return hashlib.sha256(orjson.dumps(said, option=orjson.OPT_SORT_KEYS)).digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class ManualEntry:
    """An entry as it stands now."""

    id: ManualEntryId
    revision: int
    """How many journal entries were made for it."""
    journal_entry_id: JournalEntryId | None
    """The live one; None for a draft and for what was taken back."""
    state: EntryState
    content: EntryContent
    content_sha256: bytes
    """Of what was asked for first, before any edit."""
    request_sha256: bytes
    created_at: datetime
    updated_at: datetime
    recurring_entry_id: int | None = None
    """The schedule that made it."""
    occurs_on: date | None = None
    """For which of the schedule's days."""

    @property
    def source_ref(self) -> str:
        """Return the source_ref of its present revision's journal entry."""
        return f"{SOURCE}:{self.id}:{self.revision}"

    def made(self, journal_entry_id: JournalEntryId) -> JournalEntry:
        """Return the journal entry of its present revision."""
        made = self.content.journal_entry(journal_entry_id=journal_entry_id, source_ref=self.source_ref)
        return made if self.recurring_entry_id is None else replace(made, kind=EntryKind.RECURRING)


def stored_metadata(metadata: Mapping[str, Any]) -> str:
    """Return metadata as JSON text fit for the database.

    Raises:
        MetadataError: if it is too large or holds what PostgreSQL does not store.
    """
    try:
        text = orjson.dumps(dict(metadata)).decode()
    except (TypeError, ValueError, RecursionError) as exc:
        raise MetadataError from exc
    if len(text) > _METADATA_BYTES_MAX or "\\u0000" in text:
        raise MetadataError
    return text


def line_of(*, ledger_account_id: LedgerAccountId, amount_minor: int, currency: str, memo: str = "") -> Line:
    """Return a line; `amount_minor`: debit > 0."""
    return Line(Posting(ledger_account_id, amount_minor, currency), memo)
