/** The developer's webhook endpoints over the API. The token lives in the memory of this page and nowhere else. */

export interface Endpoint {
  id: string;
  url: string;
  description: string;
  eventTypes: string[];
  createdAt: string;
  disabledAt: string | null;
  oldSecretUntil: string | null;
}

export interface Delivery {
  messageId: string;
  endpointId: string;
  eventType: string;
  state: string;
  attempts: number;
  createdAt: string;
  lastStatus: number | null;
  lastError: string | null;
}

export const EVENT_TYPES = [
  'bank.linked',
  'bank.sync.completed',
  'bank.needs_login',
  'bank.expiring',
  'bank.disconnected',
  'transactions.created',
  'transactions.updated',
  'transactions.removed',
  'balance.gap_detected',
] as const;

export class WebhookApi {
  readonly #token: string;

  constructor(token: string) {
    this.#token = token;
  }

  /** @throws Error with a sentence when the key is not the developer's */
  static async signIn(developerId: string, apiKey: string): Promise<WebhookApi> {
    const answer = await send('POST', '/v1/auth/developer-token', undefined, { developerId, apiKey });
    return new WebhookApi((answer as { access_token: string }).access_token);
  }

  async endpoints(): Promise<Endpoint[]> {
    return ((await this.#call('GET', '/endpoints')) as { endpoints: Endpoint[] }).endpoints;
  }

  async deliveries(): Promise<Delivery[]> {
    return ((await this.#call('GET', '/deliveries?pageSize=25')) as { deliveries: Delivery[] }).deliveries;
  }

  /** Returns the secret, which is shown now and never again. */
  async add(url: string, eventTypes: string[]): Promise<string> {
    return ((await this.#call('POST', '/endpoints', { url, eventTypes })) as { secret: string }).secret;
  }

  async rotate({ id }: Endpoint): Promise<string> {
    return ((await this.#call('POST', `/endpoints/${id}/rotate-secret`)) as { secret: string }).secret;
  }

  async test({ id }: Endpoint): Promise<void> {
    await this.#call('POST', `/endpoints/${id}/test`);
  }

  async remove({ id }: Endpoint): Promise<void> {
    await this.#call('DELETE', `/endpoints/${id}`);
  }

  async retry({ messageId, endpointId }: Delivery): Promise<void> {
    await this.#call('POST', `/deliveries/${messageId}/${endpointId}/retry`);
  }

  #call(method: string, path: string, body?: unknown): Promise<unknown> {
    return send(method, `/v1/webhooks${path}`, this.#token, body);
  }
}

async function send(method: string, url: string, token?: string, body?: unknown): Promise<unknown> {
  const response = await fetch(url, {
    method,
    headers: {
      accept: 'application/json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const answer = (await response.json().catch(() => ({}))) as { message?: string };
  if (!response.ok) throw new Error(answer.message ?? `The server answered ${String(response.status)}.`);
  return answer;
}
