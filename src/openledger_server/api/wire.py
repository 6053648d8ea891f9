"""What all wire models share: spelling, text that can be stored, money as text and number, answers as bytes."""

from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Annotated, Any
from zoneinfo import available_timezones

import orjson
from fastapi import Response
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, StringConstraints
from pydantic.alias_generators import to_camel

from openledger_server.base.errors import InvalidError
from openledger_server.base.money import digits_of, is_currency, major_units

_NAME_LENGTH_MAX = 255
_TOKEN_LENGTH_MAX = 512
_SENTENCE_LENGTH_MAX = 1000
_SPACES_ALLOWED = "\t\n\r"


class InvalidJsonError(InvalidError):
    """The body is not JSON."""

    code = "INVALID_JSON"

    def __init__(self) -> None:
        super().__init__("The body is not valid JSON.")


class Wire(BaseModel):
    """A model spelled in camelCase on the wire; unknown properties are ignored."""

    model_config = ConfigDict(alias_generator=to_camel, validate_by_name=True, frozen=True)


class SnakeWire(BaseModel):
    """A model spelled in snake_case on the wire; unknown properties are ignored."""

    model_config = ConfigDict(frozen=True)


def storable(text: str) -> str:
    """Return the text if it can be stored.

    Raises:
        ValueError: if it holds control characters or halves of surrogate pairs.
    """
    if any((char < " " and char not in _SPACES_ALLOWED) or "\ud800" <= char <= "\udfff" for char in text):
        raise ValueError("control characters are not allowed")
    return text


Text = Annotated[str, StringConstraints(max_length=_NAME_LENGTH_MAX), AfterValidator(storable)]
"""A line of text that can be stored."""
Name = Annotated[
    str, StringConstraints(min_length=1, max_length=_NAME_LENGTH_MAX, strip_whitespace=True), AfterValidator(storable)
]
"""The same, not empty."""
Sentence = Annotated[
    str,
    StringConstraints(min_length=1, max_length=_SENTENCE_LENGTH_MAX, strip_whitespace=True),
    AfterValidator(storable),
]
"""A reason or the like in a person's own words, not empty."""
Secret = Annotated[str, StringConstraints(min_length=1, max_length=_TOKEN_LENGTH_MAX), AfterValidator(storable)]
"""A token or key as somebody gives it to us."""


def _known_currency(code: str) -> str:
    if not is_currency(code):
        raise ValueError("not an ISO 4217 currency")
    return code


def _upper(value: object) -> object:
    return value.upper() if isinstance(value, str) else value


def _lower(value: object) -> object:
    return value.lower() if isinstance(value, str) else value


AnyCaseLower = BeforeValidator(_lower)
"""The same for words that we spell in small letters."""
AnyCase = BeforeValidator(_upper)
"""The published clients send any text here; the contract's words are taken in any case."""
CurrencyCode = Annotated[str, AfterValidator(_known_currency)]


@cache
def available_time_zones() -> frozenset[str]:
    """Return the names of all time zones; reading the list takes a while, so it is read once."""
    return frozenset(available_timezones())


def _known_time_zone(name: str) -> str:
    # Looked up in the list and not opened by name: names are paths of files.
    if name not in available_time_zones():
        raise ValueError("not a time zone of the IANA database")
    return name


TimeZone = Annotated[str, AfterValidator(_known_time_zone)]


def json_of(body: bytes) -> Any:
    """Return the decoded body.

    Raises:
        InvalidJsonError: if it is not JSON.
    """
    try:
        return orjson.loads(body)
    except ValueError as exc:
        raise InvalidJsonError from exc


def json_answer(content: Any, *, status: int = 200) -> Response:
    """Return an answer without checking it against a model; for long lists."""
    return Response(orjson.dumps(content, option=orjson.OPT_UTC_Z), status_code=status, media_type="application/json")


def decimal_text(amount: Decimal, currency: str) -> str:
    """Return an amount in major units as plain digits, with at least the currency's decimals: "12.50"."""
    exponent = amount.as_tuple().exponent
    digits = digits_of(currency) if is_currency(currency) else 0
    if isinstance(exponent, int) and -exponent < digits:
        amount = amount.quantize(Decimal(1).scaleb(-digits))
    return format(amount, "f")


def minor_text(amount_minor: int, currency: str) -> str:
    """Return minor units as plain digits in major units. Nothing is ever booked in a currency we do not know."""
    return decimal_text(
        major_units(amount_minor, currency) if is_currency(currency) else Decimal(amount_minor), currency
    )


def amounts(currency: str, **minor: int) -> dict[str, Any]:
    """Return each amount twice: as a number under its name and as exact text under its name with `_decimal`."""
    numbers = {name: float(major_units(value, currency)) for name, value in minor.items()}
    return numbers | {f"{name}_decimal": minor_text(value, currency) for name, value in minor.items()}


def instant_text(at: datetime | None) -> str | None:
    """Return an instant in ISO 8601 with Z for UTC."""
    return None if at is None else at.isoformat().replace("+00:00", "Z")
