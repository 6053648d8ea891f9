/** The reads that components share, one hook each. */
import { useEffect, useMemo } from 'react';
import type { Answer } from '../client/call';
import type {
  CategorizationRun,
  CategorizationStatistics,
  Category,
  Connection,
  LinkedAccount,
  Report,
  Rule,
  RuleSuggestion,
  SyncRun,
  SyncStatus,
} from '../client/types';
import { useOpenLedger } from '../provider/context';
import { useResource, type Resource } from './useResource';

const POLL_IMPORTING_MS = 2000;
const POLL_QUIET_MS = 30_000;

/** Bank accounts with the bank's balance and the books'. */
export function useAccounts(): Resource<{ accounts: LinkedAccount[] }> {
  const { entityId } = useOpenLedger().session;
  return useResource('/v1/banks/accounts', { entityId });
}

/** The same with those that were unlinked; their rows stay in the books. */
export function useAllAccounts(): Resource<{ accounts: LinkedAccount[] }> {
  const { entityId } = useOpenLedger().session;
  return useResource('/v1/banks/accounts', { entityId, includeUnlinked: true });
}

interface ConnectionList {
  connections: Connection[];
}

function pollConnections(list: ConnectionList | undefined): number {
  return list?.connections.some(({ status }) => status === 'importing') === true ? POLL_IMPORTING_MS : POLL_QUIET_MS;
}

/** Logins at banks, oldest first, those that have ended included. */
export function useConnections(): Resource<ConnectionList> {
  const { entityId } = useOpenLedger().session;
  return useResource('/v1/banks/connections', { entityId }, pollConnections);
}

/** What the last syncs of a connection found, newest first; `pageSize` is 1 to 100. */
export function useSyncRuns(connectionId: string, pageSize: number): Resource<{ runs: SyncRun[]; hasMore: boolean }> {
  const { entityId } = useOpenLedger().session;
  return useResource('/v1/banks/connections/{connection_id}/runs', { entityId, pageSize }, undefined, {
    connection_id: connectionId,
  });
}

/** Quick while something is imported, slow after that: the bank may send more at any time. */
function pollSync(status: SyncStatus | undefined): number {
  return status === undefined || status.allSynced ? POLL_QUIET_MS : POLL_IMPORTING_MS;
}

/** How far the imports are. When they move, balances, lists and reports shown anywhere are loaded again. */
export function useSyncStatus(): Resource<SyncStatus> {
  const { session } = useOpenLedger();
  const status = useResource('/v1/banks/sync-status', { entityId: session.entityId }, pollSync);
  const { data } = status;
  useEffect(() => {
    if (data !== undefined) session.sawSyncStatus(data);
  }, [session, data]);
  return status;
}

export function useCategories(): Resource<{ categories: Category[] }> {
  const { entityId } = useOpenLedger().session;
  return useResource('/v1/categories', { entityId });
}

/** The reports of a period. Dates are ISO days, both included. */
export function useReport(period: { startDate: string; endDate: string }): Resource<Report> {
  const { entityId } = useOpenLedger().session;
  const { startDate, endDate } = period;
  const query = useMemo(() => ({ entityId, startDate, endDate }), [entityId, startDate, endDate]);
  return useResource('/v1/reports/generate', query);
}

/** Rules in the order in which they are asked, disabled ones included. */
export function useRules(): Resource<{ rules: Rule[] }> {
  const { entityId } = useOpenLedger().session;
  return useResource('/v1/rules', { entityId });
}

/** Rules worth making, the most corrected counterparty first. */
export function useRuleSuggestions(): Resource<{ suggestions: RuleSuggestion[] }> {
  const { entityId } = useOpenLedger().session;
  return useResource('/v1/rules/suggestions', { entityId });
}

/** The last runs that changed many categories together, newest first. */
export function useCategorizationRuns(): Resource<{ runs: CategorizationRun[] }> {
  const { entityId } = useOpenLedger().session;
  return useResource('/v1/categorization/runs', { entityId, pageSize: 10 });
}

/** What waits for a person, by counterparty, the largest groups first; `pageSize` is 1 to 100 groups. */
export function useReviewQueue(pageSize: number): Resource<Answer<'get', '/v1/review'>> {
  const { entityId } = useOpenLedger().session;
  return useResource('/v1/review', { entityId, pageSize });
}

/** How much machines decide by themselves, and how often people correct them. */
export function useCategorizationStatistics(): Resource<CategorizationStatistics> {
  const { entityId } = useOpenLedger().session;
  return useResource('/v1/categorization/statistics', { entityId });
}
