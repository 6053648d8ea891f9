/** Rules, runs, the review queue and figures of the made-up books. */
import type {
  CategorizationRun,
  CategorizationSettings,
  CategorizationStatistics,
  MappedKind,
  ReviewGroup,
  Rule,
  RulePreview,
  RuleSuggestion,
  Transaction,
} from '../client/types';
import { SYNCED_AT } from './accounts';

const MEALS = {
  categoryId: 'la_6350',
  categoryName: 'Meals',
  counterparty: null,
  transfer: false,
  exclude: false,
  split: null,
};

/** Two rules, one of them off. */
export function fixtureRules(): Rule[] {
  const rule: Rule = {
    id: 'rule_1',
    name: 'Coffee with clients',
    position: 0,
    enabled: true,
    condition: {
      all: [
        { field: 'text', operator: 'contains', value: 'blue bottle' },
        { field: 'amount', operator: 'at_most', value: '25.00' },
      ],
    },
    words: 'the text contains “blue bottle” and the amount is at most 25.00',
    action: MEALS,
    transactionCount: 34,
    createdAt: SYNCED_AT,
    updatedAt: SYNCED_AT,
  };
  return [
    rule,
    {
      ...rule,
      id: 'rule_2',
      name: 'Rides',
      position: 1,
      enabled: false,
      condition: { any: [{ field: 'text', operator: 'contains', value: 'uber' }] },
      words: 'the text contains “uber”',
      action: {
        categoryId: 'la_6890',
        categoryName: 'Local Transport',
        counterparty: 'Uber',
        transfer: false,
        exclude: false,
        split: null,
      },
      transactionCount: 0,
    },
  ];
}

export function fixtureRuleSuggestions(): RuleSuggestion[] {
  return [
    {
      name: 'Staples',
      condition: { field: 'counterparty', operator: 'is', value: 'Staples' },
      words: 'the counterparty is “Staples”',
      action: {
        categoryId: 'la_6440',
        categoryName: 'Computers & Electronics',
        counterparty: null,
        transfer: false,
        exclude: false,
        split: null,
      },
      decisions: 4,
      corrections: 3,
      transactionId: 'tx_7',
    },
  ];
}

export function fixtureCategorizationRun(given: Partial<CategorizationRun> = {}): CategorizationRun {
  return {
    id: 'run_1',
    kind: 'rule',
    ruleId: 'rule_1',
    changed: 12,
    startedAt: SYNCED_AT,
    undoneAt: null,
    restored: null,
    kept: null,
    ...given,
  };
}

/** 34 found, 12 of them would move from Uncategorized Expense to Meals. */
export function fixtureRulePreview(): RulePreview {
  const said = {
    suggestedCategoryId: null,
    suggestedCategoryName: null,
    counterparty: 'Blue Bottle Coffee',
    confidence: 1,
    reason: 'Your rule',
    needsReview: false,
    excluded: false,
    splits: [],
  };
  return {
    matched: 34,
    changed: 12,
    unchanged: 20,
    decidedByPerson: 2,
    decidedByOtherRule: 0,
    inClosedPeriod: 0,
    examples: ['18.40', '7.25', '11.90'].map((amountDecimal, index) => ({
      transactionId: `tx_${String(100 + index)}`,
      date: `2026-11-${String(18 - index)}`,
      description: 'SQ *BLUE BOTTLE COFF',
      amount: Number(amountDecimal),
      amountDecimal,
      direction: 'out',
      currency: 'USD',
      bankAccountId: 'ba_card',
      before: { ...said, categoryId: 'la_6999', categoryName: 'Uncategorized Expense', decidedBy: 'fallback' },
      after: { ...said, categoryId: 'la_6350', categoryName: 'Meals', decidedBy: 'rule' },
    })),
  };
}

/** What waits for review, by counterparty, as the server groups it. */
export function fixtureReviewGroups(transactions: Transaction[]): ReviewGroup[] {
  const waiting = transactions.filter(({ needsReview, isPending }) => needsReview && !isPending);
  const names = [...new Set(waiting.map((row) => row.counterparty ?? row.description))];
  return names
    .map((name) =>
      groupOf(
        name,
        waiting.filter((row) => (row.counterparty ?? row.description) === name),
      ),
    )
    .filter((group) => group !== null)
    .sort((a, b) => b.transactionCount - a.transactionCount);
}

