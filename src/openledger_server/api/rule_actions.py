"""What a rule does, on the wire."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field, StringConstraints

from openledger_server.api.entry_bodies import ledger_account_id
from openledger_server.api.wire import CurrencyCode, Text, Wire
from openledger_server.base.money import Money
from openledger_server.categorization.rules.splitting import PARTS_MAX, PARTS_MIN, WHOLE_BP, RulePart, RuleSplitError
from openledger_server.categorization.rules.types import RuleAction
from openledger_server.ledger.types import LedgerAccount, LedgerAccountId

_FIXED_MINOR_MAX = 10**15


class PartRequest(Wire):
    """What one ledger account gets of each row: a share, a fixed amount, or the rest."""

    category_id: Text = Field(description="A ledger account.")
    share_basis_points: int | None = Field(
        default=None,
        ge=1,
        lt=WHOLE_BP,
        description="Hundredths of a percent of the whole row, rounded towards zero to the smallest unit.",
    )
    amount_minor: int | None = Field(
        default=None, ge=1, le=_FIXED_MINOR_MAX, description="In the smallest unit; it goes the way the row goes."
    )
    currency: CurrencyCode | None = Field(default=None, description="Of `amountMinor`, which needs it.")
    rest: bool = Field(default=False, description="It gets what the others leave; exactly one part does.")


class ActionRequest(Wire):
    """What a rule does: a category, `transfer`, `exclude` or `split`; a counterparty's name; or both."""

    category_id: Text | None = Field(default=None, description="Book to this ledger account.")
    counterparty: Annotated[str, StringConstraints(strip_whitespace=True)] | None = Field(
        default=None, description="Call the other side this.", min_length=1, max_length=255
    )
    transfer: bool = Field(default=False, description="It is one side of a transfer between own bank accounts.")
    exclude: bool = Field(default=False, description="Leave it out of the books, unless a person took it back in.")
    split: list[PartRequest] | None = Field(
        default=None,
        min_length=PARTS_MIN,
        max_length=PARTS_MAX,
        description="Divide it. A row whose shares and fixed amounts leave no rest goes to a person.",
    )


class Part(Wire):
    """What one ledger account gets of each row: a share, a fixed amount, or the rest."""

    category_id: str
    category_name: str
    share_basis_points: int | None
    amount_minor: int | None
    currency: str | None
    rest: bool


class Action(Wire):
    """What a rule does."""

    category_id: str | None
    category_name: str | None
    counterparty: str | None
    transfer: bool
    exclude: bool
    split: list[Part] | None = Field(description="In this order; null if it does not divide.")


def action_of(body: ActionRequest) -> RuleAction:
    """Return the action that somebody asks for.

    Raises:
        UnknownLedgerAccountError: if an id is none.
        RuleActionError, RuleSplitError, UnknownCurrencyError: if no rule can do that.
    """
    return RuleAction(
        ledger_account_id=None if body.category_id is None else ledger_account_id(body.category_id),
        counterparty=body.counterparty,
        is_transfer=body.transfer,
        is_exclusion=body.exclude,
        split=tuple(map(_part, body.split or ())),
    )


def action_body(action: RuleAction, chart: Mapping[LedgerAccountId, LedgerAccount]) -> Action:
    """Return an action as it is written on the wire; sent back, it asks for the same."""
    account = action.ledger_account_id
    return Action(
        category_id=None if account is None else str(account),
        category_name=None if account is None else chart[account].name,
        counterparty=action.counterparty,
        transfer=action.is_transfer,
        exclude=action.is_exclusion,
        split=[_part_body(part, chart) for part in action.split] or None,
    )


def _part(body: PartRequest) -> RulePart:
    said = (body.share_basis_points is not None) + (body.amount_minor is not None) + body.rest
    if said != 1:
        raise RuleSplitError("Each part says one of shareBasisPoints, amountMinor and rest.")
    if (body.amount_minor is None) != (body.currency is None):
        raise RuleSplitError("A fixed amount has a currency, and nothing else has one.")
    return RulePart(
        ledger_account_id=ledger_account_id(body.category_id),
        share_bp=body.share_basis_points,
        fixed=None if body.amount_minor is None or body.currency is None else Money(body.amount_minor, body.currency),
    )


def _part_body(part: RulePart, chart: Mapping[LedgerAccountId, LedgerAccount]) -> Part:
    return Part(
        category_id=str(part.ledger_account_id),
        category_name=chart[part.ledger_account_id].name,
        share_basis_points=part.share_bp,
        amount_minor=None if part.fixed is None else part.fixed.amount_minor,
        currency=None if part.fixed is None else part.fixed.currency,
        rest=part.takes_rest,
    )
