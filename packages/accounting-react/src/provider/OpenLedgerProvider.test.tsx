import { render, screen } from '@testing-library/react';
import { StrictMode, type ReactNode } from 'react';
import { describe, expect, it, vi } from 'vitest';
import type { Fetch } from '../client/call';
import { BankLinking, OpenLedgerView, SettingsView } from '../index';
import { failure, renderWithProvider } from '../testing/render';
import { createFixtureFetch } from '../testing/stub-fetch';
import { LinkedAccounts } from '../components/LinkedAccounts/LinkedAccounts';
import { OpenLedgerProvider } from './OpenLedgerProvider';

describe('OpenLedgerProvider', () => {
  it('has the token before the first request, also in StrictMode', async () => {
    const fetch = createFixtureFetch('connected');
    const seen = new Set<string | null>();
    render(
      <StrictMode>
        <OpenLedgerProvider
          apiUrl="https://api.test"
          entityId="e1"
          accessToken={{ access_token: 'abc', token_type: 'Bearer', expires_in: 3600 }}
          fetch={(input, init) => {
            seen.add(new Headers(init?.headers).get('authorization'));
            return fetch(input, init);
          }}
        >
          <OpenLedgerView />
        </OpenLedgerProvider>
      </StrictMode>,
    );
    expect(await screen.findByText('Net income')).toBeVisible();
    expect([...seen]).toEqual(['Bearer abc']);
  });

  it('drops what it loaded when the entity changes', async () => {
    const own = createFixtureFetch('empty');
    const fetch: Fetch = (input, init) => {
      const entity = new URL(input as string).searchParams.get('entityId');
      return entity === 'e1' ? Promise.resolve(failure(403, 'FOREIGN_ENTITY', 'no')) : own(input, init);
    };
    const tree = (entityId: string): ReactNode => (
      <OpenLedgerProvider apiUrl="https://api.test" entityId={entityId} authToken="t" fetch={fetch}>
        <LinkedAccounts />
      </OpenLedgerProvider>
    );
    const { rerender } = render(tree('e1'));
    expect(await screen.findByRole('alert')).toHaveTextContent('You do not have access');
    rerender(tree('e2'));
    expect(await screen.findByText('No bank is connected yet')).toBeVisible();
    expect(screen.queryByRole('alert')).toBeNull();
  });

  it('tells the host when the session has ended', async () => {
    const onAuthError = vi.fn();
    const fetch = vi.fn<Fetch>(() => Promise.resolve(failure(401, 'TOKEN_EXPIRED', 'expired')));
    renderWithProvider(<LinkedAccounts />, { fetch, onAuthError });
    expect(await screen.findByRole('alert')).toHaveTextContent('Your session has ended');
    expect(onAuthError).toHaveBeenCalledWith(expect.objectContaining({ code: 'TOKEN_EXPIRED', status: 401 }));
  });

  it('knows the bank linking by both names', () => {
    expect(SettingsView).toBe(BankLinking);
  });
});
