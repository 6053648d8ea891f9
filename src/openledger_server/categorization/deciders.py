"""Who may choose the category of one bank transaction, each a pure function: a question in, a guess or nothing out."""

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from openledger_server.categorization.provider_categories import (
    ProviderCategory,
    provider_categories,
    readable,
)
from openledger_server.categorization.routes import ModelGuess, Route
from openledger_server.categorization.rules.splitting import Division, divide
from openledger_server.categorization.rules.types import Rule, Verdict
from openledger_server.categorization.taxonomy import primary_of
from openledger_server.categorization.types import (
    BOOKING_FLOOR,
    BOOKING_FLOOR_BOOKS,
    BOOKING_FLOOR_MEMORY,
    SUGGESTION_FLOOR,
    AmountMemory,
    Candidate,
    Chart,
    DecidedBy,
    Guess,
    Memory,
    SplitPart,
)
from openledger_server.ledger.types import LedgerAccountId

# Plaid states more than 98 % and more than 90 % for its two highest levels and no figure for the others; those are ours
# to be careful with, below the floor at which a choice is booked unseen.
_CONFIDENCE_BY_LEVEL = {"VERY_HIGH": 0.98, "HIGH": 0.92, "MEDIUM": 0.7, "LOW": 0.4}
_CONFIDENCE_OTHERWISE = 0.3
_SURE_LEVELS = frozenset(["VERY_HIGH", "HIGH"])
# Plaid says "more than 98 %" of the one and "more than 90 %" of the other: only the former stands against anything.
_BEYOND_DOUBT = "VERY_HIGH"
_CONFIDENCE_RULE = 0.99
_CONFIDENCE_PERSONAL = 0.6
_CONFIDENCE_ONE_LEG = 0.6
# How often the next row of a merchant went where the last ones went, by how many in a row those were (the last figure
# stands for that many and more): measured on 16 histories of 1,000 rows each, whose charts are finer than most.
_REMEMBERED = (0.62, 0.75, 0.84, 0.88, 0.88, 0.93, 0.93, 0.98)
_REMEMBERED_OF_TWO_MINDS = (0.36, 0.55, 0.69, 0.72, 0.75, 0.93)
_REMEMBERED_AT_THIS_AMOUNT = (0.95, 0.985)
_REMEMBERED_AT_THIS_AMOUNT_OF_TWO_MINDS = (0.79, 0.93)
_REMEMBERED_AGAINST_THE_LAST = (0.34, 0.6, 0.6, 0.75)
_REMEMBERED_MAX = 0.99
# Of rows whose text means what people chose before, 79 % went there too: a merchant's purchases are for many things.
_REMEMBERED_AS_THE_TEXT_SAYS = 0.8
# The template's general card account is not opened: each linked card has its own.
_CARD_PAYMENT_CODE = 2100
ACCOUNT_BY_BOOKS = {"payroll": 6500, "payroll_tax": 6510, "owner_draw": 3200}
_DOUBLE_AGREEMENT_MAX = 0.97
_TRANSFER_PHRASE_MIN = 0.85
# By (is it a wire, did money come in), with the account that the template gives each.
THIRD_PARTY_CODES = {
    (False, True): "TRANSFER_IN_TRANSFER_IN_FROM_APPS",
    (False, False): "TRANSFER_OUT_TRANSFER_OUT_FROM_APPS",
    (True, True): "TRANSFER_IN_WIRE",
    (True, False): "TRANSFER_OUT_WIRE",
}
ACCOUNT_BY_THIRD_PARTY = {
    "TRANSFER_IN_TRANSFER_IN_FROM_APPS": 4000,
    "TRANSFER_OUT_TRANSFER_OUT_FROM_APPS": 3200,
    "TRANSFER_IN_WIRE": 4000,
    "TRANSFER_OUT_WIRE": 5200,
}
_CONFIDENCE_THIRD_PARTY = 0.5
_PAYMENT_APPS = re.compile(
    r"\b(zelle|venmo|cash ?app|square ?cash|apple cash|popmoney|interac|quickpay"
    r"|xoom|remitly|moneygram|western union)\b",
    re.IGNORECASE,
)
_WIRES = re.compile(r"\b(wire|fedwire|swift|chips|telex)\b", re.IGNORECASE)
_DEBT_TYPES = frozenset(["credit", "loan"])
_NOT_ON_DEBT = frozenset(["INCOME", "TRANSFER_IN", "LOAN_PAYMENTS"])
_TAX_PAYMENT = "GOVERNMENT_AND_NON_PROFIT_TAX_PAYMENT"
_TAX_REASON = (
    "A tax payment. Taxes on the business are an expense; the owners' own income tax is a draw, and taxes withheld or "
    "collected before are a liability."
)


