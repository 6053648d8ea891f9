/** Where the access token comes from: fixed, or asked from the host and renewed. */
import { ApiError } from './errors';

/** A token answer as the token endpoints give it. */
export interface AccessToken {
  access_token: string;
  token_type?: string;
  /** Seconds until it expires, counted from when it was handed over. */
  expires_in?: number;
  /** ISO instant or epoch seconds; wins over `expires_in`. */
  expires_at?: string | number;
}

export type TokenAnswer = string | AccessToken;

/** Every spelling of credentials the provider takes; the first one given is used. */
export interface AuthProps {
  /** Asked at the start, before the known expiry, and once after a 401. Preferred. */
  getAccessToken?: (() => Promise<TokenAnswer>) | undefined;
  /** A token, or a function that resolves to one. */
  authToken?: string | (() => Promise<TokenAnswer>) | undefined;
  /** A token answer, as the token endpoint gave it. It cannot be renewed: prefer `getAccessToken`. */
  accessToken?: AccessToken | undefined;
}

/** A token is renewed this long before it expires, so that a request under way does not outlive it. */
const RENEW_BEFORE_MS = 30_000;

/** Hands out the current token; many callers waiting at once cause one request to the host. */
export class TokenSource {
  #auth: AuthProps = {};
  #held: { token: string; renewAt: number } | undefined;
  #asked: Promise<string> | undefined;

  /** Takes the newest props. A token already held stays in use until it expires or is refused. */
  configure(auth: AuthProps): void {
    this.#auth = auth;
  }

  get(): Promise<string> {
    const source = this.#auth.getAccessToken ?? this.#auth.authToken ?? this.#auth.accessToken;
    if (typeof source !== 'function') return fixedToken(source);
    if (this.#held !== undefined && Date.now() < this.#held.renewAt) return Promise.resolve(this.#held.token);
    this.#asked ??= this.#ask(source).finally(() => {
      this.#asked = undefined;
    });
    return this.#asked;
  }

  /** Drops a token the server refused. Returns whether asking again can give another one. */
  refuse(token: string): boolean {
    if (this.#held?.token === token) this.#held = undefined;
    return typeof (this.#auth.getAccessToken ?? this.#auth.authToken) === 'function';
  }

  async #ask(source: () => Promise<TokenAnswer>): Promise<string> {
    const answer = await source();
    const token = typeof answer === 'string' ? answer : answer.access_token;
    this.#held = { token, renewAt: expiryOf(answer) - RENEW_BEFORE_MS };
    return token;
  }
}

function fixedToken(source: string | AccessToken | undefined): Promise<string> {
  if (source === undefined) {
    return Promise.reject(new ApiError(401, 'NO_ACCESS_TOKEN', 'OpenLedgerProvider was given no access token.'));
  }
  return Promise.resolve(typeof source === 'string' ? source : source.access_token);
}

/** Epoch milliseconds; infinity when the answer does not say, as a 401 then tells. */
function expiryOf(answer: TokenAnswer): number {
  if (typeof answer === 'string') return Infinity;
  const { expires_at: at, expires_in: seconds } = answer;
  if (typeof at === 'number') return at * 1000;
  if (typeof at === 'string') return Date.parse(at);
  return seconds === undefined ? Infinity : Date.now() + seconds * 1000;
}
