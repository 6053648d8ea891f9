import { useMemo, useState, type ReactNode } from 'react';
import type { Category } from '../../client/types';
import { decimalOf, unitsOf } from '../../format/decimals';
import { todayOf } from '../../format/dates';
import { useCategories } from '../../hooks/resources';
import { useDeed } from '../../hooks/useDeed';
import { useOpenLedger } from '../../provider/context';
import { Button } from '../../ui/Button';
import { Dialog } from '../../ui/Dialog';
import { ChoiceField, TextField } from '../../ui/Field';
import { Icon } from '../../ui/icons';
import { ErrorNote } from '../../ui/notes';
import { DateField } from '../ReportTable/report-parts';
import { checked, emptyLine, usedLines, type DraftLine } from './lines';

interface EntryFormProps {
  onClose: () => void;
  /** After it was posted. */
  onPosted: () => void;
}

/** Writes a journal entry of any number of lines; it can be posted once debits equal credits. */
export function EntryForm({ onClose, onPosted }: EntryFormProps): ReactNode {
  const { session } = useOpenLedger();
  const { data } = useCategories();
  const deed = useDeed('/v1/journal-entries');
  // The same form sent twice is the same entry.
  const [externalId] = useState(newId);
  const [dated, setDated] = useState(() => todayOf(new Date()));
  const [description, setDescription] = useState('');
  const [lines, setLines] = useState<DraftLine[]>(() => [emptyLine(0), emptyLine(1)]);
  const [isTried, setIsTried] = useState(false);
  const check = checked(lines);
  const change = (key: number, part: Partial<DraftLine>): void => {
    setLines(lines.map((line) => (line.key === key ? { ...line, ...part } : line)));
  };
  const post = (): void => {
    setIsTried(true);
    if (check.obstacle !== undefined) return;
    const body = { date: dated, description, externalId, note: '', lines: usedLines(lines).map(bodyOf) };
    void deed
      .run(() => session.client.call('post', '/v1/journal-entries', { query: { entityId: session.entityId }, body }))
      .then((isDone) => {
        if (isDone) onPosted();
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
        <ul className="ol-lines">
          {lines.map((line, index) => (
            <LineFields
              key={line.key}
              line={line}
              number={index + 1}
              categories={data?.categories ?? []}
              onChange={(part) => {
                change(line.key, part);
              }}
              onRemove={
                lines.length <= 2
                  ? undefined
                  : () => {
                      setLines(lines.filter(({ key }) => key !== line.key));
                    }
              }
            />
          ))}
        </ul>
        <div className="ol-balance">
          <Button
            onClick={() => {
              setLines([...lines, emptyLine(Math.max(...lines.map(({ key }) => key)) + 1)]);
            }}
          >
            <Icon name="plus" /> Add a line
          </Button>
          <p role="status" className="ol-state" data-tone={check.difference === '0.00' ? 'success' : 'warning'}>
            <Icon name={check.difference === '0.00' ? 'check' : 'alert'} />
            {check.difference === '0.00'
              ? `Balanced: ${check.debits} on each side`
              : `Debits ${check.debits}, credits ${check.credits}: ${check.difference} to go`}
          </p>
        </div>
        {isTried && check.obstacle !== undefined ? (
          <p className="ol-note" data-tone="warning" role="alert">
            {check.obstacle}
          </p>
        ) : null}
        {deed.error === undefined ? null : <ErrorNote title="The entry could not be posted" error={deed.error} />}
        <div className="ol-buttons">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" isBusy={deed.isBusy}>
            {deed.isBusy ? 'Posting…' : 'Post the entry'}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

interface LineFieldsProps {
  line: DraftLine;
  number: number;
  categories: Category[];
  onChange: (part: Partial<DraftLine>) => void;
  onRemove: (() => void) | undefined;
}

function LineFields({ line, number, categories, onChange, onRemove }: LineFieldsProps): ReactNode {
  const options = useMemo(
    () => categories.map(({ id, code, name }) => ({ value: id, label: `${String(code)} ${name}` })),
    [categories],
  );
  const fault = (typed: string): string | undefined => (unitsOf(typed) === null ? 'Not an amount' : undefined);
  return (
    <li className="ol-line-fields" aria-label={`Line ${String(number)}`}>
      <ChoiceField
        label="Ledger account"
        value={line.accountId}
        emptyLabel="Choose…"
        options={options}
        onChange={(accountId) => {
          onChange({ accountId });
        }}
      />
      <TextField
        label="Debit"
        inputMode="decimal"
        autoComplete="off"
        value={line.debit}
        fault={fault(line.debit)}
        onChange={(debit) => {
          onChange(debit === '' ? { debit } : { debit, credit: '' });
        }}
      />
      <TextField
        label="Credit"
        inputMode="decimal"
        autoComplete="off"
        value={line.credit}
        fault={fault(line.credit)}
        onChange={(credit) => {
          onChange(credit === '' ? { credit } : { credit, debit: '' });
        }}
      />
      <TextField
        label="Memo"
        value={line.memo}
        maxLength={1000}
        onChange={(memo) => {
          onChange({ memo });
        }}
      />
      {onRemove === undefined ? null : (
        <Button look="quiet" aria-label={`Remove line ${String(number)}`} onClick={onRemove}>
          Remove
        </Button>
      )}
    </li>
  );
}

function bodyOf({ accountId, debit, credit, memo }: DraftLine): {
  accountId: string;
  debit?: string;
  credit?: string;
  memo: string;
} {
  const [debits, credits] = [unitsOf(debit) ?? 0n, unitsOf(credit) ?? 0n];
  const side = debits > 0n ? { debit: exact(debits) } : { credit: exact(credits) };
  return { accountId, memo, ...side };
}

/** As text, which is exact, and without places that a currency like the yen does not know. */
function exact(units: bigint): string {
  return decimalOf(units).replace(/\.0+$/, '');
}

function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return `form-${Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}
