"""Entities: the businesses whose books are kept."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import Field

from openledger_server.access import store as access
from openledger_server.access.idempotency.types import key_digest
from openledger_server.access.types import (
    Claims,
    Entity,
    EntityDetails,
    EntityStatus,
    EntityType,
    TokenType,
    parse_id,
)
from openledger_server.api.auth import Caller, DeveloperCaller, EntityScope, NamedEntity, allowed_entity, subject_of
from openledger_server.api.context import ApiContext, Context
from openledger_server.api.errors import failures
from openledger_server.api.idempotency import IdempotencyKey
from openledger_server.api.wire import AnyCase, CurrencyCode, Text, TimeZone, Wire
from openledger_server.banking import store as banking
from openledger_server.banking.rows import BankAccountRow
from openledger_server.base import db
from openledger_server.base.errors import NotAllowedError
from openledger_server.base.paging import CursorError, checked_page_size, decode_cursor, encode_cursor
from openledger_server.ledger.chart import ChartTemplate
from openledger_server.workflows import change_entity as changing
from openledger_server.workflows.open_entity import open_entity

router = APIRouter(tags=["Entities"], responses=failures(400, 401, 403, 404, 409))

_CURSOR_KIND = "e"


class ForeignDeveloperError(NotAllowedError):
    """The request names another developer than the one whose token it carries."""

    code = "DEVELOPER_MISMATCH"

    def __init__(self) -> None:
        super().__init__("developerId is not the developer of this access token.")


class EntityFields(Wire):
    """What is said about an entity. On a change, what is left out stays."""

    external_id: Text | None = Field(default=None, description="Your own id for it; makes creating it idempotent.")
    legal_name: Text | None = None
    tin: Annotated[Text, Field(max_length=32)] | None = None
    us_state: Annotated[Text, Field(max_length=64)] | None = None
    entity_type: Annotated[EntityType, AnyCase] | None = None
    phone_number: Annotated[Text, Field(max_length=64)] | None = None
    status: Annotated[EntityStatus, AnyCase] | None = None
    fiscal_year_start_month: Annotated[int, Field(ge=1, le=12)] | None = Field(
        default=None, description="Fiscal years begin on the first of this month; 1 if never said."
    )
    time_zone: TimeZone | None = Field(
        default=None, description="IANA name, e.g. Europe/Berlin: decides which day is today; UTC if never said."
    )


class NewEntityRequest(EntityFields):
    """A new entity."""

    developer_id: Text | None = Field(default=None, description="Yours; the token says it already.")
    currency: CurrencyCode | None = Field(default=None, description="Currency of its reports; USD if left out.")
    chart_template: ChartTemplate | None = Field(
        default=None, description="The chart of accounts to start with; nonprofit for a NON_PROFIT, else general."
    )


class CreatedEntity(Wire):
    """An entity just made. Properties that this server does not keep are null."""

    id: str
    external_id: str | None
    legal_name: str
    tin: str | None
    us_state: str | None
    entity_type: str | None
    phone_number: str | None
    developer_id: str
    clerk_id: None
    date_created: datetime
    google_auth_token: None
    admin_user_id: None
    address_id: None
    phone: str | None
    website: None
    logo_url: None
    status: str
    subscription_plan: None
    billing_information: None
    settings_id: None
    instance_id: None


class CreatedEntityAnswer(Wire):
    """The entity."""

    entity: CreatedEntity


class ChangedEntity(Wire):
    """An entity after a change."""

    id: str
    external_id: str | None
    legal_name: str
    tin: str | None
    us_state: str | None
    entity_type: str | None
    phone_number: str | None
    status: str
    updated_at: datetime


class Address(Wire):
    """Where an entity is; this server keeps the state only."""

    street: str | None
    city: str | None
    state: str | None
    zip: str | None
    country: str | None


class EntitySettings(Wire):
    """How an entity's books are kept."""

    default_currency: str = Field(alias="default_currency")
    accounting_method: str = Field(alias="accounting_method")
    fiscal_year_start_month: int = Field(alias="fiscal_year_start_month")
    time_zone: str = Field(alias="time_zone")
    chart_template: str = Field(alias="chart_template")


class PlaidAccount(Wire):
    """A linked bank account. The access token is never given out."""

    id: str
    plaid_item_id: str
    plaid_institution_id: str | None
    plaid_account_id: str
    account_name: str
    account_type: str
    account_subtype: str | None
    account_mask: str
    linked_at: datetime
    status: str
    entity_id: str
    cursor: None
    needs_initial_sync: bool


