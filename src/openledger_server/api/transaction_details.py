"""One transaction: read it, split it, leave it out of the books, write beside it, say where its documents are."""

from decimal import Decimal
from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Response
from pydantic import AfterValidator, Field, StringConstraints

from openledger_server.access.types import parse_id
from openledger_server.api import entry_bodies as bodies
from openledger_server.api import transaction_rows as rows_of
from openledger_server.api.auth import Acting, EntityScope
from openledger_server.api.context import ApiContext, Context
from openledger_server.api.dry_run import DryRun
from openledger_server.api.errors import failures
from openledger_server.api.manual_rows import attachment_row
from openledger_server.api.transactions import AttachmentBody, Transaction
from openledger_server.api.wire import Name, Text, Wire, json_answer, storable
from openledger_server.banking.store import UnknownBankTransactionError
from openledger_server.banking.types import BankTransactionId
from openledger_server.base import db
from openledger_server.base.ids import new_id
from openledger_server.bookkeeping.annotations.types import Attachment, AttachmentId, UnknownAttachmentError
from openledger_server.categorization.decisions.types import PARTS_MAX, PARTS_MIN
from openledger_server.categorization.types import SplitPart
from openledger_server.workflows import annotate as writing
from openledger_server.workflows.exclude_transaction import exclude, include
from openledger_server.workflows.manual_entries import Desk
from openledger_server.workflows.split_transaction import split

router = APIRouter(prefix="/v1/transactions", tags=["Transactions"], responses=failures(400, 401, 404, 409))

_URL_LENGTH_MAX = 2000
_SIZE_MAX = 2**53
_AT_ONCE_MAX = 500


class PartBody(Wire):
    """What one category gets."""

    category_id: bodies.AccountRef
    amount: bodies.Amount = Field(description="Major units; negative: against the transaction's direction.")
    memo: bodies.Description = ""


class SplitRequest(Wire):
    """The parts of a split, which add up to the transaction's amount exactly."""

    parts: Annotated[list[PartBody], Field(min_length=PARTS_MIN, max_length=PARTS_MAX)]


Reason = Annotated[
    str, StringConstraints(min_length=1, max_length=1000, strip_whitespace=True), AfterValidator(storable)
]


class ExclusionRequest(Wire):
    """Why a bank transaction is to be left out of the books."""

    reason: Reason


class ExclusionsRequest(Wire):
    """Which bank transactions are to be left out, and why."""

    transaction_ids: Annotated[list[Text], Field(min_length=1, max_length=_AT_ONCE_MAX)]
    reason: Reason


class ExclusionsAnswer(Wire):
    """Which were left out; all or none of those named."""

    excluded: list[str]
    dry_run: bool


class NoteRequest(Wire):
    """What is written beside a transaction; what is left out stays."""

    description: bodies.Description | None = Field(
        default=None, description="Shown instead of the bank's words; \"\" shows the bank's again."
    )
    note: bodies.Note | None = None


def _web_address(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname or not text.isprintable():
        raise ValueError("not an http or https address")
    return text


class AttachmentRequest(Wire):
    """Where a document is and what it is like."""

    name: Name
    url: Annotated[str, StringConstraints(max_length=_URL_LENGTH_MAX), AfterValidator(_web_address)] | None = None
    media_type: Text = ""
    size_bytes: Annotated[int, Field(ge=0, le=_SIZE_MAX)] | None = None
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-fA-F]{64}$")] | None = None
    external_id: bodies.ExternalId | None = Field(default=None, description="Your own id for it: kept once.")


class DetachAnswer(Wire):
    """What was done, in a sentence."""

    message: str


@router.post("/exclude", summary="Leave several bank transactions out of the books")
async def exclude_transactions(
    body: ExclusionsRequest, context: Context, by: Acting, entity_id: EntityScope, dry_run: DryRun
) -> ExclusionsAnswer:
    """Leave these out of the books for one reason, all or none. Doing so again changes nothing."""
    ids = list(dict.fromkeys(_number(text) for text in body.transaction_ids))
    desk = Desk(entity_id=entity_id, by=by, is_rehearsal=dry_run)
    await exclude(context.services, desk=desk, bank_transaction_ids=ids, reason=body.reason)
    return ExclusionsAnswer(excluded=[str(number) for number in ids], dry_run=dry_run)


@router.get("/{transaction_id}", summary="Read one transaction", response_model=Transaction)
async def get_transaction(transaction_id: str, context: Context, entity_id: EntityScope) -> Response:
    """Return one transaction as lists show it."""
    return json_answer(await _row(context, entity_id, _number(transaction_id)))


