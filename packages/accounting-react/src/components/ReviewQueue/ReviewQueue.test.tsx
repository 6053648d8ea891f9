import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';
import { failure, fixtureFetchExcept, json, renderWithProvider } from '../../testing/render';
import { CategorizationStatistics } from '../CategorizationStatistics/CategorizationStatistics';
import { ReviewQueue } from './ReviewQueue';

function group(name: string): Promise<HTMLElement> {
  return screen.findByRole('region', { name: `${name}, money out, USD` });
}

describe('ReviewQueue', () => {
  it('shows groups with what is suggested, how sure it is and why', async () => {
    renderWithProvider(<ReviewQueue />);
    const staples = await group('Staples');
    expect(staples).toHaveTextContent('Confidence 78%');
    expect(staples).toHaveTextContent('Bank says: office supplies');
    expect(screen.getByText(/transactions in \d+ groups/)).toBeVisible();
  });

  it('settles a whole group with its suggestion', async () => {
    const sent = vi.fn((body: unknown) => {
      const { decisions } = body as { decisions: unknown[] };
      return json({ success: true, dryRun: false, changed: decisions.length, failed: 0, results: decisions });
    });
    const fetch = fixtureFetchExcept('connected', { 'POST /v1/transactions/bulk-categorize': sent });
    renderWithProvider(<ReviewQueue />, { fetch });
    const uber = await group('Uber');
    const button = within(uber).getByRole('button', { name: /^Local Transport for all \d+: Uber$/ });
    const count = Number(/\d+/.exec(button.textContent)?.[0]);
    await userEvent.click(button);
    expect(await screen.findByText(`${String(count)} of Uber in Local Transport.`)).toBeInTheDocument();
    const [body] = sent.mock.calls[0] as [{ decisions: { transactionId: string; categoryId: string }[] }];
    expect(body.decisions).toHaveLength(count);
    expect(new Set(body.decisions.map(({ categoryId }) => categoryId))).toEqual(new Set(['la_6890']));
  });

  it('puts a group in another category, and it leaves the queue', async () => {
    renderWithProvider(<ReviewQueue />);
    const uber = await group('Uber');
    await userEvent.selectOptions(within(uber).getByRole('combobox', { name: /^Another category for all/ }), 'Travel');
    await waitFor(() => {
      expect(screen.queryByRole('region', { name: /^Uber,/ })).toBeNull();
    });
    expect(screen.getByText(/of Uber in Travel\./)).toBeInTheDocument();
  });

  it('settles one row alone', async () => {
    const sent = vi.fn(() =>
      json({ success: true, dryRun: false, changed: 1, failed: 0, results: [{ success: true }] }),
    );
    const fetch = fixtureFetchExcept('connected', { 'POST /v1/transactions/bulk-categorize': sent });
    renderWithProvider(<ReviewQueue />, { fetch });
    const uber = await group('Uber');
    await userEvent.click(within(uber).getByText(/^(One by one|The newest)/));
    const [picker] = within(uber).getAllByRole('combobox', { name: /^Category of UBER/ });
    if (picker === undefined) throw new Error('No row.');
    await userEvent.selectOptions(picker, 'Travel');
    expect(sent).toHaveBeenCalledWith({ decisions: [{ transactionId: 'tx_1', categoryId: 'la_6850' }] });
  });

  it('leaves rows as booked where nothing common is suggested', async () => {
    renderWithProvider(<ReviewQueue />);
    const staples = await group('Staples');
    expect(staples).toHaveTextContent('No common suggestion');
    await userEvent.click(within(staples).getByRole('button', { name: /^Leave all \d+ as booked/ }));
    expect(await screen.findByText(/\d+ of Staples approved\./)).toBeInTheDocument();
    expect(screen.queryByRole('region', { name: /^Staples,/ })).toBeNull();
  });

  it('says which rows were refused and why', async () => {
    const results = [{ success: true }, { success: false, error: 'October is closed.' }];
    const fetch = fixtureFetchExcept('connected', {
      'POST /v1/transactions/bulk-categorize': () => json({ success: false, failed: 1, results }),
    });
    renderWithProvider(<ReviewQueue />, { fetch });
    const uber = await group('Uber');
    await userEvent.click(within(uber).getByRole('button', { name: /^Local Transport for all/ }));
    expect(await screen.findByText(/1 not: October is closed\./)).toBeInTheDocument();
  });

  it('shows a refusal of the whole', async () => {
    const fetch = fixtureFetchExcept('connected', {
      'POST /v1/transactions/bulk-categorize': () => failure(409, 'PERIOD_CLOSED', 'October is closed.'),
    });
    renderWithProvider(<ReviewQueue />, { fetch });
    const uber = await group('Uber');
    await userEvent.click(within(uber).getByRole('button', { name: /^Local Transport for all/ }));
    expect(await screen.findByRole('alert')).toHaveTextContent('October is closed.');
  });

  it('is glad when nothing waits', async () => {
    renderWithProvider(<ReviewQueue />, { scenario: 'reviewed' });
    expect(await screen.findByText('Nothing left to review')).toBeVisible();
  });
});

describe('CategorizationStatistics', () => {
  it('shows shares and what became of each decider’s choices', async () => {
    renderWithProvider(<CategorizationStatistics />);
    expect(await screen.findByText('92.6%')).toBeVisible();
    const row = screen.getByRole('row', { name: /The words of the bank’s text/ });
    expect(
      within(row)
        .getAllByRole('cell')
        .map(({ textContent }) => textContent),
    ).toEqual(['180', '9', '30', '14', '97.2%']);
  });

  it('has nothing to say about empty books', async () => {
    renderWithProvider(<CategorizationStatistics />, { scenario: 'empty' });
    expect(await screen.findByText('Nothing to count yet')).toBeVisible();
  });
});
