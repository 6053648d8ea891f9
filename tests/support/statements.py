"""A small document with everything that is hard to write: hostile names, negative and missing figures, many rows."""

from datetime import UTC, date, datetime

from openledger_server.documents.types import Cell, Column, ColumnKind, Document, Row, RowKind, Statement

HOSTILE = '=cmd|"/c calc"!A1 #panic("x") #read("/etc/passwd") $x$ <b> \\ *_`[]{}" ; @SUM(1) 漢字 \u202etxt'
NOW = datetime(2026, 5, 1, 9, 30, tzinfo=UTC)


def line(label: str | date, *cells: Cell, kind: RowKind = RowKind.LINE, depth: int = 1) -> Row:
    return Row(kind=kind, label=label, cells=cells, depth=depth, code=None)


def small_statement(*, name: str = "Income statement", rows: int = 2) -> Statement:
    """Return a statement with a section, `rows` lines of 1.00, 2.00, ... and -10.50, and a result."""
    lines = [line(f"Line {number}", number * 100, number * 10) for number in range(1, rows + 1)]
    return Statement(
        name=name,
        title="Income Statement",
        period="For the year ended December 31, 2025",
        label="",
        columns=(Column(label="2025", kind=ColumnKind.AMOUNT), Column(label="%", kind=ColumnKind.PERCENT)),
        rows=(
            line("Revenue", None, None, kind=RowKind.SECTION, depth=0),
            *lines,
            line(HOSTILE, -1050, None),
            line("Net income", 123456789, -5, kind=RowKind.RESULT, depth=0),
        ),
        notes=(HOSTILE,),
        warning=HOSTILE,
    )


def small_listing() -> Statement:
    """Return a listing of dated rows."""
    return Statement(
        name="General ledger",
        title="General Ledger",
        period="May 2026",
        label="Date",
        columns=(
            Column(label="Description", kind=ColumnKind.TEXT, share=1),
            Column(label="Debit", kind=ColumnKind.AMOUNT),
        ),
        rows=(line(date(2026, 5, 1), HOSTILE, 5), line(date(2026, 5, 2), "+1", None)),
        is_landscape=True,
    )


def document(*statements: Statement, currency: str = "USD", entity: str = HOSTILE, is_pack: bool = False) -> Document:
    """Return a document of these statements."""
    return Document(
        entity=entity,
        title=HOSTILE if is_pack else "Income Statement",
        period="For the year ended December 31, 2025",
        currency=currency,
        generated_at=NOW,
        statements=statements,
        is_pack=is_pack,
    )
