"""A document as the JSON that the typesetter's template reads: every figure and day already in words."""

from datetime import date
from typing import Any

import orjson

from openledger_server.base.errors import TooLargeError
from openledger_server.documents.figures import amount_text, instant_words, percent_text, short_day
from openledger_server.documents.types import Cell, Column, ColumnKind, Document, Row, RowKind, Statement

ROWS_MAX = 20_000
"""Some 400 pages; more is for programs, as CSV or a workbook."""
_US_PAPER = frozenset({"USD", "CAD", "MXN"})
_RIGHT = frozenset({ColumnKind.AMOUNT, ColumnKind.PERCENT, ColumnKind.COUNT})
_WITH_SYMBOL = frozenset({RowKind.TOTAL, RowKind.RESULT})
_COLUMNS_NORMAL_SIZE_MAX = 4


class TooManyRowsError(TooLargeError):
    """The report has more rows than a PDF may have; ask for a shorter period, or for CSV or XLSX."""

    code = "REPORT_TOO_LARGE"


def typesetter_input(document: Document) -> bytes:
    """Return the JSON for `template/statements.typ`.

    Raises:
        TooManyRowsError: if the document has more than 20,000 rows.
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
    is_small = is_listing or len(statement.columns) > _COLUMNS_NORMAL_SIZE_MAX
    return {
        "index": index,
        "title": statement.title,
        "period": statement.period,
        "label": statement.label,
        "label-wide": not any(column.is_wide for column in statement.columns),
        "ruled": is_listing,
        "size": 8.5 if is_small else 10,
        "landscape": statement.is_landscape,
        "warning": statement.warning,
        "notes": list(statement.notes),
        "charts": [{"svg": chart.svg, "description": chart.description} for chart in statement.charts],
        "columns": [
            {
                "label": column.label,
                "align": "right" if column.kind in _RIGHT else "left",
                "wide": column.is_wide,
            }
            for column in statement.columns
        ],
        "rows": [_row(row, columns=statement.columns, currency=currency) for row in statement.rows],
    }


def _row(row: Row, *, columns: tuple[Column, ...], currency: str) -> dict[str, Any]:
    with_symbol = row.kind in _WITH_SYMBOL
    return {
        "kind": row.kind.value,
        "depth": row.depth,
        "label": row.label if isinstance(row.label, str) else short_day(row.label),
        "code": None if row.code is None else str(row.code),
        "cells": [
            cell_text(cell, column.kind, currency=currency, with_symbol=with_symbol)
            for cell, column in zip(row.cells, columns, strict=True)
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
