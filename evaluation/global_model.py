"""The global model and its baselines on merchants that training has not seen."""

import csv
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.sparse import csr_matrix

from evaluation.measures import Answer
from openledger_server.categorization.descriptors import clean_all
from openledger_server.categorization.model import Line, Model
from openledger_server.categorization.taxonomy import primary_of
from training.fit import matrix
from training.texts import DATA, DEVELOPMENT_FOLD, brands, listed, merchants

_BITS = 16
_SURE_SIMILARITY = 0.999


@dataclass(frozen=True, slots=True)
class Case:
    """A labelled line; `weight`: how often it occurs."""

    line: Line
    code: str
    weight: float


Guesses = list[tuple[str, float]]
"""(primary or detailed code, confidence) of each line."""
Baseline = Callable[[Sequence[Line]], Guesses]


def toronto_cases(*, only_sure: bool = False, fold: int = DEVELOPMENT_FOLD) -> list[Case]:
    """Return the merchants of one fold, each cleaned text once, weighted by its purchases."""
    rows = [row for row in merchants() if row.fold == fold and (row.is_sure or not only_sure)]
    kinds: dict[str, tuple[str, Counter[str]]] = {}
    for row, name in zip(rows, clean_all([row.description for row in rows]), strict=True):
        kinds.setdefault(name.text, (row.description, Counter()))[1][row.code] += row.purchases
    return [
        Case(Line(text, is_inflow=False, account_type="credit"), codes.most_common(1)[0][0], codes.total())
        for text, codes in kinds.values()
    ]


def synthetic_cases() -> list[Case]:
    """Return the made-up bank descriptors; they flatter (training/data/README.md)."""
    rows = csv.DictReader((DATA / "us_descriptors_dev.csv").read_text(encoding="utf-8").splitlines())
    return [Case(Line(row["description"], float(row["amount"]) < 0), row["pfc_detailed"], 1.0) for row in rows]


def answers(cases: Sequence[Case], guesses: Guesses, *, is_detailed: bool = False) -> list[Answer]:
    """Return the guesses beside the truth, by primary or by detailed code."""
    level = (lambda code: code) if is_detailed else primary_of
    return [
        Answer(level(said), level(case.code), confidence, case.weight)
        for case, (said, confidence) in zip(cases, guesses, strict=True)
    ]


def by_model(model: Model) -> Baseline:
    """Return the model as a baseline is called."""
    return lambda lines: [(guess.pfc_detailed, guess.confidence) for guess in model.classify(lines)]


def by_majority(lines: Sequence[Line]) -> Guesses:
    """Answer every line with the commonest category of the training merchants."""
    return [("GENERAL_MERCHANDISE", 0.3)] * len(lines)


def by_keywords(lines: Sequence[Line]) -> Guesses:
    """Answer with the first word or pair of words that names a trade."""
    table = {text: code for code, text in listed("words.txt")}
    found: Guesses = []
    for name in clean_all([line.description for line in lines]):
        words = name.name
        spans = [*(" ".join(pair) for pair in pairwise(words)), *words]
        hit = next((table[span] for span in spans if span in table), None)
        found.append((hit, 0.6) if hit else ("GENERAL_MERCHANDISE", 0.2))
    return found


def by_nearest_brand(lines: Sequence[Line]) -> Guesses:
    """Answer with the brand whose letters are most alike (cosine of n-gram counts over all brand names)."""
    kept = [
        (name.text, row.code) for row, name in zip(brands(), clean_all([row.text for row in brands()]), strict=True)
    ]
    names = _unit(matrix([text for text, _ in kept], _BITS))
    asked = _unit(matrix([name.text for name in clean_all([line.description for line in lines])], _BITS))
    found: Guesses = []
    for start in range(0, asked.shape[0], 256):
        alike = asked[start : start + 256] @ names.T
        best = np.asarray(alike.argmax(axis=1)).ravel()
        likeness = np.asarray(alike.max(axis=1).todense()).ravel()
        found += [
            (kept[place][1], float(min(share, _SURE_SIMILARITY))) for place, share in zip(best, likeness, strict=True)
        ]
    return found


def _unit(rows: csr_matrix) -> csr_matrix:
    lengths = (
        np.sqrt(rows.multiply(rows).sum(axis=1)).A1
        if hasattr(rows, "A1")
        else np.sqrt(np.asarray(rows.multiply(rows).sum(axis=1)).ravel())
    )
    return csr_matrix(rows.multiply(1 / np.maximum(lengths, 1e-9)[:, None]))


def microseconds_per_row(baseline: Baseline, cases: Sequence[Case]) -> float:
    """Return processor time per line in bulk."""
    started = time.process_time()
    baseline([case.line for case in cases])
    return (time.process_time() - started) / len(cases) * 1e6
