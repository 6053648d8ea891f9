from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openledger_server.banking.types import BankTransactionId
from openledger_server.categorization.rules.conditions import facts_of, normalized, read_condition
from openledger_server.categorization.types import Candidate

COFFEE = Candidate(
    id=BankTransactionId(1),
    is_inflow=False,
    description="SQ *BLUE  BOTTLE 0042\tOAKLAND CA",
    merchant_name="Blue Bottle Coffee",
    merchant_entity_id=None,
    provider_category="FOOD_AND_DRINK_COFFEE",
    provider_confidence="HIGH",
    check_number=None,
    bank_account_id=7,
    amount=Decimal("-12.50"),
    currency="USD",
    dated=date(2026, 3, 2),
    payment_channel="in store",
)


def holds(condition: Any, row: Candidate = COFFEE) -> bool:
    return read_condition(condition).holds(facts_of(row))


def says(field: str, operator: str, value: Any) -> dict[str, Any]:
    return {"field": field, "operator": operator, "value": value}


@pytest.mark.parametrize(
    "condition",
    [
        says("text", "contains", "Blue bottle"),
        says("text", "starts_with", "sq *"),
        says("text", "ends_with", "oakland ca"),
        says("text", "is", "SQ *BLUE BOTTLE 0042 OAKLAND CA"),
        says("text", "matches", r"\bbottle \d{4}\b"),
        says("counterparty", "is", "blue bottle COFFEE"),
        says("amount", "is", 12.5),
        says("amount", "at_least", "12.50"),
        says("amount", "at_most", 12.5),
        says("amount", "between", ["10", "20"]),
        says("direction", "is", "out"),
        says("bank_account", "any_of", ["3", "7"]),
        says("payment_channel", "is", "in store"),
        says("provider_category", "is", "FOOD_AND_DRINK"),
        says("currency", "is", "usd"),
        says("weekday", "any_of", ["monday", "Tuesday"]),
        says("day_of_month", "between", [1, 5]),
        says("date", "between", ["2026-03-01", "2026-03-31"]),
        {"not": says("text", "contains", "tea")},
        {"any": [says("text", "contains", "tea"), says("direction", "is", "out")]},
        {"all": [says("text", "contains", "bottle"), {"not": says("amount", "at_least", 13)}]},
    ],
    ids=str,
)
def test_conditions_that_hold(condition: dict[str, Any]) -> None:
    assert holds(condition)
    assert not holds({"not": condition})


@pytest.mark.parametrize(
    "condition",
    [
        says("provider_category", "is", "FOOD"),
        says("amount", "at_least", "12.51"),
        says("bank_account", "is", "77"),
        says("weekday", "is", "sunday"),
        says("text", "is", "blue bottle"),
    ],
    ids=str,
)
def test_conditions_that_do_not_hold(condition: dict[str, Any]) -> None:
    assert not holds(condition)


@pytest.mark.parametrize(
    "text",
    [
        "BLUE\u202e BOTTLE",
        "BLUE\u200b BOTTLE",
        "ＢＬＵＥ ＢＯＴＴＬＥ",
        "blue\x00bottle",
        "Blue\r\n bottle",
        "☕️ BLUE BOTTLE ☕️",
    ],
    ids=ascii,
)
def test_unseen_signs_do_not_hide_a_word(text: str) -> None:
    assert holds(says("text", "contains", "blue bottle"), replace(COFFEE, description=text))


@pytest.mark.parametrize(
    "text", ["'; DROP TABLE posting; --", "%", "_", "\\", ".*", "(a+)+$", "{}", "<script>", "${x}", "مقهى"]
)
def test_texts_are_only_texts(text: str) -> None:
    """What looks like SQL, a pattern or markup is looked for as it stands."""
    condition = says("text", "contains", text)
    assert not holds(condition)
    assert holds(condition, replace(COFFEE, description=f"before {text} after"))


def test_a_row_without_a_clean_name_is_known_by_what_is_left_of_its_text() -> None:
    bare = replace(COFFEE, merchant_name=None, description="POS DEBIT 1203 STAPLES")
    assert holds(says("counterparty", "is", "staples"), bare)


@given(st.text(max_size=60))
def test_a_text_contains_itself(text: str) -> None:
    if normalized(text):
        assert normalized(text) in facts_of(replace(COFFEE, description=text)).text


@given(st.text(max_size=3_000))
def test_any_bank_text_can_be_asked(text: str) -> None:
    row = replace(COFFEE, description=text, merchant_name=None)
    read_condition({"any": [says("text", "matches", "a.*b"), says("counterparty", "contains", "x")]}).holds(
        facts_of(row)
    )


def test_what_is_stored_is_one_spelling_and_reads_back() -> None:
    given_ = {"all": [says("amount", "at_most", 25), says("direction", "is", "OUT"), says("currency", "is", "usd")]}
    condition = read_condition(given_)
    assert condition.json["all"][0]["value"] == "25"
    assert condition.json["all"][1]["value"] == "out"
    assert read_condition(condition.json).json == condition.json
    assert condition.words == "the amount is at most “25” and the direction is “out” and the currency is “USD”"


def test_nested_conditions_keep_their_brackets_in_words() -> None:
    inner = {"any": [says("text", "contains", "tea"), says("text", "contains", "coffee")]}
    words = read_condition({"all": [inner, {"not": says("direction", "is", "in")}]}).words
    assert words == ("(the text contains “tea” or the text contains “coffee”) and (not (the direction is “in”))")
