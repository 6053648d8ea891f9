"""All SQL of exchange rates."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal

from openledger_server.base.db import ReadConnection, WriteConnection
from openledger_server.ledger.rates.types import ExchangeRate
from openledger_server.ledger.valuation import RATE_AGE_DAYS_MAX, RateKey


async def rates_on(conn: ReadConnection, wanted: Collection[RateKey], *, entity_id: int) -> Mapping[RateKey, Decimal]:
    """Return the rate that holds on each wanted day: the newest not after it and at most 31 days old; else none."""
    if not wanted:
        return {}
    keys = list(wanted)
    cursor = await conn.execute(
        """
        SELECT w.currency, w.dated, r.rate
          FROM unnest(%(currencies)s::text[], %(days)s::date[]) AS w (currency, dated)
          JOIN LATERAL (SELECT x.rate FROM exchange_rate AS x
                         WHERE x.entity_id = %(entity_id)s AND x.currency = w.currency AND x.dated <= w.dated
                           AND x.dated >= w.dated - %(age)s::int
                         ORDER BY x.dated DESC LIMIT 1) AS r ON true
        """,
        {
            "entity_id": entity_id,
            "currencies": [currency for currency, _ in keys],
            "days": [day for _, day in keys],
            "age": RATE_AGE_DAYS_MAX,
        },
    )
    return {(row[0], row[1]): row[2] for row in await cursor.fetchall()}


async def load_rates(conn: WriteConnection, rates: Iterable[ExchangeRate], *, entity_id: int, now: datetime) -> int:
    """Store rates, replacing those of the same currency and day; return how many are new or differ.

    What was posted keeps the rate it was posted with.
    """
    given = {(rate.currency, rate.dated): rate.rate for rate in rates}
    cursor = await conn.execute(
        """
        INSERT INTO exchange_rate AS x (entity_id, currency, dated, rate, loaded_at)
        SELECT %(entity_id)s, t.currency, t.dated, t.rate, %(now)s
          FROM unnest(%(currencies)s::text[], %(days)s::date[], %(rates)s::numeric[]) AS t (currency, dated, rate)
        ON CONFLICT (entity_id, currency, dated) DO UPDATE SET rate = excluded.rate, loaded_at = excluded.loaded_at
         WHERE x.rate <> excluded.rate
        """,
        {
            "entity_id": entity_id,
            "now": now,
            "currencies": [currency for currency, _ in given],
            "days": [day for _, day in given],
            "rates": list(given.values()),
        },
    )
    return cursor.rowcount


async def listed_rates(
    conn: ReadConnection, *, entity_id: int, currency: str | None, since: date | None, until: date | None, limit: int
) -> list[ExchangeRate]:
    """Return up to `limit` rates of the half-open range of days, of one currency or all, newest day first."""
    cursor = await conn.execute(
        """
        SELECT currency, dated, rate FROM exchange_rate
         WHERE entity_id = %(entity_id)s AND (%(currency)s::text IS NULL OR currency = %(currency)s)
           AND (%(since)s::date IS NULL OR dated >= %(since)s) AND (%(until)s::date IS NULL OR dated < %(until)s)
         ORDER BY dated DESC, currency LIMIT %(limit)s
        """,
        {"entity_id": entity_id, "currency": currency, "since": since, "until": until, "limit": limit},
    )
    return [ExchangeRate(currency=row[0], dated=row[1], rate=row[2]) for row in await cursor.fetchall()]
