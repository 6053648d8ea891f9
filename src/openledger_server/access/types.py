"""Developers, entities, and what an access token says."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from openledger_server.base.errors import NotFoundError

_ID_MAX = 2**63 - 1
_ID_DIGITS_MAX = 19


class UnknownEntityError(NotFoundError):
    """There is no such entity, or it is another developer's; the answer is the same."""

    code = "ENTITY_NOT_FOUND"

    def __init__(self) -> None:
        super().__init__("There is no such entity.")


class TokenType(StrEnum):
    """Whom an access token speaks for."""

    DEVELOPER = "developer"
    """Acts on any of the developer's entities."""
    ENTITY = "entity"
    """Acts on one entity; fit for a browser."""


class EntityType(StrEnum):
    """Legal forms the wire contract knows."""

    LLC = "LLC"
    CORPORATION = "CORPORATION"
    PARTNERSHIP = "PARTNERSHIP"
    SOLE_PROPRIETORSHIP = "SOLE_PROPRIETORSHIP"
    NON_PROFIT = "NON_PROFIT"


class EntityStatus(StrEnum):
    """Whether an entity is in use."""

    ACTIVE = "ACTIVE"
    INACTIVE = "INACTIVE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """What a valid access token says; `entity_id` is set exactly on entity tokens."""

    type: TokenType
    developer_id: int
    entity_id: int | None
    issued_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDeveloper:
    """A developer just made. The key is shown now and never again: only its hash is stored."""

    developer_id: str
    """As it is written on the wire: decimal digits."""
    api_key: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityDetails:
    """What a developer says about an entity."""

    external_id: str | None = None
    """The developer's own name for it; unique per developer."""
    legal_name: str = ""
    tin: str | None = field(default=None, repr=False)
    us_state: str | None = None
    entity_type: EntityType | None = None
    phone_number: str | None = None
    status: EntityStatus = EntityStatus.ACTIVE
    base_currency: str = "USD"
    """The currency of its reports; what every posting is valued in, so it stays."""
    fiscal_year_start_month: int = 1
    """1 to 12: fiscal years begin on the first of this month."""
    time_zone: str = "UTC"
    """Its name in the IANA database; decides which day is today."""
    chart_template: str = "general"
    """The chart of accounts its books began with; said once, when it is created."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """A stored entity."""

    id: int
    developer_id: int
    details: EntityDetails
    created_at: datetime
    updated_at: datetime

    def today(self, now: datetime) -> date:
        """Return which day it is where the entity is."""
        return now.astimezone(ZoneInfo(self.details.time_zone)).date()


def parse_id(text: str) -> int | None:
    """Return the id that a decimal string on the wire stands for, or None if it cannot be one of ours."""
    if not text.isascii() or not text.isdigit() or len(text) > _ID_DIGITS_MAX or text.startswith("0"):
        return None
    value = int(text)
    return value if value <= _ID_MAX else None
