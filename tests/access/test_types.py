"""Ids on the wire."""

import pytest

from openledger_server.access.types import parse_id


@pytest.mark.parametrize(
    ("text", "number"), [("1", 1), ("912588283652788074", 912588283652788074), (str(2**63 - 1), 2**63 - 1)]
)
def test_decimal_digits_are_an_id(text: str, number: int) -> None:
    assert parse_id(text) == number


@pytest.mark.parametrize(
    "text",
    ["", "0", "007", "-1", "+1", " 1", "1 ", "1.0", "1e3", "0x1", "ent_1", "１", "²", "1\x00", str(2**63), "9" * 40],
)
def test_anything_else_is_nobodys(text: str) -> None:
    assert parse_id(text) is None
