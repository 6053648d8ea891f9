"""A person decides: choose a category for a bank transaction, or approve the one it has."""

from dataclasses import replace

from openledger_server.access import store as access
from openledger_server.banking import store as banking
from openledger_server.banking.store import UnknownBankTransactionError
from openledger_server.banking.types import BankTransactionId
from openledger_server.base import db
from openledger_server.base.errors import InvalidError
from openledger_server.categorization import store as categorization
from openledger_server.categorization.decisions import store as decisions
from openledger_server.categorization.decisions.types import Decisions, SplitBrokenError
from openledger_server.categorization.types import DecidedBy, Judgement
from openledger_server.ledger import store as ledger
from openledger_server.ledger.types import MACHINE, Actor, LedgerAccount, LedgerAccountId
from openledger_server.workflows.book_for_person import book_for_person
from openledger_server.workflows.services import Services


class BankFedCategoryError(InvalidError):
    """A bank account's own ledger account cannot be a category: the bank's rows would be in it twice."""

    code = "CATEGORY_IS_BANK_ACCOUNT"


async def set_category(
    services: Services,
    *,
    entity_id: int,
    bank_transaction_id: BankTransactionId,
    ledger_account_id: LedgerAccountId,
    by: Actor = MACHINE,
) -> LedgerAccount:
    """Book a bank transaction to the account a person chose, remember it for the merchant, return the account.

    `by` is the person, for the journal.

    An entry already made is reversed and made anew. If the row was paired as a transfer, its other side is freed and
    goes to review. A choice that the person has made already changes nothing, however often it is sent.

    Raises:
        UnknownBankTransactionError, UnknownLedgerAccountError: if the entity has none of that id.
        BankFedCategoryError: if the account stands for a linked bank account.
        ArchivedAccountError: if the account takes no more postings.
        PeriodClosedError: if it is booked in a closed period.
    """
    now = services.now()
    async with db.write_entity(services.pool, entity_id=entity_id) as conn:
        await access.hold_books(conn, entity_id=entity_id)
        account = await ledger.ledger_account(conn, entity_id=entity_id, ledger_account_id=ledger_account_id)
        before = await _judgement(conn, entity_id=entity_id, bank_transaction_id=bank_transaction_id)
        known = await decisions.decisions(conn, [bank_transaction_id], entity_id=entity_id)
        is_split = bool(known.get(bank_transaction_id, Decisions()).split)
        is_decided = before.decided_by == DecidedBy.PERSON and before.ledger_account_id == account.id
        if is_decided and not before.needs_review and not is_split:
            return account
        ledger.check_open(account)
        if any(row.ledger_account_id == account.id for row in await banking.bank_accounts(conn, entity_id=entity_id)):
            raise BankFedCategoryError(
                "That account is fed by a bank. For money moved between your own accounts choose Transfers Clearing."
            )
        freed = await categorization.dissolve_pairs(conn, [bank_transaction_id], entity_id=entity_id)
        await categorization.ask_again(conn, freed, entity_id=entity_id)
        if is_split:
            await decisions.replace_split(conn, [], entity_id=entity_id, bank_transaction_id=bank_transaction_id)
        decided = _decided(before, account=account)
        await categorization.store_judgements(conn, [decided], entity_id=entity_id, now=now)
        # Nothing is learned from a row that was only parked: uncategorized or clearing.
        if before.merchant_key is not None and account.system_role is None:
            await categorization.remember(
                conn, entity_id=entity_id, merchant_key=before.merchant_key, ledger_account_id=account.id, now=now
            )
        await book_for_person(conn, [bank_transaction_id], entity_id=entity_id, now=now, by=by)
    return account


async def approve(
    services: Services, *, entity_id: int, bank_transaction_id: BankTransactionId, by: Actor = MACHINE
) -> Judgement:
    """Confirm the category a bank transaction has, or its suggestion if there is one; returns the new judgement.

    What is split or left out of the books was decided by a person and stays as it is.

    Raises:
        UnknownBankTransactionError: if the entity has none of that id.
        SplitBrokenError: if the bank changed the amount after a person split it.
    """
    async with db.read_entity(services.pool, entity_id=entity_id) as conn:
        before = await _judgement(conn, entity_id=entity_id, bank_transaction_id=bank_transaction_id)
        decided = (await decisions.decisions(conn, [bank_transaction_id], entity_id=entity_id)).get(bank_transaction_id)
    if before.transfer_partner_id is not None:
        return before
    if decided is not None and decided.split and before.needs_review:
        raise SplitBrokenError
    if decided is not None and (decided.split or decided.exclusion):
        return before
    chosen = before.suggested_ledger_account_id or before.ledger_account_id
    account = await set_category(
        services, entity_id=entity_id, bank_transaction_id=bank_transaction_id, ledger_account_id=chosen, by=by
    )
    return _decided(before, account=account)


def _decided(before: Judgement, *, account: LedgerAccount) -> Judgement:
    return replace(
        before,
        ledger_account_id=account.id,
        suggested_ledger_account_id=None,
        decided_by=DecidedBy.PERSON,
        reason="You chose this category.",
        confidence=1.0,
        needs_review=False,
        transfer_partner_id=None,
        rule_id=None,
    )


async def _judgement(conn: db.ReadConnection, *, entity_id: int, bank_transaction_id: BankTransactionId) -> Judgement:
    found = await categorization.judgement_of(conn, entity_id=entity_id, bank_transaction_id=bank_transaction_id)
    if found is None:
        raise UnknownBankTransactionError("There is no such transaction.")
    return found
