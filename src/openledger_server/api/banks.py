"""Banks: link them, see their accounts, keep them in step."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from pydantic import Field

from openledger_server.access.types import parse_id
from openledger_server.api import sdk
from openledger_server.api.auth import Caller, EntityScope, NamedEntity, agreed, allowed_entity
from openledger_server.api.bank_account_settings import AccountSetting, link_settings
from openledger_server.api.connections import connection_status, item_id_of
from openledger_server.api.context import ApiContext, Context
from openledger_server.api.errors import failures
from openledger_server.api.linking import RedirectUri, linked_accounts
from openledger_server.api.wire import Secret, SnakeWire, Text, Wire, decimal_text, minor_text
from openledger_server.banking import store as banking
from openledger_server.banking.relink import ChosenAccount
from openledger_server.banking.rows import BankAccountRow
from openledger_server.banking.store import UnknownBankAccountError
from openledger_server.banking.types import BankAccountId
from openledger_server.base import db
from openledger_server.base.errors import InvalidError
from openledger_server.categorization import store as categorization
from openledger_server.ledger import store as ledger
from openledger_server.reconciliation.balances import balance_checks
from openledger_server.reconciliation.types import BalanceCheck
from openledger_server.workflows.connections import create_update_link
from openledger_server.workflows.disconnect import unlink_bank_account
from openledger_server.workflows.link_item import HISTORY_DAYS, LinkChoice, create_link
from openledger_server.workflows.request_sync import request_sync

router = APIRouter(prefix="/v1/banks", tags=["Banks"], responses=failures(400, 401, 404))

_LINK_SCRIPT = "/sandbox/link/v2/stable/link-initialize.js"
_EXTERNAL = "EXTERNAL"

SyncStatusWord = Literal["pending", "in_progress", "completed"]


class ExternalAccountsError(InvalidError):
    """Accounts without a bank connection cannot be added yet."""

    code = "EXTERNAL_NOT_SUPPORTED"

    def __init__(self) -> None:
        super().__init__("connectionType=EXTERNAL is not supported yet. Link the bank through Plaid.")


class PublicTokenMissingError(InvalidError):
    """The request carries no public token."""

    code = "PUBLIC_TOKEN_REQUIRED"

    def __init__(self) -> None:
        super().__init__("Send the public token that Link gave you, as public_token in the body.")


class LinkAnswer(SnakeWire):
    """What a browser needs to open the bank's dialog."""

    link_token: str
    expiration: datetime
    request_id: str
    user_id: str
    link_script_url: str | None = Field(
        description="With the sandbox bank: the script to load instead of Plaid's own. Null with real banks."
    )


class LinkedInstitution(SnakeWire):
    """The bank, as Link's `onSuccess` names it."""

    institution_id: Text | None = None
    name: Text | None = None


class LinkedChoice(SnakeWire):
    """A bank account, as Link's `onSuccess` names it."""

    name: Text = ""
    mask: Text | None = None


class LinkMetadata(SnakeWire):
    """The `metadata` of Link's `onSuccess`; used to find duplicates before the exchange and for nothing else."""

    institution: LinkedInstitution | None = None
    accounts: list[LinkedChoice] = Field(default=[])


class LinkRequest(SnakeWire):
    """What Link gave the browser. Older clients send it in the query instead."""

    public_token: Secret | None = None
    publicToken: Secret | None = Field(default=None, description="The same, another spelling.")  # noqa: N815 - the wire's
    entityId: Text | None = Field(default=None, description="If the query does not name it.")  # noqa: N815 - the wire's
    connectionType: Text | None = None  # noqa: N815 - the wire's
    metadata: LinkMetadata | None = Field(
        default=None, description="Send it, and a bank that is linked already is not linked twice."
    )
    force: bool = Field(default=False, description="Link it even so.")
    historyStart: date | None = Field(  # noqa: N815 - the wire's
        default=None,
        description="Begin the books of these accounts on this day; older rows are kept and not booked. "
        "Null: with the first row that the bank gives.",
    )
    accountSettings: list[AccountSetting] = Field(  # noqa: N815 - the wire's
        default=[], max_length=100, description="Choices for single accounts, in place of `historyStart`."
    )


class CreatedAccount(Wire):
    """A bank account just linked."""

    id: str
    account_name: str
    account_type: str
    account_mask: str = Field(description="The last digits; empty if the bank gives none.")
    account_subtype: str | None
    currency: str
    connection_id: str
    institution_name: str
    ledger_account_id: str


