"""What reports are made of: periods, and trees of accounts with amounts in the sense a reader expects."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from openledger_server.ledger.types import LedgerAccountId, LedgerAccountType


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A half-open range of days: `since` is in it, `until` is not."""

    since: date
    until: date

    def __post_init__(self) -> None:
        assert self.since < self.until, "a period has at least one day"

    @property
    def last_day(self) -> date:
        """Return the last day in it."""
        return self.until - timedelta(days=1)


class Basis(StrEnum):
    """When revenue and expenses count."""

    ACCRUAL = "ACCRUAL"
    """When they are earned and owed: as booked."""
    CASH = "CASH"
    """When they are paid: what is booked against receivables and payables counts once these are settled."""


class Valuation(StrEnum):
    """What a balance sheet takes foreign money to be worth."""

    COST = "cost"
    """What it was worth when it was posted."""
    CLOSING = "closing"
    """What it is worth at the exchange rates of the sheet's day."""


class OpeningBalances(StrEnum):
    """What becomes of the entries that put a bank account's opening balance into the books."""

    INCLUDED = "included"
    EXCLUDED = "excluded"
    ONLY = "only"


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """How a report looks at the books."""

    currency: str
    """All amounts are its smallest unit. Only what is booked in it counts, unless the view is translated."""
    is_translated: bool = False
    """`currency` is the entity's base currency, and what is booked in others counts as it was valued when posted."""
    basis: Basis = Basis.ACCRUAL
    fiscal_year_month: int = 1
    """The month on whose first day fiscal years begin."""
    with_zero_rows: bool = False
    """Whether ledger accounts without any amount are shown too."""
    valuation: Valuation = Valuation.COST
    """How a balance sheet values foreign money; only a translated view on accrual basis can do it at closing rates."""

    @property
    def is_at_closing_rates(self) -> bool:
        """Return whether a balance sheet values foreign money at the rates of its day."""
        return self.valuation is Valuation.CLOSING and self.is_translated and self.basis is Basis.ACCRUAL


@dataclass(frozen=True, slots=True, kw_only=True)
class PostingQuery:
    """Which postings a figure is made of: `sign` times the sum of their debit-positive amounts is the figure."""

    ledger_account_ids: tuple[LedgerAccountId, ...] = ()
    types: tuple[LedgerAccountType, ...] = ()
    """All ledger accounts of these types, besides those named by id."""
    since: date | None
    """First day; None = from the beginning."""
    until: date
    """The day after the last."""
    currency: str
    is_translated: bool = False
    """As in a view: all currencies, by their worth in this one."""
    sign: int
    """+1: debits count positive, -1: credits do."""
    opening_balances: OpeningBalances = OpeningBalances.INCLUDED


@dataclass(frozen=True, slots=True)
class ParentAccount:
    """A ledger account that others stand below in the chart."""

    id: str
    name: str
    code: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportLine:
    """One account or group of a report.

    `amount_minor` is in the smallest unit of the report's currency and positive in the section's own sense: revenue
    earned, expense spent, asset held, liability owed, equity owned, cash received. A group's amount includes its
    children.
    """

    id: str
    """A ledger account's id, or "TYPE-SUBTYPE" for a group."""
    name: str
    type: LedgerAccountType
    subtype: str
    code: int | None
    amount_minor: int
    children: tuple["ReportLine", ...] = ()
    postings: PostingQuery | None = None
    """What the figure is made of; None when no set of postings is (on cash basis, and at closing rates)."""
    parents: tuple[ParentAccount, ...] = ()
    """The ledger accounts that it stands below within its group, outermost first; their figures do not contain it."""

    @property
    def is_group(self) -> bool:
        """Whether this line only sums others."""
        return self.code is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """How fresh one bank connection is."""

    item_id: int
    institution: str
    state: str
    fresh_at: datetime
    """Through when it has brought everything: the older of the provider's last look at the bank and ours at it."""
    is_stale: bool


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
    translated_currencies: tuple[str, ...] = ()
    """Currencies with postings that it contains by their worth in the base currency when they were posted."""
    as_of: datetime
    feeds: tuple[Feed, ...] = ()
    """The bank connections in use."""
    stale_since: datetime | None = None
    """Since when the oldest stale connection has brought nothing; None when all are fresh."""
    held_count: int = 0
    """Settled rows that wait outside the books: their day is closed, or an exchange rate is missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomeStatement:
    """Revenue and expenses of one period. Minor units of `currency`, all positive in their own sense."""

    period: Period
    currency: str
    basis: Basis = Basis.ACCRUAL
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

    Assets equal liabilities plus equity; equity contains the income earned so far and not yet closed, as lines of its
    own, earlier fiscal years apart from the current one, computed and never posted.
    """

    as_of: date
    """The day at whose end the figures hold."""
    currency: str
    basis: Basis = Basis.ACCRUAL
    assets: tuple[ReportLine, ...]
    liabilities: tuple[ReportLine, ...]
    equity: tuple[ReportLine, ...]
    total_assets_minor: int
    total_liabilities_minor: int
    total_equity_minor: int
    current_assets_minor: int
    current_liabilities_minor: int
    valuation: Valuation = Valuation.COST
    unrealised_minor: int = 0
    """The exchange difference on what is held or owed in other currencies, gain > 0; a line of equity."""
    currencies_at_cost: tuple[str, ...] = ()
    """Currencies without a rate for the day: what is held or owed in them is at its worth when posted."""


