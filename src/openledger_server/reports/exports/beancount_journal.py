"""The journal as a beancount file, so that anybody can check our reports with another program."""

from collections.abc import Iterable, Iterator

from openledger_server.base.money import major_units
from openledger_server.ledger.types import JournalEntry, LedgerAccount, LedgerAccountId
from openledger_server.reports.exports.names import one_line, plain_account

# The first and last years that beancount's grammar knows.
_FIRST_DAY = "1700-01-01"


def beancount_head(accounts: Iterable[LedgerAccount]) -> Iterator[str]:
    """Yield the lines that open all ledger accounts."""
    for account in accounts:
        yield f"{_FIRST_DAY} open {plain_account(account)}"


def beancount_entry(entry: JournalEntry, accounts: dict[LedgerAccountId, LedgerAccount]) -> Iterator[str]:
    """Yield the lines of one journal entry.

    Amounts are in major units with the currency's own digits; debit is positive, as in beancount.

    Source: beancount.github.io/docs/beancount_language_syntax.html.
    """
    yield ""
    yield f'{entry.dated.isoformat()} * "{_quoted(entry.description)}"'
    yield f'  source: "{_quoted(entry.source_ref)}"'
    for line in entry.postings:
        amount = major_units(line.amount_minor, line.currency)
        yield f"  {plain_account(accounts[line.ledger_account_id])}  {amount} {line.currency}"


def _quoted(text: str) -> str:
    return one_line(text).replace("\\", "\\\\").replace('"', '\\"')
