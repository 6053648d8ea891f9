"""The journal: read it, write entries of any number of lines, take them back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response
from pydantic import Field

from openledger_server.access import store as access
from openledger_server.access.types import parse_id
from openledger_server.api import entry_bodies as bodies
from openledger_server.api.auth import Acting, Caller, EntityScope, subject_of
from openledger_server.api.context import ApiContext, Context
from openledger_server.api.dry_run import DryRun
from openledger_server.api.errors import failures
from openledger_server.api.idempotency import IdempotencyKey
from openledger_server.api.wire import CurrencyCode, Wire, instant_text, json_answer, minor_text
from openledger_server.base import db
from openledger_server.base.money import major_units
from openledger_server.base.paging import checked_page_size
from openledger_server.ledger import store as ledger
from openledger_server.ledger.journal import store as journal
from openledger_server.ledger.journal.types import (
    JournalFilter,
    JournalRow,
    UnknownJournalEntryError,
    parse_journal_cursor,
)
from openledger_server.ledger.manual.types import EntryContent, ManualEntry, ManualEntryId, UnknownManualEntryError
from openledger_server.ledger.types import EntryKind, JournalEntryId, LedgerAccount, Posting
from openledger_server.workflows import manual_entries as writing

router = APIRouter(prefix="/v1/journal-entries", tags=["Journal entries"], responses=failures(400, 401, 404, 409))


class JournalLine(Wire):
    """A posting. Exactly one of `debit` and `credit` is set; the texts are exact."""

    account_id: str
    account_name: str
    account_code: int
    account_type: str
    debit: float | None
    credit: float | None
    debit_decimal: str | None
    credit_decimal: str | None
    currency: str
    memo: str


class EntrySource(Wire):
    """What an entry was made for, and the id of that thing."""

    type: str = Field(description="bank_transaction, manual_entry, opening_balance, reversal")
    id: str


class EntryActor(Wire):
    """Who made an entry."""

    kind: Literal["person", "developer", "machine"]
    id: str = Field(description="Whose token it was, or which of the server's deeds.")
    name: str = Field(description="As your product named them in X-Actor; empty if it did not.")


class JournalEntryBody(Wire):
    """An entry of the journal."""

    id: str
    entity_id: str
    date: str
    description: str
    status: Literal["POSTED", "REVERSED", "REVERSAL"]
    kind: EntryKind
    source: EntrySource
    by: EntryActor
    reason: str = Field(description="Why it was made, if its maker said so.")
    note: str
    reverses_id: str | None
    reversed_by_id: str | None
    is_reversible: bool = Field(description="Whether POST …/reverse takes it back: a person's entry that stands.")
    lines: list[JournalLine]
    created_at: str


class JournalPage(Wire):
    """One page of the journal, newest first."""

    journal_entries: list[JournalEntryBody]
    next_cursor: str | None
    has_more: bool


class NewJournalEntry(Wire):
    """An entry to be written: two or more lines that sum to zero in each currency."""

    date: str | None = Field(default=None, description="The day, or a date-time; today (UTC) if left out.")
    description: bodies.Description = ""
    currency: CurrencyCode | None = Field(
        default=None, description="Of lines that name none; the entity's if left out."
    )
    lines: Annotated[list[bodies.LineBody], Field(min_length=2, max_length=bodies.LINES_MAX)]
    note: bodies.Note = ""
    metadata: bodies.Metadata = Field(default_factory=dict)
    external_id: bodies.ExternalId | None = Field(
        default=None, description="Your own id for it: the same one again finds the entry."
    )


class JournalEntryAnswer(Wire):
    """The entry, and whether this request made it."""

    journal_entry: JournalEntryBody | None = Field(description="null for a dry run that wrote nothing.")
    transaction_id: str | None = Field(description="Its id under /v1/transactions, which stays when it is edited.")
    is_new: bool
    dry_run: bool


class ReverseRequest(Wire):
    """How an entry is taken back."""

    date: str | None = Field(default=None, description="The day of the reversal; the entry's own if left out.")
    reason: bodies.Description = Field(default="", description="Why, kept in the journal.")


@dataclass(frozen=True, slots=True)
class _Shown:
    rows: Sequence[JournalRow]
    chart: Mapping[int, LedgerAccount]
    memos: Mapping[int, Sequence[str]]


@router.get("", summary="Read the journal", response_model=JournalPage)
async def get_journal_entries(
    context: Context,
    entity_id: EntityScope,
    cursor: Annotated[str | None, Query(description="`nextCursor` of the page before.")] = None,
    page_size: Annotated[int | None, Query(alias="pageSize", description="1 to 100; 50 if left out.")] = None,
    start_date: Annotated[date | None, Query(alias="startDate", description="The first day.")] = None,
    end_date: Annotated[date | None, Query(alias="endDate", description="The last day, included.")] = None,
    account_id: Annotated[str | None, Query(alias="accountId", description="Only entries that touch it.")] = None,
    kind: Annotated[EntryKind | None, Query(description="Only entries that record this kind of thing.")] = None,
) -> Response:
    """Return one page of all entries, newest first, those that were reversed and their reversals included."""
    size = checked_page_size(page_size)
    wanted = JournalFilter(
        since=start_date,
        until=None if end_date is None or end_date == date.max else end_date + timedelta(days=1),
        ledger_account_id=None if account_id is None else parse_id(account_id) or 0,
        kind=kind,
        after=None if cursor is None else parse_journal_cursor(cursor),
    )
    async with db.read_entity(context.services.pool, entity_id=entity_id) as conn:
        rows = await journal.journal_page(conn, entity_id=entity_id, wanted=wanted, limit=size + 1)
        shown = await _shown(conn, rows[:size], entity_id=entity_id)
    return json_answer(
        {
            "journalEntries": [_entry(row, shown, entity_id) for row in shown.rows],
            "nextCursor": rows[size - 1].cursor if len(rows) > size else None,
            "hasMore": len(rows) > size,
        }
    )


@router.get("/{journal_entry_id}", summary="Read one entry", response_model=JournalEntryBody)
async def get_journal_entry(journal_entry_id: str, context: Context, entity_id: EntityScope) -> Response:
    """Return one entry of the journal."""
    return json_answer(await _one(context, entity_id, _journal_entry_id(journal_entry_id)))


@router.post("", summary="Write an entry", response_model=JournalEntryAnswer)
async def create_journal_entry(
    body: NewJournalEntry,
    context: Context,
    claims: Caller,
    by: Acting,
    entity_id: EntityScope,
    key: IdempotencyKey,
    dry_run: DryRun,
) -> Response:
    """Post an entry of two or more lines.

    The same `externalId` or `Idempotency-Key` again finds the entry that is there; without either, the same request
    within five minutes does.
    """
    content = await _content(body, context, entity_id)
    recorded = await writing.record_entry(
        context.services,
        content,
        writing.request_mark(subject=subject_of(claims), content=content, key=key),
        desk=writing.Desk(entity_id=entity_id, by=by, is_rehearsal=dry_run),
    )
    return json_answer(await _answer(context, entity_id, recorded.entry, is_new=recorded.is_new, dry_run=dry_run))


@router.put("/{transaction_id}", summary="Write an entry anew", response_model=JournalEntryAnswer)
async def change_journal_entry(
    transaction_id: str, body: NewJournalEntry, context: Context, by: Acting, entity_id: EntityScope, dry_run: DryRun
) -> Response:
    """Let what a person wrote say this instead: the entry that stands is reversed and made anew.

    `transactionId` names it through all its versions. To say what it says already changes nothing.
    """
    number = parse_id(transaction_id)
    if number is None:
        raise UnknownManualEntryError
    content = await _content(body, context, entity_id)
    desk = writing.Desk(entity_id=entity_id, by=by, is_rehearsal=dry_run)
    entry = await writing.change_entry(context.services, content, desk=desk, manual_entry_id=ManualEntryId(number))
    return json_answer(await _answer(context, entity_id, entry, is_new=False, dry_run=dry_run))


@router.post("/{journal_entry_id}/reverse", summary="Take an entry back", response_model=JournalEntryBody)
async def reverse_journal_entry(
    journal_entry_id: str,
    context: Context,
    by: Acting,
    entity_id: EntityScope,
    dry_run: DryRun,
    body: ReverseRequest | None = None,
) -> Response:
    """Take back what a person wrote, by an entry that undoes it. Doing so again changes nothing.

    Entries that follow something else (a bank transaction, an opening balance) follow it again when that changes.
    """
    number = _journal_entry_id(journal_entry_id)
    await writing.reverse_journal_entry(
        context.services,
        desk=writing.Desk(entity_id=entity_id, by=by, is_rehearsal=dry_run),
        journal_entry_id=number,
        reason="" if body is None else body.reason,
        dated=None if body is None or body.date is None else bodies.day_of(body.date),
    )
    return json_answer(await _one(context, entity_id, number))


async def _content(body: NewJournalEntry, context: ApiContext, entity_id: int) -> EntryContent:
    currency = body.currency or await base_currency(context, entity_id)
    return EntryContent(
        dated=context.services.now().date() if body.date is None else bodies.day_of(body.date),
        description=body.description,
        lines=bodies.lines_of(body.lines, currency=currency),
        note=body.note,
        metadata=body.metadata,
        external_id=body.external_id,
    )


async def base_currency(context: ApiContext, entity_id: int) -> str:
    """Return the currency of an entity's reports, which is meant where none is named."""
    async with db.read_entity(context.services.pool, entity_id=entity_id) as conn:
        return (await access.entity(conn, entity_id=entity_id)).details.base_currency


