"""A document: statements of rows and columns, the same for every format it is written in."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class ColumnKind(StrEnum):
    """What a column holds, and so how it is aligned and written."""

    TEXT = "text"
    DATE = "date"
    AMOUNT = "amount"
    PERCENT = "percent"
    """Tenths of a percent, so that 125 is 12.5 %."""
    COUNT = "count"


class RowKind(StrEnum):
    """What a row is in the order of a statement."""

    SECTION = "section"
    """Opens a part of the statement: Revenue, Assets."""
    GROUP = "group"
    """Names the rows below it; has no figures of its own."""
    LINE = "line"
    NOTE = "note"
    """Words where there are no figures: "None in this period"."""
    SUBTOTAL = "subtotal"
    """Ends a group."""
    TOTAL = "total"
    """Ends a section."""
    RESULT = "result"
    """The bottom line."""


Cell = str | int | date | None
"""Text, a date, an amount in minor units, tenths of a percent, or nothing to say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of figures or words, right of the rows' labels."""

    label: str
    kind: ColumnKind
    share: int = 0
    """Its share of the room that is left; for words of any length. Columns without one are as wide as they need."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row: a label, `depth` steps in from the margin, and one cell per column."""

    kind: RowKind
    label: str | date
    cells: tuple[Cell, ...]
    depth: int = 0
    code: int | None = None
    """The ledger account's number, when the row is one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A picture with a name, and in words what it shows."""

    title: str
    description: str
    svg: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One report, ready to be written. Amounts are minor units of the document's currency."""

    name: str
    """As in file names and sheets: "Income statement"."""
    title: str
    period: str
    """The days it covers, in words."""
    label: str
    """The heading of the column of row labels."""
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()
    warning: str | None = None
    """What the reader must know before the figures; None when there is nothing."""
    charts: tuple[Chart, ...] = ()
    charts_first: bool = False
    """Whether the charts stand above the figures."""
    is_landscape: bool = False

    def __post_init__(self) -> None:
        assert all(len(row.cells) == len(self.columns) for row in self.rows), "one cell per column"


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One or more statements of one entity in one currency; several of them get a cover page."""

    entity: str
    title: str
    period: str
    currency: str
    generated_at: datetime
    statements: tuple[Statement, ...]
    is_pack: bool = False
