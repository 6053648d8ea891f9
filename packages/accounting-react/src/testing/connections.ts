/** The logins behind the made-up bank accounts. */
import type { Connection, LinkedAccount, SyncRun } from '../client/types';
import { SYNCED_AT } from './accounts';

const CONNECTION: Connection = {
  id: 'item_1',
  institutionId: 'ins_109508',
  institutionName: 'First Platypus Bank',
  status: 'healthy',
  statusChangedAt: '2026-11-20T08:55:00Z',
  action: 'none',
  endsAt: null,
  endsReason: null,
  newAccountsAvailable: false,
  isHistoryComplete: true,
  linkedAt: '2026-11-20T08:55:00Z',
  lastSyncedAt: SYNCED_AT,
  lastAttemptedAt: SYNCED_AT,
  providerLastSuccessAt: '2026-11-20T08:40:00Z',
  providerLastFailureAt: null,
  lastError: null,
  bankAccountIds: [],
};

const ACTIONS: Partial<Record<string, Connection['action']>> = {
  importing: 'wait',
  bank_down: 'wait',
  rate_limited: 'wait',
  login_required: 'login',
  expiring: 'login',
  paused: 'resume',
  error: 'link_again',
  revoked: 'link_again',
  disconnected: 'link_again',
};

export function actionOf(status: string): Connection['action'] {
  return ACTIONS[status] ?? 'none';
}

/** A connection in a state, with the action that belongs to it. */
export function fixtureConnection(given: Partial<Connection> = {}): Connection {
  return { ...CONNECTION, action: actionOf(given.status ?? CONNECTION.status), ...given };
}

/** The connections that bank accounts name, in the state they name. */
export function fixtureConnections(accounts: LinkedAccount[]): Connection[] {
  const ids = [...new Set(accounts.map(({ connectionId }) => connectionId))];
  return ids.map((id) => {
    const own = accounts.filter(({ connectionId }) => connectionId === id);
    const [first] = own;
    return fixtureConnection({
      id,
      ...(first === undefined ? {} : fromAccount(first)),
      bankAccountIds: own.map((account) => account.id),
    });
  });
}

function fromAccount(account: LinkedAccount): Partial<Connection> {
  return {
    institutionName: account.institutionName,
    status: account.connectionStatus as Connection['status'],
    lastSyncedAt: account.lastSyncedAt,
    lastError: account.lastError,
  };
}

/** One connection in each trouble and each calm, as a gallery shows them. */
export function fixtureTroubledConnections(): Connection[] {
  const troubled: Partial<Connection>[] = [
    {
      institutionName: 'First Platypus Bank',
      status: 'login_required',
      lastError: { code: 'ITEM_LOGIN_REQUIRED', message: 'The bank asks the account holder to log in again.' },
    },
    {
      institutionName: 'Tartan Credit Union',
      status: 'bank_down',
      lastError: { code: 'INSTITUTION_DOWN', message: 'The bank is not answering. We try again later.' },
      providerLastSuccessAt: '2026-11-18T07:00:00Z',
      providerLastFailureAt: '2026-11-20T08:50:00Z',
    },
    { institutionName: 'Houndstooth', status: 'expiring', endsAt: '2026-11-27T00:00:00Z' },
    { institutionName: 'Tattersall', status: 'healthy', action: 'choose_accounts', newAccountsAvailable: true },
    { institutionName: 'Platypus OAuth Bank', status: 'paused' },
    {
      institutionName: 'Herringbone Treasury',
      status: 'error',
      lastError: { code: 'ITEM_NOT_FOUND', message: 'The connection to the bank has ended. Link the bank again.' },
    },
    { institutionName: 'Glen Check', status: 'disconnected', statusChangedAt: '2026-10-02T10:00:00Z' },
  ];
  return troubled.map((given, index) => fixtureConnection({ id: `item_${String(index + 1)}`, ...given }));
}

const RUN: SyncRun = {
  id: 'run_0',
  startedAt: SYNCED_AT,
  finishedAt: '2026-11-20T09:00:02Z',
  pages: 1,
  restarts: 0,
  added: 0,
  modified: 0,
  removed: 0,
  unchanged: 0,
  skipped: 0,
  durationMs: 2000,
  errorCode: null,
};

/** A dozen imports, the newest first: news, nothing new, and one that did not succeed. */
export function fixtureRuns(): SyncRun[] {
  const found: Partial<SyncRun>[] = [
    { added: 12, modified: 3, removed: 1 },
    {},
    { errorCode: 'INSTITUTION_DOWN' },
    { added: 2 },
    ...Array.from({ length: 7 }, () => ({ added: 1 })),
    { added: 1667, pages: 4 },
  ];
  return found.map((given, index) => ({
    ...RUN,
    ...given,
    id: `run_${String(found.length - index)}`,
    startedAt: new Date(Date.parse(SYNCED_AT) - index * 21_600_000).toISOString(),
  }));
}
