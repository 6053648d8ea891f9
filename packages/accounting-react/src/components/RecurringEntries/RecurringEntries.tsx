import { useState, type ReactNode } from 'react';
import type { RecurringEntry } from '../../client/types';
import { formatDate } from '../../format/dates';
import { useRecurringEntries } from '../../hooks/resources';
import { useChange, type Change } from '../../hooks/useChange';
import { useOpenLedger } from '../../provider/context';
import { Badge } from '../../ui/Badge';
import { Button } from '../../ui/Button';
import { ConfirmDialog } from '../../ui/ConfirmDialog';
import { Icon } from '../../ui/icons';
import { Money } from '../../ui/Money';
import { Announcer, EmptyNote, ErrorNote, Skeleton } from '../../ui/notes';
import { Heading, Surface, type CommonProps } from '../../ui/Surface';
import { RecurringForm } from './RecurringForm';
import { debitsOf, scheduleWords } from './schedule';

export interface RecurringEntriesProps extends CommonProps {
  /** Whether they can be written and changed. @defaultValue true */
  isEditable?: boolean;
}

/** Entries that come again and again: when they come next, and all that may be changed about them. */
export function RecurringEntries(props: RecurringEntriesProps): ReactNode {
  const { isEditable = true, headingLevel = 2, ...rest } = props;
  return (
    <Surface slotName="recurring-entries" {...rest}>
      <Body isEditable={isEditable} headingLevel={headingLevel} />
    </Surface>
  );
}

function Body({
  isEditable,
  headingLevel,
}: Required<Pick<RecurringEntriesProps, 'isEditable' | 'headingLevel'>>): ReactNode {
  const { data, error, isLoading, refetch } = useRecurringEntries();
  const change = useChange('/v1/recurring-entries');
  const [written, setWritten] = useState<{ entry?: RecurringEntry }>();
  const [ended, setEnded] = useState<RecurringEntry>();
  const [said, setSaid] = useState('');
  const entries = data?.recurringEntries ?? [];
  return (
    <>
      <div className="ol-head">
        <div>
          <Heading level={headingLevel} className="ol-title">
            Recurring entries
          </Heading>
          <p className="ol-muted">
            Entries that the books make by themselves on their days, such as rent or depreciation.
          </p>
        </div>
        {isEditable ? (
          <Button
            look="primary"
            onClick={() => {
              setWritten({});
            }}
          >
            <Icon name="plus" /> New recurring entry
          </Button>
        ) : null}
      </div>
      <Announcer>{change.said === '' ? said : change.said}</Announcer>
      {error === undefined ? null : (
        <ErrorNote title="The recurring entries could not be loaded" error={error} onRetry={refetch} />
      )}
      {change.error === undefined || ended !== undefined ? null : (
        <ErrorNote title="That did not work" error={change.error} />
      )}
      {isLoading ? <Skeleton label="Loading the recurring entries" /> : null}
      {data !== undefined && entries.length === 0 ? (
        <div className="ol-card">
          <EmptyNote icon="list" title="Nothing comes again by itself yet" />
        </div>
      ) : null}
      {entries.map((entry) => (
        <EntryCard
          key={entry.id}
          {...{ entry, change, isEditable }}
          headingLevel={headingLevel + 1}
          onChange={() => {
            setWritten({ entry });
          }}
          onDelete={() => {
            change.forget();
            setEnded(entry);
          }}
        />
      ))}
      {written === undefined ? null : (
        <RecurringForm
          entry={written.entry}
          onClose={() => {
            setWritten(undefined);
          }}
          onSaved={(text) => {
            setWritten(undefined);
            setSaid(text);
            refetch();
          }}
        />
      )}
      {ended === undefined ? null : (
        <DeleteDialog
          {...{ change }}
          entry={ended}
          onDone={() => {
            setEnded(undefined);
            refetch();
          }}
          onCancel={() => {
            setEnded(undefined);
            change.forget();
          }}
        />
      )}
    </>
  );
}

interface EntryCardProps {
  entry: RecurringEntry;
  change: Change;
  isEditable: boolean;
  headingLevel: number;
  onChange: () => void;
  onDelete: () => void;
}

