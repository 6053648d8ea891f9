/** What a rule does, as the form asks it and on the wire. No React here. */
import type { Rule, RuleSuggestion } from '../../client/types';
import { checkedParts, partsOf, type DraftPart, type PartBody } from './split';

export type Deed = 'category' | 'split' | 'transfer' | 'exclude' | 'name';

export const DEEDS: { value: Deed; label: string }[] = [
  { value: 'category', label: 'put it in a category' },
  { value: 'split', label: 'split it over categories' },
  { value: 'transfer', label: 'it is a transfer between my own accounts' },
  { value: 'exclude', label: 'leave it out of the books' },
  { value: 'name', label: 'leave the category to the others' },
];

export interface DraftAction {
  deed: Deed;
  categoryId: string;
  counterparty: string;
  parts: DraftPart[];
}

export interface ActionBody {
  categoryId: string | null;
  counterparty: string | null;
  transfer: boolean;
  exclude: boolean;
  split: PartBody[] | null;
}

export function draftActionOf(rule: Rule | RuleSuggestion | undefined, currency: string): DraftAction {
  const action = rule?.action;
  return {
    deed: deedOf(action),
    categoryId: action?.categoryId ?? '',
    counterparty: action?.counterparty ?? '',
    parts: partsOf(action?.split, currency),
  };
}

function deedOf(action: Rule['action'] | undefined): Deed {
  if (action?.categoryId !== null) return 'category';
  if (action.split) return 'split';
  if (action.transfer) return 'transfer';
  return action.exclude ? 'exclude' : 'name';
}

/** The action on the wire; null while something of it is missing. */
export function actionOf({ deed, categoryId, counterparty, parts }: DraftAction): ActionBody | null {
  const name = counterparty.trim();
  const split = deed === 'split' ? checkedParts(parts) : undefined;
  if (split?.obstacle !== undefined) return null;
  if ((deed === 'category' && categoryId === '') || (deed === 'name' && name === '')) return null;
  return {
    categoryId: deed === 'category' ? categoryId : null,
    counterparty: name === '' ? null : name,
    transfer: deed === 'transfer',
    exclude: deed === 'exclude',
    split: split?.body ?? null,
  };
}
