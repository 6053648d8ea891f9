"""Who may choose the category of one bank transaction, each a pure function: a question in, a guess or nothing out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from openledger_server.categorization.provider_categories import (
    ProviderCategory,
    provider_categories,
    readable,
)
from openledger_server.categorization.routes import ModelGuess, Route
from openledger_server.categorization.rules.types import Verdict
from openledger_server.categorization.taxonomy import primary_of
from openledger_server.categorization.types import Candidate, Chart, DecidedBy, Guess, Memory

# Plaid states more than 98 % and more than 90 % for its two highest levels and no figure for the others; those are ours
# to be careful with, below the floor at which a choice is booked unseen.
_CONFIDENCE_BY_LEVEL = {"VERY_HIGH": 0.98, "HIGH": 0.92, "MEDIUM": 0.7, "LOW": 0.4}
_CONFIDENCE_OTHERWISE = 0.3
_SURE_LEVELS = frozenset(["VERY_HIGH", "HIGH"])
_CONFIDENCE_RULE = 0.99
_CONFIDENCE_PERSONAL = 0.6
_CONFIDENCE_ONE_LEG = 0.6
_CONFIDENCE_REMEMBERED = 0.95
_CONFIDENCE_REMEMBERED_OFTEN = 0.99
_OFTEN = 3
# The template's general card account is not opened: each linked card has its own.
_CARD_PAYMENT_CODE = 2100
_ACCOUNT_BY_BOOKS = {"payroll": 6500, "payroll_tax": 6510, "owner_draw": 3200}
_DOUBLE_AGREEMENT_MAX = 0.97
_TRANSFER_PHRASE_MIN = 0.85


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One bank transaction and everything that deciders may look at."""

    candidate: Candidate
    merchant_key: str | None
    chart: Chart
    memory: Mapping[str, Memory]
    """By merchant key."""
    model: ModelGuess
    verdict: Verdict | None = None
    """What the entity's own rules say."""


Decider = Callable[[Question], Guess | None]
"""A guess, or None when it has nothing to say."""


def from_rules(question: Question) -> Guess | None:
    """Answer with the first of the entity's rules that finds this row and says where it is booked."""
    rule = None if question.verdict is None else question.verdict.deciding
    if rule is None:
        return None
    account = rule.action.ledger_account_id
    return Guess(
        ledger_account_id=question.chart.transfers_clearing if account is None else account,
        decided_by=DecidedBy.TRANSFER if rule.action.is_transfer else DecidedBy.RULE,
        confidence=_CONFIDENCE_RULE,
        reason=rule.reason,
        is_final=True,
    )


def from_memory(question: Question) -> Guess | None:
    """Answer with what a person of this entity chose for this merchant before."""
    known = question.memory.get(question.merchant_key) if question.merchant_key else None
    if known is None:
        return None
    times = "once" if known.decisions == 1 else f"{known.decisions} times"
    return Guess(
        ledger_account_id=known.ledger_account_id,
        decided_by=DecidedBy.MEMORY,
        confidence=_CONFIDENCE_REMEMBERED_OFTEN if known.decisions >= _OFTEN else _CONFIDENCE_REMEMBERED,
        reason=f"You chose this category for this merchant {times}.",
    )


def from_books_phrase(question: Question) -> Guess | None:
    """Answer where a phrase says more about a business's books than any category does: payroll, owner's draws."""
    account = question.chart.by_code.get(_ACCOUNT_BY_BOOKS.get(question.model.books, 0))
    if account is None:
        return None
    return Guess(
        ledger_account_id=account,
        decided_by=DecidedBy.MODEL,
        confidence=question.model.confidence,
        reason=question.model.reason,
    )


def from_transfer_code(question: Question) -> Guess | None:
    """Hold money that the provider calls a transfer in the clearing account until its other side is found."""
    category = _provider_category(question)
    if category is None or not category.is_transfer:
        return None
    return _one_leg(category, question.chart)


def from_transfer_phrase(question: Question) -> Guess | None:
    """Hold money that the bank's own words call a transfer, unless the provider is sure that it is something else."""
    category = provider_categories().get(question.model.pfc_detailed)
    if category is None or not category.is_transfer or question.model.route is not Route.PHRASE:
        return None
    if question.model.confidence < _TRANSFER_PHRASE_MIN or _is_provider_sure(question):
        return None
    return _one_leg(category, question.chart)


