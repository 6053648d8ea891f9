"""What corrections teach: real histories of one owner each, every row predicted from the ones before it."""

import gzip
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from openledger_server.categorization.descriptors import clean
from openledger_server.categorization.model import Model
from openledger_server.categorization.owner import OwnerLearner, OwnerLine
from training.texts import DATA

CORRECTIONS = (0, 10, 50, 200, 500)
"""The curve: how good the rows are that come after so many corrections, up to the next step."""
_RETRAIN_EVERY = 50


@dataclass(frozen=True, slots=True)
class Purchase:
    """One row of a history with the owner's own account."""

    line: OwnerLine
    account: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """One prediction. `step`: the last of CORRECTIONS passed before it."""

    step: int
    is_right: bool
    is_first_seen: bool
    confidence: float


class Learner(Protocol):
    """What predicts and learns, row by row."""

    def predict(self, line: OwnerLine) -> tuple[str, float]:
        """Return the account and how sure that is."""
        ...

    def learn(self, line: OwnerLine, account: str) -> None:
        """Take in the owner's choice."""
        ...


class Ours:
    """The shipped learner."""

    def __init__(self, accounts: Sequence[str], model: Model) -> None:
        self._learner = OwnerLearner(accounts, model)

    def predict(self, line: OwnerLine) -> tuple[str, float]:
        """Return the shipped learner's answer."""
        guess = self._learner.predict(line)
        return (guess.account, guess.confidence) if guess else ("", 0.0)

    def learn(self, line: OwnerLine, account: str) -> None:
        """Take in the owner's choice."""
        self._learner.learn(line, account)


class Majority:
    """The account chosen most often so far."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    def predict(self, line: OwnerLine) -> tuple[str, float]:
        """Return the commonest account, whatever the line."""
        del line
        return (self._counts.most_common(1)[0][0] if self._counts else "", 0.0)

    def learn(self, line: OwnerLine, account: str) -> None:
        """Count the owner's choice."""
        del line
        self._counts[account] += 1


class Memory:
    """The last account chosen for exactly the same cleaned merchant; otherwise nothing."""

    def __init__(self) -> None:
        self._last: dict[str, str] = {}

    def predict(self, line: OwnerLine) -> tuple[str, float]:
        """Return the last choice for this merchant."""
        return self._last.get(clean(line.description).key, ""), 0.0

    def learn(self, line: OwnerLine, account: str) -> None:
        """Keep the owner's choice."""
        self._last[clean(line.description).key] = account


class SmartImporter:
    """smart_importer's pipeline: word counts of the text in a linear support vector machine.

    Trained anew after every 50th row, as its user would by importing again; its own code, its own defaults.
    """

    def __init__(self) -> None:
        self._lines: list[OwnerLine] = []
        self._accounts: list[str] = []
        self._pipeline: object | None = None

    def predict(self, line: OwnerLine) -> tuple[str, float]:
        """Return the pipeline's answer."""
        if self._pipeline is None:
            return self._accounts[-1] if self._accounts else "", 0.0
        return str(self._pipeline.predict([_spaced(line.description)])[0]), 0.0  # type: ignore[attr-defined]  # scikit-learn has no types

    def learn(self, line: OwnerLine, account: str) -> None:
        """Keep the row; train at every 50th, and at the 10th."""
        self._lines.append(line)
        self._accounts.append(account)
        count = len(self._lines)
        if (count == CORRECTIONS[1] or count % _RETRAIN_EVERY == 0) and len(set(self._accounts)) > 1:
            self._pipeline = self._train()

    def _train(self) -> object:
        from sklearn.pipeline import make_pipeline  # noqa: PLC0415  # slow to import, for this baseline only
        from sklearn.svm import SVC  # noqa: PLC0415  # the same
        from smart_importer.pipelines import StringVectorizer  # noqa: PLC0415  # the same

        pipeline = make_pipeline(StringVectorizer(), SVC(kernel="linear"))
        pipeline.fit([_spaced(line.description) for line in self._lines], self._accounts)
        return pipeline


def _spaced(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def histories() -> dict[str, list[Purchase]]:
    """Return the city's divisions with their first purchases in order."""
    found: dict[str, list[Purchase]] = defaultdict(list)
    for line in gzip.decompress((DATA / "toronto_dev_histories.jsonl.gz").read_bytes()).decode().splitlines():
        row = json.loads(line)
        found[row["entity"]].append(
            Purchase(OwnerLine(row["description"], row["amount"], "credit", row["account"]), row["label"])
        )
    return dict(found)


def replay(purchases: Sequence[Purchase], learner: Learner) -> Iterator[Outcome]:
    """Yield what the learner makes of each row before it is told the truth."""
    seen: set[str] = set()
    for place, purchase in enumerate(purchases):
        key = clean(purchase.line.description).key
        account, confidence = learner.predict(purchase.line)
        yield Outcome(
            step=max(step for step in CORRECTIONS if step <= place),
            is_right=account == purchase.account,
            is_first_seen=key not in seen,
            confidence=confidence,
        )
        seen.add(key)
        learner.learn(purchase.line, purchase.account)
