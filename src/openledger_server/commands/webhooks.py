"""`openledger webhooks list` and `openledger webhooks replay`."""

import asyncio
from datetime import UTC, datetime

from openledger_server import main
from openledger_server.base.migrate import migrate
from openledger_server.commands.databases import available_database
from openledger_server.commands.output import CommandError, print_json, print_line, told_plainly
from openledger_server.config import Settings
from openledger_server.webhooks.incoming import store as incoming
from openledger_server.webhooks.incoming.store import ReceivedWebhook

_REPLAYED_MAX = 100_000


def show_webhooks(settings: Settings, *, since: datetime | None, limit: int, as_json: bool) -> None:
    """Print the newest received webhooks, one a line."""
    with told_plainly(), available_database(settings) as urls:
        migrate(urls.owner)
        found = incoming.listed(urls.owner, since=_utc(since), webhook_id=None, limit=limit)
    if as_json:
        print_json({"webhooks": [_document(row) for row in found]})
        return
    for row in found:
        item = "of no item of ours" if row.item_id is None else f"connection {row.item_id}"
        print_line(f"{row.id}  {row.received_at:%Y-%m-%d %H:%M:%S}  {row.state:8}  {row.kind}/{row.code}  {item}")
    if not found:
        print_line("No webhook was received.")


def replay(settings: Settings, *, since: datetime | None, webhook_id: int | None, as_json: bool) -> None:
    """Let received webhooks be handled again and print how many there are."""
    with told_plainly():
        if (since is None) == (webhook_id is None):
            raise CommandError("Say which webhooks: --since or --id.")
        with available_database(settings) as urls:
            migrate(urls.owner)
            found = incoming.listed(urls.owner, since=_utc(since), webhook_id=webhook_id, limit=_REPLAYED_MAX)
            if webhook_id is not None and not found:
                raise CommandError(f"There is no webhook {webhook_id}.")
            items = incoming.make_waiting(urls.owner, [row.id for row in found])
            asyncio.run(main.handle_webhooks_again(urls.app, items))
    if as_json:
        print_json({"replayed": len(found), "connections": len(items)})
    else:
        print_line(f"{len(found)} webhooks of {len(items)} connections are queued for the worker.")


def _utc(at: datetime | None) -> datetime | None:
    return at if at is None or at.tzinfo is not None else at.replace(tzinfo=UTC)


def _document(row: ReceivedWebhook) -> dict[str, object]:
    return {
        "id": str(row.id),
        "connection_id": None if row.item_id is None else str(row.item_id),
        "entity_id": None if row.entity_id is None else str(row.entity_id),
        "kind": row.kind,
        "code": row.code,
        "received_at": row.received_at,
        "repeats": row.repeats,
        "state": row.state,
        "handled_at": row.handled_at,
    }
