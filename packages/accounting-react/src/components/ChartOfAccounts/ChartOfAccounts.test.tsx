import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import { failure, fixtureFetchExcept, renderWithProvider, urlOf } from '../../testing/render';
import { createFixtureFetch } from '../../testing/stub-fetch';
import { fixtureCategories } from '../../testing/transactions';
import { ChartOfAccounts } from './ChartOfAccounts';
import { branchesOf } from './tree';

describe('branchesOf', () => {
  it('puts parts below their whole, and those whose whole is not shown at the top', () => {
    const [travel, rent, fares] = fixtureCategories().filter(({ name }) =>
      ['Travel', 'Rent', 'Local Transport'].includes(name),
    );
    if (travel === undefined || rent === undefined || fares === undefined) throw new Error('The fixture has changed.');
    const chart = [rent, { ...travel, parentAccountId: 'gone' }, { ...fares, parentAccountId: travel.id }];
    expect(branchesOf(chart, 'EXPENSE').map(({ account, depth }) => [account.name, depth])).toEqual([
      [rent.name, 0],
      [travel.name, 0],
      [fares.name, 1],
    ]);
  });
});

async function rowOf(name: RegExp): Promise<HTMLElement> {
  return screen.findByRole('row', { name });
}

describe('ChartOfAccounts', () => {
  it('shows the five types with their accounts', async () => {
    renderWithProvider(<ChartOfAccounts />);
    expect(await rowOf(/4010 Service Revenue/)).toBeVisible();
    for (const title of ['Assets', 'Liabilities', 'Equity', 'Revenue', 'Expenses']) {
      expect(screen.getByRole('rowheader', { name: title })).toBeVisible();
    }
  });

  it('adds an account', async () => {
    const sent: unknown[] = [];
    const fixture = createFixtureFetch('connected');
    renderWithProvider(<ChartOfAccounts />, {
      fetch: (input, init) => {
        if (init?.method === 'POST') sent.push(JSON.parse(init.body as string));
        return fixture(input, init);
      },
    });
    await userEvent.click(await screen.findByRole('button', { name: 'New account' }));
    const dialog = screen.getByRole('dialog', { name: 'New ledger account' });
    await userEvent.click(within(dialog).getByRole('button', { name: 'Save' }));
    expect(within(dialog).getByText('A name is needed')).toBeVisible();
    await userEvent.type(within(dialog).getByLabelText(/^Name/), 'Props');
    await userEvent.selectOptions(within(dialog).getByLabelText('Part of'), '6400 Office Supplies');
    await userEvent.click(within(dialog).getByRole('button', { name: 'Save' }));
    expect(await rowOf(/Props/)).toBeVisible();
    expect(sent).toEqual([{ name: 'Props', type: 'EXPENSE', description: '', parentAccountId: 'la_6400' }]);
    expect(screen.getByText('Props was added.')).toBeInTheDocument();
  });

  it('renames one, archives it and brings it back', async () => {
    renderWithProvider(<ChartOfAccounts />);
    await userEvent.click(await screen.findByRole('button', { name: 'Change Meals' }));
    const dialog = screen.getByRole('dialog', { name: 'Change Meals' });
    await userEvent.clear(within(dialog).getByLabelText(/^Name/));
    await userEvent.type(within(dialog).getByLabelText(/^Name/), 'Team meals');
    await userEvent.click(within(dialog).getByRole('button', { name: 'Save' }));
    await userEvent.click(await screen.findByRole('button', { name: 'Archive Team meals' }));
    expect(await screen.findByText('Archived')).toBeVisible();
    await userEvent.click(screen.getByRole('button', { name: 'Restore Team meals' }));
    expect(await screen.findByRole('button', { name: 'Archive Team meals' })).toBeVisible();
  });

  it('merges one into another of its type', async () => {
    renderWithProvider(<ChartOfAccounts />);
    await userEvent.click(await screen.findByRole('button', { name: 'Merge Local Transport' }));
    const dialog = screen.getByRole('dialog', { name: /Merge Local Transport/ });
    const into = within(dialog).getByLabelText('Into');
    expect(within(into).queryByRole('option', { name: /Service Revenue|Local Transport/ })).toBeNull();
    await userEvent.selectOptions(into, '6850 Travel');
    await userEvent.click(within(dialog).getByRole('button', { name: 'Merge' }));
    const row = await rowOf(/6890 Local Transport/);
    expect(await within(row).findByText('Archived')).toBeVisible();
    expect(within(row).queryByRole('button')).toBeNull();
  });

  it('looks at a file before it takes it', async () => {
    const rehearsals: (string | null)[] = [];
    const fixture = createFixtureFetch('connected');
    renderWithProvider(<ChartOfAccounts />, {
      fetch: (input, init) => {
        const url = urlOf(input);
        if (url.pathname === '/v1/chart/import') rehearsals.push(url.searchParams.get('dryRun'));
        return fixture(input, init);
      },
    });
    await screen.findByRole('button', { name: 'Export CSV' });
    const file = new File(['number,name,type\n6996,Props,EXPENSE\n'], 'chart.csv', { type: 'text/csv' });
    await userEvent.upload(screen.getByLabelText('Import CSV'), file);
    const dialog = await screen.findByRole('dialog', { name: 'Import chart.csv?' });
    expect(dialog).toHaveTextContent('2 to be added, 1 changed, 0 archived, 17 as they are');
    await userEvent.click(within(dialog).getByRole('button', { name: 'Import' }));
    expect(await screen.findByText('chart.csv was imported.')).toBeInTheDocument();
    expect(rehearsals).toEqual(['true', 'false']);
  });

  it('says why the server refuses', async () => {
    const fetch = fixtureFetchExcept('connected', {
      'POST /v1/categories/la_6350/archive': () => failure(409, 'IN_USE', 'A rule books to this account.'),
    });
    renderWithProvider(<ChartOfAccounts />, { fetch });
    await userEvent.click(await screen.findByRole('button', { name: 'Archive Meals' }));
    expect(await screen.findByText('A rule books to this account.')).toBeVisible();
  });

  it('can be for reading only', async () => {
    renderWithProvider(<ChartOfAccounts isEditable={false} />);
    await rowOf(/Meals/);
    expect(screen.queryByRole('button')).toBeNull();
  });
});
