"""What a bank's text says once the wrapping is off: the counterparty's words, without numbers, dates and cities.

Everything works on whole batches: the texts are joined by line feeds, so that one regular expression passes over all of
them at once; a single text is a batch of one and comes out the same.
"""

import re
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

from openledger_server.categorization.places import CITIES, STATES

LENGTH_MAX = 300
"""Characters of a bank's text that are looked at; banks print fewer, and nobody shall be kept busy with more."""
_KEY_TOKENS_MAX = 5
_DIGITS_KEPT = 2
_CITY_TOKENS_MAX = 4

_WRAPPER = (
    r"(?:(?:NON-PIN |PIN |SIG(?:NATURE)? |CONTACTLESS |INTL |INTERNATIONAL |RECURRING )?"
    r"(?:POS|POINT OF SALE)(?: (?:DEBIT|PURCHASE|WITHDRAWAL|SIG|PIN|REFUND|RETURN|CREDIT|TRANSACTION|PUR))*"
    r"|(?:RECURRING )?(?:DEBIT |CREDIT |CHECK ?|VISA |MASTERCARD )?CARD (?:PURCHASE|PAYMENT|PMT|DEBIT|REFUND)"
    r"(?: RETURN| WITH PIN)?(?: [-–])?|DEBIT PURCHASE(?: -VISA)?|DBT (?:CRD|PURCH(?:ASE)?)"
    r"|CHECK ?CARD|DDA PUR(?:CHASE)?"
    r"|VISA (?:DEBIT|CHECK CARD|DDA PUR(?:CHASE)?|PURCHASE)|(?:MOBILE|STORE|PIN|PINNED|SIGNATURE|ONLINE) PURCHASE"
    r"|PURCHASE (?:RETURN )?AUTHORIZED ON|PURCHASE (?:RETURN|AT|FROM)|RECURRING PAYMENT(?: AUTHORIZED ON)?"
    r"|RETURN AUTHORIZED ON|DEBIT CARD"
    r"|PRE-?AUTH(?:ORI[SZ]ED)? (?:DEBIT|PAYMENT)|EXTERNAL (?:WITHDRAWAL|DEPOSIT)"
    r"|(?:ELECTRONIC|ACH|EFT|WEB|INTERNET|ONLINE) (?:DEBIT|CREDIT|PMTS?|PYMTS?|PAYMENTS?|WITHDRAWAL|DEPOSIT)"
    r"(?: TO| FROM)?|ORIG CO NAME:|CARD PURCHASE|DIRECT DEBIT(?: PAYMENT)?(?: TO)?"
    r"|CARD PAYMENT TO|BILL ?PA?Y(?:MENT|MT)?"
    r"|WITHDRAWAL (?:DEBIT CARD|POS|ACH)|ACH ELECTRONIC (?:CREDIT|DEBIT)|CREDIT VOUCHER|PENDING|PURCHASE)"
)
_WRAPPERS = re.compile(
    rf"^ ?(?:{_WRAPPER}(?= |$|\d|-)[ \-:]*(?:\d{{1,2}}[/-]\d{{1,2}}(?:[/-]\d{{2,4}})? ?|\d{{4}} (?!\d))?)+",
    re.MULTILINE,
)
_PREFIXES = re.compile(
    r"^ ?(?:SQU?\*? ?\*|SQ \*|SP ?[*+]|PAYPAL \*|PAYPAL INST XFER|PP ?\*|PYPL ?\*?|IZ ?\*|SUMUP ?\*|ZETTLE_? ?\*|IC ?\*"
    r"|CLOVER ?\*|EB ?\*|WPY? ?\*|FS ?\*|2CO(?:\.COM)? ?\*|PADDLE(?:\.NET)? ?\*|FSP ?\*|PY ?\*|SPO ?\*|LS |DNH ?\*"
    r"|IN ?\*|BT ?\*|CHD ?\*|HOO ?\*|CTC ?\*|WEB ?\*|YSI ?\*|CKE ?\*|GG ?\*|BLS ?\*|DRI ?\*|MSP ?\*|POS ?\*|SMK ?\*"
    r"|STRIPE ?\*|AIRPAY ?\*|ABC ?\*|MINDBODY ?\*|ZSK ?\*|NIC ?\*-?|ACT ?\*|GOCARDLESS ?\*?"
    r"|CRV ?\*|KLARNA ?\*(?! ?PAY))",
    re.MULTILINE,
)
_NACHA = re.compile(
    r"\b(?:INDN:.*?(?=\bCO ID:|\b(?:PPD|CCD|CTX|WEB|TEL)\b|$)|(?:CO ?)?(?:ENTRY )?(?:ORIG )?ID ?(?:NBR|NUMBER)?: ?\S*"
    r"|DES(?:CR)?:|SEC:\S*|TRN: ?\S*|TRACE ?#: ?\S*|IND NAME:.*$)",
    re.MULTILINE,
)
_NACHA_CODES = re.compile(r"\b(?:PPD|CCD|CTX)\b")
_REFERENCES = re.compile(r"\b(?:CONFIRMATION ?#? ?\S*|REF(?:ERENCE)? ?(?:#|NO|NUMBER)[ :.]*\S*)")
_SELDOM = (
    (_NACHA, (":",)),
    (_NACHA_CODES, ("PPD", "CCD", "CTX")),
    (_REFERENCES, ("CONFIRMATION", "REF#", "REF #", "REFNO", "REF NO", "REFNUM", "REF NUM", "REFERENCE")),
)
"""Expressions that are only worth a pass if one of these texts is there, without which they match nothing."""
_NUMBERS = re.compile(
    # The look ahead asks for nothing new: it is how the ways behind it begin, found out in one step.
    r"#[ \-]?[\w-]*\d\w*|\*{2,}\d*|/BILL\b|\b(?=[\dCXRHW]|[A-Z]\d)(?:CARD (?:NBR|NO|ENDING(?: IN)?|#)? ?[X*]*\d{4}\b"
    r"|(?:0?[1-9]|1[0-2])[/-](?:0?[1-9]|[12]\d|3[01])(?:[/-]\d{2,4})?\b|X{2,}[\dX]*\b"
    r"|\d{3}[- .]?\d{3}[- .]?\w{4}\b|\d{3}-[A-Z]{4,8}\b|REV \w*\d\w*|[A-Z]?\d[\d-]{4,}[A-Z]?\b"
    r"|(?:HTTPS?://)?WWW\d?\.|HTTPS?://|HELP\.(?=UBER))"
)
_LEFT_OUT = "&'’`"
"""Signs inside names that are left out as often as not: AT&T, LOVE'S."""
_TAIL = re.compile(rf"[ ,.]({STATES})(?:[ ,]+\d{{5}}(?:-\d{{4}})?)?(?:[ ,]+(?:USA?|CAN?|GBR?))?[^\w\n]*$", re.MULTILINE)
_REFERENCE = re.compile(r"(?: (?:[A-Z]?\d{9,}|CARD (?:NBR |# ?)?[X*]*\d{4}))+ ?$", re.MULTILINE)
"""Numbers of the bank's own behind the state."""
_JUNK = re.compile(r"[^A-Z0-9\n\u0080-\U0010ffff]")
_STUCK_NUMBER = re.compile(r"\d(?<!\w\d)\d{2,}([A-Z]{4,})")
"""A number at the beginning of a word, written such that the engine looks for a digit first."""
_STUCK_BEHIND = re.compile(r"^ ?([A-Z]{4,})\d{3,}[A-Z]?\b", re.MULTILINE)
"""A store's number without a space after the first word, which is the counterparty's: RACETRAC123."""
_LEGAL = frozenset(["INC", "LLC", "LTD", "CORP", "PLC", "GMBH", "PBC", "THE"])
_CUT = "\x01"
"""Stands where a store or phone number was: what follows, up to a state, is a city."""
_TAILED = "\x02"
_KEEP_MARKS = re.compile(r"[^A-Z0-9\n\u0080-\U0010ffff\x01\x02]")
_WITHOUT_JUNK = {code: " " for code in range(128) if _JUNK.match(chr(code))}
"""The same for texts of ASCII, many times quicker."""
_WITHOUT_JUNK_OR_MARKS = {code: " " for code in range(128) if _KEEP_MARKS.match(chr(code))}


