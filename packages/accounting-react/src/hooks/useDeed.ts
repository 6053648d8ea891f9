import { useCallback, useState } from 'react';
import type { ApiError } from '../client/errors';
import { useOpenLedger } from '../provider/context';

export interface Deed {
  isBusy: boolean;
  error: ApiError | undefined;
  /** Does it; resolves to whether it succeeded. While one is under way, another is not begun. */
  run: (deed: () => Promise<unknown>) => Promise<boolean>;
  forget: () => void;
}

/** One write at a time, with its failure. Afterwards everything that shows the books is loaded again. */
export function useDeed(scope: string): Deed {
  const { session } = useOpenLedger();
  const [state, setState] = useState<{ isBusy: boolean; error?: ApiError }>({ isBusy: false });
  const { isBusy } = state;
  const run = useCallback(
    async (deed: () => Promise<unknown>) => {
      if (isBusy) return false;
      setState({ isBusy: true });
      try {
        await deed();
      } catch (thrown) {
        setState({ isBusy: false, error: session.report(thrown, scope) });
        return false;
      }
      setState({ isBusy: false });
      session.cache.invalidate('/v1/categories');
      session.invalidateBooks();
      return true;
    },
    [session, scope, isBusy],
  );
  const forget = useCallback(() => {
    setState({ isBusy: false });
  }, []);
  return { isBusy, error: state.error, run, forget };
}
