/** The chart as a tree: five types, and accounts that are part of others below them. */
import type { Category } from '../../client/types';

export const TYPES: readonly [type: Category['type'], plural: string, singular: string][] = [
  ['ASSET', 'Assets', 'Asset: something owned'],
  ['LIABILITY', 'Liabilities', 'Liability: something owed'],
  ['EQUITY', 'Equity', 'Equity: the owners’ share'],
  ['REVENUE', 'Revenue', 'Revenue: something earned'],
  ['EXPENSE', 'Expenses', 'Expense: something spent'],
];

export interface Branch {
  account: Category;
  depth: number;
}

/** The accounts of one type in the order of their numbers, each followed by those that are part of it. */
export function branchesOf(chart: Category[], type: Category['type']): Branch[] {
  const shown = chart.filter((account) => account.type === type);
  const ids = new Set(shown.map(({ id }) => id));
  const childrenOf = (parent: string | null): Category[] =>
    shown.filter(({ parentAccountId }) =>
      parent === null ? parentAccountId === null || !ids.has(parentAccountId) : parentAccountId === parent,
    );
  const walk = (parent: string | null, depth: number): Branch[] =>
    childrenOf(parent).flatMap((account) => [{ account, depth }, ...walk(account.id, depth + 1)]);
  return walk(null, 0);
}
