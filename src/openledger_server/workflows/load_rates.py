"""Loading exchange rates, and booking what waited for them."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from openledger_server.access import store as access
from openledger_server.banking import store as banking
from openledger_server.base import db
from openledger_server.base.db import Pool
from openledger_server.base.errors import InvalidError
from openledger_server.base.money import is_currency
from openledger_server.bookkeeping import store as bookkeeping
from openledger_server.bookkeeping.opening import set_opening_balances, set_wanted_openings
from openledger_server.bookkeeping.post import post_held
from openledger_server.ledger import store as ledger
from openledger_server.ledger.rates import store as rates
from openledger_server.ledger.rates.types import ExchangeRate
from openledger_server.ledger.types import MACHINE, Actor

RATES_MAX = 10_000
"""At most so many in one piece."""
_RATE_MAX = Decimal(10) ** 12
_DECIMALS_MAX = 20
_COLUMNS = ("currency", "date", "rate")


class RateError(InvalidError):
    """A rate, its currency or its day cannot be right."""

    code = "INVALID_RATE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """How many rates are new or differ, how many rows were booked for it, and how many still wait."""

    changed: int
    booked: int
    waiting: int


async def load_rates(
    pool: Pool, given: Sequence[ExchangeRate], *, entity_id: int, now: datetime, by: Actor = MACHINE
) -> Loaded:
    """Store rates in place of those of the same currency and day, then book the rows and openings that waited.

    What is booked keeps the rate it was booked with.

    Raises:
        RateError: if a currency is unknown or the base currency, a rate not above 0, or there are too many.
    """
    if len(given) > RATES_MAX:
        raise RateError(f"At most {RATES_MAX} rates can be loaded in one piece.")
    async with db.write_entity(pool, entity_id=entity_id) as conn:
        await access.hold_books(conn, entity_id=entity_id)
        _check(given, base_currency=await ledger.base_currency(conn, entity_id=entity_id))
        changed = await rates.load_rates(conn, given, entity_id=entity_id, now=now)
        posted = await post_held(conn, entity_id=entity_id, now=now, by=by)
        opened = await bookkeeping.opening_balances(conn, entity_id=entity_id)
        linked = [row for row in await banking.bank_accounts(conn, entity_id=entity_id) if row.unlinked_at is None]
        await set_wanted_openings(conn, linked, entity_id=entity_id, now=now)
        unopened = [row for row in linked if row.id not in opened]
        if unopened:
            first_dates = await banking.first_booked_dates(conn, entity_id=entity_id)
            await set_opening_balances(conn, unopened, entity_id=entity_id, first_dates=first_dates, now=now)
    return Loaded(changed=changed, booked=posted.recorded, waiting=len(posted.held))


def _check(given: Iterable[ExchangeRate], *, base_currency: str) -> None:
    for one in given:
        if not is_currency(one.currency):
            raise RateError(f"{one.currency!r} is not an ISO 4217 currency.")
        if one.currency == base_currency:
            raise RateError(f"{base_currency} is the base currency; its rate is 1.")
        exponent = one.rate.as_tuple().exponent
        if not isinstance(exponent, int) or not 0 < one.rate < _RATE_MAX or -exponent > _DECIMALS_MAX:
            raise RateError("A rate is above 0, below a million million, and has at most 20 decimals.")


def rates_of_csv(text: str) -> list[ExchangeRate]:
    """Return the rates of a CSV file with the columns currency, date (ISO 8601) and rate; others are ignored.

    Raises:
        RateError: names the first line that cannot be read.
    """
    reader = csv.DictReader(io.StringIO(text.lstrip("\ufeff")))
    missing = set(_COLUMNS) - {name.strip().lower() for name in reader.fieldnames or ()}
    if missing:
        raise RateError("The first line has to name the columns currency, date and rate.")
    found = []
    for row in reader:
        fields = {str(name).strip().lower(): (value or "").strip() for name, value in row.items() if name is not None}
        try:
            found.append(
                ExchangeRate(
                    currency=fields["currency"].upper(),
                    dated=date.fromisoformat(fields["date"]),
                    rate=Decimal(fields["rate"]),
                )
            )
        except (ValueError, InvalidOperation) as exc:
            raise RateError(f"Line {reader.line_num} is not a currency, a date and a rate.") from exc
    return found
