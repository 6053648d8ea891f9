"""Choosing the category of one bank transaction: each decider in turn may answer; the first sure one is booked."""

from collections.abc import Callable, Mapping

from openledger_server.categorization import merchants
from openledger_server.categorization.provider_categories import provider_categories, readable
from openledger_server.categorization.types import (
    BOOKING_FLOOR,
    SUGGESTION_FLOOR,
    Candidate,
    Chart,
    DecidedBy,
    Guess,
    Judgement,
    Memory,
)

Decider = Callable[[Candidate, str | None, Chart, Mapping[str, Memory]], Guess | None]
"""(transaction, its merchant key, chart, memory by merchant key) -> a guess, or None when it has nothing to say."""

# Plaid states more than 98 % and more than 90 % for its two highest levels and no figure for the others; those are ours
# to be careful with, below the floor at which a choice is booked unseen.
_CONFIDENCE_BY_LEVEL = {"VERY_HIGH": 0.98, "HIGH": 0.92, "MEDIUM": 0.7, "LOW": 0.4}
_CONFIDENCE_OTHERWISE = 0.3
_CONFIDENCE_PERSONAL = 0.6
_CONFIDENCE_ONE_LEG = 0.6
_CONFIDENCE_REMEMBERED = 0.95
_CONFIDENCE_REMEMBERED_OFTEN = 0.99
_OFTEN = 3
# The template's general card account is not opened: each linked card has its own.
_CARD_PAYMENT_CODE = 2100


def from_memory(
    _candidate: Candidate, merchant_key: str | None, _chart: Chart, memory: Mapping[str, Memory]
) -> Guess | None:
    """Answer with what a person of this entity chose for this merchant before."""
    known = memory.get(merchant_key) if merchant_key else None
    if known is None:
        return None
    times = "once" if known.decisions == 1 else f"{known.decisions} times"
    return Guess(
        ledger_account_id=known.ledger_account_id,
        decided_by=DecidedBy.MEMORY,
        confidence=_CONFIDENCE_REMEMBERED_OFTEN if known.decisions >= _OFTEN else _CONFIDENCE_REMEMBERED,
        reason=f"You chose this category for this merchant {times}.",
    )


def from_transfer_code(
    candidate: Candidate, _merchant_key: str | None, chart: Chart, _memory: Mapping[str, Memory]
) -> Guess | None:
    """Hold money that the provider calls a transfer in the clearing account until its other side is found."""
    category = provider_categories().get(candidate.provider_category or "")
    if category is None or not category.is_transfer:
        return None
    suggested = None if category.account_code == _CARD_PAYMENT_CODE else chart.by_code.get(category.account_code)
    return Guess(
        ledger_account_id=chart.transfers_clearing,
        decided_by=DecidedBy.TRANSFER,
        confidence=_CONFIDENCE_ONE_LEG,
        reason="Looks like a transfer between your own accounts; the other side has not been found yet.",
        suggested_ledger_account_id=None if suggested == chart.transfers_clearing else suggested,
    )


def from_provider(
    candidate: Candidate, _merchant_key: str | None, chart: Chart, _memory: Mapping[str, Memory]
) -> Guess | None:
    """Map the provider's category to the chart; its confidence level says how sure it is."""
    category = provider_categories().get(candidate.provider_category or "")
    if category is None or category.is_transfer:
        return None
    account = chart.by_code.get(category.account_code)
    if account is None:
        return None
    level = candidate.provider_confidence or ""
    confidence = _CONFIDENCE_BY_LEVEL.get(level, _CONFIDENCE_OTHERWISE)
    words = readable(category.code)
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
        reason=f"The bank data say “{words}” {said}.",
    )


DECIDERS: tuple[Decider, ...] = (from_memory, from_transfer_code, from_provider)
"""In order of precedence. A trained model takes its place before `from_provider`."""


def judge(candidate: Candidate, *, chart: Chart, memory: Mapping[str, Memory]) -> Judgement:
    """Return the category of one bank transaction, with who decided, why and how sure.

    A guess from BOOKING_FLOOR on is booked. Below, the money goes to an uncategorized account, the guess is kept as a
    suggestion from SUGGESTION_FLOOR on, and a person is asked. A presumed transfer is held in clearing meanwhile.
    """
    merchant_key = merchants.merchant_key(candidate)
    guess = next(filter(None, (decide(candidate, merchant_key, chart, memory) for decide in DECIDERS)), None)
    if guess is None:
        guess = Guess(
            ledger_account_id=chart.uncategorized(is_inflow=candidate.is_inflow),
            decided_by=DecidedBy.FALLBACK,
            confidence=0.0,
            reason="Neither your earlier choices nor the bank data say what this is.",
        )
    is_sure = guess.confidence >= BOOKING_FLOOR
    account, suggestion = guess.ledger_account_id, guess.suggested_ledger_account_id
    if guess.decided_by is DecidedBy.PROVIDER and not is_sure:
        suggestion = account if guess.confidence >= SUGGESTION_FLOOR else None
        account = chart.uncategorized(is_inflow=candidate.is_inflow)
    return Judgement(
        bank_transaction_id=candidate.id,
        ledger_account_id=account,
        suggested_ledger_account_id=suggestion,
        counterparty=merchants.counterparty(candidate),
        merchant_key=merchant_key,
        decided_by=guess.decided_by,
        reason=guess.reason,
        confidence=guess.confidence,
        needs_review=not is_sure,
    )
