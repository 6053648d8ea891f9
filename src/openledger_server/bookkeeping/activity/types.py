"""What those looks find."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from openledger_server.banking.types import BankAccountId
from openledger_server.base.paging import CursorError, decode_cursor, encode_cursor

_CURSOR_KIND = "c"


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthDelta:
    """What a bank account's ledger account changed by in a month, opening balance left out. Minor units, debit > 0."""

    bank_account_id: BankAccountId
    month: date
    currency: str
    delta_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a search looks for; all given conditions together. Dates inclusive; amounts unsigned, in major units."""

    words: tuple[str, ...] = ()
    """Each has to be somewhere in description, merchant, counterparty, category or note, whatever its case."""
    date_from: date | None = None
    date_to: date | None = None
    amount_min: Decimal | None = None
    amount_max: Decimal | None = None
    is_posted: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Counterparty:
    """What was paid to and got from one counterparty in one currency."""

    name: str
    currency: str
    transactions: int
    first_on: date
    last_on: date
    net: Decimal
    """Major units; positive = came in."""
    latest: list[dict[str, Any]]
    """The last five: id, description, amount (text, signed), dated."""

    def cursor(self) -> str:
        """Return its place in the list as an opaque text."""
        return encode_cursor(_CURSOR_KIND, self.name.encode().hex(), self.currency)


def parse_counterparty_cursor(cursor: str) -> tuple[str, str]:
    """Return (name, currency) of the counterparty after which the next page begins.

    Raises:
        CursorError: if it is not one of ours.
    """
    kind, name, currency = decode_cursor(cursor, parts=3)
    try:
        place = (bytes.fromhex(name).decode(), currency)
    except ValueError as exc:
        raise CursorError("The cursor is not one that this server gave out.") from exc
    if kind != _CURSOR_KIND or "\x00" in place[0]:
        raise CursorError("The cursor is not one that this server gave out.")
    return place
