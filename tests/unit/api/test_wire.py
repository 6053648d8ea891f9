"""Money as text and number at the edge."""

from decimal import Decimal

import pytest

from openledger_server.api.wire import amounts, decimal_text, minor_text


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        ("12.5", "USD", "12.50"),
        ("12", "USD", "12.00"),
        ("-0.1", "USD", "-0.10"),
        ("1E+2", "USD", "100.00"),
        ("500", "JPY", "500"),
        ("1.5", "KWD", "1.500"),
        ("12.3456", "USD", "12.3456"),
        ("0.00000001", "BTC", "0.00000001"),
        ("99999999999999999999.99", "USD", "99999999999999999999.99"),
    ],
)
def test_decimal_text_is_exact_and_never_rounds(amount: str, currency: str, text: str) -> None:
    assert decimal_text(Decimal(amount), currency) == text


@pytest.mark.parametrize(
    ("minor", "currency", "text"), [(1250, "USD", "12.50"), (-5, "USD", "-0.05"), (7, "JPY", "7"), (0, "XYZ", "0")]
)
def test_minor_text_has_the_currencys_decimals(minor: int, currency: str, text: str) -> None:
    assert minor_text(minor, currency) == text


def test_amounts_come_twice() -> None:
    assert amounts("USD", total=1250) == {"total": 12.5, "total_decimal": "12.50"}
