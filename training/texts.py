"""The labelled texts that the global model learns from; `training/data/README.md` says where each comes from."""

import csv
import gzip
import math
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from openledger_server.categorization.descriptors import clean_all
from openledger_server.categorization.places import CITIES

DATA = Path(__file__).parent / "data"
DEVELOPMENT_FOLD = 0
SEED = 20261123

_TORONTO_WEIGHT_MAX = 5.0
_TORONTO_UNSURE = 0.3
_NEAR_COUNTRIES = frozenset(["us", "ca", "gb", "ie", "001", "au", "nz"])
_NEAR_WEIGHT = 1.5
_FAR_WEIGHT = 0.4
_OPERATOR = 0.5
_ONLINE_WEIGHT = 6.0
_MORE_WEIGHT = 5.0
_WORD_WEIGHT = 3.0
_TEMPLATE_WEIGHT = 1.0
_TEMPLATES_PER_WORD = 3
_CUT_LENGTHS = (22, 25)
_SHARE_TOAST, _SHARE_CUT = 0.2, 0.3
_NAMES = (
    "joes, marias, smith, johnson, lopez, garcia, blue, red, golden, silver, sunrise, lakeside, main street, river, "
    "mountain, valley, royal, star, first, best, old town, downtown, eagle, oak, pine, cedar, maple, harbor, ocean, "
    "liberty, pacific, atlantic, metro, city, village, westside, northside, southern, eastern, premier, elite, a1, "
    "superior, family, happy, lucky, green, black, white, corner, park, hill, bay, sunset, highland, union, victory, "
    "miller, davis, chen, patel, kim, nguyen, murphy, obrien, rossi, cohen, baker, carter, the local, little, big, "
    "grand, ace, alpha, summit, heritage, pioneer, frontier, cascade, prairie, desert, canyon, coastal, island"
)


@dataclass(frozen=True, slots=True)
class Example:
    """A text with its category. `code` is a primary where the detailed one is unknown."""

    text: str
    code: str
    weight: float


@dataclass(frozen=True, slots=True)
class Merchant:
    """One merchant string of the City of Toronto's card purchases."""

    description: str
    purchases: int
    median_amount: float
    code: str
    is_sure: bool
    fold: int


@cache
def merchants() -> tuple[Merchant, ...]:
    """Return all merchant strings whose category is known."""
    return tuple(
        Merchant(
            description=row["description"],
            purchases=int(row["n"]),
            median_amount=float(row["median_amount"] or 0),
            code=row["pfc_detailed"],
            is_sure=row["low_confidence"] == "0",
            fold=int(row["fold"]),
        )
        for row in _rows("toronto_pcard_merchants.csv.gz")
        if row["pfc_detailed"]
    )


@cache
def brands() -> tuple[Example, ...]:
    """Return names of known brands, the surest first; names are not cleaned, weights say how far to trust them."""
    found = [Example(row["brand"], row["pfc_detailed"] or row["pfc_primary"], _ONLINE_WEIGHT) for row in _online()]
    found += [Example(name, code, _MORE_WEIGHT) for code, name in listed("more_brands.txt")]
    for row in _rows("nsi_brands.csv.gz"):
        if not row["pfc_primary"] or row["pfc_primary"] == "TRANSFER_OUT":
            continue  # the name of a bank, or of whoever runs a cash machine, says nothing
        near = any(country.split("-")[0] in _NEAR_COUNTRIES for country in row["countries"].split("|"))
        for name in dict.fromkeys([row["name"], *filter(None, row["match_names"].split("|"))]):
            weight = (_NEAR_WEIGHT if near else _FAR_WEIGHT) * (1.0 if row["tree"] == "brands" else _OPERATOR)
            found.append(Example(name, row["pfc_detailed"] or row["pfc_primary"], weight))
    return tuple(found)


def training_examples(*, held_out_fold: int | None) -> list[Example]:
    """Return everything the model learns from, cleaned, without the merchants of one fold of Toronto."""
    chance = random.Random(SEED)
    examples = list(_toronto(held_out_fold))
    examples += _cleaned(brands())
    examples += _cut(_cleaned(example for example in brands() if example.weight >= _MORE_WEIGHT), chance)
    examples += _words(chance)
    examples += _cleaned(
        Example(row["description"], row["pfc_detailed"], 1.5)
        for row in _rows("mcc_pfc.csv")
        if row["low_confidence"] == "0" and row["pfc_detailed"]
    )
    examples += _cleaned(
        Example(row["osm_value"].replace("_", " "), row["pfc_detailed"] or row["pfc_primary"], 1.0)
        for row in _rows("osm_tag_pfc.csv")
        if row["pfc_primary"]
    )
    examples += [Example(text, code, _TEMPLATE_WEIGHT) for code, text in listed("money_lines.txt")]
    return [example for example in examples if example.text]


def listed(name: str) -> Iterator[tuple[str, str]]:
    """Yield (code, text) of a file whose lines are `CODE: text, text, ...`."""
    for line in (DATA / name).read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            code, _, texts = line.partition(": ")
            yield from ((code, text.strip()) for text in texts.split(",") if text.strip())


def _toronto(held_out_fold: int | None) -> Iterator[Example]:
    kept = [merchant for merchant in merchants() if merchant.fold != held_out_fold]
    for merchant, descriptor in zip(kept, clean_all([merchant.description for merchant in kept]), strict=True):
        weight = min(1 + math.log10(merchant.purchases), _TORONTO_WEIGHT_MAX)
        yield Example(descriptor.text, merchant.code, weight if merchant.is_sure else weight * _TORONTO_UNSURE)


def _cleaned(examples: Iterable[Example]) -> list[Example]:
    given = list(examples)
    cleaned = clean_all([example.text for example in given])
    return [Example(name.text, raw.code, raw.weight) for name, raw in zip(cleaned, given, strict=True)]


def _cut(examples: Sequence[Example], chance: random.Random) -> Iterator[Example]:
    """Yield names as card networks print them: with a word or a city after them, and cut."""
    cities = sorted(city.lower() for city in CITIES)
    for example in examples:
        tail = chance.choice([*cities[:40], "store", "online", "payment", "bill", "autopay", "com", "purchase", "inc"])
        yield Example(f"{example.text} {tail}", example.code, example.weight / 4)
        cut = chance.randint(*_CUT_LENGTHS) - 6
        if len(example.text) > cut:
            yield Example(example.text[:cut].strip(), example.code, example.weight / 3)


def _words(chance: random.Random) -> Iterator[Example]:
    """Yield words that name a trade, alone and with made-up names of firms and places around them."""
    names, cities = _NAMES.split(", "), sorted(city.lower() for city in CITIES)
    for code, word in listed("words.txt"):
        yield Example(word, code, _WORD_WEIGHT)
        for _ in range(_TEMPLATES_PER_WORD):
            name, place = chance.choice(names), chance.choice(cities)
            text = chance.choice([f"{name} {word}", f"{name} {word}", f"{word} {place}", f"{name} {place} {word}"])
            if code.startswith("FOOD") and chance.random() < _SHARE_TOAST:
                text = f"tst {text}"
            if chance.random() < _SHARE_CUT:
                text = text[: chance.randint(*_CUT_LENGTHS)]
            yield Example(text.strip(), code, _WORD_WEIGHT * 0.15)


def _online() -> list[dict[str, str]]:
    return _rows("online_brands.csv")


def _rows(name: str) -> list[dict[str, str]]:
    file = DATA / name
    text = gzip.decompress(file.read_bytes()).decode() if file.suffix == ".gz" else file.read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))
