"""From statements to wire models: amounts as numbers and exact text, each figure with the way to its postings."""

from collections.abc import Iterable

from pydantic.alias_generators import to_snake

from openledger_server.api.report_models import (
    BalanceHierarchy,
    BalanceSheetAnswer,
    BalanceTotals,
    CashFlowAdjustments,
    CashFlowAnswer,
    CashFlowHierarchy,
    CashFlowRow,
    CashFlowTotals,
    FinancingActivities,
    IncomeHierarchy,
    IncomeStatementAnswer,
    IncomeTotals,
    InvestingActivities,
    OperatingActivities,
    ReportNode,
    ReportParent,
    TrialBalanceAnswer,
    TrialBalanceLine,
)
from openledger_server.api.report_request import postings_link, wire_period
from openledger_server.api.wire import amounts, minor_text
from openledger_server.reports.types import (
    BalanceSheet,
    CashFlow,
    CashFlowKind,
    CashFlowLine,
    IncomeStatement,
    ReportLine,
    TrialBalance,
    TrialBalanceRow,
)


def nodes(
    lines: Iterable[ReportLine], currency: str, *, entity_id: int, parent_id: str | None = None, level: int = 0
) -> list[ReportNode]:
    """Return lines of a report as a tree."""
    return [
        ReportNode(
            id=line.id,
            name=line.name,
            type=line.type.value,
            financial_type=line.subtype,
            code=line.code,
            children=nodes(line.children, currency, entity_id=entity_id, parent_id=line.id, level=level + 1),
            parent_id=parent_id,
            level=level,
            is_category=not line.is_group,
            postings=postings_link(line.postings, entity_id=entity_id),
            parent_accounts=[ReportParent(id=parent.id, name=parent.name, code=parent.code) for parent in line.parents],
            **amounts(currency, balance=line.amount_minor),
        )
        for line in lines
    ]


def income_answer(income: IncomeStatement, *, entity_id: int) -> IncomeStatementAnswer:
    """Return an income statement as it is answered."""
    currency = income.currency
    totals = IncomeTotals(
        **amounts(
            currency,
            total_revenue=income.total_revenue_minor,
            total_expenses=income.total_expenses_minor,
            net_income=income.net_income_minor,
        )
    )
    return IncomeStatementAnswer(
        hierarchical=IncomeHierarchy(
            revenue=nodes(income.revenue, currency, entity_id=entity_id),
            expenses=nodes(income.expenses, currency, entity_id=entity_id),
            totals=totals,
        ),
        **amounts(
            currency,
            revenue=income.total_revenue_minor,
            expenses=income.total_expenses_minor,
            gross_profit=income.gross_profit_minor,
            operating_income=income.operating_income_minor,
            income_before_tax=income.net_income_minor,
            net_income=income.net_income_minor,
        ),
    )


def sheet_answer(sheet: BalanceSheet, *, entity_id: int) -> BalanceSheetAnswer:
    """Return a balance sheet as it is answered."""
    currency = sheet.currency
    totals = amounts(
        currency,
        total_assets=sheet.total_assets_minor,
        total_liabilities=sheet.total_liabilities_minor,
        total_equity=sheet.total_equity_minor,
        liabilities_and_equity=sheet.total_liabilities_minor + sheet.total_equity_minor,
    )
    return BalanceSheetAnswer(
        as_of=sheet.as_of,
        hierarchical=BalanceHierarchy(
            assets=nodes(sheet.assets, currency, entity_id=entity_id),
            liabilities=nodes(sheet.liabilities, currency, entity_id=entity_id),
            equity=nodes(sheet.equity, currency, entity_id=entity_id),
            totals=BalanceTotals(**totals),
        ),
        **totals,
        **amounts(
            currency,
            total_current_assets=sheet.current_assets_minor,
            total_non_current_assets=sheet.total_assets_minor - sheet.current_assets_minor,
            total_current_liabilities=sheet.current_liabilities_minor,
            total_non_current_liabilities=sheet.total_liabilities_minor - sheet.current_liabilities_minor,
            unrealised_exchange_difference=sheet.unrealised_minor,
        ),
        valuation=sheet.valuation,
        currencies_at_cost=list(sheet.currencies_at_cost),
    )


def cash_flow_answer(flow: CashFlow, *, entity_id: int) -> CashFlowAnswer:
    """Return a cash flow statement as it is answered."""
    currency = flow.currency
    sections = {"operating": flow.operating, "investing": flow.investing, "financing": flow.financing}
    found = {line.kind: line.amount_minor for lines in sections.values() for line in lines}
    # Each model takes what it knows of these and ignores the rest.
    every = amounts(currency, **{to_snake(kind.value): found.get(kind, 0) for kind in CashFlowKind})
    return CashFlowAnswer(
        hierarchical=CashFlowHierarchy(
            operating_activities=OperatingActivities(adjustments=CashFlowAdjustments(**every), **every),
            investing_activities=InvestingActivities(**every),
            financing_activities=FinancingActivities(**every),
            totals=CashFlowTotals(
                **amounts(
                    currency,
                    total_operating_activities=flow.operating_minor,
                    total_investing_activities=flow.investing_minor,
                    total_financing_activities=flow.financing_minor,
                    net_change_in_cash=flow.change_minor,
                )
            ),
        ),
        lines=[
            _cash_flow_row(section, line, currency, entity_id=entity_id)
            for section, lines in sections.items()
            for line in lines
        ],
        **amounts(
            currency,
            net_cash_from_operating_activities=flow.operating_minor,
            net_cash_from_investing_activities=flow.investing_minor,
            net_cash_from_financing_activities=flow.financing_minor,
            net_change_in_cash=flow.change_minor,
            cash_at_beginning=flow.cash_before_minor,
            cash_at_end=flow.cash_after_minor,
        ),
    )


def trial_balance_answer(balance: TrialBalance, *, entity_id: int) -> TrialBalanceAnswer:
    """Return a trial balance as it is answered."""
    return TrialBalanceAnswer(
        report_period=wire_period(balance.period),
        currency=balance.currency,
        rows=[_trial_balance_line(row, balance.currency, entity_id=entity_id) for row in balance.rows],
        **amounts(
            balance.currency,
            total_debits=balance.debits_minor,
            total_credits=balance.credits_minor,
            total_closing_debits=balance.closing_debits_minor,
            total_closing_credits=balance.closing_credits_minor,
        ),
    )


def _cash_flow_row(section: str, line: CashFlowLine, currency: str, *, entity_id: int) -> CashFlowRow:
    return CashFlowRow(
        section=section,
        key=line.kind.value,
        name=line.name,
        accounts=nodes(line.accounts, currency, entity_id=entity_id),
        postings=postings_link(line.postings, entity_id=entity_id),
        **amounts(currency, amount=line.amount_minor),
    )


def _trial_balance_line(row: TrialBalanceRow, currency: str, *, entity_id: int) -> TrialBalanceLine:
    closing = row.closing_minor
    return TrialBalanceLine(
        id=row.id,
        code=row.code,
        name=row.name,
        type=row.type.value,
        financial_type=row.subtype,
        closing_debit_decimal=minor_text(closing, currency) if closing > 0 else None,
        closing_credit_decimal=minor_text(-closing, currency) if closing < 0 else None,
        postings=postings_link(row.postings, entity_id=entity_id),
        **amounts(
            currency,
            opening=row.opening_minor,
            debits=row.debits_minor,
            credits=row.credits_minor,
            closing=closing,
        ),
    )
