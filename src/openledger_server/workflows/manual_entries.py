"""Entries that people write: record, change, approve, take back. Every version of one stays in the journal."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from openledger_server.access import store as access
from openledger_server.access.idempotency.types import KEPT, key_digest
from openledger_server.base import db
from openledger_server.base.db import WriteConnection
from openledger_server.base.errors import ConflictError, InvalidError
from openledger_server.base.ids import new_id
from openledger_server.ledger import store as ledger
from openledger_server.ledger.journal import store as journal
from openledger_server.ledger.journal.reversal import reversal_entry
from openledger_server.ledger.manual import store
from openledger_server.ledger.manual.types import (
    SOURCE,
    EntryContent,
    EntryDeletedError,
    EntryExternalIdTakenError,
    EntryState,
    ManualEntry,
    ManualEntryId,
    UnknownManualEntryError,
)
from openledger_server.ledger.types import Actor, JournalEntryId, LedgerAccount, Posting
from openledger_server.workflows.services import Services

BARE_RETRY = timedelta(minutes=5)
"""A request without any key that comes again within this time is taken for a retry of the first."""


class PostingCurrencyError(InvalidError):
    """A ledger account that stands for one bank account takes only that account's currency."""

    code = "LEDGER_ACCOUNT_CURRENCY"


class NotReversibleError(ConflictError):
    """The entry follows something else; change that instead."""

    code = "ENTRY_NOT_REVERSIBLE"

    def __init__(self, source_kind: str) -> None:
        instead = _INSTEAD.get(source_kind, "It cannot be taken back by hand.")
        super().__init__(f"This journal entry was not written by a person. {instead}")


_INSTEAD = {
    "bank_transaction": "It follows a bank transaction: categorise, split or exclude that one.",
    "opening_balance": "It follows what the bank reported when the account was linked.",
    "reversal": "It takes another entry back already; write that one anew.",
}


@dataclass(frozen=True, slots=True)
class RequestMark:
    """What tells a repeated request from a new one."""

    sha256: bytes
    is_keyed: bool
    """The caller sent an idempotency key."""

    @property
    def kept(self) -> timedelta:
        """Return for how long the request is known again."""
        return KEPT if self.is_keyed else BARE_RETRY


