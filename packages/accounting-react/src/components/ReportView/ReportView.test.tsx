import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Fetch } from '../../client/call';
import { failure, fixtureFetchExcept, json, renderWithProvider, urlOf } from '../../testing/render';
import { fixtureReport } from '../../testing/reports';
import { createFixtureFetch } from '../../testing/stub-fetch';
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

  it('asks for cash basis, says what it means, and shows no chart of another basis beside it', async () => {
    const asked: string[] = [];
    const fixture = createFixtureFetch('connected');
    renderWithProvider(<ReportView />, {
      fetch: (input, init) => {
        const { pathname, searchParams } = urlOf(input);
        if (pathname.endsWith('/generate')) asked.push(searchParams.get('basis') ?? 'as booked');
        return fixture(input, init);
      },
    });
    expect(await screen.findByRole('img', { name: /by month/i })).toBeVisible();
    expect(screen.getByText(/^Accrual basis: income and expenses count once they are earned or owed/)).toBeVisible();
    await userEvent.selectOptions(screen.getByLabelText('Basis'), 'Cash');
    expect(await screen.findByRole('table', { name: 'Profit and loss' })).toBeVisible();
    expect(screen.getByText(/^Cash basis: income and expenses count once they are paid/)).toBeVisible();
    expect(screen.queryByRole('img', { name: /by month/i })).toBeNull();
    expect(asked).toEqual(['as booked', 'CASH']);
  });

  it.each(['Cash flow', 'Spending', 'Trial balance', 'General ledger'])(
    'says that %s has no cash basis',
    async (name) => {
      renderWithProvider(<ReportView />);
      await userEvent.click(screen.getByRole('tab', { name }));
      expect(await screen.findByText(/^Shows the books as they are: there is no cash basis/)).toBeVisible();
      expect(screen.queryByLabelText('Basis')).toBeNull();
    },
  );

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

/** A fetch that notes what was asked of one path. */
function watched(path: string): { fetch: Fetch; asked: URLSearchParams[] } {
  const fixture = createFixtureFetch('connected');
  const asked: URLSearchParams[] = [];
  return {
    asked,
    fetch: (input, init) => {
      const url = urlOf(input);
      if (url.pathname === path) asked.push(url.searchParams);
      return fixture(input, init);
    },
  };
}

async function open(tab: string): Promise<HTMLElement> {
  await userEvent.click(screen.getByRole('tab', { name: tab }));
  return screen.findByRole('table', { name: tab });
}

