"""Long lists in pieces, so that memory follows the piece and not the list."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

_Thing = TypeVar("_Thing")

BATCH_SIZE = 10_000
"""Rows held as objects at once; large enough that the cost per statement does not show."""


def in_batches(things: Sequence[_Thing], size: int = BATCH_SIZE) -> Iterator[Sequence[_Thing]]:
    """Yield the things in order, `size` at a time; the last piece may be shorter."""
    for start in range(0, len(things), size):
        yield things[start : start + size]
