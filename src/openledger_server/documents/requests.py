"""Which report is asked for, with everything that decides what is in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from openledger_server.base.errors import InvalidError
from openledger_server.reports.types import Period


class ReportName(StrEnum):
    """The reports that can be had as files."""

    INCOME_STATEMENT = "income-statement"
    BALANCE_SHEET = "balance-sheet"
    PACK = "financial-statements"


class FileFormat(StrEnum):
    """The kinds of file."""

    PDF = "pdf"
    XLSX = "xlsx"
    CSV = "csv"


class UnknownReportError(InvalidError):
    """There is no such report, or format; the message lists them."""

    code = "UNKNOWN_REPORT_TYPE"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportRequest:
    """One report of one entity over a period, in one currency."""

    report: ReportName
    period: Period
    currency: str

    def parameters(self) -> dict[str, str]:
        """Return the request as plain text fields, from which `request_of` makes it again."""
        return {
            "report": self.report.value,
            "since": self.period.since.isoformat(),
            "until": self.period.until.isoformat(),
            "currency": self.currency,
        }


def request_of(parameters: Mapping[str, str]) -> ReportRequest:
    """Return the request that `parameters()` described.

    Raises:
        KeyError, ValueError: if it did not.
    """
    return ReportRequest(
        report=ReportName(parameters["report"]),
        period=Period(since=date.fromisoformat(parameters["since"]), until=date.fromisoformat(parameters["until"])),
        currency=parameters["currency"],
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
