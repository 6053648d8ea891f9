import { useCallback, useEffect, useReducer } from 'react';
import { requestUrl, type Answer, type PathsWith, type QueryValues } from '../client/call';
import { isAbort, type ApiError } from '../client/errors';
import { useOpenLedger } from '../provider/context';

export interface Pages<T> {
  pages: T[];
  error: ApiError | undefined;
  isLoading: boolean;
  hasMore: boolean;
  loadMore: () => void;
  /** From the first page on. */
  refetch: () => void;
}

interface State {
  key: string;
  /** The page wanted now: its cursor, or null for the first; undefined when nothing is. */
  wanted: string | null | undefined;
  pages: unknown[];
  error: ApiError | undefined;
}

type Deed =
  | { type: 'start'; key: string }
  | { type: 'more' }
  | { type: 'page'; page: unknown }
  | { type: 'fail'; error: ApiError };

function step(state: State, deed: Deed): State {
  switch (deed.type) {
    case 'start':
      return { key: deed.key, wanted: null, pages: [], error: undefined };
    case 'more':
      return { ...state, wanted: nextOf(state.pages.at(-1)) ?? undefined, error: undefined };
    case 'page':
      return { ...state, wanted: undefined, pages: [...state.pages, deed.page], error: undefined };
    case 'fail':
      return { ...state, wanted: undefined, error: deed.error };
  }
}

function nextOf(page: unknown): string | null {
  const next: unknown = typeof page === 'object' && page !== null ? Reflect.get(page, 'nextCursor') : null;
  return typeof next === 'string' ? next : null;
}

/** Reads a list with cursors page by page. Another query begins anew. */
export function usePages<P extends PathsWith<'get'>>(path: P, query: QueryValues): Pages<Answer<'get', P>> {
  const { session } = useOpenLedger();
  const key = requestUrl(path, { ...query, entityId: session.entityId });
  const [state, send] = useReducer(step, { key, wanted: null, pages: [], error: undefined });
  const { wanted } = state;
  const isCurrent = state.key === key;
  useEffect(() => {
    if (!isCurrent) send({ type: 'start', key });
  }, [isCurrent, key]);
  useEffect(() => {
    if (!isCurrent || wanted === undefined) return;
    const request = new AbortController();
    const url = wanted === null ? key : `${key}&${requestUrl('', { cursor: wanted }).slice(1)}`;
    session.client.request('get', url, undefined, request.signal).then(
      (page) => {
        send({ type: 'page', page });
      },
      (thrown: unknown) => {
        if (!isAbort(thrown)) send({ type: 'fail', error: session.report(thrown, path) });
      },
    );
    return () => {
      request.abort();
    };
  }, [session, path, key, wanted, isCurrent]);
  const loadMore = useCallback(() => {
    send({ type: 'more' });
  }, []);
  const refetch = useCallback(() => {
    send({ type: 'start', key });
  }, [key]);
  return {
    // The key is the URL of this path, so what was read is this path's answer.
    pages: (isCurrent ? state.pages : []) as Answer<'get', P>[],
    error: isCurrent ? state.error : undefined,
    isLoading: !isCurrent || wanted !== undefined,
    hasMore: isCurrent && nextOf(state.pages.at(-1)) !== null,
    loadMore,
    refetch,
  };
}
