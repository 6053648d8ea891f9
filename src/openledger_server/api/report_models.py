"""Wire models of the statements: income statement, balance sheet, cash flow statement, trial balance."""

from datetime import date

from pydantic import Field

from openledger_server.api.report_request import ReportPeriod
from openledger_server.api.wire import Wire
from openledger_server.reports.types import Valuation


class ReportParent(Wire):
    """A ledger account that others stand below in the chart."""

    id: str
    name: str
    code: int


class ReportNode(Wire):
    """A group of ledger accounts, or one of them. `balance` is positive in its section's own sense."""

    id: str
    name: str
    type: str
    financial_type: str
    code: int | None
    balance: float
    balance_decimal: str
    children: list["ReportNode"]
    parent_id: str | None
    level: int
    is_category: bool = Field(description="Whether it is a ledger account, and not a group of them.")
    postings: str | None = Field(description="Where the postings are whose sum is this figure; null if none are.")
    parent_accounts: list[ReportParent] = Field(
        description="The ledger accounts it stands below in its group, outermost first; their figures leave it out."
    )


class IncomeTotals(Wire):
    """What the income statement comes to."""

    total_revenue: float
    total_expenses: float
    net_income: float
    total_revenue_decimal: str
    total_expenses_decimal: str
    net_income_decimal: str


class IncomeHierarchy(Wire):
    """Revenue and expenses as trees."""

    revenue: list[ReportNode]
    expenses: list[ReportNode]
    totals: IncomeTotals


class IncomeStatementAnswer(Wire):
    """What was earned and spent in the period."""

    hierarchical: IncomeHierarchy
    revenue: float
    expenses: float
    gross_profit: float
    operating_income: float
    income_before_tax: float
    net_income: float
    revenue_decimal: str
    expenses_decimal: str
    gross_profit_decimal: str
    operating_income_decimal: str
    income_before_tax_decimal: str
    net_income_decimal: str


class BalanceTotals(Wire):
    """What the balance sheet comes to. Assets equal liabilities and equity."""

    total_assets: float
    total_liabilities: float
    total_equity: float
    liabilities_and_equity: float
    total_assets_decimal: str
    total_liabilities_decimal: str
    total_equity_decimal: str
    liabilities_and_equity_decimal: str


class BalanceHierarchy(Wire):
    """Assets, liabilities and equity as trees."""

    assets: list[ReportNode]
    liabilities: list[ReportNode]
    equity: list[ReportNode]
    totals: BalanceTotals


class BalanceSheetAnswer(BalanceTotals):
    """What was held, owed and owned at the end of the period's last day."""

    as_of: date
    hierarchical: BalanceHierarchy
    total_current_assets: float
    total_non_current_assets: float
    total_current_liabilities: float
    total_non_current_liabilities: float
    total_current_assets_decimal: str
    total_non_current_assets_decimal: str
    total_current_liabilities_decimal: str
    total_non_current_liabilities_decimal: str
    valuation: Valuation = Field(description="How foreign money is valued: at closing rates, or at cost.")
    unrealised_exchange_difference: float = Field(
        description="What foreign money is worth more than when it was posted; a line of equity. Zero at cost."
    )
    unrealised_exchange_difference_decimal: str
    currencies_at_cost: list[str] = Field(
        description="Currencies without an exchange rate for the day: what is held in them is at cost all the same."
    )


class CashFlowAdjustments(Wire):
    """From net income to operating cash: positive = more cash than income."""

    depreciation: float
    depreciation_decimal: str
    change_in_accounts_receivable: float
    change_in_accounts_receivable_decimal: str
    change_in_inventory: float
    change_in_inventory_decimal: str
    change_in_other_current_assets: float
    change_in_other_current_assets_decimal: str
    change_in_accounts_payable: float
    change_in_accounts_payable_decimal: str
    change_in_credit_cards: float
    change_in_credit_cards_decimal: str
    change_in_accrued_liabilities: float
    change_in_accrued_liabilities_decimal: str


