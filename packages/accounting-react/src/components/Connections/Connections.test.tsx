import { act, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import type { PlaidLinkOnSuccess } from 'react-plaid-link';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { PLAID_CDN_SCRIPT } from '../../link/link-script';
import { fixtureConnection } from '../../testing/connections';
import { failure, fixtureFetchExcept, json, renderWithProvider, urlOf } from '../../testing/render';
import { Connections } from './Connections';

interface Config {
  token: string;
  onSuccess: PlaidLinkOnSuccess;
  onExit: (error: null, metadata: object) => void;
}

const SUCCESS = { institution: null, accounts: [], link_session_id: 's' };
const created: Config[] = [];

function plantPlaid(): void {
  const marker = document.createElement('script');
  marker.type = 'application/x-plaid-link-stub';
  marker.setAttribute('src', PLAID_CDN_SCRIPT);
  document.head.append(marker);
  const create = (config: Config): object => {
    created.push(config);
    return { open: vi.fn(), exit: vi.fn(), destroy: vi.fn(), submit: vi.fn() };
  };
  Reflect.set(window, 'Plaid', { create });
}

async function linkOpened(): Promise<Config> {
  await waitFor(() => {
    expect(created.length).toBeGreaterThan(0);
  });
  const config = created.at(-1);
  if (config === undefined) throw new Error('Link was not created.');
  return config;
}

function card(name: string): Promise<HTMLElement> {
  return screen.findByRole('region', { name });
}

describe('Connections', () => {
  beforeEach(() => {
    created.length = 0;
    document.head.replaceChildren();
    plantPlaid();
  });
  afterEach(() => {
    Reflect.deleteProperty(window, 'Plaid');
  });

  it.each([
    ['First Platypus Bank', 'Sign-in needed', 'asks you to sign in again', 'Reconnect First Platypus Bank'],
    ['Tartan Credit Union', 'Not answering', 'signing in would not help', null],
    ['Houndstooth', 'Sign in soon', 'The access ends on Nov 27, 2026', 'Reconnect Houndstooth'],
    ['Tattersall', 'Connected', 'accounts that are not connected yet', 'Choose accounts of Tattersall'],
    ['Platypus OAuth Bank', 'Paused', 'what came meanwhile follows', 'Resume Platypus OAuth Bank'],
    ['Herringbone Treasury', 'Not working', 'connect the bank again', 'Connect again: Herringbone Treasury'],
  ])('says how %s is, and the one thing to do', async (name, label, meaning, action) => {
    renderWithProvider(<Connections />, { scenario: 'troubled' });
    const shown = await card(name);
    expect(shown).toHaveTextContent(label);
    expect(shown).toHaveTextContent(meaning);
    const primary = [...shown.querySelectorAll('[data-look="primary"]')].map((node) => node.getAttribute('aria-label'));
    expect(primary).toEqual(action === null ? [] : [action]);
  });

  it('tells a failure in words and keeps the code for support', async () => {
    renderWithProvider(<Connections />, { scenario: 'troubled' });
    const shown = await card('Tartan Credit Union');
    expect(shown).toHaveTextContent('Last time the bank did not answer (INSTITUTION_DOWN).');
    expect(shown).toHaveTextContent(/Plaid’s last try at the bank, .*, did not succeed/);
  });

  it('tells apart when we read and how old the bank’s data are', async () => {
    const now = Date.now();
    const connection = fixtureConnection({
      lastSyncedAt: new Date(now - 300_000).toISOString(),
      providerLastSuccessAt: new Date(now - 50 * 3_600_000).toISOString(),
    });
    const fetch = fixtureFetchExcept('connected', {
      'GET /v1/banks/connections': () => json({ connections: [connection] }),
    });
    renderWithProvider(<Connections />, { fetch });
    const shown = await card('First Platypus Bank');
    expect(shown).toHaveTextContent('Imported 5 minutes ago · the bank’s data are from 2 days ago');
    expect(shown).toHaveTextContent('Asking the bank now may help');
  });

  it('reconnects in update mode: no exchange, and the prompt is gone', async () => {
    const onRepaired = vi.fn();
    const fixture = fixtureFetchExcept('troubled', {});
    const calls: string[] = [];
    renderWithProvider(<Connections onRepaired={onRepaired} />, {
      fetch: (input, init) => {
        const url = urlOf(input);
        calls.push(`${init?.method ?? 'GET'} ${url.pathname}${url.search}`);
        return fixture(input, init);
      },
    });
    await userEvent.click(await screen.findByRole('button', { name: 'Reconnect First Platypus Bank' }));
    const config = await linkOpened();
    expect(calls).toContain('GET /v1/banks/create-link?connectionId=item_1&entityId=e1');
    act(() => {
      config.onSuccess('public-unused', SUCCESS);
    });
    await waitFor(() => {
      expect(screen.queryByRole('button', { name: 'Reconnect First Platypus Bank' })).toBeNull();
    });
    expect(calls).toContain('POST /v1/banks/connections/item_1/repaired?entityId=e1');
    expect(calls.some((call) => call.startsWith('PUT'))).toBe(false);
    expect(await card('First Platypus Bank')).toHaveTextContent('Connected');
    expect(onRepaired).toHaveBeenCalledWith(expect.objectContaining({ id: 'item_1', status: 'healthy' }));
    expect(screen.getByText('First Platypus Bank is connected again.')).toBeInTheDocument();
  });

  it('does not open Link again when only the last step failed', async () => {
    let isDown = true;
    const fixture = fixtureFetchExcept('troubled', {});
    renderWithProvider(<Connections />, {
      fetch: (input, init) =>
        isDown && urlOf(input).pathname.endsWith('/repaired')
          ? Promise.resolve(failure(502, 'BANK_FEED_FAILED', 'Plaid is down.'))
          : fixture(input, init),
    });
    await userEvent.click(await screen.findByRole('button', { name: 'Reconnect First Platypus Bank' }));
    const config = await linkOpened();
    act(() => {
      config.onSuccess('public-unused', SUCCESS);
    });
    expect(await screen.findByRole('alert')).toHaveTextContent('You do not need to sign in at your bank again');
    isDown = false;
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
    expect(await screen.findByText('First Platypus Bank is connected again.')).toBeInTheDocument();
    expect(created).toHaveLength(1);
  });

  it('leaves everything as it was when the reader leaves Link', async () => {
    renderWithProvider(<Connections />, { scenario: 'troubled' });
    await userEvent.click(await screen.findByRole('button', { name: 'Reconnect First Platypus Bank' }));
    const config = await linkOpened();
    act(() => {
      config.onExit(null, { institution: null, status: null, link_session_id: 's', request_id: 'r' });
    });
    expect(screen.queryByRole('alert')).toBeNull();
    expect(screen.getByRole('button', { name: 'Reconnect First Platypus Bank' })).toBeVisible();
  });

  it('asks for account selection where accounts are to be chosen', async () => {
    const asked = vi.fn();
    const fixture = fixtureFetchExcept('connected', {});
    renderWithProvider(<Connections />, {
      fetch: (input, init) => {
        if (urlOf(input).pathname.endsWith('create-link')) asked(urlOf(input).search);
        return fixture(input, init);
      },
    });
    await userEvent.click(await screen.findByRole('button', { name: 'Choose accounts of First Platypus Bank' }));
    await linkOpened();
    expect(asked).toHaveBeenCalledWith('?accountSelection=true&connectionId=item_1&entityId=e1');
  });

  it('pauses and resumes', async () => {
    renderWithProvider(<Connections />);
    await userEvent.click(await screen.findByRole('button', { name: 'Pause First Platypus Bank' }));
    const resume = await screen.findByRole('button', { name: 'Resume First Platypus Bank' });
    expect(await card('First Platypus Bank')).toHaveTextContent('First Platypus Bank is paused.');
    expect(screen.queryByRole('button', { name: 'Ask the bank now: First Platypus Bank' })).toBeNull();
    await userEvent.click(resume);
    expect(await screen.findByRole('button', { name: 'Pause First Platypus Bank' })).toBeVisible();
  });

  it('says the limit of refreshing kindly', async () => {
    const path = 'POST /v1/banks/connections/item_1/refresh';
    let count = 0;
    const fetch = fixtureFetchExcept('connected', {
      [path]: () => {
        count += 1;
        return count === 1 ? json({ success: true, message: '' }) : failure(429, 'REFRESH_LIMIT', 'Twice a minute.');
      },
    });
    renderWithProvider(<Connections />, { fetch });
    const ask = await screen.findByRole('button', { name: 'Ask the bank now: First Platypus Bank' });
    await userEvent.click(ask);
    expect(await card('First Platypus Bank')).toHaveTextContent('What is new follows within a minute');
    await userEvent.click(ask);
    expect(await screen.findByRole('alert')).toHaveTextContent('in a minute you can ask again');
  });

  it('asks before it disconnects, says what stays, and keeps the ended one in sight', async () => {
    const onDisconnected = vi.fn();
    renderWithProvider(<Connections onDisconnected={onDisconnected} />);
    const button = await screen.findByRole('button', { name: 'Disconnect First Platypus Bank' });
    await userEvent.click(button);
    const dialog = screen.getByRole('dialog', { name: 'Disconnect First Platypus Bank?' });
    expect(dialog).toHaveTextContent('Everything imported so far stays');
    await userEvent.click(within(dialog).getByRole('button', { name: 'Keep it connected' }));
    expect(screen.queryByRole('dialog')).toBeNull();
    expect(button).toHaveFocus();
    await userEvent.click(button);
    await userEvent.click(screen.getByRole('button', { name: 'Disconnect' }));
    expect(await screen.findByText('No bank is connected any more')).toBeVisible();
    expect(screen.getByText('Ended connections (1)')).toBeVisible();
    expect(screen.getByText(/Disconnected on Nov 20, 2026 · 1,667 transactions stay/)).toBeInTheDocument();
    expect(onDisconnected).toHaveBeenCalledWith('item_1');
  });

  it('keeps the question open and says why when ending is refused', async () => {
    const fetch = fixtureFetchExcept('connected', {
      'DELETE /v1/banks/connections/item_1': () => failure(500, 'INTERNAL', 'secret detail'),
    });
    renderWithProvider(<Connections />, { fetch });
    await userEvent.click(await screen.findByRole('button', { name: 'Disconnect First Platypus Bank' }));
    await userEvent.click(screen.getByRole('button', { name: 'Disconnect' }));
    const dialog = screen.getByRole('dialog');
    expect(await within(dialog).findByRole('alert')).toHaveTextContent('That did not work');
    expect(dialog).not.toHaveTextContent('secret detail');
  });

  it('unlinks one account and warns when it is the last', async () => {
    renderWithProvider(<Connections />);
    for (const name of ['Tax Savings 7702', 'Studio Card 0093']) {
      await userEvent.click(await screen.findByRole('button', { name: `Unlink ${name}` }));
      expect(screen.getByRole('dialog')).not.toHaveTextContent('last account');
      await userEvent.click(screen.getByRole('button', { name: 'Unlink' }));
      await waitFor(() => {
        expect(screen.queryByRole('button', { name: `Unlink ${name}` })).toBeNull();
      });
    }
    expect(screen.getByText(/Unlinked on Nov 20, 2026 · its 52 transactions stay/)).toBeVisible();
    await userEvent.click(screen.getByRole('button', { name: 'Unlink Business Checking 4410' }));
    expect(screen.getByRole('dialog')).toHaveTextContent('last account of First Platypus Bank');
  });

  it('shows what each import found, once unfolded', async () => {
    renderWithProvider(<Connections />);
    await userEvent.click(await screen.findByText('Import history'));
    const table = await screen.findByRole('table', { name: /Imports from First Platypus Bank/ });
    expect(within(table).getAllByRole('row')).toHaveLength(1 + 10);
    expect(table).toHaveTextContent('12 new, 3 changed, 1 removed');
    expect(table).toHaveTextContent('Nothing new');
    expect(table).toHaveTextContent('Did not succeed: the bank did not answer (INSTITUTION_DOWN)');
    await userEvent.click(screen.getByRole('button', { name: 'Show more' }));
    expect(await screen.findByText('1,667 new')).toBeVisible();
  });

  it('explains an empty list, a failure and a load', async () => {
    const empty = renderWithProvider(<Connections />, { scenario: 'empty' });
    expect(await screen.findByText('No bank is connected yet')).toBeVisible();
    empty.unmount();
    const failing = renderWithProvider(<Connections />, { scenario: 'failing' });
    expect(await screen.findByRole('alert')).toHaveTextContent('req_7f3a91c2');
    failing.unmount();
    renderWithProvider(<Connections />, { scenario: 'loading' });
    expect(screen.getByText('Loading your bank connections')).toBeInTheDocument();
  });
});
