"""Leaving a bank transaction out of the books, and taking it back in."""

from collections.abc import Sequence

from openledger_server.banking.store import UnknownBankTransactionError
from openledger_server.banking.types import BankTransactionId
from openledger_server.bookkeeping.post import post_bank_transactions
from openledger_server.categorization import store as categorization
from openledger_server.categorization.decisions import store as decisions
from openledger_server.workflows.book_for_person import book_for_person
from openledger_server.workflows.judge_transactions import judge_transactions
from openledger_server.workflows.manual_entries import Desk, open_books
from openledger_server.workflows.services import Services


async def exclude(
    services: Services, *, desk: Desk, bank_transaction_ids: Sequence[BankTransactionId], reason: str
) -> None:
    """Leave bank transactions out of the books, all or none: entries are reversed, rows stay visible and ask nobody.

    If one was a side of a transfer, the other side is looked at again. Doing so again replaces the reason only.

    Raises:
        UnknownBankTransactionError: if the entity has not all of them.
        PeriodClosedError: if the day of one is closed.
    """
    now, entity_id = services.now(), desk.entity_id
    async with open_books(services, desk) as conn:
        for number in bank_transaction_ids:
            if await categorization.judgement_of(conn, entity_id=entity_id, bank_transaction_id=number) is None:
                raise UnknownBankTransactionError("There is no such transaction.")
        freed = await categorization.dissolve_pairs(conn, bank_transaction_ids, entity_id=entity_id)
        await categorization.ask_again(conn, freed, entity_id=entity_id)
        await decisions.exclude(conn, bank_transaction_ids, reason, entity_id=entity_id, now=now)
        await book_for_person(conn, bank_transaction_ids, entity_id=entity_id, now=now, by=desk.by)


async def include(services: Services, *, desk: Desk, bank_transaction_id: BankTransactionId) -> None:
    """Take a bank transaction back into the books: as a person decided, else judged anew. Again changes nothing.

    If a rule left it out, no rule will do so again.

    Raises:
        UnknownBankTransactionError: if the entity has none of that id.
        PeriodClosedError: if its day is closed.
    """
    now, entity_id = services.now(), desk.entity_id
    async with open_books(services, desk) as conn:
        found = await categorization.judgement_of(conn, entity_id=entity_id, bank_transaction_id=bank_transaction_id)
        if found is None:
            raise UnknownBankTransactionError("There is no such transaction.")
        if await decisions.include(conn, entity_id=entity_id, bank_transaction_id=bank_transaction_id, now=now):
            others = await judge_transactions(conn, [bank_transaction_id], entity_id=entity_id, now=now)
            touched = [bank_transaction_id, *others]
            await post_bank_transactions(conn, touched, entity_id=entity_id, now=now, by=desk.by)
