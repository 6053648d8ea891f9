/** A design studio's journal and chart of accounts, made up; what is written through it stays. */
import type { Category, JournalEntry } from '../client/types';
import { fixtureCategories } from './transactions';

export type Books = (route: string, body: unknown) => unknown;

interface NewEntry {
  date: string;
  description: string;
  lines: { accountId: string; debit?: string; credit?: string; memo: string }[];
}

/** Three entries: one of the bank's, one written by hand, one that was reversed. */
export function fixtureJournal(chart: Category[]): JournalEntry[] {
  const lines = (amount: string): NewEntry['lines'] => [
    { accountId: 'la_6600', debit: amount, memo: '' },
    { accountId: 'la_1000', credit: amount, memo: '' },
  ];
  const rent = { date: '2026-11-02', description: 'MISSION ST LOFTS RENT NOV', lines: lines('2850.00') };
  const accrual = { date: '2026-11-01', description: 'Rent of the storage room', lines: lines('120.00') };
  return [
    { ...entryOf('je_1', rent, chart), source: { type: 'bank_transaction', id: '17' }, isReversible: false },
    entryOf('je_2', accrual, chart),
    { ...entryOf('je_3', accrual, chart), status: 'REVERSED', isReversible: false, reversedById: 'je_4' },
  ];
}

function entryOf(id: string, given: NewEntry, chart: Category[]): JournalEntry {
  return {
    id,
    entityId: 'fixture',
    date: given.date,
    description: given.description,
    status: 'POSTED',
    kind: 'MANUAL' as JournalEntry['kind'],
    source: { type: 'manual_entry', id },
    by: { kind: 'person', id: 'u1', name: 'Robin' },
    reason: '',
    note: '',
    reversesId: null,
    reversedById: null,
    isReversible: true,
    lines: given.lines.map(({ accountId, debit, credit, memo }) => {
      const account = chart.find((each) => each.id === accountId);
      return {
        accountId,
        accountName: account?.name ?? '',
        accountCode: account?.code ?? 0,
        accountType: account?.type ?? 'EXPENSE',
        debit: debit === undefined ? null : Number(debit),
        credit: credit === undefined ? null : Number(credit),
        debitDecimal: debit ?? null,
        creditDecimal: credit ?? null,
        currency: 'USD',
        memo,
      };
    }),
    createdAt: '2026-11-20T09:00:00Z',
  };
}

/** Answers what is asked of the chart and the journal; undefined for anything else. */
export function createBooks(isEmpty: boolean): Books {
  let chart = fixtureCategories();
  let journal = isEmpty ? [] : fixtureJournal(chart);
  const change = (id: string, part: Partial<Category>): unknown => {
    chart = chart.map((account) => (account.id === id ? { ...account, ...part } : account));
    return { category: chart.find((account) => account.id === id) };
  };
  const onChart = (method: string, id: string, deed: string | undefined, body: unknown): unknown => {
    if (deed === 'archive') return change(id, { isArchived: method === 'POST' });
    if (deed === 'merge') {
      const merged = change(id, {
        isArchived: true,
        mergedIntoId: (body as { intoCategoryId: string }).intoCategoryId,
      });
      return { ...(merged as object), bankTransactions: 3, entries: 0, rules: 1, transfers: 0, dryRun: false };
    }
    const { name, accountCode } = body as { name: string; accountCode?: number };
    return change(id, { name, ...(accountCode === undefined ? {} : { code: accountCode }) });
  };
  return (route, body) => {
    const [method = '', path = ''] = route.split(' ');
    const [, , what, id, deed] = path.split('/');
    if (what === 'categories' && id !== undefined) return onChart(method, id, deed, body);
    if (what === 'journal-entries' && deed === 'reverse') {
      journal = journal.map((entry) =>
        entry.id === id ? { ...entry, status: 'REVERSED', isReversible: false } : entry,
      );
      return journal.find((entry) => entry.id === id);
    }
    switch (route) {
      case 'GET /v1/categories':
        return { categories: chart };
      case 'POST /v1/categories': {
        const { name, type } = body as { name: string; type: Category['type'] };
        const [sample] = fixtureCategories();
        if (sample === undefined) return undefined;
        const added = { ...sample, id: `la_${name}`, name, type, code: 6995, isCategory: true };
        chart = [...chart, added];
        return { category: { id: added.id, name, type, entityId: 'fixture', subTypeCode: null, code: added.code } };
      }
      case 'POST /v1/chart/import':
        return { added: 2, changed: 1, unchanged: 17, archived: 0, dryRun: true };
      case 'GET /v1/journal-entries':
        return { journalEntries: journal, nextCursor: null, hasMore: false };
      case 'POST /v1/journal-entries': {
        const entry = entryOf(`je_new_${String(journal.length)}`, body as NewEntry, chart);
        journal = [entry, ...journal];
        return { journalEntry: entry, transactionId: '1', isNew: true, dryRun: false };
      }
      default:
        return undefined;
    }
  };
}
