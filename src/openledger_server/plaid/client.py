"""Plaid as a BankFeed: the official client for transport and authentication, raw bytes for the answers.

The client's typed models take seconds to decode a page of 500 rows, so every answer is read raw
(`_preload_content=False`) and decoded by `mapping`. The client is synchronous; calls run in threads, and the next page
is fetched while this one is being decoded.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, TypeVar

import orjson
import plaid
import urllib3
from plaid.api import plaid_api
from plaid.model.accounts_get_request import AccountsGetRequest
from plaid.model.country_code import CountryCode
from plaid.model.institutions_get_by_id_request import InstitutionsGetByIdRequest
from plaid.model.item_access_token_invalidate_request import ItemAccessTokenInvalidateRequest
from plaid.model.item_get_request import ItemGetRequest
from plaid.model.item_public_token_exchange_request import ItemPublicTokenExchangeRequest
from plaid.model.item_remove_request import ItemRemoveRequest
from plaid.model.link_token_create_request import LinkTokenCreateRequest
from plaid.model.link_token_create_request_update import LinkTokenCreateRequestUpdate
from plaid.model.link_token_create_request_user import LinkTokenCreateRequestUser
from plaid.model.link_token_transactions import LinkTokenTransactions
from plaid.model.products import Products
from plaid.model.sandbox_public_token_create_request import SandboxPublicTokenCreateRequest
from plaid.model.sandbox_public_token_create_request_options import SandboxPublicTokenCreateRequestOptions
from plaid.model.sandbox_public_token_create_request_options_transactions import (
    SandboxPublicTokenCreateRequestOptionsTransactions,
)
from plaid.model.transactions_get_request import TransactionsGetRequest
from plaid.model.transactions_get_request_options import TransactionsGetRequestOptions
from plaid.model.transactions_refresh_request import TransactionsRefreshRequest
from plaid.model.transactions_sync_request import TransactionsSyncRequest
from plaid.model.transactions_sync_request_options import TransactionsSyncRequestOptions
from plaid.model.webhook_verification_key_get_request import WebhookVerificationKeyGetRequest

from openledger_server.banking.audits.types import AuditedRow
from openledger_server.banking.feed import FeedError, FeedFault
from openledger_server.banking.types import (
    BankAccountFact,
    ExchangedToken,
    ItemFacts,
    ItemHealth,
    ItemNotice,
    LinkToken,
    ProvenNotice,
    TransactionPage,
)
from openledger_server.plaid import errors, mapping, notices
from openledger_server.plaid.verification import WebhookVerifier

PAGE_SIZE_MAX = 500
_CONNECT_S = 5.0
# The provider waits ten seconds for the answer to a webhook.
_KEY_TIMEOUT_S = (2.0, 5.0)
_CONNECTIONS_MAX = 16
_SANDBOX_PASSWORD = "pass_good"  # noqa: S105 - the public password of every sandbox user
_Call = Callable[..., urllib3.BaseHTTPResponse]
_Decoded = TypeVar("_Decoded")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaidSettings:
    """How to reach Plaid and how we present ourselves there."""

    host: str
    client_id: str = field(repr=False)
    secret: str = field(repr=False)
    is_sandbox: bool
    client_name: str = "OpenLedger"
    language: str = "en"
    country_codes: tuple[str, ...] = ("US",)
    answer_within_s: float = 60.0
    """How long any one call may take; then it has failed."""
    page_size: int = PAGE_SIZE_MAX
    """Rows a page, 1 to 500."""


class PlaidFeed:
    """Implements `banking.feed.BankFeed` over Plaid's API of 2020-09-14."""

    def __init__(self, settings: PlaidSettings) -> None:
        """Make the client; opens no connection yet."""
        self._settings = settings
        configuration = plaid.Configuration(
            host=settings.host, api_key={"clientId": settings.client_id, "secret": settings.secret}
        )
        configuration.connection_pool_maxsize = _CONNECTIONS_MAX
        # plaid-python never retries by itself and neither do we here: a failed page restarts its whole loop.
        configuration.retries = False
        self._api = plaid_api.PlaidApi(plaid.ApiClient(configuration))
        self._verifier = WebhookVerifier(self._verification_key)

    @property
    def has_sandbox(self) -> bool:
        """Whether `sandbox_public_token` can be used."""
        return self._settings.is_sandbox

    async def create_link_token(
        self,
        *,
        client_user_id: str,
        days_requested: int,
        webhook_url: str | None = None,
        redirect_uri: str | None = None,
    ) -> LinkToken:
        """Return a link token for read-only access to transactions, with `days_requested` (1-730) of history."""
        optional = {} if webhook_url is None else {"webhook": webhook_url}
        return await self._link_token(
            client_user_id,
            redirect_uri,
            products=[Products("transactions")],
            transactions=LinkTokenTransactions(days_requested=days_requested),
            **optional,
        )

    async def create_update_token(
        self, access_token: str, *, client_user_id: str, selects_bank_accounts: bool, redirect_uri: str | None = None
    ) -> LinkToken:
        """Return a link token for an existing item, good for half an hour; update mode takes no products."""
        optional = {}
        if selects_bank_accounts:
            optional["update"] = LinkTokenCreateRequestUpdate(account_selection_enabled=True)
        return await self._link_token(client_user_id, redirect_uri, access_token=access_token, **optional)

    async def _link_token(self, client_user_id: str, redirect_uri: str | None, **more: object) -> LinkToken:
        if redirect_uri is not None:
            more["redirect_uri"] = redirect_uri
        request = LinkTokenCreateRequest(
            client_name=self._settings.client_name,
            language=self._settings.language,
            country_codes=self._country_codes(),
            user=LinkTokenCreateRequestUser(client_user_id=client_user_id),
            **more,
        )
        body = await self._call(self._api.link_token_create, request)
        return _decoded(mapping.link_token, body)

    async def exchange_public_token(self, public_token: str) -> ExchangedToken:
        """Return lasting access for a one-time public token; PublicTokenError if it is not good any more."""
        request = ItemPublicTokenExchangeRequest(public_token=public_token)
        body = await self._call(self._api.item_public_token_exchange, request)
        return _decoded(mapping.exchanged_token, body)

    async def item_facts(self, access_token: str) -> ItemFacts:
        """Return the item, its institution's name and its open bank accounts."""
        item, accounts = await asyncio.gather(
            self._call(self._api.item_get, ItemGetRequest(access_token=access_token)),
            self._call(self._api.accounts_get, AccountsGetRequest(access_token=access_token)),
        )
        provider_item_id, institution_id = _decoded(mapping.item_ids, item)
        return ItemFacts(
            provider_item_id=provider_item_id,
            institution_id=institution_id,
            institution_name=await self._institution_name(institution_id),
            bank_accounts=_decoded(mapping.bank_accounts, accounts),
            notice_url=_decoded(mapping.notice_url, item),
        )

    async def bank_accounts(self, access_token: str) -> tuple[BankAccountFact, ...]:
        """Return the item's open bank accounts with Plaid's cached balances."""
        body = await self._call(self._api.accounts_get, AccountsGetRequest(access_token=access_token))
        return _decoded(mapping.bank_accounts, body)

    async def transaction_pages(self, access_token: str, *, cursor: str) -> AsyncIterator[TransactionPage]:
        """Yield the pages of one loop of /transactions/sync, fetching one ahead."""
        fetch = asyncio.create_task(self._sync_call(access_token, cursor))
        try:
            while True:
                body = await fetch
                next_cursor = _decoded(mapping.next_cursor, body)
                if next_cursor is not None:
                    fetch = asyncio.create_task(self._sync_call(access_token, next_cursor))
                yield _decoded(mapping.transaction_page, body)
                if next_cursor is None:
                    return
        finally:
            if not fetch.done():
                fetch.cancel()

    async def rows_between(self, access_token: str, *, first_day: date, last_day: date) -> list[AuditedRow]:
        """Return the rows of /transactions/get, which knows no cursor."""
        found: dict[str, AuditedRow] = {}
        total, offset = 1, 0
        while offset < total:
            request = TransactionsGetRequest(
                access_token=access_token,
                start_date=first_day,
                end_date=last_day,
                options=TransactionsGetRequestOptions(count=self._settings.page_size, offset=offset),
            )
            body = await self._call(self._api.transactions_get, request)
            rows, total_now = _decoded(mapping.audited_rows, body)
            if (offset and total_now != total) or (not rows and offset < total_now):
                raise errors.changed_meanwhile()
            total, offset = total_now, offset + len(rows)
            found.update({row.provider_transaction_id: row for row in rows})
        if len(found) != total:
            # A row moved from one page to another while they were read.
            raise errors.changed_meanwhile()
        return list(found.values())

    async def item_health(self, access_token: str) -> ItemHealth:
        """Return when Plaid last spoke with the bank."""
        body = await self._call(self._api.item_get, ItemGetRequest(access_token=access_token))
        return _decoded(mapping.item_health, body)

    async def refresh(self, access_token: str) -> None:
        """Ask Plaid to look at the bank now; at most twice a minute per item, and it costs money."""
        await self._call(self._api.transactions_refresh, TransactionsRefreshRequest(access_token=access_token))

    async def replace_access_token(self, access_token: str) -> str:
        """Return a new access token; the old one is dead at once, the item and its cursor stay."""
        request = ItemAccessTokenInvalidateRequest(access_token=access_token)
        body = await self._call(self._api.item_access_token_invalidate, request)
        return _decoded(mapping.new_access_token, body)

    async def proven_notice(self, body: bytes, *, signature: str | None, now: datetime) -> ProvenNotice:
        """Return what a webhook says, once its signature is verified."""
        digest = await self._verifier.verify(body, signature=signature, now=now)
        return ProvenNotice(notice=notices.notice_of(notices.parsed(body)), signed_sha256=digest)

    def notice_of(self, body: dict[str, Any]) -> ItemNotice:
        """Return what a stored webhook says."""
        return notices.notice_of(body)

    async def _verification_key(self, key_id: str) -> dict[str, Any]:
        request = WebhookVerificationKeyGetRequest(key_id=key_id)
        return await self._call(self._api.webhook_verification_key_get, request, _KEY_TIMEOUT_S)

    async def remove_item(self, access_token: str) -> None:
        """Give up the access at Plaid; an item that is already gone counts as done."""
        try:
            await self._call(self._api.item_remove, ItemRemoveRequest(access_token=access_token))
        except FeedError as exc:
            if exc.fault is not FeedFault.GONE:
                raise

    async def sandbox_public_token(
        self, *, institution_id: str, username: str, days_requested: int, webhook_url: str | None = None
    ) -> str:
        """Return a public token of the sandbox bank without opening the dialog."""
        optional = {} if webhook_url is None else {"webhook": webhook_url}
        request = SandboxPublicTokenCreateRequest(
            institution_id=institution_id,
            initial_products=[Products("transactions")],
            options=SandboxPublicTokenCreateRequestOptions(
                override_username=username,
                override_password=_SANDBOX_PASSWORD,
                transactions=SandboxPublicTokenCreateRequestOptionsTransactions(days_requested=days_requested),
                **optional,
            ),
        )
        body = await self._call(self._api.sandbox_public_token_create, request)
        return _decoded(mapping.public_token, body)

    async def _institution_name(self, institution_id: str | None) -> str | None:
        if institution_id is None:
            return None
        request = InstitutionsGetByIdRequest(institution_id=institution_id, country_codes=self._country_codes())
        body = await self._call(self._api.institutions_get_by_id, request)
        return _decoded(mapping.institution_name, body)

    async def _sync_call(self, access_token: str, cursor: str) -> dict[str, Any]:
        request = TransactionsSyncRequest(
            access_token=access_token,
            cursor=cursor,
            count=self._settings.page_size,
            options=TransactionsSyncRequestOptions(include_original_description=True),
        )
        return await self._call(self._api.transactions_sync, request)

    async def _call(self, call: _Call, request: object, timeout_s: tuple[float, float] | None = None) -> dict[str, Any]:
        usual_s = (_CONNECT_S, self._settings.answer_within_s)
        return await asyncio.to_thread(_answer, call, request, timeout_s or usual_s)

    def _country_codes(self) -> list[Any]:
        return [CountryCode(code) for code in self._settings.country_codes]


def _answer(call: _Call, request: object, timeout_s: tuple[float, float]) -> dict[str, Any]:
    """Return the decoded answer of one call, or raise our error for whatever went wrong."""
    try:
        response = call(request, _request_timeout=timeout_s, _preload_content=False)
        content = response.data
    except plaid.ApiException as exc:
        body = exc.body.decode(errors="replace") if isinstance(exc.body, bytes) else str(exc.body or "")
        raise errors.error_from_body(exc.status, body) from exc
    except (urllib3.exceptions.HTTPError, OSError) as exc:
        raise errors.unreachable(exc) from exc
    answer = _decoded(orjson.loads, content)
    if not isinstance(answer, dict):
        raise errors.unreachable(TypeError("not an object"))
    return answer


def _decoded(decode: Callable[[Any], _Decoded], content: object) -> _Decoded:
    try:
        return decode(content)
    except (KeyError, TypeError, ValueError, json.JSONDecodeError) as exc:
        raise errors.unreachable(exc) from exc
