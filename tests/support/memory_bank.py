"""A bank feed in memory, for tests that need thousands of bank days: the real link and sync run against it.

Amounts are the server's: positive = money into the account. The balance it reports is always the opening balance plus
the settled rows it still stands by.
"""

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from openledger_server.banking.audits.types import AuditedRow
from openledger_server.banking.feed import NoticeSignatureError
from openledger_server.banking.rows import SyncRun
from openledger_server.banking.types import (
    BankAccountFact,
    BankTransactionFact,
    BankTransactionId,
    ExchangedToken,
    ItemFacts,
    ItemHealth,
    ItemId,
    ItemNotice,
    LinkToken,
    ProvenNotice,
    ReportedBalance,
    TransactionPage,
    UpdateStatus,
)
from openledger_server.base import db
from openledger_server.base.db import Pool
from openledger_server.base.vault import KEY_BYTES, Vault
from openledger_server.jobs.queue import DatabaseQueue, new_queue_app
from openledger_server.ledger import store as ledger
from openledger_server.ledger.types import LedgerAccountId
from openledger_server.workflows.link_item import link_item
from openledger_server.workflows.services import Services
from openledger_server.workflows.sync_item import sync_item

TODAY = date(2026, 5, 1)
NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)


@dataclass(slots=True)
class MemoryAccount:
    """One bank account; `opening` is its balance before all rows, as money held (negative = owed)."""

    currency: str
    type: str
    opening: Decimal


@dataclass(slots=True)
class MemoryFeed:
    """The bank's side: accounts, rows, and the log of what changed."""

    accounts: dict[str, MemoryAccount]
    rows: dict[str, BankTransactionFact] = field(default_factory=dict)
    log: list[str] = field(default_factory=list)
    """Ids of rows in the order in which they changed; a cursor says how much of it was read."""
    is_complete: bool = True
    has_sandbox: bool = False

    def _facts(self) -> tuple[BankAccountFact, ...]:
        return tuple(self._fact(key, account) for key, account in self.accounts.items())

    def _fact(self, key: str, account: MemoryAccount) -> BankAccountFact:
        settled = (r.amount for r in self.rows.values() if r.provider_account_id == key and not r.is_pending)
        held = account.opening + sum(settled, Decimal(0))
        owed = account.type in {"credit", "loan"}
        return BankAccountFact(
            provider_account_id=key,
            name=key,
            official_name=None,
            mask=None,
            type=account.type,
            subtype=None,
            currency=account.currency,
            reported_balance=ReportedBalance(current=-held if owed else held, available=None, limit=None),
        )

    async def exchange_public_token(self, public_token: str) -> ExchangedToken:
        return ExchangedToken(access_token=f"access-{public_token}", provider_item_id=f"item-{public_token}")

    async def item_facts(self, access_token: str) -> ItemFacts:
        return ItemFacts(
            provider_item_id=access_token.replace("access-", "item-"),
            institution_id="ins_memory",
            institution_name="Memory Bank",
            bank_accounts=self._facts(),
        )

    async def bank_accounts(self, access_token: str) -> tuple[BankAccountFact, ...]:  # noqa: ARG002 - the port's
        return self._facts()

    async def transaction_pages(self, access_token: str, *, cursor: str) -> AsyncIterator[TransactionPage]:  # noqa: ARG002 - the port's
        changed = dict.fromkeys(self.log[int(cursor or 0) :])
        yield TransactionPage(
            upserted=tuple(self.rows[key] for key in changed if key in self.rows),
            removed=tuple(key for key in changed if key not in self.rows),
            bank_accounts=self._facts(),
            next_cursor=str(len(self.log)),
            has_more=False,
            update_status=UpdateStatus.HISTORICAL if self.is_complete else UpdateStatus.INITIAL,
        )

    async def rows_between(self, _token: str, *, first_day: date, last_day: date) -> list[AuditedRow]:
        return [
            AuditedRow(
                provider_transaction_id=key,
                provider_account_id=row.provider_account_id,
                dated=row.dated,
                amount=row.amount,
                currency=row.currency,
                is_pending=row.is_pending,
            )
            for key, row in self.rows.items()
            if first_day <= row.dated <= last_day
        ]

    async def item_health(self, access_token: str) -> ItemHealth:  # noqa: ARG002 - the port's
        return ItemHealth(last_success_at=NOW, last_failure_at=None, consent_expires_at=None)

    async def create_link_token(
        self,
        *,
        client_user_id: str,
        days_requested: int,  # noqa: ARG002 - the port's
        webhook_url: str | None = None,  # noqa: ARG002 - the port's
        redirect_uri: str | None = None,  # noqa: ARG002 - the port's
    ) -> LinkToken:
        return LinkToken(link_token=client_user_id, expires_at=NOW + timedelta(hours=4), request_id="r")

    async def create_update_token(
        self,
        access_token: str,  # noqa: ARG002 - the port's
        *,
        client_user_id: str,
        selects_bank_accounts: bool,  # noqa: ARG002 - the port's
        redirect_uri: str | None = None,  # noqa: ARG002 - the port's
    ) -> LinkToken:
        return await self.create_link_token(client_user_id=client_user_id, days_requested=1)

    async def refresh(self, access_token: str) -> None:
        """There is nothing to look for: the rows are here."""

    async def replace_access_token(self, access_token: str) -> str:
        return access_token + "'"

    async def proven_notice(self, body: bytes, *, signature: str | None, now: datetime) -> ProvenNotice:
        raise NoticeSignatureError(f"{len(body)} bytes, {signature}, {now}: this bank sends no notices.")

    def notice_of(self, body: dict[str, Any]) -> ItemNotice:
        raise NoticeSignatureError(f"{len(body)} fields: this bank sends no notices.")

    async def remove_item(self, access_token: str) -> None:
        """Nothing is kept about who has access."""

    async def sandbox_public_token(
        self,
        *,
        institution_id: str,
        username: str,
        days_requested: int,  # noqa: ARG002 - the port's
        webhook_url: str | None = None,  # noqa: ARG002 - the port's
    ) -> str:
        return f"public-{institution_id}-{username}"


