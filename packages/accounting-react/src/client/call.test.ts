import { describe, expect, it, vi } from 'vitest';
import { Client, requestUrl, type Fetch } from './call';
import { ApiError, describeError } from './errors';
import { TokenSource, type AuthProps } from './tokens';

function json(body: unknown, status = 200, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json', ...headers } });
}

function clientFor(fetch: Fetch, auth: AuthProps = { authToken: 'token-1' }, apiUrl = 'https://api.test'): Client {
  const tokens = new TokenSource();
  tokens.configure(auth);
  return new Client(apiUrl, tokens, () => fetch);
}

const ACCOUNTS = { query: { entityId: 'e1' } };

function headerOf(fetch: ReturnType<typeof vi.fn<Fetch>>, call: number): string | null {
  return new Headers(fetch.mock.calls[call]?.[1]?.headers).get('authorization');
}

async function failureOf(promise: Promise<unknown>): Promise<ApiError> {
  const thrown: unknown = await promise.catch((error: unknown) => error);
  if (!(thrown instanceof ApiError)) throw new Error('Expected an ApiError.');
  return thrown;
}

describe('call', () => {
  it('sends the token, the query and a JSON body', async () => {
    const fetch = vi.fn<Fetch>().mockResolvedValue(json({ createdAccounts: [] }));
    await clientFor(fetch, undefined, 'https://api.test/').call('put', '/v1/banks/accounts', {
      ...ACCOUNTS,
      body: { public_token: 'p' },
    });
    const [url, init] = fetch.mock.calls[0] ?? [];
    expect(url).toBe('https://api.test/v1/banks/accounts?entityId=e1');
    expect(init).toMatchObject({ method: 'PUT', body: '{"public_token":"p"}' });
    expect(headerOf(fetch, 0)).toBe('Bearer token-1');
  });

  it('puts what an address names into the path, so that no id can lead elsewhere', async () => {
    const fetch = vi.fn<Fetch>().mockResolvedValue(json({}));
    await clientFor(fetch).call('post', '/v1/banks/connections/{connection_id}/pause', {
      path: { connection_id: '7/../8?x' },
      query: { entityId: 'e1' },
    });
    expect(fetch.mock.calls[0]?.[0]).toBe('https://api.test/v1/banks/connections/7%2F..%2F8%3Fx/pause?entityId=e1');
  });

  it('asks for a new token once after a 401', async () => {
    const fetch = vi
      .fn<Fetch>()
      .mockResolvedValueOnce(json({}, 401))
      .mockResolvedValueOnce(json({ accounts: [] }));
    const getAccessToken = vi.fn().mockResolvedValueOnce('old').mockResolvedValueOnce({ access_token: 'new' });
    await expect(clientFor(fetch, { getAccessToken }).call('get', '/v1/banks/accounts', ACCOUNTS)).resolves.toEqual({
      accounts: [],
    });
    expect([headerOf(fetch, 0), headerOf(fetch, 1)]).toEqual(['Bearer old', 'Bearer new']);
  });

  it('gives up after a second 401', async () => {
    const fetch = vi
      .fn<Fetch>()
      .mockImplementation(() => Promise.resolve(json({ error: 'expired', code: 'TOKEN_EXPIRED' }, 401)));
    const error = await failureOf(
      clientFor(fetch, { authToken: () => Promise.resolve('t') }).call('get', '/v1/banks/accounts', ACCOUNTS),
    );
    expect(fetch).toHaveBeenCalledTimes(2);
    expect(error).toMatchObject({ status: 401, code: 'TOKEN_EXPIRED' });
  });

  it('does not repeat a 401 when the token cannot change', async () => {
    const fetch = vi.fn<Fetch>().mockResolvedValue(json({}, 401));
    await failureOf(
      clientFor(fetch, { accessToken: { access_token: 'fixed' } }).call('get', '/v1/banks/accounts', ACCOUNTS),
    );
    expect(fetch).toHaveBeenCalledTimes(1);
  });

  it('keeps code, sentence and request id of an error answer', async () => {
    const body = {
      error: 'No such entity.',
      code: 'ENTITY_NOT_FOUND',
      message: 'No such entity.',
      request_id: 'req_1',
    };
    const fetch = vi.fn<Fetch>().mockResolvedValue(json(body, 404));
    const error = await failureOf(clientFor(fetch).call('get', '/v1/banks/accounts', ACCOUNTS));
    expect(error).toMatchObject({
      status: 404,
      code: 'ENTITY_NOT_FOUND',
      message: 'No such entity.',
      requestId: 'req_1',
    });
  });

  it('takes the request id from the header when a proxy answers in HTML', async () => {
    const page = new Response('<h1>Bad gateway</h1>', { status: 502, headers: { 'x-request-id': 'req_2' } });
    const error = await failureOf(
      clientFor(vi.fn<Fetch>().mockResolvedValue(page)).call('get', '/v1/banks/accounts', ACCOUNTS),
    );
    expect(error).toMatchObject({ code: 'HTTP_502', requestId: 'req_2' });
    expect(describeError(error)).not.toContain('Bad gateway');
  });

  it('reports a missing answer and an unreadable one', async () => {
    const offline = vi.fn<Fetch>().mockRejectedValue(new TypeError('Failed to fetch'));
    expect(await failureOf(clientFor(offline).call('get', '/v1/banks/accounts', ACCOUNTS))).toMatchObject({
      status: 0,
      code: 'NETWORK_ERROR',
    });
    const html = vi.fn<Fetch>().mockResolvedValue(new Response('<html>'));
    expect(await failureOf(clientFor(html).call('get', '/v1/banks/accounts', ACCOUNTS))).toMatchObject({
      code: 'BAD_RESPONSE',
    });
  });

  it('passes an abort through', async () => {
    const abort = new DOMException('aborted', 'AbortError');
    const fetch = vi.fn<Fetch>().mockRejectedValue(abort);
    await expect(clientFor(fetch).call('get', '/v1/banks/accounts', ACCOUNTS)).rejects.toBe(abort);
  });

  it('says so when no token was given', async () => {
    const error = await failureOf(clientFor(vi.fn<Fetch>(), {}).call('get', '/v1/banks/accounts', ACCOUNTS));
    expect(error.code).toBe('NO_ACCESS_TOKEN');
  });
});

describe('the types', () => {
  it('refuse what the server does not have', () => {
    const client = clientFor(vi.fn<Fetch>());
    const wrong = [
      // @ts-expect-error -- no such path
      () => client.call('get', '/v1/nothing', {}),
      // @ts-expect-error -- no such method on the path
      () => client.call('post', '/v1/reports/generate', {}),
      // @ts-expect-error -- no such status
      () => client.call('get', '/v1/transactions', { query: { status: 'DONE' } }),
      // @ts-expect-error -- the category is missing
      () => client.call('post', '/v1/transactions/categorize', { query: ACCOUNTS.query, body: { transactionId: '1' } }),
    ];
    expect(wrong).toHaveLength(4);
  });
});

describe('requestUrl', () => {
  it('gives equal requests equal strings and leaves out what is undefined', () => {
    expect(requestUrl('/p', { b: 2, a: 'x y', c: undefined })).toBe('/p?a=x+y&b=2');
    expect(requestUrl('/p')).toBe('/p');
  });
});
