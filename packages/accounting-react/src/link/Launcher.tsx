import { useEffect, useRef } from 'react';
import { usePlaidLink, type PlaidLinkOnEvent, type PlaidLinkOnExit, type PlaidLinkOnSuccess } from 'react-plaid-link';

export interface LauncherProps {
  token: string;
  cspNonce?: string | undefined;
  /** The full URL the bank sent the reader back to; Link then goes on where it was left. */
  receivedRedirectUri?: string | undefined;
  onOpen: () => void;
  onSuccess: PlaidLinkOnSuccess;
  onExit: PlaidLinkOnExit;
  onEvent: PlaidLinkOnEvent;
  /** The Link script could not be loaded (blocked, or offline). */
  onScriptError: () => void;
}

/** Opens Plaid Link once as soon as it is ready. Mount it with `key={token}`, after `prepareLinkScript`. */
export function Launcher(props: LauncherProps): null {
  const { token, cspNonce, receivedRedirectUri } = props;
  // Link keeps the callbacks it was created with; the ref leads it to the newest ones.
  const latest = useRef(props);
  useEffect(() => {
    latest.current = props;
  });
  const { open, ready, error } = usePlaidLink({
    token,
    onSuccess: (publicToken, metadata) => {
      latest.current.onSuccess(publicToken, metadata);
    },
    onExit: (exitError, metadata) => {
      latest.current.onExit(exitError, metadata);
    },
    onEvent: (name, metadata) => {
      latest.current.onEvent(name, metadata);
    },
    ...(cspNonce === undefined ? {} : { cspNonce }),
    ...(receivedRedirectUri === undefined ? {} : { receivedRedirectUri }),
  });
  const hasOpened = useRef(false);
  useEffect(() => {
    if (!ready || hasOpened.current) return;
    hasOpened.current = true;
    open();
    latest.current.onOpen();
  }, [ready, open]);
  useEffect(() => {
    if (error !== null) latest.current.onScriptError();
  }, [error]);
  return null;
}
