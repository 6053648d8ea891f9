"""The whole journal, or that of a period, in one of the formats."""

from collections.abc import AsyncIterator
from datetime import date
from enum import StrEnum

from openledger_server.base.db import ReadConnection
from openledger_server.base.errors import InvalidError
from openledger_server.ledger import store as ledger
from openledger_server.reports.exports.beancount_journal import beancount_entry, beancount_head
from openledger_server.reports.exports.csv_journal import csv_entry, csv_head
from openledger_server.reports.exports.hledger_journal import hledger_entry, hledger_head
from openledger_server.reports.store import currencies_in_use


class JournalFormatError(InvalidError):
    """There is no such format."""

    code = "UNKNOWN_JOURNAL_FORMAT"


class JournalFormat(StrEnum):
    """The file formats of the journal."""

    HLEDGER = "hledger"
    BEANCOUNT = "beancount"
    CSV = "csv"

    @property
    def suffix(self) -> str:
        """Return how a file's name ends."""
        return {JournalFormat.HLEDGER: "journal", JournalFormat.BEANCOUNT: "beancount"}.get(self, "csv")

    @property
    def media_type(self) -> str:
        """Return the type of the content."""
        return "text/csv; charset=utf-8" if self is JournalFormat.CSV else "text/plain; charset=utf-8"


_ENTRY = {
    JournalFormat.HLEDGER: hledger_entry,
    JournalFormat.BEANCOUNT: beancount_entry,
    JournalFormat.CSV: csv_entry,
}


def journal_format(text: str) -> JournalFormat:
    """Return the format of that name.

    Raises:
        JournalFormatError: if there is none.
    """
    try:
        return JournalFormat(text.strip().lower())
    except ValueError as exc:
        raise JournalFormatError("format is hledger, beancount or csv.") from exc


async def journal_lines(
    conn: ReadConnection,
    format_: JournalFormat,
    *,
    entity_id: int,
    since: date | None = None,
    until: date | None = None,
) -> AsyncIterator[str]:
    """Yield the lines of the journal, entries by date and in the order in which they were made, in all currencies.

    Only entries dated from `since` on and before `until`. Rows are streamed; memory stays small.
    """
    chart = await ledger.ledger_accounts(conn, entity_id=entity_id)
    accounts = {account.id: account for account in chart}
    if format_ is JournalFormat.CSV:
        head = csv_head()
    elif format_ is JournalFormat.BEANCOUNT:
        head = beancount_head(chart)
    else:
        head = hledger_head(chart, await currencies_in_use(conn, entity_id=entity_id))
    for line in head:
        yield line
    write = _ENTRY[format_]
    async for entry in ledger.entries(conn, entity_id=entity_id):
        if (since is None or entry.dated >= since) and (until is None or entry.dated < until):
            for line in write(entry, accounts):
                yield line
