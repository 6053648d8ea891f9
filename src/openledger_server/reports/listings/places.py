"""Cursors of lists of postings."""

from datetime import date

from openledger_server.base.paging import CursorError, decode_cursor, encode_cursor
from openledger_server.reports.listings.store import START, Place

_KIND = "p"
_PARTS = 5
_INT4_MAX, _INT2_MAX, _ID_MAX = 2**31 - 1, 2**15 - 1, 2**63 - 1


def cursor_of(place: Place) -> str:
    """Return a cursor that stands for a place."""
    return encode_cursor(_KIND, str(place.code), place.dated.isoformat(), str(place.journal_entry_id), str(place.line))


def place_of(cursor: str | None) -> Place:
    """Return the place that `cursor_of` wrote; without a cursor the very beginning.

    Raises:
        CursorError: if it is not one of ours.
    """
    if cursor is None:
        return START
    kind, code, dated, entry, line = decode_cursor(cursor, parts=_PARTS)
    try:
        place = Place(code=int(code), dated=date.fromisoformat(dated), journal_entry_id=int(entry), line=int(line))
    except ValueError as exc:
        raise CursorError("The cursor is not one that this server gave out.") from exc
    is_storable = 0 <= place.code <= _INT4_MAX and 0 < place.journal_entry_id <= _ID_MAX and 0 < place.line <= _INT2_MAX
    if kind != _KIND or not is_storable or cursor_of(place) != cursor:
        raise CursorError("The cursor is not one that this server gave out.")
    return place
