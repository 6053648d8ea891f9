"""Which rules could find which rows at all, asked of many rows at once: most rules name a word that few texts have."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate

from openledger_server.categorization.rules.conditions import Condition


class Column:
    """One field of many rows, to look for a word in all of them together."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._joined = "\n".join(texts)
        self._starts = [0, *accumulate(len(text) + 1 for text in texts)][: len(texts)]

    def rows_with(self, word: str) -> Iterator[int]:
        """Yield the places of the rows that contain a word without a line feed, each once, in order."""
        at = self._joined.find(word)
        while at >= 0:
            row = bisect_right(self._starts, at) - 1
            yield row
            if row + 1 == len(self._starts):
                return
            at = self._joined.find(word, self._starts[row + 1])


def possible_rows(condition: Condition, columns: Mapping[str, Column], count: int) -> Sequence[int]:
    """Return the places of the rows that this condition could hold for; for all others it surely does not.

    `columns`: by field; those that conditions need words of. `count`: rows there are.
    """
    if not condition.needs:
        return range(count)
    return sorted({row for field, word in condition.needs for row in columns[field].rows_with(word)})
