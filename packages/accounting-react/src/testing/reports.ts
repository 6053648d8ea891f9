/** A small design studio's reports, made up; the figures add up. */
import type { Report, ReportNode } from '../client/types';
import { SYNCED_AT } from './accounts';

function node(id: string, name: string, type: string, balanceDecimal: string, children: ReportNode[] = []): ReportNode {
  return {
    id,
    name,
    type,
    financialType: '',
    code: null,
    balance: Number(balanceDecimal),
    balanceDecimal,
    children,
    parentId: null,
    level: 0,
    isCategory: children.length === 0,
    parentAccounts: [],
    postings: children.length === 0 ? `/v1/reports/postings?ledgerAccountIds=${id}&endDate=2026-11-20` : null,
  };
}

/** Each amount as the server gives it: a number, and the exact decimal beside it. */
function doubled<T extends Record<string, string>>(
  amounts: T,
): { [K in keyof T]: number } & { [K in keyof T & string as `${K}Decimal`]: string } {
  const pairs = Object.entries(amounts).flatMap(([name, decimal]) => [
    [name, Number(decimal)],
    [`${name}Decimal`, decimal],
  ]);
  return Object.fromEntries(pairs) as { [K in keyof T]: number } & { [K in keyof T & string as `${K}Decimal`]: string };
}

/** Figures that add up: revenue 186,420.50 - expenses 131,907.28 = 54,513.22. */
export function fixtureReport(unreviewedCount: number): Report {
  return {
    reportPeriod: { month: null, year: null, startDate: '2025-12-01', endDate: '2026-11-20' },
    currency: 'USD',
    basis: 'ACCRUAL',
    incomeStatement: incomeStatement(REVENUE, EXPENSES, ['186420.50', '131907.28', '54513.22']),
    balanceSheet: balanceSheet(ASSETS, LIABILITIES, EQUITY, ['70711.37', '3128.64', '67582.73']),
    cashFlowStatement: CASH_FLOW,
    comparison: [],
    reconciliation: {
      plaidAccountsTotal: 67582.73,
      ledgerCashBalance: 67582.73,
      difference: 0,
      plaidAccountsTotalDecimal: '67582.73',
      ledgerCashBalanceDecimal: '67582.73',
      differenceDecimal: '0.00',
      plaidAccounts: [],
    },
    accountHierarchy: [],
    pdf_urls: {
      profit_loss: 'https://api.test/pdf?link=1',
      balance_sheet: 'https://api.test/pdf?link=2',
      cash_flow: null,
    },
    quality: {
      unreviewedCount,
      unreviewedAmountDecimal: unreviewedCount === 0 ? '0.00' : '1842.35',
      pendingCount: unreviewedCount === 0 ? 0 : 3,
      heldCount: 0,
      otherCurrencies: [],
      translatedCurrencies: [],
      currenciesAtCost: [],
      feeds: [],
      feedsStaleSince: null,
      reconciledThrough: SYNCED_AT,
      gaps: [],
      asOf: SYNCED_AT,
      currency: 'USD',
    },
  };
}

const LINES: [section: string, key: string, name: string, amount: string][] = [
  ['operating', 'netIncome', 'Net income', '54513.22'],
  ['operating', 'changeInCreditCards', 'Change in credit cards', '-1104.10'],
  ['financing', 'dividendsPaid', 'Owner draws and dividends', '-18400.00'],
];

/** 53,409.12 from operations less 18,400.00 drawn: cash grows by 35,009.12 to 70,711.37. */
const CASH_FLOW: NonNullable<Report['cashFlowStatement']> = {
  hierarchical: {
    operatingActivities: {
      ...doubled({ netIncome: '54513.22' }),
      adjustments: doubled({
        depreciation: '0.00',
        changeInAccountsReceivable: '0.00',
        changeInInventory: '0.00',
        changeInOtherCurrentAssets: '0.00',
        changeInAccountsPayable: '0.00',
        changeInCreditCards: '-1104.10',
        changeInAccruedLiabilities: '0.00',
      }),
    },
    investingActivities: doubled({
      purchaseOfFixedAssets: '0.00',
      purchaseOfInvestments: '0.00',
      saleOfInvestments: '0.00',
    }),
    financingActivities: doubled({
      proceedsFromDebt: '0.00',
      repaymentOfDebt: '0.00',
      issuanceOfStock: '0.00',
      dividendsPaid: '-18400.00',
      openingBalances: '0.00',
    }),
    totals: doubled({
      totalOperatingActivities: '53409.12',
      totalInvestingActivities: '0.00',
      totalFinancingActivities: '-18400.00',
      netChangeInCash: '35009.12',
    }),
  },
  lines: LINES.map(([section, key, name, amountDecimal]) => ({
    section,
    key,
    name,
    amount: Number(amountDecimal),
    amountDecimal,
    accounts: [],
    postings: '/v1/reports/postings?types=REVENUE,EXPENSE&endDate=2026-11-20',
  })),
  ...doubled({
    netCashFromOperatingActivities: '53409.12',
    netCashFromInvestingActivities: '0.00',
    netCashFromFinancingActivities: '-18400.00',
    netChangeInCash: '35009.12',
    cashAtBeginning: '35702.25',
    cashAtEnd: '70711.37',
  }),
};

