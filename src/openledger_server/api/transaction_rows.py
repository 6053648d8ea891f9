"""Rows of the list of bank transactions, as plain objects: lists are long, so they are not made as models."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any

from openledger_server.api.manual_rows import account_row, attachment_row, listed_manual
from openledger_server.api.wire import decimal_text, instant_text
from openledger_server.banking import store as banking
from openledger_server.banking.rows import BankAccountRow
from openledger_server.banking.store import UnknownBankTransactionError
from openledger_server.banking.types import BankAccountId, BankTransactionId
from openledger_server.base import db
from openledger_server.bookkeeping import store as bookkeeping
from openledger_server.bookkeeping.annotations import store as annotations
from openledger_server.bookkeeping.annotations.types import NO_NOTE, Attachment, Note
from openledger_server.bookkeeping.listing import ListedTransaction, ListPosition, ListStatus
from openledger_server.categorization.decisions import store as decisions
from openledger_server.categorization.decisions.types import Decisions
from openledger_server.categorization.types import SplitPart
from openledger_server.ledger import store as ledger
from openledger_server.ledger.manual import store as manual
from openledger_server.ledger.manual.types import EntryState, ManualEntry
from openledger_server.ledger.types import LedgerAccount

_STATES = {ListStatus.PENDING: EntryState.DRAFT, ListStatus.POSTED: EntryState.POSTED}


@dataclass(frozen=True, slots=True)
class Names:
    """What the rows of a list point to."""

    bank_accounts: Mapping[int, BankAccountRow]
    chart: Mapping[int, LedgerAccount]


async def names(conn: db.ReadConnection, entity_id: int) -> Names:
    """Return what the rows of an entity's list point to."""
    return Names(
        {int(row.id): row for row in await banking.bank_accounts(conn, entity_id=entity_id)},
        {int(account.id): account for account in await ledger.ledger_accounts(conn, entity_id=entity_id)},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """What people decided about and wrote beside the rows of a list."""

    decisions: Mapping[BankTransactionId, Decisions]
    notes: Mapping[BankTransactionId, Note]
    attachments: Mapping[int, Sequence[Attachment]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which transactions a list shows, newest first, beginning after a position."""

    limit: int
    after: ListPosition | None = None
    status: ListStatus | None = None
    bank_account_id: BankAccountId | None = None
    ids: Sequence[BankTransactionId] | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A transaction as it goes out, and its place in the list."""

    position: ListPosition
    content: dict[str, Any]


async def newest(conn: db.ReadConnection, wanted: Wanted, *, entity_id: int) -> list[Row]:
    """Return the transactions wanted, those of banks and those that people wrote in one order."""
    known = await names(conn, entity_id)
    from_banks = await bookkeeping.listed_transactions(
        conn,
        entity_id=entity_id,
        limit=wanted.limit,
        after=wanted.after,
        status=wanted.status,
        bank_account_id=wanted.bank_account_id,
        ids=wanted.ids,
    )
    by_hand = await _by_hand(conn, wanted, known, entity_id=entity_id)
    beside = await _beside(conn, [row.id for row in from_banks], [entry.id for entry in by_hand], entity_id=entity_id)
    rows = [Row(row.position, listed(row, known, beside, entity_id)) for row in from_banks]
    rows += [
        Row(_position(entry), listed_manual(entry, known.chart, entity_id, beside.attachments.get(entry.id, ())))
        for entry in by_hand
    ]
    rows.sort(key=lambda row: (row.position.dated, row.position.id), reverse=True)
    return rows[: wanted.limit]


async def one(conn: db.ReadConnection, transaction_id: BankTransactionId, *, entity_id: int) -> dict[str, Any]:
    """Return one transaction as it goes out.

    Raises:
        UnknownBankTransactionError: if the entity's list has none of that id.
    """
    found = await newest(conn, Wanted(limit=1, ids=[transaction_id]), entity_id=entity_id)
    if not found:
        raise UnknownBankTransactionError("There is no such transaction.")
    return found[0].content


async def _beside(
    conn: db.ReadConnection, bank_ids: Sequence[BankTransactionId], entry_ids: Sequence[int], *, entity_id: int
) -> Beside:
    return Beside(
        decisions=await decisions.decisions(conn, bank_ids, entity_id=entity_id),
        notes=await annotations.notes(conn, bank_ids, entity_id=entity_id),
        attachments=await annotations.attachments(conn, [*bank_ids, *entry_ids], entity_id=entity_id),
    )


async def _by_hand(conn: db.ReadConnection, wanted: Wanted, known: Names, *, entity_id: int) -> list[ManualEntry]:
    ledger_account_id = None
    if wanted.bank_account_id is not None:
        bank = known.bank_accounts.get(wanted.bank_account_id)
        if bank is None:
            return []
        ledger_account_id = bank.ledger_account_id
    return await manual.manual_entries(
        conn,
        entity_id=entity_id,
        limit=wanted.limit,
        before=None if wanted.after is None else (wanted.after.dated, wanted.after.id),
        state=None if wanted.status is None else _STATES[wanted.status],
        ledger_account_id=ledger_account_id,
        ids=wanted.ids,
    )


def _position(entry: ManualEntry) -> ListPosition:
    return ListPosition(dated=entry.content.dated, id=BankTransactionId(entry.id))


def listed(row: ListedTransaction, names: Names, beside: Beside, entity_id: int) -> dict[str, Any]:
    """Return a row as `Transaction` says it looks."""
    note = beside.notes.get(row.id, NO_NOTE)
    decided = beside.decisions.get(row.id, Decisions())
    bank = names.bank_accounts[row.bank_account_id]
    category = None if row.ledger_account_id is None else names.chart[row.ledger_account_id]
    suggested = None if row.suggested_ledger_account_id is None else names.chart[row.suggested_ledger_account_id]
    own = names.chart[bank.ledger_account_id]
    debit, credit = (own, category) if row.amount > 0 else (category, own)
    return {
        "id": str(row.id),
        "entityId": str(entity_id),
        "source": "bank",
        "timestamp": datetime.combine(row.dated, time(tzinfo=UTC)),
        "amount": float(abs(row.amount)),
        "amountDecimal": decimal_text(abs(row.amount), row.currency),
        "direction": "in" if row.amount > 0 else "out",
        "currency": row.currency,
        "description": note.description or row.description,
        "debitAccountId": None if debit is None else str(debit.id),
        "creditAccountId": None if credit is None else str(credit.id),
        "status": row.status.value,
        "isPending": row.is_pending,
        "needsReview": row.needs_review,
        "counterparty": row.counterparty,
        "confidence": row.confidence,
        "decidedBy": row.decided_by,
        "reason": row.reason,
        "suggestedCategory": None if suggested is None else {"id": str(suggested.id), "name": suggested.name},
        "splits": [_share(part, row, names) for part in decided.split],
        "excluded": _exclusion(decided),
        "note": note.note,
        "attachments": [attachment_row(one) for one in beside.attachments.get(row.id, ())],
        "metadata": _metadata(row),
        "date": row.dated.isoformat(),
        "transaction_date": row.dated.isoformat(),
        "accountType": None if category is None else category.type.value,
        "financialType": None if category is None else category.subtype,
        "category": None if category is None else category.name,
        "category_id": None if category is None else str(category.id),
        "debitAccount": account_row(debit, is_category=debit is not own),
        "creditAccount": account_row(credit, is_category=credit is not own),
        "plaid_account": {
            "id": str(bank.id),
            "name": bank.name,
            "type": bank.type,
            "subtype": bank.subtype,
            "mask": bank.mask or "",
            "institution_id": bank.institution_id,
        },
        "createdAt": instant_text(row.first_seen_at),
        "updatedAt": instant_text(row.updated_at),
    }


def _share(part: SplitPart, row: ListedTransaction, names: Names) -> dict[str, Any]:
    amount = part.amount if row.amount > 0 else -part.amount
    return {
        "categoryId": str(part.ledger_account_id),
        "category": names.chart[part.ledger_account_id].name,
        "amount": float(amount),
        "amountDecimal": decimal_text(amount, row.currency),
        "memo": part.memo,
    }


def _exclusion(decided: Decisions) -> dict[str, Any] | None:
    if decided.exclusion is None:
        return None
    return {
        "reason": decided.exclusion.reason,
        "excludedAt": instant_text(decided.exclusion.excluded_at),
        "decidedBy": "rule" if decided.exclusion.is_by_rule else "person",
    }


def _metadata(row: ListedTransaction) -> dict[str, Any]:
    return {
        "providerTransactionId": row.provider_transaction_id,
        "providerCategory": row.provider_category,
        "authorizedDate": None if row.authorized_on is None else row.authorized_on.isoformat(),
        "merchantName": row.merchant_name,
        "paymentChannel": row.payment_channel,
        "checkNumber": row.check_number,
        "transferPartnerId": None if row.transfer_partner_id is None else str(row.transfer_partner_id),
        "isBooked": row.journal_entry_id is not None,
        "bankDescription": row.description,
        "holdReason": row.hold_reason,
    }