class Question(NamedTuple):
    """One bank transaction and everything that deciders may look at."""

    candidate: Candidate
    merchant_key: str | None
    chart: Chart
    memory: Memory | None
    """What people chose for this merchant."""
    model: ModelGuess
    provider: ProviderCategory | None
    """What the provider's category means for the books; None if it gave none, or one that is not known."""
    meant: ProviderCategory | None
    """The same for the model's."""
    verdict: Verdict | None = None
    """What the entity's own rules say."""


Decider = Callable[[Question], Guess | None]
"""A guess, or None when it has nothing to say."""


def from_rules(question: Question) -> Guess | None:
    """Answer with the first of the entity's rules that finds this row and says where it is booked."""
    rule = None if question.verdict is None else question.verdict.deciding
    if rule is None:
        return None
    action, chart = rule.action, question.chart
    if action.split:
        return _divided(rule, question)
    account = chart.transfers_clearing if action.is_transfer else action.ledger_account_id
    return Guess(
        ledger_account_id=account or chart.uncategorized(is_inflow=question.candidate.is_inflow),
        decided_by=DecidedBy.TRANSFER if action.is_transfer else DecidedBy.RULE,
        confidence=_CONFIDENCE_RULE,
        reason=rule.reason,
        is_final=True,
        is_excluded=action.is_exclusion,
    )


def _divided(rule: Rule, question: Question) -> Guess:
    """Answer with a split, booked under the account of its largest part; a row it cannot divide goes to a person."""
    candidate, parts = question.candidate, rule.action.split
    if candidate.amount:
        division = divide(parts, amount=candidate.amount, currency=candidate.currency)
    else:
        # Nothing is booked of it, so nobody is asked about it either.
        rest = next(part.ledger_account_id for part in parts if part.takes_rest)
        division = Division(parts=(SplitPart(rest, candidate.amount),))
    if division.objection:
        return Guess(
            ledger_account_id=question.chart.uncategorized(is_inflow=candidate.is_inflow),
            decided_by=DecidedBy.RULE,
            confidence=0.0,
            reason=f"Your rule “{rule.name}” cannot split this: {division.objection}.",
        )
    found = division.parts
    is_split = len(found) > 1
    return Guess(
        ledger_account_id=max(found, key=lambda part: abs(part.amount)).ledger_account_id,
        decided_by=DecidedBy.RULE,
        confidence=_CONFIDENCE_RULE,
        reason=f"{rule.reason} It is split over {len(found)} categories." if is_split else rule.reason,
        is_final=True,
        split=found if is_split else (),
    )


def from_memory(question: Question) -> Guess | None:
    """Answer with what a person of this entity chose for this merchant before."""
    known = question.memory
    if known is None:
        return None
    account, confidence, reason = _remembered(known, known.by_amount.get(question.candidate.amount))
    others = [guess for guess in (from_provider(question), from_model(question)) if guess is not None]
    agreeing = [guess for guess in others if guess.ledger_account_id == account]
    if agreeing:
        # Two that err independently are wrong together less often than either.
        both = min(1 - (1 - confidence) * (1 - max(guess.confidence for guess in agreeing)), _REMEMBERED_MAX)
        confidence = max(confidence, min(both, _REMEMBERED_AS_THE_TEXT_SAYS))
        if any(guess.decided_by is DecidedBy.PROVIDER and guess.confidence >= BOOKING_FLOOR for guess in agreeing):
            # The provider alone would be booked; that people chose the same is no reason to ask.
            confidence = max(confidence, both, BOOKING_FLOOR_MEMORY)
        reason = f"{reason} The bank's text says the same."
    elif confidence < SUGGESTION_FLOOR and others:
        return None  # people are of two minds about this merchant
    return Guess(ledger_account_id=account, decided_by=DecidedBy.MEMORY, confidence=confidence, reason=reason)


def _remembered(known: Memory, exactly: AmountMemory | None) -> tuple[LedgerAccountId, float, str]:
    """Return what memory says, how sure that is, and why."""
    is_of_two_minds = known.others > 0
    if exactly is not None and exactly.ledger_account_id == known.ledger_account_id:
        table = _REMEMBERED_AT_THIS_AMOUNT_OF_TWO_MINDS if is_of_two_minds else _REMEMBERED_AT_THIS_AMOUNT
        reason = f"You chose this category for this merchant and amount {_often(exactly.decisions)}."
        return known.ledger_account_id, max(_at(table, exactly.decisions), _merchant_alone(known)), reason
    if exactly is not None and exactly.decisions > 1:
        reason = f"You chose this category for this merchant at this amount {_often(exactly.decisions)}."
        return exactly.ledger_account_id, _at(_REMEMBERED_AGAINST_THE_LAST, exactly.decisions), reason
    reason = f"You chose this category for this merchant {_often(known.decisions)}."
    if is_of_two_minds:
        reason = "You chose this category for this merchant last, and others before."
    return known.ledger_account_id, _merchant_alone(known), reason