describe('the reports behind the other tabs', () => {
  it('cash flow ends in what the bank accounts hold', async () => {
    renderWithProvider(<ReportView />);
    const table = await open('Cash flow');
    const rows = within(table)
      .getAllByRole('row')
      .map((row) => row.textContent);
    expect(rows).toContain('Net cash from operating activities$53,409.12');
    expect(rows).toContain('Investing activities');
    expect(rows).toContain('None');
    expect(rows.slice(-3)).toEqual([
      'Net change in cash$35,009.12',
      'Cash at the beginning$35,702.25',
      'Cash at the end$70,711.37',
    ]);
  });

  it('the trial balance says that debits equal credits', async () => {
    renderWithProvider(<ReportView />);
    const table = await open('Trial balance');
    expect(screen.getByText('Debits equal credits')).toBeVisible();
    expect(within(table).getByRole('row', { name: /Total/ })).toHaveTextContent('$318,327.78$318,327.78$186,420.50');
  });

  it('spending is listed by category or by counterparty', async () => {
    renderWithProvider(<ReportView defaultType="SPENDING" />);
    expect(await screen.findByRole('row', { name: /Contractors/ })).toHaveTextContent('29.1%$38,400.00$31,200.00');
    await userEvent.selectOptions(screen.getByLabelText('By'), 'Counterparty');
    expect(await screen.findByRole('row', { name: /Payee 1/ })).toBeVisible();
  });

  it('the general ledger of one account goes on where its last page ended', async () => {
    const { fetch, asked } = watched('/v1/reports/account-transactions');
    renderWithProvider(<ReportView defaultType="GENERAL_LEDGER" />, { fetch });
    await userEvent.selectOptions(await screen.findByLabelText('Ledger account'), '5200 Contractors');
    expect(await screen.findByText('5200 Contractors', { selector: 'th' })).toBeVisible();
    await userEvent.click(screen.getByRole('button', { name: 'Load more' }));
    expect(await screen.findByText('Mission Street Lofts')).toBeVisible();
    const table = screen.getByRole('table', { name: 'General ledger' });
    expect(within(table).getAllByText('5200 Contractors')).toHaveLength(1);
    expect(within(table).getByRole('row', { name: /Closing balance/ })).toHaveTextContent('$1,600.00$200.00$1,500.00');
    expect(asked.map((query) => query.get('cursor'))).toEqual([null, null, '2']);
    expect(asked.at(-1)?.get('ledgerAccountId')).toBe('la_5200');
    expect(screen.queryByRole('button', { name: 'Load more' })).toBeNull();
  });

  it.each([
    ['SPENDING', 'Nothing was spent in this period'],
    ['TRIAL_BALANCE', 'Nothing is booked yet'],
  ] as const)('%s says that there is nothing yet', async (type, text) => {
    renderWithProvider(<ReportView defaultType={type} />, { scenario: 'empty' });
    expect(await screen.findByText(text)).toBeVisible();
  });

  it.each([
    ['CASHFLOW', 'The cash flow could not be loaded'],
    ['SPENDING', 'The spending could not be loaded'],
    ['TRIAL_BALANCE', 'The trial balance could not be loaded'],
    ['GENERAL_LEDGER', 'The general ledger could not be loaded'],
  ] as const)('%s offers to try again when it fails', async (type, text) => {
    renderWithProvider(<ReportView defaultType={type} />, { scenario: 'failing' });
    expect(await screen.findByText(text)).toBeVisible();
    expect(screen.getByRole('button', { name: 'Try again' })).toBeVisible();
  });
});

describe('a comparison', () => {
  it('asks the server and stands in columns', async () => {
    const { fetch, asked } = watched('/v1/reports/generate');
    const beside = fixtureReport(0);
    beside.reportPeriod = { month: null, year: null, startDate: '2025-01-01', endDate: '2025-12-31' };
    renderWithProvider(<ReportView />, {
      fetch: (input, init) => {
        const isCompared = urlOf(input).searchParams.has('comparison');
        return isCompared
          ? fetch(input, init).then(() => json({ ...fixtureReport(0), comparison: [beside] }))
          : fetch(input, init);
      },
    });
    await userEvent.selectOptions(await screen.findByLabelText('Compare with'), 'Previous year');
    expect(await screen.findByRole('columnheader', { name: '2025' })).toBeVisible();
    expect(asked.at(-1)?.get('comparison')).toBe('previous_year');
    const table = screen.getByRole('table', { name: 'Profit and loss' });
    expect(within(table).getByRole('row', { name: /Net income/ })).toHaveTextContent('$54,513.22$54,513.22');
  });

  it('by months ends in their total', async () => {
    const month = fixtureReport(0);
    month.reportPeriod = { month: null, year: null, startDate: '2026-02-01', endDate: '2026-02-28' };
    const fetch = fixtureFetchExcept('connected', {
      'GET /v1/reports/generate': () => json({ ...fixtureReport(0), comparison: [month, month] }),
    });
    renderWithProvider(<ReportView />, { fetch });
    await userEvent.selectOptions(await screen.findByLabelText('Compare with'), 'By month');
    await screen.findAllByRole('columnheader', { name: 'February 2026' });
    const heads = screen.getAllByRole('columnheader', { hidden: true }).map((head) => head.textContent);
    expect(heads).toEqual(expect.arrayContaining(['February 2026', 'Total']));
  });
});