class Descriptor(NamedTuple):
    """One bank text, cleaned. All lower case."""

    worded: str
    """Every word of the bank's text, for phrases that banks themselves write; not always single-spaced."""
    text: str
    """The counterparty's words, without wrappers, numbers, city and state; single spaces between."""

    @property
    def words(self) -> tuple[str, ...]:
        """Return every word of the bank's text."""
        return tuple(self.worded.split())

    @property
    def name(self) -> tuple[str, ...]:
        """Return the counterparty's words."""
        return tuple(self.text.split())

    @property
    def key(self) -> str:
        """Return by what the same counterparty is recognised next time; empty if the text has no words."""
        return " ".join(word for word in self.name[:_KEY_TOKENS_MAX] if word not in _NOT_IN_KEY)


_NOT_IN_KEY = frozenset(["tst", "com", "www", "net", "org"])


def clean(description: str) -> Descriptor:
    """Return the counterparty's words of one bank text."""
    return clean_all([description])[0]


def words_of(descriptions: Sequence[str]) -> list[list[str]]:
    """Return every word of each bank text, lower case, in the same order: what phrases of banks are looked for in."""
    if not descriptions:
        return []
    return [line.split() for line in _worded(_lines(descriptions))]


def clean_all(descriptions: Sequence[str]) -> list[Descriptor]:
    """Return the counterparty's words of each bank text, in the same order."""
    if not descriptions:
        return []
    raw = _lines(descriptions)
    worded = _worded(raw)
    text = _STUCK_BEHIND.sub(r"\1", _PREFIXES.sub("", _WRAPPERS.sub("", raw)))
    for pattern, signs in _SELDOM:
        if any(sign in text for sign in signs):
            text = pattern.sub(" ", text)
    text = _TAIL.sub(_TAILED, _REFERENCE.sub("", text))
    text = _STUCK_NUMBER.sub(r"\1", _NUMBERS.sub(_number, text))
    is_plain = text.isascii()
    text = text.translate(_WITHOUT_JUNK_OR_MARKS) if is_plain else _KEEP_MARKS.sub(" ", text)
    name = _plain_name if is_plain else _name
    return [Descriptor(words, name(line)) for words, line in zip(worded, text.split("\n"), strict=True)]


