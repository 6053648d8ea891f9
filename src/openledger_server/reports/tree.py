"""From account totals to sections of a report: accounts grouped by subtype, in the order of the chart."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date

from openledger_server.ledger.types import AccountTotal, LedgerAccount, LedgerAccountId, LedgerAccountType
from openledger_server.reports.types import Basis, ParentAccount, PostingQuery, ReportLine, View

Nets = Mapping[LedgerAccountId, int]
"""Debits less credits per ledger account, minor units of one currency."""
PROFIT_TYPES = (LedgerAccountType.REVENUE, LedgerAccountType.EXPENSE)


def net_by_account(totals: Iterable[AccountTotal], *, view: View) -> dict[LedgerAccountId, int]:
    """Return debits less credits per ledger account: of the view's currency, or of all by their worth in it."""
    if not view.is_translated:
        return {total.ledger_account_id: total.net_minor for total in totals if total.currency == view.currency}
    nets: Counter[LedgerAccountId] = Counter()
    for total in totals:
        nets[total.ledger_account_id] += total.base_net_minor
    return dict(nets)


def moved_by_account(totals: Iterable[AccountTotal], *, view: View) -> dict[LedgerAccountId, tuple[int, int]]:
    """Return (debits, credits) per ledger account, both >= 0, as the view counts them."""
    moved: dict[LedgerAccountId, tuple[int, int]] = {}
    for total in totals:
        if view.is_translated:
            before = moved.get(total.ledger_account_id, (0, 0))
            debits, credits_ = total.base_debits_minor, total.base_credits_minor
            moved[total.ledger_account_id] = (before[0] + debits, before[1] + credits_)
        elif total.currency == view.currency:
            moved[total.ledger_account_id] = (total.debits_minor, total.credits_minor)
    return moved


def other_currencies(totals: Iterable[AccountTotal], *, currency: str) -> tuple[str, ...]:
    """Return the currencies of totals besides `currency`."""
    return tuple(
        sorted(
            {
                total.currency
                for total in totals
                if total.currency != currency and total.debits_minor | total.credits_minor
            }
        )
    )


def shown_accounts(columns: Sequence[Nets], *, view: View) -> Collection[LedgerAccountId] | None:
    """Return the ledger accounts that have an amount in any column; None = show all."""
    if view.with_zero_rows:
        return None
    return {account for net in columns for account, amount_minor in net.items() if amount_minor}


def section(
    accounts: Sequence[LedgerAccount],
    net: Nets,
    *,
    type_: LedgerAccountType,
    since: date | None,
    until: date,
    view: View,
    shown: Collection[LedgerAccountId] | None,
    revalued: Collection[LedgerAccountId] = (),
) -> tuple[ReportLine, ...]:
    """Return the groups of one account type, each with its accounts, in the order of the chart.

    `net` is debit-positive; the lines are positive in the section's own sense. Only `shown` accounts have a line, so
    that columns of a comparison have the same lines. The figures of `revalued` accounts are no sums of postings.
    """
    groups: dict[str, list[ReportLine]] = {}
    by_id = {account.id: account for account in accounts}
    for account in accounts:
        if account.type is type_ and (shown is None or account.id in shown):
            query = figure(view, account_ids=(account.id,), since=since, until=until, sign=type_.normal_sign)
            query = None if account.id in revalued else query
            line = leaf(account, type_.normal_sign * net.get(account.id, 0), postings=query)
            groups.setdefault(account.subtype, []).append(replace(line, parents=_parents(account, by_id)))
    return tuple(_group(type_, subtype, lines) for subtype, lines in groups.items())


def _parents(account: LedgerAccount, by_id: Mapping[LedgerAccountId, LedgerAccount]) -> tuple[ParentAccount, ...]:
    """Return the accounts above one, outermost first, as far up as they are in the same group."""
    above: list[ParentAccount] = []
    parent = None if account.parent_id is None else by_id.get(account.parent_id)
    while parent is not None and (parent.type, parent.subtype) == (account.type, account.subtype):
        above.insert(0, ParentAccount(str(parent.id), parent.name, parent.code))
        parent = None if parent.parent_id is None else by_id.get(parent.parent_id)
    return tuple(above)


def figure(
    view: View,
    *,
    account_ids: tuple[LedgerAccountId, ...] = (),
    types: tuple[LedgerAccountType, ...] = (),
    since: date | None,
    until: date,
    sign: int,
) -> PostingQuery | None:
    """Return what a figure is made of; None on cash basis, where no set of postings adds up to it."""
    if view.basis is Basis.CASH:
        return None
    return PostingQuery(
        ledger_account_ids=account_ids,
        types=types,
        since=since,
        until=until,
        currency=view.currency,
        is_translated=view.is_translated,
        sign=sign,
    )


def total(lines: Iterable[ReportLine]) -> int:
    """Return the sum of the lines' amounts (children are contained in their groups)."""
    return sum(line.amount_minor for line in lines)


def group_total(lines: Iterable[ReportLine], subtypes: frozenset[str]) -> int:
    """Return the sum of the groups of these subtypes."""
    return sum(line.amount_minor for line in lines if line.subtype in subtypes)


def leaf(account: LedgerAccount, amount_minor: int, *, postings: PostingQuery | None) -> ReportLine:
    """Return the line of one ledger account."""
    return ReportLine(
        id=str(account.id),
        name=account.name,
        type=account.type,
        subtype=account.subtype,
        code=account.code,
        amount_minor=amount_minor,
        postings=postings,
    )


def _group(type_: LedgerAccountType, subtype: str, lines: Sequence[ReportLine]) -> ReportLine:
    return ReportLine(
        id=f"{type_.value}-{subtype.upper().replace(' ', '_')}",
        name=subtype,
        type=type_,
        subtype=subtype,
        code=None,
        amount_minor=total(lines),
        children=tuple(lines),
        postings=joined([line.postings for line in lines]),
    )


def joined(queries: Sequence[PostingQuery | None]) -> PostingQuery | None:
    """Return one query for the postings of several lines of one period and sign; None if any has none."""
    known = [query for query in queries if query is not None]
    if not known or len(known) < len(queries):
        return None
    return replace(
        known[0],
        ledger_account_ids=tuple(account for query in known for account in query.ledger_account_ids),
    )