function nameOf({ description }: RecurringEntry): string {
  return description === '' ? 'No description' : description;
}

function EntryCard({ entry, change, isEditable, headingLevel, onChange, onDelete }: EntryCardProps): ReactNode {
  const { locale, session } = useOpenLedger();
  const { refetch } = useRecurringEntries();
  const name = nameOf(entry);
  const [next, ...later] = entry.nextDates;
  const pause = (): void => {
    const options = { path: { recurring_entry_id: entry.id ?? '' }, query: { entityId: session.entityId } };
    const path = '/v1/recurring-entries/{recurring_entry_id}/pause';
    const send = (): Promise<unknown> =>
      entry.isPaused ? session.client.call('delete', path, options) : session.client.call('post', path, options);
    void change.run(send, () => (entry.isPaused ? `${name} comes again.` : `${name} is paused.`)).then(refetch);
  };
  return (
    <section className="ol-card" data-slot="ol-recurring-entry" aria-label={name}>
      <div className="ol-institution-head">
        <div className="ol-grow">
          <Heading level={headingLevel} className="ol-subtitle">
            {name}
          </Heading>
          <p className="ol-small">
            {scheduleWords(entry.schedule, locale)}
            {entry.makesDrafts ? ' · waits for approval each time' : ''}
          </p>
        </div>
        {debitsOf(entry).map(({ amount, currency }) => (
          <Money key={currency} {...{ amount, currency }} />
        ))}
        {entry.isPaused ? (
          <Badge tone="neutral">Paused</Badge>
        ) : entry.problem === '' ? null : (
          <Badge tone="warning">Held</Badge>
        )}
      </div>
      {entry.problem === '' || next === undefined ? null : (
        <p className="ol-note" data-tone="warning">
          <Icon name="alert" />
          <span className="ol-note-text">
            The entry of {formatDate(next, locale)} is held: {entry.problem} It is tried again every hour.
          </span>
        </p>
      )}
      {entry.isPaused ? null : (
        <p>{next === undefined ? 'Over: no more days.' : `Next on ${formatDate(next, locale)}.`}</p>
      )}
      {entry.isPaused || later.length === 0 ? null : (
        <details className="ol-details">
          <summary>The days after that</summary>
          <p className="ol-small">{later.map((day) => formatDate(day, locale)).join(' · ')}</p>
        </details>
      )}
      {isEditable ? (
        <div className="ol-buttons ol-deeds">
          <Button aria-label={`Change ${name}`} onClick={onChange}>
            Change
          </Button>
          <Button isBusy={change.isBusy} aria-label={`${entry.isPaused ? 'Resume' : 'Pause'} ${name}`} onClick={pause}>
            {entry.isPaused ? 'Resume' : 'Pause'}
          </Button>
          <Button look="quiet" className="ol-end" aria-label={`Delete ${name}`} onClick={onDelete}>
            Delete…
          </Button>
        </div>
      ) : null}
    </section>
  );
}

interface DeleteDialogProps {
  entry: RecurringEntry;
  change: Change;
  onDone: () => void;
  onCancel: () => void;
}

function DeleteDialog({ entry, change, onDone, onCancel }: DeleteDialogProps): ReactNode {
  const { session } = useOpenLedger();
  const remove = (): void => {
    const path = { recurring_entry_id: entry.id ?? '' };
    const query = { entityId: session.entityId };
    void change
      .run(
        () => session.client.call('delete', '/v1/recurring-entries/{recurring_entry_id}', { path, query }),
        () => `${nameOf(entry)} is deleted.`,
      )
      .then((answer) => {
        if (answer !== undefined) onDone();
      });
  };
  return (
    <ConfirmDialog
      title={`Delete ${nameOf(entry)}?`}
      confirmLabel="Delete"
      cancelLabel="Keep it"
      isBusy={change.isBusy}
      error={change.error}
      onConfirm={remove}
      onCancel={onCancel}
    >
      <p>Nothing more comes of it. The entries that it has made stay in the books.</p>
    </ConfirmDialog>
  );
}
