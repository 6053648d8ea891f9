"""Choosing the categories of bank transactions: each decider in turn may answer; the first sure one is booked."""

from collections.abc import Mapping, Sequence

from openledger_server.categorization import merchants, model
from openledger_server.categorization.deciders import DECIDERS, Question
from openledger_server.categorization.model import Line
from openledger_server.categorization.types import (
    BOOKING_FLOOR,
    BOOKING_FLOOR_MODEL,
    SUGGESTION_FLOOR,
    Candidate,
    Chart,
    DecidedBy,
    Guess,
    Judgement,
    Memory,
)

_SUGGESTED_BELOW_FLOOR = frozenset([DecidedBy.PROVIDER, DecidedBy.MODEL])


def judge(candidate: Candidate, *, chart: Chart, memory: Mapping[str, Memory]) -> Judgement:
    """Return the category of one bank transaction; see `judge_all`."""
    return judge_all([candidate], chart=chart, memory=memory)[0]


def judge_all(candidates: Sequence[Candidate], *, chart: Chart, memory: Mapping[str, Memory]) -> list[Judgement]:
    """Return the category of each bank transaction, in the same order, with who decided, why and how sure.

    A guess from BOOKING_FLOOR on is booked (BOOKING_FLOOR_MODEL, if it is the model's alone). Below, the money goes to
    an uncategorized account, the guess is kept as a suggestion from SUGGESTION_FLOOR on, and a person is asked. A
    presumed transfer is held in clearing meanwhile. The model looks at all together, which is many times faster.
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
            )
        )
        for candidate, guess in zip(candidates, model.classify(lines), strict=True)
    ]


def _judgement(question: Question) -> Judgement:
    candidate, chart = question.candidate, question.chart
    guess = next(filter(None, (decide(question) for decide in DECIDERS)), None)
    if guess is None or (guess.decided_by is DecidedBy.MODEL and guess.confidence < SUGGESTION_FLOOR):
        guess = Guess(
            ledger_account_id=chart.uncategorized(is_inflow=candidate.is_inflow),
            decided_by=DecidedBy.FALLBACK,
            confidence=0.0,
            reason="Neither your earlier choices nor the bank data say surely enough what this is.",
        )
    is_sure = guess.confidence >= (BOOKING_FLOOR_MODEL if guess.decided_by is DecidedBy.MODEL else BOOKING_FLOOR)
    account, suggestion = guess.ledger_account_id, guess.suggested_ledger_account_id
    if guess.decided_by in _SUGGESTED_BELOW_FLOOR and not is_sure:
        suggestion = account if guess.confidence >= SUGGESTION_FLOOR else None
        account = chart.uncategorized(is_inflow=candidate.is_inflow)
    return Judgement(
        bank_transaction_id=candidate.id,
        ledger_account_id=account,
        suggested_ledger_account_id=suggestion,
        counterparty=merchants.counterparty(candidate),
        merchant_key=question.merchant_key,
        decided_by=guess.decided_by,
        reason=guess.reason,
        confidence=guess.confidence,
        needs_review=not is_sure,
    )
