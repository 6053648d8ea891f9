"""Figures and days as people read them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openledger_server.base.money import digits_of
from openledger_server.documents.figures import amount_text, percent_change, percent_text, period_label, period_words
from openledger_server.reports.types import Period


@pytest.mark.parametrize(
    ("amount_minor", "currency", "text"),
    [
        (123456789, "USD", "1,234,567.89"),
        (-5, "USD", "(0.05)"),
        (0, "USD", "–"),
        (-1234, "JPY", "(1,234)"),
        (1234, "KWD", "1.234"),
    ],
)
def test_amounts_have_the_digits_of_their_currency_and_parentheses_for_less_than_nothing(
    amount_minor: int, currency: str, text: str
) -> None:
    assert amount_text(amount_minor, currency) == text


def test_totals_carry_the_symbol_where_there_is_one() -> None:
    assert amount_text(-500, "USD", with_symbol=True) == "($5.00)"
    assert amount_text(0, "EUR", with_symbol=True) == "€0.00"
    assert amount_text(100, "CHF", with_symbol=True) == "1.00"


@given(st.integers(-(10**18), 10**18), st.sampled_from(["USD", "JPY", "KWD"]))
def test_no_digit_is_lost(amount_minor: int, currency: str) -> None:
    text = amount_text(amount_minor, currency, with_symbol=True).strip("()$¥").replace(",", "").replace(".", "")
    assert int(text) == abs(amount_minor)
    assert len(text) > digits_of(currency)


@pytest.mark.parametrize(
    ("now", "before", "tenths"),
    [
        (150, 100, 500),
        (50, 100, -500),
        (2, 3, -333),
        (1, 3, -667),
        (0, 100, -1000),
        (5, 0, None),
        (5, -5, None),
        (-5, 5, None),
    ],
)
def test_a_percentage_is_said_only_where_it_means_something(now: int, before: int, tenths: int | None) -> None:
    assert percent_change(now, before) == tenths


def test_percentages_read_like_amounts() -> None:
    assert [percent_text(tenths) for tenths in (125, -5, 0, 12345)] == ["12.5%", "(0.5%)", "0.0%", "1,234.5%"]


@pytest.mark.parametrize(
    ("since", "until", "words", "label"),
    [
        ((2024, 2, 1), (2024, 3, 1), "For the month of February 2024", "Feb 2024"),
        ((2025, 1, 1), (2026, 1, 1), "For the year ended December 31, 2025", "2025"),
        ((2025, 7, 1), (2026, 7, 1), "For the year ended June 30, 2026", "Jul 1, 2025 – Jun 30, 2026"),
        ((2026, 1, 1), (2026, 11, 26), "January 1, 2026 to November 25, 2026", "Jan 1 – Nov 25, 2026"),
        ((2026, 5, 4), (2026, 5, 5), "For May 4, 2026", "May 4, 2026"),
        ((2026, 5, 4), (2026, 5, 20), "May 4, 2026 to May 19, 2026", "May 4–19, 2026"),
    ],
)
def test_periods_are_called_what_an_accountant_calls_them(
    since: tuple[int, int, int], until: tuple[int, int, int], words: str, label: str
) -> None:
    period = Period(since=date(*since), until=date(*until))
    assert (period_words(period), period_label(period)) == (words, label)
