"""A document as an Excel workbook: one sheet per statement, figures as numbers."""

import io
import re
from datetime import date
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from openledger_server.base.errors import TooLargeError
from openledger_server.base.money import digits_of, major_units
from openledger_server.documents.figures import amount_text, instant_words
from openledger_server.documents.types import Cell, ColumnKind, Document, Row, RowKind, Statement

ROWS_MAX = 200_000
_EXACT_MAX = 10**15
"""Excel keeps 15 digits; larger figures are written as text rather than rounded."""
_SHEET_NAME_MAX = 31
_NOT_IN_A_SHEET_NAME = re.compile(r"[\[\]:*?/\\']")
_HEAD_ROWS = 4
_LEVELS_MAX = 7
_BRAND = "#0D6759"
_LABEL_WIDTH, _AMOUNT_WIDTH, _TEXT_WIDTH = 38, 16, 44
_BOLD = frozenset({RowKind.SECTION, RowKind.GROUP, RowKind.SUBTOTAL, RowKind.TOTAL, RowKind.RESULT})
_THIN, _DOUBLE = 1, 6


class WorkbookTooLargeError(TooLargeError):
    """The report has more rows than a workbook may have; ask for a shorter period, or for CSV."""

    code = "REPORT_TOO_LARGE"


def workbook(document: Document) -> bytes:
    """Return the document as XLSX.

    Every figure is a number in major units; text is written as text and never as a formula or a link.

    Raises:
        WorkbookTooLargeError: if it has more than 200,000 rows.
    """
    if sum(len(statement.rows) for statement in document.statements) > ROWS_MAX:
        raise WorkbookTooLargeError(
            f"This report has more than {ROWS_MAX} rows. Ask for a shorter period, or for format=csv."
        )
    content = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(content, options) as book:
        book.set_properties({"title": document.title, "author": document.entity, "created": document.generated_at})
        names: set[str] = set()
        for statement in document.statements:
            name = _sheet_name(statement.name, names)
            _Sheet(book, book.add_worksheet(name), document.currency).write(document, statement)
    return content.getvalue()


def _sheet_name(name: str, taken: set[str]) -> str:
    base = _NOT_IN_A_SHEET_NAME.sub(" ", name).strip()[:_SHEET_NAME_MAX] or "Report"
    unique, count = base, 1
    while unique.lower() in taken:
        count += 1
        unique = f"{base[: _SHEET_NAME_MAX - 4]} {count}"
    taken.add(unique.lower())
    return unique


