"""Fitting the linear heads and collecting the brand table."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import cast

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, vstack
from sklearn.linear_model import SGDClassifier

from openledger_server.categorization.brands import Brand, find_brand, joined
from openledger_server.categorization.descriptors import clean_all
from openledger_server.categorization.hashing import features
from openledger_server.categorization.linear import KNOWN_WORD_BITS, Head, LinearModel
from openledger_server.categorization.taxonomy import PRIMARIES, primary_of
from training.texts import DATA, SEED, Example, brands, listed, merchants

PRIMARY_BITS, DETAILED_BITS = 16, 15
_EPOCHS, _ALPHA = 12, 2e-6
_BATCH = 1024
_PRUNED = 0.6
"""Weights below this share of one step of the 8-bit scale round to nothing; they make the file smaller."""
_LISTED_WEIGHT_MIN, _NEAR_WEIGHT_MIN = 4.0, 0.7
_SEEN_MIN, _PURITY_MIN = 3, 0.4
_LETTERS_MIN = 3


def fit_linear(examples: Sequence[Example]) -> LinearModel:
    """Return the linear model learned from these examples."""
    labels = np.array([primary_of(example.code) for example in examples])
    primary = _fit(examples, labels, PRIMARIES, PRIMARY_BITS)
    detailed: dict[str, Head] = {}
    for name in PRIMARIES:
        own = [example for example in examples if primary_of(example.code) == name and example.code != name]
        codes = tuple(sorted({example.code for example in own}))
        if len(codes) > 1:
            detailed[name] = _fit(own, np.array([example.code for example in own]), codes, DETAILED_BITS)
    return LinearModel(primary, detailed, _known_words([example.text for example in examples]))


def matrix(texts: Sequence[str], bits: int) -> csr_matrix:
    """Return the features of texts (rows) by bucket (columns), as the model sees them."""
    parts = []
    for start in range(0, len(texts), _BATCH):
        found = features(texts[start : start + _BATCH])
        buckets = (found.hashes >> np.uint64(64 - bits)).astype(np.int32)
        values = np.repeat(1 / np.sqrt(found.counts), found.counts).astype(np.float32)
        part = csr_matrix(
            (values, buckets, np.append(found.starts, len(buckets))), shape=(len(found.counts), 1 << bits)
        )
        part.sum_duplicates()
        parts.append(part)
    return cast("csr_matrix", vstack(parts, format="csr"))


def _fit(examples: Sequence[Example], labels: NDArray[np.str_], codes: Sequence[str], bits: int) -> Head:
    learner = SGDClassifier(
        loss="log_loss", alpha=_ALPHA, average=True, max_iter=_EPOCHS, tol=None, random_state=SEED % 1000, n_jobs=1
    )
    learner.fit(
        matrix([example.text for example in examples], bits),
        labels,
        sample_weight=np.array([example.weight for example in examples]),
    )
    weights, bias = learner.coef_, learner.intercept_
    if len(learner.classes_) == 2:  # noqa: PLR2004  # scikit-learn gives two classes one row
        weights, bias = np.vstack([-weights, weights]), np.concatenate([-bias, bias])
    order = {code: row for row, code in enumerate(learner.classes_)}
    full = np.zeros((1 << bits, len(codes)), np.float32)
    shifts = np.full(len(codes), -12.0, np.float32)
    for column, code in enumerate(codes):
        if code in order:
            full[:, column] = weights[order[code]]
            shifts[column] = bias[order[code]]
    return Head(tuple(codes), bits, *_rounded(full), shifts)


def _rounded(weights: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Return the weights in steps, 127 each way, outliers cut and the smallest dropped, and the size of a step."""
    top = np.maximum(np.quantile(np.abs(weights), 0.9998, axis=0), 1e-6).astype(np.float32)
    steps = np.clip(weights / top * 127, -127, 127)
    kept = np.where(np.abs(steps) < _PRUNED, 0, np.rint(steps))
    return kept.astype(np.int8), (top / 127).astype(np.float32)


def _known_words(texts: Sequence[str]) -> NDArray[np.uint8]:
    bits = np.zeros(1 << KNOWN_WORD_BITS, np.bool_)
    for start in range(0, len(texts), _BATCH):
        words = features(texts[start : start + _BATCH]).words
        bits[(words >> np.uint64(64 - KNOWN_WORD_BITS)).astype(np.intp)] = True
    return np.packbits(bits, bitorder="little")


def brand_table(*, held_out_fold: int | None) -> dict[str, Brand]:
    """Return the brand table; names that mean something else for many Toronto merchants are left out."""
    table: dict[str, Brand] = {}
    plain = {joined(text.split()) for _, text in listed("words.txt")}
    common = frozenset((DATA / "common_words.txt").read_text(encoding="utf-8").split())
    kept = [example for example in brands() if example.weight >= _NEAR_WEIGHT_MIN]
    for example, name in zip(kept, clean_all([example.text for example in kept]), strict=True):
        key = joined(name.name)
        is_listed = example.weight >= _LISTED_WEIGHT_MIN
        if key in table or key in plain or len(key) < (2 if is_listed else _LETTERS_MIN) or _lost(example.text, key):
            continue
        is_common = len(name.name) == 1 and key in common
        if is_common and not is_listed:
            continue
        table[key] = Brand(example.code, ("common" if is_common else "listed") if is_listed else "index")
    for key in _misleading(table, held_out_fold):
        del table[key]
    return table


def _lost(name: str, key: str) -> bool:
    """Return whether cleaning took a number away that is part of the name: OFFICE 365 is not every office."""
    return sum(map(str.isdigit, name)) > sum(map(str.isdigit, key))


def _misleading(table: dict[str, Brand], held_out_fold: int | None) -> list[str]:
    hits: dict[str, Counter[bool]] = defaultdict(Counter)
    seen = [merchant for merchant in merchants() if merchant.fold != held_out_fold and merchant.is_sure]
    for merchant, name in zip(seen, clean_all([merchant.description for merchant in seen]), strict=True):
        found = find_brand(name.name, table)
        if found is not None:
            hits[joined(found.name.split())][primary_of(found.brand.code) == primary_of(merchant.code)] += 1
    return [
        key
        for key, count in hits.items()
        if table[key].group == "index" and count.total() >= _SEEN_MIN and count[True] < _PURITY_MIN * count.total()
    ]
