"""What a user does with a connection: repair it, pause it, refresh it, give it a new token."""

import logging

from openledger_server.access import store as access
from openledger_server.banking import store as banking
from openledger_server.banking.connection import ENDED, SYNCABLE
from openledger_server.banking.feed import FeedError
from openledger_server.banking.lifecycle import store as lifecycle
from openledger_server.banking.rows import ItemRow
from openledger_server.banking.types import BankAccountFact, ItemEvent, ItemId, LinkToken
from openledger_server.base import db
from openledger_server.base.db import WriteConnection
from openledger_server.base.errors import ConflictError, TooManyError
from openledger_server.workflows.connection_events import note
from openledger_server.workflows.link_item import (
    ConnectionEndedError,
    access_token_of,
    add_bank_accounts,
    check_redirect_uri,
    vault_context,
)
from openledger_server.workflows.services import Services
from openledger_server.workflows.sync_item import NotSyncedError, token_is_changing

_LOGGER = logging.getLogger(__name__)
_NO_ACCOUNTS = "NO_ACCOUNTS"


class RefreshLimitError(TooManyError):
    """The bank was asked twice within the last minute; more is not allowed. It is asked by itself anyway."""

    code = "REFRESH_LIMIT"

    def __init__(self) -> None:
        super().__init__("A bank can be refreshed twice a minute. Try again in a minute.")


class TokenChangeError(ConflictError):
    """The connection's access token is being replaced right now."""

    code = "TOKEN_CHANGE_IN_PROGRESS"

    def __init__(self) -> None:
        super().__init__("The access token is being replaced right now. Try again in a moment.")


async def create_update_link(
    services: Services,
    *,
    entity_id: int,
    item_id: ItemId,
    selects_bank_accounts: bool,
    redirect_uri: str | None = None,
) -> LinkToken:
    """Return a link token that opens the bank's dialog for a connection that exists, good for half an hour.

    Choosing accounts is always part of it when the bank says that there are none or new ones: a plain login would
    not cure that.

    Raises:
        UnknownItemError: if the entity has no such connection.
        ConnectionEndedError: if it has ended.
        RedirectUriError: if `redirect_uri` cannot be one.
        FeedError: if the provider fails.
    """
    check_redirect_uri(redirect_uri)
    async with db.read_entity(services.pool, entity_id=entity_id) as conn:
        item = await banking.item(conn, entity_id=entity_id, item_id=item_id)
    if item.state in ENDED:
        raise ConnectionEndedError
    return await services.feed.create_update_token(
        access_token_of(services, item, entity_id=entity_id),
        client_user_id=str(entity_id),
        selects_bank_accounts=selects_bank_accounts or item.error_code == _NO_ACCOUNTS or item.new_accounts_available,
        redirect_uri=redirect_uri,
    )


async def repaired(services: Services, *, entity_id: int, item_id: ItemId) -> ItemRow:
    """Take over what the user did in update mode: the connection is good again, with the accounts chosen there.

    Accounts that were added get their history, those that were dropped are unlinked and keep their rows. The public
    token of update mode is not needed: item and access token are the same as before.

    Raises:
        UnknownItemError: if the entity has no such connection.
        ConnectionEndedError: if it has ended.
        FeedError: if the provider says that it is not good; its state is then what it was.
    """
    async with db.read_entity(services.pool, entity_id=entity_id) as conn:
        item = await banking.item(conn, entity_id=entity_id, item_id=item_id)
    if item.state in ENDED:
        raise ConnectionEndedError
    facts = await services.feed.bank_accounts(access_token_of(services, item, entity_id=entity_id))
    async with db.write_entity(services.pool, entity_id=entity_id) as writing:
        await access.hold_books(writing, entity_id=entity_id)
        item = await banking.lock_item(writing, entity_id=entity_id, item_id=item_id)
        if item.state in ENDED:
            raise ConnectionEndedError
        await _take_selection(services, writing, item, facts, entity_id=entity_id)
        await lifecycle.set_new_accounts_available(writing, entity_id=entity_id, item_id=item_id, are_available=False)
        await lifecycle.set_end(
            writing, entity_id=entity_id, item_id=item_id, consent_expires_at=None, disconnect_at=None, reason=None
        )
        await note(services, writing, item, ItemEvent.REPAIRED, entity_id=entity_id)
        await services.queue.enqueue_sync(writing, entity_id=entity_id, item_id=item_id)
        return await banking.item(writing, entity_id=entity_id, item_id=item_id)


