/** A small design studio's categories and bank transactions, made up. */
import type { Category, Transaction } from '../client/types';
import { SYNCED_AT } from './accounts';

const CHART: [code: number, name: string, type: Category['type']][] = [
  [1000, 'Business Checking 4410', 'ASSET'],
  [1010, 'Tax Savings 7702', 'ASSET'],
  [1090, 'Transfers Clearing', 'ASSET'],
  [2100, 'Studio Card 0093', 'LIABILITY'],
  [3200, 'Owner Draws', 'EQUITY'],
  [4010, 'Service Revenue', 'REVENUE'],
  [4900, 'Interest Income', 'REVENUE'],
  [4999, 'Uncategorized Income', 'REVENUE'],
  [5200, 'Contractors', 'EXPENSE'],
  [5300, 'Payment Processing Fees', 'EXPENSE'],
  [6000, 'Advertising & Marketing', 'EXPENSE'],
  [6250, 'Software & Subscriptions', 'EXPENSE'],
  [6350, 'Meals', 'EXPENSE'],
  [6400, 'Office Supplies', 'EXPENSE'],
  [6440, 'Computers & Electronics', 'EXPENSE'],
  [6600, 'Rent', 'EXPENSE'],
  [6750, 'Telephone & Internet', 'EXPENSE'],
  [6850, 'Travel', 'EXPENSE'],
  [6890, 'Local Transport', 'EXPENSE'],
  [6999, 'Uncategorized Expense', 'EXPENSE'],
];

export function fixtureCategories(): Category[] {
  return CHART.map(([code, name, type]) => ({
    id: `la_${String(code)}`,
    instanceId: null,
    parentAccountId: null,
    name,
    type,
    financialType: '',
    isCategory: type !== 'ASSET' && code !== 2100,
    code,
    subTypeCode: null,
    tbAccountId: null,
    templateNodeId: null,
    ledgerId: null,
    entityId: 'fixture',
    createdAt: SYNCED_AT,
    updatedAt: SYNCED_AT,
    topLevel: true,
    description: '',
    isArchived: false,
    mergedIntoId: null,
    systemRole: null,
    currency: null,
    standardCodes: [],
    metadata: {},
  }));
}

interface Sample {
  counterparty: string | null;
  description: string;
  amount: string;
  direction: 'in' | 'out';
  category: string;
  decidedBy: Transaction['decidedBy'];
  confidence: number | null;
  reason: string | null;
  suggested?: string;
  isPending?: true;
}

