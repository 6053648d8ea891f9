"""Rows of the list of bank transactions, as plain objects: lists are long, so they are not made as models."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any

from openledger_server.api.wire import decimal_text, instant_text
from openledger_server.banking import store as banking
from openledger_server.banking.rows import BankAccountRow
from openledger_server.base import db
from openledger_server.bookkeeping.listing import ListedTransaction
from openledger_server.ledger import store as ledger
from openledger_server.ledger.types import LedgerAccount


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


def listed(row: ListedTransaction, names: Names, entity_id: int) -> dict[str, Any]:
    """Return a row as `Transaction` says it looks."""
    bank = names.bank_accounts[row.bank_account_id]
    category = None if row.ledger_account_id is None else names.chart[row.ledger_account_id]
    suggested = None if row.suggested_ledger_account_id is None else names.chart[row.suggested_ledger_account_id]
    own = names.chart[bank.ledger_account_id]
    debit, credit = (own, category) if row.amount > 0 else (category, own)
    return {
        "id": str(row.id),
        "entityId": str(entity_id),
        "timestamp": datetime.combine(row.dated, time(tzinfo=UTC)),
        "amount": float(abs(row.amount)),
        "amountDecimal": decimal_text(abs(row.amount), row.currency),
        "direction": "in" if row.amount > 0 else "out",
        "currency": row.currency,
        "description": row.description,
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
        "metadata": _metadata(row),
        "date": row.dated.isoformat(),
        "transaction_date": row.dated.isoformat(),
        "accountType": None if category is None else category.type.value,
        "financialType": None if category is None else category.subtype,
        "category": None if category is None else category.name,
        "category_id": None if category is None else str(category.id),
        "debitAccount": _account(debit, is_own=debit is own),
        "creditAccount": _account(credit, is_own=credit is own),
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
        "holdReason": row.hold_reason,
    }


def _account(account: LedgerAccount | None, *, is_own: bool) -> dict[str, Any] | None:
    if account is None:
        return None
    return {
        "id": str(account.id),
        "name": account.name,
        "type": account.type.value,
        "financialType": account.subtype,
        "code": str(account.code),
        "subTypeCode": "",
        "isCategory": not is_own,
    }