class EntityDetail(Wire):
    """An entity with its linked bank accounts."""

    id: str
    name: str
    external_id: str | None
    entity_type: str | None
    address: Address
    settings: EntitySettings
    plaid_accounts: list[PlaidAccount]
    created_at: datetime
    developer_id: str
    instance_id: None
    status: str


class ListedEntity(Wire):
    """An entity in a list."""

    id: str
    name: str
    legal_name: str
    external_id: str | None
    entity_type: str | None
    us_state: str | None
    status: str
    developer_id: str
    created_at: datetime
    updated_at: datetime


class EntityAnswer(Wire):
    """The entity that `entityId` or `externalId` names."""

    entity: EntityDetail


class EntityPage(Wire):
    """One page of entities, oldest first."""

    entities: list[ListedEntity]
    next_cursor: str | None
    has_more: bool


class DeveloperEntityPage(EntityPage):
    """One page of a developer's entities."""

    total_count: int
    warning: str | None


class MessageAnswer(Wire):
    """What was done, in a sentence."""

    message: str


@router.post("", summary="Create an entity")
async def create_entity(
    body: NewEntityRequest, context: Context, claims: DeveloperCaller, key: IdempotencyKey
) -> CreatedEntityAnswer:
    """Make an entity with a chart of accounts.

    With an `externalId` or an `Idempotency-Key` a retry is safe: the entity that is there is returned as it is.
    """
    _check_developer(claims, body.developer_id)
    usual = ChartTemplate.NONPROFIT if body.entity_type is EntityType.NON_PROFIT else ChartTemplate.GENERAL
    first = EntityDetails(
        base_currency=body.currency or EntityDetails().base_currency,
        chart_template=(body.chart_template or usual).value,
    )
    details = _changed(first, body)
    opened = await open_entity(
        context.services,
        details,
        developer_id=claims.developer_id,
        creation_sha256=None if key is None else key_digest(subject=subject_of(claims), key=key),
    )
    return CreatedEntityAnswer(entity=_created(opened.entity))


@router.get("", summary="Get one entity, or list them", response_model=EntityAnswer | EntityPage)
async def get_entities(
    request: Request,
    context: Context,
    claims: Caller,
    named: NamedEntity,
    external_id: Annotated[Text | None, Query(alias="externalId")] = None,
    cursor: Annotated[str | None, Query(description="`nextCursor` of the page before.")] = None,
    page_size: Annotated[int | None, Query(alias="pageSize", description="1 to 100; 50 if left out.")] = None,
) -> EntityAnswer | EntityPage:
    """With `entityId` or `externalId` return that entity, else one page of all the caller may act on."""
    if named is not None:
        entity_id = await allowed_entity(request, context, claims, named)
        return EntityAnswer(entity=await _detail(context, entity_id))
    if external_id is not None:
        async with db.read_developer(context.services.pool, developer_id=claims.developer_id) as conn:
            found = await access.entity_by_external_id(conn, developer_id=claims.developer_id, external_id=external_id)
        entity_id = await allowed_entity(request, context, claims, str(found.id))
        return EntityAnswer(entity=await _detail(context, entity_id))
    return await _page(context, claims, cursor=cursor, page_size=page_size)


@router.get("/developer-entities", summary="List a developer's entities")
async def get_developer_entities(
    context: Context,
    claims: DeveloperCaller,
    developer_id: Annotated[str | None, Query(alias="developerId")] = None,
    cursor: Annotated[str | None, Query(description="`nextCursor` of the page before.")] = None,
    page_size: Annotated[int | None, Query(alias="pageSize", description="1 to 100; 50 if left out.")] = None,
) -> DeveloperEntityPage:
    """Return one page of the developer's entities and how many there are."""
    _check_developer(claims, developer_id)
    page = await _page(context, claims, cursor=cursor, page_size=page_size)
    async with db.read_developer(context.services.pool, developer_id=claims.developer_id) as conn:
        count = await access.entity_count(conn, developer_id=claims.developer_id)
    return DeveloperEntityPage(
        entities=page.entities, next_cursor=page.next_cursor, has_more=page.has_more, total_count=count, warning=None
    )


@router.put("", summary="Change an entity")
async def update_entity(body: EntityFields, context: Context, entity_id: EntityScope) -> ChangedEntity:
    """Change what the body names and leave the rest."""
    entity = await changing.change_entity(context.services, lambda before: _changed(before, body), entity_id=entity_id)
    details = entity.details
    return ChangedEntity(
        id=str(entity.id),
        external_id=details.external_id,
        legal_name=details.legal_name,
        tin=details.tin,
        us_state=details.us_state,
        entity_type=details.entity_type,
        phone_number=details.phone_number,
        status=details.status,
        updated_at=entity.updated_at,
    )


