/** The reads that components share, one hook each. */
import { useEffect, useMemo } from 'react';
import type {
  CashPosition,
  BookingSettings,
  Category,
  Connection,
  LinkedAccount,
  Overview,
  Periods,
  RecurringEntry,
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

/** How a bank account is booked: first day, ledger account, opening balance. */
export function useBookingSettings(accountId: string): Resource<BookingSettings> {
  const { entityId } = useOpenLedger().session;
  return useResource('/v1/banks/accounts/{account_id}/settings', { entityId }, undefined, { account_id: accountId });
}

/** Entries that come again and again, oldest first, with their next days. */
export function useRecurringEntries(): Resource<{ recurringEntries: RecurringEntry[] }> {
  const { entityId } = useOpenLedger().session;
  return useResource('/v1/recurring-entries', { entityId });
}

/** Which periods are closed, and how many bank transactions wait because of it. */
export function usePeriods(): Resource<Periods> {
  const { entityId } = useOpenLedger().session;
  return useResource('/v1/periods', { entityId });
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

/** When revenue and expenses count: when they are earned and owed, or when they are paid. */
export type Basis = 'ACCRUAL' | 'CASH';

export interface ReportQuery {
  /** First and last day as ISO dates, both included. */
  startDate: string;
  endDate: string;
  /** @defaultValue none */
  comparison?: ComparisonName | undefined;
  /** @defaultValue 'ACCRUAL' */
  basis?: Basis | undefined;
}

/** The statements of a period, and of those beside it. */
export function useReport({ startDate, endDate, comparison, basis }: ReportQuery): Resource<Report> {
  const { entityId } = useOpenLedger().session;
  const query = useMemo(
    () => ({
      entityId,
      startDate,
      endDate,
      ...(comparison === undefined ? {} : { comparison }),
      ...(basis === undefined ? {} : { basis }),
    }),
    [entityId, startDate, endDate, comparison, basis],
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
