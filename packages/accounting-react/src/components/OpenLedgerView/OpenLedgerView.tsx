import { useState, type ReactNode } from 'react';
import { CategorizationSettings, CategorizationStatistics, Rules } from '../../lazy';
import { Surface, type CommonProps } from '../../ui/Surface';
import { Tabs } from '../../ui/Tabs';
import type { BankLinkingProps } from '../BankLinking/BankLinking';
import { ConnectionAlerts } from '../ConnectionAlerts/ConnectionAlerts';
import { Connections } from '../Connections/Connections';
import { Dashboard } from '../Dashboard/Dashboard';
import { ReportView } from '../ReportView/ReportView';
import { ReviewQueue } from '../ReviewQueue/ReviewQueue';
import { TransactionsView } from '../TransactionsView/TransactionsView';

const SECTIONS = {
  dashboard: 'Overview',
  transactions: 'Transactions',
  review: 'To review',
  rules: 'Rules',
  reports: 'Reports',
  settings: 'Bank connections',
} as const;

export type Section = keyof typeof SECTIONS;

export interface OpenLedgerViewProps extends CommonProps, Pick<BankLinkingProps, 'onSuccess' | 'onExit' | 'onError'> {
  /** Which parts to show, in this order. @defaultValue all */
  sections?: readonly Section[];
  /** The part shown first. @defaultValue the first of `sections` */
  defaultSection?: Section;
}

const ALL: readonly Section[] = ['dashboard', 'transactions', 'review', 'rules', 'reports', 'settings'];

/** Everything behind one row of tabs, for hosts that want a single element. */
export function OpenLedgerView(props: OpenLedgerViewProps): ReactNode {
  const { sections = ALL, defaultSection, onSuccess, onExit, onError, headingLevel = 2, ...rest } = props;
  const [section, setSection] = useState<Section>(defaultSection ?? sections[0] ?? 'dashboard');
  const linking = {
    ...(onSuccess === undefined ? {} : { onSuccess }),
    ...(onExit === undefined ? {} : { onExit }),
    ...(onError === undefined ? {} : { onError }),
  };
  return (
    <Surface slotName="view" {...rest}>
      <Tabs
        label="Accounting"
        tabs={sections.map((id) => ({ id, label: SECTIONS[id] }))}
        selected={section}
        onSelect={setSection}
      >
        {section === 'dashboard' ? (
          <>
            <ConnectionAlerts />
            <Dashboard headingLevel={headingLevel} />
          </>
        ) : null}
        {section === 'transactions' ? <TransactionsView headingLevel={headingLevel} /> : null}
        {section === 'review' ? <ReviewQueue headingLevel={headingLevel} /> : null}
        {section === 'rules' ? (
          <>
            <Rules headingLevel={headingLevel} />
            <CategorizationSettings headingLevel={headingLevel} />
            <CategorizationStatistics headingLevel={headingLevel} />
          </>
        ) : null}
        {section === 'reports' ? <ReportView headingLevel={headingLevel} /> : null}
        {section === 'settings' ? <Connections headingLevel={headingLevel} {...linking} /> : null}
      </Tabs>
    </Surface>
  );
}
