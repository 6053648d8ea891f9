"""Linking a bank: a token for the browser's dialog; the public token it gives back becomes bank accounts."""

from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.parse import urlsplit

from openledger_server.access import store as access
from openledger_server.banking import relink
from openledger_server.banking import store as banking
from openledger_server.banking.choices import store as choosing
from openledger_server.banking.choices.types import AccountChoices
from openledger_server.banking.connection import ENDED
from openledger_server.banking.lifecycle import store as lifecycle
from openledger_server.banking.rows import BankAccountRow, ItemRow
from openledger_server.banking.types import (
    LIABILITY_TYPES,
    BankAccountFact,
    BankAccountId,
    ItemEvent,
    ItemFacts,
    ItemId,
    ItemState,
    LinkToken,
)
from openledger_server.base import db
from openledger_server.base.errors import ConflictError, InvalidError
from openledger_server.base.ids import new_id
from openledger_server.base.money import is_currency
from openledger_server.base.vault import fingerprint
from openledger_server.bookkeeping.opening import set_opening_balances
from openledger_server.ledger import chart
from openledger_server.ledger import store as ledger
from openledger_server.ledger.types import LedgerAccount, LedgerAccountId, LedgerAccountType
from openledger_server.webhooks.outgoing.types import EventType
from openledger_server.workflows.announcing import announce, connection_facts
from openledger_server.workflows.bank_account_settings import (
    apply_choices,
    check_choices,
    check_ledger_account,
    choices_of,
)
from openledger_server.workflows.connection_events import note
from openledger_server.workflows.link_owner import notice_url_of, refuse_if_foreign
from openledger_server.workflows.services import Services

HISTORY_DAYS = 730
"""How much history is asked for; Plaid's most. It can not be enlarged after linking."""


class LinkInProgressError(ConflictError):
    """The same public token is being exchanged by another request right now. Try again in a moment."""

    code = "LINK_IN_PROGRESS"


class ConnectionEndedError(ConflictError):
    """The connection has ended and our access is erased. Link the bank again."""

    code = "CONNECTION_ENDED"

    def __init__(self) -> None:
        super().__init__("This bank connection has ended. Link the bank again.")


class ItemKnownError(ConflictError):
    """The public token came out of the repair of a connection that is linked already. Nothing new was linked."""

    code = "CONNECTION_EXISTS"

    def __init__(self, item_id: ItemId) -> None:
        super().__init__(f"This is connection {item_id}, which is linked already.")
        self.item_id = item_id


