"""Conditions of rules: statements about what the bank said, joined by all, any and not.

On the wire and in the database a condition is JSON: `{"field", "operator", "value"}`, or `{"all": [...]}`,
`{"any": [...]}`, `{"not": {...}}`. Only bank facts may be asked about, since those do not change with what a rule does.
"""

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from openledger_server.base.errors import InvalidError
from openledger_server.categorization import merchants
from openledger_server.categorization.rules import patterns
from openledger_server.categorization.taxonomy import PRIMARIES
from openledger_server.categorization.types import Candidate

DEPTH_MAX = 5
STATEMENTS_MAX = 50
VALUES_MAX = 50
TEXT_LENGTH_MAX = 200
_LOOKED_AT_MAX = 1_000
"""Characters of a bank's text that rules look at."""
_AMOUNT_MAX = Decimal("1e15")
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DIRECTIONS = ("in", "out")
_TEXT_WORDS = {
    "contains": "contains",
    "is": "is",
    "starts_with": "begins with",
    "ends_with": "ends with",
    "matches": "matches",
}
_RANGE_WORDS = {"is": "is", "at_least": "is at least", "at_most": "is at most", "between": "is between"}
_CHOICE_WORDS = {"is": "is", "any_of": "is any of"}
_FIELDS = {
    "text": "the text",
    "counterparty": "the counterparty",
    "amount": "the amount",
    "direction": "the direction",
    "bank_account": "the bank account",
    "payment_channel": "the payment channel",
    "provider_category": "the bank's category",
    "currency": "the currency",
    "weekday": "the weekday",
    "day_of_month": "the day of the month",
    "date": "the date",
}
_PRIMARIES = frozenset([*PRIMARIES, "LOAN_DISBURSEMENTS", "OTHER"])
FIELDS = tuple(_FIELDS)
"""What conditions may ask about."""
_TEXTS = frozenset({"text", "counterparty"})
_RANGES = frozenset({"amount", "day_of_month", "date"})

Json = Mapping[str, Any]
Test = Callable[["Facts"], bool]


class ConditionError(InvalidError):
    """The condition cannot be understood or goes beyond the limits; the message says where."""

    code = "INVALID_CONDITION"


@dataclass(frozen=True, slots=True)
class Facts:
    """A bank transaction as conditions see it; texts are normalised, so that no odd sign hides a word."""

    candidate: Candidate
    text: str
    counterparty: str


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition that was read and found in order."""

    json: Json
    """As it is stored: only known keys, values in one spelling."""
    words: str
    """The same for people."""
    holds: Test
    needs: frozenset[tuple[str, str]] = frozenset()
    """(field, word): wherever it holds, at least one of these fields has its word; empty if nothing is known."""


def facts_of(candidate: Candidate) -> Facts:
    """Return a bank transaction as conditions see it.

    The counterparty is the provider's clean name, or else what is left of the bank's text without numbers and wrapping.
    """
    return facts_of_all([candidate])[0]


def facts_of_all(candidates: Sequence[Candidate]) -> list[Facts]:
    """Return the same for many; texts that repeat are read once."""
    texts = {text: normalized(text) for text in {candidate.description for candidate in candidates}}
    names = merchants.display_names(candidates)
    cleaned = {name: normalized(name) for name in set(names)}
    return [
        Facts(candidate, texts[candidate.description], cleaned[name])
        for candidate, name in zip(candidates, names, strict=True)
    ]


def merchant_condition(candidate: Candidate) -> Condition | None:
    """Return the condition by which other rows of this one's merchant are known; None if its text names nobody."""
    name = "" if candidate.check_number else merchants.display_name(candidate)[:TEXT_LENGTH_MAX].strip()
    name = "".join(char for char in name if char.isprintable())
    if not normalized(name):
        return None
    return read_condition({"field": "counterparty", "operator": "is", "value": name})


def normalized(text: str) -> str:
    """Return a text for comparing: compatible forms and cases folded, unseen signs left out, spaces single."""
    text = text[:_LOOKED_AT_MAX]
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    if not text.isprintable():
        text = "".join(_seen(char) for char in text)
    return " ".join(text.split()).casefold()


def _seen(char: str) -> str:
    # Marks that turn the direction of writing, or join letters, are left out; other unseen signs part words.
    return char if char.isprintable() else "" if unicodedata.category(char) == "Cf" else " "


def read_condition(json: object) -> Condition:
    """Return the condition that this JSON value says.

    Raises:
        ConditionError: if it is not one, or has more than 50 statements or 5 levels.
        patterns.PatternError: if a text pattern in it is not one.
    """
    condition = _read(json, depth=1)
    if _count(condition.json) > STATEMENTS_MAX:
        raise ConditionError(f"A condition may have {STATEMENTS_MAX} statements.")
    return condition


