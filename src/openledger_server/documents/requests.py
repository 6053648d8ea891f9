"""Which report is asked for, with everything that decides what is in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from openledger_server.base.errors import InvalidError
from openledger_server.reports.periods import Comparison, compared_periods
from openledger_server.reports.types import Basis, Period, Valuation, View


class ReportName(StrEnum):
    """The reports that can be had as files."""

    INCOME_STATEMENT = "income-statement"
    BALANCE_SHEET = "balance-sheet"
    CASH_FLOW = "cash-flow"
    TRIAL_BALANCE = "trial-balance"
    GENERAL_LEDGER = "general-ledger"
    ACCOUNT_TRANSACTIONS = "account-transactions"
    SPENDING = "spending"
    SPENDING_BY_COUNTERPARTY = "spending-by-counterparty"
    PACK = "financial-statements"


class FileFormat(StrEnum):
    """The kinds of file."""

    PDF = "pdf"
    XLSX = "xlsx"
    CSV = "csv"


class UnknownReportError(InvalidError):
    """There is no such report or format; the message lists them."""

    code = "UNKNOWN_REPORT_TYPE"


class LedgerAccountRequiredError(InvalidError):
    """The postings of one ledger account are asked for, but not of which; or another report is asked for with one."""

    code = "LEDGER_ACCOUNT_REQUIRED"

    def __init__(self) -> None:
        super().__init__(
            "account-transactions, and no other report, is about one ledger account: send ledgerAccountId."
        )


class NoCashBasisError(InvalidError):
    """There is no such report on cash basis."""

    code = "UNKNOWN_BASIS"

    def __init__(self) -> None:
        super().__init__("Only the income statement and the balance sheet have a cash basis.")


_WITH_CASH_BASIS = frozenset({ReportName.INCOME_STATEMENT, ReportName.BALANCE_SHEET})


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportRequest:
    """One report of one entity over a period, as it is to be seen.

    Raises:
        LedgerAccountRequiredError: if a ledger account is missing where there must be one, or given where not.
        NoCashBasisError: if a report that shows the ledger as booked is asked for on cash basis.
        TooManyColumnsError: if the comparison has more columns than a report can show.
    """

    report: ReportName
    period: Period
    view: View
    comparison: Comparison | None = None
    ledger_account_id: int | None = None

    def __post_init__(self) -> None:
        if (self.ledger_account_id is None) is (self.report is ReportName.ACCOUNT_TRANSACTIONS):
            raise LedgerAccountRequiredError
        if self.view.basis is Basis.CASH and self.report not in _WITH_CASH_BASIS:
            raise NoCashBasisError
        compared_periods(self.period, self.comparison)

    def parameters(self) -> dict[str, str]:
        """Return the request as plain text fields, from which `request_of` makes it again."""
        given = {
            "report": self.report.value,
            "since": self.period.since.isoformat(),
            "until": self.period.until.isoformat(),
            "currency": self.view.currency,
            "basis": self.view.basis.value,
            "fiscal_year_month": str(self.view.fiscal_year_month),
        }
        if self.view.is_translated:
            given["translated"] = "yes"
        if self.view.valuation is not Valuation.COST:
            given["valuation"] = self.view.valuation.value
        if self.view.with_zero_rows:
            given["zero_rows"] = "yes"
        if self.comparison is not None:
            given["comparison"] = self.comparison.value
        if self.ledger_account_id is not None:
            given["ledger_account_id"] = str(self.ledger_account_id)
        return given


def request_of(parameters: Mapping[str, str]) -> ReportRequest:
    """Return the request that `parameters()` described.

    Raises:
        KeyError, ValueError: if it did not.
    """
    comparison, account = parameters.get("comparison"), parameters.get("ledger_account_id")
    return ReportRequest(
        report=ReportName(parameters["report"]),
        period=Period(since=date.fromisoformat(parameters["since"]), until=date.fromisoformat(parameters["until"])),
        view=View(
            currency=parameters["currency"],
            is_translated="translated" in parameters,
            basis=Basis(parameters["basis"]),
            fiscal_year_month=int(parameters["fiscal_year_month"]),
            with_zero_rows="zero_rows" in parameters,
            valuation=Valuation(parameters.get("valuation", Valuation.COST)),
        ),
        comparison=None if comparison is None else Comparison(comparison),
        ledger_account_id=None if account is None else int(account),
    )


def report_named(name: str) -> ReportName:
    """Return the report called `name`, in any case, with hyphens or underscores.

    Raises:
        UnknownReportError: if there is none.
    """
    try:
        return ReportName(name.strip().lower().replace("_", "-"))
    except ValueError:
        raise UnknownReportError(f"report is one of {', '.join(ReportName)}.") from None


def format_named(name: str) -> FileFormat:
    """Return the file format called `name`, in any case.

    Raises:
        UnknownReportError: if there is none.
    """
    try:
        return FileFormat(name.strip().lower())
    except ValueError:
        raise UnknownReportError(f"format is one of {', '.join(FileFormat)}.") from None
