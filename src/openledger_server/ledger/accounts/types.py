"""Changes to a chart of accounts, and why one may be refused."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from openledger_server.base.errors import ConflictError, InvalidError
from openledger_server.ledger.types import LedgerAccount, LedgerAccountId

DEPTH_MAX = 5


class SystemAccountError(ConflictError):
    """The system itself uses the account, or a bank feeds it."""

    code = "LEDGER_ACCOUNT_IN_USE"


class AccountHasBalanceError(ConflictError):
    """An account of the balance sheet that holds something cannot be archived: move or write off what it holds."""

    code = "LEDGER_ACCOUNT_HAS_BALANCE"


class AccountParentError(InvalidError):
    """The parent is of another type, below the account itself, archived, or too deep."""

    code = "INVALID_PARENT_ACCOUNT"


class MergeError(InvalidError):
    """These two accounts cannot become one."""

    code = "LEDGER_ACCOUNTS_DO_NOT_MERGE"


class ChartFileError(InvalidError):
    """A row of the file cannot be taken over; nothing was."""

    code = "INVALID_CHART_FILE"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountUse:
    """What points to a ledger account now, and what it holds."""

    bank_accounts: int
    """Linked bank accounts that feed it."""
    open_children: int
    enabled_rules: int
    running_schedules: int
    """Recurring entries that are not paused and not over."""
    balance_minor: Mapping[str, int]
    """What all postings to it add up to, by currency, where that is not zero; debit > 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Residue:
    """What is left of an account's postings in a month after the rows it was chosen for moved away."""

    currency: str
    dated: date
    """The day of the last posting among them."""
    amount_minor: int
    base_minor: int


def check_parent(account: LedgerAccount, parent: LedgerAccount, chart: Mapping[LedgerAccountId, LedgerAccount]) -> None:
    """Look whether `account` may be placed below `parent`.

    Raises:
        AccountParentError: if it may not.
    """
    if parent.type is not account.type:
        raise AccountParentError(
            f"{parent.name} is of type {parent.type.value}, {account.name} of {account.type.value}."
        )
    if parent.archived_at is not None:
        raise AccountParentError(f"{parent.name} is archived.")
    above: LedgerAccount | None = parent
    steps = 1
    while above is not None:
        if above.id == account.id:
            raise AccountParentError("An account cannot be placed below itself.")
        above = None if above.parent_id is None else chart.get(above.parent_id)
        steps += 1
    if steps - 1 + _height(account.id, chart) > DEPTH_MAX:
        raise AccountParentError(f"A chart is at most {DEPTH_MAX} levels deep.")


def _height(account_id: LedgerAccountId, chart: Mapping[LedgerAccountId, LedgerAccount]) -> int:
    """Return how many levels an account and those below it make up."""
    below = [account for account in chart.values() if account.parent_id == account_id]
    return 1 + max((_height(account.id, chart) for account in below), default=0)
