import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';
import { failure, fixtureFetchExcept, json, renderWithProvider } from '../../testing/render';
import { TransactionsView } from './TransactionsView';

async function firstRow(name: RegExp): Promise<HTMLElement> {
  const [row] = await screen.findAllByRole('row', { name });
  if (row === undefined) throw new Error('No such row.');
  return row;
}

async function firstButton(name: string): Promise<HTMLElement> {
  const [button] = await screen.findAllByRole('button', { name });
  if (button === undefined) throw new Error('No such button.');
  return button;
}

describe('TransactionsView', () => {
  it('shows category, confidence and reason of what awaits review', async () => {
    renderWithProvider(<TransactionsView />);
    const row = await firstRow(/Staples/);
    expect(within(row).getByRole('combobox')).toHaveDisplayValue('Office Supplies');
    expect(row).toHaveTextContent('Confidence 78%');
    expect(row).toHaveTextContent('Bank says: office supplies');
    expect(row).toHaveTextContent('-$64.12');
  });

  it('puts a row in another category', async () => {
    const sent = vi.fn(() => json({ message: 'ok', transaction: { id: 'x', updatedAt: '' } }));
    const fetch = fixtureFetchExcept('connected', { 'POST /v1/transactions/categorize': sent });
    renderWithProvider(<TransactionsView />, { fetch });
    const row = await firstRow(/Staples/);
    const picker = within(row).getByRole('combobox', { name: 'Category of Staples' });
    await userEvent.selectOptions(picker, 'Travel');
    expect(await screen.findByText('Staples is now in Travel.')).toBeInTheDocument();
    expect(sent).toHaveBeenCalledWith({ transactionId: 'tx_7', categoryId: 'la_6850' });
    expect(picker).toHaveDisplayValue('Travel');
    expect(row).toHaveTextContent('You chose this');
    expect(row).toHaveTextContent('Posted');
  });

  it('offers to do so always, applies it to the past and takes that back', async () => {
    const sent: unknown[] = [];
    const undone = vi.fn(() => json({ run: { id: 'run_1', restored: 12, kept: 0 } }));
    const fetch = fixtureFetchExcept('connected', {
      'POST /v1/transactions/categorize': (body) => {
        sent.push(body);
        return json({ message: 'ok', transaction: {}, ruleId: 'r', runId: 'run_1', changedBefore: 12 });
      },
      'POST /v1/categorization/runs/run_1/undo': undone,
    });
    renderWithProvider(<TransactionsView defaultTab="all" />, { fetch });
    const row = await firstRow(/Staples/);
    await userEvent.selectOptions(within(row).getByRole('combobox'), 'Travel');
    const offer = await screen.findByRole('group', { name: 'Always Travel for Staples?' });
    await userEvent.click(within(offer).getByRole('button', { name: 'Earlier ones too' }));
    const said = 'Staples goes to Travel from now on. 12 earlier ones were changed.';
    expect((await screen.findAllByText(said)).length).toBeGreaterThan(0);
    expect(sent).toEqual([
      { transactionId: 'tx_7', categoryId: 'la_6850' },
      { transactionId: 'tx_7', categoryId: 'la_6850', always: true, applyToPast: true },
    ]);
    expect(screen.queryByRole('group', { name: /^Always/ })).toBeNull();
    await userEvent.click(screen.getByRole('button', { name: 'Undo the earlier ones' }));
    expect(await screen.findByText(/12 earlier ones are as they were\. The rule stays/)).toBeVisible();
    expect(undone).toHaveBeenCalledTimes(1);
  });

  it('leaves it at one row when the reader wants no rule', async () => {
    renderWithProvider(<TransactionsView defaultTab="all" />);
    const row = await firstRow(/Staples/);
    await userEvent.selectOptions(within(row).getByRole('combobox'), 'Travel');
    await userEvent.click(await screen.findByRole('button', { name: 'Just this one' }));
    expect(screen.queryByRole('group', { name: /^Always/ })).toBeNull();
  });

  it('takes a change back when the server refuses it', async () => {
    const fetch = fixtureFetchExcept('connected', {
      'POST /v1/transactions/categorize': () => failure(409, 'PERIOD_CLOSED', 'October is closed.'),
    });
    renderWithProvider(<TransactionsView />, { fetch });
    const row = await firstRow(/Staples/);
    await userEvent.selectOptions(within(row).getByRole('combobox'), 'Travel');
    expect(await screen.findByRole('alert')).toHaveTextContent('October is closed.');
    expect(within(row).getByRole('combobox')).toHaveDisplayValue('Office Supplies');
  });

  it('accepts a suggestion, and approves what has none', async () => {
    const categorized = vi.fn(() => json({ message: 'ok', transaction: { id: 'x', updatedAt: '' } }));
    const approved = vi.fn(() =>
      json({ success: true, totalProcessed: 1, results: [{ id: 'tx_2', success: true, error: null }] }),
    );
    const fetch = fixtureFetchExcept('connected', {
      'POST /v1/transactions/categorize': categorized,
      'PUT /v1/transactions/approve': approved,
    });
    renderWithProvider(<TransactionsView />, { fetch });
    await userEvent.click(await firstButton('Accept Local Transport for Uber'));
    expect(categorized).toHaveBeenCalledWith({ transactionId: 'tx_1', categoryId: 'la_6890' });
    await userEvent.click(await firstButton('Approve CHECK 1042'));
    expect(approved).toHaveBeenCalledWith({ transactionIds: ['tx_2'] });
    expect(await screen.findByText('CHECK 1042 is approved.')).toBeInTheDocument();
    expect(screen.getAllByRole('button', { name: 'Approve Staples' })[0]).toHaveFocus();
  });

  it('reports an approval that was refused for the row', async () => {
    const refused = {
      success: false,
      totalProcessed: 1,
      results: [{ id: 'tx_2', success: false, error: 'Period is closed.' }],
    };
    const fetch = fixtureFetchExcept('connected', { 'PUT /v1/transactions/approve': () => json(refused) });
    renderWithProvider(<TransactionsView />, { fetch });
    await userEvent.click(await firstButton('Approve CHECK 1042'));
    expect(await screen.findByRole('alert')).toHaveTextContent('Period is closed.');
    expect(screen.getAllByRole('button', { name: 'Approve CHECK 1042' }).length).toBeGreaterThan(0);
  });

  it('does not let a pending row be judged', async () => {
    renderWithProvider(<TransactionsView />);
    const row = await firstRow(/Blue Bottle/);
    expect(within(row).queryByRole('combobox')).toBeNull();
    expect(within(row).queryByRole('button')).toBeNull();
    expect(row).toHaveTextContent('Pending');
  });

  it('loads more rows until there are none', async () => {
    renderWithProvider(<TransactionsView defaultTab="all" pageSize={40} />);
    expect(await screen.findAllByRole('row')).toHaveLength(41);
    await userEvent.click(screen.getByRole('button', { name: 'Load more' }));
    await waitFor(() => {
      expect(screen.getAllByRole('row')).toHaveLength(65);
    });
    expect(screen.queryByRole('button', { name: 'Load more' })).toBeNull();
  });

  it('moves between tabs by arrow keys and tells the host', async () => {
    const onTabChange = vi.fn();
    renderWithProvider(<TransactionsView onTabChange={onTabChange} />);
    await userEvent.click(await screen.findByRole('tab', { name: /To review/ }));
    await userEvent.keyboard('{ArrowRight}');
    expect(screen.getByRole('tab', { name: 'Posted' })).toHaveFocus();
    expect(onTabChange).toHaveBeenLastCalledWith('posted');
    await userEvent.keyboard('{ArrowLeft}{ArrowLeft}');
    expect(screen.getByRole('tab', { name: 'All' })).toHaveAttribute('aria-selected', 'true');
  });

  it('says when nothing is left, and tries again after an error', async () => {
    let isDown = true;
    const fetch = fixtureFetchExcept('reviewed', {});
    renderWithProvider(<TransactionsView />, {
      fetch: (input, init) => (isDown ? Promise.resolve(failure(500, 'INTERNAL', 'boom')) : fetch(input, init)),
    });
    expect(await screen.findByRole('alert')).toHaveTextContent('Transactions could not be loaded');
    isDown = false;
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
    expect(await screen.findByText('Nothing left to review')).toBeVisible();
  });
});
