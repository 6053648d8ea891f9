from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from openledger_server.banking.types import BankTransactionId
from openledger_server.categorization import judge as judging
from openledger_server.categorization import model
from openledger_server.categorization.judge import judge, judge_all
from openledger_server.categorization.merchants import merchant_key
from openledger_server.categorization.model import Line, classify
from openledger_server.categorization.policy import Policy
from openledger_server.categorization.provider_categories import provider_categories
from openledger_server.categorization.types import AmountMemory, Candidate, Chart, DecidedBy, Judgement, Memory
from openledger_server.ledger.chart import small_business_template
from openledger_server.ledger.types import LedgerAccountId, SystemRole

MEALS, SALES, DRAWS, CLEARING = (LedgerAccountId(code) for code in (6350, 4000, 3200, 1090))
UNCATEGORIZED_EXPENSE, UNCATEGORIZED_INCOME = LedgerAccountId(6999), LedgerAccountId(4999)
CHART = Chart(
    by_code={account.code: LedgerAccountId(account.code) for account in small_business_template()},
    transfers_clearing=CLEARING,
    uncategorized_income=UNCATEGORIZED_INCOME,
    uncategorized_expense=UNCATEGORIZED_EXPENSE,
)
COFFEE = Candidate(
    id=BankTransactionId(1),
    is_inflow=False,
    description="SQ *BLUE BOTTLE 0042 OAKLAND CA",
    merchant_name="Blue Bottle Coffee",
    merchant_entity_id=None,
    provider_category="FOOD_AND_DRINK_COFFEE",
    provider_confidence="VERY_HIGH",
    check_number=None,
)


NAMELESS = replace(COFFEE, description="", merchant_name=None)


@pytest.mark.parametrize("level", ["VERY_HIGH", "HIGH"])
def test_a_sure_provider_category_is_booked(level: str) -> None:
    judgement = judge(replace(COFFEE, provider_confidence=level), chart=CHART, memory={})
    assert judgement.ledger_account_id == MEALS
    assert judgement.decided_by is DecidedBy.PROVIDER
    assert not judgement.needs_review
    assert "food and drink coffee" in judgement.reason


def test_a_doubtful_provider_category_is_only_suggested() -> None:
    judgement = judge(replace(NAMELESS, provider_confidence="MEDIUM"), chart=CHART, memory={})
    assert judgement.ledger_account_id == UNCATEGORIZED_EXPENSE
    assert judgement.suggested_ledger_account_id == MEALS
    assert judgement.needs_review


def test_a_wild_guess_is_not_even_suggested() -> None:
    judgement = judge(replace(NAMELESS, provider_confidence="LOW"), chart=CHART, memory={})
    assert (judgement.ledger_account_id, judgement.suggested_ledger_account_id) == (UNCATEGORIZED_EXPENSE, None)
    assert judgement.needs_review


@pytest.mark.parametrize("code", [None, "A_CODE_OF_TOMORROW"])
def test_unknown_codes_are_uncategorized_by_direction(code: str | None) -> None:
    money_in = judge(replace(NAMELESS, provider_category=code, is_inflow=False), chart=CHART, memory={})
    assert money_in.ledger_account_id == UNCATEGORIZED_EXPENSE
    assert money_in.decided_by is DecidedBy.FALLBACK
    assert money_in.needs_review


def remembered(
    decisions: int, *, others: int = 0, amounts: dict[str, tuple[LedgerAccountId, int]] | None = None
) -> Any:
    key = merchant_key(COFFEE)
    assert key is not None
    by_amount = {
        Decimal(amount): AmountMemory(ledger_account_id=account, decisions=count)
        for amount, (account, count) in (amounts or {}).items()
    }
    return {key: Memory(ledger_account_id=DRAWS, decisions=decisions, others=others, by_amount=by_amount)}


def test_a_persons_earlier_choice_beats_the_provider_from_the_first_on() -> None:
    judgement = judge(COFFEE, chart=CHART, memory=remembered(1))
    assert (judgement.ledger_account_id, judgement.decided_by) == (DRAWS, DecidedBy.MEMORY)
    assert judgement.needs_review, "once may have been an exception"
    assert judgement.reason == "You chose this category for this merchant once."


@pytest.mark.parametrize(
    ("memory", "account", "needs_review"),
    [
        (remembered(3), DRAWS, True),
        (remembered(7), DRAWS, True),
        (remembered(8), DRAWS, False),
        (remembered(8, others=2), DRAWS, True),
        (remembered(3, others=2), DRAWS, True),
        (remembered(1, amounts={"-9.99": (DRAWS, 1)}), DRAWS, True),
        (remembered(2, amounts={"-9.99": (DRAWS, 2)}), DRAWS, False),
        (remembered(1, others=1, amounts={"-9.99": (DRAWS, 1)}), DRAWS, True),
        (remembered(1, others=3, amounts={"-9.99": (DRAWS, 3)}), DRAWS, True),
        (remembered(2, others=4, amounts={"-9.99": (SALES, 4)}), SALES, True),
        (remembered(8, amounts={"-5": (SALES, 4)}), DRAWS, False),
    ],
)
def test_memory_is_as_sure_as_it_was_right(memory: Any, account: LedgerAccountId, *, needs_review: bool) -> None:
    row = replace(COFFEE, amount=Decimal("-9.99"), provider_category=None)
    judgement = judge(row, chart=CHART, memory=memory)
    assert (judgement.ledger_account_id, judgement.needs_review) == (account, needs_review)
    assert judgement.decided_by is DecidedBy.MEMORY


def test_memory_and_bank_together_are_surer_than_either() -> None:
    key = merchant_key(COFFEE)
    assert key is not None
    once = {key: Memory(ledger_account_id=MEALS, decisions=1)}
    judgement = judge(replace(COFFEE, provider_confidence="HIGH"), chart=CHART, memory=once)
    assert (judgement.ledger_account_id, judgement.needs_review) == (MEALS, False)
    assert judgement.confidence > 0.92


