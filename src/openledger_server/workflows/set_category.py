"""A person decides: choose the categories of bank transactions, or approve those they have; one or many at once."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from openledger_server.access import store as access
from openledger_server.banking import store as banking
from openledger_server.banking.store import UnknownBankTransactionError
from openledger_server.banking.types import BankTransactionId
from openledger_server.base import db
from openledger_server.base.errors import InvalidError, OpenLedgerError
from openledger_server.bookkeeping import store as bookkeeping
from openledger_server.categorization import store as categorization
from openledger_server.categorization.decisions import store as decided_else
from openledger_server.categorization.decisions.types import Decisions, SplitBrokenError
from openledger_server.categorization.types import DecidedBy, Judgement, Lesson
from openledger_server.ledger import store as ledger
from openledger_server.ledger.periods import store as periods
from openledger_server.ledger.periods.types import PeriodClosedError
from openledger_server.ledger.store import UnknownLedgerAccountError
from openledger_server.ledger.types import MACHINE, Actor, LedgerAccount, LedgerAccountId
from openledger_server.workflows.book_for_person import book_for_person
from openledger_server.workflows.services import Services


class BankFedCategoryError(InvalidError):
    """A bank account's own ledger account cannot be a category: the bank's rows would be in it twice."""

    code = "CATEGORY_IS_BANK_ACCOUNT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a person wants of one row. `ledger_account_id` None: approve the category it has, or is suggested."""

    bank_transaction_id: BankTransactionId
    ledger_account_id: LedgerAccountId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one decision."""

    bank_transaction_id: BankTransactionId
    account: LedgerAccount | None = None
    """Where the row is booked now; None if the decision failed."""
    is_changed: bool = False
    """False if a person had decided so before."""
    error: OpenLedgerError | None = None


async def set_category(
    services: Services,
    *,
    entity_id: int,
    bank_transaction_id: BankTransactionId,
    ledger_account_id: LedgerAccountId,
    by: Actor = MACHINE,
) -> LedgerAccount:
    """Book a bank transaction to the account a person chose, remember it for the merchant, return the account.

    An entry already made is reversed and made anew. If the row was paired as a transfer, its other side is freed and
    goes to review. A choice that the person has made already changes nothing, however often it is sent.

    Raises:
        UnknownBankTransactionError, UnknownLedgerAccountError: if the entity has none of that id.
        BankFedCategoryError: if the account stands for a linked bank account.
        ArchivedAccountError: if the account takes no more postings.
        PeriodClosedError: if it is booked in a closed period.
    """
    decision = Decision(bank_transaction_id=bank_transaction_id, ledger_account_id=ledger_account_id)
    return _account(await decide_many(services, [decision], entity_id=entity_id, by=by))


async def approve(
    services: Services, *, entity_id: int, bank_transaction_id: BankTransactionId, by: Actor = MACHINE
) -> LedgerAccount:
    """Confirm the category a bank transaction has, or its suggestion if there is one; returns that account.

    What is split or left out of the books was decided by a person and stays as it is.

    Raises:
        UnknownBankTransactionError: if the entity has none of that id.
        SplitBrokenError: if the bank changed the amount after a person split it.
    """
    decision = Decision(bank_transaction_id=bank_transaction_id, ledger_account_id=None)
    return _account(await decide_many(services, [decision], entity_id=entity_id, by=by))


async def decide_many(
    services: Services, decisions: Sequence[Decision], *, entity_id: int, is_dry_run: bool = False, by: Actor = MACHINE
) -> list[Outcome]:
    """Do what `set_category` and `approve` do for many rows, in a handful of statements; return each outcome in order.

    One that fails does not hold up the others. The last of several for one row counts. `is_dry_run`: say what would
    become of them and store nothing.
    """
    async with db.write_entity(services.pool, entity_id=entity_id) as conn:
        await access.hold_books(conn, entity_id=entity_id)
        return await decide_in(conn, services, decisions, entity_id=entity_id, is_dry_run=is_dry_run, by=by)


async def decide_in(
    conn: db.WriteConnection,
    services: Services,
    decisions: Sequence[Decision],
    *,
    entity_id: int,
    is_dry_run: bool = False,
    by: Actor = MACHINE,
) -> list[Outcome]:
    """Do what `decide_many` does, in a transaction that holds the books."""
    last = {decision.bank_transaction_id: decision for decision in decisions}
    rows = await categorization.decidable(conn, list(last), entity_id=entity_id)
    chart = {account.id: account for account in await ledger.ledger_accounts(conn, entity_id=entity_id)}
    fed = {row.ledger_account_id for row in await banking.bank_accounts(conn, entity_id=entity_id)}
    known = await decided_else.decisions(conn, list(last), entity_id=entity_id)
    split = {number for number, found in known.items() if found.split}
    outcomes = {
        number: _outcome(decision, rows, chart, fed, known.get(number, Decisions()))
        for number, decision in last.items()
    }
    closed = await _in_closed_period(conn, outcomes.values(), rows, split, entity_id=entity_id)
    outcomes |= {number: Outcome(bank_transaction_id=number, error=error) for number, error in closed.items()}
    changed = [outcome for outcome in outcomes.values() if outcome.is_changed]
    if changed and not is_dry_run:
        await _store(conn, services, changed, rows, split, entity_id=entity_id, by=by)
    return [outcomes[decision.bank_transaction_id] for decision in decisions]


def _outcome(
    decision: Decision,
    rows: Mapping[BankTransactionId, tuple[Judgement, Decimal]],
    chart: Mapping[LedgerAccountId, LedgerAccount],
    fed: set[int],
    known: Decisions,
) -> Outcome:
    number = decision.bank_transaction_id
    if number not in rows:
        return Outcome(bank_transaction_id=number, error=UnknownBankTransactionError("There is no such transaction."))
    before = rows[number][0]
    try:
        wanted = _wanted(decision, before, known)
        account = before.ledger_account_id if wanted is None else wanted
        if account not in chart:
            raise UnknownLedgerAccountError("There is no such category in this entity's chart of accounts.")
        if wanted is not None:
            ledger.check_open(chart[wanted])
        if wanted is not None and wanted in fed:
            raise BankFedCategoryError(
                "That account is fed by a bank. For money moved between your own accounts choose Transfers Clearing."
            )
    except OpenLedgerError as refused:
        return Outcome(bank_transaction_id=number, error=refused)
    return Outcome(bank_transaction_id=number, account=chart[account], is_changed=wanted is not None)


def _wanted(decision: Decision, before: Judgement, known: Decisions) -> LedgerAccountId | None:
    """Return the account to book the row to, or None if a person decided so before."""
    wanted = decision.ledger_account_id
    if wanted is None:
        if known.is_split_by_person and before.needs_review:
            raise SplitBrokenError
        if before.transfer_partner_id is not None or known.split or known.exclusion:
            return None
        wanted = before.suggested_ledger_account_id or before.ledger_account_id
    is_decided = before.decided_by is DecidedBy.PERSON and before.ledger_account_id == wanted
    return None if is_decided and not before.needs_review and not known.split else wanted


async def _in_closed_period(
    conn: db.ReadConnection,
    outcomes: Iterable[Outcome],
    rows: Mapping[BankTransactionId, tuple[Judgement, Decimal]],
    split: set[BankTransactionId],
    *,
    entity_id: int,
) -> dict[BankTransactionId, PeriodClosedError]:
    """Return the rows that cannot be booked elsewhere, since they are booked in a closed period.

    A machine's change would wait there; a person is told, and nothing of it is kept.
    """
    closed_through = await periods.closed_through(conn, entity_id=entity_id)
    if closed_through is None:
        return {}
    moved = [
        outcome.bank_transaction_id
        for outcome in outcomes
        if outcome.is_changed
        and outcome.account is not None
        and (
            outcome.bank_transaction_id in split
            or rows[outcome.bank_transaction_id][0].ledger_account_id != outcome.account.id
        )
    ]
    found = await bookkeeping.bookables(conn, moved, entity_id=entity_id)
    return {
        row.bank_transaction_id: PeriodClosedError(closed_through)
        for row in found
        if row.booked is not None and row.booked.dated <= closed_through
    }


async def _store(
    conn: db.WriteConnection,
    services: Services,
    changed: Sequence[Outcome],
    rows: Mapping[BankTransactionId, tuple[Judgement, Decimal]],
    split: set[BankTransactionId],
    *,
    entity_id: int,
    by: Actor,
) -> None:
    now, ids = services.now(), [outcome.bank_transaction_id for outcome in changed]
    freed = await categorization.dissolve_pairs(conn, ids, entity_id=entity_id)
    await categorization.ask_again(conn, freed, entity_id=entity_id)
    for number in split.intersection(ids):
        await decided_else.replace_split(conn, [], entity_id=entity_id, bank_transaction_id=number)
    decided: list[Judgement] = []
    lessons: list[Lesson] = []
    for outcome in changed:
        before, amount = rows[outcome.bank_transaction_id]
        account = outcome.account
        assert account is not None
        decided.append(_decided(before, account=account))
        # Nothing is learned from a row that was only parked: uncategorized or clearing.
        if before.merchant_key is not None and account.system_role is None:
            lessons.append(Lesson(merchant_key=before.merchant_key, amount=amount, ledger_account_id=account.id))
    await categorization.store_judgements(conn, decided, entity_id=entity_id, now=now)
    await decided_else.follow_rules(conn, ids, entity_id=entity_id)
    if lessons:
        await categorization.remember(conn, lessons, entity_id=entity_id, now=now)
    await book_for_person(conn, ids, entity_id=entity_id, now=now, by=by)


def _decided(before: Judgement, *, account: LedgerAccount) -> Judgement:
    return before._replace(
        ledger_account_id=account.id,
        suggested_ledger_account_id=None,
        decided_by=DecidedBy.PERSON,
        reason="You chose this category.",
        confidence=1.0,
        needs_review=False,
        transfer_partner_id=None,
        rule_id=None,
        is_excluded=False,
        split=(),
    )


def _account(outcomes: Sequence[Outcome]) -> LedgerAccount:
    [outcome] = outcomes
    if outcome.error is not None:
        raise outcome.error
    assert outcome.account is not None
    return outcome.account
