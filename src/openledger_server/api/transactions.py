"""Bank transactions with their categories: list them, choose a category, approve the one they have."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from openledger_server.access.types import parse_id
from openledger_server.api import transaction_rows as rows_of
from openledger_server.api.auth import Acting, EntityScope
from openledger_server.api.context import ApiContext, Context
from openledger_server.api.errors import failures
from openledger_server.api.wire import SnakeWire, Text, Wire, json_answer, json_of
from openledger_server.banking.store import UnknownBankTransactionError
from openledger_server.banking.types import BankAccountId, BankTransactionId
from openledger_server.base import db
from openledger_server.base.errors import InvalidError
from openledger_server.base.paging import checked_page_size
from openledger_server.bookkeeping.listing import ListStatus, parse_position
from openledger_server.categorization.decisions.types import SplitBrokenError
from openledger_server.ledger.manual.types import ManualEntryId, UnknownManualEntryError
from openledger_server.ledger.store import UnknownLedgerAccountError
from openledger_server.ledger.types import Actor, LedgerAccountId
from openledger_server.workflows import choose_category
from openledger_server.workflows import set_category as deciding
from openledger_server.workflows.manual_entries import Desk, approve_entry

router = APIRouter(prefix="/v1/transactions", tags=["Transactions"], responses=failures(400, 401, 404))

_APPROVED_AT_ONCE_MAX = 500
_APPROVE_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "oneOf": [
                        {"type": "string", "description": "One id."},
                        {"type": "array", "items": {"type": "string"}, "description": "Ids."},
                        {
                            "type": "array",
                            "items": {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}},
                        },
                        {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}},
                        {
                            "type": "object",
                            "required": ["transactionIds"],
                            "properties": {"transactionIds": {"type": "array", "items": {"type": "string"}}},
                        },
                    ]
                }
            }
        },
    }
}


class ApproveBodyError(InvalidError):
    """The body names no bank transactions in any of the five ways, or more than 500."""

    def __init__(self) -> None:
        super().__init__(
            'Send "id", ["id"], [{"id": ...}], {"id": ...} or {"transactionIds": [...]}, '
            f"with 1 to {_APPROVED_AT_ONCE_MAX} ids."
        )


class ListedAccount(Wire):
    """One of the two ledger accounts that a bank transaction moves."""

    id: str
    name: str
    type: str
    financial_type: str
    code: str
    sub_type_code: str
    is_category: bool


class TransactionBankAccount(SnakeWire):
    """The bank account that a transaction belongs to."""

    id: str
    name: str
    type: str
    subtype: str | None
    mask: str
    institution_id: str | None


class Suggestion(SnakeWire):
    """A category that is not sure enough to be booked unseen."""

    id: str
    name: str


class SplitShare(Wire):
    """What one category gets of a transaction; negative where it goes against the transaction's direction."""

    category_id: str
    category: str
    amount: float
    amount_decimal: str
    memo: str


class ExclusionNote(Wire):
    """Why a bank transaction is not in the books."""

    reason: str
    excluded_at: datetime
    decided_by: Literal["person", "rule"]


class AttachmentBody(Wire):
    """Where a document is and what it is like. The document itself stays with you."""

    id: str
    name: str
    url: str | None
    media_type: str
    size_bytes: int | None
    sha256: str | None = Field(description="In hexadecimal.")
    external_id: str | None
    added_at: datetime


class Transaction(Wire):
    """A bank transaction, or an entry that a person wrote, as a booking between two ledger accounts.

    Where an entry has several lines on one side, that side's account is null.
    """

    id: str
    entity_id: str
    source: Literal["bank", "manual"]
    timestamp: datetime
    amount: float = Field(description="Major units, never negative; `amountDecimal` is exact.")
    amount_decimal: str
    direction: Literal["in", "out"]
    currency: str
    description: str
    debit_account_id: str | None
    credit_account_id: str | None
    status: ListStatus
    is_pending: bool = Field(description="The bank may still change it; it is not in the books.")
    needs_review: bool
    counterparty: str | None
    confidence: float | None
    decided_by: str | None = Field(
        description="person, rule, memory, learner, transfer, provider, model, llm or fallback"
    )
    reason: str | None
    suggested_category: Suggestion | None
    splits: list[SplitShare] = Field(description="What each category gets, if a person or a rule split it; else empty.")
    excluded: ExclusionNote | None = Field(description="Set when a person or a rule leaves it out of the books.")
    note: str
    attachments: list[AttachmentBody]
    metadata: dict[str, Any]
    date: str
    transaction_date: str = Field(alias="transaction_date")
    account_type: str | None
    financial_type: str | None
    category: str | None
    category_id: str | None = Field(alias="category_id")
    debit_account: ListedAccount | None
    credit_account: ListedAccount | None
    plaid_account: TransactionBankAccount | None = Field(
        alias="plaid_account", description="null for what a person wrote."
    )
    created_at: datetime
    updated_at: datetime


