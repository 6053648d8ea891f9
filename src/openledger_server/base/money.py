"""Exact money: integer minor units and the number of digits each currency has."""

from dataclasses import dataclass
from decimal import Decimal

from openledger_server.base.errors import InvalidError

DIGITS_DEFAULT = 2
UNUSUAL_DIGITS = {
    **dict.fromkeys(
        [
            "BIF",
            "CLP",
            "DJF",
            "GNF",
            "ISK",
            "JPY",
            "KMF",
            "KRW",
            "PYG",
            "RWF",
            "UGX",
            "UYI",
            "VND",
            "VUV",
            "XAF",
            "XOF",
            "XPF",
        ],
        0,
    ),
    **dict.fromkeys(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"], 3),
    **dict.fromkeys(["CLF", "UYW"], 4),
}
_TWO_DIGITS = frozenset(
    [
        "AED",
        "AFN",
        "ALL",
        "AMD",
        "AOA",
        "ARS",
        "AUD",
        "AWG",
        "AZN",
        "BAM",
        "BBD",
        "BDT",
        "BGN",
        "BMD",
        "BND",
        "BOB",
        "BRL",
        "BSD",
        "BTN",
        "BWP",
        "BYN",
        "BZD",
        "CAD",
        "CDF",
        "CHF",
        "CNY",
        "COP",
        "CRC",
        "CUP",
        "CVE",
        "CZK",
        "DKK",
        "DOP",
        "DZD",
        "EGP",
        "ERN",
        "ETB",
        "EUR",
        "FJD",
        "FKP",
        "GBP",
        "GEL",
        "GHS",
        "GIP",
        "GMD",
        "GTQ",
        "GYD",
        "HKD",
        "HNL",
        "HTG",
        "HUF",
        "IDR",
        "ILS",
        "INR",
        "IRR",
        "JMD",
        "KES",
        "KGS",
        "KHR",
        "KPW",
        "KYD",
        "KZT",
        "LAK",
        "LBP",
        "LKR",
        "LRD",
        "LSL",
        "MAD",
        "MDL",
        "MGA",
        "MKD",
        "MMK",
        "MNT",
        "MOP",
        "MRU",
        "MUR",
        "MVR",
        "MWK",
        "MXN",
        "MYR",
        "MZN",
        "NAD",
        "NGN",
        "NIO",
        "NOK",
        "NPR",
        "NZD",
        "PAB",
        "PEN",
        "PGK",
        "PHP",
        "PKR",
        "PLN",
        "QAR",
        "RON",
        "RSD",
        "RUB",
        "SAR",
        "SBD",
        "SCR",
        "SDG",
        "SEK",
        "SGD",
        "SHP",
        "SLE",
        "SOS",
        "SRD",
        "SSP",
        "STN",
        "SVC",
        "SYP",
        "SZL",
        "THB",
        "TJS",
        "TMT",
        "TOP",
        "TRY",
        "TTD",
        "TWD",
        "TZS",
        "UAH",
        "USD",
        "UYU",
        "UZS",
        "VED",
        "VES",
        "WST",
        "XCD",
        "YER",
        "ZAR",
        "ZMW",
        "ZWG",
    ]
)


class UnknownCurrencyError(InvalidError):
    """The currency is not one of ISO 4217's; amounts in it cannot be booked."""

    code = "UNKNOWN_CURRENCY"


class NotRepresentableError(InvalidError):
    """The amount has more digits than its currency's smallest unit."""

    code = "AMOUNT_NOT_REPRESENTABLE"


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in the smallest unit of its currency; the sign's meaning is said by whoever holds it."""

    amount_minor: int
    currency: str

    def __neg__(self) -> "Money":
        """Return the same amount with the sign turned."""
        return Money(-self.amount_minor, self.currency)


def digits_of(currency: str) -> int:
    """Return how many decimal digits one major unit of `currency` has.

    Raises:
        UnknownCurrencyError: if ISO 4217 lists no such active currency.

    Source: ISO 4217 (list one, minor unit column).
    """
    digits = UNUSUAL_DIGITS.get(currency)
    if digits is not None:
        return digits
    if currency in _TWO_DIGITS:
        return DIGITS_DEFAULT
    raise UnknownCurrencyError(f"{currency!r} is not an ISO 4217 currency.")


def is_currency(currency: str) -> bool:
    """Return whether ISO 4217 lists `currency` as active."""
    return currency in UNUSUAL_DIGITS or currency in _TWO_DIGITS


def minor_units(amount: Decimal, currency: str) -> int:
    """Return `amount` (major units, signed) as integer minor units; never rounds.

    Raises:
        UnknownCurrencyError: if the currency is not of ISO 4217.
        NotRepresentableError: if `amount` has more decimals than the currency, or is not finite.
    """
    if not amount.is_finite():
        raise NotRepresentableError("The amount is not a finite number.")
    scaled = amount.scaleb(digits_of(currency))
    units = int(scaled)
    if units != scaled:
        raise NotRepresentableError(f"{amount} has more decimals than {currency} knows.")
    return units


def major_units(amount_minor: int, currency: str) -> Decimal:
    """Return integer minor units as an exact decimal with the currency's own number of decimals."""
    return Decimal(amount_minor).scaleb(-digits_of(currency))