class ConnectionExistsError(ConflictError):
    """This bank account is linked already. Nothing was exchanged; repair that connection, or link again with force."""

    code = "CONNECTION_EXISTS"

    def __init__(self, row: BankAccountRow) -> None:
        name = f"{row.name} ••{row.mask}" if row.mask else row.name
        super().__init__(
            f"{name} is linked already, by connection {row.item_id}. Repair that connection if it needs a login; "
            "send force to link the bank a second time.",
            details={"connectionId": str(row.item_id), "bankAccountId": str(row.id)},
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkChoice:
    """What the browser says was chosen in the dialog. Good for finding duplicates and for nothing else."""

    institution_id: str | None
    accounts: tuple[relink.ChosenAccount, ...]


class UnknownChoiceError(InvalidError):
    """A choice is for a bank account that the bank did not give. The link goes on with the same token, set right."""

    code = "ACCOUNT_CHOICE_UNKNOWN"

    def __init__(self, provider_account_id: str) -> None:
        super().__init__(f"The bank gave no account {provider_account_id[:64]!r}; use the ids in Link's metadata.")


class RedirectUriError(InvalidError):
    """The bank cannot send the browser back to such an address: https, and neither query nor fragment."""

    code = "REDIRECT_URI_INVALID"

    def __init__(self) -> None:
        super().__init__(
            "redirectUri is the https address of a page of yours, without ? and #; http is for this machine only."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkSettings:
    """How the bank accounts of a link are to be booked."""

    for_all: AccountChoices = field(default_factory=AccountChoices)
    by_account: Mapping[str, AccountChoices] = field(default_factory=dict)
    """By the provider's id; in place of `for_all`."""

    def of(self, provider_account_id: str) -> AccountChoices:
        """Return the choices for one bank account."""
        return self.by_account.get(provider_account_id, self.for_all)


async def create_link(
    services: Services, *, entity_id: int, days_requested: int = HISTORY_DAYS, redirect_uri: str | None = None
) -> LinkToken:
    """Return a link token with which the entity's user opens the bank dialog, for 1 to 730 days of history.

    Raises:
        RedirectUriError: if `redirect_uri` cannot be one.
    """
    check_redirect_uri(redirect_uri)
    return await services.feed.create_link_token(
        client_user_id=str(entity_id),
        days_requested=days_requested,
        webhook_url=notice_url_of(services, entity_id=entity_id),
        redirect_uri=redirect_uri,
    )


def check_redirect_uri(redirect_uri: str | None) -> None:
    """Refuse an address that Plaid would refuse. Whether it is on the developer's list of addresses, Plaid alone knows.

    Raises:
        RedirectUriError: if it is not https (http for this machine), or has a query, a fragment or credentials.

    Source: plaid.com/docs/link/oauth/#create-and-register-a-redirect-uri.
    """
    if redirect_uri is None:
        return
    try:
        parts = urlsplit(redirect_uri)
        host = parts.hostname or ""
    except ValueError as exc:
        raise RedirectUriError from exc
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and _is_this_machine(host))
    if not is_safe or not host or "@" in parts.netloc or "?" in redirect_uri or "#" in redirect_uri:
        raise RedirectUriError


def _is_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


async def link_item(
    services: Services,
    *,
    entity_id: int,
    public_token: str,
    unless_linked: LinkChoice | None = None,
    settings: LinkSettings | None = None,
) -> list[BankAccountRow]:
    """Exchange a public token, store the item and its bank accounts, start the import; return the bank accounts.

    Handing in the same token again gives the same answer. A failure after the exchange loses nothing: the access is
    stored before anything else is done with it, and the next call with the same token goes on from there.
    `unless_linked` is looked at before the exchange, because each exchange makes one more item that costs money.
    `settings` say how the accounts are booked; an account that goes on from an earlier connection keeps its own but for
    what they name.

    Raises:
        ConnectionExistsError: if one of the accounts in `unless_linked` is linked already.
        PublicTokenError: if the token is unknown, expired, used by somebody else or from another entity's link token.
        LinkInProgressError: if another request is exchanging the same token.
        ItemKnownError: if it came out of update mode; from then on the same token gives that connection's accounts.
        ConnectionEndedError: if it came out of update mode and the connection has ended meanwhile.
        FeedError: if the provider does not answer as it should.
        UnknownChoiceError, and as `change_settings`: if the settings do not fit.
    """
    digest = fingerprint(public_token)
    async with _only_one(services, key=digest):
        async with db.read_entity(services.pool, entity_id=entity_id) as conn:
            known = await banking.item_by_public_token(conn, entity_id=entity_id, public_token_sha256=digest)
            if known is not None and known.state != ItemState.LINKING:
                return await banking.bank_accounts(conn, entity_id=entity_id, item_id=known.id)
            if known is None and unless_linked is not None:
                rows = await banking.bank_accounts(conn, entity_id=entity_id)
                same = relink.duplicate_of(unless_linked.accounts, rows, institution_id=unless_linked.institution_id)
                if same is not None:
                    raise ConnectionExistsError(same)
        if known is None:
            item_id, access_token = await _exchange(services, entity_id=entity_id, public_token=public_token)
        else:
            item_id, access_token = known.id, access_token_of(services, known, entity_id=entity_id)
        facts = await services.feed.item_facts(access_token)
        await refuse_if_foreign(services, facts, entity_id=entity_id, item_id=item_id, access_token=access_token)
        return await _store_linked(services, facts, settings or LinkSettings(), entity_id=entity_id, item_id=item_id)


def access_token_of(services: Services, item: ItemRow, *, entity_id: int) -> str:
    """Return an item's access token in clear, for the length of one deed.

    Raises:
        ConnectionEndedError: if it is erased.
    """
    if item.sealed_access_token is None:
        raise ConnectionEndedError
    return services.vault.open(item.sealed_access_token, context=vault_context(entity_id, item.provider_item_id))


async def _exchange(services: Services, *, entity_id: int, public_token: str) -> tuple[ItemId, str]:
    exchanged = await services.feed.exchange_public_token(public_token)
    item_id = ItemId(new_id())
    sealed = services.vault.seal(exchanged.access_token, context=vault_context(entity_id, exchanged.provider_item_id))
    digest = fingerprint(public_token)
    async with db.write_entity(services.pool, entity_id=entity_id) as conn:
        known = await lifecycle.take_public_token(
            conn, entity_id=entity_id, provider_item_id=exchanged.provider_item_id, public_token_sha256=digest
        )
        if known is None:
            await banking.add_item(
                conn,
                entity_id=entity_id,
                item_id=item_id,
                provider_item_id=exchanged.provider_item_id,
                access_token=sealed,
                public_token_sha256=digest,
                now=services.now(),
            )
            return item_id, exchanged.access_token
    known_id, state = known
    if state in ENDED:
        raise ConnectionEndedError
    raise ItemKnownError(known_id)


async def _store_linked(
    services: Services, facts: ItemFacts, settings: LinkSettings, *, entity_id: int, item_id: ItemId
) -> list[BankAccountRow]:
    now = services.now()
    for unknown in settings.by_account.keys() - {fact.provider_account_id for fact in facts.bank_accounts}:
        raise UnknownChoiceError(unknown)
    async with db.write_entity(services.pool, entity_id=entity_id) as conn:
        await access.hold_books(conn, entity_id=entity_id)
        item = await banking.lock_item(conn, entity_id=entity_id, item_id=item_id)
        if facts.institution_id is not None:
            await banking.store_institution(
                conn, institution_id=facts.institution_id, name=facts.institution_name or facts.institution_id, now=now
            )
        await lifecycle.set_institution(conn, entity_id=entity_id, item_id=item_id, institution_id=facts.institution_id)
        await note(services, conn, item, ItemEvent.LINKED, entity_id=entity_id)
        added = await add_bank_accounts(
            conn, facts.bank_accounts, entity_id=entity_id, item_id=item_id, services=services, settings=settings
        )
        for row in await banking.bank_accounts(conn, entity_id=entity_id, item_id=item_id):
            if row.id not in added:
                named = settings.of(row.provider_account_id)
                await apply_choices(services, conn, row, _over(choices_of(row), named), entity_id=entity_id)
        stored = await banking.bank_accounts(conn, entity_id=entity_id, item_id=item_id)
        # An account that is linked again has its opening balance; the sync corrects it once the rows are there.
        new = [row for row in stored if row.id in added]
        await set_opening_balances(conn, new, entity_id=entity_id, first_dates={}, now=now)
        await services.queue.enqueue_sync(conn, entity_id=entity_id, item_id=item_id)
        item = await banking.item(conn, entity_id=entity_id, item_id=item_id)
        data = {**connection_facts(item), "bankAccountIds": [str(row.id) for row in stored]}
        await announce(services, conn, EventType.BANK_LINKED, entity_id=entity_id, data=data)
    return stored


async def add_bank_accounts(
    conn: db.WriteConnection,
    facts: tuple[BankAccountFact, ...],
    *,
    entity_id: int,
    item_id: ItemId,
    services: Services,
    settings: LinkSettings | None = None,
) -> Collection[BankAccountId]:
    """Store those of an item's bank accounts that we do not know yet, and return the ids of those that are new.

    `facts` are all accounts that the item has now. One that continues an account of a connection that has ended takes
    over that account, its ledger account and its rows; each other one gets a ledger account of its own.
    """
    now = services.now()
    rows = await banking.bank_accounts(conn, entity_id=entity_id)
    known = {row.provider_account_id for row in rows}
    unknown = [fact for fact in facts if fact.provider_account_id not in known]
    item = await banking.item(conn, entity_id=entity_id, item_id=item_id)
    listed = {fact.provider_account_id for fact in facts}
    gone = {row.id for row in rows if row.item_id == item_id and row.provider_account_id not in listed}
    continued = relink.predecessors(unknown, rows, institution_id=item.institution_id, gone=gone)
    taken = {account.code for account in await ledger.ledger_accounts(conn, entity_id=entity_id)}
    added: list[BankAccountId] = []
    for fact in unknown:
        before = continued.get(fact.provider_account_id)
        if before is not None:
            await lifecycle.move_bank_account(
                conn, fact, entity_id=entity_id, bank_account_id=before.id, item_id=item_id
            )
            continue
        choices = AccountChoices() if settings is None else settings.of(fact.provider_account_id)
        check_choices(choices, currency=fact.currency, today=now.date())
        if choices.ledger_account_id is not None:
            fed_id = LedgerAccountId(choices.ledger_account_id)
            await check_ledger_account(conn, fact, fed_id, entity_id=entity_id)
        else:
            account = ledger_account_for(fact, taken=taken, now_account_id=LedgerAccountId(new_id()), services=services)
            taken.add(account.code)
            await ledger.add_ledger_account(conn, account, entity_id=entity_id)
            fed_id = account.id
        added.append(BankAccountId(new_id()))
        await banking.add_bank_account(
            conn,
            fact,
            entity_id=entity_id,
            bank_account_id=added[-1],
            item_id=item_id,
            ledger_account_id=fed_id,
            now=now,
        )
        await choosing.store_choices(conn, choices, entity_id=entity_id, bank_account_id=added[-1])
    return added


def _over(present: AccountChoices, named: AccountChoices) -> AccountChoices:
    """Return the choices that an account has, but for those that are named."""
    return AccountChoices(
        history_start_on=named.history_start_on or present.history_start_on,
        opening_given=present.opening_given if named.opening_given is None else named.opening_given,
        ledger_account_id=named.ledger_account_id or present.ledger_account_id,
    )


def ledger_account_for(
    fact: BankAccountFact, *, taken: set[int], now_account_id: LedgerAccountId, services: Services
) -> LedgerAccount:
    """Return the ledger account that a bank account feeds: an asset for money held, a liability for money owed."""
    is_liability = fact.type in LIABILITY_TYPES
    codes = chart.BANK_CODES
    subtype = "Bank"
    if fact.type == "credit":
        codes, subtype = chart.CARD_CODES, "Credit Card"
    elif fact.type == "loan":
        codes, subtype = chart.LOAN_CODES, "Long Term Liability"
    now = services.now()
    return LedgerAccount(
        id=now_account_id,
        code=chart.free_code(taken, wanted=codes),
        name=f"{fact.name} ••{fact.mask}" if fact.mask else fact.name,
        type=LedgerAccountType.LIABILITY if is_liability else LedgerAccountType.ASSET,
        subtype=subtype,
        parent_id=None,
        system_role=None,
        currency=fact.currency if is_currency(fact.currency) else None,
        created_at=now,
        updated_at=now,
    )


def vault_context(entity_id: int, provider_item_id: str) -> str:
    """Return what an access token is bound to when it is sealed."""
    return f"access_token:{entity_id}:{provider_item_id}"


@asynccontextmanager
async def _only_one(services: Services, *, key: bytes) -> AsyncIterator[None]:
    """Hold a lock that all processes see while one public token is exchanged; no transaction is open."""
    lock_id = int.from_bytes(key[:8], "big", signed=True)
    async with services.pool.connection() as conn:
        cursor = await conn.execute("SELECT pg_try_advisory_lock(%s)", (lock_id,))
        row = await cursor.fetchone()
        if row is None or not row[0]:
            raise LinkInProgressError("This bank is being linked right now. Try again in a moment.")
        try:
            yield
        finally:
            await conn.execute("SELECT pg_advisory_unlock(%s)", (lock_id,))
