from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openledger_server.base.money import (
    NotRepresentableError,
    UnknownCurrencyError,
    digits_of,
    is_currency,
    major_units,
    minor_units,
)


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [
        ("19.99", "USD", 1999),
        ("-0.01", "EUR", -1),
        ("1500", "JPY", 1500),
        ("1.234", "KWD", 1234),
        ("9007199254740993.01", "USD", 900719925474099301),
        ("72.10", "USD", 7210),
    ],
)
def test_minor_units_are_exact(amount: str, currency: str, minor: int) -> None:
    assert minor_units(Decimal(amount), currency) == minor
    assert major_units(minor, currency) == Decimal(amount)


@pytest.mark.parametrize(
    ("amount", "currency"), [("23631.9805", "USD"), ("0.5", "JPY"), ("NaN", "USD"), ("Infinity", "USD")]
)
def test_minor_units_never_round(amount: str, currency: str) -> None:
    with pytest.raises(NotRepresentableError):
        minor_units(Decimal(amount), currency)


@pytest.mark.parametrize("currency", ["BTC", "XXX", "usd", ""])
def test_unknown_currencies_are_refused(currency: str) -> None:
    assert not is_currency(currency)
    with pytest.raises(UnknownCurrencyError):
        digits_of(currency)


@given(st.integers(-(2**63), 2**63 - 1), st.sampled_from(["USD", "JPY", "KWD", "CLF"]))
def test_major_units_go_back_to_the_same_minor_units(minor: int, currency: str) -> None:
    assert minor_units(major_units(minor, currency), currency) == minor
