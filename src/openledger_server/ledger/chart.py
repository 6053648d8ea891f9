"""The charts of accounts that a new entity may start with, and the numbers given to further accounts."""

import csv
import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources

from openledger_server.base.errors import ConflictError
from openledger_server.ledger.types import LedgerAccountType, SystemRole

_STANDS_FOR_NOTHING = "none"
_FIRST_CODE = {
    LedgerAccountType.ASSET: 1600,
    LedgerAccountType.LIABILITY: 2600,
    LedgerAccountType.EQUITY: 3300,
    LedgerAccountType.REVENUE: 4400,
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


class ChartTemplate(StrEnum):
    """The charts to start with."""

    GENERAL = "general"
    """Small businesses of any kind."""
    FREELANCER = "freelancer"
    """One person who sells time: taxes are the owner's own, no payroll."""
    ECOMMERCE = "ecommerce"
    """Selling goods online: inventory, marketplaces, fulfilment, what customers paid in advance."""
    NONPROFIT = "nonprofit"
    """Donations and grants, net assets instead of an owner's equity."""


@dataclass(frozen=True, slots=True)
class TemplateAccount:
    """One row of a chart template."""

    code: int
    name: str
    type: LedgerAccountType
    subtype: str
    parent_code: int | None
    system_role: SystemRole | None
    standard_codes: tuple[int, ...]
    """The numbers of the standard chart, to which bank data's categories are mapped, that it stands for."""


@cache
def template(name: ChartTemplate) -> tuple[TemplateAccount, ...]:
    """Return a chart, ordered by code. Accounts of banks are not in it: each linked one brings its own."""
    file = resources.files("openledger_server.ledger") / "data" / "charts" / f"{name.value}.csv"
    return tuple(sorted(_accounts(file.read_text("utf-8")), key=lambda row: row.code))


def small_business_template() -> tuple[TemplateAccount, ...]:
    """Return the general small-business chart, ordered by code."""
    return template(ChartTemplate.GENERAL)


def _accounts(text: str) -> Iterator[TemplateAccount]:
    for row in csv.DictReader(text.splitlines()):
        code, stands_for = int(row["number"]), row["stands_for"]
        yield TemplateAccount(
            code=code,
            name=row["name"],
            type=LedgerAccountType(row["type"]),
            subtype=row["subtype"],
            parent_code=int(row["parent"]) if row["parent"] else None,
            system_role=SystemRole(row["role"]) if row["role"] else None,
            standard_codes=()
            if stands_for == _STANDS_FOR_NOTHING
            else tuple(int(number) for number in stands_for.split()) or (code,),
        )


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
