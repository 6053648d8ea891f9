import type { ReactNode } from 'react';
import {
  BankLinking,
  CategorizationStatistics,
  ConnectionAlerts,
  Connections,
  Dashboard,
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
      <CategorizationStatistics />
    </div>
  );
}
