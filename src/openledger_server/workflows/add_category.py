"""Adding an account to an entity's chart."""

from dataclasses import dataclass

from openledger_server.base import db
from openledger_server.base.ids import new_id
from openledger_server.ledger import store as ledger
from openledger_server.ledger.accounts.types import check_parent
from openledger_server.ledger.chart import free_code
from openledger_server.ledger.store import UnknownLedgerAccountError
from openledger_server.ledger.types import LedgerAccount, LedgerAccountId, LedgerAccountType
from openledger_server.workflows.services import Services

SUBTYPES = {
    LedgerAccountType.ASSET: "Other Current Asset",
    LedgerAccountType.LIABILITY: "Other Current Liability",
    LedgerAccountType.EQUITY: "Equity",
    LedgerAccountType.REVENUE: "Income",
    LedgerAccountType.EXPENSE: "Expense",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAccount:
    """An account to be added to a chart."""

    name: str
    type: LedgerAccountType
    code: int | None = None
    """None: the next free number of its type."""
    subtype: str | None = None
    description: str = ""
    parent_id: LedgerAccountId | None = None


async def add_category(services: Services, wanted: NewAccount, *, entity_id: int) -> LedgerAccount:
    """Add a ledger account to the chart, and return it.

    If there is one of this name (whatever its case) and type in use, that one is returned: a retry adds nothing.

    Raises:
        LedgerAccountTakenError: if the number is in use, or another request took it at the same time.
        UnknownLedgerAccountError, AccountParentError: if it cannot be placed below that parent.
        ChartFullError: if there is no free number.
    """
    now = services.now()
    async with db.write_entity(services.pool, entity_id=entity_id) as conn:
        chart = await ledger.ledger_accounts(conn, entity_id=entity_id)
        for account in chart:
            is_same = account.type is wanted.type and account.name.casefold() == wanted.name.casefold()
            if is_same and account.archived_at is None:
                return account
        made = LedgerAccount(
            id=LedgerAccountId(new_id()),
            code=wanted.code or free_code((account.code for account in chart), wanted=wanted.type),
            name=wanted.name,
            type=wanted.type,
            subtype=wanted.subtype or SUBTYPES[wanted.type],
            parent_id=wanted.parent_id,
            system_role=None,
            currency=None,
            created_at=now,
            updated_at=now,
            description=wanted.description,
        )
        if made.parent_id is not None:
            by_id = {account.id: account for account in chart}
            if made.parent_id not in by_id:
                raise UnknownLedgerAccountError("There is no such parent account.")
            check_parent(made, by_id[made.parent_id], by_id)
        await ledger.add_ledger_account(conn, made, entity_id=entity_id)
    return made
