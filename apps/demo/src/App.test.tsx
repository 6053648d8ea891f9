import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { createFixtureFetch } from '@openledger-server/accounting-react/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { App } from './App';
import { pageOf } from './route';

const SESSION = {
  entity_id: 'e1',
  entity_name: 'Harbor Street Design',
  developer_id: 'd1',
  token_type: 'Bearer',
  expires_in: 3600,
};

function json(body: unknown, status = 200): Response {
  return new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } });
}

/** A server whose tokens are refused once they are no longer the newest one. */
function stubServer(answerSession: (count: number) => Response): { sessions: () => number; expire: () => void } {
  const fixture = createFixtureFetch('connected');
  let count = 0;
  let refused = '';
  vi.stubGlobal('fetch', (input: string, init?: RequestInit) => {
    if (input === '/demo/session') {
      count += 1;
      return Promise.resolve(answerSession(count));
    }
    const token = new Headers(init?.headers).get('authorization');
    return token === refused ? Promise.resolve(json({ code: 'TOKEN_EXPIRED' }, 401)) : fixture(input, init);
  });
  return {
    sessions: () => count,
    expire: () => {
      refused = `Bearer token-${String(count)}`;
    },
  };
}

describe('App', () => {
  beforeEach(() => {
    window.location.hash = '';
    // jsdom has no layout to scroll.
    vi.stubGlobal('scrollTo', vi.fn());
  });
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  it('shows the entity’s books with the session of the server', async () => {
    const server = stubServer((count) => json({ ...SESSION, access_token: `token-${String(count)}` }));
    render(<App />);
    expect(await screen.findByText('Harbor Street Design')).toBeVisible();
    expect(await screen.findByText('Business Checking')).toBeVisible();
    expect(server.sessions()).toBe(1);
  });

  it('asks for another session when the token is refused', async () => {
    const server = stubServer((count) => json({ ...SESSION, access_token: `token-${String(count)}` }));
    render(<App />);
    await screen.findByText('Business Checking');
    server.expire();
    await userEvent.click(screen.getByRole('link', { name: 'Transactions' }));
    expect((await screen.findAllByText('Staples')).length).toBeGreaterThan(0);
    expect(server.sessions()).toBe(2);
  });

  it.each([
    ['a server without the demo', () => json({ error: 'Not found' }, 404)],
    [
      'a server that answers every path with the page',
      () => new Response('<!doctype html>', { headers: { 'content-type': 'text/html' } }),
    ],
  ])('explains how to start the demo on %s', async (_, answer) => {
    stubServer(answer);
    render(<App />);
    expect(await screen.findByText('make demo')).toBeVisible();
  });

  it('can be tried again while the server starts', async () => {
    stubServer((count) => (count === 1 ? json({}, 503) : json({ ...SESSION, access_token: 't' })));
    render(<App />);
    await userEvent.click(await screen.findByRole('button', { name: 'Try again' }));
    expect(await screen.findByText('Business Checking')).toBeVisible();
  });

  it('needs no server for the gallery', async () => {
    const server = stubServer(() => json({}, 500));
    window.location.hash = '#/gallery';
    render(<App />);
    expect(await screen.findByRole('heading', { name: 'OpenLedgerView' }, { timeout: 8000 })).toBeVisible();
    expect(server.sessions()).toBe(0);
  });
});

describe('pageOf', () => {
  it.each([
    ['', '/', 'overview'],
    ['#/', '/', 'overview'],
    ['#/reports', '/', 'reports'],
    ['', '/transactions', 'transactions'],
    ['#/reports', '/transactions', 'reports'],
    ['#/unknown', '/', 'overview'],
  ])('%s at %s is %s', (hash, pathname, page) => {
    expect(pageOf({ hash, pathname })).toBe(page);
  });
});
