"""Handing a public token to the workflow, patiently: the same token sent twice at once gets the same answer twice."""

import asyncio
import time
from typing import Annotated

from fastapi import Query

from openledger_server.api.context import ApiContext
from openledger_server.banking.rows import BankAccountRow
from openledger_server.workflows.connections import repaired
from openledger_server.workflows.link_item import (
    ItemKnownError,
    LinkChoice,
    LinkInProgressError,
    LinkSettings,
    link_item,
)

RedirectUri = Annotated[
    str | None,
    Query(
        alias="redirectUri",
        max_length=2000,
        description="The page to which a bank with a login page of its own sends the browser back; it has to be on "
        "the list in Plaid's dashboard.",
    ),
]

_PATIENCE_S = 15.0
_POLL_S = 0.2


async def linked_accounts(
    context: ApiContext,
    *,
    entity_id: int,
    public_token: str,
    unless_linked: LinkChoice | None = None,
    settings: LinkSettings | None = None,
) -> list[BankAccountRow]:
    """Return the bank accounts of a public token, linking them first if that was not done yet.

    While another request links the same token, wait up to 15 s for its result. A token that came out of update mode
    repairs its connection and gives the accounts which that has now.

    Raises:
        LinkInProgressError: if the other request takes longer.
        ConnectionExistsError, PublicTokenError, FeedError: as `link_item`.
    """
    ends_at = time.monotonic() + _PATIENCE_S
    while True:
        try:
            async with context.link_slots:
                return await link_item(
                    context.services,
                    entity_id=entity_id,
                    public_token=public_token,
                    unless_linked=unless_linked,
                    settings=settings,
                )
        except ItemKnownError as known:
            # Clients hand in whatever the dialog gave them. After update mode that is the token of a repair.
            await repaired(context.services, entity_id=entity_id, item_id=known.item_id)
            continue
        except LinkInProgressError:
            if time.monotonic() > ends_at:
                raise
        await asyncio.sleep(_POLL_S)
