"""A person chooses a category and may want it always: for the merchant's rows to come, and for those before."""

from dataclasses import dataclass

from openledger_server.access import store as access
from openledger_server.banking.types import BankTransactionId
from openledger_server.base import db
from openledger_server.base.errors import InvalidError
from openledger_server.categorization import store as categorization
from openledger_server.categorization.review import store as review
from openledger_server.categorization.rules.conditions import merchant_condition
from openledger_server.categorization.rules.types import RuleAction, RuleId
from openledger_server.categorization.runs.types import Run
from openledger_server.ledger.types import MACHINE, Actor, LedgerAccount, LedgerAccountId, SystemRole
from openledger_server.workflows.change_rules import RuleDraft, put_rule
from openledger_server.workflows.run_categorization import apply_rule_in
from openledger_server.workflows.services import Services
from openledger_server.workflows.set_category import Decision, decide_in


class NoMerchantError(InvalidError):
    """The bank's text names nobody (a cheque, a number), so there is nothing that a rule could know again."""

    code = "NO_MERCHANT"

    def __init__(self) -> None:
        super().__init__("The bank's text names nobody, so no rule can be made of it. Make one on other conditions.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """What was done."""

    account: LedgerAccount
    rule_id: RuleId | None
    """The rule that was made, or that said so before."""
    run: Run | None
    """The run that changed earlier rows."""
    waiting_like_this: int
    """Rows of the same merchant that still wait for a person."""


async def choose_category(
    services: Services,
    *,
    entity_id: int,
    bank_transaction_id: BankTransactionId,
    ledger_account_id: LedgerAccountId,
    always: bool = False,
    apply_to_past: bool = False,
    by: Actor = MACHINE,
) -> Chosen:
    """Book a row to the account a person chose; with `always` make a rule of it, all or nothing, safe to repeat.

    A rule that this merchant's name decided before is given the new account instead of a second rule beside it.

    Raises:
        UnknownBankTransactionError, UnknownLedgerAccountError: if the entity has none of that id.
        BankFedCategoryError, RuleCategoryError: if the account cannot be chosen.
        NoMerchantError: if `always` is asked for a row that names nobody.
    """
    async with db.write_entity(services.pool, entity_id=entity_id) as conn:
        await access.hold_books(conn, entity_id=entity_id)
        decision = Decision(bank_transaction_id=bank_transaction_id, ledger_account_id=ledger_account_id)
        [outcome] = await decide_in(conn, services, [decision], entity_id=entity_id, by=by)
        if outcome.error is not None:
            raise outcome.error
        assert outcome.account is not None
        rule_id = run = None
        if always:
            rule_id = await _always(conn, services, bank_transaction_id, outcome.account, entity_id=entity_id)
            if apply_to_past:
                run = await apply_rule_in(conn, services, entity_id=entity_id, rule_id=rule_id, by=by)
        row, _ = (await categorization.decidable(conn, [bank_transaction_id], entity_id=entity_id))[bank_transaction_id]
        waiting = 0
        if row.merchant_key is not None:
            waiting = await review.waiting_like(conn, row.merchant_key, entity_id=entity_id)
    return Chosen(account=outcome.account, rule_id=rule_id, run=run, waiting_like_this=waiting)


async def _always(
    conn: db.WriteConnection,
    services: Services,
    bank_transaction_id: BankTransactionId,
    account: LedgerAccount,
    *,
    entity_id: int,
) -> RuleId:
    [row] = await categorization.rows(conn, [bank_transaction_id], entity_id=entity_id)
    condition = merchant_condition(row)
    if condition is None:
        raise NoMerchantError
    is_transfer = account.system_role is SystemRole.TRANSFERS_CLEARING
    action = RuleAction(ledger_account_id=None if is_transfer else account.id, is_transfer=is_transfer)
    draft = RuleDraft(name=str(condition.json["value"]), condition=condition, action=action)
    return (await put_rule(conn, draft, entity_id=entity_id, now=services.now(), replacing=True)).id
