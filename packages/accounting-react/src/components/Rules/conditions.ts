/** The conditions that the form can make, and their form on the wire. No React here. */

/** What the form asks. Empty: it does not matter. Amounts are in major units, as typed. */
export interface SimpleCondition {
  text: string;
  counterparty: string;
  atLeast: string;
  atMost: string;
  direction: '' | 'in' | 'out';
  bankAccountId: string;
}

export type Json = Record<string, unknown>;

export const NO_CONDITION: SimpleCondition = {
  text: '',
  counterparty: '',
  atLeast: '',
  atMost: '',
  direction: '',
  bankAccountId: '',
};

interface Statement {
  key: keyof SimpleCondition;
  field: string;
  operator: string;
}

const STATEMENTS: Statement[] = [
  { key: 'text', field: 'text', operator: 'contains' },
  { key: 'counterparty', field: 'counterparty', operator: 'is' },
  { key: 'atLeast', field: 'amount', operator: 'at_least' },
  { key: 'atMost', field: 'amount', operator: 'at_most' },
  { key: 'direction', field: 'direction', operator: 'is' },
  { key: 'bankAccountId', field: 'bank_account', operator: 'is' },
];

/** The condition on the wire; null while nothing is asked, since such a rule would find everything. */
export function conditionOf(simple: SimpleCondition): Json | null {
  const asked = STATEMENTS.flatMap(({ key, field, operator }) => {
    const value = simple[key].trim();
    return value === '' ? [] : [{ field, operator, value: field === 'amount' ? value.replace(',', '.') : value }];
  });
  const [first] = asked;
  if (first === undefined) return null;
  return asked.length === 1 ? first : { all: asked };
}

/** What the form shows of a condition; null if it says more than the form can. */
export function simpleOf(condition: Json): SimpleCondition | null {
  const parts: unknown = Object.keys(condition).join() === 'all' ? condition['all'] : [condition];
  if (!Array.isArray(parts)) return null;
  const simple = { ...NO_CONDITION };
  for (const part of parts as Json[]) {
    const known = STATEMENTS.find(({ field, operator }) => part['field'] === field && part['operator'] === operator);
    const value = part['value'];
    if (known === undefined || (typeof value !== 'string' && typeof value !== 'number')) return null;
    if (simple[known.key] !== '') return null;
    Object.assign(simple, { [known.key]: String(value) });
  }
  return simple;
}
