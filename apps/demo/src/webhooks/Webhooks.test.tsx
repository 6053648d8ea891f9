import { render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Webhooks } from './Webhooks';

interface Sent {
  route: string;
  token: string | null;
  body: unknown;
}

const ENDPOINT = {
  id: '7',
  url: 'https://shop.test/hook',
  description: '',
  eventTypes: ['bank.needs_login'],
  createdAt: '2026-11-20T09:00:00Z',
  disabledAt: null,
  oldSecretUntil: null,
};
const DELIVERY = {
  messageId: 'msg_1',
  endpointId: '7',
  eventType: 'webhook.test',
  state: 'failed',
  attempts: 10,
  createdAt: '2026-11-20T09:00:00Z',
  lastStatus: 500,
  lastError: null,
};

function stubServer(): Sent[] {
  const sent: Sent[] = [];
  vi.stubGlobal('fetch', (url: string, init: RequestInit) => {
    const body = typeof init.body === 'string' ? (JSON.parse(init.body) as { apiKey?: string }) : undefined;
    const route = `${init.method ?? 'GET'} ${url.split('?')[0] ?? ''}`;
    sent.push({ route, token: new Headers(init.headers).get('authorization'), body });
    if (body?.apiKey === 'wrong') return Promise.resolve(json({ message: 'Wrong developer id or API key.' }, 401));
    const answers: Record<string, unknown> = {
      'POST /v1/auth/developer-token': { access_token: 'dev-token' },
      'GET /v1/webhooks/endpoints': { endpoints: [ENDPOINT] },
      'GET /v1/webhooks/deliveries': { deliveries: [DELIVERY] },
      'POST /v1/webhooks/endpoints': { ...ENDPOINT, secret: 'whsec_new' },
      'POST /v1/webhooks/endpoints/7/rotate-secret': { secret: 'whsec_rotated' },
    };
    return Promise.resolve(json(answers[route] ?? { success: true }));
  });
  return sent;
}

function json(body: unknown, status = 200): Response {
  return new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } });
}

async function signIn(key: string): Promise<void> {
  await userEvent.type(screen.getByLabelText('API key'), key);
  await userEvent.click(screen.getByRole('button', { name: 'Sign in' }));
}

describe('Webhooks', () => {
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  it('shows and asks nothing before the developer has signed in', async () => {
    const sent = stubServer();
    render(<Webhooks developerId="42" />);
    expect(screen.getByLabelText('Developer id')).toHaveValue('42');
    expect(sent).toEqual([]);
    await signIn('wrong');
    expect(await screen.findByRole('alert')).toHaveTextContent('Wrong developer id or API key.');
    expect(screen.queryByText('Endpoints')).toBeNull();
  });

  it('adds, tests and rotates with the developer’s token, and shows secrets until they are kept', async () => {
    const sent = stubServer();
    render(<Webhooks developerId="42" />);
    await signIn('ol_key');
    expect(await screen.findByText(ENDPOINT.url)).toBeVisible();
    await userEvent.type(screen.getByLabelText('Address'), 'https://new.test/hook');
    await userEvent.click(screen.getByRole('checkbox', { name: 'bank.linked' }));
    await userEvent.click(screen.getByRole('button', { name: 'Add' }));
    const secret = await screen.findByRole('region', { name: 'The secret' });
    expect(secret).toHaveTextContent('whsec_new');
    await userEvent.click(within(secret).getByRole('button', { name: 'I have kept it' }));
    expect(screen.queryByText('whsec_new')).toBeNull();
    await userEvent.click(screen.getByRole('button', { name: `Test ${ENDPOINT.url}` }));
    expect(await screen.findByText('A test is on its way.')).toBeVisible();
    await userEvent.click(screen.getByRole('button', { name: `Rotate secret of ${ENDPOINT.url}` }));
    expect(await screen.findByText('whsec_rotated')).toBeVisible();
    const calls = sent.filter(({ route }) => route.startsWith('POST /v1/webhooks'));
    expect(calls.map(({ route }) => route)).toEqual([
      'POST /v1/webhooks/endpoints',
      'POST /v1/webhooks/endpoints/7/test',
      'POST /v1/webhooks/endpoints/7/rotate-secret',
    ]);
    expect(calls[0]?.body).toEqual({ url: 'https://new.test/hook', eventTypes: ['bank.linked'] });
    expect(new Set(calls.map(({ token }) => token))).toEqual(new Set(['Bearer dev-token']));
  });

  it('shows how deliveries went, sends one again, and deletes after a question', async () => {
    const sent = stubServer();
    const confirm = vi.fn(() => false);
    vi.stubGlobal('confirm', confirm);
    render(<Webhooks developerId="42" />);
    await signIn('ol_key');
    expect(await screen.findByRole('row', { name: /webhook\.test failed, 10 attempts, answered 500/ })).toBeVisible();
    await userEvent.click(screen.getByRole('button', { name: 'Send again: msg_1' }));
    expect(await screen.findByText('It is sent again.')).toBeVisible();
    await userEvent.click(screen.getByRole('button', { name: `Delete ${ENDPOINT.url}` }));
    confirm.mockReturnValue(true);
    await userEvent.click(screen.getByRole('button', { name: `Delete ${ENDPOINT.url}` }));
    expect(await screen.findByText('The endpoint is deleted.')).toBeVisible();
    expect(sent.filter(({ route }) => route.startsWith('DELETE'))).toHaveLength(1);
    expect(sent.map(({ route }) => route)).toContain('POST /v1/webhooks/deliveries/msg_1/7/retry');
  });
});
