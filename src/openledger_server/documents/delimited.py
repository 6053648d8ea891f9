"""A statement as comma-separated text, for spreadsheets and programs."""

import csv
import io
from datetime import date

from openledger_server.base.money import major_units
from openledger_server.documents.types import Cell, ColumnKind, Statement

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
"""A cell that begins like this is run as a formula by spreadsheets."""


def csv_text(statement: Statement, *, currency: str) -> str:
    """Return one line per row after a line of headings, ended by CRLF.

    First come what the row is (`section`, `group`, `line`, `subtotal`, `total`, `result`), how deep it stands, the
    ledger account's number and the label; then the statement's own columns. Amounts are plain decimals in major units,
    negative ones with a minus. Text that a spreadsheet would take for a formula gets an apostrophe in front.

    Source: RFC 4180; OWASP, CSV injection.
    """
    text = io.StringIO()
    writer = csv.writer(text)
    label = statement.label or "Account"
    writer.writerow(["Row", "Level", "Code", label, *(column.label for column in statement.columns)])
    for row in statement.rows:
        code = "" if row.code is None else row.code
        cells = [_cell(cell, column.kind, currency) for cell, column in zip(row.cells, statement.columns, strict=True)]
        writer.writerow([row.kind.value, row.depth, code, _words(row.label), *cells])
    return text.getvalue()


def _cell(cell: Cell, kind: ColumnKind, currency: str) -> str:
    if cell is None:
        return ""
    if isinstance(cell, int):
        if kind is ColumnKind.AMOUNT:
            return format(major_units(cell, currency), "f")
        return f"{cell / 10:.1f}" if kind is ColumnKind.PERCENT else str(cell)
    return _words(cell)


def _words(text: str | date) -> str:
    return harmless(text) if isinstance(text, str) else text.isoformat()


def harmless(text: str) -> str:
    """Return text that no spreadsheet runs."""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text
