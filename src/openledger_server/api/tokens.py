"""Access tokens against an API key."""

from enum import StrEnum

from fastapi import APIRouter
from pydantic import Field

from openledger_server.access import developers, tokens
from openledger_server.access import store as access
from openledger_server.access.types import UnknownEntityError, parse_id
from openledger_server.api.context import ApiContext, Context
from openledger_server.api.errors import failures
from openledger_server.api.wire import Secret, SnakeWire, Text, Wire
from openledger_server.base import db
from openledger_server.base.errors import NotAllowedError

router = APIRouter(tags=["Tokens"], responses=failures(400, 401))


class AdminNotSupportedError(NotAllowedError):
    """This server has no administrators' tokens; operators use the command line."""

    code = "ADMIN_NOT_SUPPORTED"

    def __init__(self) -> None:
        super().__init__("This server gives out no admin tokens. Use a developer or an entity token.")


class UserType(StrEnum):
    """Whom a token is to speak for."""

    DEVELOPER = "developer"
    ENTITY = "entity"
    ADMIN = "admin"


class TokenRequest(Wire):
    """Whose token is wanted."""

    user_type: UserType
    id: Text = Field(description="The developer's or the entity's id.")
    api_key: Secret
    developer_id: Text | None = Field(default=None, description="For an entity's token; the entity's own if left out.")


class DeveloperTokenRequest(Wire):
    """A developer proves who they are."""

    developer_id: Text
    api_key: Secret


class EntityTokenRequest(Wire):
    """A developer asks for a token that is good for one entity only."""

    entity_id: Text
    developer_id: Text
    api_key: Secret


class AccessToken(SnakeWire):
    """A token to send as `Authorization: Bearer`."""

    access_token: str
    token_type: str = Field(examples=["Bearer"])
    expires_in: int = Field(description="Seconds.", examples=[3600])


@router.post("/v1/auth/tokens", summary="Get a developer's or an entity's access token")
async def create_token(body: TokenRequest, context: Context) -> AccessToken:
    """Give a token for one hour. A wrong key and an unknown developer get the same answer."""
    if body.user_type is UserType.ADMIN:
        raise AdminNotSupportedError
    if body.user_type is UserType.DEVELOPER:
        return await _for_developer(context, developer_id=body.id, api_key=body.api_key)
    developer_id = body.developer_id or await _owner_of(context, body.id)
    return await _for_entity(context, entity_id=body.id, developer_id=developer_id, api_key=body.api_key)


@router.post("/v1/auth/developer-token", summary="Get a developer's access token")
@router.post("/v1/developers/auth/generate-token", name="generate_developer_token", summary="The same, older address")
async def create_developer_token(body: DeveloperTokenRequest, context: Context) -> AccessToken:
    """Give a token that acts on any of the developer's entities."""
    return await _for_developer(context, developer_id=body.developer_id, api_key=body.api_key)


@router.post("/v1/auth/entity-token", summary="Get an entity's access token", responses=failures(400, 401, 404))
@router.post(
    "/v1/entities/auth/generate-token",
    name="generate_entity_token",
    summary="The same, older address",
    responses=failures(400, 401, 404),
)
async def create_entity_token(body: EntityTokenRequest, context: Context) -> AccessToken:
    """Give a token that acts on one entity only, fit for that entity's users' browsers."""
    return await _for_entity(context, entity_id=body.entity_id, developer_id=body.developer_id, api_key=body.api_key)


async def _for_developer(context: ApiContext, *, developer_id: str, api_key: str) -> AccessToken:
    services = context.services
    known = await developers.authenticate(services.pool, developer_id=parse_id(developer_id), api_key=api_key)
    return bearer(tokens.developer_token(context.token_keys, developer_id=known, now=services.now()))


async def _for_entity(context: ApiContext, *, entity_id: str, developer_id: str, api_key: str) -> AccessToken:
    services = context.services
    known = await developers.authenticate(services.pool, developer_id=parse_id(developer_id), api_key=api_key)
    wanted = parse_id(entity_id)
    if wanted is None:
        raise UnknownEntityError
    async with db.read_entity(services.pool, entity_id=wanted) as conn:
        if await access.entity_developer_id(conn, entity_id=wanted) != known:
            raise UnknownEntityError
    return bearer(tokens.entity_token(context.token_keys, developer_id=known, entity_id=wanted, now=services.now()))


async def _owner_of(context: ApiContext, entity_id: str) -> str:
    """Return the id of the entity's developer, whose key must then fit; "" for an unknown entity."""
    wanted = parse_id(entity_id)
    if wanted is None:
        return ""
    async with db.read_entity(context.services.pool, entity_id=wanted) as conn:
        owner_id = await access.entity_developer_id(conn, entity_id=wanted)
    return "" if owner_id is None else str(owner_id)


def bearer(token: str) -> AccessToken:
    """Return the answer that hands out a token."""
    return AccessToken(access_token=token, token_type="Bearer", expires_in=tokens.TOKEN_LIFETIME_S)  # noqa: S106 - a word of RFC 6750, not a secret