async def _take_selection(
    services: Services,
    conn: WriteConnection,
    item: ItemRow,
    facts: tuple[BankAccountFact, ...],
    *,
    entity_id: int,
) -> None:
    now = services.now()
    await add_bank_accounts(conn, facts, entity_id=entity_id, item_id=item.id, services=services)
    selected = {fact.provider_account_id for fact in facts}
    rows = await banking.bank_accounts(conn, entity_id=entity_id, item_id=item.id)
    dropped = [row.id for row in rows if row.provider_account_id not in selected]
    await lifecycle.unlink_bank_accounts(conn, dropped, entity_id=entity_id, reason="deselected", now=now)
    # What the user unlinked here stays so, even if the bank goes on offering it.
    back = [
        row.id
        for row in rows
        if row.provider_account_id in selected and row.unlinked_reason in {"deselected", "revoked"}
    ]
    if back:
        await lifecycle.relink_bank_accounts(conn, back, entity_id=entity_id)
        await lifecycle.restart_history(conn, entity_id=entity_id, item_id=item.id)
    await banking.update_reported_balances(conn, facts, entity_id=entity_id, now=now)


async def pause(services: Services, *, entity_id: int, item_id: ItemId) -> ItemRow:
    """Stop syncing a connection until it is resumed.

    Raises:
        UnknownItemError, ConnectionEndedError: if there is none, or it has ended.
    """
    return await _noted(services, ItemEvent.PAUSED, entity_id=entity_id, item_id=item_id)


async def resume(services: Services, *, entity_id: int, item_id: ItemId) -> ItemRow:
    """Sync a paused connection again, beginning now.

    Raises:
        UnknownItemError, ConnectionEndedError: if there is none, or it has ended.
    """
    return await _noted(services, ItemEvent.RESUMED, entity_id=entity_id, item_id=item_id)


async def _noted(services: Services, event: ItemEvent, *, entity_id: int, item_id: ItemId) -> ItemRow:
    async with db.write_entity(services.pool, entity_id=entity_id) as conn:
        item = await banking.lock_item(conn, entity_id=entity_id, item_id=item_id)
        if item.state in ENDED:
            raise ConnectionEndedError
        state = await note(services, conn, item, event, entity_id=entity_id)
        if event is ItemEvent.RESUMED and state in SYNCABLE:
            await services.queue.enqueue_sync(conn, entity_id=entity_id, item_id=item_id)
        return await banking.item(conn, entity_id=entity_id, item_id=item_id)


async def refresh(services: Services, *, entity_id: int, item_id: ItemId) -> None:
    """Ask the provider to look at the bank now, and sync; what it finds later comes with its webhook.

    Raises:
        UnknownItemError: if the entity has no such connection.
        NotSyncedError: if it is paused or has ended.
        RefreshLimitError: if the bank was asked twice within the last minute.
        FeedError: if the provider fails.
    """
    async with db.write_entity(services.pool, entity_id=entity_id) as conn:
        item = await banking.lock_item(conn, entity_id=entity_id, item_id=item_id)
        if item.state not in SYNCABLE:
            raise NotSyncedError
        if not await lifecycle.take_refresh(conn, entity_id=entity_id, item_id=item_id, now=services.now()):
            raise RefreshLimitError
    await services.feed.refresh(access_token_of(services, item, entity_id=entity_id))
    async with db.write_entity(services.pool, entity_id=entity_id) as conn:
        await services.queue.enqueue_sync(conn, entity_id=entity_id, item_id=item_id)


async def rotate_token(services: Services, *, entity_id: int, item_id: ItemId) -> None:
    """Replace a connection's access token; the new one is stored before anything else is done.

    Raises:
        UnknownItemError, ConnectionEndedError: if there is none, or it has ended.
        TokenChangeError: if another request does the same right now.
        FeedError: if the provider fails; the old token is still the one then.
    """
    async with db.write_entity(services.pool, entity_id=entity_id) as conn:
        item = await banking.lock_item(conn, entity_id=entity_id, item_id=item_id)
        if item.state in ENDED:
            raise ConnectionEndedError
        if token_is_changing(item, now=services.now()):
            raise TokenChangeError
        # A sync that meets the dead old token meanwhile knows by this that nothing is wrong.
        await lifecycle.begin_token_change(conn, entity_id=entity_id, item_id=item_id, now=services.now())
    try:
        token = await services.feed.replace_access_token(access_token_of(services, item, entity_id=entity_id))
    except FeedError:
        async with db.write_entity(services.pool, entity_id=entity_id) as conn:
            await lifecycle.begin_token_change(conn, entity_id=entity_id, item_id=item_id, now=None)
        raise
    sealed = services.vault.seal(token, context=vault_context(entity_id, item.provider_item_id))
    async with db.write_entity(services.pool, entity_id=entity_id) as conn:
        await lifecycle.store_token(conn, sealed, entity_id=entity_id, item_id=item_id)
    _LOGGER.info("Access token replaced", extra={"action": "item.token_replaced", "item_id": item_id})
