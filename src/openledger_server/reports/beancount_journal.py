"""The journal as a beancount file, so that anybody can check our reports with another program."""

import re
from collections.abc import Iterable, Iterator

from openledger_server.base.money import major_units
from openledger_server.ledger.types import JournalEntry, LedgerAccount, LedgerAccountId, LedgerAccountType

_ROOT = {
    LedgerAccountType.ASSET: "Assets",
    LedgerAccountType.LIABILITY: "Liabilities",
    LedgerAccountType.EQUITY: "Equity",
    LedgerAccountType.REVENUE: "Income",
    LedgerAccountType.EXPENSE: "Expenses",
}
_NOT_IN_A_NAME = re.compile(r"[^A-Za-z0-9]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u0085\u2028\u2029]")


def beancount_account(account: LedgerAccount) -> str:
    """Return a ledger account's name in beancount's grammar: root, subtype, code and name."""
    subtype = _NOT_IN_A_NAME.sub("-", account.subtype).strip("-").capitalize() or "Other"
    name = _NOT_IN_A_NAME.sub("-", account.name).strip("-")
    return f"{_ROOT[account.type]}:{subtype}:{account.code}-{name}".rstrip("-")


def beancount_lines(accounts: Iterable[LedgerAccount], entries: Iterable[JournalEntry]) -> Iterator[str]:
    """Yield the lines of a beancount file: all accounts opened, then the entries as they come (by date).

    Amounts are in major units with the currency's own digits; debit is positive, as in beancount.

    Source: beancount.github.io/docs/beancount_language_syntax.html.
    """
    names: dict[LedgerAccountId, str] = {}
    for account in accounts:
        names[account.id] = beancount_account(account)
        yield f"1900-01-01 open {names[account.id]}"
    for entry in entries:
        yield ""
        yield f'{entry.dated.isoformat()} * "{_quoted(entry.description)}"'
        yield f'  source: "{_quoted(entry.source_ref)}"'
        for line in entry.postings:
            amount = major_units(line.amount_minor, line.currency)
            yield f"  {names[line.ledger_account_id]}  {amount} {line.currency}"


def _quoted(text: str) -> str:
    return _CONTROL.sub(" ", text).replace("\\", "\\\\").replace('"', '\\"')
