"""A sample business in one call, on servers with a sandbox bank."""

from fastapi import APIRouter
from pydantic import Field

from openledger_server.access import store as access
from openledger_server.access import tokens
from openledger_server.access.types import EntityDetails, parse_id
from openledger_server.api.auth import DeveloperCaller
from openledger_server.api.context import Context
from openledger_server.api.entities import ForeignDeveloperError
from openledger_server.api.errors import failures
from openledger_server.api.wire import CurrencyCode, Name, SnakeWire, Text, Wire
from openledger_server.banking.rows import BankAccountRow
from openledger_server.base import db
from openledger_server.workflows.open_sandbox import Sandbox, open_sandbox

router = APIRouter(prefix="/v1/sandbox", tags=["Sandbox"])


class Preferences(SnakeWire):
    """How the sample business keeps its books."""

    currency: CurrencyCode | None = None
    timezone: Text | None = None
    locale: Text | None = None


class SandboxRequest(SnakeWire):
    """What the sample business is called and whose it is."""

    name: Name
    developer_id: Text
    industry: Text | None = None
    preferences: Preferences | None = None


class SandboxDeveloper(Wire):
    """The developer, with an API key that is shown now and never again."""

    id: str
    name: str
    api_key: str


class SandboxEntity(SnakeWire):
    """The sample business."""

    id: str
    legal_name: str


class SandboxLedger(SnakeWire):
    """Its books. Each entity has one ledger, so the id is the entity's."""

    id: str
    name: str


class SandboxBalance(SnakeWire):
    """What the sandbox's bank says an account holds."""

    available: float | None
    current: float | None


class SandboxBankAccount(SnakeWire):
    """A linked bank account of the sample business."""

    id: str
    name: str
    mask: str
    type: str
    subtype: str | None
    balance: SandboxBalance


class SandboxData(Wire):
    """Everything that was made."""

    developer: SandboxDeveloper
    entity: SandboxEntity
    ledger: SandboxLedger
    plaid_accounts: list[SandboxBankAccount]
    token: str = Field(description="An access token of the entity, good for one hour.")


class SandboxAnswer(Wire):
    """Everything that was made."""

    success: bool
    data: SandboxData


@router.post("", summary="Make a sample business with a linked bank", responses=failures(400, 401, 403, 502))
async def create_sandbox(body: SandboxRequest, context: Context, claims: DeveloperCaller) -> SandboxAnswer:
    """Make an entity, link the sandbox's design studio with two years of history, and start the import.

    Each call makes a new business and a new API key. Time zone, locale and industry are accepted and not used yet.
    """
    if parse_id(body.developer_id) != claims.developer_id:
        raise ForeignDeveloperError
    services = context.services
    details = EntityDetails(legal_name=body.name)
    if body.preferences is not None and body.preferences.currency is not None:
        details = EntityDetails(legal_name=body.name, base_currency=body.preferences.currency)
    async with context.link_slots:
        made = await open_sandbox(services, details, developer_id=claims.developer_id)
    async with db.read_developer(services.pool, developer_id=claims.developer_id) as conn:
        developer_name = await access.developer_name(conn, developer_id=claims.developer_id)
    token = tokens.entity_token(
        context.token_keys, developer_id=claims.developer_id, entity_id=made.entity.id, now=services.now()
    )
    return SandboxAnswer(success=True, data=_data(made, developer_name=developer_name, token=token))


def _data(made: Sandbox, *, developer_name: str, token: str) -> SandboxData:
    entity_id, name = str(made.entity.id), made.entity.details.legal_name
    return SandboxData(
        developer=SandboxDeveloper(id=str(made.entity.developer_id), name=developer_name, api_key=made.api_key),
        entity=SandboxEntity(id=entity_id, legal_name=name),
        ledger=SandboxLedger(id=entity_id, name=f"{name} ledger"),
        plaid_accounts=[_bank_account(row) for row in made.bank_accounts],
        token=token,
    )


def _bank_account(row: BankAccountRow) -> SandboxBankAccount:
    available, current = row.reported_available, row.reported_current
    return SandboxBankAccount(
        id=str(row.id),
        name=row.name,
        mask=row.mask or "",
        type=row.type,
        subtype=row.subtype,
        balance=SandboxBalance(
            available=None if available is None else float(available),
            current=None if current is None else float(current),
        ),
    )
