import { useRef, useState } from 'react';
import { toApiError, type ApiError } from '../../client/errors';
import { useOpenLedger } from '../../provider/context';

/** What was asked for last: still under way, done, or refused. */
interface Outcome {
  /** The connection or bank account it was about. */
  subject: string;
  isBusy: boolean;
  /** What happened, in words; also read out. */
  said: string;
  error?: ApiError;
}

export interface Deeds {
  outcome: Outcome | undefined;
  pause: (connection: Named) => void;
  resume: (connection: Named) => void;
  refresh: (connection: Named) => void;
  /** The next two resolve to whether it went well; a refusal is in `outcome`. */
  disconnect: (connection: Named) => Promise<boolean>;
  unlink: (account: Named) => Promise<boolean>;
  forget: () => void;
}

interface Named {
  id: string;
  name: string;
}

/** What a person can do with a connection, one deed at a time; lists that show it are loaded again. */
export function useDeeds(): Deeds {
  const { session } = useOpenLedger();
  const [outcome, setOutcome] = useState<Outcome>();
  const isBusy = useRef(false);
  const query = { entityId: session.entityId };

  const run = async (subject: string, said: string, send: () => Promise<unknown>): Promise<boolean> => {
    if (isBusy.current) return false;
    isBusy.current = true;
    setOutcome({ subject, isBusy: true, said: '' });
    try {
      await send();
      session.cache.invalidate('/v1/banks/');
      setOutcome({ subject, isBusy: false, said });
      return true;
    } catch (thrown) {
      const error = session.report(toApiError(thrown), 'connection');
      // Somebody else may have ended it meanwhile: then the list tells more than the refusal.
      session.cache.invalidate('/v1/banks/');
      setOutcome({ subject, isBusy: false, said: '', error });
      return false;
    } finally {
      isBusy.current = false;
    }
  };
  const post = (deed: 'pause' | 'resume' | 'refresh', { id }: Named, said: string): void => {
    const path = { connection_id: id };
    void run(id, said, () =>
      session.client.call('post', `/v1/banks/connections/{connection_id}/${deed}`, { path, query }),
    );
  };
  return {
    outcome,
    pause: (connection) => {
      post('pause', connection, `${connection.name} is paused.`);
    },
    resume: (connection) => {
      post('resume', connection, `${connection.name} is imported again.`);
    },
    refresh: (connection) => {
      post('refresh', connection, `${connection.name} is being asked. What is new follows within a minute or so.`);
    },
    disconnect: ({ id, name }) =>
      run(id, `${name} is disconnected.`, () =>
        session.client.call('delete', '/v1/banks/connections/{connection_id}', { path: { connection_id: id }, query }),
      ),
    unlink: ({ id, name }) =>
      run(id, `${name} is unlinked. Its transactions stay.`, () =>
        session.client.call('delete', '/v1/banks/accounts', { query: { ...query, accountId: id } }),
      ),
    forget: () => {
      setOutcome(undefined);
    },
  };
}
