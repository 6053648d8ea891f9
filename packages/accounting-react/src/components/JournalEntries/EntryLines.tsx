import { useMemo, type ReactNode } from 'react';
import { unitsOf } from '../../format/decimals';
import { useCategories } from '../../hooks/resources';
import { Button } from '../../ui/Button';
import { ChoiceField, TextField } from '../../ui/Field';
import { Icon } from '../../ui/icons';
import { emptyLine, type Check, type DraftLine } from './lines';

interface EntryLinesProps {
  lines: DraftLine[];
  check: Check;
  onChange: (lines: DraftLine[]) => void;
}

/** The lines of an entry that is being written, and whether they balance. */
export function EntryLines({ lines, check, onChange }: EntryLinesProps): ReactNode {
  const { data } = useCategories();
  const options = useMemo(
    () => data?.categories.map(({ id, code, name }) => ({ value: id, label: `${String(code)} ${name}` })) ?? [],
    [data],
  );
  const change = (key: number, part: Partial<DraftLine>): void => {
    onChange(lines.map((line) => (line.key === key ? { ...line, ...part } : line)));
  };
  return (
    <>
      <ul className="ol-lines">
        {lines.map((line, index) => (
          <LineFields
            key={line.key}
            line={line}
            number={index + 1}
            options={options}
            onChange={(part) => {
              change(line.key, part);
            }}
            onRemove={
              lines.length <= 2
                ? undefined
                : () => {
                    onChange(lines.filter(({ key }) => key !== line.key));
                  }
            }
          />
        ))}
      </ul>
      <div className="ol-balance">
        <Button
          onClick={() => {
            onChange([...lines, emptyLine(Math.max(...lines.map(({ key }) => key)) + 1)]);
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
    </>
  );
}

interface LineFieldsProps {
  line: DraftLine;
  number: number;
  options: readonly { value: string; label: string }[];
  onChange: (part: Partial<DraftLine>) => void;
  onRemove: (() => void) | undefined;
}

function LineFields({ line, number, options, onChange, onRemove }: LineFieldsProps): ReactNode {
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
