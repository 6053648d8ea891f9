"""Entries that people wrote as rows of the list of transactions: two accounts seen in any number of lines."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time
from decimal import Decimal
from typing import Any

from openledger_server.api.wire import decimal_text, instant_text
from openledger_server.base.money import major_units
from openledger_server.bookkeeping.annotations.types import Attachment
from openledger_server.ledger.manual.types import EntryState, Line, ManualEntry
from openledger_server.ledger.types import LedgerAccount, LedgerAccountType

_INCOME_TYPES = frozenset({LedgerAccountType.REVENUE, LedgerAccountType.EXPENSE})
_COUNTERPARTY = "counterpartyName"


def listed_manual(
    entry: ManualEntry,
    chart: Mapping[int, LedgerAccount],
    entity_id: int,
    attachments: Sequence[Attachment] = (),
) -> dict[str, Any]:
    """Return an entry as `Transaction` says it looks."""
    content = entry.content
    currency = content.lines[0].posting.currency
    debits = [line for line in content.lines if line.posting.amount_minor > 0]
    credits_ = [line for line in content.lines if line.posting.amount_minor < 0]
    amount = _total(debits, currency)
    debit, credit = _only(debits, chart), _only(credits_, chart)
    chosen = _category_line(content.lines, chart)
    category = None if chosen is None else chart[chosen.posting.ledger_account_id]
    counterparty = content.metadata.get(_COUNTERPARTY)
    return {
        "id": str(entry.id),
        "entityId": str(entity_id),
        "source": "manual",
        "timestamp": datetime.combine(content.dated, time(tzinfo=UTC)),
        "amount": float(amount),
        "amountDecimal": decimal_text(amount, currency),
        "direction": "in" if chosen is not None and chosen.posting.amount_minor < 0 else "out",
        "currency": currency,
        "description": content.description,
        "debitAccountId": None if debit is None else str(debit.id),
        "creditAccountId": None if credit is None else str(credit.id),
        "status": "POSTED" if entry.state is EntryState.POSTED else "PENDING",
        "isPending": False,
        "needsReview": entry.state is EntryState.DRAFT,
        "counterparty": counterparty if isinstance(counterparty, str) else None,
        "confidence": 1.0,
        "decidedBy": "person",
        "reason": "Entered by hand." if entry.recurring_entry_id is None else "Made by a schedule.",
        "suggestedCategory": None,
        "splits": [],
        "excluded": None,
        "note": content.note,
        "attachments": [attachment_row(one) for one in attachments],
        "metadata": {**content.metadata, **_metadata(entry)},
        "date": content.dated.isoformat(),
        "transaction_date": content.dated.isoformat(),
        "accountType": None if category is None else category.type.value,
        "financialType": None if category is None else category.subtype,
        "category": None if category is None else category.name,
        "category_id": None if category is None else str(category.id),
        "debitAccount": account_row(debit, is_category=debit is category),
        "creditAccount": account_row(credit, is_category=credit is category),
        "plaid_account": None,
        "createdAt": instant_text(entry.created_at),
        "updatedAt": instant_text(entry.updated_at),
    }


def attachment_row(attachment: Attachment) -> dict[str, Any]:
    """Return an attachment as `AttachmentBody` says it looks."""
    return {
        "id": str(attachment.id),
        "name": attachment.name,
        "url": attachment.url,
        "mediaType": attachment.media_type,
        "sizeBytes": attachment.size_bytes,
        "sha256": None if attachment.sha256 is None else attachment.sha256.hex(),
        "externalId": attachment.external_id,
        "addedAt": instant_text(attachment.added_at),
    }


def account_row(account: LedgerAccount | None, *, is_category: bool) -> dict[str, Any] | None:
    """Return a ledger account as `ListedAccount` says it looks."""
    if account is None:
        return None
    return {
        "id": str(account.id),
        "name": account.name,
        "type": account.type.value,
        "financialType": account.subtype,
        "code": str(account.code),
        "subTypeCode": "",
        "isCategory": is_category,
    }


def _total(lines: Sequence[Line], currency: str) -> Decimal:
    """Return what these lines of one currency add up to, in major units."""
    units = sum(line.posting.amount_minor for line in lines if line.posting.currency == currency)
    return major_units(units, currency)


def _only(lines: Sequence[Line], chart: Mapping[int, LedgerAccount]) -> LedgerAccount | None:
    return chart[lines[0].posting.ledger_account_id] if len(lines) == 1 else None


def _category_line(lines: Sequence[Line], chart: Mapping[int, LedgerAccount]) -> Line | None:
    """Return the line that says what the money was for: the only one of income or expense, else what is debited."""
    income = [line for line in lines if chart[line.posting.ledger_account_id].type in _INCOME_TYPES]
    if income:
        return income[0] if len(income) == 1 else None
    debits = [line for line in lines if line.posting.amount_minor > 0]
    return debits[0] if len(debits) == 1 else None


def _metadata(entry: ManualEntry) -> dict[str, Any]:
    return {
        "externalId": entry.content.external_id,
        "journalEntryId": None if entry.journal_entry_id is None else str(entry.journal_entry_id),
        "recurringEntryId": None if entry.recurring_entry_id is None else str(entry.recurring_entry_id),
        "isBooked": entry.journal_entry_id is not None,
    }
