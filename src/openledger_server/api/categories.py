"""Categories: the ledger accounts of an entity's chart."""

from datetime import datetime
from typing import Any

from fastapi import APIRouter
from pydantic import Field

from openledger_server.api.auth import EntityScope
from openledger_server.api.context import Context
from openledger_server.api.errors import failures
from openledger_server.api.wire import Name, Wire
from openledger_server.banking import store as banking
from openledger_server.base import db
from openledger_server.ledger import store as ledger
from openledger_server.ledger.types import LedgerAccount, LedgerAccountType, SystemRole
from openledger_server.workflows.add_category import add_category

router = APIRouter(prefix="/v1/categories", tags=["Categories"], responses=failures(400, 401, 404))

_CODE_MAX = 999_999
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
        default=None, ge=1, le=_CODE_MAX, description="Its number; the next free one of its type if left out."
    )


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
async def get_categories(context: Context, entity_id: EntityScope) -> Categories:
    """Return the entity's chart of accounts."""
    async with db.read_entity(context.services.pool, entity_id=entity_id) as conn:
        chart = await ledger.ledger_accounts(conn, entity_id=entity_id)
        bank_accounts = await banking.bank_accounts(conn, entity_id=entity_id)
    fed_by_banks = {row.ledger_account_id for row in bank_accounts}
    return Categories(
        categories=[
            _category(
                account,
                entity_id,
                is_category=account.system_role not in _NOT_FOR_CHOOSING and int(account.id) not in fed_by_banks,
            )
            for account in chart
        ]
    )


@router.post("", summary="Add a category", responses=failures(400, 401, 404, 409))
async def create_category(body: NewCategoryRequest, context: Context, entity_id: EntityScope) -> NewCategoryAnswer:
    """Add a ledger account. If there is one of that name and type already, return it: a retry is safe."""
    account = await add_category(
        context.services, entity_id=entity_id, name=body.name, type_=body.type, code=body.account_code
    )
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


def _category(account: LedgerAccount, entity_id: int, *, is_category: bool) -> Category:
    return Category(
        id=str(account.id),
        instance_id=None,
        parent_account_id=None if account.parent_id is None else str(account.parent_id),
        name=account.name,
        type=account.type,
        financial_type=account.subtype,
        is_category=is_category,
        code=account.code,
        sub_type_code=None,
        tb_account_id=None,
        template_node_id=None,
        ledger_id=None,
        entity_id=str(entity_id),
        created_at=account.created_at,
        updated_at=account.updated_at,
        top_level=account.parent_id is None,
        metadata={},
    )
