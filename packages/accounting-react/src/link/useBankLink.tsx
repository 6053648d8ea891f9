import { useCallback, useEffect, useRef, useState, type ReactNode } from 'react';
import type {
  PlaidLinkError,
  PlaidLinkOnEvent,
  PlaidLinkOnExitMetadata,
  PlaidLinkOnSuccessMetadata,
} from 'react-plaid-link';
import { ApiError } from '../client/errors';
import type { Connection, CreatedAccount, LinkToken } from '../client/types';
import { useOpenLedger } from '../provider/context';
import { Launcher } from './Launcher';
import { prepareLinkScript } from './link-script';
import { forgetBegun, keepBegun, takeReturn } from './oauth';

/** How a new link is to be booked; all of it but the days can be changed later. */
export interface LinkChoices {
  /** How many days of history are asked for, 1 to 730, for good. @defaultValue 730 */
  daysRequested?: number | undefined;
  /** The books begin on this day, an ISO date. @defaultValue with the first row that the bank gives */
  historyStart?: string | undefined;
}

export interface BankLinkOptions {
  choices?: LinkChoices | undefined;
  /** Goes on only with repairs when a bank sends the browser back; for components that begin no new links. */
  onlyRepairs?: boolean | undefined;
  /** Called once the accounts are stored; their history is then being imported. */
  onSuccess?: ((accounts: CreatedAccount[]) => void) | undefined;
  /** Called once update mode has made a connection good again. */
  onRepaired?: ((connection: Connection) => void) | undefined;
  /** The reader left Link; with an error if something stopped them. */
  onExit?: ((error: PlaidLinkError | null, metadata: PlaidLinkOnExitMetadata) => void) | undefined;
  /** Every event of Plaid Link, for the host's statistics. */
  onEvent?: PlaidLinkOnEvent | undefined;
  /** This link's failures only; the provider's `onError` hears of them too. */
  onError?: ((error: ApiError) => void) | undefined;
}

/** A connection to repair, in Link's update mode. Without one, a new bank is linked. */
export interface BankLinkTarget {
  connectionId: string;
  /** Lets the reader choose the accounts anew. */
  accountSelection?: boolean;
}

/** Where the flow stands. A failure says at which step, because the way on differs. */
export type BankLinkState = { target?: BankLinkTarget | undefined } & (
  | { stage: 'idle' | 'opening' | 'saving' }
  | { stage: 'preparing' | 'open'; token: LinkToken; receivedRedirectUri?: string | undefined }
  | { stage: 'failed'; step: 'token' | 'script' | 'link'; error: ApiError }
  /** `exists`: this bank is linked already, and nothing was changed. */
  | { stage: 'failed'; step: 'save' | 'exists'; error: ApiError; send: Send }
);

/** Tells the server what came of Link; with `force` even if the bank is linked already. */
type Send = (force: boolean) => Promise<void>;

export interface BankLink {
  state: BankLinkState;
  isBusy: boolean;
  /** Starts a new link; after a failed one it goes on from the step that failed. */
  start: () => void;
  /** The same for the repair of a connection. */
  repair: (target: BankLinkTarget) => void;
  /** Links a bank a second time, after `exists`. */
  force: () => void;
  /** Forgets a failure. */
  dismiss: () => void;
  /** Must be rendered: it opens Plaid Link when its turn comes. */
  launcher: ReactNode;
}

const IDLE: BankLinkState = { stage: 'idle' };

