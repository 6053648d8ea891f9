from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openledger_server.banking.types import BankTransactionId
from openledger_server.categorization.merchants import merchant_key, merchant_keys
from openledger_server.categorization.types import Candidate

BARE = Candidate(
    id=BankTransactionId(1),
    is_inflow=False,
    description="",
    merchant_name=None,
    merchant_entity_id=None,
    provider_category=None,
    provider_confidence=None,
    check_number=None,
)


@pytest.mark.parametrize(
    ("description", "key"),
    [
        ("SQ *BLUE BOTTLE 0042 OAKLAND CA", "text:blue bottle oakland ca"),
        ("POS DEBIT 1203 STAPLES", "text:staples"),
        ("TST* JOE'S & SONS", "text:joe's & sons"),
        ("two\nlines", "text:two lines"),
        ("7-ELEVEN 23141", "text:eleven"),
        ("####", None),
    ],
)
def test_keys_are_those_that_entities_already_have(description: str, key: str | None) -> None:
    assert merchant_key(replace(BARE, description=description)) == key


@given(st.lists(st.text(max_size=40), max_size=6))
def test_a_key_does_not_depend_on_the_other_rows(texts: list[str]) -> None:
    rows = [replace(BARE, description=text) for text in texts]
    assert merchant_keys(rows) == [merchant_key(row) for row in rows]


def test_all_three_kinds_of_keys_in_one_batch() -> None:
    rows = [
        replace(BARE, description="A", merchant_entity_id="x1"),
        replace(BARE, description="B", merchant_name="Blue  Bottle!"),
        replace(BARE, description="C"),
        replace(BARE, description="D", check_number="12"),
    ]
    assert merchant_keys(rows) == ["id:x1", "name:blue bottle", "text:c", None]


def test_a_very_long_word_takes_no_longer_than_its_length() -> None:
    assert merchant_key(replace(BARE, description="A" * 1_000_000)) == "text:" + "a" * 115
