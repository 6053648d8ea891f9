"""Splitting a bank transaction over several ledger accounts."""

from collections.abc import Sequence

from openledger_server.banking import store as banking
from openledger_server.banking.store import UnknownBankTransactionError
from openledger_server.banking.types import BankTransactionId
from openledger_server.base.db import WriteConnection
from openledger_server.bookkeeping import store as bookkeeping
from openledger_server.bookkeeping.listing import ListedTransaction
from openledger_server.categorization import store as categorization
from openledger_server.categorization.decisions import store as decisions
from openledger_server.categorization.decisions.types import Decisions, ExcludedError, check_split
from openledger_server.categorization.types import DecidedBy, Judgement, SplitPart
from openledger_server.ledger import store as ledger
from openledger_server.workflows.book_for_person import book_for_person
from openledger_server.workflows.manual_entries import Desk, open_books
from openledger_server.workflows.services import Services
from openledger_server.workflows.set_category import BankFedCategoryError


async def split(
    services: Services, parts: Sequence[SplitPart], *, desk: Desk, bank_transaction_id: BankTransactionId
) -> None:
    """Book a bank transaction to several accounts, which together get exactly its amount.

    An entry already made is reversed and made anew. If the bank changes the amount later, the row goes to a person.
    The same split again changes nothing. Choosing one category ends it.

    Raises:
        UnknownBankTransactionError, UnknownLedgerAccountError: if the entity has none of that id.
        SplitSumError: if the parts are not the whole.
        BankFedCategoryError: if an account stands for a linked bank account.
        ExcludedError: if a person left the row out of the books.
        PeriodClosedError: if its day is closed.
    """
    now, entity_id = services.now(), desk.entity_id
    async with open_books(services, desk) as conn:
        row = await _row(conn, entity_id=entity_id, bank_transaction_id=bank_transaction_id)
        check_split(parts, amount=row.amount, currency=row.currency)
        await _check_accounts(conn, parts, entity_id=entity_id)
        known = await decisions.decisions(conn, [bank_transaction_id], entity_id=entity_id)
        before = known.get(bank_transaction_id, Decisions())
        if before.is_excluded_by_person:
            raise ExcludedError
        if before.split == tuple(parts) and before.is_split_by_person and not row.needs_review:
            return
        freed = await categorization.dissolve_pairs(conn, [bank_transaction_id], entity_id=entity_id)
        await categorization.ask_again(conn, freed, entity_id=entity_id)
        await decisions.replace_split(conn, parts, entity_id=entity_id, bank_transaction_id=bank_transaction_id)
        judged = await categorization.judgement_of(conn, entity_id=entity_id, bank_transaction_id=bank_transaction_id)
        assert judged is not None, "every live bank transaction is judged"
        await categorization.store_judgements(conn, [_judgement(judged, parts)], entity_id=entity_id, now=now)
        await decisions.follow_rules(conn, [bank_transaction_id], entity_id=entity_id)
        await book_for_person(conn, [bank_transaction_id], entity_id=entity_id, now=now, by=desk.by)


async def _row(conn: WriteConnection, *, entity_id: int, bank_transaction_id: BankTransactionId) -> ListedTransaction:
    found = await bookkeeping.listed_transactions(conn, entity_id=entity_id, limit=1, ids=[bank_transaction_id])
    if not found:
        raise UnknownBankTransactionError("There is no such transaction.")
    return found[0]


async def _check_accounts(conn: WriteConnection, parts: Sequence[SplitPart], *, entity_id: int) -> None:
    fed = {row.ledger_account_id for row in await banking.bank_accounts(conn, entity_id=entity_id)}
    for account_id in {part.ledger_account_id for part in parts}:
        account = await ledger.open_account(conn, entity_id=entity_id, ledger_account_id=account_id)
        if account.id in fed:
            raise BankFedCategoryError(
                "A part goes to an account that is fed by a bank. For money moved between your own accounts choose "
                "Transfers Clearing."
            )


def _judgement(before: Judgement, parts: Sequence[SplitPart]) -> Judgement:
    """Return the judgement of a split row: a person's; its account is the one with the largest part."""
    largest = max(parts, key=lambda part: abs(part.amount))
    return before._replace(
        ledger_account_id=largest.ledger_account_id,
        suggested_ledger_account_id=None,
        decided_by=DecidedBy.PERSON,
        reason=f"You split this over {len(parts)} categories.",
        confidence=1.0,
        needs_review=False,
        transfer_partner_id=None,
        rule_id=None,
        is_excluded=False,
        split=(),
    )