def request_mark(*, subject: str, content: EntryContent, key: str | None, as_draft: bool = False) -> RequestMark:
    """Return the mark of a request: its key, or without one who asks and what for."""
    if key is not None:
        return RequestMark(key_digest(subject=subject, key=key), is_keyed=True)
    return RequestMark(
        hashlib.sha256(f"bare\n{subject}\n{as_draft}\n".encode() + content.sha256()).digest(), is_keyed=False
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Whose books are written in, by whom, and whether it is only tried."""

    entity_id: int
    by: Actor
    is_rehearsal: bool = False


@asynccontextmanager
async def open_books(services: Services, desk: Desk) -> AsyncIterator[WriteConnection]:
    """Hold the books for one deed; at the end of a rehearsal everything written is taken back."""
    async with (
        db.write_entity(services.pool, entity_id=desk.entity_id) as conn,
        db.rehearsal(conn, only=desk.is_rehearsal),
    ):
        await access.hold_books(conn, entity_id=desk.entity_id)
        yield conn


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """An entry as it stands, and whether it was made now or by an earlier, equal request."""

    entry: ManualEntry
    is_new: bool


async def record_entry(
    services: Services, content: EntryContent, mark: RequestMark, *, desk: Desk, as_draft: bool = False
) -> Recorded:
    """Write an entry and post it, unless it is a draft, and return it.

    The same request again finds the entry it made: by external id always, by idempotency key for a day, without either
    for five minutes.

    Raises:
        UnknownLedgerAccountError: if a line names no account of the chart.
        PostingCurrencyError: if a line's currency is not its account's.
        EntryExternalIdTakenError: if the external id names an entry that says something else.
        PeriodClosedError, RateMissingError: if the books do not take it.
    """
    now = services.now()
    async with open_books(services, desk) as conn:
        known = await _known(conn, content, mark, entity_id=desk.entity_id, now=now)
        if known is not None:
            return Recorded(entry=known, is_new=False)
        await check_lines(conn, content, entity_id=desk.entity_id)
        entry = ManualEntry(
            id=ManualEntryId(new_id()),
            revision=0,
            journal_entry_id=None,
            state=EntryState.DRAFT,
            content=content,
            content_sha256=content.sha256(),
            request_sha256=mark.sha256,
            created_at=now,
            updated_at=now,
        )
        if not as_draft:
            entry = await posted(conn, entry, desk=desk, now=now)
        await store.add_manual_entry(conn, entry, entity_id=desk.entity_id)
    return Recorded(entry=entry, is_new=True)


async def _known(
    conn: WriteConnection, content: EntryContent, mark: RequestMark, *, entity_id: int, now: datetime
) -> ManualEntry | None:
    if content.external_id is not None:
        found = await store.entry_by_external_id(conn, entity_id=entity_id, external_id=content.external_id)
        if found is not None and found.content_sha256 != content.sha256():
            raise EntryExternalIdTakenError
        return found
    return await store.entry_by_request(conn, entity_id=entity_id, request_sha256=mark.sha256, since=now - mark.kept)


async def check_lines(conn: WriteConnection, content: EntryContent, *, entity_id: int) -> None:
    """Look whether each line can be posted to its account.

    Raises:
        UnknownLedgerAccountError, ArchivedAccountError, PostingCurrencyError: if one cannot.
    """
    chart = {account.id: account for account in await ledger.ledger_accounts(conn, entity_id=entity_id)}
    for line in content.lines:
        account = chart.get(line.posting.ledger_account_id)
        if account is None:
            raise ledger.UnknownLedgerAccountError("There is no such category in this entity's chart of accounts.")
        ledger.check_open(account)
        _check_line(account, line.posting)


def _check_line(account: LedgerAccount, posting: Posting) -> None:
    if account.currency is not None and account.currency != posting.currency:
        raise PostingCurrencyError(f"{account.name} is kept in {account.currency} and takes no {posting.currency}.")


async def change_entry(
    services: Services, content: EntryContent, *, desk: Desk, manual_entry_id: ManualEntryId
) -> ManualEntry:
    """Let an entry say something else: the journal entry that stands is reversed and made anew.

    To say what it says already changes nothing, so a retry is safe. The external id stays.

    Raises:
        UnknownManualEntryError: if the entity has none of that id.
        EntryDeletedError: if it was taken back.
        UnknownLedgerAccountError, PostingCurrencyError, PeriodClosedError, RateMissingError: as for a new one.
    """
    now = services.now()
    async with open_books(services, desk) as conn:
        before = await store.manual_entry(conn, entity_id=desk.entity_id, manual_entry_id=manual_entry_id)
        if before.state is EntryState.DELETED:
            raise EntryDeletedError
        content = replace(content, external_id=before.content.external_id)
        if before.content.sha256() == content.sha256():
            return before
        await check_lines(conn, content, entity_id=desk.entity_id)
        after = replace(before, content=content, updated_at=now)
        if before.state is EntryState.POSTED and _books_differ(before.content, content):
            reason = "Edited: another entry takes its place."
            after = await rewritten(conn, before, after, desk=desk, now=now, reason=reason)
        await store.store_manual_entry(conn, after, entity_id=desk.entity_id)
    return after


def _books_differ(before: EntryContent, after: EntryContent) -> bool:
    said = [(one.dated, one.description, [line.posting for line in one.lines]) for one in (before, after)]
    return said[0] != said[1]


async def approve_entry(services: Services, *, desk: Desk, manual_entry_id: ManualEntryId) -> ManualEntry:
    """Post a draft; what is posted already stays as it is.

    Raises:
        UnknownManualEntryError: if the entity has none of that id, or it was taken back.
        UnknownLedgerAccountError, PostingCurrencyError, PeriodClosedError, RateMissingError: as for a new one.
    """
    now = services.now()
    async with open_books(services, desk) as conn:
        entry = await store.manual_entry(conn, entity_id=desk.entity_id, manual_entry_id=manual_entry_id)
        if entry.state is EntryState.DELETED:
            raise UnknownManualEntryError
        if entry.state is EntryState.DRAFT:
            await check_lines(conn, entry.content, entity_id=desk.entity_id)
            entry = await posted(conn, replace(entry, updated_at=now), desk=desk, now=now)
            await store.store_manual_entry(conn, entry, entity_id=desk.entity_id)
    return entry


async def delete_entry(
    services: Services,
    *,
    desk: Desk,
    manual_entry_id: ManualEntryId,
    reason: str = "",
    dated: date | None = None,
    only_journal_entry_id: JournalEntryId | None = None,
) -> ManualEntry:
    """Take an entry back by a reversal dated `dated`, or on its own date; a draft is only marked.

    Doing so again changes nothing, nor does it if `only_journal_entry_id` is not the one that stands.

    Raises:
        UnknownManualEntryError: if the entity has none of that id.
        PeriodClosedError: if the reversal's day is closed.
    """
    now = services.now()
    async with open_books(services, desk) as conn:
        entry = await store.manual_entry(conn, entity_id=desk.entity_id, manual_entry_id=manual_entry_id)
        if entry.state is EntryState.DELETED or only_journal_entry_id not in {None, entry.journal_entry_id}:
            return entry
        await _take_back(conn, entry, desk=desk, now=now, reason=reason or "Taken back by hand.", dated=dated)
        after = replace(entry, state=EntryState.DELETED, journal_entry_id=None, updated_at=now)
        await store.store_manual_entry(conn, after, entity_id=desk.entity_id)
    return after


async def reverse_journal_entry(
    services: Services,
    *,
    desk: Desk,
    journal_entry_id: JournalEntryId,
    reason: str = "",
    dated: date | None = None,
) -> None:
    """Take back the entry of the journal that a person's entry stands by; one that is reversed already stays so.

    Raises:
        UnknownJournalEntryError: if the journal has none of that id.
        NotReversibleError: if something else than a person made it.
        PeriodClosedError: if the reversal's day is closed.
    """
    async with db.read_entity(services.pool, entity_id=desk.entity_id) as conn:
        row = await journal.journal_row(conn, entity_id=desk.entity_id, journal_entry_id=journal_entry_id)
    if row.source.kind != SOURCE:
        raise NotReversibleError(row.source.kind)
    if row.reversed_by_id is None:
        await delete_entry(
            services,
            desk=desk,
            manual_entry_id=ManualEntryId(int(row.source.id)),
            reason=reason,
            dated=dated,
            only_journal_entry_id=journal_entry_id,
        )


async def posted(conn: WriteConnection, entry: ManualEntry, *, desk: Desk, now: datetime) -> ManualEntry:
    """Post the present content of an entry as its next revision, and return the entry as it is to be stored."""
    journal_entry_id = JournalEntryId(new_id())
    after = replace(entry, revision=entry.revision + 1, journal_entry_id=journal_entry_id, state=EntryState.POSTED)
    made = after.made(journal_entry_id)
    await ledger.append_entries(conn, [made], entity_id=desk.entity_id, now=now, by=desk.by)
    return after


async def rewritten(
    conn: WriteConnection, before: ManualEntry, after: ManualEntry, *, desk: Desk, now: datetime, reason: str
) -> ManualEntry:
    """Take back the entry that stands and post what it says now; return the entry as it is to be stored."""
    await _take_back(conn, before, desk=desk, now=now, reason=reason)
    return await posted(conn, after, desk=desk, now=now)


async def _take_back(
    conn: WriteConnection, entry: ManualEntry, *, desk: Desk, now: datetime, reason: str, dated: date | None = None
) -> None:
    if entry.journal_entry_id is None:
        return
    row = await journal.journal_row(conn, entity_id=desk.entity_id, journal_entry_id=entry.journal_entry_id)
    made = reversal_entry(
        row.entry, journal_entry_id=JournalEntryId(new_id()), dated=dated or row.entry.dated, reason=reason
    )
    await ledger.append_entries(conn, [made], entity_id=desk.entity_id, now=now, by=desk.by)
