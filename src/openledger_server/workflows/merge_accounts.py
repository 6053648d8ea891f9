"""Making one ledger account of two: what was booked to the first is booked to the second, entry by entry."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from openledger_server.base.db import WriteConnection
from openledger_server.base.ids import new_id
from openledger_server.base.money import major_units
from openledger_server.bookkeeping.accounts import store as uses
from openledger_server.ledger import store as ledger
from openledger_server.ledger.accounts import store
from openledger_server.ledger.accounts.types import MergeError, Residue, SystemAccountError
from openledger_server.ledger.manual import store as manual
from openledger_server.ledger.manual.types import EntryContent, EntryState, ManualEntryId
from openledger_server.ledger.periods import store as periods
from openledger_server.ledger.types import (
    EntryKind,
    JournalEntry,
    JournalEntryId,
    LedgerAccount,
    LedgerAccountId,
    LedgerAccountType,
    Posting,
)
from openledger_server.workflows.book_for_person import book_for_person
from openledger_server.workflows.change_chart import account_in, accounts_by_id
from openledger_server.workflows.manual_entries import Desk, open_books, rewritten
from openledger_server.workflows.services import Services

_BALANCE_TYPES = frozenset({LedgerAccountType.ASSET, LedgerAccountType.LIABILITY, LedgerAccountType.EQUITY})


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """What a merge moved."""

    account: LedgerAccount
    """The account that became part of the other."""
    bank_transactions: int
    entries: int
    rules: int
    transfers: int
    """Entries that moved what was left: the balance from closed periods, and postings of no other source."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Merge:
    desk: Desk
    source: LedgerAccount
    target: LedgerAccount
    closed_through: date | None
    base_currency: str
    now: datetime

    @property
    def entity_id(self) -> int:
        return self.desk.entity_id


async def merge_accounts(
    services: Services, *, desk: Desk, source_id: LedgerAccountId, target_id: LedgerAccountId
) -> Merged:
    """Let the second account take over all of the first, which is archived; return what was moved.

    Entries in open periods are reversed and made anew on their own dates, so history reads as if there had always been
    one account; categories, splits, rules and what was learned follow. Closed periods stay as they were reported: of an
    account of the balance sheet, what it held at their end is moved on the first open day. Again changes nothing.

    Raises:
        UnknownLedgerAccountError: if the entity has not both.
        MergeError: if they are the same, of different types or currencies, or the second is archived.
        SystemAccountError: if the system itself or a bank needs the first.
    """
    async with open_books(services, desk) as conn:
        chart = await accounts_by_id(conn, entity_id=desk.entity_id)
        source, target = account_in(chart, source_id), account_in(chart, target_id)
        if source.merged_into_id == target.id:
            return Merged(account=source, bank_transactions=0, entries=0, rules=0, transfers=0)
        await _check(conn, source, target, entity_id=desk.entity_id)
        merge = _Merge(
            desk=desk,
            source=source,
            target=target,
            closed_through=await periods.closed_through(conn, entity_id=desk.entity_id),
            base_currency=await ledger.base_currency(conn, entity_id=desk.entity_id),
            now=services.now(),
        )
        return await _merged(conn, merge)


async def _check(conn: WriteConnection, source: LedgerAccount, target: LedgerAccount, *, entity_id: int) -> None:
    if source.id == target.id:
        raise MergeError("An account cannot be merged into itself.")
    if source.type is not target.type:
        raise MergeError(f"{source.name} is of type {source.type.value}, {target.name} of {target.type.value}.")
    if target.archived_at is not None:
        raise MergeError(f"{target.name} is archived.")
    if target.currency is not None or source.currency is not None:
        raise MergeError("An account that is kept in one currency for a bank cannot be merged.")
    use = await uses.account_use(conn, entity_id=entity_id, ledger_account_id=source.id)
    if source.system_role is not None or use.bank_accounts:
        raise SystemAccountError(f"The system itself needs {source.name}.")


