"""Settling transfers between two currencies, so that nothing is left in clearing and what they cost shows.

Each leg went through the clearing account in its own currency, valued at the rate of its day. Settling moves both from
clearing to the currency exchange account (equity: it holds what was given in one currency against what came in
another), and the difference between their worths to exchange gain or loss. So clearing is empty in every currency, the
exchange account is worth nothing in the base currency, and each currency still sums to zero.
"""

from collections.abc import Sequence
from datetime import date, datetime

from openledger_server.banking.types import BankTransactionId
from openledger_server.base.db import WriteConnection
from openledger_server.base.ids import new_ids
from openledger_server.bookkeeping.exchanges import store
from openledger_server.bookkeeping.exchanges.types import Exchange
from openledger_server.ledger import store as ledger
from openledger_server.ledger.periods import store as periods
from openledger_server.ledger.periods.types import first_open_day
from openledger_server.ledger.types import (
    EntryKind,
    JournalEntry,
    JournalEntryId,
    LedgerAccountId,
    Posting,
    RecordedEntry,
    SystemRole,
)

_REASON = "A transfer between two currencies: what was given and what came, each at the rate of its day."
_UNDONE = "The transfer changed, or is none any more."


async def settle_exchanges(
    conn: WriteConnection, touched: Sequence[BankTransactionId], *, entity_id: int, now: datetime
) -> None:
    """Post, or take back, what the transfers between currencies that touched rows are part of gained or lost.

    Called again without a change it appends nothing.
    """
    if not await store.has_several_currencies(conn, entity_id=entity_id):
        return
    wrong = [one for one in await store.exchanges(conn, touched, entity_id=entity_id) if not one.is_right]
    if not wrong:
        return
    closed_through = await periods.closed_through(conn, entity_id=entity_id)
    clearing = await ledger.system_account(conn, entity_id=entity_id, role=SystemRole.TRANSFERS_CLEARING)
    accounts = await ledger.exchange_accounts(conn, entity_id=entity_id, now=now)
    base_currency = await ledger.base_currency(conn, entity_id=entity_id)
    ids = {one for e in wrong for one in (e.out_entry_id, e.in_entry_id, e.settled_entry_id) if one is not None}
    recorded = {one.entry.id: one for one in await ledger.recorded_entries(conn, ids, entity_id=entity_id)}
    for exchange in wrong:
        made: list[JournalEntry] = []
        first, second = (JournalEntryId(one) for one in new_ids(2))
        if exchange.settled_entry_id is not None:
            settled = recorded[exchange.settled_entry_id]
            made.append(
                _reversal(settled, first, on=first_open_day(settled.entry.dated, closed_through=closed_through))
            )
        live_id, revision = None, exchange.revision
        if exchange.out_entry_id is not None and exchange.in_entry_id is not None:
            given, got = recorded[exchange.out_entry_id], recorded[exchange.in_entry_id]
            day = first_open_day(max(given.entry.dated, got.entry.dated), closed_through=closed_through)
            lines = _lines(given, got, clearing=clearing, accounts=accounts, base_currency=base_currency)
            live_id, revision = second, revision + 1
            made.append(_settling(exchange, second, lines, revision=revision, on=day))
        await ledger.append_entries(conn, made, entity_id=entity_id, now=now)
        await store.store_settled(conn, exchange, entity_id=entity_id, revision=revision, entry_id=live_id)


def _lines(
    given: RecordedEntry,
    got: RecordedEntry,
    *,
    clearing: LedgerAccountId,
    accounts: tuple[LedgerAccountId, LedgerAccountId],
    base_currency: str,
) -> tuple[Posting, ...]:
    exchange_account, gain_or_loss = accounts
    through = [line for one in (given, got) for line in one.entry.postings if line.ledger_account_id == clearing]
    lines: list[Posting] = []
    for line in through:
        assert line.base_minor is not None, "what is recorded is valued"
        amount, worth = line.amount_minor, line.base_minor
        lines.append(Posting(clearing, -amount, line.currency, -worth, line.rate))
        lines.append(Posting(exchange_account, amount, line.currency, worth, line.rate))
    lost = sum(line.base_minor or 0 for line in through)
    if lost:
        lines.append(Posting(exchange_account, -lost, base_currency, -lost))
        lines.append(Posting(gain_or_loss, lost, base_currency, lost))
    return tuple(lines)


def _settling(
    exchange: Exchange, entry_id: JournalEntryId, lines: tuple[Posting, ...], *, revision: int, on: date
) -> JournalEntry:
    return JournalEntry(
        id=entry_id,
        dated=on,
        source_ref=f"exchange:{exchange.out_id}:{revision}",
        description="Currency exchange",
        kind=EntryKind.EXCHANGE_DIFFERENCE,
        reason=_REASON,
        postings=lines,
    )


def _reversal(settled: RecordedEntry, entry_id: JournalEntryId, *, on: date) -> JournalEntry:
    entry = settled.entry
    return JournalEntry(
        id=entry_id,
        dated=on,
        source_ref=f"reversal:{entry.id}",
        description=f"Reversal: {entry.description}",
        kind=EntryKind.REVERSAL,
        reason=_UNDONE,
        postings=tuple(
            Posting(
                one.ledger_account_id,
                -one.amount_minor,
                one.currency,
                None if one.base_minor is None else -one.base_minor,
                one.rate,
            )
            for one in entry.postings
        ),
        reverses_id=entry.id,
    )
