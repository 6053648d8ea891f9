"""Parts of words and words of many texts at once, as hashed numbers: what the linear models look at.

A text's features are its character 2- to 5-grams inside words (the space before and after counts as a letter),
its words, its pairs of neighbouring words, and one feature that every text has. Hashes come from prefix sums of a
polynomial modulo 2^64, so that the hash of any stretch of the buffer is one subtraction and one multiplication.
"""

from collections.abc import Sequence
from functools import cache, lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

GRAMS = (2, 3, 4, 5)
_COLUMNS = len(GRAMS) + 2
_BASE = 0x9E3779B97F4A7C15
_BASE_INVERSE = pow(_BASE, -1, 1 << 64)
_MIX = np.uint64(0xD6E8FEB86659FD93)
_SALTS = np.array([(0xA0761D6478BD642F * (2 * n + 1)) & 0xFFFFFFFFFFFFFFFF for n in range(_COLUMNS)], np.uint64)
_PAIR = np.uint64(0xE7037ED1A0B428DB)
_SHIFT = np.uint64(32)
_SALTS_OF_GRAMS = _SALTS[: len(GRAMS)]
_SPACE, _LINE = 32, 10
_POWERS_MIN = 1 << 16
_SHORT = 400
"""Letters up to which a single text goes its own way."""
_ENDS = np.arange(4 * _SHORT + 2)[:, None] + np.array(GRAMS)
"""Where the n-grams that begin at each position end; a letter has up to four bytes."""
_FIRST = np.zeros(1, np.intp)
_ALWAYS = np.zeros(1, np.uint64)

UIntArray = NDArray[np.uint64]


class Features(NamedTuple):
    """Features of a batch of texts."""

    hashes: UIntArray
    """One per feature, in the order of the texts; the caller takes as many high bits as it has buckets."""
    starts: NDArray[np.intp]
    """Where each text's features begin."""
    words: UIntArray
    """Hash of each word, in the order of the texts."""
    word_starts: NDArray[np.intp]
    """Where each text's words begin."""
    counts: NDArray[np.intp]
    """Features of each text, never none."""


def features(texts: Sequence[str]) -> Features:
    """Return the features of each text; texts have single spaces between words and no line feeds.

    The order of one text's features is nobody's business; everything that sums them sums integers.
    """
    if len(texts) == 1 and len(texts[0]) <= _SHORT:
        return _features_of_one(texts[0])
    buffer = np.frombuffer("".join([f" {text} \n" for text in texts]).encode(errors="replace"), np.uint8)
    size = len(buffer)
    powers, inverses = _powers(max(_POWERS_MIN, 1 << size.bit_length()))
    prefix = np.zeros(size + 1, np.uint64)
    np.cumsum(buffer * powers[:size], out=prefix[1:])
    is_line = buffer == _LINE
    is_break = is_line | (buffer == _SPACE)
    hashes = np.empty((size, _COLUMNS), np.uint64)
    mask = np.zeros((size, _COLUMNS), np.bool_)
    _grams(prefix, inverses, is_break, is_line, hashes, mask)
    word_at, words = _words(prefix, inverses, is_break, hashes, mask)
    row_at = np.concatenate([np.zeros(1, np.intp), np.flatnonzero(is_line)[:-1] + 1])
    # Every text's first position is a space, where no word begins: the place of the feature that all have.
    hashes[row_at, _COLUMNS - 1] = np.uint64(0)
    mask[row_at, _COLUMNS - 1] = True
    counts = np.add.reduceat(mask.sum(axis=1), row_at)
    starts = np.concatenate([np.zeros(1, np.intp), np.cumsum(counts)[:-1]])
    return Features(_mixed(hashes[mask]), starts, words, np.searchsorted(word_at, row_at), counts)


