"""Choosing the categories of bank transactions: each decider in turn may answer; the first sure one is booked."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from openledger_server.categorization import merchants, model
from openledger_server.categorization.deciders import (
    Question,
    deciders_for,
    is_memory_enough,
    is_provider_enough,
)
from openledger_server.categorization.model import Line
from openledger_server.categorization.phrases import names_books
from openledger_server.categorization.policy import Policy
from openledger_server.categorization.provider_categories import provider_categories
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
    keys = merchants.merchant_keys([candidate])
    return _ask_learner([candidate], _judged([candidate], keys, chart, memory, policy, _NO_RECALL), chart, policy)[0]


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
    recall = _Recall.of(candidates)
    judgements: list[Judgement] = []
    # Piece by piece, so that what is needed in between is gone before the collector counts it or the cache is full.
    for start in range(0, len(candidates), model.BATCH):
        piece = slice(start, start + model.BATCH)
        judgements += _judged(candidates[piece], keys[piece], chart, memory, policy, recall)
    return _ask_learner(candidates, judgements, chart, policy)


def _judged(
    candidates: Sequence[Candidate],
    keys: Sequence[str | None],
    chart: Chart,
    memory: Mapping[str, Memory],
    policy: Policy,
    recall: "_Recall",
) -> list[Judgement]:
    verdicts = policy.rules.verdicts(candidates)
    remembered = [memory.get(key) if key else None for key in keys]
    is_open = [
        (verdict is None or verdict.deciding is None) and (known is None or not is_memory_enough(candidate, known))
        for candidate, verdict, known in zip(candidates, verdicts, remembered, strict=True)
    ]
    guesses = _model_guesses(candidates, is_open, chart, recall)
    meanings = provider_categories()
    return [
        _judgement(
            Question(
                candidate,
                key,
                chart,
                known,
                guess,
                meanings.get(candidate.provider_category or ""),
                meanings.get(guess.pfc_detailed),
                verdict,
            ),
            policy,
        )
        for candidate, key, known, guess, verdict in zip(candidates, keys, remembered, guesses, verdicts, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class _Recall:
    """What the model said of the lines that come again, so that each is looked at once."""

    again: frozenset[str]
    """Descriptions that occur more than once."""
    known: dict[Line, ModelGuess] = field(default_factory=dict)

    @classmethod
    def of(cls, candidates: Sequence[Candidate]) -> "_Recall":
        counts = Counter([candidate.description for candidate in candidates])
        return cls(frozenset([text for text, times in counts.items() if times > 1]))

    def classify(self, lines: Sequence[Line]) -> list[ModelGuess]:
        known = self.known
        if not self.again:
            return model.classify(lines)
        unknown = list(dict.fromkeys([line for line in lines if line not in known]))
        fresh = dict(zip(unknown, model.classify(unknown), strict=True))
        known.update({line: guess for line, guess in fresh.items() if line.description in self.again})
        return [fresh.get(line) or known[line] for line in lines]


def _ask_learner(
    candidates: Sequence[Candidate], judgements: list[Judgement], chart: Chart, policy: Policy
) -> list[Judgement]:
    """Return the judgements, those that nobody is sure of replaced where the entity's own history is surer.

    Each merchant and direction is asked about once, and so many of them at most that a long import stays quick.
    """
    if not policy.learner.is_ready:
        return judgements
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
        is_sure = guess.confidence >= policy.booking_floor(guess)
        judgements[place] = judgement._replace(
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


_NO_RECALL = _Recall(frozenset())


def _model_guesses(
    candidates: Sequence[Candidate], is_open: Sequence[bool], chart: Chart, recall: _Recall
) -> list[ModelGuess]:
    """Return the model's guess for each candidate that is still open, and NO_GUESS where no decider would look."""
    unknown = [place for place, still in enumerate(is_open) if still]
    told = [place for place in unknown if is_provider_enough(candidates[place], chart)]
    says_books = names_books([candidates[place].description for place in told])
    settled = {place for place, says in zip(told, says_books, strict=True) if not says}
    asked = [place for place in unknown if place not in settled] if settled else unknown
    lines = [
        Line(candidate.description, candidate.is_inflow, candidate.bank_account_type, candidate.merchant_name or "")
        for candidate in map(candidates.__getitem__, asked)
    ]
    guesses = [NO_GUESS] * len(candidates)
    for place, guess in zip(asked, recall.classify(lines), strict=True):
        guesses[place] = guess
    return guesses


def _judgement(question: Question, policy: Policy) -> Judgement:
    candidate, chart = question.candidate, question.chart
    guess = None
    for decide in deciders_for(question):
        if (guess := decide(question)) is not None:
            break
    if guess is None or (guess.decided_by is DecidedBy.MODEL and guess.confidence < policy.suggestion_floor):
        guess = Guess(
            ledger_account_id=chart.uncategorized(is_inflow=candidate.is_inflow),
            decided_by=DecidedBy.FALLBACK,
            confidence=0.0,
            reason="Neither your earlier choices nor the bank data say surely enough what this is.",
        )
    is_sure = guess.is_final or guess.confidence >= policy.booking_floor(guess)
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
