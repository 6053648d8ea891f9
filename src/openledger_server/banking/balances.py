"""What a bank reports, as a balance of the books."""

from decimal import ROUND_HALF_EVEN, Decimal

from openledger_server.banking.rows import BankAccountRow
from openledger_server.banking.types import LIABILITY_TYPES
from openledger_server.base.money import digits_of, is_currency


def expected_ledger_balance(bank_account: BankAccountRow) -> int | None:
    """Return the debit-positive ledger balance that equals what the bank reports, in minor units, or None if unknown.

    Money held is a debit on an asset; money owed, which banks report as positive, is a credit on a liability. A balance
    with digits below the smallest unit (some investment accounts) is rounded half to even, here and only here.
    """
    reported = bank_account.reported_current
    if reported is None:
        reported = bank_account.reported_available
    if reported is None or not is_currency(bank_account.currency):
        return None
    minor = int(reported.scaleb(digits_of(bank_account.currency)).quantize(Decimal(1), rounding=ROUND_HALF_EVEN))
    return -minor if bank_account.type in LIABILITY_TYPES else minor
