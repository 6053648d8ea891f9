"""How a bank account is booked: from which day on, into which ledger account, with which opening balance."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated, Literal

from fastapi import APIRouter, Path
from pydantic import Field

from openledger_server.access.types import parse_id
from openledger_server.api.auth import Acting, EntityScope
from openledger_server.api.context import Context
from openledger_server.api.errors import failures
from openledger_server.api.wire import Text, Wire, minor_text
from openledger_server.banking import store as banking
from openledger_server.banking.choices import store as choosing
from openledger_server.banking.choices.types import AccountChoices, OpeningBalanceError
from openledger_server.banking.rows import BankAccountRow
from openledger_server.banking.store import UnknownBankAccountError
from openledger_server.banking.types import LIABILITY_TYPES, BankAccountId
from openledger_server.base import db
from openledger_server.bookkeeping import store as bookkeeping
from openledger_server.bookkeeping.types import OpeningBalance
from openledger_server.ledger.store import UnknownLedgerAccountError
from openledger_server.workflows.bank_account_settings import change_settings
from openledger_server.workflows.link_item import LinkSettings

router = APIRouter(prefix="/v1/banks/accounts", tags=["Banks"], responses=failures(400, 401, 404))


# A field is called `date` on the wire, which hides the type of that name.
Day = date


class GivenOpening(Wire):
    """An opening balance that is known from elsewhere."""

    amount: Annotated[
        Decimal,
        Field(max_digits=18, decimal_places=6, description="The bank's view: what a credit card owes is positive."),
    ]
    date: Day


class SettingsRequest(Wire):
    """What to choose anew; what is left out stays as it is."""

    history_start: date | None = Field(
        default=None, description="The books begin on this day. Null: with the first row that the bank gives."
    )
    ledger_account_id: Text | None = Field(default=None, description="Feed this account of the chart.")
    opening_balance: GivenOpening | None = Field(
        default=None,
        description="What the account held when its `date` began; the books begin on that day. Null: computed, so that "
        "the books equal the bank.",
    )

    def over(self, present: AccountChoices) -> AccountChoices:
        """Return the present choices with those that were sent.

        Raises:
            OpeningBalanceError: if the day of the opening balance is not the first one of the books.
            UnknownLedgerAccountError: if the ledger account's id cannot be one.
        """
        sent, chosen = self.model_fields_set, present
        if "ledger_account_id" in sent and self.ledger_account_id is not None:
            number = parse_id(self.ledger_account_id)
            if number is None:
                raise UnknownLedgerAccountError("There is no such category in this entity's chart of accounts.")
            chosen = replace(chosen, ledger_account_id=number)
        if "history_start" in sent:
            chosen = replace(chosen, history_start_on=self.history_start)
        if "opening_balance" in sent:
            opening = self.opening_balance
            chosen = replace(chosen, opening_given=None if opening is None else opening.amount)
            if opening is not None:
                if "history_start" in sent and self.history_start not in {None, opening.date}:
                    raise OpeningBalanceError("An opening balance is as of the day on which the books begin.")
                chosen = replace(chosen, history_start_on=opening.date)
        return chosen


class AccountSetting(SettingsRequest):
    """How one account of a link is to be booked. All of it can be changed later."""

    account_id: Text = Field(description="The account's id in Link's metadata.")


def link_settings(history_start: date | None, single: Iterable[AccountSetting]) -> LinkSettings:
    """Return how the accounts of a link are to be booked: all with the same first day, but for those named singly."""
    for_all = AccountChoices(history_start_on=history_start)
    return LinkSettings(for_all=for_all, by_account={one.account_id: one.over(for_all) for one in single})


class OpeningBalanceNow(Wire):
    """The opening balance that stands in the books."""

    source: Literal["computed", "given"]
    amount: str = Field(description="The bank's view: what a credit card owes is positive.")
    date: Day = Field(description="The day on which the books begin with it.")


class BankAccountSettings(Wire):
    """How a bank account is booked."""

    id: str
    history_start: date | None = Field(description="Null: the books begin with the first row that the bank gave.")
    oldest_transaction_on: date | None = Field(description="How far back the bank's history reaches.")
    ledger_account_id: str
    opening_balance: OpeningBalanceNow | None


AccountScope = Annotated[str, Path(description="The bank account's id.", max_length=64)]


@router.get("/{account_id}/settings", summary="See how a bank account is booked")
async def get_bank_account_settings(
    context: Context, entity_id: EntityScope, account_id: AccountScope
) -> BankAccountSettings:
    """Return from which day on the account is booked, where, and what it held before."""
    return await _answer(context, entity_id, _id_of(account_id))


@router.patch("/{account_id}/settings", summary="Choose how a bank account is booked", responses=failures(409))
async def change_bank_account_settings(
    context: Context, entity_id: EntityScope, account_id: AccountScope, by: Acting, body: SettingsRequest
) -> BankAccountSettings:
    """Choose the first day, the ledger account or the opening balance anew.

    Entries that are booked differently now are reversed and made anew; no row is lost. A later first day moves what was
    booked before it into a computed opening balance, so the ledger balance stays what it was.
    """
    number = _id_of(account_id)
    await change_settings(context.services, entity_id=entity_id, bank_account_id=number, change=body.over, by=by)
    return await _answer(context, entity_id, number)


def _id_of(text: str) -> BankAccountId:
    number = parse_id(text)
    if number is None:
        raise UnknownBankAccountError
    return BankAccountId(number)


async def _answer(context: Context, entity_id: int, bank_account_id: BankAccountId) -> BankAccountSettings:
    async with db.read_entity(context.services.pool, entity_id=entity_id) as conn:
        found = [row for row in await banking.bank_accounts(conn, entity_id=entity_id) if row.id == bank_account_id]
        if not found:
            raise UnknownBankAccountError
        opening = (await bookkeeping.opening_balances(conn, entity_id=entity_id)).get(bank_account_id)
        oldest = await choosing.oldest_row_on(conn, entity_id=entity_id, bank_account_id=bank_account_id)
    row = found[0]
    return BankAccountSettings(
        id=str(row.id),
        history_start=row.history_start_on,
        oldest_transaction_on=oldest,
        ledger_account_id=str(row.ledger_account_id),
        opening_balance=None if opening is None else _opening(row, opening),
    )


def _opening(row: BankAccountRow, opening: OpeningBalance) -> OpeningBalanceNow:
    sign = -1 if row.type in LIABILITY_TYPES else 1
    return OpeningBalanceNow(
        source="computed" if row.opening_given is None else "given",
        amount=minor_text(sign * opening.amount_minor, row.currency),
        date=opening.dated + timedelta(days=1),
    )
