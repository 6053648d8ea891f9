"""From trees of ledger accounts to rows: several periods side by side, one line per account that moved in any."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from openledger_server.documents.figures import percent_change
from openledger_server.documents.types import Cell, Column, ColumnKind, Row, RowKind
from openledger_server.reports.types import ParentAccount, ReportLine

Figures = tuple[int, ...]
"""One amount in minor units per period, in the order of the columns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SideBySide:
    """The figure columns of a statement: one per period, and what changed when there are two."""

    labels: tuple[str, ...]
    has_change: bool

    @property
    def columns(self) -> tuple[Column, ...]:
        """Return the columns."""
        amounts = [Column(label=label, kind=ColumnKind.AMOUNT) for label in self.labels]
        if self.has_change:
            amounts += [
                Column(label="Change", kind=ColumnKind.AMOUNT),
                Column(label="Change %", kind=ColumnKind.PERCENT),
            ]
        return tuple(amounts)

    def cells(self, figures: Figures) -> tuple[Cell, ...]:
        """Return the cells of a row with these figures."""
        assert len(figures) == len(self.labels), "one figure per period"
        if not self.has_change:
            return figures
        now, before = figures
        return (now, before, now - before, percent_change(now, before))

    def row(self, kind: RowKind, label: str, figures: Figures, *, depth: int = 0, code: int | None = None) -> Row:
        """Return a row with figures."""
        return Row(kind=kind, label=label, cells=self.cells(figures), depth=depth, code=code)

    def words(self, kind: RowKind, label: str, *, depth: int = 0) -> Row:
        """Return a row without figures."""
        return Row(kind=kind, label=label, cells=(None,) * len(self.columns), depth=depth)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One account or group with its figures in all periods."""

    id: str
    name: str
    subtype: str
    code: int | None
    figures: Figures
    children: tuple["Line", ...]
    parents: tuple[ParentAccount, ...] = ()
    """The accounts it stands below that are not lines around it yet, outermost first."""


def side_by_side(trees: Sequence[Sequence[ReportLine]]) -> tuple[Line, ...]:
    """Return the lines of one section over all periods, in the order of the chart; absent ones count as zero."""
    lines: dict[str, list[ReportLine | None]] = {}
    for place, tree in enumerate(trees):
        for line in tree:
            lines.setdefault(line.id, [None] * len(trees))[place] = line
    merged = [_merged(each) for each in lines.values()]
    return tuple(sorted(merged, key=_first_code))


def _merged(lines: Sequence[ReportLine | None]) -> Line:
    known = next(line for line in lines if line is not None)
    return Line(
        id=known.id,
        name=known.name,
        subtype=known.subtype,
        code=known.code,
        figures=tuple(0 if line is None else line.amount_minor for line in lines),
        children=_nested(side_by_side([() if line is None else line.children for line in lines])),
        parents=known.parents,
    )


def _nested(lines: Sequence[Line]) -> tuple[Line, ...]:
    """Return accounts below those that they stand below in the chart, whose figures then contain theirs."""
    below: dict[ParentAccount, list[Line]] = {}
    for line in lines:
        if line.parents:
            below.setdefault(line.parents[0], []).append(replace(line, parents=line.parents[1:]))
    own = {line.id: line for line in lines if not line.parents}
    around = {parent.id: _around(parent, inner, own.get(parent.id)) for parent, inner in below.items()}
    return tuple(sorted({**own, **around}.values(), key=_first_code))


def _around(parent: ParentAccount, inner: Sequence[Line], own: Line | None) -> Line:
    """Return the line of an account with others below it; `own` is what is booked to itself, if anything."""
    return Line(
        id=parent.id,
        name=parent.name,
        subtype=inner[0].subtype,
        code=parent.code,
        figures=total([*inner, *(() if own is None else (own,))], len(inner[0].figures)),
        children=_nested(inner),
    )


def _first_code(line: Line) -> int:
    # What the report computed and no account stands for (current earnings) comes last.
    codes = [_first_code(child) for child in line.children] or [2**31 if line.code is None else line.code]
    return min(codes)


def total(lines: Iterable[Line], periods: int) -> Figures:
    """Return the sum of the lines' figures per period."""
    rows = [line.figures for line in lines]
    return tuple(sum(row[place] for row in rows) for place in range(periods))


def section_rows(table: SideBySide, title: str, lines: Sequence[Line], *, total_label: str) -> tuple[Row, ...]:
    """Return a section: its title, its groups with their accounts and subtotals, and its total."""
    opening = table.words(RowKind.SECTION, title)
    ending = table.row(RowKind.TOTAL, total_label, total(lines, len(table.labels)))
    if not lines:
        return (opening, table.words(RowKind.NOTE, "None", depth=1), ending)
    return (opening, *(row for line in _shown(lines, title) for row in _rows(table, line, depth=1)), ending)


def _shown(lines: Sequence[Line], title: str) -> Iterator[Line]:
    """Yield the lines, and instead of a group that says no more than the section around it, those in it."""
    for line in lines:
        is_repetition = line.code is None and (len(lines) == 1 or line.name == title)
        yield from line.children if is_repetition and line.children else (line,)


def _rows(table: SideBySide, line: Line, *, depth: int) -> tuple[Row, ...]:
    if not line.children:
        return (table.row(RowKind.LINE, line.name, line.figures, depth=depth, code=line.code),)
    inner = (row for child in line.children for row in _rows(table, child, depth=depth + 1))
    # An account that has children may have postings of its own, which its figure holds besides theirs.
    own = tuple(whole - part for whole, part in zip(line.figures, total(line.children, len(table.labels)), strict=True))
    directly = (table.row(RowKind.LINE, line.name, own, depth=depth + 1, code=line.code),) if any(own) else ()
    return (
        table.words(RowKind.GROUP, line.name, depth=depth),
        *directly,
        *inner,
        table.row(RowKind.SUBTOTAL, f"Total {line.name}", line.figures, depth=depth),
    )
