"""Categories: the ledger accounts of an entity's chart."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import Field

from openledger_server.api.auth import EntityScope
from openledger_server.api.context import Context
from openledger_server.api.entry_bodies import AccountRef, ledger_account_id
from openledger_server.api.errors import failures
from openledger_server.api.wire import Name, Text, Wire
from openledger_server.banking import store as banking
from openledger_server.base import db
from openledger_server.ledger import store as ledger
from openledger_server.ledger.types import LedgerAccount, LedgerAccountType, SystemRole
from openledger_server.workflows.add_category import NewAccount, add_category

router = APIRouter(prefix="/v1/categories", tags=["Categories"], responses=failures(400, 401, 404))

CODE_MAX = 999_999
# Where the system itself puts things; nobody chooses them for a bank transaction.
_NOT_FOR_CHOOSING = frozenset({SystemRole.OPENING_BALANCES, SystemRole.RETAINED_EARNINGS})


class Category(Wire):
    """A ledger account. Properties that this server does not keep are null."""

    id: str
    instance_id: None
    parent_account_id: str | None
    name: str
    type: LedgerAccountType
    financial_type: str
    is_category: bool = Field(description="Whether it can be chosen for a bank transaction.")
    code: int
    sub_type_code: int | None
    tb_account_id: None
    template_node_id: None
    ledger_id: None
    entity_id: str
    created_at: datetime
    updated_at: datetime
    top_level: bool
    description: str
    is_archived: bool = Field(description="Takes no new postings.")
    merged_into_id: str | None = Field(description="The account that took it over.")
    system_role: SystemRole | None = Field(description="What the system itself uses it for.")
    currency: str | None = Field(description="Set on a bank's own account: only this currency is posted to it.")
    standard_codes: list[int] = Field(description="The numbers of the standard chart that it stands for.")
    metadata: dict[str, Any]


class Categories(Wire):
    """The whole chart, ordered by code."""

    categories: list[Category]


class NewCategoryRequest(Wire):
    """A new ledger account."""

    name: Name
    type: LedgerAccountType
    sub_type_code: int | None = Field(default=None, description="Accepted for older clients and not kept.")
    account_code: int | None = Field(
        default=None, ge=1, le=CODE_MAX, description="Its number; the next free one of its type if left out."
    )
    financial_type: Name | None = Field(default=None, description="Under which heading reports show it.")
    description: Text = ""
    parent_account_id: AccountRef | None = Field(default=None, description="The account it is part of.")


class NewCategory(Wire):
    """The ledger account just made."""

    id: str
    name: str
    type: LedgerAccountType
    entity_id: str
    sub_type_code: int | None
    code: int


class NewCategoryAnswer(Wire):
    """The ledger account just made."""

    category: NewCategory


@router.get("", summary="List categories")
async def get_categories(
    context: Context,
    entity_id: EntityScope,
    *,
    include_archived: Annotated[
        bool, Query(alias="includeArchived", description="Also those that take no new postings.")
    ] = False,
) -> Categories:
    """Return the entity's chart of accounts, ordered by number."""
    async with db.read_entity(context.services.pool, entity_id=entity_id) as conn:
        chart = await ledger.ledger_accounts(conn, entity_id=entity_id)
        bank_accounts = await banking.bank_accounts(conn, entity_id=entity_id)
    fed_by_banks = {row.ledger_account_id for row in bank_accounts}
    return Categories(
        categories=[
            category_body(account, entity_id, is_fed=int(account.id) in fed_by_banks)
            for account in chart
            if include_archived or account.archived_at is None
        ]
    )


@router.post("", summary="Add a category", responses=failures(400, 401, 404, 409))
async def create_category(body: NewCategoryRequest, context: Context, entity_id: EntityScope) -> NewCategoryAnswer:
    """Add a ledger account. If there is one of that name and type already, return it: a retry is safe."""
    parent_id = None if body.parent_account_id is None else ledger_account_id(body.parent_account_id)
    wanted = NewAccount(
        name=body.name,
        type=body.type,
        code=body.account_code,
        subtype=body.financial_type,
        description=body.description,
        parent_id=parent_id,
    )
    account = await add_category(context.services, wanted, entity_id=entity_id)
    return NewCategoryAnswer(
        category=NewCategory(
            id=str(account.id),
            name=account.name,
            type=account.type,
            entity_id=str(entity_id),
            sub_type_code=body.sub_type_code,
            code=account.code,
        )
    )


def category_body(account: LedgerAccount, entity_id: int, *, is_fed: bool) -> Category:
    """Return an account as the wire knows it; `is_fed`: a bank feeds it."""
    return Category(
        id=str(account.id),
        instance_id=None,
        parent_account_id=None if account.parent_id is None else str(account.parent_id),
        name=account.name,
        type=account.type,
        financial_type=account.subtype,
        is_category=not is_fed and account.archived_at is None and account.system_role not in _NOT_FOR_CHOOSING,
        code=account.code,
        sub_type_code=None,
        tb_account_id=None,
        template_node_id=None,
        ledger_id=None,
        entity_id=str(entity_id),
        created_at=account.created_at,
        updated_at=account.updated_at,
        top_level=account.parent_id is None,
        description=account.description,
        is_archived=account.archived_at is not None,
        merged_into_id=None if account.merged_into_id is None else str(account.merged_into_id),
        system_role=account.system_role,
        currency=account.currency,
        standard_codes=list(account.standard_codes),
        metadata={},
    )
