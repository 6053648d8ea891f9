"""Choosing the categories of bank transactions: each decider in turn may answer; the first sure one is booked."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from openledger_server.categorization import merchants, model
from openledger_server.categorization.deciders import DECIDERS, Question, is_memory_enough, is_provider_enough
from openledger_server.categorization.model import Line
from openledger_server.categorization.phrases import names_books
from openledger_server.categorization.policy import Policy
from openledger_server.categorization.routes import NO_GUESS, ModelGuess
from openledger_server.categorization.types import (
    Candidate,
    Chart,
    DecidedBy,
    Guess,
    Judgement,
    Memory,
)

_SUGGESTED_BELOW_FLOOR = frozenset([DecidedBy.PROVIDER, DecidedBy.MODEL])


_ASKED_AFTER = frozenset([DecidedBy.PROVIDER, DecidedBy.MODEL, DecidedBy.FALLBACK])
_LEARNER_ASKED_MAX = 500
_NO_POLICY = Policy()


def judge(
    candidate: Candidate, *, chart: Chart, memory: Mapping[str, Memory], policy: Policy = _NO_POLICY
) -> Judgement:
    """Return the category of one bank transaction; see `judge_all`."""
    return judge_all([candidate], chart=chart, memory=memory, policy=policy)[0]


def judge_all(
    candidates: Sequence[Candidate],
    *,
    chart: Chart,
    memory: Mapping[str, Memory],
    policy: Policy = _NO_POLICY,
    merchant_keys: Sequence[str | None] | None = None,
) -> list[Judgement]:
    """Return the category of each bank transaction, in the same order, with who decided, why and how sure.

    A guess from the policy's booking floor on is booked, and so is what the entity's rules say. Below, the money goes
    to an uncategorized account, the guess is kept as a suggestion from the suggestion floor on, and a person is asked.
    A presumed transfer is held in clearing meanwhile. The model looks at all together, which is many times faster, and
    not at those whose answer cannot depend on it. `merchant_keys`: those of the candidates, if the caller has them.
    """
    keys = merchants.merchant_keys(candidates) if merchant_keys is None else merchant_keys
    verdicts = [policy.rules.verdict(candidate) for candidate in candidates]
    is_open = [
        (verdict is None or verdict.deciding is None) and not is_memory_enough(candidate, memory.get(key or ""))
        for candidate, verdict, key in zip(candidates, verdicts, keys, strict=True)
    ]
    guesses = _model_guesses(candidates, is_open, chart)
    judgements = [
        _judgement(
            Question(candidate=candidate, merchant_key=key, chart=chart, memory=memory, model=guess, verdict=verdict),
            policy,
        )
        for candidate, key, guess, verdict in zip(candidates, keys, guesses, verdicts, strict=True)
    ]
    return _ask_learner(candidates, judgements, chart, policy)


def _ask_learner(
    candidates: Sequence[Candidate], judgements: list[Judgement], chart: Chart, policy: Policy
) -> list[Judgement]:
    """Return the judgements, those that nobody is sure of replaced where the entity's own history is surer.

    Each merchant and direction is asked about once, and so many of them at most that a long import stays quick.
    """
    known: dict[tuple[str | None, bool, str], Guess | None] = {}
    for place, (candidate, judgement) in enumerate(zip(candidates, judgements, strict=True)):
        if not judgement.needs_review or judgement.decided_by not in _ASKED_AFTER:
            continue
        asked = (judgement.merchant_key, candidate.is_inflow, "" if judgement.merchant_key else candidate.description)
        if asked not in known:
            known[asked] = policy.learner.guess(candidate) if len(known) < _LEARNER_ASKED_MAX else None
        guess = known[asked]
        if guess is None or guess.confidence < max(judgement.confidence, policy.suggestion_floor):
            continue
        is_sure = guess.confidence >= policy.booking_floor(guess.decided_by)
        judgements[place] = replace(
            judgement,
            ledger_account_id=(
                guess.ledger_account_id if is_sure else chart.uncategorized(is_inflow=candidate.is_inflow)
            ),
            suggested_ledger_account_id=None if is_sure else guess.ledger_account_id,
            decided_by=guess.decided_by,
            reason=guess.reason,
            confidence=guess.confidence,
            needs_review=not is_sure,
        )
    return judgements


def _model_guesses(candidates: Sequence[Candidate], is_open: Sequence[bool], chart: Chart) -> list[ModelGuess]:
    """Return the model's guess for each candidate that is still open, and NO_GUESS where no decider would look."""
    unknown = [place for place, still in enumerate(is_open) if still]
    told = [place for place in unknown if is_provider_enough(candidates[place], chart)]
    says_books = names_books([candidates[place].description for place in told])
    settled = {place for place, says in zip(told, says_books, strict=True) if not says}
    asked = [place for place in unknown if place not in settled]
    lines = [
        Line(
            description=candidate.description,
            is_inflow=candidate.is_inflow,
            account_type=candidate.bank_account_type,
            merchant_name=candidate.merchant_name or "",
        )
        for candidate in map(candidates.__getitem__, asked)
    ]
    guesses = [NO_GUESS] * len(candidates)
    for place, guess in zip(asked, model.classify(lines), strict=True):
        guesses[place] = guess
    return guesses


def _judgement(question: Question, policy: Policy) -> Judgement:
    candidate, chart = question.candidate, question.chart
    guess = None
    for decide in DECIDERS:
        if (guess := decide(question)) is not None:
            break
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
        is_excluded=guess.is_excluded,
        split=guess.split,
    )
