"""Rows to judge and the chart to judge them by, for `categorize_rows.py`; imports nothing that the server does not."""

import random
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from openledger_server.banking.types import BankTransactionId
from openledger_server.categorization.judge import judge_all
from openledger_server.categorization.policy import Policy
from openledger_server.categorization.rules.conditions import read_condition
from openledger_server.categorization.rules.types import Rule, RuleAction, RuleBook, RuleId
from openledger_server.categorization.types import Candidate, Chart
from openledger_server.ledger.chart import small_business_template
from openledger_server.ledger.types import LedgerAccountId

_BATCH = 5000
_LETTERS = 5


def chart() -> Chart:
    """Return the template's chart."""
    return Chart(
        by_code={account.code: LedgerAccountId(account.code) for account in small_business_template()},
        transfers_clearing=LedgerAccountId(1090),
        uncategorized_income=LedgerAccountId(4999),
        uncategorized_expense=LedgerAccountId(6999),
    )


def candidate(place: int, description: str) -> Candidate:
    """Return a purchase without a provider's category, so that the model is asked."""
    return Candidate(
        id=BankTransactionId(place),
        is_inflow=False,
        description=description,
        merchant_name=None,
        merchant_entity_id=None,
        provider_category=None,
        provider_confidence=None,
        check_number=None,
        bank_account_type="credit",
    )


def bulk(given: list[Candidate], policy: Policy | None = None) -> None:
    """Judge the rows as an import does, batch by batch."""
    known = chart()
    for start in range(0, len(given), _BATCH):
        judge_all(given[start : start + _BATCH], chart=known, memory={}, policy=policy or Policy())


def fifty_rules(texts: Sequence[str]) -> Policy:
    """Return 50 rules as people make them, of every kind, about words that some of these texts have."""
    words = sorted(
        {word for text in texts for word in text.lower().split() if word.isalpha() and len(word) >= _LETTERS}
    )
    chance = random.Random(3)
    rules = [
        _rule(number, _KINDS[number % len(_KINDS)](chance.choice(words), chance.choice(words))) for number in range(50)
    ]
    return Policy(rules=RuleBook(rules))


def _rule(number: int, condition: object) -> Rule:
    made = datetime(2026, 1, 1, tzinfo=UTC)
    return Rule(
        id=RuleId(number),
        position=number,
        name=f"Rule {number}",
        condition=read_condition(condition),
        action=RuleAction(ledger_account_id=LedgerAccountId(6350)),
        is_enabled=True,
        created_at=made,
        updated_at=made,
    )


def _says(operator: str, value: object, field: str = "text") -> dict[str, object]:
    return {"field": field, "operator": operator, "value": value}


_KINDS: tuple[Callable[[str, str], object], ...] = (
    lambda one, _: _says("contains", one),
    lambda one, _: _says("starts_with", one),
    lambda one, _: _says("contains", one, "counterparty"),
    lambda one, other: {"any": [_says("contains", one), _says("contains", other)]},
    lambda one, _: {"all": [_says("contains", one), _says("at_least", 10, "amount")]},
    lambda one, _: _says("matches", f"{one}.*\\d+"),
    lambda one, other: _says("matches", f"({one}|{other})\\b"),
    lambda *_: {"all": [_says("is", "out", "direction"), _says("between", [100, 120], "amount")]},
)
