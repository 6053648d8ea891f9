"""A session for the demo's web app, which has no server of its own to get tokens from."""

import ipaddress
from urllib.parse import urlsplit

from fastapi import APIRouter, Request

from openledger_server.access import store as access
from openledger_server.access import tokens
from openledger_server.access.types import Entity
from openledger_server.api.context import ApiContext, Context
from openledger_server.api.errors import failures
from openledger_server.api.tokens import AccessToken, bearer
from openledger_server.base import db
from openledger_server.base.errors import NotAllowedError, NotFoundError

router = APIRouter(prefix="/demo", tags=["Demo"])


class NoDemoError(NotFoundError):
    """This server is not a demo, or the demo has no entity yet."""

    def __init__(self) -> None:
        super().__init__("There is no demo session here.")


class DemoIsLocalError(NotAllowedError):
    """The demo's session is for the machine that runs it, and for its own pages."""

    code = "DEMO_IS_LOCAL"

    def __init__(self) -> None:
        super().__init__("The demo's session can be had on the machine that runs it only, by its own page.")


class DemoSession(AccessToken):
    """An access token of the demo's entity."""

    entity_id: str
    entity_name: str
    developer_id: str


@router.get("/session", summary="Get the demo's session", responses=failures(403, 404))
async def get_demo_session(request: Request, context: Context) -> DemoSession:
    """Give a token for the demo's entity. Only `openledger demo` answers, and only to its own page on this machine."""
    entity_id = context.settings.demo_entity_id()
    if entity_id is None:
        raise NoDemoError
    _check_is_own_page(request)
    entity = await _entity(context, entity_id)
    token = bearer(
        tokens.entity_token(
            context.token_keys, developer_id=entity.developer_id, entity_id=entity.id, now=context.services.now()
        )
    )
    return DemoSession(
        **token.model_dump(),
        entity_id=str(entity.id),
        entity_name=entity.details.legal_name,
        developer_id=str(entity.developer_id),
    )


async def _entity(context: ApiContext, entity_id: int) -> Entity:
    async with db.read_entity(context.services.pool, entity_id=entity_id) as conn:
        return await access.entity(conn, entity_id=entity_id)


def _check_is_own_page(request: Request) -> None:
    """Refuse other machines, other sites' pages, and pages that reach us under a name of their own."""
    host = request.headers.get("host", "")
    origin = request.headers.get("origin")
    is_own = origin is None or urlsplit(origin).netloc == host
    is_here = request.client is None or _is_loopback(request.client.host)
    is_same_site = request.headers.get("sec-fetch-site", "none") in {"none", "same-origin"}
    if not (is_own and is_here and is_same_site and _is_loopback(urlsplit(f"//{host}").hostname or "")):
        raise DemoIsLocalError


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