const SAMPLES: Sample[] = [
  {
    counterparty: 'Blue Bottle Coffee',
    description: 'SQ *BLUE BOTTLE COFF',
    amount: '18.40',
    direction: 'out',
    category: 'Uncategorized Expense',
    decidedBy: null,
    confidence: null,
    reason: null,
    suggested: 'Meals',
    isPending: true,
  },
  {
    counterparty: 'Uber',
    description: 'UBER *TRIP HELP.UBER.COM',
    amount: '23.87',
    direction: 'out',
    category: 'Uncategorized Expense',
    decidedBy: 'fallback',
    confidence: 0.62,
    reason: 'Bank says: rides and taxis',
    suggested: 'Local Transport',
  },
  {
    counterparty: null,
    description: 'CHECK 1042',
    amount: '640.00',
    direction: 'out',
    category: 'Uncategorized Expense',
    decidedBy: 'fallback',
    confidence: 0.2,
    reason: 'No merchant and no bank category',
  },
  {
    counterparty: 'Harbor & Pine LLC',
    description: 'ACH CREDIT HARBOR & PINE INV 2231',
    amount: '7400.00',
    direction: 'in',
    category: 'Service Revenue',
    decidedBy: 'memory',
    confidence: 0.97,
    reason: '7 of 7 earlier ones',
  },
  {
    counterparty: 'Adobe',
    description: 'ADOBE *CREATIVE CLOUD',
    amount: '89.99',
    direction: 'out',
    category: 'Software & Subscriptions',
    decidedBy: 'provider',
    confidence: 0.94,
    reason: 'Bank says: software',
  },
  {
    counterparty: null,
    description: 'Transfer to Tax Savings 7702',
    amount: '1500.00',
    direction: 'out',
    category: 'Tax Savings 7702',
    decidedBy: 'transfer',
    confidence: 0.99,
    reason: 'Same amount arrived in Tax Savings',
  },
  {
    counterparty: 'Mission Street Lofts',
    description: 'MISSION ST LOFTS RENT NOV',
    amount: '2850.00',
    direction: 'out',
    category: 'Rent',
    decidedBy: 'person',
    confidence: null,
    reason: null,
  },
  {
    counterparty: 'Staples',
    description: 'STAPLES 00117342 SAN FRANCISCO CA',
    amount: '64.12',
    direction: 'out',
    category: 'Office Supplies',
    decidedBy: 'provider',
    confidence: 0.78,
    reason: 'Bank says: office supplies',
  },
  {
    counterparty: 'Northwind Foods',
    description: 'STRIPE TRANSFER NORTHWIND',
    amount: '3120.50',
    direction: 'in',
    category: 'Service Revenue',
    decidedBy: 'provider',
    confidence: 0.91,
    reason: 'Bank says: other income',
  },
  {
    counterparty: 'Delta Air Lines',
    description: 'DELTA AIR 0062291184',
    amount: '412.60',
    direction: 'out',
    category: 'Travel',
    decidedBy: 'provider',
    confidence: 0.96,
    reason: 'Bank says: flights',
  },
];

function sampleAt(index: number): Sample {
  const sample = SAMPLES[index % SAMPLES.length];
  if (sample === undefined) throw new Error('There are no samples.');
  return sample;
}

const REVIEW_BELOW = 0.8;
const BANK = { institution_id: 'ins_109508' };

/** Bank transactions, newest first, counting back from the day. */
export function fixtureTransactions(count: number, newest = '2026-11-19'): Transaction[] {
  const ids = new Map(CHART.map(([code, name]) => [name, `la_${String(code)}`]));
  return Array.from({ length: count }, (_, index) => {
    const sample = sampleAt(index);
    const isPending = sample.isPending === true && index < SAMPLES.length;
    const needsReview = !isPending && sample.confidence !== null && sample.confidence < REVIEW_BELOW;
    const day = new Date(Date.parse(newest) - Math.floor(index / 2) * 86_400_000).toISOString();
    return {
      id: `tx_${String(index)}`,
      entityId: 'fixture',
      source: 'bank',
      splits: [],
      excluded: null,
      note: '',
      attachments: [],
      timestamp: day,
      amount: Number(sample.amount),
      debitAccountId: null,
      creditAccountId: null,
      metadata: {},
      transaction_date: day,
      accountType: null,
      financialType: null,
      debitAccount: null,
      creditAccount: null,
      createdAt: day,
      updatedAt: day,
      date: day,
      description: sample.description,
      amountDecimal: sample.amount,
      direction: sample.direction,
      currency: 'USD',
      status: isPending || needsReview ? 'PENDING' : 'POSTED',
      isPending,
      needsReview,
      counterparty: sample.counterparty,
      confidence: sample.confidence,
      decidedBy: sample.decidedBy,
      reason: sample.reason,
      category: sample.category,
      category_id: ids.get(sample.category) ?? null,
      suggestedCategory:
        sample.suggested === undefined ? null : { id: ids.get(sample.suggested) ?? '', name: sample.suggested },
      plaid_account:
        index % 3 === 1
          ? { ...BANK, id: 'ba_card', name: 'Studio Card', type: 'credit', subtype: 'credit card', mask: '0093' }
          : {
              ...BANK,
              id: 'ba_checking',
              name: 'Business Checking',
              type: 'depository',
              subtype: 'checking',
              mask: '4410',
            },
    };
  });
}
