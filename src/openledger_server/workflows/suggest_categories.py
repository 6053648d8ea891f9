"""Suggesting categories for transactions as a caller describes them; nothing is stored."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass

from openledger_server.base import db
from openledger_server.categorization import merchants
from openledger_server.categorization import store as categorization
from openledger_server.categorization.judge import judge_all
from openledger_server.categorization.types import Candidate, Chart, DecidedBy, Judgement
from openledger_server.ledger import store as ledger
from openledger_server.ledger.types import LedgerAccount, LedgerAccountId
from openledger_server.workflows.judging import policy_of
from openledger_server.workflows.services import Services

_JUDGED_TOGETHER = 100
"""Answers come as soon as this many are there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One transaction to categorise."""

    name: str
    """What the caller calls it."""
    candidate: Candidate
    """Its id is 0 unless it is one of the entity's bank transactions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """The answer for one."""

    place: int
    """Where it stood in the question."""
    name: str
    judgement: Judgement
    account: LedgerAccount | None
    """The category booked or, where that is uncertain, suggested; None where nothing is sure enough to be shown."""
    is_stored: bool
    """It is a bank transaction of the entity and this is the category that it has."""


async def suggest_categories(
    services: Services, asked: Sequence[Asked], *, entity_id: int
) -> AsyncIterator[list[Suggestion]]:
    """Yield the answers in pieces: first those that have a category already, then the others in their order.

    The entity's rules and what its people decided count as they do for its own bank transactions.
    """
    ids = [one.candidate.id for one in asked if one.candidate.id]
    async with db.read_entity(services.pool, entity_id=entity_id) as conn:
        accounts = {account.id: account for account in await ledger.ledger_accounts(conn, entity_id=entity_id)}
        stored = await categorization.judgements_of(conn, ids, entity_id=entity_id)
        # Of its own bank transactions the entity knows more than a caller tells.
        own = {row.id: row for row in await categorization.candidates(conn, ids, entity_id=entity_id)}
        candidates = [own.get(one.candidate.id, one.candidate) for one in asked]
        keys = merchants.merchant_keys(candidates)
        memory = await categorization.memory(conn, {key for key in keys if key}, entity_id=entity_id)
        policy = await policy_of(conn, entity_id=entity_id)
    chart = categorization.chart_of(accounts.values())
    settled = {place for place, one in enumerate(asked) if _is_settled(stored.get(one.candidate.id))}
    if settled:
        yield [
            _suggestion(place, asked[place].name, stored[asked[place].candidate.id], accounts, chart, is_stored=True)
            for place in sorted(settled)
        ]
    open_ones = [place for place in range(len(asked)) if place not in settled]
    for start in range(0, len(open_ones), _JUDGED_TOGETHER):
        places = open_ones[start : start + _JUDGED_TOGETHER]
        judgements = await asyncio.to_thread(
            judge_all,
            [candidates[place] for place in places],
            chart=chart,
            memory=memory,
            policy=policy,
            merchant_keys=[keys[place] for place in places],
        )
        yield [
            _suggestion(place, asked[place].name, judgement, accounts, chart, is_stored=False)
            for place, judgement in zip(places, judgements, strict=True)
        ]


def _is_settled(judgement: Judgement | None) -> bool:
    return judgement is not None and not judgement.needs_review and judgement.decided_by != DecidedBy.FALLBACK


def _suggestion(
    place: int,
    name: str,
    judgement: Judgement,
    accounts: Mapping[LedgerAccountId, LedgerAccount],
    chart: Chart,
    *,
    is_stored: bool,
) -> Suggestion:
    chosen = judgement.suggested_ledger_account_id or judgement.ledger_account_id
    is_nothing = chosen in {chart.uncategorized_income, chart.uncategorized_expense} and not is_stored
    return Suggestion(
        place=place,
        name=name,
        judgement=judgement,
        account=None if is_nothing else accounts.get(chosen),
        is_stored=is_stored,
    )
