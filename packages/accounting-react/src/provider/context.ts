/** What every component reads from the provider. */
import { createContext, useContext } from 'react';
import type { Session } from '../client/session';
import type { ResolvedTheme } from './theme';

export interface OpenLedgerContextValue {
  session: Session;
  /** BCP 47 tag for money and dates. */
  locale: string;
  theme: ResolvedTheme;
  cspNonce: string | undefined;
  /** Where a bank with a login page of its own sends the browser back to. */
  redirectUri: string | undefined;
}

export const OpenLedgerContext = createContext<OpenLedgerContextValue | null>(null);

/** The provider's settings; throws outside of `OpenLedgerProvider`. */
export function useOpenLedger(): OpenLedgerContextValue {
  const value = useContext(OpenLedgerContext);
  if (value === null) throw new Error('Open Ledger components must be inside <OpenLedgerProvider>.');
  return value;
}