_SERIAL = itertools.count(1)


@dataclass(slots=True)
class MemoryBank:
    """One entity with one linked item of a memory feed."""

    services: Services
    feed: MemoryFeed
    entity_id: int
    item_id: ItemId

    def put(self, account: str, amount: str, dated: date, **changes: Any) -> str:
        """Add a settled row at the bank and return its id; the next sync sees it."""
        key = f"row-{next(_SERIAL)}"
        self.feed.rows[key] = replace(
            BankTransactionFact(
                provider_transaction_id=key,
                provider_account_id=account,
                pending_provider_id=None,
                amount=Decimal(amount),
                currency=self.feed.accounts[account].currency,
                dated=dated,
                authorized_on=None,
                is_pending=False,
                description=f"MERCHANT {key}",
                merchant_name=None,
                merchant_entity_id=None,
                payment_channel=None,
                provider_category=None,
                provider_category_version=None,
                provider_confidence=None,
                check_number=None,
                raw=b"{}",
            ),
            **changes,
        )
        self.feed.log.append(key)
        return key

    def change(self, key: str, **changes: Any) -> None:
        """Change a row at the bank."""
        # A row counts as changed when what the provider sent differs.
        self.feed.rows[key] = replace(self.feed.rows[key], raw=b'{"version": %d}' % next(_SERIAL), **changes)
        self.feed.log.append(key)

    def remove(self, key: str) -> None:
        """Let the bank take a row back."""
        del self.feed.rows[key]
        self.feed.log.append(key)

    async def sync(self) -> SyncRun:
        """Bring the item up to date with the bank."""
        return await sync_item(self.services, entity_id=self.entity_id, item_id=self.item_id)

    async def row_id(self, key: str) -> BankTransactionId:
        """Return our id of a row of the bank; LookupError if no sync brought it."""
        async with db.read_entity(self.services.pool, entity_id=self.entity_id) as conn:
            cursor = await conn.execute(
                "SELECT id FROM bank_transaction WHERE entity_id = %s AND provider_transaction_id = %s",
                (self.entity_id, key),
            )
            row = await cursor.fetchone()
        if row is None:
            raise LookupError(key)
        return BankTransactionId(row[0])

    async def chart(self) -> dict[int, LedgerAccountId]:
        """Return the ids of the chart's accounts by code."""
        async with db.read_entity(self.services.pool, entity_id=self.entity_id) as conn:
            return {one.code: one.id for one in await ledger.ledger_accounts(conn, entity_id=self.entity_id)}

    async def balances(self) -> dict[tuple[int, str], tuple[int, int]]:
        """Return (amount, worth in the base currency) per account code and currency, debit positive, zeros left out."""
        async with db.read_entity(self.services.pool, entity_id=self.entity_id) as conn:
            codes = {one.id: one.code for one in await ledger.ledger_accounts(conn, entity_id=self.entity_id)}
            totals = await ledger.account_totals(conn, entity_id=self.entity_id, since=None, until=date(9999, 1, 1))
        return {
            (codes[one.ledger_account_id], one.currency): (one.net_minor, one.base_net_minor)
            for one in totals
            if one.net_minor or one.base_net_minor
        }


@asynccontextmanager
async def memory_services(pool: Pool, feed: MemoryFeed) -> AsyncIterator[Services]:
    """Lend services that talk to a bank in memory, on a fixed day; jobs are enqueued but nobody runs them."""
    app = new_queue_app()
    async with app.open_async(pool):
        yield Services(
            pool=pool,
            feed=feed,
            queue=DatabaseQueue(app),
            vault=Vault({"test": b"k" * KEY_BYTES}, "test"),
            now=lambda: NOW,
        )


async def link_memory_bank(services: Services, feed: MemoryFeed, *, entity_id: int) -> MemoryBank:
    """Link the bank to an entity; not synced yet."""
    rows = await link_item(services, entity_id=entity_id, public_token=f"public-{next(_SERIAL)}")
    return MemoryBank(services, feed, entity_id, rows[0].item_id)
