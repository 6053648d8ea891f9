import { useState, type ReactNode } from 'react';
import type { Transaction } from '../../client/types';
import { useSyncStatus } from '../../hooks/resources';
import type { TransactionFilter } from '../../hooks/useTransactions';
import { Heading, Surface, type CommonProps } from '../../ui/Surface';
import { Tabs } from '../../ui/Tabs';
import { ProgressPanel } from '../SyncProgress/SyncProgress';
import { TransactionRows } from '../TransactionTable/TransactionTable';

export type TransactionTab = 'review' | 'posted' | 'all';

export interface TransactionsViewProps extends CommonProps {
  /** The tab shown, if the host keeps it (in its URL, say). */
  tab?: TransactionTab;
  /** The tab shown first, if the component keeps it. @defaultValue 'review' */
  defaultTab?: TransactionTab;
  onTabChange?: (tab: TransactionTab) => void;
  bankAccountId?: string;
  /** Rows per page. @defaultValue 50 */
  pageSize?: number;
  onRowClick?: (transaction: Transaction) => void;
}

const STATUS: Record<TransactionTab, TransactionFilter['status']> = {
  review: 'PENDING',
  posted: 'POSTED',
  all: undefined,
};

/** The inbox of bank transactions: what awaits review, what is booked, everything. */
export function TransactionsView(props: TransactionsViewProps): ReactNode {
  const { tab, defaultTab = 'review', onTabChange, bankAccountId, pageSize, onRowClick, ...common } = props;
  const { headingLevel = 2, ...rest } = common;
  const [ownTab, setOwnTab] = useState(defaultTab);
  const shown = tab ?? ownTab;
  const status = useSyncStatus().data;
  const tabs = [
    { id: 'review', label: 'To review', count: status?.transactionProgress.toReview },
    { id: 'posted', label: 'Posted' },
    { id: 'all', label: 'All' },
  ] as const;
  return (
    <Surface slotName="transactions-view" {...rest}>
      <div className="ol-head">
        <Heading level={headingLevel} className="ol-title">
          Transactions
        </Heading>
      </div>
      {status !== undefined && status.summary.total > 0 && !status.allSynced ? <ProgressPanel status={status} /> : null}
      <Tabs
        label="Transactions"
        tabs={tabs}
        selected={shown}
        onSelect={(next) => {
          setOwnTab(next);
          onTabChange?.(next);
        }}
      >
        <TransactionRows
          key={shown}
          filter={{ status: STATUS[shown], bankAccountId, pageSize }}
          onRowClick={onRowClick}
        />
      </Tabs>
    </Surface>
  );
}
