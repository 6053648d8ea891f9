"""The chart of accounts that a new entity starts with, and the numbers given to further accounts."""

import csv
import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import resources

from openledger_server.base.errors import ConflictError
from openledger_server.ledger.types import LedgerAccountType, SystemRole

_ROLE_BY_CODE = {
    1090: SystemRole.TRANSFERS_CLEARING,
    3000: SystemRole.OPENING_BALANCES,
    3900: SystemRole.RETAINED_EARNINGS,
    4999: SystemRole.UNCATEGORIZED_INCOME,
    6999: SystemRole.UNCATEGORIZED_EXPENSE,
}
# Each bank account gets a ledger account of its own, so the template's generic ones would only be confusing.
_LEFT_OUT = frozenset({1000, 1010, 2100})
_FIRST_CODE = {
    LedgerAccountType.ASSET: 1600,
    LedgerAccountType.LIABILITY: 2600,
    LedgerAccountType.EQUITY: 3300,
    LedgerAccountType.REVENUE: 4200,
    LedgerAccountType.EXPENSE: 7000,
}
BANK_CODES = range(1000, 1090)
CARD_CODES = range(2100, 2200)
LOAN_CODES = range(2530, 2600)
_OWN_SPAN = 400
_OVERFLOW_SPAN = 90_000


class ChartFullError(ConflictError):
    """There is no free account number left of this kind."""

    code = "CHART_FULL"


@dataclass(frozen=True, slots=True)
class TemplateAccount:
    """One row of a chart template."""

    code: int
    name: str
    type: LedgerAccountType
    subtype: str
    system_role: SystemRole | None


@cache
def small_business_template() -> tuple[TemplateAccount, ...]:
    """Return the general small-business chart, ordered by code; bank accounts are added as they are linked."""
    text = (resources.files("openledger_server.ledger") / "data" / "chart_of_accounts.csv").read_text()
    rows = [
        TemplateAccount(
            code=int(row["number"]),
            name=row["name"],
            type=LedgerAccountType(row["type"]),
            subtype=row["subtype"],
            system_role=_ROLE_BY_CODE.get(int(row["number"])),
        )
        for row in csv.DictReader(text.splitlines())
    ]
    return tuple(sorted((row for row in rows if row.code not in _LEFT_OUT), key=lambda row: row.code))


def free_code(taken: Iterable[int], *, wanted: range | LedgerAccountType) -> int:
    """Return the lowest free account number of a range, or of the range that an account type's own accounts use.

    Raises:
        ChartFullError: if every number, the overflow above 10,000 included, is taken.
    """
    used = set(taken)
    first = wanted.start if isinstance(wanted, range) else _FIRST_CODE[wanted]
    own = wanted if isinstance(wanted, range) else range(first, first + _OWN_SPAN)
    overflow = range(first * 10, first * 10 + _OVERFLOW_SPAN)
    code = next((code for code in itertools.chain(own, overflow) if code not in used), None)
    if code is None:
        raise ChartFullError("There is no free account number left for this kind of account.")
    return code
