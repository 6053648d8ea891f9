"""Writing, changing and taking back transactions in the two-account shape of the published clients."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from openledger_server.access import store as access
from openledger_server.access.types import Claims, parse_id
from openledger_server.api import entry_bodies as bodies
from openledger_server.api import transaction_rows as rows_of
from openledger_server.api.auth import Acting, Caller, EntityScope, NamedEntity, allowed_entity, subject_of
from openledger_server.api.context import ApiContext, Context
from openledger_server.api.errors import failures
from openledger_server.api.idempotency import IdempotencyKey
from openledger_server.api.journal_entries import base_currency
from openledger_server.api.manual_rows import listed_manual
from openledger_server.api.transactions import Transaction
from openledger_server.api.wire import AnyCase, CurrencyCode, SnakeWire, Text, Wire, json_answer
from openledger_server.banking.store import UnknownBankTransactionError
from openledger_server.banking.types import BankTransactionId
from openledger_server.base import db
from openledger_server.ledger.manual.types import EntryContent
from openledger_server.workflows import edit_transaction as editing
from openledger_server.workflows import manual_entries as writing
from openledger_server.workflows.edit_transaction import Edit

router = APIRouter(prefix="/v1/transactions", tags=["Transactions"], responses=failures(400, 401, 404, 409))


class NewStatus(StrEnum):
    """How a new transaction begins."""

    PENDING = "PENDING"
    """A draft: in the books once it is approved."""
    CLEARED = "CLEARED"
    POSTED = "POSTED"


class NewTransaction(Wire):
    """An entry between two ledger accounts."""

    amount: bodies.Amount = Field(description="Major units; a negative amount turns the two accounts round.")
    debit_account_id: bodies.AccountRef
    credit_account_id: bodies.AccountRef
    date: str | None = Field(default=None, description="The day, or a date-time; today (UTC) if left out.")
    currency: CurrencyCode | None = Field(default=None, description="The entity's if left out.")
    description: bodies.Description = ""
    status: Annotated[NewStatus, AnyCase] | None = Field(default=None, description="PENDING makes a draft.")
    metadata: bodies.Metadata | None = None
    counterparty_name: Text | None = None
    note: bodies.Note = ""
    external_id: bodies.ExternalId | None = Field(
        default=None, description="Your own id for it: the same one again finds the transaction."
    )


class MadeTransaction(Wire):
    """A transaction just made; it has all properties of the list's rows, too."""

    id: str
    instance_id: None
    entity_id: str
    timestamp: datetime
    amount: float
    amount_decimal: str
    currency: str
    description: str
    debit_account_id: str
    credit_account_id: str
    status: str
    metadata: dict[str, Any]
    created_at: datetime
    updated_at: datetime


class NewTransactionAnswer(Wire):
    """The transaction, and whether this request made it."""

    transaction: MadeTransaction
    is_new: bool


class DeleteAnswer(Wire):
    """What was done, in a sentence."""

    message: str


@router.post("", summary="Write a transaction", response_model=NewTransactionAnswer)
async def create_transaction(
    body: NewTransaction, context: Context, claims: Caller, by: Acting, entity_id: EntityScope, key: IdempotencyKey
) -> Response:
    """Post an entry between two ledger accounts, or keep it as a draft with `status: "PENDING"`.

    The same `externalId` or `Idempotency-Key` again finds the transaction that is there; without either, the same
    request within five minutes is taken for a retry of the first.
    """
    currency = body.currency or await base_currency(context, entity_id)
    metadata = dict(body.metadata or {})
    if body.counterparty_name is not None:
        metadata["counterpartyName"] = body.counterparty_name
    content = EntryContent(
        dated=context.services.now().date() if body.date is None else bodies.day_of(body.date),
        description=body.description,
        lines=bodies.two_lines(
            amount=body.amount, currency=currency, debit=body.debit_account_id, credit=body.credit_account_id
        ),
        note=body.note,
        metadata=metadata,
        external_id=body.external_id,
    )
    is_draft = body.status is NewStatus.PENDING
    recorded = await writing.record_entry(
        context.services,
        content,
        writing.request_mark(subject=subject_of(claims), content=content, key=key, as_draft=is_draft),
        desk=writing.Desk(entity_id=entity_id, by=by),
        as_draft=is_draft,
    )
    async with db.read_entity(context.services.pool, entity_id=entity_id) as conn:
        known = await rows_of.names(conn, entity_id)
    made = listed_manual(recorded.entry, known.chart, entity_id)
    return json_answer({"transaction": {"instanceId": None, **made}, "isNew": recorded.is_new})


@router.delete("", summary="Take a transaction back")
async def delete_transaction(
    context: Context,
    by: Acting,
    entity_id: EntityScope,
    transaction_id: Annotated[str, Query(alias="transactionId")],
    reason: Annotated[Text, Query(description="Why, kept with it.")] = "",
) -> DeleteAnswer:
    """Reverse what a person wrote, leave out of the books what a bank sent. Both stay on record."""
    number = _number(transaction_id)
    message = await editing.take_out(
        context.services, desk=writing.Desk(entity_id=entity_id, by=by), transaction_id=number, reason=reason
    )
    return DeleteAnswer(message=message)


class EditRequest(SnakeWire):
    """What a transaction is to say instead; what is left out stays."""

    id: bodies.AccountRef
    debit_account_id: bodies.AccountRef | None = None
    credit_account_id: bodies.AccountRef | None = None
    description: bodies.Description | None = None


class EditAnswer(Wire):
    """The transaction after the edit."""

    id: str
    debit_account_id: str | None
    credit_account_id: str | None
    description: str
    transaction: Transaction


@router.post("/edit", summary="Change a transaction", response_model=EditAnswer)
async def edit_transaction(
    body: EditRequest, request: Request, context: Context, claims: Caller, by: Acting, named: NamedEntity
) -> Response:
    """Choose other accounts or another description. The entry that stands is reversed and made anew.

    Of a bank transaction only the account that is not the bank's own can be chosen. The entity is found by the id.
    """
    number = _number(body.id)
    entity_id = await _entity_of(request, context, claims, named, number)
    await editing.edit(
        context.services,
        Edit(
            debit=None if body.debit_account_id is None else bodies.ledger_account_id(body.debit_account_id),
            credit=None if body.credit_account_id is None else bodies.ledger_account_id(body.credit_account_id),
            description=body.description,
        ),
        desk=writing.Desk(entity_id=entity_id, by=by),
        transaction_id=number,
    )
    async with db.read_entity(context.services.pool, entity_id=entity_id) as conn:
        row = await rows_of.one(conn, number, entity_id=entity_id)
    return json_answer(
        {
            "id": row["id"],
            "debitAccountId": row["debitAccountId"],
            "creditAccountId": row["creditAccountId"],
            "description": row["description"],
            "transaction": row,
        }
    )


async def _entity_of(request: Request, context: ApiContext, claims: Claims, named: str | None, number: int) -> int:
    """Return whose transaction it is: the entity named, an entity token's own, or the developer's that has it."""
    if named is None and claims.entity_id is None:
        async with db.read_developer(context.services.pool, developer_id=claims.developer_id) as conn:
            found = await access.entities_of_transaction(conn, transaction_id=number)
        if not found:
            raise UnknownBankTransactionError("There is no such transaction.")
        named = str(found[0]) if len(found) == 1 else None
    return await allowed_entity(request, context, claims, named)


def _number(text: str) -> BankTransactionId:
    number = parse_id(text)
    if number is None:
        raise UnknownBankTransactionError("There is no such transaction.")
    return BankTransactionId(number)