class TransactionPage(Wire):
    """One page of bank transactions, newest first."""

    transactions: list[Transaction]
    next_cursor: str | None
    has_more: bool


class CategorizeRequest(Wire):
    """Which category a bank transaction gets."""

    transaction_id: Text
    category_id: Text
    always: bool = Field(default=False, description="Make a rule, so that this merchant's rows always go there.")
    apply_to_past: bool = Field(
        default=False, description="With `always`: apply the rule to earlier rows, as a run that can be undone."
    )


class CategorizedMetadata(Wire):
    """The category chosen."""

    category_id: str
    category_name: str


class CategorizedTransaction(Wire):
    """The bank transaction that was categorised."""

    id: str
    metadata: CategorizedMetadata
    updated_at: datetime


class CategorizeAnswer(Wire):
    """What was done."""

    message: str
    transaction: CategorizedTransaction
    rule_id: str | None = Field(description="With `always`: the rule that was made, or found.")
    run_id: str | None = Field(description="With `applyToPast`: the run that changed earlier rows; undo it by this id.")
    changed_before: int = Field(description="With `applyToPast`: how many earlier rows the run changed.")
    waiting_like_this: int = Field(description="Rows of the same merchant that still wait for a person.")


class ApprovedTransaction(Wire):
    """A bank transaction after its approval."""

    id: str
    amount: float
    amount_decimal: str
    description: str
    status: ListStatus


class ApprovalResult(Wire):
    """What became of one id."""

    id: str
    success: bool
    transaction: ApprovedTransaction | None
    error: str | None


class ApproveAnswer(Wire):
    """What became of each id."""

    success: bool = Field(description="Whether all of them were approved.")
    total_processed: int
    results: list[ApprovalResult]


@router.get("", summary="List transactions", response_model=TransactionPage)
async def get_transactions(
    context: Context,
    entity_id: EntityScope,
    cursor: Annotated[str | None, Query(description="`nextCursor` of the page before.")] = None,
    page_size: Annotated[int | None, Query(alias="pageSize", description="1 to 100; 50 if left out.")] = None,
    status: Annotated[ListStatus | None, Query(description="Only these.")] = None,
    bank_account_id: Annotated[str | None, Query(alias="bankAccountId", description="Only this account's.")] = None,
) -> Response:
    """Return one page of bank transactions and of entries that people wrote, newest first.

    `PENDING`: not settled at the bank, to be reviewed, or a draft. `POSTED`: booked.
    """
    size, after = checked_page_size(page_size), None if cursor is None else parse_position(cursor)
    wanted = rows_of.Wanted(
        limit=size + 1,
        after=after,
        status=status,
        bank_account_id=None if bank_account_id is None else BankAccountId(parse_id(bank_account_id) or 0),
    )
    async with db.read_entity(context.services.pool, entity_id=entity_id) as conn:
        found = await rows_of.newest(conn, wanted, entity_id=entity_id)
    page, has_more = found[:size], len(found) > size
    return json_answer(
        {
            "transactions": [row.content for row in page],
            "nextCursor": page[-1].position.cursor() if has_more else None,
            "hasMore": has_more,
        }
    )


