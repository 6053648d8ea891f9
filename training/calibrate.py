"""Measuring how often each route is right, on merchants that the model has not seen."""

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from sklearn.linear_model import LogisticRegression

from openledger_server.categorization.brands import Brand, find_brand
from openledger_server.categorization.descriptors import Descriptor, clean_all
from openledger_server.categorization.linear import LinearModel
from openledger_server.categorization.routes import Calibration, LinearCalibration, brand_case
from openledger_server.categorization.taxonomy import PRIMARIES, primary_of
from training.texts import DEVELOPMENT_FOLD, merchants

_PRIOR_WEIGHT = 30.0
_PRIOR_WEIGHT_LISTED = 200.0
"""Toronto's own labels disagree with sure names one time in eight, so there the published rate counts for more."""
_LOGIT_EDGE = 1e-4
# What to expect of a name before it is measured, as (agrees, differs): from the published baseline on other sources
# (0.957 for listed names, 0.91 where the linear model agrees, 0.53 where it differs), lower where a name is weaker.
_PRIORS = {
    ("listed", "many"): (0.98, 0.80),
    ("listed", "one"): (0.965, 0.70),
    ("common", "many"): (0.95, 0.60),
    ("common", "one"): (0.88, 0.35),
    ("index", "many"): (0.93, 0.60),
    ("index", "one"): (0.85, 0.45),
}
_INSIDE = 0.96
"""Factor on a prior where the name is not at the beginning."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """A merchant text that the model has not seen, with its category."""

    descriptor: Descriptor
    code: str
    weight: float


def unseen_merchants(*, only_sure: bool = True) -> list[Labelled]:
    """Return the merchants of Toronto's development fold, each cleaned text once."""
    kept = [
        merchant
        for merchant in merchants()
        if merchant.fold == DEVELOPMENT_FOLD and (merchant.is_sure or not only_sure)
    ]
    by_text: dict[str, tuple[Descriptor, Counter[str]]] = {}
    for merchant, name in zip(kept, clean_all([merchant.description for merchant in kept]), strict=True):
        by_text.setdefault(name.text, (name, Counter()))[1][merchant.code] += merchant.purchases
    return [
        Labelled(name, codes.most_common(1)[0][0], 1 + math.log10(codes.total())) for name, codes in by_text.values()
    ]


def calibrate(linear: LinearModel, brands: Mapping[str, Brand], unseen: Sequence[Labelled]) -> Calibration:
    """Return how sure each route may be, by what it says of these merchants."""
    guesses = linear.guess([merchant.descriptor.text for merchant in unseen])
    told = [PRIMARIES[index] for index in guesses.primaries.tolist()]
    truth = [primary_of(merchant.code) for merchant in unseen]
    right = np.array([said == true for said, true in zip(told, truth, strict=True)])
    first = np.clip(guesses.first, _LOGIT_EDGE, 1 - _LOGIT_EDGE)
    inputs = np.column_stack([np.log(first / (1 - first)), guesses.margin, guesses.known_share, guesses.first])
    fitted = LogisticRegression(C=1.0, max_iter=1000).fit(
        inputs, right, sample_weight=np.array([merchant.weight for merchant in unseen])
    )
    logit, margin, known, share = (round(float(value), 6) for value in fitted.coef_[0])
    return Calibration(
        linear=LinearCalibration(round(float(fitted.intercept_[0]), 6), logit, margin, known, share),
        brands=_brand_rates(brands, unseen, told, truth),
        phrase_agrees=0.6,
        refund=0.85,
        inflow=0.55,
    )


def _brand_rates(
    brands: Mapping[str, Brand], unseen: Sequence[Labelled], told: Sequence[str], truth: Sequence[str]
) -> dict[str, float]:
    # A brand counts once, however many of its branches are in the data: the question is what an unseen brand does.
    hits: dict[str, dict[str, list[bool]]] = defaultdict(lambda: defaultdict(list))
    for merchant, said, true in zip(unseen, told, truth, strict=True):
        found = find_brand(merchant.descriptor.name, brands)
        if found is not None:
            named = primary_of(found.brand.code)
            hits[brand_case(found, agrees=said == named)][found.name].append(named == true)
    rates: dict[str, float] = {}
    for (group, words), (agrees, differs) in _PRIORS.items():
        for place, (case, prior) in product(("first", "inside"), (("agrees", agrees), ("differs", differs))):
            name = f"{group} {words} {place} {case}"
            expected = prior * (_INSIDE if place == "inside" else 1)
            measured = [sum(times) / len(times) for times in hits[name].values()]
            belief = _PRIOR_WEIGHT_LISTED if group == "listed" else _PRIOR_WEIGHT
            rates[name] = round((sum(measured) + belief * expected) / (len(measured) + belief), 4)
    return rates
