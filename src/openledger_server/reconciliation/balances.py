"""Reported balances against ledger balances, one bank account at a time."""

from collections.abc import Iterable
from datetime import date

from openledger_server.banking import store as banking
from openledger_server.banking.balances import expected_ledger_balance
from openledger_server.banking.rows import BankAccountRow
from openledger_server.banking.types import LIABILITY_TYPES
from openledger_server.base.db import ReadConnection
from openledger_server.ledger import store as ledger
from openledger_server.ledger.types import AccountTotal
from openledger_server.reconciliation.types import BalanceCheck

_FAR_FUTURE = date(9999, 1, 1)


async def balance_checks(conn: ReadConnection, *, entity_id: int) -> list[BalanceCheck]:
    """Return the comparison for each of the entity's bank accounts, in the order in which they were linked."""
    bank_accounts = await banking.bank_accounts(conn, entity_id=entity_id)
    totals = await ledger.account_totals(conn, entity_id=entity_id, since=None, until=_FAR_FUTURE)
    return compare(bank_accounts, totals)


def compare(bank_accounts: Iterable[BankAccountRow], totals: Iterable[AccountTotal]) -> list[BalanceCheck]:
    """Return the comparison that follows from bank accounts and the totals of everything posted; pure arithmetic."""
    booked = {(int(total.ledger_account_id), total.currency): total.net_minor for total in totals}
    return [_check(row, booked.get((row.ledger_account_id, row.currency), 0)) for row in bank_accounts]


def _check(bank_account: BankAccountRow, net_minor: int) -> BalanceCheck:
    # The books count money owed as a credit, so negative; the bank counts it positive.
    expected = expected_ledger_balance(bank_account)
    sign = -1 if bank_account.type in LIABILITY_TYPES else 1
    return BalanceCheck(
        bank_account=bank_account,
        reported_minor=None if expected is None else sign * expected,
        ledger_minor=sign * net_minor,
    )
