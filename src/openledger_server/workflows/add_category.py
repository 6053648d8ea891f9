"""Adding an account to an entity's chart."""

from openledger_server.base import db
from openledger_server.base.ids import new_id
from openledger_server.ledger import store as ledger
from openledger_server.ledger.chart import free_code
from openledger_server.ledger.types import LedgerAccount, LedgerAccountId, LedgerAccountType
from openledger_server.workflows.services import Services

_SUBTYPES = {
    LedgerAccountType.ASSET: "Other Current Asset",
    LedgerAccountType.LIABILITY: "Other Current Liability",
    LedgerAccountType.EQUITY: "Equity",
    LedgerAccountType.REVENUE: "Income",
    LedgerAccountType.EXPENSE: "Expense",
}


async def add_category(
    services: Services, *, entity_id: int, name: str, type_: LedgerAccountType, code: int | None = None
) -> LedgerAccount:
    """Add a ledger account to the chart, numbered `code` or the next free number of its type, and return it.

    If there is one of this name (whatever its case) and type, that one is returned: a retry adds nothing.

    Raises:
        LedgerAccountTakenError: if `code` is in use, or another request took the number at the same time.
        ChartFullError: if there is no free number.
    """
    now = services.now()
    async with db.write_entity(services.pool, entity_id=entity_id) as conn:
        chart = await ledger.ledger_accounts(conn, entity_id=entity_id)
        for account in chart:
            if account.type is type_ and account.name.casefold() == name.casefold():
                return account
        made = LedgerAccount(
            id=LedgerAccountId(new_id()),
            code=code or free_code((account.code for account in chart), wanted=type_),
            name=name,
            type=type_,
            subtype=_SUBTYPES[type_],
            parent_id=None,
            system_role=None,
            currency=None,
            created_at=now,
            updated_at=now,
        )
        await ledger.add_ledger_account(conn, made, entity_id=entity_id)
    return made
