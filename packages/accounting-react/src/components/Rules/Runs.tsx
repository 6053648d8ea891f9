import type { ReactNode } from 'react';
import type { CategorizationRun } from '../../client/types';
import { formatInstant } from '../../format/dates';
import { useCategorizationRuns } from '../../hooks/categorization';
import { useChange } from '../../hooks/useChange';
import { useOpenLedger } from '../../provider/context';
import { Button } from '../../ui/Button';
import { Announcer, ErrorNote } from '../../ui/notes';

/** Changes of many categories at once, each with its way back. Nothing while there are none. */
export function Runs(): ReactNode {
  const { session, locale } = useOpenLedger();
  const runs = useCategorizationRuns().data?.runs ?? [];
  const deed = useChange('rules.undo');
  if (runs.length === 0) return null;
  const undo = ({ id }: CategorizationRun): void => {
    const { client, entityId } = session;
    void deed.run(
      () => client.call('post', '/v1/categorization/runs/{run_id}/undo', { path: { run_id: id }, query: { entityId } }),
      ({ run }) => outcome(run),
    );
  };
  return (
    <details className="ol-card ol-details" data-slot="ol-runs">
      <summary>Changes of many at once ({runs.length})</summary>
      <Announcer>{deed.said}</Announcer>
      {deed.error === undefined ? null : <ErrorNote title="It could not be undone" error={deed.error} />}
      <ul className="ol-connection-accounts">
        {runs.map((run) => (
          <li key={run.id}>
            <div className="ol-grow">
              <span className="ol-strong">
                {run.kind === 'rule' ? 'A rule applied to the past' : 'Judged anew'}: {run.changed} changed
              </span>
              <span className="ol-small ol-block">
                {formatInstant(run.startedAt, locale)}
                {run.undoneAt === null ? '' : ` · ${outcome(run)}`}
              </span>
            </div>
            {run.undoneAt === null && run.changed > 0 ? (
              <Button
                isBusy={deed.isBusy}
                aria-label={`Undo the change of ${formatInstant(run.startedAt, locale)}`}
                onClick={() => {
                  undo(run);
                }}
              >
                Undo
              </Button>
            ) : null}
          </li>
        ))}
      </ul>
    </details>
  );
}

/** What undoing did: rows that somebody decided meanwhile are left alone. */
function outcome({ restored, kept }: CategorizationRun): string {
  const left = kept === null || kept === 0 ? '' : `, ${String(kept)} left as somebody decided since`;
  return `Undone: ${String(restored ?? 0)} are as they were${left}`;
}