class CreatedAccounts(Wire):
    """The bank accounts just linked."""

    created_accounts: list[CreatedAccount]
    message: str


class LastError(Wire):
    """Why the last sync failed."""

    code: str
    message: str


class LinkedAccount(Wire):
    """A linked bank account. Both balances are the bank's view: what a credit card owes is positive."""

    id: str
    connection_id: str
    institution_id: str | None
    institution_name: str
    account_name: str
    official_name: str | None
    account_type: str
    account_subtype: str | None
    account_mask: str
    currency: str
    ledger_account_id: str
    ledger_account_name: str
    connection_status: str = Field(
        description="importing, healthy, expiring, bank_down, rate_limited, login_required, error, paused, revoked or "
        "disconnected; see GET /v1/banks/connections for what to do"
    )
    sync_status: SyncStatusWord
    transaction_count: int
    pending_count: int
    reported_balance: str | None
    available_balance: str | None
    reported_at: datetime | None
    ledger_balance: str
    difference: str | None = Field(description="Reported less ledger balance.")
    is_reconciled: bool
    linked_at: datetime
    last_synced_at: datetime | None = Field(description="When we last read everything the provider has.")
    provider_last_success_at: datetime | None = Field(description="When the provider last read from the bank.")
    unlinked_at: datetime | None
    last_error: LastError | None


class LinkedAccounts(Wire):
    """All linked bank accounts."""

    accounts: list[LinkedAccount]


class SyncRequest(Wire):
    """Whose banks to sync."""

    entity_id: Text | None = None


class SyncAnswer(Wire):
    """Whether the sync is queued."""

    success: bool
    message: str


class AccountSync(Wire):
    """How far one bank account's history is imported."""

    id: str
    account_name: str
    account_mask: str
    sync_status: SyncStatusWord
    transaction_count: int
    connection_status: str
    last_synced_at: datetime | None
    provider_last_success_at: datetime | None = Field(description="When the provider last read from the bank.")


class SyncSummary(Wire):
    """How many bank accounts are how far."""

    total: int
    completed: int
    in_progress: int
    pending: int


class TransactionProgress(Wire):
    """How many bank transactions are how far. `total` = `synced` + `pending`; `synced` = `categorized` + `toReview`."""

    synced: int = Field(description="Settled at the bank and imported.")
    categorized: int
    to_review: int = Field(description="Imported, but a person should look at the category.")
    pending: int = Field(description="Not settled at the bank yet; shown, not booked.")
    total: int


class SyncStatusAnswer(Wire):
    """How far the import is."""

    accounts: list[AccountSync]
    all_synced: bool = Field(description="Nothing is left to import; so also true without any account.")
    summary: SyncSummary
    transaction_progress: TransactionProgress
    timestamp: datetime
    message: str | None


@router.get("/create-link", summary="Get a link token", responses=failures(400, 401, 404, 409, 502))
async def create_bank_link(
    request: Request,
    context: Context,
    entity_id: EntityScope,
    *,
    connection: Annotated[
        str | None, Query(alias="connectionId", description="To repair this connection: update mode.")
    ] = None,
    account_selection: Annotated[
        bool, Query(alias="accountSelection", description="In update mode: let the user choose the accounts anew.")
    ] = False,
    days_requested: Annotated[
        int, Query(alias="daysRequested", ge=1, le=HISTORY_DAYS, description="Days of history; for good.")
    ] = HISTORY_DAYS,
    redirect_uri: RedirectUri = None,
) -> LinkAnswer:
    """Give a token with which the entity's user opens Plaid Link. Access is read-only.

    With `connectionId` Link opens in update mode, for half an hour; when it succeeds, call `repaired`. After the way
    over a bank's own page, open Link on the `redirectUri` again with the same token and `receivedRedirectUri`.
    """
    if connection is None:
        link = await create_link(
            context.services, entity_id=entity_id, days_requested=days_requested, redirect_uri=redirect_uri
        )
    else:
        link = await create_update_link(
            context.services,
            entity_id=entity_id,
            item_id=item_id_of(connection),
            selects_bank_accounts=account_selection,
            redirect_uri=redirect_uri,
        )
    return LinkAnswer(
        link_token=link.link_token,
        expiration=link.expires_at,
        request_id=link.request_id,
        user_id=str(entity_id),
        link_script_url=_link_script_url(request, context),
    )


