import pytest

from openledger_server.categorization.model import shipped_model
from openledger_server.categorization.owner import OwnerGuess, OwnerLearner, OwnerLine

ACCOUNTS = ("Meals", "Fuel", "Rent", "Office Supplies", "Sales")
SHELL = OwnerLine("SHELL OIL 57444123412 HOUSTON TX", 46.12)


def learner() -> OwnerLearner:
    return OwnerLearner(ACCOUNTS, shipped_model())


def asked(owner: OwnerLearner, line: OwnerLine) -> OwnerGuess:
    guess = owner.predict(line)
    assert guess is not None
    return guess


@pytest.mark.parametrize(
    ("description", "account"),
    [("SHELL OIL 57444123412", "Fuel"), ("OLIVE GARDEN 0021634", "Meals"), ("STAPLES 00108421", "Office Supplies")],
)
def test_names_of_accounts_are_enough_to_begin_with(description: str, account: str) -> None:
    assert asked(learner(), OwnerLine(description, 30.0)).account == account


def test_one_correction_is_enough() -> None:
    owner = learner()
    owner.learn(SHELL, "Rent")
    guess = asked(owner, OwnerLine("SHELL OIL 57440000000 DALLAS TX", 12.0))
    assert guess.account == "Rent"
    assert "once" in guess.reason


def test_the_latest_choice_wins_over_an_old_habit() -> None:
    owner = learner()
    for _ in range(3):
        owner.learn(SHELL, "Fuel")
    for _ in range(2):
        owner.learn(SHELL, "Office Supplies")
    assert asked(owner, SHELL).account == "Office Supplies"


def test_an_account_never_named_is_added_when_it_is_chosen() -> None:
    owner = learner()
    owner.learn(SHELL, "Company Car")
    assert owner.accounts == (*ACCOUNTS, "Company Car")
    assert asked(owner, SHELL).account == "Company Car"


def test_many_accounts_grow_the_tables() -> None:
    owner = OwnerLearner([f"Account {number}" for number in range(100)], shipped_model())
    owner.learn(SHELL, "Account 99")
    assert asked(owner, SHELL).account == "Account 99"


def test_no_account_no_answer() -> None:
    assert OwnerLearner((), shipped_model()).predict(SHELL) is None


def test_the_same_history_gives_the_same_answers() -> None:
    lines = [OwnerLine(f"MERCHANT {chr(65 + number % 7)}", 3.5 * number) for number in range(40)]
    taught = [learner(), learner()]
    for owner in taught:
        for number, line in enumerate(lines):
            owner.learn(line, ACCOUNTS[number % 5])
    assert [asked(taught[0], line) for line in lines] == [asked(taught[1], line) for line in lines]


@pytest.mark.parametrize("description", ["", "\x00", "😀", "\u202eABC", "A" * 100_000, "; DROP TABLE x"])
def test_nasty_texts_are_learned_like_others(description: str) -> None:
    owner = learner()
    line = OwnerLine(description, 1e18)
    owner.learn(line, "Sales")
    assert 0 < asked(owner, line).confidence <= 1