@router.put("/{transaction_id}/split", summary="Split a bank transaction", response_model=Transaction)
async def split_transaction(
    transaction_id: str, body: SplitRequest, context: Context, by: Acting, entity_id: EntityScope, dry_run: DryRun
) -> Response:
    """Book a bank transaction to several categories. The same split again changes nothing; one category ends it."""
    number = _number(transaction_id)
    row = await _row(context, entity_id, number)
    if row["source"] != "bank":
        raise UnknownBankTransactionError("There is no such bank transaction.")
    sign = 1 if row["direction"] == "in" else -1
    parts = [
        SplitPart(bodies.ledger_account_id(part.category_id), _signed(part.amount, sign), part.memo)
        for part in body.parts
    ]
    desk = Desk(entity_id=entity_id, by=by, is_rehearsal=dry_run)
    await split(context.services, parts, desk=desk, bank_transaction_id=number)
    return json_answer(await _row(context, entity_id, number))


@router.put("/{transaction_id}/exclusion", summary="Leave it out of the books", response_model=Transaction)
async def exclude_transaction(
    transaction_id: str, body: ExclusionRequest, context: Context, by: Acting, entity_id: EntityScope
) -> Response:
    """Leave a bank transaction out of the books: its entry is reversed, the row stays in the list."""
    number, desk = _number(transaction_id), Desk(entity_id=entity_id, by=by)
    await exclude(context.services, desk=desk, bank_transaction_ids=[number], reason=body.reason)
    return json_answer(await _row(context, entity_id, number))


@router.delete("/{transaction_id}/exclusion", summary="Take it back into the books", response_model=Transaction)
async def include_transaction(transaction_id: str, context: Context, by: Acting, entity_id: EntityScope) -> Response:
    """Book a bank transaction that was left out. Doing so again changes nothing."""
    number, desk = _number(transaction_id), Desk(entity_id=entity_id, by=by)
    await include(context.services, desk=desk, bank_transaction_id=number)
    return json_answer(await _row(context, entity_id, number))


@router.put("/{transaction_id}/note", summary="Write beside a transaction", response_model=Transaction)
async def annotate_transaction(
    transaction_id: str, body: NoteRequest, context: Context, by: Acting, entity_id: EntityScope
) -> Response:
    """Change the note, or the words a transaction is shown with. What the bank said is kept."""
    number, desk = _number(transaction_id), Desk(entity_id=entity_id, by=by)
    await writing.annotate(
        context.services, desk=desk, transaction_id=number, description=body.description, note=body.note
    )
    return json_answer(await _row(context, entity_id, number))


@router.post("/{transaction_id}/attachments", summary="Attach a document", response_model=AttachmentBody)
async def attach_document(
    transaction_id: str, body: AttachmentRequest, context: Context, by: Acting, entity_id: EntityScope
) -> Response:
    """Keep where a document of a transaction is. The same one again is kept once."""
    attachment = Attachment(
        id=AttachmentId(new_id()),
        transaction_id=_number(transaction_id),
        name=body.name,
        url=body.url,
        media_type=body.media_type,
        size_bytes=body.size_bytes,
        sha256=None if body.sha256 is None else bytes.fromhex(body.sha256),
        external_id=body.external_id,
        added_at=context.services.now(),
    )
    kept = await writing.attach(context.services, attachment, desk=Desk(entity_id=entity_id, by=by))
    return json_answer(attachment_row(kept))


@router.delete("/{transaction_id}/attachments/{attachment_id}", summary="Forget a document")
async def detach_document(
    transaction_id: str, attachment_id: str, context: Context, by: Acting, entity_id: EntityScope
) -> DetachAnswer:
    """Forget where a document is; the document itself is not touched."""
    number = parse_id(attachment_id)
    if number is None:
        raise UnknownAttachmentError
    await writing.detach(
        context.services,
        desk=Desk(entity_id=entity_id, by=by),
        transaction_id=_number(transaction_id),
        attachment_id=AttachmentId(number),
    )
    return DetachAnswer(message="The attachment is forgotten.")


def _signed(amount: Decimal, sign: int) -> Decimal:
    return amount if sign > 0 else -amount


def _number(text: str) -> BankTransactionId:
    number = parse_id(text)
    if number is None:
        raise UnknownBankTransactionError("There is no such transaction.")
    return BankTransactionId(number)


async def _row(context: ApiContext, entity_id: int, number: BankTransactionId) -> dict[str, Any]:
    async with db.read_entity(context.services.pool, entity_id=entity_id) as conn:
        return await rows_of.one(conn, number, entity_id=entity_id)
