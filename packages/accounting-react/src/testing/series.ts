/** The design studio's series and listings, made up; their totals are those of the fixture report. */
import type {
  AccountTransactions,
  CashPosition,
  Overview,
  Postings,
  Spending as SpendingReport,
  TrialBalance,
} from '../client/types';

const PERIOD = { month: null, year: null, startDate: '2025-12-01', endDate: '2026-11-20' };
const MONTHS = 12;

function monthDay(index: number, day: number): string {
  return new Date(Date.UTC(2025, 11 + index, day)).toISOString().slice(0, 10);
}

const NO_MONTHS: Overview = {
  currency: 'USD',
  monthlyRevenue: [],
  monthlyExpenses: [],
  monthlyProfit: [],
  monthlyCashBalance: [],
  totalRevenue: 0,
  totalRevenueDecimal: '0.00',
  totalExpenses: 0,
  totalExpensesDecimal: '0.00',
  totalProfit: 0,
  totalProfitDecimal: '0.00',
  currentCashBalance: 0,
  currentCashBalanceDecimal: '0.00',
  chartData: [],
  latestMonthStats: {
    revenue: 0,
    expenses: 0,
    profit: 0,
    revenueChange: null,
    expensesChange: null,
    profitChange: null,
  },
  plaidAccounts: [],
  filterInfo: {
    statusFilter: 'all',
    dateRange: { startDate: PERIOD.startDate, endDate: PERIOD.endDate },
    interval: 'monthly',
  },
};

/** Twelve months, one of them with a loss. */
export function fixtureOverview(): Overview {
  const chartData = Array.from({ length: MONTHS }, (_, index) => {
    const Revenue = 12_000 + ((index * 5303) % 9000);
    const Expenses = index === 4 ? 24_500 : 8000 + ((index * 2741) % 6000);
    return {
      date: monthDay(index, 1),
      startDate: monthDay(index, 1),
      endDate: monthDay(index + 1, 0),
      Revenue,
      Expenses,
      Profit: Revenue - Expenses,
      value: Revenue - Expenses,
    };
  });
  return {
    ...NO_MONTHS,
    totalRevenueDecimal: '186420.50',
    totalExpensesDecimal: '131907.28',
    totalProfitDecimal: '54513.22',
    currentCashBalanceDecimal: '70711.37',
    chartData,
  };
}

export function fixtureEmptyOverview(): Overview {
  return NO_MONTHS;
}

/** Weekly, rising to the balance sheet's cash. */
export function fixtureCashPosition(): CashPosition {
  const points = Array.from({ length: 51 }, (_, index) => {
    const total = index === 50 ? 70_711.37 : 38_000 + index * 620 + ((index * 7919) % 5200);
    return {
      date: monthDay(0, 7 * (index + 1)),
      total,
      totalDecimal: total.toFixed(2),
      balancesDecimal: [total.toFixed(2)],
    };
  });
  return {
    reportPeriod: PERIOD,
    currency: 'USD',
    interval: 'weekly',
    accounts: [{ id: 'la_1000', name: 'Business Checking 4410' }],
    points,
  };
}

export function fixtureEmptyCashPosition(): CashPosition {
  return { ...fixtureCashPosition(), accounts: [], points: [] };
}

const SPENT: [name: string, amount: string, before: string, share: number][] = [
  ['Contractors', '38400.00', '31200.00', 0.2911],
  ['Rent', '34200.00', '34200.00', 0.2593],
  ['Software & Subscriptions', '18320.44', '15020.10', 0.1389],
  ['Travel', '9120.80', '11840.35', 0.0691],
];

/** The largest expenses by category. */
export function fixtureSpending(by: string): SpendingReport {
  const rows = SPENT.map(([name, amountDecimal, previousAmountDecimal, share], index) => ({
    id: by === 'category' ? `la_${String(index)}` : null,
    name: by === 'category' ? name : `Payee ${String(index + 1)}`,
    amount: Number(amountDecimal),
    amountDecimal,
    previousAmount: Number(previousAmountDecimal),
    previousAmountDecimal,
    share,
    postingsCount: 12 - index,
    postings: by === 'category' ? '/v1/reports/postings?ledgerAccountIds=1&endDate=2026-11-20' : null,
  }));
  return {
    reportPeriod: PERIOD,
    previousPeriod: { ...PERIOD, startDate: '2024-12-11', endDate: '2025-11-30' },
    currency: 'USD',
    by,
    rows,
    total: 100_041.24,
    totalDecimal: '100041.24',
    previousTotal: 92_260.45,
    previousTotalDecimal: '92260.45',
  };
}

export function fixtureEmptySpending(): SpendingReport {
  return { ...fixtureSpending('category'), rows: [], total: 0, totalDecimal: '0.00' };
}

