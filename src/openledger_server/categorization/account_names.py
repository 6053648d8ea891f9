"""How alike an owner's account names and a transaction's meaning are, before the owner has taught anything."""

import csv
import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from openledger_server.categorization.descriptors import Descriptor
from openledger_server.categorization.model import Line, Model
from openledger_server.categorization.routes import ModelGuess
from openledger_server.categorization.taxonomy import primary_of

_STEM = 5
_SPLIT = re.compile(r"[^a-z0-9]+")
_EMPTY = frozenset(
    ["and", "the", "of", "for", "other", "expense", "expenses", "costs", "cost", "fees", "general", "misc"]
)
_SIGNALS = 3

FloatArray = NDArray[np.float64]


class AccountNames:
    """The names of one owner's accounts and what they mean."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._stems: list[frozenset[str]] = []
        self._codes: list[str] = []
        self._spread: Counter[str] = Counter()

    def add(self, account: str) -> None:
        """Take in one more account."""
        stems = frozenset(_stems(account))
        self._stems.append(stems)
        self._spread.update(stems)
        # What would the model say if this name were a counterparty's? "Meals & entertainment" answers itself.
        guess = self._model.classify([Line(account.replace(":", " ").replace("_", " "), is_inflow=False)])[0]
        self._codes.append(guess.pfc_detailed)

    def likeness(self, descriptor: Descriptor, guess: ModelGuess) -> FloatArray:
        """Return three figures (rows) for each account (columns): same category, words of category, words of text.

        Each is between 0 and about 1 and weighted by how sure the category is.
        """
        figures = np.zeros((_SIGNALS, len(self._codes)))
        primary = guess.pfc_primary
        said = frozenset(_stems(" ".join(descriptor.name)))
        meant = _meanings().get(guess.pfc_detailed, frozenset())
        for column, (code, stems) in enumerate(zip(self._codes, self._stems, strict=True)):
            if code == guess.pfc_detailed:
                figures[0, column] = guess.confidence
            elif primary_of(code) == primary:
                figures[0, column] = guess.confidence / 2
            if stems:
                figures[1, column] = guess.confidence * self._overlap(meant, stems)
                figures[2, column] = self._overlap(said, stems)
        return figures

    def _overlap(self, said: frozenset[str], stems: frozenset[str]) -> float:
        both = said & stems
        if not both:
            return 0.0
        total = sum(1 / math.sqrt(self._spread[stem]) for stem in stems)
        return sum(1 / math.sqrt(self._spread[stem]) for stem in both) / math.sqrt(total)


def _stems(text: str) -> Iterable[str]:
    return (word[:_STEM] for word in _SPLIT.split(text.lower()) if len(word) > 2 and word not in _EMPTY)  # noqa: PLR2004  # words of two letters say nothing


@cache
def _meanings() -> Mapping[str, frozenset[str]]:
    """Return the words that stand for each detailed code: its own and those of the account it means by default."""
    text = (resources.files("openledger_server.categorization") / "data" / "pfc_to_coa.csv").read_text()
    return {
        row["pfc_detailed"]: frozenset(_stems(f"{row['pfc_detailed']} {row['account_name']}".replace("_", " ")))
        for row in csv.DictReader(text.splitlines())
    }
