"""Other people's accounting programs, run on our exported journals."""

import csv
import io
import shutil
import subprocess
from datetime import date
from decimal import Decimal
from pathlib import Path

import beancount.loader
from beancount.core import realization
from beancount.core.data import filter_txns
from beancount.ops import summarize

_ROOTS = ("Assets:", "Liabilities:", "Equity:", "Income:", "Expenses:")
Balances = dict[str, dict[str, Decimal]]
"""Account name -> currency -> amount in major units, debit positive; zeros left out."""


def hledger_balances(journal: Path, command: str, *, since: date | None, until: date) -> Balances:
    """Return what `hledger balancesheet`, `balancesheetequity` or `incomestatement` says of [since, until).

    hledger shows liabilities, equity and income positive; here they are debit positive again.
    """
    begin = [] if since is None else ["-b", since.isoformat()]
    options = ["--layout=bare", "--flat", "--no-elide", "--output-format=csv", *begin, "-e", until.isoformat()]
    text = _run("hledger", "--file", str(journal), command, *options)
    balances: Balances = {}
    for row in csv.reader(io.StringIO(text)):
        if len(row) < 3 or not row[0].startswith(_ROOTS):
            continue
        sign = 1 if row[0].startswith(("Assets", "Expenses")) else -1
        _put(balances, row[0], row[1], sign * Decimal(row[2]))
    return balances


def hledger_check(journal: Path) -> None:
    """Let hledger check the file strictly: all accounts and currencies declared, all entries balanced."""
    _run("hledger", "--file", str(journal), "check", "--strict")


def hledger_descriptions(journal: Path) -> list[str]:
    """Return the descriptions of the entries as hledger read them, by date."""
    text = _run("hledger", "--file", str(journal), "print", "--output-format=csv")
    rows = list(csv.DictReader(io.StringIO(text)))
    return [row["description"] for i, row in enumerate(rows) if i == 0 or row["txnidx"] != rows[i - 1]["txnidx"]]


def beancount_balances(journal: Path, *, since: date | None, until: date) -> Balances:
    """Return the balances that beancount's own loader and realization come to over [since, until)."""
    loaded, errors, options = beancount.loader.load_file(str(journal))
    assert errors == [], errors[:3]
    entries = summarize.truncate(loaded, until)
    if since is not None:
        entries = [entry for entry in entries if entry.date >= since]
    balances: Balances = {}
    root = realization.realize(list(filter_txns(entries)))  # type: ignore[no-untyped-call]  # beancount has no types
    for account in realization.iter_children(root):  # type: ignore[no-untyped-call]  # beancount has no types
        for position in account.balance:
            _put(balances, account.account, position.units.currency, position.units.number)
    assert options["title"] is not None
    return balances


def _put(balances: Balances, account: str, currency: str, amount: Decimal) -> None:
    if amount:
        balances.setdefault(account, {})[currency] = amount


def _run(program: str, *arguments: str) -> str:
    path = shutil.which(program)
    assert path is not None, f"{program} is missing: python3 scripts/bootstrap.py {program}"
    answer = subprocess.run([path, *arguments], capture_output=True, text=True, timeout=120, check=False)
    assert answer.returncode == 0, answer.stderr
    return answer.stdout
