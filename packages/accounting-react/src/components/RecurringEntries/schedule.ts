/** Schedules in words, and what an entry comes to. */
import type { RecurringEntry } from '../../client/types';
import { formatDate } from '../../format/dates';
import { decimalOf, unitsOf } from '../../format/decimals';

type Schedule = RecurringEntry['schedule'];

export const FREQUENCIES = [
  { value: 'weekly', label: 'Weeks' },
  { value: 'monthly', label: 'Months' },
  { value: 'yearly', label: 'Years' },
] as const;

const UNITS: Record<Schedule['frequency'], string> = { weekly: 'week', monthly: 'month', yearly: 'year' };

/** "Every 2 weeks from Jan 5, 2026 until Dec 31, 2026". */
export function scheduleWords({ frequency, every = 1, startsOn, endsOn }: Schedule, locale: string): string {
  const unit = UNITS[frequency];
  const often = every === 1 ? `Every ${unit}` : `Every ${String(every)} ${unit}s`;
  const end = endsOn === null || endsOn === undefined ? '' : ` until ${formatDate(endsOn, locale)}`;
  return `${often} from ${formatDate(startsOn, locale)}${end}`;
}

/** The sum of the debits in each currency. */
export function debitsOf({ lines }: RecurringEntry): { amount: string; currency: string }[] {
  const sums = new Map<string, bigint>();
  for (const { debitDecimal, currency } of lines) {
    if (debitDecimal !== null) sums.set(currency, (sums.get(currency) ?? 0n) + (unitsOf(debitDecimal) ?? 0n));
  }
  return [...sums].map(([currency, units]) => ({ amount: decimalOf(units), currency }));
}
