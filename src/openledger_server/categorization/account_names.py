"""How alike an owner's account names and a transaction's meaning are, before the owner has taught anything."""

import csv
import math
import re
from collections import defaultdict
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
        self._by_stem: dict[str, list[int]] = defaultdict(list)
        self._by_code: dict[str, list[int]] = defaultdict(list)
        self._by_primary: dict[str, list[int]] = defaultdict(list)
        self._totals: list[float] = []

    def add(self, account: str) -> None:
        """Take in one more account."""
        column, stems = len(self._stems), frozenset(_stems(account))
        self._stems.append(stems)
        for stem in stems:
            self._by_stem[stem].append(column)
        # What would the model say if this name were a counterparty's? "Meals & entertainment" answers itself.
        guess = self._model.classify([Line(account.replace(":", " ").replace("_", " "), is_inflow=False)])[0]
        self._by_code[guess.pfc_detailed].append(column)
        self._by_primary[primary_of(guess.pfc_detailed)].append(column)
        self._totals.clear()

    def likeness(self, descriptor: Descriptor, guess: ModelGuess) -> FloatArray:
        """Return three figures (rows) for each account (columns): same category, words of category, words of text.

        Each is between 0 and about 1 and weighted by how sure the category is.
        """
        figures = np.zeros((_SIGNALS, len(self._stems)))
        for column in self._by_primary.get(guess.pfc_primary, ()):
            figures[0, column] = guess.confidence / 2
        for column in self._by_code.get(guess.pfc_detailed, ()):
            figures[0, column] = guess.confidence
        self._overlap(_meanings().get(guess.pfc_detailed, frozenset()), guess.confidence, figures[1])
        self._overlap(frozenset(_stems(" ".join(descriptor.name))), 1.0, figures[2])
        return figures

    def _overlap(self, said: frozenset[str], weight: float, figures: FloatArray) -> None:
        """Add to each account how many of its words are said; a word that many accounts have counts for less."""
        if not self._totals:
            self._totals = [math.sqrt(sum(map(self._rarity, stems))) for stems in self._stems]
        for stem in sorted(said):
            for column in self._by_stem.get(stem, ()):
                figures[column] += weight * self._rarity(stem) / self._totals[column]

    def _rarity(self, stem: str) -> float:
        return 1 / math.sqrt(len(self._by_stem[stem]))


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
