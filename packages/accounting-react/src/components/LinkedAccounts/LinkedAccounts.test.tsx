import { screen, within } from '@testing-library/react';
import { describe, expect, it, vi } from 'vitest';
import { renderWithProvider } from '../../testing/render';
import { LinkedAccounts } from './LinkedAccounts';

describe('LinkedAccounts', () => {
  it('shows both balances and that they agree', async () => {
    renderWithProvider(<LinkedAccounts />);
    const row = await screen.findByRole('row', { name: /Studio Card/ });
    expect(within(row).getAllByText('$3,128.64')).toHaveLength(2);
    expect(row).toHaveTextContent('Matches the bank');
  });

  it('says what is wrong in words', async () => {
    renderWithProvider(<LinkedAccounts />, { scenario: 'troubled' });
    expect(await screen.findByRole('row', { name: /Business Checking/ })).toHaveTextContent('Differs by $121.25');
    expect(screen.getByText('Sign-in needed')).toBeVisible();
    expect(screen.getByText(/ITEM_LOGIN_REQUIRED/)).toBeVisible();
    expect(screen.getByText('Not answering')).toBeVisible();
    expect(screen.getByText('No bank balance yet')).toBeVisible();
  });

  it('shows the request id of a failure and tells the host once', async () => {
    const onError = vi.fn();
    renderWithProvider(<LinkedAccounts />, { scenario: 'failing', onError });
    expect(await screen.findByRole('alert')).toHaveTextContent('req_7f3a91c2');
    const scopes = onError.mock.calls.map(([error]: { scope: string }[]) => error?.scope);
    expect(scopes.sort()).toEqual(['/v1/banks/accounts', '/v1/banks/sync-status']);
  });

  it('explains an empty list', async () => {
    renderWithProvider(<LinkedAccounts />, { scenario: 'empty' });
    expect(await screen.findByText('No bank is connected yet')).toBeVisible();
  });
});