def _journal_entry_id(text: str) -> JournalEntryId:
    number = parse_id(text)
    if number is None:
        raise UnknownJournalEntryError
    return JournalEntryId(number)


async def _answer(
    context: ApiContext, entity_id: int, entry: ManualEntry, *, is_new: bool, dry_run: bool
) -> dict[str, Any]:
    is_written = not dry_run or not is_new
    stands = None if dry_run else entry.journal_entry_id
    return {
        "journalEntry": None if stands is None else await _one(context, entity_id, stands),
        "transactionId": str(entry.id) if is_written else None,
        "isNew": is_new,
        "dryRun": dry_run,
    }


async def _one(context: ApiContext, entity_id: int, journal_entry_id: JournalEntryId) -> dict[str, Any]:
    async with db.read_entity(context.services.pool, entity_id=entity_id) as conn:
        row = await journal.journal_row(conn, entity_id=entity_id, journal_entry_id=journal_entry_id)
        shown = await _shown(conn, [row], entity_id=entity_id)
    return _entry(row, shown, entity_id)


async def _shown(conn: db.ReadConnection, rows: Sequence[JournalRow], *, entity_id: int) -> _Shown:
    chart = {int(account.id): account for account in await ledger.ledger_accounts(conn, entity_id=entity_id)}
    memos = await journal.memos(conn, [row.entry.id for row in rows], entity_id=entity_id)
    return _Shown(rows, chart, memos)