def _link_script_url(request: Request, context: ApiContext) -> str | None:
    if context.link_proxy is None:
        return None
    return (context.settings.public_url or str(request.base_url).rstrip("/")) + _LINK_SCRIPT


@router.put(
    "/accounts",
    summary="Link the bank accounts of a public token",
    response_model=CreatedAccounts | list[CreatedAccount],
    responses=failures(400, 401, 404, 409, 502),
)
async def add_bank_accounts(
    request: Request,
    context: Context,
    claims: Caller,
    named: NamedEntity,
    fern: sdk.FernHeaders,
    body: LinkRequest | None = None,
    public_token: Annotated[Secret | None, Query(description="If not in the body.")] = None,
    public_token_camel: Annotated[Secret | None, Query(alias="publicToken", description="The same.")] = None,
    connection_type: Annotated[str | None, Query(alias="connectionType", description="Plaid, if left out.")] = None,
) -> CreatedAccounts | list[CreatedAccount]:
    """Exchange the token, store the bank's accounts, start the import of their history; return the accounts.

    With Link's metadata in the body, a bank that is linked already gives 409 `CONNECTION_EXISTS`, and nothing is
    exchanged. A bank whose connection has ended goes on with its accounts, categories and books.

    Sending the same token again gives the same answer. The published SDKs of Python 4.20.5 and TypeScript 0.51.10 and
    later get the bare array that they expect, everybody else `{createdAccounts, message}`.
    """
    given = body or LinkRequest()
    entity_id = await allowed_entity(request, context, claims, agreed(named, given.entityId))
    if (given.connectionType or connection_type or "").upper() == _EXTERNAL:
        raise ExternalAccountsError
    token = given.public_token or given.publicToken or public_token or public_token_camel
    if token is None:
        raise PublicTokenMissingError
    choice = None if given.force else _choice(given.metadata)
    rows = await linked_accounts(
        context,
        entity_id=entity_id,
        public_token=token,
        unless_linked=choice,
        settings=link_settings(given.historyStart, given.accountSettings),
    )
    created = [_created(row) for row in rows]
    if sdk.wants_bare_array(fern):
        return created
    noun = "bank account" if len(created) == 1 else "bank accounts"
    message = f"Linked {len(created)} {noun}. The history is being imported."
    return CreatedAccounts(created_accounts=created, message=message)


def _choice(metadata: LinkMetadata | None) -> LinkChoice | None:
    if metadata is None or metadata.institution is None:
        return None
    accounts = tuple(ChosenAccount(name=one.name, mask=one.mask or None) for one in metadata.accounts)
    return LinkChoice(institution_id=metadata.institution.institution_id, accounts=accounts)


@router.delete("/accounts", summary="Unlink one bank account")
async def unlink_account(
    context: Context, entity_id: EntityScope, account: Annotated[str, Query(alias="accountId", max_length=64)]
) -> SyncAnswer:
    """Stop importing one bank account; what was imported and booked stays. With its last one the connection ends."""
    number = parse_id(account)
    if number is None:
        raise UnknownBankAccountError
    row = await unlink_bank_account(context.services, entity_id=entity_id, bank_account_id=BankAccountId(number))
    return SyncAnswer(success=True, message=f"{row.name} is unlinked. Its transactions stay in the books.")


@router.get("/accounts", summary="List linked bank accounts")
async def get_bank_accounts(
    context: Context,
    entity_id: EntityScope,
    *,
    include_unlinked: Annotated[bool, Query(alias="includeUnlinked", description="Also those that ended.")] = False,
) -> LinkedAccounts:
    """Return the bank accounts with the bank's balance, the books' balance, and the difference."""
    async with db.read_entity(context.services.pool, entity_id=entity_id) as conn:
        checks = await balance_checks(conn, entity_id=entity_id)
        chart = await ledger.ledger_accounts(conn, entity_id=entity_id)
    names = {int(account.id): account.name for account in chart}
    return LinkedAccounts(
        accounts=[
            _linked(check, ledger_name=names[check.bank_account.ledger_account_id])
            for check in checks
            if include_unlinked or check.bank_account.unlinked_at is None
        ]
    )


