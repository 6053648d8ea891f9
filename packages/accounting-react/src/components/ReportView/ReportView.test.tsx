import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import { createFixtureFetch } from '../../testing/stub-fetch';
import { renderWithProvider } from '../../testing/render';
import { BalanceSheet } from '../BalanceSheet/BalanceSheet';
import { ReportView } from './ReportView';

describe('ReportView', () => {
  it('shows groups, subtotals and the result', async () => {
    renderWithProvider(<ReportView />);
    const table = await screen.findByRole('table', { name: 'Profit and loss' });
    const rows = within(table)
      .getAllByRole('row')
      .map((row) => row.textContent);
    expect(rows).toContain('Contractors$38,400.00');
    expect(rows).toContain('Total Cost of services$43,902.10');
    expect(rows.at(-1)).toBe('Net income$54,513.22');
    expect(screen.getByText(/13 transactions \(\$1,842.35\) not reviewed yet/)).toBeVisible();
  });

  it('asks for the period that is picked', async () => {
    const asked: string[] = [];
    const fetch = createFixtureFetch('connected');
    renderWithProvider(<ReportView />, {
      fetch: (input, init) => {
        const { searchParams } = new URL(input instanceof Request ? input.url : input);
        if (searchParams.has('startDate'))
          asked.push(`${String(searchParams.get('startDate'))} ${String(searchParams.get('endDate'))}`);
        return fetch(input, init);
      },
    });
    await userEvent.selectOptions(await screen.findByLabelText('Period'), 'Last year');
    const year = new Date().getFullYear() - 1;
    await screen.findByRole('table', { name: 'Profit and loss' });
    expect(asked.at(-1)).toBe(`${String(year)}-01-01 ${String(year)}-12-31`);
    await userEvent.selectOptions(screen.getByLabelText('Period'), 'Custom dates');
    expect(screen.getByLabelText('From')).toHaveValue(`${String(year)}-01-01`);
  });

  it('shows the balance sheet behind its tab', async () => {
    renderWithProvider(<ReportView />);
    await userEvent.click(screen.getByRole('tab', { name: 'Balance sheet' }));
    const table = await screen.findByRole('table', { name: 'Balance sheet' });
    expect(within(table).getByRole('row', { name: /Owner Draws/ })).toHaveTextContent('($18,400.00)');
    expect(screen.getByText('Assets equal liabilities plus equity')).toBeVisible();
  });

  it('warns when the books do not balance', async () => {
    renderWithProvider(<BalanceSheet />, { scenario: 'unbalanced' });
    expect(await screen.findByRole('alert')).toHaveTextContent('The two sides are not equal');
  });
});