function balanceLine(
  code: number,
  name: string,
  type: string,
  debits: string,
  credits: string,
): TrialBalance['rows'][number] {
  const closing = Number(debits) - Number(credits);
  return {
    id: `la_${String(code)}`,
    code,
    name,
    type,
    financialType: '',
    opening: 0,
    openingDecimal: '0.00',
    debits: Number(debits),
    debitsDecimal: debits,
    credits: Number(credits),
    creditsDecimal: credits,
    closing,
    closingDecimal: closing.toFixed(2),
    closingDebitDecimal: closing > 0 ? closing.toFixed(2) : null,
    closingCreditDecimal: closing < 0 ? (-closing).toFixed(2) : null,
    postings: '/v1/reports/postings?ledgerAccountIds=1&endDate=2026-11-20',
  };
}

/** Four ledger accounts whose columns balance: 186,420.50 on either side. */
export function fixtureTrialBalance(): TrialBalance {
  return {
    reportPeriod: PERIOD,
    currency: 'USD',
    rows: [
      balanceLine(1000, 'Business Checking 4410', 'ASSET', '186420.50', '131907.28'),
      balanceLine(4010, 'Service Revenue', 'REVENUE', '0.00', '186420.50'),
      balanceLine(5200, 'Contractors', 'EXPENSE', '131907.28', '0.00'),
    ],
    totalDebits: 318_327.78,
    totalDebitsDecimal: '318327.78',
    totalCredits: 318_327.78,
    totalCreditsDecimal: '318327.78',
    totalClosingDebits: 186_420.5,
    totalClosingDebitsDecimal: '186420.50',
    totalClosingCredits: 186_420.5,
    totalClosingCreditsDecimal: '186420.50',
  };
}

export function fixtureEmptyTrialBalance(): TrialBalance {
  return {
    ...fixtureTrialBalance(),
    rows: [],
    totalDebitsDecimal: '0.00',
    totalCreditsDecimal: '0.00',
    totalClosingDebitsDecimal: '0.00',
    totalClosingCreditsDecimal: '0.00',
  };
}

const POSTED: Postings['postings'] = [
  posting(1, '2026-01-09', 'GUSTO PAYROLL', '1200.00'),
  posting(2, '2026-02-09', 'Harbor & Pine LLC', '-200.00'),
  posting(3, '2026-03-09', 'Mission Street Lofts', '400.00'),
];

function posting(line: number, date: string, description: string, amountDecimal: string): Postings['postings'][number] {
  const isDebit = !amountDecimal.startsWith('-');
  return {
    journalEntryId: `je_${String(line)}`,
    line,
    ledgerAccountId: 'la_1000',
    date,
    description,
    sourceRef: `bank_transaction:${String(line)}:1`,
    reversesId: null,
    otherAccounts: ['Business Checking 4410'],
    originalAmountDecimal: amountDecimal,
    originalCurrency: 'USD',
    amount: Number(amountDecimal),
    amountDecimal,
    debitDecimal: isDebit ? amountDecimal : null,
    creditDecimal: isDebit ? null : amountDecimal.slice(1),
  };
}

const PAGE = 2;

/** Three postings on two pages that add up to 1,400.00. */
export function fixturePostings(cursor: string | null): Postings {
  const isFirst = cursor === null;
  return {
    currency: 'USD',
    positive: 'debit',
    total: 1400,
    totalDecimal: '1400.00',
    postings: isFirst ? POSTED.slice(0, PAGE) : POSTED.slice(PAGE),
    nextCursor: isFirst ? '2' : null,
    hasMore: isFirst,
  };
}

/** One ledger account on two pages: it opens at 100.00 and closes at 1,500.00. */
export function fixtureAccountTransactions(cursor: string | null): AccountTransactions {
  const { postings, nextCursor, hasMore } = fixturePostings(cursor);
  const balances = cursor === null ? ['1300.00', '1100.00'] : ['1500.00'];
  return {
    reportPeriod: PERIOD,
    currency: 'USD',
    accounts: [
      {
        id: 'la_5200',
        code: 5200,
        name: 'Contractors',
        type: 'EXPENSE',
        financialType: '',
        opening: 100,
        openingDecimal: '100.00',
        debits: 1600,
        debitsDecimal: '1600.00',
        credits: 200,
        creditsDecimal: '200.00',
        closing: 1500,
        closingDecimal: '1500.00',
        transactions: postings.map((row, index) => ({
          ...row,
          runningBalance: Number(balances[index]),
          runningBalanceDecimal: balances[index] ?? '0.00',
        })),
      },
    ],
    nextCursor,
    hasMore,
  };
}
