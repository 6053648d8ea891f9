"""Writing beside a transaction: notes, other words, and where its documents are."""

from dataclasses import replace

from openledger_server.banking.types import BankTransactionId
from openledger_server.base.db import ReadConnection
from openledger_server.bookkeeping import store as bookkeeping
from openledger_server.bookkeeping.annotations import store
from openledger_server.bookkeeping.annotations.types import (
    ATTACHMENTS_MAX,
    NO_NOTE,
    Attachment,
    AttachmentId,
    Note,
    TooManyAttachmentsError,
    UnknownAttachmentError,
)
from openledger_server.ledger.manual import store as manual
from openledger_server.ledger.manual.types import ManualEntryId
from openledger_server.workflows.manual_entries import Desk, change_entry, open_books
from openledger_server.workflows.services import Services


async def annotate(
    services: Services,
    *,
    desk: Desk,
    transaction_id: BankTransactionId,
    description: str | None = None,
    note: str | None = None,
) -> None:
    """Change the note or the words of a transaction; None leaves them. "" gives a bank transaction the bank's words.

    Raises:
        UnknownManualEntryError: if the entity has no transaction of that id.
    """
    async with open_books(services, desk) as conn:
        is_banks = await _is_from_bank(conn, transaction_id, entity_id=desk.entity_id)
        if is_banks:
            before = (await store.notes(conn, [transaction_id], entity_id=desk.entity_id)).get(transaction_id, NO_NOTE)
            after = Note(
                description=before.description if description is None else description or None,
                note=before.note if note is None else note,
            )
            if after != before:
                await store.store_note(
                    conn,
                    after,
                    entity_id=desk.entity_id,
                    bank_transaction_id=transaction_id,
                    now=services.now(),
                )
            return
        entry = await manual.manual_entry(conn, entity_id=desk.entity_id, manual_entry_id=ManualEntryId(transaction_id))
    content = replace(
        entry.content,
        description=entry.content.description if description is None else description,
        note=entry.content.note if note is None else note,
    )
    await change_entry(services, content, desk=desk, manual_entry_id=entry.id)


async def attach(services: Services, attachment: Attachment, *, desk: Desk) -> Attachment:
    """Keep where a document of a transaction is, and return it; the same one again is kept once.

    Raises:
        UnknownManualEntryError: if the entity has no transaction of that id.
        TooManyAttachmentsError: if the transaction has 50 already.
    """
    owner = attachment.transaction_id
    async with open_books(services, desk) as conn:
        is_banks = await _is_from_bank(conn, BankTransactionId(owner), entity_id=desk.entity_id)
        if not is_banks:
            await manual.manual_entry(conn, entity_id=desk.entity_id, manual_entry_id=ManualEntryId(owner))
        known = (await store.attachments(conn, [owner], entity_id=desk.entity_id)).get(owner, [])
        for one in known:
            if one.says_the_same(attachment):
                return one
        if len(known) >= ATTACHMENTS_MAX:
            raise TooManyAttachmentsError
        await store.add_attachment(conn, attachment, entity_id=desk.entity_id, is_manual_entry=not is_banks)
    return attachment


async def detach(services: Services, *, desk: Desk, transaction_id: int, attachment_id: AttachmentId) -> None:
    """Forget where a document of a transaction is.

    Raises:
        UnknownAttachmentError: if the transaction has none of that id.
    """
    async with open_books(services, desk) as conn:
        is_gone = await store.remove_attachment(
            conn, entity_id=desk.entity_id, transaction_id=transaction_id, attachment_id=attachment_id
        )
        if not is_gone:
            raise UnknownAttachmentError


async def _is_from_bank(conn: ReadConnection, transaction_id: BankTransactionId, *, entity_id: int) -> bool:
    found = await bookkeeping.listed_transactions(conn, entity_id=entity_id, limit=1, ids=[transaction_id])
    return bool(found)
