import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openledger_server.categorization.rules.patterns import PATTERN_LENGTH_MAX, PatternError, compiled

PIECES = [
    *("a", "b", "1", " ", "_", ".", "[a-b]", "[^a]", r"[\d_-]", r"[^\w]", r"\d", r"\D", r"\w", r"\W", r"\s", r"\S"),
    *(r"\b", "^", "$", "(a|b)", "(?:ab)*", "(a*)*", "(a|ab)(1|b1)?", "a*", "b+?", "1?", "a{1,2}", "b{2}", "a{1,}", "|"),
]
patterns = st.lists(st.sampled_from(PIECES), min_size=1, max_size=6).map("".join)
texts = st.text(alphabet="abAB1 _-", max_size=10)


@given(patterns, texts)
def test_it_finds_what_the_usual_engine_finds(pattern: str, text: str) -> None:
    assert compiled(pattern).found_in(text) == bool(re.search(pattern, text, re.IGNORECASE))


@pytest.mark.parametrize(
    "pattern", ["(a+)+$", "(a|a)*b", "(a*)*b", "(a|aa)+$", "(.*a){25}b", "(x+x+)+y", "^(([a-z])+.)+[A-Z]([a-z])+$"]
)
def test_patterns_that_stall_other_engines_take_steps_in_proportion_to_the_text(pattern: str) -> None:
    """Each character costs at most one new entry for each set of places that the pattern can be in."""
    machine = compiled(pattern)
    assert not machine.found_in("a" * 5_000 + "!")
    assert machine._remembered <= 200


def test_what_is_remembered_is_bounded() -> None:
    machine = compiled("(a|b)*a(a|b){20}c")
    bits = f"{0x9E3779B97F4A7C15F39CC0605CEDC834:b}" * 60
    machine.found_in(bits.replace("0", "a").replace("1", "b"))
    assert sum(len(place.after) for place in machine._places.values()) <= machine._remembered <= 5_000


@pytest.mark.parametrize(
    ("pattern", "text"), [("İ", "i̇"), ("straße", "STRASSE"), ("é", "É"), ("مقهى", "بطاقة مقهى 12")]
)
def test_letters_of_other_scripts(pattern: str, text: str) -> None:
    assert compiled(pattern).found_in(text) == (pattern in {"é", "مقهى"})


@pytest.mark.parametrize("pattern", ["", "a" * (PATTERN_LENGTH_MAX + 1), "(" * 11 + "a" + ")" * 11, "(a{50}){50}"])
def test_patterns_beyond_the_limits_are_refused(pattern: str) -> None:
    with pytest.raises(PatternError):
        compiled(pattern)


@given(st.text(max_size=30))
def test_any_text_is_a_pattern_or_is_refused(pattern: str) -> None:
    try:
        compiled(pattern).found_in("SQ *BLUE BOTTLE 0042 OAKLAND CA")
    except PatternError as refused:
        assert refused.message.endswith(".")  # noqa: PT017  # being refused is the other good outcome
