"""Asking a language model about rows that nobody is sure of, within what the entity allows."""

import logging
from collections.abc import Sequence
from datetime import date, datetime

from openledger_server.banking.types import BankTransactionId
from openledger_server.base import db
from openledger_server.categorization.advice import prompt, store
from openledger_server.categorization.advice.types import Advice, AdviceDesk, Allowance, Outcome, Suggestion
from openledger_server.categorization.provider_categories import provider_categories
from openledger_server.categorization.types import Chart
from openledger_server.ledger.types import LedgerAccountId
from openledger_server.workflows.judging import chart_of
from openledger_server.workflows.services import Services

_LOGGER = logging.getLogger(__name__)

ROWS_MAX = 1000
"""Rows looked at in one job; the next one goes on."""


async def ask_advisor(services: Services, *, entity_id: int) -> int:
    """Ask about the entity's open rows in batches and return how many got a suggestion; 0 unless it is allowed.

    No database transaction is open while the model thinks. What a request can cost at most is counted before it is
    sent, so the month's cap holds whatever happens.

    Raises:
        AdvisorError: if the model does not answer; what was answered before is kept, the rest is asked next time.
    """
    if services.advice is None:
        return 0
    month = services.now().date().replace(day=1)
    async with db.read_entity(services.pool, entity_id=entity_id) as conn:
        allowed = await store.allowance(conn, entity_id=entity_id, month=month)
        if allowed.spent_microusd >= allowed.monthly_cap_microusd:
            return 0
        rows = await store.open_rows(conn, entity_id=entity_id, limit=ROWS_MAX)
        chart = await chart_of(conn, entity_id=entity_id)
    asked = prompt.questions(rows)
    suggested = 0
    for start in range(0, len(asked), prompt.QUESTIONS_MAX):
        batch = asked[start : start + prompt.QUESTIONS_MAX]
        found = await _ask(services, services.advice, batch, chart, entity_id=entity_id, month=month)
        if found is None:
            _LOGGER.info("The month's cap is reached", extra={"action": "advice.capped", "entity_id": entity_id})
            break
        suggested += found
    return suggested


async def _ask(
    services: Services,
    desk: AdviceDesk,
    batch: Sequence[prompt.Question],
    chart: Chart,
    *,
    entity_id: int,
    month: date,
) -> int | None:
    """Ask one batch; return how many rows got a suggestion, or None if the cap does not allow it."""
    system, text = prompt.system_text(), prompt.question_text(batch)
    reserved = desk.prices.cost(prompt.tokens_at_most(system, text), prompt.TOKENS_MAX)
    async with db.write_entity(services.pool, entity_id=entity_id) as conn:
        if not await store.reserve(conn, entity_id=entity_id, month=month, microusd=reserved):
            return None
    reply = await desk.advisor.reply(system=system, text=text, tokens_max=prompt.TOKENS_MAX)
    given = _advice(batch, prompt.answers(reply.text, count=len(batch)), chart)
    read, written = max(reply.input_tokens or 0, 0), max(reply.output_tokens or 0, 0)
    # A model that does not say what it used is counted at the highest price.
    cost = desk.prices.cost(read, written) if read else reserved
    async with db.write_entity(services.pool, entity_id=entity_id) as conn:
        await store.settle(
            conn,
            entity_id=entity_id,
            month=month,
            reserved=reserved,
            cost=cost,
            tokens=(read, written),
        )
        return await store.keep(
            conn,
            given,
            entity_id=entity_id,
            model=desk.advisor.model,
            prompt_version=prompt.VERSION,
            now=services.now(),
        )


def _advice(batch: Sequence[prompt.Question], chosen: Sequence[str | None], chart: Chart) -> list[Advice]:
    given: list[Advice] = []
    for question, code in zip(batch, chosen, strict=True):
        account = account_of(code or "", chart)
        outcome = Outcome.UNUSABLE if code is None else Outcome.SUGGESTED if account is not None else Outcome.ABSTAINED
        given += [
            Advice(
                bank_transaction_id=row.id,
                asked=question.asked(),
                code=code or None,
                outcome=outcome,
                ledger_account_id=account,
            )
            for row in question.rows
        ]
    return given


def account_of(code: str, chart: Chart) -> LedgerAccountId | None:
    """Return where the entity books what a language model chose; None if it has no such account, or archived it."""
    category = provider_categories().get(code)
    account = None if category is None else chart.account_for(category.code, category.account_code)
    return None if account in chart.archived else account


async def show_kept_advice(
    conn: db.WriteConnection,
    bank_transaction_ids: Sequence[BankTransactionId],
    *,
    entity_id: int,
    chart: Chart,
    now: datetime,
) -> int:
    """Suggest again what a language model answered about these rows, where nobody is sure; return how many got it.

    Each row is asked about once, so its answer has to outlive that the row is judged anew. Rows of which something else
    would be sent today get nothing.
    """
    kept = await store.kept_advice(conn, bank_transaction_ids, entity_id=entity_id)
    if not kept:
        return 0
    asked = {
        row.id: question.asked() for question in prompt.questions([one.row for one in kept]) for row in question.rows
    }
    shown = [
        Suggestion(bank_transaction_id=one.row.id, ledger_account_id=account, model=one.model)
        for one in kept
        if (account := account_of(one.code, chart)) is not None and asked.get(one.row.id) == one.asked
    ]
    return await store.suggest(conn, shown, entity_id=entity_id, now=now)


async def advice_allowance(services: Services, *, entity_id: int) -> Allowance:
    """Return what the entity allows and what this month has cost."""
    async with db.read_entity(services.pool, entity_id=entity_id) as conn:
        return await store.allowance(conn, entity_id=entity_id, month=services.now().date().replace(day=1))


async def allow_advice(services: Services, *, entity_id: int, monthly_cap_microusd: int) -> Allowance:
    """Set what a month may cost; 0 switches asking off. Doing so again changes nothing."""
    async with db.write_entity(services.pool, entity_id=entity_id) as conn:
        await store.allow(conn, entity_id=entity_id, monthly_cap_microusd=monthly_cap_microusd, now=services.now())
    return await advice_allowance(services, entity_id=entity_id)