def _merchant_alone(known: Memory) -> float:
    return _at(_REMEMBERED_OF_TWO_MINDS if known.others else _REMEMBERED, known.decisions)


def _at(table: Sequence[float], decisions: int) -> float:
    return table[min(decisions, len(table)) - 1]


def _often(decisions: int) -> str:
    return "once" if decisions == 1 else f"{decisions} times"


def from_books_phrase(question: Question) -> Guess | None:
    """Answer where a phrase says more about a business's books than any category does: payroll, owner's draws."""
    books = question.model.books
    account = question.chart.account_for(books.upper(), ACCOUNT_BY_BOOKS.get(books, 0)) if books else None
    if account is None:
        return None
    return Guess(
        ledger_account_id=account,
        decided_by=DecidedBy.MODEL,
        confidence=question.model.confidence,
        reason=question.model.reason,
        floor=BOOKING_FLOOR_BOOKS,
    )


def from_third_party(question: Question) -> Guess | None:
    """Ask about money sent by wire or payment app: the provider calls it a transfer, but it mostly went to somebody.

    Between two own accounts it is found by its other side, like any transfer.
    """
    category = question.provider or question.meant
    if category is None or not category.is_transfer:
        return None
    means = _means_of_payment(category.code, question.candidate)
    if means is None:
        return None
    code = THIRD_PARTY_CODES[means == "a wire", question.candidate.is_inflow]
    account = question.chart.account_for(code, ACCOUNT_BY_THIRD_PARTY[code])
    if account is None:
        return None
    way = "in" if question.candidate.is_inflow else "out"
    usual = "what a customer paid" if way == "in" else "a payment for work, or the owner's own"
    return Guess(
        ledger_account_id=account,
        decided_by=DecidedBy.MODEL if question.provider is None else DecidedBy.PROVIDER,
        confidence=_CONFIDENCE_THIRD_PARTY,
        reason=f"Money {way} by {means}, which is mostly {usual}. Nothing says that it is between your own accounts.",
    )


def from_debt_account(question: Question) -> Guess | None:
    """Hold money that comes in on a card or loan, unless it is a refund: it is paid back debt, never income."""
    candidate, category = question.candidate, question.provider
    if not candidate.is_inflow or candidate.bank_account_type not in _DEBT_TYPES or category is None:
        return None
    if primary_of(category.code) not in _NOT_ON_DEBT:
        return None
    return Guess(
        ledger_account_id=question.chart.transfers_clearing,
        decided_by=DecidedBy.TRANSFER,
        confidence=_CONFIDENCE_ONE_LEG,
        reason="Money came in on a card or loan: most likely a payment to it; the other side has not been found yet.",
    )


def from_transfer_code(question: Question) -> Guess | None:
    """Hold money that the provider calls a transfer in the clearing account until its other side is found."""
    category = question.provider
    if category is None or not category.is_transfer:
        return None
    return _one_leg(category, question.chart)


def from_transfer_phrase(question: Question) -> Guess | None:
    """Hold money that the bank's own words call a transfer, unless the provider is sure that it is something else."""
    category = question.meant
    if category is None or not category.is_transfer or question.model.route is not Route.PHRASE:
        return None
    if question.model.confidence < _TRANSFER_PHRASE_MIN or _is_provider_sure(question):
        return None
    return _one_leg(category, question.chart)


