"""Dividing by a rule: exact to the smallest unit, or not at all."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openledger_server.base.money import Money, UnknownCurrencyError, minor_units
from openledger_server.categorization.rules.splitting import Division, RulePart, RuleSplitError, check_parts, divide
from openledger_server.categorization.rules.types import RuleAction, RuleActionError
from openledger_server.ledger.types import LedgerAccountId

A, B, C = map(LedgerAccountId, (1, 2, 3))
REST = RulePart(ledger_account_id=C)


def share(basis_points: int) -> RulePart:
    return RulePart(ledger_account_id=A, share_bp=basis_points)


def fixed(amount_minor: int, currency: str = "USD") -> RulePart:
    return RulePart(ledger_account_id=B, fixed=Money(amount_minor, currency))


def amounts(division: Division) -> list[tuple[int, str]]:
    return [(int(part.ledger_account_id), str(part.amount)) for part in division.parts]


def test_shares_are_rounded_towards_zero_and_the_rest_gets_the_cent() -> None:
    """100.01: 33.33 % = 33.333333 -> 33.33, twice; the rest is 33.35."""
    division = divide([share(3333), REST, share(3333)], amount=Decimal("-100.01"), currency="USD")
    assert amounts(division) == [(1, "-33.33"), (3, "-33.35"), (1, "-33.33")]


@pytest.mark.parametrize(
    ("amount", "currency", "wanted"),
    [
        ("1000", "JPY", [(1, "333"), (3, "667")]),
        ("1.000", "KWD", [(1, "0.333"), (3, "0.667")]),
        ("-0.02", "USD", [(3, "-0.02")]),
        ("-0.04", "USD", [(1, "-0.01"), (3, "-0.03")]),
    ],
)
def test_each_currency_has_its_own_smallest_unit(amount: str, currency: str, wanted: list[tuple[int, str]]) -> None:
    assert amounts(divide([share(3330), REST], amount=Decimal(amount), currency=currency)) == wanted


@pytest.mark.parametrize(
    ("parts", "amount", "currency", "objection"),
    [
        ((fixed(5000), REST), "-50.00", "USD", "its other parts come to 50.00 of 50.00 USD and leave no rest"),
        ((fixed(5001), REST), "50.00", "USD", "its other parts come to 50.01 of 50.00 USD and leave no rest"),
        ((share(9999), fixed(1), REST), "0.01", "USD", "its other parts come to 0.01 of 0.01 USD and leave no rest"),
        ((fixed(1), REST), "10", "EUR", "its fixed parts are in USD and this is in EUR"),
        ((share(1), REST), "1.005", "USD", "its amount cannot be stated in the smallest unit of its currency"),
        ((share(1), REST), "1", "XXX", "its amount cannot be stated in the smallest unit of its currency"),
    ],
)
def test_what_does_not_fit_is_not_divided(
    parts: tuple[RulePart, ...], amount: str, currency: str, objection: str
) -> None:
    assert divide(parts, amount=Decimal(amount), currency=currency) == Division(objection=objection)


@given(
    units=st.integers(-(10**12), 10**12).filter(bool),
    shares=st.lists(st.integers(1, 900), min_size=1, max_size=10),
    fixes=st.lists(st.integers(1, 10**9), max_size=9),
    currency=st.sampled_from(("USD", "JPY", "KWD", "CLF")),
)
def test_parts_always_add_up_exactly_and_all_go_the_rows_way(
    units: int, shares: list[int], fixes: list[int], currency: str
) -> None:
    parts = [*map(share, shares), REST, *(fixed(one, currency) for one in fixes)]
    check_parts(parts)
    digits = minor_units(Decimal(1), currency)
    amount = Decimal(units) / digits
    division = divide(parts, amount=amount, currency=currency)
    if division.objection:
        assert division.parts == ()
        assert sum(abs(units) * one // 10_000 for one in shares) + sum(fixes) >= abs(units)
        return
    got = [minor_units(part.amount, currency) for part in division.parts]
    assert sum(got) == units
    assert all((one > 0) == (units > 0) and one for one in got)


@pytest.mark.parametrize(
    "parts",
    [
        (REST,),
        (REST, *[share(1)] * 20),
        (REST, REST),
        (share(5000), share(4000)),
        (share(10_000), REST),
        (share(5000), share(5000), REST),
        (share(0), REST),
        (share(-1), REST),
        (fixed(0), REST),
        (fixed(-5), REST),
        (fixed(1, "USD"), fixed(1, "EUR"), REST),
        (RulePart(ledger_account_id=A, share_bp=1, fixed=Money(1, "USD")), REST),
    ],
)
def test_parts_that_make_up_no_row_are_refused(parts: tuple[RulePart, ...]) -> None:
    with pytest.raises(RuleSplitError):
        RuleAction(split=parts)


def test_an_unknown_currency_is_refused() -> None:
    with pytest.raises(UnknownCurrencyError):
        RuleAction(split=(fixed(1, "XYZ"), REST))


@pytest.mark.parametrize("other", [{"ledger_account_id": A}, {"is_transfer": True}, {"is_exclusion": True}])
def test_a_rule_that_splits_says_nothing_else(other: dict[str, bool | LedgerAccountId]) -> None:
    with pytest.raises(RuleActionError):
        RuleAction(split=(share(1), REST), **other)  # type: ignore[arg-type] # either field
