"""The brand table: names of known firms and what they sell, looked up by whole words, the longest name first."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

WORDS_MAX = 4
_STARTS_MAX = 4
_SHORT = 4
_ALONE = 2


class Brand(NamedTuple):
    """One name of a firm. `group`: how the name came in, which says how far to trust it."""

    code: str
    group: str


class Found(NamedTuple):
    """A brand found in a text."""

    brand: Brand
    name: str
    """The words of the text that are its name."""
    is_first: bool
    """The text begins with it."""


def joined(words: Sequence[str]) -> str:
    """Return the key of a name: WAL-MART, WAL MART and WALMART are one."""
    return "".join(words)


def find_brand(words: Sequence[str], table: Mapping[str, Brand]) -> Found | None:
    """Return the brand that these words begin with, or else contain; the longest name, or None.

    One word is a name inside a text only if it is long and listed by hand; a word that only the index knows, or that is
    also a common word, is a name only where little else is said.
    """
    total = len(words)
    for start in range(min(total, _STARTS_MAX)):
        for end in range(min(total, start + WORDS_MAX), start, -1):
            brand = table.get("".join(words[start:end]))
            if brand is None:
                continue
            if end - start == 1:
                if start and (brand.group != "listed" or len(words[start]) <= _SHORT):
                    continue
                if brand.group != "listed" and total > _ALONE:
                    continue
            return Found(brand, " ".join(words[start:end]), not start)
    return None