/** The life of one bank link or repair: token, script, Plaid Link, and what follows. No look of its own. */
export function useBankLink(options: BankLinkOptions = {}): BankLink {
  const { session, cspNonce, redirectUri } = useOpenLedger();
  const [state, setState] = useState<BankLinkState>(IDLE);
  const latest = useRef(options);
  const begunWith = useRef<LinkChoices>({});
  const hasRenewedToken = useRef(false);
  const isMounted = useRef(false);
  useEffect(() => {
    latest.current = options;
  });
  useEffect(() => {
    isMounted.current = true;
    return () => {
      isMounted.current = false;
    };
  }, []);

  const show = useCallback((next: BankLinkState) => {
    if (isMounted.current) setState(next);
  }, []);

  const report = useCallback(
    (thrown: unknown, scope: string): ApiError => {
      const error = session.report(thrown, scope);
      latest.current.onError?.(error);
      return error;
    },
    [session],
  );

  const prepare = useCallback(
    async (token: LinkToken, target: BankLinkTarget | undefined, receivedRedirectUri?: string) => {
      try {
        await prepareLinkScript(token.link_script_url, session.apiUrl, cspNonce);
      } catch (thrown) {
        show({ stage: 'failed', step: 'script', target, error: report(scriptError(thrown), 'link.script') });
        return;
      }
      show({ stage: 'preparing', token, target, receivedRedirectUri });
    },
    [session, cspNonce, show, report],
  );

  const open = useCallback(
    async (target: BankLinkTarget | undefined) => {
      show({ stage: 'opening', target });
      const { apiUrl, entityId } = session;
      const choices = target === undefined ? (latest.current.choices ?? {}) : {};
      const { daysRequested } = choices;
      begunWith.current = choices;
      forgetBegun();
      try {
        const query = {
          entityId,
          ...target,
          ...(daysRequested === undefined ? {} : { daysRequested }),
          ...(redirectUri === undefined ? {} : { redirectUri }),
        };
        const token = await session.client.call('get', '/v1/banks/create-link', { query });
        if (redirectUri !== undefined) keepBegun({ apiUrl, entityId, token, target, choices });
        await prepare(token, target);
      } catch (thrown) {
        show({ stage: 'failed', step: 'token', target, error: report(thrown, 'link.token') });
      }
    },
    [session, redirectUri, show, report, prepare],
  );

  const onlyRepairs = options.onlyRepairs === true;
  useEffect(() => {
    if (redirectUri === undefined) return;
    const back = takeReturn(session, latest, onlyRepairs, new Date());
    if (back === undefined) return;
    const { begun, receivedRedirectUri } = back;
    if (begun === undefined) {
      forgetBegun();
      show({ stage: 'failed', step: 'link', error: report(lostError(), 'link.return') });
      return;
    }
    begunWith.current = begun.choices;
    show({ stage: 'opening', target: begun.target });
    void prepare(begun.token, begun.target, receivedRedirectUri);
  }, [session, redirectUri, onlyRepairs, show, report, prepare]);

  /** Runs the step after Link. It can be repeated, because the server takes the same answer twice. */
  const save = useCallback(
    async (send: Send, target: BankLinkTarget | undefined, force = false) => {
      show({ stage: 'saving', target });
      try {
        await send(force);
      } catch (thrown) {
        const error = report(thrown, 'link.save');
        const step = error.code === 'CONNECTION_EXISTS' ? 'exists' : 'save';
        show({ stage: 'failed', step, target, error, send });
      }
    },
    [show, report],
  );

  const succeed = useCallback(() => {
    session.cache.invalidate('/v1/');
    show({ stage: 'idle' });
  }, [session, show]);

  const finish = (publicToken: string | null, metadata: PlaidLinkOnSuccessMetadata): void => {
    forgetBegun();
    const { target } = state;
    const { client, entityId } = session;
    const query = { entityId };
    if (target !== undefined) {
      // Item and access are the same as before, so the public token is not needed.
      const repair = async (): Promise<void> => {
        const path = { connection_id: target.connectionId };
        const connection = await client.call('post', '/v1/banks/connections/{connection_id}/repaired', { path, query });
        succeed();
        latest.current.onRepaired?.(connection);
      };
      void save(repair, target);
    } else if (publicToken === null) {
      const error = new ApiError(400, 'NO_PUBLIC_TOKEN', 'The bank link ended without a token, so nothing was saved.');
      show({ stage: 'failed', step: 'link', error: report(error, 'link.finish') });
    } else {
      const store = async (force: boolean): Promise<void> => {
        const { historyStart } = begunWith.current;
        const start = historyStart === undefined ? {} : { historyStart };
        const body = { public_token: publicToken, metadata: chosen(metadata), force, ...start };
        const answer = await client.call('put', '/v1/banks/accounts', { query, body });
        succeed();
        latest.current.onSuccess?.(Array.isArray(answer) ? answer : answer.createdAccounts);
      };
      void save(store, undefined);
    }
  };

  const exit = (error: PlaidLinkError | null, metadata: PlaidLinkOnExitMetadata): void => {
    forgetBegun();
    const { target } = state;
    if (error?.error_code === 'INVALID_LINK_TOKEN' && !hasRenewedToken.current) {
      hasRenewedToken.current = true;
      void open(target);
      return;
    }
    if (error === null) show(IDLE);
    else show({ stage: 'failed', step: 'link', target, error: report(linkError(error, metadata), 'link.exit') });
    latest.current.onExit?.(error, metadata);
  };

  const isBusy = state.stage !== 'idle' && state.stage !== 'failed';
  const begin = (target: BankLinkTarget | undefined): void => {
    if (isBusy) return;
    hasRenewedToken.current = false;
    const hasAnswer = state.stage === 'failed' && state.step === 'save';
    if (hasAnswer && target?.connectionId === state.target?.connectionId) void save(state.send, target);
    else void open(target);
  };
  const start = (): void => {
    begin(undefined);
  };

  const launcher =
    state.stage === 'preparing' || state.stage === 'open' ? (
      <Launcher
        key={state.token.link_token}
        token={state.token.link_token}
        cspNonce={cspNonce}
        receivedRedirectUri={state.receivedRedirectUri}
        onOpen={() => {
          // Link may have ended already, with a bad token for one: then that outcome stands.
          setState((current) => (current === state ? { ...state, stage: 'open' } : current));
        }}
        onSuccess={finish}
        onExit={exit}
        onEvent={(name, metadata) => latest.current.onEvent?.(name, metadata)}
        onScriptError={() => {
          const error = report(scriptError(new Error('Plaid Link could not be loaded.')), 'link.script');
          show({ stage: 'failed', step: 'script', target: state.target, error });
        }}
      />
    ) : null;

  const force = (): void => {
    if (state.stage === 'failed' && state.step === 'exists') void save(state.send, state.target, true);
  };
  const dismiss = (): void => {
    if (!isBusy) show(IDLE);
  };
  return { state, isBusy, start, repair: begin, force, dismiss, launcher };
}

/** What tells the server whether the bank is linked already; it believes nothing else of it. */
function chosen({ institution, accounts }: PlaidLinkOnSuccessMetadata): {
  institution: PlaidLinkOnSuccessMetadata['institution'];
  accounts: { name: string; mask: string | null }[];
} {
  return {
    institution: institution === null ? null : { name: institution.name, institution_id: institution.institution_id },
    accounts: accounts.map(({ name, mask }) => ({ name, mask })),
  };
}

function lostError(): ApiError {
  return new ApiError(
    400,
    'LINK_RETURN_LOST',
    'You came back from your bank, but not in the window where this was begun, or too late. Nothing was connected; ' +
      'please begin again here.',
  );
}

function scriptError(thrown: unknown): ApiError {
  return new ApiError(0, 'LINK_SCRIPT_FAILED', thrown instanceof Error ? thrown.message : String(thrown));
}

function linkError(error: PlaidLinkError, metadata: PlaidLinkOnExitMetadata): ApiError {
  // Link's own sentence for people is missing for faults that people cannot mend.
  return new ApiError(400, error.error_code, error.display_message ?? error.error_message, metadata.request_id);
}
