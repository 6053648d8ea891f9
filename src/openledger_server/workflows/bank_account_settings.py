"""Choosing how a bank account is booked: from which day on, into which ledger account, with which opening balance."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

from openledger_server.access import store as access
from openledger_server.banking import store as banking
from openledger_server.banking.choices import store as choosing
from openledger_server.banking.choices.types import (
    AccountChoices,
    LedgerAccountFedError,
    LedgerAccountUnfitError,
    OpeningBalanceError,
    StartDateError,
)
from openledger_server.banking.rows import BankAccountRow
from openledger_server.banking.store import UnknownBankAccountError
from openledger_server.banking.types import LIABILITY_TYPES, BankAccountFact, BankAccountId
from openledger_server.base import db
from openledger_server.base.db import ReadConnection, WriteConnection
from openledger_server.base.money import NotRepresentableError, UnknownCurrencyError, minor_units
from openledger_server.bookkeeping import store as bookkeeping
from openledger_server.bookkeeping.opening import (
    given_opening_minor,
    set_opening_balance,
    set_opening_balances,
    waiting_minor,
)
from openledger_server.bookkeeping.post import post_bank_transactions
from openledger_server.ledger import store as ledger
from openledger_server.ledger.types import MACHINE, Actor, LedgerAccountId, LedgerAccountType
from openledger_server.workflows.judge_transactions import judge_transactions
from openledger_server.workflows.services import Services


async def change_settings(
    services: Services,
    *,
    entity_id: int,
    bank_account_id: BankAccountId,
    change: Callable[[AccountChoices], AccountChoices],
    by: Actor = MACHINE,
) -> BankAccountRow:
    """Choose anew for a bank account and bring the books in line by reversal; no row is lost.

    Asking twice changes once. `change` gets the present choices and returns the new ones.

    Raises:
        UnknownBankAccountError, UnknownLedgerAccountError: if the entity has none of that id.
        StartDateError, OpeningBalanceError, LedgerAccountUnfitError, LedgerAccountFedError: if a choice does not fit.
    """
    async with db.write_entity(services.pool, entity_id=entity_id) as conn:
        await access.hold_books(conn, entity_id=entity_id)
        row = await _bank_account(conn, entity_id=entity_id, bank_account_id=bank_account_id)
        await banking.lock_item(conn, entity_id=entity_id, item_id=row.item_id)
        row = await _bank_account(conn, entity_id=entity_id, bank_account_id=bank_account_id)
        await apply_choices(services, conn, row, change(choices_of(row)), entity_id=entity_id, by=by)
        return await _bank_account(conn, entity_id=entity_id, bank_account_id=bank_account_id)


def choices_of(row: BankAccountRow) -> AccountChoices:
    """Return what is chosen for a bank account now."""
    return AccountChoices(
        history_start_on=row.history_start_on,
        opening_given=row.opening_given,
        ledger_account_id=row.ledger_account_id,
    )


def check_choices(choices: AccountChoices, *, currency: str, today: date) -> None:
    """Refuse choices that cannot be booked.

    Raises:
        StartDateError: if the books would begin in the future.
        OpeningBalanceError: if a given opening balance has no day, or cannot be stated in the account's currency.
    """
    if choices.history_start_on is not None and choices.history_start_on > today:
        raise StartDateError
    if choices.opening_given is None:
        return
    if choices.history_start_on is None:
        raise OpeningBalanceError("A given opening balance needs the day on which the books begin with it.")
    try:
        minor_units(choices.opening_given, currency)
    except (NotRepresentableError, UnknownCurrencyError) as exc:
        raise OpeningBalanceError(f"The opening balance cannot be stated in {currency}.") from exc


async def check_ledger_account(
    conn: ReadConnection,
    bank_account: BankAccountRow | BankAccountFact,
    ledger_account_id: LedgerAccountId,
    *,
    entity_id: int,
) -> None:
    """Refuse a ledger account that the bank account cannot feed.

    Raises:
        UnknownLedgerAccountError: if the entity has none of that id.
        LedgerAccountUnfitError: if money held would be booked as owed or the reverse, or the currencies differ.
        LedgerAccountFedError: if another linked bank account feeds it.
    """
    account = await ledger.ledger_account(conn, entity_id=entity_id, ledger_account_id=ledger_account_id)
    is_owed = bank_account.type in LIABILITY_TYPES
    kind = LedgerAccountType.LIABILITY if is_owed else LedgerAccountType.ASSET
    if account.type is not kind or account.system_role is not None:
        raise LedgerAccountUnfitError(f"This bank account can feed an account of type {kind.value} only.")
    if account.currency is not None and account.currency != bank_account.currency:
        raise LedgerAccountUnfitError(f"That account is in {account.currency}, the bank account in another currency.")
    rows = await banking.bank_accounts(conn, entity_id=entity_id)
    if any(row.ledger_account_id == ledger_account_id and row.unlinked_at is None for row in rows):
        raise LedgerAccountFedError


async def _bank_account(conn: ReadConnection, *, entity_id: int, bank_account_id: BankAccountId) -> BankAccountRow:
    for row in await banking.bank_accounts(conn, entity_id=entity_id):
        if row.id == bank_account_id:
            return row
    raise UnknownBankAccountError


async def apply_choices(
    services: Services,
    conn: WriteConnection,
    before: BankAccountRow,
    wanted: AccountChoices,
    *,
    entity_id: int,
    by: Actor = MACHINE,
) -> None:
    """Take choices over for a stored bank account and bring its books in line; the caller holds books and item.

    Raises:
        As `change_settings`.
    """
    check_choices(wanted, currency=before.currency, today=services.now().date())
    chosen_account = wanted.ledger_account_id
    if chosen_account is not None and chosen_account != before.ledger_account_id:
        await check_ledger_account(conn, before, LedgerAccountId(chosen_account), entity_id=entity_id)
    if replace(wanted, ledger_account_id=chosen_account or before.ledger_account_id) == choices_of(before):
        return
    now, account_id = services.now(), before.id
    booked = await _booked_or_waiting(conn, before, before, entity_id=entity_id)
    await choosing.store_choices(conn, wanted, entity_id=entity_id, bank_account_id=account_id)
    moved = await choosing.move_start(
        conn, entity_id=entity_id, bank_account_id=account_id, start=wanted.history_start_on, now=now
    )
    touched = [*moved, *await judge_transactions(conn, moved, entity_id=entity_id, now=now)]
    after = await _bank_account(conn, entity_id=entity_id, bank_account_id=account_id)
    if after.ledger_account_id != before.ledger_account_id:
        touched += await choosing.live_row_ids(conn, entity_id=entity_id, bank_account_id=account_id)
    await post_bank_transactions(conn, list(dict.fromkeys(touched)), entity_id=entity_id, now=now, by=by)
    kept = booked - await _booked_or_waiting(conn, before, after, entity_id=entity_id)
    await _set_opening(services, conn, before, after, kept_minor=kept, entity_id=entity_id, by=by)


async def _booked_or_waiting(
    conn: ReadConnection, before: BankAccountRow, after: BankAccountRow, *, entity_id: int
) -> int:
    """Return what the account's rows come to in the books once nothing waits any more, debit-positive."""
    waiting = await waiting_minor(conn, entity_id=entity_id)
    booked = await bookkeeping.booked_minor(conn, entity_id=entity_id, bank_account_id=after.id)
    banks = {LedgerAccountId(before.ledger_account_id), LedgerAccountId(after.ledger_account_id)}
    return booked + sum(waiting.get(bank, 0) for bank in banks)


