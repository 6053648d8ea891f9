"""Recognising the same merchant again, and naming a counterparty for people."""

import re
from collections.abc import Sequence

from openledger_server.categorization.types import Candidate

_KEY_LENGTH_MAX = 120
_NOISE = re.compile(
    r"\b(?:(?:POS|DEBIT|CREDIT|CARD|PURCHASE|CHECKCARD|AUTHORIZED|ON|RECURRING|PAYMENT|ACH|WEB|PPD|CCD|ID|REF|XX+)\b"
    r"|[^\W\d]*+\d\w*)"
)
"""Words that banks put around a name, and words with a digit in them; possessive, so that a long word without one is
passed over once."""
_PREFIX = re.compile(r"^(?:SQ|TST|SP|PAYPAL|PP|IN|DD|FS|EB) ?\* *", re.MULTILINE)
_NOT_A_LETTER = re.compile(r"[^\w&'\n]+")
_WITHOUT_SIGNS = {code: " " for code in range(128) if _NOT_A_LETTER.match(chr(code))}
"""The same for texts of ASCII, many times quicker; more than one space may be left between words."""


def merchant_key(candidate: Candidate) -> str | None:
    """Return a name by which the next transaction of the same merchant is recognised; see `merchant_keys`."""
    return merchant_keys([candidate])[0]


def merchant_keys(candidates: Sequence[Candidate]) -> list[str | None]:
    """Return for each candidate a name by which the same merchant is recognised next time, or None if there is none.

    The provider's merchant id is best, then its clean name, then what is left of the bank's text without numbers and
    the words banks put around a name. Cheques say nothing about who is paid, so they have no key.
    """
    keys = [_provider_key(candidate) for candidate in candidates]
    bare = [place for place, key in enumerate(keys) if key == ""]
    # A history repeats itself: each different text is cleaned once, all of them together.
    texts = list(dict.fromkeys([candidates[place].description for place in bare]))
    cleaned = dict(zip(texts, _cleaned(texts), strict=True))
    for place in bare:
        key = cleaned[candidates[place].description]
        keys[place] = f"text:{key}"[:_KEY_LENGTH_MAX] if key else None
    return keys


def _provider_key(candidate: Candidate) -> str | None:
    """Return the key by what the provider says of the merchant; empty where only the bank's text is left."""
    if candidate.check_number:
        return None
    if candidate.merchant_entity_id:
        return f"id:{candidate.merchant_entity_id}"[:_KEY_LENGTH_MAX]
    if candidate.merchant_name:
        key = " ".join(_NOT_A_LETTER.sub(" ", candidate.merchant_name.casefold()).split())
        return f"name:{key}"[:_KEY_LENGTH_MAX] if key else None
    return ""


def counterparty(candidate: Candidate) -> str | None:
    """Return the other side's name as the provider cleaned it, or None."""
    return candidate.merchant_name or None


def display_name(candidate: Candidate) -> str:
    """Return the other side's name for people: the provider's clean one, or what is left of the bank's text, or ""."""
    return display_names([candidate])[0]


def display_names(candidates: Sequence[Candidate]) -> list[str]:
    """Return the same for many; texts that repeat are cleaned once."""
    texts = list(dict.fromkeys([candidate.description for candidate in candidates if not candidate.merchant_name]))
    cleaned = dict(zip(texts, _cleaned(texts), strict=True))
    return [candidate.merchant_name or cleaned[candidate.description] for candidate in candidates]


def _cleaned(descriptions: Sequence[str]) -> list[str]:
    """Return what is left of each text; all are cleaned as the lines of one, so that each expression runs once."""
    if not descriptions:
        return []
    joined = "\n".join([" ".join(description.upper().split()) for description in descriptions])
    text = _PREFIX.sub("", joined)
    text = text.translate(_WITHOUT_SIGNS) if text.isascii() else _NOT_A_LETTER.sub(" ", text)
    text = _NOISE.sub(" ", text).casefold()
    return [" ".join(line.split()) for line in text.split("\n")]
