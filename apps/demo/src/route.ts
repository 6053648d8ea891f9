import { useSyncExternalStore } from 'react';

export const PAGES = [
  'overview',
  'transactions',
  'review',
  'rules',
  'reports',
  'journal',
  'accounts',
  'connections',
  'webhooks',
  'gallery',
] as const;
export type Page = (typeof PAGES)[number];

/** The link to a page. Hash routes need nothing of the server. */
export function hrefOf(page: Page): string {
  return page === 'overview' ? '#/' : `#/${page}`;
}

/** The page an address names: by its hash, or else by its last path segment, as in a typed-in `/transactions`. */
export function pageOf({ hash, pathname }: { hash: string; pathname: string }): Page {
  const name = hash === '' ? (pathname.split('/').pop() ?? '') : hash.replace(/^#\/?/, '');
  return PAGES.find((page) => page === name) ?? 'overview';
}

function subscribe(notify: () => void): () => void {
  window.addEventListener('hashchange', notify);
  return () => {
    window.removeEventListener('hashchange', notify);
  };
}

export function usePage(): Page {
  return useSyncExternalStore(subscribe, () => pageOf(window.location));
}
