"""What people send to write an entry, and how it becomes one: shared by transactions and journal entries."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints

from openledger_server.access.types import parse_id
from openledger_server.api.wire import CurrencyCode, Wire, storable
from openledger_server.base.errors import InvalidError
from openledger_server.base.money import minor_units
from openledger_server.ledger.manual.types import EntryDateError, Line
from openledger_server.ledger.store import UnknownLedgerAccountError
from openledger_server.ledger.types import LedgerAccountId, Posting

_AMOUNT_MAX = 10**13
_DESCRIPTION_LENGTH_MAX = 1000
_NOTE_LENGTH_MAX = 4000
_DAY_LENGTH = 10
LINES_MAX = 200

Amount = Annotated[Decimal, Field(gt=-_AMOUNT_MAX, lt=_AMOUNT_MAX, allow_inf_nan=False)]
"""Major units, as a number or as text, which is exact."""
Description = Annotated[str, StringConstraints(max_length=_DESCRIPTION_LENGTH_MAX), AfterValidator(storable)]
Note = Annotated[str, StringConstraints(max_length=_NOTE_LENGTH_MAX), AfterValidator(storable)]
ExternalId = Annotated[str, StringConstraints(min_length=1, max_length=255), AfterValidator(storable)]


class LineSidesError(InvalidError):
    """A line has to say one of debit and credit, above zero."""

    code = "INVALID_LINE"

    def __init__(self) -> None:
        super().__init__("Each line needs either debit or credit, above zero.")


class ZeroAmountError(InvalidError):
    """Nothing would be booked."""

    code = "ZERO_AMOUNT"

    def __init__(self) -> None:
        super().__init__("The amount must not be zero.")


def day_of(text: str) -> date:
    """Return the calendar day that a date or date-time names, as its sender wrote it.

    Raises:
        EntryDateError: if it is neither.
    """
    try:
        return date.fromisoformat(text) if len(text) <= _DAY_LENGTH else datetime.fromisoformat(text).date()
    except ValueError as exc:
        raise EntryDateError("Dates are written 2026-01-31, or as a date-time of ISO 8601.") from exc


def _text(value: object) -> object:
    return value if isinstance(value, str) else str(value) if isinstance(value, int) else value


AccountRef = Annotated[str, BeforeValidator(_text), StringConstraints(max_length=64)]
"""A ledger account's id; older clients send it as a number."""


class LineBody(Wire):
    """One line: a ledger account with either a debit or a credit."""

    account_id: AccountRef
    debit: Amount | None = None
    credit: Amount | None = None
    currency: CurrencyCode | None = Field(default=None, description="The entry's if left out.")
    memo: Description = ""


def ledger_account_id(text: str) -> LedgerAccountId:
    """Return the id that a text on the wire stands for.

    Raises:
        UnknownLedgerAccountError: if it cannot be one of ours.
    """
    number = parse_id(text)
    if number is None:
        raise UnknownLedgerAccountError("There is no such category in this entity's chart of accounts.")
    return LedgerAccountId(number)


def lines_of(bodies: Sequence[LineBody], *, currency: str) -> tuple[Line, ...]:
    """Return the lines, those without a currency of their own in `currency`.

    Raises:
        LineSidesError: if a line has not exactly one side, or an amount that is not positive.
        NotRepresentableError, UnknownLedgerAccountError: if an amount or an id is none.
    """
    return tuple(_line(body, currency=body.currency or currency) for body in bodies)


def _line(body: LineBody, *, currency: str) -> Line:
    amount = body.debit if body.debit is not None else body.credit
    if amount is None or amount <= 0 or (body.debit is not None and body.credit is not None):
        raise LineSidesError
    signed = minor_units(amount, currency) * (1 if body.debit is not None else -1)
    return Line(Posting(ledger_account_id(body.account_id), signed, currency), body.memo)


def two_lines(*, amount: Decimal, currency: str, debit: str, credit: str) -> tuple[Line, ...]:
    """Return an entry's two lines; a negative amount turns them round, as clients of the wire contract expect.

    Raises:
        ZeroAmountError: if nothing would be booked.
        NotRepresentableError, UnknownLedgerAccountError: if the amount or an id is none.
    """
    units = minor_units(amount, currency)
    if units == 0:
        raise ZeroAmountError
    return (
        Line(Posting(ledger_account_id(debit), units, currency)),
        Line(Posting(ledger_account_id(credit), -units, currency)),
    )


Metadata = dict[str, Any]
