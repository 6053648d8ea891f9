"""What a comparison of bank and books says."""

from dataclasses import dataclass

from openledger_server.banking.rows import BankAccountRow


@dataclass(frozen=True, slots=True, kw_only=True)
class BalanceCheck:
    """One bank account: what the bank reports and what the books hold.

    All amounts are minor units of the account's currency from the bank's viewpoint: money held is positive, and on
    credit and loan accounts money owed is positive.
    """

    bank_account: BankAccountRow
    reported_minor: int | None
    """None when the bank reported nothing that can be compared."""
    ledger_minor: int

    @property
    def difference_minor(self) -> int | None:
        """Return the bank's figure less the books', or None if the bank's is not known."""
        return None if self.reported_minor is None else self.reported_minor - self.ledger_minor

    @property
    def is_equal(self) -> bool:
        """Return whether both are known and the same."""
        return self.difference_minor == 0
