"""The linear part of the global model: hashed parts of words, one head for primaries, one for the codes below each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from openledger_server.categorization.hashing import Features, UIntArray, features

FloatArray = NDArray[np.float32]
KNOWN_WORD_BITS = 19


@dataclass(frozen=True, slots=True)
class Head:
    """One linear classifier."""

    codes: tuple[str, ...]
    bits: int
    """Buckets are 2 to the power of this."""
    weights: NDArray[np.int8]
    """Shape (2 ** bits, len(codes)), in steps of `scale`: sums of integers are the same in any order."""
    scale: FloatArray
    bias: FloatArray

    def scores(self, hashes: UIntArray, starts: NDArray[np.intp], counts: NDArray[np.intp]) -> FloatArray:
        """Return the score of each code (columns) for each text (rows); above 0 it is rather true than not."""
        gathered = self.weights.take((hashes >> np.uint64(64 - self.bits)).astype(np.intp), axis=0)
        sums = np.add.reduceat(gathered, starts, axis=0, dtype=np.int32)
        scores = sums * (self.scale / np.sqrt(counts, dtype=np.float32)[:, None]) + self.bias
        return scores.astype(np.float32)


@dataclass(frozen=True, slots=True)
class LinearGuesses:
    """What the linear model says of a batch of texts; one element per text."""

    primaries: NDArray[np.intp]
    """Index of the likeliest primary."""
    codes: list[str]
    """The likeliest detailed code below it."""
    first: FloatArray
    """Probability of the likeliest primary."""
    margin: FloatArray
    """How far the second likeliest is behind."""
    known_share: FloatArray
    """Share of the text's words that training has seen."""


@dataclass(frozen=True, slots=True)
class LinearModel:
    """Both heads and the words that training has seen."""

    primary: Head
    detailed: Mapping[str, Head]
    """By primary, where there is more than one code to choose from."""
    known_words: NDArray[np.uint8]
    """Bits, set at the hashes of known words."""

    def guess(self, texts: Sequence[str]) -> LinearGuesses:
        """Return what the model says of these cleaned texts."""
        return self.guess_of(features(texts))

    def guess_of(self, found: Features) -> LinearGuesses:
        """Return what the model says of texts with these features."""
        scores = self.primary.scores(found.hashes, found.starts, found.counts)
        likely = (1 / (1 + np.exp(-scores))).astype(np.float32)
        likely /= likely.sum(axis=1, keepdims=True)
        best = likely.argmax(axis=1)
        highest = np.partition(likely, (-2, -1), axis=1)
        first = highest[:, -1]
        return LinearGuesses(
            primaries=best,
            codes=self._codes(found, best),
            first=first,
            margin=first - highest[:, -2],
            known_share=self._known_share(found),
        )

    def _codes(self, found: Features, best: NDArray[np.intp]) -> list[str]:
        if len(best) == 1:
            return [self._code(self.primary.codes[best[0]], found.hashes, found.starts, found.counts)[0]]
        codes = [""] * len(best)
        for index in np.unique(best).tolist():
            rows = np.flatnonzero(best == index)
            counts = found.counts[rows]
            starts = np.concatenate([np.zeros(1, np.intp), np.cumsum(counts)[:-1]])
            places = np.repeat(found.starts[rows] - starts, counts) + np.arange(counts.sum())
            chosen = self._code(self.primary.codes[index], found.hashes[places], starts, counts)
            for row, code in zip(rows.tolist(), chosen, strict=True):
                codes[row] = code
        return codes

    def _code(self, primary: str, hashes: UIntArray, starts: NDArray[np.intp], counts: NDArray[np.intp]) -> list[str]:
        """Return the likeliest detailed code of each text below this primary."""
        head = self.detailed.get(primary)
        if head is None:
            return [primary] * len(counts)
        return [head.codes[best] for best in head.scores(hashes, starts, counts).argmax(axis=1).tolist()]

    def _known_share(self, found: Features) -> FloatArray:
        places = (found.words >> np.uint64(64 - KNOWN_WORD_BITS)).astype(np.intp)
        known = (self.known_words[places >> 3] >> (places & 7).astype(np.uint8)) & 1
        if len(found.counts) == 1:
            return np.array([known.mean() if len(known) else 0.0], np.float32)
        sums = np.concatenate([np.zeros(1, np.int64), np.cumsum(known)])
        ends = np.append(found.word_starts[1:], len(known))
        words = ends - found.word_starts
        share: FloatArray = ((sums[ends] - sums[found.word_starts]) / np.maximum(words, 1)).astype(np.float32)
        return share
