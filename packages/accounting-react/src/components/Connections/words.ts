/** What the states and errors of a connection mean to the person who owns it. */
import type { Connection } from '../../client/types';
import { formatDate } from '../../format/dates';

/** What it means and what happens next; nothing where all is well. */
const MEANINGS: Partial<Record<string, string>> = {
  expiring: 'The access ends soon. Sign in again to keep it.',
  bank_down: 'The bank is not answering at the moment. We go on trying; signing in would not help.',
  rate_limited: 'The bank was asked too often. The import goes on by itself in a few minutes.',
  login_required: 'The bank asks you to sign in again. What was imported stays; what came since follows at once.',
  paused: 'Nothing is imported while it is paused. When you resume, what came meanwhile follows.',
  error: 'This connection does not work. What was imported stays. If it lasts, connect the bank again.',
  revoked: 'The access was withdrawn at the bank. What was imported stays in the books.',
  disconnected: 'This connection was ended. What was imported stays in the books.',
};

/** The sentence below a connection's name, with the day if there is one. Empty where all is well. */
export function meaningOf({ status, action, endsAt }: Connection, locale: string): string {
  if (action === 'choose_accounts') {
    return status === 'login_required'
      ? 'The bank shows no accounts for this login any more. Choose them again.'
      : 'The bank has accounts that are not connected yet.';
  }
  if (status === 'expiring' && endsAt !== null) {
    return `The access ends on ${formatDate(endsAt, locale)}. Until then everything goes on; sign in again to keep it.`;
  }
  return MEANINGS[status] ?? '';
}

/** Whether a person should do something, so that a page may say so at its top. */
export function needsPerson({ status, action }: Connection): boolean {
  return !isEnded(status) && (action === 'login' || action === 'choose_accounts' || status === 'error');
}

export function isEnded(status: string): boolean {
  return status === 'revoked' || status === 'disconnected';
}

const ERRORS: Partial<Record<string, string>> = {
  ITEM_LOGIN_REQUIRED: 'the bank asked for a new sign-in',
  ITEM_LOCKED: 'the bank has locked this login; unlock it at the bank, then sign in here',
  INVALID_CREDENTIALS: 'the bank did not accept the login',
  INVALID_MFA: 'the bank did not accept the security code',
  INVALID_UPDATED_USERNAME: 'the user name has changed at the bank',
  MFA_NOT_SUPPORTED: 'the bank asked for a kind of code that cannot be given here',
  USER_SETUP_REQUIRED: 'the bank wants you to finish something on its own site first',
  INSUFFICIENT_CREDENTIALS: 'the bank asked for a new sign-in',
  NO_ACCOUNTS: 'the bank showed no accounts for this login',
  PRODUCT_NOT_READY: 'the bank’s data were not ready yet',
  INSTITUTION_DOWN: 'the bank did not answer',
  INSTITUTION_NOT_RESPONDING: 'the bank did not answer',
  INSTITUTION_NOT_AVAILABLE: 'the bank did not answer',
  INSTITUTION_NO_LONGER_SUPPORTED: 'this bank can no longer be connected',
  PLANNED_MAINTENANCE: 'Plaid was being maintained',
  INTERNAL_SERVER_ERROR: 'Plaid had a fault',
  USER_PERMISSION_REVOKED: 'the access was withdrawn at the bank',
  ACCESS_NOT_GRANTED: 'the bank did not allow the access',
  ITEM_NOT_FOUND: 'the connection no longer exists at Plaid',
  INVALID_ACCESS_TOKEN: 'Plaid no longer accepts this connection’s access',
  INVALID_API_KEYS: 'Plaid refused this server’s keys',
  TRANSACTIONS_SYNC_LIMIT: 'the bank was asked too often',
  TRANSACTIONS_LIMIT: 'the bank was asked too often',
  RATE_LIMIT_EXCEEDED: 'the bank was asked too often',
  TRANSACTIONS_SYNC_MUTATION_DURING_PAGINATION: 'the bank’s data changed while they were read',
};

/** Why a sync failed, as the end of a sentence. The code stays, for those who are asked for help. */
export function reasonOf(code: string): string {
  const words = ERRORS[code] ?? 'the bank’s data could not be read';
  return `${words} (${code})`;
}
