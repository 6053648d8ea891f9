import pytest
from hypothesis import given
from hypothesis import strategies as st

from openledger_server.categorization.descriptors import LENGTH_MAX, clean, clean_all


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("SQ *BLUE BOTTLE 0042 OAKLAND CA", "blue bottle"),
        ("PURCHASE AUTHORIZED ON 03/12 WEGMANS #0131 ROCHESTER NY P00000000582736401 CARD 7731", "wegmans"),
        ("CHECKCARD 0412 SAFEWAY #1711 SAN FRANCISCO CA 24445003103000917262548", "safeway"),
        ("POS DEBIT VISA CHECK CARD 4421 FRED-MEYER #0028 BEAVERTON OR", "fred meyer"),
        ("PAYPAL *GYMSHARK 4029357733", "gymshark"),
        ("AT&T BILL PAYMENT 800-331-0500 TX", "att bill payment"),
        ("LOVE'S #0412 OUTSIDE AMARILLO TX", "loves outside"),
        ("ACME CORP DES:PAYROLL ID:4123 INDN:DOE J CO ID:41234 PPD", "acme payroll"),
        ("99 RANCH #1776 MILPITAS CA", "99 ranch"),
        ("XXXXXXXXXXXX4421 STAPLES 00108421 FRAMINGHAM MA", "staples"),
        ("CAFÉ ÉCLAIR MONTRÉAL QC", "cafe eclair"),
        ("PORTLAND", "portland"),
    ],
)
def test_wrappers_numbers_and_places_go_and_the_counterparty_stays(raw: str, name: str) -> None:
    assert clean(raw).text == name


def test_the_key_is_the_same_for_branches_of_one_firm() -> None:
    keys = {clean(raw).key for raw in ("THE HOME DEPOT #7080", "THE HOME DEPOT #7001", "HOME DEPOT 4412 ATLANTA GA")}
    assert keys == {"home depot"}


@pytest.mark.parametrize("raw", ["", "   ", "12345 67890", "#### ////", "\x00\x1b[0m", "\n\r\t\u2028", "****"])
def test_texts_without_words_have_an_empty_name_or_break_nothing(raw: str) -> None:
    assert all(word.strip() for word in clean(raw).name)


def test_only_the_beginning_of_a_huge_text_is_read() -> None:
    assert clean("COFFEE " * 1_000_000).words == ("coffee",) * (LENGTH_MAX // len("COFFEE ")) + ("coffee"[:6],)


@given(st.lists(st.text(max_size=80), max_size=8))
def test_a_batch_says_of_each_text_what_it_says_of_it_alone(raws: list[str]) -> None:
    assert clean_all(raws) == [clean(raw) for raw in raws]


@given(st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=126), max_size=80))
def test_case_does_not_matter(raw: str) -> None:
    assert clean(raw.lower()) == clean(raw.upper())
