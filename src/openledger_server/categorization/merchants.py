"""Recognising the same merchant again, and naming a counterparty for people."""

import re

from openledger_server.categorization.types import Candidate

_KEY_LENGTH_MAX = 120
_NOISE = re.compile(
    r"\b(?:POS|DEBIT|CREDIT|CARD|PURCHASE|CHECKCARD|AUTHORIZED|ON|RECURRING|PAYMENT|ACH|WEB|PPD|CCD|ID|REF|XX+\d*)\b"
)
_PREFIX = re.compile(r"^(?:SQ|TST|SP|PAYPAL|PP|IN|DD|FS|EB)\s?\*\s*")
_NOT_A_LETTER = re.compile(r"[^\w&']+")
_DIGITS = re.compile(r"\w*\d\w*")


def merchant_key(candidate: Candidate) -> str | None:
    """Return a name by which the next transaction of the same merchant is recognised, or None if there is none.

    The provider's merchant id is best, then its clean name, then what is left of the bank's text without numbers and
    the words banks put around a name. Cheques say nothing about who is paid, so they have no key.
    """
    if candidate.check_number:
        return None
    if candidate.merchant_entity_id:
        return f"id:{candidate.merchant_entity_id}"[:_KEY_LENGTH_MAX]
    if candidate.merchant_name:
        key = " ".join(_NOT_A_LETTER.sub(" ", candidate.merchant_name.casefold()).split())
        return f"name:{key}"[:_KEY_LENGTH_MAX] if key else None
    key = _cleaned(candidate.description)
    return f"text:{key}"[:_KEY_LENGTH_MAX] if key else None


def counterparty(candidate: Candidate) -> str | None:
    """Return the other side's name as the provider cleaned it, or None."""
    return candidate.merchant_name or None


def display_name(candidate: Candidate) -> str:
    """Return the other side's name for people: the provider's clean one, or what is left of the bank's text, or ""."""
    return candidate.merchant_name or _cleaned(candidate.description)


def _cleaned(description: str) -> str:
    text = _PREFIX.sub("", description.upper())
    text = _NOISE.sub(" ", _NOT_A_LETTER.sub(" ", text))
    return " ".join(_DIGITS.sub(" ", text).split()).casefold()