def _read(json: object, *, depth: int) -> Condition:
    if not isinstance(json, dict):
        raise ConditionError('A condition is an object: {"field", "operator", "value"}, or "all", "any" or "not".')
    if depth > DEPTH_MAX:
        raise ConditionError(f"Conditions may be nested {DEPTH_MAX} deep.")
    for joined in ("all", "any"):
        if joined in json:
            _only(json, joined)
            return _joined(joined, json[joined], depth=depth)
    if "not" in json:
        _only(json, "not")
        inner = _read(json["not"], depth=depth + 1)
        holds = inner.holds
        return Condition({"not": inner.json}, f"not ({inner.words})", lambda facts: not holds(facts))
    return _statement(json)


def _joined(how: str, parts: object, *, depth: int) -> Condition:
    if not isinstance(parts, list) or not 0 < len(parts) <= STATEMENTS_MAX:
        raise ConditionError(f'"{how}" takes a list of 1 to {STATEMENTS_MAX} conditions.')
    inner = [_read(part, depth=depth + 1) for part in parts]
    tests = tuple(part.holds for part in inner)
    words = f" {'and' if how == 'all' else 'or'} ".join(
        part.words if len(inner) == 1 or "field" in part.json else f"({part.words})" for part in inner
    )
    json: Json = {how: [part.json for part in inner]}
    if how == "all":
        return Condition(json, words, _all_of(tests), max((part.needs for part in inner), key=_rarity))
    is_known = all(part.needs for part in inner)
    needs = frozenset[tuple[str, str]]().union(*[part.needs for part in inner]) if is_known else frozenset()
    return Condition(json, words, _any_of(tests), needs)


def _rarity(needs: frozenset[tuple[str, str]]) -> tuple[int, int]:
    """Return how seldom rows have one of these: by the shortest word, then by how many there are."""
    return min((len(word) for _, word in needs), default=0), -len(needs)


# Loops, since a generator for each rule and row would take most of the time.
def _all_of(tests: Sequence[Test]) -> Test:
    def holds(facts: Facts) -> bool:
        for test in tests:  # noqa: SIM110 - see above
            if not test(facts):
                return False
        return True

    return holds


def _any_of(tests: Sequence[Test]) -> Test:
    def holds(facts: Facts) -> bool:
        for test in tests:  # noqa: SIM110 - see above
            if test(facts):
                return True
        return False

    return holds


def _only(json: Json, *keys: str) -> None:
    unknown = json.keys() - set(keys)
    if unknown:
        raise ConditionError(f"A condition with {' and '.join(keys)} takes nothing else.")


def _count(json: Json) -> int:
    if "not" in json:
        return _count(json["not"])
    parts = json.get("all") or json.get("any")
    return sum(_count(part) for part in parts) if parts else 1


def _statement(json: Json) -> Condition:
    _only(json, "field", "operator", "value")
    field, operator = json.get("field"), json.get("operator")
    if not isinstance(field, str) or field not in _FIELDS:
        raise ConditionError(f'"field" is one of {", ".join(_FIELDS)}.')
    spoken = _TEXT_WORDS if field in _TEXTS else _RANGE_WORDS if field in _RANGES else _CHOICE_WORDS
    if not isinstance(operator, str) or operator not in spoken:
        raise ConditionError(f'"operator" of {field} is one of {", ".join(spoken)}.')
    value = json.get("value")
    kept: str | list[str]
    needs: frozenset[str] = frozenset()
    if field in _TEXTS:
        kept, test, needs = _text_test(field, operator, value)
    elif field in _RANGES:
        kept, test = _range_test(field, operator, value)
    else:
        kept, test = _choice_test(field, operator, value)
    words = f"{_FIELDS[field]} {spoken[operator]} {_spoken_value(operator, kept)}"
    return Condition(
        {"field": field, "operator": operator, "value": kept}, words, test, frozenset((field, need) for need in needs)
    )


def _spoken_value(operator: str, kept: object) -> str:
    if isinstance(kept, list):
        return " and ".join(kept) if operator == "between" else ", ".join(f"“{one}”" for one in kept)
    return f"“{kept}”"


def _text(value: object, *, of: str) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= TEXT_LENGTH_MAX:
        raise ConditionError(f'"value" of {of} is a text of 1 to {TEXT_LENGTH_MAX} characters.')
    if any(char < " " or "\ud800" <= char <= "\udfff" for char in value):
        raise ConditionError(f'"value" of {of} may not hold control characters.')
    return value


