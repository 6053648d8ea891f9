"""The general ledger: every ledger account's postings of a period with running balances, page by page."""

from collections.abc import Sequence
from itertools import groupby

from openledger_server.base.db import ReadConnection
from openledger_server.ledger import store as ledger
from openledger_server.reports import store as totals
from openledger_server.reports import tree
from openledger_server.reports.listings import store
from openledger_server.reports.listings.places import cursor_of
from openledger_server.reports.listings.types import GeneralLedgerPage, LedgerAccountPage, LedgerRow, ListedPosting
from openledger_server.reports.trial_balance import trial_balance
from openledger_server.reports.types import Period, TrialBalanceRow, View


async def general_ledger(
    conn: ReadConnection,
    *,
    entity_id: int,
    period: Period,
    view: View,
    after: store.Place = store.START,
    limit: int,
    ledger_account_id: int | None = None,
) -> GeneralLedgerPage:
    """Return up to `limit` postings after a place, by account, each account with its figures for the whole period.

    Accounts that only have a balance are shown without postings. Revenue and expense accounts open at what they moved
    since the fiscal year began, as in the trial balance.

    Raises:
        UnknownLedgerAccountError: if there is no ledger account `ledger_account_id`.
    """
    if ledger_account_id is not None:
        await ledger.ledger_account(conn, entity_id=entity_id, ledger_account_id=ledger_account_id)
    balance = await trial_balance(conn, entity_id=entity_id, period=period, view=view)
    summaries = {
        int(row.id): row
        for row in balance.rows
        if row.code is not None and ledger_account_id in {None, int(row.id)} and row.code >= after.code
    }
    found = await store.postings_by_account(
        conn,
        entity_id=entity_id,
        period=period,
        view=view,
        after=after,
        limit=limit + 1,
        ledger_account_id=ledger_account_id,
    )
    before = await _before(conn, summaries, after, entity_id=entity_id, period=period, view=view)
    rows = found[:limit]
    next_cursor = _next(rows[-1], summaries) if len(found) > limit else None
    return GeneralLedgerPage(
        period=period,
        currency=view.currency,
        accounts=tuple(_pages(summaries, rows, before, after=after, is_last=next_cursor is None)),
        next_cursor=next_cursor,
    )


async def _before(
    conn: ReadConnection,
    summaries: dict[int, TrialBalanceRow],
    after: store.Place,
    *,
    entity_id: int,
    period: Period,
    view: View,
) -> dict[int, int]:
    """Return what the account in which the last page ended had moved in the period up to there."""
    account = next((key for key, row in summaries.items() if row.code == after.code), None)
    if account is None or after.dated < period.since:
        return {}
    moved = await store.net_through(conn, entity_id=entity_id, ledger_account_id=account, view=view, place=after)
    if after.dated > period.since:
        [earlier] = await totals.totals_of(conn, entity_id=entity_id, windows=[(period.since, after.dated)])
        moved += {int(key): net for key, net in tree.net_by_account(earlier, view=view).items()}.get(account, 0)
    return {account: moved}


def _next(last: ListedPosting, summaries: dict[int, TrialBalanceRow]) -> str:
    code = summaries[last.ledger_account_id].code
    assert code is not None
    return cursor_of(store.Place(code=code, dated=last.dated, journal_entry_id=last.journal_entry_id, line=last.line))


def _pages(
    summaries: dict[int, TrialBalanceRow],
    rows: Sequence[ListedPosting],
    before: dict[int, int],
    *,
    after: store.Place,
    is_last: bool,
) -> list[LedgerAccountPage]:
    by_account = {account: list(postings) for account, postings in groupby(rows, lambda row: row.ledger_account_id)}
    last_code = summaries[rows[-1].ledger_account_id].code if rows else None
    pages = []
    for account, summary in summaries.items():
        assert summary.code is not None
        if not is_last and last_code is not None and summary.code > last_code:
            break
        if account not in by_account and summary.code == after.code:
            continue  # shown to its end on the page before
        pages.append(_page(account, summary, by_account.get(account, []), moved_minor=before.get(account, 0)))
    return pages


def _page(
    account: int, summary: TrialBalanceRow, postings: Sequence[ListedPosting], *, moved_minor: int
) -> LedgerAccountPage:
    assert summary.code is not None
    running = summary.opening_minor + moved_minor
    rows = []
    for posting in postings:
        running += posting.amount_minor
        rows.append(LedgerRow(posting=posting, running_minor=running))
    return LedgerAccountPage(
        ledger_account_id=account,
        code=summary.code,
        name=summary.name,
        type=summary.type,
        subtype=summary.subtype,
        opening_minor=summary.opening_minor,
        closing_minor=summary.closing_minor,
        debits_minor=summary.debits_minor,
        credits_minor=summary.credits_minor,
        rows=tuple(rows),
    )
