"""What one owner's corrections teach: which of the owner's accounts the next transaction belongs to.

An online logistic regression over the owner's accounts (AdaGrad over hashed features), to which a few signals are added
that mean the same for every account: was this the last choice for the same counterparty, the same first word, the same
amount; how alike are the account's name and what the text means. How much each signal counts is learned along the way.
It learns from every single choice and can be rebuilt at any time by showing it the choices again.
"""

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from openledger_server.categorization.account_names import AccountNames
from openledger_server.categorization.descriptors import Descriptor
from openledger_server.categorization.model import Line, Model
from openledger_server.categorization.routes import ModelGuess

_BITS = 14
_RATE, _RATE_SHARED = 0.25, 0.05
_START_SQUARES = 0.1
_DECAY = 0.6
_TEMPERATURE = 1.5
# In the order of `_signals`: choice shares for the key, the last choice for it, the same for the first word, the
# amount within the first word, likeness of names (by model, by words), and how often the account is chosen at all.
_START_SHARED = (2.5, 1.5, 1.2, 0.8, 1.6, 1.8, 2.2, 0.5)
_NO_CHOICE = np.zeros(0, np.float64)

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class OwnerLine:
    """A bank transaction as the learner sees it. `amount`: major units, positive = money out."""

    description: str
    amount: float
    account_type: str = ""
    bank_account: str = ""


@dataclass(frozen=True, slots=True)
class OwnerGuess:
    """The learner's answer."""

    account: str
    confidence: float
    reason: str


@dataclass(frozen=True, slots=True)
class _Seen:
    """Everything about one line that the learner looks at."""

    descriptor: Descriptor
    guess: ModelGuess
    buckets: NDArray[np.intp]
    values: FloatArray
    signals: FloatArray
    """Shape (signals, accounts)."""
    first: str
    amount_key: str


