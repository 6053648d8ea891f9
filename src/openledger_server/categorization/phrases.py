"""Phrases that banks write themselves about money: fees, interest, transfers, payroll, loan and card payments."""

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

from openledger_server.categorization.descriptors import words_of

_CARD_TYPES = ("credit", "card", "credit card")


@dataclass(frozen=True, slots=True)
class Phrase:
    """One phrase and the category it means."""

    direction: str
    """"in", "out" or "any"."""
    account_type: str
    """"credit" where it means that only on a card account; empty for every account."""
    code: str
    """Detailed code of the personal finance category."""
    books: str
    """What it means for a business's books beyond the category: payroll, payroll_tax, owner_draw, or nothing."""
    strength: float
    """Share of lines with this phrase that mean it, before any measurement."""
    pattern: re.Pattern[str] | None
    says: str
    """What the phrase says, for people."""


@cache
def phrases() -> tuple[Phrase, ...]:
    """Return all phrases; an earlier one beats a later one."""
    return tuple(_phrase(row) for row in _rows())


def phrase_for(words: Sequence[str], *, is_inflow: bool, account_type: str) -> int | None:
    """Return the index of the first phrase that these words of a bank's text contain, or None.

    Only phrases one of whose trigger words occurs are tried, since most lines contain none.
    """
    if triggers().isdisjoint(words):
        return None
    by_trigger = _by_trigger()
    indexes = sorted({index for word in words for index in by_trigger.get(word, ())})
    text = " ".join(words)
    skipped = "out" if is_inflow else "in"
    is_card = account_type.lower() in _CARD_TYPES
    for index in indexes:
        phrase = phrases()[index]
        if phrase.direction == skipped or (phrase.account_type and not is_card):
            continue
        if phrase.pattern is None or phrase.pattern.search(text):
            return index
    return None


def names_books(descriptions: Sequence[str]) -> list[bool]:
    """Return for each bank text whether a phrase about a business's books may be in it: a trigger word of one is."""
    triggers = _books_triggers()
    return [not triggers.isdisjoint(words) for words in words_of(descriptions)]


@cache
def triggers() -> frozenset[str]:
    """Return the words of which a text has to have at least one before any phrase can be in it."""
    return frozenset(_by_trigger())


@cache
def _books_triggers() -> frozenset[str]:
    return frozenset(trigger for row in _rows() if row["books"] for trigger in row["triggers"].split())


def _rows() -> list[dict[str, str]]:
    file = resources.files("openledger_server.categorization") / "data" / "money_phrases.csv"
    return list(csv.DictReader(file.read_text(encoding="utf-8").splitlines()))


def _phrase(row: Mapping[str, str]) -> Phrase:
    return Phrase(
        direction=row["direction"],
        account_type=row["account_type"],
        code=row["pfc_detailed"],
        books=row["books"],
        strength=float(row["strength"]),
        pattern=re.compile(row["pattern"]) if row["pattern"] else None,
        says=row["says"],
    )


@cache
def _by_trigger() -> Mapping[str, tuple[int, ...]]:
    found: dict[str, list[int]] = {}
    for index, row in enumerate(_rows()):
        for trigger in row["triggers"].split():
            found.setdefault(trigger, []).append(index)
    return {trigger: tuple(indexes) for trigger, indexes in found.items()}
