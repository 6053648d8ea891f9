"""What reports are made of: a tree of accounts with amounts, in the sense a reader expects."""

from dataclasses import dataclass
from datetime import date, datetime

from openledger_server.ledger.types import LedgerAccountType


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A half-open range of days: `since` is in it, `until` is not."""

    since: date
    until: date

    def __post_init__(self) -> None:
        assert self.since < self.until, "a period has at least one day"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportLine:
    """One account or group of a report.

    `amount_minor` is in the smallest unit of the report's currency and positive in the section's own sense: revenue
    earned, expense spent, asset held, liability owed, equity owned. A group's amount includes its children.
    """

    id: str
    """A ledger account's id, or "TYPE-SUBTYPE" for a group."""
    name: str
    type: LedgerAccountType
    subtype: str
    code: int | None
    amount_minor: int
    children: tuple["ReportLine", ...] = ()

    @property
    def is_group(self) -> bool:
        """Whether this line only sums others."""
        return self.code is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """How far a report can be trusted: what nobody has looked at yet, and what is not in it."""

    unreviewed_count: int
    """Booked rows whose category no person and no sure judgement stands behind."""
    unreviewed_minor: int
    """The sum of their amounts, each counted positive."""
    pending_count: int
    """Rows the bank has not settled; they are in no report."""
    other_currencies: tuple[str, ...]
    """Currencies with postings that this report, being in one currency, leaves out."""
    as_of: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomeStatement:
    """Revenue and expenses of one period. Minor units of `currency`, all positive in their own sense."""

    period: Period
    currency: str
    revenue: tuple[ReportLine, ...]
    expenses: tuple[ReportLine, ...]
    total_revenue_minor: int
    total_expenses_minor: int
    cost_of_sales_minor: int
    """The part of the expenses that is cost of goods sold."""
    other_income_minor: int
    """The part of the revenue that does not come from the business itself."""

    @property
    def gross_profit_minor(self) -> int:
        """Return operating revenue less cost of sales."""
        return self.total_revenue_minor - self.other_income_minor - self.cost_of_sales_minor

    @property
    def operating_income_minor(self) -> int:
        """Return gross profit less operating expenses."""
        return self.gross_profit_minor - (self.total_expenses_minor - self.cost_of_sales_minor)

    @property
    def net_income_minor(self) -> int:
        """Return revenue less expenses."""
        return self.total_revenue_minor - self.total_expenses_minor


@dataclass(frozen=True, slots=True, kw_only=True)
class BalanceSheet:
    """What is held, owed and owned at the end of a day. Minor units of `currency`.

    Assets equal liabilities plus equity; equity contains the income earned so far and not yet closed, as a line of its
    own, computed and never posted.
    """

    as_of: date
    """The day at whose end the figures hold."""
    currency: str
    assets: tuple[ReportLine, ...]
    liabilities: tuple[ReportLine, ...]
    equity: tuple[ReportLine, ...]
    total_assets_minor: int
    total_liabilities_minor: int
    total_equity_minor: int
    current_assets_minor: int
    current_liabilities_minor: int
