"""The list of an entity's bank transactions with their judgements and whether they are booked, newest first."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from openledger_server.banking.types import BankAccountId, BankTransactionId
from openledger_server.base.paging import CursorError, decode_cursor, encode_cursor
from openledger_server.ledger.types import LedgerAccountId

_CURSOR_PARTS = 3
_CURSOR_KIND = "t"
_ID_MAX = 2**63 - 1


class ListStatus(StrEnum):
    """Where a bank transaction stands for a reader."""

    PENDING = "PENDING"
    """The bank may still change it, or somebody should look at its category."""
    POSTED = "POSTED"
    """Booked, and approved or sure enough without."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPosition:
    """The last row of a page; the next page begins after it."""

    dated: date
    id: BankTransactionId

    def cursor(self) -> str:
        """Return this position as an opaque text."""
        return encode_cursor(_CURSOR_KIND, self.dated.isoformat(), str(self.id))


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedTransaction:
    """A live bank transaction as lists show it. `amount`: major units, positive = money in."""

    id: BankTransactionId
    bank_account_id: BankAccountId
    provider_transaction_id: str
    dated: date
    authorized_on: date | None
    amount: Decimal
    currency: str
    description: str
    merchant_name: str | None
    payment_channel: str | None
    provider_category: str | None
    check_number: str | None
    is_pending: bool
    first_seen_at: datetime
    updated_at: datetime
    ledger_account_id: LedgerAccountId | None
    """None only while nothing has judged it."""
    suggested_ledger_account_id: LedgerAccountId | None
    counterparty: str | None
    decided_by: str | None
    reason: str | None
    confidence: float | None
    needs_review: bool
    transfer_partner_id: BankTransactionId | None
    journal_entry_id: int | None
    hold_reason: str | None
    """Why it waits before it can be booked as it should be; see `HoldReason`."""
    is_posted: bool

    @property
    def status(self) -> ListStatus:
        """Return where it stands for a reader."""
        return ListStatus.POSTED if self.is_posted else ListStatus.PENDING

    @property
    def position(self) -> ListPosition:
        """Return its place in the list."""
        return ListPosition(dated=self.dated, id=self.id)


def parse_position(cursor: str) -> ListPosition:
    """Return the position that `ListPosition.cursor` wrote.

    Raises:
        CursorError: if it is not one of ours.
    """
    kind, dated, number = decode_cursor(cursor, parts=_CURSOR_PARTS)
    try:
        position = ListPosition(dated=date.fromisoformat(dated), id=BankTransactionId(int(number)))
    except ValueError as exc:
        raise CursorError("The cursor is not one that this server gave out.") from exc
    if kind != _CURSOR_KIND or not 0 < position.id <= _ID_MAX or position.cursor() != cursor:
        raise CursorError("The cursor is not one that this server gave out.")
    return position
