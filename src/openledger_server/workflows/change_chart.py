"""Shaping an entity's chart of accounts: rename, renumber, arrange, archive, take back into use."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from openledger_server.base.db import WriteConnection
from openledger_server.bookkeeping.accounts import store as uses
from openledger_server.ledger import store as ledger
from openledger_server.ledger.accounts import store
from openledger_server.ledger.accounts.types import AccountHasBalanceError, SystemAccountError, check_parent
from openledger_server.ledger.store import UnknownLedgerAccountError
from openledger_server.ledger.types import LedgerAccount, LedgerAccountId, LedgerAccountType
from openledger_server.workflows.manual_entries import Desk, open_books
from openledger_server.workflows.services import Services

_INCOME_TYPES = frozenset({LedgerAccountType.REVENUE, LedgerAccountType.EXPENSE})
AccountsById = Mapping[LedgerAccountId, LedgerAccount]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountChange:
    """What is to be different about an account; None: as it is."""

    name: str | None = None
    code: int | None = None
    subtype: str | None = None
    description: str | None = None
    parent_id: LedgerAccountId | None = None
    is_top_level: bool = False
    """Place it below none."""


async def change_account(
    services: Services, change: AccountChange, *, desk: Desk, ledger_account_id: LedgerAccountId
) -> LedgerAccount:
    """Rename, renumber or arrange an account and return it. Its id stays, and everything that names it follows.

    Raises:
        UnknownLedgerAccountError: if the entity has no such account, or no such parent.
        LedgerAccountTakenError: if the number is in use.
        AccountParentError: if it cannot be placed there.
    """
    async with open_books(services, desk) as conn:
        chart = await accounts_by_id(conn, entity_id=desk.entity_id)
        before = account_in(chart, ledger_account_id)
        after = replace(
            before,
            name=before.name if change.name is None else change.name,
            code=before.code if change.code is None else change.code,
            subtype=before.subtype if change.subtype is None else change.subtype,
            description=before.description if change.description is None else change.description,
            parent_id=_parent_after(before, change, chart),
        )
        if after == before:
            return before
        after = replace(after, updated_at=services.now())
        await store.store_account(conn, after, entity_id=desk.entity_id)
    return after


def _parent_after(before: LedgerAccount, change: AccountChange, chart: AccountsById) -> LedgerAccountId | None:
    if change.is_top_level:
        return None
    if change.parent_id is None or change.parent_id == before.parent_id:
        return before.parent_id
    parent = account_in(chart, change.parent_id)
    check_parent(before, parent, chart)
    return parent.id


async def archive_account(services: Services, *, desk: Desk, ledger_account_id: LedgerAccountId) -> LedgerAccount:
    """Let nothing new be booked to an account; what was decided and posted stays. Again changes nothing.

    Raises:
        UnknownLedgerAccountError: if the entity has no such account.
        SystemAccountError: if the system, a bank, a rule, a recurring entry or an account below it still needs it.
        AccountHasBalanceError: if it is of the balance sheet and holds something.
    """
    async with open_books(services, desk) as conn:
        account = account_in(await accounts_by_id(conn, entity_id=desk.entity_id), ledger_account_id)
        if account.archived_at is not None:
            return account
        await check_archivable(conn, account, entity_id=desk.entity_id)
        now = services.now()
        after = replace(account, archived_at=now, updated_at=now)
        await store.store_account(conn, after, entity_id=desk.entity_id)
    return after


async def check_archivable(conn: WriteConnection, account: LedgerAccount, *, entity_id: int) -> None:
    """Look whether nothing needs an account any more.

    Raises:
        SystemAccountError, AccountHasBalanceError: if something does.
    """
    use = await uses.account_use(conn, entity_id=entity_id, ledger_account_id=account.id)
    if account.system_role is not None:
        raise SystemAccountError(f"The system itself needs {account.name}. Rename it if you like.")
    if use.bank_accounts:
        raise SystemAccountError(f"{account.name} stands for a bank account.")
    if use.open_children:
        raise SystemAccountError(f"Accounts below {account.name} are in use. Archive or move those first.")
    if use.enabled_rules:
        raise SystemAccountError(f"{use.enabled_rules} rules book to {account.name}. Change or switch off those first.")
    if use.running_schedules:
        raise SystemAccountError(
            f"{use.running_schedules} recurring entries book to {account.name}. Change those first."
        )
    if use.balance_minor and account.type not in _INCOME_TYPES:
        raise AccountHasBalanceError(f"{account.name} still holds something. Move it to another account first.")


async def reopen_account(services: Services, *, desk: Desk, ledger_account_id: LedgerAccountId) -> LedgerAccount:
    """Take an archived account back into use. What it stood for stays with the account it was merged into, if any.

    Raises:
        UnknownLedgerAccountError: if the entity has no such account.
    """
    async with open_books(services, desk) as conn:
        account = account_in(await accounts_by_id(conn, entity_id=desk.entity_id), ledger_account_id)
        if account.archived_at is None:
            return account
        after = replace(account, archived_at=None, merged_into_id=None, updated_at=services.now())
        await store.store_account(conn, after, entity_id=desk.entity_id)
    return after


async def accounts_by_id(conn: WriteConnection, *, entity_id: int) -> dict[LedgerAccountId, LedgerAccount]:
    """Return the whole chart by id."""
    return {account.id: account for account in await ledger.ledger_accounts(conn, entity_id=entity_id)}


def account_in(chart: AccountsById, ledger_account_id: LedgerAccountId) -> LedgerAccount:
    """Return one account of the chart.

    Raises:
        UnknownLedgerAccountError: if it has none of that id.
    """
    account = chart.get(ledger_account_id)
    if account is None:
        raise UnknownLedgerAccountError("There is no such category in this entity's chart of accounts.")
    return account
