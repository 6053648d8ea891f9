"""Entries that come again and again."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Response
from pydantic import Field

from openledger_server.access.types import parse_id
from openledger_server.api import entry_bodies as bodies
from openledger_server.api.auth import Acting, Caller, EntityScope, subject_of
from openledger_server.api.context import ApiContext, Context
from openledger_server.api.dry_run import DryRun
from openledger_server.api.errors import failures
from openledger_server.api.idempotency import IdempotencyKey
from openledger_server.api.journal_entries import base_currency
from openledger_server.api.wire import AnyCaseLower, CurrencyCode, Wire, instant_text, json_answer, minor_text
from openledger_server.base import db
from openledger_server.base.money import major_units
from openledger_server.ledger.manual.types import EntryContent, Line
from openledger_server.ledger.recurring import store
from openledger_server.ledger.recurring.types import (
    Frequency,
    RecurringEntry,
    RecurringEntryId,
    Schedule,
    UnknownRecurringEntryError,
)
from openledger_server.workflows import recurring_entries as writing
from openledger_server.workflows.manual_entries import Desk, request_mark

router = APIRouter(prefix="/v1/recurring-entries", tags=["Recurring entries"], responses=failures(400, 401, 404, 409))

_PREVIEW = 12


class ScheduleBody(Wire):
    """Every so many weeks, months or years from a first day on; in months that are too short on their last day."""

    frequency: Annotated[Frequency, AnyCaseLower]
    every: Annotated[int, Field(ge=1, le=100)] = 1
    starts_on: date
    ends_on: date | None = Field(default=None, description="The last day on which one may fall.")


class RecurringRequest(Wire):
    """What comes again, and when."""

    schedule: ScheduleBody
    description: bodies.Description = ""
    currency: CurrencyCode | None = Field(
        default=None, description="Of lines that name none; the entity's if left out."
    )
    lines: Annotated[list[bodies.LineBody], Field(min_length=2, max_length=bodies.LINES_MAX)]
    note: bodies.Note = ""
    metadata: bodies.Metadata = Field(default_factory=dict)
    makes_drafts: bool = Field(default=False, description="What is made waits until somebody approves it.")


class RecurringLine(Wire):
    """A line of what comes again."""

    account_id: str
    debit: float | None
    credit: float | None
    debit_decimal: str | None
    credit_decimal: str | None
    currency: str
    memo: str


class RecurringBody(Wire):
    """A recurring entry."""

    id: str | None = Field(description="null for a dry run.")
    schedule: ScheduleBody
    description: str
    note: str
    metadata: dict[str, Any]
    lines: list[RecurringLine]
    makes_drafts: bool
    is_paused: bool
    next_dates: list[date] = Field(description="The next twelve days, the first of which may be due already.")
    problem: str = Field(description="Why the one that is due could not be made; empty when all is well.")
    created_at: str
    updated_at: str


class RecurringList(Wire):
    """All recurring entries, oldest first."""

    recurring_entries: list[RecurringBody]


class DeletedAnswer(Wire):
    """What was done, in a sentence."""

    message: str


@router.get("", summary="List recurring entries", response_model=RecurringList)
async def get_recurring_entries(context: Context, entity_id: EntityScope) -> Response:
    """Return all recurring entries with their next days."""
    async with db.read_entity(context.services.pool, entity_id=entity_id) as conn:
        found = await store.recurring_entries(conn, entity_id=entity_id)
    return json_answer({"recurringEntries": [_body(entry) for entry in found]})


@router.get("/{recurring_entry_id}", summary="Read a recurring entry", response_model=RecurringBody)
async def get_recurring_entry(recurring_entry_id: str, context: Context, entity_id: EntityScope) -> Response:
    """Return one recurring entry with its next days."""
    number = _number(recurring_entry_id)
    async with db.read_entity(context.services.pool, entity_id=entity_id) as conn:
        return json_answer(_body(await store.recurring_entry(conn, entity_id=entity_id, recurring_entry_id=number)))


@router.post("", summary="Write a recurring entry", response_model=RecurringBody)
async def create_recurring_entry(
    body: RecurringRequest,
    context: Context,
    claims: Caller,
    by: Acting,
    entity_id: EntityScope,
    key: IdempotencyKey,
    dry_run: DryRun,
) -> Response:
    """Let an entry come again and again. With `dryRun` only its next days are told.

    Days that are past already are made up for within the hour. The same request again finds what it made.
    """
    draft = await _draft(body, context, entity_id)
    subject = f"{subject_of(claims)}\nrecurring\n{draft.schedule}\n{draft.makes_drafts}"
    mark = request_mark(subject=subject_of(claims) if key else subject, content=draft.content, key=key)
    desk = Desk(entity_id=entity_id, by=by, is_rehearsal=dry_run)
    entry = await writing.add_recurring_entry(context.services, draft, mark, desk=desk)
    return json_answer(_body(entry) | ({"id": None} if dry_run else {}))


@router.put("/{recurring_entry_id}", summary="Change a recurring entry", response_model=RecurringBody)
async def change_recurring_entry(
    recurring_entry_id: str,
    body: RecurringRequest,
    context: Context,
    by: Acting,
    entity_id: EntityScope,
    dry_run: DryRun,
) -> Response:
    """Let what comes from now on say something else or come on other days. What was made stays."""
    entry = await writing.change_recurring_entry(
        context.services,
        await _draft(body, context, entity_id),
        desk=Desk(entity_id=entity_id, by=by, is_rehearsal=dry_run),
        recurring_entry_id=_number(recurring_entry_id),
    )
    return json_answer(_body(entry))


@router.post("/{recurring_entry_id}/pause", summary="Pause a recurring entry", response_model=RecurringBody)
async def pause_recurring_entry(
    recurring_entry_id: str, context: Context, by: Acting, entity_id: EntityScope
) -> Response:
    """Let nothing be made until it is resumed; the days between are left out."""
    return await _paused(recurring_entry_id, context, Desk(entity_id=entity_id, by=by), is_paused=True)


@router.delete("/{recurring_entry_id}/pause", summary="Resume a recurring entry", response_model=RecurringBody)
async def resume_recurring_entry(
    recurring_entry_id: str, context: Context, by: Acting, entity_id: EntityScope
) -> Response:
    """Go on with the next day that has not passed."""
    return await _paused(recurring_entry_id, context, Desk(entity_id=entity_id, by=by), is_paused=False)


@router.delete("/{recurring_entry_id}", summary="Delete a recurring entry")
async def delete_recurring_entry(
    recurring_entry_id: str, context: Context, by: Acting, entity_id: EntityScope
) -> DeletedAnswer:
    """Let nothing more come of it. What it made stays in the books. Doing so again changes nothing."""
    await writing.delete_recurring_entry(
        context.services, desk=Desk(entity_id=entity_id, by=by), recurring_entry_id=_number(recurring_entry_id)
    )
    return DeletedAnswer(message="Nothing more will come of it. What it made stays in the books.")


async def _paused(recurring_entry_id: str, context: ApiContext, desk: Desk, *, is_paused: bool) -> Response:
    entry = await writing.pause_recurring_entry(
        context.services, desk=desk, recurring_entry_id=_number(recurring_entry_id), is_paused=is_paused
    )
    return json_answer(_body(entry))


async def _draft(body: RecurringRequest, context: ApiContext, entity_id: int) -> writing.RecurringDraft:
    schedule = Schedule(
        frequency=body.schedule.frequency,
        every=body.schedule.every,
        starts_on=body.schedule.starts_on,
        ends_on=body.schedule.ends_on,
    )
    currency = body.currency or await base_currency(context, entity_id)
    content = EntryContent(
        dated=schedule.starts_on,
        description=body.description,
        lines=bodies.lines_of(body.lines, currency=currency),
        note=body.note,
        metadata=body.metadata,
    )
    return writing.RecurringDraft(content=content, schedule=schedule, makes_drafts=body.makes_drafts)


def _number(text: str) -> RecurringEntryId:
    number = parse_id(text)
    if number is None:
        raise UnknownRecurringEntryError
    return RecurringEntryId(number)


def _body(entry: RecurringEntry) -> dict[str, Any]:
    content, schedule = entry.content, entry.schedule
    return {
        "id": str(entry.id),
        "schedule": {
            "frequency": schedule.frequency.value,
            "every": schedule.every,
            "startsOn": schedule.starts_on,
            "endsOn": schedule.ends_on,
        },
        "description": content.description,
        "note": content.note,
        "metadata": dict(content.metadata),
        "lines": [_line(line) for line in content.lines],
        "makesDrafts": entry.makes_drafts,
        "isPaused": entry.paused_at is not None,
        "nextDates": schedule.preview(entry.next_number, count=_PREVIEW),
        "problem": entry.problem,
        "createdAt": instant_text(entry.created_at),
        "updatedAt": instant_text(entry.updated_at),
    }


def _line(line: Line) -> dict[str, Any]:
    posting, units = line.posting, abs(line.posting.amount_minor)
    number, text = float(major_units(units, posting.currency)), minor_text(units, posting.currency)
    is_debit = posting.amount_minor > 0
    return {
        "accountId": str(posting.ledger_account_id),
        "debit": number if is_debit else None,
        "credit": None if is_debit else number,
        "debitDecimal": text if is_debit else None,
        "creditDecimal": None if is_debit else text,
        "currency": posting.currency,
        "memo": line.memo,
    }
