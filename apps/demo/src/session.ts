import type { AccessToken } from '@openledger-server/accounting-react';

/** What `GET /demo/session` gives: whose books to show, and a token for them. */
export interface DemoSession extends AccessToken {
  entity_id: string;
  entity_name: string;
  developer_id: string;
}

/** The page is not served by `openledger demo`. */
export class NoDemoError extends Error {
  override readonly name = 'NoDemoError';
}

/**
 * Asks the server that served this page for a session.
 *
 * @throws NoDemoError when it is some other server; Error with a sentence when the demo cannot answer now
 */
export async function loadSession(): Promise<DemoSession> {
  const response = await fetch('/demo/session', { headers: { accept: 'application/json' } });
  const isJson = response.headers.get('content-type')?.includes('application/json') ?? false;
  if (response.status === 404 || (response.ok && !isJson)) throw new NoDemoError('No demo is running here.');
  if (!response.ok) throw new Error(`The demo server answered ${String(response.status)}.`);
  return (await response.json()) as DemoSession;
}