def _lines(descriptions: Sequence[str]) -> str:
    """Return the texts as the lines of one, upper case."""
    raw = "\n".join([_one_line(description) for description in descriptions])
    for stuck in ("ELECTRONIC CREDIT", "ELECTRONIC DEBIT"):  # some banks print the name right behind it
        raw = raw.replace(stuck, f"{stuck} ")
    for sign in _LEFT_OUT:
        raw = raw.replace(sign, "")
    return raw


def _worded(raw: str) -> list[str]:
    return (raw.translate(_WITHOUT_JUNK) if raw.isascii() else _JUNK.sub(" ", raw)).lower().split("\n")


def _one_line(description: str) -> str:
    text = " ".join(description[:LENGTH_MAX].split()).upper()
    if text.isascii():
        return text.replace(_CUT, " ").replace(_TAILED, " ") if not text.isprintable() else text
    folded = unicodedata.normalize("NFKD", text)
    return " ".join("".join(mark for mark in folded if mark.isalnum() or mark in _PLAIN).split()).upper()


_PLAIN = frozenset(map(chr, range(32, 127)))


def _number(found: re.Match[str]) -> str:
    text = found[0]
    return "" if text[-1] in "./" or text[0] in "HW/" else _CUT


def _name(line: str) -> str:
    """Return the words of one cleaned line: cut at the city, without numbers and legal forms."""
    is_tailed = _TAILED in line
    if is_tailed:
        line = line.replace(_TAILED, " ")
    if is_tailed or _CUT in line:
        tokens = line.replace(_CUT, f" {_CUT} " if is_tailed else " ").split()
        if is_tailed:
            _drop_city(tokens)
    else:
        tokens = line.split()
    return " ".join(
        [token.lower() for token in tokens if token not in _LEGAL and (token.isalpha() or _is_short(token))]
    )


def _plain_name(line: str) -> str:
    """Return the same for a line of ASCII, quicker: most have no city and no digit, and case goes all at once."""
    if _TAILED in line:
        return _name(line)
    tokens = line.replace(_CUT, " ").split()
    if not "".join(tokens).isalpha():
        tokens = [token for token in tokens if token.isalpha() or _is_short(token)]
    if not _LEGAL.isdisjoint(tokens):
        tokens = [token for token in tokens if token not in _LEGAL]
    return " ".join(tokens).lower()


def _is_short(token: str) -> bool:
    """Return whether a token with digits may be part of a name (99 RANCH, MOTEL 6), which longer numbers are not."""
    return token != _CUT and (len(token) <= _DIGITS_KEPT or sum(map(str.isdigit, token)) <= _DIGITS_KEPT)


def _drop_city(tokens: list[str]) -> None:
    """Remove the city from the end, never the first word, which is the counterparty's."""
    for size in (3, 2, 1):
        if len(tokens) > size and " ".join(tokens[-size:]) in CITIES:
            del tokens[-size:]
            return
    if _CUT in tokens[1:]:
        last = len(tokens) - 1 - tokens[::-1].index(_CUT)
        if last and len(tokens) - last <= _CITY_TOKENS_MAX:
            del tokens[last:]
