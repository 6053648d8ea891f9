"""Per entity: from how sure on machines book, where each kind of row belongs, and how well that works."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from openledger_server.access.types import parse_id
from openledger_server.api.auth import EntityScope
from openledger_server.api.context import ApiContext, Context
from openledger_server.api.errors import failures
from openledger_server.api.wire import Text, Wire
from openledger_server.base import db
from openledger_server.categorization.review import store as review
from openledger_server.categorization.review.statistics import Counts, DeciderCounts, Statistics, statistics
from openledger_server.categorization.settings import store
from openledger_server.categorization.settings.store import Floors
from openledger_server.categorization.types import (
    BOOKING_FLOOR,
    BOOKING_FLOOR_MEMORY,
    BOOKING_FLOOR_MODEL,
    SUGGESTION_FLOOR,
)
from openledger_server.ledger.store import UnknownLedgerAccountError
from openledger_server.ledger.types import LedgerAccountId
from openledger_server.workflows import change_settings

router = APIRouter(prefix="/v1/categorization", tags=["Categorization"], responses=failures(400, 401, 404))

_MAPPED_AT_ONCE_MAX = 200


class FloorDefaults(Wire):
    """What holds where the entity says nothing."""

    auto_post_floor: float
    auto_post_floor_model: float = Field(description="For choices of the shipped model alone; 1: it only suggests.")
    auto_post_floor_memory: float = Field(description="For what people chose for the same merchant before.")
    suggest_floor: float


class SettingsRequest(Wire):
    """The entity's floors; null: as measured."""

    auto_post_floor: float | None = Field(
        default=None, ge=0.5, le=1, description="From this confidence on any machine's choice is booked; 1: never."
    )
    suggest_floor: float | None = Field(
        default=None, ge=0, le=1, description="From this confidence on a choice that is not booked is shown."
    )


class SettingsAnswer(Wire):
    """The entity's floors."""

    auto_post_floor: float | None
    suggest_floor: float | None
    defaults: FloorDefaults


class MappingEntry(Wire):
    """Where one kind of row belongs."""

    code: str = Field(description="Of the personal finance categories, or PAYROLL, PAYROLL_TAX, OWNER_DRAW.")
    name: str
    category_id: str | None = Field(description="Null: this chart has no account for it.")
    category_name: str | None
    is_default: bool = Field(description="As the template says.")


class Mapping(Wire):
    """Where each kind of row belongs, ordered by code."""

    mapping: list[MappingEntry]


class MappingChange(Wire):
    """Another account for one kind of row. `categoryId` null: back to what the template says."""

    code: Text
    category_id: Text | None


class MappingRequest(Wire):
    """Changes to the mapping; kinds that are not named stay as they are."""

    mapping: list[MappingChange] = Field(max_length=_MAPPED_AT_ONCE_MAX)


class CountsModel(Wire):
    """Settled rows by how they were decided."""

    transactions: int
    automatic: int = Field(description="A machine decided, and nobody has to look.")
    automatic_share: float
    waiting_for_review: int
    by_person: int
    corrected: int = Field(description="Among those by a person: a machine had said otherwise.")
    corrected_share: float


class MonthModel(CountsModel):
    """The same for one month."""

    month: str


class DeciderModel(Wire):
    """What became of one decider's choices."""

    decided_by: str
    automatic: int = Field(description="Booked without anybody's look, and standing.")
    waiting_for_review: int
    confirmed: int = Field(description="A person chose the same.")
    corrected: int = Field(description="A person chose something else.")
    corrected_after_booking: int = Field(description="Among them, those that had been booked without anybody's look.")
    precision: float | None = Field(description="Of what it booked by itself, the share that nobody corrected.")


class StatisticsAnswer(Wire):
    """How much machines decide by themselves, and how often people correct them."""

    total: CountsModel
    by_month: list[MonthModel]
    by_decider: list[DeciderModel]


@router.get("/settings", summary="Show floors")
async def get_categorization_settings(context: Context, entity_id: EntityScope) -> SettingsAnswer:
    """Return from how sure on a machine's choice is booked, and shown."""
    async with db.read_entity(context.services.pool, entity_id=entity_id) as conn:
        return _settings(await store.floors(conn, entity_id=entity_id))


