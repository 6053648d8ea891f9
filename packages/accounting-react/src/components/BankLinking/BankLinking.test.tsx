import { act, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { StrictMode } from 'react';
import type { PlaidLinkOnExit, PlaidLinkOnSuccess } from 'react-plaid-link';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { PLAID_CDN_SCRIPT } from '../../link/link-script';
import { failure, fixtureFetchExcept, json, renderWithProvider, urlOf } from '../../testing/render';
import { ConnectionAlerts } from '../ConnectionAlerts/ConnectionAlerts';
import { BankLinking } from './BankLinking';

interface Config {
  token: string;
  onSuccess: PlaidLinkOnSuccess;
  onExit: PlaidLinkOnExit;
  receivedRedirectUri?: string;
}

const SUCCESS = { institution: null, accounts: [], link_session_id: 's' };
const EXIT = { institution: null, status: null, link_session_id: 's', request_id: 'link_req' };
const created: Config[] = [];
const open = vi.fn();

/** What the sandbox's script leaves behind: the marker that keeps react-plaid-link off the CDN, and window.Plaid. */
function plantPlaid(): void {
  const marker = document.createElement('script');
  marker.type = 'application/x-plaid-link-stub';
  marker.setAttribute('src', PLAID_CDN_SCRIPT);
  document.head.append(marker);
  const create = (config: Config): object => {
    created.push(config);
    return { open, exit: vi.fn(), destroy: vi.fn(), submit: vi.fn() };
  };
  Reflect.set(window, 'Plaid', { create });
}

async function clickConnect(): Promise<Config> {
  const before = created.length;
  await userEvent.click(await screen.findByRole('button', { name: 'Connect a bank' }));
  await waitFor(() => {
    expect(created.length).toBeGreaterThan(before);
  });
  return lastConfig();
}

function lastConfig(): Config {
  const config = created.at(-1);
  if (config === undefined) throw new Error('Link was not created.');
  return config;
}

describe('BankLinking', () => {
  beforeEach(() => {
    created.length = 0;
    open.mockClear();
    document.head.replaceChildren();
    plantPlaid();
  });
  afterEach(() => {
    Reflect.deleteProperty(window, 'Plaid');
  });

  it('links a bank: token, Link, exchange, list', async () => {
    const onSuccess = vi.fn();
    const bodies: unknown[] = [];
    const fetch = fixtureFetchExcept('empty', {});
    renderWithProvider(<BankLinking onSuccess={onSuccess} />, {
      fetch: (input, init) => {
        if (init?.method === 'PUT') bodies.push(init.body);
        return fetch(input, init);
      },
    });
    const config = await clickConnect();
    expect(config.token).toBe('link-sandbox-fixture');
    await waitFor(() => {
      expect(open).toHaveBeenCalledTimes(1);
    });
    act(() => {
      config.onSuccess('public-1', SUCCESS);
    });
    expect(await screen.findByRole('row', { name: /Business Checking/ })).toBeVisible();
    expect(bodies).toEqual(['{"public_token":"public-1","metadata":{"institution":null,"accounts":[]},"force":false}']);
    expect(onSuccess).toHaveBeenCalledWith(expect.arrayContaining([expect.objectContaining({ id: 'ba_checking' })]));
    expect(screen.getByRole('button', { name: 'Connect another bank' })).toHaveFocus();
  });

  it('accepts the bare array that older clients get', async () => {
    const onSuccess = vi.fn();
    const fetch = fixtureFetchExcept('empty', { 'PUT /v1/banks/accounts': () => json([{ id: 'a1' }]) });
    renderWithProvider(<BankLinking onSuccess={onSuccess} />, { fetch });
    const config = await clickConnect();
    act(() => {
      config.onSuccess('public-1', SUCCESS);
    });
    await waitFor(() => {
      expect(onSuccess).toHaveBeenCalledWith([{ id: 'a1' }]);
    });
  });

  it('saves again with the same public token after a failed exchange', async () => {
    const tokens: unknown[] = [];
    const onError = vi.fn();
    const fetch = fixtureFetchExcept('empty', {
      'PUT /v1/banks/accounts': (body) => {
        tokens.push(body);
        return tokens.length === 1
          ? failure(503, 'PLAID_UNREACHABLE', 'Plaid is down.')
          : json({ createdAccounts: [], message: '' });
      },
    });
    renderWithProvider(<BankLinking />, { fetch, onError });
    const config = await clickConnect();
    act(() => {
      config.onSuccess('public-1', SUCCESS);
    });
    expect(await screen.findByRole('alert')).toHaveTextContent('accounts could not be saved');
    expect(screen.getByRole('alert')).toHaveTextContent('req_test');
    expect(onError).toHaveBeenCalledWith(expect.objectContaining({ code: 'PLAID_UNREACHABLE', scope: 'link.save' }));
    await userEvent.click(screen.getByRole('button', { name: 'Save again' }));
    await waitFor(() => {
      expect(screen.queryByRole('alert')).toBeNull();
    });
    expect(tokens).toMatchObject([{ public_token: 'public-1' }, { public_token: 'public-1' }]);
  });

  it('does not link a bank twice, unless it is meant', async () => {
    const sent: unknown[] = [];
    const institution = { institution_id: 'ins_1', name: 'Tartan Bank' };
    const accounts = [{ id: 'a', name: 'Checking', mask: '0000', type: 'depository', subtype: 'checking' }];
    const fetch = fixtureFetchExcept('empty', {
      'PUT /v1/banks/accounts': (body) => {
        sent.push(body);
        return sent.length < 3
          ? failure(409, 'CONNECTION_EXISTS', 'It is linked already; send force.')
          : json({ createdAccounts: [], message: '' });
      },
    });
    renderWithProvider(<BankLinking />, { fetch });
    const finish = async (): Promise<void> => {
      const config = await clickConnect();
      act(() => {
        config.onSuccess('public-1', { institution, accounts, link_session_id: 's' } as never);
      });
      expect(await screen.findByRole('alert')).toHaveTextContent('This bank is connected already');
    };
    await finish();
    await userEvent.click(screen.getByRole('button', { name: 'Leave it as it is' }));
    expect(screen.queryByRole('alert')).toBeNull();
    await finish();
    await userEvent.click(screen.getByRole('button', { name: 'Connect it a second time' }));
    await waitFor(() => {
      expect(screen.queryByRole('alert')).toBeNull();
    });
    const metadata = { institution, accounts: [{ name: 'Checking', mask: '0000' }] };
    expect(sent).toEqual([
      { public_token: 'public-1', metadata, force: false },
      { public_token: 'public-1', metadata, force: false },
      { public_token: 'public-1', metadata, force: true },
    ]);
  });

  it('opens Link once and succeeds once under StrictMode', async () => {
    const onSuccess = vi.fn();
    renderWithProvider(
      <StrictMode>
        <BankLinking onSuccess={onSuccess} />
      </StrictMode>,
      { scenario: 'empty' },
    );
    await clickConnect();
    await waitFor(() => {
      expect(open).toHaveBeenCalledTimes(1);
    });
    act(() => {
      lastConfig().onSuccess('public-1', SUCCESS);
    });
    await waitFor(() => {
      expect(onSuccess).toHaveBeenCalledTimes(1);
    });
  });

  it('is ready again after the reader left Link', async () => {
    const onExit = vi.fn();
    renderWithProvider(<BankLinking onExit={onExit} />, { scenario: 'empty' });
    const config = await clickConnect();
    act(() => {
      config.onExit(null, EXIT);
    });
    expect(screen.queryByRole('alert')).toBeNull();
    expect(onExit).toHaveBeenCalledWith(null, EXIT);
    await clickConnect();
  });

  it('takes one new token when Link calls it invalid, then reports', async () => {
    const invalid = {
      error_type: 'INVALID_INPUT',
      error_code: 'INVALID_LINK_TOKEN',
      error_message: 'expired',
      display_message: null,
    };
    let tokens = 0;
    const fetch = fixtureFetchExcept('empty', {
      'GET /v1/banks/create-link': () => {
        tokens += 1;
        return json({ link_token: `link-${String(tokens)}`, link_script_url: null });
      },
    });
    renderWithProvider(<BankLinking />, { fetch });
    const first = await clickConnect();
    act(() => {
      first.onExit(invalid, EXIT);
    });
    await waitFor(() => {
      expect(lastConfig().token).toBe('link-2');
    });
    act(() => {
      lastConfig().onExit(invalid, EXIT);
    });
    expect(await screen.findByRole('alert')).toHaveTextContent('The bank was not connected');
    expect(tokens).toBe(2);
  });

  it('says so when Link ends without a public token', async () => {
    renderWithProvider(<BankLinking />, { scenario: 'empty' });
    const config = await clickConnect();
    act(() => {
      config.onSuccess(null, SUCCESS);
    });
    expect(await screen.findByRole('alert')).toHaveTextContent('nothing was saved');
  });

  it('refuses a script from another origin and opens nothing', async () => {
    const onError = vi.fn();
    const fetch = fixtureFetchExcept('empty', {
      'GET /v1/banks/create-link': () => json({ link_token: 'l', link_script_url: 'https://evil.test/link.js' }),
    });
    renderWithProvider(<BankLinking onError={onError} />, { fetch });
    await userEvent.click(await screen.findByRole('button', { name: 'Connect a bank' }));
    expect(await screen.findByRole('alert')).toHaveTextContent('Plaid Link could not be loaded');
    expect(created).toEqual([]);
    expect(onError).toHaveBeenCalledWith(expect.objectContaining({ code: 'LINK_SCRIPT_FAILED' }));
  });

  it('offers to try again when no link token could be had', async () => {
    let isDown = true;
    const fetch = fixtureFetchExcept('empty', {
      'GET /v1/banks/create-link': () =>
        isDown ? failure(500, 'INTERNAL', 'secret detail') : json({ link_token: 'l2', link_script_url: null }),
    });
    renderWithProvider(<BankLinking />, { fetch });
    await userEvent.click(await screen.findByRole('button', { name: 'Connect a bank' }));
    const alert = await screen.findByRole('alert');
    expect(alert).toHaveTextContent('could not be started');
    expect(alert).not.toHaveTextContent('secret detail');
    isDown = false;
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
    await waitFor(() => {
      expect(open).toHaveBeenCalled();
    });
  });

  it('asks the bank for news', async () => {
    const asked = vi.fn(() => json({ success: true, message: '' }));
    renderWithProvider(<BankLinking />, { fetch: fixtureFetchExcept('connected', { 'POST /v1/banks/sync': asked }) });
    await userEvent.click(await screen.findByRole('button', { name: 'Sync now' }));
    expect(await screen.findByText(/The bank is asked/)).toBeInTheDocument();
    expect(asked).toHaveBeenCalledWith({ entityId: 'e1' });
  });

  it('asks for the chosen days and books from the chosen day, and offers the rest afterwards', async () => {
    const [queries, bodies]: [string[], unknown[]] = [[], []];
    const fixture = fixtureFetchExcept('empty', {});
    renderWithProvider(<BankLinking />, {
      fetch: (input, init) => {
        if (urlOf(input).pathname.endsWith('create-link')) queries.push(urlOf(input).search);
        if (init?.method === 'PUT') bodies.push(JSON.parse(init.body as string));
        return fixture(input, init);
      },
    });
    await userEvent.click(await screen.findByText('Choose how it is booked'));
    await userEvent.type(screen.getByLabelText(/^Days of history/), '900');
    expect(screen.getByText(/A number from 1 to 730/)).toBeVisible();
    await userEvent.clear(screen.getByLabelText(/^Days of history/));
    await userEvent.type(screen.getByLabelText(/^Days of history/), '90');
    await userEvent.type(screen.getByLabelText('The books begin on'), '2026-01-01');
    const config = await clickConnect();
    act(() => {
      config.onSuccess('public-1', SUCCESS);
    });
    expect(await screen.findByText(/booked by itself/)).toBeVisible();
    expect(queries).toEqual(['?daysRequested=90&entityId=e1']);
    expect(bodies).toMatchObject([{ public_token: 'public-1', historyStart: '2026-01-01' }]);
    await userEvent.click(screen.getByRole('button', { name: 'How it is booked: Business Checking 4410' }));
    expect(await screen.findByLabelText('Opening balance')).toBeVisible();
  });

  describe('at a bank with a page of its own', () => {
    const BACK = `${window.location.origin}/`;

    beforeEach(() => {
      window.sessionStorage.clear();
      window.history.replaceState(null, '', '/');
    });
    afterEach(() => {
      window.sessionStorage.clear();
      window.history.replaceState(null, '', '/');
    });

    function comeBack(stateId: string): void {
      window.history.replaceState(null, '', `/?oauth_state_id=${stateId}`);
    }

    it('goes on with the same token after the way back, and forgets it when it is done', async () => {
      const [queries, bodies]: [string[], unknown[]] = [[], []];
      const fixture = fixtureFetchExcept('empty', {});
      const fetch: typeof fixture = (input, init) => {
        if (urlOf(input).pathname.endsWith('create-link'))
          queries.push(urlOf(input).searchParams.get('redirectUri') ?? '');
        if (init?.method === 'PUT') bodies.push(JSON.parse(init.body as string));
        return fixture(input, init);
      };
      const first = renderWithProvider(<BankLinking />, { fetch, redirectUri: BACK });
      await userEvent.click(await screen.findByText('Choose how it is booked'));
      await userEvent.type(screen.getByLabelText('The books begin on'), '2026-01-01');
      await clickConnect();
      first.unmount();

      comeBack('state-1');
      const returned = window.location.href;
      renderWithProvider(
        <StrictMode>
          <ConnectionAlerts />
          <BankLinking />
        </StrictMode>,
        { fetch, redirectUri: BACK },
      );
      await waitFor(() => {
        expect(lastConfig()).toMatchObject({ token: 'link-sandbox-fixture', receivedRedirectUri: returned });
      });
      expect(queries).toEqual([BACK]);
      act(() => {
        lastConfig().onSuccess('public-1', SUCCESS);
      });
      expect(await screen.findByRole('row', { name: /Business Checking/ })).toBeVisible();
      expect(bodies).toMatchObject([{ public_token: 'public-1', historyStart: '2026-01-01' }]);
      expect(window.sessionStorage).toHaveLength(0);
      expect(window.location.search).toBe('');
    });

    it('says so when it was begun in another window, and begins again when asked', async () => {
      comeBack('state-2');
      renderWithProvider(<BankLinking />, { scenario: 'empty', redirectUri: BACK });
      expect(await screen.findByRole('alert')).toHaveTextContent('not in the window where this was begun');
      expect(window.location.search).toBe('');
      await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
      await waitFor(() => {
        expect(lastConfig().token).toBe('link-sandbox-fixture');
      });
      expect(lastConfig()).not.toHaveProperty('receivedRedirectUri');
    });

    it('does not take up what was begun for other books', async () => {
      window.sessionStorage.setItem(
        'openledger.bank-link',
        JSON.stringify({
          apiUrl: 'https://api.test',
          entityId: 'other',
          token: { link_token: 'link-of-another', expiration: '2030-01-01T00:00:00Z' },
          choices: {},
        }),
      );
      comeBack('state-3');
      renderWithProvider(<BankLinking />, { scenario: 'empty', redirectUri: BACK });
      expect(await screen.findByRole('alert')).toHaveTextContent('Nothing was connected');
      expect(created).toHaveLength(0);
    });

    it('leaves the address alone where no way back is set', async () => {
      comeBack('state-4');
      renderWithProvider(<BankLinking />, { scenario: 'empty' });
      expect(await screen.findByRole('button', { name: 'Connect a bank' })).toBeVisible();
      expect(window.location.search).toBe('?oauth_state_id=state-4');
    });
  });
});
