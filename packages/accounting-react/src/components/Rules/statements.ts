/** What statements of a condition may say, and changes to conditions. The JSON is kept as it is; no React here. */
import type { Json } from './conditions';

export type Joint = 'all' | 'any';

const TEXT = {
  contains: 'contains',
  is: 'is',
  starts_with: 'begins with',
  ends_with: 'ends with',
  matches: 'matches the pattern',
};
const RANGE = { is: 'is', at_least: 'is at least', at_most: 'is at most', between: 'is between' };
const CHOICE = { is: 'is', any_of: 'is any of' };

export const FIELDS: Record<string, { label: string; operators: Record<string, string> }> = {
  text: { label: 'the bank’s text', operators: TEXT },
  counterparty: { label: 'the counterparty', operators: TEXT },
  amount: { label: 'the amount', operators: RANGE },
  direction: { label: 'the direction', operators: CHOICE },
  bank_account: { label: 'the bank account', operators: CHOICE },
  payment_channel: { label: 'the payment channel', operators: CHOICE },
  provider_category: { label: 'the bank’s category', operators: CHOICE },
  currency: { label: 'the currency', operators: CHOICE },
  weekday: { label: 'the weekday', operators: CHOICE },
  day_of_month: { label: 'the day of the month', operators: RANGE },
  date: { label: 'the date', operators: RANGE },
};

export const WEEKDAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];

export const NEW_STATEMENT: Json = { field: 'text', operator: 'contains', value: '' };

export function jointOf(condition: Json): Joint | undefined {
  return 'all' in condition ? 'all' : 'any' in condition ? 'any' : undefined;
}

export function partsOfJoint(condition: Json, joint: Joint): Json[] {
  const parts = condition[joint];
  return Array.isArray(parts) ? (parts as Json[]) : [];
}

/** The values of a statement as texts: one, the two ends of a range, or those of a list. */
export function valuesOf(statement: Json): string[] {
  const { value } = statement;
  return (Array.isArray(value) ? value : [value]).map((one) => (one === undefined || one === null ? '' : String(one)));
}

/** The same statement with another operator; what was typed stays as far as the operator takes it. */
export function withOperator(statement: Json, operator: string): Json {
  const [first = '', second = ''] = valuesOf(statement);
  const value = operator === 'between' ? [first, second] : operator === 'any_of' ? valuesOf(statement) : first;
  return { ...statement, operator, value };
}

export function withField(statement: Json, field: string): Json {
  const operators = FIELDS[field]?.operators ?? {};
  const [first = ''] = Object.keys(operators);
  const kept = String(statement['operator']) in operators ? String(statement['operator']) : first;
  return withOperator({ field, operator: kept, value: '' }, kept);
}

/** Whether nothing is missing: no empty group, no empty value. What is in the values the server judges. */
export function isWhole(condition: Json): boolean {
  if ('not' in condition) return isWhole(condition['not'] as Json);
  const joint = jointOf(condition);
  if (joint !== undefined) {
    const parts = partsOfJoint(condition, joint);
    return parts.length > 0 && parts.every(isWhole);
  }
  const values = valuesOf(condition);
  return values.length > 0 && values.every((value) => value.trim() !== '');
}
