"""Choosing the categories of bank transactions: each decider in turn may answer; the first sure one is booked."""

from collections.abc import Mapping, Sequence

from openledger_server.categorization import merchants, model
from openledger_server.categorization.deciders import DECIDERS, Question
from openledger_server.categorization.model import Line
from openledger_server.categorization.policy import Policy
from openledger_server.categorization.types import (
    Candidate,
    Chart,
    DecidedBy,
    Guess,
    Judgement,
    Memory,
)

_SUGGESTED_BELOW_FLOOR = frozenset([DecidedBy.PROVIDER, DecidedBy.MODEL])


_NO_POLICY = Policy()


def judge(
    candidate: Candidate, *, chart: Chart, memory: Mapping[str, Memory], policy: Policy = _NO_POLICY
) -> Judgement:
    """Return the category of one bank transaction; see `judge_all`."""
    return judge_all([candidate], chart=chart, memory=memory, policy=policy)[0]


def judge_all(
    candidates: Sequence[Candidate], *, chart: Chart, memory: Mapping[str, Memory], policy: Policy = _NO_POLICY
) -> list[Judgement]:
    """Return the category of each bank transaction, in the same order, with who decided, why and how sure.

    A guess from the policy's booking floor on is booked, and so is what the entity's rules say. Below, the money goes
    to an uncategorized account, the guess is kept as a suggestion from the suggestion floor on, and a person is asked.
    A presumed transfer is held in clearing meanwhile. The model looks at all together, which is many times faster.
    """
    lines = [
        Line(
            description=candidate.description,
            is_inflow=candidate.is_inflow,
            account_type=candidate.bank_account_type,
            merchant_name=candidate.merchant_name or "",
        )
        for candidate in candidates
    ]
    return [
        _judgement(
            Question(
                candidate=candidate,
                merchant_key=merchants.merchant_key(candidate),
                chart=chart,
                memory=memory,
                model=guess,
                verdict=policy.rules.verdict(candidate),
            ),
            policy,
        )
        for candidate, guess in zip(candidates, model.classify(lines), strict=True)
    ]


def _judgement(question: Question, policy: Policy) -> Judgement:
    candidate, chart = question.candidate, question.chart
    guess = next(filter(None, (decide(question) for decide in DECIDERS)), None)
    if guess is None or (guess.decided_by is DecidedBy.MODEL and guess.confidence < policy.suggestion_floor):
        guess = Guess(
            ledger_account_id=chart.uncategorized(is_inflow=candidate.is_inflow),
            decided_by=DecidedBy.FALLBACK,
            confidence=0.0,
            reason="Neither your earlier choices nor the bank data say surely enough what this is.",
        )
    is_sure = guess.is_final or guess.confidence >= policy.booking_floor(guess.decided_by)
    account, suggestion = guess.ledger_account_id, guess.suggested_ledger_account_id
    if guess.decided_by in _SUGGESTED_BELOW_FLOOR and not is_sure:
        suggestion = account if guess.confidence >= policy.suggestion_floor else None
        account = chart.uncategorized(is_inflow=candidate.is_inflow)
    verdict = question.verdict
    naming = None if verdict is None else verdict.naming
    ruling = naming if verdict is None or verdict.deciding is None else verdict.deciding
    return Judgement(
        bank_transaction_id=candidate.id,
        ledger_account_id=account,
        suggested_ledger_account_id=suggestion,
        counterparty=merchants.counterparty(candidate) if naming is None else naming.action.counterparty,
        merchant_key=question.merchant_key,
        decided_by=guess.decided_by,
        reason=guess.reason,
        confidence=guess.confidence,
        needs_review=not is_sure,
        rule_id=None if ruling is None else ruling.id,
    )