describe('a figure', () => {
  it('opens what it is made of, and gives the focus back', async () => {
    const { fetch, asked } = watched('/v1/reports/postings');
    renderWithProvider(<ReportView />, { fetch });
    const figure = within(await screen.findByRole('row', { name: /Contractors/ })).getByRole('button');
    await userEvent.click(figure);
    const dialog = await screen.findByRole('dialog', { name: 'What makes up Contractors' });
    expect(await within(dialog).findByText('GUSTO PAYROLL')).toBeVisible();
    await userEvent.click(within(dialog).getByRole('button', { name: 'Load more' }));
    expect(await within(dialog).findByText('Mission Street Lofts')).toBeVisible();
    expect(within(dialog).getByRole('row', { name: /Contractors/ })).toHaveTextContent('$1,400.00');
    expect(asked.map((query) => [query.get('ledgerAccountIds'), query.get('cursor')])).toEqual([
      ['5200', null],
      ['5200', '2'],
    ]);
    await userEvent.click(within(dialog).getByRole('button', { name: 'Close' }));
    expect(screen.queryByRole('dialog')).toBeNull();
    expect(figure).toHaveFocus();
  });

  it('that grows by credits shows credits as positive', async () => {
    const fetch = fixtureFetchExcept('connected', {
      'GET /v1/reports/postings': () =>
        json({
          currency: 'USD',
          positive: 'credit',
          total: 10,
          totalDecimal: '10.00',
          postings: [
            {
              journalEntryId: 'je',
              line: 1,
              ledgerAccountId: 'la',
              date: '2026-01-01',
              description: 'Invoice 7',
              sourceRef: 'manual:1',
              reversesId: null,
              otherAccounts: [],
              amount: -10,
              amountDecimal: '-10.00',
              debitDecimal: null,
              creditDecimal: '10.00',
            },
          ],
          nextCursor: null,
          hasMore: false,
        }),
    });
    renderWithProvider(<ReportView />, { fetch });
    await userEvent.click(within(await screen.findByRole('row', { name: /Service Revenue/ })).getByRole('button'));
    const dialog = await screen.findByRole('dialog');
    expect(await within(dialog).findByRole('row', { name: /Invoice 7/ })).toHaveTextContent(/Invoice 7\$10.00$/);
  });
});

describe('a download', () => {
  afterEach(() => {
    vi.restoreAllMocks();
    vi.unstubAllGlobals();
  });

  it('saves the file under the server’s name, with the report’s own period', async () => {
    const saved: string[] = [];
    vi.stubGlobal('URL', Object.assign(URL, { createObjectURL: () => 'blob:1', revokeObjectURL: () => undefined }));
    vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (this: HTMLAnchorElement) {
      saved.push(`${this.download} ${this.href}`);
    });
    const asked: URLSearchParams[] = [];
    const fixture = createFixtureFetch('connected');
    renderWithProvider(<ReportView />, {
      fetch: (input, init) => {
        const url = urlOf(input);
        if (url.pathname !== '/v1/reports/download') return fixture(input, init);
        asked.push(url.searchParams);
        const headers = { 'content-disposition': 'attachment; filename="studio.xlsx"' };
        return Promise.resolve(new Response('PK', { headers }));
      },
    });
    await userEvent.selectOptions(await screen.findByLabelText('Period'), 'Last year');
    await userEvent.click(screen.getByRole('button', { name: 'Excel' }));
    await vi.waitFor(() => {
      expect(saved).toEqual(['studio.xlsx blob:1']);
    });
    const year = String(new Date().getFullYear() - 1);
    expect(Object.fromEntries(asked[0] ?? [])).toEqual({
      entityId: 'e1',
      report: 'income-statement',
      format: 'xlsx',
      startDate: `${year}-01-01`,
      endDate: `${year}-12-31`,
    });
  });

  it('says when the file could not be made', async () => {
    const fetch = fixtureFetchExcept('connected', {
      'GET /v1/reports/download': () => failure(503, 'PDF_BUSY', 'busy'),
    });
    renderWithProvider(<ReportView />, { fetch });
    await userEvent.click(await screen.findByRole('button', { name: 'PDF' }));
    expect(await screen.findByText('The file could not be made')).toBeVisible();
  });
});
