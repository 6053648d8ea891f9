"""The journal as comma-separated values, one posting a line, for spreadsheets."""

import csv
import io
from collections.abc import Iterator

from openledger_server.base.money import major_units
from openledger_server.ledger.types import JournalEntry, LedgerAccount, LedgerAccountId
from openledger_server.reports.exports.names import one_line

_COLUMNS = (
    *("entry_id", "date", "description", "source_ref", "reverses_entry_id", "line"),
    *("account_code", "account_name", "account_type", "account_subtype", "debit", "credit", "amount", "currency"),
)
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def csv_head() -> Iterator[str]:
    """Yield the line that names the columns."""
    yield ",".join(_COLUMNS)


def csv_entry(entry: JournalEntry, accounts: dict[LedgerAccountId, LedgerAccount]) -> Iterator[str]:
    """Yield a line for each posting. `amount` is positive for debits; debit and credit hold it without sign.

    Text that a spreadsheet would take for a formula gets an apostrophe in front.
    """
    for number, line in enumerate(entry.postings, start=1):
        account = accounts[line.ledger_account_id]
        amount = major_units(line.amount_minor, line.currency)
        yield _row(
            str(entry.id),
            entry.dated.isoformat(),
            _text(entry.description),
            _text(entry.source_ref),
            "" if entry.reverses_id is None else str(entry.reverses_id),
            str(number),
            str(account.code),
            _text(account.name),
            account.type.value,
            _text(account.subtype),
            f"{amount:f}" if amount > 0 else "",
            f"{-amount:f}" if amount < 0 else "",
            f"{amount:f}",
            line.currency,
        )


def _text(text: str) -> str:
    line = one_line(text)
    return f"'{line}" if line.startswith(_FORMULA_STARTS) else line


def _row(*cells: str) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="").writerow(cells)
    return buffer.getvalue()
