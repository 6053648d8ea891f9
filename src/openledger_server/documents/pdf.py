"""A document as the JSON that the typesetter's template reads: every figure and day already in words."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import orjson

from openledger_server.base.errors import TooLargeError
from openledger_server.documents.figures import amount_text, instant_words, percent_text, short_day
from openledger_server.documents.types import Cell, ColumnKind, Document, Row, RowKind, Statement

ROWS_MAX = 6000
"""Some 120 pages, which take about three seconds of one core and a gigabyte of memory; more is for programs, as CSV or
a workbook."""
_US_PAPER = frozenset({"USD", "CAD", "MXN"})
_RIGHT = frozenset({ColumnKind.AMOUNT, ColumnKind.PERCENT, ColumnKind.COUNT})
_WITH_SYMBOL = frozenset({RowKind.TOTAL, RowKind.RESULT})
_NORMAL, _SMALL, _SMALLEST = 10.0, 8.5, 6.8
_NORMAL_COLUMNS_MAX, _SMALL_COLUMNS_MAX = 4, 8
_PAGE_COLUMNS_MAX = 14
"""More columns of figures than these get a page as wide as they need."""
_LABEL_WIDTH_PT, _COLUMN_WIDTH_PT, _MARGINS_PT = 200, 45, 70
_CHARACTER_WIDTH_PT = 3.6
"""Of a bold figure in the smallest size, with a little to spare."""


class TooManyRowsError(TooLargeError):
    """The report has more rows than a PDF may have; ask for a shorter period, or for CSV or XLSX."""

    code = "REPORT_TOO_LARGE"


def typesetter_input(document: Document) -> bytes:
    """Return the JSON for `template/statements.typ`.

    Raises:
        TooManyRowsError: if the document has more than 6,000 rows.
    """
    if sum(len(statement.rows) for statement in document.statements) > ROWS_MAX:
        raise TooManyRowsError(
            f"This report has more than {ROWS_MAX} rows. Ask for a shorter period, or for format=csv or xlsx."
        )
    return orjson.dumps(
        {
            "entity": document.entity,
            "title": document.title,
            "period": document.period,
            "currency": f"Amounts in {document.currency}",
            "generated": instant_words(document.generated_at),
            "paper": "us-letter" if document.currency in _US_PAPER else "a4",
            "cover": document.is_pack,
            "statements": [
                _statement(statement, index=index, currency=document.currency)
                for index, statement in enumerate(document.statements)
            ],
        }
    )


def _statement(statement: Statement, *, index: int, currency: str) -> dict[str, Any]:
    is_listing = any(column.kind in {ColumnKind.DATE, ColumnKind.TEXT} for column in statement.columns)
    count = len(statement.columns)
    rows = [_row(row, statement, currency=currency) for row in statement.rows]
    return {
        "index": index,
        "title": statement.title,
        "period": statement.period,
        "label": statement.label,
        "label-wide": not any(column.share for column in statement.columns),
        "ruled": is_listing,
        "size": _size(statement, is_listing=is_listing),
        "width": None if count <= _PAGE_COLUMNS_MAX else _page_width(rows, count),
        "dense": count > _SMALL_COLUMNS_MAX,
        "landscape": statement.is_landscape,
        "warning": statement.warning,
        "notes": list(statement.notes),
        "charts": [
            {"title": chart.title, "svg": chart.svg, "description": chart.description} for chart in statement.charts
        ],
        "charts-first": statement.charts_first,
        "columns": [
            {
                "label": column.label,
                "align": "right" if column.kind in _RIGHT else "left",
                "share": column.share,
            }
            for column in statement.columns
        ],
        "rows": rows,
    }


def _page_width(rows: Sequence[dict[str, Any]], columns: int) -> float:
    longest = max((len(text) for row in rows for text in row["cells"]), default=0)
    return _MARGINS_PT + _LABEL_WIDTH_PT + columns * max(_COLUMN_WIDTH_PT, longest * _CHARACTER_WIDTH_PT + 7)


def _size(statement: Statement, *, is_listing: bool) -> float:
    count = len(statement.columns)
    if count > _SMALL_COLUMNS_MAX:
        return _SMALLEST
    return _SMALL if is_listing or count > _NORMAL_COLUMNS_MAX else _NORMAL


def _row(row: Row, statement: Statement, *, currency: str) -> dict[str, Any]:
    # In many columns there is no room for symbols.
    with_symbol = row.kind in _WITH_SYMBOL and len(statement.columns) <= _SMALL_COLUMNS_MAX
    return {
        "kind": row.kind.value,
        "depth": row.depth,
        "label": row.label if isinstance(row.label, str) else short_day(row.label),
        "code": None if row.code is None else str(row.code),
        "cells": [
            cell_text(cell, column.kind, currency=currency, with_symbol=with_symbol)
            for cell, column in zip(row.cells, statement.columns, strict=True)
        ],
    }


def cell_text(cell: Cell, kind: ColumnKind, *, currency: str, with_symbol: bool = False) -> str:
    """Return what a reader sees of a cell."""
    if cell is None:
        return ""
    if isinstance(cell, int):
        if kind is ColumnKind.PERCENT:
            return percent_text(cell)
        return f"{cell:,}" if kind is ColumnKind.COUNT else amount_text(cell, currency, with_symbol=with_symbol)
    return short_day(cell) if isinstance(cell, date) else cell
