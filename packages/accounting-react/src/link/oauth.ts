/**
 * The way over a bank's own page: the browser leaves with Link, and comes back to the provider's `redirectUri` with an
 * `oauth_state_id`. Link then goes on only with the same token, so what was begun is kept in the session's storage.
 */
import type { Session } from '../client/session';
import type { LinkToken } from '../client/types';
import type { BankLinkTarget, LinkChoices } from './useBankLink';

const STORED_AS = 'openledger.bank-link';
const STATE = 'oauth_state_id';

/** A link that left the page. */
export interface BegunLink {
  apiUrl: string;
  entityId: string;
  token: LinkToken;
  target?: BankLinkTarget | undefined;
  choices: LinkChoices;
}

/** What came back from the bank: the link to go on with, or undefined if this window did not begin it, or too long ago. */
export interface Return {
  begun: BegunLink | undefined;
  /** The page's full address, for Link. */
  receivedRedirectUri: string;
}

let taken: { stateId: string; by: object } | undefined;

/** Keeps a link that may leave the page. A browser that keeps nothing can still use banks that need no page of their own. */
export function keepBegun(begun: BegunLink): void {
  try {
    window.sessionStorage.setItem(STORED_AS, JSON.stringify(begun));
  } catch {
    // Without storage the way back is told to begin again.
  }
}

/**
 * The link that this page was sent back with; undefined if it was not, or if another component goes on with it.
 *
 * @param by who asks; the first one gets it, as often as it asks
 */
export function takeReturn(session: Session, by: object, onlyRepairs: boolean, now: Date): Return | undefined {
  const receivedRedirectUri = window.location.href;
  const stateId = new URL(receivedRedirectUri).searchParams.get(STATE);
  if (stateId === null || (taken?.stateId === stateId && taken.by !== by)) return undefined;
  const begun = storedFor(session, now);
  if (onlyRepairs && begun?.target === undefined) return undefined;
  taken = { stateId, by };
  return { begun, receivedRedirectUri };
}

/** Forgets a link that has ended, and the bank's parameter in the address, so that a reload does not open it again. */
export function forgetBegun(): void {
  try {
    window.sessionStorage.removeItem(STORED_AS);
  } catch {
    // Nothing was kept.
  }
  const address = new URL(window.location.href);
  if (!address.searchParams.has(STATE)) return;
  address.searchParams.delete(STATE);
  window.history.replaceState(window.history.state, '', address);
}

function storedFor({ apiUrl, entityId }: Session, now: Date): BegunLink | undefined {
  try {
    const begun = JSON.parse(window.sessionStorage.getItem(STORED_AS) ?? 'null') as BegunLink | null;
    const isOurs = begun?.apiUrl === apiUrl && begun.entityId === entityId;
    return isOurs && Date.parse(begun.token.expiration) > now.getTime() ? begun : undefined;
  } catch {
    return undefined;
  }
}