class CashFlowKind(StrEnum):
    """The lines of a cash flow statement, named as the wire contract names them."""

    NET_INCOME = "netIncome"
    DEPRECIATION = "depreciation"
    RECEIVABLE = "changeInAccountsReceivable"
    INVENTORY = "changeInInventory"
    OTHER_CURRENT_ASSETS = "changeInOtherCurrentAssets"
    PAYABLE = "changeInAccountsPayable"
    CREDIT_CARDS = "changeInCreditCards"
    ACCRUED_LIABILITIES = "changeInAccruedLiabilities"
    FIXED_ASSETS = "purchaseOfFixedAssets"
    INVESTMENTS_BOUGHT = "purchaseOfInvestments"
    INVESTMENTS_SOLD = "saleOfInvestments"
    DEBT_RAISED = "proceedsFromDebt"
    DEBT_REPAID = "repaymentOfDebt"
    CAPITAL_RAISED = "issuanceOfStock"
    CAPITAL_PAID_OUT = "dividendsPaid"
    OPENING_BALANCES = "openingBalances"


@dataclass(frozen=True, slots=True, kw_only=True)
class CashFlowLine:
    """One line of a cash flow statement. Minor units, positive = cash received."""

    kind: CashFlowKind
    name: str
    amount_minor: int
    accounts: tuple[ReportLine, ...]
    """The ledger accounts it comes from, each with its part; empty for net income."""
    postings: PostingQuery | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CashFlow:
    """Where cash came from and went in one period, from net income (indirect method). Minor units, positive = in.

    Cash is what the ledger accounts of subtype Bank hold, money on its way between them included. The three totals
    together are exactly the change of those accounts.
    """

    period: Period
    currency: str
    operating: tuple[CashFlowLine, ...]
    """Net income first."""
    investing: tuple[CashFlowLine, ...]
    financing: tuple[CashFlowLine, ...]
    cash_before_minor: int
    cash_after_minor: int

    @property
    def operating_minor(self) -> int:
        """Return net cash from operating activities."""
        return sum(line.amount_minor for line in self.operating)

    @property
    def investing_minor(self) -> int:
        """Return net cash from investing activities."""
        return sum(line.amount_minor for line in self.investing)

    @property
    def financing_minor(self) -> int:
        """Return net cash from financing activities."""
        return sum(line.amount_minor for line in self.financing)

    @property
    def change_minor(self) -> int:
        """Return by how much cash grew."""
        return self.cash_after_minor - self.cash_before_minor


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialBalanceRow:
    """One ledger account. `opening_minor` and `closing_minor` are debit-positive; debits and credits are >= 0."""

    id: str
    """The ledger account's id, or EQUITY-RETAINED_EARNINGS for the computed earnings of earlier fiscal years."""
    code: int | None
    name: str
    type: LedgerAccountType
    subtype: str
    opening_minor: int
    debits_minor: int
    credits_minor: int
    postings: PostingQuery | None = None
    """The postings of the period."""

    @property
    def closing_minor(self) -> int:
        """Return the balance at the end of the period."""
        return self.opening_minor + self.debits_minor - self.credits_minor


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialBalance:
    """Every ledger account with its balance before and after a period and what moved between. Sums to zero."""

    period: Period
    currency: str
    rows: tuple[TrialBalanceRow, ...]

    @property
    def debits_minor(self) -> int:
        """Return all debits of the period; equal to all credits."""
        return sum(row.debits_minor for row in self.rows)

    @property
    def credits_minor(self) -> int:
        """Return all credits of the period."""
        return sum(row.credits_minor for row in self.rows)

    @property
    def closing_debits_minor(self) -> int:
        """Return the sum of the debit balances at the end."""
        return sum(row.closing_minor for row in self.rows if row.closing_minor > 0)

    @property
    def closing_credits_minor(self) -> int:
        """Return the sum of the credit balances at the end, as a positive number."""
        return -sum(row.closing_minor for row in self.rows if row.closing_minor < 0)
