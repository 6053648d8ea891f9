import { useInsertionEffect, useMemo, type ReactNode } from 'react';
import { Session, type ReportedError } from '../client/session';
import type { Fetch } from '../client/call';
import type { AuthProps } from '../client/tokens';
import { OpenLedgerContext } from './context';
import { resolveTheme, type OpenLedgerTheme } from './theme';

export interface OpenLedgerProviderProps extends AuthProps {
  children: ReactNode;
  /** Where openledger-server answers, without `/v1`. */
  apiUrl: string;
  /** Whose books are shown. Changing it drops everything loaded. */
  entityId: string;
  /** @defaultValue 'en-US' */
  locale?: string;
  /** Light or dark, or colours; other colours that could not be read are left out. @defaultValue 'auto' */
  theme?: OpenLedgerTheme | 'light' | 'dark' | 'auto';
  /** Nonce for the script tag of Plaid Link, for a strict Content-Security-Policy. */
  cspNonce?: string;
  /**
   * The page of yours that shows `BankLinking` or `Connections`, without `?` and `#`, as listed in Plaid's dashboard. A bank
   * with a login page of its own sends the browser back there, and the link goes on by itself. Without it such banks open
   * in a window, which phones do not allow.
   */
  redirectUri?: string;
  /** Told about every failure, besides what the component shows. */
  onError?: (error: ReportedError) => void;
  /** Told when the session could not be renewed. */
  onAuthError?: (error: ReportedError) => void;
  /** Replaces `globalThis.fetch`, for tests and for hosts that add headers. */
  fetch?: Fetch;
}

/** Gives the components inside their server, entity, credentials, language and look. Renders no element of its own. */
export function OpenLedgerProvider(props: OpenLedgerProviderProps): ReactNode {
  const { children, apiUrl, entityId, locale = 'en-US', theme, cspNonce, redirectUri } = props;
  const { getAccessToken, authToken, accessToken, fetch, onError, onAuthError } = props;
  const session = useMemo(() => new Session(apiUrl, entityId), [apiUrl, entityId]);
  // An insertion effect runs before the effects of the components inside, whose first request needs these.
  useInsertionEffect(() => {
    session.configure({ getAccessToken, authToken, accessToken, fetch, onError, onAuthError });
  }, [session, getAccessToken, authToken, accessToken, fetch, onError, onAuthError]);
  const look = useMemo(() => resolveTheme(theme), [theme]);
  const value = useMemo(
    () => ({ session, locale, theme: look, cspNonce, redirectUri }),
    [session, locale, look, cspNonce, redirectUri],
  );
  return <OpenLedgerContext.Provider value={value}>{children}</OpenLedgerContext.Provider>;
}
