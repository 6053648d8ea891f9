import { useState, type ReactNode } from 'react';
import type { Connection, SyncRun } from '../../client/types';
import { formatInstant } from '../../format/dates';
import { useSyncRuns } from '../../hooks/resources';
import { useOpenLedger } from '../../provider/context';
import { Button } from '../../ui/Button';
import { ErrorNote, Skeleton } from '../../ui/notes';
import { reasonOf } from './words';

const RUNS = 10;
const RUNS_MAX = 100;

/** What each import of a connection found; read only when somebody unfolds it. */
export function RunHistory({ connection }: { connection: Connection }): ReactNode {
  const [isOpen, setIsOpen] = useState(false);
  return (
    <details
      className="ol-details"
      onToggle={(event) => {
        setIsOpen(event.currentTarget.open);
      }}
    >
      <summary>Import history</summary>
      {isOpen ? <Runs connection={connection} /> : null}
    </details>
  );
}

function Runs({ connection }: { connection: Connection }): ReactNode {
  const { locale } = useOpenLedger();
  const [size, setSize] = useState(RUNS);
  const { data, error, isLoading, refetch } = useSyncRuns(connection.id, size);
  if (isLoading) return <Skeleton rows={2} label="Loading the history" />;
  if (error !== undefined) return <ErrorNote title="The history could not be loaded" error={error} onRetry={refetch} />;
  const runs = data?.runs ?? [];
  if (runs.length === 0) return <p className="ol-muted">Nothing was imported yet.</p>;
  return (
    <>
      <div className="ol-scroll">
        <table className="ol-table ol-runs">
          <caption className="ol-hidden">Imports from {connection.institutionName}, newest first</caption>
          <thead>
            <tr>
              <th scope="col">When</th>
              <th scope="col">What came</th>
            </tr>
          </thead>
          <tbody>
            {runs.map((run) => (
              <tr key={run.id}>
                <td className="ol-muted ol-nowrap">
                  <time dateTime={run.startedAt}>{formatInstant(run.startedAt, locale)}</time>
                </td>
                <td>{foundIn(run, new Intl.NumberFormat(locale))}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {data?.hasMore === true && size < RUNS_MAX ? (
        <Button
          onClick={() => {
            setSize(RUNS_MAX);
          }}
        >
          Show more
        </Button>
      ) : null}
    </>
  );
}

/** "12 new, 1 changed", "Nothing new", or why it failed. */
export function foundIn({ added, modified, removed, errorCode }: SyncRun, number: Intl.NumberFormat): string {
  if (errorCode !== null) return `Did not succeed: ${reasonOf(errorCode)}`;
  const parts = (
    [
      [added, 'new'],
      [modified, 'changed'],
      [removed, 'removed'],
    ] as const
  ).filter(([count]) => count > 0);
  if (parts.length === 0) return 'Nothing new';
  return parts.map(([count, word]) => `${number.format(count)} ${word}`).join(', ');
}
