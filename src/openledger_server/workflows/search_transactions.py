"""Searching an entity's bank transactions by words and by what the words mean."""

import asyncio
from datetime import date

from openledger_server.base import db
from openledger_server.bookkeeping.search import store
from openledger_server.bookkeeping.search.types import FoundTransaction, Search
from openledger_server.categorization.model import Line, classify
from openledger_server.workflows.services import Services

_MEANS_FROM = 0.5
"""The model has to be this sure of what the words mean before rows of that category are shown."""


async def search_transactions(
    services: Services,
    *,
    entity_id: int,
    text: str,
    limit: int,
    since: date | None = None,
    until: date | None = None,
) -> list[FoundTransaction]:
    """Return what is found, the likest first: words and their spellings, and rows of the category that they mean."""
    [guess] = await asyncio.to_thread(classify, [Line(text, is_inflow=False)])
    codes = (guess.pfc_detailed,) if guess.confidence >= _MEANS_FROM else ()
    search = Search(text=text, provider_categories=codes, limit=limit, since=since, until=until)
    async with db.read_entity(services.pool, entity_id=entity_id) as conn:
        return await store.found_transactions(conn, search, entity_id=entity_id)