def _entry(row: JournalRow, shown: _Shown, entity_id: int) -> dict[str, Any]:
    entry, memos = row.entry, shown.memos.get(row.entry.id, ())
    status = "REVERSAL" if entry.reverses_id else "REVERSED" if row.reversed_by_id else "POSTED"
    return {
        "id": str(entry.id),
        "entityId": str(entity_id),
        "date": entry.dated.isoformat(),
        "description": entry.description,
        "status": status,
        "kind": entry.kind.value,
        "source": {"type": row.source.kind, "id": row.source.id},
        "by": {"kind": row.by.kind.value, "id": row.by.id, "name": row.by.name},
        "reason": entry.reason,
        "note": entry.note,
        "reversesId": None if entry.reverses_id is None else str(entry.reverses_id),
        "reversedById": None if row.reversed_by_id is None else str(row.reversed_by_id),
        "isReversible": status == "POSTED" and row.source.kind == "manual_entry",
        "lines": [
            _line(line, shown.chart[line.ledger_account_id], memos[number] if number < len(memos) else "")
            for number, line in enumerate(entry.postings)
        ],
        "createdAt": instant_text(row.created_at),
    }


def _line(line: Posting, account: LedgerAccount, memo: str) -> dict[str, Any]:
    units = abs(line.amount_minor)
    number, text = float(major_units(units, line.currency)), minor_text(units, line.currency)
    is_debit = line.amount_minor > 0
    return {
        "accountId": str(account.id),
        "accountName": account.name,
        "accountCode": account.code,
        "accountType": account.type.value,
        "debit": number if is_debit else None,
        "credit": None if is_debit else number,
        "debitDecimal": text if is_debit else None,
        "creditDecimal": None if is_debit else text,
        "currency": line.currency,
        "memo": memo,
    }