def from_provider(question: Question) -> Guess | None:
    """Map the provider's category to the chart; its confidence level says how sure it is.

    Unless it is sure by itself, the model's agreement raises its confidence and the model's contradiction lowers it.
    """
    category = _provider_category(question)
    if category is None or category.is_transfer:
        return None
    account = question.chart.by_code.get(category.account_code)
    if account is None:
        return None
    level = question.candidate.provider_confidence or ""
    alone = _CONFIDENCE_BY_LEVEL.get(level, _CONFIDENCE_OTHERWISE)
    words = readable(category.code)
    confidence, echo = (alone, "") if level in _SURE_LEVELS else _heard_both(alone, category, question)
    if category.is_personal:
        return Guess(
            ledger_account_id=account,
            decided_by=DecidedBy.PROVIDER,
            confidence=min(confidence, _CONFIDENCE_PERSONAL),
            reason=f"The bank data say “{words}”, which is often private spending on a business account.",
        )
    said = f"with {level.replace('_', ' ').lower()} confidence" if level else "without a confidence"
    return Guess(
        ledger_account_id=account,
        decided_by=DecidedBy.PROVIDER,
        confidence=confidence,
        reason=f"The bank data say “{words}” {said}.{echo}",
    )


def from_model(question: Question) -> Guess | None:
    """Map the model's category to the chart; a provider that says otherwise makes it less sure."""
    category = provider_categories().get(question.model.pfc_detailed)
    account = None if category is None else question.chart.by_code.get(category.account_code)
    if category is None or category.is_transfer or account is None:
        return None
    confidence = question.model.confidence
    provider = _provider_category(question)
    if provider is not None and primary_of(provider.code) != question.model.pfc_primary:
        against = _CONFIDENCE_BY_LEVEL.get(question.candidate.provider_confidence or "", _CONFIDENCE_OTHERWISE)
        confidence = _share_against(confidence, against)
    if category.is_personal:
        return Guess(
            ledger_account_id=account,
            decided_by=DecidedBy.MODEL,
            confidence=min(confidence, _CONFIDENCE_PERSONAL),
            reason=f"{question.model.reason} That is often private spending on a business account.",
        )
    return Guess(
        ledger_account_id=account, decided_by=DecidedBy.MODEL, confidence=confidence, reason=question.model.reason
    )


def from_provider_and_model(question: Question) -> Guess | None:
    """Answer with the surer of the two; the provider's word goes before where it is sure by itself."""
    provider = from_provider(question)
    if provider is not None and _is_provider_sure(question):
        return provider
    model = from_model(question)
    if provider is None or model is None:
        return provider or model
    return model if model.confidence > provider.confidence else provider


def _heard_both(alone: float, category: ProviderCategory, question: Question) -> tuple[float, str]:
    """Return the provider's confidence once the model has spoken, and what to add to the reason."""
    model = question.model
    if primary_of(category.code) != model.pfc_primary:
        return _share_against(alone, model.confidence), ""
    # Two that err independently are wrong together less often than either; they share some errors, hence the ceiling.
    both = 1 - (1 - alone) * (1 - model.confidence)
    return max(alone, min(both, _DOUBLE_AGREEMENT_MAX)), " The text says the same."


def _share_against(confidence: float, against: float) -> float:
    """Return how sure one may be when another says something else with its own confidence: only one can be right."""
    mine, other = confidence * (1 - against), against * (1 - confidence)
    neither = (1 - confidence) * (1 - against)
    total = mine + other + neither
    return mine / total if total else 0.0


def _one_leg(category: ProviderCategory, chart: Chart) -> Guess:
    suggested = None if category.account_code == _CARD_PAYMENT_CODE else chart.by_code.get(category.account_code)
    return Guess(
        ledger_account_id=chart.transfers_clearing,
        decided_by=DecidedBy.TRANSFER,
        confidence=_CONFIDENCE_ONE_LEG,
        reason="Looks like a transfer between your own accounts; the other side has not been found yet.",
        suggested_ledger_account_id=None if suggested == chart.transfers_clearing else suggested,
    )


def _provider_category(question: Question) -> ProviderCategory | None:
    return provider_categories().get(question.candidate.provider_category or "")


def is_provider_enough(candidate: Candidate, chart: Chart) -> bool:
    """Return whether the provider's category decides alone, unless memory or a phrase about the books goes before it.

    That is so for its transfers, and where it is sure of a category that this chart has an account for.
    """
    category = provider_categories().get(candidate.provider_category or "")
    if category is None:
        return False
    return category.is_transfer or (
        candidate.provider_confidence in _SURE_LEVELS and category.account_code in chart.by_code
    )


def _is_provider_sure(question: Question) -> bool:
    return question.candidate.provider_confidence in _SURE_LEVELS and _provider_category(question) is not None


DECIDERS: tuple[Decider, ...] = (
    from_rules,
    from_memory,
    from_books_phrase,
    from_transfer_code,
    from_transfer_phrase,
    from_provider_and_model,
)
"""In order of precedence."""
