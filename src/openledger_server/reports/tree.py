"""From account totals to sections of a report: accounts grouped by subtype, in the order of the chart."""

from collections.abc import Iterable, Mapping

from openledger_server.ledger.types import AccountTotal, LedgerAccount, LedgerAccountId, LedgerAccountType
from openledger_server.reports.types import ReportLine


def net_by_account(totals: Iterable[AccountTotal], *, currency: str) -> dict[LedgerAccountId, int]:
    """Return debits less credits per ledger account, of one currency."""
    return {LedgerAccountId(total.ledger_account_id): total.net_minor for total in totals if total.currency == currency}


def other_currencies(totals: Iterable[AccountTotal], *, currency: str) -> tuple[str, ...]:
    """Return the currencies of totals that a report in `currency` leaves out."""
    return tuple(sorted({total.currency for total in totals if total.currency != currency and total.net_minor}))


def section(
    accounts: Iterable[LedgerAccount], net: Mapping[LedgerAccountId, int], *, type_: LedgerAccountType
) -> tuple[ReportLine, ...]:
    """Return the groups of one account type, each with its accounts, in the order of the chart; zero lines left out.

    `net` is debit-positive; the lines are positive in the section's own sense.
    """
    groups: dict[str, list[ReportLine]] = {}
    for account in accounts:
        amount_minor = type_.normal_sign * net.get(account.id, 0)
        if account.type is type_ and amount_minor:
            groups.setdefault(account.subtype, []).append(_leaf(account, amount_minor))
    return tuple(
        ReportLine(
            id=f"{type_.value}-{subtype.upper().replace(' ', '_')}",
            name=subtype,
            type=type_,
            subtype=subtype,
            code=None,
            amount_minor=total(lines),
            children=tuple(lines),
        )
        for subtype, lines in groups.items()
    )


def total(lines: Iterable[ReportLine]) -> int:
    """Return the sum of the lines' amounts (children are contained in their groups)."""
    return sum(line.amount_minor for line in lines)


def group_total(lines: Iterable[ReportLine], subtypes: frozenset[str]) -> int:
    """Return the sum of the groups of these subtypes."""
    return sum(line.amount_minor for line in lines if line.subtype in subtypes)


def _leaf(account: LedgerAccount, amount_minor: int) -> ReportLine:
    return ReportLine(
        id=str(account.id),
        name=account.name,
        type=account.type,
        subtype=account.subtype,
        code=account.code,
        amount_minor=amount_minor,
    )
