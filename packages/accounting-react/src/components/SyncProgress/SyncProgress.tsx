import type { ReactNode } from 'react';
import type { SyncStatus } from '../../client/types';
import { useSyncStatus } from '../../hooks/resources';
import { useOpenLedger } from '../../provider/context';
import { Icon } from '../../ui/icons';
import { ErrorNote, Skeleton } from '../../ui/notes';
import { Surface, type RootProps } from '../../ui/Surface';

export interface SyncProgressProps extends RootProps {
  /** Renders nothing once everything is imported, or when there is nothing to import. @defaultValue false */
  hideWhenDone?: boolean;
}

/** How far the import of bank transactions is. */
export function SyncProgress({ hideWhenDone = false, ...rest }: SyncProgressProps): ReactNode {
  const { data, error, isLoading, refetch } = useSyncStatus();
  if (hideWhenDone && (isLoading || data?.allSynced === true || data?.summary.total === 0)) return null;
  return (
    <Surface slotName="sync-progress" {...rest}>
      {isLoading ? <Skeleton rows={1} label="Loading the state of the import" /> : null}
      {error === undefined ? null : (
        <ErrorNote title="The state of the import is not known" error={error} onRetry={refetch} />
      )}
      {data === undefined ? null : <ProgressPanel status={data} />}
    </Surface>
  );
}

/** The panel alone, for components that have the status. */
export function ProgressPanel({ status }: { status: SyncStatus }): ReactNode {
  const { locale } = useOpenLedger();
  const { summary, transactionProgress: counts, allSynced } = status;
  const number = new Intl.NumberFormat(locale);
  if (summary.total === 0) return <p className="ol-muted">No bank is connected yet.</p>;
  if (allSynced) {
    return (
      <p className="ol-state" data-tone="success">
        <Icon name="check" /> Everything is imported: {number.format(counts.total)} transactions,{' '}
        {number.format(counts.toReview)} to review.
      </p>
    );
  }
  return (
    <div className="ol-card ol-progress" data-slot="ol-progress">
      <div className="ol-progress-head">
        <strong>Importing your history</strong>
        <span className="ol-muted">
          {summary.completed} of {summary.total} accounts
        </span>
      </div>
      <progress max={summary.total} value={progressOf(status)} aria-label="Accounts imported" />
      <p className="ol-small" role="status">
        {counts.synced === 0
          ? 'Waiting for the bank’s first answer. You can leave this page; the import goes on.'
          : `${number.format(counts.synced)} transactions so far, ${number.format(counts.categorized)} categorised. You can leave this page.`}
      </p>
    </div>
  );
}

/** An account under way counts half, so that the bar moves before the first one is done. */
function progressOf({ summary }: SyncStatus): number {
  return summary.completed + summary.inProgress / 2;
}
