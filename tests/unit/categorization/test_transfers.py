from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from openledger_server.banking.types import BankAccountId, BankTransactionId
from openledger_server.categorization.transfers import DAYS_APART_MAX, pair_exchanges, pair_transfers
from openledger_server.categorization.types import TransferLeg

CHECKING, SAVINGS, CARD = BankAccountId(1), BankAccountId(2), BankAccountId(3)


def leg(
    number: int, bank_account: BankAccountId, amount: str, day: int, *, hint: bool = True, currency: str = "USD"
) -> TransferLeg:
    return TransferLeg(
        id=BankTransactionId(number),
        bank_account_id=bank_account,
        amount=Decimal(amount),
        currency=currency,
        dated=date(2026, 3, day),
        has_hint=hint,
    )


def test_a_card_payment_pairs_across_three_days() -> None:
    assert pair_transfers([leg(1, CHECKING, "-100", 2), leg(2, CARD, "100", 5)]) == [(1, 2)]


def test_one_sign_of_internal_movement_is_enough() -> None:
    assert pair_transfers([leg(1, CHECKING, "-100", 2), leg(2, SAVINGS, "100", 2, hint=False)]) == [(1, 2)]


def test_equal_amounts_without_any_sign_do_not_pair() -> None:
    assert pair_transfers([leg(1, CHECKING, "-100", 2, hint=False), leg(2, SAVINGS, "100", 2, hint=False)]) == []


def test_legs_of_one_bank_account_do_not_pair() -> None:
    assert pair_transfers([leg(1, CHECKING, "-100", 2), leg(2, CHECKING, "100", 2)]) == []


def test_currencies_do_not_mix() -> None:
    assert pair_transfers([leg(1, CHECKING, "-100", 2), leg(2, SAVINGS, "100", 2, currency="EUR")]) == []


def test_legs_too_far_apart_do_not_pair() -> None:
    assert pair_transfers([leg(1, CHECKING, "-100", 2), leg(2, SAVINGS, "100", 2 + DAYS_APART_MAX + 1)]) == []


def test_the_nearer_of_two_candidates_is_taken() -> None:
    legs = [
        leg(1, CHECKING, "-100", 2),
        leg(2, SAVINGS, "100", 3),
        leg(3, SAVINGS, "100", 6),
        leg(4, CHECKING, "-100", 6),
    ]
    assert pair_transfers(legs) == [(1, 2), (4, 3)]


def test_two_candidates_equally_near_are_left_for_a_person() -> None:
    assert pair_transfers([leg(1, CHECKING, "-100", 2), leg(2, SAVINGS, "100", 2), leg(3, CARD, "100", 2)]) == []


@given(
    st.lists(
        st.tuples(st.integers(1, 3), st.sampled_from(["-5", "5", "-7", "7"]), st.integers(1, 28), st.booleans()),
        max_size=40,
    )
)
def test_each_leg_is_in_at_most_one_pair_and_every_pair_is_allowed(rows: list[tuple[int, str, int, bool]]) -> None:
    legs = {
        number: leg(number, BankAccountId(account), amount, day, hint=hint)
        for number, (account, amount, day, hint) in enumerate(rows)
    }
    pairs = pair_transfers(legs.values())
    used = [one for pair in pairs for one in pair]
    assert len(used) == len(set(used))
    for out_id, in_id in pairs:
        out, into = legs[out_id], legs[in_id]
        assert out.amount == -into.amount < 0
        assert out.bank_account_id != into.bank_account_id
        assert out.has_hint or into.has_hint
        assert abs((out.dated - into.dated).days) <= DAYS_APART_MAX
    assert pair_transfers(reversed(list(legs.values()))) == pairs


def exchanged(*legs: TransferLeg, euro: str = "1.10") -> list[tuple[int, int]]:
    worths = {one.id: one.amount * (Decimal(euro) if one.currency == "EUR" else 1) for one in legs}
    return [(int(out), int(other)) for out, other in pair_exchanges(legs, worths=worths)]


def test_two_legs_in_two_currencies_pair_within_a_banks_margin() -> None:
    out = leg(1, CHECKING, "-112", 2, currency="USD")
    assert exchanged(out, leg(2, SAVINGS, "100", 3, currency="EUR")) == [(1, 2)]
    assert exchanged(out, leg(2, SAVINGS, "100", 3, currency="EUR"), euro="1.05") == []
    assert exchanged(out, leg(2, SAVINGS, "100", 8, currency="EUR")) == []
    assert exchanged(out, leg(2, CHECKING, "100", 3, currency="EUR")) == []
    assert exchanged(out, leg(2, SAVINGS, "100", 3, hint=False, currency="EUR")) == []


def test_an_exchange_that_could_be_with_two_others_is_left_for_a_person() -> None:
    out = leg(1, CHECKING, "-112", 2, currency="USD")
    assert exchanged(out, leg(2, SAVINGS, "100", 3, currency="EUR"), leg(3, SAVINGS, "101", 5, currency="EUR")) == []


def test_a_leg_without_a_rate_is_no_exchange() -> None:
    legs = [leg(1, CHECKING, "-112", 2, currency="USD"), leg(2, SAVINGS, "100", 3, currency="EUR")]
    assert pair_exchanges(legs, worths={legs[0].id: Decimal(-112)}) == []
