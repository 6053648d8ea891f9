import { useCallback, useEffect, useRef, useState, type ReactNode } from 'react';
import type { PlaidLinkError, PlaidLinkOnEvent, PlaidLinkOnExitMetadata } from 'react-plaid-link';
import { ApiError } from '../client/errors';
import type { CreatedAccount, LinkToken } from '../client/types';
import { useOpenLedger } from '../provider/context';
import { Launcher } from './Launcher';
import { prepareLinkScript } from './link-script';

export interface BankLinkOptions {
  /** Called once the accounts are stored; their history is then being imported. */
  onSuccess?: ((accounts: CreatedAccount[]) => void) | undefined;
  /** The reader left Link; with an error if something stopped them. */
  onExit?: ((error: PlaidLinkError | null, metadata: PlaidLinkOnExitMetadata) => void) | undefined;
  /** Every event of Plaid Link, for the host's statistics. */
  onEvent?: PlaidLinkOnEvent | undefined;
  /** This link's failures only; the provider's `onError` hears of them too. */
  onError?: ((error: ApiError) => void) | undefined;
}

/** Where the flow stands. A failure says at which step, because the way on differs. */
export type BankLinkState =
  | { stage: 'idle' }
  | { stage: 'opening' }
  | { stage: 'preparing' | 'open'; token: LinkToken }
  | { stage: 'saving' }
  | { stage: 'failed'; step: 'token' | 'script' | 'link'; error: ApiError }
  | { stage: 'failed'; step: 'save'; error: ApiError; publicToken: string };

export interface BankLink {
  state: BankLinkState;
  isBusy: boolean;
  /** Starts a new link, or after a failure goes on from the step that failed. */
  start: () => void;
  /** Must be rendered: it opens Plaid Link when its turn comes. */
  launcher: ReactNode;
}

const IDLE: BankLinkState = { stage: 'idle' };

/** The life of one bank link: token, script, Plaid Link, exchange. No look of its own. */
export function useBankLink(options: BankLinkOptions = {}): BankLink {
  const { session, cspNonce } = useOpenLedger();
  const [state, setState] = useState<BankLinkState>(IDLE);
  const latest = useRef(options);
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

  const open = useCallback(async () => {
    show({ stage: 'opening' });
    try {
      const token = await session.client.call('get', '/v1/banks/create-link', {
        query: { entityId: session.entityId },
      });
      try {
        await prepareLinkScript(token.link_script_url, session.apiUrl, cspNonce);
      } catch (thrown) {
        show({ stage: 'failed', step: 'script', error: report(scriptError(thrown), 'link.script') });
        return;
      }
      show({ stage: 'preparing', token });
    } catch (thrown) {
      show({ stage: 'failed', step: 'token', error: report(thrown, 'link.token') });
    }
  }, [session, cspNonce, show, report]);

  const save = useCallback(
    async (publicToken: string) => {
      show({ stage: 'saving' });
      try {
        const answer = await session.client.call('put', '/v1/banks/accounts', {
          query: { entityId: session.entityId },
          body: { public_token: publicToken },
        });
        session.cache.invalidate('/v1/');
        show(IDLE);
        latest.current.onSuccess?.(Array.isArray(answer) ? answer : answer.createdAccounts);
      } catch (thrown) {
        show({ stage: 'failed', step: 'save', publicToken, error: report(thrown, 'link.save') });
      }
    },
    [session, show, report],
  );

  const finish = (publicToken: string | null): void => {
    if (publicToken !== null) {
      void save(publicToken);
      return;
    }
    const error = new ApiError(400, 'NO_PUBLIC_TOKEN', 'The bank link ended without a token, so nothing was saved.');
    show({ stage: 'failed', step: 'link', error: report(error, 'link.finish') });
  };

  const exit = (error: PlaidLinkError | null, metadata: PlaidLinkOnExitMetadata): void => {
    if (error?.error_code === 'INVALID_LINK_TOKEN' && !hasRenewedToken.current) {
      hasRenewedToken.current = true;
      void open();
      return;
    }
    if (error === null) show(IDLE);
    else show({ stage: 'failed', step: 'link', error: report(linkError(error, metadata), 'link.exit') });
    latest.current.onExit?.(error, metadata);
  };

  const start = useCallback(() => {
    hasRenewedToken.current = false;
    if (state.stage === 'idle') void open();
    else if (state.stage === 'failed') void (state.step === 'save' ? save(state.publicToken) : open());
  }, [state, open, save]);

  const launcher =
    state.stage === 'preparing' || state.stage === 'open' ? (
      <Launcher
        key={state.token.link_token}
        token={state.token.link_token}
        cspNonce={cspNonce}
        onOpen={() => {
          // Link may have ended already, with a bad token for one: then that outcome stands.
          setState((current) => (current === state ? { stage: 'open', token: state.token } : current));
        }}
        onSuccess={finish}
        onExit={exit}
        onEvent={(name, metadata) => latest.current.onEvent?.(name, metadata)}
        onScriptError={() => {
          const error = report(scriptError(new Error('Plaid Link could not be loaded.')), 'link.script');
          show({ stage: 'failed', step: 'script', error });
        }}
      />
    ) : null;

  return { state, isBusy: state.stage !== 'idle' && state.stage !== 'failed', start, launcher };
}

function scriptError(thrown: unknown): ApiError {
  return new ApiError(0, 'LINK_SCRIPT_FAILED', thrown instanceof Error ? thrown.message : String(thrown));
}

function linkError(error: PlaidLinkError, metadata: PlaidLinkOnExitMetadata): ApiError {
  // Link's own sentence for people is missing for faults that people cannot mend.
  return new ApiError(400, error.error_code, error.display_message ?? error.error_message, metadata.request_id);
}