class _Sheet:
    """One sheet being written."""

    def __init__(self, book: xlsxwriter.Workbook, sheet: Worksheet, currency: str) -> None:
        self._book = book
        self._sheet = sheet
        self._currency = currency
        self._formats: dict[tuple[Any, ...], Format] = {}
        digits = digits_of(currency)
        number = "#,##0" + ("." + "0" * digits if digits else "")
        self._number_formats = {
            ColumnKind.AMOUNT: f'{number}_);({number});"–"_)',
            ColumnKind.PERCENT: "0.0%_);(0.0%)",
            ColumnKind.COUNT: "#,##0",
            ColumnKind.DATE: "yyyy-mm-dd",
            ColumnKind.TEXT: "@",
        }

    def write(self, document: Document, statement: Statement) -> None:
        sheet = self._sheet
        sheet.hide_gridlines(2)
        sheet.outline_settings(symbols_below=True)
        sheet.write_string(0, 0, document.entity, self._plain(bold=True, font_color=_BRAND))
        sheet.write_string(1, 0, statement.title, self._plain(bold=True, font_size=16))
        sheet.write_string(2, 0, f"{statement.period} · {document.currency}", self._plain(font_color="#5A6673"))
        self._heads(statement)
        for index, row in enumerate(statement.rows, start=_HEAD_ROWS + 1):
            self._row(index, row, statement)
        self._notes(document, statement, _HEAD_ROWS + len(statement.rows) + 2)
        sheet.freeze_panes(_HEAD_ROWS + 1, 1)
        self._print(statement)

    def _heads(self, statement: Statement) -> None:
        look: dict[str, Any] = {"bold": True, "font_color": "#5A6673", "bottom": 2, "bottom_color": _BRAND}
        self._sheet.write_string(_HEAD_ROWS, 0, statement.label or "Account", self._plain(**look))
        self._sheet.set_column(0, 0, _LABEL_WIDTH)
        for index, column in enumerate(statement.columns, start=1):
            is_words = column.kind is ColumnKind.TEXT
            self._sheet.set_column(index, index, _TEXT_WIDTH if is_words and column.share else _AMOUNT_WIDTH)
            align = "left" if is_words or column.kind is ColumnKind.DATE else "right"
            self._sheet.write_string(_HEAD_ROWS, index, column.label, self._plain(**look, align=align))

    def _row(self, index: int, row: Row, statement: Statement) -> None:
        if row.depth:
            self._sheet.set_row(index, None, None, {"level": min(row.depth, _LEVELS_MAX)})
        if isinstance(row.label, str):
            label = row.label if row.code is None else f"{row.code} {row.label}"
            self._sheet.write_string(index, 0, label, self._format(row, ColumnKind.TEXT, indent=row.depth))
        else:
            self._sheet.write_datetime(index, 0, row.label, self._format(row, ColumnKind.DATE))
        for place, (cell, column) in enumerate(zip(row.cells, statement.columns, strict=True), start=1):
            self._cell(index, place, cell, column.kind, row)

    def _cell(self, index: int, place: int, cell: Cell, kind: ColumnKind, row: Row) -> None:
        look = self._format(row, kind)
        if cell is None:
            self._sheet.write_blank(index, place, None, look)
        elif isinstance(cell, str):
            self._sheet.write_string(index, place, cell, look)
        elif isinstance(cell, date):
            self._sheet.write_datetime(index, place, cell, look)
        elif kind is ColumnKind.AMOUNT and abs(cell) >= _EXACT_MAX:
            self._sheet.write_string(index, place, amount_text(cell, self._currency), look)
        elif kind is ColumnKind.AMOUNT:
            self._sheet.write_number(index, place, float(major_units(cell, self._currency)), look)
        else:
            self._sheet.write_number(index, place, cell / 1000 if kind is ColumnKind.PERCENT else cell, look)

    def _notes(self, document: Document, statement: Statement, index: int) -> None:
        made = f"Unaudited. Prepared from the books as of {instant_words(document.generated_at)}."
        notes = [*([statement.warning] if statement.warning else []), *statement.notes, made]
        for offset, note in enumerate(notes):
            self._sheet.write_string(index + offset, 0, note, self._plain(italic=True, font_color="#5A6673"))

    def _print(self, statement: Statement) -> None:
        sheet = self._sheet
        if statement.is_landscape:
            sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(_HEAD_ROWS)
        sheet.set_footer("&L&8Unaudited&R&8Page &P of &N")

    def _format(self, row: Row, kind: ColumnKind, *, indent: int = 0) -> Format:
        key = (row.kind, kind, indent)
        if key not in self._formats:
            look: dict[str, Any] = {"num_format": self._number_formats[kind], "bold": row.kind in _BOLD}
            if indent:
                look["indent"] = indent
            if row.kind is RowKind.SECTION:
                look["font_color"] = _BRAND
            if row.kind in {RowKind.SUBTOTAL, RowKind.TOTAL, RowKind.RESULT}:
                look["top"] = _THIN
            if row.kind is RowKind.RESULT:
                look |= {"bottom": _DOUBLE, "bg_color": "#EEF5F3"}
            self._formats[key] = self._plain(**look)
        return self._formats[key]

    def _plain(self, **look: Any) -> Format:
        return self._book.add_format({"font_name": "Calibri", "font_size": 11, **look})
