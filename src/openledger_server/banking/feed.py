"""The port through which bank facts come in. `plaid` implements it; the rooms above know only this."""

from collections.abc import AsyncIterator
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Protocol

from openledger_server.banking.audits.types import AuditedRow
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
from openledger_server.base.errors import InvalidError, NotAuthenticatedError, UpstreamError


class FeedFault(StrEnum):
    """What a failure of the feed asks for."""

    RETRY_SOON = "retry_soon"
    """Seconds to minutes: an outage on the way, or data that changed while it was read."""
    RATE_LIMITED = "rate_limited"
    """A minute or more."""
    BANK_DOWN = "bank_down"
    """Hours; the user can do nothing."""
    NOT_READY = "not_ready"
    LOGIN_REQUIRED = "login_required"
    """The user has to log in at the bank again."""
    GONE = "gone"
    """The item is no more; it must be linked anew."""
    CONFIGURATION = "configuration"
    """Our keys or our request are wrong; an operator has to act."""


class FeedError(UpstreamError):
    """The feed did not answer as it should. `provider_code` is the provider's own code, for logs and for people."""

    code = "BANK_FEED_FAILED"

    def __init__(self, message: str, *, fault: FeedFault, provider_code: str) -> None:
        retryable = fault in {FeedFault.RETRY_SOON, FeedFault.RATE_LIMITED, FeedFault.BANK_DOWN, FeedFault.NOT_READY}
        super().__init__(message, is_retryable=retryable)
        self.fault = fault
        self.provider_code = provider_code


class PaginationMutatedError(FeedError):
    """The bank's rows changed while they were read page by page; the loop has to start again where it began."""

    code = "BANK_FEED_CHANGED"


class PublicTokenError(InvalidError):
    """The public token is unknown, expired (30 minutes) or was already used. Open the bank dialog again."""

    code = "INVALID_PUBLIC_TOKEN"


class NoticeSignatureError(NotAuthenticatedError):
    """The webhook is not proved to be the provider's: forged, changed on the way, or too old."""

    code = "WEBHOOK_SIGNATURE_INVALID"


class BankFeed(Protocol):
    """Read-only access to banks. Each method may raise FeedError; none runs inside a database transaction."""

    @property
    def has_sandbox(self) -> bool:
        """Whether `sandbox_public_token` can be used."""
        ...

    async def create_link_token(
        self,
        *,
        client_user_id: str,
        days_requested: int,
        webhook_url: str | None = None,
        redirect_uri: str | None = None,
    ) -> LinkToken:
        """Return a token that lets a browser open the bank dialog for one user; notices will go to `webhook_url`.

        A bank with a login page of its own sends the browser back to `redirect_uri`.
        """
        ...

    async def create_update_token(
        self, access_token: str, *, client_user_id: str, selects_bank_accounts: bool, redirect_uri: str | None = None
    ) -> LinkToken:
        """Return a token that opens the bank dialog for an item that exists, to log in again or choose accounts."""
        ...

    async def exchange_public_token(self, public_token: str) -> ExchangedToken:
        """Return lasting access for a one-time public token.

        Raises:
            PublicTokenError: if the token is unknown, expired or used.
        """
        ...

    async def item_facts(self, access_token: str) -> ItemFacts:
        """Return the item with its institution and all its open bank accounts."""
        ...

    async def bank_accounts(self, access_token: str) -> tuple[BankAccountFact, ...]:
        """Return the item's open bank accounts with the balances the provider has now."""
        ...

    def transaction_pages(self, access_token: str, *, cursor: str) -> AsyncIterator[TransactionPage]:
        """Return the pages of changes since `cursor` ("" = all history), up to the one with has_more false.

        Raises:
            PaginationMutatedError: if the data changed meanwhile; nothing read in this loop may be used.
        """
        ...

    async def rows_between(self, access_token: str, *, first_day: date, last_day: date) -> list[AuditedRow]:
        """Return the bank's own list of these days, both included, in no order, apart from the stream of changes.

        Raises:
            PaginationMutatedError: if the list changed while it was read.
        """
        ...

    async def item_health(self, access_token: str) -> ItemHealth:
        """Return when the provider last spoke with the bank."""
        ...

    async def refresh(self, access_token: str) -> None:
        """Ask the provider to look at the bank now; what it finds comes later, with a notice."""
        ...

    async def replace_access_token(self, access_token: str) -> str:
        """Return a new access token; the old one is dead from then on."""
        ...

    async def proven_notice(self, body: bytes, *, signature: str | None, now: datetime) -> ProvenNotice:
        """Return what a webhook says, once it is proved that the provider sent it.

        Raises:
            NoticeSignatureError: if it did not, or not within the last five minutes.
            FeedError: if that cannot be found out now; the provider has to send it again.
        """
        ...

    def notice_of(self, body: dict[str, Any]) -> ItemNotice:
        """Return what a stored webhook says."""
        ...

    async def remove_item(self, access_token: str) -> None:
        """Give up the access; an item that is already gone is not an error."""
        ...

    async def sandbox_public_token(
        self, *, institution_id: str, username: str, days_requested: int, webhook_url: str | None = None
    ) -> str:
        """Return a public token of the sandbox bank without opening the dialog."""
        ...
