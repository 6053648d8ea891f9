/** The reads that components share, one hook each. */
import { useEffect, useMemo } from 'react';
import type {
  CashPosition,
  Category,
  Connection,
  LinkedAccount,
  Overview,
  Report,
  Spending,
  SyncRun,
  SyncStatus,
  TrialBalance,
} from '../client/types';
import type { Period } from '../format/dates';
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

/** What stands beside the figures of a period. */
export type ComparisonName = 'previous_period' | 'previous_year' | 'months' | 'quarters';

export interface ReportQuery {
  /** First and last day as ISO dates, both included. */
  startDate: string;
  endDate: string;
  /** @defaultValue none */
  comparison?: ComparisonName | undefined;
}

/** The statements of a period, and of those beside it. */
export function useReport({ startDate, endDate, comparison }: ReportQuery): Resource<Report> {
  const { entityId } = useOpenLedger().session;
  const query = useMemo(
    () => ({ entityId, startDate, endDate, ...(comparison === undefined ? {} : { comparison }) }),
    [entityId, startDate, endDate, comparison],
  );
  return useResource('/v1/reports/generate', query);
}

/** Every ledger account before, during and after a period. */
export function useTrialBalance({ startDate, endDate }: Period): Resource<TrialBalance> {
  const { entityId } = useOpenLedger().session;
  return useResource('/v1/reports/trial-balance', { entityId, startDate, endDate });
}

/** Expenses by category or by counterparty, largest first. */
export function useSpending({ startDate, endDate }: Period, by: 'category' | 'counterparty'): Resource<Spending> {
  const { entityId } = useOpenLedger().session;
  return useResource('/v1/reports/spending', { entityId, startDate, endDate, by });
}

/** What the cash accounts hold at the end of each interval. */
export function useCashPosition(period: Period, interval: 'daily' | 'weekly' | 'monthly'): Resource<CashPosition> {
  const { entityId } = useOpenLedger().session;
  const { startDate, endDate } = period;
  return useResource('/v1/reports/cash-position', { entityId, startDate, endDate, interval });
}

/** Revenue, expenses, profit and cash of a period, month by month. */
export function useOverview({ startDate, endDate }: Period): Resource<Overview> {
  const { entityId } = useOpenLedger().session;
  return useResource('/v1/reports/overview', { entityId, startDate, endDate, interval: 'monthly' });
}
