"""The journal as an hledger file (ledger reads it too), so that anybody can check our reports with another program."""

from collections.abc import Iterable, Iterator

from openledger_server.base.money import digits_of, major_units
from openledger_server.ledger.types import JournalEntry, LedgerAccount, LedgerAccountId
from openledger_server.reports.exports.names import one_line, plain_account

# Inside a description these would begin a comment, or end the code in brackets.
_TAKEN = str.maketrans({";": ",", "(": "[", ")": "]"})


def hledger_head(accounts: Iterable[LedgerAccount], currencies: Iterable[str]) -> Iterator[str]:
    """Yield the lines that declare currencies, with the digits they have, and ledger accounts."""
    for currency in currencies:
        digits = digits_of(currency)
        yield f"commodity {'1000.' + '0' * digits} {currency}"
    for account in accounts:
        yield f"account {plain_account(account)}"


def hledger_entry(entry: JournalEntry, accounts: dict[LedgerAccountId, LedgerAccount]) -> Iterator[str]:
    """Yield the lines of one journal entry, `source_ref` as its code.

    Amounts are in major units with the currency's own digits; debit is positive, as in hledger. In descriptions a
    semicolon becomes a comma, since hledger would begin a comment there.

    Source: hledger.org/hledger.html, section "Journal".
    """
    yield ""
    description = one_line(entry.description).replace(";", ",")
    yield f"{entry.dated.isoformat()} * ({one_line(entry.source_ref).translate(_TAKEN)}) {description}".rstrip()
    for line in entry.postings:
        amount = major_units(line.amount_minor, line.currency)
        yield f"    {plain_account(accounts[line.ledger_account_id])}  {amount} {line.currency}"