/** A year of nothing. */
export function fixtureEmptyReport(): Report {
  return {
    ...fixtureReport(0),
    incomeStatement: incomeStatement([], [], ['0.00', '0.00', '0.00']),
    balanceSheet: balanceSheet([], [], [], ['0.00', '0.00', '0.00']),
  };
}

const REVENUE = [
  node('4010', 'Service Revenue', 'REVENUE', '186214.00'),
  node('4900', 'Interest Income', 'REVENUE', '206.50'),
];

const EXPENSES = [
  node('5', 'Cost of services', 'EXPENSE', '43902.10', [
    node('5200', 'Contractors', 'EXPENSE', '38400.00'),
    node('5300', 'Payment Processing Fees', 'EXPENSE', '5502.10'),
  ]),
  node('6', 'Operating expenses', 'EXPENSE', '88005.18', [
    node('6000', 'Advertising & Marketing', 'EXPENSE', '9120.44'),
    node('6250', 'Software & Subscriptions', 'EXPENSE', '11862.90'),
    node('6350', 'Meals', 'EXPENSE', '4211.63'),
    node('6400', 'Office Supplies', 'EXPENSE', '2907.21'),
    node('6440', 'Computers & Electronics', 'EXPENSE', '8640.00'),
    node('6600', 'Rent', 'EXPENSE', '34200.00'),
    node('6750', 'Telephone & Internet', 'EXPENSE', '2148.00'),
    node('6850', 'Travel', 'EXPENSE', '14395.00'),
    node('6890', 'Local Transport', 'EXPENSE', '520.00'),
  ]),
];

const ASSETS = [
  node('10', 'Bank accounts', 'ASSET', '70711.37', [
    node('1000', 'Business Checking 4410', 'ASSET', '48211.37'),
    node('1010', 'Tax Savings 7702', 'ASSET', '22500.00'),
  ]),
];

const LIABILITIES = [node('2100', 'Studio Card 0093', 'LIABILITY', '3128.64')];

const EQUITY = [
  node('3000', 'Opening balances', 'EQUITY', '31469.51'),
  node('3200', 'Owner Draws', 'EQUITY', '-18400.00'),
  node('3999', 'Net income', 'EQUITY', '54513.22'),
];

type Totals = [string, string, string];

function incomeStatement(
  revenue: ReportNode[],
  expenses: ReportNode[],
  [totalRevenue, totalExpenses, netIncome]: Totals,
): NonNullable<Report['incomeStatement']> {
  return {
    hierarchical: {
      revenue,
      expenses,
      totals: {
        totalRevenue: Number(totalRevenue),
        totalExpenses: Number(totalExpenses),
        netIncome: Number(netIncome),
        totalRevenueDecimal: totalRevenue,
        totalExpensesDecimal: totalExpenses,
        netIncomeDecimal: netIncome,
      },
    },
    revenue: Number(totalRevenue),
    expenses: Number(totalExpenses),
    grossProfit: Number(netIncome),
    operatingIncome: Number(netIncome),
    incomeBeforeTax: Number(netIncome),
    netIncome: Number(netIncome),
    revenueDecimal: totalRevenue,
    expensesDecimal: totalExpenses,
    grossProfitDecimal: netIncome,
    operatingIncomeDecimal: netIncome,
    incomeBeforeTaxDecimal: netIncome,
    netIncomeDecimal: netIncome,
  };
}

function balanceSheet(
  assets: ReportNode[],
  liabilities: ReportNode[],
  equity: ReportNode[],
  [totalAssets, totalLiabilities, totalEquity]: Totals,
): NonNullable<Report['balanceSheet']> {
  const totals = {
    totalAssets: Number(totalAssets),
    totalLiabilities: Number(totalLiabilities),
    totalEquity: Number(totalEquity),
    liabilitiesAndEquity: Number(totalAssets),
    totalAssetsDecimal: totalAssets,
    totalLiabilitiesDecimal: totalLiabilities,
    totalEquityDecimal: totalEquity,
    liabilitiesAndEquityDecimal: totalAssets,
  };
  return {
    ...totals,
    asOf: '2026-11-20',
    hierarchical: { assets, liabilities, equity, totals },
    totalCurrentAssets: Number(totalAssets),
    totalNonCurrentAssets: 0,
    totalCurrentLiabilities: Number(totalLiabilities),
    totalNonCurrentLiabilities: 0,
    totalCurrentAssetsDecimal: totalAssets,
    totalNonCurrentAssetsDecimal: '0.00',
    totalCurrentLiabilitiesDecimal: totalLiabilities,
    totalNonCurrentLiabilitiesDecimal: '0.00',
    valuation: 'closing',
    unrealisedExchangeDifference: 0,
    unrealisedExchangeDifferenceDecimal: '0.00',
    currenciesAtCost: [],
  };
}
