import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import { failure, fixtureFetchExcept, renderWithProvider, urlOf } from '../../testing/render';
import { createFixtureFetch } from '../../testing/stub-fetch';
import { RecurringEntries } from './RecurringEntries';

function renderWatched(): unknown[] {
  const sent: unknown[] = [];
  const fixture = createFixtureFetch('connected');
  renderWithProvider(<RecurringEntries />, {
    fetch: (input, init) => {
      if (init?.method !== undefined && init.method !== 'GET' && typeof init.body === 'string') {
        sent.push([init.method, urlOf(input).pathname, JSON.parse(init.body)]);
      }
      return fixture(input, init);
    },
  });
  return sent;
}

describe('RecurringEntries', () => {
  it('says when each comes, and which one is held and why', async () => {
    renderWithProvider(<RecurringEntries />);
    const rent = await screen.findByRole('region', { name: 'Storage room' });
    expect(rent).toHaveTextContent('Every month from Jan 31, 2026');
    expect(rent).toHaveTextContent('Next on Nov 30, 2026.');
    expect(rent).toHaveTextContent('Dec 31, 2026 · Jan 31, 2027');
    expect(rent).toHaveTextContent('$120.00');
    const held = screen.getByRole('region', { name: 'Depreciation' });
    expect(within(held).getByText('Held')).toBeVisible();
    expect(held).toHaveTextContent('The entry of Dec 31, 2025 is held: The books are closed through 2025-12-31.');
    expect(held).toHaveTextContent('until Dec 31, 2028');
  });

  it('writes one once it balances and its days make sense', async () => {
    const sent = renderWatched();
    await userEvent.click(await screen.findByRole('button', { name: 'New recurring entry' }));
    const dialog = screen.getByRole('dialog', { name: 'New recurring entry' });
    await within(dialog).findAllByRole('option', { name: '6600 Rent' });
    await userEvent.type(within(dialog).getByLabelText('Description'), 'Desk');
    const line = (number: number): HTMLElement =>
      within(dialog).getByRole('listitem', { name: `Line ${String(number)}` });
    await userEvent.selectOptions(within(line(1)).getByLabelText('Ledger account'), '6600 Rent');
    await userEvent.type(within(line(1)).getByLabelText('Debit'), '80');
    await userEvent.selectOptions(within(line(2)).getByLabelText('Ledger account'), '3200 Owner Draws');
    await userEvent.type(within(line(2)).getByLabelText('Credit'), '80');
    const every = within(dialog).getByLabelText('Every');
    await userEvent.clear(every);
    await userEvent.type(every, '0');
    await userEvent.click(within(dialog).getByRole('button', { name: 'Save' }));
    expect(within(dialog).getByRole('alert')).toHaveTextContent('every 1 to 100');
    await userEvent.clear(every);
    await userEvent.type(every, '2');
    await userEvent.selectOptions(within(dialog).getByLabelText('Unit'), 'Weeks');
    const first = within(dialog).getByLabelText('First on');
    await userEvent.clear(first);
    await userEvent.type(first, '2027-01-05');
    await userEvent.click(within(dialog).getByRole('button', { name: 'Save' }));
    expect(await screen.findByRole('region', { name: 'Desk' })).toHaveTextContent('Every 2 weeks from Jan 5, 2027');
    expect(sent).toEqual([
      [
        'POST',
        '/v1/recurring-entries',
        {
          schedule: { frequency: 'weekly', every: 2, startsOn: '2027-01-05', endsOn: null },
          description: 'Desk',
          note: '',
          makesDrafts: false,
          lines: [
            { accountId: 'la_6600', memo: '', debit: '80' },
            { accountId: expect.any(String) as string, memo: '', credit: '80' },
          ],
        },
      ],
    ]);
  });

  it('changes, pauses, resumes and deletes', async () => {
    const sent = renderWatched();
    await userEvent.click(await screen.findByRole('button', { name: 'Change Storage room' }));
    const dialog = screen.getByRole('dialog');
    const description = within(dialog).getByLabelText('Description');
    await userEvent.clear(description);
    await userEvent.type(description, 'Store');
    await userEvent.click(within(dialog).getByRole('button', { name: 'Save' }));
    await userEvent.click(await screen.findByRole('button', { name: 'Pause Store' }));
    expect(sent).toMatchObject([['PUT', '/v1/recurring-entries/rec_1', { description: 'Store', currency: 'USD' }]]);
    expect(await screen.findByText('Paused')).toBeVisible();
    await userEvent.click(screen.getByRole('button', { name: 'Resume Store' }));
    await userEvent.click(await screen.findByRole('button', { name: 'Delete Store' }));
    await userEvent.click(
      within(screen.getByRole('dialog', { name: 'Delete Store?' })).getByRole('button', { name: 'Delete' }),
    );
    expect(await screen.findByRole('region', { name: 'Depreciation' })).toBeVisible();
    expect(screen.queryByRole('region', { name: 'Store' })).toBeNull();
  });

  it('keeps what was typed when the server refuses it', async () => {
    const fetch = fixtureFetchExcept('connected', {
      'PUT /v1/recurring-entries/rec_1': () => failure(409, 'ACCOUNT_ARCHIVED', 'Rent is archived.'),
    });
    renderWithProvider(<RecurringEntries />, { fetch });
    await userEvent.click(await screen.findByRole('button', { name: 'Change Storage room' }));
    const dialog = screen.getByRole('dialog');
    await userEvent.click(within(dialog).getByRole('button', { name: 'Save' }));
    expect(await within(dialog).findByText('Rent is archived.')).toBeVisible();
    expect(within(dialog).getByLabelText('Description')).toHaveValue('Storage room');
  });

  it('can be for reading only, says that there is none, or what went wrong', async () => {
    renderWithProvider(<RecurringEntries isEditable={false} />);
    await screen.findByRole('region', { name: 'Storage room' });
    expect(screen.queryByRole('button', { name: /New|Change|Delete/ })).toBeNull();
    renderWithProvider(<RecurringEntries />, { scenario: 'empty' });
    expect(await screen.findByText('Nothing comes again by itself yet')).toBeVisible();
    renderWithProvider(<RecurringEntries />, { scenario: 'failing' });
    expect(await screen.findByText('The recurring entries could not be loaded')).toBeVisible();
  });
});
