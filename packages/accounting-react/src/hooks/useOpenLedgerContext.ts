import { useMemo } from 'react';
import { useOpenLedger } from '../provider/context';

export interface OpenLedgerContextInfo {
  apiUrl: string;
  entityId: string;
  locale: string;
  /** Loads everything again that counts, sums or lists; for hosts that changed something themselves. */
  refresh: () => void;
}

/** The provider's settings, for a host's own components. */
export function useOpenLedgerContext(): OpenLedgerContextInfo {
  const { session, locale } = useOpenLedger();
  return useMemo(
    () => ({
      apiUrl: session.apiUrl,
      entityId: session.entityId,
      locale,
      refresh: () => {
        session.cache.invalidate('/v1/');
      },
    }),
    [session, locale],
  );
}
