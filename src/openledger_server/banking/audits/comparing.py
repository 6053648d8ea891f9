"""Our rows against the bank's. Pure."""

from collections.abc import Mapping
from datetime import date

from openledger_server.banking.audits.types import AuditedRow, Difference, DifferenceKind


def differences(
    ours: Mapping[str, AuditedRow], theirs: Mapping[str, AuditedRow], *, first_day: date, last_day: date
) -> tuple[Difference, ...]:
    """Return where our rows and the bank's list of these days (both included) disagree, by provider id.

    `ours` may hold rows of other days: those are only looked at if the bank lists them.
    """
    found: list[Difference] = []
    for key, there in theirs.items():
        here = ours.get(key)
        if here is None:
            found.append(Difference(kind=DifferenceKind.MISSING_HERE, here=None, there=there))
        elif here != there:
            found.append(Difference(kind=DifferenceKind.DIFFERS, here=here, there=there))
    found += [
        Difference(kind=DifferenceKind.MISSING_THERE, here=here, there=None)
        for key, here in ours.items()
        if key not in theirs and first_day <= here.dated <= last_day
    ]
    return tuple(sorted(found, key=lambda one: (one.row.dated, one.row.provider_transaction_id)))