def test_people_of_two_minds_leave_it_to_the_bank() -> None:
    judgement = judge(COFFEE, chart=CHART, memory=remembered(1, others=3))
    assert (judgement.ledger_account_id, judgement.decided_by) == (MEALS, DecidedBy.PROVIDER)


def test_an_entitys_own_floor_holds() -> None:
    never = Policy(auto_post_floor=1.0)
    assert judge(COFFEE, chart=CHART, memory={}, policy=never).needs_review
    daring = Policy(auto_post_floor=0.5)
    doubtful = replace(NAMELESS, provider_confidence="MEDIUM")
    assert not judge(doubtful, chart=CHART, memory={}, policy=daring).needs_review
    shy = Policy(suggestion_floor=0.9)
    assert judge(doubtful, chart=CHART, memory={}, policy=shy).suggested_ledger_account_id is None


def test_an_entitys_own_mapping_goes_before_the_templates() -> None:
    chart = replace(CHART, by_category={"FOOD_AND_DRINK_COFFEE": DRAWS, "PAYROLL": SALES})
    assert judge(COFFEE, chart=chart, memory={}).ledger_account_id == DRAWS
    payroll = judge(replace(NAMELESS, description="GUSTO DES:NET CCD", provider_category=None), chart=chart, memory={})
    assert SALES in {payroll.ledger_account_id, payroll.suggested_ledger_account_id}


def test_a_transfer_waits_in_clearing_for_its_other_side() -> None:
    judgement = judge(replace(COFFEE, provider_category="TRANSFER_OUT_SAVINGS"), chart=CHART, memory={})
    assert (judgement.ledger_account_id, judgement.decided_by) == (CLEARING, DecidedBy.TRANSFER)
    assert judgement.needs_review


def test_private_spending_is_asked_about_however_sure_the_bank_is() -> None:
    judgement = judge(replace(COFFEE, provider_category="ENTERTAINMENT_VIDEO_GAMES"), chart=CHART, memory={})
    assert judgement.needs_review
    assert judgement.suggested_ledger_account_id == DRAWS


def test_every_code_of_the_table_leads_to_an_account_of_the_template_or_to_clearing() -> None:
    codes = {account.code for account in small_business_template()}
    for category in provider_categories().values():
        assert category.is_transfer or category.account_code in codes, category.code


def test_the_template_has_each_system_account_once() -> None:
    roles = [account.system_role for account in small_business_template() if account.system_role]
    when_needed = {SystemRole.CURRENCY_EXCHANGE, SystemRole.EXCHANGE_GAIN_LOSS}
    assert sorted(roles) == sorted(set(SystemRole) - when_needed)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("SQ *BLUE BOTTLE 0042 OAKLAND CA", "SQ *BLUE BOTTLE 0117 OAKLAND CA"),
        ("POS DEBIT 1203 STAPLES", "STAPLES 00998877"),
    ],
)
def test_spellings_of_one_merchant_share_a_key(first: str, second: str) -> None:
    bare = replace(COFFEE, merchant_name=None)
    assert merchant_key(replace(bare, description=first)) == merchant_key(replace(bare, description=second)) != ""


@pytest.mark.parametrize("description", ["", "   ", "12345 67", "#### ///", "\x00\x1b[31m"])
def test_descriptions_without_a_name_have_no_key_and_break_nothing(description: str) -> None:
    nameless = replace(COFFEE, merchant_name=None, description=description, provider_category=None)
    assert judge(nameless, chart=CHART, memory={}).needs_review
    assert merchant_key(replace(nameless, description="12345 67")) is None


def test_cheques_have_no_key() -> None:
    assert merchant_key(replace(COFFEE, check_number="1042")) is None


TEXTS = (
    "SQ *BLUE BOTTLE",
    "GUSTO DES:NET 1",
    "ONLINE TRANSFER TO SAV",
    "OWNER DRAW",
    "XQZJ",
    "ACME PAYROLL",
    "STAPLES 12",
)
CODES = (None, "FOOD_AND_DRINK_COFFEE", "TRANSFER_OUT_SAVINGS", "ENTERTAINMENT_VIDEO_GAMES", "A_CODE_OF_TOMORROW")


def every_kind(chart: Chart) -> list[Judgement]:
    rows = [
        # The marks make each row's text another one, since the same are asked about once.
        replace(
            COFFEE,
            description=f"{text} {mark}{level}",
            merchant_name=None,
            provider_category=code,
            provider_confidence=level,
        )
        for text in TEXTS
        for mark, code in zip("ABCDE", CODES, strict=True)
        for level in (None, "LOW", "HIGH")
    ]
    memory = {key: Memory(ledger_account_id=DRAWS, decisions=1) for key in [merchant_key(rows[-1])] if key}
    return judge_all(rows, chart=chart, memory=memory)


@pytest.mark.parametrize("left_out", [None, MEALS, CLEARING])
def test_rows_whose_answer_cannot_depend_on_the_model_are_not_asked_and_judged_the_same(
    monkeypatch: pytest.MonkeyPatch, left_out: LedgerAccountId | None
) -> None:
    chart = replace(CHART, by_code={code: account for code, account in CHART.by_code.items() if account != left_out})
    asked: list[int] = []

    def counted(lines: list[Line]) -> object:
        asked.append(len(lines))
        return classify(lines)

    monkeypatch.setattr(model, "classify", counted)
    quick = every_kind(chart)
    monkeypatch.setattr(judging, "is_provider_enough", lambda *_: False)
    assert every_kind(chart) == quick
    assert asked[0] < asked[1]
