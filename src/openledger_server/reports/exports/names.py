"""How ledger accounts and free text are written in other programs' grammars."""

import re
import unicodedata

from openledger_server.ledger.types import LedgerAccount, LedgerAccountType

ROOTS = {
    LedgerAccountType.ASSET: "Assets",
    LedgerAccountType.LIABILITY: "Liabilities",
    LedgerAccountType.EQUITY: "Equity",
    LedgerAccountType.REVENUE: "Income",
    LedgerAccountType.EXPENSE: "Expenses",
}
_NOT_ASCII_NAME = re.compile(r"[^A-Za-z0-9]+")
# What ends a line or has no width of its own must not get into a file of lines.
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp", "Co", "Cn"})


def one_line(text: str) -> str:
    """Return text with every control, format and line-breaking character as a space, and runs of spaces as one."""
    visible = (" " if unicodedata.category(char) in _INVISIBLE else char for char in text)
    return " ".join("".join(visible).split())


def plain_account(account: LedgerAccount) -> str:
    """Return a ledger account's name of ASCII letters, digits and dashes: root, subtype, code and name.

    The code makes it unique and keeps it stable in its place when the account is renamed.
    """
    subtype = _NOT_ASCII_NAME.sub("-", account.subtype).strip("-").capitalize() or "Other"
    name = _NOT_ASCII_NAME.sub("-", account.name).strip("-")
    return f"{ROOTS[account.type]}:{subtype}:{account.code}-{name}".rstrip("-")
