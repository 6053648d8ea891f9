"""The global model's door: which personal finance category a bank's text means, how sure that is, and why.

No network, no key, no database. The model's files are read at the first question and not before; they come from
`make train` and are described in docs/model-card.md. Answers depend on nothing but the question and the files.
"""

import csv
import gzip
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import islice
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from openledger_server.categorization.brands import Brand
from openledger_server.categorization.descriptors import Descriptor, clean_all
from openledger_server.categorization.hashing import Features, features
from openledger_server.categorization.linear import Head, LinearModel
from openledger_server.categorization.routes import Calibration, ModelGuess, Opinion, Router
from openledger_server.categorization.taxonomy import PRIMARIES

BATCH = 1024
"""Lines looked at together: large enough for vectors to pay, small enough to stay in the processor's cache."""
SURE = 0.95
"""From this confidence on the model may be believed without a look."""
MODEL_FILE = "model.npz"
BRANDS_FILE = "brands.csv.gz"


class Line(NamedTuple):
    """A bank transaction as far as the model looks at it."""

    description: str
    is_inflow: bool
    account_type: str = ""
    """The bank account's type: "credit" for a card; everything else is treated alike."""
    merchant_name: str = ""
    """The counterparty as the provider cleaned it, where there is one; phrases are looked for in the description."""


@dataclass(frozen=True, slots=True)
class Model:
    """The model's parts, read from its files or just trained."""

    linear: LinearModel
    brands: Mapping[str, Brand]
    calibration: Calibration

    def classify(self, lines: Iterable[Line]) -> list[ModelGuess]:
        """Return the best guess for each line, in the same order. Lines that say nothing get an unsure guess too."""
        asked = list(lines)
        if len(asked) == 1:
            return self._classify(asked)
        # Histories repeat themselves: each different line is looked at once.
        source = iter(dict.fromkeys(asked))
        known: dict[Line, ModelGuess] = {}
        while batch := list(islice(source, BATCH)):
            known.update(zip(batch, self._classify(batch), strict=True))
        return [known[line] for line in asked]

    def look(self, line: Line) -> tuple[Descriptor, Features, ModelGuess]:
        """Return one line's cleaned text, the features of it, and the best guess, each made once."""
        descriptors = _descriptors([line])
        found = features([descriptors[0].text])
        return descriptors[0], found, self._guesses([line], descriptors, found)[0]

    def _classify(self, lines: Sequence[Line]) -> list[ModelGuess]:
        descriptors = _descriptors(lines)
        return self._guesses(lines, descriptors, features([descriptor.text for descriptor in descriptors]))

    def _guesses(self, lines: Sequence[Line], descriptors: Sequence[Descriptor], found: Features) -> list[ModelGuess]:
        guesses = self.linear.guess_of(found)
        sure = self.calibration.linear.confidences(guesses)
        decide = Router(self.brands, self.calibration).decide
        return [
            decide(descriptor, Opinion(PRIMARIES[primary], code, confidence), line.is_inflow, line.account_type)
            for line, descriptor, primary, code, confidence in zip(
                lines, descriptors, guesses.primaries.tolist(), guesses.codes, sure, strict=True
            )
        ]


def _descriptors(lines: Sequence[Line]) -> list[Descriptor]:
    cleaned = clean_all([line.description for line in lines])
    named = [place for place, line in enumerate(lines) if line.merchant_name]
    for place, name in zip(named, clean_all([lines[place].merchant_name for place in named]), strict=True):
        if name.text:
            cleaned[place] = Descriptor(worded=cleaned[place].worded, text=name.text)
    return cleaned


def classify(lines: Iterable[Line]) -> list[ModelGuess]:
    """Return the shipped model's guess for each line, in the same order."""
    return shipped_model().classify(lines)


@cache
def shipped_model() -> Model:
    """Return the model that comes with the package; the first call reads it (about 0.1 s, 20 MB)."""
    folder = resources.files("openledger_server.categorization") / "data"
    model = (folder / MODEL_FILE).read_bytes()
    return read_model(model, (folder / BRANDS_FILE).read_bytes())


def read_model(model: bytes, brands: bytes) -> Model:
    """Return the model of these two files' contents."""
    with np.load(io.BytesIO(model), allow_pickle=False) as arrays:
        facts = json.loads(bytes(arrays["facts"]))
        detailed = {name: _head(arrays, name, facts["heads"][name]) for name in facts["heads"] if name != "PRIMARY"}
        linear = LinearModel(_head(arrays, "PRIMARY", facts["heads"]["PRIMARY"]), detailed, arrays["known_words"])
    rows = csv.reader(io.StringIO(gzip.decompress(brands).decode()))
    table = {key: Brand(code, group) for key, code, group in rows}
    return Model(linear, table, Calibration.from_facts(facts["calibration"]))


def write_model(model: Model) -> tuple[bytes, bytes]:
    """Return the contents of the two files; the same model gives the same content, packed as this Python packs it."""
    heads = {"PRIMARY": model.linear.primary, **model.linear.detailed}
    facts = {
        "heads": {name: {"codes": head.codes, "bits": head.bits} for name, head in heads.items()},
        "calibration": model.calibration.facts(),
    }
    arrays: dict[str, NDArray[np.generic]] = {"known_words": model.linear.known_words}
    for name, head in heads.items():
        arrays[f"{name}.weights"] = head.weights
        arrays[f"{name}.scale"] = head.scale
        arrays[f"{name}.bias"] = head.bias
    arrays["facts"] = np.frombuffer(json.dumps(facts, sort_keys=True).encode(), np.uint8)
    packed = io.BytesIO()
    np.savez_compressed(packed, allow_pickle=False, **{name: arrays[name] for name in sorted(arrays)})
    table = io.StringIO()
    csv.writer(table, lineterminator="\n").writerows(
        (key, brand.code, brand.group) for key, brand in sorted(model.brands.items())
    )
    return packed.getvalue(), gzip.compress(table.getvalue().encode(), mtime=0)


def _head(arrays: Mapping[str, NDArray[np.generic]], name: str, facts: Mapping[str, object]) -> Head:
    codes, bits = facts["codes"], facts["bits"]
    assert isinstance(codes, list)
    assert isinstance(bits, int)
    weights, scale, bias = (arrays[f"{name}.{part}"] for part in ("weights", "scale", "bias"))
    return Head(tuple(codes), bits, weights.astype(np.int8), scale.astype(np.float32), bias.astype(np.float32))