def _text_test(field: str, operator: str, value: object) -> tuple[str, Test, frozenset[str]]:
    kept = _text(value, of=field)
    of: Callable[[Facts], str] = _text_of if field == "text" else _counterparty_of
    if operator == "matches":
        pattern = patterns.compiled(kept)
        found_in = pattern.found_in
        return kept, lambda facts: found_in(of(facts)), pattern.needs
    wanted = normalized(kept)
    if not wanted:
        raise ConditionError(f'"value" of {field} has nothing to look for.')
    tests: dict[str, Test] = {
        "contains": lambda facts: wanted in of(facts),
        "is": lambda facts: wanted == of(facts),
        "starts_with": lambda facts: of(facts).startswith(wanted),
        "ends_with": lambda facts: of(facts).endswith(wanted),
    }
    return kept, tests[operator], frozenset([wanted])


def _text_of(facts: Facts) -> str:
    return facts.text


def _counterparty_of(facts: Facts) -> str:
    return facts.counterparty


def _range_test(field: str, operator: str, value: object) -> tuple[str | list[str], Test]:
    if operator == "between":
        if not isinstance(value, list) or len(value) != 2:  # noqa: PLR2004  # the two ends
            raise ConditionError(f'"value" of {field} between is a list of its two ends, both included.')
        texts = [_end(field, end)[0] for end in value]
        low, high = (_end(field, end)[1] for end in value)
        if low > high:
            raise ConditionError(f'"value" of {field} between begins with the lower end.')
        return texts, _within(field, low, high)
    text, end = _end(field, value)
    if operator == "is":
        return text, _within(field, end, end)
    return text, _within(field, end, None) if operator == "at_least" else _within(field, None, end)


def _within(field: str, low: Any, high: Any) -> Test:
    of = _RANGE_OF[field]

    def test(facts: Facts) -> bool:
        at = of(facts.candidate)
        return (low is None or low <= at) and (high is None or at <= high)

    return test


_RANGE_OF: Mapping[str, Callable[[Candidate], Any]] = {
    "amount": lambda candidate: abs(candidate.amount),
    "day_of_month": lambda candidate: candidate.dated.day,
    "date": lambda candidate: candidate.dated,
}


def _end(field: str, value: object) -> tuple[str, Any]:
    """Return one end of a range, in its one spelling and as a value that can be compared.

    Amounts are major units without a sign; a JSON number is taken by its shortest digits.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str) or len(str(value)) > TEXT_LENGTH_MAX:
        raise ConditionError(f'"value" of {field} is a number or a text.')
    try:
        if field == "date":
            day = date.fromisoformat(str(value))
            return day.isoformat(), day
        number = Decimal(str(value))
    except (ValueError, InvalidOperation) as exc:
        raise ConditionError(f'"value" of {field} cannot be read as one.') from exc
    most = _AMOUNT_MAX if field == "amount" else Decimal(31)
    if not number.is_finite() or not 0 <= number <= most:
        raise ConditionError(f'"value" of {field} is between 0 and {most:f}.')
    if field == "day_of_month" and (number != number.to_integral_value() or not number):
        raise ConditionError('"value" of day_of_month is a whole number from 1 to 31.')
    return f"{number:f}", number


def _choice_test(field: str, operator: str, value: object) -> tuple[str | list[str], Test]:
    given = value if operator == "any_of" else [value]
    if not isinstance(given, list) or not 0 < len(given) <= VALUES_MAX:
        raise ConditionError(f'"value" of {field} any_of is a list of 1 to {VALUES_MAX} texts.')
    texts = [_choice(field, one) for one in given]
    kept: str | list[str] = texts if operator == "any_of" else texts[0]
    wanted = frozenset(texts)
    if field == "bank_account":
        numbers = frozenset(map(int, texts))
        return kept, lambda facts: facts.candidate.bank_account_id in numbers
    if field == "direction":
        return kept, lambda facts: ("in" if facts.candidate.is_inflow else "out") in wanted
    if field == "weekday":
        return kept, lambda facts: _WEEKDAYS[facts.candidate.dated.weekday()] in wanted
    if field == "provider_category":
        return kept, lambda facts: _is_category(facts.candidate.provider_category or "", texts)
    if field == "currency":
        return kept, lambda facts: facts.candidate.currency in wanted
    return kept, lambda facts: (facts.candidate.payment_channel or "").lower() in wanted


def _choice(field: str, value: object) -> str:
    text = _text(value, of=field).strip()
    if field == "bank_account":
        if not (text.isascii() and text.isdigit() and len(text) < len(str(2**63))):
            raise ConditionError('"value" of bank_account is the id of a bank account.')
        return text
    if field in {"provider_category", "currency"}:
        return text.upper()
    text = text.lower()
    allowed = {"direction": _DIRECTIONS, "weekday": _WEEKDAYS}.get(field)
    if allowed is not None and text not in allowed:
        raise ConditionError(f'"value" of {field} is one of {", ".join(allowed)}.')
    return text


def _is_category(code: str, wanted: Sequence[str]) -> bool:
    """Return whether a detailed code is one of these or below one of them: FOOD_AND_DRINK holds all its details."""
    return any(code == one or (one in _PRIMARIES and code.startswith(f"{one}_")) for one in wanted)
