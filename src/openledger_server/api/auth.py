"""Who is asking, and which entity they may act on."""

from typing import Annotated
from urllib.parse import unquote

from fastapi import Depends, Header, Query, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from openledger_server.access import store as access
from openledger_server.access import tokens
from openledger_server.access.types import Claims, TokenType, UnknownEntityError, parse_id
from openledger_server.api.context import ApiContext, Context
from openledger_server.base import db
from openledger_server.base.errors import InvalidError, NotAllowedError
from openledger_server.ledger.types import Actor, ActorKind

_ACTOR_NAME_LENGTH_MAX = 200

_bearer = HTTPBearer(
    auto_error=False,
    bearerFormat="JWT",
    description="An access token from POST /v1/auth/tokens; good for one hour.",
)


class EntityRequiredError(InvalidError):
    """The request does not say which entity it is about."""

    code = "ENTITY_REQUIRED"

    def __init__(self) -> None:
        super().__init__("Say which entity: send entityId.")


class EntityAmbiguousError(InvalidError):
    """The request names two different entities."""

    code = "ENTITY_AMBIGUOUS"

    def __init__(self) -> None:
        super().__init__("entityId and X-entity-ID name different entities. Send one.")


class ActorNameError(InvalidError):
    """X-Actor holds 1 to 200 printable characters, percent-encoded where they are not ASCII."""

    code = "INVALID_ACTOR"

    def __init__(self) -> None:
        super().__init__("X-Actor must be 1 to 200 printable characters; percent-encode what is not ASCII.")


class DeveloperTokenRequiredError(NotAllowedError):
    """An entity token is not enough for this; use a developer token, from a server, never in a browser."""

    code = "DEVELOPER_TOKEN_REQUIRED"

    def __init__(self) -> None:
        super().__init__("This needs a developer token.")


async def caller(
    request: Request,
    context: Context,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> Claims:
    """Return what the request's access token says.

    Raises:
        InvalidTokenError, TokenExpiredError: if it is missing, not ours, or too old.
    """
    if credentials is None:
        raise tokens.InvalidTokenError("Send an access token: Authorization: Bearer <token>.")
    claims = tokens.verified(context.token_keys, credentials.credentials, now=context.services.now())
    request.state.developer_id = str(claims.developer_id)
    return claims


Caller = Annotated[Claims, Depends(caller)]


async def developer_caller(claims: Caller) -> Claims:
    """Return what the access token says, if it is a developer's.

    Raises:
        DeveloperTokenRequiredError: if it is an entity's.
    """
    if claims.type is not TokenType.DEVELOPER:
        raise DeveloperTokenRequiredError
    return claims


DeveloperCaller = Annotated[Claims, Depends(developer_caller)]


async def named_entity(
    request: Request,
    entity_id: Annotated[str | None, Query(alias="entityId", description="The entity this is about.")] = None,
    header: Annotated[str | None, Header(alias="X-entity-ID", description="Older way to name the entity.")] = None,
) -> str | None:
    """Return the entity that query and header name, as text; None if neither does.

    Raises:
        EntityAmbiguousError: if they name different ones.
    """
    return agreed(*request.query_params.getlist("entityId"), entity_id, header)


NamedEntity = Annotated[str | None, Depends(named_entity)]


def agreed(*names: str | None) -> str | None:
    """Return the one name that is given, however often; None if none is.

    Raises:
        EntityAmbiguousError: if two differ.
    """
    given = {name for name in names if name}
    if len(given) > 1:
        raise EntityAmbiguousError
    return given.pop() if given else None


async def entity_scope(request: Request, context: Context, claims: Caller, named: NamedEntity) -> int:
    """Return the id of the entity that the request is about and the caller may act on."""
    return await allowed_entity(request, context, claims, named)


EntityScope = Annotated[int, Depends(entity_scope)]


async def allowed_entity(request: Request, context: ApiContext, claims: Claims, named: str | None) -> int:
    """Return the id of the entity called `named`; without a name, an entity token's own.

    Raises:
        EntityRequiredError: if a developer token comes without a name.
        UnknownEntityError: if there is no such entity, or the caller may not act on it; the answer is the same.
    """
    if named is None:
        if claims.entity_id is None:
            raise EntityRequiredError
        named = str(claims.entity_id)
    entity_id = parse_id(named)
    if entity_id is None or claims.entity_id not in {None, entity_id}:
        raise UnknownEntityError
    async with db.read_entity(context.services.pool, entity_id=entity_id) as conn:
        owner_id = await access.entity_developer_id(conn, entity_id=entity_id)
    if owner_id != claims.developer_id:
        raise UnknownEntityError
    request.state.entity_id = str(entity_id)
    return entity_id


def subject_of(claims: Claims) -> str:
    """Return who asks, as text: the developer, or the entity whose token it is."""
    if claims.entity_id is not None:
        return f"entity:{claims.entity_id}"
    return f"developer:{claims.developer_id}"


async def acting(
    claims: Caller,
    name: Annotated[
        str | None,
        Header(
            alias="X-Actor",
            description="Who does this, as your product knows them; kept on what they change in the books.",
        ),
    ] = None,
) -> Actor:
    """Return who acts: proved is whose token it is, the name is what the host product says.

    An entity's token stands for a person in a browser, so does a developer's with a name; without one it is the
    developer's own program.

    Raises:
        ActorNameError: if the name cannot be one.
    """
    given = "" if name is None else unquote(name)
    if name is not None and not (0 < len(given) <= _ACTOR_NAME_LENGTH_MAX and given.isprintable()):
        raise ActorNameError
    if claims.entity_id is not None:
        return Actor(kind=ActorKind.PERSON, id=str(claims.entity_id), name=given)
    kind = ActorKind.PERSON if given else ActorKind.DEVELOPER
    return Actor(kind=kind, id=str(claims.developer_id), name=given)


Acting = Annotated[Actor, Depends(acting)]
