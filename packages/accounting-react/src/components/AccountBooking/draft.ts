/** What is being chosen for a bank account, as typed. */
import type { BookingChange, BookingSettings } from '../../client/types';

export interface Draft {
  ledgerAccountId: string;
  /** Of a ledger account that is to be made. */
  newName: string;
  isGiven: boolean;
  amount: string;
  /** ISO date; empty: with the first transaction. */
  start: string;
}

const AMOUNT = /^-?\d{1,12}(?:\.\d{1,4})?$/;

export function draftOf({ ledgerAccountId, historyStart, openingBalance }: BookingSettings): Draft {
  const isGiven = openingBalance?.source === 'given';
  return {
    ledgerAccountId,
    newName: '',
    isGiven,
    amount: isGiven ? openingBalance.amount : '',
    start: historyStart ?? '',
  };
}

/** What keeps the draft from being saved, in words; undefined when nothing does. */
export function obstacleOf(draft: Draft, today: string): string | undefined {
  if (draft.ledgerAccountId === 'new' && draft.newName.trim() === '') return 'The new ledger account needs a name.';
  if (draft.start > today) return 'The books cannot begin in the future.';
  if (!draft.isGiven) return undefined;
  if (!AMOUNT.test(plain(draft.amount))) return 'The opening balance cannot be read. Write it like 1234.50.';
  return draft.start === '' ? 'A known opening balance needs the day on which the books begin with it.' : undefined;
}

/** The same as the server takes it. */
export function changeOf({ isGiven, amount, start }: Draft, ledgerAccountId: string): BookingChange {
  if (isGiven) return { ledgerAccountId, openingBalance: { amount: plain(amount), date: start } };
  return { ledgerAccountId, openingBalance: null, historyStart: start === '' ? null : start };
}

function plain(amount: string): string {
  return amount.replaceAll(',', '').trim();
}
