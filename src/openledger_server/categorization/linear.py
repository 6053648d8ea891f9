"""The linear part of the global model: hashed parts of words, one head for primaries, one for the codes below each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

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


class LinearGuesses(NamedTuple):
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
        # The texts in order of their primary, so that those of one head lie together.
        order = best.argsort(kind="stable")
        counts = found.counts[order]
        starts = np.concatenate([np.zeros(1, np.intp), np.cumsum(counts)])
        hashes = found.hashes[np.repeat(found.starts[order] - starts[:-1], counts) + np.arange(starts[-1])]
        codes: list[str] = []
        ends = np.cumsum(np.bincount(best, minlength=len(self.primary.codes))).tolist()
        for primary, first, end in zip(self.primary.codes, [0, *ends], ends, strict=False):
            if first < end:
                own = hashes[starts[first] : starts[end]]
                codes += self._code(primary, own, starts[first:end] - starts[first], counts[first:end])
        return [codes[place] for place in order.argsort().tolist()]

    def _code(self, primary: str, hashes: UIntArray, starts: NDArray[np.intp], counts: NDArray[np.intp]) -> list[str]:
        """Return the likeliest detailed code of each text below this primary."""
        head = self.detailed.get(primary)
        if head is None:
            return [primary] * len(counts)
        return [head.codes[best] for best in head.scores(hashes, starts, counts).argmax(axis=1).tolist()]

    def _known_share(self, found: Features) -> FloatArray:
        if len(found.counts) == 1:
            bits = [word >> (64 - KNOWN_WORD_BITS) for word in found.words.tolist()]
            hits = sum([self.known_words.item(bit >> 3) >> (bit & 7) & 1 for bit in bits])
            return np.array([hits / max(len(bits), 1)], np.float32)
        places = (found.words >> np.uint64(64 - KNOWN_WORD_BITS)).astype(np.intp)
        known = (self.known_words[places >> 3] >> (places & 7).astype(np.uint8)) & 1
        sums = np.concatenate([np.zeros(1, np.int64), np.cumsum(known)])
        ends = np.append(found.word_starts[1:], len(known))
        words = ends - found.word_starts
        share: FloatArray = ((sums[ends] - sums[found.word_starts]) / np.maximum(words, 1)).astype(np.float32)
        return share
