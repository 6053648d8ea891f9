"""Accuracy, macro-F1, answerable share, calibration error: what is reported of every model alike."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

BINS = 10
PRECISION = 0.95


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer and the truth, with the weight of the line (how often the merchant occurs)."""

    said: str
    true: str
    confidence: float
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Scores:
    """Figures over a set of answers."""

    lines: int
    accuracy: float
    macro_f1: float
    covered: float
    """Largest share of lines, the surest first, of which 95 % are right."""
    calibration_error: float
    sure_share: float
    """Share of lines at confidence 0.9 or above."""
    sure_precision: float
    """How many of those are right."""


def score(answers: Sequence[Answer]) -> Scores:
    """Return the figures over these answers."""
    right = np.array([answer.said == answer.true for answer in answers])
    weight = np.array([answer.weight for answer in answers])
    confidence = np.array([answer.confidence for answer in answers])
    sure = confidence >= 0.9  # noqa: PLR2004  # the floor at which the server books unseen
    return Scores(
        lines=len(answers),
        accuracy=float(np.average(right, weights=weight)),
        macro_f1=_macro_f1(answers),
        covered=_covered(right, weight, confidence),
        calibration_error=sum(abs(row.confidence - row.accuracy) * row.share for row in reliability(answers)),
        sure_share=float(weight[sure].sum() / weight.sum()),
        sure_precision=float(np.average(right[sure], weights=weight[sure])) if sure.any() else 0.0,
    )


@dataclass(frozen=True, slots=True)
class Bin:
    """One row of the reliability table."""

    low: float
    lines: int
    share: float
    confidence: float
    accuracy: float


def reliability(answers: Sequence[Answer]) -> list[Bin]:
    """Return, for each tenth of confidence that occurs, how sure the answers are and how many are right."""
    right = np.array([answer.said == answer.true for answer in answers])
    weight = np.array([answer.weight for answer in answers])
    confidence = np.array([answer.confidence for answer in answers])
    places = np.minimum((confidence * BINS).astype(int), BINS - 1)
    return [
        Bin(
            low=place / BINS,
            lines=int(chosen.sum()),
            share=float(weight[chosen].sum() / weight.sum()),
            confidence=float(np.average(confidence[chosen], weights=weight[chosen])),
            accuracy=float(np.average(right[chosen], weights=weight[chosen])),
        )
        for place in range(BINS)
        if (chosen := places == place).any()
    ]


def _macro_f1(answers: Sequence[Answer]) -> float:
    said, true, both = Counter[str](), Counter[str](), Counter[str]()
    for answer in answers:
        said[answer.said] += answer.weight  # type: ignore[assignment]  # weights are floats; Counter sums them as well
        true[answer.true] += answer.weight  # type: ignore[assignment]  # the same
        if answer.said == answer.true:
            both[answer.true] += answer.weight  # type: ignore[assignment]  # the same
    return float(np.mean([2 * both[label] / (said[label] + true[label]) for label in true]))


def _covered(right: np.ndarray, weight: np.ndarray, confidence: np.ndarray) -> float:
    order = np.argsort(-confidence, kind="stable")
    total = np.cumsum(weight[order])
    precision = np.cumsum(weight[order] * right[order]) / total
    # A cut falls between different confidences only: lines that are equally sure are answered together.
    ends = np.append(confidence[order][1:] != confidence[order][:-1], True)
    good = ends & (precision >= PRECISION)
    return float(total[good].max() / total[-1]) if good.any() else 0.0
