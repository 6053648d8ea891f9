"""Exchange rates."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeRate:
    """What one unit of `currency` is worth in the base currency from that day on, both in major units."""

    currency: str
    dated: date
    rate: Decimal
