import { useState, type ReactNode } from 'react';
import { todayOf } from '../../format/dates';
import { useChange } from '../../hooks/useChange';
import { useOpenLedger } from '../../provider/context';
import { Dialog } from '../../ui/Dialog';
import { TextField } from '../../ui/Field';
import { FormButtons } from '../../ui/FormButtons';
import { ErrorNote, ObstacleNote } from '../../ui/notes';
import { DateField } from '../ReportTable/report-parts';
import { EntryLines } from './EntryLines';
import { bodyOf, checked, emptyLine, usedLines, type DraftLine } from './lines';

interface EntryFormProps {
  onClose: () => void;
  /** After it was posted. */
  onPosted: () => void;
}

/** Writes a journal entry of any number of lines; it can be posted once debits equal credits. */
export function EntryForm({ onClose, onPosted }: EntryFormProps): ReactNode {
  const { session } = useOpenLedger();
  const change = useChange('/v1/journal-entries');
  // The same form sent twice is the same entry.
  const [externalId] = useState(newId);
  const [dated, setDated] = useState(() => todayOf(new Date()));
  const [description, setDescription] = useState('');
  const [lines, setLines] = useState<DraftLine[]>(() => [emptyLine(0), emptyLine(1)]);
  const [isTried, setIsTried] = useState(false);
  const check = checked(lines);
  const post = (): void => {
    setIsTried(true);
    if (check.obstacle !== undefined) return;
    const body = { date: dated, description, externalId, note: '', lines: usedLines(lines).map(bodyOf) };
    void change
      .run(() => session.client.call('post', '/v1/journal-entries', { query: { entityId: session.entityId }, body }))
      .then((answer) => {
        if (answer !== undefined) onPosted();
      });
  };
  return (
    <Dialog title="New journal entry" isWide onClose={onClose}>
      <form
        className="ol-form"
        onSubmit={(event) => {
          event.preventDefault();
          post();
        }}
      >
        <div className="ol-period">
          <DateField label="Date" value={dated} onChange={setDated} />
          <TextField label="Description" value={description} maxLength={1000} onChange={setDescription} />
        </div>
        <EntryLines lines={lines} check={check} onChange={setLines} />
        {isTried && check.obstacle !== undefined ? <ObstacleNote>{check.obstacle}</ObstacleNote> : null}
        {change.error === undefined ? null : <ErrorNote title="The entry could not be posted" error={change.error} />}
        <FormButtons isBusy={change.isBusy} onCancel={onClose} label="Post the entry" busyLabel="Posting…" />
      </form>
    </Dialog>
  );
}

function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return `form-${Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}