class OwnerLearner:
    """Learns one owner's accounts, choice by choice. An account never named before is added when it is chosen."""

    def __init__(self, accounts: Sequence[str], model: Model) -> None:
        self._model = model
        self._names = AccountNames(model)
        self._accounts: list[str] = []
        self._index: dict[str, int] = {}
        self._weights = np.zeros((1 << _BITS, 16), np.float32)
        self._squares = np.full((1 << _BITS, 16), _START_SQUARES, np.float32)
        self._shared = np.array(_START_SHARED)
        self._shared_squares = np.full(len(_START_SHARED), 1.0)
        self._counts = np.zeros(16)
        self._by_key: dict[str, FloatArray] = {}
        self._by_first: dict[str, FloatArray] = {}
        self._by_amount: dict[str, int] = {}
        self._last_by_key: dict[str, int] = {}
        self._times: dict[tuple[str, int], int] = defaultdict(int)
        self._last: tuple[OwnerLine, Descriptor, ModelGuess, NDArray[np.intp], FloatArray] | None = None
        self._likeness = np.zeros((0, 0))
        for account in accounts:
            self._add(account)

    @property
    def accounts(self) -> tuple[str, ...]:
        """Return the accounts known so far."""
        return tuple(self._accounts)

    def predict(self, line: OwnerLine) -> OwnerGuess | None:
        """Return the likeliest account, or None while there is no account to choose from."""
        if not self._accounts:
            return None
        seen = self._look(line)
        chances = self._chances(seen)
        best = int(chances.argmax())
        return OwnerGuess(self._accounts[best], float(chances[best]), self._reason(seen, best))

    def learn(self, line: OwnerLine, account: str) -> None:
        """Take in that the owner put this line in this account."""
        chosen = self._index.get(account)
        if chosen is None:
            chosen = self._add(account)
        seen = self._look(line)
        wrong = self._chances(seen)
        wrong[chosen] -= 1
        count = len(self._accounts)
        steps = seen.values[:, None] * wrong[None, :]
        squares = self._squares[seen.buckets, :count] + steps * steps
        self._squares[seen.buckets, :count] = squares
        self._weights[seen.buckets, :count] -= _RATE * steps / np.sqrt(squares)
        slope = seen.signals @ wrong
        self._shared_squares += slope * slope
        self._shared = np.maximum(self._shared - _RATE_SHARED * slope / np.sqrt(self._shared_squares), 0)
        self._remember(seen, chosen)

    def _add(self, account: str) -> int:
        index = len(self._accounts)
        self._accounts.append(account)
        self._index[account] = index
        self._names.add(account)
        if index >= self._weights.shape[1]:
            grown = ((0, 0), (0, self._weights.shape[1]))
            self._weights = np.pad(self._weights, grown)
            self._squares = np.pad(self._squares, grown, constant_values=_START_SQUARES)
            self._counts = np.pad(self._counts, (0, len(self._counts)))
        return index

    def _look(self, line: OwnerLine) -> _Seen:
        if self._last is None or self._last[0] != line:
            self._last = (line, *self._read(line))
            self._likeness = np.zeros((0, 0))
        _, descriptor, guess, buckets, values = self._last
        if self._likeness.shape[1] != len(self._accounts):
            self._likeness = self._names.likeness(descriptor, guess)
        first = descriptor.name[0] if descriptor.name else ""
        amount_key = f"{first} {line.amount:.2f}"
        return _Seen(
            descriptor=descriptor,
            guess=guess,
            buckets=buckets,
            values=values,
            signals=self._signals(descriptor, first, amount_key),
            first=first,
            amount_key=amount_key,
        )

    def _read(self, line: OwnerLine) -> tuple[Descriptor, ModelGuess, NDArray[np.intp], FloatArray]:
        """Return what does not depend on anything learned; a line that was predicted is usually learned next."""
        descriptor, text, guess = self._model.look(Line(line.description, line.amount < 0, line.account_type))
        named, strengths = _named_features(line, descriptor, guess)
        hashes = np.concatenate([text.hashes, named])
        shares = np.full(len(text.hashes), 1 / math.sqrt(len(text.hashes)))
        return descriptor, guess, (hashes >> np.uint64(64 - _BITS)).astype(np.intp), np.concatenate([shares, strengths])

    def _signals(self, descriptor: Descriptor, first: str, amount_key: str) -> FloatArray:
        count = len(self._accounts)
        signals = np.zeros((len(_START_SHARED), count))
        shares = self._by_key.get(descriptor.key, _NO_CHOICE)
        if descriptor.key and len(shares):
            signals[0, : len(shares)] = shares / shares.sum()
            signals[1, self._last_by_key[descriptor.key]] = 1
        shares = self._by_first.get(first, _NO_CHOICE)
        if first and len(shares):
            signals[2, : len(shares)] = shares / shares.sum()
        if amount_key in self._by_amount:
            signals[3, self._by_amount[amount_key]] = 1
        signals[4:7] = self._likeness
        signals[7] = np.log1p(self._counts[:count]) - math.log1p(self._counts.sum() / max(count, 1))
        return signals

    def _chances(self, seen: _Seen) -> FloatArray:
        count = len(self._accounts)
        scores = seen.values @ self._weights[seen.buckets, :count] + self._shared @ seen.signals
        scores = np.exp((scores - scores.max()) / _TEMPERATURE)
        chances: FloatArray = scores / scores.sum()
        return chances

    def _remember(self, seen: _Seen, chosen: int) -> None:
        key = seen.descriptor.key
        for kept, name in ((self._by_key, key), (self._by_first, seen.first)):
            shares = kept.get(name, _NO_CHOICE) * _DECAY
            if len(shares) <= chosen:
                shares = np.pad(shares, (0, chosen + 1 - len(shares)))
            shares[chosen] += 1
            kept[name] = shares
        self._last_by_key[key] = chosen
        self._by_amount[seen.amount_key] = chosen
        self._counts[chosen] += 1
        self._times[key, chosen] += 1

    def _reason(self, seen: _Seen, best: int) -> str:
        account, key = self._accounts[best], seen.descriptor.key
        times = self._times.get((key, best), 0)
        if key and times:
            often = "once" if times == 1 else f"{times} times"
            return f"You put “{key}” in {account} {often} before."
        if seen.first and seen.signals[2, best]:
            return f"You put others that begin with “{seen.first}” in {account}."
        if self._counts[best]:
            return f"It is most like what you put in {account}. {seen.guess.reason}"
        return f"{account} is the account whose name fits best. {seen.guess.reason}"


def _named_features(
    line: OwnerLine, descriptor: Descriptor, guess: ModelGuess
) -> tuple[NDArray[np.uint64], NDArray[np.float64]]:
    """Return hashes and strengths of what is known about a line besides the letters of its text."""
    size = round(2 * math.log2(abs(line.amount) + 1))
    bare = " ".join(descriptor.name[:2])
    named = (
        (f"key {descriptor.key}", 1.0),
        (f"two {bare}", 0.7),
        (f"sign {line.amount < 0}", 0.5),
        (f"size {size} {line.amount < 0}", 0.5),
        (f"amount {line.amount:.2f}", 0.4),
        (f"card {line.bank_account} {line.account_type}", 0.4),
        (f"code {guess.pfc_detailed}", guess.confidence),
        (f"primary {guess.pfc_primary}", guess.confidence),
    )
    hashes = np.array([_hash(name) for name, _ in named], np.uint64)
    return hashes, np.array([strength for _, strength in named])


def _hash(name: str) -> int:
    """Return a hash that is the same in every process, unlike the interpreter's own."""
    value = 0xCBF29CE484222325
    for byte in name.encode():
        value = ((value ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return (value ^ (value >> 29)) * 0xBF58476D1CE4E5B9 & 0xFFFFFFFFFFFFFFFF