@router.post("/sync", summary="Sync all banks now")
async def sync_banks(
    request: Request, context: Context, claims: Caller, named: NamedEntity, body: SyncRequest | None = None
) -> SyncAnswer:
    """Queue a sync of each linked bank. It also happens by itself."""
    entity_id = await allowed_entity(request, context, claims, agreed(named, body.entity_id if body else None))
    count = await request_sync(context.services, entity_id=entity_id)
    if count == 0:
        return SyncAnswer(success=True, message="No bank is linked yet.")
    return SyncAnswer(
        success=True, message=f"Sync of {count} bank {'connection' if count == 1 else 'connections'} queued."
    )


@router.get("/sync-status", summary="See how far the import is")
async def get_sync_status(context: Context, entity_id: EntityScope) -> SyncStatusAnswer:
    """Return per bank account how far its history is imported, and the counts of transactions."""
    async with db.read_entity(context.services.pool, entity_id=entity_id) as conn:
        rows = [row for row in await banking.bank_accounts(conn, entity_id=entity_id) if row.unlinked_at is None]
        _, to_review = await categorization.review_counts(conn, entity_id=entity_id)
    words = [sync_status(row) for row in rows]
    synced, pending = sum(row.settled_count for row in rows), sum(row.pending_count for row in rows)
    return SyncStatusAnswer(
        accounts=[
            AccountSync(
                id=str(row.id),
                account_name=row.name,
                account_mask=row.mask or "",
                sync_status=word,
                transaction_count=row.settled_count + row.pending_count,
                connection_status=connection_status(row.item_state),
                last_synced_at=row.last_synced_at,
                provider_last_success_at=row.provider_last_success_at,
            )
            for row, word in zip(rows, words, strict=True)
        ],
        all_synced=all(word == "completed" for word in words),
        summary=SyncSummary(
            total=len(words),
            completed=words.count("completed"),
            in_progress=words.count("in_progress"),
            pending=words.count("pending"),
        ),
        transaction_progress=TransactionProgress(
            synced=synced, categorized=synced - to_review, to_review=to_review, pending=pending, total=synced + pending
        ),
        timestamp=context.services.now(),
        message=None if rows else "No bank account is linked yet.",
    )


def sync_status(row: BankAccountRow) -> SyncStatusWord:
    """Return how far the history of a bank account is imported."""
    if row.history_complete_at is not None:
        return "completed"
    return "pending" if row.last_synced_at is None else "in_progress"


def _created(row: BankAccountRow) -> CreatedAccount:
    return CreatedAccount(
        id=str(row.id),
        account_name=row.name,
        account_type=row.type,
        account_mask=row.mask or "",
        account_subtype=row.subtype,
        currency=row.currency,
        connection_id=str(row.item_id),
        institution_name=institution_name(row),
        ledger_account_id=str(row.ledger_account_id),
    )


def institution_name(row: BankAccountRow) -> str:
    """Return the bank's name for people."""
    return row.institution_name or "Bank"


def _linked(check: BalanceCheck, *, ledger_name: str) -> LinkedAccount:
    row = check.bank_account
    error = None
    if row.error_code is not None:
        error = LastError(code=row.error_code, message=row.error_message or "The last sync failed.")
    return LinkedAccount(
        id=str(row.id),
        connection_id=str(row.item_id),
        institution_id=row.institution_id,
        institution_name=institution_name(row),
        account_name=row.name,
        official_name=row.official_name,
        account_type=row.type,
        account_subtype=row.subtype,
        account_mask=row.mask or "",
        currency=row.currency,
        ledger_account_id=str(row.ledger_account_id),
        ledger_account_name=ledger_name,
        connection_status=connection_status(row.item_state),
        sync_status=sync_status(row),
        transaction_count=row.settled_count + row.pending_count,
        pending_count=row.pending_count,
        available_balance=None
        if row.reported_available is None
        else decimal_text(row.reported_available, row.currency),
        reported_at=row.reported_at,
        linked_at=row.linked_at,
        last_synced_at=row.last_synced_at,
        provider_last_success_at=row.provider_last_success_at,
        unlinked_at=row.unlinked_at,
        last_error=error,
        **balance_texts(check),
    )


def balance_texts(check: BalanceCheck) -> dict[str, Any]:
    """Return both balances and their difference as decimal text, the bank's view."""
    currency = check.bank_account.currency
    reported, difference = check.reported_minor, check.difference_minor
    return {
        "reported_balance": None if reported is None else minor_text(reported, currency),
        "ledger_balance": minor_text(check.ledger_minor, currency),
        "difference": None if difference is None else minor_text(difference, currency),
        "is_reconciled": check.is_equal,
    }