async def _set_opening(
    services: Services,
    conn: WriteConnection,
    before: BankAccountRow,
    after: BankAccountRow,
    *,
    kept_minor: int,
    entity_id: int,
    by: Actor,
) -> None:
    """Give the account the opening balance that goes with its new choices.

    `kept_minor` is what left the bookings of its rows. Once the history is complete it goes into the opening balance
    or out of it, so that the ledger balance, and any difference to the bank, stays what it was.
    """
    now, held_by = services.now(), LedgerAccountId(before.ledger_account_id)
    stored = (await bookkeeping.opening_balances(conn, entity_id=entity_id)).get(after.id)
    first_dates = await banking.first_booked_dates(conn, entity_id=entity_id)
    given = given_opening_minor(after)
    is_new = stored is None or before.opening_given is not None or before.history_complete_at is None
    if given is None and is_new:
        # Into the new ledger account at zero first: what is computed is what the bank says less all else there.
        if stored is not None and before.ledger_account_id != after.ledger_account_id:
            await set_opening_balance(
                conn,
                after,
                stored,
                amount_minor=0,
                natural=stored.dated,
                entity_id=entity_id,
                now=now,
                held_by=held_by,
                by=by,
            )
        await set_opening_balances(conn, [after], entity_id=entity_id, first_dates=first_dates, now=now)
        return
    present = 0 if stored is None else (stored.wanted or stored).amount_minor + kept_minor
    amount_minor = present if given is None else given
    await set_opening_balance(
        conn,
        after,
        stored,
        amount_minor=amount_minor,
        natural=first_dates.get(after.id, now.date()) - timedelta(days=1),
        entity_id=entity_id,
        now=now,
        held_by=held_by,
        by=by,
    )
