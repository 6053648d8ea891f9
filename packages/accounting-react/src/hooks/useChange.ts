import { useRef, useState } from 'react';
import { toApiError, type ApiError } from '../client/errors';
import { useOpenLedger } from '../provider/context';

export interface Change {
  isBusy: boolean;
  /** What was done last, in words; also read out. */
  said: string;
  error: ApiError | undefined;
  /** Sends one change at a time; resolves to its answer, or to undefined when it was refused. */
  run: <T>(send: () => Promise<T>, said?: (answer: T) => string) => Promise<T | undefined>;
  forget: () => void;
}

/** One change of the server's state at a time, and how the last one went. What shows the books is then loaded again. */
export function useChange(scope: string): Change {
  const { session } = useOpenLedger();
  const [state, setState] = useState<Omit<Change, 'run' | 'forget'>>({ isBusy: false, said: '', error: undefined });
  const isBusy = useRef(false);
  const run = async <T>(send: () => Promise<T>, said: (answer: T) => string = () => ''): Promise<T | undefined> => {
    if (isBusy.current) return undefined;
    isBusy.current = true;
    setState({ isBusy: true, said: '', error: undefined });
    try {
      const answer = await send();
      setState({ isBusy: false, said: said(answer), error: undefined });
      session.cache.invalidate('/v1/categories');
      session.invalidateBooks();
      return answer;
    } catch (thrown) {
      setState({ isBusy: false, said: '', error: session.report(toApiError(thrown), scope) });
      return undefined;
    } finally {
      isBusy.current = false;
    }
  };
  return {
    ...state,
    run,
    forget: () => {
      setState({ isBusy: false, said: '', error: undefined });
    },
  };
}
