import pytest

from openledger_server.base.ids import new_id, new_ids
from openledger_server.base.paging import CursorError, PageSizeError, checked_page_size, decode_cursor, encode_cursor


def test_a_cursor_gives_back_what_was_put_in() -> None:
    assert decode_cursor(encode_cursor("2026-01-31", "123"), parts=2) == ("2026-01-31", "123")


@pytest.mark.parametrize(
    "cursor", ["", "x", "!!!", "ä", "QQ", encode_cursor("one"), encode_cursor("a", "b", "c"), "A" * 999]
)
def test_a_foreign_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(CursorError):
        decode_cursor(cursor, parts=2)


@pytest.mark.parametrize("page_size", [0, -1, 101])
def test_page_sizes_outside_the_limits_are_refused(page_size: int) -> None:
    with pytest.raises(PageSizeError):
        checked_page_size(page_size)


def test_the_page_size_has_a_default() -> None:
    assert checked_page_size(None) == 50
    assert checked_page_size(100) == 100


def test_ids_are_positive_63_bit_and_distinct() -> None:
    ids = {new_id() for _ in range(1000)} | set(new_ids(1000))
    assert len(ids) == 2000
    assert all(0 < one < 2**63 for one in ids)
