"""Changing how an entity's rows are judged: floors, and where each kind of row belongs. The past stays as it is."""

from collections.abc import Mapping
from dataclasses import dataclass

from openledger_server.banking import store as banking
from openledger_server.base import db
from openledger_server.base.errors import InvalidError
from openledger_server.categorization.deciders import ACCOUNT_BY_BOOKS, ACCOUNT_BY_THIRD_PARTY
from openledger_server.categorization.provider_categories import provider_categories, readable
from openledger_server.categorization.settings import store
from openledger_server.categorization.settings.store import Floors
from openledger_server.ledger import store as ledger
from openledger_server.ledger.store import UnknownLedgerAccountError
from openledger_server.ledger.types import LedgerAccount, LedgerAccountId
from openledger_server.workflows.judging import chart_of
from openledger_server.workflows.services import Services
from openledger_server.workflows.set_category import BankFedCategoryError


class FloorError(InvalidError):
    """A choice cannot be booked unseen before it is sure enough to be shown."""

    code = "INVALID_FLOOR"


class UnknownCategoryCodeError(InvalidError):
    """There is no such kind of row, or it is a transfer, which has no category."""

    code = "UNKNOWN_CATEGORY_CODE"


class MappedRoleError(InvalidError):
    """An account that the system keeps for itself cannot stand for a kind of row."""

    code = "CATEGORY_NOT_FOR_MAPPING"


@dataclass(frozen=True, slots=True, kw_only=True)
class MappedCategory:
    """Where one kind of row belongs."""

    code: str
    name: str
    account: LedgerAccount | None
    """None: this chart has no account for it."""
    is_default: bool


async def set_floors(services: Services, wanted: Floors, *, entity_id: int) -> None:
    """Store the floors for rows to come.

    Raises:
        FloorError: if the floor for showing is above the one for booking.
    """
    if wanted.auto_post is not None and wanted.suggest is not None and wanted.suggest > wanted.auto_post:
        raise FloorError("suggestFloor may not be above autoPostFloor.")
    async with db.write_entity(services.pool, entity_id=entity_id) as conn:
        await store.store_floors(conn, wanted, entity_id=entity_id, now=services.now())


async def mapping(conn: db.ReadConnection, *, entity_id: int) -> list[MappedCategory]:
    """Return where each kind of row belongs that is not a transfer, ordered by code."""
    chart = await chart_of(conn, entity_id=entity_id)
    accounts = {account.id: account for account in await ledger.ledger_accounts(conn, entity_id=entity_id)}
    found = []
    for code, account_code in sorted(_defaults().items()):
        account_id = chart.account_for(code, account_code)
        found.append(
            MappedCategory(
                code=code,
                name=readable(code),
                account=None if account_id is None else accounts[account_id],
                is_default=code not in chart.by_category,
            )
        )
    return found


async def set_mapping(services: Services, wanted: Mapping[str, LedgerAccountId | None], *, entity_id: int) -> None:
    """Store where these kinds of rows belong from now on; None: where the template says.

    Raises:
        UnknownCategoryCodeError: if there is no such kind, or it is a transfer.
        UnknownLedgerAccountError: if the entity has no such account.
        BankFedCategoryError, MappedRoleError: if the account cannot stand for a kind of row.
    """
    unknown = wanted.keys() - _defaults().keys()
    if unknown:
        raise UnknownCategoryCodeError("There is no such code, or it is a transfer. GET the mapping for all codes.")
    async with db.write_entity(services.pool, entity_id=entity_id) as conn:
        accounts = {account.id: account for account in await ledger.ledger_accounts(conn, entity_id=entity_id)}
        fed = {row.ledger_account_id for row in await banking.bank_accounts(conn, entity_id=entity_id)}
        for account_id in filter(None, wanted.values()):
            if account_id not in accounts:
                raise UnknownLedgerAccountError("There is no such category in this entity's chart of accounts.")
            ledger.check_open(accounts[account_id])
            if account_id in fed:
                raise BankFedCategoryError("That account is fed by a bank, so it cannot stand for a kind of row.")
            if accounts[account_id].system_role is not None:
                raise MappedRoleError("That account is the system's own, so it cannot stand for a kind of row.")
        await store.store_mapping(conn, wanted, entity_id=entity_id, now=services.now())


def _defaults() -> dict[str, int]:
    """Return the template's account number of each kind of row."""
    kinds = {one.code: one.account_code for one in provider_categories().values() if not one.is_transfer}
    kinds |= ACCOUNT_BY_THIRD_PARTY
    return kinds | {books.upper(): account_code for books, account_code in ACCOUNT_BY_BOOKS.items()}
