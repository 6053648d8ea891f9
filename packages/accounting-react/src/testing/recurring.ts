/** Recurring entries, closed periods and how a bank account is booked, made up; what is written stays. */
import type { BookingChange, BookingSettings, Periods, RecurringDraft, RecurringEntry } from '../client/types';
import type { Books } from './books';

export function fixturePeriods(held: Partial<Periods['held']> = {}): Periods {
  return {
    closedThrough: '2025-12-31',
    fiscalYearStartMonth: 1,
    held: { periodClosed: 0, rateMissing: 0, notRepresentable: 0, ...held },
    events: [],
  };
}

/** Rent that comes every month, and one that is held. */
export function fixtureRecurring(given: Partial<RecurringEntry> = {}): RecurringEntry {
  const line = { accountId: 'la_6600', currency: 'USD', memo: '', debit: null, credit: null };
  return {
    id: 'rec_1',
    schedule: { frequency: 'monthly', every: 1, startsOn: '2026-01-31', endsOn: null },
    description: 'Storage room',
    note: '',
    metadata: {},
    lines: [
      { ...line, debitDecimal: '120.00', creditDecimal: null },
      { ...line, accountId: 'la_1000', debitDecimal: null, creditDecimal: '120.00' },
    ],
    makesDrafts: false,
    isPaused: false,
    nextDates: ['2026-11-30', '2026-12-31', '2027-01-31'],
    problem: '',
    createdAt: '2026-01-02T09:00:00Z',
    updatedAt: '2026-01-02T09:00:00Z',
    ...given,
  };
}

/** Answers what is asked of recurring entries; what is written stays. */
export function createRecurring(isEmpty: boolean): Books {
  let entries = isEmpty
    ? []
    : [
        fixtureRecurring(),
        fixtureRecurring({
          id: 'rec_2',
          description: 'Depreciation',
          schedule: { frequency: 'yearly', every: 1, startsOn: '2025-12-31', endsOn: '2028-12-31' },
          nextDates: ['2025-12-31', '2026-12-31'],
          problem: 'The books are closed through 2025-12-31.',
        }),
      ];
  const change = (id: string, part: Partial<RecurringEntry>): unknown => {
    entries = entries.map((entry) => (entry.id === id ? { ...entry, ...part } : entry));
    return entries.find((entry) => entry.id === id);
  };
  const written = ({ description, schedule, lines, makesDrafts }: RecurringDraft): Partial<RecurringEntry> => ({
    description: description ?? '',
    schedule,
    makesDrafts: makesDrafts ?? false,
    nextDates: [schedule.startsOn],
    problem: '',
    lines: lines.map(({ accountId, debit, credit, memo }) => ({
      accountId,
      debit: null,
      credit: null,
      debitDecimal: debit === undefined || debit === null ? null : String(debit),
      creditDecimal: credit === undefined || credit === null ? null : String(credit),
      currency: 'USD',
      memo: memo ?? '',
    })),
  });
  return (route, body) => {
    const [method, , , id, deed] = route
      .replace(' ', '/')
      .split('/')
      .filter((part) => part !== 'v1');
    if (deed === 'pause') return change(id ?? '', { isPaused: method === 'POST' });
    if (id !== undefined && method === 'PUT') return change(id, written(body as RecurringDraft));
    if (id !== undefined && method === 'DELETE') {
      entries = entries.filter((entry) => entry.id !== id);
      return { message: 'Nothing more will come of it.' };
    }
    if (method === 'POST') {
      const entry = fixtureRecurring({ ...written(body as RecurringDraft), id: `rec_${String(entries.length + 1)}` });
      entries = [...entries, entry];
      return entry;
    }
    return { recurringEntries: entries };
  };
}

/** How an account is booked; what is chosen stays. */
export function createBooking(): (method: string, body: unknown) => BookingSettings {
  let settings: BookingSettings = {
    id: 'ba_checking',
    historyStart: null,
    oldestTransactionOn: '2024-12-02',
    ledgerAccountId: 'la_1000',
    openingBalance: { source: 'computed', amount: '8412.40', date: '2024-12-02' },
  };
  return (method, body) => {
    if (method !== 'PATCH') return settings;
    const { historyStart, ledgerAccountId, openingBalance } = body as BookingChange;
    settings = {
      ...settings,
      historyStart: openingBalance?.date ?? historyStart ?? null,
      ledgerAccountId: ledgerAccountId ?? settings.ledgerAccountId,
      openingBalance:
        openingBalance === null || openingBalance === undefined
          ? { source: 'computed', amount: '8412.40', date: historyStart ?? '2024-12-02' }
          : { source: 'given', amount: String(openingBalance.amount), date: openingBalance.date },
    };
    return settings;
  };
}