@router.delete("", summary="Delete an entity", responses=failures(400, 401, 403, 404, 409, 502))
async def delete_entity(context: Context, claims: DeveloperCaller, entity_id: EntityScope) -> MessageAnswer:
    """Give up the access to its banks and delete everything kept for it. Cannot be undone."""
    await changing.delete_entity(context.services, developer_id=claims.developer_id, entity_id=entity_id)
    return MessageAnswer(message="The entity and everything kept for it are deleted.")


def _check_developer(claims: Claims, named: str | None) -> None:
    if named is not None and parse_id(named) != claims.developer_id:
        raise ForeignDeveloperError


def _changed(before: EntityDetails, fields: EntityFields) -> EntityDetails:
    given: dict[str, Any] = {
        name: value
        for name in EntityFields.model_fields
        if (value := getattr(fields, name)) is not None and name in fields.model_fields_set
    }
    return replace(before, **given)


async def _page(context: ApiContext, claims: Claims, *, cursor: str | None, page_size: int | None) -> EntityPage:
    size, after_id = checked_page_size(page_size), _position(cursor)
    async with db.read_developer(context.services.pool, developer_id=claims.developer_id) as conn:
        if claims.type is TokenType.ENTITY:
            assert claims.entity_id is not None
            own = await access.entity(conn, entity_id=claims.entity_id)
            found = [own] if own.id > after_id else []
        else:
            found = await access.entities(conn, developer_id=claims.developer_id, after_id=after_id, limit=size + 1)
    page, has_more = found[:size], len(found) > size
    return EntityPage(
        entities=[_listed(entity) for entity in page],
        next_cursor=encode_cursor(_CURSOR_KIND, str(page[-1].id)) if has_more else None,
        has_more=has_more,
    )


def _position(cursor: str | None) -> int:
    if cursor is None:
        return 0
    kind, number = decode_cursor(cursor, parts=2)
    after_id = parse_id(number)
    if kind != _CURSOR_KIND or after_id is None:
        raise CursorError("The cursor is not one that this server gave out.")
    return after_id


async def _detail(context: ApiContext, entity_id: int) -> EntityDetail:
    async with db.read_entity(context.services.pool, entity_id=entity_id) as conn:
        entity = await access.entity(conn, entity_id=entity_id)
        bank_accounts = await banking.bank_accounts(conn, entity_id=entity_id)
    details = entity.details
    return EntityDetail(
        id=str(entity.id),
        name=details.legal_name,
        external_id=details.external_id,
        entity_type=details.entity_type,
        address=Address(street=None, city=None, state=details.us_state, zip=None, country=None),
        settings=EntitySettings(
            default_currency=details.base_currency,
            accounting_method="cash",
            fiscal_year_start_month=details.fiscal_year_start_month,
            time_zone=details.time_zone,
            chart_template=details.chart_template,
        ),
        plaid_accounts=[_plaid_account(row, entity_id) for row in bank_accounts if row.unlinked_at is None],
        created_at=entity.created_at,
        developer_id=str(entity.developer_id),
        instance_id=None,
        status=details.status,
    )


def _plaid_account(row: BankAccountRow, entity_id: int) -> PlaidAccount:
    return PlaidAccount(
        id=str(row.id),
        plaid_item_id=row.provider_item_id,
        plaid_institution_id=row.institution_id,
        plaid_account_id=row.provider_account_id,
        account_name=row.name,
        account_type=row.type,
        account_subtype=row.subtype,
        account_mask=row.mask or "",
        linked_at=row.linked_at,
        status=row.item_state,
        entity_id=str(entity_id),
        cursor=None,
        needs_initial_sync=row.history_complete_at is None,
    )


def _created(entity: Entity) -> CreatedEntity:
    details = entity.details
    return CreatedEntity(
        id=str(entity.id),
        external_id=details.external_id,
        legal_name=details.legal_name,
        tin=details.tin,
        us_state=details.us_state,
        entity_type=details.entity_type,
        phone_number=details.phone_number,
        developer_id=str(entity.developer_id),
        clerk_id=None,
        date_created=entity.created_at,
        google_auth_token=None,
        admin_user_id=None,
        address_id=None,
        phone=details.phone_number,
        website=None,
        logo_url=None,
        status=details.status,
        subscription_plan=None,
        billing_information=None,
        settings_id=None,
        instance_id=None,
    )


def _listed(entity: Entity) -> ListedEntity:
    details = entity.details
    return ListedEntity(
        id=str(entity.id),
        name=details.legal_name,
        legal_name=details.legal_name,
        external_id=details.external_id,
        entity_type=details.entity_type,
        us_state=details.us_state,
        status=details.status,
        developer_id=str(entity.developer_id),
        created_at=entity.created_at,
        updated_at=entity.updated_at,
    )
