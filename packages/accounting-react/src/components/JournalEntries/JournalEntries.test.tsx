import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import { decimalOf, unitsOf } from '../../format/decimals';
import { fixturePeriods } from '../../testing/recurring';
import { failure, fixtureFetchExcept, json, renderWithProvider, urlOf } from '../../testing/render';
import { createFixtureFetch } from '../../testing/stub-fetch';
import { JournalEntries } from './JournalEntries';
import { checked, emptyLine, type DraftLine } from './lines';

function line(key: number, part: Partial<DraftLine>): DraftLine {
  return { ...emptyLine(key), accountId: 'la', ...part };
}

describe('typed amounts', () => {
  it.each([
    ['1,234.5', 12_345_000n],
    ['0.0001', 1n],
    ['', 0n],
    [' 7 ', 70_000n],
    ['9999999999999.9999', 99_999_999_999_999_999n],
    ['1e3', null],
    ['-5', null],
    ['1.00001', null],
    ['abc', null],
  ])('%j is read exactly or not at all', (typed, units) => {
    expect(unitsOf(typed)).toBe(units);
  });

  it.each([
    [12_345_000n, '1234.50'],
    [1n, '0.0001'],
    [-5000n, '-0.50'],
    [0n, '0.00'],
  ])('%s is written as %s', (units, text) => {
    expect(decimalOf(units)).toBe(text);
  });
});

describe('checked', () => {
  it('adds up to the last digit', () => {
    const lines = [line(0, { debit: '0.1' }), line(1, { debit: '0.2' }), line(2, { credit: '0.3' })];
    expect(checked(lines)).toEqual({ debits: '0.30', credits: '0.30', difference: '0.00', obstacle: undefined });
  });

  it.each([
    [[line(0, { debit: '1' })], 'two or more lines'],
    [[line(0, { debit: '1' }), line(1, { credit: '2' })], 'have to be equal'],
    [[line(0, { debit: '1' }), line(1, { credit: '1', accountId: '' })], 'needs a ledger account'],
    [[line(0, { debit: 'x' }), line(1, { credit: '1' })], 'cannot be read'],
    [[line(0, { debit: '1' }), line(1, {}), line(2, { credit: '1' })], 'either a debit or a credit'],
    [[emptyLine(0), emptyLine(1)], 'two or more lines'],
  ])('says what is missing', (lines, words) => {
    expect(checked(lines).obstacle).toContain(words);
  });
});

/** The fields of a line, counted from zero. */
function lineOf(dialog: HTMLElement, index: number): HTMLElement {
  return within(dialog).getByRole('listitem', { name: `Line ${String(index + 1)}` });
}