class OperatingActivities(Wire):
    """Cash from the business itself."""

    net_income: float
    net_income_decimal: str
    adjustments: CashFlowAdjustments


class InvestingActivities(Wire):
    """Cash from and for things that last. Negative = paid."""

    purchase_of_fixed_assets: float
    purchase_of_fixed_assets_decimal: str
    purchase_of_investments: float
    purchase_of_investments_decimal: str
    sale_of_investments: float
    sale_of_investments_decimal: str


class FinancingActivities(Wire):
    """Cash from and to lenders and owners. Negative = paid."""

    proceeds_from_debt: float
    proceeds_from_debt_decimal: str
    repayment_of_debt: float
    repayment_of_debt_decimal: str
    issuance_of_stock: float = Field(description="What owners put in.")
    issuance_of_stock_decimal: str
    dividends_paid: float = Field(description="What owners took.")
    dividends_paid_decimal: str
    opening_balances: float = Field(description="What bank accounts held when they were linked.")
    opening_balances_decimal: str


class CashFlowTotals(Wire):
    """What the cash flow statement comes to."""

    total_operating_activities: float
    total_operating_activities_decimal: str
    total_investing_activities: float
    total_investing_activities_decimal: str
    total_financing_activities: float
    total_financing_activities_decimal: str
    net_change_in_cash: float
    net_change_in_cash_decimal: str


class CashFlowHierarchy(Wire):
    """The three kinds of activity; every line is there, those without an amount as zero."""

    operating_activities: OperatingActivities
    investing_activities: InvestingActivities
    financing_activities: FinancingActivities
    totals: CashFlowTotals


class CashFlowRow(Wire):
    """One line that has an amount, with the ledger accounts it comes from. Positive = cash received."""

    section: str = Field(description="operating, investing or financing.")
    key: str = Field(description="The property of `hierarchical` that holds the same amount.")
    name: str
    amount: float
    amount_decimal: str
    accounts: list[ReportNode]
    postings: str | None


class CashFlowAnswer(Wire):
    """Where cash came from and went in the period, from net income. Ties to the change of the cash accounts."""

    hierarchical: CashFlowHierarchy
    lines: list[CashFlowRow]
    net_cash_from_operating_activities: float
    net_cash_from_operating_activities_decimal: str
    net_cash_from_investing_activities: float
    net_cash_from_investing_activities_decimal: str
    net_cash_from_financing_activities: float
    net_cash_from_financing_activities_decimal: str
    net_change_in_cash: float
    net_change_in_cash_decimal: str
    cash_at_beginning: float
    cash_at_beginning_decimal: str
    cash_at_end: float
    cash_at_end_decimal: str


class StatementColumn(Wire):
    """The same reports for another period, with the same lines in the same order."""

    report_period: ReportPeriod
    income_statement: IncomeStatementAnswer | None
    balance_sheet: BalanceSheetAnswer | None
    cash_flow_statement: CashFlowAnswer | None


class TrialBalanceLine(Wire):
    """One ledger account. Opening and closing: debit balances positive, credit balances negative."""

    id: str
    code: int | None
    name: str
    type: str
    financial_type: str
    opening: float
    opening_decimal: str
    debits: float
    debits_decimal: str
    credits: float
    credits_decimal: str
    closing: float
    closing_decimal: str
    closing_debit_decimal: str | None = Field(description="The closing balance if it is a debit balance.")
    closing_credit_decimal: str | None = Field(description="The closing balance, positive, if it is a credit balance.")
    postings: str | None = Field(description="Where the period's postings are.")


class TrialBalanceAnswer(Wire):
    """Every ledger account before, in and after the period. Debits equal credits, before, in and after."""

    report_period: ReportPeriod
    currency: str
    rows: list[TrialBalanceLine]
    total_debits: float
    total_debits_decimal: str
    total_credits: float
    total_credits_decimal: str
    total_closing_debits: float
    total_closing_debits_decimal: str
    total_closing_credits: float
    total_closing_credits_decimal: str
