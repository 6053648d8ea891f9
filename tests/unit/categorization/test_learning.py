from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from openledger_server.banking.types import BankTransactionId
from openledger_server.categorization.judge import judge, judge_all
from openledger_server.categorization.learning.learner import CHOICES_MIN, EntityLearner
from openledger_server.categorization.learning.types import Choice
from openledger_server.categorization.policy import Policy
from openledger_server.categorization.types import Candidate, Chart, DecidedBy
from openledger_server.ledger.chart import small_business_template
from openledger_server.ledger.types import LedgerAccountId

CHART = Chart(
    by_code={account.code: LedgerAccountId(account.code) for account in small_business_template()},
    transfers_clearing=LedgerAccountId(1090),
    uncategorized_income=LedgerAccountId(4999),
    uncategorized_expense=LedgerAccountId(6999),
)
PROPS, PRINTS = LedgerAccountId(7001), LedgerAccountId(7002)


def choice(description: str, account: LedgerAccountId, name: str) -> Choice:
    return Choice(
        description=description,
        amount=Decimal(-40),
        bank_account_type="depository",
        bank_account_id=1,
        ledger_account_id=account,
        ledger_account_name=name,
    )


HISTORY = [
    choice(f"{shop} {number}", account, name)
    for number in range(8)
    for shop, account, name in (("ZORBLAT STAGEWORKS", PROPS, "Props"), ("QUIXEL INKHAUS", PRINTS, "Prints"))
]


def row(description: str, **more: Any) -> Candidate:
    asked = Candidate(
        id=BankTransactionId(1),
        is_inflow=False,
        description=description,
        merchant_name=None,
        merchant_entity_id=None,
        provider_category=None,
        provider_confidence=None,
        check_number=None,
        bank_account_type="depository",
        bank_account_id=1,
        amount=Decimal(-41),
    )
    return replace(asked, **more)


def learned(history: list[Choice]) -> Policy:
    return Policy(learner=EntityLearner(history))


@pytest.mark.parametrize(
    ("description", "account"), [("ZORBLAT STAGEWORKS EAST", PROPS), ("QUIXEL INKHAUS NORTH", PRINTS)]
)
def test_a_merchant_like_known_ones_is_suggested_where_they_are(description: str, account: LedgerAccountId) -> None:
    judgement = judge(row(description), chart=CHART, memory={}, policy=learned(HISTORY))
    assert (judgement.decided_by, judgement.suggested_ledger_account_id) == (DecidedBy.LEARNER, account)
    assert (judgement.ledger_account_id, judgement.needs_review) == (6999, True)
    assert 0.5 <= judgement.confidence < 0.9


def test_an_entity_that_lowers_its_floor_gets_it_booked() -> None:
    policy = replace(learned(HISTORY), auto_post_floor=0.5)
    judgement = judge(row("ZORBLAT STAGEWORKS EAST"), chart=CHART, memory={}, policy=policy)
    assert (judgement.ledger_account_id, judgement.needs_review) == (PROPS, False)
    assert judgement.suggested_ledger_account_id is None


def test_too_few_choices_teach_nothing() -> None:
    few = learned(HISTORY[: CHOICES_MIN - 1])
    judgement = judge(row("ZORBLAT STAGEWORKS EAST"), chart=CHART, memory={}, policy=few)
    assert judgement.decided_by is not DecidedBy.LEARNER


def test_who_is_sure_is_not_asked_about() -> None:
    sure = row("ZORBLAT STAGEWORKS EAST", provider_category="TRAVEL_FLIGHTS", provider_confidence="VERY_HIGH")
    judgement = judge(sure, chart=CHART, memory={}, policy=learned(HISTORY))
    assert (judgement.decided_by, judgement.ledger_account_id) == (DecidedBy.PROVIDER, 6850)


def test_two_accounts_of_one_name_are_told_apart() -> None:
    same = [replace(one, ledger_account_name="Shop") for one in HISTORY]
    judgement = judge(row("QUIXEL INKHAUS NORTH"), chart=CHART, memory={}, policy=learned(same))
    assert judgement.suggested_ledger_account_id == PRINTS


@pytest.mark.parametrize(
    "text", ["", "\x00\x1b[31m", "x" * 5_000, "☕️🥐", "\u202eevil", "مقهى الحي", "'; DROP TABLE x; --"]
)
def test_odd_texts_break_nothing_and_are_judged_the_same_each_time(text: str) -> None:
    policy = learned([*HISTORY, choice(text, PROPS, "Props")])
    first = judge(row(text), chart=CHART, memory={}, policy=policy)
    again = judge_all([row("OTHER"), row(text)], chart=CHART, memory={}, policy=learned(list(policy.learner._choices)))
    assert again[1] == first
