/** A small keyed cache: one request per key, one poll per key, old data kept while new data load. No React here. */
import { isAbort, toApiError, type ApiError } from './errors';

/** What a subscriber sees of one key. The same object until something changes. */
export interface Snapshot {
  readonly data: unknown;
  readonly error: ApiError | undefined;
  /** The first load is under way: there is nothing to show yet. */
  readonly isLoading: boolean;
  /** A later load is under way: the data shown are the last good ones. */
  readonly isRefreshing: boolean;
}

/** Milliseconds until the next load of these data; false for no more polling. */
export type PollInterval = (data: unknown) => number | false;

/** Loads a key. Gets the data held so far, so that a paged list can load as many pages as are shown. */
export type Load = (key: string, held: unknown, signal: AbortSignal) => Promise<unknown>;

interface Subscriber {
  notify: () => void;
  poll: PollInterval | undefined;
}

interface Entry {
  snapshot: Snapshot;
  subscribers: Set<Subscriber>;
  request: AbortController | undefined;
  timer: ReturnType<typeof setTimeout> | undefined;
  failures: number;
  isStale: boolean;
}

const EMPTY: Snapshot = { data: undefined, error: undefined, isLoading: true, isRefreshing: false };
/** Polling slows down to this when the server keeps failing. */
const POLL_MAX_MS = 60_000;

export class ResourceCache {
  readonly #entries = new Map<string, Entry>();
  readonly #load: Load;
  readonly #onError: (key: string, error: ApiError) => void;
  #isWatchingVisibility = false;

  constructor(load: Load, onError: (key: string, error: ApiError) => void) {
    this.#load = load;
    this.#onError = onError;
  }

  snapshot(key: string): Snapshot {
    return this.#entries.get(key)?.snapshot ?? EMPTY;
  }

  /** Loads the key if nobody did yet, and keeps it fresh while subscribed. Returns the end of the subscription. */
  subscribe(key: string, notify: () => void, poll?: PollInterval): () => void {
    const entry = this.#entry(key);
    const subscriber = { notify, poll };
    entry.subscribers.add(subscriber);
    if (entry.request === undefined && (entry.snapshot.data === undefined || entry.isStale)) this.refresh(key);
    else this.#schedule(key, entry);
    return () => {
      entry.subscribers.delete(subscriber);
      if (entry.subscribers.size === 0) this.#idle(entry);
    };
  }

  /** Loads again now; joins the request under way if there is one. */
  refresh(key: string): void {
    const entry = this.#entry(key);
    if (entry.request !== undefined) return;
    clearTimeout(entry.timer);
    entry.isStale = false;
    const request = new AbortController();
    entry.request = request;
    const hasData = entry.snapshot.data !== undefined;
    this.#show(entry, { ...entry.snapshot, isLoading: !hasData, isRefreshing: hasData });
    void this.#run(key, entry, request);
  }

  /** Marks every key that starts so as old: shown ones load again now, the others when next shown. */
  invalidate(prefix: string): void {
    for (const [key, entry] of this.#entries) {
      if (!key.startsWith(prefix)) continue;
      entry.isStale = true;
      if (entry.request !== undefined) this.#abort(entry);
      if (entry.subscribers.size > 0) this.refresh(key);
    }
  }

  /** Replaces data that were loaded before, for a change shown before or without a new load. */
  update(key: string, change: (data: unknown) => unknown): void {
    const entry = this.#entries.get(key);
    if (entry?.snapshot.data === undefined) return;
    this.#show(entry, { ...entry.snapshot, data: change(entry.snapshot.data) });
  }

  /** Every loaded key that starts so. */
  keys(prefix: string): string[] {
    return [...this.#entries.keys()].filter((key) => key.startsWith(prefix));
  }

  async #run(key: string, entry: Entry, request: AbortController): Promise<void> {
    try {
      const data = await this.#load(key, entry.snapshot.data, request.signal);
      if (entry.request !== request) return;
      this.#settle(key, entry, { data, error: undefined, isLoading: false, isRefreshing: false });
    } catch (thrown) {
      if (entry.request !== request || isAbort(thrown)) return;
      const error = toApiError(thrown);
      const isNew = entry.snapshot.error?.code !== error.code;
      this.#settle(key, entry, { data: entry.snapshot.data, error, isLoading: false, isRefreshing: false });
      if (isNew) this.#onError(key, error);
    }
  }

  #settle(key: string, entry: Entry, snapshot: Snapshot): void {
    entry.request = undefined;
    entry.failures = snapshot.error === undefined ? 0 : entry.failures + 1;
    this.#show(entry, snapshot);
    this.#schedule(key, entry);
  }

  #schedule(key: string, entry: Entry): void {
    clearTimeout(entry.timer);
    if (entry.request !== undefined || entry.subscribers.size === 0) return;
    const wanted = [...entry.subscribers].map(({ poll }) => poll?.(entry.snapshot.data) ?? false);
    const intervals = wanted.filter((interval) => interval !== false);
    if (intervals.length === 0) return;
    const delay = Math.min(Math.min(...intervals) * 2 ** entry.failures, POLL_MAX_MS);
    this.#watchVisibility();
    entry.timer = setTimeout(() => {
      if (isHidden()) entry.isStale = true;
      else this.refresh(key);
    }, delay);
  }

  /** A hidden page does not poll; what fell due meanwhile is loaded when it is shown again. */
  #watchVisibility(): void {
    if (this.#isWatchingVisibility || typeof document === 'undefined') return;
    this.#isWatchingVisibility = true;
    document.addEventListener('visibilitychange', this.#refreshDue);
  }

  readonly #refreshDue = (): void => {
    if (isHidden()) return;
    for (const [key, entry] of this.#entries) {
      if (entry.isStale && entry.subscribers.size > 0) this.refresh(key);
    }
  };

  #idle(entry: Entry): void {
    clearTimeout(entry.timer);
    this.#abort(entry);
    const isAnySubscribed = [...this.#entries.values()].some(({ subscribers }) => subscribers.size > 0);
    if (isAnySubscribed || !this.#isWatchingVisibility) return;
    this.#isWatchingVisibility = false;
    document.removeEventListener('visibilitychange', this.#refreshDue);
  }

  #abort(entry: Entry): void {
    if (entry.request === undefined) return;
    entry.request.abort();
    entry.request = undefined;
    entry.isStale = true;
    entry.snapshot = { ...entry.snapshot, isLoading: entry.snapshot.data === undefined, isRefreshing: false };
  }

  #entry(key: string): Entry {
    const known = this.#entries.get(key);
    if (known !== undefined) return known;
    const entry: Entry = {
      snapshot: EMPTY,
      subscribers: new Set(),
      request: undefined,
      timer: undefined,
      failures: 0,
      isStale: false,
    };
    this.#entries.set(key, entry);
    return entry;
  }

  #show(entry: Entry, snapshot: Snapshot): void {
    entry.snapshot = snapshot;
    for (const { notify } of [...entry.subscribers]) notify();
  }
}

function isHidden(): boolean {
  return typeof document !== 'undefined' && document.hidden;
}
