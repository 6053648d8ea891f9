"""Describing the fields of a request body, and checking a body against the description."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal, Protocol

from plaid_sandbox.errors import PlaidError


class Kind(Protocol):
    """A sort of value."""

    def wrong(self, value: Any) -> str | None:
        """Return what is wrong with the value, as the end of a sentence, or `None`."""


@dataclass(frozen=True, slots=True)
class Text:
    """A string with a length."""

    shortest: int = 1
    longest: int = 4096

    def wrong(self, value: Any) -> str | None:
        """Return what is wrong with the value."""
        if not isinstance(value, str):
            return "must be a string"
        if not self.shortest <= len(value) <= self.longest:
            return f"must be between {self.shortest} and {self.longest} characters long"
        return None


@dataclass(frozen=True, slots=True)
class Choice:
    """One of some strings."""

    allowed: frozenset[str]

    def wrong(self, value: Any) -> str | None:
        """Return what is wrong with the value."""
        if value in self.allowed if isinstance(value, str) else False:
            return None
        return f"must be one of: {', '.join(sorted(self.allowed))}"


@dataclass(frozen=True, slots=True)
class Whole:
    """An integer within bounds, both inclusive."""

    lowest: int
    highest: int

    def wrong(self, value: Any) -> str | None:
        """Return what is wrong with the value."""
        if isinstance(value, bool) or not isinstance(value, int):
            return "must be an integer"
        if not self.lowest <= value <= self.highest:
            return f"must be between {self.lowest} and {self.highest}"
        return None


@dataclass(frozen=True, slots=True)
class Number:
    """A JSON number."""

    def wrong(self, value: Any) -> str | None:
        """Return what is wrong with the value."""
        return "must be a number" if isinstance(value, bool) or not isinstance(value, int | float) else None


@dataclass(frozen=True, slots=True)
class Flag:
    """A boolean."""

    def wrong(self, value: Any) -> str | None:
        """Return what is wrong with the value."""
        return None if isinstance(value, bool) else "must be a boolean"


@dataclass(frozen=True, slots=True)
class Day:
    """A calendar date `YYYY-MM-DD`."""

    def wrong(self, value: Any) -> str | None:
        """Return what is wrong with the value."""
        if not isinstance(value, str) or re.fullmatch(r"\d{4}-\d{2}-\d{2}", value) is None:
            return "must be a date of the form YYYY-MM-DD"
        try:
            date.fromisoformat(value)
        except ValueError:
            return "must be a real date of the form YYYY-MM-DD"
        return None


@dataclass(frozen=True, slots=True)
class Url:
    """An absolute http or https address."""

    def wrong(self, value: Any) -> str | None:
        """Return what is wrong with the value."""
        if isinstance(value, str) and re.fullmatch(r"https?://[^\s/?#]+[^\s]*", value):
            return None
        return "must be a valid http or https URL"


@dataclass(frozen=True, slots=True)
class Many:
    """A list of one sort of value."""

    of: "Kind | Fields"
    fewest: int = 0
    most: int = 10_000

    def wrong(self, value: Any) -> str | None:
        """Return what is wrong with the list itself; its members are checked on the way down."""
        if not isinstance(value, list):
            return "must be an array"
        if not self.fewest <= len(value) <= self.most:
            return f"must have between {self.fewest} and {self.most} elements"
        return None


@dataclass(frozen=True, slots=True)
class Field:
    """One key of an object."""

    kind: "Kind | Fields"
    required: bool = False
    nullable: bool = False


@dataclass(frozen=True, slots=True)
class Fields:
    """An object with known keys; an open one takes any other key as well."""

    keys: Mapping[str, Field]
    is_open: bool = False

    def wrong(self, value: Any) -> str | None:
        """Return what is wrong with the object itself; its keys are checked on the way down."""
        return None if isinstance(value, dict) else "must be an object"


def needed(kind: "Kind | Fields") -> Field:
    """Describe a key that must be there."""
    return Field(kind, required=True)


def optional(kind: "Kind | Fields") -> Field:
    """Describe a key that may be left out but is not null."""
    return Field(kind)


def nullable(kind: "Kind | Fields") -> Field:
    """Describe a key that may be left out or null."""
    return Field(kind, nullable=True)


Trouble = Literal["UNKNOWN_FIELDS", "MISSING_FIELDS", "INVALID_FIELD"]


@dataclass(slots=True)
class _Findings:
    unknown: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    invalid: list[str] = field(default_factory=list)


def check(description: Fields, body: dict[str, Any]) -> None:
    """Compare a request body with its description.

    Raises:
        PlaidError: `UNKNOWN_FIELDS`, `MISSING_FIELDS` or `INVALID_FIELD`, in this order of precedence.
    """
    findings = _Findings()
    _check_object(description, body, "", findings)
    if findings.unknown:
        names = ", ".join(findings.unknown)
        raise PlaidError("UNKNOWN_FIELDS", f"the following fields are not recognized by this endpoint: {names}")
    if findings.missing:
        names = ", ".join(findings.missing)
        raise PlaidError("MISSING_FIELDS", f"the following required fields are missing: {names}")
    if findings.invalid:
        raise PlaidError("INVALID_FIELD", findings.invalid[0])


def _check_object(description: Fields, body: dict[str, Any], path: str, findings: _Findings) -> None:
    if not description.is_open:
        findings.unknown.extend(path + key for key in body if key not in description.keys)
    for key, entry in description.keys.items():
        if key not in body:
            if entry.required:
                findings.missing.append(path + key)
        elif body[key] is not None or not entry.nullable:
            _check_value(entry.kind, body[key], path + key, findings)


def _check_value(kind: "Kind | Fields", value: Any, path: str, findings: _Findings) -> None:
    wrong = kind.wrong(value)
    if wrong is not None:
        findings.invalid.append(f"{path} {wrong}")
    elif isinstance(kind, Fields):
        _check_object(kind, value, f"{path}.", findings)
    elif isinstance(kind, Many):
        for index, member in enumerate(value):
            _check_value(kind.of, member, f"{path}[{index}]", findings)
