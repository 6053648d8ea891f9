"""A sample business to try things with: an entity whose bank is the sandbox's, already linked."""

from dataclasses import dataclass, field

from openledger_server.access.developers import add_api_key
from openledger_server.access.types import Entity, EntityDetails
from openledger_server.banking.rows import BankAccountRow
from openledger_server.base import db
from openledger_server.base.errors import NotAllowedError
from openledger_server.workflows.link_item import HISTORY_DAYS, link_item
from openledger_server.workflows.open_entity import open_entity
from openledger_server.workflows.services import Services

_INSTITUTION = "ins_109508"
_USERNAME = "user_studio"
_KEY_LABEL = "sandbox"


class SandboxOnlyError(NotAllowedError):
    """The server works with real banks; sample businesses exist with a sandbox bank only."""

    code = "SANDBOX_ONLY"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sandbox:
    """The sample business, its bank accounts, and a fresh API key that can be seen only now."""

    entity: Entity
    bank_accounts: list[BankAccountRow]
    api_key: str = field(repr=False)


async def open_sandbox(services: Services, details: EntityDetails, *, developer_id: int) -> Sandbox:
    """Make an entity, link the sandbox's design studio to it, mint an API key; the import starts by itself.

    Raises:
        SandboxOnlyError: if the bank feed is not a sandbox.
        FeedError: if the sandbox does not answer as it should; the entity stays, without a bank.
    """
    if not services.feed.has_sandbox:
        raise SandboxOnlyError("Sample businesses can be made only on a server with a sandbox bank.")
    public_token = await services.feed.sandbox_public_token(
        institution_id=_INSTITUTION,
        username=_USERNAME,
        days_requested=HISTORY_DAYS,
        webhook_url=services.notice_url,
    )
    opened = await open_entity(services, details, developer_id=developer_id)
    bank_accounts = await link_item(services, entity_id=opened.entity.id, public_token=public_token)
    async with db.write_developer(services.pool, developer_id=developer_id) as conn:
        api_key = await add_api_key(conn, developer_id=developer_id, label=_KEY_LABEL, now=services.now())
    return Sandbox(entity=opened.entity, bank_accounts=bank_accounts, api_key=api_key)
