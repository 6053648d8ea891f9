import { lazy, Suspense, useCallback, useEffect, useRef, useState, type ReactNode } from 'react';
import { OpenLedgerProvider, type AccessToken } from '@openledger-server/accounting-react';
import { Frame, Message } from './Frame';
import { Accounts, BankConnections, Journal, Overview, Reports, Review, RulesAndFigures, Transactions } from './pages';
import { usePage } from './route';
import { loadSession, NoDemoError, type DemoSession } from './session';
import { Webhooks } from './webhooks/Webhooks';

const Gallery = lazy(() => import('./gallery/Gallery'));

/** The gallery needs no server; every other page needs the demo's session. */
export function App(): ReactNode {
  const page = usePage();
  if (page !== 'gallery') return <LiveApp />;
  return (
    <Frame page={page} entityName="Fixtures">
      <Suspense fallback={null}>
        <Gallery />
      </Suspense>
    </Frame>
  );
}

type Start = { state: 'loading' } | { state: 'ready'; session: DemoSession } | { state: 'failed'; error: unknown };

function LiveApp(): ReactNode {
  const page = usePage();
  const [start, setStart] = useState<Start>({ state: 'loading' });
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    let isCurrent = true;
    const show = (next: Start): void => {
      if (isCurrent) setStart(next);
    };
    loadSession().then(
      (session) => {
        show({ state: 'ready', session });
      },
      (error: unknown) => {
        show({ state: 'failed', error });
      },
    );
    return () => {
      isCurrent = false;
    };
  }, [attempt]);

  if (start.state === 'loading') {
    return (
      <Frame page={page}>
        <h1 className="demo-title">Opening the books…</h1>
      </Frame>
    );
  }
  if (start.state === 'failed') {
    return (
      <Frame page={page}>
        <StartFailure
          error={start.error}
          onRetry={() => {
            setAttempt(attempt + 1);
          }}
        />
      </Frame>
    );
  }
  return (
    <Connected session={start.session}>
      <Frame page={page} entityName={start.session.entity_name}>
        {page === 'overview' ? <Overview /> : null}
        {page === 'transactions' ? <Transactions /> : null}
        {page === 'review' ? <Review /> : null}
        {page === 'rules' ? <RulesAndFigures /> : null}
        {page === 'reports' ? <Reports /> : null}
        {page === 'journal' ? <Journal /> : null}
        {page === 'accounts' ? <Accounts /> : null}
        {page === 'connections' ? <BankConnections /> : null}
        {page === 'webhooks' ? <Webhooks developerId={start.session.developer_id} /> : null}
      </Frame>
    </Connected>
  );
}

/** Uses the session's own token first and asks for another one whenever the library wants one. */
function Connected({ session, children }: { session: DemoSession; children: ReactNode }): ReactNode {
  const unused = useRef<AccessToken | null>(session);
  const getAccessToken = useCallback(async (): Promise<AccessToken> => {
    const first = unused.current;
    unused.current = null;
    return first ?? (await loadSession());
  }, []);
  return (
    <OpenLedgerProvider
      apiUrl={window.location.origin}
      entityId={session.entity_id}
      getAccessToken={getAccessToken}
      redirectUri={`${window.location.origin}/`}
    >
      {children}
    </OpenLedgerProvider>
  );
}

function StartFailure({ error, onRetry }: { error: unknown; onRetry: () => void }): ReactNode {
  if (error instanceof NoDemoError) {
    return (
      <Message title="No demo is running here">
        <p>
          These pages show the books of the demo business, and the server that sent them does not run the demo. In a
          clone of the repository, start it with
        </p>
        <pre>
          <code>make demo</code>
        </pre>
        <p>
          and open the address it prints. The <a href="#/gallery">gallery</a> shows every component without a server.
        </p>
      </Message>
    );
  }
  return (
    <Message title="The demo server does not answer">
      <p role="alert">
        {error instanceof Error ? error.message : 'It could not be reached.'} It may still be starting.
      </p>
      <p>
        <button type="button" className="demo-button" onClick={onRetry}>
          Try again
        </button>
      </p>
    </Message>
  );
}
