"""Choosing between what phrases, brands and the linear model say of one line, with a confidence that keeps its word."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from functools import cache
from typing import Any, NamedTuple

from openledger_server.categorization.brands import Brand, Found, find_brand
from openledger_server.categorization.descriptors import Descriptor
from openledger_server.categorization.linear import LinearGuesses
from openledger_server.categorization.phrases import Phrase, phrase_for, phrases, triggers
from openledger_server.categorization.taxonomy import primary_of

STRONG_PHRASE = 0.9
"""From here on a phrase goes before a brand's name in the same line."""
_CARD_TYPES = ("credit", "card", "credit card")
_LOGIT_EDGE = 1e-4


class Route(StrEnum):
    """Which part of the model answered."""

    PHRASE = "phrase"
    BRAND = "brand"
    WORDS = "words"
    SIGN = "sign"


class ModelGuess(NamedTuple):
    """The model's answer for one line."""

    pfc_detailed: str
    """Detailed code; a primary where no detailed one is known."""
    pfc_primary: str
    confidence: float
    """Share of such answers whose primary is right, 0 to 1."""
    route: Route
    reason: str
    """For people, a sentence."""
    books: str = ""
    """"payroll", "payroll_tax" or "owner_draw" where that says more about a business's books than the category."""


NO_GUESS = ModelGuess("", "", 0.0, Route.SIGN, "")
"""Stands where the model was not asked."""


class Opinion(NamedTuple):
    """The linear model's view of one line, calibrated."""

    primary: str
    code: str
    confidence: float


@dataclass(frozen=True, slots=True)
class LinearCalibration:
    """A logistic regression on what the linear model says about itself."""

    intercept: float
    logit: float
    margin: float
    known: float
    first: float

    def confidences(self, guesses: LinearGuesses) -> list[float]:
        """Return how likely each likeliest primary is right."""
        return list(map(self.of, guesses.first.tolist(), guesses.margin.tolist(), guesses.known_share.tolist()))

    def of(self, first: float, margin: float, known: float) -> float:
        """Return the confidence for these figures of `LinearGuesses`; plain arithmetic, since one line is the rule."""
        edged = min(max(first, _LOGIT_EDGE), 1 - _LOGIT_EDGE)
        score = self.intercept + self.logit * math.log(edged / (1 - edged)) + self.margin * margin
        return 1 / (1 + math.exp(-(score + self.known * known + self.first * first)))


@dataclass(frozen=True, slots=True)
class Calibration:
    """How often each route is right, as measured when the model was trained."""

    linear: LinearCalibration
    brands: Mapping[str, float]
    """By `brand_case`."""
    phrase_agrees: float
    """What the linear model's agreement takes off a phrase's doubt, as a factor."""
    refund: float
    """Factor on a merchant's confidence when money comes in from it."""
    inflow: float
    """Confidence that unexplained money in is income."""

    @classmethod
    def from_facts(cls, facts: Mapping[str, Any]) -> "Calibration":
        """Return the calibration that `facts` wrote."""
        return cls(**{**facts, "linear": LinearCalibration(**facts["linear"])})

    def facts(self) -> dict[str, Any]:
        """Return everything as plain values."""
        return asdict(self)


def brand_case(found: Found, *, agrees: bool) -> str:
    """Return under which name the hit rate of such a find is kept."""
    return _case(found.brand.group, " " in found.name, found.is_first, agrees)


@cache
def _case(group: str, is_many: bool, is_first: bool, agrees: bool) -> str:  # noqa: FBT001  # asked for every row
    words = "many" if is_many else "one"
    return f"{group} {words} {'first' if is_first else 'inside'} {'agrees' if agrees else 'differs'}"


@dataclass(frozen=True, slots=True)
class Router:
    """Asks the routes in their order; tables are at hand, since that happens for every row of an import."""

    brands: Mapping[str, Brand]
    calibration: Calibration
    triggers: frozenset[str] = field(default_factory=triggers)

    def decide(self, descriptor: Descriptor, opinion: Opinion, is_inflow: bool, account_type: str) -> ModelGuess:  # noqa: FBT001  # asked for every row
        """Return the answer of the first route that may speak: phrase, brand, words, and at last the sign alone."""
        phrase, calibration = None, self.calibration
        words = descriptor.worded.split()
        if not self.triggers.isdisjoint(words):
            index = phrase_for(words, is_inflow=is_inflow, account_type=account_type)
            phrase = None if index is None else phrases()[index]
            if phrase is not None and (phrase.strength >= STRONG_PHRASE or phrase.books):
                return _by_phrase(phrase, opinion, calibration)
        found = find_brand(descriptor.text.split(), self.brands)
        guess = _by_words(descriptor, opinion) if found is None else _by_brand(found, opinion, calibration)
        if phrase is not None and (found is None or guess.confidence < phrase.strength):
            return _by_phrase(phrase, opinion, calibration)
        return _inflow(guess, account_type, calibration) if is_inflow else guess


def _by_phrase(phrase: Phrase, opinion: Opinion, calibration: Calibration) -> ModelGuess:
    primary = primary_of(phrase.code)
    doubt = 1 - phrase.strength
    if opinion.primary == primary:
        doubt *= calibration.phrase_agrees
    return ModelGuess(
        phrase.code, primary, 1 - doubt, Route.PHRASE, f"The bank's own words name {phrase.says}.", phrase.books
    )


def _by_brand(found: Found, opinion: Opinion, calibration: Calibration) -> ModelGuess:
    brand, name, is_first = found
    code = brand.code
    primary = primary_of(code)
    agrees = opinion.primary == primary
    if agrees and code == primary:
        code = opinion.code
    confidence = calibration.brands[_case(brand.group, " " in name, is_first, agrees)]
    if not agrees and opinion.confidence > confidence:
        return ModelGuess(
            opinion.code, opinion.primary, opinion.confidence, Route.WORDS, _words_reason(opinion.code, name)
        )
    return ModelGuess(code, primary, confidence, Route.BRAND, f"The text names “{name}”, known for {_readable(code)}.")


def _by_words(descriptor: Descriptor, opinion: Opinion) -> ModelGuess:
    text = descriptor.text
    if not text:
        return ModelGuess(
            "GENERAL_MERCHANDISE_OTHER_GENERAL_MERCHANDISE",
            "GENERAL_MERCHANDISE",
            0.2,
            Route.SIGN,
            "The text says nothing; most money out is for purchases.",
        )
    return ModelGuess(
        opinion.code, opinion.primary, opinion.confidence, Route.WORDS, _words_reason(opinion.code, text[:60])
    )


def _inflow(guess: ModelGuess, account_type: str, calibration: Calibration) -> ModelGuess:
    """Return the answer for money in: a refund of a merchant that is known well, otherwise income."""
    is_card = account_type.lower() in _CARD_TYPES
    confidence = guess.confidence if is_card else guess.confidence * calibration.refund
    if guess.route is not Route.SIGN and (is_card or confidence >= calibration.inflow):
        return ModelGuess(
            guess.pfc_detailed, guess.pfc_primary, confidence, guess.route, f"{guess.reason} Money in: a refund."
        )
    return ModelGuess(
        "INCOME_OTHER_INCOME",
        "INCOME",
        calibration.inflow,
        Route.SIGN,
        "Money came in, and nothing says that it is a refund or a transfer.",
    )


def _words_reason(code: str, text: str) -> str:
    return f"The words “{text}” look like {_readable(code)}."


@cache
def _readable(code: str) -> str:
    primary = primary_of(code)
    detail = code.removeprefix(f"{primary}_") if code != primary else primary
    return detail.replace("_", " ").lower()
