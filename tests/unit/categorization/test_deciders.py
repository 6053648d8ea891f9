from dataclasses import replace

import pytest

from openledger_server.banking.types import BankTransactionId
from openledger_server.categorization.judge import judge, judge_all
from openledger_server.categorization.merchants import merchant_key
from openledger_server.categorization.types import Candidate, Chart, DecidedBy, Judgement, Memory
from openledger_server.ledger.chart import small_business_template
from openledger_server.ledger.types import LedgerAccountId

CHART = Chart(
    by_code={account.code: LedgerAccountId(account.code) for account in small_business_template()},
    transfers_clearing=LedgerAccountId(1090),
    uncategorized_income=LedgerAccountId(4999),
    uncategorized_expense=LedgerAccountId(6999),
)
MEALS, CLEARING, UNKNOWN = 6350, 1090, 6999


def candidate(description: str, category: str | None = None, level: str | None = None) -> Candidate:
    return Candidate(
        id=BankTransactionId(1),
        is_inflow=False,
        description=description,
        merchant_name=None,
        merchant_entity_id=None,
        provider_category=category,
        provider_confidence=level,
        check_number=None,
    )


@pytest.mark.parametrize(
    ("description", "account"),
    [("GUSTO DES:NET CCD", 6500), ("GUSTO DES:TAX CCD", 6510), ("OWNER DRAW", 3200)],
)
def test_payroll_and_draws_beat_the_provider(description: str, account: int) -> None:
    judgement = judge(candidate(description, "GENERAL_SERVICES_OTHER_GENERAL_SERVICES", "HIGH"), chart=CHART, memory={})
    assert account in {judgement.ledger_account_id, judgement.suggested_ledger_account_id}
    assert judgement.decided_by is DecidedBy.MODEL


@pytest.mark.parametrize(
    ("description", "account", "is_booked"),
    [
        ("GUSTO NET 558120 CCD PAYROLL", 6500, True),
        ("GUSTO TAX 558120 CCD", 6510, True),
        ("ONLINE TRANSFER TO CHK ...9021 OWNER DRAW", 3200, True),
        ("GUSTO FEE 558120 CCD", 6500, False),
    ],
)
def test_what_the_banks_own_words_say_of_the_books_is_booked(
    description: str, account: int, *, is_booked: bool
) -> None:
    judgement = judge(candidate(description), chart=CHART, memory={})
    found = judgement.ledger_account_id if is_booked else judgement.suggested_ledger_account_id
    assert (found, judgement.needs_review) == (account, not is_booked)


def test_taxes_are_an_expense_not_a_negative_debt() -> None:
    judgement = judge(candidate("IRS USATAXPYMT"), chart=CHART, memory={})
    assert 6700 in {judgement.ledger_account_id, judgement.suggested_ledger_account_id}


def test_a_person_beats_the_model() -> None:
    asked = candidate("STARBUCKS STORE 05517 SEATTLE WA")
    key = merchant_key(asked)
    assert key is not None
    memory = {key: Memory(ledger_account_id=LedgerAccountId(6400), decisions=1)}
    assert judge(asked, chart=CHART, memory=memory).ledger_account_id == 6400


def test_a_sure_provider_beats_the_model() -> None:
    judgement = judge(candidate("STARBUCKS 05517", "TRAVEL_LODGING", "VERY_HIGH"), chart=CHART, memory={})
    assert (judgement.ledger_account_id, judgement.decided_by) == (6850, DecidedBy.PROVIDER)


def test_a_provider_that_may_err_is_followed_until_the_text_says_otherwise() -> None:
    def judged(description: str, *, is_inflow: bool = False) -> Judgement:
        asked = replace(candidate(description, "TRAVEL_LODGING", "HIGH"), is_inflow=is_inflow)
        return judge(asked, chart=CHART, memory={})

    named, silent = judged("STARBUCKS STORE 05517"), judged("QXZZV 05517")
    assert named.needs_review
    assert named.suggested_ledger_account_id in {6850, MEALS}
    assert (silent.ledger_account_id, silent.decided_by, silent.needs_review) == (6850, DecidedBy.PROVIDER, False)
    # That money came in is no word against a refund.
    assert judged("QXZZV 05517", is_inflow=True) == silent


def test_agreement_raises_and_contradiction_lowers() -> None:
    text = "STARBUCKS STORE 05517"
    agreed = judge(candidate(text, "FOOD_AND_DRINK_COFFEE", "MEDIUM"), chart=CHART, memory={})
    alone = judge(candidate(text), chart=CHART, memory={})
    against = judge(candidate(text, "TRAVEL_LODGING", "MEDIUM"), chart=CHART, memory={})
    assert agreed.confidence > alone.confidence > against.confidence
    assert (agreed.ledger_account_id, agreed.needs_review) == (MEALS, False)
    assert against.needs_review


def test_a_transfer_in_the_banks_words_waits_in_clearing() -> None:
    judgement = judge(candidate("ONLINE TRANSFER TO SAV ...4412"), chart=CHART, memory={})
    assert (judgement.ledger_account_id, judgement.decided_by) == (CLEARING, DecidedBy.TRANSFER)


def test_below_the_floor_nobody_decided() -> None:
    judgement = judge(candidate(""), chart=CHART, memory={})
    assert (judgement.ledger_account_id, judgement.decided_by) == (UNKNOWN, DecidedBy.FALLBACK)


def test_a_chart_without_the_account_falls_back() -> None:
    bare = replace(CHART, by_code={})
    assert judge(candidate("STARBUCKS 05517"), chart=bare, memory={}).decided_by is DecidedBy.FALLBACK
    assert judge(candidate("GUSTO DES:NET CCD"), chart=bare, memory={}).decided_by is DecidedBy.FALLBACK


def test_a_batch_is_judged_as_each_alone() -> None:
    texts = ("STARBUCKS 05517", "", "GUSTO DES:NET CCD", "IRS USATAXPYMT")
    batch = [candidate(text) for text in texts]
    assert judge_all(batch, chart=CHART, memory={}) == [judge(one, chart=CHART, memory={}) for one in batch]
    assert judge_all([], chart=CHART, memory={}) == []
