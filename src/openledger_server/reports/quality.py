"""How far a report can be trusted."""

from datetime import date, datetime, timedelta

from openledger_server.base.db import ReadConnection
from openledger_server.reports import store
from openledger_server.reports.types import Quality, View

FRESH = timedelta(days=2)
"""A connection that has brought nothing for longer is stale; banks that work are read several times a day."""


async def quality_of(
    conn: ReadConnection, *, entity_id: int, since: date | None, until: date, view: View, now: datetime
) -> Quality:
    """Return what a report over [since, until) rests on: unreviewed, unsettled and waiting rows, currencies, feeds.

    Currencies are looked for from the beginning, as balances rest on everything before.
    """
    count, amount_minor = await store.unreviewed(conn, entity_id=entity_id, since=since, until=until, view=view)
    pending, held = await store.outside_the_books(conn, entity_id=entity_id)
    others = tuple(
        currency
        for currency in await store.currencies_in_use(conn, entity_id=entity_id, until=until)
        if currency != view.currency
    )
    feeds = await store.feeds(conn, entity_id=entity_id, fresh_since=now - FRESH)
    return Quality(
        unreviewed_count=count,
        unreviewed_minor=amount_minor,
        pending_count=pending,
        held_count=held,
        other_currencies=() if view.is_translated else others,
        translated_currencies=others if view.is_translated else (),
        as_of=now,
        feeds=tuple(feeds),
        stale_since=min((feed.fresh_at for feed in feeds if feed.is_stale), default=None),
    )
