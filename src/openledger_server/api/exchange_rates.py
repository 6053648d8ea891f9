"""Exchange rates: what the user loads, to value what is booked in other currencies."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from openledger_server.api.auth import Acting, EntityScope
from openledger_server.api.context import Context
from openledger_server.api.errors import failures
from openledger_server.api.wire import CurrencyCode, Wire
from openledger_server.base import db
from openledger_server.ledger import store as ledger
from openledger_server.ledger.rates import store as rates
from openledger_server.ledger.rates.types import ExchangeRate
from openledger_server.workflows.load_rates import RATES_MAX, load_rates

router = APIRouter(prefix="/v1/exchange-rates", tags=["Exchange rates"], responses=failures(400, 401, 404))


class Rate(Wire):
    """What one unit of a currency is worth in the entity's base currency, from a day on."""

    currency: CurrencyCode
    date: date
    rate: Decimal = Field(gt=0, max_digits=32, description="As text or number; text is exact.")


class RatesRequest(Wire):
    """Rates to store, in place of those of the same currency and day."""

    rates: list[Rate] = Field(min_length=1, max_length=RATES_MAX)


class RatesAnswer(Wire):
    """The rates asked for, newest day first."""

    base_currency: str
    rates: list[Rate]


class LoadedAnswer(Wire):
    """How many rates are new or differ, how many waiting bank rows were booked for it, and how many still wait."""

    changed: int
    booked: int
    still_held: int


@router.put("", summary="Load exchange rates")
async def put_rates(body: RatesRequest, context: Context, entity_id: EntityScope, by: Acting) -> LoadedAnswer:
    """Store rates and book what waited for them. What is booked keeps the rate it was booked with."""
    services = context.services
    given = [ExchangeRate(currency=one.currency, dated=one.date, rate=one.rate) for one in body.rates]
    loaded = await load_rates(services.pool, given, entity_id=entity_id, now=services.now(), by=by)
    return LoadedAnswer(changed=loaded.changed, booked=loaded.booked, still_held=loaded.waiting)


@router.get("", summary="List exchange rates")
async def get_rates(
    context: Context,
    entity_id: EntityScope,
    currency: Annotated[CurrencyCode | None, Query()] = None,
    start_date: Annotated[date | None, Query(alias="startDate")] = None,
    end_date: Annotated[date | None, Query(alias="endDate", description="The last day.")] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> RatesAnswer:
    """Return the rates that were loaded."""
    until = None if end_date is None or end_date == date.max else end_date + timedelta(days=1)
    async with db.read_entity(context.services.pool, entity_id=entity_id) as conn:
        found = await rates.listed_rates(
            conn, entity_id=entity_id, currency=currency, since=start_date, until=until, limit=limit
        )
        base_currency = await ledger.base_currency(conn, entity_id=entity_id)
    return RatesAnswer(
        base_currency=base_currency,
        rates=[Rate(currency=one.currency, date=one.dated, rate=one.rate) for one in found],
    )
