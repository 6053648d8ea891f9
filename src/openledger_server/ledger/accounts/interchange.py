"""A chart of accounts as CSV: number, name, type, subtype, parent, description, archived."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

from openledger_server.ledger.accounts.types import ChartFileError
from openledger_server.ledger.types import LedgerAccount, LedgerAccountType

COLUMNS = ("number", "name", "type", "subtype", "parent", "description", "archived")
_NEEDED = frozenset({"number", "name", "type"})
ROWS_MAX = 2000
_CODE_MAX = 999_999
_NAME_LENGTH_MAX = 255
_TEXT_LENGTH_MAX = 1000
_YES = frozenset({"yes", "true", "1", "x"})
# What spreadsheets take for a formula when a cell begins with it.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartRow:
    """One account as a file says it should be."""

    line: int
    """Where it stands in the file; the header is line 1."""
    code: int
    name: str
    type: LedgerAccountType
    subtype: str
    """"" leaves it."""
    parent_code: int | None
    description: str
    is_archived: bool


def exported(chart: Sequence[LedgerAccount]) -> str:
    """Return a chart as CSV with a header, ordered as given; cells that look like formulas are made plain text."""
    by_id = {account.id: account for account in chart}
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for account in chart:
        parent = None if account.parent_id is None else by_id.get(account.parent_id)
        writer.writerow(
            (
                account.code,
                _plain(account.name),
                account.type.value,
                _plain(account.subtype),
                "" if parent is None else parent.code,
                _plain(account.description),
                "yes" if account.archived_at is not None else "",
            )
        )
    return file.getvalue()


def imported(text: str) -> list[ChartRow]:
    """Return what a file says, in its order.

    Raises:
        ChartFileError: if a row cannot be read, a number comes twice, or there are none or more than 2,000 rows.
    """
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
    try:
        header = [(name or "").strip().lower() for name in reader.fieldnames or ()]
        if not _NEEDED.issubset(header):
            raise ChartFileError("The first line must name the columns number, name and type.")
        reader.fieldnames = header
        rows = [_row(number, cells) for number, cells in enumerate(reader, start=2) if any(cells.values())]
    except csv.Error as exc:
        raise ChartFileError("The file is not CSV.") from exc
    if not 1 <= len(rows) <= ROWS_MAX:
        raise ChartFileError(f"The file must have 1 to {ROWS_MAX} accounts.")
    seen: set[int] = set()
    for row in rows:
        if row.code in seen:
            raise ChartFileError(f"Line {row.line}: number {row.code} comes twice.")
        seen.add(row.code)
    return rows


def _row(line: int, cells: dict[str, str | None]) -> ChartRow:
    name, subtype = _text(line, cells, "name", _NAME_LENGTH_MAX), _text(line, cells, "subtype", _NAME_LENGTH_MAX)
    if not name:
        raise ChartFileError(f"Line {line}: the name is missing.")
    type_ = _text(line, cells, "type", _NAME_LENGTH_MAX).upper()
    if type_ not in LedgerAccountType.__members__:
        raise ChartFileError(f"Line {line}: type must be one of {', '.join(LedgerAccountType)}.")
    parent = _text(line, cells, "parent", _NAME_LENGTH_MAX)
    return ChartRow(
        line=line,
        code=_code(line, _text(line, cells, "number", _NAME_LENGTH_MAX)),
        name=name,
        type=LedgerAccountType(type_),
        subtype=subtype,
        parent_code=_code(line, parent) if parent else None,
        description=_text(line, cells, "description", _TEXT_LENGTH_MAX),
        is_archived=_text(line, cells, "archived", _NAME_LENGTH_MAX).lower() in _YES,
    )


def _code(line: int, text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(_CODE_MAX)) and 1 <= int(text) <= _CODE_MAX):
        raise ChartFileError(f"Line {line}: numbers are whole and between 1 and {_CODE_MAX}.")
    return int(text)


def _text(line: int, cells: dict[str, str | None], column: str, length_max: int) -> str:
    text = (cells.get(column) or "").strip()
    if text.startswith("'") and text[1:].startswith(_FORMULA_STARTS):
        text = text[1:]
    if len(text) > length_max or not text.isprintable():
        raise ChartFileError(f"Line {line}: {column} is too long or holds control characters.")
    return text


def _plain(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text