async def _merged(conn: WriteConnection, merge: _Merge) -> Merged:
    rows = await uses.rows_to_move(
        conn, entity_id=merge.entity_id, ledger_account_id=merge.source.id, closed_through=merge.closed_through
    )
    ids = {"from_id": merge.source.id, "to_id": merge.target.id}
    await uses.move_judgements(conn, rows, entity_id=merge.entity_id, now=merge.now, **ids)
    rules = await uses.move_knowledge(conn, entity_id=merge.entity_id, **ids)
    await book_for_person(conn, rows, entity_id=merge.entity_id, now=merge.now, by=merge.desk.by)
    entries = await uses.entries_to_move(
        conn, entity_id=merge.entity_id, ledger_account_id=merge.source.id, closed_through=merge.closed_through
    )
    for manual_entry_id in entries:
        await _rewrite(conn, manual_entry_id, merge)
    transfers = await _transfers(conn, merge)
    await ledger.append_entries(conn, transfers, entity_id=merge.entity_id, now=merge.now, by=merge.desk.by)
    after = await _closed(conn, merge)
    return Merged(
        account=after,
        bank_transactions=len(rows),
        entries=len(entries),
        rules=rules,
        transfers=len(transfers),
    )


async def _rewrite(conn: WriteConnection, manual_entry_id: ManualEntryId, merge: _Merge) -> None:
    before = await manual.manual_entry(conn, entity_id=merge.entity_id, manual_entry_id=manual_entry_id)
    lines = tuple(
        replace(line, posting=replace(line.posting, ledger_account_id=merge.target.id))
        if line.posting.ledger_account_id == merge.source.id
        else line
        for line in before.content.lines
    )
    content: EntryContent = replace(before.content, lines=lines)
    after = replace(before, content=content, updated_at=merge.now)
    if before.state is EntryState.POSTED:
        reason = f"{merge.source.name} was merged into {merge.target.name}."
        after = await rewritten(conn, before, after, desk=merge.desk, now=merge.now, reason=reason)
    await manual.store_manual_entry(conn, after, entity_id=merge.entity_id)


async def _transfers(conn: WriteConnection, merge: _Merge) -> list[JournalEntry]:
    """Return the entries that move what is left on the first account."""
    first_open = None if merge.closed_through is None else merge.closed_through + timedelta(days=1)
    left: list[Residue] = []
    if first_open is not None and merge.source.type in _BALANCE_TYPES:
        left += await store.residues_before(
            conn, entity_id=merge.entity_id, ledger_account_id=merge.source.id, day=first_open
        )
    left += await store.residues(conn, entity_id=merge.entity_id, ledger_account_id=merge.source.id, since=first_open)
    return [_transfer(residue, number, merge) for number, residue in enumerate(left, start=1)]


def _transfer(residue: Residue, number: int, merge: _Merge) -> JournalEntry:
    made_id = JournalEntryId(new_id())
    rate = _rate(residue, base_currency=merge.base_currency)
    is_valued = residue.currency == merge.base_currency or rate is not None

    def posting(account: LedgerAccountId, sign: int) -> Posting:
        worth = sign * residue.base_minor if is_valued else None
        return Posting(account, sign * residue.amount_minor, residue.currency, worth, rate)

    return JournalEntry(
        id=made_id,
        dated=residue.dated,
        source_ref=f"account_merge:{merge.source.id}:{made_id}:{number}",
        description=f"{merge.source.name} becomes part of {merge.target.name}",
        postings=(posting(merge.target.id, 1), posting(merge.source.id, -1)),
        kind=EntryKind.OTHER,
        reason=f"{merge.source.name} was merged into {merge.target.name}.",
    )


def _rate(residue: Residue, *, base_currency: str) -> Decimal | None:
    """Return what the residue was worth per unit on the average; None in the base currency, or if that says nothing."""
    if residue.currency == base_currency or residue.base_minor * residue.amount_minor <= 0:
        return None
    worth = major_units(residue.base_minor, base_currency)
    return worth / major_units(residue.amount_minor, residue.currency)


async def _closed(conn: WriteConnection, merge: _Merge) -> LedgerAccount:
    """Archive the first account, and hand on what it stood for and the accounts below it."""
    source, target = merge.source, merge.target
    codes: Sequence[int] = sorted({*target.standard_codes, *source.standard_codes})
    parent_id = source.parent_id if target.parent_id == source.id else target.parent_id
    after = replace(source, archived_at=merge.now, merged_into_id=target.id, standard_codes=(), updated_at=merge.now)
    await store.store_account(conn, after, entity_id=merge.entity_id)
    heir = replace(target, standard_codes=tuple(codes), parent_id=parent_id, updated_at=merge.now)
    await store.store_account(conn, heir, entity_id=merge.entity_id)
    await store.move_children(conn, entity_id=merge.entity_id, from_id=source.id, to_id=target.id, now=merge.now)
    return after
