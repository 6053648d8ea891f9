import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import { failure, fixtureFetchExcept, renderWithProvider, urlOf } from '../../testing/render';
import { createFixtureFetch } from '../../testing/stub-fetch';
import { AccountBooking } from './AccountBooking';

function renderWatched(): { method: string; path: string; body: unknown }[] {
  const sent: { method: string; path: string; body: unknown }[] = [];
  const fixture = createFixtureFetch('connected');
  renderWithProvider(<AccountBooking accountId="ba_checking" />, {
    fetch: (input, init) => {
      const method = init?.method ?? 'GET';
      if (method !== 'GET') sent.push({ method, path: urlOf(input).pathname, body: JSON.parse(init?.body as string) });
      return fixture(input, init);
    },
  });
  return sent;
}

describe('AccountBooking', () => {
  it('says how the account is booked now', async () => {
    renderWithProvider(<AccountBooking accountId="ba_checking" />);
    expect(await screen.findByText(/history reaches back to Dec 2, 2024/)).toHaveTextContent(
      'opening balance of $8,412.40, computed so that they match the bank',
    );
    expect(screen.getByRole('heading', { name: 'How Business Checking is booked' })).toBeVisible();
  });

  it('takes an opening balance that is known, with its day', async () => {
    const sent = renderWatched();
    await userEvent.selectOptions(await screen.findByLabelText('Opening balance'), 'I know it');
    await userEvent.type(screen.getByLabelText('Amount in USD'), '-1,250.5');
    await userEvent.click(screen.getByRole('button', { name: 'Save' }));
    expect(screen.getByRole('alert')).toHaveTextContent('needs the day');
    expect(sent).toEqual([]);
    await userEvent.type(screen.getByLabelText('At the beginning of'), '2026-01-01');
    await userEvent.click(screen.getByRole('button', { name: 'Save' }));
    expect(await screen.findAllByText(/Saved/)).not.toHaveLength(0);
    expect(sent).toEqual([
      {
        method: 'PATCH',
        path: '/v1/banks/accounts/ba_checking/settings',
        body: { ledgerAccountId: 'la_1000', openingBalance: { amount: '-1250.5', date: '2026-01-01' } },
      },
    ]);
    expect(await screen.findByText(/-\$1,250.50, as given/)).toBeVisible();
  });

  it('goes back to a computed one, from a day on, into a new ledger account', async () => {
    const sent = renderWatched();
    await userEvent.selectOptions(await screen.findByLabelText('Ledger account'), 'A new ledger account…');
    await userEvent.type(screen.getByLabelText('Its name'), 'House bank');
    await userEvent.type(screen.getByLabelText('The books begin on'), '2026-02-01');
    await userEvent.click(screen.getByRole('button', { name: 'Save' }));
    expect(await screen.findAllByText(/Saved/)).not.toHaveLength(0);
    expect(sent.map(({ body }) => body)).toEqual([
      { name: 'House bank', type: 'ASSET', description: '' },
      { ledgerAccountId: 'la_House bank', openingBalance: null, historyStart: '2026-02-01' },
    ]);
  });

  it('says in words what the server refuses, and keeps what was typed', async () => {
    const fetch = fixtureFetchExcept('connected', {
      'PATCH /v1/banks/accounts/ba_checking/settings': () =>
        failure(409, 'LEDGER_ACCOUNT_FED', 'Another linked bank account feeds that ledger account already.'),
    });
    renderWithProvider(<AccountBooking accountId="ba_checking" />, { fetch });
    await userEvent.type(await screen.findByLabelText('The books begin on'), '2026-02-01');
    await userEvent.click(screen.getByRole('button', { name: 'Save' }));
    expect(await screen.findByRole('alert')).toHaveTextContent('Another linked bank account feeds');
    expect(screen.getByLabelText('The books begin on')).toHaveValue('2026-02-01');
  });
});
