import { useMemo, useState, type ReactNode } from 'react';
import {
  BalanceSheet,
  BankLinking,
  CategorizationStatistics,
  CashFlow,
  ChartOfAccounts,
  ConnectionAlerts,
  Connections,
  Dashboard,
  GeneralLedger,
  JournalEntries,
  LinkedAccounts,
  OpenLedgerProvider,
  OpenLedgerView,
  ProfitAndLoss,
  ReportView,
  ReviewQueue,
  Rules,
  Spending,
  SyncProgress,
  TransactionsView,
  TransactionTable,
  TrialBalance,
} from '@openledger-server/accounting-react';
import { createFixtureFetch, type Scenario } from '@openledger-server/accounting-react/testing';

interface Specimen {
  name: string;
  states: Partial<Record<Scenario, string>>;
  render: () => ReactNode;
}

const USUAL = { empty: 'Nothing yet', loading: 'Loading', failing: 'Error' } as const;

const SPECIMENS: Specimen[] = [
  {
    name: 'BankLinking',
    states: { connected: 'Connected', importing: 'Importing', troubled: 'In trouble', ...USUAL },
    render: () => <BankLinking headingLevel={4} />,
  },
  {
    name: 'Connections',
    states: { connected: 'Connected', importing: 'Importing', troubled: 'In every state', ...USUAL },
    render: () => <Connections headingLevel={4} />,
  },
  {
    name: 'ConnectionAlerts',
    states: { troubled: 'Somebody has to act' },
    render: () => <ConnectionAlerts />,
  },
  {
    name: 'LinkedAccounts',
    states: { connected: 'Connected', troubled: 'In trouble', ...USUAL },
    render: () => <LinkedAccounts headingLevel={4} />,
  },
  {
    name: 'SyncProgress',
    states: { importing: 'Importing', connected: 'Done', ...USUAL },
    render: () => <SyncProgress />,
  },
  {
    name: 'TransactionsView',
    states: { connected: 'To review', reviewed: 'Nothing left to review', importing: 'Importing', ...USUAL },
    render: () => <TransactionsView headingLevel={4} pageSize={12} />,
  },
  {
    name: 'TransactionTable',
    states: { connected: 'All transactions', ...USUAL },
    render: () => <TransactionTable pageSize={10} />,
  },
  {
    name: 'ReviewQueue',
    states: { connected: 'Some groups', reviewed: 'Nothing left to review', ...USUAL },
    render: () => <ReviewQueue headingLevel={4} />,
  },
  {
    name: 'Rules',
    states: { connected: 'Two rules', ...USUAL },
    render: () => <Rules headingLevel={4} />,
  },
  {
    name: 'CategorizationStatistics',
    states: { connected: 'A year', ...USUAL },
    render: () => <CategorizationStatistics headingLevel={4} />,
  },
  {
    name: 'ProfitAndLoss',
    states: { connected: 'A year', reviewed: 'All reviewed', ...USUAL },
    render: () => <ProfitAndLoss headingLevel={4} />,
  },
  {
    name: 'BalanceSheet',
    states: { connected: 'In balance', unbalanced: 'Not in balance', ...USUAL },
    render: () => <BalanceSheet headingLevel={4} />,
  },
  {
    name: 'CashFlow',
    states: { connected: 'A year', ...USUAL },
    render: () => <CashFlow headingLevel={4} />,
  },
  {
    name: 'Spending',
    states: { connected: 'By category', ...USUAL },
    render: () => <Spending headingLevel={4} />,
  },
  {
    name: 'TrialBalance',
    states: { connected: 'In balance', ...USUAL },
    render: () => <TrialBalance headingLevel={4} />,
  },
  {
    name: 'GeneralLedger',
    states: { connected: 'One account', loading: 'Loading', failing: 'Error' },
    render: () => <GeneralLedger headingLevel={4} />,
  },
  { name: 'ReportView', states: { connected: 'With tabs' }, render: () => <ReportView headingLevel={4} /> },
  {
    name: 'JournalEntries',
    states: { connected: 'With entries', ...USUAL },
    render: () => <JournalEntries headingLevel={4} />,
  },
  {
    name: 'ChartOfAccounts',
    states: { connected: 'Five types', loading: 'Loading', failing: 'Error' },
    render: () => <ChartOfAccounts headingLevel={4} />,
  },
  {
    name: 'Dashboard',
    states: { connected: 'A year', ...USUAL },
    render: () => <Dashboard headingLevel={4} />,
  },
  { name: 'OpenLedgerView', states: { connected: 'All in one' }, render: () => <OpenLedgerView headingLevel={4} /> },
];

/** Every component in every state, from fixtures: for people, for screenshots and for accessibility checks. */
export default function Gallery(): ReactNode {
  const [theme, setTheme] = useState<'auto' | 'light' | 'dark'>('auto');
  return (
    <div className="demo-stack" data-theme={theme === 'auto' ? undefined : theme}>
      <div className="demo-controls">
        <h1 className="demo-title">Component gallery</h1>
        <p>Every component in every state, from fixtures. Nothing here talks to a server.</p>
        <label>
          Theme{' '}
          <select
            value={theme}
            onChange={(event) => {
              setTheme(event.target.value as typeof theme);
            }}
          >
            <option value="auto">As the system</option>
            <option value="light">Light</option>
            <option value="dark">Dark</option>
          </select>
        </label>
      </div>
      {SPECIMENS.map(({ name, states, render }) => (
        <section key={name} aria-labelledby={`gallery-${name}`} className="demo-specimen">
          <h2 id={`gallery-${name}`}>{name}</h2>
          {(Object.entries(states) as [Scenario, string][]).map(([scenario, title]) => (
            <div key={scenario} className="demo-state" data-specimen={`${name}/${scenario}`}>
              <h3>{title}</h3>
              <Fixture scenario={scenario}>{render()}</Fixture>
            </div>
          ))}
        </section>
      ))}
    </div>
  );
}

function Fixture({ scenario, children }: { scenario: Scenario; children: ReactNode }): ReactNode {
  const fetch = useMemo(() => createFixtureFetch(scenario), [scenario]);
  return (
    <OpenLedgerProvider apiUrl={window.location.origin} entityId="fixture" authToken="fixture" fetch={fetch}>
      {children}
    </OpenLedgerProvider>
  );
}
