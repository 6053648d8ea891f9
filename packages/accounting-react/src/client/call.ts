/** One typed fetch over the API description. No React here. */
import { ApiError, errorFromResponse, isAbort, toApiError } from './errors';
import type { paths } from './schema';
import type { TokenSource } from './tokens';

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';

/** The paths that have the method. */
export type PathsWith<M extends Method> = {
  [P in keyof paths]: paths[P] extends Record<M, { responses: unknown }> ? P : never;
}[keyof paths];

type Operation<M extends Method, P extends keyof paths> = paths[P] extends Record<M, infer O> ? O : never;

/** The query parameters of an endpoint. */
export type Query<M extends Method, P extends keyof paths> =
  Operation<M, P> extends { parameters: { query?: infer Q } } ? Exclude<Q, undefined> : never;

/** What stands in the braces of a path. */
export type PathValues<M extends Method, P extends keyof paths> =
  Operation<M, P> extends { parameters: { path: infer R } } ? R : never;

/** The JSON body of an endpoint. */
export type Body<M extends Method, P extends keyof paths> =
  Operation<M, P> extends { requestBody?: infer R } ? JsonOf<NonNullable<R>> : never;

type JsonOf<R> = [R] extends [never] ? never : R extends { content: { 'application/json': infer B } } ? B : never;

/** The 200 answer of an endpoint. */
export type Answer<M extends Method, P extends keyof paths> =
  Operation<M, P> extends { responses: { 200: { content: { 'application/json': infer R } } } } ? R : never;

/** `path`, `query` and `body` where the endpoint has them; a query of optional parameters may be left out. */
export type CallOptions<M extends Method, P extends keyof paths> = { signal?: AbortSignal } & ([Query<M, P>] extends [
  never,
]
  ? { query?: never }
  : Partial<Query<M, P>> extends Query<M, P>
    ? { query?: Query<M, P> }
    : { query: Query<M, P> }) &
  ([PathValues<M, P>] extends [never] ? { path?: never } : { path: PathValues<M, P> }) &
  ([Body<M, P>] extends [never] ? { body?: never } : { body: Body<M, P> });

export type Fetch = typeof globalThis.fetch;

/** Calls the API: adds the token, asks for a new one once after a 401, and throws only ApiError or an abort. */
export class Client {
  readonly #apiUrl: string;
  readonly #tokens: TokenSource;
  readonly #getFetch: () => Fetch;

  constructor(apiUrl: string, tokens: TokenSource, getFetch: () => Fetch) {
    this.#apiUrl = apiUrl.replace(/\/+$/, '');
    this.#tokens = tokens;
    this.#getFetch = getFetch;
  }

  call<M extends Method, P extends PathsWith<M>>(
    method: M,
    path: P,
    options: CallOptions<M, P>,
  ): Promise<Answer<M, P>> {
    const given = options as { path?: PathTexts; query?: QueryValues; body?: unknown; signal?: AbortSignal };
    // The description is the server's promise; answers are not checked again in the browser.
    const url = requestUrl(path, given.query, given.path);
    return this.request(method, url, given.body, given.signal) as Promise<Answer<M, P>>;
  }

  /** As `call`, with the query already part of the URL; `useResource` keys are such URLs. */
  async request(method: Method, url: string, body?: unknown, signal?: AbortSignal): Promise<unknown> {
    try {
      return await readJson(await this.#answered(method, url, body, signal));
    } catch (thrown) {
      throw isAbort(thrown) ? thrown : toApiError(thrown);
    }
  }

  /** Reads a file: its content, and the name the server gives it. */
  async file(url: string): Promise<{ content: Blob; name: string }> {
    try {
      const response = await this.#answered('get', url);
      const name = /filename="([^"]+)"/.exec(response.headers.get('content-disposition') ?? '')?.[1];
      return { content: await response.blob(), name: name ?? 'download' };
    } catch (thrown) {
      throw toApiError(thrown);
    }
  }

  async #answered(method: Method, url: string, body?: unknown, signal?: AbortSignal): Promise<Response> {
    const token = await this.#tokens.get();
    let response = await this.#send(method, url, token, body, signal);
    if (response.status === 401 && this.#tokens.refuse(token)) {
      response = await this.#send(method, url, await this.#tokens.get(), body, signal);
    }
    if (!response.ok) throw await errorFromResponse(response);
    return response;
  }

  #send(method: Method, url: string, token: string, body: unknown, signal?: AbortSignal): Promise<Response> {
    const headers: Record<string, string> = { accept: 'application/json', authorization: `Bearer ${token}` };
    if (body !== undefined) headers['content-type'] = 'application/json';
    const send = this.#getFetch();
    return send(this.#apiUrl + url, {
      method: method.toUpperCase(),
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    });
  }
}

export type QueryValues = Record<string, string | number | boolean | undefined>;
export type PathTexts = Record<string, string>;

/** Path and sorted query: equal requests give equal strings, which is what the cache needs. */
export function requestUrl(template: string, query: QueryValues = {}, values: PathTexts = {}): string {
  const path = template.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(values[name] ?? ''));
  const pairs = Object.entries(query).filter(([, value]) => value !== undefined);
  const search = new URLSearchParams(pairs.map(([name, value]) => [name, String(value)]));
  search.sort();
  const text = search.toString();
  return text === '' ? path : `${path}?${text}`;
}

async function readJson(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch {
    const requestId = response.headers.get('x-request-id');
    throw new ApiError(response.status, 'BAD_RESPONSE', 'The answer was not JSON.', requestId);
  }
}
