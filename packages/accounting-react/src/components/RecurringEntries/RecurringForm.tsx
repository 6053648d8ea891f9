import { useState, type ReactNode } from 'react';
import type { RecurringDraft, RecurringEntry } from '../../client/types';
import { todayOf } from '../../format/dates';
import { useChange } from '../../hooks/useChange';
import { useOpenLedger } from '../../provider/context';
import { Dialog } from '../../ui/Dialog';
import { ChoiceField, TextField } from '../../ui/Field';
import { FormButtons } from '../../ui/FormButtons';
import { ErrorNote, ObstacleNote } from '../../ui/notes';
import { EntryLines } from '../JournalEntries/EntryLines';
import { bodyOf, checked, emptyLine, usedLines, type DraftLine } from '../JournalEntries/lines';
import { FREQUENCIES } from './schedule';

interface RecurringFormProps {
  /** The one to change; without it a new one is written. */
  entry: RecurringEntry | undefined;
  onClose: () => void;
  onSaved: (said: string) => void;
}

/** Writes or changes an entry that comes again: its days, and the lines of any number. */
export function RecurringForm({ entry, onClose, onSaved }: RecurringFormProps): ReactNode {
  const { session } = useOpenLedger();
  const change = useChange('/v1/recurring-entries');
  const [description, setDescription] = useState(entry?.description ?? '');
  const [days, setDays] = useState(() => daysOf(entry));
  const [makesDrafts, setMakesDrafts] = useState(entry?.makesDrafts ?? false);
  const [lines, setLines] = useState(() => linesOf(entry));
  const [isTried, setIsTried] = useState(false);
  const check = checked(lines);
  const obstacle = obstacleOf(days) ?? check.obstacle;
  const save = (): void => {
    setIsTried(true);
    if (obstacle !== undefined) return;
    const currencies = new Set(entry?.lines.map(({ currency }) => currency));
    const [currency] = currencies.size === 1 ? currencies : [];
    const body: RecurringDraft = {
      schedule: {
        frequency: days.frequency,
        every: Number(days.every),
        startsOn: days.startsOn,
        endsOn: days.endsOn === '' ? null : days.endsOn,
      },
      description,
      note: entry?.note ?? '',
      ...(entry === undefined ? {} : { metadata: entry.metadata }),
      ...(currency === undefined ? {} : { currency }),
      lines: usedLines(lines).map(bodyOf),
      makesDrafts,
    };
    const query = { entityId: session.entityId };
    const id = entry?.id ?? undefined;
    const send = (): Promise<unknown> =>
      id === undefined
        ? session.client.call('post', '/v1/recurring-entries', { query, body })
        : session.client.call('put', '/v1/recurring-entries/{recurring_entry_id}', {
            query,
            body,
            path: { recurring_entry_id: id },
          });
    void change.run(send).then((answer) => {
      if (answer !== undefined)
        onSaved(id === undefined ? 'The recurring entry is written.' : 'It is changed from now on.');
    });
  };
  const set = (part: Partial<Days>): void => {
    setDays({ ...days, ...part });
  };
  return (
    <Dialog title={entry === undefined ? 'New recurring entry' : 'Change the recurring entry'} isWide onClose={onClose}>
      <form
        className="ol-form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          save();
        }}
      >
        <TextField label="Description" value={description} maxLength={1000} onChange={setDescription} />
        <div className="ol-period">
          <TextField
            label="Every"
            inputMode="numeric"
            autoComplete="off"
            size={4}
            value={days.every}
            onChange={(every) => {
              set({ every });
            }}
          />
          <ChoiceField
            label="Unit"
            value={days.frequency}
            options={FREQUENCIES}
            onChange={(frequency) => {
              set({ frequency: frequency as Days['frequency'] });
            }}
          />
          <TextField
            label="First on"
            type="date"
            value={days.startsOn}
            onChange={(startsOn) => {
              set({ startsOn });
            }}
          />
          <TextField
            label="Last day (empty: without end)"
            type="date"
            value={days.endsOn}
            onChange={(endsOn) => {
              set({ endsOn });
            }}
          />
        </div>
        <EntryLines lines={lines} check={check} onChange={setLines} />
        <label className="ol-check-field">
          <input
            type="checkbox"
            checked={makesDrafts}
            onChange={(event) => {
              setMakesDrafts(event.target.checked);
            }}
          />{' '}
          Each one waits until somebody approves it
        </label>
        <p className="ol-small">
          Days that are past already are made up for within the hour. In months that are too short it falls on their
          last day.
        </p>
        {isTried && obstacle !== undefined ? <ObstacleNote>{obstacle}</ObstacleNote> : null}
        {change.error === undefined ? null : <ErrorNote title="It could not be saved" error={change.error} />}
        <FormButtons isBusy={change.isBusy} onCancel={onClose} />
      </form>
    </Dialog>
  );
}

interface Days {
  every: string;
  frequency: RecurringEntry['schedule']['frequency'];
  startsOn: string;
  endsOn: string;
}

const EVERY_MAX = 100;

function daysOf(entry: RecurringEntry | undefined): Days {
  if (entry === undefined) return { every: '1', frequency: 'monthly', startsOn: todayOf(new Date()), endsOn: '' };
  const { every = 1, frequency, startsOn, endsOn } = entry.schedule;
  return { every: String(every), frequency, startsOn, endsOn: endsOn ?? '' };
}

function obstacleOf({ every, startsOn, endsOn }: Days): string | undefined {
  const number = Number(every);
  if (!/^\d+$/.test(every) || number < 1 || number > EVERY_MAX)
    return 'It comes every 1 to 100 weeks, months or years.';
  if (startsOn === '') return 'It needs a first day.';
  return endsOn !== '' && endsOn < startsOn ? 'The last day is before the first.' : undefined;
}

function linesOf(entry: RecurringEntry | undefined): DraftLine[] {
  const lines = entry?.lines.map(({ accountId, debitDecimal, creditDecimal, memo }, key) => ({
    key,
    accountId,
    debit: debitDecimal ?? '',
    credit: creditDecimal ?? '',
    memo,
  }));
  return lines ?? [emptyLine(0), emptyLine(1)];
}
