import type { ReactNode } from 'react';
import {
  BankLinking,
  CategorizationSettings,
  CategorizationStatistics,
  ChartOfAccounts,
  ConnectionAlerts,
  Connections,
  Dashboard,
  JournalEntries,
  RecurringEntries,
  ReportView,
  ReviewQueue,
  Rules,
  TransactionsView,
} from '@openledger-server/accounting-react';

export function Overview(): ReactNode {
  return (
    <div className="demo-stack">
      <h1 className="demo-title">Overview</h1>
      <ConnectionAlerts />
      <BankLinking />
      <Dashboard />
    </div>
  );
}

export function Transactions(): ReactNode {
  return <TransactionsView headingLevel={1} />;
}

export function Reports(): ReactNode {
  return (
    <>
      <h1 className="demo-title">Reports</h1>
      <ReportView defaultPeriod="last-12-months" />
    </>
  );
}

export function Journal(): ReactNode {
  return (
    <div className="demo-stack">
      <JournalEntries headingLevel={1} />
      <RecurringEntries />
    </div>
  );
}

export function Accounts(): ReactNode {
  return <ChartOfAccounts headingLevel={1} />;
}

export function BankConnections(): ReactNode {
  return <Connections headingLevel={1} />;
}

export function Review(): ReactNode {
  return <ReviewQueue headingLevel={1} />;
}

export function RulesAndFigures(): ReactNode {
  return (
    <div className="demo-stack">
      <Rules headingLevel={1} />
      <CategorizationSettings />
      <CategorizationStatistics />
    </div>
  );
}
