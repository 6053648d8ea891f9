"""Connections: one login at one bank each; how they are, and what a user can do with them."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query
from pydantic import Field

from openledger_server.access.types import parse_id
from openledger_server.api.auth import EntityScope
from openledger_server.api.context import Context
from openledger_server.api.errors import failures
from openledger_server.api.wire import Wire
from openledger_server.banking import store as banking
from openledger_server.banking.lifecycle import store as lifecycle
from openledger_server.banking.rows import BankAccountRow, ItemRow, SyncRun
from openledger_server.banking.store import UnknownItemError
from openledger_server.banking.types import ItemId, ItemState
from openledger_server.base import db
from openledger_server.base.paging import CursorError, checked_page_size, decode_cursor, encode_cursor
from openledger_server.workflows import connections as deeds
from openledger_server.workflows.disconnect import disconnect

router = APIRouter(prefix="/v1/banks/connections", tags=["Connections"], responses=failures(400, 401, 404))

_CURSOR_KIND = "r"
_STATUS = {ItemState.LINKING.value: "importing", ItemState.DISCONNECTING.value: "disconnected"}
_NO_ACCOUNTS = "NO_ACCOUNTS"

StatusWord = Literal[
    "importing",
    "healthy",
    "expiring",
    "bank_down",
    "rate_limited",
    "login_required",
    "error",
    "paused",
    "revoked",
    "disconnected",
]
ActionWord = Literal["none", "wait", "login", "choose_accounts", "resume", "link_again"]
_ACTIONS: dict[str, ActionWord] = {
    ItemState.LINKING.value: "wait",
    ItemState.IMPORTING.value: "wait",
    ItemState.HEALTHY.value: "none",
    ItemState.EXPIRING.value: "login",
    ItemState.BANK_DOWN.value: "wait",
    ItemState.RATE_LIMITED.value: "wait",
    ItemState.LOGIN_REQUIRED.value: "login",
    ItemState.PAUSED.value: "resume",
}


class SyncFailure(Wire):
    """Why the last sync failed."""

    code: str = Field(description="The provider's own word.")
    message: str


class Connection(Wire):
    """One login at one bank."""

    id: str
    institution_id: str | None
    institution_name: str
    status: StatusWord
    status_changed_at: datetime | None
    action: ActionWord = Field(
        description="What the user can do. login and choose_accounts: open the dialog with a link token for this "
        "connection, then call `repaired`."
    )
    ends_at: datetime | None = Field(description="When access ends unless the user logs in again; until then it works.")
    ends_reason: str | None
    new_accounts_available: bool
    is_history_complete: bool
    linked_at: datetime
    last_synced_at: datetime | None = Field(description="When we last read everything the provider has.")
    last_attempted_at: datetime | None
    provider_last_success_at: datetime | None = Field(description="When the provider last read from the bank.")
    provider_last_failure_at: datetime | None
    last_error: SyncFailure | None
    bank_account_ids: list[str] = Field(description="The bank accounts that it feeds.")


class Connections(Wire):
    """All connections, those that have ended included."""

    connections: list[Connection]


class Run(Wire):
    """The record of one sync."""

    id: str
    started_at: datetime
    finished_at: datetime
    pages: int
    restarts: int = Field(description="How often the bank's data changed while they were read.")
    added: int
    modified: int
    removed: int
    unchanged: int
    skipped: int = Field(description="Read, but not for the books: older than them, or of an unlinked account.")
    duration_ms: int
    error_code: str | None


class Runs(Wire):
    """One page of a connection's syncs, newest first."""

    runs: list[Run]
    next_cursor: str | None
    has_more: bool


class Done(Wire):
    """It is done, or queued."""

    success: bool
    message: str


ConnectionScope = Annotated[str, Path(description="The connection's id.", max_length=64)]


def item_id_of(text: str) -> ItemId:
    """Return the item that a connection's id on the wire stands for.

    Raises:
        UnknownItemError: if it cannot be one of ours.
    """
    number = parse_id(text)
    if number is None:
        raise UnknownItemError("There is no such bank connection.")
    return ItemId(number)


@router.get("", summary="List connections")
async def list_connections(context: Context, entity_id: EntityScope) -> Connections:
    """Return how each login at a bank is, oldest first."""
    async with db.read_entity(context.services.pool, entity_id=entity_id) as conn:
        items = await banking.items(conn, entity_id=entity_id)
        rows = await banking.bank_accounts(conn, entity_id=entity_id)
    return Connections(connections=[_connection(item, rows) for item in items])


@router.get("/{connection_id}", summary="See a connection")
async def get_connection(context: Context, entity_id: EntityScope, connection_id: ConnectionScope) -> Connection:
    """Return how one login at a bank is."""
    return await _answer(context, entity_id, item_id_of(connection_id))


@router.get("/{connection_id}/runs", summary="List a connection's syncs")
async def list_connection_runs(
    context: Context,
    entity_id: EntityScope,
    connection_id: ConnectionScope,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
    page_size: Annotated[int | None, Query(alias="pageSize", description="1 to 100.")] = None,
) -> Runs:
    """Return what each sync found, newest first."""
    item_id, size = item_id_of(connection_id), checked_page_size(page_size)
    async with db.read_entity(context.services.pool, entity_id=entity_id) as conn:
        await banking.item(conn, entity_id=entity_id, item_id=item_id)
        found = await lifecycle.sync_runs(
            conn, entity_id=entity_id, item_id=item_id, before_id=position_of(cursor, kind=_CURSOR_KIND), limit=size + 1
        )
    page, has_more = found[:size], len(found) > size
    return Runs(
        runs=[_run(run_id, run) for run_id, run in page],
        next_cursor=encode_cursor(_CURSOR_KIND, str(page[-1][0])) if has_more else None,
        has_more=has_more,
    )


