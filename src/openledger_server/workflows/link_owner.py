"""Whose link token an item came from, so that nobody can link a bank with a public token that is not his.

The exchange of a public token says nothing of the user it was made for. But the address for the item's webhooks is
fixed when the link token is created, which only this server can do, and the provider gives it back with the item: so
that address bears the entity's id. Without an address of our own there is nothing to bear it.
"""

import logging
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from openledger_server.access.types import parse_id
from openledger_server.banking import store as banking
from openledger_server.banking.feed import FeedError, PublicTokenError
from openledger_server.banking.lifecycle import store as lifecycle
from openledger_server.banking.types import ItemFacts, ItemId
from openledger_server.base import db
from openledger_server.workflows.services import Services

_LOGGER = logging.getLogger(__name__)
_PARAMETER = "linkedBy"


def notice_url_of(services: Services, *, entity_id: int) -> str | None:
    """Return where the webhooks of an item that this entity links are to go; None if nowhere."""
    if services.notice_url is None:
        return None
    url = urlsplit(services.notice_url)
    query = [*parse_qsl(url.query, keep_blank_values=True), (_PARAMETER, str(entity_id))]
    return urlunsplit(url._replace(query=urlencode(query)))


def owner_of(facts: ItemFacts) -> int | None:
    """Return the entity through whose link token the item came; None if its address does not say."""
    if facts.notice_url is None:
        return None
    try:
        return parse_id(dict(parse_qsl(urlsplit(facts.notice_url).query)).get(_PARAMETER, ""))
    except ValueError:
        return None  # not an address of ours


async def refuse_if_foreign(
    services: Services, facts: ItemFacts, *, entity_id: int, item_id: ItemId, access_token: str
) -> None:
    """Forget an item that came through another entity's link token, and say that the public token is no good.

    An item that its owner has linked already stays as it is at the provider; one that nobody has is given up there.

    Raises:
        PublicTokenError: if it is another entity's.
    """
    owner_id = owner_of(facts)
    if owner_id is None or owner_id == entity_id:
        return
    async with db.read_entity(services.pool, entity_id=owner_id) as conn:
        is_in_use = await banking.has_item(conn, entity_id=owner_id, provider_item_id=facts.provider_item_id)
    if not is_in_use:
        try:
            await services.feed.remove_item(access_token)
        except FeedError as exc:
            _LOGGER.warning(
                "A refused link could not be given up at the provider",
                extra={"action": "link.not_removed", "entity_id": entity_id, "provider_code": exc.provider_code},
            )
    async with db.write_entity(services.pool, entity_id=entity_id) as writing:
        await lifecycle.forget_refused_link(writing, entity_id=entity_id, item_id=item_id)
    _LOGGER.warning("A public token of another entity was refused", extra={"action": "link.refused"})
    raise PublicTokenError("The public token is not one of this entity's. Open the bank dialog again.")