@router.post("/categorize", summary="Choose a bank transaction's category")
async def categorize_transaction(
    body: CategorizeRequest, context: Context, entity_id: EntityScope, by: Acting
) -> CategorizeAnswer:
    """Book it to this ledger account and remember the choice for the merchant. Doing so again changes nothing."""
    done = await choose_category.choose_category(
        context.services,
        entity_id=entity_id,
        bank_transaction_id=_bank_transaction_id(body.transaction_id),
        ledger_account_id=_ledger_account_id(body.category_id),
        always=body.always,
        apply_to_past=body.apply_to_past,
        by=by,
    )
    account = done.account
    return CategorizeAnswer(
        rule_id=None if done.rule_id is None else str(done.rule_id),
        run_id=None if done.run is None else str(done.run.id),
        changed_before=0 if done.run is None else done.run.changed,
        waiting_like_this=done.waiting_like_this,
        message=f"Categorized as {account.name}.",
        transaction=CategorizedTransaction(
            id=body.transaction_id,
            metadata=CategorizedMetadata(category_id=str(account.id), category_name=account.name),
            updated_at=context.services.now(),
        ),
    )


@router.put("/approve", summary="Approve categories", openapi_extra=_APPROVE_BODY)
async def approve_transactions(request: Request, context: Context, entity_id: EntityScope, by: Acting) -> ApproveAnswer:
    """Confirm the category that each has, or the one suggested. Approving again changes nothing."""
    ids = _ids_to_approve(json_of(await request.body()))
    failed: dict[str, str] = {}
    for text in ids:
        try:
            await _approve(context, entity_id, _bank_transaction_id(text), by)
        except (UnknownBankTransactionError, UnknownManualEntryError, SplitBrokenError) as exc:
            failed[text] = exc.message
    if len(failed) == len(ids):
        raise UnknownBankTransactionError("There is no such transaction.")
    approved = await _by_id(context, entity_id, [text for text in ids if text not in failed])
    return ApproveAnswer(
        success=not failed,
        total_processed=len(ids),
        results=[_result(text, approved.get(text), failed.get(text)) for text in ids],
    )


def _ids_to_approve(body: Any) -> list[str]:
    """Return the ids that any of the five forms names, each once, in order."""
    if isinstance(body, dict):
        body = body["transactionIds"] if "transactionIds" in body else body.get("id")
    entries = body if isinstance(body, list) else [body]
    ids = [entry.get("id") if isinstance(entry, dict) else entry for entry in entries]
    known = [text for text in ids if isinstance(text, str) and text]
    if len(known) != len(ids) or not 1 <= len(ids) <= _APPROVED_AT_ONCE_MAX:
        raise ApproveBodyError
    return list(dict.fromkeys(known))


def _bank_transaction_id(text: str) -> BankTransactionId:
    number = parse_id(text)
    if number is None:
        raise UnknownBankTransactionError("There is no such transaction.")
    return BankTransactionId(number)


def _ledger_account_id(text: str) -> LedgerAccountId:
    number = parse_id(text)
    if number is None:
        raise UnknownLedgerAccountError("There is no such category in this entity's chart of accounts.")
    return LedgerAccountId(number)


async def _approve(context: ApiContext, entity_id: int, number: BankTransactionId, by: Actor) -> None:
    """Approve a bank transaction, or else post the draft of that id."""
    try:
        await deciding.approve(context.services, entity_id=entity_id, bank_transaction_id=number, by=by)
    except UnknownBankTransactionError:
        await approve_entry(
            context.services, desk=Desk(entity_id=entity_id, by=by), manual_entry_id=ManualEntryId(number)
        )


async def _by_id(context: ApiContext, entity_id: int, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    wanted = rows_of.Wanted(limit=len(ids), ids=[_bank_transaction_id(text) for text in ids])
    async with db.read_entity(context.services.pool, entity_id=entity_id) as conn:
        found = await rows_of.newest(conn, wanted, entity_id=entity_id)
    return {row.content["id"]: row.content for row in found}


def _result(text: str, row: dict[str, Any] | None, error: str | None) -> ApprovalResult:
    transaction = None
    if row is not None:
        transaction = ApprovedTransaction(
            id=text,
            amount=row["amount"],
            amount_decimal=row["amountDecimal"],
            description=row["description"],
            status=row["status"],
        )
    return ApprovalResult(id=text, success=error is None, transaction=transaction, error=error)
