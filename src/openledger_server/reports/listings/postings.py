"""The postings behind a figure, page by page: their sum is the figure."""

from openledger_server.base.db import ReadConnection
from openledger_server.ledger import store as ledger
from openledger_server.reports import store as totals
from openledger_server.reports import tree
from openledger_server.reports.listings import store
from openledger_server.reports.listings.places import cursor_of
from openledger_server.reports.listings.types import PostingsPage
from openledger_server.reports.types import OpeningBalances, PostingQuery, View


async def postings_behind(
    conn: ReadConnection, query: PostingQuery, *, entity_id: int, after: store.Place, limit: int
) -> PostingsPage:
    """Return up to `limit` of the postings behind a figure, oldest first, and the figure."""
    found = await store.postings_of(conn, query, entity_id=entity_id, after=after, limit=limit + 1)
    rows = found[:limit]
    next_cursor = None
    if len(found) > limit:
        last = rows[-1]
        next_cursor = cursor_of(
            store.Place(code=0, dated=last.dated, journal_entry_id=last.journal_entry_id, line=last.line)
        )
    return PostingsPage(
        query=query,
        total_minor=query.sign * await _net(conn, query, entity_id=entity_id),
        postings=tuple(rows),
        next_cursor=next_cursor,
    )


async def _net(conn: ReadConnection, query: PostingQuery, *, entity_id: int) -> int:
    window = (query.since, query.until)
    view = View(currency=query.currency, is_translated=query.is_translated)
    chart = await ledger.ledger_accounts(conn, entity_id=entity_id)
    meant = {account.id for account in chart if account.id in query.ledger_account_ids or account.type in query.types}
    net = 0
    if query.opening_balances is not OpeningBalances.ONLY:
        [found] = await totals.totals_of(conn, entity_id=entity_id, windows=[window])
        net += sum(value for key, value in tree.net_by_account(found, view=view).items() if key in meant)
    if query.opening_balances is not OpeningBalances.INCLUDED:
        [opening] = await totals.opening_nets(conn, entity_id=entity_id, windows=[window], view=view)
        part = sum(value for key, value in opening.items() if key in meant)
        net += part if query.opening_balances is OpeningBalances.ONLY else -part
    return net
