import { useCallback, useSyncExternalStore } from 'react';
import type { Answer, PathsWith, PathValues, Query } from '../client/call';
import { requestUrl, type PathTexts, type QueryValues } from '../client/call';
import type { ApiError } from '../client/errors';
import { useOpenLedger } from '../provider/context';

/** One thing read from the server. Old data stay while new data load, and after a failure. */
export interface Resource<T> {
  data: T | undefined;
  error: ApiError | undefined;
  isLoading: boolean;
  isRefreshing: boolean;
  refetch: () => void;
}

/**
 * Reads a GET endpoint through the provider's cache: components that ask for the same thing share one request.
 *
 * @param poll milliseconds until the next read, or false; keep the function's identity
 * @param values what stands in the braces of the path
 */
export function useResource<P extends PathsWith<'get'>>(
  path: P,
  query: Query<'get', P>,
  poll?: (data: Answer<'get', P> | undefined) => number | false,
  values?: PathValues<'get', P>,
): Resource<Answer<'get', P>> {
  const { cache } = useOpenLedger().session;
  const key = requestUrl(path, query as QueryValues, values as PathTexts | undefined);
  const subscribe = useCallback(
    (notify: () => void) =>
      cache.subscribe(
        key,
        notify,
        poll === undefined ? undefined : (data) => poll(data as Answer<'get', P> | undefined),
      ),
    [cache, key, poll],
  );
  const read = useCallback(() => cache.snapshot(key), [cache, key]);
  const snapshot = useSyncExternalStore(subscribe, read, read);
  const refetch = useCallback(() => {
    cache.refresh(key);
  }, [cache, key]);
  // The key is the URL of this path, so what it holds is this path's answer.
  return { ...snapshot, data: snapshot.data as Answer<'get', P> | undefined, refetch };
}
