"""The choices for one bank account, and what is wrong with some."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from openledger_server.base.errors import ConflictError, InvalidError


class StartDateError(InvalidError):
    """The first day of the books cannot be in the future."""

    code = "START_DATE_INVALID"

    def __init__(self) -> None:
        super().__init__("The first day of the books cannot be in the future.")


class OpeningBalanceError(InvalidError):
    """The given opening balance cannot be stated in the books: its day or its digits do not fit."""

    code = "OPENING_BALANCE_INVALID"


class LedgerAccountUnfitError(InvalidError):
    """The ledger account is of another kind or currency than the bank account."""

    code = "LEDGER_ACCOUNT_UNFIT"


class LedgerAccountFedError(ConflictError):
    """Another linked bank account feeds that ledger account already."""

    code = "LEDGER_ACCOUNT_FED"

    def __init__(self) -> None:
        super().__init__("Another linked bank account feeds that ledger account already.")


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountChoices:
    """What was chosen for one bank account."""

    history_start_on: date | None = None
    """The books begin on this day; None: with the first row that the bank gives."""
    opening_given: Decimal | None = None
    """What the account held when that day began, major units and the bank's sign; None: it is computed."""
    ledger_account_id: int | None = None
    """The ledger account that it feeds; None: the one it has, or at linking a new one."""