describe('JournalEntries', () => {
  it('shows who stands behind an entry, and what can be taken back', async () => {
    renderWithProvider(<JournalEntries />);
    const table = await screen.findByRole('table', { name: 'Journal entries' });
    expect(within(table).getByText('From the bank · Robin')).toBeVisible();
    expect(within(table).getByText('Reversed')).toBeVisible();
    expect(within(table).getAllByRole('button')).toHaveLength(1);
  });

  it('posts an entry of three lines once it balances, each form once', async () => {
    const sent: Record<string, unknown>[] = [];
    const fixture = createFixtureFetch('connected');
    renderWithProvider(<JournalEntries />, {
      fetch: (input, init) => {
        if (init?.method === 'POST' && urlOf(input).pathname === '/v1/journal-entries') {
          sent.push(JSON.parse(init.body as string) as Record<string, unknown>);
        }
        return fixture(input, init);
      },
    });
    await userEvent.click(await screen.findByRole('button', { name: 'New entry' }));
    const dialog = screen.getByRole('dialog', { name: 'New journal entry' });
    await userEvent.click(within(dialog).getByRole('button', { name: 'Add a line' }));
    await within(dialog).findAllByRole('option', { name: '6400 Office Supplies' });
    const fill = async (index: number, account: string, side: 'Debit' | 'Credit', amount: string): Promise<void> => {
      const fields = within(lineOf(dialog, index));
      await userEvent.selectOptions(fields.getByLabelText('Ledger account'), account);
      await userEvent.type(fields.getByLabelText(side), amount);
    };
    await userEvent.type(within(dialog).getByLabelText('Description'), 'Laptop and bag');
    await fill(0, 'la_6440', 'Debit', '1,999.90');
    await fill(1, '6400 Office Supplies', 'Debit', '80.1');
    await fill(2, '1000 Business Checking 4410', 'Credit', '2000');
    expect(within(dialog).getByRole('status')).toHaveTextContent('Debits 2080.00, credits 2000.00: 80.00 to go');
    await userEvent.click(within(dialog).getByRole('button', { name: 'Post the entry' }));
    expect(within(dialog).getByRole('alert')).toHaveTextContent('Debits and credits have to be equal.');
    expect(sent).toEqual([]);
    await userEvent.clear(within(lineOf(dialog, 2)).getByLabelText('Credit'));
    await userEvent.type(within(lineOf(dialog, 2)).getByLabelText('Credit'), '2080');
    expect(within(dialog).getByRole('status')).toHaveTextContent('Balanced: 2080.00 on each side');
    await userEvent.click(within(dialog).getByRole('button', { name: 'Post the entry' }));
    expect(await screen.findByText('Laptop and bag')).toBeVisible();
    expect(screen.getByText('The entry was posted.')).toBeInTheDocument();
    expect(screen.queryByRole('dialog')).toBeNull();
    expect(sent).toHaveLength(1);
    expect(sent[0]).toMatchObject({
      description: 'Laptop and bag',
      lines: [
        { accountId: 'la_6440', debit: '1999.90' },
        { accountId: 'la_6400', debit: '80.10' },
        { accountId: 'la_1000', credit: '2080' },
      ],
    });
    expect(sent[0]?.['externalId']).toMatch(/^form-[0-9a-f]{32}$/);
  });

  it('keeps what was typed when the server refuses it', async () => {
    const fetch = fixtureFetchExcept('connected', {
      'POST /v1/journal-entries': () => failure(409, 'PERIOD_CLOSED', 'The books are closed until November 30.'),
    });
    renderWithProvider(<JournalEntries />, { fetch });
    await userEvent.click(await screen.findByRole('button', { name: 'New entry' }));
    const dialog = screen.getByRole('dialog');
    await within(dialog).findAllByRole('option', { name: '6600 Rent' });
    const [first, second] = [within(lineOf(dialog, 0)), within(lineOf(dialog, 1))];
    await userEvent.selectOptions(first.getByLabelText('Ledger account'), '6600 Rent');
    await userEvent.type(first.getByLabelText('Debit'), '5');
    await userEvent.selectOptions(second.getByLabelText('Ledger account'), '3200 Owner Draws');
    await userEvent.type(second.getByLabelText('Credit'), '5');
    await userEvent.click(within(dialog).getByRole('button', { name: 'Post the entry' }));
    expect(await within(dialog).findByText('The books are closed until November 30.')).toBeVisible();
    expect(first.getByLabelText('Debit')).toHaveValue('5');
  });

  it('asks before it reverses, and takes a reason', async () => {
    const reasons: unknown[] = [];
    const fixture = createFixtureFetch('connected');
    renderWithProvider(<JournalEntries />, {
      fetch: (input, init) => {
        if (urlOf(input).pathname.endsWith('/reverse')) reasons.push(JSON.parse(init?.body as string));
        return fixture(input, init);
      },
    });
    await userEvent.click(await screen.findByRole('button', { name: 'Reverse Rent of the storage room' }));
    const dialog = screen.getByRole('dialog', { name: 'Reverse this entry?' });
    await userEvent.type(within(dialog).getByLabelText(/Reason/), 'Twice');
    await userEvent.click(within(dialog).getByRole('button', { name: 'Reverse' }));
    expect(await screen.findAllByText('Reversed')).toHaveLength(2);
    expect(reasons).toEqual([{ reason: 'Twice' }]);
  });

  it('can be for reading only', async () => {
    renderWithProvider(<JournalEntries isEditable={false} />);
    await screen.findByRole('table', { name: 'Journal entries' });
    expect(screen.queryByRole('button', { name: 'New entry' })).toBeNull();
    expect(screen.queryByRole('button', { name: /^Reverse/ })).toBeNull();
  });

  it('says that there is nothing yet, or what went wrong', async () => {
    renderWithProvider(<JournalEntries />, { scenario: 'empty' });
    expect(await screen.findByText('No entries in this period')).toBeVisible();
    renderWithProvider(<JournalEntries />, { scenario: 'failing' });
    expect(await screen.findByText('The journal could not be loaded')).toBeVisible();
  });

  it('says what is held and not in it yet', async () => {
    const fetch = fixtureFetchExcept('connected', {
      'GET /v1/periods': () => json(fixturePeriods({ periodClosed: 2, rateMissing: 1 })),
    });
    renderWithProvider(<JournalEntries />, { fetch });
    expect(await screen.findByText(/2 bank transactions wait for a closed period/)).toHaveTextContent(
      'The books are closed through Dec 31, 2025. They are booked once it is opened again.',
    );
    expect(screen.getByText('1 bank transaction waits for an exchange rate.')).toBeVisible();
  });
});
