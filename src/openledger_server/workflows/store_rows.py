"""Writing what a sync has fetched into the bank facts: rows, removals, counts, and rows of earlier connections."""

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime

from openledger_server.banking import relink
from openledger_server.banking import store as banking
from openledger_server.banking.lifecycle import store as lifecycle
from openledger_server.banking.rows import PriorRow, StoredRow
from openledger_server.banking.types import BankAccountId, BankTransactionId
from openledger_server.base.db import WriteConnection
from openledger_server.bookkeeping.annotations import store as annotations
from openledger_server.categorization import store as categorization
from openledger_server.categorization.decisions import store as decisions
from openledger_server.workflows.announce_sync import SyncOutcome
from openledger_server.workflows.sync_changes import Changes, RowMark

_Accounts = dict[str, BankAccountId]


async def store_rows(conn: WriteConnection, changes: Changes, *, entity_id: int, now: datetime) -> SyncOutcome:
    """Write the rows, move people's decisions from pending to settled rows, keep counts; return what was touched."""
    rows = await banking.bank_accounts(conn, entity_id=entity_id)
    accounts = {row.provider_account_id: row.id for row in rows if row.unlinked_at is None}
    unlinked = {row.id for row in rows if row.unlinked_at is not None}
    # Rows of an account that the user took out of the books are not for us, neither new ones nor removals.
    ours = {key: mark for key, mark in changes.upserted.items() if mark.provider_account_id in accounts}
    # A settled row takes the place of its pending one whether or not the bank also names that in `removed`.
    replaced = {mark.pending_provider_id for mark in ours.values() if mark.pending_provider_id and not mark.is_pending}
    gone = {*changes.removed, *(replaced - changes.upserted.keys())}
    prior = await banking.prior_rows(conn, [*changes.upserted, *gone], entity_id=entity_id)
    gone -= {one for one in gone & prior.keys() if prior[one].bank_account_id in unlinked}
    prior |= await _take_over(conn, changes, ours.keys() - prior.keys(), accounts, entity_id=entity_id)
    if changes.is_snapshot:
        # Only now: rows of an earlier connection have got the ids under which this one knows them.
        vanished = await _vanished(conn, ours, accounts, entity_id=entity_id)
        prior |= await banking.prior_rows(conn, vanished, entity_id=entity_id)
        gone.update(vanished)
    written = await banking.upsert_bank_transactions(
        conn,
        changes.facts(lambda _, mark: mark.provider_account_id in accounts),
        entity_id=entity_id,
        bank_account_ids=accounts,
        now=now,
    )
    removed = await banking.remove_bank_transactions(conn, sorted(gone), entity_id=entity_id, now=now)
    ids = {row.provider_transaction_id: row.id for row in written}
    moves = {
        prior[mark.pending_provider_id].id: ids[key]
        for key, mark in ours.items()
        if mark.pending_provider_id in prior and key in ids
    }
    if moves:
        await categorization.carry_decisions_over(conn, moves, entity_id=entity_id)
        await decisions.carry_over(conn, moves, entity_id=entity_id)
        await annotations.carry_over(conn, moves, entity_id=entity_id)
    await _count(conn, written, {row.provider_transaction_id for row in removed}, ours, prior, accounts, entity_id)
    outcome = _outcome(written, [row.id for row in removed if _was_live(prior, row.provider_transaction_id)], prior)
    # A pending row whose settled one came along is an update to people, not a loss.
    outcome.removed[:] = [row_id for row_id in outcome.removed if row_id not in moves]
    before_start = sum(1 for row in written if not row.is_live)
    outcome.counts["unchanged"] = len(ours) - len(written)
    outcome.counts["skipped"] = len(changes.upserted) - len(ours) + before_start
    return outcome


def _was_live(prior: dict[str, PriorRow], key: str) -> bool:
    return key in prior and prior[key].is_live


def _outcome(written: list[StoredRow], removed: list[BankTransactionId], prior: dict[str, PriorRow]) -> SyncOutcome:
    """Return what a sync did to the rows that count; those from before the books' first day do not."""
    live = [row for row in written if row.is_live]
    created = [row.id for row in live if not _was_live(prior, row.provider_transaction_id)]
    updated = [row.id for row in live if _was_live(prior, row.provider_transaction_id)]
    # A row that the bank dates back to before the first day leaves the books like one that is taken back.
    left = [row.id for row in written if not row.is_live and _was_live(prior, row.provider_transaction_id)]
    gone = [*removed, *left]
    return SyncOutcome(
        counts=Counter(added=len(created), modified=len(updated), removed=len(gone)),
        touched=[*(row.id for row in live), *gone],
        created=created,
        updated=updated,
        removed=gone,
    )


async def _take_over(
    conn: WriteConnection, changes: Changes, unknown: Iterable[str], accounts: _Accounts, *, entity_id: int
) -> dict[str, PriorRow]:
    """Let new rows continue equal ones of an earlier connection, so that nothing is booked twice; return those."""
    wanted = set(unknown)
    if not wanted:
        return {}
    orphans = await lifecycle.rows_awaiting_relink(conn, list(accounts.values()), entity_id=entity_id)
    if not orphans:
        return {}
    facts = changes.facts(lambda key, _: key in wanted)
    successors = relink.successors(facts, orphans, bank_account_ids=accounts)
    await lifecycle.take_over_rows(conn, successors, entity_id=entity_id)
    known = {row.id: row for row in orphans}
    return {
        provider_id: PriorRow(
            provider_transaction_id=provider_id,
            id=row_id,
            bank_account_id=known[row_id].bank_account_id,
            is_pending=False,
            is_live=known[row_id].is_live,
        )
        for row_id, provider_id in successors.items()
    }


async def _vanished(
    conn: WriteConnection, ours: dict[str, RowMark], accounts: _Accounts, *, entity_id: int
) -> list[str]:
    """Return our rows that a snapshot of the bank no longer has.

    When reading starts anew (a cursor was lost or refused), rows taken back meanwhile are not named as removed; they
    are just not there. Accounts without a row in the snapshot, and days before an account's first one, say nothing.
    """
    covered: dict[BankAccountId, date] = {}
    for mark in ours.values():
        bank_account_id = accounts[mark.provider_account_id]
        covered[bank_account_id] = min(mark.dated, covered.get(bank_account_id, mark.dated))
    return await banking.kept_rows_except(conn, list(ours), since=covered, entity_id=entity_id)


async def _count(
    conn: WriteConnection,
    written: list[StoredRow],
    removed: set[str],
    ours: dict[str, RowMark],
    prior: dict[str, PriorRow],
    accounts: _Accounts,
    entity_id: int,
) -> None:
    """Keep each bank account's number of live settled and pending rows."""
    deltas: dict[BankAccountId, list[int]] = {}

    def add(bank_account_id: BankAccountId, *, is_pending: bool, by: int) -> None:
        deltas.setdefault(bank_account_id, [0, 0])[int(is_pending)] += by

    for provider_id in (*(row.provider_transaction_id for row in written), *removed):
        before = prior.get(provider_id)
        if before is not None and before.is_live:
            add(before.bank_account_id, is_pending=before.is_pending, by=-1)
    for row in written:
        mark = ours[row.provider_transaction_id]
        if row.is_live:
            add(accounts[mark.provider_account_id], is_pending=mark.is_pending, by=1)
    if deltas:
        await banking.count_rows(
            conn, {key: (settled, pending) for key, (settled, pending) in deltas.items()}, entity_id=entity_id
        )
