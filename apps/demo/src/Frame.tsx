import { useEffect, useRef, type ReactNode } from 'react';
import { hrefOf, type Page } from './route';

const NAV: [Page, string][] = [
  ['overview', 'Overview'],
  ['transactions', 'Transactions'],
  ['review', 'Review'],
  ['rules', 'Rules'],
  ['reports', 'Reports'],
  ['journal', 'Journal'],
  ['accounts', 'Accounts'],
  ['connections', 'Banks'],
];

const TITLES: Record<Page, string> = {
  overview: 'Overview',
  transactions: 'Transactions',
  review: 'To review',
  rules: 'Rules',
  reports: 'Reports',
  journal: 'Journal',
  accounts: 'Chart of accounts',
  connections: 'Bank connections',
  webhooks: 'Webhooks',
  gallery: 'Component gallery',
};

interface FrameProps {
  page: Page;
  /** Whose books are shown. */
  entityName?: string;
  children: ReactNode;
}

/** Header, navigation and the page's heading. */
export function Frame({ page, entityName, children }: FrameProps): ReactNode {
  const title = TITLES[page];
  const main = useFocusOnChange(page);
  return (
    <>
      <title>{`${title} · OpenLedger`}</title>
      <a className="demo-skip" href="#main" onClick={skipToMain}>
        Skip to the content
      </a>
      <header className="demo-header">
        <div className="demo-width demo-bar">
          <a className="demo-brand" href="#/">
            <Mark />
            OpenLedger
          </a>
          <nav aria-label="Pages">
            <ul className="demo-nav">
              {NAV.map(([target, label]) => (
                <li key={target}>
                  <a href={hrefOf(target)} aria-current={target === page ? 'page' : undefined}>
                    {label}
                  </a>
                </li>
              ))}
            </ul>
          </nav>
          {entityName === undefined ? null : <span className="demo-entity">{entityName}</span>}
        </div>
      </header>
      <main className="demo-width demo-main" id="main" ref={main} tabIndex={-1} aria-label={title}>
        {children}
      </main>
      <footer className="demo-width demo-footer">
        <a href={hrefOf('webhooks')}>Webhooks</a>
        <a href={hrefOf('gallery')}>Component gallery</a>
        <a href="/docs">API reference</a>
      </footer>
    </>
  );
}

/** After a move to another page the focus goes to its content, as after a page load. */
function useFocusOnChange(page: Page): React.RefObject<HTMLElement | null> {
  const main = useRef<HTMLElement>(null);
  const shown = useRef(page);
  useEffect(() => {
    if (shown.current === page) return;
    shown.current = page;
    main.current?.focus();
    window.scrollTo(0, 0);
  }, [page]);
  return main;
}

/** The hash is the route, so the skip link moves the focus itself. */
function skipToMain(event: React.MouseEvent): void {
  event.preventDefault();
  document.getElementById('main')?.focus();
}

export function Message({ title, children }: { title: string; children: ReactNode }): ReactNode {
  return (
    <section className="demo-message">
      <h1>{title}</h1>
      {children}
    </section>
  );
}

function Mark(): ReactNode {
  return (
    <svg viewBox="0 0 32 32" width="28" height="28" aria-hidden="true">
      <rect width="32" height="32" rx="8" fill="currentColor" />
      <path d="M9 10.5h14M9 16h14M9 21.5h8" stroke="var(--demo-bg)" strokeWidth="2.6" strokeLinecap="round" />
    </svg>
  );
}
