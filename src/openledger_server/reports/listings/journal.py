"""The journal of a period, page by page."""

from openledger_server.base.db import ReadConnection
from openledger_server.reports.listings import store
from openledger_server.reports.listings.places import cursor_of
from openledger_server.reports.listings.types import EntriesPage
from openledger_server.reports.types import Period


async def journal(
    conn: ReadConnection, *, entity_id: int, period: Period, after: store.Place = store.START, limit: int
) -> EntriesPage:
    """Return up to `limit` journal entries after a place, by date and then in the order in which they were made."""
    found = await store.entries_of(conn, entity_id=entity_id, period=period, after=after, limit=limit + 1)
    entries = found[:limit]
    next_cursor = None
    if len(found) > limit:
        last = entries[-1]
        next_cursor = cursor_of(store.Place(code=0, dated=last.dated, journal_entry_id=last.id, line=1))
    return EntriesPage(entries=tuple(entries), next_cursor=next_cursor)
