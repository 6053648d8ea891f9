"""What is done in a quicker way for many rows, for plain texts or by a look ahead gives what the plain way gives."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from bench.judging import candidate, chart, fifty_rules
from evaluation.global_model import synthetic_cases
from openledger_server.categorization.descriptors import clean_all
from openledger_server.categorization.judge import judge, judge_all
from openledger_server.categorization.merchants import merchant_keys
from openledger_server.categorization.rules import patterns
from openledger_server.categorization.rules.conditions import facts_of, facts_of_all, read_condition
from openledger_server.categorization.rules.types import RuleBook
from openledger_server.categorization.types import Candidate, Memory
from openledger_server.ledger.types import LedgerAccountId
from training.texts import merchants

TEXTS = [merchant.description for merchant in merchants()[::40]] + [case.line.description for case in synthetic_cases()]
NOT_ASCII = "ÉCLAIR 99 — ŠKODA"


@pytest.fixture(scope="module")
def rows() -> list[Candidate]:
    """Rows of every kind: in and out, with and without the provider's word, some texts twice."""
    kinds: list[dict[str, Any]] = [
        {},
        {"is_inflow": True, "bank_account_type": "depository", "amount": Decimal("12.30")},
        {"provider_category": "FOOD_AND_DRINK_COFFEE", "provider_confidence": "MEDIUM"},
        {"provider_category": "TRANSFER_OUT_ACCOUNT_TRANSFER", "provider_confidence": "HIGH"},
        {"merchant_name": "Blue Bottle Coffee"},
        {"check_number": "104", "amount": Decimal(-110)},
    ]
    texts = [*TEXTS, *TEXTS[::7], NOT_ASCII]
    return [replace(candidate(place, text), **kinds[place % len(kinds)]) for place, text in enumerate(texts)]


def test_a_batch_is_judged_as_its_rows_are_one_by_one(rows: list[Candidate]) -> None:
    memory = {
        key: Memory(ledger_account_id=LedgerAccountId(6350), decisions=place % 7 + 1, others=place % 2)
        for place, key in enumerate(merchant_keys(rows))
        if key and not place % 5
    }
    policy = fifty_rules(TEXTS)
    together = judge_all(rows, chart=chart(), memory=memory, policy=policy)
    assert together == [judge(row, chart=chart(), memory=memory, policy=policy) for row in rows]
    assert {one.decided_by.value for one in together} >= {"rule", "memory", "provider", "model", "transfer", "fallback"}


def test_rules_find_the_same_rows_with_and_without_the_look_at_all_of_them_together(rows: list[Candidate]) -> None:
    book = fifty_rules(TEXTS).rules
    found = book.verdicts(rows)
    assert found == [book.verdict(row) for row in rows]
    assert 0 < sum(verdict is not None for verdict in found) < len(rows)
    assert RuleBook().verdicts(rows) == [None] * len(rows)
    assert facts_of_all(rows) == [facts_of(row) for row in rows]


def test_plain_texts_are_cleaned_as_they_are_beside_others() -> None:
    assert clean_all(TEXTS) == clean_all([*TEXTS, NOT_ASCII])[:-1]
    alone = [candidate(place, text) for place, text in enumerate(TEXTS)]
    assert merchant_keys(alone) == merchant_keys([*alone, candidate(0, NOT_ASCII)])[:-1]


@pytest.mark.parametrize(
    ("pattern", "needs"),
    [
        ("starbucks", {"starbucks"}),
        (r"Uber.*EATS", {"uber"}),
        (r"(shell|esso)\b", {"shell", "esso"}),
        (r"\bpizza\b", {"pizza"}),
        (r"(pizza)+ \d", {"pizza"}),
        (r"(pizza)?x*", set()),
        (r"(pizza|\d+)", set()),
        (r"[ab]c{2,}", {"c"}),
        (r"caf[eé] noir", {" noir"}),
        (r".", set()),
    ],
)
def test_what_a_pattern_needs_is_read_from_it(pattern: str, needs: set[str]) -> None:
    assert patterns.compiled(pattern).needs == needs


@pytest.mark.parametrize("pattern", [r"(shell|esso)\b", r"c[ao].*\d", r"(inc|ltd)?$", r"^the |store", r"KELVIN|s.*S"])
def test_a_pattern_finds_the_same_without_what_it_needs(pattern: str) -> None:
    with_needs, without = patterns.compiled(pattern), patterns.compiled(pattern)
    without.needs = frozenset()
    texts = [*TEXTS, *[text.casefold() for text in TEXTS], "\u212aELVIN", "ſtore", "İNC"]
    assert [with_needs.found_in(text) for text in texts] == [without.found_in(text) for text in texts]


@pytest.mark.parametrize(
    ("condition", "needs"),
    [
        ({"field": "text", "operator": "contains", "value": "Coffee"}, {("text", "coffee")}),
        ({"not": {"field": "text", "operator": "contains", "value": "Coffee"}}, set()),
        ({"field": "direction", "operator": "is", "value": "in"}, set()),
    ],
)
def test_what_a_condition_needs_is_read_from_it(condition: object, needs: set[tuple[str, str]]) -> None:
    assert read_condition(condition).needs == needs
    assert read_condition({"all": [condition, condition]}).needs == needs
    other = {"field": "counterparty", "operator": "is", "value": "joe's"}
    assert read_condition({"all": [condition, other]}).needs == (needs or {("counterparty", "joe's")})
    assert read_condition({"any": [condition, other]}).needs == (needs and needs | {("counterparty", "joe's")})
