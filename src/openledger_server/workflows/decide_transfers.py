"""A person says whether two rows are the two sides of one transfer between own bank accounts."""

from openledger_server.access import store as access
from openledger_server.banking.store import UnknownBankTransactionError
from openledger_server.banking.types import BankTransactionId
from openledger_server.base import db
from openledger_server.base.errors import InvalidError
from openledger_server.bookkeeping.post import post_bank_transactions
from openledger_server.categorization import store as categorization
from openledger_server.categorization.decisions import store as decisions
from openledger_server.categorization.decisions.types import ExcludedError
from openledger_server.categorization.pairing import store
from openledger_server.categorization.pairing.store import Side
from openledger_server.categorization.types import DecidedBy
from openledger_server.ledger import store as ledger
from openledger_server.ledger.types import MACHINE, Actor, SystemRole
from openledger_server.workflows.book_for_person import book_for_person
from openledger_server.workflows.judge_transactions import judge_transactions
from openledger_server.workflows.services import Services


class NotATransferError(InvalidError):
    """The two rows cannot be one transfer: not opposite and equal, not of two accounts, or not settled."""

    code = "NOT_A_TRANSFER"

    def __init__(self) -> None:
        super().__init__(
            "These cannot be one transfer: name a settled row of money out and one of money in, equal in amount if "
            "they are in one currency, of two different bank accounts."
        )


async def confirm_transfer(
    services: Services, *, entity_id: int, out_id: BankTransactionId, in_id: BankTransactionId, by: Actor = MACHINE
) -> None:
    """Book both rows through the clearing account as one transfer. Saying so again changes nothing.

    A row that was paired with another one leaves that one free, which is asked about again.

    Raises:
        UnknownBankTransactionError: if the entity has not both.
        NotATransferError: if they cannot be one transfer.
        ExcludedError: if one is left out of the books.
        PeriodClosedError: if one is booked elsewhere in a closed period.
    """
    now = services.now()
    async with db.write_entity(services.pool, entity_id=entity_id) as conn:
        await access.hold_books(conn, entity_id=entity_id)
        out, into = await _sides(conn, entity_id=entity_id, out_id=out_id, in_id=in_id)
        is_exchange = out.currency != into.currency
        fits = out.amount < 0 < into.amount and (is_exchange or into.amount == -out.amount)
        if not fits or out.bank_account_id == into.bank_account_id or out.is_pending or into.is_pending:
            raise NotATransferError
        if out.transfer_partner_id == in_id and out.decided_by == DecidedBy.PERSON:
            return
        known = await decisions.decisions(conn, [out_id, in_id], entity_id=entity_id)
        if any(one.exclusion is not None for one in known.values()):
            raise ExcludedError
        for number in known:
            await decisions.replace_split(conn, [], entity_id=entity_id, bank_transaction_id=number)
        freed = await categorization.dissolve_pairs(conn, [out_id, in_id], entity_id=entity_id)
        await categorization.ask_again(conn, freed, entity_id=entity_id)
        clearing = await ledger.system_account(conn, entity_id=entity_id, role=SystemRole.TRANSFERS_CLEARING)
        await store.confirm(conn, (out_id, in_id), entity_id=entity_id, transfers_clearing=clearing, now=now)
        await book_for_person(conn, [out_id, in_id], entity_id=entity_id, now=now, by=by)


async def reject_transfer(
    services: Services, *, entity_id: int, out_id: BankTransactionId, in_id: BankTransactionId, by: Actor = MACHINE
) -> None:
    """Remember that two rows are not one transfer; if they were paired, look at both again. Again changes nothing.

    Raises:
        UnknownBankTransactionError: if the entity has not both.
    """
    now = services.now()
    async with db.write_entity(services.pool, entity_id=entity_id) as conn:
        await access.hold_books(conn, entity_id=entity_id)
        out, _ = await _sides(conn, entity_id=entity_id, out_id=out_id, in_id=in_id)
        await store.reject(conn, (out_id, in_id), entity_id=entity_id, now=now)
        if out.transfer_partner_id != in_id:
            return
        await store.release(conn, (out_id, in_id), entity_id=entity_id)
        others = await judge_transactions(conn, [out_id, in_id], entity_id=entity_id, now=now)
        await post_bank_transactions(conn, [out_id, in_id, *others], entity_id=entity_id, now=now, by=by)


async def _sides(
    conn: db.ReadConnection, *, entity_id: int, out_id: BankTransactionId, in_id: BankTransactionId
) -> tuple[Side, Side]:
    found = await store.sides(conn, [out_id, in_id], entity_id=entity_id)
    if out_id not in found or in_id not in found:
        raise UnknownBankTransactionError("There is no such transaction.")
    return found[out_id], found[in_id]