function groupOf(name: string, rows: Transaction[]): ReviewGroup | null {
  const [newest] = rows;
  const oldest = rows.at(-1);
  if (newest === undefined || oldest === undefined) return null;
  // Amounts of the fixture are small: cents fit a number.
  const cents = rows.reduce((sum, { amountDecimal }) => sum + Math.round(Number(amountDecimal) * 100), 0);
  return {
    key: name.toLowerCase(),
    name,
    direction: newest.direction,
    currency: newest.currency,
    transactionCount: rows.length,
    total: cents / 100,
    totalDecimal: (cents / 100).toFixed(2),
    firstDate: oldest.date.slice(0, 10),
    lastDate: newest.date.slice(0, 10),
    suggestion: newest.suggestedCategory,
    confidence: newest.confidence ?? 0,
    decidedBy: newest.decidedBy ?? 'fallback',
    reason: newest.reason ?? 'Nothing matched',
    transactionIds: rows.map(({ id }) => id),
    transactions: rows.slice(0, 5),
  };
}

export function fixtureStatistics(toReview: number): CategorizationStatistics {
  const counts = {
    transactions: 1664,
    automatic: 1540,
    automaticShare: 0.9255,
    waitingForReview: toReview,
    byPerson: 111,
    corrected: 24,
    correctedShare: 0.0144,
  };
  const decider = { waitingForReview: 0, confirmed: 0, corrected: 0, correctedAfterBooking: 0 };
  return {
    total: counts,
    byMonth: [{ ...counts, month: '2026-11' }],
    byDecider: [
      { ...decider, decidedBy: 'memory', automatic: 420, confirmed: 12, precision: 1 },
      {
        ...decider,
        decidedBy: 'model',
        automatic: 180,
        waitingForReview: 9,
        confirmed: 30,
        corrected: 14,
        precision: 0.972,
      },
      {
        ...decider,
        decidedBy: 'provider',
        automatic: 700,
        waitingForReview: 4,
        confirmed: 45,
        corrected: 10,
        precision: 0.985,
      },
      { ...decider, decidedBy: 'rule', automatic: 34, precision: 1 },
      { ...decider, decidedBy: 'transfer', automatic: 206, precision: null },
    ],
  };
}

export function fixtureFloors(): CategorizationSettings {
  return {
    autoPostFloor: null,
    suggestFloor: null,
    defaults: { autoPostFloor: 0.9, autoPostFloorModel: 0.96, autoPostFloorMemory: 0.97, suggestFloor: 0.5 },
  };
}

/** Three kinds: as the template says, moved by somebody, and without an account in this chart. */
export function fixtureMapping(): MappedKind[] {
  return [
    {
      code: 'FOOD_AND_DRINK_COFFEE',
      name: 'Coffee',
      categoryId: 'la_6350',
      categoryName: 'Meals',
      isDefault: true,
    },
    {
      code: 'TRANSPORTATION_TAXIS_AND_RIDE_SHARES',
      name: 'Taxis and ride shares',
      categoryId: 'la_6850',
      categoryName: 'Travel',
      isDefault: false,
    },
    { code: 'MEDICAL_DENTAL_CARE', name: 'Dental care', categoryId: null, categoryName: null, isDefault: true },
  ];
}

export interface MappingBody {
  mapping: { code: string; categoryId: string | null }[];
}

/** The mapping after a change; back to the template means Meals here. */
export function remapped(mapping: MappedKind[], { mapping: changes }: MappingBody): MappedKind[] {
  return mapping.map((kind) => {
    const change = changes.find(({ code }) => code === kind.code);
    if (change === undefined) return kind;
    const { categoryId } = change;
    return categoryId === null
      ? { ...kind, categoryId: 'la_6350', categoryName: 'Meals', isDefault: true }
      : { ...kind, categoryId, categoryName: categoryId, isDefault: false };
  });
}
