/** The bank accounts of a small design studio, made up. */
import type { LinkedAccount, SyncStatus } from '../client/types';

export const SYNCED_AT = '2026-11-20T09:00:00Z';

const ACCOUNT: LinkedAccount = {
  id: 'ba_checking',
  connectionId: 'item_1',
  institutionId: 'ins_109508',
  institutionName: 'First Platypus Bank',
  accountName: 'Business Checking',
  officialName: 'Platypus Business Checking',
  accountType: 'depository',
  accountSubtype: 'checking',
  accountMask: '4410',
  currency: 'USD',
  ledgerAccountId: 'la_1000',
  ledgerAccountName: 'Business Checking 4410',
  connectionStatus: 'healthy',
  syncStatus: 'completed',
  transactionCount: 1184,
  pendingCount: 2,
  reportedBalance: '48211.37',
  availableBalance: '47903.12',
  reportedAt: SYNCED_AT,
  ledgerBalance: '48211.37',
  difference: '0.00',
  isReconciled: true,
  linkedAt: '2026-11-20T08:55:00Z',
  lastSyncedAt: SYNCED_AT,
  providerLastSuccessAt: '2026-11-20T08:40:00Z',
  unlinkedAt: null,
  lastError: null,
};

/** Checking, savings and a credit card at one bank. */
export function fixtureAccounts(): LinkedAccount[] {
  return [
    ACCOUNT,
    {
      ...ACCOUNT,
      id: 'ba_savings',
      accountName: 'Tax Savings',
      accountSubtype: 'savings',
      accountMask: '7702',
      transactionCount: 52,
      pendingCount: 0,
      reportedBalance: '22500.00',
      ledgerBalance: '22500.00',
    },
    {
      ...ACCOUNT,
      id: 'ba_card',
      accountName: 'Studio Card',
      accountType: 'credit',
      accountSubtype: 'credit card',
      accountMask: '0093',
      transactionCount: 431,
      pendingCount: 1,
      reportedBalance: '3128.64',
      ledgerBalance: '3128.64',
    },
  ];
}

/** The same bank while its history arrives. */
export function fixtureImportingAccounts(): LinkedAccount[] {
  return fixtureAccounts().map((account, index) => ({
    ...account,
    connectionStatus: 'importing',
    syncStatus: index === 0 ? 'completed' : 'in_progress',
    transactionCount: index === 0 ? account.transactionCount : 0,
    lastSyncedAt: null,
  }));
}

/** A bank that wants a new sign-in, one that is down, and a balance that does not match. */
export function fixtureTroubledAccounts(): LinkedAccount[] {
  const [checking = ACCOUNT, savings = ACCOUNT, card = ACCOUNT] = fixtureAccounts();
  return [
    {
      ...checking,
      ledgerBalance: '48090.12',
      difference: '121.25',
      isReconciled: false,
      connectionStatus: 'login_required',
      lastError: { code: 'ITEM_LOGIN_REQUIRED', message: 'the login details of this item have changed' },
    },
    {
      ...card,
      connectionId: 'item_2',
      institutionName: 'Tartan Credit Union',
      connectionStatus: 'bank_down',
      lastError: { code: 'INSTITUTION_DOWN', message: 'this institution is not currently responding' },
    },
    {
      ...savings,
      connectionId: 'item_3',
      institutionName: 'Houndstooth',
      reportedBalance: null,
      difference: null,
      isReconciled: false,
    },
  ];
}

export function fixtureSyncStatus(accounts: LinkedAccount[], toReview: number): SyncStatus {
  const count = (state: LinkedAccount['syncStatus']): number =>
    accounts.filter(({ syncStatus }) => syncStatus === state).length;
  const total = accounts.reduce((sum, { transactionCount }) => sum + transactionCount, 0);
  return {
    accounts: accounts.map((account) => ({
      id: account.id,
      accountName: account.accountName,
      accountMask: account.accountMask,
      syncStatus: account.syncStatus,
      transactionCount: account.transactionCount,
      connectionStatus: account.connectionStatus,
      lastSyncedAt: account.lastSyncedAt,
      providerLastSuccessAt: account.providerLastSuccessAt,
    })),
    allSynced: count('completed') === accounts.length,
    summary: {
      total: accounts.length,
      completed: count('completed'),
      inProgress: count('in_progress'),
      pending: count('pending'),
    },
    transactionProgress: { synced: total, categorized: total - toReview, toReview, pending: 3, total },
    timestamp: SYNCED_AT,
    message: accounts.length === 0 ? 'No bank accounts are linked yet.' : null,
  };
}
