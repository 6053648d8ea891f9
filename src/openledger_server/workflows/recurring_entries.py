"""Entries that come again: write the schedule, change it, pause it, and make what is due."""

import hashlib
import logging
from dataclasses import dataclass, replace
from datetime import date, datetime

from openledger_server.base import db
from openledger_server.base.db import WriteConnection
from openledger_server.base.errors import OpenLedgerError
from openledger_server.base.ids import new_id
from openledger_server.ledger.manual import store as manual
from openledger_server.ledger.manual.types import EntryContent, EntryState, ManualEntry, ManualEntryId
from openledger_server.ledger.recurring import store
from openledger_server.ledger.recurring.types import (
    RecurringEntry,
    RecurringEntryId,
    Schedule,
    UnknownRecurringEntryError,
)
from openledger_server.ledger.types import Actor, ActorKind
from openledger_server.workflows.manual_entries import Desk, RequestMark, check_lines, open_books, posted
from openledger_server.workflows.services import Services

_LOGGER = logging.getLogger(__name__)

CLOCK = Actor(kind=ActorKind.MACHINE, id="recurring_entries")
"""The server itself, when a schedule is due."""
_AT_ONCE_MAX = 500
_PROBLEM_LENGTH_MAX = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class RecurringDraft:
    """What is to come again and when."""

    content: EntryContent
    schedule: Schedule
    makes_drafts: bool


async def add_recurring_entry(
    services: Services, draft: RecurringDraft, mark: RequestMark, *, desk: Desk
) -> RecurringEntry:
    """Write a schedule and return it. What is due already is made when the clock comes by, within the hour.

    The same request again finds the schedule it made.

    Raises:
        UnknownLedgerAccountError, ArchivedAccountError, PostingCurrencyError: if a line cannot be posted.
    """
    now = services.now()
    async with open_books(services, desk) as conn:
        known = await store.recurring_by_request(
            conn, entity_id=desk.entity_id, request_sha256=mark.sha256, since=now - mark.kept
        )
        if known is not None:
            return known
        await check_lines(conn, draft.content, entity_id=desk.entity_id)
        entry = RecurringEntry(
            id=RecurringEntryId(new_id()),
            content=draft.content,
            schedule=draft.schedule,
            next_number=0,
            makes_drafts=draft.makes_drafts,
            paused_at=None,
            problem="",
            request_sha256=mark.sha256,
            created_at=now,
            updated_at=now,
        )
        await store.store_recurring_entry(conn, entry, entity_id=desk.entity_id)
    return entry


async def change_recurring_entry(
    services: Services, draft: RecurringDraft, *, desk: Desk, recurring_entry_id: RecurringEntryId
) -> RecurringEntry:
    """Let what comes from now on say something else, or come on other days; what was made stays.

    The next one is the first of the new schedule after the last that was made.

    Raises:
        UnknownRecurringEntryError: if the entity has none of that id.
        UnknownLedgerAccountError, ArchivedAccountError, PostingCurrencyError: if a line cannot be posted.
    """
    async with open_books(services, desk) as conn:
        before = await store.recurring_entry(conn, entity_id=desk.entity_id, recurring_entry_id=recurring_entry_id)
        await check_lines(conn, draft.content, entity_id=desk.entity_id)
        made_on = await store.last_made_on(conn, entity_id=desk.entity_id, recurring_entry_id=before.id)
        number = 0
        if made_on is not None:
            number = draft.schedule.first_from(made_on)
            if draft.schedule.occurrence(number) == made_on:
                number += 1
        after = replace(
            before,
            content=draft.content,
            schedule=draft.schedule,
            makes_drafts=draft.makes_drafts,
            next_number=number,
            problem="",
            updated_at=services.now(),
        )
        await store.store_recurring_entry(conn, after, entity_id=desk.entity_id)
    return after