@router.put("/settings", summary="Set floors")
async def set_categorization_settings(
    body: SettingsRequest, context: Context, entity_id: EntityScope
) -> SettingsAnswer:
    """Set both floors for rows to come. Rules book always; what a person decided stays."""
    wanted = Floors(auto_post=body.auto_post_floor, suggest=body.suggest_floor)
    await change_settings.set_floors(context.services, wanted, entity_id=entity_id)
    return _settings(wanted)


@router.get("/mapping", summary="Show where each kind of row belongs")
async def get_mapping(context: Context, entity_id: EntityScope) -> Mapping:
    """Return for each detailed code the ledger account its rows are booked to."""
    return await _mapping(context, entity_id)


@router.put("/mapping", summary="Change where kinds of rows belong")
async def set_mapping(body: MappingRequest, context: Context, entity_id: EntityScope) -> Mapping:
    """Change it for rows to come; `POST /v1/categorization/recategorize` takes the past along."""
    wanted = {one.code: _ledger_account_id(one.category_id) for one in body.mapping}
    await change_settings.set_mapping(context.services, wanted, entity_id=entity_id)
    return await _mapping(context, entity_id)


@router.get("/statistics", summary="Show how well categorisation works")
async def get_statistics(
    context: Context,
    entity_id: EntityScope,
    since: Annotated[date | None, Query(alias="startDate", description="First day; left out: from the start.")] = None,
    until: Annotated[date | None, Query(alias="endDate", description="The day after the last.")] = None,
) -> StatisticsAnswer:
    """Count settled rows by who decided, in all, by month and by decider."""
    async with db.read_entity(context.services.pool, entity_id=entity_id) as conn:
        counts = await review.decided_counts(conn, entity_id=entity_id, since=since, until=until)
    return _statistics(statistics(counts))


def _settings(floors: Floors) -> SettingsAnswer:
    return SettingsAnswer(
        auto_post_floor=floors.auto_post,
        suggest_floor=floors.suggest,
        defaults=FloorDefaults(
            auto_post_floor=BOOKING_FLOOR,
            auto_post_floor_model=BOOKING_FLOOR_MODEL,
            auto_post_floor_memory=BOOKING_FLOOR_MEMORY,
            suggest_floor=SUGGESTION_FLOOR,
        ),
    )


async def _mapping(context: ApiContext, entity_id: int) -> Mapping:
    async with db.read_entity(context.services.pool, entity_id=entity_id) as conn:
        found = await change_settings.mapping(conn, entity_id=entity_id)
    return Mapping(
        mapping=[
            MappingEntry(
                code=one.code,
                name=one.name,
                category_id=None if one.account is None else str(one.account.id),
                category_name=None if one.account is None else one.account.name,
                is_default=one.is_default,
            )
            for one in found
        ]
    )


def _ledger_account_id(text: str | None) -> LedgerAccountId | None:
    if text is None:
        return None
    number = parse_id(text)
    if number is None:
        raise UnknownLedgerAccountError("There is no such category in this entity's chart of accounts.")
    return LedgerAccountId(number)


def _statistics(found: Statistics) -> StatisticsAnswer:
    return StatisticsAnswer(
        total=_counts(found.total),
        by_month=[
            MonthModel(month=f"{month:%Y-%m}", **_counts(counts).model_dump())
            for month, counts in found.by_month.items()
        ],
        by_decider=[_decider(name.value, counts) for name, counts in sorted(found.by_decider.items())],
    )


def _counts(counts: Counts) -> CountsModel:
    return CountsModel(
        transactions=counts.transactions,
        automatic=counts.automatic,
        automatic_share=round(counts.share(counts.automatic), 4),
        waiting_for_review=counts.waiting,
        by_person=counts.by_person,
        corrected=counts.corrected,
        corrected_share=round(counts.share(counts.corrected), 4),
    )


def _decider(name: str, counts: DeciderCounts) -> DeciderModel:
    precision = counts.precision
    return DeciderModel(
        decided_by=name,
        automatic=counts.automatic,
        waiting_for_review=counts.waiting,
        confirmed=counts.confirmed,
        corrected=counts.corrected,
        corrected_after_booking=counts.corrected_after_booking,
        precision=None if precision is None else round(precision, 4),
    )
