"""Giving bank transactions their categories: judged one by one, then looked at in pairs for transfers."""

from collections.abc import Sequence
from datetime import datetime

from openledger_server.banking.types import BankTransactionId
from openledger_server.base.batches import in_batches
from openledger_server.base.db import WriteConnection
from openledger_server.categorization import merchants
from openledger_server.categorization import store as categorization
from openledger_server.categorization.decisions import store as decisions
from openledger_server.categorization.decisions.open_accounts import only_open
from openledger_server.categorization.judge import judge_all
from openledger_server.categorization.pairing import store as pairing
from openledger_server.categorization.runs import store as runs
from openledger_server.categorization.runs.types import RunId
from openledger_server.categorization.transfers import Pair, pair_exchanges, pair_transfers
from openledger_server.categorization.types import TransferLeg
from openledger_server.ledger import store as ledger
from openledger_server.ledger.rates import store as rates
from openledger_server.workflows.ask_advisor import show_kept_advice
from openledger_server.workflows.judging import chart_of, policy_of

_CURRENCIES_OF_AN_EXCHANGE = 2


async def judge_transactions(
    conn: WriteConnection,
    touched: Sequence[BankTransactionId],
    *,
    entity_id: int,
    now: datetime,
    run_id: RunId | None = None,
) -> list[BankTransactionId]:
    """Judge these rows and return the other rows whose judgement changed along with theirs.

    Rows that a person judged are left alone. A row that was one side of a transfer gives its other side free first, so
    that both are looked at anew. If this is part of a run, what each row said before is kept for it.
    """
    if not touched:
        return []
    if run_id is not None:
        await runs.keep_before(conn, touched, entity_id=entity_id, run_id=run_id)
    broken = await pairing.question_broken(conn, touched, entity_id=entity_id)
    freed = await categorization.dissolve_pairs(conn, touched, entity_id=entity_id, confirmed_too=False)
    chart = await chart_of(conn, entity_id=entity_id)
    policy = await policy_of(conn, entity_id=entity_id)
    for batch in in_batches([*touched, *freed]):
        candidates = await categorization.candidates(conn, batch, entity_id=entity_id)
        keys = merchants.merchant_keys(candidates)
        memory = await categorization.memory(conn, {key for key in keys if key}, entity_id=entity_id)
        judgements = judge_all(candidates, chart=chart, memory=memory, policy=policy, merchant_keys=keys)
        placed = only_open(zip(candidates, judgements, strict=True), chart)
        await categorization.store_judgements(conn, placed, entity_id=entity_id, now=now)
    legs = await categorization.transfer_legs(conn, [*touched, *freed], entity_id=entity_id)
    rejected = await pairing.rejected(conn, [leg.id for leg in legs], entity_id=entity_id)
    pairs = pair_transfers(legs, rejected)
    pairs += await _exchanges(conn, legs, pairs, rejected, entity_id=entity_id)
    if run_id is not None:
        await runs.keep_before(conn, [leg for pair in pairs for leg in pair], entity_id=entity_id, run_id=run_id)
    paired = await categorization.store_pairs(
        conn, pairs, entity_id=entity_id, transfers_clearing=chart.transfers_clearing, now=now
    )
    await decisions.uphold(
        conn,
        [*touched, *freed],
        entity_id=entity_id,
        uncategorized_income=chart.uncategorized_income,
        uncategorized_expense=chart.uncategorized_expense,
    )
    await show_kept_advice(conn, [*touched, *freed], entity_id=entity_id, chart=chart, now=now)
    known = set(touched)
    return [row for row in {*broken, *freed, *paired} if row not in known]


async def _exchanges(
    conn: WriteConnection, legs: Sequence[TransferLeg], pairs: Sequence[Pair], rejected: set[Pair], *, entity_id: int
) -> list[Pair]:
    """Return the transfers between two currencies among legs that are in no pair yet."""
    taken = {leg for pair in pairs for leg in pair}
    left = [leg for leg in legs if leg.id not in taken and leg.has_hint]
    if len({leg.currency for leg in left}) < _CURRENCIES_OF_AN_EXCHANGE:
        return []
    base_currency = await ledger.base_currency(conn, entity_id=entity_id)
    wanted = {(leg.currency, leg.dated) for leg in left if leg.currency != base_currency}
    known = await rates.rates_on(conn, wanted, entity_id=entity_id)
    worths = {
        leg.id: leg.amount * (1 if leg.currency == base_currency else known[leg.currency, leg.dated])
        for leg in left
        if leg.currency == base_currency or (leg.currency, leg.dated) in known
    }
    return pair_exchanges(left, worths=worths, rejected=rejected)
