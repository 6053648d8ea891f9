"""`openledger connections ...`: see and steer the connections of all tenants."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Any

from openledger_server import main
from openledger_server.banking.audits.types import Audit
from openledger_server.banking.operators.store import ListedItem, listed_items
from openledger_server.banking.types import ItemId
from openledger_server.base.migrate import migrate
from openledger_server.commands.databases import available_database
from openledger_server.commands.output import CommandError, print_json, print_line, told_plainly
from openledger_server.config import Settings
from openledger_server.workflows import connections as deeds
from openledger_server.workflows.audit_item import audit_item
from openledger_server.workflows.disconnect import disconnect
from openledger_server.workflows.request_sync import request_item_sync
from openledger_server.workflows.services import Services

Deed = Callable[[Services, int, ItemId], Awaitable[str]]
"""Does something to (entity, item) and returns the sentence that says what."""


async def _sync(services: Services, entity_id: int, item_id: ItemId) -> str:
    await request_item_sync(services, entity_id=entity_id, item_id=item_id)
    return "A sync is queued for the worker."


async def _pause(services: Services, entity_id: int, item_id: ItemId) -> str:
    await deeds.pause(services, entity_id=entity_id, item_id=item_id)
    return "Paused: it is not synced until it is resumed."


async def _resume(services: Services, entity_id: int, item_id: ItemId) -> str:
    await deeds.resume(services, entity_id=entity_id, item_id=item_id)
    return "Resumed: a sync is queued for the worker."


async def _refresh(services: Services, entity_id: int, item_id: ItemId) -> str:
    await deeds.refresh(services, entity_id=entity_id, item_id=item_id)
    return "The provider was asked to look at the bank now."


async def _disconnect(services: Services, entity_id: int, item_id: ItemId) -> str:
    await disconnect(services, entity_id=entity_id, item_id=item_id)
    return "Ended: the worker tells the provider and erases the access token once that is confirmed."


DEEDS: dict[str, Deed] = {
    "sync": _sync,
    "pause": _pause,
    "resume": _resume,
    "refresh": _refresh,
    "disconnect": _disconnect,
}


def list_connections(
    settings: Settings, *, entity_id: int | None, state: str | None, limit: int, as_json: bool
) -> None:
    """Print connections, one a line."""
    with told_plainly(), available_database(settings) as urls:
        migrate(urls.owner)
        found = listed_items(urls.owner, entity_id=entity_id, item_id=None, state=state, limit=limit)
    if as_json:
        print_json({"connections": [_document(item) for item in found]})
        return
    for item in found:
        synced = "never synced" if item.last_synced_at is None else f"synced {item.last_synced_at:%Y-%m-%d %H:%M}"
        error = f"  {item.error_code}" if item.error_code else ""
        print_line(
            f"{item.item_id}  {item.state:14}  {item.institution_name or 'Bank'}  {item.entity_name}  {synced}{error}"
        )
    if not found:
        print_line("There is no such connection.")


def show_connection(settings: Settings, item_id: int, *, as_json: bool) -> None:
    """Print all that an operator may know of one connection."""
    with told_plainly(), available_database(settings) as urls:
        migrate(urls.owner)
        document = _document(_one(urls.owner, item_id))
    if as_json:
        print_json(document)
        return
    for name, value in document.items():
        print_line(f"{name.replace('_', ' '):26}{'-' if value is None else value}")


def do(settings: Settings, item_id: int, deed: str, *, as_json: bool) -> None:
    """Do one of DEEDS to a connection and print what was done."""
    with told_plainly():
        said = _done(settings, item_id, DEEDS[deed])
    print_json({"connection_id": str(item_id), "message": said}) if as_json else print_line(said)


def audit(settings: Settings, item_id: int, *, as_json: bool) -> None:
    """Compare a connection with the bank now and print the report."""
    reports: list[Audit] = []

    async def compare(services: Services, entity_id: int, item_id: ItemId) -> str:
        reports.append(await audit_item(services, entity_id=entity_id, item_id=item_id))
        return ""

    with told_plainly():
        _done(settings, item_id, compare)
    if as_json:
        print_json(asdict(reports[0]) | {"is_clean": reports[0].is_clean})
        return
    for line in _report(reports[0]):
        print_line(line)


def _report(found: Audit) -> list[str]:
    lines = [f"{found.first_day} to {found.last_day}: {found.rows_here} rows here, {found.rows_there} at the bank"]
    lines += [f"{one.kind.value:14} {one.row.dated}  {one.row.provider_transaction_id}" for one in found.differences]
    lines += [
        f"bank account {one.bank_account_id}: the bank reports {one.reported_minor}, the books hold {one.ledger_minor} "
        f"({one.currency}, smallest units)"
        for one in found.balances
        if not one.is_equal
    ]
    if found.is_clean:
        return [*lines, "Everything agrees."]
    return [*lines, "The whole history is read again." if found.reads_again else "Nothing was changed."]


def _done(settings: Settings, item_id: int, deed: Deed) -> str:
    with available_database(settings) as urls:
        migrate(urls.owner)
        item = _one(urls.owner, item_id)

        async def run() -> str:
            async with main.open_services(settings, urls.app) as services:
                return await deed(services, item.entity_id, ItemId(item.item_id))

        return asyncio.run(run())


def _one(owner_dsn: str, item_id: int) -> ListedItem:
    found = listed_items(owner_dsn, entity_id=None, item_id=item_id, state=None, limit=1)
    if not found:
        raise CommandError(f"There is no connection {item_id}.")
    return found[0]


def _document(item: ListedItem) -> dict[str, Any]:
    ids = {"connection_id": str(item.item_id), "entity_id": str(item.entity_id)}
    rest = {name: value for name, value in asdict(item).items() if name not in {"item_id", "entity_id"}}
    return ids | rest