def _features_of_one(text: str) -> Features:
    """Return the same for one text, all lengths of n-grams at once: for few letters, calls cost more than work."""
    padded = f" {text} ".encode(errors="replace")
    buffer = np.frombuffer(padded, np.uint8)
    size = len(buffer)
    powers, inverses, upright, ends, lasts, fits = _layout(size)
    prefix = np.zeros(size + 1, np.uint64)
    np.multiply(buffer, powers).cumsum(out=prefix[1:])
    is_space = buffer == _SPACE
    breaks = np.zeros(size + 1, np.intp)
    is_space.cumsum(out=breaks[1:])
    hashes = prefix.take(ends)
    hashes -= prefix[:-1, None]
    hashes *= upright
    hashes += _SALTS_OF_GRAMS
    mask = breaks.take(lasts) == breaks[1:, None]
    mask &= fits
    if b"  " in padded:  # nothing lies inside two letters, so two breaks in a row have to be told apart
        mask[:-1, 0] &= ~(is_space[:-1] & is_space[1:])
    edges = (is_space[1:] != is_space[:-1]).nonzero()[0] + 1
    starts = edges[0::2]
    word = (prefix.take(edges[1::2]) - prefix.take(starts)) * inverses.take(starts) + _SALTS[-2]
    pairs = word[:-1] * _PAIR + word[1:] + _SALTS[-1]
    mixed = _mixed(np.concatenate([hashes[mask], word, pairs, _ALWAYS]))
    return Features(mixed, _FIRST, (word ^ (word >> _SHIFT)) * _MIX, _FIRST, np.array([len(mixed)]))


@lru_cache(maxsize=64)
def _layout(
    size: int,
) -> tuple[UIntArray, UIntArray, UIntArray, NDArray[np.intp], NDArray[np.intp], NDArray[np.bool_]]:
    """Return what depends on a text's length alone: powers, inverses (also upright), and where n-grams end and fit."""
    powers, inverses = (table[:size] for table in _powers(_POWERS_MIN))
    ends = np.minimum(_ENDS[:size], size)
    return powers, inverses, inverses[:, None], ends, ends - 1, ends == _ENDS[:size]


def _mixed(hashes: UIntArray) -> UIntArray:
    hashes ^= hashes >> _SHIFT
    hashes *= _MIX
    hashes ^= hashes >> _SHIFT
    hashes *= _MIX
    return hashes


def _grams(
    prefix: UIntArray,
    inverses: UIntArray,
    is_break: NDArray[np.bool_],
    is_line: NDArray[np.bool_],
    hashes: UIntArray,
    mask: NDArray[np.bool_],
) -> None:
    """Fill in the character n-grams that start at each position and do not reach over the end of a word."""
    size = len(is_break)
    breaks = np.zeros(size + 1, np.int32)
    np.cumsum(is_break, out=breaks[1:])
    for column, n in enumerate(GRAMS):
        count = size - n
        if count <= 0:
            continue
        hashes[:count, column] = (prefix[n : n + count] - prefix[:count]) * inverses[:count] + _SALTS[column]
        inside = breaks[n - 1 : n - 1 + count] == breaks[1 : 1 + count]
        mask[:count, column] = inside & ~is_line[:count] & ~is_line[n - 1 : n - 1 + count]
        if n == GRAMS[0]:  # nothing lies inside two letters, so two breaks in a row have to be told apart
            mask[:count, column] &= ~(is_break[:count] & is_break[1 : 1 + count])


def _words(
    prefix: UIntArray,
    inverses: UIntArray,
    is_break: NDArray[np.bool_],
    hashes: UIntArray,
    mask: NDArray[np.bool_],
) -> tuple[NDArray[np.intp], UIntArray]:
    """Fill in words and pairs of words where they start; return where words start, and their hashes."""
    edge = is_break[1:] != is_break[:-1]
    edges = np.flatnonzero(edge) + 1
    starts, ends = edges[0::2], edges[1::2]
    word = (prefix[ends] - prefix[starts]) * inverses[starts] + _SALTS[-2]
    hashes[starts, _COLUMNS - 2] = word
    mask[starts, _COLUMNS - 2] = True
    followed = starts[1:] == ends[:-1] + 1
    first = starts[:-1][followed]
    hashes[first, _COLUMNS - 1] = (word[:-1] * _PAIR + word[1:])[followed] + _SALTS[-1]
    mask[first, _COLUMNS - 1] = True
    return starts, (word ^ (word >> _SHIFT)) * _MIX


@cache
def _powers(size: int) -> tuple[UIntArray, UIntArray]:
    base = np.full(size, _BASE, np.uint64)
    inverse = np.full(size, _BASE_INVERSE, np.uint64)
    base[0] = inverse[0] = 1
    return np.multiply.accumulate(base), np.multiply.accumulate(inverse)
