/** What one provider holds for one entity: client, token, cache. No React here. */
import { Client, requestUrl, type Fetch } from './call';
import { ResourceCache } from './cache';
import { toApiError, type ApiError } from './errors';
import { TokenSource, type AuthProps } from './tokens';
import type { SyncStatus, TransactionPage } from './types';

/** Told to the host's `onError`: what failed, where, and the id to quote. */
export interface ReportedError {
  code: string;
  message: string;
  requestId: string | null;
  /** What failed: the path called, or the component's step. */
  scope: string;
  status: number;
}

export interface SessionSettings extends AuthProps {
  fetch?: Fetch | undefined;
  onError?: ((error: ReportedError) => void) | undefined;
  /** Called besides `onError` when the session could not be renewed. */
  onAuthError?: ((error: ReportedError) => void) | undefined;
}

/** At most this many pages of a list are loaded again at once. */
const RELOADED_PAGES_MAX = 10;
const LIST_PATH = '/v1/transactions?';

export class Session {
  readonly apiUrl: string;
  readonly entityId: string;
  readonly client: Client;
  readonly cache: ResourceCache;
  /** The last state of the imports that any component saw. */
  #syncStamp: string | undefined;
  readonly #tokens = new TokenSource();
  #settings: SessionSettings = {};

  constructor(apiUrl: string, entityId: string) {
    this.apiUrl = apiUrl;
    this.entityId = entityId;
    this.client = new Client(apiUrl, this.#tokens, () => this.#settings.fetch ?? globalThis.fetch);
    this.cache = new ResourceCache(
      (key, held, signal) =>
        key.startsWith(LIST_PATH)
          ? this.#loadPages(key, held, signal)
          : this.client.request('get', key, undefined, signal),
      (key, error) => {
        this.report(error, key.split('?')[0] ?? key);
      },
    );
  }

  /** Takes the provider's newest props without dropping what is loaded. */
  configure(settings: SessionSettings): void {
    this.#settings = settings;
    this.#tokens.configure(settings);
  }

  report(thrown: unknown, scope: string): ApiError {
    const error = toApiError(thrown);
    const { code, message, requestId, status } = error;
    const reported = { code, message, requestId, scope, status };
    this.#settings.onError?.(reported);
    if (status === 401) this.#settings.onAuthError?.(reported);
    return error;
  }

  /** After a write: what counts or sums bank transactions is old. The list it was made in keeps its rows in place. */
  invalidateBooks(exceptKey?: string): void {
    this.cache.invalidate('/v1/banks/sync-status');
    this.invalidateImported(exceptKey);
  }

  invalidateImported(exceptKey?: string): void {
    this.cache.invalidate('/v1/banks/accounts');
    this.cache.invalidate('/v1/banks/connections');
    this.cache.invalidate('/v1/reports/');
    this.cache.invalidate('/v1/review');
    this.cache.invalidate('/v1/rules');
    this.cache.invalidate('/v1/categorization/');
    for (const key of this.cache.keys(LIST_PATH)) if (key !== exceptKey) this.cache.invalidate(key);
  }

  /** Loads lists, balances and reports again once the imports have moved; many components may report the same move. */
  sawSyncStatus({ summary, transactionProgress, accounts }: SyncStatus): void {
    const states = accounts.map(({ connectionStatus }) => connectionStatus);
    const stamp = [summary.total, summary.completed, transactionProgress.total, ...states].join(' ');
    const hasMoved = this.#syncStamp !== undefined && this.#syncStamp !== stamp;
    this.#syncStamp = stamp;
    if (hasMoved) this.invalidateImported();
  }

  /** Loads as many rows of a list as are shown, so that a refresh does not shorten it under the reader. */
  async #loadPages(key: string, held: unknown, signal: AbortSignal): Promise<TransactionPage> {
    const rowsWanted = isPage(held) ? held.transactions.length : 0;
    const rows: TransactionPage['transactions'] = [];
    let cursor: string | null = null;
    for (let page = 0; page < RELOADED_PAGES_MAX; page += 1) {
      const url = cursor === null ? key : `${key}&${requestUrl('', { cursor }).slice(1)}`;
      const answer = (await this.client.request('get', url, undefined, signal)) as TransactionPage;
      rows.push(...answer.transactions);
      cursor = answer.nextCursor ?? null;
      if (!answer.hasMore || cursor === null || rows.length >= rowsWanted) {
        return { ...answer, transactions: rows, nextCursor: cursor };
      }
    }
    return { transactions: rows, nextCursor: cursor, hasMore: cursor !== null };
  }
}

function isPage(held: unknown): held is TransactionPage {
  return typeof held === 'object' && held !== null && 'transactions' in held;
}