@router.post("/{connection_id}/repaired", summary="Say that update mode succeeded", responses=failures(409, 502))
async def connection_repaired(context: Context, entity_id: EntityScope, connection_id: ConnectionScope) -> Connection:
    """Call this when Link succeeds with a token of this connection; the public token it gives back is not needed.

    The connection is healthy from then on, has the accounts that were chosen, and is synced at once.
    """
    item_id = item_id_of(connection_id)
    await deeds.repaired(context.services, entity_id=entity_id, item_id=item_id)
    return await _answer(context, entity_id, item_id)


@router.post("/{connection_id}/pause", summary="Stop syncing", responses=failures(409))
async def pause_connection(context: Context, entity_id: EntityScope, connection_id: ConnectionScope) -> Connection:
    """Stop syncing until the connection is resumed; nothing is lost, the rest comes then."""
    item_id = item_id_of(connection_id)
    await deeds.pause(context.services, entity_id=entity_id, item_id=item_id)
    return await _answer(context, entity_id, item_id)


@router.post("/{connection_id}/resume", summary="Sync again", responses=failures(409))
async def resume_connection(context: Context, entity_id: EntityScope, connection_id: ConnectionScope) -> Connection:
    """Sync a paused connection again, beginning now."""
    item_id = item_id_of(connection_id)
    await deeds.resume(context.services, entity_id=entity_id, item_id=item_id)
    return await _answer(context, entity_id, item_id)


@router.post("/{connection_id}/refresh", summary="Ask the bank now", responses=failures(409, 429, 502))
async def refresh_connection(context: Context, entity_id: EntityScope, connection_id: ConnectionScope) -> Done:
    """Let the provider look at the bank now, at most twice a minute. New rows follow within a minute or so."""
    await deeds.refresh(context.services, entity_id=entity_id, item_id=item_id_of(connection_id))
    return Done(success=True, message="The bank is being asked. New transactions follow within a minute or so.")


@router.post("/{connection_id}/rotate-token", summary="Replace the access token", responses=failures(409, 502))
async def rotate_connection_token(context: Context, entity_id: EntityScope, connection_id: ConnectionScope) -> Done:
    """Replace the server's own access token at the provider, if it may have leaked. Nobody has to log in again."""
    await deeds.rotate_token(context.services, entity_id=entity_id, item_id=item_id_of(connection_id))
    return Done(success=True, message="The access token is replaced; the old one is dead.")


@router.delete("/{connection_id}", summary="End a connection")
async def delete_connection(context: Context, entity_id: EntityScope, connection_id: ConnectionScope) -> Connection:
    """End the access at the provider for good. What was imported and booked stays."""
    item_id = item_id_of(connection_id)
    await disconnect(context.services, entity_id=entity_id, item_id=item_id)
    return await _answer(context, entity_id, item_id)


def connection_status(state: str) -> StatusWord:
    """Return the word of the wire for an item's state."""
    word: StatusWord = _STATUS.get(state, state)  # type: ignore[assignment]  # the states and words are the same set
    return word


async def _answer(context: Context, entity_id: int, item_id: ItemId) -> Connection:
    async with db.read_entity(context.services.pool, entity_id=entity_id) as conn:
        item = await banking.item(conn, entity_id=entity_id, item_id=item_id)
        rows = await banking.bank_accounts(conn, entity_id=entity_id, item_id=item_id)
    return _connection(item, rows)


def _connection(item: ItemRow, rows: list[BankAccountRow]) -> Connection:
    error = None
    if item.error_code is not None:
        error = SyncFailure(code=item.error_code, message=item.error_message or "The last sync failed.")
    return Connection(
        id=str(item.id),
        institution_id=item.institution_id,
        institution_name=item.institution_name or "Bank",
        status=connection_status(item.state),
        status_changed_at=item.state_changed_at,
        action=_action(item),
        ends_at=item.ends_at,
        ends_reason=item.disconnect_reason,
        new_accounts_available=item.new_accounts_available,
        is_history_complete=item.history_complete_at is not None,
        linked_at=item.linked_at,
        last_synced_at=item.last_synced_at,
        last_attempted_at=item.last_attempted_at,
        provider_last_success_at=item.provider_last_success_at,
        provider_last_failure_at=item.provider_last_failure_at,
        last_error=error,
        bank_account_ids=[str(row.id) for row in rows if row.item_id == item.id and row.unlinked_at is None],
    )


def _action(item: ItemRow) -> ActionWord:
    action = _ACTIONS.get(item.state, "link_again")
    if item.error_code == _NO_ACCOUNTS or (action == "none" and item.new_accounts_available):
        return "choose_accounts"
    return action


def _run(run_id: int, run: SyncRun) -> Run:
    return Run(
        id=str(run_id),
        started_at=run.started_at,
        finished_at=run.finished_at,
        pages=run.pages,
        restarts=run.restarts,
        added=run.added,
        modified=run.modified,
        removed=run.removed,
        unchanged=run.unchanged,
        skipped=run.skipped,
        duration_ms=round((run.finished_at - run.started_at).total_seconds() * 1000),
        error_code=run.error_code,
    )


def position_of(cursor: str | None, *, kind: str) -> int | None:
    """Return the id before which a page of a connection's `kind` begins; None for the first page.

    Raises:
        CursorError: if the cursor is not one of this kind of list.
    """
    if cursor is None:
        return None
    found, number = decode_cursor(cursor, parts=2)
    before_id = parse_id(number)
    if found != kind or before_id is None:
        raise CursorError("The cursor is not one that this server gave out.")
    return before_id