async def pause_recurring_entry(
    services: Services, *, desk: Desk, recurring_entry_id: RecurringEntryId, is_paused: bool
) -> RecurringEntry:
    """Let nothing be made for a while, or go on. Days that passed meanwhile are left out. Again changes nothing.

    Raises:
        UnknownRecurringEntryError: if the entity has none of that id.
    """
    now = services.now()
    async with open_books(services, desk) as conn:
        before = await store.recurring_entry(conn, entity_id=desk.entity_id, recurring_entry_id=recurring_entry_id)
        if (before.paused_at is not None) == is_paused:
            return before
        number = before.next_number
        if not is_paused:
            number = max(number, before.schedule.first_from(now.date()))
        after = replace(before, paused_at=now if is_paused else None, next_number=number, problem="", updated_at=now)
        await store.store_recurring_entry(conn, after, entity_id=desk.entity_id)
    return after


async def delete_recurring_entry(services: Services, *, desk: Desk, recurring_entry_id: RecurringEntryId) -> None:
    """Let nothing more come of a schedule; what it made stays. Doing so again changes nothing."""
    async with open_books(services, desk) as conn:
        await store.delete_recurring_entry(
            conn, entity_id=desk.entity_id, recurring_entry_id=recurring_entry_id, now=services.now()
        )


async def make_due_entries(services: Services) -> int:
    """Make everything that is due, of all entities, and return how many entries that were.

    Each schedule is a unit of its own; where one cannot be made, the schedule says why and is tried again next time.
    """
    today, made = services.now().date(), 0
    for entity_id, recurring_entry_id in await store.due(services.pool, today=today):
        made += await make_due_of(services, entity_id=entity_id, recurring_entry_id=recurring_entry_id, today=today)
    return made


async def make_due_of(services: Services, *, entity_id: int, recurring_entry_id: RecurringEntryId, today: date) -> int:
    """Make what one schedule has due through `today`, at most 500 at once, and return how many entries that were."""
    desk = Desk(entity_id=entity_id, by=CLOCK)
    async with open_books(services, desk) as conn:
        try:
            entry = await store.recurring_entry(conn, entity_id=entity_id, recurring_entry_id=recurring_entry_id)
        except UnknownRecurringEntryError:
            return 0
        if entry.paused_at is not None:
            return 0
        number, problem = await _make(conn, entry, desk=desk, today=today, now=services.now())
        after = replace(entry, next_number=number, problem=problem[:_PROBLEM_LENGTH_MAX])
        if after != entry:
            after = replace(after, updated_at=services.now())
            await store.store_recurring_entry(conn, after, entity_id=entity_id)
    return number - entry.next_number


async def _make(
    conn: WriteConnection, entry: RecurringEntry, *, desk: Desk, today: date, now: datetime
) -> tuple[int, str]:
    """Return which occurrence is next afterwards, and why that one could not be made, if it is due."""
    number = entry.next_number
    for occurs_on in entry.schedule.preview(number, count=_AT_ONCE_MAX):
        if occurs_on > today:
            break
        try:
            async with db.attempt(conn):
                await _make_one(conn, entry, occurs_on, desk=desk, now=now)
        except OpenLedgerError as exc:
            _LOGGER.warning(
                "Unable to make a recurring entry",
                extra={"action": "recurring_entry.failed", "recurring_entry_id": entry.id, "code": exc.error_code},
            )
            return number, exc.message
        number += 1
    return number, ""


async def _make_one(
    conn: WriteConnection, entry: RecurringEntry, occurs_on: date, *, desk: Desk, now: datetime
) -> None:
    content = replace(entry.content, dated=occurs_on)
    await check_lines(conn, content, entity_id=desk.entity_id)
    made = ManualEntry(
        id=ManualEntryId(new_id()),
        revision=0,
        journal_entry_id=None,
        state=EntryState.DRAFT,
        content=content,
        content_sha256=content.sha256(),
        request_sha256=hashlib.sha256(f"recurring\n{entry.id}\n{occurs_on}".encode()).digest(),
        created_at=now,
        updated_at=now,
        recurring_entry_id=entry.id,
        occurs_on=occurs_on,
    )
    if not entry.makes_drafts:
        made = await posted(conn, made, desk=desk, now=now)
    await manual.add_manual_entry(conn, made, entity_id=desk.entity_id)
