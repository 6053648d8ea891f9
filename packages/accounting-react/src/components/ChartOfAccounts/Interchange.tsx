import { useId, useState, type ReactNode } from 'react';
import type { ApiError } from '../../client/errors';
import { requestUrl, type Answer } from '../../client/call';
import { useChange } from '../../hooks/useChange';
import { saveFile } from '../../hooks/useDownload';
import { useOpenLedger } from '../../provider/context';
import { Button } from '../../ui/Button';
import { ConfirmDialog } from '../../ui/ConfirmDialog';
import { Icon } from '../../ui/icons';
import { ErrorNote } from '../../ui/notes';

type Outcome = Answer<'post', '/v1/chart/import'>;

interface Tried {
  csv: string;
  name: string;
  outcome: Outcome;
}

/** The chart as CSV: saved to a file, or taken from one after a look at what it would change. */
export function Interchange({ onDone }: { onDone: (said: string) => void }): ReactNode {
  const { session } = useOpenLedger();
  const id = useId();
  const change = useChange('/v1/chart/import');
  const [error, setError] = useState<ApiError>();
  const [tried, setTried] = useState<Tried>();
  const send = (csv: string, dryRun: boolean): Promise<Outcome> =>
    session.client.call('post', '/v1/chart/import', { query: { entityId: session.entityId, dryRun }, body: { csv } });
  const save = (): void => {
    setError(undefined);
    session.client.file(requestUrl('/v1/chart/export', { entityId: session.entityId })).then(
      ({ content, name }) => {
        saveFile(content, name);
      },
      (thrown: unknown) => {
        setError(session.report(thrown, '/v1/chart/export'));
      },
    );
  };
  const look = async (file: File): Promise<void> => {
    setError(undefined);
    try {
      const csv = await file.text();
      setTried({ csv, name: file.name, outcome: await send(csv, true) });
    } catch (thrown) {
      setError(session.report(thrown, '/v1/chart/import'));
    }
  };
  return (
    <>
      <div className="ol-downloads" role="group" aria-label="Chart of accounts as a file">
        <Icon name="download" />
        <Button look="quiet" onClick={save}>
          Export CSV
        </Button>
        <label className="ol-button" data-look="quiet" htmlFor={id}>
          Import CSV
          <input
            id={id}
            className="ol-hidden"
            type="file"
            accept=".csv,text/csv"
            onChange={(event) => {
              const file = event.target.files?.[0];
              event.target.value = '';
              if (file !== undefined) void look(file);
            }}
          />
        </label>
      </div>
      {error === undefined ? null : <ErrorNote title="The file could not be used" error={error} />}
      {tried === undefined ? null : (
        <ConfirmDialog
          title={`Import ${tried.name}?`}
          confirmLabel="Import"
          cancelLabel="Cancel"
          isBusy={change.isBusy}
          error={change.error}
          onCancel={() => {
            setTried(undefined);
          }}
          onConfirm={() => {
            void change
              .run(() => send(tried.csv, false))
              .then((answer) => {
                if (answer === undefined) return;
                setTried(undefined);
                onDone(`${tried.name} was imported.`);
              });
          }}
        >
          <p>
            {tried.outcome.added} to be added, {tried.outcome.changed} changed, {tried.outcome.archived} archived,{' '}
            {tried.outcome.unchanged} as they are. Accounts that the file does not name stay.
          </p>
        </ConfirmDialog>
      )}
    </>
  );
}