def from_provider(question: Question) -> Guess | None:
    """Map the provider's category to the chart; its confidence level says how sure it is.

    Unless it is sure by itself, the model's agreement raises its confidence and the model's contradiction lowers it.
    Of what it is less than beyond doubt about it is sure only while the model does not say otherwise.
    """
    category = question.provider
    if category is None or category.is_transfer:
        return None
    account = question.chart.account_for(category.code, category.account_code)
    if account is None:
        return None
    level = question.candidate.provider_confidence or ""
    alone = _CONFIDENCE_BY_LEVEL.get(level, _CONFIDENCE_OTHERWISE)
    words = readable(category.code)
    is_sure = _is_provider_sure(question)
    confidence, echo = (alone, "") if is_sure else _heard_both(alone, category, question)
    if category.is_personal:
        return Guess(
            ledger_account_id=account,
            decided_by=DecidedBy.PROVIDER,
            confidence=min(confidence, _CONFIDENCE_PERSONAL),
            reason=f"The bank data say “{words}”, which is often private spending on a business account.",
        )
    if category.code == _TAX_PAYMENT:
        return Guess(
            ledger_account_id=account,
            decided_by=DecidedBy.PROVIDER,
            confidence=min(confidence, _CONFIDENCE_PERSONAL),
            reason=_TAX_REASON,
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
    category = question.meant
    account = None if category is None else question.chart.account_for(category.code, category.account_code)
    if category is None or category.is_transfer or account is None:
        return None
    confidence = question.model.confidence
    provider = question.provider
    if provider is not None and primary_of(provider.code) != question.model.pfc_primary:
        against = _CONFIDENCE_BY_LEVEL.get(question.candidate.provider_confidence or "", _CONFIDENCE_OTHERWISE)
        confidence = _share_against(confidence, against)
    if category.is_personal or category.code == _TAX_PAYMENT:
        said = "That is often private spending on a business account." if category.is_personal else _TAX_REASON
        return Guess(
            ledger_account_id=account,
            decided_by=DecidedBy.MODEL,
            confidence=min(confidence, _CONFIDENCE_PERSONAL),
            reason=f"{question.model.reason} {said}",
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


def _means_of_payment(code: str, candidate: Candidate) -> str | None:
    """Return by what a transfer to or from somebody else went, as the code or the bank's text says; None if neither."""
    if code.endswith("_WIRE"):
        return "a wire"
    if code.endswith("_FROM_APPS"):
        return "a payment app"
    if not code.endswith(("_ACCOUNT_TRANSFER", "_OTHER_TRANSFER_IN", "_OTHER_TRANSFER_OUT")):
        return None
    text = f"{candidate.description} {candidate.merchant_name or ''}"
    if _PAYMENT_APPS.search(text):
        return "a payment app"
    return "a wire" if _WIRES.search(text) else None


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
    suggested = None
    if category.account_code != _CARD_PAYMENT_CODE:
        suggested = chart.account_for(category.code, category.account_code)
    return Guess(
        ledger_account_id=chart.transfers_clearing,
        decided_by=DecidedBy.TRANSFER,
        confidence=_CONFIDENCE_ONE_LEG,
        reason="Looks like a transfer between your own accounts; the other side has not been found yet.",
        suggested_ledger_account_id=None if suggested == chart.transfers_clearing else suggested,
    )


def is_memory_enough(candidate: Candidate, known: Memory) -> bool:
    """Return whether what people chose before decides without asking anybody else."""
    _, confidence, _ = _remembered(known, known.by_amount.get(candidate.amount))
    return confidence >= BOOKING_FLOOR


def is_provider_enough(candidate: Candidate, chart: Chart) -> bool:
    """Return whether the provider's category decides alone, unless memory or a phrase about the books goes before it.

    That is so for its transfers, and where it is beyond doubt about a category that this chart has an account for.
    """
    category = provider_categories().get(candidate.provider_category or "")
    if category is None:
        return False
    return category.is_transfer or (
        candidate.provider_confidence == _BEYOND_DOUBT
        and chart.account_for(category.code, category.account_code) is not None
    )


def _is_provider_sure(question: Question) -> bool:
    level, category, model = question.candidate.provider_confidence, question.provider, question.model
    if category is None or level not in _SURE_LEVELS:
        return False
    if level == _BEYOND_DOUBT or category.is_transfer:
        return True
    # Where the text says something else a person is asked: most of what such a provider gets wrong is among these. That
    # money came in, which the model falls back to, says nothing against a refund.
    is_silent = model.confidence < SUGGESTION_FLOOR or model.route is Route.SIGN
    return is_silent or model.pfc_primary == primary_of(category.code)


DECIDERS: tuple[Decider, ...] = (
    from_rules,
    from_memory,
    from_books_phrase,
    from_third_party,
    from_debt_account,
    from_transfer_code,
    from_transfer_phrase,
    from_provider_and_model,
)
"""In order of precedence."""
_DECIDERS_OF_TEXT = (from_books_phrase, from_third_party, from_transfer_phrase, from_model)


def deciders_for(question: Question) -> tuple[Decider, ...]:
    """Return who is to be asked, in order: without rule, memory and provider only those that look at the text."""
    if question.verdict is None and question.memory is None and question.provider is None:
        return _DECIDERS_OF_TEXT
    return DECIDERS
